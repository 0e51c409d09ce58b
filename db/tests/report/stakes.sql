-- Dollars at stake add up: a sum counts each cent once, and how findings were decided says how good a rule is.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(16);

:as_processor
SELECT api.import_activity(jsonb_build_object(
    'ANN', tap.entry('{"car_total": 30}', tap.receipt('{"gl_acct": null, "attachment": false, "rec_id": "1"}')),
    'BEA', tap.entry('{"employee_id": "2"}'),
    'CID', tap.receipts_only('{}', tap.receipt('{"gl_acct": null, "rec_id": "3", "amt": "13.00"}')),
    'DAN', tap.entry('{"employee_id": "4", "car_total": 25}', tap.receipt('{"gl_acct": null, "attachment": false, "rec_id": "4"}'),
        tap.receipt('{"gl_acct": null, "rec_id": "5", "amt": "14.00"}')))::text, 'March') ->> 'session_id' AS session \gset
:as_tester
CREATE FUNCTION tap.stake(p_name text) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT string_agg(concat_ws(' ', i.issue_type, i.amount_impact, c.counted), ', ' ORDER BY i.issue_type COLLATE "C", i.amount_impact)
    FROM report.validation_issues AS i JOIN report.counted_impacts AS c ON c.issue_id = i.issue_id WHERE i.employee_name = p_name
$$;
SELECT is(tap.stake('ANN'), 'missing_coding_info 10.00 0.00, missing_receipt 10.00 0.00, total_mismatch 20.00 20.00',
    'rows are not counted beside the person''s own issue while it is the larger');
SELECT is(tap.stake('BEA'), 'missing_all_receipts 10.00 10.00', 'one issue counts all of it');
SELECT is(tap.stake('CID'), 'missing_coding_info 13.00 0.00, orphan_receipts 13.00 13.00, total_mismatch 0.00 0.00', 'receipts without a card count once');
SELECT is((SELECT sum(c.counted) FROM report.validation_issues AS i JOIN report.counted_impacts AS c ON c.issue_id = i.issue_id
    WHERE i.employee_name = 'DAN'), 24.00, 'of rows what is more than the person''s own is counted, each row once');
SELECT is((SELECT sum(a.dollars) FROM report.ageing AS a WHERE a.session_id = :'session'), 67.00, 'the ages add up to it');
SELECT is((SELECT sum(m[1]::numeric) FROM regexp_matches(report.import_report(:'session'), '^\| \w+ \| (?:high|medium|low) \| \d+ \| \d+ \| ([0-9.]+) \|$', 'gn') AS m),
    67.00, 'and so does the report of the import');
UPDATE app.validation_issues SET amount_impact = NULL WHERE rule_code = 'missing_all_receipts';
SELECT is((SELECT count(*) FROM report.ageing AS a WHERE a.session_id = :'session' AND a.dollars IS NULL), 1::bigint, 'what is unknown stays unknown');

-- How findings were decided.
SELECT is((SELECT (p.findings, p.decided, p.false_positives, p.false_positive_share, p.is_imprecise)::text
    FROM report.rule_precision AS p WHERE p.rule_code = 'missing_coding_info'), '(4,0,0,,f)', 'undecided findings say nothing of a rule');
SELECT array_agg(i.issue_id ORDER BY i.employee_name, i.amount_impact) AS coding FROM report.validation_issues AS i WHERE i.issue_type = 'missing_coding_info' \gset
:as_reviewer
SELECT api.mark_false_positive((:'coding'::uuid[])[1], 1, 'It is coded') \g /dev/null
SELECT api.resolve_issue((:'coding'::uuid[])[2], 1, 'explained', 'Seen') \g /dev/null
:as_admin
SELECT api.save_setting('false_positive_percent', 50, 1) \g /dev/null
:as_reviewer
SELECT is((SELECT (p.findings, p.open_findings, p.decided, p.false_positives, p.false_positive_share, p.is_imprecise)::text
    FROM report.rule_precision AS p WHERE p.rule_code = 'missing_coding_info'), '(4,2,2,1,0.5000,f)', 'half of the decided ones, which is allowed');
:as_admin
SELECT api.save_setting('false_positive_percent', 49, 2) \g /dev/null
:as_reviewer
SELECT is((SELECT p.is_imprecise FROM report.rule_precision AS p WHERE p.rule_code = 'missing_coding_info'), true, 'a percent less is not');
SELECT is((SELECT (r.false_positive_share, r.is_imprecise)::text FROM report.validation_rules AS r WHERE r.rule_code = 'missing_coding_info'),
    '(0.5000,t)', 'and the list of rules says so');
SELECT is((SELECT count(*) FROM report.validation_rules AS r WHERE r.is_imprecise), 1::bigint, 'of that rule alone');
:as_processor
SELECT api.import_activity(jsonb_build_object('BEA', tap.entry('{"employee_id": "2"}'), 'ANN', tap.entry('{"car_total": 31}',
    tap.receipt('{"gl_acct": null, "attachment": false, "rec_id": "1"}')))::text, 'March 2', :'session') ->> 'session_id' AS again \gset
SELECT is((SELECT (i.state, i.carried_from)::text FROM report.validation_issues AS i
    WHERE i.session_id = :'again' AND i.issue_type = 'missing_coding_info'), format('(false_positive,%s)', (:'coding'::uuid[])[1]),
    'a later submission takes decisions over');
SELECT is((SELECT (p.decided, p.false_positives)::text FROM report.rule_precision AS p WHERE p.rule_code = 'missing_coding_info'),
    '(2,1)', 'which are counted once');
:as_admin
SELECT is((SELECT (r.version, r.false_positive_share, r.is_imprecise)::text FROM api.save_rule('missing_coding_info', 1, p_severity => 'medium') AS r),
    '(2,,f)', 'a new version begins anew');
:as_tester
SELECT is_empty($$SELECT i.issue_id FROM app.validation_issues AS i LEFT JOIN report.counted_impacts AS c ON c.issue_id = i.issue_id
    WHERE i.is_open <> (c.issue_id IS NOT NULL)$$, 'what is open is counted, nothing else');
SELECT * FROM finish();
ROLLBACK;
