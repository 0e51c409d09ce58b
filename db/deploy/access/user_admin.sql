-- What an administrator does with users, logins and settings.
-- requires: access/requests

BEGIN;

CREATE OR REPLACE FUNCTION app.keep_administrator() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    -- Locked, so that of two who take the role from each other at once one is refused.
    PERFORM FROM app.users AS u
    WHERE u.role = 'admin' AND u.is_active AND NOT u.is_system ORDER BY u.user_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM app.fail('RL071', 'role', 'an active administrator besides ' || OLD.user_name, 'none');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.keep_administrator() IS 'Trigger: refuses that the last active administrator loses role or access. System users do not count. Raises RL071.';
CREATE OR REPLACE TRIGGER t50_keep_administrator AFTER UPDATE ON app.users
FOR EACH ROW WHEN (old.role = 'admin' AND old.is_active AND NOT old.is_system AND NOT (new.role = 'admin' AND new.is_active))
EXECUTE FUNCTION app.keep_administrator();
ALTER TABLE app.users ENABLE ALWAYS TRIGGER t50_keep_administrator;
COMMENT ON TRIGGER t50_keep_administrator ON app.users IS 'Refuses that the last active administrator is gone.';

CREATE OR REPLACE FUNCTION api.save_user(
    p_user_name text, p_email text DEFAULT NULL, p_role text DEFAULT NULL, p_cardholder_id uuid DEFAULT NULL,
    p_is_active boolean DEFAULT NULL, p_expected_version integer DEFAULT NULL, p_request_id text DEFAULT NULL,
    p_clear text[] DEFAULT NULL
) RETURNS report.users
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('save_user', p_user_name, p_email, p_role, p_cardholder_id::text, p_is_active::text,
        p_expected_version::text, p_clear::text);
    v_answer jsonb := app.begin_request(p_request_id, 'save_user', v_hash);
    v_user app.users;
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN pg_catalog.jsonb_populate_record(NULL::report.users, v_answer);
    ELSIF NOT coalesce(p_clear, '{}') <@ ARRAY['email', 'cardholder_id'] THEN
        PERFORM app.fail('IV008', 'clear', 'email and cardholder_id at most',
            pg_catalog.array_to_string(p_clear, ', ', 'none'));
    END IF;
    IF coalesce(pg_catalog.length(p_user_name), 0) NOT BETWEEN 1 AND 200 OR p_user_name <> pg_catalog.btrim(p_user_name) THEN
        PERFORM app.fail('IV008', 'user_name', '1 to 200 characters without blanks around them', coalesce(p_user_name, 'none'));
    ELSIF NOT app.is_address(p_email) THEN
        PERFORM app.fail('IV008', 'email', 'an address of at most 320 characters', p_email);
    END IF;
    PERFORM app.refuse_role(p_role);
    PERFORM app.refuse_card_number(p_user_name, 'user_name');
    PERFORM app.refuse_card_number(p_email, 'email');
    SELECT u.* INTO v_user FROM app.users AS u WHERE u.user_name = p_user_name FOR NO KEY UPDATE;
    IF v_user.is_system THEN
        PERFORM app.fail('ST002', 'user_name', 'a user who is no system user', p_user_name);
    ELSIF v_user.user_id = app.actor_id() THEN
        PERFORM app.fail('PM004', 'user_name', 'another user', p_user_name);
    END IF;
    PERFORM app.check_version(p_expected_version, v_user.version);
    IF v_user.user_id IS NULL THEN
        PERFORM app.refuse_control(p_user_name, 'user_name');
        INSERT INTO app.users AS u (user_name, email, role, cardholder_id, is_active)
        VALUES (p_user_name, p_email, coalesce(p_role, 'read_only'), p_cardholder_id, coalesce(p_is_active, true));
    ELSE
        UPDATE app.users AS u
        SET email = CASE WHEN 'email' = ANY (p_clear) THEN NULL ELSE coalesce(p_email, u.email) END,
            role = coalesce(p_role, u.role),
            cardholder_id = CASE WHEN 'cardholder_id' = ANY (p_clear) THEN NULL
                ELSE coalesce(p_cardholder_id, u.cardholder_id) END,
            is_active = coalesce(p_is_active, u.is_active)
        WHERE u.user_id = v_user.user_id;
    END IF;
    SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.users AS r WHERE r.user_name = p_user_name;
    PERFORM app.end_request(p_request_id, 'save_user', v_hash, v_answer);
    RETURN pg_catalog.jsonb_populate_record(NULL::report.users, v_answer);
EXCEPTION
    WHEN foreign_key_violation THEN
        PERFORM app.fail('NF004', 'cardholder_id', NULL, p_cardholder_id::text);
        RETURN NULL;
    WHEN unique_violation THEN
        IF EXISTS (SELECT FROM app.users AS u WHERE u.user_name = p_user_name AND v_user.user_id IS NULL) THEN
            PERFORM app.check_version(p_expected_version, 1);
        END IF;
        PERFORM app.fail('ST010', 'cardholder_id', 'a cardholder without active user',
            (SELECT u.user_name FROM app.users AS u
             WHERE u.cardholder_id = coalesce(p_cardholder_id, v_user.cardholder_id) AND u.is_active
                 AND u.user_name <> p_user_name));
        RETURN NULL;
END
$$;
COMMENT ON FUNCTION api.save_user(text, text, text, uuid, boolean, integer, text, text[]) IS 'Makes a user (read_only and active unless said) or changes one, found by name, at the version seen: what is null stays as it is; clear names what is taken away, email or cardholder_id. Raises IV008 for an unknown role or a malformed name or address, IV018, IV071 for a control character in the name, NF004 for an unknown cardholder, PM001, PM002, PM004 for the own user, RL071 when the last active administrator would be gone, ST001, ST002 for a system user, ST003, ST010 when the cardholder is another active user.';

CREATE OR REPLACE FUNCTION api.map_login(
    p_login_name text, p_user_name text DEFAULT NULL, p_expected_version integer DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.users
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('map_login', p_login_name, p_user_name, p_expected_version::text);
    v_answer jsonb := app.begin_request(p_request_id, 'map_login', v_hash);
    v_old app.users;
    v_new app.users;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.refuse_card_number(p_login_name, 'login_name');
        IF p_login_name IS NULL OR p_login_name = 'ccp_service' THEN
            PERFORM app.fail('IV008', 'login_name', 'a login of a person or program, not that of the service',
                coalesce(p_login_name, 'none'));
        END IF;
        SELECT u.* INTO v_new FROM app.users AS u WHERE u.user_name = p_user_name;
        IF v_new.user_id IS NULL AND p_user_name IS NOT NULL THEN
            PERFORM app.fail('NF003', 'user_name', NULL, p_user_name);
        END IF;
        SELECT u.* INTO v_old FROM app.login_users AS l JOIN app.users AS u ON u.user_id = l.user_id
        WHERE l.login_name = p_login_name;
        IF v_new.is_system OR v_old.is_system THEN
            PERFORM app.fail('ST002', 'user_name', 'a user who is no system user', coalesce(p_user_name, v_old.user_name));
        END IF;
        IF app.actor_id() IN (v_old.user_id, v_new.user_id)
            OR (p_login_name = session_user AND session_user <> 'ccp_service')
        THEN
            PERFORM app.fail('PM004', 'login_name', 'a login and a user of somebody else', p_login_name);
        END IF;
        -- Both show another list of logins from now on; in key order, so that two of these never deadlock.
        PERFORM FROM app.users AS u WHERE u.user_id IN (v_old.user_id, v_new.user_id)
        ORDER BY u.user_id FOR NO KEY UPDATE;
        PERFORM app.check_version(p_expected_version,
            (SELECT u.version FROM app.users AS u WHERE u.user_id = coalesce(v_new.user_id, v_old.user_id)));
        DELETE FROM app.login_users AS l WHERE l.login_name = p_login_name AND p_user_name IS NULL;
        INSERT INTO app.login_users AS l (login_name, user_id)
        SELECT p_login_name, v_new.user_id WHERE p_user_name IS NOT NULL
        ON CONFLICT (login_name) DO UPDATE SET user_id = excluded.user_id;
        UPDATE app.users AS u SET version = u.version + 1 WHERE u.user_id IN (v_old.user_id, v_new.user_id);
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.users AS r
        WHERE r.user_id = coalesce(v_new.user_id, v_old.user_id);
        v_answer := app.end_request(p_request_id, 'map_login', v_hash, coalesce(v_answer, '{}'));
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.users, v_answer);
END
$$;
COMMENT ON FUNCTION api.map_login(text, text, integer, text) IS 'Lets a database login act as a user from now on, at the version of that user; a null user takes the mapping away, at the version of who was mapped, and answers that user. The service login cannot be mapped, nor is any to a system user, whose logins are the deployment''s. Raises IV008, IV018, NF003, PM001, PM002, PM004 for the own login or user, ST001, ST002 for a system user, ST003.';

CREATE OR REPLACE FUNCTION api.save_setting(
    p_setting_name text, p_value numeric, p_expected_version integer DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.settings
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('save_setting', p_setting_name, p_value::text, p_expected_version::text);
    v_answer jsonb := app.begin_request(p_request_id, 'save_setting', v_hash);
    v_setting app.settings;
BEGIN
    IF v_answer IS NULL THEN
        SELECT s.* INTO v_setting FROM app.settings AS s WHERE s.setting_name = p_setting_name FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            PERFORM app.fail('IV008', 'setting_name', 'a name of report.settings', p_setting_name);
        ELSIF (p_value <> 'NaN' AND p_value BETWEEN v_setting.minimum AND v_setting.maximum) IS NOT TRUE THEN
            PERFORM app.fail('IV008', 'value', pg_catalog.format('%s to %s', v_setting.minimum, v_setting.maximum),
                coalesce(p_value::text, 'none'));
        END IF;
        PERFORM app.check_version(p_expected_version, v_setting.version);
        UPDATE app.settings AS s SET value = p_value WHERE s.setting_name = p_setting_name;
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.settings AS r WHERE r.setting_name = p_setting_name;
        PERFORM app.end_request(p_request_id, 'save_setting', v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.settings, v_answer);
END
$$;
COMMENT ON FUNCTION api.save_setting(text, numeric, integer, text) IS 'Sets the value of a setting, at the version seen; within its own range. Raises IV008 when there is none of this name or the value is outside, PM001, PM002, ST001, ST003.';

GRANT EXECUTE ON FUNCTION api.save_user(text, text, text, uuid, boolean, integer, text, text[]),
    api.map_login(text, text, integer, text), api.save_setting(text, numeric, integer, text) TO ccp_admin;

SELECT app.pin_entry_points();

COMMIT;
