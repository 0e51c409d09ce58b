-- Corrections: UPDATE, INSERT and DELETE on api.current_transactions, each statement one revision per person.
-- requires: revising/revise
-- requires: foundation/values
-- requires: foundation/members
-- requires: report/people

BEGIN;

CREATE OR REPLACE VIEW api.current_transactions AS
SELECT t.transaction_id, t.employee_revision_id, t.external_transaction_id, t.transaction_date, t.transaction_type,
    -- Without the scale of the column, which would round what is written before anybody sees it.
    t.amount::numeric AS amount, t.expense_type, t.description, t.purpose, t.merchant_name, t.merchant_address, t.coding_type,
    t.job_number, t.job_phase, t.cost_type, t.gl_account, t.gl_description, t.has_attachment, t.attachment_name,
    t.is_coded, t.is_out_of_pocket, e.session_id
FROM app.session_employees AS e
JOIN app.transactions AS t ON t.employee_revision_id = e.current_revision_id;
COMMENT ON VIEW api.current_transactions IS 'The receipts as they are now, to be written: one new revision per person and statement, whatever the number of rows. transaction_id, session_id and is_coded cannot be set; a new row names the current revision of its person, not them, and an UPDATE of employee_revision_id moves a receipt to the person of that revision. One statement touches one session and says why by the setting app.reason.';
SELECT app.describe_columns('api.current_transactions', 'report.transactions');

-- Logged, though emptied in the statement that fills it: a crash in between leaves nothing, like any transaction.
CREATE TABLE app.correction_wishes (
    tx bigint NOT NULL DEFAULT app.tx(),
    transaction_id uuid NOT NULL,
    employee_revision_id uuid NOT NULL,
    operation text NOT NULL,
    wished jsonb,
    CONSTRAINT correction_wishes_pkey PRIMARY KEY (tx, transaction_id),
    CONSTRAINT correction_wishes_operation_check CHECK (operation IN ('INSERT', 'UPDATE', 'DELETE'))
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
COMMENT ON TABLE app.correction_wishes IS 'Rows a statement on api.current_transactions wants otherwise, from its row triggers to its statement trigger; empty at every commit.';
COMMENT ON COLUMN app.correction_wishes.tx IS 'Number of the writing transaction.';
COMMENT ON COLUMN app.correction_wishes.transaction_id IS 'The receipt; a statement may touch it once.';
COMMENT ON COLUMN app.correction_wishes.employee_revision_id IS 'The revision the statement saw.';
COMMENT ON COLUMN app.correction_wishes.operation IS 'INSERT, UPDATE or DELETE.';
COMMENT ON COLUMN app.correction_wishes.wished IS 'What the receipt is to say, by column; of an UPDATE the columns that are to be other. Null for DELETE.';
SELECT audit.guard('app.correction_wishes', 'free', 'Empty at every commit; what was wished is in the revisions it made.');

CREATE OR REPLACE FUNCTION app.correctable_members() RETURNS app.member[]
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN (
        SELECT pg_catalog.array_agg(ROW(a.attname,
            CASE
                WHEN a.attname = 'external_transaction_id' THEN 'code'
                WHEN a.attname IN ('job_number', 'job_phase', 'cost_type', 'gl_account') THEN 'coding'
                ELSE CASE a.atttypid WHEN 'date'::regtype THEN 'day' WHEN 'numeric'::regtype THEN 'money'
                WHEN 'boolean'::regtype THEN 'boolean' ELSE 'text' END END,
            -- Without a type it follows from the amount.
            true, NOT c.attnotnull OR c.attname = 'transaction_type', l.allowed)::app.member ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute AS a
        JOIN pg_catalog.pg_attribute AS c
            ON c.attrelid = 'app.receipt_contents'::regclass AND c.attname = a.attname AND c.attnum > 0
        LEFT JOIN app.closed_lists AS l ON l.table_id = c.attrelid AND l.column_name = c.attname
        WHERE a.attrelid = 'api.current_transactions'::regclass AND a.attnum > 0);
END
$$;
COMMENT ON FUNCTION app.correctable_members() IS 'The columns of a receipt that can be corrected, with what each may hold: those of api.current_transactions that are content.';

CREATE OR REPLACE FUNCTION app.clean_wish(p_wished jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_text text := p_wished::text;
BEGIN
    -- Nearly all wishes end at two looks at their text.
    IF app.json_may_hold_card_number(v_text) THEN
        PERFORM app.refuse_card_number(p_wished ->> c.name, c.name) FROM (VALUES ('external_transaction_id'), ('job_number'),
            ('job_phase'), ('cost_type'), ('gl_account'), ('coding_type'), ('transaction_type')) AS c (name)
        WHERE app.may_hold_card_number(p_wished ->> c.name);
        p_wished := app.hide_in_json(p_wished);
    END IF;
    -- It was read where a name is covered; the name would be lost.
    IF pg_catalog.strpos(v_text, '#') > 0 THEN
        PERFORM app.fail('IV008', w.key, 'a text without pseudonym', p.pseudonym)
        FROM app.pseudonyms AS p
        JOIN pg_catalog.jsonb_each_text(p_wished) AS w ON pg_catalog.strpos(w.value, p.pseudonym) > 0;
    END IF;
    RETURN p_wished;
END
$$;
COMMENT ON FUNCTION app.clean_wish(jsonb) IS 'What a receipt is to say, card numbers in its free texts cut. Raises IV018 for one in an id or code, IV008 for a pseudonym.';

CREATE OR REPLACE FUNCTION app.note_correction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_was jsonb;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF pg_catalog.num_nonnulls(NEW.transaction_id, NEW.session_id, NEW.is_coded) > 0 THEN
            PERFORM app.fail('IV008', 'transaction_id',
                'no transaction_id, session_id or is_coded: they are given to a new receipt',
                pg_catalog.concat_ws(', ', NEW.transaction_id, NEW.session_id, NEW.is_coded));
        END IF;
        IF NEW.employee_revision_id IS NULL THEN
            PERFORM app.fail('IV008', 'employee_revision_id', 'the current revision of the person whose receipt it is', 'none');
        ELSIF pg_catalog.jsonb_strip_nulls(pg_catalog.to_jsonb(NEW) - 'employee_revision_id') = '{}' THEN
            PERFORM app.fail('IV008', 'receipt', 'at least one member that says something', 'none');
        END IF;
        NEW.transaction_id := app.new_id();
        NEW.has_attachment := coalesce(NEW.has_attachment, false);
        NEW.is_out_of_pocket := coalesce(NEW.is_out_of_pocket, false);
        INSERT INTO app.correction_wishes (transaction_id, employee_revision_id, operation, wished)
        VALUES (NEW.transaction_id, NEW.employee_revision_id, TG_OP, app.clean_wish(pg_catalog.to_jsonb(NEW)));
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO app.correction_wishes (transaction_id, employee_revision_id, operation)
        VALUES (OLD.transaction_id, OLD.employee_revision_id, TG_OP)
        ON CONFLICT DO NOTHING;
        RETURN OLD;
    END IF;
    IF (NEW.transaction_id, NEW.session_id, NEW.is_coded)
        IS DISTINCT FROM (OLD.transaction_id, OLD.session_id, OLD.is_coded)
    THEN
        PERFORM app.fail('IV008', 'transaction_id',
            'transaction_id and session_id as they are; is_coded follows from the codes',
            pg_catalog.concat_ws(', ', NEW.transaction_id, NEW.session_id, NEW.is_coded));
    END IF;
    IF NEW.employee_revision_id IS NULL THEN
        PERFORM app.fail('IV008', 'employee_revision_id', 'the current revision of the person whose receipt it is', 'none');
    ELSIF NEW IS DISTINCT FROM OLD THEN
        -- What is to be other, under the receipt id it has.
        v_was := pg_catalog.to_jsonb(OLD) - 'external_transaction_id';
        INSERT INTO app.correction_wishes (transaction_id, employee_revision_id, operation, wished)
        VALUES (OLD.transaction_id, OLD.employee_revision_id, TG_OP, app.clean_wish((
            SELECT pg_catalog.jsonb_object_agg(n.key, n.value) FROM pg_catalog.jsonb_each(pg_catalog.to_jsonb(NEW)) AS n
            WHERE n.value IS DISTINCT FROM v_was -> n.key)));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.note_correction() IS 'Row trigger of api.current_transactions: notes what the statement wants of a row. A write that changes nothing is not noted. An UPDATE of employee_revision_id moves the receipt to the person of that revision. Raises IV008 for a column that cannot be set, for nobody, for a new receipt that says nothing and for a pseudonym, IV018; a row touched twice by one statement is a duplicate key.';

CREATE OR REPLACE FUNCTION app.correct_content(p_content app.receipt_contents, p_wished jsonb)
RETURNS app.receipt_contents
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_content app.receipt_contents := pg_catalog.jsonb_populate_record(p_content, p_wished);
BEGIN
    IF v_content.transaction_date IS NOT NULL THEN
        v_content.date_text := NULL;
    END IF;
    IF v_content.amount IS NOT NULL THEN
        v_content.amount_text := NULL;
    END IF;
    -- As on the way in: no file could say it.
    IF v_content.transaction_date > current_date + interval '1 year'
        AND v_content.transaction_date IS DISTINCT FROM p_content.transaction_date
    THEN
        PERFORM app.fail('IV008', 'transaction_date', 'a day from 2000-01-01 to one year from today', v_content.transaction_date::text);
    END IF;
    -- The type follows from the amount, unless somebody sets another one or it is an adjustment.
    IF (v_content.transaction_type = 'adjustment' OR p_content.transaction_type <> v_content.transaction_type) IS NOT TRUE
    THEN
        v_content.transaction_type := CASE WHEN v_content.amount < 0 THEN 'refund' ELSE 'expense' END;
    ELSIF v_content.amount < 0 AND v_content.transaction_type = 'expense' THEN
        PERFORM app.fail('IV008', 'transaction_type', 'refund or adjustment for an amount below 0', 'expense');
    END IF;
    v_content.expense_type := app.hide_card_numbers(v_content.expense_type);
    v_content.description := app.hide_card_numbers(v_content.description);
    v_content.purpose := app.hide_card_numbers(v_content.purpose);
    v_content.merchant_name := app.hide_card_numbers(v_content.merchant_name);
    v_content.merchant_address := app.hide_card_numbers(v_content.merchant_address);
    v_content.gl_description := app.hide_card_numbers(v_content.gl_description);
    v_content.attachment_name := app.hide_card_numbers(v_content.attachment_name);
    v_content.job_number := nullif(v_content.job_number, '');
    v_content.job_phase := nullif(v_content.job_phase, '');
    v_content.cost_type := nullif(v_content.cost_type, '');
    v_content.gl_account := nullif(v_content.gl_account, '');
    RETURN v_content;
END
$$;
COMMENT ON FUNCTION app.correct_content(app.receipt_contents, jsonb) IS 'A content with the wished columns, tidied as on the way in: an amount or date that is there now ends the text of the unreadable one, a sign decides between expense and refund, card numbers in free text are cut, an empty code is none. Raises IV008 for an expense below 0.';

CREATE OR REPLACE FUNCTION app.wished_ids(p_only_given boolean DEFAULT false) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
AS $$
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT i.id COLLATE "C" AS id
        FROM app.correction_wishes AS w
        LEFT JOIN LATERAL (
            SELECT c.external_transaction_id FROM app.receipt_links AS l
            JOIN app.receipt_contents AS c ON c.content_id = l.content_id
            WHERE l.employee_revision_id = w.employee_revision_id AND l.transaction_id = w.transaction_id OFFSET 0
        ) AS o ON true
        CROSS JOIN LATERAL (
            -- A wish names the id that it leaves as it is, too.
            SELECT w.wished ? 'external_transaction_id'
                AND w.wished ->> 'external_transaction_id' IS DISTINCT FROM o.external_transaction_id AS is_other
        ) AS g
        CROSS JOIN LATERAL (
            SELECT w.wished ->> 'external_transaction_id' WHERE g.is_other
            UNION ALL
            -- Of the wishes those that app.judge_others asks others about.
            SELECT o.external_transaction_id WHERE NOT p_only_given AND (g.is_other OR w.operation <> 'UPDATE'
                OR w.wished ?| ARRAY['amount', 'merchant_name', 'employee_revision_id'])
        ) AS i (id)
        WHERE w.tx = app.tx() AND i.id IS NOT NULL ORDER BY 1);
END
$$;
COMMENT ON FUNCTION app.wished_ids(boolean) IS 'The receipt ids of the receipts that are noted to be corrected, as they are and as they are to be, or only those that a receipt is to have and has not; in order. None of those of which nothing is corrected that others are asked about.';

CREATE OR REPLACE FUNCTION app.apply_wishes(p_call text, p_reason text) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
DECLARE
    v_tx bigint := app.tx();
    v_seen uuid[];
    v_sessions uuid[];
    v_said app.said_receipt[];
BEGIN
    v_seen := ARRAY(
        SELECT DISTINCT r.id
        FROM app.correction_wishes AS w,
            pg_catalog.unnest(ARRAY[w.employee_revision_id, (w.wished ->> 'employee_revision_id')::uuid]) AS r (id)
        WHERE w.tx = v_tx AND r.id IS NOT NULL);
    IF v_seen = '{}' THEN
        RETURN 0;
    END IF;
    PERFORM app.require_text(p_reason, CASE p_call WHEN 'current_transactions' THEN 'app.reason' ELSE 'reason' END, 4000);
    v_sessions := ARRAY(
        SELECT DISTINCT r.session_id FROM app.employee_revisions AS r WHERE r.revision_id = ANY (v_seen));
    IF pg_catalog.cardinality(v_sessions) > 1 THEN
        PERFORM app.fail('RL006', 'session_id', 'receipts and people of one session',
            pg_catalog.format('of %s sessions', pg_catalog.cardinality(v_sessions)));
    END IF;
    -- A caller may have made the checks immediate; the steps from here on are only sound together.
    SET CONSTRAINTS ALL DEFERRED;
    -- Two who give the same receipt id at once: the second one sees the first.
    PERFORM app.take_turn('receipt id ' || i.id) FROM pg_catalog.unnest(app.wished_ids(true)) AS i (id);
    PERFORM app.enter_month(p_call, app.people_of_revisions(v_seen), app.wished_ids());
    IF EXISTS (SELECT FROM pg_catalog.unnest(v_seen) AS o (id)
               WHERE NOT EXISTS (SELECT FROM app.employee_revisions AS r WHERE r.revision_id = o.id))
    THEN
        PERFORM app.fail('NF005', 'employee_revision_id', 'the current revision of the person whose receipt it is');
    END IF;
    SELECT pg_catalog.array_agg(ROW(w.transaction_id, r.cardholder_id, c.content, g.cardholder_id,
        CASE WHEN w.operation <> 'DELETE' THEN app.correct_content(c.content, w.wished) END)::app.said_receipt) INTO v_said
    FROM app.correction_wishes AS w
    CROSS JOIN LATERAL (
        SELECT o.cardholder_id FROM app.employee_revisions AS o WHERE o.revision_id = w.employee_revision_id OFFSET 0
    ) AS r
    LEFT JOIN LATERAL (
        SELECT o.cardholder_id FROM app.employee_revisions AS o
        WHERE o.revision_id = (w.wished ->> 'employee_revision_id')::uuid OFFSET 0
    ) AS g ON true
    LEFT JOIN LATERAL (
        SELECT o.content_id FROM app.receipt_links AS o
        WHERE o.employee_revision_id = w.employee_revision_id AND o.transaction_id = w.transaction_id OFFSET 0
    ) AS l ON true
    LEFT JOIN LATERAL (
        SELECT o AS content FROM app.receipt_contents AS o WHERE o.content_id = l.content_id OFFSET 0
    ) AS c ON true
    WHERE w.tx = v_tx;
    DELETE FROM app.correction_wishes AS w WHERE w.tx = v_tx;
    RETURN app.revise_people(v_sessions[1], app.state_corrections(v_sessions[1], v_said, p_reason), 'correction', p_reason);
END
$$;
COMMENT ON FUNCTION app.apply_wishes(text, text) IS 'Carries out the noted corrections of one session as one set: statements, one new revision per person, rules run again. Answers the number of revisions made. Raises IV008 without reason, NF005, PM003, RL006 for several sessions, ST001 when a revision is not current any more, ST002, ST006.';

CREATE OR REPLACE FUNCTION app.check_wishes() RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    PERFORM app.fail_all('IV008', pg_catalog.array_agg(f.path ORDER BY w.receipts[f.place], f.path),
        pg_catalog.array_agg(pg_catalog.format('%s for receipt %s', f.expected, w.receipts[f.place])
            ORDER BY w.receipts[f.place], f.path),
        pg_catalog.array_agg(f.got ORDER BY w.receipts[f.place], f.path))
    FROM (
        SELECT pg_catalog.array_agg(''::text) AS paths,
            pg_catalog.array_agg(x.wished - ARRAY['transaction_id', 'employee_revision_id', 'session_id', 'is_coded']
                ORDER BY x.transaction_id) AS objects,
            pg_catalog.array_agg(coalesce(x.wished ->> 'external_transaction_id', x.transaction_id::text)
                ORDER BY x.transaction_id) AS receipts
        FROM app.correction_wishes AS x WHERE x.tx = app.tx() AND x.operation <> 'DELETE'
    ) AS w
    CROSS JOIN LATERAL app.member_faults(w.paths, w.objects, app.correctable_members()) AS f;
END
$$;
COMMENT ON FUNCTION app.check_wishes() IS 'Refuses a statement on api.current_transactions that wants a value a receipt cannot have: IV008, naming column and receipt of each. Nothing is rounded or cut.';

CREATE OR REPLACE FUNCTION app.apply_corrections() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM app.require_call('current_transactions');
    PERFORM app.check_wishes();
    -- What an earlier call of the transaction gave as its reason is not that of this statement.
    PERFORM app.forget_reason();
    PERFORM app.apply_wishes('current_transactions', pg_catalog.current_setting('app.reason', true));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.apply_corrections() IS 'Statement trigger of api.current_transactions: carries out what the row triggers noted; the caller sees it at once. Raises what app.check_wishes and app.apply_wishes raise.';

CREATE OR REPLACE TRIGGER t10_note INSTEAD OF INSERT OR UPDATE OR DELETE ON api.current_transactions
    FOR EACH ROW EXECUTE FUNCTION app.note_correction();
COMMENT ON TRIGGER t10_note ON api.current_transactions IS 'Notes the wish.';
CREATE OR REPLACE TRIGGER t20_apply AFTER INSERT OR UPDATE OR DELETE ON api.current_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION app.apply_corrections();
COMMENT ON TRIGGER t20_apply ON api.current_transactions IS 'Carries out all wishes of the statement as one set.';

GRANT SELECT, INSERT, UPDATE, DELETE ON api.current_transactions TO ccp_admin, ccp_processor;

CREATE TYPE report.correction_answer AS (session_id uuid, transactions_changed integer, revisions_made integer);
COMMENT ON TYPE report.correction_answer IS 'What a list of corrections did.';
COMMENT ON COLUMN report.correction_answer.session_id IS 'The session.';
COMMENT ON COLUMN report.correction_answer.transactions_changed IS 'Receipts that say something else now.';
COMMENT ON COLUMN report.correction_answer.revisions_made IS 'New revisions, one per person.';

CREATE OR REPLACE FUNCTION app.check_corrections(p_session_id uuid, p_corrections jsonb) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_paths text[];
    v_expected text[];
    v_got text[];
BEGIN
    WITH corrections AS MATERIALIZED (
        SELECT c.ordinality AS place, pg_catalog.format('corrections[%s]', c.ordinality - 1) AS path, c.value -> 'changes' AS changes,
            (c.value ->> 'transaction_id')::uuid AS transaction_id
        FROM pg_catalog.jsonb_array_elements(p_corrections) WITH ORDINALITY AS c
    ), faults AS (
        SELECT f.place, f.path, f.expected, f.got
        FROM app.member_faults(ARRAY(SELECT x.path || '.changes' FROM corrections AS x ORDER BY x.place),
            ARRAY(SELECT x.changes FROM corrections AS x ORDER BY x.place), app.correctable_members()) AS f
        UNION ALL
        SELECT c.place, c.path || '.transaction_id', 'each receipt once', c.transaction_id::text
        FROM (SELECT x.*, pg_catalog.row_number() OVER (PARTITION BY x.transaction_id ORDER BY x.place) AS time
            FROM corrections AS x) AS c
        WHERE c.time > 1
    )
    SELECT pg_catalog.array_agg(f.path ORDER BY f.place, f.path), pg_catalog.array_agg(f.expected ORDER BY f.place, f.path),
        pg_catalog.array_agg(f.got ORDER BY f.place, f.path)
    INTO v_paths, v_expected, v_got FROM faults AS f;
    PERFORM app.fail_all('IV008', v_paths, v_expected, v_got);

    SELECT pg_catalog.array_agg(c.path || '.transaction_id' ORDER BY c.place),
        pg_catalog.array_agg('a receipt of the revision and session'::text),
        pg_catalog.array_agg(c.transaction_id::text ORDER BY c.place)
    INTO v_paths, v_expected, v_got
    FROM (
        SELECT x.ordinality AS place, pg_catalog.format('corrections[%s]', x.ordinality - 1) AS path,
            (x.value ->> 'transaction_id')::uuid AS transaction_id,
            (x.value ->> 'employee_revision_id')::uuid AS employee_revision_id
        FROM pg_catalog.jsonb_array_elements(p_corrections) WITH ORDINALITY AS x
    ) AS c
    WHERE NOT EXISTS (
        SELECT FROM app.receipt_links AS t
        JOIN app.employee_revisions AS r ON r.revision_id = t.employee_revision_id
        WHERE t.transaction_id = c.transaction_id AND t.employee_revision_id = c.employee_revision_id
            AND r.session_id = p_session_id);
    PERFORM app.fail_all('NF005', v_paths, v_expected, v_got);
END
$$;
COMMENT ON FUNCTION app.check_corrections(uuid, jsonb) IS 'Refuses corrections of which one wants a value a receipt cannot have, or comes twice (IV008), or is of no receipt of its revision and session (NF005): every one named by its place in the list, from 0.';

CREATE OR REPLACE FUNCTION api.correct_transactions(
    p_session_id uuid, p_corrections jsonb, p_reason text, p_request_id text DEFAULT NULL
) RETURNS report.correction_answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_hash bytea := app.hash_request('correct_transactions', p_session_id::text, p_corrections::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'correct_transactions', v_hash, p_reason);
    v_count integer;
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN pg_catalog.jsonb_populate_record(NULL::report.correction_answer, v_answer);
    END IF;
    IF pg_catalog.jsonb_typeof(p_corrections) IS DISTINCT FROM 'array' OR pg_catalog.jsonb_array_length(p_corrections) = 0 THEN
        PERFORM app.fail('IV008', 'corrections', 'a list of transaction_id, employee_revision_id and changes');
    END IF;
    PERFORM app.require_text(p_reason, 'reason', 4000);
    PERFORM app.refuse_members('corrections', p_corrections, ARRAY[
        ('transaction_id', 'uuid', false, false, NULL), ('employee_revision_id', 'uuid', false, false, NULL),
        ('changes', 'object', false, false, NULL)]::app.member[]);
    PERFORM app.check_corrections(p_session_id, p_corrections);
    INSERT INTO app.correction_wishes (transaction_id, employee_revision_id, operation, wished)
    SELECT l.transaction_id, l.employee_revision_id, 'UPDATE', c.value -> 'changes'
    FROM pg_catalog.jsonb_array_elements(p_corrections) AS c
    JOIN app.receipt_links AS l ON l.transaction_id = (c.value ->> 'transaction_id')::uuid
        AND l.employee_revision_id = (c.value ->> 'employee_revision_id')::uuid
    JOIN app.receipt_contents AS t ON t.content_id = l.content_id
    WHERE pg_catalog.jsonb_populate_record(t, c.value -> 'changes') IS DISTINCT FROM t;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_answer := app.end_request(p_request_id, 'correct_transactions', v_hash, pg_catalog.jsonb_build_object(
        'session_id', p_session_id, 'transactions_changed', v_count,
        'revisions_made', app.apply_wishes('correct_transactions', p_reason)));
    RETURN pg_catalog.jsonb_populate_record(NULL::report.correction_answer, v_answer);
END
$$;
COMMENT ON FUNCTION api.correct_transactions(uuid, jsonb, text, text) IS 'Corrects receipts of a session: a list of objects with transaction_id, employee_revision_id (the revision the caller saw) and changes (column: value). One new revision per person. Raises IV008, NF005, PM003, ST001, ST002, ST003, ST006, ST051; nothing is done unless all can be.';
GRANT EXECUTE ON FUNCTION api.correct_transactions(uuid, jsonb, text, text) TO ccp_admin, ccp_processor;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
