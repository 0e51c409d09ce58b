-- Handing in an activity.json: accepted, unchanged, refused or tried dry; every attempt leaves its record.
-- requires: intake/import
-- requires: intake/report

BEGIN;

CREATE OR REPLACE FUNCTION app.record_attempt(
    p_file_name text, p_size_bytes bigint, p_sha256 bytea, p_answer jsonb, p_request_id text
) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH attempt AS (
        INSERT INTO app.import_attempts (user_id, file_name, size_bytes, sha256, outcome, session_id, sqlstate, message,
            path, request_id)
        VALUES (app.actor_id(),
            app.shorten(CASE WHEN NOT app.has_control(p_file_name) THEN p_file_name END, 400), p_size_bytes, p_sha256,
            p_answer ->> 'outcome',
            CASE WHEN p_answer ->> 'outcome' IN ('accepted', 'unchanged', 'awaiting_decision') THEN (p_answer ->> 'session_id')::uuid END,
            p_answer ->> 'sqlstate', app.hide_card_numbers(p_answer ->> 'message'),
            app.hide_card_numbers(p_answer ->> 'path'), p_request_id)
        RETURNING attempt_id
    )
    INSERT INTO app.import_rejects (attempt_id, reject_number, path, sqlstate, message)
    SELECT a.attempt_id, r.ordinality, r.value ->> 'path', r.value ->> 'sqlstate', r.value ->> 'message'
    FROM attempt AS a, jsonb_array_elements(p_answer -> 'rejects') WITH ORDINALITY AS r;
END;
COMMENT ON FUNCTION app.record_attempt(text, bigint, bytea, jsonb, text) IS 'Notes an attempt with its outcome and its rejects.';

CREATE OR REPLACE FUNCTION app.refusal(p_sqlstate text, p_message text, p_detail text, p_hint text, p_path text) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object('outcome', 'refused', 'session_id', NULL,
        'code', (SELECT e.slug FROM app.error_codes AS e WHERE e.sqlstate = p_sqlstate), 'sqlstate', p_sqlstate,
        'message', p_message, 'detail', p_detail, 'hint', p_hint, 'path', p_path, 'rejects', '[]'::jsonb);
END;
COMMENT ON FUNCTION app.refusal(text, text, text, text, text) IS 'The answer for a file that was refused.';

CREATE OR REPLACE FUNCTION app.tried_answer(p_control app.submission_controls, p_allowed text[], p_is_dry_run boolean) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN p_is_dry_run THEN jsonb_build_object('outcome', 'dry_run', 'session_id', NULL,
            'report', (SELECT s.summary || '{"session_id": null}' || jsonb_build_object('control',
                    s.summary -> 'control' || jsonb_build_object('people', (p_control).people))
                FROM (SELECT report.session_summary((p_control).session_id)) AS s (summary)))
        ELSE jsonb_build_object('session_id', (p_control).session_id,
            'outcome', CASE WHEN (p_control).reasons <@ p_allowed THEN 'accepted' ELSE 'awaiting_decision' END) END;
END;
COMMENT ON FUNCTION app.tried_answer(app.submission_controls, text[], boolean) IS 'What is answered about a submission that was taken: accepted when nothing but the allowed reasons asks for a person, else awaiting_decision; or that it was a dry run, with its report and the people of its control block.';

CREATE TYPE app.staged_reject AS (source_key text, path text, sqlstate text, message text);
COMMENT ON TYPE app.staged_reject IS 'One fault of a file: the employee, the place, why.';

CREATE OR REPLACE FUNCTION app.without_keys(p_doc jsonb, p_keys text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    -- The operator for this looks at each key of the document for each one that is to go.
    SELECT CASE WHEN p_keys = '{}' THEN p_doc ELSE (
        SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}')
        FROM jsonb_each(p_doc) AS e
        WHERE NOT EXISTS (SELECT FROM unnest(p_keys) AS k (key) WHERE k.key = e.key)) END;
END;
COMMENT ON FUNCTION app.without_keys(jsonb, text[]) IS 'The object without these keys, at a cost that is linear in both.';

CREATE OR REPLACE FUNCTION app.list_rejects(p_rejects app.staged_reject[]) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH rejects AS (
        SELECT r.source_key, r.path, r.sqlstate, r.message,
            row_number() OVER (ORDER BY r.path COLLATE "C", r.sqlstate) AS place
        FROM unnest(p_rejects) AS r
    ), told AS (
        SELECT r.place, r.source_key, r.path, r.sqlstate, r.message
        -- The setting in subqueries: asked for once, not for each fault.
        FROM rejects AS r WHERE r.place <= (SELECT app.setting('json_max_rejects'))
        UNION ALL
        SELECT max(r.place), NULL, '$', min(r.sqlstate), format('and %s more', to_char(count(*), 'FM999,999,999'))
        FROM rejects AS r WHERE r.place > (SELECT app.setting('json_max_rejects')) HAVING count(*) > 0
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object('key', app.hide_card_numbers(t.source_key), 'path', app.shorten(t.path, 1000),
        'sqlstate', t.sqlstate, 'code', (SELECT c.slug FROM app.error_codes AS c WHERE c.sqlstate = t.sqlstate),
        'message', t.message) ORDER BY t.place), '[]')
    FROM told AS t;
END;
COMMENT ON FUNCTION app.list_rejects(app.staged_reject[]) IS 'Faults as they are told: key, path, sqlstate, code and message in order of path, as many as the setting json_max_rejects says, and then how many more there are.';

-- Generic plans from here on: one made for the file holds the file, several times over. See app.judge_json.
CREATE OR REPLACE FUNCTION app.sift_activity(INOUT p_doc jsonb, p_has_strange_numbers boolean, p_closely boolean, p_known text[],
    p_found app.staged_reject[], OUT rejects jsonb)
LANGUAGE plpgsql STABLE
SET search_path = '' SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_faults app.staged_reject[] := ARRAY(
        SELECT ROW(f.source_key, f.path, f.sqlstate, f.message)::app.staged_reject
        FROM app.entry_faults(p_doc, ARRAY(SELECT k.key
            FROM app.suspect_entries(p_doc, p_has_strange_numbers, p_closely) AS k (key)), p_known) AS f) || p_found;
    v_seconds app.staged_reject[];
BEGIN
    p_doc := app.without_keys(p_doc, ARRAY(SELECT DISTINCT f.source_key FROM pg_catalog.unnest(v_faults) AS f));
    -- Two entries of the card report that would be one person: which is right, nobody knows. Without employee id a
    -- name says too little to be another person.
    v_seconds := ARRAY(
        SELECT ROW(p.source_key, '$.' || pg_catalog.to_json(app.hide_card_numbers(p.source_key))::text, 'IV012',
            'another entry is the same person')::app.staged_reject
        FROM (
            SELECT s.source_key, 1 < row_number() OVER (
                    PARTITION BY s.name_key, s.employee_id ORDER BY s.source_key COLLATE "C")
                OR (s.employee_id IS NULL AND 0 < count(s.employee_id) OVER (PARTITION BY s.name_key)) AS is_second
            FROM pg_catalog.unnest(app.stage_people(p_doc)) AS s WHERE s.is_in_report
        ) AS p WHERE p.is_second);
    p_doc := app.without_keys(p_doc, ARRAY(SELECT f.source_key FROM pg_catalog.unnest(v_seconds) AS f));
    rejects := app.list_rejects(v_faults || v_seconds);
END
$$;
COMMENT ON FUNCTION app.sift_activity(jsonb, boolean, boolean, text[], app.staged_reject[]) IS 'The employees that can be taken, and the faults of the others as they are told; those found already are among them.';

CREATE OR REPLACE FUNCTION app.name_fault(p_sqlstate text, p_constraint text, p_context text, OUT code text, OUT message text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE WHEN p_sqlstate = '22003' THEN 'IV011' WHEN f.is_text THEN 'IV018' ELSE 'IV024' END,
        CASE
            WHEN p_sqlstate = '22003' THEN 'a sum of amounts is out of range'
            WHEN f.is_text THEN 'texts hold a card number together, or are too long'
            ELSE format('ended by %s in %s', p_sqlstate,
                coalesce((regexp_match(p_context, '(?:SQL|PL/pgSQL) function "?([a-z0-9_.]+)'))[1], 'a statement')) END
    FROM (SELECT p_sqlstate = 'IV018'
        OR (p_sqlstate = '23514' AND p_constraint ~ '_(card_numbers|text_length)_check$')) AS f (is_text);
END;
COMMENT ON FUNCTION app.name_fault(text, text, text) IS 'What is told of an error that the rows of an employee raised: our code for it, and for one nobody foresaw its SQLSTATE and the function it came from; never its message, which may hold values.';

CREATE OR REPLACE FUNCTION app.is_passing(p_sqlstate text) RETURNS boolean
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT p_sqlstate ~ '^(08|40|53|57|58|0A000$|55P03$|XX00[12]$)';
END;
COMMENT ON FUNCTION app.is_passing(text) IS 'Whether an error is about the server, a plan that is out of date or others who are at work, and no verdict on what was handed in.';

CREATE OR REPLACE FUNCTION app.try_employees(
    p_doc jsonb, p_known text[], p_entries app.activity_entry[], p_parent_session_id uuid, p_sha256 bytea
) RETURNS app.staged_reject[]
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_keys text[] := ARRAY(SELECT k.key FROM pg_catalog.jsonb_object_keys(p_doc) AS k (key) ORDER BY k.key COLLATE "C");
    v_middle integer := pg_catalog.cardinality(v_keys) / 2;
    v_state text;
    v_constraint text;
    v_context text;
BEGIN
    BEGIN
        PERFORM app.accept_activity(p_doc,
            app.open_session(NULL, p_parent_session_id, 'activity_json', p_sha256), p_known, p_entries);
        PERFORM app.take_back();
    EXCEPTION
        WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_constraint = CONSTRAINT_NAME,
                v_context = PG_EXCEPTION_CONTEXT;
            IF app.is_passing(v_state) THEN
                RAISE;
            END IF;
    END;
    -- What is refused as a whole, or came through, is no fault of an employee.
    IF v_state ~ '^(PM|NF|ST|ZX)' THEN
        RETURN ARRAY[]::app.staged_reject[];
    ELSIF v_middle = 0 THEN
        RETURN ARRAY(SELECT ROW(v_keys[1], '$.' || pg_catalog.to_json(app.hide_card_numbers(v_keys[1], p_known))::text,
            f.code, f.message)::app.staged_reject FROM app.name_fault(v_state, v_constraint, v_context) AS f);
    END IF;
    RETURN app.try_employees(app.without_keys(p_doc, v_keys[v_middle + 1:]), p_known, p_entries, p_parent_session_id,
            p_sha256)
        || app.try_employees(app.without_keys(p_doc, v_keys[:v_middle]), p_known, p_entries, p_parent_session_id, p_sha256);
END
$$;
COMMENT ON FUNCTION app.try_employees(jsonb, text[], app.activity_entry[], uuid, bytea) IS 'The employees whose rows alone raise an error, found by halves, each with what is told of it; nothing that is tried stays. Raises what would pass by itself.';

CREATE OR REPLACE FUNCTION app.try_activity(
    p_file text, p_session_name text, p_parent_session_id uuid, p_sha256 bytea, p_file_name text, p_dry_run boolean,
    p_programme text, p_period_start date, p_period_end date
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = '' SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_doc jsonb;
    v_has_strange_numbers boolean;
    v_closely boolean := false;
    v_known text[];
    v_entries app.activity_entry[];
    v_rejects jsonb;
    v_session_id uuid;
    v_control app.submission_controls;
    v_answer jsonb;
    v_found app.staged_reject[] := ARRAY[]::app.staged_reject[];
    v_is_apart boolean := false;
    v_state text;
    v_message text;
    v_detail text;
    v_hint text;
    v_path text;
BEGIN
    LOOP
        -- The inner block ends in an error for a refusal and for a dry run, and takes with it all that was written.
        BEGIN
            -- Inside, because a time limit that ends the search is an answer as well.
            IF v_is_apart THEN
                v_found := app.try_employees(v_doc, v_known, v_entries, p_parent_session_id, p_sha256);
                EXIT WHEN v_found = '{}';
            END IF;
            v_rejects := NULL;
            PERFORM app.refuse_control(p_file_name, 'file_name');
            -- Not by a trim, which takes the whole file apart into characters to look at the first.
            IF pg_catalog.left(p_file, 1) = E'\uFEFF' THEN
                p_file := pg_catalog.substr(p_file, 2);
            END IF;
            SELECT j.content, j.has_strange_numbers INTO v_doc, v_has_strange_numbers
            FROM app.judge_json(p_file) AS j;
            IF pg_catalog.jsonb_typeof(v_doc) <> 'object' THEN
                PERFORM app.fail('IV007', '$', 'an object', pg_catalog.jsonb_typeof(v_doc));
            ELSIF v_doc = '{}' THEN
                PERFORM app.fail('IV006', '$', 'at least one employee', '{}');
            END IF;
            v_known := app.known_card_numbers(v_doc);
            SELECT s.p_doc, s.rejects INTO v_doc, v_rejects
            FROM app.sift_activity(v_doc, v_has_strange_numbers, v_closely, v_known, v_found) AS s;
            IF v_doc = '{}' THEN
                PERFORM app.fail('RL004', '$', NULL,
                    pg_catalog.format('%s faults', pg_catalog.jsonb_array_length(v_rejects)));
            END IF;
            v_entries := app.list_entries(p_file);
            v_session_id := app.open_session(p_session_name, p_parent_session_id, 'activity_json', p_sha256,
                p_file_name, p_programme => p_programme, p_period_start => p_period_start,
                p_period_end => p_period_end);
            -- What has to wait was tried to its end, so that it is not refused for its content when it is decided about.
            BEGIN
                PERFORM app.accept_activity(v_doc, v_session_id, v_known, v_entries);
                v_control := app.newest_control(v_session_id);
                v_answer := app.tried_answer(v_control, '{}', p_dry_run);
                IF v_answer ->> 'outcome' <> 'accepted' THEN
                    PERFORM app.take_back();
                END IF;
            EXCEPTION
                WHEN SQLSTATE 'ZX001' THEN
                    IF p_dry_run THEN
                        RAISE;
                    END IF;
                    PERFORM app.await_decision(v_control, pg_catalog.jsonb_build_object(
                        'activity', app.hide_in_json(v_doc, v_known),
                        'entries', pg_catalog.to_jsonb(app.storable_entries(v_entries, v_known))));
            END;
        EXCEPTION
            WHEN SQLSTATE 'ZX001' THEN
                NULL;
            WHEN SQLSTATE 'IV001' OR SQLSTATE 'IV002' OR SQLSTATE 'IV003' OR SQLSTATE 'IV004' OR SQLSTATE 'IV005'
                OR SQLSTATE 'IV006' OR SQLSTATE 'IV007' OR SQLSTATE 'IV008' OR SQLSTATE 'IV009' OR SQLSTATE 'IV011'
                OR SQLSTATE 'IV023' OR SQLSTATE 'IV071' OR SQLSTATE 'RL004' OR SQLSTATE 'PM003' OR SQLSTATE 'NF001'
                OR SQLSTATE 'ST002' OR SQLSTATE 'ST004' OR SQLSTATE 'ST005' OR SQLSTATE 'ST050' OR SQLSTATE 'ST051'
                OR SQLSTATE 'ST150' OR SQLSTATE 'ST151'
            THEN
                GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_message = MESSAGE_TEXT,
                    v_detail = PG_EXCEPTION_DETAIL, v_hint = PG_EXCEPTION_HINT, v_path = COLUMN_NAME;
                v_answer := app.refusal(v_state, v_message, v_detail, v_hint, v_path);
            WHEN query_canceled THEN
                v_answer := app.refusal('IV019', 'the file takes longer than the time limit, or reading it was stopped',
                    NULL, 'Split the file, or try when there is less to do.', '$');
            WHEN OTHERS THEN
                GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_path = CONSTRAINT_NAME,
                    v_detail = PG_EXCEPTION_CONTEXT;
                SELECT f.code, f.message INTO v_hint, v_message FROM app.name_fault(v_state, v_path, v_detail) AS f;
                IF app.is_passing(v_state) THEN
                    RAISE;
                ELSIF NOT v_closely AND v_hint <> 'IV024' THEN
                    -- Which employee and field it is shows a closer look, which good files are spared.
                    v_closely := true;
                    CONTINUE;
                END IF;
                v_answer := app.refusal(v_hint, v_message, NULL,
                    (SELECT e.hint FROM app.error_codes AS e WHERE e.sqlstate = v_hint), '$');
                IF v_rejects IS NOT NULL AND NOT v_is_apart THEN
                    v_is_apart := true;
                    CONTINUE;
                END IF;
        END;
        EXIT;
    END LOOP;
    RETURN v_answer || pg_catalog.jsonb_build_object('rejects', coalesce(v_rejects, '[]'));
END
$$;
COMMENT ON FUNCTION app.try_activity(text, text, uuid, bytea, text, boolean, text, date, date) IS 'Imports a file whole or not at all and says which; a refusal and a dry run leave nothing behind, nor does one that the time limit ends. An employee whose rows raise an error nobody foresaw is rejected, the others are taken; an error of no single employee refuses the file. Raises only what passes by itself.';

CREATE OR REPLACE FUNCTION api.import_activity(
    p_file text, p_session_name text DEFAULT NULL, p_parent_session_id uuid DEFAULT NULL,
    p_dry_run boolean DEFAULT false, p_request_id text DEFAULT NULL, p_file_name text DEFAULT NULL,
    p_programme text DEFAULT NULL, p_period_start date DEFAULT NULL, p_period_end date DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = '' SET plan_cache_mode = force_generic_plan
SET work_mem = '64MB'
AS $$
DECLARE
    v_sha256 bytea := pg_catalog.sha256(pg_catalog.convert_to(coalesce(p_file, ''), 'UTF8'));
    v_hash bytea := app.hash_request('import_activity', pg_catalog.encode(v_sha256, 'hex'), p_session_name,
        p_parent_session_id::text, p_dry_run::text, p_programme, p_period_start::text, p_period_end::text);
    v_answer jsonb := app.begin_request(p_request_id, 'import_activity', v_hash);
    v_current uuid;
    v_status text;
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN v_answer;
    END IF;
    p_dry_run := coalesce(p_dry_run, false);
    -- Two equal files at once: the second waits and finds the first one's session.
    PERFORM app.take_turn('file ' || pg_catalog.encode(v_sha256, 'hex'));
    SELECT s.session_id, s.status INTO v_current, v_status
    FROM app.processing_sessions AS s
    LEFT JOIN app.months AS m ON m.month_id = s.month_id
    WHERE s.source_sha256 = v_sha256 AND s.source_type = 'activity_json'
        -- What awaits a decision is answered whatever it is to follow, what is there only as a first submission.
        AND CASE s.status WHEN 'completed' THEN p_parent_session_id IS NULL WHEN 'awaiting_decision' THEN NOT p_dry_run END
        -- Said to be of another month, it is not what is there.
        AND s.programme = coalesce(app.hide_card_numbers(pg_catalog.btrim(p_programme)), s.programme)
        AND (p_period_start IS NULL OR coalesce(m.period_start, s.given_start) = p_period_start)
        AND (p_period_end IS NULL OR coalesce(m.period_end, s.given_end) = p_period_end)
        AND NOT EXISTS (SELECT FROM app.processing_sessions AS c
                        WHERE c.parent_session_id = s.session_id AND c.status NOT IN ('cancelled', 'failed'))
    ORDER BY s.status, s.created_at DESC LIMIT 1;
    IF v_current IS NOT NULL THEN
        v_answer := pg_catalog.jsonb_build_object('session_id', v_current, 'report', report.session_summary(v_current),
            'outcome', CASE v_status WHEN 'completed' THEN 'unchanged' ELSE v_status END, 'rejects', '[]'::jsonb);
    ELSE
        v_answer := app.try_activity(coalesce(p_file, ''), p_session_name, p_parent_session_id, v_sha256, p_file_name,
            p_dry_run, p_programme, p_period_start, p_period_end);
    END IF;
    PERFORM app.record_attempt(p_file_name, pg_catalog.octet_length(coalesce(p_file, '')), v_sha256, v_answer,
        p_request_id);
    IF v_answer ->> 'outcome' IN ('accepted', 'awaiting_decision') THEN
        v_answer := v_answer || pg_catalog.jsonb_build_object('report',
            report.session_summary((v_answer ->> 'session_id')::uuid));
    END IF;
    IF v_answer ->> 'outcome' = 'refused' THEN
        RETURN v_answer;
    END IF;
    RETURN app.end_request(p_request_id, 'import_activity', v_hash, v_answer);
END
$$;
COMMENT ON FUNCTION api.import_activity(text, text, uuid, boolean, text, text, text, date, date) IS 'Imports an activity.json, whole or not at all. Answers outcome (accepted; unchanged: these bytes are the content of a session without later submission; awaiting_decision: the control block in the report says why a person has to decide, by api.accept_submission or api.discard_submission, and the same bytes are answered with the session that waits; refused with code, message and path; dry_run: what would have come, and in report.control whether it would have waited), session_id, report (see report.session_summary) and rejects (employees not taken: path, code, message). A refusal does not raise, so that its record stays. With a parent the session is its next revision; the parent''s own bytes are refused. The month is the one given (the first day of a calendar month, or a first and a last day), else that of the parent, else the calendar month most receipts are dated in; the report shows it, in a dry run too. Raises only PM001, PM002, ST003 and IV008 for the request id.';
GRANT EXECUTE ON FUNCTION api.import_activity(text, text, uuid, boolean, text, text, text, date, date) TO ccp_admin, ccp_processor;

CREATE OR REPLACE FUNCTION api.refuse_import(
    p_file_name text, p_size bigint, p_sha256 text, p_code text, p_reason text, p_request_id text DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_sqlstate text;
    v_hint text;
    v_answer jsonb;
BEGIN
    SELECT e.sqlstate, e.hint INTO v_sqlstate, v_hint FROM app.error_codes AS e WHERE e.slug = p_code;
    PERFORM app.begin_request(NULL, 'refuse_import', NULL);
    IF v_sqlstate IS NULL OR v_sqlstate NOT LIKE 'IV%' OR p_sha256 !~ '^[0-9a-f]{64}$' OR coalesce(p_size, -1) < 0 THEN
        PERFORM app.fail('IV008', 'code', 'a slug of an IV code, a size and SHA-256 in hex',
            pg_catalog.format('code %L, size %s', p_code, p_size));
    END IF;
    PERFORM app.refuse_card_number(p_request_id, 'request_id');
    -- What was lost may have been the answer alone: the import is waited for, and one that was taken is told.
    IF v_sqlstate = 'IV021' AND p_request_id IS NOT NULL THEN
        PERFORM app.take_turn(pg_catalog.format('request %s of %s', p_request_id, app.actor_id()));
        SELECT w.answer INTO v_answer FROM app.request_answers AS w
        WHERE w.user_id = app.actor_id() AND w.request_id = p_request_id;
        IF v_answer IS NOT NULL THEN
            RETURN v_answer;
        END IF;
    END IF;
    v_answer := app.refusal(v_sqlstate, app.hide_card_numbers(p_reason), NULL,
        CASE WHEN v_sqlstate IN ('IV019', 'IV021') THEN v_hint ELSE 'Choose the activity.json of the old program.' END,
        'file');
    PERFORM app.record_attempt(p_file_name, p_size, pg_catalog.decode(p_sha256, 'hex'), v_answer, p_request_id);
    RETURN v_answer;
END
$$;
COMMENT ON FUNCTION api.refuse_import(text, bigint, text, text, text, text) IS 'Records a file that could not even be handed to the database as text (not UTF-8, too large), or whose import broke off (time_limit; interrupted: waits until the request of this id has ended, and when it was accepted records nothing and answers as it did). Answers as api.import_activity does for a refusal. Raises IV008, IV018 for the request id.';
GRANT EXECUTE ON FUNCTION api.refuse_import(text, bigint, text, text, text, text) TO ccp_admin, ccp_processor;

SELECT app.pin_entry_points();

COMMIT;
