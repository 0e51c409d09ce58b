-- Deciding where a correction and a later report say different things.
-- requires: revising/revise
-- requires: report/corrections

BEGIN;

CREATE OR REPLACE FUNCTION app.answer_corrections(
    p_session_id uuid, p_judged app.judged_correction[], p_is_kept boolean, p_reason text
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off
AS $$
BEGIN
    INSERT INTO app.corrections (chain_id, transaction_id, field_group, number, session_id, cardholder_id, base, value,
        reason, said_by)
    SELECT c.chain_id, c.transaction_id, c.field_group, c.number + 1, p_session_id, c.cardholder_id, x.source_value,
        CASE WHEN p_is_kept THEN c.value END, app.hide_card_numbers(p_reason), app.actor_id()
    FROM pg_catalog.unnest(p_judged) AS x
    CROSS JOIN LATERAL (
        SELECT o.* FROM app.corrections AS o WHERE o.correction_id = x.correction_id OFFSET 0
    ) AS c;
END
$$;
COMMENT ON FUNCTION app.answer_corrections(uuid, app.judged_correction[], boolean, text) IS 'Says statements anew against what the source says by now, or takes them back.';

CREATE OR REPLACE FUNCTION api.decide_conflict(
    p_session_id uuid, p_transaction_id uuid, p_expected_revision_id uuid, p_keep_correction boolean, p_reason text,
    p_field_groups text[] DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.transactions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('decide_conflict', p_session_id::text, p_transaction_id::text,
        p_expected_revision_id::text, p_keep_correction::text, p_reason, p_field_groups::text);
    v_answer jsonb := app.begin_request(p_request_id, 'decide_conflict', v_hash, p_reason);
    v_holder uuid;
    v_conflicts app.judged_correction[];
    v_people uuid[];
    v_result report.transactions;
BEGIN
    IF v_answer IS NOT NULL THEN
        SELECT t.* INTO v_result FROM pg_catalog.jsonb_populate_record(NULL::report.transactions, v_answer) AS t;
        RETURN v_result;
    END IF;
    IF p_keep_correction IS NULL THEN
        PERFORM app.fail('IV008', 'keep_correction', 'true or false', 'nothing');
    END IF;
    PERFORM app.require_text(p_reason, 'reason', 4000);
    SELECT r.cardholder_id INTO v_holder
    FROM app.receipt_links AS l
    JOIN app.employee_revisions AS r ON r.revision_id = l.employee_revision_id
    WHERE l.employee_revision_id = p_expected_revision_id AND l.transaction_id = p_transaction_id
        AND r.session_id = p_session_id;
    IF v_holder IS NULL THEN
        PERFORM app.fail('NF005', 'transaction_id', NULL, p_transaction_id::text);
    END IF;
    v_conflicts := ARRAY(
        SELECT j FROM app.judge_corrections(p_session_id, app.source_people(p_session_id, ARRAY[v_holder])) AS j
        WHERE j.transaction_id = p_transaction_id AND j.fate = 'conflict'
            AND (p_field_groups IS NULL OR j.field_group = ANY (p_field_groups)));
    v_people := ARRAY[v_holder] || ARRAY(
        SELECT c.cardholder_id FROM pg_catalog.unnest(v_conflicts) AS c
        WHERE c.field_group = 'person' AND p_keep_correction AND c.cardholder_id <> v_holder);
    PERFORM app.enter_month('decide_conflict', ARRAY(
        SELECT ROW(e.session_id, e.cardholder_id, NULL,
            CASE WHEN e.cardholder_id = v_holder THEN p_expected_revision_id ELSE e.current_revision_id END)::app.door_person
        FROM app.session_employees AS e
        WHERE e.session_id = p_session_id AND e.cardholder_id = ANY (v_people) ORDER BY e.cardholder_id),
        app.ids_of_receipts(ARRAY[p_transaction_id]));
    IF v_conflicts = '{}' OR pg_catalog.cardinality(v_conflicts)
        < (SELECT pg_catalog.count(DISTINCT g.name) FROM pg_catalog.unnest(p_field_groups) AS g (name))
    THEN
        PERFORM app.fail('ST060', 'field_groups', 'groups in conflict, see report.corrections',
            coalesce(pg_catalog.array_to_string(p_field_groups, ', '), 'none of the receipt'));
    END IF;
    PERFORM app.answer_corrections(p_session_id, v_conflicts, p_keep_correction, p_reason);
    PERFORM app.revise_people(p_session_id, v_people, 'correction', p_reason);
    SELECT t.* INTO v_result FROM report.transactions AS t
    WHERE t.session_id = p_session_id AND t.transaction_id = p_transaction_id;
    PERFORM app.end_request(p_request_id, 'decide_conflict', v_hash, pg_catalog.to_jsonb(v_result));
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.decide_conflict(uuid, uuid, uuid, boolean, text, text[], text) IS 'Decides what holds where a correction of a receipt and a later report say different things: the correction (true) or the report (false); for some groups of fields or for all in conflict. The third argument is the revision the caller saw. Makes a new revision and answers the receipt as it is then, nothing where it was taken out. Raises IV008, NF005, PM003, ST001, ST002, ST003, ST006, ST051, ST060.';
GRANT EXECUTE ON FUNCTION api.decide_conflict(uuid, uuid, uuid, boolean, text, text[], text) TO ccp_admin, ccp_processor;

SELECT app.pin_entry_points();

COMMIT;
