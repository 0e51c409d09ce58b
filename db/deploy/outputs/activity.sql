-- The way back: a session as the activity.json of the program used before, and what of it had to be written otherwise.
-- requires: intake/writing
-- requires: foundation/errors
-- requires: report/people

BEGIN;

CREATE TYPE report.activity_entry AS (
    entry_number bigint,
    source_key text,
    entry json,
    is_as_imported boolean,
    no_coding_type bigint,
    half_code bigint,
    no_purpose bigint,
    no_receipt_id bigint,
    amount_unknown bigint,
    page_left_out bigint,
    people bigint,
    fault text
);
COMMENT ON TYPE report.activity_entry IS 'An employee of an activity.json, and how often something of it was written otherwise for the old program''s sake.';
COMMENT ON COLUMN report.activity_entry.entry_number IS 'Place in the file, from 1.';
COMMENT ON COLUMN report.activity_entry.source_key IS 'Key of the employee.';
COMMENT ON COLUMN report.activity_entry.entry IS 'The employee as a text of JSON: order and spelling matter.';
COMMENT ON COLUMN report.activity_entry.is_as_imported IS 'True when all of it is as it stood in the old file, card numbers cut.';
COMMENT ON COLUMN report.activity_entry.no_coding_type IS 'Receipts written with Job Coding, which say neither.';
COMMENT ON COLUMN report.activity_entry.half_code IS 'Receipts with a part of a code, written without.';
COMMENT ON COLUMN report.activity_entry.no_purpose IS 'Receipts without purpose, written with the label and the number of notes.';
COMMENT ON COLUMN report.activity_entry.no_receipt_id IS 'Receipts without id, written with a number of their own.';
COMMENT ON COLUMN report.activity_entry.amount_unknown IS 'Receipts whose amount is not known, written as 0.';
COMMENT ON COLUMN report.activity_entry.page_left_out IS 'Pages that are not in it, because a later one has the same receipt id; rec_total has them.';
COMMENT ON COLUMN report.activity_entry.people IS 'People in it: more than one when several of one name were merged.';
COMMENT ON COLUMN report.activity_entry.fault IS 'What the old program would not expect, as the place in the entry; null for what it reads.';

CREATE OR REPLACE FUNCTION app.find_unfit_receipt(p_receipt jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN jsonb_typeof(p_receipt) <> 'object' THEN 'receipt'
        WHEN NOT p_receipt ?& ARRAY['rec_id', 'exp', 'date', 'title', 'amt', 'purpose', 'merch_name', 'merch_addy', 'code_type',
            'gl_acct', 'gl_desc', 'job', 'phase', 'cost_type', 'coded', 'attachment'] THEN 'missing field'
        WHEN jsonb_typeof(p_receipt -> 'rec_id') <> 'string' OR p_receipt ->> 'rec_id' = '' THEN 'rec_id'
        WHEN jsonb_typeof(p_receipt -> 'exp') <> 'string' THEN 'exp'
        WHEN p_receipt -> 'date' <> 'null' AND p_receipt ->> 'date' !~ '^[0-9]{2}/[0-9]{2}/[0-9]{4}$' THEN 'date'
        WHEN p_receipt -> 'amt' <> '0' AND NOT (jsonb_typeof(p_receipt -> 'amt') = 'string'
            AND p_receipt ->> 'amt' ~ '^-?[0-9]+([.][0-9]{1,2})?$') THEN 'amt'
        WHEN jsonb_typeof(p_receipt -> 'title') NOT IN ('string', 'null') THEN 'title'
        WHEN jsonb_typeof(p_receipt -> 'purpose') NOT IN ('string', 'null') THEN 'purpose'
        WHEN jsonb_typeof(p_receipt -> 'merch_name') NOT IN ('string', 'null') THEN 'merch_name'
        WHEN jsonb_typeof(p_receipt -> 'merch_addy') NOT IN ('string', 'null') THEN 'merch_addy'
        WHEN p_receipt ->> 'code_type' IS NULL OR p_receipt ->> 'code_type' NOT IN ('Job Coding', 'GL Coding') THEN 'code_type'
        -- Job, phase and cost type: all or none.
        WHEN num_nulls(p_receipt ->> 'job', p_receipt ->> 'phase', p_receipt ->> 'cost_type') IN (1, 2) THEN 'job'
        WHEN p_receipt ->> 'gl_desc' IS NOT NULL AND p_receipt ->> 'gl_acct' IS NULL THEN 'gl_desc'
        WHEN p_receipt -> 'coded' <> to_jsonb(coalesce(p_receipt ->> 'job', p_receipt ->> 'gl_acct') IS NOT NULL) THEN 'coded'
        WHEN jsonb_typeof(p_receipt -> 'attachment') <> 'boolean' THEN 'attachment' END;
END;
COMMENT ON FUNCTION app.find_unfit_receipt(jsonb) IS 'The first field of a receipt in which it is not as the old program wrote receipts; null when it is.';

CREATE OR REPLACE FUNCTION app.find_unfit(p_key text, p_entry jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN jsonb_typeof(p_entry) <> 'object' THEN '$'
        WHEN p_entry ->> 'name' IS DISTINCT FROM p_key THEN 'name'
        WHEN (p_entry ? 'employee_id') <> (p_entry ? 'car_page_range') THEN 'employee_id'
        WHEN p_entry ? 'employee_id' AND jsonb_typeof(p_entry -> 'employee_id') <> 'string' THEN 'employee_id'
        WHEN jsonb_typeof(p_entry -> 'car_total') IS DISTINCT FROM 'number' THEN 'car_total'
        WHEN jsonb_typeof(p_entry -> 'card_no') IS DISTINCT FROM 'string' THEN 'card_no'
        WHEN NOT p_entry ? 'employee_id' AND (p_entry ->> 'card_no' <> 'None' OR (p_entry ->> 'car_total')::numeric <> 0) THEN 'card_no'
        WHEN jsonb_typeof(p_entry -> 'files') IS DISTINCT FROM 'array'
            OR jsonb_path_exists(p_entry, '$.files[*] ? (@.type() != "string")') THEN 'files'
        WHEN jsonb_path_exists(p_entry, 'strict $.car_page_range ? (@.type() != "array" || @[*].type() != "number")', '{}', true)
            THEN 'car_page_range'
        WHEN jsonb_path_exists(p_entry, 'strict $.rec_page_range ? (@.type() != "array" || @[*].type() != "number")', '{}', true)
            THEN 'rec_page_range'
        -- All three or none; who is in neither report is not there.
        WHEN (p_entry ? 'rec_page_range') <> (p_entry ? 'receipts') OR (p_entry ? 'rec_total') <> (p_entry ? 'receipts')
            OR NOT p_entry ?| ARRAY['employee_id', 'receipts'] THEN 'receipts'
        WHEN p_entry ? 'receipts' AND jsonb_typeof(p_entry -> 'rec_total') <> 'number' THEN 'rec_total'
        WHEN p_entry ? 'receipts' AND jsonb_typeof(p_entry -> 'receipts') <> 'object' THEN 'receipts'
        WHEN jsonb_typeof(p_entry -> 'flags') IS DISTINCT FROM 'object'
            OR (SELECT count(*) FILTER (WHERE f.key IN ('missing_coding_info', 'missing_receipt', 'missing_all_receipts',
                    'total_mismatch') AND jsonb_typeof(f.value) = 'boolean') <> 4 OR count(*) <> 4
                FROM jsonb_each(CASE jsonb_typeof(p_entry -> 'flags') WHEN 'object' THEN p_entry -> 'flags' END) AS f) THEN 'flags'
        ELSE (
            SELECT min('receipts.' || c.key || coalesce('.' || app.find_unfit_receipt(r.value), ''))
            FROM jsonb_each(p_entry -> 'receipts') AS c
            CROSS JOIN LATERAL jsonb_array_elements(
                CASE jsonb_typeof(c.value) WHEN 'array' THEN c.value ELSE jsonb_build_array(c.value) END) AS r
            WHERE app.find_unfit_receipt(r.value) IS NOT NULL
                -- By id under its id; by code under job or account, null without.
                OR CASE jsonb_typeof(c.value) WHEN 'array' THEN coalesce(r.value ->> 'job', r.value ->> 'gl_acct', 'null')
                    ELSE r.value ->> 'rec_id' END <> c.key) END;
END;
COMMENT ON FUNCTION app.find_unfit(text, jsonb) IS 'The first place in which an employee is not as the old program wrote employees, in report, in both or only in receipts; null when it is: the contract of that program''s reader as code. A field beyond it is no fault.';

CREATE OR REPLACE FUNCTION app.hide_names_in_json(p_text text, p_names text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    v_plain text := p_text;
    v_code text;
BEGIN
    -- A name is found as it is read, not as it is escaped.
    FOR v_code IN
        SELECT DISTINCT c.codes[1] FROM pg_catalog.regexp_matches(p_text, '\\u([0-9a-fA-F]{4})', 'g') AS c (codes)
        WHERE c.codes[1] COLLATE "C" !~* '^(00[0-7]|d[89a-f])'
    LOOP
        v_plain := pg_catalog.regexp_replace(v_plain, '(?<!\\)((?:\\\\)*)\\u' || v_code,
            '\1' || pg_catalog.chr(('x' || v_code)::bit(16)::integer), 'g');
    END LOOP;
    RETURN (
        SELECT CASE WHEN s.text = v_plain THEN p_text ELSE app.ascii_json(s.text) END
        FROM (SELECT report.hide_names(v_plain, p_names) AS text) AS s);
END
$$;
COMMENT ON FUNCTION app.hide_names_in_json(text, text[]) IS 'What report.hide_names does, for a text of JSON: names with letters that it escapes are found as well; where one is, all beyond ASCII is escaped. Null without names.';

CREATE OR REPLACE FUNCTION report.activity_entries(
    p_session_id uuid, p_shape text DEFAULT 'as_imported', p_merge_names boolean DEFAULT false
) RETURNS SETOF report.activity_entry
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_names text;
BEGIN
    IF p_shape IS NULL OR p_shape NOT IN ('as_imported', 'by_code', 'by_id') THEN
        PERFORM app.fail('IV008', 'shape', 'as_imported, by_code or by_id', app.shorten(p_shape, 200));
    ELSIF NOT EXISTS (SELECT FROM app.session_employees AS e WHERE e.session_id = p_session_id) THEN
        PERFORM app.fail('NF001', 'session_id', 'a session with content', p_session_id::text);
    END IF;
    SELECT pg_catalog.string_agg(n.who, '; ' ORDER BY n.who COLLATE "C") INTO v_names
    FROM (
        SELECT p.employee_name || ': ' || pg_catalog.string_agg(coalesce(p.employee_id, 'no number'), ', ' ORDER BY p.employee_id) AS who
        FROM app.session_employees AS e
        JOIN app.employee_revisions AS p ON p.revision_id = e.current_revision_id
        LEFT JOIN app.old_claims AS c ON c.session_id = e.session_id AND c.cardholder_id = e.cardholder_id
        WHERE e.session_id = p_session_id AND NOT p.is_nobody
            AND (c.source_key IS NULL OR c.source_key = p.employee_name)
        GROUP BY p.employee_name HAVING pg_catalog.count(*) > 1
    ) AS n;
    IF v_names IS NOT NULL AND p_merge_names IS NOT TRUE THEN
        PERFORM app.fail('RL095', 'merge_names', 'one person of each name', app.shorten(v_names, 1000));
    END IF;
    RETURN QUERY
    SELECT w.entry_number, w.shown_key, pg_catalog.replace(w.shown_text, pg_catalog.format('"name": "%s"', app.shown(w.source_key)),
            pg_catalog.format('"name": "%s"', w.shown_key))::json, w.is_as_imported, coalesce((w.receipts).no_coding_type, 0),
        coalesce((w.receipts).half_code, 0), coalesce((w.receipts).no_purpose, 0), coalesce((w.receipts).no_receipt_id, 0),
        coalesce((w.receipts).amount_unknown, 0), coalesce((w.receipts).page_left_out, 0), w.people,
        app.find_unfit(w.source_key, w.entry_text::jsonb)
    FROM (
        -- Two entries of one person would have one key.
        SELECT e.*, coalesce(app.hide_names_in_json(e.entry_text, h.names), e.entry_text) AS shown_text, pg_catalog.concat(k.shown_key, CASE WHEN k.shown_key <> e.source_key THEN
            ' ' || nullif(pg_catalog.row_number() OVER (PARTITION BY k.shown_key ORDER BY e.entry_order, e.source_key COLLATE "C"), 1) END) AS shown_key,
            pg_catalog.row_number() OVER (ORDER BY e.entry_order, e.source_key COLLATE "C") AS entry_number
        FROM app.write_entries(p_session_id, p_shape, false) AS e
        CROSS JOIN app.hidden_names AS h
        CROSS JOIN LATERAL (SELECT app.shown(e.source_key) AS shown_key OFFSET 0) AS k
    ) AS w
    ORDER BY w.entry_number;
END
$$;
COMMENT ON FUNCTION report.activity_entries(uuid, text, boolean) IS 'The employees of a session as the program used before wrote them, in the order of its file: as_imported (as the old file grouped its receipts, else by_id), by_code or by_id. What an old file said and still holds is written as it stood there; the rest so that that program can use it, and counted. Raises IV008 for another shape, NF001 for a session without content, RL095 for people of one name, unless they may be merged into one entry.';

CREATE OR REPLACE FUNCTION report.activity_json(
    p_session_id uuid, p_shape text DEFAULT 'as_imported', p_merge_names boolean DEFAULT false
) RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT (E'{\n' || string_agg('  ' || app.ascii_json(to_json(e.source_key)::text) || ': ' || e.entry::text, E',\n'
        ORDER BY e.entry_number) || E'\n}')::json
    FROM report.activity_entries(p_session_id, p_shape, p_merge_names) AS e;
END;
COMMENT ON FUNCTION report.activity_json(uuid, text, boolean) IS 'The activity.json of a session, whole: the employees of report.activity_entries, which says what they are and raises the same.';

CREATE OR REPLACE FUNCTION report.activity_changes(
    p_session_id uuid, p_shape text DEFAULT 'as_imported', p_merge_names boolean DEFAULT false
) RETURNS TABLE (change text, number bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT c.change, c.number
    FROM (
        SELECT sum(e.no_coding_type) AS no_coding_type, sum(e.half_code) AS half_code, sum(e.no_purpose) AS no_purpose,
            sum(e.no_receipt_id) AS no_receipt_id, sum(e.amount_unknown) AS amount_unknown, sum(e.page_left_out) AS page_left_out,
            sum(e.people - 1) AS person_merged, count(e.fault) AS unfit_entry
        FROM report.activity_entries(p_session_id, p_shape, p_merge_names) AS e
    ) AS s
    CROSS JOIN LATERAL (VALUES ('no_coding_type', s.no_coding_type), ('half_code', s.half_code), ('no_purpose', s.no_purpose),
        ('no_receipt_id', s.no_receipt_id), ('amount_unknown', s.amount_unknown), ('page_left_out', s.page_left_out),
        ('person_merged', s.person_merged), ('unfit_entry', s.unfit_entry)) AS c (change, number)
    WHERE c.number > 0
    ORDER BY 1;
END;
COMMENT ON FUNCTION report.activity_changes(uuid, text, boolean) IS 'What is written otherwise in the activity.json of a session for the old program''s sake, and how often: the sums of report.activity_entries, without those that are 0; unfit_entry counts entries with a fault. Raises the same.';

GRANT EXECUTE ON FUNCTION report.activity_entries(uuid, text, boolean), report.activity_json(uuid, text, boolean),
    report.activity_changes(uuid, text, boolean)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
