-- Comparisons with old results as people see them.
-- requires: migration/old_results
-- requires: report/months

BEGIN;

CREATE OR REPLACE VIEW report.known_deviations AS
SELECT d.deviation_code, d.level, d.description, d.finder, d.approved_by, d.valid_until
FROM app.known_deviations AS d;
COMMENT ON VIEW report.known_deviations IS 'Errors of the program used before that are known, and what proves them.';
SELECT app.describe_columns('report.known_deviations', 'app.known_deviations');

-- In two parts, so that a month is looked up in each by an index.
CREATE OR REPLACE VIEW app.old_months AS
SELECT o.old_result_id, o.month_id, o.shape, o.shape_in_use, o.session_id, false AS is_waiting
FROM app.old_results AS o WHERE o.session_id IS NULL
UNION ALL
SELECT o.old_result_id, s.month_id, o.shape, o.shape_in_use, o.session_id, s.status IN ('processing', 'awaiting_decision')
FROM app.old_results AS o JOIN app.processing_sessions AS s ON s.session_id = o.session_id;
COMMENT ON VIEW app.old_months IS 'Of which month each old result is: of one that waited, of that of its submission, null until that is read.';
COMMENT ON COLUMN app.old_months.is_waiting IS 'True while the submission that it is of is not read.';

CREATE OR REPLACE VIEW report.old_results AS
SELECT o.old_result_id, w.month_id, m.month_name, o.file_name, o.size_bytes, encode(o.sha256, 'hex') AS sha256, o.shape,
    o.shape_in_use, encode(o.car_sha256, 'hex') AS car_sha256, encode(o.receipt_sha256, 'hex') AS receipt_sha256,
    o.is_same_files, o.csv_name, encode(o.csv_sha256, 'hex') AS csv_sha256, o.handed_in_by,
    u.user_name AS handed_in_by_name, o.handed_in_at, o.session_id, w.is_waiting, f.failures, f.last_error, o.workbook_name,
    encode(o.workbook_sha256, 'hex') AS workbook_sha256
FROM app.old_results AS o
JOIN app.old_months AS w ON w.old_result_id = o.old_result_id
LEFT JOIN app.months AS m ON m.month_id = w.month_id
JOIN app.users AS u ON u.user_id = o.handed_in_by
CROSS JOIN LATERAL (
    SELECT count(*) AS failures, (array_agg(x.error ORDER BY x.failure_number DESC))[1] AS last_error
    FROM app.old_result_failures AS x WHERE x.old_result_id = o.old_result_id
) AS f;
COMMENT ON VIEW report.old_results IS 'Files of the program used before that were compared with months.';
COMMENT ON COLUMN report.old_results.sha256 IS 'SHA-256 of its bytes as they came, in hex.';
COMMENT ON COLUMN report.old_results.car_sha256 IS 'SHA-256 of the card report that program read, in hex, as said with the file.';
COMMENT ON COLUMN report.old_results.receipt_sha256 IS 'SHA-256 of the receipt report it read, in hex, as said with the file.';
COMMENT ON COLUMN report.old_results.csv_sha256 IS 'SHA-256 of the bytes of the accounting import, in hex.';
COMMENT ON COLUMN report.old_results.workbook_sha256 IS 'SHA-256 of the bytes of the workbook, in hex.';
COMMENT ON COLUMN report.old_results.is_waiting IS 'True while the submission that it is of is not read: it is compared then.';
COMMENT ON COLUMN report.old_results.failures IS 'How often comparing it failed when its submission had been read; after three times it is left alone: hand it in again, or find out why.';
COMMENT ON COLUMN report.old_results.last_error IS 'SQLSTATE and function that ended the last of them; 57014 is the time limit.';
COMMENT ON COLUMN report.old_results.handed_in_by_name IS 'Name of who handed it in.';
SELECT app.describe_columns('report.old_results', 'app.old_results');
SELECT app.describe_columns('report.old_results', 'app.months');

CREATE OR REPLACE VIEW report.parallel_runs AS
SELECT r.run_id, r.session_id, w.month_id, m.month_name, m.programme, m.period_start, m.period_end, r.old_result_id, o.file_name,
    encode(o.sha256, 'hex') AS sha256, o.shape, o.shape_in_use, r.sources,
    NOT EXISTS (
        SELECT FROM app.parallel_runs AS n JOIN app.old_months AS x ON x.old_result_id = n.old_result_id
        WHERE x.month_id = w.month_id AND x.shape IS NOT DISTINCT FROM o.shape AND n.run_id > r.run_id) AS is_newest,
    r.verdict, r.verdict = 'clean' AS is_clean, r.roots_explained, r.roots_unexplained, r.roots_pending, r.car_total_old,
    r.car_total, r.car_total_explained, r.receipt_total_old, r.receipt_total, r.receipt_total_explained, r.figures,
    r.deviations, r.started_by, u.user_name AS started_by_name, r.started_at, EXISTS (
        SELECT FROM app.processing_sessions AS s WHERE s.session_id = r.session_id AND s.status = 'completed' AND NOT EXISTS (
            SELECT FROM app.processing_sessions AS n WHERE n.parent_session_id = s.session_id AND n.status = 'completed')) AS is_of_latest
FROM app.parallel_runs AS r
JOIN app.old_results AS o ON o.old_result_id = r.old_result_id
JOIN app.old_months AS w ON w.old_result_id = r.old_result_id
JOIN app.months AS m ON m.month_id = w.month_id
JOIN app.users AS u ON u.user_id = r.started_by;
COMMENT ON VIEW report.parallel_runs IS 'Comparisons of old results with submissions as they were read. The verdict stays as it was; is_newest tells the one that counts for its month and shape.';
COMMENT ON COLUMN report.parallel_runs.sha256 IS 'SHA-256 of the bytes of the old activity.json, in hex.';
COMMENT ON COLUMN report.parallel_runs.is_newest IS 'True for the newest run of its month and shape.';
COMMENT ON COLUMN report.parallel_runs.is_clean IS 'True when the verdict is clean.';
COMMENT ON COLUMN report.parallel_runs.is_of_latest IS 'True when the session is still what counts of its month.';
COMMENT ON COLUMN report.parallel_runs.started_by_name IS 'Name of who compared.';
SELECT app.describe_columns('report.parallel_runs', 'app.parallel_runs');
SELECT app.describe_columns('report.parallel_runs', 'app.old_results');
SELECT app.describe_columns('report.parallel_runs', 'app.months');

CREATE OR REPLACE VIEW report.parallel_differences AS
SELECT d.run_id, d.difference_number, r.session_id, d.level, d.path, d.person, d.receipt, d.transaction_id, d.page_number, d.field,
    d.part, d.old_value, d.new_value, d.class, d.deviation_code, d.amount, d.ledger, d.receipt_amount, d.follows_from, d.is_accepted,
    d.follows_from IS NULL AND d.class <> 'corrected_here' AS is_root,
    d.follows_from IS NULL AND NOT d.is_accepted
        AND d.class IN ('missing_here', 'missing_there', 'value_difference', 'not_comparable', 'timing') AS is_unexplained,
    CASE WHEN num_nonnulls(d.amount, d.receipt_amount) > 0 THEN coalesce(d.amount, 0) + coalesce(d.receipt_amount, 0) END AS dollars
FROM app.parallel_differences AS d
JOIN app.parallel_runs AS r ON r.run_id = d.run_id;
COMMENT ON VIEW report.parallel_differences IS 'What differs between old results and submissions as they were read, with its class and what it follows from. Dollars stand at roots, each once.';
COMMENT ON COLUMN report.parallel_differences.is_root IS 'True when it follows from no other difference.';
COMMENT ON COLUMN report.parallel_differences.is_unexplained IS 'True for a root that nothing explains.';
COMMENT ON COLUMN report.parallel_differences.dollars IS 'All dollars of a root, of both totals: amount and receipt_amount.';
SELECT app.describe_columns('report.parallel_differences', 'app.parallel_differences');
SELECT app.describe_columns('report.parallel_differences', 'app.parallel_runs');

CREATE OR REPLACE VIEW report.parallel_counts AS
SELECT c.run_id, c.level, c.class, ''::text AS deviation_code, c.compared AS differences, c.compared AS places, NULL::bigint AS roots,
    NULL::numeric(20, 2) AS dollars
FROM app.alike_values AS c
UNION ALL
SELECT d.run_id, d.level, d.class, coalesce(d.deviation_code, ''), count(*)::integer,
    count(DISTINCT concat_ws(' ', d.person, d.receipt, d.transaction_id))::integer, count(*) FILTER (WHERE d.is_root), sum(d.dollars)::numeric(20, 2)
FROM report.parallel_differences AS d
GROUP BY d.run_id, d.level, d.class, d.deviation_code;
COMMENT ON VIEW report.parallel_counts IS 'Each run in numbers: values and dollars by level, class and known deviation.';
COMMENT ON COLUMN report.parallel_counts.run_id IS 'The run.';
COMMENT ON COLUMN report.parallel_counts.level IS 'Level: file, count, total, person, receipt, decision, csv or workbook.';
COMMENT ON COLUMN report.parallel_counts.class IS 'identical, representation, or the class of the differences.';
COMMENT ON COLUMN report.parallel_counts.deviation_code IS 'The known deviation that explains them; empty when none does.';
COMMENT ON COLUMN report.parallel_counts.differences IS 'Number of values.';
COMMENT ON COLUMN report.parallel_counts.places IS 'Number of people or receipts they are in.';
COMMENT ON COLUMN report.parallel_counts.roots IS 'How many of them follow from no other difference.';
COMMENT ON COLUMN report.parallel_counts.dollars IS 'Dollars of them, old less new.';

-- The newest result that says it says which shape is in use; the newest run of a result of that shape, on the submission that counts.
CREATE OR REPLACE VIEW report.clean_months AS
WITH used AS (
    SELECT m.month_id, m.month_name, m.programme, m.period_start, m.period_end, s.shape_in_use, r.run_id, r.session_id, r.verdict,
        r.started_at, coalesce(r.is_clean AND r.is_of_latest, false) AS is_clean
    FROM app.months AS m
    -- A month of which nobody said it is compared as well, and not clean.
    CROSS JOIN LATERAL (
        SELECT (array_agg(x.shape_in_use ORDER BY x.old_result_id DESC) FILTER (WHERE x.shape_in_use IS NOT NULL))[1] AS shape_in_use
        FROM app.old_months AS x WHERE x.month_id = m.month_id HAVING count(*) > 0
    ) AS s
    LEFT JOIN LATERAL (
        -- A file without any receipt is in no shape but the one it is said to be in.
        SELECT x.* FROM report.parallel_runs AS x
        WHERE x.month_id = m.month_id AND coalesce(x.shape, x.shape_in_use) = s.shape_in_use ORDER BY x.run_id DESC LIMIT 1
    ) AS r ON true
    -- One whose submissions were all cancelled is none.
    WHERE (SELECT bool_and(p.status = 'cancelled') FROM app.processing_sessions AS p WHERE p.month_id = m.month_id) IS NOT TRUE
), gaps AS (
    SELECT u.*, coalesce(lag(u.is_clean) OVER w AND lag(u.period_end) OVER w + 1 = u.period_start, false) AND u.is_clean AS goes_on
    FROM used AS u
    WINDOW w AS (PARTITION BY u.programme ORDER BY u.period_start)
), runs AS (
    SELECT g.*, count(*) FILTER (WHERE NOT g.goes_on) OVER (PARTITION BY g.programme ORDER BY g.period_start) AS streak FROM gaps AS g
)
SELECT r.month_id, r.month_name, r.programme, r.period_start, r.period_end, r.shape_in_use, r.run_id, r.session_id, r.verdict,
    r.is_clean, CASE WHEN r.is_clean THEN row_number() OVER (PARTITION BY r.programme, r.streak ORDER BY r.period_start)
        ELSE 0 END AS consecutive, r.started_at
FROM runs AS r;
COMMENT ON VIEW report.clean_months IS 'Months that were compared: whether the newest run of the shape in use is clean and is of the submission that counts, and how many months in a row, without gap, are so up to it.';
COMMENT ON COLUMN report.clean_months.run_id IS 'The newest run of a result in the shape in use; null: none.';
COMMENT ON COLUMN report.clean_months.session_id IS 'The submission it compared.';
COMMENT ON COLUMN report.clean_months.is_clean IS 'True when the month is clean.';
COMMENT ON COLUMN report.clean_months.consecutive IS 'Clean months in a row up to this one, by period and without gap; 0 when it is not clean.';
SELECT app.describe_columns('report.clean_months', 'app.months');
SELECT app.describe_columns('report.clean_months', 'app.old_results');
SELECT app.describe_columns('report.clean_months', 'app.parallel_runs');

GRANT SELECT ON report.known_deviations, report.old_results, report.parallel_runs, report.parallel_differences,
    report.parallel_counts, report.clean_months
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
