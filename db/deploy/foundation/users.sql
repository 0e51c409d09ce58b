-- Who acts: users, the logins that act as them, and the functions that tell.
-- requires: foundation/types
-- requires: foundation/errors

BEGIN;

CREATE OR REPLACE FUNCTION app.user_roles() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ARRAY['admin', 'processor', 'reviewer', 'read_only'];
END;
COMMENT ON FUNCTION app.user_roles() IS 'The roles a user may have; each is the database role ccp_<role>.';

CREATE TABLE app.users (
    user_id uuid NOT NULL DEFAULT app.new_id(),
    user_name text NOT NULL,
    email text,
    role text NOT NULL,
    cardholder_id uuid,
    is_active boolean NOT NULL DEFAULT true,
    is_system boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    switched_off_at timestamptz,
    CONSTRAINT users_pkey PRIMARY KEY (user_id),
    CONSTRAINT users_user_name_key UNIQUE (user_name),
    CONSTRAINT users_user_name_check CHECK (length(user_name) BETWEEN 1 AND 200 AND user_name = btrim(user_name)
        AND NOT app.has_control(user_name)),
    CONSTRAINT users_email_check CHECK (app.is_address(email)),
    CONSTRAINT users_role_check CHECK (role = ANY (app.user_roles()))
);
COMMENT ON TABLE app.users IS 'People who use the system, and the system users "deployment" and "worker". Never deleted, only made inactive.';
COMMENT ON COLUMN app.users.user_id IS 'Key.';
COMMENT ON COLUMN app.users.user_name IS 'Unique name; the subject of a token and the value of the setting app.actor.';
COMMENT ON COLUMN app.users.email IS 'Address for notifications; null: none are sent.';
COMMENT ON COLUMN app.users.role IS 'admin, processor, reviewer or read_only; the transaction runs as ccp_<role>.';
COMMENT ON COLUMN app.users.cardholder_id IS 'The cardholder this user is, when the user has a card: nobody acts on issues of their own card.';
COMMENT ON COLUMN app.users.is_active IS 'False: the user cannot act any more.';
COMMENT ON COLUMN app.users.is_system IS 'True for "deployment" and "worker", which no token may name.';
COMMENT ON COLUMN app.users.created_at IS 'When the user was made.';
COMMENT ON COLUMN app.users.version IS 'Grows by one with every change of the user or of the logins that act as them.';
COMMENT ON COLUMN app.users.switched_off_at IS 'When the user was last made inactive: a token or link made until then opens nothing any more, also after the user was made active again; null: never.';
-- Four eyes are two people: nobody has two users who can act.
CREATE UNIQUE INDEX users_cardholder_id_active_key ON app.users (cardholder_id) WHERE is_active;
CREATE OR REPLACE TRIGGER t50_version BEFORE UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION app.raise_version();
COMMENT ON TRIGGER t50_version ON app.users IS 'Raises the version.';
ALTER TABLE app.users ENABLE ALWAYS TRIGGER t50_version;

CREATE TABLE app.login_users (
    login_name name NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT login_users_pkey PRIMARY KEY (login_name),
    CONSTRAINT login_users_login_name_check CHECK (login_name <> 'ccp_service'),
    CONSTRAINT login_users_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (user_id)
);
CREATE INDEX login_users_user_id_idx ON app.login_users (user_id);
COMMENT ON TABLE app.login_users IS 'Which user a database login acts as. A login that is not here writes nothing. The service login is never here: it names its user by app.actor.';
COMMENT ON COLUMN app.login_users.login_name IS 'Name of the database login.';
COMMENT ON COLUMN app.login_users.user_id IS 'The user it acts as.';

INSERT INTO app.users (user_name, role, is_system) VALUES ('deployment', 'admin', true), ('worker', 'read_only', true);
INSERT INTO app.login_users (login_name, user_id)
SELECT 'ccp_owner', u.user_id FROM app.users AS u WHERE u.user_name = 'deployment';

CREATE OR REPLACE FUNCTION app.refuse_role(p_role text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF p_role <> ALL (app.user_roles()) THEN
        PERFORM app.fail('IV008', 'role', pg_catalog.array_to_string(app.user_roles(), ', '), p_role);
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_role(text) IS 'Raises IV008 for a role that is none of app.user_roles; null passes.';

CREATE OR REPLACE FUNCTION app.refuse_control(p_name text, p_column text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF app.has_control(p_name) THEN
        PERFORM app.fail('IV071', p_column, 'printed characters');
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_control(text, text) IS 'Refuses a name given in the named argument that holds a control character, see app.has_control. Raises IV071.';

-- app.actor counts only for the service login: everybody with SQL can set a setting, nobody can forge session_user.
CREATE OR REPLACE FUNCTION app.find_actor() RETURNS TABLE (user_id uuid, role text, is_system boolean)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    -- The id first, so that every look-up is one by key, however it is planned.
    SELECT u.user_id, u.role, u.is_system FROM app.users AS u
    WHERE u.is_active AND u.user_id = CASE WHEN session_user = 'ccp_service'
        THEN (SELECT n.user_id FROM app.users AS n WHERE n.user_name = current_setting('app.actor', true)
            AND (NOT n.is_system OR current_setting('role') = 'ccp_worker'))
        ELSE (SELECT l.user_id FROM app.login_users AS l WHERE l.login_name = session_user) END;
END;
COMMENT ON FUNCTION app.find_actor() IS 'The active user this transaction acts as, or no row: for the service login the one named by app.actor, for any other login the one it is mapped to.';

CREATE OR REPLACE FUNCTION app.actor_id() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_actor record;
    v_role text := pg_catalog.current_setting('role');
BEGIN
    SELECT a.* INTO v_actor FROM app.find_actor() AS a;
    IF v_actor.user_id IS NULL THEN
        PERFORM app.fail('PM001', 'app.actor',
            NULL,
            pg_catalog.format('login %s, app.actor %s', session_user, coalesce(pg_catalog.quote_literal(pg_catalog.current_setting('app.actor', true)), 'not set')));
    END IF;
    IF session_user = 'ccp_service' AND v_role NOT IN ('ccp_' || v_actor.role, 'ccp_read_only')
        AND NOT (v_actor.is_system AND v_role = 'ccp_worker')
    THEN
        PERFORM app.fail('PM002', 'role', pg_catalog.format('ccp_%s', v_actor.role), v_role);
    END IF;
    RETURN v_actor.user_id;
END
$$;
COMMENT ON FUNCTION app.actor_id() IS 'The user this transaction acts as. Raises PM001 when there is none, PM002 when the service runs with a role the user does not have (ccp_read_only is open to all, for asking who one is).';

CREATE OR REPLACE FUNCTION app.is_actor(p_user_id uuid) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM app.users AS a
        JOIN app.users AS o ON o.user_id = p_user_id
        WHERE a.user_id = app.actor_id() AND (a.user_id = o.user_id OR a.cardholder_id = o.cardholder_id));
END;
COMMENT ON FUNCTION app.is_actor(uuid) IS 'Whether a user is the person who acts: the same user, or another one of the same cardholder. Where two people are asked for, the second is none of these. Raises PM001, PM002.';

CREATE OR REPLACE FUNCTION app.refuse_same_person(p_code text, p_first uuid, p_column text, p_expected text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF app.is_actor(p_first) THEN
        PERFORM app.fail(p_code, p_column, p_expected, (SELECT u.user_name FROM app.users AS u WHERE u.user_id = p_first));
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_same_person(text, uuid, text, text) IS 'Raises this code when the actor is the user who began something, or the same person under another user: it takes a second one.';

-- A grant binds the login; what the login's user may do is asked here, so that a role taken away is taken away in psql
-- too. The service takes the user's own role, and the grant of the call is the same question.
CREATE OR REPLACE FUNCTION app.require_call(p_call text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_actor record;
    v_role text;
BEGIN
    PERFORM app.actor_id();
    -- Of the migration, which comes later in the plan.
    PERFORM app.refuse_held_call(p_call);
    SELECT a.* INTO v_actor FROM app.find_actor() AS a;
    -- What the deployment runs as owns the calls.
    IF session_user = 'ccp_service' OR (v_actor.is_system AND v_actor.role = 'admin') THEN
        RETURN;
    END IF;
    v_role := CASE WHEN v_actor.is_system THEN 'ccp_worker' ELSE 'ccp_' || v_actor.role END;
    IF NOT pg_catalog.pg_has_role(session_user, v_role, 'MEMBER')
        OR NOT coalesce(CASE WHEN pg_catalog.to_regclass('api.' || p_call) IS NOT NULL
            THEN pg_catalog.has_table_privilege(v_role, 'api.' || p_call, 'INSERT, UPDATE, DELETE')
            ELSE (SELECT pg_catalog.has_function_privilege(v_role, p.oid, 'EXECUTE') FROM pg_catalog.pg_proc AS p
                  WHERE p.pronamespace = 'api'::regnamespace AND p.proname = p_call) END, false)
    THEN
        PERFORM app.fail('PM002', 'role',
            pg_catalog.format('a login and a user with a role that may call api.%s', p_call),
            pg_catalog.format('login %s, role %s', session_user, v_role));
    END IF;
END
$$;
COMMENT ON FUNCTION app.require_call(text) IS 'Refuses a call of schema api (or a write to its view) that is not open to the role the acting user has, whatever roles the login has, and one that would change a month while the cut-over is rolled back. Raises PM001, PM002, ST150.';

CREATE TYPE report.actor AS (user_id uuid, user_name text, role text);
COMMENT ON TYPE report.actor IS 'The acting user.';
COMMENT ON COLUMN report.actor.user_id IS 'The user.';
COMMENT ON COLUMN report.actor.user_name IS 'Unique name; the subject of a token.';
COMMENT ON COLUMN report.actor.role IS 'admin, processor, reviewer or read_only; the transaction runs as ccp_<role>.';

CREATE OR REPLACE FUNCTION api.whoami() RETURNS report.actor
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT u.user_id, u.user_name, u.role FROM app.users AS u WHERE u.user_id = app.actor_id();
END;
COMMENT ON FUNCTION api.whoami() IS 'The acting user: id, name and role. Raises PM001 when the actor is missing, unknown or not active.';
GRANT EXECUTE ON FUNCTION api.whoami() TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_worker, ccp_auditor;

CREATE OR REPLACE VIEW report.users AS
SELECT u.user_id, u.user_name, u.email, u.role, u.cardholder_id, u.is_active, u.is_system, u.created_at, u.version,
    ARRAY(SELECT l.login_name::text FROM app.login_users AS l WHERE l.user_id = u.user_id ORDER BY 1) AS logins
FROM app.users AS u;
COMMENT ON VIEW report.users IS 'All users, for administrators and auditors.';
COMMENT ON COLUMN report.users.logins IS 'Database logins that act as this user.';
SELECT app.describe_columns('report.users', 'app.users');
GRANT SELECT ON report.users TO ccp_admin, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
