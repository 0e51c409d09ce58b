-- What rules look things up in: the chart of codes, merchants nobody may buy from.
-- requires: access/requests
-- requires: content/measure

BEGIN;

CREATE TABLE app.coding_codes (
    code_kind text NOT NULL,
    code text NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    description text,
    CONSTRAINT coding_codes_pkey PRIMARY KEY (code_kind, code, valid_from),
    CONSTRAINT coding_codes_code_kind_check CHECK (code_kind IN ('job', 'phase', 'cost_type', 'gl_account')),
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
SELECT audit.guard_mutable('app.coding_codes');

CREATE TABLE app.prohibited_merchants (
    pattern text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT prohibited_merchants_pkey PRIMARY KEY (pattern),
    CONSTRAINT prohibited_merchants_pattern_check
        CHECK (length(pattern) BETWEEN 3 AND 80 AND pattern = upper(btrim(pattern))),
    CONSTRAINT prohibited_merchants_reason_check CHECK (length(reason) BETWEEN 1 AND 400)
);
COMMENT ON TABLE app.prohibited_merchants IS 'Merchants nobody may buy from: a text that is part of the merchant''s name or group, in capitals.';
COMMENT ON COLUMN app.prohibited_merchants.pattern IS 'The text, in capitals; every character stands for itself.';
COMMENT ON COLUMN app.prohibited_merchants.reason IS 'Why, shown with each finding.';
SELECT audit.guard_mutable('app.prohibited_merchants');

CREATE OR REPLACE VIEW report.coding_codes AS
SELECT c.code_kind, c.code, c.valid_from, c.valid_until, c.description FROM app.coding_codes AS c;
COMMENT ON VIEW report.coding_codes IS 'The chart of jobs, phases, cost types and GL accounts.';
SELECT app.describe_columns('report.coding_codes', 'app.coding_codes');

CREATE OR REPLACE VIEW report.prohibited_merchants AS
SELECT m.pattern, m.reason FROM app.prohibited_merchants AS m;
COMMENT ON VIEW report.prohibited_merchants IS 'Merchants nobody may buy from.';
SELECT app.describe_columns('report.prohibited_merchants', 'app.prohibited_merchants');

GRANT SELECT ON report.coding_codes, report.prohibited_merchants
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION api.load_chart(p_code_kind text, p_codes jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_count integer;
BEGIN
    PERFORM app.begin_request(NULL, 'load_chart', NULL);
    IF p_code_kind IS NULL OR p_code_kind NOT IN ('job', 'phase', 'cost_type', 'gl_account') THEN
        RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'kind of code is unknown',
            DETAIL = pg_catalog.format('expected job, phase, cost_type or gl_account, got %L', p_code_kind),
            HINT = 'Choose one of the four kinds.', COLUMN = 'code_kind';
    ELSIF pg_catalog.jsonb_typeof(p_codes) IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'codes are not a list',
            DETAIL = 'expected a list of {code, valid_from, valid_until, description}',
            HINT = 'An empty list takes the kind out of judgement.', COLUMN = 'codes';
    END IF;
    -- One chart at a time: two loads would mix.
    PERFORM app.take_turn('chart of codes');
    DELETE FROM app.coding_codes AS c WHERE c.code_kind = p_code_kind;
    INSERT INTO app.coding_codes (code_kind, code, valid_from, valid_until, description)
    SELECT p_code_kind, pg_catalog.rtrim(pg_catalog.btrim(x.code), '.'), coalesce(x.valid_from, '2000-01-01'),
        x.valid_until, x.description
    FROM pg_catalog.jsonb_to_recordset(p_codes) AS x (code text, valid_from date, valid_until date, description text);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;
COMMENT ON FUNCTION api.load_chart(text, jsonb) IS 'Replaces all codes of one kind by a list of {code, valid_from, valid_until, description}; valid_from is 2000-01-01 when not given. Answers how many there are. Later revisions are judged by it. Raises IV008; constraints refuse codes that are empty, too long or given twice from one day on.';
GRANT EXECUTE ON FUNCTION api.load_chart(text, jsonb) TO ccp_admin;

CREATE OR REPLACE FUNCTION api.save_prohibited_merchant(p_pattern text, p_reason text) RETURNS report.prohibited_merchants
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_pattern text := pg_catalog.upper(pg_catalog.btrim(p_pattern));
    v_merchant report.prohibited_merchants;
BEGIN
    PERFORM app.begin_request(NULL, 'save_prohibited_merchant', NULL);
    IF v_pattern IS NULL OR pg_catalog.length(v_pattern) NOT BETWEEN 3 AND 80 THEN
        RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'part of the merchant''s name has a wrong length',
            DETAIL = pg_catalog.format('expected 3 to 80 characters, got %L', p_pattern),
            HINT = 'Give a part of the name that is found in no other.', COLUMN = 'pattern';
    END IF;
    IF p_reason IS NULL THEN
        DELETE FROM app.prohibited_merchants AS m WHERE m.pattern = v_pattern;
    ELSE
        INSERT INTO app.prohibited_merchants AS m (pattern, reason) VALUES (v_pattern, p_reason)
        ON CONFLICT (pattern) DO UPDATE SET reason = excluded.reason;
    END IF;
    SELECT r.* INTO v_merchant FROM report.prohibited_merchants AS r WHERE r.pattern = v_pattern;
    RETURN v_merchant;
END
$$;
COMMENT ON FUNCTION api.save_prohibited_merchant(text, text) IS 'Puts a part of a merchant''s name or group on the list of those nobody may buy from; a null reason takes it off. Raises IV008.';
GRANT EXECUTE ON FUNCTION api.save_prohibited_merchant(text, text) TO ccp_admin;

SELECT app.pin_entry_points();

COMMIT;
