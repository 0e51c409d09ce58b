-- Rows without foreign keys: what would hang in the air or join later is refused at commit, each kind once.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/pdfs.psql
SELECT plan(27);

-- Does something as the owner and has it proved at once; all of it is undone again. Gives what is said against it.
CREATE FUNCTION tap.proof(p_statement text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_detail text;
BEGIN
    SET CONSTRAINTS ALL DEFERRED;
    EXECUTE p_statement;
    SET CONSTRAINTS ALL IMMEDIATE;
    RAISE EXCEPTION USING ERRCODE = 'ZX001', MESSAGE = 'sound';
EXCEPTION
    WHEN SQLSTATE 'RL001' OR SQLSTATE 'ZX001' THEN
        GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
        RETURN coalesce((regexp_match(v_detail, 'got ([a-z ]+) of [0-9a-f]{8}-[-0-9a-f]{27}: '))[1] || ' of ID is not reconciled',
            SQLERRM);
END
$$;

-- The same, asking the part of the proof that looks at single rows only.
CREATE FUNCTION tap.rows(p_statement text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_found text;
BEGIN
    EXECUTE p_statement;
    SELECT string_agg(DISTINCT concat_ws(': ', v.rule, v.expected, v.got), '; ') INTO v_found
    FROM app.row_violations(app.tx()) AS v;
    RAISE EXCEPTION USING ERRCODE = 'ZX001', MESSAGE = coalesce(v_found, 'sound');
EXCEPTION
    WHEN SQLSTATE 'RL001' OR SQLSTATE 'ZX001' THEN
        RETURN SQLERRM;
END
$$;

:as_owner
SELECT tap.hand_in('month', tap.pdf_report('{}', tap.pdf_card('{}', tap.pdf_charge(), tap.pdf_charge())),
    tap.pdf_receipts('{}', tap.pdf_receipt(1), tap.pdf_receipt(2), tap.pdf_receipt(3, '{"employee": "Bea Poe"}')))
    ->> 'session_id' AS session \gset
:as_tester
SELECT e.cardholder_id AS person, e.current_revision_id AS revision FROM app.session_employees AS e
WHERE e.session_id = :'session' ORDER BY e.current_revision_id LIMIT 1 \gset
SELECT b.cardholder_id AS payer FROM app.bank_sides AS b WHERE b.session_id = :'session' \gset
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;

-- What an import left: one content a receipt, one bank side a person with cards, all of one transaction.
SELECT is((SELECT count(*)::integer FROM app.receipt_contents), 3, 'each receipt has a content of its own');
SELECT results_eq('SELECT b.charge_count, b.charge_total FROM app.bank_sides AS b', $$VALUES (2, 20.00)$$,
    'a person with cards has one bank side');
SELECT is((SELECT count(*)::integer FROM app.session_employees AS e WHERE NOT EXISTS (
        SELECT FROM app.bank_sides AS b WHERE b.cardholder_id = e.cardholder_id)),
    (SELECT count(*)::integer FROM app.employee_revisions AS r WHERE NOT r.is_in_report), 'who has no card has none');

-- A correction writes what it changes: one content, links of the person, nothing of the bank, no matching anew.
:as_owner
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET purpose = 'Crew of ten' WHERE external_transaction_id = '40000001';
UPDATE api.current_transactions SET purpose = 'Crew of ten' WHERE external_transaction_id = '40000001';
:as_tester
SELECT is((SELECT count(*)::integer FROM app.receipt_contents), 4, 'one content for one corrected receipt, none for none');
SELECT is((SELECT count(*)::integer FROM app.charges), 2, 'nothing of the bank is written again');
SELECT results_eq($$SELECT m.matching_id = m.employee_revision_id, r.revision_number FROM app.matchings AS m
        JOIN app.employee_revisions AS r ON r.revision_id = m.employee_revision_id
        WHERE m.employee_revision_id IN (SELECT l.employee_revision_id FROM app.receipt_links AS l
            JOIN app.receipt_contents AS c ON c.content_id = l.content_id WHERE c.external_transaction_id = '40000001')
        ORDER BY r.revision_number$$,
    $$VALUES (true, 1), (false, 2)$$, 'a purpose matches nothing anew');
:as_owner
UPDATE api.current_transactions SET amount = 10.01 WHERE external_transaction_id = '40000001';
:as_tester
SELECT is((SELECT count(*)::integer FROM app.matchings AS m JOIN app.employee_revisions AS r ON r.revision_id = m.matching_id
        WHERE r.revision_number = 3), 1, 'an amount does');

:as_owner
SELECT is(tap.proof('SELECT 1'), 'sound', 'what was done so far is sound');

-- Contents and links.
SELECT is(tap.proof($$INSERT INTO app.receipt_contents (transaction_type, amount, has_attachment) VALUES ('expense', 1, true)$$),
    'content of ID is not reconciled', 'a content that no receipt says');
SELECT is(tap.rows(format($$INSERT INTO app.receipt_links (employee_revision_id, transaction_id, content_id, natural_key, position)
    VALUES (%L, app.new_id(), app.new_id(), 'lost', 1)$$, :'revision')),
    'receipt: a content: none', 'a receipt that says nothing');
SELECT is(tap.proof($$INSERT INTO app.receipt_links (employee_revision_id, transaction_id, content_id, natural_key, position)
    SELECT app.new_id(), app.new_id(), c.content_id, 'lost', 1 FROM app.receipt_contents AS c LIMIT 1$$),
    'receipt of ID is not reconciled', 'a receipt without revision');

-- The bank: more of it for a person who is there, and what does not hang together.
SELECT is(tap.rows(format($$INSERT INTO app.charges (session_id, cardholder_id, charge_id, card_id, natural_key, position,
        page_number, net_amount)
    SELECT c.session_id, c.cardholder_id, app.new_id(), app.new_id(), 'late', 9, 1, 1.00
    FROM app.charges AS c WHERE c.session_id = %L LIMIT 1$$, :'session')), 'bank row: the first revision of the person in this transaction, a card: not all of it',
    'a charge of a card that is none');
SELECT is(tap.rows(format($$INSERT INTO app.charge_lines (session_id, cardholder_id, charge_id, line_number, page_number)
    SELECT c.session_id, c.cardholder_id, app.new_id(), 1, 1 FROM app.charges AS c WHERE c.session_id = %L LIMIT 1$$,
    :'session')), 'bank row: the first revision of the person in this transaction, a charge: not all of it', 'a line of a charge that is none');
SELECT is(tap.proof(format($$INSERT INTO app.charges (session_id, cardholder_id, charge_id, card_id, natural_key, position,
        page_number, net_amount) VALUES (%L, app.new_id(), app.new_id(), app.new_id(), 'lost', 9, 1, 1.00)$$, :'session')),
    'bank row of ID is not reconciled', 'a charge of a person who is not there');
SELECT is(tap.rows(format($$INSERT INTO app.bank_sides (session_id, cardholder_id, charge_count, charge_total, digest)
    SELECT e.session_id, e.cardholder_id, 0, 0, sha256('') FROM app.session_employees AS e
    WHERE e.session_id = %L AND e.cardholder_id <> %L LIMIT 1$$, :'session', :'payer')), 'bank row: the first revision of the person in this transaction, a card: not all of it',
    'a bank side without cards');

-- Matching rows.
SELECT is(tap.proof($$INSERT INTO app.matchings (employee_revision_id, matching_id, policy_version)
    SELECT x.id, x.id, 1 FROM (SELECT app.new_id() AS id) AS x$$), 'matching of ID is not reconciled',
    'a matching without revision');
SELECT is(tap.proof($$INSERT INTO app.found_open_items (matching_id, side, transaction_id, failed_gate, is_sum_untried)
    SELECT app.new_id(), 'receipt', app.new_id(), 'no_counterpart', false$$), 'matched row of ID is not reconciled',
    'an open row without matching');
:as_tester

-- The same rows in the transaction of a new person: right when all of it is there, wrong when one thing is not.
CREATE FUNCTION tap.newcomer(p_wrong text) RETURNS text
LANGUAGE sql
RETURN replace($f$
    WITH person AS (
        INSERT INTO app.cardholders (name_key, employee_id) VALUES ('NEWCOMER', '4711') RETURNING cardholder_id
    ), card AS (
        INSERT INTO app.cards (cardholder_id, first_six, last_four)
        SELECT p.cardholder_id, '999999', '4711' FROM person AS p RETURNING card_id, cardholder_id
    ), place AS (
        SELECT 'SESSION'::uuid AS session_id, c.cardholder_id, c.card_id, app.new_id() AS charge_id FROM card AS c
    ), total AS (
        INSERT INTO app.card_totals (session_id, cardholder_id, card_id, card_number, page_range)
        SELECT p.session_id, p.cardholder_id, p.card_id, '999999XXXXXX4711', '{1}' FROM place AS p WHERE /*total*/ true
    ), charge AS (
        INSERT INTO app.charges (session_id, cardholder_id, charge_id, card_id, natural_key, position, page_number, net_amount)
        SELECT p.session_id, p.cardholder_id, p.charge_id, p.card_id, 'c', 1, 1, /*amount*/ 7.00 FROM place AS p
    ), line AS (
        INSERT INTO app.charge_lines (session_id, cardholder_id, charge_id, line_number, page_number, net_amount)
        SELECT p.session_id, p.cardholder_id, p.charge_id, 1, 1, /*line*/ 7.00 FROM place AS p
    )
    INSERT INTO tap.newcomers SELECT p.session_id, p.cardholder_id, p.charge_id FROM place AS p$f$,
    split_part(p_wrong, ' -> ', 1), split_part(p_wrong, ' -> ', 2));
CREATE TABLE tap.newcomers (session_id uuid, cardholder_id uuid, charge_id uuid);
GRANT ALL ON tap.newcomers TO ccp_owner;
GRANT USAGE ON SCHEMA tap TO ccp_owner;

-- The rest of it, with the digest that belongs to the rows, to which one thing is done before or after.
CREATE FUNCTION tap.complete(p_session_id uuid, p_rows text, p_before text DEFAULT NULL, p_after text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_detail text;
BEGIN
    SET CONSTRAINTS ALL DEFERRED;
    EXECUTE replace(p_rows, 'SESSION', p_session_id::text);
    IF p_before IS NOT NULL THEN
        EXECUTE p_before;
    END IF;
    PERFORM app.complete_revisions(ARRAY(SELECT ROW(app.new_id(), n.session_id, n.cardholder_id, 1, NULL, NULL, 'NEWCOMER',
        '4711', '999999XXXXXX4711', true, NULL, NULL, NULL, '{1}', '{}', NULL, NULL)::app.revision_draft
        FROM tap.newcomers AS n), 'import', NULL);
    IF p_after IS NOT NULL THEN
        EXECUTE p_after;
    END IF;
    SET CONSTRAINTS ALL IMMEDIATE;
    RAISE EXCEPTION USING ERRCODE = 'ZX001', MESSAGE = 'sound';
EXCEPTION
    WHEN SQLSTATE 'RL001' OR SQLSTATE 'ZX001' OR integrity_constraint_violation THEN
        GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
        RETURN coalesce((regexp_match(v_detail, 'got ([a-z ]+) of [0-9a-f]{8}-[-0-9a-f]{27}: '))[1] || ' of ID is not reconciled',
            SQLERRM);
END
$$;
GRANT ALL ON SCHEMA tap TO ccp_owner;
:as_owner
SELECT is(tap.complete(:'session', tap.newcomer('none -> none')), 'sound', 'a new person with all that belongs to the bank');
SELECT is(tap.complete(:'session', tap.newcomer('/*total*/ true -> false')) , 'bank row of ID is not reconciled',
    'a charge whose card has no total');
SELECT is(tap.complete(:'session', tap.newcomer('none -> none'), NULL, $$INSERT INTO app.charges (session_id, cardholder_id,
        charge_id, card_id, natural_key, position, page_number, net_amount)
    SELECT c.session_id, c.cardholder_id, app.new_id(), c.card_id, 'd', 2, 1, 0.00 FROM app.charges AS c
    JOIN tap.newcomers AS n ON n.charge_id = c.charge_id$$) ~ '^(charge|bank side) of ID', true, 'a charge of nothing added after measuring');
SELECT is(tap.complete(:'session', tap.newcomer('none -> none'), NULL, $$INSERT INTO app.charge_lines (session_id,
        cardholder_id, charge_id, line_number, page_number, net_amount)
    SELECT n.session_id, n.cardholder_id, n.charge_id, 2, 1, 0.00 FROM tap.newcomers AS n$$), 'bank side of ID is not reconciled',
    'a line added after measuring');
SELECT is(tap.complete(:'session', tap.newcomer('none -> none'), $$INSERT INTO app.bank_sides (session_id, cardholder_id,
        charge_count, charge_total, digest)
    SELECT n.session_id, n.cardholder_id, 1, 7.00, sha256('other') FROM tap.newcomers AS n$$),
    'duplicate key value violates unique constraint "bank_sides_pkey"', 'there are no two bank sides of a person');
:as_tester

-- A digest or total of one's own making, proved by itself: the rows are there, what is said of them is not theirs.
CREATE FUNCTION tap.forged(p_session_id uuid, p_count integer, p_total numeric, p_digest text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_found text;
BEGIN
    EXECUTE replace(tap.newcomer('none -> none'), 'SESSION', p_session_id::text);
    INSERT INTO app.bank_sides (session_id, cardholder_id, charge_count, charge_total, digest)
    SELECT n.session_id, n.cardholder_id, p_count, p_total,
        coalesce(sha256(convert_to(p_digest, 'UTF8')), m.digest)
    FROM tap.newcomers AS n CROSS JOIN LATERAL app.measure_bank(ARRAY[n.session_id], ARRAY[n.cardholder_id]) AS m;
    SELECT string_agg(v.rule, ', ' ORDER BY v.rule) INTO v_found FROM app.commit_violations(app.tx()) AS v
    WHERE v.rule = 'bank side';
    RAISE EXCEPTION USING ERRCODE = 'ZX001', MESSAGE = coalesce(v_found, 'sound');
EXCEPTION
    WHEN SQLSTATE 'ZX001' THEN
        RETURN SQLERRM;
END
$$;
:as_owner
SELECT is(tap.forged(:'session', 1, 7.00, NULL), 'sound', 'count, total and digest of the rows');
SELECT is(tap.forged(:'session', 1, 7.00, 'other'), 'bank side', 'another digest');
SELECT is(tap.forged(:'session', 1, 7.01, NULL), 'bank side', 'another total');
SELECT is(tap.forged(:'session', 2, 7.00, NULL), 'bank side', 'another count');
:as_tester
SELECT is((SELECT count(*)::integer FROM app.charges), 2, 'nothing of it stayed');
SELECT * FROM finish();
ROLLBACK;
