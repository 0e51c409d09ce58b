-- A file of what people see asks nothing and loses nothing: what no file can say of it holds on, the rest has arrived.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(19);

-- What people say of receipts that otherwise differ in their amounts only, what the file has of them, and what becomes of it.
CREATE TABLE tap.said (id text, said jsonb, file jsonb, fate text);
INSERT INTO tap.said VALUES
('11', '{"transaction_type": "adjustment"}', '{}', 'in_force'),
('12', '{"amount": -5.00, "transaction_type": "adjustment"}', '{}', 'in_force'),
('13', '{"transaction_type": "refund"}', '{}', 'in_force'),
('14', '{"amount": 12.00, "transaction_type": "refund"}', '{}', 'in_force'),
('15', '{"amount": null}', '{}', 'arrived'),
('16', '{"transaction_type": "adjustment"}', '{"amt": "1Z.00"}', 'in_force'),
('17', '{"amount": 0}', '{}', 'arrived'),
('18', '{"transaction_date": null}', '{}', 'arrived'),
('20', '{"coding_type": "job_coding", "job_number": "5", "job_phase": "6"}', '{}', 'in_force'),
('21', '{"cost_type": null}', '{"code_type": "Job Coding", "job": "1", "phase": "2", "cost_type": "3", "gl_acct": null, "gl_desc": null}', 'in_force'),
('22', '{"gl_account": null}', '{}', 'in_force'),
('23', '{"gl_description": "Other words"}', '{}', 'arrived'),
('24', '{"gl_description": "Other words"}', '{"code_type": null, "gl_acct": null, "gl_desc": null, "coded": false}', 'in_force'),
('25', '{"coding_type": null}', '{}', 'in_force'),
('26', '{"coding_type": "job_coding"}', '{}', 'arrived'),
('27', '{"coding_type": "job_coding", "job_number": "5", "job_phase": "6", "cost_type": "7"}', '{}', 'arrived'),
('30', '{"merchant_name": null, "merchant_address": null}', '{}', 'arrived'),
('31', '{"merchant_name": "  A   B  ", "merchant_address": "1 Main St\nSpringfield"}', '{}', 'arrived'),
('32', '{"purpose": "Receipts Notes (3): Lunch"}', '{}', 'arrived'),
('33', '{"purpose": "Receipts Notes (0):"}', '{}', 'arrived'),
('34', '{"purpose": null}', '{"purpose": "Lunch"}', 'arrived'),
('35', '{"description": null}', '{"title": "Something", "exp": "Meals"}', 'arrived'),
('36', '{"expense_type": null}', '{"title": "Something", "exp": "Meals"}', 'arrived'),
('40', '{"has_attachment": false}', '{"attachment": true}', 'arrived'),
('41', '{"has_attachment": true, "attachment_name": "a.pdf"}', '{"attachment": false}', 'in_force'),
('42', '{"attachment_name": "a.pdf"}', '{"attachment": true}', 'in_force'),
('43', '{"is_out_of_pocket": true}', '{}', 'in_force'),
('44', '{"external_transaction_id": null}', '{}', 'in_force'),
('45', '{"external_transaction_id": "X 45"}', '{}', 'arrived');
CREATE FUNCTION tap.file(p_changes jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql
RETURN (SELECT jsonb_build_object('ANN', tap.entry(jsonb_build_object('receipts', jsonb_build_object('null',
        jsonb_agg(tap.receipt(jsonb_build_object('rec_id', s.id, 'amt', s.id || '.10') || s.file || coalesce(p_changes -> s.id, '{}')) ORDER BY s.id)))))::text
    FROM tap.said AS s);
-- Receipts of which a later submission says something else than an earlier one, however it is spelled.
CREATE FUNCTION tap.lost(p_first uuid, p_second uuid) RETURNS text
LANGUAGE sql
RETURN (SELECT string_agg(concat_ws(' ', o.external_transaction_id, g.key, g.value, app.said_group(n.content, g.key)), '; ')
    FROM report.transactions AS o
    CROSS JOIN LATERAL (
        SELECT c AS content FROM app.receipt_links AS l JOIN app.receipt_contents AS c ON c.content_id = l.content_id
        WHERE l.employee_revision_id = o.employee_revision_id AND l.transaction_id = o.transaction_id
    ) AS x
    CROSS JOIN LATERAL jsonb_each(app.said_groups(x.content)) AS g
    LEFT JOIN LATERAL (
        SELECT c AS content FROM report.transactions AS y
        JOIN app.receipt_links AS l ON l.employee_revision_id = y.employee_revision_id AND l.transaction_id = y.transaction_id
        JOIN app.receipt_contents AS c ON c.content_id = l.content_id
        WHERE y.session_id = p_second AND y.transaction_id = o.transaction_id
    ) AS n ON true
    WHERE o.session_id = p_first AND NOT (app.clean_group(g.value) = app.clean_group(app.said_group(n.content, g.key))) IS TRUE);
CREATE FUNCTION tap.fates() RETURNS SETOF text
LANGUAGE sql
BEGIN ATOMIC
    SELECT DISTINCT concat_ws(' ', x.external_transaction_id, c.fate) FROM report.corrections AS c
    JOIN app.receipt_links AS l ON l.transaction_id = c.transaction_id
    JOIN app.receipt_contents AS x ON x.content_id = l.content_id AND x.external_transaction_id IN (SELECT s.id FROM tap.said AS s)
    WHERE c.fate <> 'replaced';
END;

GRANT SELECT ON tap.said TO PUBLIC;

:as_processor
SELECT tap.import(tap.file()::jsonb) AS first \gset
SELECT api.correct_transactions(:'first', (
    SELECT jsonb_agg(jsonb_build_object('transaction_id', t.transaction_id, 'employee_revision_id', t.employee_revision_id, 'changes', s.said))
    FROM tap.said AS s JOIN report.transactions AS t ON t.session_id = :'first' AND t.external_transaction_id = s.id), 'as told by mail') AS corrections \gset

SAVEPOINT told;
:as_processor
SELECT api.import_activity(report.activity_json(:'first', 'by_code', false)::text, NULL, :'first') ->> 'session_id' AS told \gset
:as_tester
SELECT set_eq('SELECT tap.fates()', 'SELECT concat_ws('' '', s.id, s.fate) FROM tap.said AS s', 'by_code: all that a file can say has arrived, the rest holds');
SELECT is(tap.lost(:'first', :'told'), NULL, 'by_code: nothing is lost');
SELECT is((SELECT count(*) FROM report.transactions AS t WHERE t.session_id = :'told'), (SELECT count(*) FROM tap.said AS s), 'by_code: nothing is new');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'by_code: and it can be committed');
SET CONSTRAINTS ALL DEFERRED;
ROLLBACK TO SAVEPOINT told;

SAVEPOINT told;
:as_processor
SELECT api.import_activity(report.activity_json(:'first', 'by_id', false)::text, NULL, :'first') ->> 'session_id' AS told \gset
:as_tester
SELECT set_eq('SELECT tap.fates()', 'SELECT concat_ws('' '', s.id, s.fate) FROM tap.said AS s', 'by_id: all that a file can say has arrived, the rest holds');
SELECT is(tap.lost(:'first', :'told'), NULL, 'by_id: nothing is lost');
SELECT is((SELECT count(*) FROM report.transactions AS t WHERE t.session_id = :'told'), (SELECT count(*) FROM tap.said AS s), 'by_id: nothing is new');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'by_id: and it can be committed');
SET CONSTRAINTS ALL DEFERRED;
ROLLBACK TO SAVEPOINT told;

SAVEPOINT told;
:as_processor
SELECT api.import_activity(report.activity_json(:'first', 'as_imported', false)::text, NULL, :'first') ->> 'session_id' AS told \gset
:as_tester
SELECT set_eq('SELECT tap.fates()', 'SELECT concat_ws('' '', s.id, s.fate) FROM tap.said AS s', 'as_imported: all that a file can say has arrived, the rest holds');
SELECT is(tap.lost(:'first', :'told'), NULL, 'as_imported: nothing is lost');
SELECT is((SELECT count(*) FROM report.transactions AS t WHERE t.session_id = :'told'), (SELECT count(*) FROM tap.said AS s), 'as_imported: nothing is new');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'as_imported: and it can be committed');
SET CONSTRAINTS ALL DEFERRED;
ROLLBACK TO SAVEPOINT told;

-- A third thing still is one.
:as_processor
SELECT api.import_activity(tap.file('{"12": {"amt": "-6.00"}, "14": {"amt": "15.00"}, "16": {"amt": "16.00"},
    "20": {"code_type": "Job Coding", "job": "8", "phase": "6", "gl_acct": null, "gl_desc": null}, "22": {"gl_acct": "7000.100"},
    "41": {"attachment": true}, "44": {"rec_id": "46"}}'), NULL, :'first') ->> 'session_id' AS third \gset
:as_tester
SELECT set_eq($$SELECT f FROM tap.fates() AS f WHERE f ~ 'conflict'$$,
    $$VALUES ('12 conflict'), ('14 conflict'), ('16 conflict'), ('20 conflict'), ('22 conflict'), ('44 conflict')$$, 'what is said otherwise is asked');
SELECT is((SELECT t.transaction_type || ' ' || t.amount FROM report.transactions AS t WHERE t.session_id = :'third' AND t.external_transaction_id = '12'),
    'refund -6.00', 'and the report shown meanwhile');

-- What nobody could read is no other value when the old program writes that it found none.
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "11", "amt": "1Z.00", "date": "03/32/2025"}')))) AS first \gset
SELECT api.correct_transactions(:'first', (
    SELECT jsonb_agg(jsonb_build_object('transaction_id', t.transaction_id, 'employee_revision_id', t.employee_revision_id,
        'changes', '{"amount": 10, "transaction_date": "2025-03-29"}'::jsonb))
    FROM report.transactions AS t WHERE t.session_id = :'first'), 'as told by mail') \g /dev/null
SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "11", "amt": 0, "date": null}')))::text, NULL, :'first')
    ->> 'session_id' AS second \gset
SELECT is((SELECT t.amount || ' on ' || t.transaction_date FROM report.transactions AS t WHERE t.session_id = :'second'), '10.00 on 2025-03-29',
    'nothing is asked, and what people read holds');

-- A day that no file could say is refused.
SELECT throws_ok(format($$SELECT api.correct_transactions(%L, %L, 'x')$$, :'second', (
    SELECT jsonb_agg(jsonb_build_object('transaction_id', t.transaction_id, 'employee_revision_id', t.employee_revision_id,
        'changes', jsonb_build_object('transaction_date', current_date + 367)))
    FROM report.transactions AS t WHERE t.session_id = :'second')), 'IV008', NULL, 'a day beyond a year is none');

-- Receipts without id that are alike, each corrected in what no file can say: both are known again.
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": null, "amt": "5.00", "title": null, "purpose": null}'),
    tap.receipt('{"rec_id": null, "amt": "5.00", "title": null, "purpose": null}'), tap.receipt('{"rec_id": null, "amt": "x", "title": null}')))) AS first \gset
SELECT api.correct_transactions(:'first', (
    SELECT jsonb_agg(jsonb_build_object('transaction_id', t.transaction_id, 'employee_revision_id', t.employee_revision_id, 'changes',
        CASE WHEN t.amount IS NULL THEN '{"gl_account": "7000.100"}'::jsonb
            ELSE jsonb_build_object('transaction_type', 'adjustment', 'coding_type', 'job_coding', 'job_number', '1') END))
    FROM report.transactions AS t WHERE t.session_id = :'first'), 'as told by mail') \g /dev/null
SELECT api.import_activity(report.activity_json(:'first', 'by_code', false)::text, NULL, :'first') ->> 'session_id' AS told \gset
:as_tester
SELECT is((SELECT count(*) FROM report.transactions AS o JOIN report.transactions AS n ON n.session_id = :'told' AND n.transaction_id = o.transaction_id
    AND n.transaction_type = o.transaction_type AND (n.job_number, n.gl_account) IS NOT DISTINCT FROM (o.job_number, o.gl_account)
    WHERE o.session_id = :'first'), 3::bigint, 'receipts without id, too');
SELECT results_eq(format('SELECT c.fate, count(*) FROM report.corrections AS c WHERE c.session_id = %L AND c.fate <> ''replaced'' GROUP BY 1', :'told'),
    $$VALUES ('arrived', 1::bigint), ('in_force', 4)$$, 'and what was said of them holds or has arrived');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and it can be committed');
SELECT * FROM finish();
ROLLBACK;
