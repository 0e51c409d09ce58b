-- What was written once is never changed, removed or joined later, by whoever, in whatever mode.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/small.psql

SET CONSTRAINTS ALL IMMEDIATE;
SET LOCAL client_min_messages = warning;

CREATE TEMP TABLE immutable AS
SELECT t.tgrelid::regclass AS name, (SELECT a.attname FROM pg_attribute AS a
    WHERE a.attrelid = t.tgrelid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
    LIMIT 1) AS first_column
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
-- BEFORE UPDATE OR DELETE OR TRUNCATE
WHERE t.tgfoid = 'app.refuse_change()'::regprocedure AND (t.tgtype & 56) = 56
    AND c.relnamespace = 'app'::regnamespace;
CREATE TEMP TABLE mutable AS
SELECT t.tgrelid::regclass AS name FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE t.tgfoid = 'app.refuse_change()'::regprocedure AND (t.tgtype & 56) = 32 AND c.relnamespace = 'app'::regnamespace;
GRANT SELECT ON pg_temp.immutable, pg_temp.mutable TO PUBLIC;

SELECT plan(16 + (SELECT count(*)::integer FROM pg_temp.immutable) * 9 + (SELECT count(*)::integer FROM pg_temp.mutable) * 2);

SELECT ok(EXISTS (SELECT FROM pg_temp.immutable AS i WHERE i.name = t.name), t.name || ' is immutable')
FROM unnest(ARRAY['app.employee_revisions', 'app.receipt_links', 'app.receipt_contents', 'app.charges', 'app.bank_sides', 'app.issue_events', 'app.old_claims']::regclass[])
    AS t (name);

-- As superuser, as owner, and in replica mode, which turns ordinary triggers off.
\set verbs '(VALUES (''UPDATE %1$s SET %2$I = %2$I''), (''DELETE FROM %1$s''), (''TRUNCATE %1$s CASCADE'')) AS v (verb)'
SELECT throws_ok(format(v.verb, i.name, i.first_column), 'RL002', NULL, format('superuser: ' || v.verb, i.name, i.first_column))
FROM pg_temp.immutable AS i, :verbs;
:as_owner
SELECT throws_ok(format(v.verb, i.name, i.first_column), 'RL002', NULL, format('owner: ' || v.verb, i.name, i.first_column))
FROM pg_temp.immutable AS i, :verbs;
SELECT throws_ok(format('TRUNCATE %s CASCADE', m.name), 'RL002', NULL, 'owner: no TRUNCATE of ' || m.name)
FROM pg_temp.mutable AS m;
:as_tester
SET LOCAL session_replication_role = replica;
SELECT throws_ok(format(v.verb, i.name, i.first_column), 'RL002', NULL, format('replica mode: ' || v.verb, i.name, i.first_column))
FROM pg_temp.immutable AS i, :verbs;
SELECT throws_ok(format('TRUNCATE %s CASCADE', m.name), 'RL002', NULL, 'replica mode: no TRUNCATE of ' || m.name)
FROM pg_temp.mutable AS m;
SELECT throws_ok($$INSERT INTO app.receipt_contents (transaction_type, amount, has_attachment, created_tx)
    VALUES ('expense', 1, true, app.tx() - 1)$$, '23514', NULL,
    'replica mode: no row that another transaction wrote, as a subscription would bring it');
SET LOCAL session_replication_role = origin;

SELECT throws_ok('UPDATE app.receipt_contents SET amount = 0', 'RL002', 'rows of this table are never changed or removed',
    'the refusal names the table');
SELECT throws_ok('UPDATE app.receipt_contents SET amount = 0 WHERE false', 'RL002', 'rows of this table are never changed or removed',
    'even when no row would change');
SELECT throws_ok($$MERGE INTO app.receipt_contents AS t USING (VALUES (1)) AS v ON true WHEN MATCHED THEN DELETE$$, 'RL002',
    'rows of this table are never changed or removed', 'MERGE is no way around');
SELECT throws_ok($$INSERT INTO app.receipt_contents SELECT c.* FROM app.receipt_contents AS c
    ON CONFLICT (content_id) DO UPDATE SET amount = 0$$, 'RL002', 'rows of this table are never changed or removed',
    'nor is an upsert of copied rows');
SELECT throws_ok($$INSERT INTO app.issue_events AS v (event_id, issue_id, issue_version, from_state, to_state, user_id)
    SELECT app.new_id(), i.issue_id, 2, 'open', 'resolved', u.user_id FROM app.validation_issues AS i, app.users AS u LIMIT 1
    ON CONFLICT (event_id) DO UPDATE SET note = 'x'$$, 'RL002', 'rows of this table are never changed or removed',
    'nor one that might update');
:as_owner
SELECT throws_ok($$INSERT INTO app.old_claims (session_id, cardholder_id, source_key, entry_place, person_place, created_tx)
    SELECT e.session_id, e.cardholder_id, 'forged', 1, 1, e.version FROM app.session_employees AS e LIMIT 1$$, '23514',
    'new row for relation "old_claims" violates check constraint "old_claims_created_tx_check"',
    'no row carries the number of another transaction');
SELECT throws_ok($$INSERT INTO app.receipt_links (employee_revision_id, transaction_id, content_id, created_tx, natural_key,
        position)
    SELECT r.revision_id, app.new_id(), app.new_id(), 1, 'forged', 1 FROM app.employee_revisions AS r LIMIT 1$$, '23514',
    'new row for relation "receipt_links" violates check constraint "receipt_links_created_tx_check"',
    'so no receipt joins a revision of another transaction by its number');
:as_tester
SELECT is((SELECT count(*)::integer FROM app.transactions), 25, 'everything is as it was');
SELECT * FROM finish();
ROLLBACK;
