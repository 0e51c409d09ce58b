-- What a later proof needs of two PDFs stays with their source: whatever is corrected, kept for how long, or gone back to.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/pdfs.psql
SELECT plan(7);

\set as_worker 'SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_worker; SET LOCAL app.actor = ''worker'';'
-- A card printed whole with two total lines, a masked one without any, one nobody said it of.
:as_owner
SELECT tap.hand_in('facts', tap.pdf_report('{}',
        tap.pdf_card(jsonb_build_object('printed_masked', false, 'totals', jsonb_build_array(
            tap.pdf_totals('10.00', '0.00', '10.00'), tap.pdf_totals('10.00', '0.00', '10.00'))), tap.pdf_charge('{}')),
        tap.pdf_card('{"card_number": "999999XXXXXX2222", "pages": [2]}', tap.pdf_charge('{"page": 2}')),
        tap.pdf_card('{"card_number": "999999XXXXXX3333", "pages": [3]}', tap.pdf_charge('{"page": 3}')) - 'printed_masked'),
    tap.pdf_receipts('{}',
        tap.pdf_receipt(1, jsonb_build_object('printed_address', E'918 Foundry Ln\n70123 Port Marlin',
            'printed_merchant_address', E'2000 OLD\nMILL RD', 'attachments', '["a, b.pdf", "c.pdf"]'::jsonb, 'notes', 3)),
        tap.pdf_receipt(2, '{"printed_address": "918 Foundry Ln", "attachments": [], "has_attachment": false, "notes": null}')))
    ->> 'session_id' AS session \gset
SELECT results_eq(format('SELECT k.card_number, k.is_printed_masked, k.total_lines FROM report.cards AS k WHERE k.session_id = %L
        ORDER BY 1', :'session'),
    $$VALUES ('999999XXXXXX1193', false, 2), ('999999XXXXXX2222', true, 0), ('999999XXXXXX3333', NULL, 0)$$,
    'a card keeps whether it is printed masked and how many total lines it has');
\set facts 'SELECT t.printed_address, t.printed_merchant_address, t.printed_attachments, t.printed_notes FROM report.transactions AS t WHERE t.session_id = %L ORDER BY t.position'
SELECT $$VALUES (E'918 Foundry Ln\n70123 Port Marlin', E'2000 OLD\nMILL RD', 2, 3), ('918 Foundry Ln', NULL::text, 0, NULL::integer)$$ AS expected \gset
SELECT results_eq(format(:'facts', :'session'), :'expected', 'a receipt keeps the lines of its addresses, its files and notes');
SELECT count(*) AS done FROM api.correct_transactions(:'session', (SELECT jsonb_agg(jsonb_build_object(
        'transaction_id', t.transaction_id, 'employee_revision_id', t.employee_revision_id, 'changes',
        '{"merchant_address": "elsewhere", "has_attachment": true, "attachment_name": "d.pdf", "purpose": "y"}'::jsonb))
    FROM report.transactions AS t WHERE t.session_id = :'session'), 'read again') \gset
SELECT results_eq(format(:'facts', :'session'), :'expected', 'also when the receipt is corrected');
SELECT is((SELECT count(*) FROM report.transactions AS t WHERE t.session_id = :'session' AND t.merchant_address = 'elsewhere'),
    2::bigint, 'which was done');
:as_owner
SELECT is(app.remove_expired('2999-01-01'), 2, 'retention takes the files');
SELECT results_eq(format(:'facts', :'session'), :'expected', 'and leaves what they printed');
SELECT s.status FROM report.processing_sessions AS o, api.cancel_session(o.session_id, o.version) AS s WHERE o.session_id = :'session' \gset
SELECT results_eq(format('SELECT k.is_printed_masked, k.total_lines FROM report.cards AS k WHERE k.session_id = %L ORDER BY k.card_number',
    (SELECT s.session_id FROM api.restore_session(:'session', NULL, 'again', 'back to it') AS s)),
    $$VALUES (false, 2), (true, 0), (NULL, 0)$$, 'going back to a session takes it along');
SELECT * FROM finish();
ROLLBACK;
