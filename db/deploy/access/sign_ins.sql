-- Who signed in with a browser, and when that ended.
-- requires: access/user_admin

BEGIN;

CREATE TABLE app.sign_ins (
    sign_in_id text NOT NULL,
    user_id uuid NOT NULL,
    method text NOT NULL,
    link_id text,
    signed_in_at timestamptz NOT NULL DEFAULT now(),
    signed_out_at timestamptz,
    CONSTRAINT sign_ins_pkey PRIMARY KEY (sign_in_id),
    CONSTRAINT sign_ins_link_id_key UNIQUE (link_id),
    CONSTRAINT sign_ins_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (user_id),
    CONSTRAINT sign_ins_sign_in_id_check CHECK (sign_in_id ~ '^[0-9a-f]{32}$'),
    CONSTRAINT sign_ins_link_id_check CHECK (link_id ~ '^[0-9a-f]{32}$'),
    CONSTRAINT sign_ins_method_check CHECK (method IN ('link', 'provider')),
    CONSTRAINT sign_ins_method_link_id_check CHECK ((method = 'link') = (link_id IS NOT NULL)),
    CONSTRAINT sign_ins_signed_out_at_check CHECK (signed_out_at >= signed_in_at)
);
CREATE INDEX sign_ins_user_id_idx ON app.sign_ins (user_id);
COMMENT ON TABLE app.sign_ins IS 'Sessions of browsers: who signed in, how, and when that ended. The cookie of a browser names one; one that was ended opens nothing any more.';
COMMENT ON COLUMN app.sign_ins.sign_in_id IS 'Key: 32 hexadecimal digits; api.revoke_token ends it like a token.';
COMMENT ON COLUMN app.sign_ins.user_id IS 'Who signed in.';
COMMENT ON COLUMN app.sign_ins.method IS 'link: by a link that works once; provider: at the provider of the company''s sign-in.';
COMMENT ON COLUMN app.sign_ins.link_id IS 'The link; each is used once.';
COMMENT ON COLUMN app.sign_ins.signed_in_at IS 'When.';
COMMENT ON COLUMN app.sign_ins.signed_out_at IS 'When it was ended by signing out; null: not so, but it may be over by its age.';
SELECT audit.guard('app.sign_ins', 'mutable');

CREATE OR REPLACE VIEW report.sign_ins AS
SELECT s.sign_in_id, u.user_name, s.method, s.signed_in_at, s.signed_out_at
FROM app.sign_ins AS s JOIN app.users AS u ON u.user_id = s.user_id;
COMMENT ON VIEW report.sign_ins IS 'Who signed in with a browser and when that ended, for administrators and auditors.';
SELECT app.describe_columns('report.sign_ins', 'app.sign_ins');
COMMENT ON COLUMN report.sign_ins.user_name IS 'Name of the user.';
GRANT SELECT ON report.sign_ins TO ccp_admin, ccp_auditor;

CREATE OR REPLACE FUNCTION api.record_sign_in(
    p_sign_in_id text, p_method text, p_link_id text DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.sign_ins
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('record_sign_in', p_sign_in_id, p_method, p_link_id);
    v_answer jsonb := app.begin_request(p_request_id, 'record_sign_in', v_hash);
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.refuse_card_number(p_sign_in_id, 'sign_in_id'), app.refuse_card_number(p_link_id, 'link_id');
        IF p_sign_in_id IS NULL OR p_sign_in_id !~ '^[0-9a-f]{32}$' THEN
            PERFORM app.fail('IV008', 'sign_in_id', '32 hex digits', coalesce(p_sign_in_id, 'none'));
        ELSIF p_method IS NULL OR p_method NOT IN ('link', 'provider') THEN
            PERFORM app.fail('IV008', 'method', 'link, provider', coalesce(p_method, 'none'));
        ELSIF (p_method = 'link') <> (p_link_id IS NOT NULL) OR p_link_id !~ '^[0-9a-f]{32}$' THEN
            PERFORM app.fail('IV008', 'link_id', '32 hex digits of a link, and of nothing else', coalesce(p_link_id, 'none'));
        END IF;
        PERFORM app.take_turn('sign-ins');
        IF EXISTS (SELECT FROM app.sign_ins AS s WHERE s.link_id = p_link_id OR s.sign_in_id = p_sign_in_id) THEN
            PERFORM app.fail('PM074', 'link_id');
        END IF;
        INSERT INTO app.sign_ins (sign_in_id, user_id, method, link_id)
        VALUES (p_sign_in_id, app.actor_id(), p_method, p_link_id);
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.sign_ins AS r WHERE r.sign_in_id = p_sign_in_id;
        v_answer := app.end_request(p_request_id, 'record_sign_in', v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.sign_ins, v_answer);
END
$$;
COMMENT ON FUNCTION api.record_sign_in(text, text, text, text) IS 'Records that the acting user signed in with a browser, by a link or at the provider; a link works once. Raises IV008, IV018, PM001, PM002, PM074 for a link that was used, ST003.';

CREATE OR REPLACE FUNCTION api.record_sign_out(p_sign_in_id text DEFAULT NULL, p_request_id text DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('record_sign_out', p_sign_in_id);
    v_answer jsonb := app.begin_request(p_request_id, 'record_sign_out', v_hash);
    v_ended integer;
BEGIN
    IF v_answer IS NULL THEN
        UPDATE app.sign_ins AS s SET signed_out_at = now()
        WHERE s.user_id = app.actor_id() AND s.signed_out_at IS NULL
            AND (p_sign_in_id IS NULL OR s.sign_in_id = p_sign_in_id);
        GET DIAGNOSTICS v_ended = ROW_COUNT;
        v_answer := app.end_request(p_request_id, 'record_sign_out', v_hash, pg_catalog.to_jsonb(v_ended));
    END IF;
    RETURN v_answer::integer;
END
$$;
COMMENT ON FUNCTION api.record_sign_out(text, text) IS 'Ends a session of the acting user''s browsers, all of them without an id, and answers how many; ending again ends nothing. Raises IV008, IV018, PM001, PM002, ST003.';
GRANT EXECUTE ON FUNCTION api.record_sign_in(text, text, text, text), api.record_sign_out(text, text)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only;

CREATE OR REPLACE FUNCTION app.end_sign_ins() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    NEW.switched_off_at := pg_catalog.clock_timestamp();
    UPDATE app.sign_ins AS s SET signed_out_at = now() WHERE s.user_id = NEW.user_id AND s.signed_out_at IS NULL;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.end_sign_ins() IS 'Trigger: whoever is switched off is signed out everywhere and keeps no token, and that stays so when switched on again.';
CREATE OR REPLACE TRIGGER t60_end_sign_ins BEFORE UPDATE ON app.users
FOR EACH ROW WHEN (old.is_active AND NOT new.is_active) EXECUTE FUNCTION app.end_sign_ins();
COMMENT ON TRIGGER t60_end_sign_ins ON app.users IS 'Signs out who is switched off.';
ALTER TABLE app.users ENABLE ALWAYS TRIGGER t60_end_sign_ins;

SELECT app.pin_entry_points();

COMMIT;
