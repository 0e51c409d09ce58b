-- What people decide about matches: every decision makes a new revision of the person, matched anew.
-- requires: matching/bridge
-- requires: revising/revise

BEGIN;

CREATE OR REPLACE FUNCTION app.rematch_employee(p_session_id uuid, p_cardholder_id uuid, p_reason text) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_new_id uuid := app.new_id();
    v_old_id uuid;
BEGIN
    SELECT e.current_revision_id INTO STRICT v_old_id
    FROM app.session_employees AS e
    WHERE e.session_id = p_session_id AND e.cardholder_id = p_cardholder_id;
    PERFORM app.copy_receipts(ARRAY[v_old_id], ARRAY[v_new_id]);
    PERFORM app.complete_revisions(
        app.draft_next(ARRAY[v_old_id], ARRAY[v_new_id]), 'match', p_reason);
    RETURN v_new_id;
END
$$;
COMMENT ON FUNCTION app.rematch_employee(uuid, uuid, text) IS 'Makes the next revision of a person with the same charges and receipts, matched anew by what people decided meanwhile, and returns its id. The person''s row must be locked.';

CREATE OR REPLACE FUNCTION app.lock_person_of_charge(p_charge_id uuid, p_expected_version integer) RETURNS app.session_employees
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_session_id uuid;
    v_cardholder_id uuid;
BEGIN
    -- A restored session has the charges of the old one; the newest that counts is meant.
    SELECT c.session_id, c.cardholder_id INTO v_session_id, v_cardholder_id
    FROM app.charges AS c
    JOIN app.processing_sessions AS s ON s.session_id = c.session_id
    WHERE c.charge_id = p_charge_id
    ORDER BY s.status = 'completed' DESC, s.session_id DESC LIMIT 1;
    IF NOT FOUND THEN
        PERFORM app.fail('NF020', 'charge_ids', NULL, coalesce(p_charge_id::text, 'none'));
    END IF;
    PERFORM app.enter_month('decide_match', ARRAY[ROW(v_session_id, v_cardholder_id, p_expected_version,
        NULL)::app.door_person]);
    RETURN (SELECT e FROM app.session_employees AS e
            WHERE e.session_id = v_session_id AND e.cardholder_id = v_cardholder_id);
END
$$;
COMMENT ON FUNCTION app.lock_person_of_charge(uuid, integer) IS 'The person''s row of a charge, in the newest completed session that has it, through the door. Raises NF020, PM003, ST001 with the other person''s change, ST002, ST006.';

CREATE OR REPLACE FUNCTION app.write_decisions(
    p_person app.session_employees, p_decision text, p_charge_ids uuid[], p_transaction_ids uuid[],
    p_amounts numeric[], p_reason text
) RETURNS integer
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH written AS (
        INSERT INTO app.match_decisions (session_id, cardholder_id, charge_id, transaction_id, charge_key, receipt_key,
            charge_print, receipt_print, charge_merchant_key, receipt_merchant_key, decision, amount, residual, reason,
            revision_number, decided_by, request_id)
        SELECT (p_person).session_id, (p_person).cardholder_id, c.charge_id, t.transaction_id, c.natural_key,
            t.natural_key, app.print_of_side(c.net_amount, c.posted_date, c.purchase_date, c.merchant_name),
            app.print_of_side(t.amount, t.transaction_date, NULL, t.merchant_name),
            app.merchant_key(c.merchant_name), app.merchant_key(t.merchant_name), p_decision,
            CASE p_decision
                WHEN 'confirm' THEN CASE WHEN abs(c.net_amount) < abs(t.amount) THEN c.net_amount ELSE t.amount END
                WHEN 'split' THEN x.amount END,
            CASE p_decision WHEN 'confirm' THEN c.net_amount - t.amount ELSE 0 END,
            app.hide_card_numbers(p_reason), (p_person).current_revision_number, app.actor_id(),
            nullif(current_setting('app.request_id', true), '')
        FROM unnest(p_charge_ids, p_transaction_ids, p_amounts) AS x (charge_id, transaction_id, amount)
        JOIN app.charges AS c
            ON c.session_id = (p_person).session_id AND c.cardholder_id = (p_person).cardholder_id
            AND c.charge_id = x.charge_id
        JOIN app.transactions AS t
            ON t.employee_revision_id = (p_person).current_revision_id AND t.transaction_id = x.transaction_id
        ORDER BY c.natural_key COLLATE "C", t.natural_key COLLATE "C"
        RETURNING 1
    )
    SELECT count(*)::integer FROM written;
END;
COMMENT ON FUNCTION app.write_decisions(app.session_employees, text, uuid[], uuid[], numeric[], text) IS 'Writes one decision per pair of the current revision and returns how many pairs there were.';

CREATE OR REPLACE FUNCTION app.check_decision_pairs(
    p_person app.session_employees, p_decision text, p_charge_ids uuid[], p_transaction_ids uuid[],
    p_amounts numeric[]
) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_policy app.matching_policies := app.matching_policy();
    v_pair record;
    v_limit numeric := app.decision_limit(app.actor_id());
    v_accepted numeric := 0.00;
BEGIN
    FOR v_pair IN
        SELECT c.net_amount AS charge_amount, t.amount AS receipt_amount, t.is_out_of_pocket, x.amount,
            c.net_amount - t.amount AS residual,
            EXISTS (SELECT FROM app.open_items AS o WHERE o.employee_revision_id = p_person.current_revision_id
                AND o.side = 'receipt' AND o.item_id = x.transaction_id AND o.failed_gate = 'repeat') AS is_repeat,
            EXISTS (SELECT FROM app.open_items AS o WHERE o.employee_revision_id = p_person.current_revision_id
                AND o.charge_id = x.charge_id AND o.transaction_id = x.transaction_id
                AND o.proposal IN ('near', 'digits', 'tip', 'conversion', 'net')) AS is_proposed,
            app.fold_text(c.merchant_group) = ANY (v_policy.meal_groups)
                OR t.expense_type = ANY (v_policy.meal_expense_types) AS is_meal
        FROM ROWS FROM (pg_catalog.unnest(p_charge_ids), pg_catalog.unnest(p_transaction_ids),
            pg_catalog.unnest(p_amounts)) AS x (charge_id, transaction_id, amount)
        JOIN app.charges AS c
            ON c.session_id = p_person.session_id AND c.cardholder_id = p_person.cardholder_id
            AND c.charge_id = x.charge_id
        JOIN app.transactions AS t
            ON t.employee_revision_id = p_person.current_revision_id AND t.transaction_id = x.transaction_id
        WHERE p_decision IN ('confirm', 'split')
        ORDER BY c.natural_key, t.natural_key
    LOOP
        IF v_pair.is_out_of_pocket OR v_pair.is_repeat OR pg_catalog.sign(v_pair.charge_amount) <> pg_catalog.sign(v_pair.receipt_amount)
            OR v_pair.charge_amount IS NULL OR v_pair.receipt_amount IS NULL
            OR (p_decision = 'split'
                AND pg_catalog.sign(v_pair.amount) IS DISTINCT FROM pg_catalog.sign(v_pair.charge_amount))
        THEN
            PERFORM app.fail('RL022', 'transaction_ids', 'readable amounts of the same sign, not paid out of pocket, no repeat',
                pg_catalog.format('charge %s, receipt %s, assigned %s, out of pocket %s',
                    coalesce(v_pair.charge_amount::text, 'unknown'), coalesce(v_pair.receipt_amount::text, 'unknown'),
                    coalesce(v_pair.amount::text, 'none'), v_pair.is_out_of_pocket));
        ELSIF p_decision = 'confirm' AND v_pair.residual <> 0
            AND NOT v_pair.is_proposed AND pg_catalog.abs(v_pair.residual) > v_policy.near_amount
            AND NOT (v_pair.is_meal AND v_pair.charge_amount > 0 AND v_pair.charge_amount
                BETWEEN v_pair.receipt_amount AND v_pair.receipt_amount * (1 + v_policy.tip_share))
        THEN
            PERFORM app.fail('RL021', 'transaction_ids',
                pg_catalog.format('a difference of at most %s or a tip of %s of a meal', v_policy.near_amount,
                    v_policy.tip_share),
                pg_catalog.format('charge %s, receipt %s', v_pair.charge_amount, v_pair.receipt_amount));
        ELSIF p_decision = 'confirm' AND pg_catalog.abs(v_pair.residual) > v_limit THEN
            PERFORM app.fail('RL081', 'transaction_ids', pg_catalog.format('at most %s', v_limit::numeric(14, 2)),
                pg_catalog.abs(v_pair.residual)::text);
        END IF;
        v_accepted := v_accepted + CASE p_decision WHEN 'confirm' THEN pg_catalog.abs(v_pair.residual) ELSE 0 END;
    END LOOP;
    v_limit := v_limit * app.setting('decision_limit_bulk');
    IF v_accepted > v_limit THEN
        PERFORM app.fail('RL081', 'transaction_ids', pg_catalog.format('at most %s in all', v_limit::numeric(14, 2)),
            v_accepted::text);
    END IF;
END
$$;
COMMENT ON FUNCTION app.check_decision_pairs(app.session_employees, text, uuid[], uuid[], numeric[]) IS 'Refuses pairs that a person cannot put together: another sign, no amount, out of pocket or a repeat (RL022), a difference above the policy that is not proposed either (RL021) or above what the actor decides alone (RL081).';

COMMIT;
