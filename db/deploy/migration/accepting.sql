-- Single differences that two people accept until a day: one proposes, another one accepts.
-- requires: migration/runs
-- requires: access/requests
-- requires: revising/door

BEGIN;

INSERT INTO app.month_calls (call_name, changes) VALUES
('propose_difference', 'nothing'),
('accept_difference', 'nothing');

CREATE TABLE app.accepted_differences (
    acceptance_id uuid NOT NULL DEFAULT app.new_id(),
    month_id uuid NOT NULL,
    run_id uuid NOT NULL,
    difference_number integer NOT NULL,
    level text NOT NULL,
    path text NOT NULL,
    old_value text,
    new_value text,
    reason text NOT NULL,
    valid_until date NOT NULL,
    proposed_by uuid NOT NULL DEFAULT app.actor_id(),
    proposed_at timestamptz NOT NULL DEFAULT now(),
    accepted_by uuid,
    accepted_at timestamptz,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT accepted_differences_pkey PRIMARY KEY (acceptance_id),
    CONSTRAINT accepted_differences_month_id_fkey FOREIGN KEY (month_id) REFERENCES app.months (month_id),
    CONSTRAINT accepted_differences_difference_fkey FOREIGN KEY (run_id, difference_number)
        REFERENCES app.parallel_differences (run_id, difference_number),
    CONSTRAINT accepted_differences_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES app.users (user_id),
    CONSTRAINT accepted_differences_accepted_by_fkey FOREIGN KEY (accepted_by) REFERENCES app.users (user_id),
    CONSTRAINT accepted_differences_accepted_by_check CHECK (accepted_by <> proposed_by),
    CONSTRAINT accepted_differences_accepted_at_check CHECK ((accepted_by IS NULL) = (accepted_at IS NULL)),
    CONSTRAINT accepted_differences_valid_until_check CHECK (isfinite(valid_until)),
    CONSTRAINT accepted_differences_reason_check CHECK (length(reason) BETWEEN 1 AND 4000)
);
CREATE INDEX accepted_differences_month_id_idx ON app.accepted_differences (month_id, level, path);
CREATE INDEX accepted_differences_difference_idx ON app.accepted_differences (run_id, difference_number);
CREATE INDEX accepted_differences_proposed_by_idx ON app.accepted_differences (proposed_by);
CREATE INDEX accepted_differences_accepted_by_idx ON app.accepted_differences (accepted_by);
COMMENT ON TABLE app.accepted_differences IS 'Differences that nothing explains and that two people accept until a day. They hold for new runs of the month, where just these values stand at this place; verdicts of runs before stay as they were.';
COMMENT ON COLUMN app.accepted_differences.acceptance_id IS 'Key.';
COMMENT ON COLUMN app.accepted_differences.month_id IS 'The month.';
COMMENT ON COLUMN app.accepted_differences.run_id IS 'The run in which it was seen.';
COMMENT ON COLUMN app.accepted_differences.difference_number IS 'Its number there.';
COMMENT ON COLUMN app.accepted_differences.level IS 'Level of the difference.';
COMMENT ON COLUMN app.accepted_differences.path IS 'Place in the old file.';
COMMENT ON COLUMN app.accepted_differences.old_value IS 'What the old file says there.';
COMMENT ON COLUMN app.accepted_differences.new_value IS 'What was read here.';
COMMENT ON COLUMN app.accepted_differences.reason IS 'Why it is accepted.';
COMMENT ON COLUMN app.accepted_differences.valid_until IS 'Last day on which it holds for a new run.';
COMMENT ON COLUMN app.accepted_differences.proposed_by IS 'Who proposed it.';
COMMENT ON COLUMN app.accepted_differences.proposed_at IS 'When.';
COMMENT ON COLUMN app.accepted_differences.accepted_by IS 'Who accepted it: another person; null until then.';
COMMENT ON COLUMN app.accepted_differences.accepted_at IS 'When.';
COMMENT ON COLUMN app.accepted_differences.created_tx IS 'Number of the transaction that proposed it.';
SELECT audit.guard('app.accepted_differences', 'mutable');

CREATE OR REPLACE FUNCTION app.is_accepted_difference(
    p_month_id uuid, p_level text, p_path text, p_receipt text, p_old_value text, p_new_value text
) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM app.accepted_differences AS a
        -- A path may be a place in a list, or that of all receipts of a person.
        JOIN app.parallel_differences AS d ON d.run_id = a.run_id AND d.difference_number = a.difference_number
            AND d.receipt IS NOT DISTINCT FROM p_receipt
        WHERE a.month_id = p_month_id AND a.level = p_level AND a.path = p_path AND a.accepted_by IS NOT NULL
            AND a.valid_until >= current_date AND a.old_value IS NOT DISTINCT FROM p_old_value
            AND a.new_value IS NOT DISTINCT FROM p_new_value);
END;
COMMENT ON FUNCTION app.is_accepted_difference(uuid, text, text, text, text, text) IS 'Whether two people accepted just this difference of a month until today or later.';

CREATE TYPE report.acceptance_answer AS (
    acceptance_id uuid,
    run_id uuid,
    difference_number integer,
    valid_until date,
    is_accepted boolean
);
COMMENT ON TYPE report.acceptance_answer IS 'A difference that is proposed to be accepted, or was.';
COMMENT ON COLUMN report.acceptance_answer.acceptance_id IS 'Key of the proposal.';
COMMENT ON COLUMN report.acceptance_answer.run_id IS 'The run in which it was seen.';
COMMENT ON COLUMN report.acceptance_answer.difference_number IS 'Its number there.';
COMMENT ON COLUMN report.acceptance_answer.valid_until IS 'Last day on which it holds for a new run.';
COMMENT ON COLUMN report.acceptance_answer.is_accepted IS 'True when another person has accepted it.';

CREATE OR REPLACE FUNCTION api.propose_difference(
    p_run_id uuid, p_difference_number integer, p_ends_on date, p_reason text, p_request_id text DEFAULT NULL
) RETURNS report.acceptance_answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('propose_difference', p_run_id::text, p_difference_number::text, p_ends_on::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'propose_difference', v_hash, p_reason);
    v_found record;
    v_result report.acceptance_answer;
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN pg_catalog.jsonb_populate_record(NULL::report.acceptance_answer, v_answer);
    END IF;
    PERFORM app.require_text(p_reason, 'reason', 4000);
    IF (p_ends_on BETWEEN current_date AND current_date + 366) IS NOT TRUE THEN
        PERFORM app.fail('IV008', 'ends_on', 'a day from today to a year from now', coalesce(p_ends_on::text, 'nothing'));
    END IF;
    SELECT d.*, o.month_id INTO v_found
    FROM app.parallel_differences AS d
    JOIN app.parallel_runs AS r ON r.run_id = d.run_id
    JOIN app.old_months AS o ON o.old_result_id = r.old_result_id
    WHERE d.run_id = p_run_id AND d.difference_number = p_difference_number;
    IF v_found.run_id IS NULL THEN
        PERFORM app.fail('NF160', 'difference_number', NULL, pg_catalog.format('%s of %s', p_difference_number, p_run_id));
    ELSIF v_found.follows_from IS NOT NULL OR v_found.is_accepted
        OR v_found.class NOT IN ('missing_here', 'missing_there', 'value_difference', 'timing')
    THEN
        PERFORM app.fail('RL161', 'difference_number', 'a root that nothing explains', v_found.class);
    END IF;
    INSERT INTO app.accepted_differences (month_id, run_id, difference_number, level, path, old_value, new_value, reason, valid_until)
    VALUES (v_found.month_id, p_run_id, p_difference_number, v_found.level, v_found.path, v_found.old_value, v_found.new_value,
        app.hide_card_numbers(pg_catalog.btrim(p_reason)), p_ends_on)
    RETURNING accepted_differences.acceptance_id INTO v_result.acceptance_id;
    v_result.run_id := p_run_id;
    v_result.difference_number := p_difference_number;
    v_result.valid_until := p_ends_on;
    v_result.is_accepted := false;
    PERFORM app.end_request(p_request_id, 'propose_difference', v_hash, pg_catalog.to_jsonb(v_result));
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.propose_difference(uuid, integer, date, text, text) IS 'Proposes to accept a root that nothing explains, until a day at most a year away; another person accepts it by api.accept_difference. Raises IV008, NF160, PM001, PM002, RL161 for what is explained or follows from another, ST003.';

CREATE OR REPLACE FUNCTION api.accept_difference(p_acceptance_id uuid, p_request_id text DEFAULT NULL) RETURNS report.acceptance_answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('accept_difference', p_acceptance_id::text);
    v_answer jsonb := app.begin_request(p_request_id, 'accept_difference', v_hash);
    v_row app.accepted_differences;
    v_result report.acceptance_answer;
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN pg_catalog.jsonb_populate_record(NULL::report.acceptance_answer, v_answer);
    END IF;
    SELECT a.* INTO v_row FROM app.accepted_differences AS a WHERE a.acceptance_id = p_acceptance_id FOR UPDATE;
    IF v_row.acceptance_id IS NULL THEN
        PERFORM app.fail('NF161', 'acceptance_id', NULL, coalesce(p_acceptance_id::text, 'none'));
    ELSIF v_row.accepted_by IS NOT NULL THEN
        PERFORM app.fail('ST160', 'acceptance_id', 'a proposal', 'accepted');
    END IF;
    PERFORM app.refuse_same_person('PM160', v_row.proposed_by, 'acceptance_id', 'another person than who proposed it');
    IF v_row.valid_until < current_date THEN
        PERFORM app.fail('ST160', 'acceptance_id', 'a proposal until today or later', v_row.valid_until::text);
    END IF;
    UPDATE app.accepted_differences AS a SET accepted_by = app.actor_id(), accepted_at = pg_catalog.now()
    WHERE a.acceptance_id = p_acceptance_id;
    v_result := ROW(v_row.acceptance_id, v_row.run_id, v_row.difference_number, v_row.valid_until, true);
    PERFORM app.end_request(p_request_id, 'accept_difference', v_hash, pg_catalog.to_jsonb(v_result));
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.accept_difference(uuid, text) IS 'Accepts a difference that another person proposed: it explains nothing in the run where it was seen, and counts as explained in new runs of its month up to its last day. Raises NF161, PM001, PM002, PM160 for who proposed it, ST003, ST160 when it is accepted already or its last day is over.';
GRANT EXECUTE ON FUNCTION api.propose_difference(uuid, integer, date, text, text) TO ccp_admin, ccp_processor, ccp_reviewer;
GRANT EXECUTE ON FUNCTION api.accept_difference(uuid, text) TO ccp_admin, ccp_reviewer;

CREATE OR REPLACE VIEW report.accepted_differences AS
SELECT a.acceptance_id, a.month_id, a.run_id, a.difference_number, a.level, a.path, a.old_value, a.new_value, a.reason,
    a.valid_until, p.user_name AS proposed_by_name, a.proposed_at, u.user_name AS accepted_by_name, a.accepted_at
FROM app.accepted_differences AS a
JOIN app.users AS p ON p.user_id = a.proposed_by
LEFT JOIN app.users AS u ON u.user_id = a.accepted_by;
COMMENT ON VIEW report.accepted_differences IS 'Differences that are proposed to be accepted, or were.';
COMMENT ON COLUMN report.accepted_differences.proposed_by_name IS 'Name of who proposed it.';
COMMENT ON COLUMN report.accepted_differences.accepted_by_name IS 'Name of who accepted it; null until then.';
SELECT app.describe_columns('report.accepted_differences', 'app.accepted_differences');
GRANT SELECT ON report.accepted_differences TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
