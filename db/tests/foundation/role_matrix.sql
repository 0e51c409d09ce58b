-- The role of the user bounds every login: one that has all roles may call what its user may, and nothing else.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
SELECT plan(7);

CREATE ROLE tap_everything LOGIN IN ROLE ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_worker;
CREATE FUNCTION tap.may_call(p_call text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
AS $$
BEGIN
    PERFORM app.require_call(p_call);
    RETURN true;
EXCEPTION
    WHEN SQLSTATE 'PM002' THEN
        RETURN false;
END
$$;
CREATE TABLE tap.allowed AS
SELECT r.role, c.call_name, coalesce(
    (SELECT has_function_privilege('ccp_' || r.role, p.oid, 'EXECUTE') FROM pg_proc AS p
     WHERE p.pronamespace = 'api'::regnamespace AND p.proname = c.call_name),
    has_table_privilege('ccp_' || r.role, 'api.current_transactions', 'UPDATE')) AS is_allowed
FROM app.month_calls AS c, unnest(ARRAY['admin', 'processor', 'reviewer', 'read_only']) AS r (role);
GRANT SELECT ON tap.allowed TO PUBLIC;
SELECT is((SELECT count(*) FILTER (WHERE a.is_allowed) FROM tap.allowed AS a WHERE a.role = 'read_only'
    AND a.call_name NOT IN ('sign_in', 'record_sign_in', 'record_sign_out', 'record_hand_out')), 0::bigint,
    'a reader writes nothing but who acts and what they were handed');

:as_owner
SELECT api.save_user('all', NULL, 'admin'), api.map_login('tap_everything', 'all', 1) \g /dev/null
:as_tester
SET LOCAL SESSION AUTHORIZATION tap_everything;
SELECT is_empty($$SELECT a.call_name FROM tap.allowed AS a WHERE a.role = 'admin' AND tap.may_call(a.call_name) <> a.is_allowed$$,
    'an administrator calls what administrators may, whatever else the login may');
:as_owner
SELECT api.save_user('all', p_role => 'processor', p_expected_version => 2) \g /dev/null
:as_tester
SET LOCAL SESSION AUTHORIZATION tap_everything;
SELECT is_empty($$SELECT a.call_name FROM tap.allowed AS a WHERE a.role = 'processor' AND tap.may_call(a.call_name) <> a.is_allowed$$,
    'a processor what processors may');
SELECT throws_ok($$SELECT api.save_setting('json_max_depth', 9, 1)$$, 'PM002', 'acting person has another role',
    'a former administrator sets nothing');
:as_owner
SELECT api.save_user('all', p_role => 'reviewer', p_expected_version => 3) \g /dev/null
:as_tester
SET LOCAL SESSION AUTHORIZATION tap_everything;
SELECT is_empty($$SELECT a.call_name FROM tap.allowed AS a WHERE a.role = 'reviewer' AND tap.may_call(a.call_name) <> a.is_allowed$$,
    'a reviewer what reviewers may');
:as_owner
SELECT api.save_user('all', p_role => 'read_only', p_expected_version => 4) \g /dev/null
:as_tester
SET LOCAL SESSION AUTHORIZATION tap_everything;
SELECT is_empty($$SELECT a.call_name FROM tap.allowed AS a WHERE a.role = 'read_only' AND tap.may_call(a.call_name) <> a.is_allowed$$,
    'and a reader nothing');
:as_owner
SELECT api.save_user('all', p_is_active => false, p_expected_version => 5) \g /dev/null
:as_tester
SET LOCAL SESSION AUTHORIZATION tap_everything;
SELECT throws_ok($$SELECT tap.may_call('start_issue')$$, 'PM001', NULL, 'who is not active is nobody');
:as_tester
SELECT * FROM finish();
ROLLBACK;
