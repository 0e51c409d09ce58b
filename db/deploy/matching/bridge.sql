-- The bridge: why card total and receipt total differ, to the cent, per person and per session.
-- requires: matching/report

BEGIN;

CREATE OR REPLACE VIEW report.bridge_history AS
SELECT r.session_id, r.revision_id, r.revision_number, r.cardholder_id, r.employee_name, r.employee_id,
    r.car_total, r.receipt_total, r.receipt_total_unique, r.amount_difference, c.charges, r.receipt_count AS receipts,
    a.matched_charges, a.matched_receipts, o.open_charge_count, o.open_charge_amount, o.open_receipt_count, o.open_receipt_amount,
    o.out_of_pocket, a.accepted_residuals, o.repeated_pages, o.proposed_count, o.ambiguous_count,
    r.amount_difference - (o.open_charge_amount - o.open_receipt_amount + a.accepted_residuals - o.repeated_pages)
        AS unexplained,
    o.open_charge_count = 0 AND o.open_receipt_count = 0 AS is_clean
FROM app.matchings AS m
JOIN app.employee_revisions AS r ON r.revision_id = m.employee_revision_id
LEFT JOIN LATERAL (
    SELECT count(*) AS charges
    FROM app.charges AS x WHERE x.session_id = r.session_id AND x.cardholder_id = r.cardholder_id
) AS c ON true
LEFT JOIN LATERAL (
    SELECT count(DISTINCT x.charge_id) AS matched_charges, count(DISTINCT x.transaction_id) AS matched_receipts,
        coalesce(sum(x.residual), 0.00) AS accepted_residuals
    FROM app.allocations AS x WHERE x.employee_revision_id = m.employee_revision_id
) AS a ON true
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE x.side = 'charge') AS open_charge_count,
        -- An open row of unknown amount makes the sum unknown.
        CASE WHEN count(*) FILTER (WHERE x.side = 'charge' AND x.open_amount IS NULL) = 0
            THEN coalesce(sum(x.open_amount) FILTER (WHERE x.side = 'charge'), 0.00) END AS open_charge_amount,
        count(*) FILTER (WHERE x.side = 'receipt' AND x.failed_gate NOT IN ('out_of_pocket', 'repeat'))
            AS open_receipt_count,
        CASE WHEN count(*) FILTER (WHERE x.side = 'receipt' AND x.failed_gate <> 'repeat' AND x.open_amount IS NULL) = 0
            THEN coalesce(sum(x.open_amount) FILTER (WHERE x.side = 'receipt' AND x.failed_gate <> 'repeat'), 0.00) END
            AS open_receipt_amount,
        CASE WHEN count(*) FILTER (WHERE x.failed_gate = 'repeat' AND x.open_amount IS NULL) = 0
            THEN coalesce(sum(x.open_amount) FILTER (WHERE x.failed_gate = 'repeat'), 0.00) END AS repeated_pages,
        CASE WHEN count(*) FILTER (WHERE x.failed_gate = 'out_of_pocket' AND x.open_amount IS NULL) = 0
            THEN coalesce(sum(x.open_amount) FILTER (WHERE x.failed_gate = 'out_of_pocket'), 0.00) END AS out_of_pocket,
        count(DISTINCT x.proposal_id) AS proposed_count,
        count(*) FILTER (WHERE x.failed_gate = 'ambiguous') AS ambiguous_count
    FROM app.open_items AS x WHERE x.employee_revision_id = m.employee_revision_id
) AS o ON true;
COMMENT ON VIEW report.bridge_history IS 'The bridge of every matched revision: car_total - receipt_total = open charges - open receipts + accepted residuals - repeated pages. unexplained is 0.00, or null where an amount is unknown.';
COMMENT ON COLUMN report.bridge_history.charges IS 'Number of charges.';
COMMENT ON COLUMN report.bridge_history.receipts IS 'Number of receipts.';
COMMENT ON COLUMN report.bridge_history.matched_charges IS 'Charges with at least one receipt.';
COMMENT ON COLUMN report.bridge_history.matched_receipts IS 'Receipts with at least one charge.';
COMMENT ON COLUMN report.bridge_history.open_charge_count IS 'Charges not, or not wholly, covered.';
COMMENT ON COLUMN report.bridge_history.open_charge_amount IS 'Dollars of charges that no receipt covers; null when one of them is unknown.';
COMMENT ON COLUMN report.bridge_history.open_receipt_count IS 'Receipts not, or not wholly, used; without those paid out of pocket and repeated pages.';
COMMENT ON COLUMN report.bridge_history.open_receipt_amount IS 'Dollars of receipts that belong to no charge, those paid out of pocket included, repeated pages not; null when one of them is unknown.';
COMMENT ON COLUMN report.bridge_history.out_of_pocket IS 'Of these, dollars paid out of pocket.';
COMMENT ON COLUMN report.bridge_history.accepted_residuals IS 'Charge less receipt, summed over differences that people accepted.';
COMMENT ON COLUMN report.bridge_history.repeated_pages IS 'Dollars of receipts whose receipt id came before: no evidence, and in receipt_total all the same.';
COMMENT ON COLUMN report.bridge_history.proposed_count IS 'Proposals that wait for a person, of whatever kind.';
COMMENT ON COLUMN report.bridge_history.ambiguous_count IS 'Open rows with several candidates.';
COMMENT ON COLUMN report.bridge_history.unexplained IS 'What the bridge does not explain, in dollars; anything but 0.00 cannot be committed. Null where an amount is unknown.';
COMMENT ON COLUMN report.bridge_history.is_clean IS 'True when nothing is open, also when two errors would cancel out.';
SELECT app.describe_columns('report.bridge_history', 'app.employee_revisions');

CREATE OR REPLACE VIEW report.bridge AS
SELECT b.*
FROM app.session_employees AS e
JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id AND NOT r.is_nobody
JOIN report.bridge_history AS b ON b.revision_id = e.current_revision_id;
COMMENT ON VIEW report.bridge IS 'The bridge of each person''s current revision, in sessions that have charges: car_total - receipt_total = open charges - open receipts + accepted residuals - repeated pages. unexplained is 0.00, or null where an amount is unknown. Of every submission, cancelled ones included: join report.months by latest_session_id, and a month counts once.';
SELECT app.describe_columns('report.bridge', 'report.bridge_history');

CREATE OR REPLACE VIEW report.session_bridge AS
SELECT b.session_id, count(*) AS people, count(*) FILTER (WHERE NOT b.is_clean) AS people_with_open_rows,
    CASE WHEN count(*) = count(b.car_total) THEN sum(b.car_total) END AS car_total,
    sum(b.receipt_total) AS receipt_total, sum(b.receipt_total_unique) AS receipt_total_unique,
    CASE WHEN count(*) = count(b.car_total) THEN sum(b.car_total) - sum(b.receipt_total) END AS amount_difference,
    sum(b.charges)::bigint AS charges, sum(b.receipts)::bigint AS receipts,
    sum(b.matched_charges)::bigint AS matched_charges, sum(b.matched_receipts)::bigint AS matched_receipts,
    sum(b.open_charge_count)::bigint AS open_charge_count,
    CASE WHEN count(*) = count(b.open_charge_amount) THEN sum(b.open_charge_amount) END AS open_charge_amount,
    sum(b.open_receipt_count)::bigint AS open_receipt_count,
    CASE WHEN count(*) = count(b.open_receipt_amount) THEN sum(b.open_receipt_amount) END AS open_receipt_amount,
    CASE WHEN count(*) = count(b.out_of_pocket) THEN sum(b.out_of_pocket) END AS out_of_pocket,
    sum(b.accepted_residuals) AS accepted_residuals,
    CASE WHEN count(*) = count(b.repeated_pages) THEN sum(b.repeated_pages) END AS repeated_pages,
    sum(b.proposed_count)::bigint AS proposed_count, sum(b.ambiguous_count)::bigint AS ambiguous_count,
    CASE WHEN count(*) = count(b.unexplained) THEN sum(b.unexplained) END AS unexplained, bool_and(b.is_clean) AS is_clean
FROM report.bridge AS b
GROUP BY b.session_id;
COMMENT ON VIEW report.session_bridge IS 'The bridge of each session; a sum with an unknown part is null. Totals may be equal and rows still open: is_clean says.';
COMMENT ON COLUMN report.session_bridge.people IS 'People of the session.';
COMMENT ON COLUMN report.session_bridge.people_with_open_rows IS 'People with at least one open charge or receipt.';
SELECT app.describe_columns('report.session_bridge', 'report.bridge');

CREATE OR REPLACE VIEW report.match_rates AS
WITH edges AS (
    SELECT e.session_id, a.pass, count(*) AS matches, count(DISTINCT a.charge_id) AS charges,
        count(DISTINCT a.transaction_id) AS receipts, sum(a.amount) AS amount
    FROM app.session_employees AS e
    JOIN app.allocations AS a ON a.employee_revision_id = e.current_revision_id
    GROUP BY e.session_id, a.pass
), totals AS (
    SELECT e.session_id, sum(c.charges) AS charges, sum(r.receipt_count) AS receipts
    FROM app.session_employees AS e
    JOIN app.matchings AS m ON m.employee_revision_id = e.current_revision_id
    JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS charges FROM app.charges AS x
        WHERE x.session_id = e.session_id AND x.cardholder_id = e.cardholder_id
    ) AS c
    GROUP BY e.session_id
)
SELECT t.session_id, p.pass, coalesce(x.matches, 0) AS matches, coalesce(x.charges, 0) AS charges,
    coalesce(x.receipts, 0) AS receipts, coalesce(x.amount, 0.00) AS amount,
    round(coalesce(x.charges, 0) / nullif(t.charges, 0), 4) AS charge_share,
    round(coalesce(x.receipts, 0) / nullif(t.receipts, 0)::numeric, 4) AS receipt_share
FROM totals AS t
CROSS JOIN (VALUES ('pinned'), ('identical'), ('exact'), ('like'), ('sum')) AS p (pass)
LEFT JOIN edges AS x ON x.session_id = t.session_id AND x.pass = p.pass;
COMMENT ON VIEW report.match_rates IS 'What each pass matched in the current revisions of a session, and its share of all charges and receipts.';
COMMENT ON COLUMN report.match_rates.session_id IS 'The session.';
COMMENT ON COLUMN report.match_rates.pass IS 'pinned, identical, exact, like or sum.';
COMMENT ON COLUMN report.match_rates.matches IS 'Number of edges.';
COMMENT ON COLUMN report.match_rates.charges IS 'Number of charges it touched.';
COMMENT ON COLUMN report.match_rates.receipts IS 'Number of receipts it touched.';
COMMENT ON COLUMN report.match_rates.amount IS 'Dollars it matched.';
COMMENT ON COLUMN report.match_rates.charge_share IS 'Charges it touched, of all; null when there are none.';
COMMENT ON COLUMN report.match_rates.receipt_share IS 'Receipts it touched, of all; null when there are none.';

GRANT SELECT ON report.bridge, report.bridge_history, report.session_bridge, report.match_rates
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
