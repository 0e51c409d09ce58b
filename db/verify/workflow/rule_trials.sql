-- Only administrators try rules.

BEGIN;

SELECT app.expect_objects($$
function api.try_rule(text, uuid, text, boolean, boolean, jsonb, text, text) as owner: execute ccp_admin
function app.compare_looks(app.revision_draft[], app.rule_look, app.rule_look)
function app.look_by_rule(app.revision_draft[], text)
type app.rule_look (issues, statuses)
type report.rule_trial (rule_code, version, month_name, session_id, people_judged, people_changed, no_longer_finished,
    newly_finished, issues_added, issues_gone, issues_changed, dollars_added, dollars_gone, people)
type report.rule_trial_person (employee_name, status_now, status_then, issues_added, issues_gone, issues_changed,
    dollars_added, dollars_gone, cardholder_id)
$$);

ROLLBACK;
