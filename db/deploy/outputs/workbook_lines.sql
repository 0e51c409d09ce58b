-- The workbook's sheets for proof: each charge beside its receipts, the bridge of each person, and what it was made of.
-- requires: outputs/workbook

BEGIN;

CREATE OR REPLACE VIEW report.workbook_lines AS
SELECT p.session_id, row_number() OVER (
        PARTITION BY p.session_id
        ORDER BY p.place, coalesce(c.posted_date, c.purchase_date, t.transaction_date), c.position, t.position, x.charge_id,
            x.transaction_id) AS line_number,
    p.cardholder_id, p.employee_name, x.charge_id, c.posted_date, c.purchase_date, k.card_number,
    c.merchant_name AS charge_merchant_name, CASE WHEN row_number() OVER of_charge = 1 THEN c.net_amount END AS charge_amount,
    x.transaction_id, t.external_transaction_id, t.transaction_date, t.date_text, t.merchant_name, t.expense_type, t.purpose,
    t.coding_type, t.job_number, t.job_phase, t.cost_type, t.gl_account,
    CASE WHEN row_number() OVER of_receipt = 1 THEN t.amount END AS receipt_amount, t.amount_text, x.pass, x.matched_amount, x.residual,
    x.explanation, CASE WHEN row_number() OVER of_charge = 1 THEN oc.open_amount END AS open_charge_amount,
    CASE WHEN row_number() OVER of_receipt = 1 THEN o.open_amount END AS open_receipt_amount,
    coalesce(oc.failed_gate, o.failed_gate) AS failed_gate,
    CASE
        WHEN oc.transaction_id IS NOT NULL THEN concat('receipt', ' ' || nt.external_transaction_id, ' of $' || nt.amount,
            ' from ' || nt.merchant_name, ' on ' || to_char(nt.transaction_date, 'YYYY-MM-DD'),
            ': difference ' || oc.amount_difference, ', ' || oc.days_apart || ' day(s) apart')
        WHEN o.charge_id IS NOT NULL THEN concat('charge', ' of $' || nc.net_amount, ' at ' || nc.merchant_name,
            ' on ' || to_char(coalesce(nc.posted_date, nc.purchase_date), 'YYYY-MM-DD'),
            ': difference ' || o.amount_difference, ', ' || o.days_apart || ' day(s) apart')
    END AS nearest_miss
FROM app.people_in_order AS p
-- Person by person: joined afterwards, each line would be compared with each person where the planner takes both for few.
CROSS JOIN LATERAL (
    SELECT m.charge_id, m.transaction_id, m.pass, m.amount AS matched_amount, m.residual, m.explanation
    FROM report.matches AS m
    WHERE m.employee_revision_id = p.revision_id
    UNION ALL
    SELECT h.charge_id, NULL, NULL, NULL, NULL, NULL
    FROM app.charges AS h
    WHERE h.session_id = p.session_id AND h.cardholder_id = p.cardholder_id
        AND NOT EXISTS (SELECT FROM app.allocations AS a
            WHERE a.employee_revision_id = p.revision_id AND a.charge_id = h.charge_id)
    UNION ALL
    SELECT NULL, l.transaction_id, NULL, NULL, NULL, NULL
    FROM app.receipt_links AS l
    WHERE l.employee_revision_id = p.revision_id
        AND NOT EXISTS (SELECT FROM app.allocations AS a
            WHERE a.employee_revision_id = p.revision_id AND a.transaction_id = l.transaction_id)
    OFFSET 0
) AS x
-- Looked up by its key each, whatever the planner believes of the tables.
LEFT JOIN LATERAL (
    SELECT h.* FROM app.charges AS h
    WHERE h.session_id = p.session_id AND h.cardholder_id = p.cardholder_id AND h.charge_id = x.charge_id OFFSET 0
) AS c ON true
LEFT JOIN LATERAL (
    SELECT h.card_number FROM app.card_totals AS h
    WHERE h.session_id = p.session_id AND h.cardholder_id = p.cardholder_id AND h.card_id = c.card_id OFFSET 0
) AS k ON true
LEFT JOIN LATERAL (
    SELECT h.* FROM app.transactions AS h
    WHERE h.employee_revision_id = p.revision_id AND h.transaction_id = x.transaction_id OFFSET 0
) AS t ON true
LEFT JOIN LATERAL (
    SELECT h.* FROM app.open_items AS h
    WHERE h.employee_revision_id = p.revision_id AND h.side = 'charge' AND h.item_id = x.charge_id OFFSET 0
) AS oc ON true
LEFT JOIN LATERAL (
    SELECT h.* FROM app.transactions AS h
    WHERE h.employee_revision_id = p.revision_id AND h.transaction_id = oc.transaction_id OFFSET 0
) AS nt ON true
LEFT JOIN LATERAL (
    SELECT h.* FROM app.open_items AS h
    WHERE h.employee_revision_id = p.revision_id AND h.side = 'receipt' AND h.item_id = x.transaction_id OFFSET 0
) AS o ON true
LEFT JOIN LATERAL (
    SELECT h.* FROM app.charges AS h
    WHERE h.session_id = p.session_id AND h.cardholder_id = p.cardholder_id AND h.charge_id = o.charge_id OFFSET 0
) AS nc ON true
WINDOW of_charge AS (PARTITION BY p.session_id, p.revision_id, x.charge_id ORDER BY t.position, x.transaction_id),
    of_receipt AS (PARTITION BY p.session_id, p.revision_id, x.transaction_id
        ORDER BY coalesce(c.posted_date, c.purchase_date), c.position, x.charge_id);
COMMENT ON VIEW report.workbook_lines IS 'Sheet Charges and receipts of the workbook: each charge beside its receipts, charges and receipts that have nothing on the other side included. An amount stands in the first row of its charge or receipt only, so that the columns add up.';
COMMENT ON COLUMN report.workbook_lines.session_id IS 'The session.';
COMMENT ON COLUMN report.workbook_lines.line_number IS 'Place in the sheet, from 1.';
COMMENT ON COLUMN report.workbook_lines.cardholder_id IS 'The person.';
COMMENT ON COLUMN report.workbook_lines.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.workbook_lines.charge_id IS 'The charge; null for a receipt that belongs to none.';
COMMENT ON COLUMN report.workbook_lines.transaction_id IS 'The receipt; null for a charge that no receipt covers.';
COMMENT ON COLUMN report.workbook_lines.charge_merchant_name IS 'Merchant as the bank has it, cut at 18 characters.';
COMMENT ON COLUMN report.workbook_lines.charge_amount IS 'Net amount of the charge, in dollars; null in further rows of it.';
COMMENT ON COLUMN report.workbook_lines.receipt_amount IS 'Amount of the receipt, in dollars; null in further rows of it, and when unknown.';
COMMENT ON COLUMN report.workbook_lines.matched_amount IS 'Dollars of the charge that the receipt covers.';
COMMENT ON COLUMN report.workbook_lines.open_charge_amount IS 'Dollars of the charge that no receipt covers; null in further rows of it.';
COMMENT ON COLUMN report.workbook_lines.open_receipt_amount IS 'Dollars of the receipt that belong to no charge; null in further rows of it.';
COMMENT ON COLUMN report.workbook_lines.nearest_miss IS 'What came nearest on the other side, in words.';
SELECT app.describe_columns('report.workbook_lines', 'report.matches');
SELECT app.describe_columns('report.workbook_lines', 'app.open_items');
SELECT app.describe_columns('report.workbook_lines', 'app.charges');
SELECT app.describe_columns('report.workbook_lines', 'app.card_totals');
SELECT app.describe_columns('report.workbook_lines', 'report.transactions');

CREATE OR REPLACE VIEW report.workbook_bridge AS
SELECT p.session_id, p.place, p.cardholder_id, p.employee_name, p.revision_number, p.status, p.car_total, p.receipt_total,
    p.amount_difference, b.open_charge_amount, b.open_receipt_amount, b.accepted_residuals, b.repeated_pages, b.unexplained,
    b.is_clean, encode(p.content_hash, 'hex') AS content_hash
FROM app.people_in_order AS p
LEFT JOIN LATERAL (
    SELECT h.* FROM report.bridge_history AS h WHERE h.session_id = p.session_id AND h.revision_id = p.revision_id OFFSET 0
) AS b ON true;
COMMENT ON VIEW report.workbook_bridge IS 'Sheet Proof of the workbook: the bridge of each person, with the revision it is of. Without charges there is no bridge.';
COMMENT ON COLUMN report.workbook_bridge.place IS 'Place in the session, from 1.';
COMMENT ON COLUMN report.workbook_bridge.is_clean IS 'True when nothing is open; null without charges.';
SELECT app.describe_columns('report.workbook_bridge', 'report.employee_revisions');
SELECT app.describe_columns('report.workbook_bridge', 'report.bridge_history');

CREATE OR REPLACE VIEW report.workbook_proof AS
SELECT s.session_id, f.place, f.subject, f.name, f.value
FROM report.processing_sessions AS s
JOIN app.processing_sessions AS x ON x.session_id = s.session_id
-- A closed month is shown as of its closing, so that the same file comes again.
LEFT JOIN LATERAL (
    SELECT e.tick_number, e.happened_at FROM app.month_events AS e
    JOIN app.months AS m ON m.month_id = e.month_id AND m.state = 'closed'
    WHERE e.month_id = s.month_id AND e.kind = 'closed' ORDER BY e.event_number DESC LIMIT 1
) AS k ON true
LEFT JOIN audit.ticks AS t ON t.tick_number = coalesce(k.tick_number, (SELECT max(y.tick_number) FROM audit.ticks AS y))
LEFT JOIN LATERAL (
    SELECT z.seal_number, z.seal_hash FROM audit.seals AS z
    WHERE k.happened_at IS NULL OR z.sealed_at < k.happened_at ORDER BY z.seal_number DESC LIMIT 1
) AS z ON true
CROSS JOIN LATERAL (
    SELECT v.place, v.subject, v.name, v.value
    FROM (VALUES
        (1, 'session', 'name', s.session_name), (2, 'session', 'id', s.session_id::text),
        (3, 'session', 'month', s.month_name), (4, 'session', 'submission', s.revision_number::text),
        (5, 'session', 'status', s.status), (6, 'session', 'people', s.total_employees::text),
        (7, 'session', 'finished', s.employees_completed::text), (8, 'session', 'card total', s.total_amount::text),
        (9, 'session', 'card totals unknown', s.unknown_card_totals::text),
        (10, 'session', 'receipt total', s.receipt_total::text),
        (11, 'source', coalesce(s.source_type, 'none'), encode(x.source_sha256, 'hex')),
        (1001, 'proof', 'tick', t.tick_number::text),
        (1002, 'proof', 'as of', to_char(coalesce(k.happened_at, t.instant) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
        (1003, 'proof', 'seal', z.seal_number::text), (1004, 'proof', 'head of the seals', encode(z.seal_hash, 'hex')))
        AS v (place, subject, name, value)
    WHERE v.value IS NOT NULL
    UNION ALL
    SELECT 11 + row_number() OVER (ORDER BY d.kind), 'source', d.kind || ' ' || d.file_name, d.sha256
    FROM report.documents AS d WHERE d.session_id = s.session_id
) AS f;
COMMENT ON VIEW report.workbook_proof IS 'Head of the sheet Proof of the workbook: session with its totals, source files with their SHA-256, tick and head of the seals: the newest ones, of a closed month those of its closing.';
COMMENT ON COLUMN report.workbook_proof.session_id IS 'The session.';
COMMENT ON COLUMN report.workbook_proof.place IS 'Place in the sheet.';
COMMENT ON COLUMN report.workbook_proof.subject IS 'session, source or proof.';
COMMENT ON COLUMN report.workbook_proof.name IS 'What it is.';
COMMENT ON COLUMN report.workbook_proof.value IS 'The value, as text.';

GRANT SELECT ON report.workbook_lines, report.workbook_bridge, report.workbook_proof
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
