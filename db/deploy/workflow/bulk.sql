-- Resolving many issues in one call, and taking that back: judged one by one, written as one set.
-- requires: workflow/waivers
-- requires: foundation/members

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
            AND (p_filter ->> 'person' IS NULL
                 OR app.shown(r.employee_name) LIKE ALL ((SELECT report.name_patterns(p_filter ->> 'person'))::text[]))
            AND (p_filter ->> 'assignee' IS NULL OR u.user_name = p_filter ->> 'assignee')
            AND (p_filter ->> 'amount_at_most' IS NULL
                 OR i.amount_impact <= (p_filter ->> 'amount_at_most')::numeric)
    ) AS x;
END;
COMMENT ON FUNCTION app.find_bulk_items(jsonb, text, text) IS 'The open issues a filter finds now, with their versions: frozen, so that what changes or comes later is not touched.';

CREATE TYPE report.batch_item AS (issue_id uuid, outcome text, code text, detail text, version integer);
COMMENT ON TYPE report.batch_item IS 'What became of one issue of a bulk call.';
COMMENT ON COLUMN report.batch_item.issue_id IS 'The issue.';
COMMENT ON COLUMN report.batch_item.outcome IS 'done, skipped, conflict with the other person''s change, or forbidden.';
COMMENT ON COLUMN report.batch_item.code IS 'Slug of what stood against it; null when done.';
COMMENT ON COLUMN report.batch_item.detail IS 'What was expected and what was there; null when done.';
COMMENT ON COLUMN report.batch_item.version IS 'The new version of the issue; null unless it was changed.';

CREATE TYPE report.batch_answer AS (outcome text, batch_id uuid, done bigint, items report.batch_item[]);
COMMENT ON TYPE report.batch_answer IS 'What a bulk call answers.';
COMMENT ON COLUMN report.batch_answer.outcome IS 'done, dry_run: what would become of each, or refused: atomic and not all could be done, so none was.';
COMMENT ON COLUMN report.batch_answer.batch_id IS 'The bulk decision, as its events name it; null unless done.';
COMMENT ON COLUMN report.batch_answer.done IS 'How many issues were done, or would be.';
COMMENT ON COLUMN report.batch_answer.items IS 'What became of each issue, in the order asked.';

CREATE OR REPLACE FUNCTION app.take_batch(
    p_call text, p_items app.issue_item[], p_batch_id uuid, p_atomic boolean, p_dry_run boolean, p_request_id text
) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    IF p_dry_run THEN
        RETURN 'dry_run';
    ELSIF p_atomic AND EXISTS (SELECT FROM pg_catalog.unnest(p_items) AS i WHERE i.code IS NOT NULL) THEN
        RETURN 'refused';
    END IF;
    PERFORM app.take_steps(p_call, p_items, p_batch_id, p_request_id);
    RETURN 'done';
END
$$;
COMMENT ON FUNCTION app.take_batch(text, app.issue_item[], uuid, boolean, boolean, text) IS 'Takes a step with the judged items that may be taken and answers done; nothing for a dry_run, and for all or nothing, refused, when one may not.';

CREATE OR REPLACE FUNCTION app.answer_batch(p_items app.issue_item[], p_outcome text, p_batch_id uuid) RETURNS report.batch_answer
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ROW(p_outcome, CASE WHEN p_outcome = 'done' THEN p_batch_id END,
        count(*) FILTER (WHERE i.code IS NULL AND p_outcome <> 'refused'),
        coalesce(array_agg(ROW(i.issue_id,
            CASE i.code WHEN 'PM003' THEN 'forbidden' WHEN 'ST001' THEN 'conflict'
                ELSE CASE WHEN i.code IS NULL AND p_outcome <> 'refused' THEN 'done' ELSE 'skipped' END END,
            coalesce(e.slug, CASE WHEN p_outcome = 'refused' THEN 'all_or_nothing' END),
            nullif(concat_ws(', ', 'expected ' || i.expected, 'got ' || app.hide_card_numbers(i.got)), ''),
            CASE WHEN p_outcome = 'done' AND i.code IS NULL THEN i.expected_version + 1 END)::report.batch_item
            ORDER BY i.place), '{}'))::report.batch_answer
    FROM unnest(p_items) AS i
    LEFT JOIN app.error_codes AS e ON e.sqlstate = i.code;
END;
COMMENT ON FUNCTION app.answer_batch(app.issue_item[], text, uuid) IS 'What a bulk call answers: outcome, batch_id when it was done, how many, and what became of each issue.';

CREATE OR REPLACE FUNCTION api.resolve_issues(
    p_items jsonb DEFAULT NULL, p_filter jsonb DEFAULT NULL, p_method text DEFAULT NULL, p_notes text DEFAULT NULL,
    p_atomic boolean DEFAULT false, p_dry_run boolean DEFAULT false, p_request_id text DEFAULT NULL
) RETURNS report.batch_answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('resolve_issues', p_items::text, p_filter::text, p_method, p_notes,
        p_atomic::text, p_dry_run::text);
    v_answer jsonb := app.begin_request(p_request_id, 'resolve_issues', v_hash, p_notes);
    v_maximum integer := app.setting('bulk_max_items')::integer;
    v_batch_id uuid := app.new_id();
    v_items app.issue_item[];
    v_outcome text;
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN pg_catalog.jsonb_populate_record(NULL::report.batch_answer, v_answer);
    ELSIF (p_items IS NULL) = (p_filter IS NULL) OR pg_catalog.jsonb_typeof(p_items) <> 'array' THEN
        PERFORM app.fail('IV008', 'items', 'either a list of {issue_id, expected_version} or a filter with session_id and '
            'any of state, severity, rule, person, assignee, amount_at_most', 'something else');
    ELSIF p_items IS NOT NULL THEN
        PERFORM app.refuse_members('items', p_items, ARRAY[
            ('issue_id', 'uuid', false, false, NULL), ('expected_version', 'version', false, false, NULL),
            ('method', 'text', true, true, NULL), ('notes', 'text', true, true, NULL)]::app.member[]);
    ELSE
        PERFORM app.refuse_members('filter', p_filter, ARRAY[
            ('session_id', 'uuid', false, false, NULL), ('rule', 'text', true, true, NULL),
            ('state', 'text', true, true, app.closed_list('validation_issues.state')),
            ('severity', 'text', true, true, app.closed_list('validation_issues.severity')),
            ('person', 'text', true, true, NULL), ('assignee', 'text', true, true, NULL),
            ('amount_at_most', 'money', true, true, NULL)]::app.member[]);
    END IF;
    v_items := CASE WHEN p_items IS NULL THEN app.find_bulk_items(p_filter, p_method, p_notes)
        ELSE app.read_bulk_items(p_items, p_method, p_notes) END;
    IF coalesce(pg_catalog.cardinality(v_items), 0) > v_maximum THEN
        PERFORM app.fail('IV008', 'items', pg_catalog.format('at most %s issues (setting bulk_max_items)', v_maximum),
            pg_catalog.cardinality(v_items)::text);
    END IF;
    v_items := app.judge_steps('resolve_issues', coalesce(v_items, '{}'));
    v_outcome := app.take_batch('resolve_issues', v_items, v_batch_id, p_atomic, p_dry_run, p_request_id);
    v_answer := pg_catalog.to_jsonb(app.answer_batch(v_items, v_outcome, v_batch_id));
    IF v_outcome = 'done' THEN
        PERFORM app.end_request(p_request_id, 'resolve_issues', v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.batch_answer, v_answer);
END
$$;
COMMENT ON FUNCTION api.resolve_issues(jsonb, jsonb, text, text, boolean, boolean, text) IS 'Resolves the issues of a list of {issue_id, expected_version, method, notes}, or the open ones a filter of one session finds now. Answers outcome (done; refused: atomic and not all could be done, so none was; dry_run: what would become of each), batch_id as in the events, done, and per item in the order asked issue_id, outcome (done, skipped, conflict with the other person''s change, forbidden), code, detail and the new version. The limits of one decision (settings decision_limit_*) hold for each issue, and decision_limit_bulk times the limit for all of them: above that none of those is done. Raises IV008, PM001, ST003.';

CREATE OR REPLACE FUNCTION api.undo_batch(
    p_batch_id uuid, p_note text, p_atomic boolean DEFAULT false, p_dry_run boolean DEFAULT false,
    p_request_id text DEFAULT NULL
) RETURNS report.batch_answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('undo_batch', p_batch_id::text, p_note, p_atomic::text, p_dry_run::text);
    v_answer jsonb := app.begin_request(p_request_id, 'undo_batch', v_hash, p_note);
    v_batch_id uuid := app.new_id();
    v_items app.issue_item[];
    v_outcome text;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_note, 'note', 4000);
        -- What an issue was after the decision is what it must still be: any later event was built on it.
        v_items := ARRAY(
            SELECT ROW(pg_catalog.row_number() OVER (ORDER BY v.issue_id), v.issue_id, v.issue_version, NULL, p_note, NULL,
                NULL, NULL, NULL, NULL, NULL, NULL, NULL)::app.issue_item
            FROM app.issue_events AS v WHERE v.batch_id = p_batch_id AND v.to_state = 'resolved');
        IF v_items = '{}' THEN
            PERFORM app.fail('NF081', 'batch_id', NULL, p_batch_id::text);
        END IF;
        v_items := app.judge_steps('undo_batch', v_items);
        v_outcome := app.take_batch('undo_batch', v_items, v_batch_id, p_atomic, p_dry_run, p_request_id);
        v_answer := pg_catalog.to_jsonb(app.answer_batch(v_items, v_outcome, v_batch_id));
        IF v_outcome = 'done' THEN
            PERFORM app.end_request(p_request_id, 'undo_batch', v_hash, v_answer);
        END IF;
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.batch_answer, v_answer);
END
$$;
COMMENT ON FUNCTION api.undo_batch(uuid, text, boolean, boolean, text) IS 'Takes a bulk decision back: its issues are open again where nothing was built on the decision, that is where nothing happened to the issue since and no later submission took it over. The note says why. Answers as api.resolve_issues does. Raises IV008, NF081 when no issue was resolved under this id, PM001, PM002, ST003.';
GRANT EXECUTE ON FUNCTION api.resolve_issues(jsonb, jsonb, text, text, boolean, boolean, text),
    api.undo_batch(uuid, text, boolean, boolean, text)
    TO ccp_admin, ccp_processor, ccp_reviewer;

SELECT app.pin_entry_points();

COMMIT;
