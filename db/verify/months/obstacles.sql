-- What keeps a month open is told.

BEGIN;

SELECT app.expect_objects($$
function app.current_submissions(uuid)
function app.open_row_obstacles(uuid)
function app.person_obstacles(uuid)
function app.sign_off_obstacles(uuid)
function app.submission_obstacles(uuid)
function report.month_obstacles(uuid) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
type report.month_obstacle (kind, session_id, cardholder_id, employee_name, object_id, description)
$$);

ROLLBACK;
