-- Going back to an old session: a new one with its content.
-- requires: revising/restore
-- requires: intake/report
-- requires: intake/import
-- requires: intake/receipts

BEGIN;

CREATE OR REPLACE FUNCTION app.copy_bank_rows(p_old_session_id uuid, p_new_session_id uuid) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    INSERT INTO app.card_totals (session_id, cardholder_id, card_id, card_number, is_printed_masked, total_lines,
        printed_gross, printed_discount, printed_net, page_range, unread_fields)
    SELECT p_new_session_id, x.cardholder_id, x.card_id, x.card_number, x.is_printed_masked, x.total_lines,
        x.printed_gross, x.printed_discount, x.printed_net, x.page_range, x.unread_fields
    FROM app.card_totals AS x WHERE x.session_id = p_old_session_id;

    INSERT INTO app.charges (session_id, cardholder_id, charge_id, card_id, natural_key, position, page_number,
        totals_page_number, purchase_date, posted_date, level, transaction_number, merchant_name, city, state,
        merchant_group, gross_amount, discount_amount, net_amount, unread_fields)
    SELECT p_new_session_id, x.cardholder_id, x.charge_id, x.card_id, x.natural_key, x.position, x.page_number,
        x.totals_page_number, x.purchase_date, x.posted_date, x.level, x.transaction_number, x.merchant_name,
        x.city, x.state, x.merchant_group, x.gross_amount, x.discount_amount, x.net_amount, x.unread_fields
    FROM app.charges AS x WHERE x.session_id = p_old_session_id;

    INSERT INTO app.charge_lines (session_id, cardholder_id, charge_id, line_number, page_number, product_description,
        unit_price, quantity, gross_amount, discount_amount, net_amount)
    SELECT p_new_session_id, x.cardholder_id, x.charge_id, x.line_number, x.page_number, x.product_description,
        x.unit_price, x.quantity, x.gross_amount, x.discount_amount, x.net_amount
    FROM app.charge_lines AS x WHERE x.session_id = p_old_session_id;
END;
COMMENT ON FUNCTION app.copy_bank_rows(uuid, uuid) IS 'Copies cards, charges and lines of a session to a new one; charges keep their ids.';

CREATE OR REPLACE FUNCTION app.receipts_of_session(p_old_session_id uuid, p_new_session_id uuid) RETURNS app.said_receipt[]
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH shown AS (
        SELECT e.session_id, e.cardholder_id, l.transaction_id, c AS content
        FROM app.session_employees AS e
        JOIN app.receipt_links AS l ON l.employee_revision_id = e.current_revision_id
        JOIN app.receipt_contents AS c ON c.content_id = l.content_id
        WHERE e.session_id IN (p_old_session_id, p_new_session_id)
    )
    SELECT array_agg(ROW(coalesce(o.transaction_id, n.transaction_id),
        coalesce(n.cardholder_id, h.cardholder_id, o.cardholder_id), n.content,
        coalesce(o.cardholder_id, n.cardholder_id), o.content)::app.said_receipt)
    FROM (SELECT x.* FROM shown AS x WHERE x.session_id = p_old_session_id) AS o
    FULL JOIN (SELECT x.* FROM shown AS x WHERE x.session_id = p_new_session_id) AS n
        ON n.transaction_id = o.transaction_id
    LEFT JOIN app.holders_in(p_new_session_id, ARRAY(
        SELECT x.transaction_id FROM shown AS x GROUP BY x.transaction_id
        HAVING bool_and(x.session_id = p_old_session_id))) AS h ON h.transaction_id = o.transaction_id
    WHERE o.transaction_id IS NULL OR n.transaction_id IS NULL OR o.cardholder_id <> n.cardholder_id
        OR app.said_groups(o.content) <> app.said_groups(n.content);
END;
COMMENT ON FUNCTION app.receipts_of_session(uuid, uuid) IS 'What is to be said so that the receipts of a new session are those of an old one; null when they are.';

CREATE OR REPLACE FUNCTION app.copy_corrections(p_old_session_id uuid, p_new_session_id uuid) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    INSERT INTO app.corrections (chain_id, transaction_id, field_group, number, session_id, cardholder_id, base, value,
        reason, said_by, said_at)
    SELECT n.chain_id, c.transaction_id, c.field_group,
        row_number() OVER (PARTITION BY c.transaction_id, c.field_group ORDER BY c.number), n.session_id, c.cardholder_id,
        c.base, c.value, c.reason, c.said_by, c.said_at
    FROM app.processing_sessions AS n
    JOIN app.processing_sessions AS o ON o.session_id = p_old_session_id AND o.chain_id <> n.chain_id
    JOIN app.corrections AS c ON c.chain_id = o.chain_id
    JOIN app.processing_sessions AS h ON h.session_id = c.session_id AND h.revision_number <= o.revision_number
    WHERE n.session_id = p_new_session_id
        AND EXISTS (SELECT FROM app.receipt_links AS l
                    JOIN app.employee_revisions AS r ON r.revision_id = l.employee_revision_id
                    WHERE l.transaction_id = c.transaction_id AND r.session_id = o.session_id)
        AND NOT EXISTS (SELECT FROM app.corrections AS k
                        WHERE k.transaction_id = c.transaction_id AND k.chain_id = n.chain_id AND k.field_group = c.field_group);
END;
COMMENT ON FUNCTION app.copy_corrections(uuid, uuid) IS 'Takes what people said about the receipts of an old session into the chain of a new one, where that is another, by whom it was said. What the chain says itself goes before it.';

CREATE OR REPLACE FUNCTION app.note_restored(p_session_id uuid, p_old app.processing_sessions) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_month app.months;
    v_new app.processing_sessions;
    v_chain_id uuid;
BEGIN
    SELECT m.* INTO v_month FROM app.months AS m WHERE m.month_id = p_old.month_id;
    IF v_month.month_id IS NOT NULL THEN
        PERFORM app.take_month_turns(v_month.programme, v_month.period_start, v_month.period_end);
    END IF;
    SELECT s.* INTO STRICT v_new FROM app.processing_sessions AS s WHERE s.session_id = p_session_id;
    IF v_new.parent_session_id IS NULL THEN
        SELECT o.chain_id INTO v_chain_id FROM app.processing_sessions AS o
        WHERE o.live_month_id = v_month.month_id
            OR (o.chain_id = p_old.chain_id AND o.status NOT IN ('cancelled', 'failed')) LIMIT 1;
        IF v_chain_id IS NOT NULL THEN
            PERFORM app.fail('ST052', 'parent_session_id', 'the newest submission, ' || app.newest_session(v_chain_id), 'none');
        END IF;
    ELSIF v_new.chain_id <> p_old.chain_id AND (v_new.month_id = p_old.month_id) IS NOT TRUE THEN
        PERFORM app.fail('ST050', 'parent_session_id', 'a submission of the same month, ' || coalesce(v_month.month_name, 'none'),
            coalesce((SELECT m.month_name FROM app.months AS m WHERE m.month_id = v_new.month_id), 'none'));
    END IF;
    -- A first submission is of the month it was of, and goes on with its chain: receipts, what people said about them, and
    -- what was posted are those of the month.
    UPDATE app.processing_sessions AS s
    SET chain_id = p_old.chain_id, restored_from = p_old.session_id, month_id = v_month.month_id,
        programme = p_old.programme, period_source = CASE WHEN v_month.month_id IS NOT NULL THEN coalesce((
            SELECT o.period_source FROM app.processing_sessions AS o
            WHERE o.chain_id = p_old.chain_id AND o.period_source <> 'chain' ORDER BY o.revision_number LIMIT 1), 'given') END
    WHERE s.session_id = p_session_id AND s.parent_session_id IS NULL;
    UPDATE app.processing_sessions AS s SET restored_from = p_old.session_id
    WHERE s.session_id = p_session_id AND s.chain_id = p_old.chain_id;
    PERFORM app.refuse_closed_month(s.month_id, 'session_id')
    FROM app.processing_sessions AS s WHERE s.session_id = p_session_id;
END
$$;
COMMENT ON FUNCTION app.note_restored(uuid, app.processing_sessions) IS 'Notes which session of its month a new session brings back; without a parent it goes on with the chain and month of the old one. Raises ST050 for a parent of another month, ST051 when the month is closed, ST052 without a parent while another submission counts.';

CREATE OR REPLACE FUNCTION api.restore_session(
    p_session_id uuid, p_parent_session_id uuid, p_reason text, p_session_name text DEFAULT NULL,
    p_request_id text DEFAULT NULL
) RETURNS report.processing_sessions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_hash bytea := app.hash_request('restore_session', p_session_id::text, p_parent_session_id::text, p_session_name,
        p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'restore_session', v_hash, p_reason);
    v_old app.processing_sessions;
    v_start timestamptz := pg_catalog.clock_timestamp();
    v_new_session uuid;
    v_old_ids uuid[];
    v_new_ids uuid[];
    v_said app.said_receipt[];
    v_reason text;
    v_result report.processing_sessions;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        SELECT s.* INTO v_old FROM app.processing_sessions AS s
        WHERE s.session_id = p_session_id AND s.status IN ('completed', 'cancelled')
            AND s.processing_completed_at IS NOT NULL;
        IF v_old.session_id IS NULL THEN
            PERFORM app.fail('NF001', 'session_id', 'a session with content', p_session_id::text);
        END IF;
        PERFORM app.keep_aliases();
        v_new_session := app.open_session(coalesce(p_session_name, v_old.session_name), p_parent_session_id,
            v_old.source_type, v_old.source_sha256, v_old.car_file_name, v_old.receipt_file_name);
        PERFORM app.note_restored(v_new_session, v_old);
        PERFORM app.hold_earlier(v_new_session);
        SELECT pg_catalog.array_agg(r.revision_id), pg_catalog.array_agg(app.new_id())
        INTO v_old_ids, v_new_ids
        FROM app.employee_revisions AS r WHERE r.session_id = p_session_id AND r.revision_number = 1;
        PERFORM app.copy_bank_rows(p_session_id, v_new_session);
        PERFORM app.copy_receipts(v_old_ids, v_new_ids);
        PERFORM app.copy_corrections(p_session_id, v_new_session);
        INSERT INTO app.old_claims (session_id, cardholder_id, source_key, entry_place, person_place, is_in_report,
            claimed_car_total, claimed_receipt_total, claimed_flags, receipts_shape, file_paths, source_fields)
        SELECT v_new_session, c.cardholder_id, c.source_key, c.entry_place, c.person_place, c.is_in_report,
            c.claimed_car_total, c.claimed_receipt_total, c.claimed_flags, c.receipts_shape, c.file_paths, c.source_fields
        FROM app.old_claims AS c WHERE c.session_id = p_session_id;
        INSERT INTO app.kept_entries (session_id, source_key, entry_text)
        SELECT v_new_session, k.source_key, k.entry_text FROM app.kept_entries AS k WHERE k.session_id = p_session_id;
        INSERT INTO app.kept_digests (session_id, entries, digest)
        SELECT v_new_session, d.entries, d.digest FROM app.kept_digests AS d WHERE d.session_id = p_session_id;
        PERFORM app.complete_revisions(app.carry_corrections(v_new_session, ARRAY(
            SELECT ROW(p.new_id, v_new_session, r.cardholder_id, 1, NULL, e.current_revision_id, r.employee_name,
                r.employee_id, r.card_number, r.is_in_report, r.car_total, NULL, NULL, r.car_page_range,
                r.receipt_page_range, NULL, NULL)::app.revision_draft
            FROM unnest(v_old_ids, v_new_ids) AS p (old_id, new_id)
            JOIN app.employee_revisions AS r ON r.revision_id = p.old_id
            LEFT JOIN app.session_employees AS e
                ON e.session_id = p_parent_session_id AND e.cardholder_id = r.cardholder_id), 'restore'), 'restore', p_reason);
        v_said := app.receipts_of_session(p_session_id, v_new_session);
        IF v_said IS NOT NULL THEN
            v_reason := app.tell_ended_waits(v_new_session, v_said, p_reason);
            PERFORM app.revise_people(v_new_session, app.state_corrections(v_new_session, v_said, v_reason), 'restore',
                v_reason);
        END IF;
        PERFORM app.finish_session(v_new_session);
        INSERT INTO app.processing_metrics (session_id, processing_time_ms, employees, transactions, phases)
        SELECT v_new_session, app.milliseconds(pg_catalog.clock_timestamp() - v_start), pg_catalog.count(*),
            coalesce(pg_catalog.sum(r.receipt_count), 0), '{}'
        FROM app.employee_revisions AS r WHERE r.session_id = v_new_session;
        v_answer := app.end_request(p_request_id, 'restore_session', v_hash,
            pg_catalog.jsonb_build_object('session_id', v_new_session));
    END IF;
    SELECT s.* INTO v_result FROM report.processing_sessions AS s
    WHERE s.session_id = (v_answer ->> 'session_id')::uuid;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.restore_session(uuid, uuid, text, text, text) IS 'Makes a new session with the source of an old one and what was said there, as the next revision of the parent, which must be the latest of the chain; without parent it goes on with the old one''s chain and month, which has no other submission then. Nothing is restored into another month. Receipts keep their ids. What was decided there about issues and matches, waivers included, is carried as from a submission before; where both decided, what was said last counts. The reason says why, and where it stands also for whom receipts wait no longer. Raises IV008, NF001, PM003, ST002, ST003, ST004 when the parent holds the same file, ST005, ST050, ST051, ST052.';
GRANT EXECUTE ON FUNCTION api.restore_session(uuid, uuid, text, text, text) TO ccp_admin, ccp_processor;

SELECT app.pin_entry_points();

COMMIT;
