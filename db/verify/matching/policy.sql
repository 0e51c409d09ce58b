-- One policy is there; only administrators may change it and nobody edits a version.

BEGIN;

SELECT app.expect_objects($$
constraint app.matching_policies.matching_policies_card_numbers_check
constraint app.matching_policies.matching_policies_clear_days_check
constraint app.matching_policies.matching_policies_created_by_check
constraint app.matching_policies.matching_policies_created_by_fkey
constraint app.matching_policies.matching_policies_created_tx_check
constraint app.matching_policies.matching_policies_days_check
constraint app.matching_policies.matching_policies_near_check
constraint app.matching_policies.matching_policies_pkey
constraint app.matching_policies.matching_policies_policy_version_check
constraint app.matching_policies.matching_policies_sum_check
constraint app.matching_policies.matching_policies_weight_check
function api.save_matching_policy(jsonb, integer, text) as owner: execute ccp_admin
function app.matching_policy()
index app.matching_policies_created_by_idx
index app.matching_policies_created_tx_idx
table app.matching_policies (policy_version, amount_weight, date_weight, merchant_weight, history_weight, clear_days,
    habit_votes, like_days, days_before, days_after, lodging_days_before, lodging_days_after, lodging_groups,
    lodging_expense_types, sum_parts_limit, sum_days, sum_candidates_limit, sum_chance, near_amount, tip_share,
    conversion_share, far_days, meal_groups, meal_expense_types, created_at, created_by, created_tx): select
    ccp_auditor
trigger app.matching_policies.t10_immutable
trigger app.matching_policies.t90_mark
view report.matching_policies (policy_version, is_current, amount_weight, date_weight, merchant_weight,
    history_weight, clear_days, habit_votes, like_days, days_before, days_after, lodging_days_before,
    lodging_days_after, lodging_groups, lodging_expense_types, sum_parts_limit, sum_days, sum_candidates_limit,
    sum_chance, near_amount, tip_share, conversion_share, far_days, meal_groups, meal_expense_types, created_at,
    created_by_name): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
