-- What an administrator does with users, logins and settings.
-- requires: access/requests

BEGIN;

CREATE OR REPLACE FUNCTION api.save_user(
    p_user_name text, p_email text DEFAULT NULL, p_role text DEFAULT 'read_only',
    p_cardholder_id uuid DEFAULT NULL, p_is_active boolean DEFAULT true
) RETURNS report.users
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_user report.users;
BEGIN
    PERFORM app.begin_request(NULL, 'save_user', NULL);
    IF p_role IS NULL OR p_role NOT IN ('admin', 'processor', 'reviewer', 'read_only') THEN
        RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'role is unknown',
            DETAIL = pg_catalog.format('expected admin, processor, reviewer or read_only, got %L', p_role),
            HINT = 'Choose one of the four roles.', COLUMN = 'role';
    END IF;
    IF EXISTS (SELECT FROM app.users AS u WHERE u.user_name = p_user_name AND u.is_system) THEN
        RAISE EXCEPTION USING ERRCODE = 'ST002', MESSAGE = 'system users cannot be changed',
            DETAIL = pg_catalog.format('got %L', p_user_name),
            HINT = 'Choose another user name.', COLUMN = 'user_name';
    END IF;
    INSERT INTO app.users AS u (user_name, email, role, cardholder_id, is_active)
    VALUES (p_user_name, p_email, p_role, p_cardholder_id, p_is_active)
    ON CONFLICT (user_name) DO UPDATE
        SET email = excluded.email, role = excluded.role,
            cardholder_id = excluded.cardholder_id, is_active = excluded.is_active;
    SELECT r.* INTO v_user FROM report.users AS r WHERE r.user_name = p_user_name;
    RETURN v_user;
EXCEPTION
    WHEN foreign_key_violation THEN
        RAISE EXCEPTION USING ERRCODE = 'NF004', MESSAGE = 'there is no such cardholder',
            DETAIL = pg_catalog.format('got %s', p_cardholder_id),
            HINT = 'See report.employee_revisions.', COLUMN = 'cardholder_id';
END
$$;
COMMENT ON FUNCTION api.save_user(text, text, text, uuid, boolean) IS 'Makes a user or sets email, role, cardholder and active of an existing one, found by name. Raises IV008 for an unknown role, NF004 for an unknown cardholder, ST002 for a system user; constraints refuse malformed names and addresses.';
GRANT EXECUTE ON FUNCTION api.save_user(text, text, text, uuid, boolean) TO ccp_admin;

CREATE OR REPLACE FUNCTION api.map_login(p_login_name text, p_user_name text) RETURNS report.users
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_user report.users;
BEGIN
    PERFORM app.begin_request(NULL, 'map_login', NULL);
    SELECT r.* INTO v_user FROM report.users AS r WHERE r.user_name = p_user_name;
    IF v_user.user_id IS NULL AND p_user_name IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NF003', MESSAGE = 'there is no such user',
            DETAIL = pg_catalog.format('got %L', p_user_name),
            HINT = 'Make the user first with api.save_user.', COLUMN = 'user_name';
    END IF;
    DELETE FROM app.login_users AS l WHERE l.login_name = p_login_name AND p_user_name IS NULL;
    INSERT INTO app.login_users AS l (login_name, user_id)
    SELECT p_login_name, v_user.user_id WHERE p_user_name IS NOT NULL
    ON CONFLICT (login_name) DO UPDATE SET user_id = excluded.user_id;
    SELECT r.* INTO v_user FROM report.users AS r WHERE r.user_name = p_user_name;
    RETURN v_user;
END
$$;
COMMENT ON FUNCTION api.map_login(text, text) IS 'Lets a database login act as a user from now on; a null user takes the mapping away. The service login cannot be mapped. Raises NF003.';
GRANT EXECUTE ON FUNCTION api.map_login(text, text) TO ccp_admin;

CREATE OR REPLACE FUNCTION api.save_setting(p_setting_name text, p_value numeric) RETURNS report.settings
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_setting report.settings;
BEGIN
    PERFORM app.begin_request(NULL, 'save_setting', NULL);
    UPDATE app.settings AS s SET value = p_value WHERE s.setting_name = p_setting_name;
    SELECT r.* INTO v_setting FROM report.settings AS r WHERE r.setting_name = p_setting_name;
    IF v_setting.setting_name IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'there is no such setting',
            DETAIL = pg_catalog.format('got %L', p_setting_name),
            HINT = 'See report.settings.', COLUMN = 'setting_name';
    END IF;
    RETURN v_setting;
END
$$;
COMMENT ON FUNCTION api.save_setting(text, numeric) IS 'Sets the value of a setting; its own range is a constraint. Raises IV008 when there is none of this name.';
GRANT EXECUTE ON FUNCTION api.save_setting(text, numeric) TO ccp_admin;

SELECT app.pin_entry_points();

COMMIT;
