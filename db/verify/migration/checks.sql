-- What has to hold before each step of the cut-over: objects and who may use them.

BEGIN;

SELECT app.expect_objects($$
constraint app.cutover_answers.cutover_answers_card_numbers_check
constraint app.cutover_answers.cutover_answers_check_code_fkey
constraint app.cutover_answers.cutover_answers_created_tx_check
constraint app.cutover_answers.cutover_answers_evidence_check
constraint app.cutover_answers.cutover_answers_note_check
constraint app.cutover_answers.cutover_answers_pkey
constraint app.cutover_answers.cutover_answers_user_id_check
constraint app.cutover_answers.cutover_answers_user_id_fkey
constraint app.cutover_checks.cutover_checks_card_numbers_check
constraint app.cutover_checks.cutover_checks_check_code_check
constraint app.cutover_checks.cutover_checks_daily_check
constraint app.cutover_checks.cutover_checks_figure_above_check
constraint app.cutover_checks.cutover_checks_function_name_check
constraint app.cutover_checks.cutover_checks_kind_check
constraint app.cutover_checks.cutover_checks_pkey
constraint app.cutover_checks.cutover_checks_place_key
constraint app.cutover_checks.cutover_checks_required_for_check
index app.cutover_answers_check_code_idx
index app.cutover_answers_created_tx_idx
index app.cutover_answers_user_id_idx
table app.cutover_answers (answer_id, check_code, day, passed, evidence, note, valid_until, user_id, answered_at,
    created_tx): select ccp_auditor
table app.cutover_checks (check_code, place, question, origin, kind, function_name, required_for, max_age_days,
    may_be_waived, figure_above, covers_day, ends_with_rollback): select ccp_auditor
trigger app.cutover_answers.t10_immutable
trigger app.cutover_answers.t90_mark
$$);

ROLLBACK;
