-- What rules look things up in: the chart of codes, merchants nobody may buy from.
-- requires: access/requests
-- requires: foundation/members
-- requires: content/measure

BEGIN;

CREATE TABLE app.coding_charts (
    code_kind text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT coding_charts_pkey PRIMARY KEY (code_kind),
    CONSTRAINT coding_charts_code_kind_check CHECK (code_kind IN ('job', 'phase', 'cost_type', 'gl_account'))
);
COMMENT ON TABLE app.coding_charts IS 'The four charts of codes, loaded whole by api.load_chart.';
COMMENT ON COLUMN app.coding_charts.code_kind IS 'job, phase, cost_type or gl_account.';
COMMENT ON COLUMN app.coding_charts.version IS 'Grows by one with every load.';
CREATE OR REPLACE TRIGGER t50_version BEFORE UPDATE ON app.coding_charts FOR EACH ROW EXECUTE FUNCTION app.raise_version();
COMMENT ON TRIGGER t50_version ON app.coding_charts IS 'Raises the version.';
ALTER TABLE app.coding_charts ENABLE ALWAYS TRIGGER t50_version;
SELECT audit.guard('app.coding_charts', 'mutable');
INSERT INTO app.coding_charts (code_kind) VALUES ('job'), ('phase'), ('cost_type'), ('gl_account');

CREATE TABLE app.coding_codes (
    code_kind text NOT NULL,
    code text NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    description text,
    CONSTRAINT coding_codes_pkey PRIMARY KEY (code_kind, code, valid_from),
    CONSTRAINT coding_codes_code_kind_fkey FOREIGN KEY (code_kind) REFERENCES app.coding_charts (code_kind),
    CONSTRAINT coding_codes_code_check CHECK (length(code) BETWEEN 1 AND 80 AND code = rtrim(btrim(code), '.')),
    CONSTRAINT coding_codes_valid_check
        CHECK (isfinite(valid_from) AND isfinite(valid_until) AND valid_from <= valid_until),
    CONSTRAINT coding_codes_description_check CHECK (length(description) <= 400)
);
COMMENT ON TABLE app.coding_codes IS 'The chart: jobs, phases, cost types and GL accounts with the days they may be used. A kind without any row is not judged.';
COMMENT ON COLUMN app.coding_codes.code_kind IS 'job, phase, cost_type or gl_account.';
COMMENT ON COLUMN app.coding_codes.code IS 'The code, without the dot that may end it.';
COMMENT ON COLUMN app.coding_codes.valid_from IS 'First day it may be used.';
COMMENT ON COLUMN app.coding_codes.valid_until IS 'Last day; null: no end.';
COMMENT ON COLUMN app.coding_codes.description IS 'What it stands for.';
SELECT audit.guard('app.coding_codes', 'mutable');

CREATE TABLE app.prohibited_merchants (
    pattern text NOT NULL,
    reason text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT prohibited_merchants_pkey PRIMARY KEY (pattern),
    CONSTRAINT prohibited_merchants_pattern_check
        CHECK (length(pattern) BETWEEN 3 AND 80 AND pattern = app.fold_text(btrim(pattern))),
    CONSTRAINT prohibited_merchants_reason_check CHECK (length(reason) BETWEEN 1 AND 400)
);
COMMENT ON TABLE app.prohibited_merchants IS 'Merchants nobody may buy from: words that stand in the merchant''s name or group, in capitals.';
COMMENT ON COLUMN app.prohibited_merchants.pattern IS 'The words, in capitals; whole words are compared, so that BAR is not found in BARNES.';
COMMENT ON COLUMN app.prohibited_merchants.reason IS 'Why, shown with each finding.';
COMMENT ON COLUMN app.prohibited_merchants.version IS 'Grows by one with every change.';
CREATE OR REPLACE TRIGGER t50_version BEFORE UPDATE ON app.prohibited_merchants FOR EACH ROW EXECUTE FUNCTION app.raise_version();
COMMENT ON TRIGGER t50_version ON app.prohibited_merchants IS 'Raises the version.';
ALTER TABLE app.prohibited_merchants ENABLE ALWAYS TRIGGER t50_version;
SELECT audit.guard('app.prohibited_merchants', 'mutable');

CREATE OR REPLACE VIEW report.coding_charts AS
SELECT c.code_kind, c.version, (SELECT count(*) FROM app.coding_codes AS x WHERE x.code_kind = c.code_kind) AS code_count
FROM app.coding_charts AS c;
COMMENT ON VIEW report.coding_charts IS 'The four charts of codes; one without codes judges nothing.';
COMMENT ON COLUMN report.coding_charts.code_count IS 'Number of its codes.';
SELECT app.describe_columns('report.coding_charts', 'app.coding_charts');

CREATE OR REPLACE VIEW report.coding_codes AS
SELECT c.code_kind, c.code, c.valid_from, c.valid_until, c.description FROM app.coding_codes AS c;
COMMENT ON VIEW report.coding_codes IS 'The chart of jobs, phases, cost types and GL accounts.';
SELECT app.describe_columns('report.coding_codes', 'app.coding_codes');

CREATE OR REPLACE VIEW report.prohibited_merchants AS
SELECT m.pattern, m.reason, m.version FROM app.prohibited_merchants AS m;
COMMENT ON VIEW report.prohibited_merchants IS 'Merchants nobody may buy from.';
SELECT app.describe_columns('report.prohibited_merchants', 'app.prohibited_merchants');

GRANT SELECT ON report.coding_charts, report.coding_codes, report.prohibited_merchants
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION app.read_codes(p_codes jsonb)
RETURNS TABLE (code text, valid_from date, valid_until date, description text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT rtrim(btrim(x.code), '.'), coalesce(x.valid_from, '2000-01-01'), x.valid_until,
        app.hide_card_numbers(x.description)
    FROM jsonb_to_recordset(p_codes) AS x (code text, valid_from date, valid_until date, description text);
END;
COMMENT ON FUNCTION app.read_codes(jsonb) IS 'The codes of a list of {code, valid_from, valid_until, description}; without valid_from a code is valid from 2000-01-01 on.';

CREATE OR REPLACE FUNCTION api.load_chart(
    p_code_kind text, p_codes jsonb, p_expected_version integer DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('load_chart', p_code_kind, p_codes::text, p_expected_version::text);
    v_answer jsonb := app.begin_request(p_request_id, 'load_chart', v_hash);
    v_version integer;
    v_twice text;
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN v_answer::integer;
    END IF;
    -- One load of a chart at a time: two would mix.
    SELECT c.version INTO v_version FROM app.coding_charts AS c WHERE c.code_kind = p_code_kind FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM app.fail('IV008', 'code_kind', 'job, phase, cost_type or gl_account', coalesce(p_code_kind, 'none'));
    ELSIF pg_catalog.jsonb_typeof(p_codes) IS DISTINCT FROM 'array' THEN
        PERFORM app.fail('IV008', 'codes', 'a list of {code, valid_from, valid_until, description}',
            coalesce(pg_catalog.jsonb_typeof(p_codes), 'none'));
    END IF;
    PERFORM app.refuse_members('codes', p_codes, ARRAY[
        ('code', 'code', false, false, NULL), ('valid_from', 'date', true, true, NULL), ('valid_until', 'date', true, true, NULL),
        ('description', 'text', true, true, NULL)]::app.member[]);
    PERFORM app.fail_all('IV008', pg_catalog.array_agg(f.path ORDER BY f.place), pg_catalog.array_agg(f.expected ORDER BY f.place),
        pg_catalog.array_agg(f.got ORDER BY f.place))
    FROM (
        SELECT w.place, pg_catalog.format('codes[%s].%s', w.place - 1, x.member) AS path, x.expected, x.got
        FROM app.read_codes(p_codes) WITH ORDINALITY AS w (code, valid_from, valid_until, description, place)
        CROSS JOIN LATERAL (VALUES
            ('code', NOT app.is_code(w.code), app.wanted('coding', NULL, '1'), w.code),
            ('valid_until', w.valid_from > w.valid_until, pg_catalog.format('a day from %s on', w.valid_from), w.valid_until::text),
            ('description', pg_catalog.length(w.description) > 400, 'at most 400 characters',
                pg_catalog.format('%s characters', pg_catalog.length(w.description)))) AS x (member, is_wrong, expected, got)
        WHERE x.is_wrong
    ) AS f;
    SELECT pg_catalog.min(d.code) INTO v_twice FROM (
        SELECT w.code FROM app.read_codes(p_codes) AS w GROUP BY w.code, w.valid_from HAVING pg_catalog.count(*) > 1) AS d;
    IF v_twice IS NOT NULL THEN
        PERFORM app.fail('IV008', 'codes', 'each code once from one day on', v_twice);
    END IF;
    PERFORM app.check_version(p_expected_version, v_version);
    -- What stays as it is leaves no history.
    DELETE FROM app.coding_codes AS c
    WHERE c.code_kind = p_code_kind AND NOT EXISTS (
        SELECT FROM app.read_codes(p_codes) AS w WHERE w.code = c.code AND w.valid_from = c.valid_from);
    INSERT INTO app.coding_codes AS c (code_kind, code, valid_from, valid_until, description)
    SELECT p_code_kind, w.code, w.valid_from, w.valid_until, w.description FROM app.read_codes(p_codes) AS w
    ON CONFLICT (code_kind, code, valid_from) DO UPDATE
        SET valid_until = excluded.valid_until, description = excluded.description
        WHERE ROW(c.valid_until, c.description) IS DISTINCT FROM ROW(excluded.valid_until, excluded.description);
    UPDATE app.coding_charts AS c SET version = c.version + 1 WHERE c.code_kind = p_code_kind;
    v_answer := app.end_request(p_request_id, 'load_chart', v_hash,
        pg_catalog.to_jsonb(pg_catalog.jsonb_array_length(p_codes)));
    RETURN v_answer::integer;
END
$$;
COMMENT ON FUNCTION api.load_chart(text, jsonb, integer, text) IS 'Replaces all codes of one kind by a list of {code, valid_from, valid_until, description}; a code is one that a receipt may have (app.is_code), valid_from is 2000-01-01 when not given. Answers how many there are. Later revisions are judged by it. At the version seen. Raises IV008, PM001, PM002, ST001, ST003.';

CREATE OR REPLACE FUNCTION api.save_prohibited_merchant(
    p_pattern text, p_reason text DEFAULT NULL, p_expected_version integer DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.prohibited_merchants
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('save_prohibited_merchant', p_pattern, p_reason, p_expected_version::text);
    v_answer jsonb := app.begin_request(p_request_id, 'save_prohibited_merchant', v_hash, p_reason);
    v_pattern text := app.fold_text(pg_catalog.btrim(p_pattern));
BEGIN
    IF v_answer IS NULL THEN
        IF v_pattern IS NULL OR pg_catalog.length(v_pattern) NOT BETWEEN 3 AND 80 THEN
            PERFORM app.fail('IV008', 'pattern', '3 to 80 characters of a merchant''s name', coalesce(p_pattern,
                'none'));
        END IF;
        PERFORM app.check_version(p_expected_version, (
            SELECT m.version FROM app.prohibited_merchants AS m WHERE m.pattern = v_pattern FOR UPDATE));
        PERFORM app.refuse_card_number(v_pattern, 'pattern');
        IF pg_catalog.length(p_reason) NOT BETWEEN 1 AND 400 THEN
            PERFORM app.fail('IV008', 'reason', '1 to 400 characters, or none to take it out',
                pg_catalog.format('%s characters', pg_catalog.length(p_reason)));
        END IF;
        IF p_reason IS NULL THEN
            DELETE FROM app.prohibited_merchants AS m WHERE m.pattern = v_pattern
            RETURNING pg_catalog.to_jsonb(m) INTO v_answer;
        ELSE
            INSERT INTO app.prohibited_merchants AS m (pattern, reason) VALUES (v_pattern, app.hide_card_numbers(p_reason))
            ON CONFLICT (pattern) DO UPDATE SET reason = excluded.reason;
            SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.prohibited_merchants AS r
            WHERE r.pattern = v_pattern;
        END IF;
        v_answer := app.end_request(p_request_id, 'save_prohibited_merchant', v_hash, coalesce(v_answer, '{}'));
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.prohibited_merchants, v_answer);
END
$$;
COMMENT ON FUNCTION api.save_prohibited_merchant(text, text, integer, text) IS 'Puts words of a merchant''s name or group on the list of those nobody may buy from; a null reason takes it off and answers what it was. At the version seen. Raises IV008, PM001, PM002, ST001, ST003.';

GRANT EXECUTE ON FUNCTION api.load_chart(text, jsonb, integer, text),
    api.save_prohibited_merchant(text, text, integer, text) TO ccp_admin;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
