-- Matches, what is open, and the bridge from card total to receipt total.
-- requires: matching/matching

BEGIN;

CREATE OR REPLACE VIEW report.matches_history AS
SELECT r.session_id, a.employee_revision_id, r.revision_number, r.cardholder_id, r.employee_name,
    a.charge_id, a.transaction_id, c.posted_date, c.purchase_date,
    c.merchant_name AS charge_merchant_name, c.net_amount AS charge_amount,
    t.external_transaction_id, t.transaction_date AS receipt_date, t.merchant_name AS receipt_merchant_name,
    t.amount AS receipt_amount, a.amount, a.residual, d.reason AS residual_reason, a.pass, a.first_pass,
    u.user_name AS decided_by_name, d.decided_at, a.amount_part, a.date_part, a.merchant_part, a.history_part, a.score,
    a.runner_up_charge_id, a.runner_up_transaction_id, a.runner_up_score, a.margin, a.policy_version,
    CASE WHEN a.pass = 'pinned' AND a.decision_number IS NULL THEN 'As in the revision before: ' ELSE '' END
    || CASE
        WHEN d.decision = 'confirm' THEN u.user_name || ' confirmed that they belong together'
            || CASE WHEN a.residual <> 0 THEN ' and accepted a difference of $' || a.residual::text ELSE '' END
        WHEN d.decision = 'split' THEN u.user_name || ' assigned $' || a.amount::text || ' of the charge to the receipt'
        WHEN a.first_pass = 'identical' THEN 'Amount, posted date and merchant are the same'
        WHEN a.first_pass = 'sum' AND a.amount = c.net_amount THEN
            'The charge is one of several of the same merchant that add up exactly to the receipt'
        WHEN a.first_pass = 'sum' THEN
            'The receipt is one of several of the same merchant that add up exactly to the charge'
        ELSE 'The amount is the same'
            || CASE WHEN t.transaction_date = c.posted_date THEN ', on the posted date'
                WHEN t.transaction_date = c.purchase_date THEN ', on the day of the purchase'
                ELSE ', ' || least(abs(t.transaction_date - c.posted_date),
                    abs(t.transaction_date - c.purchase_date))::text || ' day(s) apart' END
            || CASE a.merchant_part WHEN 1 THEN ', same merchant' WHEN 0 THEN ', merchant named otherwise'
                ELSE ', similar merchant' END
        END
    || CASE WHEN d.reason IS NOT NULL THEN ': ' || d.reason
        WHEN a.runner_up_score IS NOT NULL
            THEN '; the next best candidate is ' || round(a.margin, 2)::text || ' behind.'
        WHEN a.first_pass IN ('identical', 'exact', 'like')
            THEN '; there was no other candidate.'
        ELSE '.' END AS explanation
FROM app.allocations AS a
JOIN app.employee_revisions AS r ON r.revision_id = a.employee_revision_id
JOIN app.charges AS c
    ON c.session_id = r.session_id AND c.cardholder_id = r.cardholder_id AND c.charge_id = a.charge_id
JOIN app.transactions AS t
    ON t.employee_revision_id = a.employee_revision_id AND t.transaction_id = a.transaction_id
LEFT JOIN app.match_decisions AS d ON d.decision_number = a.decision_number
LEFT JOIN app.users AS u ON u.user_id = d.decided_by;
COMMENT ON VIEW report.matches_history IS 'Which charge is covered by which receipt, in all revisions, and why.';
COMMENT ON COLUMN report.matches_history.session_id IS 'The session.';
COMMENT ON COLUMN report.matches_history.cardholder_id IS 'The person.';
COMMENT ON COLUMN report.matches_history.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.matches_history.revision_number IS 'Number of the revision.';
COMMENT ON COLUMN report.matches_history.purchase_date IS 'When the purchase was made, as the bank has it.';
COMMENT ON COLUMN report.matches_history.charge_merchant_name IS 'Merchant as the bank has it, cut at 18 characters.';
COMMENT ON COLUMN report.matches_history.charge_amount IS 'Net amount of the charge, in dollars; the same beside each of its receipts, so that sums are made of amount.';
COMMENT ON COLUMN report.matches_history.receipt_date IS 'Date of the receipt.';
COMMENT ON COLUMN report.matches_history.receipt_merchant_name IS 'Merchant of the receipt.';
COMMENT ON COLUMN report.matches_history.receipt_amount IS 'Amount of the receipt, in dollars.';
COMMENT ON COLUMN report.matches_history.residual_reason IS 'Why, as the deciding person said; null for matches of the machine.';
COMMENT ON COLUMN report.matches_history.decided_by_name IS 'Who decided; null for matches of the machine.';
COMMENT ON COLUMN report.matches_history.decided_at IS 'When it was decided.';
COMMENT ON COLUMN report.matches_history.explanation IS 'Why they belong together, in one sentence.';
SELECT app.describe_columns('report.matches_history', 'app.allocations');
SELECT app.describe_columns('report.matches_history', 'app.charges');
SELECT app.describe_columns('report.matches_history', 'app.transactions');

CREATE OR REPLACE VIEW report.matches AS
SELECT m.session_id, m.employee_revision_id, m.revision_number, m.cardholder_id, m.employee_name, m.charge_id,
    m.transaction_id, m.posted_date, m.purchase_date, m.charge_merchant_name, m.charge_amount,
    m.external_transaction_id, m.receipt_date, m.receipt_merchant_name, m.receipt_amount, m.amount, m.residual,
    m.residual_reason, m.pass, m.first_pass, m.decided_by_name, m.decided_at, m.amount_part, m.date_part,
    m.merchant_part, m.history_part, m.score, m.runner_up_charge_id, m.runner_up_transaction_id,
    m.runner_up_score, m.margin, m.policy_version, m.explanation, e.version AS person_version
FROM app.session_employees AS e
JOIN report.matches_history AS m ON m.employee_revision_id = e.current_revision_id;
COMMENT ON VIEW report.matches IS 'Which charge is covered by which receipt, in the current revisions, and why. Of every submission, cancelled ones included: join report.months by latest_session_id, and a month counts once.';
COMMENT ON COLUMN report.matches.person_version IS 'Version of the person''s row, to name when deciding.';
SELECT app.describe_columns('report.matches', 'report.matches_history');

-- A row of another person with the same amount on the other side: often handed in under the wrong name.
CREATE OR REPLACE VIEW app.open_amounts AS
SELECT e.session_id, o.side, o.open_amount, array_agg(DISTINCT r.employee_name ORDER BY r.employee_name) AS names
FROM app.session_employees AS e
JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
JOIN app.open_items AS o ON o.employee_revision_id = e.current_revision_id
WHERE o.failed_gate <> 'out_of_pocket'
GROUP BY e.session_id, o.side, o.open_amount;
COMMENT ON VIEW app.open_amounts IS 'For each session, side and open amount the people who have such a row.';

CREATE OR REPLACE VIEW report.open_charges AS
SELECT e.session_id, o.employee_revision_id, r.revision_number, e.cardholder_id, r.employee_name, o.charge_id,
    c.posted_date, c.purchase_date, c.merchant_name, c.merchant_group, c.net_amount, o.open_amount, o.failed_gate,
    o.proposal, o.proposal_id, o.is_proposed, o.is_sum_untried, o.transaction_id AS nearest_transaction_id,
    t.external_transaction_id AS nearest_external_transaction_id, t.transaction_date AS nearest_date,
    t.merchant_name AS nearest_merchant_name, t.amount AS nearest_amount, o.amount_difference, o.days_apart,
    o.amount_part, o.date_part, o.merchant_part, o.score,
    array_remove(x.names, r.employee_name) AS same_amount_with, e.version AS person_version
FROM app.session_employees AS e
JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
JOIN app.open_items AS o ON o.employee_revision_id = e.current_revision_id AND o.side = 'charge'
JOIN app.charges AS c
    ON c.session_id = e.session_id AND c.cardholder_id = e.cardholder_id AND c.charge_id = o.charge_id
LEFT JOIN app.transactions AS t
    ON t.employee_revision_id = o.employee_revision_id AND t.transaction_id = o.transaction_id
LEFT JOIN app.open_amounts AS x
    ON x.session_id = e.session_id AND x.side = 'receipt' AND x.open_amount = o.open_amount;
COMMENT ON VIEW report.open_charges IS 'Charges of the current revisions that no receipt covers, or not wholly: what came nearest and why it was no match. Of every submission, cancelled ones included: join report.months by latest_session_id, and a month counts once.';
COMMENT ON COLUMN report.open_charges.session_id IS 'The session.';
COMMENT ON COLUMN report.open_charges.cardholder_id IS 'The person.';
COMMENT ON COLUMN report.open_charges.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.open_charges.revision_number IS 'Number of the revision.';
COMMENT ON COLUMN report.open_charges.charge_id IS 'The open charge.';
COMMENT ON COLUMN report.open_charges.nearest_transaction_id IS 'The receipt that comes nearest; null when the person handed in none.';
COMMENT ON COLUMN report.open_charges.nearest_external_transaction_id IS 'Its receipt id.';
COMMENT ON COLUMN report.open_charges.nearest_date IS 'Its date.';
COMMENT ON COLUMN report.open_charges.nearest_merchant_name IS 'Its merchant.';
COMMENT ON COLUMN report.open_charges.nearest_amount IS 'Its amount, in dollars.';
COMMENT ON COLUMN report.open_charges.same_amount_with IS 'Other people of the session with an open receipt of exactly this amount.';
COMMENT ON COLUMN report.open_charges.person_version IS 'Version of the person''s row, to name when deciding.';
SELECT app.describe_columns('report.open_charges', 'app.open_items');
SELECT app.describe_columns('report.open_charges', 'app.charges');

CREATE OR REPLACE VIEW report.open_receipts AS
SELECT e.session_id, o.employee_revision_id, r.revision_number, e.cardholder_id, r.employee_name, o.transaction_id,
    t.external_transaction_id, t.transaction_date, t.merchant_name, t.expense_type, t.amount, o.open_amount,
    o.failed_gate, o.is_proposed, o.is_sum_untried, o.charge_id AS nearest_charge_id,
    c.posted_date AS nearest_posted_date, c.purchase_date AS nearest_purchase_date,
    c.merchant_name AS nearest_merchant_name, c.net_amount AS nearest_amount, o.amount_difference, o.days_apart,
    o.amount_part, o.date_part, o.merchant_part, o.score,
    array_remove(x.names, r.employee_name) AS same_amount_with, e.version AS person_version
FROM app.session_employees AS e
JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
JOIN app.open_items AS o ON o.employee_revision_id = e.current_revision_id AND o.side = 'receipt'
JOIN app.transactions AS t
    ON t.employee_revision_id = o.employee_revision_id AND t.transaction_id = o.transaction_id
LEFT JOIN app.charges AS c
    ON c.session_id = e.session_id AND c.cardholder_id = e.cardholder_id AND c.charge_id = o.charge_id
LEFT JOIN app.open_amounts AS x
    ON x.session_id = e.session_id AND x.side = 'charge' AND x.open_amount = o.open_amount;
COMMENT ON VIEW report.open_receipts IS 'Receipts of the current revisions that belong to no charge, or not wholly: what came nearest and why it was no match. Of every submission, cancelled ones included: join report.months by latest_session_id, and a month counts once.';
COMMENT ON COLUMN report.open_receipts.session_id IS 'The session.';
COMMENT ON COLUMN report.open_receipts.cardholder_id IS 'The person.';
COMMENT ON COLUMN report.open_receipts.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.open_receipts.revision_number IS 'Number of the revision.';
COMMENT ON COLUMN report.open_receipts.transaction_id IS 'The open receipt.';
COMMENT ON COLUMN report.open_receipts.nearest_charge_id IS 'The charge that comes nearest; null when the person has none.';
COMMENT ON COLUMN report.open_receipts.nearest_posted_date IS 'Its posted date.';
COMMENT ON COLUMN report.open_receipts.nearest_purchase_date IS 'Its transaction date.';
COMMENT ON COLUMN report.open_receipts.nearest_merchant_name IS 'Its merchant.';
COMMENT ON COLUMN report.open_receipts.nearest_amount IS 'Its net amount, in dollars.';
COMMENT ON COLUMN report.open_receipts.same_amount_with IS 'Other people of the session with an open charge of exactly this amount.';
COMMENT ON COLUMN report.open_receipts.person_version IS 'Version of the person''s row, to name when deciding.';
SELECT app.describe_columns('report.open_receipts', 'app.open_items');
SELECT app.describe_columns('report.open_receipts', 'app.transactions');

GRANT SELECT ON report.matches, report.matches_history, report.open_charges, report.open_receipts
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
