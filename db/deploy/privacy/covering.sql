-- Giving a person a pseudonym: what is covered, what goes, and who decides.
-- requires: privacy/pseudonyms
-- requires: outbox/delivery
-- requires: outputs/activity

BEGIN;

CREATE OR REPLACE FUNCTION app.names_anybody(p_entry app.kept_entries, p_names text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT app.hide_names_in_json(x.text, p_names) <> x.text
    FROM (SELECT (p_entry).source_key || ' ' || (p_entry).entry_text AS text) AS x;
END;
COMMENT ON FUNCTION app.names_anybody(app.kept_entries, text[]) IS 'Whether an entry that is kept as its old file had it holds one of these names.';

CREATE OR REPLACE FUNCTION app.judge_removal(p_document_ids uuid[], p_names text[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_held text;
    v_open text;
BEGIN
    -- All months that lose something: those that share a document, cancelled submissions, and those that only mention the name.
    SELECT pg_catalog.string_agg(DISTINCT m.month_name, ', ')
    INTO v_held
    FROM (
        SELECT r.month_id FROM app.removable AS r
        WHERE r.document_id = ANY (p_document_ids)
        UNION ALL
        SELECT r.month_id FROM app.removable AS r JOIN app.page_texts AS t ON t.document_id = r.document_id
        WHERE r.month_id IN (SELECT h.month_id FROM app.held_months AS h) AND report.hide_names(t.page_text, p_names) <> t.page_text
        UNION ALL
        SELECT s.month_id FROM app.kept_entries AS k JOIN app.processing_sessions AS s ON s.session_id = k.session_id
        WHERE s.month_id IN (SELECT h.month_id FROM app.held_months AS h)
            AND app.names_anybody(k, p_names)
        UNION ALL
        SELECT coalesce(o.month_id, s.month_id) FROM app.old_result_texts AS t
        JOIN app.old_results AS o ON o.old_result_id = t.old_result_id
        LEFT JOIN app.processing_sessions AS s ON s.session_id = o.session_id
        WHERE coalesce(o.month_id, s.month_id) IN (SELECT h.month_id FROM app.held_months AS h)
            AND app.hide_names_in_json(pg_catalog.concat(t.content, ' ', t.csv_content), p_names) <> pg_catalog.concat(t.content, ' ', t.csv_content)
    ) AS x
    JOIN app.held_months AS l ON l.month_id = x.month_id
    JOIN app.months AS m ON m.month_id = x.month_id;
    IF v_held IS NOT NULL THEN
        PERFORM app.fail('ST171', 'cardholder_id', 'months without legal hold', v_held);
    END IF;
    SELECT pg_catalog.string_agg(DISTINCT s.session_name, ', ')
    INTO v_open
    FROM app.processing_sessions AS s
    WHERE s.status IN ('processing', 'awaiting_decision') AND s.session_id IN (
        SELECT d.session_id FROM app.session_documents AS d WHERE d.document_id = ANY (p_document_ids)
        UNION ALL SELECT a.session_id FROM app.receipt_attachments AS a WHERE a.document_id = ANY (p_document_ids)
        -- What is to be decided would be accepted with another name.
        UNION ALL SELECT t.session_id FROM app.staged_submissions AS t WHERE report.hide_names_of_value(t.content, p_names) <> t.content);
    IF v_open IS NOT NULL THEN
        PERFORM app.fail('ST170', 'cardholder_id', 'nothing of the person in a submission that is not done', v_open);
    END IF;
END
$$;
COMMENT ON FUNCTION app.judge_removal(uuid[], text[]) IS 'Raises what stands against removing these documents and all texts with these names: ST171 when something of it is of a month under legal hold, ST170 while a submission that is not done has one of the documents or the name.';

CREATE OR REPLACE FUNCTION app.cover_person(p_cardholder_id uuid, p_spellings text[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_keys text[] := app.covered_keys(p_cardholder_id, p_spellings);
    v_names text[];
    v_documents uuid[] := ARRAY(
        SELECT d.document_id FROM app.session_documents AS d
        JOIN app.session_employees AS e ON e.session_id = d.session_id AND e.cardholder_id = p_cardholder_id
        UNION
        SELECT a.document_id FROM app.receipt_attachments AS a
        JOIN app.session_employees AS e ON e.session_id = a.session_id AND e.cardholder_id = p_cardholder_id);
    v_table record;
BEGIN
    INSERT INTO app.pseudonyms (cardholder_id, pseudonym, spellings, patterns)
    SELECT p_cardholder_id, x.pseudonym, v_keys, app.name_patterns(v_keys,
        ARRAY(SELECT r.employee_id FROM app.employee_revisions AS r WHERE r.cardholder_id = p_cardholder_id AND r.employee_id IS NOT NULL),
        -- What is shown of a card may be that of another, too.
        ARRAY(SELECT c.first_six || c.last_four FROM app.cards AS c WHERE c.cardholder_id = p_cardholder_id AND NOT EXISTS (
            SELECT FROM app.cards AS o
            WHERE o.first_six = c.first_six AND o.last_four = c.last_four AND o.cardholder_id <> p_cardholder_id)),
        x.pseudonym)
    FROM (SELECT '#' || pg_catalog.upper(pg_catalog.left(pg_catalog.replace(pg_catalog.gen_random_uuid()::text, '-', ''), 16)) AS pseudonym)
        AS x
    RETURNING patterns INTO v_names;
    -- Nobody hands in again meanwhile what is about to go.
    PERFORM FROM app.documents AS d WHERE d.document_id = ANY (v_documents) ORDER BY d.document_id FOR UPDATE;
    PERFORM app.judge_removal(v_documents, v_names);
    -- A PDF is one piece: with the pages of the person the others go.
    PERFORM app.remove(ARRAY(
        SELECT ROW(app.new_id(), r.kind, 'pseudonym', r.month_id, r.session_id, r.document_id, NULL, r.removed_bytes, r.handed_in_at,
            pg_catalog.now(), app.tx())::app.removals
        FROM app.removable AS r
        WHERE r.document_id = ANY (v_documents)), 'pseudonym');
    INSERT INTO app.removals (kind, cause, month_id, session_id, removed_bytes, handed_in_at)
    SELECT 'kept_entries', 'pseudonym', s.month_id, s.session_id, pg_catalog.sum(pg_catalog.octet_length(k.entry_text)), s.created_at
    FROM app.kept_entries AS k
    JOIN app.processing_sessions AS s ON s.session_id = k.session_id
    WHERE app.names_anybody(k, v_names)
    GROUP BY s.month_id, s.session_id, s.created_at;
    DELETE FROM app.kept_entries AS k
    WHERE app.names_anybody(k, v_names);
    DELETE FROM app.name_aliases AS a WHERE a.name_key = ANY (v_keys) OR a.receipt_key = ANY (v_keys);
    DELETE FROM app.cardholder_addresses AS a WHERE a.cardholder_id = p_cardholder_id;
    UPDATE app.outbox AS o SET summary = report.hide_names_of_value(o.summary, v_names)
    WHERE report.hide_names_of_value(o.summary, v_names) <> o.summary;
    UPDATE app.old_result_texts AS t SET content = app.hide_names_in_json(t.content, v_names)
    WHERE app.hide_names_in_json(t.content, v_names) <> t.content;
    -- Tables whose rows prove nothing say nothing of the person any more.
    FOR v_table IN
        SELECT g.table_name, a.attname, a.atttypid FROM audit.guarded_tables AS g
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = pg_catalog.format('app.%I', g.table_name)::regclass AND a.attnum > 0
            AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype)
        -- A key stays; none is made of names. Entries that are kept went above, or name nobody.
        WHERE g.kind = 'working' AND g.table_name <> 'kept_entries' AND a.attname <> ALL (audit.key_columns(a.attrelid))
    LOOP
        EXECUTE pg_catalog.format('UPDATE app.%1$I AS t SET %2$I = report.%3$I(t.%2$I, $1) WHERE report.%3$I(t.%2$I, $1) <> t.%2$I',
            v_table.table_name, v_table.attname, CASE v_table.atttypid WHEN 'text'::regtype THEN 'hide_names'
                WHEN 'jsonb'::regtype THEN 'hide_names_of_value' ELSE 'hide_names_of_list' END) USING v_names;
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
COMMENT ON FUNCTION api.pseudonymise_cardholder(uuid, text, text[], text) IS 'Proposes a pseudonym for a person of closed months, with a reason and other spellings by which texts name the person: nicknames, maiden names. Name key, aliases, employee number and cards are known. Another person confirms it by api.confirm_pseudonym. Raises IV008, IV018, NF004, PM001, PM002, PM003, RL172, ST002, ST003, ST170 while a month of the person is open, ST171.';

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
            PERFORM app.refuse_same_person(v_proposal.proposed_by, 'proposal_id', 'another person than who proposed it'),
                app.judge_pseudonym(v_proposal.cardholder_id, v_proposal.spellings),
                app.cover_person(v_proposal.cardholder_id, v_proposal.spellings);
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
COMMENT ON FUNCTION api.confirm_pseudonym(uuid, text, text) IS 'Gives a person the pseudonym that another person proposed, for good: every view and output shows it instead of name, number and cards, also of the past; bytes and page texts of all documents that show the person go, with kept entries, aliases, address and texts of mails. Rows that are proved, files of closed months and batches stay as they are; only auditors read the name there. It is no erasure. Raises IV008, NF171, PM001, PM002, PM003, PM170, RL172, ST002, ST003, ST170, ST171.';

CREATE OR REPLACE FUNCTION api.reject_pseudonym(p_proposal_id uuid, p_note text, p_request_id text DEFAULT NULL)
RETURNS report.pseudonyms
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT p FROM app.decide_pseudonym('reject_pseudonym', p_proposal_id, 'rejected', p_note, p_request_id) AS p;
END;
COMMENT ON FUNCTION api.reject_pseudonym(uuid, text, text) IS 'Rejects an open proposal of a pseudonym with a note, or takes one''s own back. Raises IV008, NF171, PM001, PM002, ST002, ST003.';

GRANT EXECUTE ON FUNCTION api.pseudonymise_cardholder(uuid, text, text[], text) TO ccp_admin;
GRANT EXECUTE ON FUNCTION api.confirm_pseudonym(uuid, text, text), api.reject_pseudonym(uuid, text, text) TO ccp_admin, ccp_reviewer;

SELECT app.pin_entry_points();

COMMIT;
