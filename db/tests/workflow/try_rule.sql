-- What a change of a rule would change in a month is told, and nothing of it is written.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/alone.psql
\ir ../fixtures/closed.psql
SELECT plan(26);
\set document '{"WADEWINDFALLOW": {"name": "WADEWINDFALLOW", "employee_id": "1001", "car_total": 12.0, "card_no": "999999XXXXXX1193", "receipts": {"6120.100": [{"rec_id": "41", "amt": "10.00", "date": "03/15/2025", "code_type": "GL Coding", "gl_acct": "6120.100", "attachment": true, "coded": true}]}}, "JOANROW": {"name": "JOANROW", "employee_id": "1002", "car_total": 7.5, "card_no": "999999XXXXXX1194", "receipts": {"6120.100": [{"rec_id": "42", "amt": "7.50", "date": "03/16/2025", "code_type": "GL Coding", "gl_acct": "6120.100", "attachment": true, "coded": true}]}}}'
:as_owner
SELECT tap.hand_in('trial', tap.pdf_report('{}', tap.pdf_card(), tap.pdf_card('{"employee_id": "1002", "cardholder_name": "BOBROE", "card_number": "999999XXXXXX2222", "pages": [2]}', tap.pdf_charge('{"page": 2}'))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1))) ->> 'session_id' AS pdfs \gset
:as_tester
SELECT s.month_id AS pdf_month FROM report.processing_sessions AS s WHERE s.session_id = :'pdfs' \gset
:as_processor
SELECT tap.import_activity(:'document', 'month') ->> 'session_id' AS session \gset
:as_tester
SELECT s.month_id AS month FROM report.processing_sessions AS s WHERE s.session_id = :'session' \gset
-- Everything a trial could leave behind.
CREATE FUNCTION tap.left_behind() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT concat_ws(' ', (SELECT count(*) FROM app.validation_rules), (SELECT count(*) FROM app.issue_events),
        (SELECT md5(string_agg(i::text, ' ' ORDER BY i.issue_id)) FROM app.validation_issues AS i),
        (SELECT md5(string_agg(e::text, ' ' ORDER BY e.session_id, e.cardholder_id)) FROM app.session_employees AS e),
        (SELECT count(*) FROM report.audit_trail), (SELECT count(*) FROM app.answered_requests))
$$;
CREATE FUNCTION tap.told(p_trial report.rule_trial) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('%s/%s finished -%s +%s issues +%s -%s ~%s dollars +%s -%s:%s', p_trial.people_changed, p_trial.people_judged,
        p_trial.no_longer_finished, p_trial.newly_finished, p_trial.issues_added, p_trial.issues_gone, p_trial.issues_changed,
        coalesce(p_trial.dollars_added::text, '?'), coalesce(p_trial.dollars_gone::text, '?'),
        (SELECT string_agg(format(' %s %s>%s +%s -%s', p.employee_name, p.status_now, p.status_then,
            coalesce(p.dollars_added::text, '?'), coalesce(p.dollars_gone::text, '?')), ',' ORDER BY p.ordinality)
        FROM unnest(p_trial.people) WITH ORDINALITY AS p))
$$;
GRANT EXECUTE ON FUNCTION tap.told(report.rule_trial), tap.left_behind() TO PUBLIC;
SELECT tap.left_behind() AS before \gset
:as_admin
SELECT is(tap.told(api.try_rule('missing_purpose', :'month', p_enabled => true, p_blocks => true)),
    '2/2 finished -1 +0 issues +2 -0 ~0 dollars +17.50 -0.00: JOANROW finished>unfinished +7.50 -0.00, WADEWINDFALLOW unfinished>unfinished +10.00 -0.00',
    'who would not be finished any more comes first, with the dollars of each');
SELECT is(tap.told(api.try_rule('missing_purpose', :'month', p_enabled => true)),
    '2/2 finished -0 +0 issues +2 -0 ~0 dollars +17.50 -0.00: WADEWINDFALLOW unfinished>unfinished +10.00 -0.00, JOANROW finished>finished +7.50 -0.00',
    'what does not block finishes nobody less');
SELECT is(tap.told(api.try_rule('missing_purpose', :'month', p_enabled => true, p_parameters => '{"minimum_amount": 7.51}')),
    '1/2 finished -0 +0 issues +1 -0 ~0 dollars +10.00 -0.00: WADEWINDFALLOW unfinished>unfinished +10.00 -0.00', 'a parameter is tried from its edge');
SELECT is(tap.told(api.try_rule('missing_purpose', :'month', p_enabled => true, p_parameters => '{"minimum_amount": 7.5}')),
    tap.told(api.try_rule('missing_purpose', :'month', p_enabled => true)), 'and at its edge');
SELECT is(tap.told(api.try_rule('total_mismatch', :'month', p_enabled => false)),
    '1/2 finished -0 +1 issues +0 -1 ~0 dollars +0.00 -2.00: WADEWINDFALLOW unfinished>finished +0.00 -2.00', 'a rule switched off frees whom it keeps');
SELECT is(tap.told(api.try_rule('total_mismatch', :'month', p_severity => 'low')),
    '1/2 finished -0 +0 issues +0 -0 ~1 dollars +0.00 -0.00: WADEWINDFALLOW unfinished>unfinished +0.00 -0.00', 'another severity changes the issue');
SELECT is(tap.told(api.try_rule('total_mismatch', :'month', p_scope => 'pdf')),
    tap.told(api.try_rule('total_mismatch', :'month', p_enabled => false)), 'a rule of another source finds nothing here');
SELECT is(tap.told(api.try_rule('total_mismatch', :'month')), '0/2 finished -0 +0 issues +0 -0 ~0 dollars +0.00 -0.00:', 'no change changes nothing');
SELECT results_eq(format($$SELECT r.rule_code, r.version, r.month_name, r.session_id FROM api.try_rule('total_mismatch', %L) AS r$$, :'month'),
    format($$VALUES ('total_mismatch', 1, (SELECT m.month_name FROM report.months AS m WHERE m.month_id = %L), %L::uuid)$$, :'month', :'session'),
    'it says what it was tried on');
SELECT throws_ok(format($$SELECT api.try_rule('no_rule', %L)$$, :'month'), 'NF061', 'there is no such rule', 'a rule has to exist');
SELECT throws_ok($$SELECT api.try_rule('total_mismatch', '00000000-0000-7000-8000-000000000000')$$, 'NF006', NULL, 'a month has to exist');
SELECT throws_ok($$SELECT api.try_rule('total_mismatch', NULL)$$, 'NF006', NULL, 'and to be said');
SELECT throws_ok(format($$SELECT api.try_rule('total_mismatch', %L, 'fatal')$$, :'month'), 'IV008', NULL, 'what could not be saved is not tried');
SELECT throws_ok(format($$SELECT api.try_rule('over_limit', %L, p_parameters => '{"limit": -0.01}')$$, :'month'), 'IV061', NULL, 'nor are parameters out of range');
:as_processor
SELECT throws_ok(format($$SELECT api.try_rule('total_mismatch', %L)$$, :'month'), '42501', NULL, 'rules are the administrator''s');
:as_tester
SELECT is(tap.left_behind(), :'before', 'nothing of all this was written, and nothing is in the trail');

-- What was told is what comes.
:as_admin
SELECT tap.told(api.try_rule('missing_purpose', :'month', p_enabled => true, p_blocks => true)) AS told \gset
SELECT api.save_rule('missing_purpose', 1, p_enabled => true, p_blocks => true) \g /dev/null
SELECT is(tap.told(api.try_rule('missing_purpose', :'month')), '0/2 finished -0 +0 issues +0 -0 ~0 dollars +0.00 -0.00:',
    'the rule as it is counts, though nobody was judged by it yet');
:as_owner
SELECT app.judge_again(array_agg(e.session_id), array_agg(e.cardholder_id), '{missing_purpose}', 'test')
FROM app.session_employees AS e WHERE e.session_id = :'session' \g /dev/null
:as_tester
SELECT results_eq(format('SELECT e.employee_name, e.status FROM report.employee_revisions AS e WHERE e.session_id = %L ORDER BY 1', :'session'),
    $$VALUES ('JOANROW', 'unfinished'), ('WADEWINDFALLOW', 'unfinished')$$, 'saved so, it comes as it was told');

-- What people decided counts: an issue that is decided would not be gone.
:as_processor
SELECT api.resolve_issue(i.issue_id, i.version, 'explained', 'x') FROM report.validation_issues AS i
WHERE i.session_id = :'session' AND i.issue_type = 'total_mismatch' \g /dev/null
:as_admin
SELECT is(tap.told(api.try_rule('total_mismatch', :'month', p_enabled => false)), '0/2 finished -0 +0 issues +0 -0 ~0 dollars +0.00 -0.00:',
    'what was decided is open neither way');

-- A rule that silences others lets them speak.
:as_admin
SELECT is((SELECT format('%s %s', r.issues_added, r.issues_gone) FROM api.try_rule('missing_all_receipts', :'pdf_month', p_enabled => false) AS r),
    '1 1', 'what it said for others they say then');

-- A closed month can be asked about, and stays closed.
SELECT tap.close_as_it_is(:'month') \g /dev/null
:as_tester
SELECT tap.left_behind() AS before \gset
:as_admin
SELECT is((SELECT r.issues_gone FROM api.try_rule('missing_purpose', :'month', p_enabled => false) AS r), 2::bigint, 'a closed month tells too');
:as_tester
SELECT is(tap.left_behind(), :'before', 'and stays as it is');
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
