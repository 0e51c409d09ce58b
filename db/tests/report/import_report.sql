-- The report of an import as Markdown: every line is what a query says.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/small.psql
\ir ../fixtures/documents.psql
SELECT plan(20);

CREATE FUNCTION tap.line(p_session_id uuid, p_begins text) RETURNS text
LANGUAGE sql
BEGIN ATOMIC
    SELECT l.line FROM string_to_table(report.import_report(p_session_id), E'\n') AS l (line)
    WHERE starts_with(l.line, p_begins) LIMIT 1;
END;

SELECT is(tap.line(:'session_id', '# '), '# Import of March', 'the title');
SELECT is(tap.line(:'session_id', '| People |'), '| People | 6 |', 'people');
SELECT is(tap.line(:'session_id', '| Finished |'), '| Finished | 1 |', 'finished ones');
SELECT is(tap.line(:'session_id', '| Receipts |'), '| Receipts | 25 |', 'receipts');
SELECT is(tap.line(:'session_id', '| Card total, known ones |'), '| Card total, known ones | 29962.18 |', 'the card total');
SELECT is(tap.line(:'session_id', '| Receipt total |'), '| Receipt total | 28264.92 |', 'the receipt total');
SELECT is(tap.line(:'session_id', '| Open issues |'), '| Open issues | 9 |', 'open issues');
SELECT is(tap.line(:'session_id', '| missing_coding_info |'), (SELECT format('| missing_coding_info | high | 3 | %s | %s |',
    count(DISTINCT i.cardholder_id), sum(c.counted)) FROM report.validation_issues AS i JOIN report.counted_impacts AS c ON c.issue_id = i.issue_id
    WHERE i.issue_type = 'missing_coding_info'), 'issues by rule, with people and dollars, each cent once');
SELECT is(tap.line(:'session_id', '| LINUSJUNIPOLD |'), '| LINUSJUNIPOLD | 894.89 | 894.89 | 0.00 | 1 |', 'an unfinished person');
SELECT is(tap.line(:'session_id', '* total_mismatch:'), '* total_mismatch: 3 people', 'where the old file says otherwise');
SELECT is(tap.line(:'session_id', '## Not taken'), NULL, 'nothing was left out, so nothing is said about it');
SELECT is(tap.line(:'session_id', '## Against'), NULL, 'nor about a parent');
SELECT unalike(report.import_report(:'session_id'), '%✓%', 'nothing is ticked off');
SELECT is(report.import_report('00000000-0000-7000-8000-000000000000'), NULL, 'no session, no report');

-- It is queried when called.
:as_processor
SELECT api.resolve_issue(i.issue_id, i.version, 'explained', 'Coded in the old program') AS resolved FROM report.validation_issues AS i
WHERE i.employee_name = 'LINUSJUNIPOLD' \gset
SELECT is(:'answer'::jsonb ->> 'session_id', :'session_id', 'somebody resolves an issue');
:as_tester
SELECT is(tap.line(:'session_id', '| Finished |'), '| Finished | 2 |', 'then one more is finished');
SELECT is(tap.line(:'session_id', '| LINUSJUNIPOLD |'), NULL, 'and no longer listed');

-- Rejects and changes.
:as_processor
SELECT api.import_activity((:'content'::jsonb || jsonb_build_object('BAD', tap.entry('{"car_total": "1"}')))::text, 'Again',
    :'session_id') ->> 'session_id' AS again_id \gset
:as_tester
SELECT is(tap.line(:'again_id', '* `$'), '* `$."BAD".car_total`: expected number, got string "1"', 'an employee that was not taken');
SELECT is(tap.line(:'again_id', '| Employees rejected |'), '| Employees rejected | 1 |', 'is counted');
SELECT is(tap.line(:'again_id', '0 people added'),
    '0 people added, 0 removed, 0 changed, 6 unchanged; receipts: 0 added, 0 removed, 0 changed.', 'changes against the parent');
SELECT * FROM finish();
ROLLBACK;
