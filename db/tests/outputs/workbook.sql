-- Sheets of the workbook: amounts once, what is open once, decisions beside the content, people in order.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/pdfs.psql
SELECT plan(14);

:as_owner
SELECT tap.hand_in('month', tap.pdf_report('{}', tap.pdf_card('{}', tap.pdf_charge(), tap.pdf_charge('{"merchant": "QUARRY"}',
        tap.pdf_line('{"gross": "70.00", "net": "70.00"}')))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"amount": "60.00", "merchant_name": "QUARRY"}'),
        tap.pdf_receipt(2, '{"amount": "7.50", "merchant_name": "QUARRY"}'))) ->> 'session_id' AS session \gset
SELECT m.charge_id AS charge FROM report.charges AS m WHERE m.net_amount = 70 \gset
SELECT array_agg(t.transaction_id ORDER BY t.external_transaction_id) AS receipts FROM report.transactions AS t \gset
SELECT e.version FROM report.employee_revisions AS e \gset
:as_processor
SELECT api.decide_match('split', ARRAY[:'charge', :'charge']::uuid[], :'receipts'::uuid[], :version, 'one trip',
    ARRAY[60.00, 7.50]) IS NOT NULL AS decided \gset
:as_tester
SELECT results_eq($$SELECT l.charge_amount, l.receipt_amount, l.matched_amount, l.open_charge_amount, l.open_receipt_amount
        FROM report.workbook_lines AS l WHERE l.charge_id IS NOT NULL AND l.transaction_id IS NOT NULL ORDER BY l.line_number$$,
    $$VALUES (70.00, 60.00, 60.00, 2.50, NULL::numeric), (NULL, 7.50, 7.50, NULL, NULL)$$,
    'a charge of two receipts stands in two rows, its amount and what is open of it in one');
SELECT results_eq($$SELECT l.charge_amount, l.transaction_id, l.open_charge_amount FROM report.workbook_lines AS l
        WHERE l.pass IS NULL$$, $$VALUES (10.00, NULL::uuid, 10.00)$$, 'one without a receipt stands alone');
SELECT results_eq($$SELECT sum(l.charge_amount), sum(l.receipt_amount), sum(l.open_charge_amount),
        sum(l.open_receipt_amount) FROM report.workbook_lines AS l$$,
    $$SELECT b.car_total, b.receipt_total, b.open_charge_amount, NULL::numeric FROM report.session_bridge AS b$$,
    'the columns add up to the totals and the bridge');
SELECT results_eq($$SELECT w.car_total, w.receipt_total, w.missing_amount, w.receipt_count, w.flags, w.decision
        FROM report.workbook_summary AS w$$, $$VALUES (80.00, 67.50, 12.50, 2, 'total_mismatch', NULL)$$,
    'the summary shows the content');
SELECT is_empty('SELECT FROM report.workbook_issues', 'a receipt with code and attachment is in no other sheet');
:as_processor
SELECT i.issue_id AS issue, i.version FROM report.validation_issues AS i WHERE i.issue_type = 'total_mismatch' \gset
SELECT api.resolve_issue(:'issue', :version, 'explained', 'a tip') IS NOT NULL AS resolved \gset
:as_tester
SELECT results_eq('SELECT w.flags, w.decision FROM report.workbook_summary AS w',
    $$VALUES ('total_mismatch', 'total_mismatch: 1 resolved by pat')$$, 'a decision stands beside the flag, which stays');
SELECT results_eq($$SELECT b.employee_name, b.unexplained, b.is_clean, length(b.content_hash) FROM report.workbook_bridge AS b$$,
    $$SELECT e.employee_name, 0.00, false, 64 FROM report.employee_revisions AS e$$, 'the bridge of each person is there');

-- People as in the report, then who has receipts only; what each receipt lacks; who has none.
:as_owner
SELECT tap.hand_in('open', tap.pdf_report('{}', tap.pdf_card('{"employee_id": "2", "cardholder_name": "ZOEROE", "card_number": "999999XXXXXX2222"}', tap.pdf_charge('{"merchant": "QUARRY"}')),
        tap.pdf_card('{"employee_id": "3", "cardholder_name": "BOBROE", "card_number": "999999XXXXXX3333", "pages": [2]}', tap.pdf_charge('{"page": 2, "number": "000000002"}', tap.pdf_line('{"page": 2}')))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"employee": "Cyd Roe", "amount": "5.00"}'),
        tap.pdf_receipt(2, '{"employee": "Zoe Roe", "amount": "90.00", "merchant_name": "ELSEWHERE", "coding_type": null, "gl_account": null, "gl_description": null, "coded": false}'),
        tap.pdf_receipt(3, '{"employee": "Zoe Roe", "amount": "91.00", "merchant_name": "ELSEWHERE", "attachments": [], "has_attachment": false}'),
        tap.pdf_receipt(4, '{"employee": "Zoe Roe", "amount": "92.00", "merchant_name": "ELSEWHERE", "coding_type": null, "gl_account": null, "gl_description": null, "coded": false, "attachments": [], "has_attachment": false}'),
        tap.pdf_receipt(5, '{"employee": "Zoe Roe", "amount": "11.00", "merchant_name": "QUARRY"}'))) ->> 'session_id' AS open \gset
:as_tester
SELECT results_eq(format('SELECT w.employee_name, w.flags FROM report.workbook_summary AS w WHERE w.session_id = %L ORDER BY w.place', :'open'),
    $$VALUES ('ZOEROE', 'missing_coding_info, missing_receipt, total_mismatch'), ('BOBROE', 'missing_all_receipts'), ('CYDROE', 'total_mismatch')$$,
    'people are in the order of the report, then who has receipts only');
SELECT results_eq(format('SELECT i.employee_name, i.external_id, i.status FROM (SELECT w.*, t.external_transaction_id AS external_id
        FROM report.workbook_issues AS w LEFT JOIN report.transactions AS t ON t.transaction_id = w.transaction_id) AS i
        WHERE i.session_id = %L ORDER BY i.line_number', :'open'),
    $$VALUES ('ZOEROE', '40000002', 'Missing Coding'), ('ZOEROE', '40000003', 'Missing Attachment'),
        ('ZOEROE', '40000004', 'Missing Coding, Missing Attachment'), ('BOBROE', NULL, 'Missing All Receipts')$$,
    'what each receipt lacks, and who has none');
SELECT results_eq(format('SELECT l.charge_amount, l.nearest_miss, l.failed_gate IS NOT NULL FROM report.workbook_lines AS l
        WHERE l.session_id = %L AND l.employee_name = ''ZOEROE'' AND l.charge_id IS NOT NULL AND l.pass IS NULL', :'open'),
    $$VALUES (10.00, 'receipt 40000005 of $11.00 from QUARRY on 2025-03-29: difference -1.00, 0 day(s) apart', true)$$,
    'a charge without receipt says what came nearest');
SELECT set_has(format('SELECT p.subject, p.name, p.value FROM report.workbook_proof AS p WHERE p.session_id = %L', :'open'),
    $$SELECT 'session' AS subject, 'receipt total' AS name, '289.00' AS value UNION ALL SELECT 'session', 'card total', '20.00'
    UNION ALL SELECT 'source', d.kind || ' ' || d.file_name, d.sha256 FROM report.documents AS d $$ || format('WHERE d.session_id = %L', :'open'),
    'the proof has totals and sources');

-- What comes back from the workbook for coding.
SELECT is(app.wished_coding('{"purpose": "Clear "}', jsonb_populate_record(NULL::app.receipt_contents, '{"purpose": "Clear"}')), '{}',
    'what the receipt says is no wish, whatever word it is');
SELECT is(app.wished_coding('{"purpose": "CLEAR"}', jsonb_populate_record(NULL::app.receipt_contents, '{"purpose": "Clear"}')),
    '{"purpose": null}', 'in other capitals it takes the value away');
SELECT is(app.wished_coding('{"coding_type": "clear", "gl_account": "6120.100"}', jsonb_populate_record(NULL::app.receipt_contents,
    '{"coding_type": "gl_coding", "gl_account": "6120.100"}')), '{"coding_type": null, "gl_account": null}', 'the whole coding goes as one');
SELECT * FROM finish();
ROLLBACK;
