-- What was tried before it was needed: objects and who may use them.

BEGIN;

SELECT app.expect_objects($$
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
function api.record_drill(text, timestamp with time zone, timestamp with time zone, boolean, jsonb, text, text, text)
    as owner: execute ccp_admin
function app.refuse_figures(jsonb)
index app.drills_created_tx_idx
index app.drills_kind_idx
index app.drills_user_id_idx
table app.drills (drill_id, kind, started_at, ended_at, passed, figures, server, note, user_id, recorded_at,
    created_tx): select ccp_auditor
trigger app.drills.t10_immutable
trigger app.drills.t90_mark
view report.drills (drill_id, kind, started_at, ended_at, seconds, passed, figures, server, note, user_id, user_name,
    recorded_at): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
