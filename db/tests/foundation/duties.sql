-- Four eyes are two people, and what a user may no more their login may no more.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
SELECT plan(30);
SELECT (now() AT TIME ZONE 'UTC')::date AS today \gset

-- The proposer has an own login, and administers: every way to approve what they proposed.
:as_owner
SELECT api.save_user('mia', NULL, 'admin'), api.save_user('noa', NULL, 'reviewer'), api.save_user('pia', NULL, 'reviewer') \g /dev/null
SELECT api.map_login('ccp_local', 'mia', 1) \g /dev/null
\set as_mia 'RESET ROLE; SET LOCAL SESSION AUTHORIZATION ccp_local;'
\set as_noa 'SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_reviewer; SET LOCAL app.actor = ''noa'';'
:as_tester
:as_mia
SELECT is((SELECT r.state FROM api.propose_waiver(:'receipt_issue', 1, 'receipt_lost', 'Lost', 10.00, :'today') AS r), 'waiting',
    'a waiver is proposed through psql');
SELECT throws_ok(format($$SELECT api.approve_waiver(%L, 2)$$, :'receipt_issue'), 'PM061',
    'nobody decides on a waiver they proposed', 'the proposer does not approve it');
SELECT throws_ok($$SELECT api.map_login('ccp_local', 'noa', 1)$$, 'PM004', 'nobody changes their own user',
    'nor makes the own login another user''s');
SELECT throws_ok($$SELECT api.map_login('psql_of_mia', 'mia', 2)$$, 'PM004', NULL, 'nor gets another login');
SELECT throws_ok($$SELECT api.save_user('mia', p_role => 'reviewer', p_expected_version => 2)$$, 'PM004', NULL, 'nor another role');
SELECT lives_ok($$SELECT api.save_user('new', NULL, 'reviewer')$$, 'they may make a user');
SELECT lives_ok($$SELECT api.save_user('ron', p_role => 'reviewer', p_expected_version => 1)$$, 'and give a role');
SELECT lives_ok($$SELECT api.map_login('psql_of_rae', 'rae', 1)$$, 'and map a login');
SELECT lives_ok($$SELECT api.link_identity('https://login.example.org/v2.0', 'o-1', 'pia')$$, 'and link an identity');
:as_tester
SET LOCAL SESSION AUTHORIZATION ccp_service;
SET LOCAL ROLE ccp_reviewer;
SELECT throws_ok(format($$SELECT set_config('app.actor', %L, true), api.approve_waiver(%L, 2)$$, u.user_name, :'receipt_issue'), 'PM061', NULL, u.what)
FROM (VALUES ('new', 'who was made since is no second person'), ('ron', 'nor who was given the role since'),
    ('rae', 'nor whose login was mapped since'), ('pia', 'nor whose identity was linked since')) AS u (user_name, what);
:as_owner
-- The login of the proposal acts as somebody else: mapped by another administrator, as after a change of desks.
SELECT api.map_login('ccp_local', 'noa', 1) \g /dev/null
:as_mia
SELECT throws_ok(format($$SELECT api.approve_waiver(%L, 2)$$, :'receipt_issue'), 'PM002', NULL,
    'the login has the role of an administrator and not of a reviewer');
:as_noa
SELECT throws_ok(format($$SELECT api.approve_waiver(%L, 2)$$, :'receipt_issue'), 'PM061', NULL,
    'and its user was mapped to it since');
:as_reviewer
SELECT is((SELECT r.state FROM api.approve_waiver(:'receipt_issue', 2) AS r), 'waived', 'a second person approves');

-- One card, two users: the other one inactive.
:as_owner
SELECT api.save_user('rex', p_cardholder_id => (SELECT cardholder_id FROM app.cardholders WHERE name_key = 'JOANROW'), p_expected_version => 1) \g /dev/null
SELECT throws_ok($$SELECT api.save_user('pat', p_cardholder_id => (SELECT cardholder_id FROM app.cardholders WHERE name_key = 'JOANROW'), p_expected_version => 1)$$,
    'ST010', 'the card has an active user already', 'a card has one active user');
SELECT throws_ok($$UPDATE app.users SET cardholder_id = (SELECT cardholder_id FROM app.cardholders WHERE name_key = 'JOANROW') WHERE user_name = 'pat'$$,
    '23505', NULL, 'for the owner too');
SELECT lives_ok($$SELECT api.save_user('pat', p_cardholder_id => (SELECT cardholder_id FROM app.cardholders WHERE name_key = 'JOANROW'), p_is_active => false, p_expected_version => 1)$$,
    'an inactive one may have it too');

-- A role taken away is taken away in psql.
SELECT api.map_login('ccp_local', 'ada', 1) \g /dev/null
:as_mia
SELECT lives_ok($$SELECT api.create_session('By psql')$$, 'a login acts with the role of its user');
:as_owner
SELECT api.save_user('ada', p_role => 'read_only', p_expected_version => 2) \g /dev/null
:as_mia
SELECT is((SELECT role FROM api.whoami()), 'read_only', 'the role is taken away');
SELECT throws_ok($$SELECT api.create_session('After')$$, 'PM002', 'acting person has another role', 'and the login opens nothing more');
SELECT throws_ok(format($$SELECT api.note_issue(%L, 1, 'x')$$, :'joan_issue'), 'PM002', NULL, 'notes nothing');
SELECT throws_ok($$SELECT api.save_setting('json_max_depth', 9, 1)$$, 'PM002', NULL, 'sets nothing');
SET LOCAL app.reason = 'x';
SELECT throws_ok($$UPDATE api.current_transactions SET purpose = 'x'$$, 'PM002', NULL, 'and corrects nothing');
SELECT throws_ok($$DELETE FROM api.current_transactions WHERE false$$, 'PM002', NULL, 'not even nothing');
:as_owner
SELECT api.save_user('ada', p_role => 'processor', p_expected_version => 3) \g /dev/null
:as_mia
SELECT throws_ok($$SELECT api.create_session('Another')$$, 'PM002', NULL, 'another role of the user needs another role of the login');

-- The other doors for two people: second are users whom the first one had made; and rex, whom mia had not.
-- One transaction has one actor.
:as_tester
-- (As if they had called: the tables take rows of the actor alone.)
ALTER TABLE app.cutover_proposals DROP CONSTRAINT cutover_proposals_proposed_by_check;
ALTER TABLE app.cutover_decisions DROP CONSTRAINT cutover_decisions_decided_by_check;
ALTER TABLE app.drills DROP CONSTRAINT drills_user_id_check;
ALTER TABLE app.drill_confirmations DROP CONSTRAINT drill_confirmations_confirmed_by_check;
ALTER TABLE app.history_signatures DROP CONSTRAINT history_signatures_user_id_check;
CREATE FUNCTION tap.id(p_name text) RETURNS uuid LANGUAGE sql STABLE
RETURN coalesce((SELECT u.user_id FROM app.users AS u WHERE u.user_name = p_name),
    (SELECT h.audit_actor FROM audit.users_history AS h WHERE h.user_name = 'new' LIMIT 1));
GRANT EXECUTE ON FUNCTION tap.id(text) TO ccp_owner;
:as_owner
INSERT INTO app.cutover_proposals (step, event_number, reason, proposed_by) VALUES ('freeze', 0, 'x', tap.id('first'));
INSERT INTO app.cutover_decisions (proposal_id, proposed_by, verdict, decided_by)
SELECT p.proposal_id, p.proposed_by, 'confirmed', tap.id('new') FROM app.cutover_proposals AS p;
INSERT INTO app.drills (kind, started_at, ended_at, passed, figures, server, user_id)
SELECT k.kind, now(), now(), true, '{}', 'db1', tap.id(CASE k.kind WHEN 'load' THEN 'first' ELSE 'mia' END) FROM (VALUES ('load'), ('restore')) AS k (kind);
INSERT INTO app.drill_confirmations (drill_id, recorded_by, note, confirmed_by)
SELECT d.drill_id, d.user_id, 'x', tap.id(CASE d.kind WHEN 'load' THEN 'rae' ELSE 'rex' END) FROM app.drills AS d;
INSERT INTO app.old_results (month_id, size_bytes, sha256, is_same_files)
SELECT s.month_id, 2, sha256('x'), true FROM app.processing_sessions AS s WHERE s.session_id = :'session_id';
INSERT INTO app.parallel_runs (old_result_id, session_id, sources, verdict, roots_explained, roots_unexplained, roots_pending,
    car_total_old, car_total_explained, receipt_total_old, receipt_total, receipt_total_explained, figures, deviations)
SELECT o.old_result_id, :'session_id', 'same', 'unexplained', 0, 1, 0, 0, 0, 0, 0, 0, '{}', '{}' FROM app.old_results AS o;
INSERT INTO app.parallel_differences (run_id, difference_number, level, path, field, class)
SELECT r.run_id, 1, 'file', 'x', 'x', 'missing_here' FROM app.parallel_runs AS r;
INSERT INTO app.accepted_differences (month_id, run_id, difference_number, level, path, reason, valid_until, proposed_by, accepted_by, accepted_at)
SELECT o.month_id, r.run_id, 1, 'file', 'x', 'x', current_date, tap.id('first'), tap.id('ron'), clock_timestamp()
FROM app.parallel_runs AS r JOIN app.old_results AS o ON o.old_result_id = r.old_result_id;
INSERT INTO app.history_signatures (session_id, signature_number, kind, proof, note, user_id, signed_at)
SELECT :'session_id', s.number, 'signed', '{}', 'x', tap.id(s.name), clock_timestamp()
FROM (VALUES (1, 'first'), (2, 'pia')) AS s (number, name);
:as_tester
SELECT set_eq($$SELECT d.user_name, d.other_user_id = tap.id('first') FROM report.duty_conflicts AS d WHERE d.kind = 'approver_by_proposer'$$,
    $$VALUES ('new', true), ('rae', true), ('ron', true), ('pia', true)$$,
    'steps, drills, differences and months from before have two people, too');
SELECT set_eq($$SELECT d.kind, d.user_name, d.other_user_name, d.login_name FROM report.duty_conflicts AS d WHERE d.kind <> 'approver_by_proposer'$$,
    $$VALUES ('login_beyond_user', 'ada', NULL, 'ccp_local'), ('shared_login', 'mia', NULL, 'ccp_local'),
        ('shared_login', 'noa', NULL, 'ccp_local'), ('shared_login', 'ada', NULL, 'ccp_local'),
        ('shared_card', 'rex', 'pat', NULL), ('own_submission', 'pat', NULL, NULL)$$, 'what comes near is listed');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
