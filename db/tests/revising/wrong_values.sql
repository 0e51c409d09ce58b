-- A statement on the receipts that wants a value a receipt cannot have is refused as a whole, each value named; nothing is rounded.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/small.psql
SELECT plan(22);
SELECT t.external_transaction_id AS one, t.amount AS amount FROM report.transactions AS t
WHERE t.amount > 1 ORDER BY t.external_transaction_id LIMIT 1 \gset
-- The refusal of a statement as code, column and detail.
CREATE FUNCTION tap.refused(p_statement text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_state text;
    v_column text;
    v_detail text;
BEGIN
    EXECUTE p_statement;
    RETURN 'done';
EXCEPTION
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_column = COLUMN_NAME, v_detail = PG_EXCEPTION_DETAIL;
        RETURN concat_ws(' ', v_state, v_column, v_detail);
END
$$;
CREATE FUNCTION tap.set_to(p_receipt text, p_wish text) RETURNS text
LANGUAGE sql
BEGIN ATOMIC
    SELECT tap.refused(format('UPDATE api.current_transactions SET %s WHERE external_transaction_id = %L', p_wish, p_receipt));
END;
:as_processor
SET LOCAL app.reason = 'As told';
SELECT is(tap.set_to(:'one', 'amount = 12.345'),
    format('IV008 amount expected dollars below 10^12 in whole cents for receipt %s, got 12.345', :'one'), 'a third decimal');
SELECT is(tap.set_to(:'one', 'amount = 12.3400'),
    format('IV008 amount expected dollars below 10^12 in whole cents for receipt %s, got 12.3400', :'one'), 'also one that is 0');
SELECT is(tap.set_to(:'one', 'amount = amount + 0.001'), format('IV008 amount expected dollars below 10^12 in whole cents '
    'for receipt %s, got %s', :'one', :amount + 0.001), 'and one that is worked out');
SELECT is(tap.set_to(:'one', 'amount = 1000000000000'),
    format('IV008 amount expected dollars below 10^12 in whole cents for receipt %s, got 1000000000000', :'one'), 'too many digits');
SELECT is(tap.set_to(:'one', $$amount = 'NaN'$$),
    format('IV008 amount expected dollars below 10^12 in whole cents for receipt %s, got "NaN"', :'one'), 'NaN');
SELECT is(tap.set_to(:'one', $$amount = 'infinity'$$),
    format('IV008 amount expected dollars below 10^12 in whole cents for receipt %s, got "Infinity"', :'one'), 'infinity');
SELECT is(tap.set_to(:'one', $$transaction_date = 'infinity'$$),
    format('IV008 transaction_date expected a date, YYYY-MM-DD for receipt %s, got "infinity"', :'one'), 'no day at all');
SELECT is(tap.set_to(:'one', $$transaction_date = '1999-12-31'$$),
    format('IV008 transaction_date expected a day from 2000-01-01 on for receipt %s, got "1999-12-31"', :'one'), 'a day too early');
SELECT is(tap.set_to(:'one', $$coding_type = 'jobs'$$),
    format('IV008 coding_type expected one of job_coding, gl_coding for receipt %s, got "jobs"', :'one'), 'a word of no list');
SELECT is(tap.set_to(:'one', 'has_attachment = NULL'),
    format('IV008 has_attachment expected a boolean for receipt %s, got null', :'one'), 'neither with nor without attachment');
SELECT is(tap.set_to(:'one', $$purpose = repeat('x', 10001)$$),
    format('IV008 purpose expected text of at most 10000 characters for receipt %s, got "%s', :'one', repeat('x', 99)), 'a book');
SELECT is(tap.set_to(:'one', $$amount = 12.345, coding_type = 'jobs'$$),
    format(E'IV008 amount expected dollars below 10^12 in whole cents for receipt %1$s, got 12.345\n'
        'coding_type: expected one of job_coding, gl_coding for receipt %1$s, got "jobs"', :'one'), 'all at once');
SELECT is(cardinality(string_to_array(tap.refused('UPDATE api.current_transactions SET amount = amount + 0.001 WHERE amount > 0'),
        E'\n'))::bigint, (SELECT count(*) FROM api.current_transactions AS t WHERE t.amount > 0), 'of all receipts');
SELECT is(tap.refused(format('INSERT INTO api.current_transactions (employee_revision_id, external_transaction_id, amount)
    SELECT t.employee_revision_id, %L, 0.005 FROM api.current_transactions AS t LIMIT 1', 'NEW')),
    'IV008 amount expected dollars below 10^12 in whole cents for receipt NEW, got 0.005', 'of a new one, too');
SELECT is(tap.refused('INSERT INTO api.current_transactions (amount) VALUES (1)'),
    'IV008 employee_revision_id expected the current revision of the person whose receipt it is, got none', 'a receipt of nobody');
SELECT is(tap.refused('INSERT INTO api.current_transactions (employee_revision_id)
    SELECT t.employee_revision_id FROM api.current_transactions AS t LIMIT 1'),
    'IV008 receipt expected at least one member that says something, got none', 'a receipt that says nothing');
SELECT is(tap.set_to(:'one', 'employee_revision_id = NULL'),
    'IV008 employee_revision_id expected the current revision of the person whose receipt it is, got none', 'given to nobody');
SELECT is((SELECT t.amount FROM report.transactions AS t WHERE t.external_transaction_id = :'one'), :amount, 'nothing was written');
SELECT is((SELECT count(*) FROM report.transactions AS t WHERE t.amount IS NULL), 0::bigint, 'and nothing was put in');
SELECT is(tap.set_to(:'one', 'amount = 12.34'), 'done', 'whole cents are taken');
SELECT is(tap.set_to(:'one', 'amount = -1'), 'done', 'less than nothing is a refund');
SELECT is(tap.set_to(:'one', $$transaction_type = 'expense'$$),
    'IV008 transaction_type expected refund or adjustment for an amount below 0, got expense', 'and no expense');
SELECT * FROM finish();
ROLLBACK;
