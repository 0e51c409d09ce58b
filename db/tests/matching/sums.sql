-- Several receipts that add up to one charge are taken when all are of one of its days; each is counted once.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/pdfs.psql
SELECT plan(5);

-- A charge bought on the 28th and posted on the 29th, and two receipts of these days that add up to it; the rates of the pass.
CREATE FUNCTION tap.sum_of(p_first text, p_second text) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH answer AS MATERIALIZED (
        SELECT tap.hand_in(p_first || p_second,
            tap.pdf_report('{}', tap.pdf_card('{}', tap.pdf_charge('{}', tap.pdf_line('{"net": "87.43", "gross": "87.43"}')))),
            tap.pdf_receipts('{}', tap.pdf_receipt(1, jsonb_build_object('amount', '31.17', 'date', p_first)),
                tap.pdf_receipt(2, jsonb_build_object('amount', '56.26', 'date', p_second)))) AS a
    )
    SELECT a ->> 'session_id' FROM answer;
END;
CREATE FUNCTION tap.rates(p_session uuid) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT string_agg(m.pass || ' ' || (m.matches, m.charges, m.receipts, m.amount, m.charge_share, m.receipt_share)::text, ' ' ORDER BY m.pass)
    FROM report.match_rates AS m WHERE m.session_id = p_session AND m.matches > 0;
END;
:as_owner
SELECT is(tap.rates(tap.sum_of('2025-03-29', '2025-03-29')::uuid), 'sum (2,1,2,87.43,1.0000,1.0000)',
    'both of the day it was posted: two edges, one charge');
SELECT is(tap.rates(tap.sum_of('2025-03-28', '2025-03-28')::uuid), 'sum (2,1,2,87.43,1.0000,1.0000)', 'both of the day it was bought');
SELECT tap.sum_of('2025-03-28', '2025-03-29') AS mixed \gset
SELECT is(tap.rates(:'mixed'), NULL, 'one of each is for a person');
SELECT is((SELECT concat_ws(' ', o.failed_gate, o.proposal, o.is_proposed)
    FROM report.open_charges AS o WHERE o.session_id = :'mixed'), 'amount sum t', 'who is shown them');
SELECT is(tap.rates(tap.sum_of('2025-03-27', '2025-03-27')::uuid), NULL, 'another day is none of its days');
SELECT * FROM finish();
ROLLBACK;
