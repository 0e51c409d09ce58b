-- Nobody but the owner takes steps past the calls.

BEGIN;

SELECT app.expect_objects($$
constraint app.issue_steps.issue_steps_call_name_fkey
constraint app.issue_steps.issue_steps_card_numbers_check
constraint app.issue_steps.issue_steps_pkey
function app.judge_step(text, uuid, integer, text, text, text)
function app.judge_steps(text, app.issue_item[])
function app.step_issue(text, uuid, integer, text, text, text, text)
function app.take_steps(text, app.issue_item[], uuid, text)
table app.issue_steps (call_name, from_states, to_state, note_name, needs_note): select ccp_auditor
type app.issue_item (place, issue_id, expected_version, method, note, assignee, details, cause, from_state, code,
    column_name, expected, got)
$$);

ROLLBACK;
