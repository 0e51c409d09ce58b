-- Putting people on hold and releasing them: the one status that is set by hand.
-- requires: workflow/steps
-- requires: revising/door
--
-- Step              from           to
-- hold_employee     not on hold    on_hold, with the reason
-- release_employee  on_hold        what follows from the issues
--
-- A hold is kept by corrections and carried to later submissions, see revising/complete.

BEGIN;

CREATE OR REPLACE FUNCTION app.set_hold(
    p_call text, p_session_id uuid, p_cardholder_id uuid, p_expected_version integer, p_reason text,
    p_request_id text
) RETURNS report.employee_revisions
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request(p_call, p_session_id::text, p_cardholder_id::text, p_expected_version::text,
        p_reason);
    v_answer jsonb := app.begin_request(p_request_id, p_call, v_hash, p_reason);
    v_holds boolean := p_call = 'hold_employee';
    v_reason text := app.hide_card_numbers(pg_catalog.btrim(p_reason));
    v_person app.session_employees;
BEGIN
    IF v_answer IS NULL THEN
        IF v_holds OR p_reason IS NOT NULL THEN
            PERFORM app.require_text(p_reason, 'reason', 4000);
        END IF;
        PERFORM app.enter_month(p_call, ARRAY[ROW(p_session_id, p_cardholder_id, p_expected_version,
            NULL)::app.door_person]);
        SELECT e.* INTO v_person FROM app.session_employees AS e
        WHERE e.session_id = p_session_id AND e.cardholder_id = p_cardholder_id;
        IF v_person.is_on_hold = v_holds THEN
            PERFORM app.fail('ST002', 'cardholder_id',
                CASE WHEN v_holds THEN 'somebody who is not on hold' ELSE 'somebody on hold' END, v_person.status);
        END IF;
        UPDATE app.session_employees AS e
        SET hold_reason = CASE WHEN v_holds THEN v_reason END,
            status = app.derive_status(e.session_id, e.cardholder_id, v_holds)
        WHERE e.session_id = p_session_id AND e.cardholder_id = p_cardholder_id;
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.employee_revisions AS r
        WHERE r.revision_id = v_person.current_revision_id;
        PERFORM app.end_request(p_request_id, p_call, v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.employee_revisions, v_answer);
END
$$;
COMMENT ON FUNCTION app.set_hold(text, uuid, uuid, integer, text, text) IS 'What holding and releasing share: request id, lock at the version seen, status. Raises IV008, NF004, PM001, PM003, ST001, ST002, ST003, ST006, ST051.';

CREATE OR REPLACE FUNCTION api.hold_employee(
    p_session_id uuid, p_cardholder_id uuid, p_expected_version integer, p_reason text,
    p_request_id text DEFAULT NULL
) RETURNS report.employee_revisions
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT s FROM app.set_hold('hold_employee', p_session_id, p_cardholder_id, p_expected_version, p_reason,
        p_request_id) AS s;
END;
COMMENT ON FUNCTION api.hold_employee(uuid, uuid, integer, text, text) IS 'Puts a person of a session on hold and says why: the status is on_hold whatever becomes of the issues, also after corrections and in later submissions, until somebody releases the person. Raises IV008, NF004, PM001, PM003, ST001, ST002 when on hold already or the session is not completed, ST003, ST006 while a later submission builds on the session, ST051 when the month is closed.';

CREATE OR REPLACE FUNCTION api.release_employee(
    p_session_id uuid, p_cardholder_id uuid, p_expected_version integer, p_reason text DEFAULT NULL,
    p_request_id text DEFAULT NULL
) RETURNS report.employee_revisions
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT s FROM app.set_hold('release_employee', p_session_id, p_cardholder_id, p_expected_version, p_reason,
        p_request_id) AS s;
END;
COMMENT ON FUNCTION api.release_employee(uuid, uuid, integer, text, text) IS 'Releases a person who is on hold: the status is again what follows from the issues. Raises IV008, NF004, PM001, PM003, ST001, ST002 when not on hold or the session is not completed, ST003, ST006 while a later submission builds on the session, ST051 when the month is closed.';

GRANT EXECUTE ON FUNCTION api.hold_employee(uuid, uuid, integer, text, text),
    api.release_employee(uuid, uuid, integer, text, text) TO ccp_admin, ccp_processor, ccp_reviewer;

SELECT app.pin_entry_points();

COMMIT;
