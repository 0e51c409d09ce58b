-- Receipts put in, taken out and given to whom they belong, one call each; api.current_transactions does the same.
-- requires: revising/corrections

BEGIN;

INSERT INTO app.month_calls (call_name, changes, expects) VALUES
('add_transaction', 'people', 'revision'),
('remove_transaction', 'people', 'revision'),
('move_transaction', 'people', 'revision');

CREATE OR REPLACE FUNCTION app.require_receipt(p_session_id uuid, p_transaction_id uuid, p_revision_id uuid) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM app.receipt_links AS l
        JOIN app.employee_revisions AS r ON r.revision_id = l.employee_revision_id
        WHERE l.employee_revision_id = p_revision_id AND l.transaction_id = p_transaction_id
            AND r.session_id = p_session_id)
    THEN
        PERFORM app.fail('NF005', 'transaction_id', 'a receipt of the revision and session', p_transaction_id::text);
    END IF;
END
$$;
COMMENT ON FUNCTION app.require_receipt(uuid, uuid, uuid) IS 'Refuses a receipt that the revision, of this session, does not show: NF005.';

CREATE OR REPLACE FUNCTION app.wish_one(
    p_call text, p_transaction_id uuid, p_revision_id uuid, p_operation text, p_wished jsonb, p_reason text
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    INSERT INTO app.correction_wishes (transaction_id, employee_revision_id, operation, wished)
    VALUES (p_transaction_id, p_revision_id, p_operation,
        CASE p_operation WHEN 'INSERT' THEN app.clean_wish(p_wished) ELSE p_wished END);
    PERFORM app.apply_wishes(p_call, p_reason);
END
$$;
COMMENT ON FUNCTION app.wish_one(text, uuid, uuid, text, jsonb, text) IS 'Carries out the wish for one receipt as a statement on api.current_transactions would. Raises what app.clean_wish and app.apply_wishes raise.';

CREATE OR REPLACE FUNCTION api.add_transaction(
    p_session_id uuid, p_expected_revision_id uuid, p_receipt jsonb, p_reason text, p_request_id text DEFAULT NULL
) RETURNS report.transactions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('add_transaction', p_session_id::text, p_expected_revision_id::text, p_receipt::text,
        p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'add_transaction', v_hash, p_reason);
    v_members app.member[];
    v_id uuid := app.new_id();
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        IF pg_catalog.jsonb_typeof(p_receipt) IS DISTINCT FROM 'object' THEN
            PERFORM app.fail('IV008', 'receipt', 'an object of what the receipt says, by column',
                coalesce(pg_catalog.jsonb_typeof(p_receipt), 'nothing'));
        END IF;
        -- What is not said is not known; only a receipt without any word is none.
        v_members := ARRAY(
            SELECT ROW(m.member_name, m.kind, true, m.may_be_null, m.allowed)::app.member
            FROM pg_catalog.unnest(app.correctable_members()) AS m);
        PERFORM app.refuse_members('receipt', p_receipt, v_members);
        IF pg_catalog.jsonb_strip_nulls(p_receipt) = '{}' THEN
            PERFORM app.fail('IV008', 'receipt', 'at least one member that says something', 'none');
        ELSIF NOT EXISTS (SELECT FROM app.employee_revisions AS r
                          WHERE r.revision_id = p_expected_revision_id AND r.session_id = p_session_id)
        THEN
            PERFORM app.fail('NF005', 'expected_revision_id', 'the current revision of the person whose receipt it is',
                coalesce(p_expected_revision_id::text, 'none'));
        END IF;
        PERFORM app.wish_one('add_transaction', v_id, p_expected_revision_id, 'INSERT',
            '{"has_attachment": false, "is_out_of_pocket": false}'::jsonb || p_receipt, p_reason);
        SELECT pg_catalog.to_jsonb(t) INTO v_answer FROM report.transactions AS t
        WHERE t.session_id = p_session_id AND t.transaction_id = v_id;
        PERFORM app.end_request(p_request_id, 'add_transaction', v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.transactions, v_answer);
END
$$;
COMMENT ON FUNCTION api.add_transaction(uuid, uuid, jsonb, text, text) IS 'Puts a receipt in that no report brought, for the person of the revision the caller saw: an object of what it says, by column. It makes a new revision; api.remove_transaction takes it out again. Answers the receipt. Raises IV008, IV018, NF005, PM003, ST001, ST002, ST003, ST006.';

CREATE OR REPLACE FUNCTION api.remove_transaction(
    p_session_id uuid, p_transaction_id uuid, p_expected_revision_id uuid, p_reason text, p_request_id text DEFAULT NULL
) RETURNS report.employee_revisions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('remove_transaction', p_session_id::text, p_transaction_id::text,
        p_expected_revision_id::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'remove_transaction', v_hash, p_reason);
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        PERFORM app.require_receipt(p_session_id, p_transaction_id, p_expected_revision_id);
        PERFORM app.wish_one('remove_transaction', p_transaction_id, p_expected_revision_id, 'DELETE', NULL, p_reason);
        SELECT pg_catalog.to_jsonb(r) INTO v_answer
        FROM app.employee_revisions AS n
        JOIN report.employee_revisions AS r ON r.revision_id = n.revision_id
        WHERE n.predecessor_id = p_expected_revision_id;
        PERFORM app.end_request(p_request_id, 'remove_transaction', v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.employee_revisions, v_answer);
END
$$;
COMMENT ON FUNCTION api.remove_transaction(uuid, uuid, uuid, text, text) IS 'Takes a receipt out that does not belong there, of the revision the caller saw; api.restore_revision brings it back. Answers the person''s new revision, nothing when a name without charges has no receipt left. Raises IV008, NF005, PM003, ST001, ST002, ST003, ST006.';

CREATE OR REPLACE FUNCTION api.move_transaction(
    p_session_id uuid, p_transaction_id uuid, p_expected_revision_id uuid, p_to_revision_id uuid, p_reason text,
    p_request_id text DEFAULT NULL
) RETURNS report.transactions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('move_transaction', p_session_id::text, p_transaction_id::text,
        p_expected_revision_id::text, p_to_revision_id::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'move_transaction', v_hash, p_reason);
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        PERFORM app.require_receipt(p_session_id, p_transaction_id, p_expected_revision_id);
        IF NOT EXISTS (
            SELECT FROM app.employee_revisions AS r
            JOIN app.employee_revisions AS o ON o.session_id = r.session_id AND o.cardholder_id <> r.cardholder_id
            WHERE r.revision_id = p_expected_revision_id AND o.revision_id = p_to_revision_id)
        THEN
            PERFORM app.fail('NF005', 'to_revision_id', 'the current revision of somebody else in the session',
                coalesce(p_to_revision_id::text, 'none'));
        END IF;
        PERFORM app.wish_one('move_transaction', p_transaction_id, p_expected_revision_id, 'UPDATE',
            pg_catalog.jsonb_build_object('employee_revision_id', p_to_revision_id), p_reason);
        SELECT pg_catalog.to_jsonb(t) INTO v_answer FROM report.transactions AS t
        WHERE t.session_id = p_session_id AND t.transaction_id = p_transaction_id;
        PERFORM app.end_request(p_request_id, 'move_transaction', v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.transactions, v_answer);
END
$$;
COMMENT ON FUNCTION api.move_transaction(uuid, uuid, uuid, uuid, text, text) IS 'Gives a receipt to the person it belongs to, at the revisions of both that the caller saw; each gets a new one. What it says stays. Moving it again takes it back. Answers the receipt as it is then. Raises IV008, NF005, PM003, ST001, ST002, ST003, ST006.';

GRANT EXECUTE ON FUNCTION api.add_transaction(uuid, uuid, jsonb, text, text),
    api.remove_transaction(uuid, uuid, uuid, text, text), api.move_transaction(uuid, uuid, uuid, uuid, text, text)
    TO ccp_admin, ccp_processor;

SELECT app.pin_entry_points();

COMMIT;
