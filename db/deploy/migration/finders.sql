-- The functions that answer the computed checks. What is not known is not passed, and the evidence says what is missing.
-- requires: migration/evidence
-- requires: migration/rights
-- requires: report/duty_conflicts

BEGIN;

CREATE TYPE app.cutover_finding AS (passed boolean, evidence jsonb);
COMMENT ON TYPE app.cutover_finding IS 'What a function says to a check: whether it passes, and what that is built on.';

CREATE OR REPLACE FUNCTION app.check_history_complete() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT count(*) > 0 AND bool_and(h.is_complete), jsonb_build_object('files', count(*), 'people', sum(h.month_people),
        'receipts', sum(h.month_receipts), 'not_complete', coalesce(jsonb_agg(concat_ws(', ', h.month_name, h.file_name, h.signature,
            CASE WHEN h.entries_refused > 0 THEN h.entries_refused || ' employees refused' END)
            ORDER BY h.period_start, h.session_id) FILTER (WHERE NOT h.is_complete), '[]'))
    FROM app.cutover_history AS h;
END;
COMMENT ON FUNCTION app.check_history_complete() IS 'Whether there is a month from before, and each old file is a closed month, signed with the figures that it has now, see report.history_proof, with all employees of the file, or two people accept that some are missing.';

CREATE OR REPLACE FUNCTION app.check_history_totals() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT count(*) > 0 AND bool_and(h.has_totals), jsonb_build_object('files', count(*),
        'accepted', coalesce(jsonb_object_agg(h.month_name, h.accepted_by) FILTER (WHERE h.accepted_by IS NOT NULL), '{}'),
        'not_proved', coalesce(jsonb_agg(h.month_name ORDER BY h.month_name COLLATE "C") FILTER (WHERE NOT h.has_totals), '[]'))
    FROM app.cutover_history AS h;
END;
COMMENT ON FUNCTION app.check_history_totals() IS 'Whether each old file is a complete month and the totals are those of its file, or two people accept that they are not.';

CREATE OR REPLACE FUNCTION app.check_history_exact() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT count(*) > 0 AND bool_and(h.is_exact), jsonb_build_object('files', count(*),
        'accepted', coalesce(jsonb_object_agg(h.month_name, h.accepted_by) FILTER (WHERE h.accepted_by IS NOT NULL), '{}'),
        'not_proved', coalesce(jsonb_agg(h.month_name ORDER BY h.month_name COLLATE "C") FILTER (WHERE NOT h.is_exact), '[]'))
    FROM app.cutover_history AS h;
END;
COMMENT ON FUNCTION app.check_history_exact() IS 'Whether each old file is a complete month and comes out again value for value, or two people accept that it does not.';

CREATE OR REPLACE FUNCTION app.check_clean_months() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(min(c.months_in_a_row) >= 2, false), jsonb_build_object('wanted', 2, 'programmes', coalesce(jsonb_agg(
        jsonb_build_object('programme', c.programme, 'month', c.month_name, 'not_compared', c.not_compared,
            'months_in_a_row', c.months_in_a_row) ORDER BY c.programme COLLATE "C"), '[]'))
    FROM app.cutover_clean_months AS c;
END;
COMMENT ON FUNCTION app.check_clean_months() IS 'Whether the newest two months in a row, or more, of each programme that was compared or read from PDFs agree in both systems, and no later one is here that was not compared.';

CREATE OR REPLACE FUNCTION app.check_accuracy() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(bool_and(n.verdict IS NOT DISTINCT FROM 'clean' AND n.is_of_latest), false), coalesce(jsonb_build_object(
        'month', min(n.month_name), 'sha256', min(n.sha256), 'verdict', min(n.verdict), 'unexplained', min(n.roots_unexplained),
        'is_of_latest', bool_and(n.is_of_latest)), '{}')
    FROM (SELECT r.* FROM app.cutover_runs AS r ORDER BY r.compared_at DESC NULLS LAST, r.old_result_id DESC LIMIT 1) AS n;
END;
COMMENT ON FUNCTION app.check_accuracy() IS 'Whether the newest comparison of an old result is clean, and of the submission that counts of its month.';

CREATE OR REPLACE FUNCTION app.find_results(p_since timestamptz) RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- What was handed in again, or in the shape that is not in use, is told and not asked.
    SELECT coalesce(bool_or(r.is_last), false) AND count(*) FILTER (WHERE r.clean_runs = 0) = 0, jsonb_build_object('since', p_since,
        'files', coalesce(jsonb_agg(jsonb_build_object('month', r.month_name, 'file', r.file_name, 'sha256', r.sha256,
            'verdict', coalesce(r.verdict, 'not compared'), 'unexplained', r.roots_unexplained) ORDER BY r.handed_in_at, r.old_result_id),
            '[]'))
    -- The same bytes handed in again are compared again.
    FROM (
        SELECT x.*, count(c.run_id) OVER (PARTITION BY x.month_id) AS clean_runs, c.run_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM report.clean_months AS n WHERE n.programme = c.programme AND n.period_start > c.period_start) AS is_last
        FROM app.cutover_runs AS x
        LEFT JOIN report.clean_months AS c ON c.run_id = x.run_id AND c.is_clean
        WHERE greatest(x.handed_in_at, x.compared_at) >= p_since
    ) AS r;
END;
COMMENT ON FUNCTION app.find_results(timestamptz) IS 'Old results handed in or compared since then, each with its checksum and the verdict of its newest comparison: passed when one is of the newest month that was compared, and the newest of each month in the shape in use is among them and clean.';

CREATE OR REPLACE FUNCTION app.check_frozen_file() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.passed, f.evidence
    FROM app.find_results(coalesce((SELECT max(e.happened_at) FROM app.cutover_events AS e WHERE e.to_state = 'frozen'), 'infinity')) AS f;
END;
COMMENT ON FUNCTION app.check_frozen_file() IS 'Whether the old program''s last files were handed in and compared after the newest freeze, or the return to it, are kept with their checksums, and compare clean.';

CREATE OR REPLACE FUNCTION app.check_meantime() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- What that program did meanwhile may differ: what counts is that it is here and was compared. What was here before is told,
    -- and is not of the meantime. What waits belongs to a month that is read after the return.
    SELECT coalesce(bool_or(r.is_new AND r.run_id IS NOT NULL) AND bool_and(r.run_id IS NOT NULL OR r.is_waiting), false), jsonb_build_object(
        'since', (n.n).happened_at,
        'files', coalesce(jsonb_agg(jsonb_build_object('month', r.month_name, 'file', r.file_name, 'sha256', r.sha256,
            'is_new', r.is_new, 'verdict', coalesce(r.verdict, CASE WHEN r.is_waiting THEN 'waiting' ELSE 'not compared' END),
            'unexplained', r.roots_unexplained) ORDER BY r.handed_in_at, r.old_result_id)
            FILTER (WHERE r.old_result_id IS NOT NULL), '[]'))
    FROM (SELECT app.newest_cutover() AS n) AS n
    LEFT JOIN app.cutover_runs AS r ON r.handed_in_at >= (n.n).happened_at AND (n.n).to_state = 'rolled_back'
    GROUP BY (n.n).happened_at;
END;
COMMENT ON FUNCTION app.check_meantime() IS 'Whether, since the cut-over was rolled back, at least one old result was handed in and compared whose bytes were not here before, and each other one was compared, too, or waits for a submission that is read after the return.';

CREATE OR REPLACE FUNCTION app.check_waiting() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT count(*) FILTER (WHERE w.is_to_come) = 0, jsonb_build_object(
        'not_compared', coalesce(jsonb_agg(w.told ORDER BY w.old_result_id) FILTER (WHERE w.is_to_come), '[]'),
        'never_read', coalesce(jsonb_agg(w.told ORDER BY w.old_result_id) FILTER (WHERE NOT w.is_to_come), '[]'))
    FROM (
        SELECT o.old_result_id, s.status IN ('processing', 'awaiting_decision', 'completed') AS is_to_come, jsonb_build_object(
            'session_id', s.session_id, 'status', s.status, 'file', o.file_name, 'sha256', encode(o.sha256, 'hex'),
            'failures', f.failures, 'last_error', f.last_error) AS told
        FROM app.old_results AS o
        JOIN app.processing_sessions AS s ON s.session_id = o.session_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS failures, (array_agg(x.error ORDER BY x.failure_number DESC))[1] AS last_error
            FROM app.old_result_failures AS x WHERE x.old_result_id = o.old_result_id
        ) AS f
        WHERE NOT EXISTS (SELECT FROM app.parallel_runs AS r WHERE r.old_result_id = o.old_result_id)
    ) AS w;
END;
COMMENT ON FUNCTION app.check_waiting() IS 'Whether every old result that waited for its submission was compared; of those whose submission failed or was cancelled, and so is never read, the evidence tells.';

CREATE OR REPLACE FUNCTION app.check_trial_sealed() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.to_tx IS NOT NULL AND m.months > 0 AND m.unsealed = '[]' AND v.findings = 0, jsonb_build_object('seal_number', s.seal_number,
        'seal_hash', encode(s.seal_hash, 'hex'), 'months', m.months, 'unsealed', m.unsealed, 'findings', v.findings,
        'verified_from', f.from_seal, 'whole_at', coalesce(w.whole_at, statement_timestamp()))
    FROM (SELECT 1) AS one
    LEFT JOIN LATERAL (SELECT z.seal_number, z.seal_hash, z.to_tx FROM audit.seals AS z ORDER BY z.seal_number DESC LIMIT 1) AS s ON true
    -- What was verified whole within a day, up to a seal that is still there, is verified from that seal on.
    LEFT JOIN LATERAL (
        SELECT z.seal_number, (a.evidence ->> 'whole_at')::timestamptz AS whole_at
        FROM (
            SELECT x.evidence FROM app.cutover_answers AS x WHERE x.check_code = 'trial_sealed' ORDER BY x.answer_id DESC LIMIT 1
        ) AS a
        JOIN audit.seals AS z ON z.seal_number = (a.evidence ->> 'seal_number')::bigint
            AND encode(z.seal_hash, 'hex') = a.evidence ->> 'seal_hash'
        WHERE current_setting('app.verify_whole', true) IS DISTINCT FROM 'on' AND a.evidence -> 'findings' = '0' AND (a.evidence ->> 'whole_at')::timestamptz > statement_timestamp() - interval '1 day'
    ) AS w ON true
    CROSS JOIN LATERAL (SELECT coalesce(w.seal_number, 1) AS from_seal) AS f
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT x.month_id) AS months, coalesce(jsonb_agg(DISTINCT o.month_name)
            FILTER (WHERE s.to_tx IS NULL OR x.changed_tx >= s.to_tx), '[]') AS unsealed
        FROM app.processing_sessions AS x JOIN app.months AS o ON o.month_id = x.month_id
        WHERE x.status = 'completed'
    ) AS m
    CROSS JOIN LATERAL (SELECT count(*) AS findings FROM audit.verify(f.from_seal)) AS v;
END;
COMMENT ON FUNCTION app.check_trial_sealed() IS 'Whether there is a month, the submissions of all of them are below the newest seal, and audit.verify() finds nothing: of everything at least once a day and before going live (app.verify_whole), else from the seal on up to which the answer before was without finding.';

CREATE OR REPLACE FUNCTION app.check_card_numbers() RETURNS app.cutover_finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_table regclass;
    v_count bigint;
    v_tables integer := 0;
    v_found text[] := ARRAY(
        SELECT c.oid::regclass::text || ' takes any text'
        FROM (SELECT DISTINCT x.attrelid FROM audit.text_columns AS x) AS t
        JOIN pg_catalog.pg_class AS c ON c.oid = t.attrelid AND c.relnamespace = 'app'::regnamespace
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'c'
                AND k.conname = (c.relname || '_card_numbers_check')::name AND k.convalidated)
        ORDER BY c.relname);
BEGIN
    FOR v_table IN
        SELECT t.attrelid::regclass FROM (SELECT DISTINCT x.attrelid FROM audit.text_columns AS x) AS t
        -- Hashes of our own objects, and keys of rows that passed: by chance one may look like a number.
        WHERE t.attrelid NOT IN ('audit.sealed_catalog'::regclass, 'audit.sealed_leaves'::regclass)
        ORDER BY t.attrelid
    LOOP
        v_tables := v_tables + 1;
        -- Histories and logs hold copies: they have no constraint, and are read like the others.
        EXECUTE pg_catalog.format('SELECT pg_catalog.count(*) FROM %s WHERE %s', v_table, audit.text_test(v_table)) INTO v_count;
        IF v_count > 0 THEN
            v_found := v_found || pg_catalog.format('%s: %s rows', v_table, v_count);
        END IF;
    END LOOP;
    RETURN ROW(pg_catalog.cardinality(v_found) = 0 AND v_tables > 0,
        pg_catalog.jsonb_build_object('tables', v_tables, 'found', pg_catalog.to_jsonb(v_found)))::app.cutover_finding;
END
$$;
COMMENT ON FUNCTION app.check_card_numbers() IS 'Whether no row of any table, but for what seals are made of, holds a card number in a column with text, and every table of schema app has the constraint that refuses one. Reads all rows.';

CREATE OR REPLACE FUNCTION app.check_role_matrix() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH found AS (
        SELECT r.what FROM app.changed_rights() AS r (what)
        UNION ALL
        SELECT format('%s: login %s of %s', d.kind, d.login_name, d.user_name)
        FROM report.duty_conflicts AS d WHERE d.kind IN ('shared_login', 'login_beyond_user')
    )
    SELECT count(*) = 0, jsonb_build_object('found', coalesce(jsonb_agg(f.what ORDER BY f.what COLLATE "C"), '[]'))
    FROM found AS f;
END;
COMMENT ON FUNCTION app.check_role_matrix() IS 'Whether rights, memberships and attributes of our roles are what was deployed, see app.changed_rights(), and no login has more roles than its user or is several users.';

COMMIT;
