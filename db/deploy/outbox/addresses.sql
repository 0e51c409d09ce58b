-- Where cardholders get mail, and who is not reminded.
-- requires: people/names
-- requires: access/user_lists

BEGIN;

CREATE TABLE app.cardholder_addresses (
    cardholder_id uuid NOT NULL,
    email text,
    is_quiet boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT cardholder_addresses_pkey PRIMARY KEY (cardholder_id),
    CONSTRAINT cardholder_addresses_cardholder_id_fkey FOREIGN KEY (cardholder_id) REFERENCES app.cardholders (cardholder_id),
    CONSTRAINT cardholder_addresses_email_check CHECK (app.is_address(email))
);
COMMENT ON TABLE app.cardholder_addresses IS 'Where cardholders get reminders, who need not be users. Who is on the quiet list gets none.';
COMMENT ON COLUMN app.cardholder_addresses.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.cardholder_addresses.email IS 'The address; null: none is known any more.';
COMMENT ON COLUMN app.cardholder_addresses.is_quiet IS 'True: on the quiet list, no reminder is sent.';
COMMENT ON COLUMN app.cardholder_addresses.version IS 'Grows by one with every change.';
CREATE OR REPLACE TRIGGER t50_version BEFORE UPDATE ON app.cardholder_addresses FOR EACH ROW EXECUTE FUNCTION app.raise_version();
COMMENT ON TRIGGER t50_version ON app.cardholder_addresses IS 'Raises the version.';
ALTER TABLE app.cardholder_addresses ENABLE ALWAYS TRIGGER t50_version;
SELECT audit.guard('app.cardholder_addresses', 'mutable');

CREATE OR REPLACE VIEW report.cardholder_addresses AS
SELECT a.cardholder_id, h.name_key AS employee_name, h.employee_id, a.email, a.is_quiet, a.version
FROM app.cardholder_addresses AS a JOIN app.cardholders AS h ON h.cardholder_id = a.cardholder_id;
COMMENT ON VIEW report.cardholder_addresses IS 'Where cardholders get reminders.';
COMMENT ON COLUMN report.cardholder_addresses.employee_name IS 'Name key of the person.';
SELECT app.describe_columns('report.cardholder_addresses', 'app.cardholder_addresses');
SELECT app.describe_columns('report.cardholder_addresses', 'app.cardholders');
GRANT SELECT ON report.cardholder_addresses TO ccp_admin, ccp_processor, ccp_auditor;

CREATE TYPE app.listed_address AS (
    row_number bigint, name text, cardholder_id uuid, email text, is_quiet boolean, outcome text, code text, detail text);
COMMENT ON TYPE app.listed_address IS 'A row of a list of addresses: how the address is to be, and what stands against it.';

CREATE OR REPLACE FUNCTION app.judge_addresses(p_addresses jsonb) RETURNS SETOF app.listed_address
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_own CONSTANT uuid := (SELECT u.cardholder_id FROM app.users AS u WHERE u.user_id = app.actor_id());
BEGIN
    RETURN QUERY
    WITH faults AS MATERIALIZED (
        SELECT f.* FROM app.list_faults(p_addresses, ARRAY[
            ('cardholder_id', 'uuid', true, true, NULL), ('employee_id', 'text', true, true, NULL),
            ('employee_name', 'text', true, true, NULL), ('email', 'text', true, true, NULL),
            ('is_quiet', 'boolean', true, true, NULL), ('version', 'version', true, true, NULL)]::app.member[]) AS f
    ), said AS MATERIALIZED (
        SELECT i.ordinality AS place, CASE WHEN f.place IS NULL THEN i.value ELSE '{}' END AS value, f.code, f.detail,
            CASE WHEN pg_catalog.jsonb_typeof(i.value) = 'object'
                THEN coalesce(i.value ->> 'employee_name', i.value ->> 'employee_id', i.value ->> 'cardholder_id') END AS name
        FROM pg_catalog.jsonb_array_elements(p_addresses) WITH ORDINALITY AS i LEFT JOIN faults AS f ON f.place = i.ordinality
    ), named AS MATERIALIZED (
        SELECT s.place, (s.value ->> 'cardholder_id')::uuid AS cardholder_id, nullif(s.value ->> 'employee_id', '') AS employee_id,
            nullif(app.name_key(s.value ->> 'employee_name'), '') AS name_key
        FROM said AS s WHERE s.code IS NULL
    ), found AS MATERIALIZED (
        SELECT n.place, pg_catalog.count(*) AS times, pg_catalog.min(h.cardholder_id::text)::uuid AS cardholder_id
        FROM named AS n
        CROSS JOIN LATERAL (
            -- By the first that is given; what is given must agree with what is shown, so that nobody is found by a covered name.
            SELECT x.* FROM app.cardholders AS x WHERE x.cardholder_id = n.cardholder_id
            UNION ALL
            SELECT x.* FROM app.cardholders AS x WHERE x.name_key = n.name_key AND n.cardholder_id IS NULL
            UNION ALL
            SELECT x.* FROM app.cardholders AS x
            WHERE x.employee_id = n.employee_id AND n.cardholder_id IS NULL AND n.name_key IS NULL
        ) AS h
        WHERE (n.name_key IS NULL OR app.shown(h.name_key) = n.name_key)
            AND (n.employee_id IS NULL OR h.employee_id = n.employee_id AND app.shown('# ' || h.employee_id) = '# ' || h.employee_id)
        GROUP BY n.place
    ), wanted AS MATERIALIZED (
        SELECT s.place, s.name, s.code, s.detail, f.cardholder_id, coalesce(f.times, 0) AS times, a.version, a.cardholder_id IS NULL AS is_new,
            CASE WHEN s.value ? 'email' THEN nullif(s.value ->> 'email', '') ELSE a.email END AS email,
            coalesce((s.value ->> 'is_quiet')::boolean, a.is_quiet, false) AS is_quiet,
            (s.value ->> 'version')::integer AS expected, ROW(a.email, a.is_quiet) AS before,
            pg_catalog.count(f.cardholder_id) OVER (PARTITION BY f.cardholder_id) AS listed
        FROM said AS s
        LEFT JOIN found AS f ON f.place = s.place
        LEFT JOIN app.cardholder_addresses AS a ON a.cardholder_id = f.cardholder_id AND f.times = 1
    ), judged AS (
        SELECT w.place, c.*
        FROM wanted AS w
        CROSS JOIN LATERAL (
            SELECT x.fault, x.expected_text, x.got FROM (VALUES
                (1, 'NF004', w.times <> 1, 'one cardholder of this number and name', w.times::text),
                (2, 'IV008', w.listed > 1, 'each person once', w.listed::text),
                (3, 'IV018', app.cut_card_numbers(w.email, NULL) <> w.email, 'no number of a card', NULL),
                (4, 'IV008', NOT app.is_address(w.email), 'an address of at most 320 characters', w.email),
                (5, 'PM003', w.cardholder_id = v_own AND w.before IS DISTINCT FROM ROW(w.email, w.is_quiet), 'somebody else', 'the own card'),
                (6, 'ST001', w.expected IS DISTINCT FROM w.version AND w.before IS DISTINCT FROM ROW(w.email, w.is_quiet),
                    'version ' || coalesce(w.expected::text, 'none'), coalesce(w.version::text, 'none'))
            ) AS x (place, fault, is_wrong, expected_text, got)
            WHERE x.is_wrong AND w.code IS NULL ORDER BY x.place LIMIT 1
            OFFSET 0
        ) AS c
    )
    SELECT w.place, app.hide_card_numbers(pg_catalog.left(w.name, 200)), w.cardholder_id, w.email, w.is_quiet,
        CASE WHEN coalesce(w.code, j.fault) IS NOT NULL THEN 'refused' WHEN w.is_new THEN 'made'
            WHEN w.before IS DISTINCT FROM ROW(w.email, w.is_quiet) THEN 'changed' ELSE 'unchanged' END,
        coalesce(w.code, j.fault),
        coalesce(w.detail, 'expected ' || j.expected_text || coalesce(', got ' || app.hide_card_numbers(j.got), ''))
    FROM wanted AS w LEFT JOIN judged AS j ON j.place = w.place;
END
$$;
COMMENT ON FUNCTION app.judge_addresses(jsonb) IS 'How each row of a list of addresses would leave its person''s, or what stands against it: the first of IV008, NF004 when not exactly one cardholder has the number and name as they are shown, IV018, PM003 for the own card, ST001.';

CREATE OR REPLACE FUNCTION api.save_addresses(p_addresses jsonb, p_dry_run boolean DEFAULT false, p_request_id text DEFAULT NULL)
RETURNS report.rows_answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('save_addresses', p_addresses::text, p_dry_run::text);
    v_answer jsonb := app.begin_request(p_request_id, 'save_addresses', v_hash);
    v_rows app.listed_address[];
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.refuse_list('addresses', p_addresses);
        PERFORM app.take_turn('addresses');
        v_rows := ARRAY(SELECT j FROM app.judge_addresses(p_addresses) AS j);
        IF NOT coalesce(p_dry_run, false) THEN
            INSERT INTO app.cardholder_addresses AS a (cardholder_id, email, is_quiet)
            SELECT r.cardholder_id, r.email, r.is_quiet FROM pg_catalog.unnest(v_rows) AS r
            WHERE r.outcome IN ('made', 'changed') ORDER BY r.cardholder_id
            ON CONFLICT (cardholder_id) DO UPDATE SET email = excluded.email, is_quiet = excluded.is_quiet;
        END IF;
        v_answer := app.end_request(p_request_id, 'save_addresses', v_hash, pg_catalog.to_jsonb(app.answer_rows(ARRAY(
            SELECT ROW(r.row_number, r.name, r.outcome, r.code, r.detail)::report.row_answer
            FROM pg_catalog.unnest(v_rows) AS r), coalesce(p_dry_run, false))));
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.rows_answer, v_answer);
END
$$;
COMMENT ON FUNCTION api.save_addresses(jsonb, boolean, text) IS 'Takes addresses of cardholders by a list of {cardholder_id, employee_id, employee_name, email, is_quiet, version}: any of the first three that lead to one person; what a row does not name stays, an email of null is taken away, a change names the version seen. Each row is judged for itself: those that are refused say why, the others are done; a dry run does nothing and says the same. Raises IV008 for what is no list, PM001, PM002, ST003.';
GRANT EXECUTE ON FUNCTION api.save_addresses(jsonb, boolean, text) TO ccp_admin, ccp_processor;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
