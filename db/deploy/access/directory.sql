-- Users that follow the directory of the company: made, and given another role, when they sign in.
-- requires: access/identities

BEGIN;

INSERT INTO app.users (user_name, role, is_system) VALUES ('directory', 'read_only', true)
ON CONFLICT (user_name) DO NOTHING;

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('directory_makes_users', 0, 0, 1, 'yes or no', '1: who signs in with one mapped role and is no user yet becomes one; 0: an administrator links identities.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE OR REPLACE FUNCTION api.admit_identity(
    p_issuer text, p_subject text, p_user_name text DEFAULT NULL, p_email text DEFAULT NULL, p_roles text[] DEFAULT NULL
) RETURNS report.actor
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_role text;
    v_given text;
    v_user app.users;
BEGIN
    PERFORM app.begin_request(NULL, 'admit_identity', NULL);
    IF (SELECT w.user_name FROM api.whoami() AS w) <> 'directory' THEN
        PERFORM app.fail('PM002', 'app.actor', 'directory', (SELECT w.user_name FROM api.whoami() AS w));
    END IF;
    -- Two browsers of one newcomer at once: the second finds the user that the first made.
    PERFORM app.take_turn('identities');
    SELECT u.* INTO v_user FROM app.user_identities AS i JOIN app.users AS u ON u.user_id = i.user_id
    WHERE i.issuer = p_issuer AND i.subject = p_subject FOR NO KEY UPDATE OF u;
    IF NOT coalesce(v_user.is_active, true) THEN
        PERFORM app.fail('PM001', 'subject', 'an active user', v_user.user_name);
    ELSIF v_user.user_id IS NULL AND app.setting('directory_makes_users') = 0 THEN
        PERFORM app.fail('PM071', 'subject', NULL, pg_catalog.format('issuer %L, subject %L',
            app.hide_card_numbers(p_issuer), app.hide_card_numbers(p_subject)));
    ELSIF p_roles IS NOT NULL OR v_user.user_id IS NULL THEN
        v_role := app.role_of_claims(p_issuer, p_roles);
    END IF;
    IF v_user.user_id IS NULL THEN
        PERFORM app.refuse_card_number(p_subject, 'subject'), app.refuse_card_number(p_user_name, 'user_name'),
            app.refuse_card_number(p_email, 'email');
        PERFORM app.refuse_words('issuer', p_issuer, 300), app.refuse_words('subject', p_subject, 200);
        PERFORM app.require_text(p_user_name, 'user_name', 200);
        -- No letter that looks like another, no sign that turns or hides text: such a user an administrator makes by hand.
        IF p_user_name !~ '^[ -~]+$' THEN
            PERFORM app.fail('IV071', 'user_name', 'printed ASCII characters');
        ELSIF EXISTS (SELECT FROM app.users AS u
            WHERE pg_catalog.lower(u.user_name) = pg_catalog.lower(pg_catalog.btrim(p_user_name))) THEN
            PERFORM app.fail('PM071', 'user_name', 'a name that no user has yet', p_user_name);
        END IF;
        -- A name is what somebody chose: it never makes a user theirs.
        INSERT INTO app.users AS u (user_name, email, role)
        VALUES (pg_catalog.btrim(p_user_name),
            CASE WHEN app.is_address(p_email) THEN p_email END, v_role)
        RETURNING u.* INTO v_user;
        INSERT INTO app.user_identities (issuer, subject, user_id, given_role)
        VALUES (p_issuer, p_subject, v_user.user_id, v_role);
    ELSIF v_role <> v_user.role THEN
        SELECT i.given_role INTO v_given FROM app.user_identities AS i WHERE i.issuer = p_issuer AND i.subject = p_subject;
        IF v_given IS DISTINCT FROM v_user.role THEN
            PERFORM app.fail('PM002', 'roles', v_user.role, v_role);
        END IF;
        UPDATE app.users AS u SET role = v_role WHERE u.user_id = v_user.user_id;
        UPDATE app.user_identities AS i SET given_role = v_role WHERE i.issuer = p_issuer AND i.subject = p_subject;
        v_user.role := v_role;
    END IF;
    RETURN ROW(v_user.user_id, v_user.user_name, v_user.role)::report.actor;
END
$$;
COMMENT ON FUNCTION api.admit_identity(text, text, text, text, text[]) IS 'Tells who an identity is that the company''s sign-in proved, for the system user directory only, in whose name it changes what it changes. With the setting directory_makes_users an unknown identity with one mapped role becomes a user of the given name, without cardholder. A role that the directory gave follows the directory; one that was given here stays, and another one is refused. Nobody is made active again. A name is printed ASCII and no user''s, whatever its case. Raises IV008 and IV071 for a malformed name, IV018, PM001 for a user who is not active, PM002 for another role or another caller, PM071 for an identity nobody linked, or when the name is a user''s already, PM072, RL071 when the last active administrator would be gone.';
GRANT EXECUTE ON FUNCTION api.admit_identity(text, text, text, text, text[]) TO ccp_worker;

SELECT app.pin_entry_points();

COMMIT;
