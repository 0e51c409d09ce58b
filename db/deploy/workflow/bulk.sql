-- Resolving many issues in one call: judged one by one, written as one set.
-- requires: workflow/waivers

BEGIN;

CREATE TYPE app.bulk_item AS (
    place integer,
    issue_id uuid,
    expected_version integer,
    method text,
    notes text,
    from_state text,
    outcome text,
    code text,
    detail text
);
COMMENT ON TYPE app.bulk_item IS 'An item of a bulk call: what is asked, in which order, and what became of it: done, skipped, conflict or forbidden with the slug of the reason.';

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('bulk_max_items', 10000, 1, 1000000, 'issues', 'Most issues one bulk call may name or find.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE OR REPLACE FUNCTION app.read_bulk_items(p_items jsonb, p_method text, p_notes text) RETURNS app.bulk_item[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT array_agg(ROW(i.ordinality, (i.value ->> 'issue_id')::uuid, (i.value ->> 'expected_version')::integer,
        coalesce(i.value ->> 'method', p_method), coalesce(i.value ->> 'notes', p_notes),
        NULL, NULL, NULL, NULL)::app.bulk_item ORDER BY i.ordinality)
    FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i;
END;
COMMENT ON FUNCTION app.read_bulk_items(jsonb, text, text) IS 'The items of a list of {issue_id, expected_version, method, notes}; method and notes of the call stand in for those an item does not give.';

CREATE OR REPLACE FUNCTION app.find_bulk_items(p_filter jsonb, p_method text, p_notes text) RETURNS app.bulk_item[]
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    SELECT array_agg(ROW(row_number, x.issue_id, x.version, p_method, p_notes, NULL, NULL, NULL, NULL)::app.bulk_item
        ORDER BY x.row_number)
    FROM (
        SELECT i.issue_id, i.version, row_number() OVER (ORDER BY i.issue_id)::integer AS row_number
        FROM app.validation_issues AS i
        JOIN app.employee_revisions AS r ON r.revision_id = i.employee_revision_id
        LEFT JOIN app.users AS u ON u.user_id = i.assigned_to
        WHERE i.session_id = (p_filter ->> 'session_id')::uuid AND i.is_open
            AND (p_filter ->> 'state' IS NULL OR i.state = p_filter ->> 'state')
            AND (p_filter ->> 'severity' IS NULL OR i.severity = p_filter ->> 'severity')
            AND (p_filter ->> 'rule' IS NULL OR i.rule_code = p_filter ->> 'rule')
            AND (p_filter ->> 'person' IS NULL OR starts_with(r.employee_name, upper(p_filter ->> 'person')))
            AND (p_filter ->> 'assignee' IS NULL OR u.user_name = p_filter ->> 'assignee')
            AND (p_filter ->> 'amount_at_most' IS NULL
                 OR i.amount_impact <= (p_filter ->> 'amount_at_most')::numeric)
    ) AS x;
END;
COMMENT ON FUNCTION app.find_bulk_items(jsonb, text, text) IS 'The open issues a filter finds now, with their versions: frozen, so that what changes or comes later is not touched.';

CREATE OR REPLACE FUNCTION app.judge_bulk_items(p_items app.bulk_item[]) RETURNS app.bulk_item[]
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    SELECT array_agg(ROW(j.place, j.issue_id, j.expected_version, j.method, j.notes, j.state,
        CASE WHEN j.code IS NULL THEN 'done' WHEN j.code = 'own_card' THEN 'forbidden'
            WHEN j.code = 'stale_version' THEN 'conflict' ELSE 'skipped' END,
        j.code,
        CASE j.code
            WHEN 'wrong_state' THEN 'expected open, in_progress or waiting, got '
                || CASE WHEN j.is_cancelled THEN 'a cancelled session' ELSE j.state END
            WHEN 'invalid_argument' THEN 'repeated, or without a known method'
            WHEN 'stale_version' THEN (
                SELECT concat_ws(' ', format('expected version %s, got %s:', j.expected_version, j.version),
                    coalesce((SELECT concat_ws(' ', u.user_name, v.from_state || ' -> ' || v.to_state, v.method, v.note)
                     FROM app.issue_events AS v JOIN app.users AS u ON u.user_id = v.user_id
                     WHERE v.issue_id = j.issue_id ORDER BY v.issue_version DESC LIMIT 1),
                    'moved to another revision'))) END)::app.bulk_item ORDER BY j.place)
    FROM (
        SELECT p.place, p.issue_id, p.expected_version, p.method, p.notes, i.state, i.version,
            s.status = 'cancelled' AS is_cancelled,
            CASE
                WHEN i.issue_id IS NULL THEN 'no_such_issue'
                WHEN p.method IS NULL OR p.method NOT IN
                    ('corrected', 'receipt_provided', 'coding_provided', 'explained', 'accepted', 'other')
                    OR length(p.notes) > 4000
                    OR row_number() OVER (PARTITION BY p.issue_id ORDER BY p.place) > 1 THEN 'invalid_argument'
                WHEN i.cardholder_id = (SELECT u.cardholder_id FROM app.users AS u WHERE u.user_id = app.actor_id())
                    THEN 'own_card'
                WHEN i.version IS DISTINCT FROM p.expected_version THEN 'stale_version'
                WHEN NOT i.is_open OR s.status = 'cancelled' THEN 'wrong_state' END AS code
        FROM unnest(p_items) AS p
        LEFT JOIN app.validation_issues AS i ON i.issue_id = p.issue_id
        LEFT JOIN app.processing_sessions AS s ON s.session_id = i.session_id
    ) AS j;
END;
COMMENT ON FUNCTION app.judge_bulk_items(app.bulk_item[]) IS 'The items with what would become of each; the issues must be locked.';

CREATE OR REPLACE FUNCTION app.apply_bulk_items(p_items app.bulk_item[], p_batch_id uuid, p_request_id text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
    WITH decided AS (
        UPDATE app.validation_issues AS i
        SET state = 'resolved', resolved_by = app.actor_id(), resolved_at = pg_catalog.clock_timestamp(),
            resolution_notes = app.hide_card_numbers(p.notes), resolution_method = p.method
        FROM pg_catalog.unnest(p_items) AS p
        WHERE p.outcome = 'done' AND i.issue_id = p.issue_id
        RETURNING i.issue_id, i.version, p.from_state, i.resolution_method, i.resolution_notes
    )
    INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, method, note, user_id, request_id,
        batch_id)
    SELECT d.issue_id, d.version, d.from_state, 'resolved', d.resolution_method, d.resolution_notes, app.actor_id(),
        p_request_id, p_batch_id
    FROM decided AS d;
    PERFORM app.refresh_statuses(ARRAY(
        SELECT p.issue_id FROM pg_catalog.unnest(p_items) AS p WHERE p.outcome = 'done'));
END
$$;
COMMENT ON FUNCTION app.apply_bulk_items(app.bulk_item[], uuid, text) IS 'Resolves the items judged done, with one event each under the batch id, and lets the people''s status follow.';

CREATE OR REPLACE FUNCTION api.resolve_issues(
    p_items jsonb DEFAULT NULL, p_filter jsonb DEFAULT NULL, p_method text DEFAULT NULL, p_notes text DEFAULT NULL,
    p_atomic boolean DEFAULT false, p_dry_run boolean DEFAULT false, p_request_id text DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('resolve_issues', p_items::text, p_filter::text, p_method, p_notes,
        p_atomic::text, p_dry_run::text);
    v_answer jsonb := app.begin_request(p_request_id, 'resolve_issues', v_hash);
    v_maximum integer := app.setting('bulk_max_items')::integer;
    v_batch_id uuid := app.new_id();
    v_items app.bulk_item[];
    v_outcome text := 'done';
    v_done bigint;
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN v_answer;
    ELSIF (p_items IS NULL) = (p_filter IS NULL)
        OR pg_catalog.jsonb_typeof(p_items) <> 'array'
        OR (p_filter IS NOT NULL AND (pg_catalog.jsonb_typeof(p_filter) <> 'object' OR p_filter ->> 'session_id' IS NULL
            OR p_filter - ARRAY['session_id', 'state', 'severity', 'rule', 'person', 'assignee', 'amount_at_most'] <> '{}'))
    THEN
        RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'neither a list of issues nor a filter of a session',
            DETAIL = 'expected a list of {issue_id, expected_version}, or a filter with session_id and any of state, '
                'severity, rule, person, assignee, amount_at_most',
            HINT = 'Give one of the two.', COLUMN = 'items';
    END IF;
    v_items := CASE WHEN p_items IS NULL THEN app.find_bulk_items(p_filter, p_method, p_notes)
        ELSE app.read_bulk_items(p_items, p_method, p_notes) END;
    IF coalesce(pg_catalog.cardinality(v_items), 0) > v_maximum THEN
        RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'too many issues for one call',
            DETAIL = pg_catalog.format('expected at most %s, got %s', v_maximum, pg_catalog.cardinality(v_items)),
            HINT = 'Call several times; the setting bulk_max_items limits it.', COLUMN = 'items';
    END IF;
    PERFORM app.lock_issues(ARRAY(SELECT i.issue_id FROM pg_catalog.unnest(v_items) AS i));
    v_items := app.judge_bulk_items(v_items);
    v_done := (SELECT pg_catalog.count(*) FROM pg_catalog.unnest(v_items) AS i WHERE i.outcome = 'done');
    IF p_dry_run THEN
        v_outcome := 'dry_run';
    ELSIF p_atomic AND v_done < coalesce(pg_catalog.cardinality(v_items), 0) THEN
        v_outcome := 'refused';
    ELSE
        PERFORM app.apply_bulk_items(v_items, v_batch_id, p_request_id);
    END IF;
    v_answer := pg_catalog.jsonb_build_object('outcome', v_outcome,
        'batch_id', CASE WHEN v_outcome = 'done' THEN v_batch_id END,
        'done', CASE WHEN v_outcome = 'refused' THEN 0 ELSE v_done END,
        'items', coalesce((
            SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('issue_id', i.issue_id,
                'outcome', CASE WHEN v_outcome = 'refused' AND i.outcome = 'done' THEN 'skipped' ELSE i.outcome END,
                'code', CASE WHEN v_outcome = 'refused' AND i.outcome = 'done' THEN 'all_or_nothing' ELSE i.code END,
                'detail', i.detail,
                'version', CASE WHEN v_outcome = 'done' AND i.outcome = 'done' THEN i.expected_version + 1 END)
                ORDER BY i.place)
            FROM pg_catalog.unnest(v_items) AS i), '[]'));
    IF v_outcome = 'done' THEN
        PERFORM app.end_request(p_request_id, 'resolve_issues', v_hash, v_answer);
    END IF;
    RETURN v_answer;
END
$$;
COMMENT ON FUNCTION api.resolve_issues(jsonb, jsonb, text, text, boolean, boolean, text) IS 'Resolves the issues of a list of {issue_id, expected_version, method, notes}, or the open ones a filter of one session finds now. Answers outcome (done; refused: atomic and not all could be done, so none was; dry_run: what would become of each), batch_id as in the events, done, and per item in the order asked issue_id, outcome (done, skipped, conflict with the other person''s change, forbidden), code, detail and the new version. Raises IV008, PM001, ST003.';
GRANT EXECUTE ON FUNCTION api.resolve_issues(jsonb, jsonb, text, text, boolean, boolean, text)
    TO ccp_admin, ccp_processor, ccp_reviewer;

SELECT app.pin_entry_points();

COMMIT;
