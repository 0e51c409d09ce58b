-- What an issue about a person says is not said again row by row, and is said when that one closes.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/strangers.psql
SELECT plan(31);

-- The issues that are not closed by the machine, with rule, state and dollars.
CREATE FUNCTION tap.raised(p_name text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tap, pg_catalog
AS $$
    SELECT string_agg(concat_ws(' ', i.issue_type, i.state, i.amount_impact), ', ' ORDER BY i.issue_type COLLATE "C", i.amount_impact)
    FROM report.validation_issues AS i WHERE i.employee_name = p_name AND i.state <> 'auto_closed'
$$;
CREATE FUNCTION tap.issue(p_rule_code text) RETURNS report.validation_issues
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tap, pg_catalog
AS $$ SELECT i FROM report.validation_issues AS i WHERE i.issue_type = p_rule_code
    ORDER BY i.employee_name, i.issue_id LIMIT 1 $$;
CREATE FUNCTION tap.last_event(p_issue_id uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tap, pg_catalog
AS $$ SELECT concat_ws(' ', v.to_state, split_part(v.cause, ' ', 1), v.note) FROM report.issue_events AS v
    WHERE v.issue_id = p_issue_id ORDER BY v.issue_version DESC LIMIT 1 $$;

:as_owner
SELECT tap.hand_in('month', tap.pdf_report('{}',
        tap.pdf_card('{}', tap.pdf_charge('{"number": "1"}'), tap.pdf_charge('{"number": "2"}', tap.pdf_line('{"net": "7.00", "gross": "7.00", "ppu": "7.00000"}'))),
        tap.pdf_card('{"employee_id": "1002", "cardholder_name": "BEAFOX", "card_number": "999999XXXXXX2222", "pages": [2]}',
            tap.pdf_charge('{"page": 2}', tap.pdf_line('{"net": "-10.00", "gross": "-10.00", "quantity": "-1.00", "page": 2}')))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"employee": "Cid Orr", "transaction_id": "40000001"}'),
        tap.pdf_receipt(2, '{"employee": "Cid Orr", "amount": "3.00"}'))) ->> 'session_id' AS session \gset
SELECT is(tap.raised('ANNROE'), 'missing_all_receipts open 17.00', 'who handed in nothing has one issue, not one for each charge');
SELECT is(tap.raised('CIDORR'), 'orphan_receipts open 13.00, total_mismatch open 0.00',
    'receipts without a card have one issue, and their dollars are counted once');
SELECT unalike(tap.raised('BEAFOX'), '%missing_all_receipts%', 'who has a credit only needs no receipt');
SELECT ok(app.is_silent(i.session_id, i.cardholder_id, 'unmatched_charge'), 'the charges are silent') FROM tap.issue('missing_all_receipts') AS i;
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and it can be proved');
SET CONSTRAINTS ALL DEFERRED;
SELECT issue_id AS whole FROM tap.issue('missing_all_receipts') \gset

-- Decided by hand.
:as_processor
SELECT api.start_issue(:'whole', 1) \g /dev/null
SELECT is(tap.raised('ANNROE'), 'missing_all_receipts in_progress 17.00', 'work on it changes nothing');
SELECT api.resolve_issue(:'whole', 2, 'explained', 'Came by mail') \g /dev/null
SELECT is(tap.raised('ANNROE'), 'missing_all_receipts resolved 17.00, unmatched_charge open 7.00, unmatched_charge open 10.00',
    'when it is decided the charges are asked for');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and it can be proved that all are');
SET CONSTRAINTS ALL DEFERRED;
SELECT issue_id AS charge_issue, charge_id IS NOT NULL AS has_charge, description FROM tap.issue('unmatched_charge') \gset
SELECT is(:'has_charge'::boolean, true, 'an issue names its charge');
SELECT matches(:'description'::text, '^Without receipt: charge of \$(10|7)\.00 at GANTRY DOOR COMPAN on 2025-03-29$', 'in words too');
SELECT api.mark_false_positive(:'charge_issue', 1, 'Paid back') \g /dev/null
SELECT api.reopen_issue(:'whole', 3, 'It did not') \g /dev/null
SELECT matches(tap.raised('ANNROE'), '^missing_all_receipts open 17.00, unmatched_charge false_positive [0-9.]+$',
    'when it opens again they close, and what was decided on one stays');
SELECT is(tap.last_event(i.issue_id), 'auto_closed issue an issue about the person says it', 'with the cause')
FROM report.validation_issues AS i WHERE i.issue_type = 'unmatched_charge' AND i.state = 'auto_closed';
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and it can be proved');
SET CONSTRAINTS ALL DEFERRED;

:as_owner
SET LOCAL app.actor = 'deployment';
SELECT throws_ok($$UPDATE app.validation_issues SET state = 'open', resolved_at = NULL
    WHERE rule_code = 'unmatched_charge' AND state = 'auto_closed'; SET CONSTRAINTS ALL IMMEDIATE$$, 'RL001', NULL,
    'a silent one cannot be opened beside it');
SELECT throws_ok(format($$UPDATE app.validation_issues SET state = 'auto_closed', resolved_at = now() WHERE issue_id = %L;
    SET CONSTRAINTS ALL IMMEDIATE$$, :'whole'), 'RL001', NULL, 'nor can what is silent be left unsaid');

-- A waiver lets the whole be.
:as_processor
SELECT api.propose_waiver(:'whole', 4, 'receipt_lost', 'Lost', 20.00, (now() AT TIME ZONE 'UTC')::date) \g /dev/null
:as_reviewer
SELECT api.approve_waiver(:'whole', 5) \g /dev/null
SELECT matches(tap.raised('ANNROE'), '^missing_all_receipts waived 17.00, unmatched_charge false_positive [0-9.]+$', 'a waiver lets the parts be with the whole');

-- A receipt comes.
:as_processor
SET LOCAL app.reason = 'came by mail';
INSERT INTO api.current_transactions (employee_revision_id, external_transaction_id, transaction_date, amount, merchant_name,
    coding_type, gl_account, has_attachment)
SELECT e.revision_id, '40000009', '2025-03-29', 10.00, 'GANTRY DOOR COMPANY', 'gl_coding', '6120.100', true
FROM report.employee_revisions AS e WHERE e.employee_name = 'ANNROE';
SELECT matches(tap.raised('ANNROE'), 'total_mismatch open 7.00', 'a receipt that comes ends the silence');
SELECT is((SELECT i.state FROM report.validation_issues AS i WHERE i.issue_id = :'whole'), 'waived', 'the waived one is left as it was decided');
SELECT isnt((SELECT i.state FROM report.validation_issues AS i WHERE i.issue_type = 'unmatched_charge' AND i.amount_impact = 7.00), 'auto_closed',
    'and what is open is asked for, or was decided');

:as_tester
SELECT is(s.rule_code, NULL, 'what the old program looked at is never silent')
FROM (SELECT min(x.rule_code) AS rule_code FROM app.rule_silences AS x WHERE x.rule_code IN ('missing_coding_info', 'missing_receipt',
    'missing_all_receipts', 'total_mismatch', 'duplicate_transaction', 'invalid_amount')) AS s;
SELECT throws_ok($$INSERT INTO app.rule_silences VALUES ('missing_receipt', 'missing_all_receipts')$$, '23514', NULL, 'and cannot be made so');
SELECT is_empty($$SELECT s.rule_code FROM app.rule_silences AS s WHERE NOT EXISTS (SELECT FROM app.validation_rules AS r WHERE r.rule_code = s.rule_code)
    OR NOT EXISTS (SELECT FROM app.validation_rules AS r WHERE r.rule_code = s.silenced_by)$$, 'silences are of rules that there are');

-- A difference that was accepted settles the total.
:as_owner
SELECT tap.hand_in('other', tap.pdf_report('{}', tap.pdf_card('{"employee_id": "1003", "cardholder_name": "DANPOE", "card_number": "999999XXXXXX3333"}')),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"employee": "Dan Poe", "amount": "10.45", "transaction_id": "40000007"}'))) ->> 'session_id' AS other \gset
SELECT is(tap.raised('DANPOE'), 'amount_residual open 0.45, total_mismatch open 0.45', 'a difference is shown');
SELECT i.issue_id AS total_issue FROM report.validation_issues AS i WHERE i.session_id = :'other' AND i.issue_type = 'total_mismatch' \gset
SELECT o.charge_id, o.nearest_transaction_id, o.person_version FROM report.open_charges AS o WHERE o.session_id = :'other' \gset
:as_processor
SELECT api.decide_match('confirm', ARRAY[:'charge_id']::uuid[], ARRAY[:'nearest_transaction_id']::uuid[], :person_version,
    p_reason => 'Rounding at the till') \g /dev/null
SELECT is(tap.raised('DANPOE'), NULL, 'one decision closes both');
SELECT is(tap.last_event(:'total_issue'), 'auto_closed revision the difference is covered by what was accepted', 'and the total says why');
SELECT is((SELECT (e.status, e.validation_flags ->> 'total_mismatch', e.amount_difference)::text FROM report.employee_revisions AS e
    WHERE e.session_id = :'other'), '(finished,false,-0.45)', 'the person is finished, the totals stay as printed');
SELECT api.decide_match('undo', ARRAY[:'charge_id']::uuid[], ARRAY[:'nearest_transaction_id']::uuid[],
    (SELECT e.version FROM report.employee_revisions AS e WHERE e.session_id = :'other'), 'Not ours') \g /dev/null
SELECT is(tap.raised('DANPOE'), 'amount_residual open 0.45, total_mismatch open 0.45', 'taken back both are open again');
SELECT api.reopen_issue(i.issue_id, i.version, 'Not paid back') FROM report.validation_issues AS i
WHERE i.issue_type = 'unmatched_charge' AND i.state = 'false_positive' \g /dev/null
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
