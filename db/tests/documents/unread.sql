-- What a reader could not read is never zero, never silently taken, and never finishes a person.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/pdfs.psql
SELECT plan(23);

CREATE FUNCTION tap.unread(p_field text, p_raw text, p_reason text DEFAULT 'not as expected') RETURNS jsonb
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT jsonb_build_object('problems', jsonb_build_array(jsonb_build_object(
        'field', p_field, 'raw', p_raw, 'reason', p_reason, 'page', 1, 'line', 9)));
END;

-- A report of one card and its only receipt, which covers the usual charge of 10.00.
CREATE FUNCTION tap.month(p_seed text, p_card jsonb, p_receipt jsonb DEFAULT '{}', p_report jsonb DEFAULT '{}') RETURNS uuid
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT (tap.hand_in(p_seed, tap.pdf_report(p_report, p_card), tap.pdf_receipts('{}', tap.pdf_receipt(1, p_receipt)))
        ->> 'session_id')::uuid;
END;

CREATE FUNCTION tap.said_of(p_session uuid) RETURNS TABLE (issue text, subject text, blocks boolean)
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT i.rule_code, i.subject_key, i.blocks FROM app.validation_issues AS i
    WHERE i.session_id = p_session AND i.is_open AND i.rule_code IN ('invalid_amount', 'control_total', 'unread_value')
    ORDER BY 1, 2;
END;

-- Volatile: the session may be made in the argument.
CREATE FUNCTION tap.person_of(p_session uuid) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT coalesce(e.car_total::text, 'unknown') || ' ' || e.status FROM report.employee_revisions AS e WHERE e.session_id = p_session;
END;

:as_owner
-- A card without a charge.
SELECT is(tap.person_of(tap.month('zero', tap.pdf_card(jsonb_build_object('charges', '[]'::jsonb,
        'totals', jsonb_build_array(tap.pdf_totals('0.00', '0.00', '0.00')))), '{"amount": "0.00"}')),
    '0.00 finished', 'no row and a total of 0.00 are a known zero');
SELECT tap.month('bare', tap.pdf_card('{"charges": [], "problems": [{"field": "charges", "raw": null,
    "reason": "no charge and no total of this card can be read", "page": 1, "line": null}]}'), '{"amount": "0.00"}') AS bare \gset
SELECT is(tap.person_of(:'bare'), 'unknown unfinished', 'without that total nothing is known');
SELECT results_eq(format('SELECT * FROM tap.said_of(%L)', :'bare'), $$VALUES ('invalid_amount', '', true)$$,
    'which is said once, and blocks');
SELECT is(tap.person_of(tap.month('fifty', tap.pdf_card(jsonb_build_object('charges', '[]'::jsonb,
        'totals', jsonb_build_array(tap.pdf_totals('50.00', '0.00', '50.00')))), '{"amount": "50.00"}')),
    'unknown unfinished', 'a printed total of 50.00 without rows is not taken');

-- A text that belongs to no label may be anything.
SELECT is(tap.person_of(tap.month('text', tap.pdf_card('{}'), '{"purpose": null}' || tap.unread('text', 'Small tools', 'belongs to no label'))),
    '10.00 unfinished', 'a text of a receipt that was not taken finishes nobody');

-- A product line, and a charge without one.
SELECT tap.month('line', tap.pdf_card('{}', tap.pdf_charge('{}', tap.pdf_line('{"gross": null, "net": null}'
        || tap.unread('net', '($12.34)')), tap.pdf_line('{"ppu": "1.00000", "gross": "1.00", "net": "1.00"}'))),
    '{"amount": "1.00"}') AS line \gset
SELECT is(tap.person_of(:'line'), 'unknown unfinished', 'one unreadable line of two makes charge and total unknown');
SELECT results_eq(format('SELECT x.issue, x.blocks FROM tap.said_of(%L) AS x', :'line'),
    $$VALUES ('invalid_amount', true), ('unread_value', true)$$, 'and is said of the charge and of the total');
SELECT is((SELECT c.net_amount FROM report.cards AS c WHERE c.session_id = :'line'), NULL, 'the card has no total either');
SELECT is(tap.person_of(tap.month('rowless', tap.pdf_card('{}', tap.pdf_charge(
        jsonb_build_object('lines', '[]'::jsonb, 'totals', tap.pdf_totals('10.00', '0.00', '10.00')))))),
    'unknown unfinished', 'a charge without a product line is unknown, whatever its printed total');

-- Total lines.
SELECT tap.month('total', tap.pdf_card(jsonb_build_object('totals', jsonb_build_array(
    tap.pdf_totals('10.00', '0.00', NULL) || tap.unread('net', '1O.00'))))) AS total \gset
SELECT is(tap.person_of(:'total'), '10.00 unfinished', 'a card total that cannot be read leaves the sum of the rows');
SELECT results_eq(format('SELECT x.issue, x.blocks FROM tap.said_of(%L) AS x', :'total'),
    $$VALUES ('control_total', true)$$, 'and blocks');
SELECT is(tap.person_of(tap.month('gross', tap.pdf_card(jsonb_build_object('totals', jsonb_build_array(
    tap.pdf_totals('11.00', '0.00', '10.00')))))), '10.00 unfinished', 'a gross that differs blocks as a net does');
SELECT results_eq(format('SELECT x.issue, x.blocks FROM tap.said_of(%L) AS x', tap.month('twice', tap.pdf_card(jsonb_build_object(
        'totals', jsonb_build_array(tap.pdf_totals('10.00', '0.00', '10.00'), tap.pdf_totals('12.00', '0.00', '12.00')))))),
    $$VALUES ('control_total', true)$$, 'so do two total lines that differ');
SELECT results_eq(format('SELECT x.issue, x.blocks FROM tap.said_of(%L) AS x', tap.month('charge total', tap.pdf_card('{}',
        tap.pdf_charge(jsonb_build_object('totals', tap.pdf_totals('11.00', '0.00', '11.00')))))),
    $$VALUES ('unread_value', true)$$, 'a transaction whose total line says otherwise is in doubt');
SELECT results_eq(format('SELECT x.code, x.printed, x.found FROM app.total_notices(%L) AS x', tap.pdf_report(jsonb_build_object(
        'report_totals', jsonb_build_array(tap.pdf_totals('10.00', '0.00', NULL) || tap.unread('net', '1O.00'))), tap.pdf_card())),
    $$VALUES ('report_total', NULL::numeric, NULL::numeric)$$, 'Report Totals that cannot be read are a fact of the document');
SELECT is_empty(format('SELECT * FROM app.total_notices(%L)', tap.pdf_report(jsonb_build_object('report_totals',
        jsonb_build_array(tap.pdf_totals('10.00', '0.00', '10.00'))), tap.pdf_card())), 'those that tie are none');

-- Fields of charges, header blocks and receipts.
SELECT is(tap.person_of(tap.month('level', tap.pdf_card('{}', tap.pdf_charge('{"level": null}' || tap.unread('level', 'NN'))))),
    '10.00 finished', 'a detail level that cannot be read decides nothing');
SELECT is(tap.person_of(tap.month('number', tap.pdf_card('{}', tap.pdf_charge('{"number": null}' || tap.unread('number', '12a'))))),
    '10.00 unfinished', 'a transaction number does');
SELECT results_eq(format('SELECT * FROM tap.said_of(%L)', tap.month('header', tap.pdf_card('{"employee_id": null}'
        || tap.unread('employee_id', '10x1', 'not 1 to 10 digits')))),
    $$VALUES ('unread_value', 'card 9999991193', true)$$, 'so does a header block');
SELECT tap.month('merchant', tap.pdf_card(), '{"merchant_name": null}' || tap.unread('merchant_name', 'GANTRY   7', 'texts far apart')) AS merchant \gset
SELECT is(tap.person_of(:'merchant'), '10.00 unfinished', 'and a merchant of a receipt');
SET LOCAL app.reason = 'looked at the page';
UPDATE api.current_transactions AS t SET merchant_name = 'GANTRY DOOR COMPANY' WHERE t.session_id = :'merchant';
SELECT is(tap.person_of(:'merchant'), '10.00 finished', 'until somebody enters it');
SELECT results_eq(format('SELECT * FROM tap.said_of(%L)', tap.month('labels', tap.pdf_card(),
        tap.unread('labels', 'Amount: 45.00 / Amount:', 'stands on the page more than once'))),
    $$VALUES ('unread_value', '40000001', true)$$, 'a label that stands there twice blocks, although a value was chosen');
SELECT is(tap.hand_in('shape', tap.pdf_report('{}', tap.pdf_card('{"problems": [{"field": 7}]}')),
    tap.pdf_receipts('{}', tap.pdf_receipt(1))) ->> 'detail', 'got first wrong: problem', 'a problem has its form');
SELECT * FROM finish();
ROLLBACK;
