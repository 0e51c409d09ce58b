-- Scores are private.

BEGIN;

SELECT app.expect_objects($$
function app.amount_part_of(numeric, numeric)
function app.date_part_of(app.match_side, app.match_side, app.matching_policies)
function app.days_apart(app.match_side, app.match_side)
function app.is_in_window(app.match_side, app.match_side, app.matching_policies)
function app.merchant_part_of(app.match_side, app.match_side)
function app.print_of_side(numeric, date, date, text)
function app.score_of(numeric, numeric, numeric, numeric, app.matching_policies)
type app.match_edge (revision_id, charge_id, transaction_id, amount, residual, pass, first_pass, decision_number,
    policy_version, amount_part, date_part, merchant_part, history_part, score, runner_up_charge_id,
    runner_up_transaction_id, runner_up_score)
type app.match_history (charge_merchant_key, receipt_merchant_key, part)
type app.match_pair (revision_id, charge_id, transaction_id)
type app.match_side (revision_id, item_id, natural_key, amount, day, other_day, merchant_key, merchant_words,
    series_key, is_lodging, is_meal, is_eligible, class_key, is_repeat)
$$);

ROLLBACK;
