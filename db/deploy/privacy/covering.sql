-- Giving a person a pseudonym: what is covered, what goes, and who decides.
-- requires: privacy/pseudonyms
-- requires: outbox/delivery
-- requires: outputs/activity

BEGIN;

CREATE OR REPLACE FUNCTION app.has_name(p_text text, p_names text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT app.hide_names_in_json(p_text, p_names) <> p_text;
END;
COMMENT ON FUNCTION app.has_name(text, text[]) IS 'Whether a text, or one of JSON that escapes its letters, has one of the names, by threes as app.name_patterns makes them.';

CREATE OR REPLACE FUNCTION app.documents_of(p_cardholder_ids uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.document_id FROM app.session_employees AS e
    JOIN app.session_documents AS d ON d.session_id = e.session_id
    WHERE e.cardholder_id = ANY (p_cardholder_ids)
    UNION
    SELECT a.document_id FROM app.session_employees AS e
    JOIN app.receipt_attachments AS a ON a.session_id = e.session_id
    WHERE e.cardholder_id = ANY (p_cardholder_ids);
END;
COMMENT ON FUNCTION app.documents_of(uuid[]) IS 'All documents of the submissions that have one of these people.';

CREATE OR REPLACE FUNCTION app.removals_for(p_cardholder_ids uuid[], p_names text[]) RETURNS SETOF app.removals
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- A PDF is one piece: with the pages of the person the others go, of each submission it is of.
    SELECT NULL::uuid, r.kind, 'pseudonym', r.month_id, r.session_id, r.document_id, NULL::uuid, r.removed_bytes, r.handed_in_at, now(), app.tx()
    FROM app.removable AS r
    -- Not null: nothing but documents is looked through.
    WHERE r.document_id IS NOT NULL AND r.document_id IN (SELECT d FROM app.documents_of(p_cardholder_ids) AS d)
    UNION ALL
    SELECT NULL, 'kept_entries', 'pseudonym', s.month_id, s.session_id, NULL, NULL, sum(octet_length(k.entry_text)), s.created_at, now(), app.tx()
    FROM app.kept_entries AS k
    JOIN app.processing_sessions AS s ON s.session_id = k.session_id
    WHERE app.has_name(k.source_key, p_names) OR app.has_name(k.entry_text, p_names)
    GROUP BY s.month_id, s.session_id, s.created_at;
END;
COMMENT ON FUNCTION app.removals_for(uuid[], text[]) IS 'What goes when these people, who have these names, get a pseudonym: bytes and page texts of documents that show them, and kept entries with a name.';

CREATE OR REPLACE FUNCTION app.judge_removal(p_removals app.removals[], p_names text[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_documents uuid[] := ARRAY(SELECT r.document_id FROM pg_catalog.unnest(p_removals) AS r WHERE r.document_id IS NOT NULL);
    v_held text;
    v_open text;
BEGIN
    -- All months that lose something: those that share a document, cancelled submissions, and those that only mention the name.
    SELECT pg_catalog.string_agg(DISTINCT m.month_name, ', ')
    INTO v_held
    FROM app.held_months AS l
    JOIN app.months AS m ON m.month_id = l.month_id
    WHERE l.month_id IN (SELECT r.month_id FROM pg_catalog.unnest(p_removals) AS r)
        OR EXISTS (SELECT FROM app.processing_sessions AS s
            JOIN app.session_documents AS d ON d.session_id = s.session_id
            JOIN app.page_texts AS t ON t.document_id = d.document_id
            WHERE s.month_id = l.month_id AND app.has_name(t.page_text, p_names))
        OR EXISTS (SELECT FROM app.old_results AS o
            JOIN app.old_result_texts AS t ON t.old_result_id = o.old_result_id
            LEFT JOIN app.processing_sessions AS s ON s.session_id = o.session_id
            WHERE coalesce(o.month_id, s.month_id) = l.month_id
                AND app.has_name(pg_catalog.concat_ws(' ', t.content, t.csv_content, t.workbook_content), p_names));
    IF v_held IS NOT NULL THEN
        PERFORM app.fail('ST171', 'cardholder_id', 'months without legal hold', v_held);
    END IF;
    SELECT pg_catalog.string_agg(DISTINCT s.session_name, ', ')
    INTO v_open
    FROM app.processing_sessions AS s
    WHERE s.status IN ('processing', 'awaiting_decision') AND s.session_id IN (
        SELECT d.session_id FROM app.session_documents AS d WHERE d.document_id = ANY (v_documents)
        UNION ALL SELECT a.session_id FROM app.receipt_attachments AS a WHERE a.document_id = ANY (v_documents)
        -- What is to be decided would be accepted with another name.
        UNION ALL SELECT t.session_id FROM app.staged_submissions AS t WHERE report.hide_names_of_value(t.content, p_names) <> t.content);
    IF v_open IS NOT NULL THEN
        PERFORM app.fail('ST170', 'cardholder_id', 'nothing of the person in a submission that is not done', v_open);
    END IF;
END
$$;
COMMENT ON FUNCTION app.judge_removal(app.removals[], text[]) IS 'Raises what stands against removing this and covering all texts with these names: ST171 when something of it is of a month under legal hold, ST170 while a submission that is not done has one of the documents or the name.';

CREATE OR REPLACE FUNCTION app.cover_person(p_cardholder_id uuid, p_spellings text[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_known record;
    v_cover app.pseudonyms;
    v_removals app.removals[];
    v_table record;
BEGIN
    SELECT k.* INTO v_known FROM app.known_as(p_cardholder_id, p_spellings) AS k;
    -- Nobody hands in again meanwhile what is about to go, and what is told of the person from now on is followed.
    PERFORM FROM app.documents AS d
    WHERE d.document_id IN (SELECT o FROM app.documents_of(v_known.cardholder_ids) AS o) ORDER BY d.document_id FOR UPDATE;
    LOCK TABLE app.name_aliases, app.cardholders, app.cards IN SHARE MODE;
    SELECT k.* INTO v_known FROM app.known_as(p_cardholder_id, p_spellings) AS k;
    INSERT INTO app.pseudonyms AS p (pseudonym, cardholder_id, spellings, employee_ids, cards, patterns)
    SELECT x.pseudonym, p_cardholder_id, v_known.spellings, v_known.employee_ids, v_known.cards,
        app.name_patterns(v_known.spellings, v_known.employee_ids, v_known.cards, x.pseudonym)
    FROM (SELECT '#' || pg_catalog.upper(pg_catalog.left(pg_catalog.replace(pg_catalog.gen_random_uuid()::text, '-', ''), 16)) AS pseudonym)
        AS x
    RETURNING p.* INTO v_cover;
    v_removals := ARRAY(SELECT r FROM app.removals_for(v_known.cardholder_ids, v_cover.patterns) AS r);
    PERFORM app.judge_removal(v_removals, v_cover.patterns);
    INSERT INTO app.removals (kind, cause, month_id, session_id, removed_bytes, handed_in_at)
    SELECT r.kind, r.cause, r.month_id, r.session_id, r.removed_bytes, r.handed_in_at
    FROM pg_catalog.unnest(v_removals) AS r WHERE r.kind = 'kept_entries';
    -- Written down before, see app.keep_entry.
    DELETE FROM app.kept_entries AS k
    USING pg_catalog.unnest(v_removals) AS r
    WHERE r.kind = 'kept_entries' AND k.session_id = r.session_id
        AND (app.has_name(k.source_key, v_cover.patterns) OR app.has_name(k.entry_text, v_cover.patterns));
    PERFORM app.remove(ARRAY(SELECT r FROM pg_catalog.unnest(v_removals) AS r WHERE r.kind <> 'kept_entries'), 'pseudonym');
    DELETE FROM app.name_aliases AS a WHERE a.name_key = ANY (v_cover.spellings) OR a.receipt_key = ANY (v_cover.spellings);
    DELETE FROM app.cardholder_addresses AS a WHERE a.cardholder_id = ANY (v_known.cardholder_ids);
    UPDATE app.old_result_texts AS t SET content = app.hide_names_in_json(t.content, v_cover.patterns)
    WHERE app.has_name(t.content, v_cover.patterns);
    -- Tables whose rows prove nothing say nothing of the person any more, nor do mails.
    FOR v_table IN
        SELECT g.table_name, a.attname, x.cover FROM audit.guarded_tables AS g
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = pg_catalog.format('app.%I', g.table_name)::regclass AND a.attnum > 0
        JOIN (VALUES ('text'::regtype, 'hide_names'), ('text[]'::regtype, 'hide_names_of_list'), ('jsonb'::regtype, 'hide_names_of_value'))
            AS x (type, cover) ON x.type = a.atttypid
        -- A key stays; none is made of names.
        WHERE (g.kind = 'working' AND g.table_name <> 'kept_entries' AND a.attname <> ALL (audit.key_columns(a.attrelid))) OR (g.table_name = 'outbox' AND a.attname = 'summary')
    LOOP
        EXECUTE pg_catalog.format('UPDATE app.%1$I AS t SET %2$I = report.%3$I(t.%2$I, $1) WHERE report.%3$I(t.%2$I, $1) <> t.%2$I',
            v_table.table_name, v_table.attname, v_table.cover) USING v_cover.patterns;
    END LOOP;
END
$$;
COMMENT ON FUNCTION app.cover_person(uuid, text[]) IS 'Gives a person a pseudonym: chosen by chance, with all spellings that are known; removes bytes and page texts of documents that show the person, kept entries, aliases and address; and covers texts of mails and of all tables whose rows prove nothing.';

CREATE OR REPLACE FUNCTION api.pseudonymise_cardholder(
    p_cardholder_id uuid, p_reason text, p_spellings text[] DEFAULT '{}', p_request_id text DEFAULT NULL
) RETURNS report.pseudonyms
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('pseudonymise_cardholder', p_cardholder_id::text, p_reason, p_spellings::text);
    v_answer jsonb := app.begin_request(p_request_id, 'pseudonymise_cardholder', v_hash, p_reason);
    v_proposal_id uuid := (v_answer ->> 'proposal_id')::uuid;
    v_spellings text[] := coalesce(p_spellings, '{}');
    v_known record;
    v_result report.pseudonyms;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        IF pg_catalog.cardinality(v_spellings) > 20 OR EXISTS (SELECT FROM pg_catalog.unnest(v_spellings) AS s (spelling)
            WHERE (pg_catalog.length(app.name_key(s.spelling)) BETWEEN 3 AND 60) IS NOT TRUE)
        THEN
            PERFORM app.fail('IV008', 'spellings', 'at most 20 names of 3 to 60 letters', pg_catalog.cardinality(v_spellings)::text);
        END IF;
        PERFORM app.refuse_card_number(pg_catalog.array_to_string(v_spellings, E'\n'), 'spellings');
        PERFORM app.take_turn('pseudonyms');
        PERFORM app.judge_pseudonym(p_cardholder_id, v_spellings);
        SELECT k.cardholder_ids, app.name_patterns(k.spellings, k.employee_ids, k.cards, '#0') AS names
        INTO v_known
        FROM app.known_as(p_cardholder_id, v_spellings) AS k;
        PERFORM app.judge_removal(ARRAY(SELECT r FROM app.removals_for(v_known.cardholder_ids, v_known.names) AS r), v_known.names);
        INSERT INTO app.pseudonym_proposals AS p (cardholder_id, spellings, reason)
        VALUES (p_cardholder_id, v_spellings, app.hide_card_numbers(pg_catalog.btrim(p_reason)))
        RETURNING p.proposal_id INTO v_proposal_id;
        PERFORM app.end_request(p_request_id, 'pseudonymise_cardholder', v_hash,
            pg_catalog.jsonb_build_object('proposal_id', v_proposal_id));
    END IF;
    SELECT p.* INTO v_result FROM report.pseudonyms AS p WHERE p.proposal_id = v_proposal_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.pseudonymise_cardholder(uuid, text, text[], text) IS 'Proposes a pseudonym for a person of closed months, with a reason and other spellings by which texts name the person: nicknames, maiden names. Name keys, aliases, employee number and cards are known. report.foreseen_removals says what will go; another person confirms it by api.confirm_pseudonym. Raises IV008, IV018, NF004, PM001, PM002, PM003, RL172, ST002, ST003, ST170 while a month of the person is open, ST171.';

CREATE OR REPLACE FUNCTION app.judge_lift(p_proposal_id uuid) RETURNS uuid
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_given report.pseudonyms;
BEGIN
    SELECT p.* INTO v_given FROM report.pseudonyms AS p WHERE p.proposal_id = p_proposal_id;
    IF v_given.proposal_id IS NULL THEN
        PERFORM app.fail('NF171', 'proposal_id', NULL, coalesce(p_proposal_id::text, 'none'));
    ELSIF v_given.state <> 'confirmed' OR v_given.lifts IS NOT NULL THEN
        PERFORM app.fail('ST002', 'proposal_id', 'a pseudonym that is in force',
            CASE WHEN v_given.lifts IS NULL THEN v_given.state ELSE 'a proposal to lift one' END);
    END IF;
    PERFORM app.refuse_own_card(k.cardholder_ids) FROM app.known_as(v_given.cardholder_id, '{}') AS k;
    RETURN v_given.cardholder_id;
END
$$;
COMMENT ON FUNCTION app.judge_lift(uuid) IS 'The person whose pseudonym this proposal gave. Raises what stands against lifting it: NF171, PM003 for one''s own, ST002 when it is not in force.';

CREATE OR REPLACE FUNCTION api.lift_pseudonym(p_proposal_id uuid, p_reason text, p_request_id text DEFAULT NULL) RETURNS report.pseudonyms
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('lift_pseudonym', p_proposal_id::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'lift_pseudonym', v_hash, p_reason);
    v_proposal_id uuid := (v_answer ->> 'proposal_id')::uuid;
    v_result report.pseudonyms;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        PERFORM app.take_turn('pseudonyms');
        INSERT INTO app.pseudonym_proposals AS p (cardholder_id, lifts, spellings, reason)
        VALUES (app.judge_lift(p_proposal_id), p_proposal_id, '{}', app.hide_card_numbers(pg_catalog.btrim(p_reason)))
        RETURNING p.proposal_id INTO v_proposal_id;
        PERFORM app.end_request(p_request_id, 'lift_pseudonym', v_hash, pg_catalog.jsonb_build_object('proposal_id', v_proposal_id));
    END IF;
    SELECT p.* INTO v_result FROM report.pseudonyms AS p WHERE p.proposal_id = v_proposal_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.lift_pseudonym(uuid, text, text) IS 'Proposes to lift the pseudonym that a confirmed proposal gave, with a reason. Another person confirms it by api.confirm_pseudonym: from then on the name is shown again wherever it stands. What went does not come back, and what was covered in place keeps the pseudonym. Raises IV008, NF171, PM001, PM002, PM003, ST002, ST003.';

CREATE OR REPLACE FUNCTION app.decide_pseudonym(
    p_call text, p_proposal_id uuid, p_verdict text, p_note text, p_request_id text
) RETURNS report.pseudonyms
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request(p_call, p_proposal_id::text, p_note);
    v_answer jsonb := app.begin_request(p_request_id, p_call, v_hash, p_note);
    v_proposal app.pseudonym_proposals;
    v_cardholder_id uuid;
    v_result report.pseudonyms;
BEGIN
    IF v_answer IS NULL THEN
        IF p_note IS NOT NULL OR p_verdict = 'rejected' THEN
            PERFORM app.require_text(p_note, 'note', 4000);
        END IF;
        PERFORM app.take_turn('retention'), app.take_turn('pseudonyms');
        SELECT p.* INTO v_proposal FROM app.pseudonym_proposals AS p WHERE p.proposal_id = p_proposal_id;
        SELECT p.* INTO v_result FROM report.pseudonyms AS p WHERE p.proposal_id = p_proposal_id;
        IF v_proposal.proposal_id IS NULL THEN
            PERFORM app.fail('NF171', 'proposal_id', NULL, coalesce(p_proposal_id::text, 'none'));
        ELSIF v_result.state <> 'open' THEN
            PERFORM app.fail('ST002', 'proposal_id', 'an open proposal', v_result.state);
        END IF;
        IF p_verdict = 'confirmed' THEN
            PERFORM app.refuse_same_person('PM170', v_proposal.proposed_by, 'proposal_id', 'another person than who proposed it');
            IF v_proposal.lifts IS NULL THEN
                PERFORM app.judge_pseudonym(v_proposal.cardholder_id, v_proposal.spellings),
                    app.cover_person(v_proposal.cardholder_id, v_proposal.spellings);
            ELSE
                v_cardholder_id := app.judge_lift(v_proposal.lifts);
                UPDATE app.pseudonyms AS p SET lifted_at = pg_catalog.now()
                WHERE p.cardholder_id = v_cardholder_id AND p.lifted_at IS NULL;
            END IF;
        END IF;
        INSERT INTO app.pseudonym_decisions (proposal_id, proposed_by, verdict, note)
        VALUES (p_proposal_id, v_proposal.proposed_by, p_verdict, app.hide_card_numbers(nullif(pg_catalog.btrim(p_note), '')));
        PERFORM app.end_request(p_request_id, p_call, v_hash, '{}');
    END IF;
    SELECT p.* INTO v_result FROM report.pseudonyms AS p WHERE p.proposal_id = p_proposal_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION app.decide_pseudonym(text, uuid, text, text, text) IS 'Decides about an open proposal, for api.confirm_pseudonym and api.reject_pseudonym.';

CREATE OR REPLACE FUNCTION api.confirm_pseudonym(p_proposal_id uuid, p_note text DEFAULT NULL, p_request_id text DEFAULT NULL)
RETURNS report.pseudonyms
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT p FROM app.decide_pseudonym('confirm_pseudonym', p_proposal_id, 'confirmed', p_note, p_request_id) AS p;
END;
COMMENT ON FUNCTION api.confirm_pseudonym(uuid, text, text) IS 'Gives a person the pseudonym that another person proposed, or lifts one that another person proposed to lift. Given: every view and output shows it instead of name, number and cards, also of the past; bytes and page texts of all documents that show the person go, with kept entries, aliases, address and texts of mails. Names, aliases, numbers and cards that become known later are covered, too. Rows that are proved, files of closed months and batches stay as they are; only auditors read the name there. It is no erasure. Raises IV008, NF171, PM001, PM002, PM003, PM170, RL172, ST002, ST003, ST170, ST171.';

CREATE OR REPLACE FUNCTION api.reject_pseudonym(p_proposal_id uuid, p_note text, p_request_id text DEFAULT NULL)
RETURNS report.pseudonyms
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT p FROM app.decide_pseudonym('reject_pseudonym', p_proposal_id, 'rejected', p_note, p_request_id) AS p;
END;
COMMENT ON FUNCTION api.reject_pseudonym(uuid, text, text) IS 'Rejects an open proposal of a pseudonym with a note, or takes one''s own back. Raises IV008, NF171, PM001, PM002, ST002, ST003.';

CREATE OR REPLACE FUNCTION report.foreseen_removals(p_proposal_id uuid) RETURNS SETOF report.removals
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT NULL::uuid, r.kind, r.cause, r.month_id, m.month_name, r.session_id, r.document_id, NULL::uuid, r.removed_bytes, r.handed_in_at,
        NULL::timestamptz
    FROM app.pseudonym_proposals AS p
    CROSS JOIN LATERAL app.known_as(p.cardholder_id, p.spellings) AS k
    CROSS JOIN LATERAL (SELECT app.name_patterns(k.spellings, k.employee_ids, k.cards, '#0') AS names OFFSET 0) AS n
    CROSS JOIN LATERAL app.removals_for(k.cardholder_ids, n.names) AS r
    LEFT JOIN app.months AS m ON m.month_id = r.month_id
    WHERE p.proposal_id = p_proposal_id AND p.lifts IS NULL
        AND NOT EXISTS (SELECT FROM app.pseudonym_decisions AS d WHERE d.proposal_id = p.proposal_id)
    ORDER BY r.handed_in_at, r.kind, r.session_id, r.document_id;
END;
COMMENT ON FUNCTION report.foreseen_removals(uuid) IS 'What would go for good if this open proposal of a pseudonym were confirmed now, as report.removals will have it; aliases and the address go with it.';
GRANT EXECUTE ON FUNCTION report.foreseen_removals(uuid) TO ccp_admin, ccp_reviewer, ccp_auditor;

GRANT EXECUTE ON FUNCTION api.pseudonymise_cardholder(uuid, text, text[], text), api.lift_pseudonym(uuid, text, text) TO ccp_admin;
GRANT EXECUTE ON FUNCTION api.confirm_pseudonym(uuid, text, text), api.reject_pseudonym(uuid, text, text) TO ccp_admin, ccp_reviewer;

SELECT app.pin_entry_points();

COMMIT;
