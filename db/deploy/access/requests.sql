-- Requests already answered: repeating one gets the first answer.
-- requires: audit/capture
-- requires: foundation/turns

BEGIN;

CREATE TABLE app.answered_requests (
    request_id text NOT NULL,
    call_name text NOT NULL,
    content_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    answered_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT answered_requests_pkey PRIMARY KEY (user_id, request_id),
    CONSTRAINT answered_requests_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (user_id),
    CONSTRAINT answered_requests_request_id_check CHECK (length(request_id) BETWEEN 1 AND 200)
);
COMMENT ON TABLE app.answered_requests IS 'The accepted request ids of each user, for good: an id is never used for another request of the same user, and those of others are others. Refused requests are not kept, so that they may be tried again.';
COMMENT ON COLUMN app.answered_requests.request_id IS 'The id the client chose (HTTP: Idempotency-Key).';
COMMENT ON COLUMN app.answered_requests.call_name IS 'The api function that was called.';
COMMENT ON COLUMN app.answered_requests.content_hash IS 'SHA-256 over user, call and arguments: the same id with another content is refused.';
COMMENT ON COLUMN app.answered_requests.user_id IS 'Who asked.';
COMMENT ON COLUMN app.answered_requests.answered_at IS 'When it was answered.';
COMMENT ON COLUMN app.answered_requests.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.answered_requests', 'immutable');

-- Apart from the ids, which are kept for good: an answer is needed as long as somebody may repeat the request.
CREATE TABLE app.request_answers (
    user_id uuid NOT NULL,
    request_id text NOT NULL,
    answer jsonb NOT NULL,
    answered_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT request_answers_pkey PRIMARY KEY (user_id, request_id),
    CONSTRAINT request_answers_request_id_fkey FOREIGN KEY (user_id, request_id)
        REFERENCES app.answered_requests (user_id, request_id)
);
CREATE INDEX request_answers_answered_at_idx ON app.request_answers (answered_at);
COMMENT ON TABLE app.request_answers IS 'What accepted requests were answered, for answer_retention_days.';
COMMENT ON COLUMN app.request_answers.user_id IS 'Who asked.';
COMMENT ON COLUMN app.request_answers.request_id IS 'The request.';
COMMENT ON COLUMN app.request_answers.answer IS 'What the call answered.';
COMMENT ON COLUMN app.request_answers.answered_at IS 'When it was answered.';
SELECT audit.guard('app.request_answers', 'working',
    'Repeats what the call said of rows that are proved themselves; removed by retention.');

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('answer_retention_days', 90, 1, 3660, 'days', 'How long a repeated request gets its first answer; later it is refused.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE OR REPLACE FUNCTION app.hash_request(p_call text, VARIADIC p_arguments text[]) RETURNS bytea
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT pg_catalog.sha256(pg_catalog.convert_to(ROW(app.actor_id(), p_call, p_arguments)::text, 'UTF8'));
END;
COMMENT ON FUNCTION app.hash_request(text, text[]) IS 'SHA-256 over acting user, call and its arguments as text.';

CREATE OR REPLACE FUNCTION app.require_text(p_text text, p_column text, p_maximum integer) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF pg_catalog.length(pg_catalog.btrim(coalesce(p_text, ''))) NOT BETWEEN 1 AND p_maximum THEN
        PERFORM app.fail('IV008', p_column, pg_catalog.format('1 to %s characters', p_maximum),
            pg_catalog.length(coalesce(p_text, ''))::text);
    END IF;
END
$$;
COMMENT ON FUNCTION app.require_text(text, text, integer) IS 'Raises IV008 for a text that is missing, blank or longer than allowed.';

CREATE OR REPLACE FUNCTION app.forget_reason() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    IF nullif(pg_catalog.current_setting('app.reason_of_call', true), '')
        = pg_catalog.current_setting('app.reason', true)
    THEN
        PERFORM pg_catalog.set_config('app.reason', pg_catalog.current_setting('app.reason_before', true), true);
    END IF;
    PERFORM pg_catalog.set_config('app.reason_of_call', '', true);
END
$$;
COMMENT ON FUNCTION app.forget_reason() IS 'Gives the setting app.reason back what the client had set before a call said why: what one call gave as its reason is that of no other write of the transaction.';

CREATE OR REPLACE FUNCTION app.begin_request(
    p_request_id text, p_call text, p_content_hash bytea, p_reason text DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_user_id uuid;
    v_answered app.answered_requests;
    v_answer jsonb;
BEGIN
    PERFORM app.require_call(p_call);
    -- A caller may have made the checks immediate; the steps of one call are only sound together.
    SET CONSTRAINTS ALL DEFERRED;
    -- What an earlier call of the transaction said is not this one's; what the client set stays.
    PERFORM app.forget_reason();
    IF pg_catalog.btrim(p_reason) <> '' THEN
        PERFORM pg_catalog.set_config('app.reason_before', pg_catalog.current_setting('app.reason', true), true),
            pg_catalog.set_config('app.reason', app.hide_card_numbers(pg_catalog.btrim(p_reason)), true);
        PERFORM pg_catalog.set_config('app.reason_of_call', pg_catalog.current_setting('app.reason'), true);
    END IF;
    IF p_request_id IS NULL THEN
        -- The request id likewise.
        IF pg_catalog.current_setting('app.request_id_of_call', true)
            = pg_catalog.current_setting('app.request_id', true)
        THEN
            PERFORM pg_catalog.set_config('app.request_id', '', true);
        END IF;
        RETURN NULL;
    END IF;
    IF pg_catalog.length(p_request_id) NOT BETWEEN 1 AND 200 THEN
        PERFORM app.fail('IV008', 'request_id', '1 to 200 characters', pg_catalog.length(p_request_id)::text);
    END IF;
    PERFORM app.refuse_card_number(p_request_id, 'request_id');
    PERFORM pg_catalog.set_config('app.request_id', p_request_id, true),
        pg_catalog.set_config('app.request_id_of_call', p_request_id, true);
    -- Two equal requests at once: the second waits here and then finds the first one's answer.
    v_user_id := app.actor_id();
    PERFORM app.take_turn(pg_catalog.format('request %s of %s', p_request_id, v_user_id));
    SELECT a.* INTO v_answered FROM app.answered_requests AS a
    WHERE a.user_id = v_user_id AND a.request_id = p_request_id;
    IF v_answered.request_id IS NOT NULL
        AND (v_answered.call_name <> p_call OR v_answered.content_hash IS DISTINCT FROM p_content_hash)
    THEN
        PERFORM app.fail('ST003', 'request_id', 'one that was not used before', 'one that was');
    END IF;
    IF v_answered.request_id IS NOT NULL THEN
        SELECT w.answer INTO v_answer FROM app.request_answers AS w
        WHERE w.user_id = v_user_id AND w.request_id = p_request_id;
        IF v_answer IS NULL THEN
            PERFORM app.fail('ST011', 'request_id', 'a request of the last days',
                pg_catalog.format('one answered at %s', v_answered.answered_at));
        END IF;
        PERFORM app.forget_reason();
    END IF;
    RETURN v_answer;
END
$$;
COMMENT ON FUNCTION app.begin_request(text, text, bytea, text) IS 'First step of every writing call: checks that the actor may make it, defers the commit checks, sets app.request_id, and for the rows that the call writes app.reason to what it says why, and gives the answer this request id of the same user already got, else null. Raises IV008, IV018, PM001, PM002, ST003, ST011 when the answer is not kept any more.';

CREATE OR REPLACE FUNCTION app.end_request(p_request_id text, p_call text, p_content_hash bytea, p_answer jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    PERFORM app.forget_reason();
    IF p_request_id IS NOT NULL THEN
        INSERT INTO app.answered_requests (request_id, call_name, content_hash, user_id)
        VALUES (p_request_id, p_call, p_content_hash, app.actor_id());
        INSERT INTO app.request_answers (user_id, request_id, answer) VALUES (app.actor_id(), p_request_id, p_answer);
    END IF;
    RETURN p_answer;
END
$$;
COMMENT ON FUNCTION app.end_request(text, text, bytea, jsonb) IS 'Last step of every accepted writing call: forgets its reason, keeps the answer for repetitions of the request id and returns it.';

CREATE OR REPLACE FUNCTION app.check_version(p_expected integer, p_current integer) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF p_expected IS DISTINCT FROM p_current THEN
        PERFORM app.fail('ST001', 'expected_version', 'version ' || coalesce(p_expected::text, 'none'),
            coalesce(p_current::text, 'none'));
    END IF;
END
$$;
COMMENT ON FUNCTION app.check_version(integer, integer) IS 'Raises ST001 unless the caller saw the version that is there; none is expected of what does not exist yet.';

CREATE OR REPLACE FUNCTION app.refuse_own_card(p_cardholder_ids uuid[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    PERFORM app.fail('PM003', 'cardholder_id', 'somebody else', 'person ' || u.cardholder_id)
    FROM app.users AS u WHERE u.user_id = app.actor_id() AND u.cardholder_id = ANY (p_cardholder_ids);
END
$$;
COMMENT ON FUNCTION app.refuse_own_card(uuid[]) IS 'Raises PM003 when the actor is one of these people: nobody changes what their own card is judged by, nor covers their own name.';

CREATE OR REPLACE FUNCTION api.remove_expired_answers() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_removed integer;
BEGIN
    PERFORM app.begin_request(NULL, 'remove_expired_answers', NULL);
    DELETE FROM app.request_answers AS w
    WHERE w.answered_at < pg_catalog.now() - app.setting('answer_retention_days')::integer * interval '1 day';
    GET DIAGNOSTICS v_removed = ROW_COUNT;
    RETURN v_removed;
END
$$;
COMMENT ON FUNCTION api.remove_expired_answers() IS 'Removes answers that are older than answer_retention_days; that their request ids were used stays. Answers how many. Raises PM001, PM002.';
GRANT EXECUTE ON FUNCTION api.remove_expired_answers() TO ccp_admin, ccp_worker;

SELECT app.pin_entry_points();

COMMIT;
