-- Going back: a new revision with the content of an old one.
-- requires: revising/revise
-- requires: report/people

BEGIN;

CREATE OR REPLACE FUNCTION api.restore_revision(
    p_revision_id uuid, p_expected_revision_id uuid, p_reason text DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.employee_revisions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('restore_revision', p_revision_id::text, p_expected_revision_id::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'restore_revision', v_hash);
    v_new_id uuid := app.new_id();
    v_result report.employee_revisions;
BEGIN
    IF v_answer IS NOT NULL THEN
        SELECT r.* INTO v_result FROM pg_catalog.jsonb_populate_record(NULL::report.employee_revisions, v_answer) AS r;
        RETURN v_result;
    END IF;
    IF NOT EXISTS (
        SELECT FROM app.employee_revisions AS o
        JOIN app.employee_revisions AS c ON c.session_id = o.session_id AND c.cardholder_id = o.cardholder_id
        WHERE o.revision_id = p_revision_id AND c.revision_id = p_expected_revision_id)
    THEN
        PERFORM app.fail('NF005', 'revision_id', 'two revisions of one person in one session',
            pg_catalog.format('%s and %s', p_revision_id, p_expected_revision_id));
    ELSIF p_revision_id = p_expected_revision_id THEN
        PERFORM app.fail('ST002', 'revision_id', 'another revision than the current one', p_revision_id::text);
    END IF;
    PERFORM app.enter_month('restore_revision', app.people_of_revisions(ARRAY[p_expected_revision_id]));
    PERFORM app.copy_receipts(ARRAY[p_revision_id], ARRAY[v_new_id], '{}');
    PERFORM app.complete_revisions(
        app.draft_next(ARRAY[p_expected_revision_id], ARRAY[v_new_id], ARRAY[p_revision_id]), 'restore', p_reason);
    SELECT r.* INTO v_result FROM report.employee_revisions AS r WHERE r.revision_id = v_new_id;
    PERFORM app.end_request(p_request_id, 'restore_revision', v_hash, pg_catalog.to_jsonb(v_result));
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.restore_revision(uuid, uuid, text, text) IS 'Makes a new revision of a person with the content of an old one of the same session; the second argument is the current revision the caller saw. Raises NF005, PM003, ST001, ST002, ST003, ST006.';
GRANT EXECUTE ON FUNCTION api.restore_revision(uuid, uuid, text, text) TO ccp_admin, ccp_processor;

SELECT app.pin_entry_points();

COMMIT;
