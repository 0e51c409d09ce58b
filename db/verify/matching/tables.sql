-- Decisions, matchings, allocations and open items are insert-only in every replication role.

BEGIN;

SELECT app.expect_objects($$
constraint app.found_allocations.found_allocations_amount_check
constraint app.found_allocations.found_allocations_card_numbers_check
constraint app.found_allocations.found_allocations_created_tx_check
constraint app.found_allocations.found_allocations_decision_number_fkey
constraint app.found_allocations.found_allocations_pass_check
constraint app.found_allocations.found_allocations_pkey
constraint app.found_allocations.found_allocations_residual_check
constraint app.found_allocations.found_allocations_runner_up_check
constraint app.found_open_items.found_open_items_amount_check
constraint app.found_open_items.found_open_items_card_numbers_check
constraint app.found_open_items.found_open_items_created_tx_check
constraint app.found_open_items.found_open_items_failed_gate_check
constraint app.found_open_items.found_open_items_nearest_check
constraint app.found_open_items.found_open_items_pkey
constraint app.found_open_items.found_open_items_proposal_check
constraint app.found_open_items.found_open_items_side_check
constraint app.match_decisions.match_decisions_amount_check
constraint app.match_decisions.match_decisions_card_numbers_check
constraint app.match_decisions.match_decisions_created_tx_check
constraint app.match_decisions.match_decisions_decided_by_fkey
constraint app.match_decisions.match_decisions_decision_check
constraint app.match_decisions.match_decisions_person_fkey
constraint app.match_decisions.match_decisions_pkey
constraint app.match_decisions.match_decisions_reason_check
constraint app.match_decisions.match_decisions_residual_check
constraint app.matchings.matchings_created_tx_check
constraint app.matchings.matchings_pkey
constraint app.matchings.matchings_policy_version_fkey
index app.found_allocations_created_tx_idx
index app.found_allocations_decision_number_idx
index app.found_allocations_transaction_idx
index app.found_open_items_created_tx_idx
index app.match_decisions_created_tx_idx
index app.match_decisions_decided_by_idx
index app.match_decisions_merchants_idx
index app.match_decisions_person_idx
index app.matchings_created_tx_idx
index app.matchings_policy_version_idx
sequence app.match_decisions_decision_number_seq
table app.found_allocations (matching_id, charge_id, transaction_id, created_tx, amount, residual, pass, first_pass,
    decision_number, policy_version, amount_part, date_part, merchant_part, history_part, score, runner_up_charge_id,
    runner_up_transaction_id, runner_up_score, margin): select ccp_auditor
table app.found_open_items (matching_id, side, charge_id, transaction_id, item_id, created_tx, open_amount,
    failed_gate, proposal, proposal_id, is_sum_untried, amount_difference, days_apart, amount_part, date_part,
    merchant_part, score): select ccp_auditor
table app.match_decisions (decision_number, session_id, cardholder_id, charge_id, transaction_id, charge_key,
    receipt_key, charge_print, receipt_print, charge_merchant_key, receipt_merchant_key, decision, amount, residual,
    reason, revision_number, decided_by, decided_at, request_id, created_tx): select ccp_auditor
table app.matchings (employee_revision_id, matching_id, created_tx, policy_version): select ccp_auditor
trigger app.found_allocations.t10_immutable
trigger app.found_allocations.t90_mark
trigger app.found_open_items.t10_immutable
trigger app.found_open_items.t90_mark
trigger app.match_decisions.t10_immutable
trigger app.match_decisions.t90_mark
trigger app.matchings.t10_immutable
trigger app.matchings.t90_mark
view app.allocations (employee_revision_id, charge_id, transaction_id, created_tx, amount, residual, pass, first_pass,
    decision_number, policy_version, amount_part, date_part, merchant_part, history_part, score, runner_up_charge_id,
    runner_up_transaction_id, runner_up_score, margin): select ccp_auditor
view app.open_items (employee_revision_id, side, charge_id, transaction_id, item_id, created_tx, open_amount,
    failed_gate, proposal, proposal_id, is_proposed, is_sum_untried, amount_difference, days_apart, amount_part,
    date_part, merchant_part, score): select ccp_auditor
$$);

ROLLBACK;
