-- What a person may use is on the HTTP surface, or is here with the reason why not.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(5);

CREATE TEMP TABLE absences (name text PRIMARY KEY, reason text NOT NULL);
INSERT INTO absences (name, reason) VALUES
-- By hand, because they carry files.
('api.import_activity', 'POST /import-json'),
('api.refuse_import', 'POST /import-json, for a file that is no text'),
('api.compare_old_result', 'POST /sessions/{session_id}/old-results'),
('report.parallel_report', 'GET /parallel-runs/{run_id}/report'),
('api.begin_upload', 'POST /sessions/{session_id}/files'),
('api.store_chunk', 'POST /sessions/{session_id}/files'),
('api.queue_documents', 'POST /sessions/{session_id}/files'),
('api.read_chunk', 'GET /sessions/{session_id}/exports/packets.zip and the packet of one person'),
('report.batch_content', 'GET /accounting-batches/{target}/{batch_number}/import.csv'),
('report.accounting_records', 'GET /sessions/{session_id}/exports/import.csv'),
('report.activity_entries', 'GET /sessions/{session_id}/exports/activity.json'),
('report.mirror_state', 'how far it is behind is another with each look; who watches the mirror has SQL'),
('report.way_back', 'part of report.history_proof'),
('report.metrics', 'GET /metrics, with what the service counts'),
('report.mirror_facts', 'what the worker compares the mirror with'),
('report.activity_json', 'GET /sessions/{session_id}/exports/activity.json, whole, for psql'),
('report.activity_changes', 'the header Activity-Changes of GET /sessions/{session_id}/exports/activity.json'),
('report.packet_pages', 'GET /sessions/{session_id}/exports/packets.zip and the packet of one person'),
('report.coding_rows', 'GET /sessions/{session_id}/exports/coding.xlsx'),
('report.judge_coding', 'POST /sessions/{session_id}/coding.xlsx'),
('api.take_coding', 'carries a file: svc/routes/exports.py'),
('report.workbook_summary', 'GET /sessions/{session_id}/exports/report.xlsx'),
('report.workbook_issues', 'GET /sessions/{session_id}/exports/report.xlsx'),
('report.workbook_lines', 'GET /sessions/{session_id}/exports/report.xlsx'),
('report.workbook_bridge', 'GET /sessions/{session_id}/exports/report.xlsx'),
('report.workbook_proof', 'GET /sessions/{session_id}/exports/report.xlsx'),
('report.judge_old_file', './run rollback compares with it what it wrote'),
-- The worker's.
('api.accept_documents', 'called by the worker as the person who handed the files in, with the token of its job'),
('api.discard_expired_submissions', 'the worker does it every hour'),
('api.record_hand_out', 'the service calls it with each download'),
('report.closed_file', 'the files of GET /sessions/{session_id}/exports/, when the month is closed'),
('report.missing_workbooks', 'what the worker asks before it writes one'),
('api.expire_waivers', 'the worker does it every hour'),
('api.run_cutover_day', 'the worker does it every hour'),
('api.remove_expired_answers', 'the worker does it every hour'),
('api.remove_expired_documents', 'the worker does it every hour'),
-- Before anybody is known.
('api.sign_in', 'first step of every request'),
('api.record_sign_in', 'the service calls it when a browser signs in'),
('api.record_sign_out', 'the service calls it when a browser signs out'),
-- The surface itself.
('report.session_summary', 'GET /sessions/{session_id}/summary answers the row of report.session_summaries it is made of'),
('report.surface', 'what the service is made of; people read /openapi.json'),
('report.surface_number', 'read with every request'),
('report.name_patterns', 'the filter person'),
('api.attach_document', 'carries a file: svc/routes/files.py'),
('report.search_patterns', 'the filter q'),
('report.search_text', 'the filter q'),
('report.hide_names', 'part of every view'),
('report.hide_names_of_list', 'part of every view'),
('report.hide_names_of_value', 'part of every view'),
-- Read through something that is served.
('report.sessions', 'GET /sessions answers the same rows of report.processing_sessions, with cancelled ones when asked for'),
('report.masked_texts', 'every table is read for it; who looks into it has SQL'),
('report.find_masked_texts', 'the part of report.masked_texts that is about one table'),
('report.months_as_of', 'GET /months?as_of='),
('report.counted_impacts', 'summed by GET /ageing and GET /months'),
('report.counted_impacts_as_of', 'summed by GET /months?as_of='),
('report.sessions_as_of', 'GET /sessions?as_of='),
('report.processing_sessions_as_of', 'GET /sessions?as_of='),
('report.employee_revisions_as_of', 'GET /sessions/{session_id}/employees?as_of='),
('report.employee_revisions_history_as_of', 'GET /revisions?as_of='),
('report.transactions_as_of', 'GET /sessions/{session_id}/transactions?as_of='),
('report.transactions_history_as_of', 'GET /revisions/{revision_id}/transactions?as_of='),
('report.validation_issues_as_of', 'GET /sessions/{session_id}/issues?as_of='),
('report.issue_events_as_of', 'GET /issues/{issue_id}/events?as_of='),
('report.duty_conflicts', 'its rows have no key to page by; who looks into them has SQL'),
('report.audit_trail', 'its rows have no key to page by; GET /objects/{object_id}/history serves those of one object, an auditor has SQL'),
-- Parts of other functions.
('report.changed_fields', 'compares two rows for the trail'),
('report.is_bookkeeping', 'what the trail says of a change, the filter bookkeeping'),
('report.role_names', 'the roles of report.terms'),
('report.trace_correction', 'the fate of one row of report.corrections'),
('report.count_corrections', 'the corrections of a row of report.session_summaries'),
('report.recalled_corrections', 'its rows have no key to page by; an administrator looks before cancelling, with SQL'),
('report.name_key', 'folds printed names for report.unmatched_names'),
('report.name_distance', 'compares two names for report.unmatched_names'),
-- Written with SQL.
('api.current_transactions', 'POST /sessions/{session_id}/corrections and the calls beside it say the same');

-- A view that is written to is no source of the surface.
CREATE TEMP TABLE usable AS
SELECT s.source_name FROM app.surface_sources AS s WHERE s.roles <> '{}'
UNION ALL
SELECT 'api.' || c.relname FROM pg_class AS c, unnest(app.user_roles()) AS r (role)
WHERE c.relnamespace = 'api'::regnamespace AND c.relkind = 'v' AND has_table_privilege('ccp_' || r.role, c.oid, 'SELECT, UPDATE')
GROUP BY c.relname;
CREATE TEMP TABLE used AS
SELECT o.target AS name FROM app.surface_operations AS o;

SELECT is_empty($$SELECT s.source_name FROM pg_temp.usable AS s
    WHERE s.source_name NOT IN (SELECT u.name FROM pg_temp.used AS u)
        AND s.source_name NOT IN (SELECT a.name FROM pg_temp.absences AS a)$$,
    'what a person may use is served, or its absence has a reason');
SELECT is_empty($$SELECT a.name FROM pg_temp.absences AS a
    WHERE NOT EXISTS (SELECT FROM pg_temp.usable AS s WHERE s.source_name = a.name)$$,
    'what is said to be absent is there and may be used');
SELECT is_empty($$SELECT a.name FROM pg_temp.absences AS a JOIN pg_temp.used AS u USING (name)$$,
    'and is not served after all');
SELECT is_empty($$SELECT a.name FROM pg_temp.absences AS a
    WHERE a.name LIKE '%\_as\_of' AND a.name NOT IN ('report.sessions_as_of', 'report.counted_impacts_as_of')
        AND NOT EXISTS (SELECT FROM app.surface_operations AS o WHERE o.as_of = a.name)$$,
    'what is asked for by as_of can be');
-- Below a revision all is of one person.
SELECT is_empty($$SELECT o.operation FROM app.surface_operations AS o
    JOIN pg_attribute AS a ON a.attrelid = to_regclass(o.target) AND a.attname = 'employee_name'
    WHERE o.shape = 'list' AND o.path NOT LIKE '/revisions/{revision_id}/%'
        AND NOT EXISTS (SELECT FROM app.surface_filters AS f
            WHERE f.operation = o.operation AND f.column_name = 'employee_name' AND f.operator = 'person')$$,
    'whom a list names is found by any part of the name');
SELECT * FROM finish();
ROLLBACK;
