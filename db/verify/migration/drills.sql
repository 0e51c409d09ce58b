-- What was tried before it was needed: objects and who may use them.

BEGIN;

SELECT app.expect_objects($$
constraint app.drill_confirmations.drill_confirmations_card_numbers_check
constraint app.drill_confirmations.drill_confirmations_confirmed_by_check
constraint app.drill_confirmations.drill_confirmations_confirmed_by_fkey
constraint app.drill_confirmations.drill_confirmations_created_tx_check
constraint app.drill_confirmations.drill_confirmations_drill_id_fkey
constraint app.drill_confirmations.drill_confirmations_note_check
constraint app.drill_confirmations.drill_confirmations_pkey
constraint app.drill_confirmations.drill_confirmations_second_person_check
constraint app.drills.drills_card_numbers_check
constraint app.drills.drills_created_tx_check
constraint app.drills.drills_ended_at_check
constraint app.drills.drills_figures_check
constraint app.drills.drills_kind_check
constraint app.drills.drills_note_check
constraint app.drills.drills_pkey
constraint app.drills.drills_server_check
constraint app.drills.drills_user_id_check
constraint app.drills.drills_user_id_fkey
constraint app.drills.drills_user_id_key
function api.confirm_drill(uuid, text, text) as owner: execute ccp_admin ccp_reviewer
function api.record_drill(text, timestamp with time zone, timestamp with time zone, boolean, jsonb, text, text, text)
    as owner: execute ccp_admin
function app.refuse_figures(jsonb)
index app.drill_confirmations_confirmed_by_idx
index app.drill_confirmations_created_tx_idx
index app.drills_created_tx_idx
index app.drills_kind_idx
index app.drills_user_id_idx
table app.drill_confirmations (drill_id, recorded_by, note, confirmed_by, confirmed_at, created_tx): select
    ccp_auditor
table app.drills (drill_id, kind, started_at, ended_at, passed, figures, server, note, user_id, recorded_at,
    created_tx): select ccp_auditor
trigger app.drill_confirmations.t10_immutable
trigger app.drill_confirmations.t90_mark
trigger app.drills.t10_immutable
trigger app.drills.t90_mark
view report.drills (drill_id, kind, started_at, ended_at, seconds, passed, figures, server, note, user_id, user_name,
    recorded_at, confirmed_by, confirmed_by_name, confirmed_at, confirmation_note): select ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
