-- Charges and people are for every reader; comparing them is no call of its own.

BEGIN;

SELECT app.expect_objects($$
function app.compare_charge_lines(uuid[], uuid[])
function app.compare_charges(uuid[], uuid[])
view report.cardholders (cardholder_id, employee_name, employee_id, card_numbers, aliases, sessions, created_at):
    select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.charge_lines (charge_id, line_number, session_id, cardholder_id, employee_name, product_description,
    unit_price, quantity, gross_amount, discount_amount, net_amount, page_number): select ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.charges (charge_id, session_id, cardholder_id, employee_name, employee_id, card_id, card_number,
    natural_key, purchase_date, posted_date, level, transaction_number, merchant_name, city, state, merchant_group,
    gross_amount, discount_amount, net_amount, "position", page_number, totals_page_number, unread_fields): select
    ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
