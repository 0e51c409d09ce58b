-- The matching policy: weights, windows and limits as one versioned row; a change is a new version.
-- requires: content/charges
-- requires: foundation/members
-- requires: access/requests

BEGIN;

CREATE TABLE app.matching_policies (
    policy_version integer NOT NULL,
    amount_weight numeric(3, 2) NOT NULL,
    date_weight numeric(3, 2) NOT NULL,
    merchant_weight numeric(3, 2) NOT NULL,
    history_weight numeric(3, 2) NOT NULL,
    clear_days integer NOT NULL,
    habit_votes integer NOT NULL,
    like_days integer NOT NULL,
    days_before integer NOT NULL,
    days_after integer NOT NULL,
    lodging_days_before integer NOT NULL,
    lodging_days_after integer NOT NULL,
    lodging_groups text[] NOT NULL,
    lodging_expense_types text[] NOT NULL,
    sum_parts_limit integer NOT NULL,
    sum_days integer NOT NULL,
    sum_candidates_limit integer NOT NULL,
    sum_chance numeric(6, 5) NOT NULL,
    near_amount numeric(14, 2) NOT NULL,
    tip_share numeric(3, 2) NOT NULL,
    conversion_share numeric(3, 2) NOT NULL,
    far_days integer NOT NULL,
    meal_groups text[] NOT NULL,
    meal_expense_types text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid NOT NULL DEFAULT app.actor_id(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT matching_policies_pkey PRIMARY KEY (policy_version),
    CONSTRAINT matching_policies_created_by_fkey FOREIGN KEY (created_by) REFERENCES app.users (user_id),
    CONSTRAINT matching_policies_policy_version_check CHECK (policy_version >= 1),
    CONSTRAINT matching_policies_weight_check CHECK (
        amount_weight >= 0 AND date_weight >= 0 AND merchant_weight >= 0 AND history_weight >= 0
        AND amount_weight + date_weight + merchant_weight + history_weight = 1),
    CONSTRAINT matching_policies_clear_days_check CHECK (clear_days BETWEEN 1 AND 31 AND habit_votes BETWEEN 1 AND 100),
    CONSTRAINT matching_policies_days_check CHECK (
        days_before BETWEEN 0 AND 366 AND days_after BETWEEN 0 AND 366
        AND lodging_days_before BETWEEN 0 AND 366 AND lodging_days_after BETWEEN 0 AND 366
        AND like_days BETWEEN 0 AND 366 AND far_days BETWEEN 0 AND 366),
    CONSTRAINT matching_policies_sum_check CHECK (
        sum_parts_limit BETWEEN 2 AND 4 AND sum_days BETWEEN 0 AND 31 AND sum_candidates_limit BETWEEN 2 AND 20
        AND sum_chance BETWEEN 0 AND 1),
    CONSTRAINT matching_policies_near_check CHECK (
        near_amount <> 'NaN' AND near_amount BETWEEN 0.01 AND 1000 AND tip_share BETWEEN 0.01 AND 1
        AND conversion_share BETWEEN 0.01 AND 1)
);
CREATE INDEX matching_policies_created_by_idx ON app.matching_policies (created_by);
COMMENT ON TABLE app.matching_policies IS 'Weights, windows and limits of matching. The highest version is in force; every allocation names the version that made it.';
COMMENT ON COLUMN app.matching_policies.policy_version IS '1, 2, 3 …; the highest is in force.';
COMMENT ON COLUMN app.matching_policies.amount_weight IS 'Share of the amount in the score; the four weights add up to 1.';
COMMENT ON COLUMN app.matching_policies.date_weight IS 'Share of the date in the score.';
COMMENT ON COLUMN app.matching_policies.merchant_weight IS 'Share of the merchant in the score.';
COMMENT ON COLUMN app.matching_policies.history_weight IS 'Share of what people decided before about these two merchant names.';
COMMENT ON COLUMN app.matching_policies.clear_days IS 'Days by which every other assignment of a series must be farther, so that one stands; 1 is enough for a receipt on the very date that the person''s receipts follow.';
COMMENT ON COLUMN app.matching_policies.habit_votes IS 'How many of a person''s single matches must agree before it counts as known which date the receipts follow, posted or purchase; nine of ten must.';
COMMENT ON COLUMN app.matching_policies.like_days IS 'Days a receipt may be dated before or after the charge where the merchants are alike but not the same.';
COMMENT ON COLUMN app.matching_policies.days_before IS 'Days a receipt may be dated before the charge.';
COMMENT ON COLUMN app.matching_policies.days_after IS 'Days a receipt may be dated after the charge.';
COMMENT ON COLUMN app.matching_policies.lodging_days_before IS 'Days before, for lodging.';
COMMENT ON COLUMN app.matching_policies.lodging_days_after IS 'Days after, for lodging.';
COMMENT ON COLUMN app.matching_policies.lodging_groups IS 'Merchant groups that are lodging, in capitals.';
COMMENT ON COLUMN app.matching_policies.lodging_expense_types IS 'Expense types that are lodging.';
COMMENT ON COLUMN app.matching_policies.sum_parts_limit IS 'Most receipts of one charge, or charges of one receipt, that are added up.';
COMMENT ON COLUMN app.matching_policies.sum_days IS 'Days the parts of a sum may be away from the whole.';
COMMENT ON COLUMN app.matching_policies.sum_candidates_limit IS 'Most candidates that are tried as parts; more are listed as not tried.';
COMMENT ON COLUMN app.matching_policies.sum_chance IS 'How likely, from 0 to 1, a sum may be to add up by chance and still be taken: combinations tried over amounts that were possible.';
COMMENT ON COLUMN app.matching_policies.near_amount IS 'Dollars two amounts may differ to be proposed as one.';
COMMENT ON COLUMN app.matching_policies.tip_share IS 'Share by which the charge of a meal may lie above its receipt.';
COMMENT ON COLUMN app.matching_policies.conversion_share IS 'Share by which two amounts of one merchant may differ to be proposed as a conversion of currencies.';
COMMENT ON COLUMN app.matching_policies.far_days IS 'Days a receipt may be dated outside of the window to be proposed all the same: same amount, same or like merchant.';
COMMENT ON COLUMN app.matching_policies.meal_groups IS 'Merchant groups that are meals, in capitals.';
COMMENT ON COLUMN app.matching_policies.meal_expense_types IS 'Expense types that are meals.';
COMMENT ON COLUMN app.matching_policies.created_at IS 'When the version came into force.';
COMMENT ON COLUMN app.matching_policies.created_by IS 'Who made it.';
COMMENT ON COLUMN app.matching_policies.created_tx IS 'Number of the writing transaction.';

INSERT INTO app.matching_policies (
    policy_version, amount_weight, date_weight, merchant_weight, history_weight, clear_days,
    habit_votes, like_days, days_before, days_after, lodging_days_before, lodging_days_after, lodging_groups, lodging_expense_types,
    sum_parts_limit, sum_days, sum_candidates_limit, sum_chance, near_amount, tip_share, conversion_share,
    far_days, meal_groups, meal_expense_types)
VALUES (1, 0.45, 0.25, 0.20, 0.10, 2, 3, 3, 3, 7, 1, 30, '{HOTELS,LODGING}', '{Hotel,Lodging}',
    4, 3, 12, 0.002, 1.00, 0.30, 0.05, 31, '{RESTAURANTS}', '{Meals}');
SELECT audit.guard('app.matching_policies', 'immutable');

CREATE OR REPLACE FUNCTION app.matching_policy() RETURNS app.matching_policies
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p FROM app.matching_policies AS p ORDER BY p.policy_version DESC LIMIT 1;
END;
COMMENT ON FUNCTION app.matching_policy() IS 'The matching policy in force.';

CREATE OR REPLACE VIEW report.matching_policies AS
SELECT p.policy_version, p.policy_version = max(p.policy_version) OVER () AS is_current, p.amount_weight,
    p.date_weight, p.merchant_weight, p.history_weight, p.clear_days, p.habit_votes, p.like_days,
    p.days_before, p.days_after, p.lodging_days_before, p.lodging_days_after, p.lodging_groups, p.lodging_expense_types,
    p.sum_parts_limit, p.sum_days, p.sum_candidates_limit, p.sum_chance, p.near_amount, p.tip_share,
    p.conversion_share, p.far_days, p.meal_groups,
    p.meal_expense_types, p.created_at, u.user_name AS created_by_name
FROM app.matching_policies AS p JOIN app.users AS u ON u.user_id = p.created_by;
COMMENT ON VIEW report.matching_policies IS 'All versions of the matching policy.';
COMMENT ON COLUMN report.matching_policies.created_by_name IS 'Name of who made it.';
COMMENT ON COLUMN report.matching_policies.is_current IS 'True for the version in force.';
SELECT app.describe_columns('report.matching_policies', 'app.matching_policies');
GRANT SELECT ON report.matching_policies
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION api.save_matching_policy(
    p_changes jsonb, p_expected_version integer DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.matching_policies
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('save_matching_policy', p_changes::text, p_expected_version::text);
    v_answer jsonb := app.begin_request(p_request_id, 'save_matching_policy', v_hash);
    v_policy app.matching_policies;
    v_saved report.matching_policies;
    v_constraint text;
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN pg_catalog.jsonb_populate_record(NULL::report.matching_policies, v_answer);
    END IF;
    LOCK TABLE app.matching_policies IN SHARE ROW EXCLUSIVE MODE;
    v_policy := app.matching_policy();
    IF pg_catalog.jsonb_typeof(p_changes) IS DISTINCT FROM 'object' OR p_changes = '{}' THEN
        PERFORM app.fail('IV008', 'changes', 'an object of columns of report.matching_policies',
            pg_catalog.left(p_changes::text, 200));
    END IF;
    PERFORM app.refuse_members('changes', p_changes, (
        SELECT pg_catalog.array_agg(ROW(a.attname,
            CASE
                WHEN a.atttypid = 'integer'::regtype THEN 'whole'
                WHEN a.atttypid = 'text[]'::regtype THEN 'texts'
                WHEN a.attname = 'near_amount' THEN 'money'
                WHEN a.attname = 'sum_chance' THEN 'chance'
                ELSE 'share' END, true, false, NULL)::app.member ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = 'app.matching_policies'::regclass AND a.attnum > 0
            AND a.attname NOT IN ('policy_version', 'created_at', 'created_by', 'created_tx')));
    PERFORM app.check_version(p_expected_version, v_policy.policy_version);
    v_policy := pg_catalog.jsonb_populate_record(v_policy, app.hide_in_json(p_changes));
    v_policy.policy_version := v_policy.policy_version + 1;
    v_policy.created_at := pg_catalog.now();
    v_policy.created_by := app.actor_id();
    v_policy.created_tx := app.tx();
    BEGIN
        INSERT INTO app.matching_policies SELECT (v_policy).*;
    EXCEPTION
        WHEN check_violation THEN
            GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
            PERFORM app.fail('IV008', 'changes', (
                SELECT pg_catalog.pg_get_constraintdef(k.oid, true) FROM pg_catalog.pg_constraint AS k
                WHERE k.conrelid = 'app.matching_policies'::regclass AND k.conname = v_constraint),
                pg_catalog.left(p_changes::text, 200));
    END;
    SELECT r.* INTO v_saved FROM report.matching_policies AS r WHERE r.is_current;
    PERFORM app.end_request(p_request_id, 'save_matching_policy', v_hash, pg_catalog.to_jsonb(v_saved));
    RETURN v_saved;
END
$$;
COMMENT ON FUNCTION api.save_matching_policy(jsonb, integer, text) IS 'Makes the next version of the matching policy from the one seen, with the columns of the given object changed. Matches already made keep theirs. Raises IV008, PM001, PM002, ST001, ST003; IV008 for values out of range.';
GRANT EXECUTE ON FUNCTION api.save_matching_policy(jsonb, integer, text) TO ccp_admin;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
