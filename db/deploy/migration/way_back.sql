-- Whether a file that is handed back is what the old program reads, and says what the database says.
-- requires: outputs/activity
-- requires: migration/service_finders

BEGIN;

CREATE TYPE report.old_file_verdict AS (
    is_right boolean,
    unfit bigint,
    first_unfit text,
    people_in_file bigint,
    people bigint,
    receipts_in_file bigint,
    receipts bigint,
    car_total_in_file numeric,
    car_total numeric,
    receipt_total_in_file numeric,
    receipt_total numeric
);
COMMENT ON TYPE report.old_file_verdict IS 'What an activity.json is, beside the session it was made of.';
COMMENT ON COLUMN report.old_file_verdict.is_right IS 'Whether the old program reads all of it, and all figures are those of the session.';
COMMENT ON COLUMN report.old_file_verdict.unfit IS 'Employees in which something is not as the old program wrote it.';
COMMENT ON COLUMN report.old_file_verdict.first_unfit IS 'The first of them, with the place; null for none.';
COMMENT ON COLUMN report.old_file_verdict.people_in_file IS 'Employees of the file.';
COMMENT ON COLUMN report.old_file_verdict.people IS 'Employees the session has to have there: people of one name are one.';
COMMENT ON COLUMN report.old_file_verdict.receipts_in_file IS 'Receipts of the file, in either shape.';
COMMENT ON COLUMN report.old_file_verdict.receipts IS 'Receipts the session has to have there: of two pages with one id in the by-id shape one.';
COMMENT ON COLUMN report.old_file_verdict.car_total_in_file IS 'Sum of car_total, to the cent.';
COMMENT ON COLUMN report.old_file_verdict.car_total IS 'Sum of the known card totals of the session; of people as an old file had them, what it said.';
COMMENT ON COLUMN report.old_file_verdict.receipt_total_in_file IS 'Sum of rec_total, each to the cent.';
COMMENT ON COLUMN report.old_file_verdict.receipt_total IS 'Sum of the receipts of the session; of people as an old file had them, what it said.';

CREATE OR REPLACE FUNCTION report.judge_old_file(p_session_id uuid, p_file jsonb) RETURNS report.old_file_verdict
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = '' SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH entries AS MATERIALIZED (
        SELECT e.key, e.value, app.find_unfit(e.key, e.value) AS fault
        FROM jsonb_each(CASE jsonb_typeof(p_file) WHEN 'object' THEN p_file ELSE '{}' END) AS e
    ), file AS (
        SELECT count(*) AS people, count(e.fault) AS unfit,
            min(e.key || ', ' || e.fault) FILTER (WHERE e.fault IS NOT NULL) AS first_unfit,
            coalesce(sum(round(app.figure(e.value, 'car_total'), 2)), 0) AS car_total,
            coalesce(sum(round(app.figure(e.value, 'rec_total'), 2)), 0) AS receipt_total,
            coalesce(sum((SELECT sum(CASE jsonb_typeof(c.value) WHEN 'array' THEN jsonb_array_length(c.value) ELSE 1 END)
                FROM jsonb_each(CASE jsonb_typeof(e.value -> 'receipts') WHEN 'object' THEN e.value -> 'receipts' ELSE '{}' END) AS c)), 0)
                AS receipts
        FROM entries AS e
    ), written AS MATERIALIZED (
        SELECT w.source_key, w.is_as_imported, w.page_left_out, greatest(w.people - 1, 0) AS merged
        FROM report.activity_entries(p_session_id, 'as_imported', true) AS w
    ), here AS (
        -- What came in an old file and was not touched says what it said, whatever its receipts add up to.
        SELECT count(*) + coalesce(sum(greatest(c.entries - 1, 0)), 0) AS people, coalesce(sum(r.receipt_count), 0) AS receipts,
            coalesce(sum(CASE WHEN c.is_as_imported THEN c.car_total ELSE r.car_total END), 0) AS car_total,
            coalesce(sum(CASE WHEN c.is_as_imported THEN c.receipt_total ELSE r.receipt_total END), 0) AS receipt_total
        FROM app.session_employees AS s
        JOIN app.employee_revisions AS r ON r.revision_id = s.current_revision_id AND r.session_id = s.session_id
        -- Several entries of a file may be one person, by an alias.
        LEFT JOIN LATERAL (
            SELECT count(*) AS entries, bool_and(w.is_as_imported) AS is_as_imported, sum(round(x.claimed_car_total, 2)) AS car_total,
                sum(round(x.claimed_receipt_total, 2)) AS receipt_total
            FROM app.old_claims AS x JOIN written AS w ON w.source_key = x.source_key
            WHERE x.session_id = s.session_id AND x.cardholder_id = s.cardholder_id
        ) AS c ON true
        -- Whose only receipts went away is in no file any more.
        WHERE s.session_id = p_session_id AND NOT r.is_nobody AND (r.is_in_report OR r.receipt_count > 0 OR c.entries > 0)
    ), lost AS (
        SELECT coalesce(sum(w.page_left_out), 0) AS page_left_out, coalesce(sum(w.merged), 0) AS merged FROM written AS w
    )
    SELECT f.unfit = 0 AND f.people = h.people - w.merged AND f.receipts = h.receipts - w.page_left_out
            AND f.car_total = h.car_total AND f.receipt_total = h.receipt_total AND jsonb_typeof(p_file) = 'object',
        f.unfit, f.first_unfit, f.people, h.people - w.merged, f.receipts, h.receipts - w.page_left_out, f.car_total, h.car_total,
        f.receipt_total, h.receipt_total
    FROM file AS f CROSS JOIN here AS h CROSS JOIN lost AS w;
END;
COMMENT ON FUNCTION report.judge_old_file(uuid, jsonb) IS 'Compares an activity.json, as it was read back, with the session it was made of: whether the old program reads every employee, see report.activity_entry.fault, and whether people, receipts and both totals are those of the session as it is. Raises NF001.';
GRANT EXECUTE ON FUNCTION report.judge_old_file(uuid, jsonb)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
