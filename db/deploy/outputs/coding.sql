-- Coding in a spreadsheet: the rows that go out, and what would become of each that comes back.
-- requires: outputs/workbook
-- requires: revising/corrections
-- requires: validation/lists
--
-- Outcome     because
-- done        the receipt gets what the row says
-- unchanged   the row says what the receipt says, or says nothing
-- stale       the receipt says something else than when the workbook was made, or is gone: who did it, and what
-- refused     the row cannot be taken: not of the session, not as it went out, twice, a formula or a number for a code,
--             a value that a receipt cannot have, half a coding, the own card, a month or submission that is not open

BEGIN;

CREATE OR REPLACE FUNCTION app.coding_stamp(p_transaction_id uuid, p_revision_id uuid) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- A copy of the database under another name, or a restored one, is another server. By the newest commit, since a
    -- standby has no number of its own.
    SELECT left(encode(sha256(convert_to(concat_ws('|', current_database(),
        (SELECT max(c.tx) >> 48 FROM audit.commits AS c), r.session_id, r.revision_id,
        p_transaction_id), 'UTF8')), 'hex'), 32)
    FROM app.employee_revisions AS r WHERE r.revision_id = p_revision_id;
END;
COMMENT ON FUNCTION app.coding_stamp(uuid, uuid) IS 'What a row of the coding workbook carries to be known again: a hash of database, epoch, session, revision and receipt.';

CREATE OR REPLACE FUNCTION report.coding_rows(p_session_id uuid)
RETURNS TABLE (
    line_number bigint, employee_name text, external_transaction_id text, transaction_date date, date_text text,
    amount numeric(14, 2), amount_text text, merchant_name text, expense_type text, lacks text, purpose text, coding_type text,
    job_number text, job_phase text, cost_type text, gl_account text, transaction_id uuid, employee_revision_id uuid, stamp text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT row_number() OVER (ORDER BY p.place, t.position, t.transaction_id), app.shown(p.employee_name), app.shown(t.external_transaction_id),
        t.transaction_date, t.date_text, t.amount, t.amount_text, app.shown(t.merchant_name), app.shown(t.expense_type),
        concat_ws(', ', CASE WHEN NOT t.is_coded THEN 'coding' END, CASE WHEN t.purpose IS NULL THEN 'purpose' END),
        app.shown(t.purpose), t.coding_type, t.job_number, t.job_phase, t.cost_type, t.gl_account, t.transaction_id, p.revision_id,
        app.coding_stamp(t.transaction_id, p.revision_id)
    FROM app.people_in_order AS p
    JOIN app.transactions AS t ON t.employee_revision_id = p.revision_id
    WHERE p.session_id = p_session_id AND (NOT t.is_coded OR t.purpose IS NULL)
    ORDER BY 1;
END;
COMMENT ON FUNCTION report.coding_rows(uuid) IS 'The receipts of a session that lack coding or purpose, as the coding workbook has them: people as in the report, pages in order.';
GRANT EXECUTE ON FUNCTION report.coding_rows(uuid)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION app.describe_receipt_change(p_session_id uuid, p_transaction_id uuid, p_was jsonb, p_is jsonb)
RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT concat_ws(': ', (
            SELECT concat(u.user_name, ' at ', to_char(c.said_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), ' ', c.reason)
            FROM app.corrections AS c
            JOIN app.users AS u ON u.user_id = c.said_by
            WHERE c.session_id = p_session_id AND c.transaction_id = p_transaction_id
            ORDER BY c.said_at DESC, c.number DESC LIMIT 1),
        CASE WHEN p_is IS NULL THEN 'the receipt is not this person''s any more' ELSE (
            SELECT string_agg(format('%s %s -> %s', f.key, coalesce(f.value ->> 'old', 'nothing'), coalesce(f.value ->> 'new', 'nothing')),
                ', ' ORDER BY f.key COLLATE "C")
            FROM jsonb_each(report.changed_fields(p_was - ARRAY['content_id', 'created_tx'], p_is - ARRAY['content_id', 'created_tx']))
                AS f) END);
END;
COMMENT ON FUNCTION app.describe_receipt_change(uuid, uuid, jsonb, jsonb) IS 'Who changed a receipt of a session last, when and why, and what is other in it.';

CREATE TYPE report.coding_answer AS (
    row_number integer,
    employee_name text,
    external_transaction_id text,
    outcome text,
    code text,
    message text,
    transaction_id uuid,
    employee_revision_id uuid,
    changes jsonb
);
COMMENT ON TYPE report.coding_answer IS 'What would become of a row of the coding workbook.';
COMMENT ON COLUMN report.coding_answer.row_number IS 'Row of the sheet.';
COMMENT ON COLUMN report.coding_answer.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.coding_answer.external_transaction_id IS 'Receipt id as printed.';
COMMENT ON COLUMN report.coding_answer.outcome IS 'done, unchanged, stale or refused.';
COMMENT ON COLUMN report.coding_answer.code IS 'What stands against it, in a word; null for done and unchanged.';
COMMENT ON COLUMN report.coding_answer.message IS 'The same in words: for stale the other person''s change.';
COMMENT ON COLUMN report.coding_answer.transaction_id IS 'The receipt.';
COMMENT ON COLUMN report.coding_answer.employee_revision_id IS 'The current revision of its person, for the correction.';
COMMENT ON COLUMN report.coding_answer.changes IS 'What the receipt is to say, by column.';

CREATE OR REPLACE FUNCTION app.wished_coding(p_cells jsonb, p_seen app.receipt_contents) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH cells AS (
        SELECT c.key AS name, CASE WHEN upper(btrim(c.value)) = 'CLEAR' THEN 'CLEAR' ELSE btrim(c.value) END AS text,
            upper(coalesce(btrim(p_cells ->> 'coding_type'), '')) = 'CLEAR' AS is_all
        FROM jsonb_each_text(p_cells) AS c
        -- What the receipt says is no wish, whatever word it is.
        WHERE btrim(c.value) IS DISTINCT FROM btrim(to_jsonb(p_seen) ->> c.key)
    ), wished AS (
        SELECT c.name, CASE WHEN c.text <> 'CLEAR' THEN app.hide_card_numbers(c.text) END AS value
        FROM cells AS c WHERE c.text <> '' AND (NOT c.is_all OR c.name = 'purpose')
        UNION ALL
        SELECT n.name, NULL
        FROM unnest(ARRAY['coding_type', 'job_number', 'job_phase', 'cost_type', 'gl_account']) AS n (name)
        WHERE EXISTS (SELECT FROM cells AS c WHERE c.is_all)
    ), changed AS (
        SELECT coalesce(jsonb_object_agg(w.name, w.value), '{}') AS changes
        FROM wished AS w WHERE w.value IS DISTINCT FROM btrim(to_jsonb(p_seen) ->> w.name)
            -- What the workbook showed with a name covered comes back so.
            AND (w.value IS NULL OR w.value IS DISTINCT FROM btrim(app.shown(to_jsonb(p_seen) ->> w.name)))
    )
    -- Without a coding, it is the one that the codes are of.
    SELECT CASE
        WHEN c.changes ? 'coding_type' OR p_seen.coding_type IS NOT NULL THEN c.changes
        WHEN c.changes ->> 'gl_account' IS NOT NULL
            AND coalesce(c.changes ->> 'job_number', c.changes ->> 'job_phase', c.changes ->> 'cost_type') IS NULL
            THEN c.changes || '{"coding_type": "gl_coding"}'
        WHEN c.changes ->> 'gl_account' IS NULL
            AND coalesce(c.changes ->> 'job_number', c.changes ->> 'job_phase', c.changes ->> 'cost_type') IS NOT NULL
            THEN c.changes || '{"coding_type": "job_coding"}'
        ELSE c.changes END
    FROM changed AS c;
END;
COMMENT ON FUNCTION app.wished_coding(jsonb, app.receipt_contents) IS 'What the cells of a row want otherwise than the receipt said when the workbook was made: an empty cell nothing, CLEAR in any capitals takes a value away, in coding_type the whole coding.';

CREATE OR REPLACE FUNCTION app.lacking_code(p_content app.receipt_contents, p_changes jsonb) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH said AS (
        -- Values that fit: the types of what is not a code do not matter here.
        SELECT coalesce(n.coding_type, '') AS coding_type, n.job_number, n.job_phase, n.cost_type, n.gl_account
        FROM jsonb_populate_record(p_content, p_changes - ARRAY['purpose']) AS n
    )
    SELECT CASE s.coding_type
            WHEN 'job_coding' THEN 'a job coding lacks ' || nullif(concat_ws(', ', CASE WHEN s.job_number IS NULL THEN 'job' END,
                CASE WHEN s.job_phase IS NULL THEN 'phase' END, CASE WHEN s.cost_type IS NULL THEN 'cost type' END), '')
            WHEN 'gl_coding' THEN CASE WHEN s.gl_account IS NULL THEN 'a GL coding lacks the GL account' END
            ELSE CASE WHEN coalesce(s.job_number, s.job_phase, s.cost_type, s.gl_account) IS NOT NULL
                THEN 'the coding says neither job_coding nor gl_coding' END END
    FROM said AS s
    WHERE p_changes ?| ARRAY['coding_type', 'job_number', 'job_phase', 'cost_type', 'gl_account'];
END;
COMMENT ON FUNCTION app.lacking_code(app.receipt_contents, jsonb) IS 'What a receipt lacks to be coded when it gets these changes; null when it is coded then, has no coding at all, or the changes are of no coding.';

CREATE OR REPLACE FUNCTION report.judge_coding(p_session_id uuid, p_rows jsonb) RETURNS SETOF report.coding_answer
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_own uuid := (SELECT u.cardholder_id FROM app.users AS u WHERE u.user_id = app.actor_id());
    v_closed text;
    v_why text;
BEGIN
    PERFORM app.refuse_members('rows', p_rows, ARRAY[
        ('row_number', 'version', false, false, NULL), ('transaction_id', 'uuid', false, true, NULL),
        ('employee_revision_id', 'uuid', false, true, NULL), ('stamp', 'text', false, true, NULL),
        ('external_transaction_id', 'text', false, true, NULL), ('amount', 'text', false, true, NULL),
        ('fault', 'text', false, true, NULL), ('cells', 'object', false, false, NULL)]::app.member[]);
    -- As the door asks, which has the last word.
    SELECT x.code, CASE x.code WHEN 'replaced' THEN 'a later submission took over, ' || app.newest_session(s.chain_id)
        WHEN 'not_completed' THEN 'the session is not completed'
        WHEN 'month_closed' THEN 'the month is closed: ' || app.describe_closing(s.month_id) END
    INTO v_closed, v_why
    FROM app.processing_sessions AS s LEFT JOIN app.months AS m ON m.month_id = s.month_id
    CROSS JOIN LATERAL (SELECT CASE
        WHEN EXISTS (SELECT FROM app.processing_sessions AS o
                     WHERE o.parent_session_id = s.session_id AND o.status = 'completed') THEN 'replaced'
        WHEN s.status <> 'completed' THEN 'not_completed'
        WHEN m.state = 'closed' THEN 'month_closed' END AS code) AS x
    WHERE s.session_id = p_session_id;
    IF NOT FOUND THEN
        PERFORM app.fail('NF001', 'session_id', NULL, p_session_id::text);
    END IF;
    RETURN QUERY
    WITH given AS MATERIALIZED (
        SELECT (x.value ->> 'row_number')::integer AS row_number, (x.value ->> 'transaction_id')::uuid AS transaction_id,
            (x.value ->> 'employee_revision_id')::uuid AS revision_id, x.value ->> 'stamp' AS stamp,
            x.value ->> 'external_transaction_id' AS external_id, x.value ->> 'amount' AS amount, x.value ->> 'fault' AS fault,
            x.value -> 'cells' AS cells
        FROM pg_catalog.jsonb_array_elements(p_rows) AS x
    ), found AS MATERIALIZED (
        SELECT g.*, pg_catalog.count(*) OVER (PARTITION BY g.transaction_id) AS times, r.cardholder_id, r.employee_name,
            e.current_revision_id, c AS seen, n AS now, app.wished_coding(g.cells, c) AS changes
        FROM given AS g
        LEFT JOIN app.employee_revisions AS r ON r.revision_id = g.revision_id AND r.session_id = p_session_id
        LEFT JOIN app.receipt_links AS l
            ON l.employee_revision_id = r.revision_id AND l.transaction_id = g.transaction_id
        LEFT JOIN app.receipt_contents AS c ON c.content_id = l.content_id
        LEFT JOIN app.session_employees AS e ON e.session_id = r.session_id AND e.cardholder_id = r.cardholder_id
        LEFT JOIN app.receipt_links AS k
            ON k.employee_revision_id = e.current_revision_id AND k.transaction_id = g.transaction_id
        LEFT JOIN app.receipt_contents AS n ON n.content_id = k.content_id
    ), columns AS MATERIALIZED (
        SELECT app.correctable_members() AS members
    ), faults AS MATERIALIZED (
        SELECT f.row_number, (
                SELECT pg_catalog.format('%s: expected %s, got %s', m.path, m.expected, m.got)
                FROM app.member_faults(ARRAY[''], ARRAY[f.changes], k.members) AS m ORDER BY m.path COLLATE "C" LIMIT 1) AS fault,
            EXISTS (SELECT FROM pg_catalog.jsonb_each_text(f.cells - 'purpose') AS x
                WHERE app.holds_card_number(x.value)) AS is_card,
            app.lacking_code(f.seen, f.changes) AS lacking
        FROM found AS f CROSS JOIN columns AS k
    ), judged AS (
        SELECT f.*, CASE
                WHEN (f.seen).content_id IS NULL THEN 'not_of_session'
                WHEN f.stamp IS DISTINCT FROM app.coding_stamp(f.transaction_id, f.revision_id)
                    -- With a name that is covered only since, it is the same.
                    OR app.shown(f.external_id) IS DISTINCT FROM app.shown((f.seen).external_transaction_id)
                    OR f.amount IS DISTINCT FROM coalesce((f.seen).amount::text, (f.seen).amount_text) THEN 'not_as_it_went_out'
                WHEN f.times > 1 THEN 'twice'
                WHEN f.fault IS NOT NULL THEN 'unreadable'
                WHEN f.changes = '{}' THEN NULL
                WHEN (f.now).content_id IS NULL THEN 'changed'
                WHEN pg_catalog.to_jsonb(f.now) @> f.changes THEN NULL
                WHEN f.cardholder_id = v_own THEN 'own_card'
                WHEN v_closed IS NOT NULL THEN v_closed
                WHEN x.is_card THEN 'card_number'
                WHEN x.fault IS NOT NULL THEN 'invalid_value'
                WHEN (f.now).content_id <> (f.seen).content_id THEN 'changed'
                WHEN x.lacking IS NOT NULL THEN 'incomplete' END AS code,
            x.fault AS value_fault, x.lacking
        FROM found AS f JOIN faults AS x ON x.row_number = f.row_number
    )
    SELECT j.row_number, app.shown(j.employee_name), app.shown(coalesce((j.seen).external_transaction_id, j.external_id)),
        CASE
            WHEN j.code = 'changed' THEN 'stale'
            WHEN j.code IS NOT NULL THEN 'refused'
            WHEN j.changes = '{}' OR pg_catalog.to_jsonb(j.now) @> j.changes THEN 'unchanged'
            ELSE 'done' END,
        j.code,
        app.shown(app.hide_card_numbers(CASE j.code
            WHEN 'not_of_session' THEN 'its hidden ids are of no receipt of this session'
            WHEN 'not_as_it_went_out' THEN 'receipt, amount and hidden ids of the row do not belong together, or are of another server'
            WHEN 'twice' THEN 'the receipt stands in several rows'
            WHEN 'unreadable' THEN j.fault
            WHEN 'own_card' THEN 'nobody codes their own card'
            WHEN v_closed THEN v_why
            WHEN 'card_number' THEN 'a code holds a card number'
            WHEN 'invalid_value' THEN j.value_fault
            WHEN 'incomplete' THEN j.lacking
            WHEN 'changed' THEN app.describe_receipt_change(p_session_id, j.transaction_id, pg_catalog.to_jsonb(j.seen),
                CASE WHEN (j.now).content_id IS NOT NULL THEN pg_catalog.to_jsonb(j.now) END) END)),
        j.transaction_id, j.current_revision_id, j.changes
    FROM judged AS j
    ORDER BY j.row_number;
END
$$;
COMMENT ON FUNCTION report.judge_coding(uuid, jsonb) IS 'What would become of the rows of a coding workbook that came back, one answer a row: rows is a list of row_number, transaction_id, employee_revision_id, stamp, external_transaction_id and amount as they went out, cells by column, and fault, what the reader found. It changes nothing: api.take_coding takes what is done. Raises IV008, NF001, PM001.';
GRANT EXECUTE ON FUNCTION report.judge_coding(uuid, jsonb) TO ccp_admin, ccp_processor;

INSERT INTO app.month_calls (call_name, changes, expects) VALUES ('take_coding', 'people', 'revision')
ON CONFLICT (call_name) DO NOTHING;

CREATE OR REPLACE FUNCTION api.take_coding(p_session_id uuid, p_rows jsonb, p_reason text, p_request_id text DEFAULT NULL)
RETURNS SETOF report.coding_answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_hash bytea := app.hash_request('take_coding', p_session_id::text, p_rows::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'take_coding', v_hash, p_reason);
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(j) ORDER BY j.row_number), '[]') INTO v_answer
        FROM report.judge_coding(p_session_id, p_rows) AS j;
        INSERT INTO app.correction_wishes (transaction_id, employee_revision_id, operation, wished)
        SELECT j.transaction_id, j.employee_revision_id, 'UPDATE', j.changes
        FROM pg_catalog.jsonb_populate_recordset(NULL::report.coding_answer, v_answer) AS j WHERE j.outcome = 'done';
        PERFORM app.apply_wishes('take_coding', p_reason);
        PERFORM app.end_request(p_request_id, 'take_coding', v_hash, pg_catalog.jsonb_build_object('rows', v_answer));
    ELSE
        v_answer := v_answer -> 'rows';
    END IF;
    RETURN QUERY SELECT j.* FROM pg_catalog.jsonb_populate_recordset(NULL::report.coding_answer, v_answer) AS j;
END
$$;
COMMENT ON FUNCTION api.take_coding(uuid, jsonb, text, text) IS 'Takes the rows of a coding workbook that came back, given as report.judge_coding asks for them: corrects the receipts of those that are done, one new revision per person, and answers each row as that function does. Raises IV008, NF001, NF005, PM001, PM003, ST001, ST002, ST003, ST006, ST051.';
GRANT EXECUTE ON FUNCTION api.take_coding(uuid, jsonb, text, text) TO ccp_admin, ccp_processor;

SELECT app.pin_entry_points();

COMMIT;
