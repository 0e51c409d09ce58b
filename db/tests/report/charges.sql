-- What the bank charged, as report writers see it, and what differs between two submissions.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/alone.psql
SELECT plan(18);

CREATE FUNCTION tap.line(p_net text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT tap.pdf_line(jsonb_build_object('gross', coalesce(p_net, '4.00'), 'net', p_net, 'problems', CASE WHEN p_net IS NULL
        THEN '[{"field": "net", "raw": "$1x", "reason": "not an amount", "page": 1, "line": 9}]' ELSE '[]' END::jsonb));
END;

CREATE FUNCTION tap.unread(p_page integer) RETURNS jsonb
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT tap.pdf_receipt(p_page, '{"amount": null, "problems": [{"field": "amount", "raw": "n/a", "reason": "not an amount",
        "page": 1, "line": 9}]}');
END;

:as_owner
SELECT tap.hand_in('first', tap.pdf_report('{}',
        tap.pdf_card('{}', tap.pdf_charge('{"number": "000000001"}', tap.line('10.00'), tap.line('2.50')),
            tap.pdf_charge('{"number": "000000002"}', tap.line('20.00')),
            tap.pdf_charge('{"number": "000000003", "merchant": "GRAVEL PIT"}', tap.line('30.00')),
            tap.pdf_charge('{"number": "000000004"}', tap.line(NULL))),
        tap.pdf_card('{"cardholder_name": "BEAPOE", "employee_id": "7", "card_number": "999999XXXXXX2222", "pages": [2]}',
            tap.pdf_charge('{"page": 2}'))),
    tap.pdf_receipts('{}', tap.unread(1))) ->> 'session_id' AS first \gset
SELECT s.session_id AS second FROM api.create_session('Second', :'first') AS s \gset
SELECT tap.hand_in('second', tap.pdf_report('{}',
        tap.pdf_card('{}', tap.pdf_charge('{"number": "000000001"}', tap.line('10.00'), tap.line('2.50')),
            tap.pdf_charge('{"number": "000000002"}', tap.line('18.01'), tap.line('2.00')),
            tap.pdf_charge('{"number": "000000004", "city": "LAKE ARDEN"}', tap.line('4.00')),
            tap.pdf_charge('{"number": "000000005", "merchant": "GRAVEL PIT"}', tap.line('-5.00')),
            tap.pdf_charge('{"number": "000000006"}', tap.line(NULL)))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"amount": "1.00"}'), tap.unread(2)), :'second')
    ->> 'outcome' AS outcome \gset
:as_tester

SELECT results_eq(format('SELECT c.employee_name, c.card_number, c.transaction_number, c.net_amount FROM report.charges AS c
        WHERE c.session_id = %L ORDER BY c.position', :'first'),
    $$VALUES ('ANNROE', '999999XXXXXX1193', '000000001', 12.50), ('ANNROE', '999999XXXXXX1193', '000000002', 20.00),
        ('ANNROE', '999999XXXXXX1193', '000000003', 30.00), ('ANNROE', '999999XXXXXX1193', '000000004', NULL),
        ('BEAPOE', '999999XXXXXX2222', '000000001', 10.00)$$, 'every charge with its person and card, an unread amount is none');
SELECT is((SELECT array_agg(l.net_amount ORDER BY l.line_number) FROM report.charge_lines AS l
    JOIN report.charges AS c ON c.charge_id = l.charge_id WHERE c.session_id = :'first' AND c.net_amount = 12.50),
    '{10.00,2.50}', 'and its lines');
SELECT set_eq($$SELECT h.employee_name, h.employee_id, h.card_numbers, h.aliases, h.sessions FROM report.cardholders AS h$$,
    $$VALUES ('ANNROE', '1001', '{999999XXXXXX1193}'::text[], '{}'::text[], 2::bigint), ('BEAPOE', '7', '{999999XXXXXX2222}', '{}', 1)$$,
    'people over all sessions, with their cards');
:as_processor
SELECT api.approve_alias('Anna B. Roe', 'ANNROE', 'Her middle name') AS alias \gset
:as_tester
SELECT is((SELECT h.aliases FROM report.cardholders AS h WHERE h.employee_name = 'ANNROE'), '{ANNABROE}', 'and the names receipts use');

CREATE TEMP TABLE compared AS SELECT d.* FROM report.compare_sessions(:'first', :'second') AS d;
SELECT results_eq($$SELECT c.change, right(c.natural_key, 1), c.field, c.old_value, c.new_value, c.old_amount, c.new_amount, c.difference
        FROM pg_temp.compared AS c WHERE c.kind = 'charge' AND c.employee_name = 'ANNROE' AND c.change <> 'changed' ORDER BY 2$$,
    $$VALUES ('removed', '3', 'net_amount', '30.00', NULL, 30.00, NULL, -30.00), ('added', '5', 'net_amount', NULL, '-5.00', NULL, -5.00, -5.00),
        ('added', '6', 'net_amount', NULL, NULL, NULL, NULL, NULL::numeric)$$,
    'charges on one side show their amount, an unknown one too');
SELECT results_eq($$SELECT right(c.natural_key, 1), c.field, c.old_value, c.new_value, c.old_amount, c.new_amount, c.difference
        FROM pg_temp.compared AS c WHERE c.kind = 'charge' AND c.change = 'changed' AND c.field IN ('net_amount', 'city') ORDER BY 1, 2$$,
    $$VALUES ('2', 'net_amount', '20.00', '20.01', 20.00, 20.01, 0.01), ('4', 'city', 'PORT MARLIN', 'LAKE ARDEN', NULL, NULL, NULL),
        ('4', 'net_amount', NULL, '4.00', NULL, 4.00, NULL::numeric)$$,
    'a changed one each field, to the cent; what was unknown is not taken for nothing');
SELECT is((SELECT count(*) FROM pg_temp.compared AS c WHERE c.kind = 'charge' AND right(c.natural_key, 1) = '1' AND c.employee_name = 'ANNROE'),
    0::bigint, 'one that is alike is not listed');
SELECT results_eq($$SELECT right(c.natural_key, 1), c.change, c.field, c.old_amount, c.new_amount, c.difference
        FROM pg_temp.compared AS c WHERE c.kind = 'charge_line' ORDER BY 1, 3$$,
    $$VALUES ('2', 'changed', 'line 1 gross_amount', 20.00, 18.01, -1.99), ('2', 'changed', 'line 1 net_amount', 20.00, 18.01, -1.99),
        ('2', 'added', 'line 2 net_amount', NULL, 2.00, 2.00),
        ('4', 'changed', 'line 1 net_amount', NULL, 4.00, NULL::numeric)$$,
    'lines are compared in charges that both have, field by field');
SELECT is((SELECT concat_ws(' ', c.change, c.old_amount, c.difference) FROM pg_temp.compared AS c
    WHERE c.kind = 'charge' AND c.employee_name = 'BEAPOE'), 'removed 10.00 -10.00', 'the charges of somebody who is gone are');
SELECT results_eq($$SELECT c.change, c.old_amount, c.new_amount, c.difference FROM pg_temp.compared AS c
        WHERE c.kind = 'transaction' AND c.field = 'amount' ORDER BY c.natural_key$$,
    $$VALUES ('changed', NULL::numeric, 1.00, NULL::numeric), ('added', NULL, NULL, NULL)$$,
    'so it is with receipts: an added one of unknown amount is listed');
SELECT is((SELECT concat_ws(' ', coalesce(c.old_amount::text, '-'), coalesce(c.new_amount::text, '-'), coalesce(c.difference::text, '-'))
    FROM pg_temp.compared AS c WHERE c.kind = 'person' AND c.field = 'receipt_total' AND c.employee_name = 'ANNROE'), '0.00 1.00 1.00',
    'totals of people are amounts');
SELECT is((SELECT array_agg(DISTINCT c.kind) FROM pg_temp.compared AS c WHERE c.field ~ '_(date|name)$|^(city|status|purpose)$'
    AND (c.old_amount IS NOT NULL OR c.new_amount IS NOT NULL OR c.difference IS NOT NULL)), NULL, 'what is no amount has none');
SELECT is((SELECT string_agg(k.kind, ' ' ORDER BY k.place) FROM (
    SELECT d.kind, min(d.place) AS place FROM report.compare_sessions(:'first', :'second') WITH ORDINALITY
        AS d (kind, change, cardholder_id, employee_name, employee_id, natural_key, field, old_value, new_value, old_amount,
            new_amount, difference, place) GROUP BY d.kind) AS k), 'summary person charge charge_line transaction',
    'summary, people, charges and their lines, receipts, in this order');
SELECT is_empty(format('SELECT d.* FROM report.compare_sessions(%L, %L) AS d WHERE d.kind <> %L', :'first', :'first', 'summary'),
    'a session differs from itself in nothing');

SELECT e.revision_id AS before FROM report.employee_revisions AS e WHERE e.session_id = :'second' AND e.employee_name = 'ANNROE' \gset
:as_processor
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions AS t SET amount = 3.00 WHERE t.session_id = :'second' AND t.external_transaction_id = '40000001';
:as_tester
SELECT e.revision_id AS after FROM report.employee_revisions AS e WHERE e.session_id = :'second' AND e.employee_name = 'ANNROE' \gset
SELECT results_eq(format('SELECT d.kind, d.field, d.old_amount, d.new_amount, d.difference FROM report.compare_revisions(%L, %L) AS d
        WHERE d.kind IN (%L, %L)', :'before', :'after', 'charge', 'transaction'),
    $$VALUES ('transaction', 'amount', 1.00, 3.00, 2.00)$$, 'a correction of a receipt changes no charge');
SELECT is((SELECT count(*) FROM report.compare_revisions(NULL, :'after') AS d WHERE d.kind = 'charge' AND d.change = 'added'), 5::bigint,
    'beside nothing all charges are added');
SELECT is((SELECT sum(d.difference) FROM report.compare_revisions(:'after', NULL) AS d WHERE d.kind = 'charge'), -31.51,
    'and without a new one all known ones are taken away');
:as_processor
SELECT tap.import_activity('{"ROWJOAN": {"employee_id": "9", "receipts": {"null": [{"rec_id": "9", "date": "03/15/2025"}]}}}')
    ->> 'session_id' AS silent \gset
:as_tester
SELECT is((SELECT concat_ws(' ', d.change, d.field, coalesce(d.new_value, 'nothing')) FROM report.employee_revisions AS e
    CROSS JOIN LATERAL report.compare_revisions(NULL, e.revision_id) AS d
    WHERE e.session_id = :'silent' AND d.kind = 'transaction'), 'added amount nothing', 'a receipt that says no amount is listed, too');
SELECT * FROM finish();
ROLLBACK;
