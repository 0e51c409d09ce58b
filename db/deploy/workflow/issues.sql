-- Steps of issues: one table of them, one function that judges and one that takes them, for one issue or many.
-- requires: report/people
-- requires: revising/proof
-- requires: access/requests

BEGIN;

CREATE TABLE app.issue_steps (
    call_name text NOT NULL,
    from_states text[] NOT NULL,
    to_state text,
    note_name text NOT NULL,
    needs_note boolean NOT NULL,
    CONSTRAINT issue_steps_pkey PRIMARY KEY (call_name),
    CONSTRAINT issue_steps_call_name_fkey FOREIGN KEY (call_name) REFERENCES app.month_calls (call_name)
);
COMMENT ON TABLE app.issue_steps IS 'The steps of an issue''s life: which call leads from which states to which. Written by migrations.';
COMMENT ON COLUMN app.issue_steps.call_name IS 'The function of schema api.';
COMMENT ON COLUMN app.issue_steps.from_states IS 'States the step starts from.';
COMMENT ON COLUMN app.issue_steps.to_state IS 'The state it leads to; null: the same.';
COMMENT ON COLUMN app.issue_steps.note_name IS 'What the call names its text.';
COMMENT ON COLUMN app.issue_steps.needs_note IS 'True when the text has to say something.';
SELECT audit.guard('app.issue_steps', 'free', 'Written by migrations only; part of the code.');

-- An issue that a later submission took over is in no list: the work goes on there.
INSERT INTO app.issue_steps (call_name, from_states, to_state, note_name, needs_note) VALUES
('start_issue', '{open,waiting}', 'in_progress', 'note', false),
('suspend_issue', '{open,in_progress}', 'waiting', 'note', true),
('resolve_issue', '{open,in_progress,waiting}', 'resolved', 'notes', false),
('resolve_issues', '{open,in_progress,waiting}', 'resolved', 'notes', false),
('mark_false_positive', '{open,in_progress,waiting}', 'false_positive', 'reason', true),
('reopen_issue', '{resolved,waived,false_positive}', 'open', 'note', true),
('assign_issue', '{open,in_progress,waiting}', NULL, 'note', false),
('note_issue', '{open,in_progress,waiting,resolved,waived,false_positive,auto_closed}', NULL, 'note', true),
('propose_waiver', '{open,in_progress,waiting}', 'waiting', 'reason', true),
('propose_decision', '{open,in_progress,waiting}', 'waiting', 'notes', true),
('undo_batch', '{resolved}', 'open', 'note', true),
('approve_waiver', '{waiting}', 'waived', 'note', false),
('reject_waiver', '{waiting}', 'open', 'note', true),
('expire_waivers', '{waived}', 'open', 'note', false);

CREATE TYPE app.issue_item AS (
    place integer,
    issue_id uuid,
    expected_version integer,
    method text,
    note text,
    assignee text,
    details jsonb,
    cause text,
    from_state text,
    code text,
    column_name text,
    expected text,
    got text
);
COMMENT ON TYPE app.issue_item IS 'A step asked for one issue: in which place, what was seen and wanted; then the state it starts from, or the code, parameter and words it is refused with.';

-- Planned once for one issue and for many; every row is looked up by its key.
CREATE OR REPLACE FUNCTION app.judge_steps(p_call text, p_items app.issue_item[]) RETURNS app.issue_item[]
LANGUAGE plpgsql VOLATILE
SET search_path = '' SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_step app.issue_steps;
    v_ids uuid[] := ARRAY(SELECT p.issue_id FROM pg_catalog.unnest(p_items) AS p);
    v_refused app.door_refusal[];
    v_limit numeric;
    v_limit_in_all numeric;
BEGIN
    SELECT s.* INTO STRICT v_step FROM app.issue_steps AS s WHERE s.call_name = p_call;
    IF v_step.to_state IN ('resolved', 'false_positive') THEN
        v_limit := app.decision_limit(app.actor_id());
        v_limit_in_all := v_limit * app.setting('decision_limit_bulk');
    END IF;
    -- The order of everything that changes issues: people, then issues, each in the order of their keys.
    v_refused := app.pass_door(p_call, ARRAY(
        SELECT ROW(x.session_id, x.cardholder_id, NULL, NULL)::app.door_person
        FROM (SELECT DISTINCT i.session_id, i.cardholder_id FROM app.validation_issues AS i
              WHERE i.issue_id = ANY (v_ids)) AS x));
    PERFORM FROM app.validation_issues AS i WHERE i.issue_id = ANY (v_ids)
    ORDER BY i.issue_id
    FOR NO KEY UPDATE;
    RETURN ARRAY(
        SELECT ROW(j.place, j.issue_id, j.expected_version, j.method, j.note, j.assignee, j.details, j.cause, j.state,
            j.refused,
            CASE j.refused WHEN 'IV008' THEN coalesce(j.fault, v_step.note_name) WHEN 'ST001' THEN 'expected_version' WHEN 'NF003' THEN 'user_name'
                WHEN 'PM003' THEN CASE WHEN j.door_code IS NULL THEN 'user_name' ELSE 'issue_id' END
                ELSE 'issue_id' END,
            CASE j.refused
                WHEN 'IV008' THEN CASE j.fault
                    WHEN 'method' THEN 'corrected, receipt_provided, coding_provided, explained, accepted or other'
                    WHEN 'proposed_method' THEN 'explained, accepted, other or false_positive'
                    WHEN 'issue_id' THEN 'each issue once'
                    ELSE CASE WHEN v_step.needs_note OR j.lacks_note THEN '1' ELSE '0' END || ' to 4000 characters' END
                WHEN 'NF003' THEN 'an active administrator, processor or reviewer'
                WHEN 'ST001' THEN 'version ' || coalesce(j.expected_version::text, 'none')
                WHEN 'ST002' THEN coalesce(j.door_expected, pg_catalog.array_to_string(v_step.from_states, ', '))
                WHEN 'RL081' THEN CASE WHEN j.amount_impact <= v_limit
                    THEN pg_catalog.format('at most %s in all', v_limit_in_all::numeric(14, 2))
                    ELSE pg_catalog.format('at most %s', v_limit::numeric(14, 2)) END
                ELSE j.door_expected END,
            CASE j.refused
                WHEN 'IV008' THEN CASE WHEN j.fault IN ('method', 'proposed_method') THEN coalesce(j.method, 'none')
                    WHEN j.fault = 'issue_id' THEN j.issue_id::text
                    ELSE coalesce(pg_catalog.length(j.note), 0)::text END
                WHEN 'NF002' THEN coalesce(j.issue_id::text, 'none')
                WHEN 'NF003' THEN j.assignee
                WHEN 'PM003' THEN coalesce(j.door_got, j.assignee)
                WHEN 'ST001' THEN pg_catalog.format('%s: %s', j.version, coalesce((
                    SELECT pg_catalog.concat_ws(' ', u.user_name, v.from_state || ' -> ' || v.to_state, v.method,
                        'at ' || pg_catalog.to_char(v.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), v.note)
                    FROM app.issue_events AS v JOIN app.users AS u ON u.user_id = v.user_id
                    WHERE v.issue_id = j.issue_id ORDER BY v.issue_version DESC LIMIT 1), 'judged again'))
                WHEN 'ST002' THEN coalesce(j.door_got, j.state)
                WHEN 'RL081' THEN coalesce(CASE WHEN j.amount_impact <= v_limit THEN j.amount_in_all
                    ELSE j.amount_impact END::text, 'unknown')
                ELSE j.door_got END)::app.issue_item
        FROM (
            -- What one person may not decide alone, one by one or in all, is for two.
            SELECT k.*, coalesce(k.refused_before, CASE WHEN k.is_limited AND (k.amount_impact IS NULL
                    OR k.amount_impact > v_limit OR k.amount_in_all > v_limit_in_all) THEN 'RL081' END) AS refused
            FROM (
                SELECT x.*, pg_catalog.sum(x.amount_impact) FILTER (
                    WHERE x.is_limited AND x.refused_before IS NULL AND x.amount_impact <= v_limit) OVER () AS amount_in_all
                FROM (
                    SELECT f.*, i.state, i.version, i.amount_impact, d.code AS door_code, d.expected AS door_expected,
                        d.got AS door_got, v_limit IS NOT NULL AND (v_step.to_state <> 'resolved' OR f.method
                            NOT IN ('corrected', 'receipt_provided', 'coding_provided')) AS is_limited,
                        CASE
                            WHEN f.fault IS NOT NULL THEN 'IV008'
                            WHEN i.issue_id IS NULL THEN 'NF002'
                            WHEN d.code IS NOT NULL THEN d.code
                            WHEN i.version IS DISTINCT FROM f.expected_version THEN 'ST001'
                            WHEN i.state <> ALL (v_step.from_states) THEN 'ST002'
                            -- The issue ends with the conflict.
                            WHEN i.rule_code = 'correction_conflict' AND (p_call = 'propose_decision'
                                OR v_step.to_state IN ('resolved', 'false_positive')) THEN 'RL062'
                            WHEN f.assignee IS NOT NULL AND a.user_id IS NULL THEN 'NF003'
                            WHEN a.cardholder_id = i.cardholder_id THEN 'PM003'
                            WHEN f.lacks_note THEN 'IV008' END AS refused_before
                    FROM (
                        SELECT p.*, v_step.to_state = 'resolved' AND p.method IN ('explained', 'accepted', 'other')
                            AND pg_catalog.btrim(coalesce(p.note, '')) = '' AS lacks_note, CASE
                            WHEN v_step.needs_note AND pg_catalog.btrim(coalesce(p.note, '')) = '' THEN v_step.note_name
                            WHEN pg_catalog.length(p.note) > 4000 THEN v_step.note_name
                            WHEN v_step.to_state = 'resolved' AND coalesce(p.method NOT IN ('corrected', 'receipt_provided',
                                'coding_provided', 'explained', 'accepted', 'other'), true) THEN 'method'
                            WHEN p_call = 'propose_decision' AND coalesce(p.method NOT IN ('explained', 'accepted', 'other',
                                'false_positive'), true) THEN 'proposed_method'
                            WHEN pg_catalog.row_number() OVER (PARTITION BY p.issue_id ORDER BY p.place) > 1 THEN 'issue_id'
                            END AS fault
                        FROM pg_catalog.unnest(p_items) AS p
                    ) AS f
                    LEFT JOIN app.validation_issues AS i ON i.issue_id = f.issue_id
                    LEFT JOIN pg_catalog.unnest(v_refused) AS d
                        ON d.session_id = i.session_id AND d.cardholder_id = i.cardholder_id
                    LEFT JOIN app.users AS a ON a.user_name = f.assignee AND a.is_active AND a.role <> 'read_only'
                        AND NOT a.is_system
                ) AS x
            ) AS k
        ) AS j
        ORDER BY j.place);
END
$$;
COMMENT ON FUNCTION app.judge_steps(text, app.issue_item[]) IS 'Locks the people of these issues by the door, then the issues, and answers the items in order of place: with the state each starts from, or why it may not be taken: IV008 text, method or an issue named twice, NF002, NF003 no such assignee, PM003 own card, also the assignee''s, RL081 where what is at stake is unknown or above what the actor decides alone, in this issue or in all of them, RL062 for a conflict between a correction and the report, ST001 with the other change, ST002, ST006, ST051. explained, accepted and other need a note, as does what app.issue_steps says. Raises PM001, PM002.';

CREATE OR REPLACE FUNCTION app.take_steps(p_call text, p_items app.issue_item[], p_batch_id uuid, p_request_id text)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = '' SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_step app.issue_steps;
    v_actor uuid := app.actor_id();
BEGIN
    SELECT s.* INTO STRICT v_step FROM app.issue_steps AS s WHERE s.call_name = p_call;
    WITH wanted AS (
        SELECT p.issue_id, p.from_state, coalesce(v_step.to_state, p.from_state) AS to_state, p.method,
            app.hide_card_numbers(nullif(pg_catalog.btrim(p.note), '')) AS note, a.user_id AS assigned_to,
            CASE WHEN p_call = 'assign_issue' THEN pg_catalog.jsonb_build_object('assigned_to', p.assignee)
                ELSE p.details END AS details, p.cause,
            -- A step that stays in its state decides nothing, and leaves alone what was decided.
            coalesce(v_step.to_state, p.from_state) = p.from_state AS stays,
            v_step.to_state IN ('resolved', 'waived', 'false_positive') AS decides
        FROM pg_catalog.unnest(p_items) AS p
        LEFT JOIN app.users AS a ON a.user_name = p.assignee
        WHERE p.code IS NULL
    ), stepped AS (
        -- Naming the version makes even a mere note a change: the next one has to have seen it.
        UPDATE app.validation_issues AS i
        SET state = w.to_state, version = i.version + 1,
            assigned_to = CASE WHEN p_call = 'assign_issue' THEN w.assigned_to
                WHEN w.to_state = 'in_progress' AND NOT w.stays THEN coalesce(i.assigned_to, v_actor)
                ELSE i.assigned_to END,
            resolved_by = CASE WHEN w.stays THEN i.resolved_by WHEN w.decides THEN v_actor END,
            resolved_at = CASE WHEN w.stays THEN i.resolved_at WHEN w.decides THEN pg_catalog.clock_timestamp() END,
            resolution_notes = CASE WHEN w.stays THEN i.resolution_notes WHEN w.decides THEN w.note END,
            resolution_method = CASE WHEN w.stays THEN i.resolution_method
                WHEN w.to_state = 'resolved' THEN w.method END
        FROM wanted AS w WHERE i.issue_id = w.issue_id
        RETURNING i.issue_id, i.version, w.from_state, w.to_state, w.method, w.note, w.details, w.cause,
            CASE WHEN w.decides THEN i.amount_impact END AS amount
    )
    INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, method, note, user_id, request_id,
        batch_id, details, cause, amount)
    SELECT s.issue_id, s.version, s.from_state, s.to_state, s.method, s.note, v_actor, p_request_id, p_batch_id,
        s.details, s.cause, s.amount
    FROM stepped AS s;
    PERFORM app.judge_silenced(ARRAY(SELECT p.issue_id FROM pg_catalog.unnest(p_items) AS p WHERE p.code IS NULL));

    UPDATE app.session_employees AS e
    SET status = x.status
    FROM (
        SELECT o.session_id, o.cardholder_id, app.derive_status(o.session_id, o.cardholder_id, o.is_on_hold) AS status
        FROM app.session_employees AS o
        WHERE (o.session_id, o.cardholder_id) IN (
            SELECT i.session_id, i.cardholder_id FROM app.validation_issues AS i
            WHERE i.issue_id IN (SELECT p.issue_id FROM pg_catalog.unnest(p_items) AS p WHERE p.code IS NULL))
        -- Worked out once, though it is asked for twice.
        OFFSET 0
    ) AS x
    WHERE e.session_id = x.session_id AND e.cardholder_id = x.cardholder_id AND e.status <> x.status;
END
$$;
COMMENT ON FUNCTION app.take_steps(text, app.issue_item[], uuid, text) IS 'Takes the step for the items that were not refused: one statement for all issues, one event each; deciding states note who, when and why, what an issue about a person silenced is judged again, and the people''s status follows.';

CREATE OR REPLACE FUNCTION app.judge_step(
    p_call text, p_issue_id uuid, p_expected_version integer, p_note text, p_method text DEFAULT NULL,
    p_assignee text DEFAULT NULL
) RETURNS app.issue_item
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_item app.issue_item;
BEGIN
    v_item.place := 1;
    v_item.issue_id := p_issue_id;
    v_item.expected_version := p_expected_version;
    v_item.note := p_note;
    v_item.method := p_method;
    v_item.assignee := p_assignee;
    v_item := (app.judge_steps(p_call, ARRAY[v_item]))[1];
    IF v_item.code IS NOT NULL THEN
        PERFORM app.fail(v_item.code, v_item.column_name, v_item.expected, v_item.got);
    END IF;
    RETURN v_item;
END
$$;
COMMENT ON FUNCTION app.judge_step(text, uuid, integer, text, text, text) IS 'A step for one issue as app.judge_steps judges it; raises what refuses it: IV008, NF002, NF003, PM001, PM002, PM003, RL062, RL081, ST001, ST002, ST006, ST051.';

CREATE OR REPLACE FUNCTION app.step_issue(
    p_call text, p_issue_id uuid, p_expected_version integer, p_note text, p_request_id text,
    p_method text DEFAULT NULL, p_assignee text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := CASE WHEN p_request_id IS NOT NULL THEN
        app.hash_request(p_call, p_issue_id::text, p_expected_version::text, p_note, p_method, p_assignee) END;
    v_answer jsonb := app.begin_request(p_request_id, p_call, v_hash, p_note);
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.take_steps(p_call, ARRAY[app.judge_step(p_call, p_issue_id, p_expected_version, p_note, p_method,
            p_assignee)], NULL, p_request_id);
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.validation_issues AS r WHERE r.issue_id = p_issue_id;
        PERFORM app.end_request(p_request_id, p_call, v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.validation_issues, v_answer);
END
$$;
COMMENT ON FUNCTION app.step_issue(text, uuid, integer, text, text, text, text) IS 'A plain step for one issue: request id, judged, taken, answered. Raises what app.judge_step raises, and ST003.';

SELECT app.pin_entry_points();

COMMIT;
