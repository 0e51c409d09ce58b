-- Who may see who decided how much.

BEGIN;

SELECT app.expect_objects($$
view app.personal_decisions (user_id, cardholder_id, happened_at, method, amount, in_bulk, by_two, taken_back): select
    ccp_auditor
view report.decisions (decided_on, user_id, user_name, method, decisions, amount, largest_amount, unknown_amounts,
    by_two, in_bulk, taken_back): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
