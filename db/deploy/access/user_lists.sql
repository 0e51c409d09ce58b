-- Many users in one call, as from a file: each row is judged for itself and gets its answer.
-- requires: access/user_admin
-- requires: foundation/members

BEGIN;

CREATE TYPE report.row_answer AS (row_number bigint, name text, outcome text, code text, detail text);
COMMENT ON TYPE report.row_answer IS 'What became of one row of a list.';
COMMENT ON COLUMN report.row_answer.row_number IS 'Its place in the list, from 1.';
COMMENT ON COLUMN report.row_answer.name IS 'Whom it is about, as it says.';
COMMENT ON COLUMN report.row_answer.outcome IS 'made, changed, unchanged or refused.';
COMMENT ON COLUMN report.row_answer.code IS 'Slug of what stood against it; null unless refused.';
COMMENT ON COLUMN report.row_answer.detail IS 'What was expected and what was there; null unless refused.';

CREATE TYPE report.rows_answer AS (outcome text, made bigint, changed bigint, unchanged bigint, refused bigint, rows report.row_answer[]);
COMMENT ON TYPE report.rows_answer IS 'What a call with a list of rows answers.';
COMMENT ON COLUMN report.rows_answer.outcome IS 'done, or dry_run: what would become of each.';
COMMENT ON COLUMN report.rows_answer.made IS 'How many are new.';
COMMENT ON COLUMN report.rows_answer.changed IS 'How many were changed.';
COMMENT ON COLUMN report.rows_answer.unchanged IS 'How many were so already.';
COMMENT ON COLUMN report.rows_answer.refused IS 'How many were refused; the others are done all the same.';
COMMENT ON COLUMN report.rows_answer.rows IS 'What became of each row, in the order given.';

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('list_max_rows', 10000, 1, 100000, 'rows', 'Most rows that one call with a list of users or addresses takes.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE OR REPLACE FUNCTION app.refuse_list(p_argument text, p_list jsonb) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_most integer := app.setting('list_max_rows')::integer;
BEGIN
    IF pg_catalog.jsonb_typeof(p_list) IS DISTINCT FROM 'array' THEN
        PERFORM app.fail('IV008', p_argument, 'a list of objects', coalesce(pg_catalog.jsonb_typeof(p_list), 'none'));
    ELSIF pg_catalog.jsonb_array_length(p_list) NOT BETWEEN 1 AND v_most THEN
        PERFORM app.fail('IV008', p_argument, pg_catalog.format('1 to %s rows', v_most), pg_catalog.jsonb_array_length(p_list)::text);
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_list(text, jsonb) IS 'Refuses an argument that is no list of 1 to list_max_rows rows: IV008.';

CREATE OR REPLACE FUNCTION app.list_faults(p_list jsonb, p_members app.member[])
RETURNS TABLE (place bigint, code text, detail text)
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT f.place, 'IV008', pg_catalog.string_agg(
        pg_catalog.format('%sexpected %s, got %s', nullif(f.path, '') || ': ', f.expected, f.got), '; ' ORDER BY f.path)
    FROM app.member_faults(
        ARRAY(SELECT '' FROM pg_catalog.generate_series(1, pg_catalog.jsonb_array_length(p_list))),
        ARRAY(SELECT i.value FROM pg_catalog.jsonb_array_elements(p_list) WITH ORDINALITY AS i ORDER BY i.ordinality),
        p_members) AS f
    GROUP BY f.place;
END
$$;
COMMENT ON FUNCTION app.list_faults(jsonb, app.member[]) IS 'The rows of a list whose members are not as told, with every fault of each.';

CREATE OR REPLACE FUNCTION app.answer_rows(p_answers report.row_answer[], p_dry_run boolean) RETURNS report.rows_answer
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ROW(CASE WHEN p_dry_run THEN 'dry_run' ELSE 'done' END, count(*) FILTER (WHERE r.outcome = 'made'),
        count(*) FILTER (WHERE r.outcome = 'changed'), count(*) FILTER (WHERE r.outcome = 'unchanged'),
        count(*) FILTER (WHERE r.outcome = 'refused'),
        array_agg(ROW(r.row_number, r.name, r.outcome, e.slug, r.detail)::report.row_answer ORDER BY r.row_number))::report.rows_answer
    FROM unnest(p_answers) AS r LEFT JOIN app.error_codes AS e ON e.sqlstate = r.code;
END;
COMMENT ON FUNCTION app.answer_rows(report.row_answer[], boolean) IS 'What a call with a list answers, of answers that hold the SQLSTATE as their code.';

CREATE TYPE app.listed_user AS (
    row_number bigint, user_name text, user_id uuid, email text, role text, cardholder_id uuid, is_active boolean,
    outcome text, code text, detail text);
COMMENT ON TYPE app.listed_user IS 'A row of a list of users: how the user is to be, and what stands against it.';

CREATE OR REPLACE FUNCTION app.judge_users(p_users jsonb) RETURNS SETOF app.listed_user
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    WITH faults AS MATERIALIZED (
        SELECT f.* FROM app.list_faults(p_users, ARRAY[
            ('user_name', 'text', false, false, NULL), ('email', 'text', true, true, NULL),
            ('role', 'text', true, true, app.user_roles()), ('cardholder_id', 'uuid', true, true, NULL),
            ('is_active', 'boolean', true, true, NULL), ('version', 'version', true, true, NULL)]::app.member[]) AS f
    ), said AS MATERIALIZED (
        -- What is no object, or holds another kind of value, says nothing but its place.
        SELECT i.ordinality AS place, CASE WHEN f.place IS NULL THEN i.value ELSE '{}' END AS value,
            CASE WHEN pg_catalog.jsonb_typeof(i.value) = 'object' THEN i.value ->> 'user_name' END AS name, f.code, f.detail
        FROM pg_catalog.jsonb_array_elements(p_users) WITH ORDINALITY AS i LEFT JOIN faults AS f ON f.place = i.ordinality
    ), wanted AS (
        SELECT s.place, s.name, s.code, s.detail, u.user_id, u.is_system, u.version,
            (s.value ->> 'version')::integer AS expected,
            CASE WHEN s.value ? 'email' THEN nullif(s.value ->> 'email', '') ELSE u.email END AS email,
            coalesce(s.value ->> 'role', u.role, 'read_only') AS role,
            CASE WHEN s.value ? 'cardholder_id' THEN (s.value ->> 'cardholder_id')::uuid ELSE u.cardholder_id END AS cardholder_id,
            coalesce((s.value ->> 'is_active')::boolean, u.is_active, true) AS is_active,
            ROW(u.email, u.role, u.cardholder_id, u.is_active) AS before,
            pg_catalog.count(*) OVER (PARTITION BY s.name) AS times
        FROM said AS s LEFT JOIN app.users AS u ON u.user_name = s.name AND s.code IS NULL
    ), shared AS (
        SELECT w.cardholder_id FROM wanted AS w WHERE w.is_active GROUP BY w.cardholder_id HAVING pg_catalog.count(*) > 1
    ), judged AS (
        SELECT w.place, c.*
        FROM wanted AS w
        CROSS JOIN LATERAL (
            SELECT x.fault, x.expected_text, x.got FROM (VALUES
                (1, 'IV008', pg_catalog.length(w.name) NOT BETWEEN 1 AND 200 OR w.name <> pg_catalog.btrim(w.name),
                    'user_name of 1 to 200 characters without blanks around them', w.name),
                (2, 'IV018', app.cut_card_numbers(w.name, NULL) <> w.name OR app.cut_card_numbers(w.email, NULL) <> w.email, 'no number of a card', NULL),
                (3, 'IV071', app.has_control(w.name), 'printed characters', NULL),
                (4, 'IV008', w.times > 1, 'each user once', w.times::text),
                (5, 'IV008', NOT app.is_address(w.email), 'an address of at most 320 characters', w.email),
                (6, 'ST002', w.is_system, 'a user who is no system user', w.name),
                (7, 'PM004', w.user_id = app.actor_id() AND w.before IS DISTINCT FROM ROW(w.email, w.role, w.cardholder_id, w.is_active),
                    'another user', w.name),
                (8, 'ST001', w.expected IS DISTINCT FROM w.version, 'version ' || coalesce(w.expected::text, 'none'), coalesce(w.version::text, 'none')),
                (9, 'NF004', w.cardholder_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM app.cardholders AS h WHERE h.cardholder_id = w.cardholder_id), 'a cardholder', w.cardholder_id::text),
                (10, 'ST010', w.is_active AND (EXISTS (
                        SELECT FROM app.users AS o WHERE o.cardholder_id = w.cardholder_id AND o.is_active AND o.user_id IS DISTINCT FROM w.user_id)
                    OR w.cardholder_id IN (SELECT o.cardholder_id FROM shared AS o)),
                    'a cardholder without another active user', w.cardholder_id::text)
            ) AS x (place, fault, is_wrong, expected_text, got)
            WHERE x.is_wrong AND w.code IS NULL ORDER BY x.place LIMIT 1
            OFFSET 0
        ) AS c
    )
    SELECT w.place, app.hide_card_numbers(pg_catalog.left(w.name, 200)), w.user_id, w.email, w.role, w.cardholder_id, w.is_active,
        CASE WHEN coalesce(w.code, j.fault) IS NOT NULL THEN 'refused' WHEN w.user_id IS NULL THEN 'made'
            WHEN w.before IS DISTINCT FROM ROW(w.email, w.role, w.cardholder_id, w.is_active) THEN 'changed' ELSE 'unchanged' END,
        coalesce(w.code, j.fault),
        coalesce(w.detail, 'expected ' || j.expected_text || coalesce(', got ' || app.hide_card_numbers(j.got), ''))
    FROM wanted AS w LEFT JOIN judged AS j ON j.place = w.place;
END
$$;
COMMENT ON FUNCTION app.judge_users(jsonb) IS 'How each row of a list of users would leave its user, or what stands against it: the first of IV008, IV018, IV071, ST002, PM004, ST001, NF004, ST010.';

CREATE OR REPLACE FUNCTION api.save_users(p_users jsonb, p_dry_run boolean DEFAULT false, p_request_id text DEFAULT NULL)
RETURNS report.rows_answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('save_users', p_users::text, p_dry_run::text);
    v_answer jsonb := app.begin_request(p_request_id, 'save_users', v_hash);
    v_rows app.listed_user[];
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.refuse_list('users', p_users);
        PERFORM app.take_turn('user lists');
        PERFORM FROM app.users AS u ORDER BY u.user_id FOR NO KEY UPDATE;
        v_rows := ARRAY(SELECT j FROM app.judge_users(p_users) AS j);
        IF NOT coalesce(p_dry_run, false) THEN
            INSERT INTO app.users (user_name, email, role, cardholder_id, is_active)
            SELECT r.user_name, r.email, r.role, r.cardholder_id, r.is_active
            FROM pg_catalog.unnest(v_rows) AS r WHERE r.outcome = 'made' ORDER BY r.row_number;
            UPDATE app.users AS u
            SET email = r.email, role = r.role, cardholder_id = r.cardholder_id, is_active = r.is_active
            FROM pg_catalog.unnest(v_rows) AS r WHERE r.outcome = 'changed' AND u.user_id = r.user_id;
        END IF;
        v_answer := app.end_request(p_request_id, 'save_users', v_hash, pg_catalog.to_jsonb(app.answer_rows(ARRAY(
            SELECT ROW(r.row_number, r.user_name, r.outcome, r.code, r.detail)::report.row_answer
            FROM pg_catalog.unnest(v_rows) AS r), coalesce(p_dry_run, false))));
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.rows_answer, v_answer);
EXCEPTION
    -- Somebody made one of them, or gave out one of the cards, meanwhile.
    WHEN unique_violation THEN
        PERFORM app.fail('ST001', 'users', 'users as they were', 'others, made meanwhile');
        RETURN NULL;
END
$$;
COMMENT ON FUNCTION api.save_users(jsonb, boolean, text) IS 'Makes and changes users by a list of {user_name, email, role, cardholder_id, is_active, version}: what a row does not name stays, an email or cardholder_id of null is taken away, version is that of the user as seen and none of a new one. Each row is judged for itself: those that are refused say why, the others are done; a dry run does nothing and says the same. Nobody is removed by being left out. Raises IV008 for what is no list, PM001, PM002, RL071 when the last active administrator would be gone, ST001 when somebody made the same meanwhile, ST003.';
GRANT EXECUTE ON FUNCTION api.save_users(jsonb, boolean, text) TO ccp_admin;

SELECT app.pin_entry_points();

COMMIT;
