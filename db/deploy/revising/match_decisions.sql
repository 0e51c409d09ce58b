-- Deciding matches: confirm, reject, split, undo.
-- requires: revising/match_steps

BEGIN;

CREATE OR REPLACE FUNCTION app.check_decided_amounts(p_person app.session_employees) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_excess record;
BEGIN
    WITH decided AS (
        SELECT f.*, c.net_amount, t.amount AS receipt_amount
        FROM app.decisions_in_force(ARRAY[ROW(p_person.current_revision_id, p_person.session_id,
            p_person.cardholder_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            NULL, NULL)::app.revision_draft]) AS f
        JOIN app.charges AS c ON c.session_id = p_person.session_id AND c.cardholder_id = p_person.cardholder_id
            AND c.charge_id = f.charge_id
        JOIN app.transactions AS t
            ON t.employee_revision_id = f.revision_id AND t.transaction_id = f.transaction_id
        WHERE f.decision IN ('confirm', 'split')
    ), sides AS (
        SELECT 'charge' AS side, d.charge_id AS item_id, d.net_amount AS amount, pg_catalog.sum(d.amount
            + CASE WHEN pg_catalog.sign(d.residual) = pg_catalog.sign(d.amount) THEN d.residual ELSE 0 END) AS decided
        FROM decided AS d GROUP BY d.charge_id, d.net_amount
        UNION ALL
        SELECT 'receipt', d.transaction_id, d.receipt_amount, pg_catalog.sum(d.amount
            - CASE WHEN pg_catalog.sign(d.residual) = -pg_catalog.sign(d.amount) THEN d.residual ELSE 0 END)
        FROM decided AS d GROUP BY d.transaction_id, d.receipt_amount
    )
    SELECT s.* INTO v_excess FROM sides AS s
    WHERE pg_catalog.abs(s.decided) > pg_catalog.abs(s.amount) ORDER BY s.side, s.item_id LIMIT 1;
    IF FOUND THEN
        PERFORM app.fail('RL023', 'amounts',
            pg_catalog.format('at most %s', v_excess.amount), v_excess.decided::text);
    END IF;
END
$$;
COMMENT ON FUNCTION app.check_decided_amounts(app.session_employees) IS 'Refuses decisions in force that together exceed the amount of a charge or a receipt (RL023).';

CREATE OR REPLACE FUNCTION app.check_decision(
    p_person app.session_employees, p_decision text, p_charge_ids uuid[], p_transaction_ids uuid[],
    p_amounts numeric[]
) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_pairs integer := pg_catalog.cardinality(p_charge_ids);
BEGIN
    IF p_decision IS NULL OR p_decision NOT IN ('confirm', 'reject', 'split', 'undo')
        OR coalesce(v_pairs, 0) NOT BETWEEN 1 AND 100
        OR pg_catalog.cardinality(p_transaction_ids) IS DISTINCT FROM v_pairs
        OR (p_decision = 'split') <> (coalesce(pg_catalog.cardinality(p_amounts), 0) = v_pairs)
        OR (SELECT pg_catalog.count(DISTINCT (x.c, x.t))
            FROM ROWS FROM (pg_catalog.unnest(p_charge_ids), pg_catalog.unnest(p_transaction_ids)) AS x (c, t)) <> v_pairs
        OR EXISTS (SELECT FROM pg_catalog.unnest(p_amounts) AS x (amount)
            WHERE x.amount IS NULL OR x.amount = 'NaN' OR x.amount <> pg_catalog.round(x.amount, 2))
    THEN
        PERFORM app.fail('IV008', 'decision',
            'confirm, reject, split or undo; 1 to 100 different pairs; amounts in whole cents for split only',
            pg_catalog.format('%s with %s charges, %s receipts, %s amounts', coalesce(p_decision, 'none'),
                coalesce(v_pairs, 0), coalesce(pg_catalog.cardinality(p_transaction_ids), 0),
                coalesce(pg_catalog.cardinality(p_amounts), 0)));
    ELSIF p_decision = 'undo' AND EXISTS (
        SELECT FROM ROWS FROM (pg_catalog.unnest(p_charge_ids), pg_catalog.unnest(p_transaction_ids))
                AS x (charge_id, transaction_id)
        WHERE NOT EXISTS (
            SELECT FROM app.decisions_in_force(ARRAY[ROW(p_person.current_revision_id, p_person.session_id,
                p_person.cardholder_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                NULL, NULL)::app.revision_draft]) AS f
            WHERE f.charge_id = x.charge_id AND f.transaction_id = x.transaction_id))
    THEN
        PERFORM app.fail('ST020', 'decision',
            NULL, pg_catalog.format('charge %s, receipt %s', p_charge_ids[1], p_transaction_ids[1]));
    END IF;
END
$$;
COMMENT ON FUNCTION app.check_decision(app.session_employees, text, uuid[], uuid[], numeric[]) IS 'Refuses a malformed decision (IV008) and an undo without decision (ST020).';

CREATE TYPE report.match_answer AS (
    decision text,
    session_id uuid,
    cardholder_id uuid,
    employee_name text,
    revision_id uuid,
    revision_number integer,
    version integer,
    open_charge_amount numeric(14, 2),
    open_receipt_amount numeric(14, 2),
    accepted_residuals numeric(14, 2),
    unexplained numeric(14, 2),
    is_clean boolean
);
COMMENT ON TYPE report.match_answer IS 'What a decision about matches led to: the person''s new revision with its bridge.';
COMMENT ON COLUMN report.match_answer.decision IS 'What was decided.';
COMMENT ON COLUMN report.match_answer.session_id IS 'The session.';
COMMENT ON COLUMN report.match_answer.cardholder_id IS 'The person.';
COMMENT ON COLUMN report.match_answer.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.match_answer.revision_id IS 'The new revision.';
COMMENT ON COLUMN report.match_answer.revision_number IS 'Its number.';
COMMENT ON COLUMN report.match_answer.version IS 'Version of the person, to name with the next decision.';
COMMENT ON COLUMN report.match_answer.open_charge_amount IS 'Dollars of charges that no receipt covers.';
COMMENT ON COLUMN report.match_answer.open_receipt_amount IS 'Dollars of receipts that cover no charge.';
COMMENT ON COLUMN report.match_answer.accepted_residuals IS 'Dollars of differences that were accepted.';
COMMENT ON COLUMN report.match_answer.unexplained IS 'What the bridge does not explain: 0.00.';
COMMENT ON COLUMN report.match_answer.is_clean IS 'True when nothing is open or accepted.';

CREATE OR REPLACE FUNCTION api.decide_match(
    p_decision text, p_charge_ids uuid[], p_transaction_ids uuid[], p_expected_version integer,
    p_reason text, p_amounts numeric[] DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.match_answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('decide_match', p_decision, p_charge_ids::text, p_transaction_ids::text,
        p_expected_version::text, p_amounts::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'decide_match', v_hash, p_reason);
    v_person app.session_employees;
    v_revision_id uuid;
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN pg_catalog.jsonb_populate_record(NULL::report.match_answer, v_answer);
    END IF;
    PERFORM app.require_text(p_reason, 'reason', 4000);
    v_person := app.lock_person_of_charge(p_charge_ids[1], p_expected_version);
    PERFORM app.check_decision(v_person, p_decision, p_charge_ids, p_transaction_ids, p_amounts);
    PERFORM app.check_decision_pairs(v_person, p_decision, p_charge_ids, p_transaction_ids, p_amounts);
    IF app.write_decisions(v_person, p_decision, p_charge_ids, p_transaction_ids, p_amounts, p_reason)
        <> pg_catalog.cardinality(p_charge_ids)
    THEN
        PERFORM app.fail('NF020', 'transaction_ids',
            NULL, pg_catalog.format('in revision %s', v_person.current_revision_id));
    END IF;
    PERFORM app.check_decided_amounts(v_person);
    v_revision_id := app.rematch_employee(v_person.session_id, v_person.cardholder_id, p_reason);
    SELECT pg_catalog.jsonb_build_object('decision', p_decision, 'session_id', b.session_id,
        'cardholder_id', b.cardholder_id, 'employee_name', b.employee_name, 'revision_id', b.revision_id,
        'revision_number', b.revision_number, 'version', e.version, 'open_charge_amount', b.open_charge_amount::text,
        'open_receipt_amount', b.open_receipt_amount::text, 'accepted_residuals', b.accepted_residuals::text,
        'unexplained', b.unexplained::text, 'is_clean', b.is_clean) INTO v_answer
    FROM report.bridge AS b
    JOIN app.session_employees AS e ON e.current_revision_id = b.revision_id
    WHERE b.revision_id = v_revision_id;
    v_answer := app.end_request(p_request_id, 'decide_match', v_hash, v_answer);
    RETURN pg_catalog.jsonb_populate_record(NULL::report.match_answer, v_answer);
END
$$;
COMMENT ON FUNCTION api.decide_match(text, uuid[], uuid[], integer, text, numeric[], text) IS 'Decides pairs of a person''s charges and receipts, given as two lists of the same length: confirm (both sides are closed; a difference within the policy is accepted with a reason), split (so many dollars of the charge are this receipt''s, the rest stays open), reject (never matched again until one side changes), undo (takes the decision back). Makes a new revision, matched anew, and answers with its bridge and version. A person''s decision may override the date window, never person, session or sign. Raises IV008, NF020, PM003, RL021, RL022, RL023, RL081 when the accepted differences are above what the role decides alone, ST001, ST002, ST003, ST006, ST051, ST020.';
GRANT EXECUTE ON FUNCTION api.decide_match(text, uuid[], uuid[], integer, text, numeric[], text)
    TO ccp_admin, ccp_processor;

CREATE OR REPLACE VIEW report.match_decisions AS
SELECT d.decision_number, d.session_id, d.cardholder_id, c.name_key AS employee_name, d.charge_id, d.transaction_id,
    d.charge_key, d.receipt_key, d.decision, d.amount, d.residual, d.reason, d.revision_number,
    u.user_name AS decided_by_name, d.decided_at, d.request_id
FROM app.match_decisions AS d
JOIN app.cardholders AS c ON c.cardholder_id = d.cardholder_id
JOIN app.users AS u ON u.user_id = d.decided_by;
COMMENT ON VIEW report.match_decisions IS 'Everything people decided about matches, in order.';
COMMENT ON COLUMN report.match_decisions.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.match_decisions.decided_by_name IS 'Name of who decided.';
SELECT app.describe_columns('report.match_decisions', 'app.match_decisions');
GRANT SELECT ON report.match_decisions
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
