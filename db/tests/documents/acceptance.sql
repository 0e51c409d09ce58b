-- What was read becomes people, cards, charges, receipts and a ledger; what does not tie is said.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/pdfs.psql
SELECT plan(26);

:as_owner
-- Two cards of one person, a namesake with another number, a name in the receipts that fits both.
SELECT tap.hand_in('people', tap.pdf_report('{}',
        tap.pdf_card('{}', tap.pdf_charge('{}', tap.pdf_line('{"gross": "10.50", "discount": "0.50", "ppu": "10.50000"}'))),
        tap.pdf_card('{"card_number": "999999XXXXXX2222", "pages": [2]}', tap.pdf_charge('{"page": 2}'), tap.pdf_charge('{"page": 2}')),
        tap.pdf_card('{"cardholder_name": "BEAPOE", "employee_id": "7", "pages": [3]}', tap.pdf_charge('{"page": 3}')),
        tap.pdf_card('{"cardholder_name": "BEAPOE", "employee_id": "8", "card_number": "999999XXXXXX3333", "pages": [4]}',
            tap.pdf_charge('{"page": 4}'))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1), tap.pdf_receipt(2, '{"employee": "Ánn R''oe", "amount": "20.00"}'),
        tap.pdf_receipt(3, '{"employee": "Bea Poe"}'))) AS answer \gset
SELECT is(:'answer'::jsonb ->> 'outcome', 'accepted', 'two documents are accepted');
\set session :answer
SELECT :'answer'::jsonb ->> 'session_id' AS session \gset
SELECT results_eq(format('SELECT e.employee_name, e.employee_id, e.car_total, e.receipt_total, e.car_page_range,
        e.receipt_page_range, e.status FROM report.employee_revisions AS e WHERE e.session_id = %L ORDER BY 1, 2', :'session'),
    $$VALUES ('ANNROE', '1001', 30.00, 30.00, '{1,2}'::integer[], '{1,2}'::integer[], 'unfinished'),
        ('BEAPOE', '7', 10.00, 0.00, '{3}', '{}', 'unfinished'), ('BEAPOE', '8', 10.00, 0.00, '{4}', '{}', 'unfinished'),
        ('BEAPOE', NULL, 0.00, 10.00, '{}', '{3}', 'unfinished')$$,
    'cards come together, namesakes stay apart, receipts of a name that fits both stay open; three charges alike make no sum');
SELECT results_eq(format('SELECT c.employee_name, c.card_number, c.charges, c.gross_amount, c.discount_amount, c.net_amount
        FROM report.cards AS c WHERE c.session_id = %L ORDER BY 1, 2 LIMIT 2', :'session'),
    $$VALUES ('ANNROE', '999999XXXXXX1193', 1::bigint, 10.50, 0.50, 10.00), ('ANNROE', '999999XXXXXX2222', 2, 20.00, 0.00, 20.00)$$,
    'each card has its own totals, the person''s is the sum of net');
SELECT results_eq(format('SELECT i.employee_name, i.amount_impact FROM report.validation_issues AS i
        WHERE i.session_id = %L AND i.issue_type = %L', :'session', 'unresolved_identity'),
    $$VALUES ('BEAPOE', 10.00)$$, 'and the open receipts are said');
SELECT results_eq(format('SELECT p.kind, p.page_number, p.status, p.employee_id, p.reason FROM report.document_pages AS p
        WHERE p.session_id = %L ORDER BY 1, 2', :'session'),
    $$VALUES ('car_pdf', 1, 'used', '1001', NULL), ('car_pdf', 2, 'used', '1001', NULL), ('car_pdf', 3, 'used', '7', NULL),
        ('car_pdf', 4, 'used', '8', NULL), ('car_pdf', 5, 'skipped', NULL, 'summary'), ('receipt_pdf', 1, 'used', '1001', NULL),
        ('receipt_pdf', 2, 'used', '1001', NULL), ('receipt_pdf', 3, 'used', NULL, NULL)$$, 'every page is accounted for');
SELECT is_empty(format('SELECT * FROM report.document_notices AS n WHERE n.session_id = %L', :'session'), 'everything ties');
SELECT is((SELECT count(DISTINCT x.natural_key)::integer FROM app.charges AS x
    WHERE x.session_id = :'session' AND x.natural_key LIKE '2222%'), 2, 'two rows that are alike are two charges');
SELECT is(tap.upload('people') ->> 'outcome', 'unchanged', 'the same files once more change nothing');

-- What does not tie; that Report Totals are among it asks for a person otherwise.
UPDATE app.settings SET value = 0 WHERE setting_name = 'control_report_totals';
SELECT tap.hand_in('totals', tap.pdf_report(jsonb_build_object('report_totals',
            jsonb_build_array(tap.pdf_totals('99.00', '0.00', '40.00', 2))),
        tap.pdf_card(jsonb_build_object('totals', jsonb_build_array(tap.pdf_totals('50.00', '0.00', '50.00'))),
            tap.pdf_charge(jsonb_build_object('totals', tap.pdf_totals('10.00', '0.00', '11.00'))),
            tap.pdf_charge('{}', tap.pdf_line('{"net": "9.00"}')),
            tap.pdf_charge('{}', tap.pdf_line('{"quantity": "2.00"}')),
            tap.pdf_charge('{}', tap.pdf_line('{"quantity": "0.00"}'), tap.pdf_line('{"net": "1.00", "gross": "1.00", "ppu": "0.33333", "quantity": "3.00"}')))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1))) ->> 'session_id' AS totals \gset
SELECT results_eq(format('SELECT n.code, n.page_number, n.printed_amount, n.found_amount FROM report.document_notices AS n
        WHERE n.session_id = %L ORDER BY n.code, n.printed_amount, n.found_amount', :'totals'),
    $$VALUES ('card_total', 1, 50.00, 40.00), ('card_total', 1, 50.00, 41.00), ('line_gross', 1, 10.00, 20.00),
        ('line_net', 1, 9.00, 10.00), ('report_total', 2, 99.00, 41.00), ('transaction_total', 1, 11.00, 10.00)$$,
    'each total that does not tie is a notice with page and both amounts');
SELECT is((SELECT e.car_total FROM report.employee_revisions AS e WHERE e.session_id = :'totals'), 40.00,
    'the lines count, not what is printed');
SELECT results_eq(format('SELECT i.amount_impact, i.blocks FROM report.validation_issues AS i
        WHERE i.session_id = %L AND i.issue_type = %L', :'totals', 'control_total'),
    $$VALUES (10.00, true)$$, 'a card total that does not tie is an issue too, and blocks');

-- What cannot be read.
SELECT tap.hand_in('unread', tap.pdf_report('{}',
        tap.pdf_card(jsonb_build_object('totals', jsonb_build_array(tap.pdf_totals('10.00', '0.00', '5.00'))),
            tap.pdf_charge('{"posted_date": "1925-01-01"}', tap.pdf_line(jsonb_build_object('net', NULL,
                'problems', '[{"field": "net", "raw": "$1x", "reason": "not an amount", "page": 1, "line": 9}]'::jsonb))))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, jsonb_build_object('amount', NULL, 'date', '2999-01-01', 'transaction_id', NULL,
        'problems', '[{"field": "amount", "raw": "n/a", "reason": "not an amount", "page": 1, "line": 9}]'::jsonb)),
        tap.pdf_receipt(2, '{"amount": "-0.01", "purpose": "card 4111111111111111"}'))) ->> 'session_id' AS unread \gset
SELECT results_eq(format('SELECT e.car_total, e.receipt_total FROM report.employee_revisions AS e WHERE e.session_id = %L',
    :'unread'), $$VALUES (NULL::numeric(14, 2), -0.01)$$, 'an amount that cannot be read makes the card total unknown');
SELECT results_eq(format('SELECT t.amount, t.amount_text, t.transaction_date, t.date_text, t.natural_key, t.transaction_type
        FROM report.transactions AS t WHERE t.session_id = %L ORDER BY t.position', :'unread'),
    $$VALUES (NULL::numeric(14, 2), 'n/a', NULL::date, '2999-01-01', 'no id: 2999-01-01, n/a, GANTRY DOOR COMPANY', 'expense'),
        (-0.01, NULL, '2025-03-29', NULL, '40000002', 'refund')$$, 'values stay as they were written, never 0');
SELECT is((SELECT t.purpose FROM report.transactions AS t WHERE t.session_id = :'unread' AND t.page_number = 2),
    'card 411111XXXXXX1111', 'card numbers in free text are cut');
SELECT is((SELECT x.unread_fields #>> '{0,raw}' FROM app.charges AS x
    WHERE x.session_id = :'unread'), '$1x',
    'a charge keeps what could not be read');
SELECT set_eq(format('SELECT i.issue_type FROM report.validation_issues AS i WHERE i.session_id = %L AND i.issue_type LIKE %L',
    :'unread', 'invalid%'), ARRAY['invalid_amount', 'invalid_date'], 'each with its issue');
SELECT is_empty(format('SELECT * FROM report.document_notices AS n WHERE n.session_id = %L', :'unread'),
    'what cannot be read is not compared');

-- A page that cannot be used, and rows of another form: nothing is taken.
SELECT tap.hand_in('page', tap.pdf_report(jsonb_build_object('page_count', 1, 'pages', jsonb_build_array(jsonb_build_object(
        'page', 1, 'status', 'unread', 'row', NULL, 'reason', 'no person', 'text', '', 'loose', '[]'::jsonb))), tap.pdf_card()),
    tap.pdf_receipts('{}', tap.pdf_receipt(1))) AS page \gset
SELECT is(:'page'::jsonb ->> 'code', 'unaccounted_page', 'a page that is neither used nor skipped stops the acceptance');
SELECT is((SELECT s.failure_reason FROM report.sessions AS s ORDER BY s.created_at DESC, s.session_id DESC LIMIT 1),
    'car.pdf: a page is neither used nor skipped with a reason: got page 1: no person', 'and the session says which');
SELECT is((SELECT count(*)::integer FROM app.session_employees AS e
    JOIN app.processing_sessions AS s USING (session_id) WHERE s.status = 'failed'), 0, 'nothing of it is stored');
SELECT is(tap.hand_in('missing', tap.pdf_report('{"page_count": 3}', tap.pdf_card()),
    tap.pdf_receipts('{}', tap.pdf_receipt(1))) ->> 'detail', 'got first wrong: ledger', 'a page nobody speaks of too');
SELECT is(tap.hand_in('amount', tap.pdf_report('{}', tap.pdf_card('{}', tap.pdf_charge('{}', tap.pdf_line('{"net": "1e5"}')))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1))) ->> 'detail', 'got first wrong: line', 'an amount has another form');
SELECT is(tap.hand_in('text', tap.pdf_report('{}', tap.pdf_card()),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, jsonb_build_object('title', repeat('x', 100001))))) ->> 'detail',
    'got first wrong: receipt', 'a text is too long');
SELECT is(tap.hand_in('number', tap.pdf_report('{}', tap.pdf_card('{"card_number": "9999999999991193"}')),
    tap.pdf_receipts('{}', tap.pdf_receipt(1))) ->> 'detail', 'got first wrong: card', 'a card number is not masked');
SELECT is(tap.hand_in('type', tap.pdf_report('{}', tap.pdf_card()),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"attachments": [1]}'))) ->> 'detail', 'got first wrong: attachment', 'a name is no number');
SELECT is(tap.hand_in('bare', '{}', '[]') ->> 'code', 'invalid_rows', 'nothing at all');
SELECT * FROM finish();
ROLLBACK;
