-- What the functions of the checks look at, one view for each source.
-- requires: migration/states
-- requires: migration/runs
-- requires: migration/history

BEGIN;

CREATE OR REPLACE VIEW app.cutover_runs AS
SELECT o.old_result_id, o.month_id, o.month_name, o.file_name, o.sha256, o.handed_in_at, r.run_id, r.verdict, r.roots_unexplained,
    r.started_at AS compared_at, r.is_of_latest, o.is_waiting, NOT EXISTS (
        SELECT FROM app.old_results AS x
        WHERE x.sha256 = decode(o.sha256, 'hex') AND x.old_result_id < o.old_result_id) AND NOT EXISTS (
        SELECT FROM app.processing_sessions AS x WHERE x.source_sha256 = decode(o.sha256, 'hex')) AS is_new
FROM report.old_results AS o
LEFT JOIN LATERAL (
    SELECT x.run_id, x.verdict, x.roots_unexplained, x.started_at, x.is_of_latest
    FROM report.parallel_runs AS x WHERE x.old_result_id = o.old_result_id ORDER BY x.run_id DESC LIMIT 1
) AS r ON true;
COMMENT ON VIEW app.cutover_runs IS 'Old results, each with its newest comparison; without one verdict and run are null.';
COMMENT ON COLUMN app.cutover_runs.compared_at IS 'When it was compared last.';
COMMENT ON COLUMN app.cutover_runs.is_new IS 'True when the same bytes were never here before, neither as an old result nor as an import.';
SELECT app.describe_columns('app.cutover_runs', 'report.old_results');
SELECT app.describe_columns('app.cutover_runs', 'report.parallel_runs');

CREATE OR REPLACE VIEW app.cutover_clean_months AS
SELECT p.programme, c.month_name, n.month_name AS not_compared,
    CASE WHEN n.month_name IS NULL THEN c.consecutive ELSE 0 END AS months_in_a_row
FROM (SELECT DISTINCT x.programme FROM app.months AS x) AS p
LEFT JOIN (
    SELECT DISTINCT ON (x.programme) x.programme, x.month_name, x.period_start, x.consecutive
    FROM report.clean_months AS x ORDER BY x.programme, x.period_start DESC
) AS c ON c.programme = p.programme
-- A later month that nobody compared, but for those that came when the old program had stopped. Of a programme of which none
-- was compared any month read from PDFs: months that only came in old files are history.
LEFT JOIN LATERAL (
    SELECT m.month_name FROM app.months AS m
    WHERE m.programme = p.programme AND (c.programme IS NULL OR m.period_start > c.period_start) AND EXISTS (
        SELECT FROM app.processing_sessions AS s WHERE s.month_id = m.month_id AND s.status = 'completed'
            AND (c.programme IS NOT NULL OR EXISTS (SELECT FROM app.session_documents AS d WHERE d.session_id = s.session_id))
            AND s.processing_completed_at < coalesce((SELECT CASE e.step WHEN 'freeze' THEN e.happened_at END
                FROM app.cutover_events AS e WHERE e.step IN ('freeze', 'unfreeze') ORDER BY e.event_number DESC LIMIT 1), 'infinity'))
    ORDER BY m.period_start DESC LIMIT 1
) AS n ON true
WHERE c.programme IS NOT NULL OR n.month_name IS NOT NULL;
COMMENT ON VIEW app.cutover_clean_months IS 'For each programme that was compared or read from PDFs the newest month that was compared, null for none, and how many months in a row up to it agree in both systems.';
COMMENT ON COLUMN app.cutover_clean_months.not_compared IS 'A later month that is here since before the freeze and was not compared, which breaks the row; null: none.';
COMMENT ON COLUMN app.cutover_clean_months.months_in_a_row IS 'Clean months in a row up to it, without gap; 0 when it is not clean itself, or a later one was not compared.';
SELECT app.describe_columns('app.cutover_clean_months', 'report.clean_months');

CREATE OR REPLACE VIEW app.cutover_history AS
SELECT coalesce(m.month_name, 'session ' || d.session_id) AS month_name, m.period_start, d.session_id, h.file_name,
    coalesce(h.signature, 'not closed') AS signature, h.entries_refused, h.month_people, h.month_receipts, w.accepted_by,
    w.accepted_by IS NOT NULL OR x.is_whole AS is_complete,
    w.accepted_by IS NOT NULL OR coalesce(x.is_whole AND h.file_car_total = h.month_car_total
        AND h.file_receipt_total = h.month_receipt_total, false) AS has_totals,
    w.accepted_by IS NOT NULL OR coalesce(x.is_whole AND h.is_exact, false) AS is_exact
FROM app.kept_digests AS d
JOIN report.processing_sessions AS t ON t.session_id = d.session_id AND t.is_latest
LEFT JOIN app.months AS m ON m.month_id = t.month_id
LEFT JOIN report.history_proof AS h ON h.session_id = d.session_id
-- Of whom the file has more the figures say nothing: they are of those who were taken.
CROSS JOIN LATERAL (SELECT coalesce(h.signature = 'signed' AND h.entries_refused = 0, false) AS is_whole) AS x
-- What one person signs makes nothing equal. Two who signed the very same figures, each with a note, accept them for a time.
LEFT JOIN LATERAL (
    SELECT string_agg(u.user_name, ', ' ORDER BY u.user_name) AS accepted_by
    FROM (
        SELECT DISTINCT ON (x.user_id) x.user_id, x.signed_at
        FROM app.history_signatures AS x
        JOIN app.history_signatures AS n ON n.session_id = x.session_id AND n.proof = x.proof
        WHERE h.signature = 'signed' AND x.session_id = h.session_id AND x.kind = 'signed' AND x.note IS NOT NULL
            AND n.signature_number = (SELECT max(y.signature_number) FROM app.history_signatures AS y WHERE y.session_id = h.session_id)
            AND x.signature_number > coalesce((SELECT max(y.signature_number) FROM app.history_signatures AS y
                WHERE y.session_id = h.session_id AND y.kind = 'withdrawn'), 0)
        ORDER BY x.user_id, x.signature_number DESC
    ) AS s
    JOIN app.users AS u ON u.user_id = s.user_id
    WHERE s.signed_at > now() - app.setting('waiver_max_days')::double precision * interval '1 day'
    HAVING count(DISTINCT coalesce(u.cardholder_id, u.user_id)) > 1
) AS w ON true;
COMMENT ON VIEW app.cutover_history IS 'Old files that became what counts of months, as in report.history_proof once the month is closed, with what two people accept of what differs.';
COMMENT ON COLUMN app.cutover_history.month_name IS 'The month; of a session without one its id.';
COMMENT ON COLUMN app.cutover_history.signature IS 'As in report.history_proof; not closed where the month is open, or there is none.';
COMMENT ON COLUMN app.cutover_history.accepted_by IS 'Names of two people or more who each signed these very figures with a note, within waiver_max_days; null: not two.';
COMMENT ON COLUMN app.cutover_history.is_complete IS 'Whether it is signed and no employee of the file was refused, or two accept that.';
COMMENT ON COLUMN app.cutover_history.has_totals IS 'Whether it is complete and both totals are those of the file, or two accept that they are not.';
COMMENT ON COLUMN app.cutover_history.is_exact IS 'Whether it is complete and the file comes out again value for value, or two accept that it does not.';
SELECT app.describe_columns('app.cutover_history', 'report.history_proof');

COMMIT;
