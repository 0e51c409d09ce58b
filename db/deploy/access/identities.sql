-- Who a token is: identities of an issuer, roles by its claims, tokens that were revoked.
-- requires: access/user_admin
-- requires: access/sign_ins

BEGIN;

CREATE TABLE app.user_identities (
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id uuid NOT NULL,
    given_role text,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT user_identities_pkey PRIMARY KEY (issuer, subject),
    CONSTRAINT user_identities_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (user_id),
    CONSTRAINT user_identities_issuer_check CHECK (issuer ~ '^[!-~]+$' AND length(issuer) <= 300),
    CONSTRAINT user_identities_subject_check CHECK (subject ~ '^[!-~]{1,200}$'),
    CONSTRAINT user_identities_given_role_check CHECK (given_role = ANY (app.user_roles()))
);
CREATE INDEX user_identities_user_id_idx ON app.user_identities (user_id);
COMMENT ON TABLE app.user_identities IS 'Which user an identity of an issuer is. The identity never changes and is read by machines; what people read is the user''s name.';
COMMENT ON COLUMN app.user_identities.issuer IS 'The claim iss of its tokens.';
COMMENT ON COLUMN app.user_identities.subject IS 'The claim that names the person for good: oid of Microsoft Entra, sub of others unless the service is set to another.';
COMMENT ON COLUMN app.user_identities.user_id IS 'The user.';
COMMENT ON COLUMN app.user_identities.given_role IS 'The role that the directory gave: while the user still has it, the directory may give another; null: roles are given here.';
COMMENT ON COLUMN app.user_identities.version IS 'Grows by one with every change.';
CREATE OR REPLACE TRIGGER t50_version BEFORE UPDATE ON app.user_identities FOR EACH ROW EXECUTE FUNCTION app.raise_version();
COMMENT ON TRIGGER t50_version ON app.user_identities IS 'Raises the version.';
ALTER TABLE app.user_identities ENABLE ALWAYS TRIGGER t50_version;
SELECT audit.guard('app.user_identities', 'mutable');

CREATE TABLE app.role_claims (
    issuer text NOT NULL,
    claim_value text NOT NULL,
    role text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT role_claims_pkey PRIMARY KEY (issuer, claim_value),
    CONSTRAINT role_claims_issuer_check CHECK (issuer ~ '^[!-~]+$' AND length(issuer) <= 300),
    CONSTRAINT role_claims_claim_value_check CHECK (claim_value ~ '^[!-~]{1,120}$'),
    CONSTRAINT role_claims_role_check CHECK (role = ANY (app.user_roles()))
);
COMMENT ON TABLE app.role_claims IS 'Which role a value of the roles claim stands for. A token whose issuer sends roles must name exactly one of them, and it must be the role of its user.';
COMMENT ON COLUMN app.role_claims.issuer IS 'The claim iss of its tokens.';
COMMENT ON COLUMN app.role_claims.claim_value IS 'A value of the claim roles, exactly as the issuer writes it.';
COMMENT ON COLUMN app.role_claims.role IS 'admin, processor, reviewer or read_only.';
COMMENT ON COLUMN app.role_claims.version IS 'Grows by one with every change.';
CREATE OR REPLACE TRIGGER t50_version BEFORE UPDATE ON app.role_claims FOR EACH ROW EXECUTE FUNCTION app.raise_version();
COMMENT ON TRIGGER t50_version ON app.role_claims IS 'Raises the version.';
ALTER TABLE app.role_claims ENABLE ALWAYS TRIGGER t50_version;
SELECT audit.guard('app.role_claims', 'mutable');

CREATE TABLE app.revoked_tokens (
    token_id text NOT NULL,
    reason text NOT NULL,
    revoked_by uuid NOT NULL,
    revoked_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT revoked_tokens_pkey PRIMARY KEY (token_id),
    CONSTRAINT revoked_tokens_revoked_by_fkey FOREIGN KEY (revoked_by) REFERENCES app.users (user_id),
    CONSTRAINT revoked_tokens_token_id_check CHECK (token_id ~ '^[0-9a-f]{32}$'),
    CONSTRAINT revoked_tokens_reason_check CHECK (length(btrim(reason)) BETWEEN 1 AND 1000)
);
CREATE INDEX revoked_tokens_revoked_by_idx ON app.revoked_tokens (revoked_by);
COMMENT ON TABLE app.revoked_tokens IS 'Local tokens that are refused although they are signed and not over. A revoked token stays revoked.';
COMMENT ON COLUMN app.revoked_tokens.token_id IS 'The claim jti: 32 hexadecimal digits.';
COMMENT ON COLUMN app.revoked_tokens.reason IS 'Why.';
COMMENT ON COLUMN app.revoked_tokens.revoked_by IS 'The administrator who revoked it.';
COMMENT ON COLUMN app.revoked_tokens.revoked_at IS 'When.';
COMMENT ON COLUMN app.revoked_tokens.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.revoked_tokens', 'immutable');

CREATE OR REPLACE FUNCTION app.role_of_claims(p_issuer text, p_roles text[]) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_mapped text[] := ARRAY(SELECT DISTINCT c.role FROM app.role_claims AS c
        WHERE c.issuer = p_issuer AND c.claim_value = ANY (p_roles) ORDER BY 1);
BEGIN
    IF pg_catalog.cardinality(v_mapped) <> 1 THEN
        PERFORM app.fail('PM072', 'roles', '1 of the mapped roles', pg_catalog.cardinality(v_mapped)::text);
    END IF;
    RETURN v_mapped[1];
END
$$;
COMMENT ON FUNCTION app.role_of_claims(text, text[]) IS 'The role that the roles of a token stand for; several values for one role count as one. Raises PM072 when not exactly one is mapped.';

CREATE OR REPLACE FUNCTION api.sign_in(
    p_issuer text, p_subject text, p_token_id text DEFAULT NULL, p_roles text[] DEFAULT NULL, p_issued_at timestamptz DEFAULT NULL
) RETURNS TABLE (user_name text, role text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_name text := p_subject;
BEGIN
    IF p_token_id IS NOT NULL AND (EXISTS (SELECT FROM app.revoked_tokens AS t WHERE t.token_id = p_token_id)
        OR EXISTS (SELECT FROM app.sign_ins AS s WHERE s.sign_in_id = p_token_id AND s.signed_out_at IS NOT NULL))
    THEN
        PERFORM app.fail('PM073', 'token_id', NULL, p_token_id);
    END IF;
    IF p_issuer IS NOT NULL THEN
        v_name := (SELECT u.user_name FROM app.user_identities AS i JOIN app.users AS u ON u.user_id = i.user_id
            WHERE i.issuer = p_issuer AND i.subject = p_subject);
        IF v_name IS NULL THEN
            PERFORM app.fail('PM071', 'subject', NULL, pg_catalog.format('issuer %L, subject %L',
                app.hide_card_numbers(p_issuer), app.hide_card_numbers(p_subject)));
        END IF;
    END IF;
    PERFORM pg_catalog.set_config('app.actor', coalesce(v_name, ''), true);
    SELECT w.user_name, w.role INTO user_name, role FROM api.whoami() AS w;
    IF p_issued_at <= (SELECT u.switched_off_at FROM app.users AS u WHERE u.user_name = v_name) THEN
        PERFORM app.fail('PM073', 'issued_at', 'a token made since the user was switched on again', p_issued_at::text);
    END IF;
    IF p_roles IS NOT NULL AND app.role_of_claims(p_issuer, p_roles) <> role THEN
        PERFORM app.fail('PM002', 'roles', role, app.role_of_claims(p_issuer, p_roles));
    END IF;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION api.sign_in(text, text, text, text[], timestamptz) IS 'Lets the transaction of the service act as the user a checked token names, and tells name and role: without issuer the user of that name, else the one linked to the identity. Roles are looked at unless null. Raises PM001 when the user is unknown or not active, PM002, PM071 for an identity nobody linked, PM072, PM073 for a revoked token, one made (issued_at, null: not looked at) before its user was last switched off, or a session of a browser that was ended. From other logins it changes nothing: app.actor counts for the service only.';
GRANT EXECUTE ON FUNCTION api.sign_in(text, text, text, text[], timestamptz) TO ccp_read_only;

CREATE OR REPLACE VIEW report.user_identities AS
SELECT i.issuer, i.subject, i.user_id, u.user_name, i.version, i.given_role,
    i.given_role IS NOT NULL AND u.is_active AND u.cardholder_id IS NULL AS lacks_cardholder
FROM app.user_identities AS i JOIN app.users AS u ON u.user_id = i.user_id;
COMMENT ON VIEW report.user_identities IS 'Which user an identity of an issuer is, for administrators and auditors.';
SELECT app.describe_columns('report.user_identities', 'app.user_identities');
COMMENT ON COLUMN report.user_identities.user_name IS 'Name of the user.';
COMMENT ON COLUMN report.user_identities.lacks_cardholder IS 'True: the directory made this user and no administrator said which cardholder it is, so nothing keeps it from the issues of its own card. For who has no card it stays true.';
GRANT SELECT ON report.user_identities TO ccp_admin, ccp_auditor;

CREATE OR REPLACE VIEW report.role_claims AS
SELECT c.issuer, c.claim_value, c.role, c.version FROM app.role_claims AS c;
COMMENT ON VIEW report.role_claims IS 'Which role a value of the roles claim stands for, for administrators and auditors.';
SELECT app.describe_columns('report.role_claims', 'app.role_claims');
GRANT SELECT ON report.role_claims TO ccp_admin, ccp_auditor;

CREATE OR REPLACE VIEW report.revoked_tokens AS
SELECT t.token_id, t.reason, u.user_name AS revoked_by_name, t.revoked_at
FROM app.revoked_tokens AS t JOIN app.users AS u ON u.user_id = t.revoked_by;
COMMENT ON VIEW report.revoked_tokens IS 'Local tokens that were revoked, for administrators and auditors.';
COMMENT ON COLUMN report.revoked_tokens.revoked_by_name IS 'Name of the administrator who revoked it.';
SELECT app.describe_columns('report.revoked_tokens', 'app.revoked_tokens');
GRANT SELECT ON report.revoked_tokens TO ccp_admin, ccp_auditor;

CREATE OR REPLACE FUNCTION app.refuse_words(p_column text, p_value text, p_most integer) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF p_value IS NULL OR p_value !~ '^[!-~]+$' OR pg_catalog.length(p_value) > p_most THEN
        PERFORM app.fail('IV008', p_column, pg_catalog.format('1 to %s printed ASCII characters without blanks', p_most),
            coalesce(p_value, 'none'));
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_words(text, text, integer) IS 'Refuses what a token could not hold as one word: IV008.';

CREATE OR REPLACE FUNCTION api.link_identity(
    p_issuer text, p_subject text, p_user_name text DEFAULT NULL, p_expected_version integer DEFAULT NULL,
    p_request_id text DEFAULT NULL
) RETURNS report.user_identities
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('link_identity', p_issuer, p_subject, p_user_name, p_expected_version::text);
    v_answer jsonb := app.begin_request(p_request_id, 'link_identity', v_hash);
    v_user app.users;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.refuse_card_number(p_issuer, 'issuer'), app.refuse_card_number(p_subject, 'subject');
        PERFORM app.refuse_words('issuer', p_issuer, 300), app.refuse_words('subject', p_subject, 200);
        SELECT u.* INTO v_user FROM app.users AS u WHERE u.user_name = p_user_name;
        IF v_user.user_id IS NULL AND p_user_name IS NOT NULL THEN
            PERFORM app.fail('NF003', 'user_name', NULL, p_user_name);
        ELSIF v_user.is_system THEN
            PERFORM app.fail('ST002', 'user_name', 'a user who is no system user', p_user_name);
        ELSIF app.actor_id() = v_user.user_id OR EXISTS (
            SELECT FROM app.user_identities AS i
            WHERE i.issuer = p_issuer AND i.subject = p_subject AND i.user_id = app.actor_id())
        THEN
            PERFORM app.fail('PM004', 'user_name', 'an identity and a user of somebody else', p_user_name);
        END IF;
        -- One at a time, whether the row is there yet or not.
        PERFORM app.take_turn('identities');
        PERFORM app.check_version(p_expected_version, (
            SELECT i.version FROM app.user_identities AS i WHERE i.issuer = p_issuer AND i.subject = p_subject));
        DELETE FROM app.user_identities AS i
        WHERE i.issuer = p_issuer AND i.subject = p_subject AND p_user_name IS NULL;
        INSERT INTO app.user_identities AS i (issuer, subject, user_id)
        SELECT p_issuer, p_subject, v_user.user_id WHERE p_user_name IS NOT NULL
        ON CONFLICT (issuer, subject) DO UPDATE SET user_id = excluded.user_id, given_role = NULL;
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.user_identities AS r
        WHERE r.issuer = p_issuer AND r.subject = p_subject;
        v_answer := app.end_request(p_request_id, 'link_identity', v_hash, coalesce(v_answer, '{}'));
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.user_identities, v_answer);
END
$$;
COMMENT ON FUNCTION api.link_identity(text, text, text, integer, text) IS 'Lets an identity of an issuer be a user from now on, at the version seen (none: it is not linked yet); a null user takes the link away. Raises IV008 for a malformed issuer or subject, IV018, NF003, PM001, PM002, PM004 for the own identity or user, ST001, ST002 for a system user, ST003.';

CREATE OR REPLACE FUNCTION api.save_role_claim(
    p_issuer text, p_claim_value text, p_role text DEFAULT NULL, p_expected_version integer DEFAULT NULL,
    p_request_id text DEFAULT NULL
) RETURNS report.role_claims
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('save_role_claim', p_issuer, p_claim_value, p_role, p_expected_version::text);
    v_answer jsonb := app.begin_request(p_request_id, 'save_role_claim', v_hash);
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.refuse_card_number(p_issuer, 'issuer'), app.refuse_card_number(p_claim_value, 'claim_value');
        PERFORM app.refuse_words('issuer', p_issuer, 300), app.refuse_words('claim_value', p_claim_value, 120);
        PERFORM app.refuse_role(p_role);
        PERFORM app.take_turn('role claims');
        PERFORM app.check_version(p_expected_version, (
            SELECT c.version FROM app.role_claims AS c WHERE c.issuer = p_issuer AND c.claim_value = p_claim_value));
        DELETE FROM app.role_claims AS c
        WHERE c.issuer = p_issuer AND c.claim_value = p_claim_value AND p_role IS NULL;
        INSERT INTO app.role_claims AS c (issuer, claim_value, role)
        SELECT p_issuer, p_claim_value, p_role WHERE p_role IS NOT NULL
        ON CONFLICT (issuer, claim_value) DO UPDATE SET role = excluded.role;
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.role_claims AS r
        WHERE r.issuer = p_issuer AND r.claim_value = p_claim_value;
        v_answer := app.end_request(p_request_id, 'save_role_claim', v_hash, coalesce(v_answer, '{}'));
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.role_claims, v_answer);
END
$$;
COMMENT ON FUNCTION api.save_role_claim(text, text, text, integer, text) IS 'Says which role a value of an issuer''s claim roles stands for, at the version seen (none: it stands for none yet); a null role takes it away. Raises IV008 for an unknown role or a malformed value, IV018, PM001, PM002, ST001, ST003.';

CREATE OR REPLACE FUNCTION api.revoke_token(p_token_id text, p_reason text, p_request_id text DEFAULT NULL)
RETURNS report.revoked_tokens
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('revoke_token', p_token_id, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'revoke_token', v_hash, p_reason);
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.refuse_card_number(p_token_id, 'token_id');
        IF p_token_id IS NULL OR p_token_id !~ '^[0-9a-f]{32}$' THEN
            PERFORM app.fail('IV008', 'token_id', 'the claim jti of a local token: 32 hex digits', coalesce(p_token_id, 'none'));
        ELSIF coalesce(pg_catalog.length(pg_catalog.btrim(p_reason)), 0) NOT BETWEEN 1 AND 1000 THEN
            PERFORM app.fail('IV008', 'reason', '1 to 1000 characters',
                pg_catalog.format('%s characters', coalesce(pg_catalog.length(p_reason), 0)));
        END IF;
        INSERT INTO app.revoked_tokens AS t (token_id, reason, revoked_by)
        VALUES (p_token_id, app.cut_card_numbers(p_reason, NULL), app.actor_id())
        ON CONFLICT (token_id) DO NOTHING;
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.revoked_tokens AS r WHERE r.token_id = p_token_id;
        v_answer := app.end_request(p_request_id, 'revoke_token', v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.revoked_tokens, v_answer);
END
$$;
COMMENT ON FUNCTION api.revoke_token(text, text, text) IS 'Refuses a local token from its next request on, for good; revoking it again changes nothing. The id is the claim jti. Raises IV008 for a malformed id or an empty reason, IV018, PM001, PM002, ST003.';
GRANT EXECUTE ON FUNCTION api.link_identity(text, text, text, integer, text),
    api.save_role_claim(text, text, text, integer, text),
    api.revoke_token(text, text, text) TO ccp_admin;

SELECT app.pin_entry_points();

COMMIT;
