-- Go or no-go, question by question: objects and who may use them.

BEGIN;

SELECT app.expect_objects($$
view app.cutover_steps (step, from_state, to_state, asks): select ccp_auditor
view report.cutover (check_code, place, question, origin, kind, required_for, max_age_days, may_be_waived, state,
    is_ok, evidence, note, answered_by_name, answered_at, counts_until, waived_until, waiver_reason, waived_by_name,
    waiver_confirmed_by_name): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.cutover_days (day_number, day, check_code, question, state, evidence, note, answered_by_name,
    answered_at): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.cutover_verdict (state, since, reason, by_name, next_step, next_state, is_go, failing, waived, day_number,
    queued_jobs): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
