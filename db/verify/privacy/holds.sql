-- Holds are placed by administrators.

BEGIN;

SELECT app.expect_objects($$
constraint app.legal_hold_lifts.legal_hold_lifts_card_numbers_check
constraint app.legal_hold_lifts.legal_hold_lifts_created_tx_check
constraint app.legal_hold_lifts.legal_hold_lifts_hold_fkey
constraint app.legal_hold_lifts.legal_hold_lifts_lift_reason_check
constraint app.legal_hold_lifts.legal_hold_lifts_lifted_by_check
constraint app.legal_hold_lifts.legal_hold_lifts_lifted_by_fkey
constraint app.legal_hold_lifts.legal_hold_lifts_other_check
constraint app.legal_hold_lifts.legal_hold_lifts_pkey
constraint app.legal_holds.legal_holds_card_numbers_check
constraint app.legal_holds.legal_holds_created_tx_check
constraint app.legal_holds.legal_holds_month_id_fkey
constraint app.legal_holds.legal_holds_pkey
constraint app.legal_holds.legal_holds_placed_by_check
constraint app.legal_holds.legal_holds_placed_by_fkey
constraint app.legal_holds.legal_holds_placed_key
constraint app.legal_holds.legal_holds_reason_check
function api.lift_legal_hold(uuid, text, text) as owner: execute ccp_admin ccp_reviewer
function api.place_legal_hold(uuid, text, text) as owner: execute ccp_admin
index app.legal_hold_lifts_created_tx_idx
index app.legal_hold_lifts_lifted_by_idx
index app.legal_holds_created_tx_idx
index app.legal_holds_month_id_idx
index app.legal_holds_placed_by_idx
table app.legal_hold_lifts (hold_id, placed_by, lift_reason, lifted_by, lifted_at, created_tx): select ccp_auditor
table app.legal_holds (hold_id, month_id, reason, placed_by, placed_at, created_tx): select ccp_auditor
trigger app.legal_hold_lifts.t10_immutable
trigger app.legal_hold_lifts.t90_mark
trigger app.legal_holds.t10_immutable
trigger app.legal_holds.t90_mark
view app.held_months (month_id): select ccp_auditor
view report.legal_holds (hold_id, month_id, month_name, reason, placed_by, placed_by_name, placed_at, is_in_force,
    lift_reason, lifted_by, lifted_by_name, lifted_at): select ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
$$);

ROLLBACK;
