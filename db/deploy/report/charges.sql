-- What the bank charged, its product lines, and people over all months.
-- requires: report/people

BEGIN;

CREATE OR REPLACE VIEW report.charges AS
SELECT c.charge_id, e.session_id, e.cardholder_id, r.employee_name, r.employee_id, c.card_id, k.card_number, c.natural_key,
    c.purchase_date, c.posted_date, c.level, c.transaction_number, c.merchant_name, c.city, c.state, c.merchant_group,
    c.gross_amount, c.discount_amount, c.net_amount, c.position, c.page_number, c.totals_page_number, c.unread_fields
FROM app.session_employees AS e
JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
JOIN app.charges AS c ON c.session_id = e.session_id AND c.cardholder_id = e.cardholder_id
JOIN app.card_totals AS k
    ON k.session_id = c.session_id AND k.cardholder_id = c.cardholder_id AND k.card_id = c.card_id;
COMMENT ON VIEW report.charges IS 'The charges of each person in each session, as the card report prints them. Of every submission, cancelled ones included: join report.months by latest_session_id, and a month counts once.';
COMMENT ON COLUMN report.charges.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.charges.employee_id IS 'Employee number of the person.';
SELECT app.describe_columns('report.charges', 'app.charges');
SELECT app.describe_columns('report.charges', 'app.card_totals');

CREATE OR REPLACE VIEW report.charge_lines AS
SELECT l.charge_id, l.line_number, e.session_id, e.cardholder_id, r.employee_name, l.product_description, l.unit_price,
    l.quantity, l.gross_amount, l.discount_amount, l.net_amount, l.page_number
FROM app.session_employees AS e
JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
JOIN app.charge_lines AS l ON l.session_id = e.session_id AND l.cardholder_id = e.cardholder_id;
COMMENT ON VIEW report.charge_lines IS 'The product lines of the charges of each person in each session, as the card report prints them. Of every submission, cancelled ones included: join report.months by latest_session_id, and a month counts once.';
COMMENT ON COLUMN report.charge_lines.employee_name IS 'Name key of the person.';
SELECT app.describe_columns('report.charge_lines', 'app.charge_lines');

CREATE OR REPLACE VIEW report.cardholders AS
SELECT h.cardholder_id, h.name_key AS employee_name, h.employee_id,
    ARRAY(SELECT c.first_six || 'XXXXXX' || c.last_four FROM app.cards AS c
          WHERE c.cardholder_id = h.cardholder_id ORDER BY 1) AS card_numbers,
    ARRAY(SELECT a.receipt_key FROM app.name_aliases AS a WHERE a.name_key = h.name_key ORDER BY 1) AS aliases,
    (SELECT count(*) FROM app.session_employees AS e
     JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id AND NOT r.is_nobody
     JOIN app.processing_sessions AS s ON s.session_id = e.session_id AND s.status <> 'cancelled'
     WHERE e.cardholder_id = h.cardholder_id) AS sessions, h.created_at
FROM app.cardholders AS h;
COMMENT ON VIEW report.cardholders IS 'People, over all months. Who has a name key in common is told apart by the employee number.';
COMMENT ON COLUMN report.cardholders.employee_name IS 'Name key: the name folded by app.name_key, as the bank prints it.';
COMMENT ON COLUMN report.cardholders.card_numbers IS 'Masked numbers of the cards: first six, XXXXXX, last four.';
COMMENT ON COLUMN report.cardholders.aliases IS 'Name keys under which receipts name the person too.';
COMMENT ON COLUMN report.cardholders.sessions IS 'Sessions the person is in, without cancelled ones.';
SELECT app.describe_columns('report.cardholders', 'app.cardholders');

GRANT SELECT ON report.charges, report.charge_lines, report.cardholders
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION app.compare_charges(p_old_ids uuid[], p_new_ids uuid[])
RETURNS TABLE (place bigint, natural_key text, change text, old_row app.charges, new_row app.charges)
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH pairs AS (
        SELECT p.place, p.old_id, p.new_id FROM unnest(p_old_ids, p_new_ids) WITH ORDINALITY AS p (old_id, new_id, place)
    ), old_rows AS (
        SELECT p.place, c.natural_key, c AS content
        FROM pairs AS p
        JOIN app.employee_revisions AS r ON r.revision_id = p.old_id
        JOIN app.charges AS c ON c.session_id = r.session_id AND c.cardholder_id = r.cardholder_id
    ), new_rows AS (
        SELECT p.place, c.natural_key, c AS content
        FROM pairs AS p
        JOIN app.employee_revisions AS r ON r.revision_id = p.new_id
        JOIN app.charges AS c ON c.session_id = r.session_id AND c.cardholder_id = r.cardholder_id
    )
    SELECT coalesce(n.place, o.place), coalesce(n.natural_key, o.natural_key),
        CASE WHEN o.place IS NULL THEN 'added' WHEN n.place IS NULL THEN 'removed' ELSE 'changed' END,
        o.content, n.content
    FROM old_rows AS o
    FULL JOIN new_rows AS n ON n.place = o.place AND n.natural_key = o.natural_key
    WHERE o.place IS NULL OR n.place IS NULL
        OR ROW((o.content).purchase_date, (o.content).posted_date, (o.content).level, (o.content).merchant_name,
            (o.content).city, (o.content).state, (o.content).merchant_group, (o.content).gross_amount,
            (o.content).discount_amount, (o.content).net_amount, (o.content).unread_fields)
        IS DISTINCT FROM
        ROW((n.content).purchase_date, (n.content).posted_date, (n.content).level, (n.content).merchant_name,
            (n.content).city, (n.content).state, (n.content).merchant_group, (n.content).gross_amount,
            (n.content).discount_amount, (n.content).net_amount, (n.content).unread_fields);
END;
COMMENT ON FUNCTION app.compare_charges(uuid[], uuid[]) IS 'Charges that differ between pairs of revisions (same place in both arrays; null: that side has none): one row per charge, by natural key, with the place of its pair and both rows. Where a charge stands in its report does not count.';

CREATE OR REPLACE FUNCTION app.compare_charge_lines(p_old_ids uuid[], p_new_ids uuid[])
RETURNS TABLE (place bigint, natural_key text, line_number integer, change text, old_row app.charge_lines,
    new_row app.charge_lines)
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH sides AS (
        SELECT p.place, o.session_id AS old_session_id, n.session_id AS new_session_id, o.cardholder_id AS old_person_id,
            n.cardholder_id AS new_person_id
        FROM unnest(p_old_ids, p_new_ids) WITH ORDINALITY AS p (old_id, new_id, place)
        JOIN app.employee_revisions AS o ON o.revision_id = p.old_id
        JOIN app.employee_revisions AS n ON n.revision_id = p.new_id
        JOIN app.bank_sides AS ob ON ob.session_id = o.session_id AND ob.cardholder_id = o.cardholder_id
        JOIN app.bank_sides AS nb ON nb.session_id = n.session_id AND nb.cardholder_id = n.cardholder_id
        WHERE ob.digest <> nb.digest
    ), charges AS (
        SELECT s.place, o.natural_key, o.session_id AS old_session_id, o.cardholder_id AS old_person_id,
            o.charge_id AS old_charge_id, n.session_id AS new_session_id, n.cardholder_id AS new_person_id,
            n.charge_id AS new_charge_id
        FROM sides AS s
        JOIN app.charges AS o ON o.session_id = s.old_session_id AND o.cardholder_id = s.old_person_id
        JOIN app.charges AS n ON n.session_id = s.new_session_id AND n.cardholder_id = s.new_person_id
            AND n.natural_key = o.natural_key
    ), old_rows AS (
        SELECT c.place, c.natural_key, l.line_number, l AS content
        FROM charges AS c
        JOIN app.charge_lines AS l ON l.session_id = c.old_session_id AND l.cardholder_id = c.old_person_id
            AND l.charge_id = c.old_charge_id
    ), new_rows AS (
        SELECT c.place, c.natural_key, l.line_number, l AS content
        FROM charges AS c
        JOIN app.charge_lines AS l ON l.session_id = c.new_session_id AND l.cardholder_id = c.new_person_id
            AND l.charge_id = c.new_charge_id
    )
    SELECT coalesce(n.place, o.place), coalesce(n.natural_key, o.natural_key), coalesce(n.line_number, o.line_number),
        CASE WHEN o.place IS NULL THEN 'added' WHEN n.place IS NULL THEN 'removed' ELSE 'changed' END,
        o.content, n.content
    FROM old_rows AS o
    FULL JOIN new_rows AS n ON n.place = o.place AND n.natural_key = o.natural_key AND n.line_number = o.line_number
    WHERE o.place IS NULL OR n.place IS NULL
        OR ROW((o.content).product_description, (o.content).unit_price, (o.content).quantity, (o.content).gross_amount,
            (o.content).discount_amount, (o.content).net_amount)
        IS DISTINCT FROM
        ROW((n.content).product_description, (n.content).unit_price, (n.content).quantity, (n.content).gross_amount,
            (n.content).discount_amount, (n.content).net_amount);
END;
COMMENT ON FUNCTION app.compare_charge_lines(uuid[], uuid[]) IS 'Product lines that differ in charges both revisions of a pair have (same place in both arrays): one row per line, by natural key of the charge and line number, with the place of its pair and both rows. Pairs whose bank side has the same digest are not read.';

SELECT app.cover_names();

COMMIT;
