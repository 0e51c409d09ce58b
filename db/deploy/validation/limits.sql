-- How much one purchase may cost: limits of people and merchant groups, beside that of the company in its rule.
-- requires: access/requests
-- requires: people/tables

BEGIN;

CREATE TABLE app.spending_limits (
    limit_id uuid NOT NULL DEFAULT app.new_id(),
    cardholder_id uuid,
    merchant_group text NOT NULL DEFAULT '',
    limit_amount numeric(14, 2) NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT spending_limits_pkey PRIMARY KEY (limit_id),
    CONSTRAINT spending_limits_subject_key UNIQUE NULLS NOT DISTINCT (cardholder_id, merchant_group),
    CONSTRAINT spending_limits_cardholder_id_fkey FOREIGN KEY (cardholder_id) REFERENCES app.cardholders (cardholder_id),
    CONSTRAINT spending_limits_subject_check CHECK (cardholder_id IS NOT NULL OR merchant_group <> ''),
    CONSTRAINT spending_limits_merchant_group_check
        CHECK (length(merchant_group) <= 80 AND merchant_group = upper(btrim(merchant_group) COLLATE "C")),
    CONSTRAINT spending_limits_limit_amount_check CHECK (limit_amount BETWEEN 0 AND 10000000)
);
COMMENT ON TABLE app.spending_limits IS 'What one purchase of a person, in a merchant group, or of a person in a merchant group may cost. The nearest limit holds: person and group, person, group, then the limit of the rule over_limit.';
COMMENT ON COLUMN app.spending_limits.limit_id IS 'Key.';
COMMENT ON COLUMN app.spending_limits.cardholder_id IS 'The person; null: everybody.';
COMMENT ON COLUMN app.spending_limits.merchant_group IS 'The merchant group as the bank prints it, in capitals; empty: all.';
COMMENT ON COLUMN app.spending_limits.limit_amount IS 'Largest charge that needs no approval, in dollars.';
COMMENT ON COLUMN app.spending_limits.version IS 'Grows by one with every change.';
CREATE OR REPLACE TRIGGER t50_version BEFORE UPDATE ON app.spending_limits FOR EACH ROW EXECUTE FUNCTION app.raise_version();
COMMENT ON TRIGGER t50_version ON app.spending_limits IS 'Raises the version.';
ALTER TABLE app.spending_limits ENABLE ALWAYS TRIGGER t50_version;
SELECT audit.guard('app.spending_limits', 'mutable');

CREATE OR REPLACE VIEW report.spending_limits AS
SELECT l.limit_id, l.cardholder_id, c.name_key AS employee_name, c.employee_id, l.merchant_group, l.limit_amount, l.version
FROM app.spending_limits AS l
LEFT JOIN app.cardholders AS c ON c.cardholder_id = l.cardholder_id;
COMMENT ON VIEW report.spending_limits IS 'What one purchase of a person or in a merchant group may cost.';
COMMENT ON COLUMN report.spending_limits.employee_name IS 'Name key of the person; null: everybody.';
SELECT app.describe_columns('report.spending_limits', 'app.spending_limits');
SELECT app.describe_columns('report.spending_limits', 'app.cardholders');
GRANT SELECT ON report.spending_limits
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION api.save_spending_limit(
    p_cardholder_id uuid DEFAULT NULL, p_merchant_group text DEFAULT NULL, p_limit_amount numeric DEFAULT NULL,
    p_expected_version integer DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.spending_limits
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('save_spending_limit', p_cardholder_id::text, p_merchant_group,
        p_limit_amount::text, p_expected_version::text);
    v_answer jsonb := app.begin_request(p_request_id, 'save_spending_limit', v_hash);
    v_group text := coalesce(pg_catalog.upper(pg_catalog.btrim(p_merchant_group) COLLATE "C"), '');
BEGIN
    IF v_answer IS NULL THEN
        IF pg_catalog.length(v_group) > 80 OR (p_cardholder_id IS NULL AND v_group = '') THEN
            PERFORM app.fail('IV008', 'merchant_group', 'a person or a merchant group of at most 80 characters',
                pg_catalog.length(v_group)::text);
        ELSIF p_limit_amount NOT BETWEEN 0 AND 10000000 OR p_limit_amount <> pg_catalog.round(p_limit_amount, 2) THEN
            PERFORM app.fail('IV008', 'limit_amount', 'dollars from 0 to 10000000 in whole cents', p_limit_amount::text);
        ELSIF p_cardholder_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM app.cardholders AS c WHERE c.cardholder_id = p_cardholder_id)
        THEN
            PERFORM app.fail('NF004', 'cardholder_id', NULL, p_cardholder_id::text);
        END IF;
        PERFORM app.refuse_own_card(ARRAY[p_cardholder_id]);
        PERFORM app.refuse_card_number(v_group, 'merchant_group');
        PERFORM app.check_version(p_expected_version, (
            SELECT l.version FROM app.spending_limits AS l
            WHERE l.cardholder_id IS NOT DISTINCT FROM p_cardholder_id AND l.merchant_group = v_group FOR UPDATE));
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.spending_limits AS r
        WHERE r.cardholder_id IS NOT DISTINCT FROM p_cardholder_id AND r.merchant_group = v_group;
        IF p_limit_amount IS NULL THEN
            DELETE FROM app.spending_limits AS l
            WHERE l.cardholder_id IS NOT DISTINCT FROM p_cardholder_id AND l.merchant_group = v_group;
        ELSE
            INSERT INTO app.spending_limits AS l (cardholder_id, merchant_group, limit_amount)
            VALUES (p_cardholder_id, v_group, p_limit_amount)
            ON CONFLICT (cardholder_id, merchant_group) DO UPDATE SET limit_amount = excluded.limit_amount;
            SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.spending_limits AS r
            WHERE r.cardholder_id IS NOT DISTINCT FROM p_cardholder_id AND r.merchant_group = v_group;
        END IF;
        v_answer := app.end_request(p_request_id, 'save_spending_limit', v_hash, coalesce(v_answer, '{}'));
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.spending_limits, v_answer);
END
$$;
COMMENT ON FUNCTION api.save_spending_limit(uuid, text, numeric, integer, text) IS 'Says what one purchase of a person, in a merchant group, or of a person in a merchant group may cost; a null amount takes the limit off and answers what it was. Revisions made from now on are judged by it, where the rule over_limit is on. At the version seen. Raises IV008, NF004, PM001, PM002, PM003 for the own card, ST001, ST003.';
GRANT EXECUTE ON FUNCTION api.save_spending_limit(uuid, text, numeric, integer, text) TO ccp_admin;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
