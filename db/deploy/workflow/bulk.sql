-- Resolving many issues in one call: judged one by one, written as one set.
-- requires: workflow/waivers

BEGIN;

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('bulk_max_items', 10000, 1, 1000000, 'issues', 'Most issues one bulk call may name or find.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE OR REPLACE FUNCTION app.read_bulk_items(p_items jsonb, p_method text, p_notes text) RETURNS app.issue_item[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT array_agg(ROW(i.ordinality, (i.value ->> 'issue_id')::uuid, (i.value ->> 'expected_version')::integer,
        coalesce(i.value ->> 'method', p_method), coalesce(i.value ->> 'notes', p_notes),
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::app.issue_item ORDER BY i.ordinality)
    FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i;
END;
COMMENT ON FUNCTION app.read_bulk_items(jsonb, text, text) IS 'The items of a list of {issue_id, expected_version, method, notes}; method and notes of the call stand in for those an item does not give.';

CREATE OR REPLACE FUNCTION app.find_bulk_items(p_filter jsonb, p_method text, p_notes text) RETURNS app.issue_item[]
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    SELECT array_agg(ROW(x.row_number, x.issue_id, x.version, p_method, p_notes, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL)::app.issue_item ORDER BY x.row_number)
    FROM (
        SELECT i.issue_id, i.version, row_number() OVER (ORDER BY i.issue_id)::integer AS row_number
        FROM app.validation_issues AS i
        JOIN app.employee_revisions AS r ON r.revision_id = i.employee_revision_id
        LEFT JOIN app.users AS u ON u.user_id = i.assigned_to
        WHERE i.session_id = (p_filter ->> 'session_id')::uuid AND i.is_open
            AND (p_filter ->> 'state' IS NULL OR i.state = p_filter ->> 'state')
            AND (p_filter ->> 'severity' IS NULL OR i.severity = p_filter ->> 'severity')
            AND (p_filter ->> 'rule' IS NULL OR i.rule_code = p_filter ->> 'rule')
            AND (p_filter ->> 'person' IS NULL OR starts_with(r.employee_name, app.fold_text(p_filter ->> 'person')))
            AND (p_filter ->> 'assignee' IS NULL OR u.user_name = p_filter ->> 'assignee')
            AND (p_filter ->> 'amount_at_most' IS NULL
                 OR i.amount_impact <= (p_filter ->> 'amount_at_most')::numeric)
    ) AS x;
END;
COMMENT ON FUNCTION app.find_bulk_items(jsonb, text, text) IS 'The open issues a filter finds now, with their versions: frozen, so that what changes or comes later is not touched.';

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
    v_items app.issue_item[];
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
        PERFORM app.fail('IV008', 'items', 'either a list of {issue_id,
            expected_version} or a filter with session_id and '
            'any of state, severity, rule, person, assignee, amount_at_most', 'something else');
    END IF;
    v_items := CASE WHEN p_items IS NULL THEN app.find_bulk_items(p_filter, p_method, p_notes)
        ELSE app.read_bulk_items(p_items, p_method, p_notes) END;
    IF coalesce(pg_catalog.cardinality(v_items), 0) > v_maximum THEN
        PERFORM app.fail('IV008', 'items', pg_catalog.format('at most %s issues (setting bulk_max_items)', v_maximum),
            pg_catalog.cardinality(v_items)::text);
    END IF;
    v_items := app.judge_steps('resolve_issues', coalesce(v_items, '{}'));
    v_done := (SELECT pg_catalog.count(*) FROM pg_catalog.unnest(v_items) AS i WHERE i.code IS NULL);
    IF p_dry_run THEN
        v_outcome := 'dry_run';
    ELSIF p_atomic AND v_done < pg_catalog.cardinality(v_items) THEN
        v_outcome := 'refused';
    ELSE
        PERFORM app.take_steps('resolve_issues', v_items, v_batch_id, p_request_id);
    END IF;
    v_answer := pg_catalog.jsonb_build_object('outcome', v_outcome,
        'batch_id', CASE WHEN v_outcome = 'done' THEN v_batch_id END,
        'done', CASE WHEN v_outcome = 'refused' THEN 0 ELSE v_done END,
        'items', coalesce((
            SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('issue_id', i.issue_id,
                'outcome', CASE i.code WHEN 'PM003' THEN 'forbidden' WHEN 'ST001' THEN 'conflict'
                    ELSE CASE WHEN i.code IS NULL AND v_outcome <> 'refused' THEN 'done' ELSE 'skipped' END END,
                'code', coalesce(e.slug, CASE WHEN v_outcome = 'refused' THEN 'all_or_nothing' END),
                'detail', nullif(pg_catalog.concat_ws(', ', 'expected ' || i.expected,
                    'got ' || app.hide_card_numbers(i.got)), ''),
                'version', CASE WHEN v_outcome = 'done' AND i.code IS NULL THEN i.expected_version + 1 END)
                ORDER BY i.place)
            FROM pg_catalog.unnest(v_items) AS i
            LEFT JOIN app.error_codes AS e ON e.sqlstate = i.code), '[]'));
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
