-- Aliases: names of receipts nobody of the report has, what they may mean, and what approving one changes.
-- requires: people/names
-- requires: revising/revise
-- requires: report/people

BEGIN;

CREATE OR REPLACE FUNCTION report.name_distance(p_one text, p_other text, p_limit integer) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    v_before integer[] := ARRAY(SELECT pg_catalog.generate_series(0, pg_catalog.length(p_other)));
    v_row integer[];
    v_letter text;
    v_least integer;
BEGIN
    IF greatest(pg_catalog.length(p_one), pg_catalog.length(p_other)) > 200 THEN
        RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'text is too long to be compared',
            DETAIL = pg_catalog.format('expected at most 200 letters, got %s and %s', pg_catalog.length(p_one),
                pg_catalog.length(p_other)),
            HINT = 'Names have at most 200 letters.', COLUMN = 'one';
    END IF;
    IF pg_catalog.abs(pg_catalog.length(p_one) - pg_catalog.length(p_other)) > p_limit THEN
        RETURN NULL;
    END IF;
    FOR i IN 1 .. pg_catalog.length(p_one) LOOP
        v_row := ARRAY[i];
        v_letter := pg_catalog.substr(p_one, i, 1);
        v_least := i;
        FOR j IN 1 .. pg_catalog.length(p_other) LOOP
            v_row[j + 1] := least(v_before[j + 1] + 1, v_row[j] + 1,
                v_before[j] + (v_letter <> pg_catalog.substr(p_other, j, 1))::integer);
            v_least := least(v_least, v_row[j + 1]);
        END LOOP;
        IF v_least > p_limit THEN
            RETURN NULL;
        END IF;
        v_before := v_row;
    END LOOP;
    RETURN nullif(least(v_before[pg_catalog.length(p_other) + 1], p_limit + 1), p_limit + 1);
END
$$;
COMMENT ON FUNCTION report.name_distance(text, text, integer) IS 'How many letters must be added, removed or replaced to make one text of the other; null when more than the limit, found without counting to the end. Raises IV008 for texts over 200 letters.';

CREATE OR REPLACE VIEW report.unmatched_names AS
WITH names AS (
    SELECT e.session_id, e.cardholder_id, e.employee_name AS receipt_key, e.receipt_count, e.receipt_total, p.printed_names,
        p.last_names
    FROM report.employee_revisions AS e
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT n.printed ORDER BY n.printed) AS printed_names,
            -- Folded as name keys are.
            array_agg(DISTINCT app.name_key((regexp_match(btrim(n.printed), '\S+$'))[1])) AS last_names
        FROM (SELECT t.source_fields ->> 'printed_name' AS printed
              FROM app.transactions AS t WHERE t.employee_revision_id = e.revision_id) AS n
        WHERE n.printed IS NOT NULL
    ) AS p
    WHERE NOT e.is_in_report AND e.receipt_count > 0
)
SELECT n.session_id, n.cardholder_id, n.receipt_key, n.printed_names, n.receipt_count, n.receipt_total, s.name_key AS suggested_key,
    s.employee_id AS suggested_employee_id, s.distance,
    s.last_name AS has_same_last_name, s.receipt_count AS suggested_receipt_count,
    row_number() OVER (PARTITION BY n.session_id, n.cardholder_id ORDER BY s.distance, s.name_key COLLATE "C", s.employee_id)
        AS suggestion_number
FROM names AS n
LEFT JOIN LATERAL (
    SELECT x.* FROM (
        SELECT o.employee_name AS name_key, o.employee_id, o.receipt_count,
            report.name_distance(n.receipt_key, o.employee_name, 2) AS distance,
            EXISTS (SELECT FROM unnest(n.last_names) AS l (name)
                    WHERE length(l.name) > 1 AND right(o.employee_name, length(l.name)) = l.name) AS last_name
        FROM report.employee_revisions AS o
        WHERE o.session_id = n.session_id AND o.is_in_report
    ) AS x
    WHERE x.distance IS NOT NULL OR x.last_name
) AS s ON true;
COMMENT ON VIEW report.unmatched_names IS 'Names of receipts that nobody of the card report has, one row per suggestion (one without when there is none): people of the report at most two letters away or with the same last name. Nothing is applied until somebody approves an alias.';
COMMENT ON COLUMN report.unmatched_names.session_id IS 'The session.';
COMMENT ON COLUMN report.unmatched_names.cardholder_id IS 'The row the receipts stand under now.';
COMMENT ON COLUMN report.unmatched_names.receipt_key IS 'Name key of the receipts.';
COMMENT ON COLUMN report.unmatched_names.printed_names IS 'The names as printed; null when the source has none.';
COMMENT ON COLUMN report.unmatched_names.receipt_count IS 'Number of these receipts.';
COMMENT ON COLUMN report.unmatched_names.receipt_total IS 'Their sum, in dollars.';
COMMENT ON COLUMN report.unmatched_names.suggested_key IS 'Name key of a person of the report; null without suggestion.';
COMMENT ON COLUMN report.unmatched_names.suggested_employee_id IS 'Employee number of that person.';
COMMENT ON COLUMN report.unmatched_names.distance IS 'Letters to add, remove or replace; null when more than two.';
COMMENT ON COLUMN report.unmatched_names.has_same_last_name IS 'True when the person''s name ends with the last printed word.';
COMMENT ON COLUMN report.unmatched_names.suggestion_number IS 'Number of the suggestion for this name, the nearest first; 1 when there is none.';
COMMENT ON COLUMN report.unmatched_names.suggested_receipt_count IS 'Receipts the suggested person has already.';
GRANT EXECUTE ON FUNCTION report.name_distance(text, text, integer)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;
GRANT SELECT ON report.unmatched_names TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION app.move_receipts(p_from uuid, p_to uuid, p_reason text) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_old uuid[] := ARRAY[p_from, p_to];
    v_new uuid[] := ARRAY[app.new_id(), app.new_id()];
BEGIN
    PERFORM app.enter_month('approve_alias', app.people_of_revisions(v_old));
    PERFORM app.copy_receipts(v_old[2:2], v_new[2:2], '{}');
    -- Under the new name a receipt keeps its id; a natural key that is taken there gets the next number.
    INSERT INTO app.receipt_links (employee_revision_id, transaction_id, content_id, natural_key, position, page_number)
    SELECT v_new[2], x.transaction_id, x.content_id,
        x.base_key || CASE WHEN x.number > 1 THEN '#' || x.number ELSE '' END, x.position, x.page_number
    FROM (
        SELECT t.*, b.base_key, row_number() OVER (PARTITION BY b.base_key ORDER BY t.position)
            + (SELECT pg_catalog.count(*) FROM app.receipt_links AS o
               WHERE o.employee_revision_id = p_to
                   AND pg_catalog.regexp_replace(o.natural_key, '#[0-9]+$', '') = b.base_key) AS number
        FROM app.receipt_links AS t
        CROSS JOIN LATERAL (SELECT pg_catalog.regexp_replace(t.natural_key, '#[0-9]+$', '') AS base_key) AS b
        WHERE t.employee_revision_id = p_from
    ) AS x;
    PERFORM app.complete_revisions((
        SELECT pg_catalog.array_agg(ROW(d.revision_id, d.session_id, d.cardholder_id, d.revision_number,
            d.predecessor_id, d.compared_with, d.employee_name, d.employee_id, d.card_number, d.is_in_report,
            d.car_total, d.receipt_total, d.receipt_count, d.car_page_range,
            CASE WHEN d.predecessor_id = p_from THEN '{}' ELSE ARRAY(
                SELECT DISTINCT g.page FROM app.employee_revisions AS r, pg_catalog.unnest(r.receipt_page_range) AS g (page)
                WHERE r.revision_id IN (p_from, p_to) ORDER BY 1) END,
            d.rows_digest, NULL)::app.revision_draft)
        FROM pg_catalog.unnest(app.draft_next(v_old, v_new, v_old)) AS d), 'identity', p_reason);
    RETURN v_new[2];
END
$$;
COMMENT ON FUNCTION app.move_receipts(uuid, uuid, text) IS 'Makes the receipts of one current revision those of another person of the same session: a new revision for both, the first one empty. Answers the other''s new revision. Raises PM003, ST001, ST002, ST006.';

CREATE OR REPLACE FUNCTION app.apply_alias(p_receipt_key text, p_name_key text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_from app.employee_revisions;
    v_to app.employee_revisions;
    v_people bigint;
BEGIN
    -- The newest session that shows the name and that no later submission replaces.
    SELECT r.* INTO v_from
    FROM app.employee_revisions AS r
    JOIN app.session_employees AS e ON e.current_revision_id = r.revision_id
    JOIN app.processing_sessions AS s ON s.session_id = e.session_id
    JOIN app.cardholders AS c ON c.cardholder_id = e.cardholder_id
    WHERE c.name_key = p_receipt_key AND NOT r.is_in_report AND r.receipt_count > 0 AND s.status = 'completed'
        AND NOT EXISTS (SELECT FROM app.processing_sessions AS o
                        WHERE o.parent_session_id = s.session_id AND o.status NOT IN ('cancelled', 'failed'))
    ORDER BY s.created_at DESC, c.employee_id NULLS FIRST LIMIT 1;
    IF v_from.revision_id IS NULL THEN
        RETURN '{}'::jsonb;
    END IF;
    SELECT pg_catalog.count(*) INTO v_people
    FROM app.session_employees AS e
    JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
    WHERE e.session_id = v_from.session_id AND r.employee_name = p_name_key AND r.is_in_report;
    IF v_people <> 1 THEN
        -- Nobody to give them to, or several and no telling who.
        RETURN pg_catalog.jsonb_build_object('session_id', v_from.session_id, 'moved_receipts', 0, 'fits_people', v_people);
    END IF;
    SELECT r.* INTO v_to
    FROM app.session_employees AS e
    JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
    WHERE e.session_id = v_from.session_id AND r.employee_name = p_name_key AND r.is_in_report;
    RETURN pg_catalog.jsonb_build_object('session_id', v_from.session_id, 'moved_receipts', v_from.receipt_count,
        'fits_people', 1, 'revision_id', app.move_receipts(v_from.revision_id, v_to.revision_id,
            pg_catalog.format('receipts of %s belong to %s', p_receipt_key, p_name_key)));
END
$$;
COMMENT ON FUNCTION app.apply_alias(text, text) IS 'Gives receipts under the first name, in the newest session that shows it, to the one person of its report with the second; leaves them where nobody or several have it. Answers session_id, moved_receipts, fits_people, revision_id; nothing when no session shows the name. Raises ST001.';

CREATE OR REPLACE FUNCTION api.approve_alias(p_receipt_key text, p_name_key text, p_request_id text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_receipt_key text := app.name_key(p_receipt_key);
    v_name_key text := app.name_key(p_name_key);
    v_hash bytea := app.hash_request('approve_alias', p_receipt_key, p_name_key);
    v_answer jsonb := app.begin_request(p_request_id, 'approve_alias', v_hash);
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN v_answer;
    END IF;
    IF coalesce(v_receipt_key, '') = '' OR coalesce(v_name_key, '') = '' THEN
        PERFORM app.fail('IV013', 'receipt_key', NULL, pg_catalog.format('%L and %L',
            app.hide_card_numbers(p_receipt_key), app.hide_card_numbers(p_name_key)));
    END IF;
    -- Whoever names their own card by another name gets receipts, now or at the next import.
    IF EXISTS (SELECT FROM app.users AS u JOIN app.cardholders AS c ON c.cardholder_id = u.cardholder_id
               WHERE u.user_id = app.actor_id() AND c.name_key IN (v_receipt_key, v_name_key))
    THEN
        PERFORM app.fail('PM003', 'name_key', 'the names of others', pg_catalog.format('%s and %s', v_receipt_key, v_name_key));
    END IF;
    -- One step only: an alias never leads to another alias, so that no order of lookups matters.
    PERFORM app.take_turn('aliases');
    IF v_receipt_key = v_name_key
        OR EXISTS (SELECT FROM app.name_aliases AS a WHERE a.receipt_key = v_name_key OR a.name_key = v_receipt_key)
    THEN
        PERFORM app.fail('ST007', 'name_key', NULL, pg_catalog.format('%s for %s', v_name_key, v_receipt_key));
    END IF;
    INSERT INTO app.name_aliases AS a (receipt_key, name_key, approved_by)
    VALUES (v_receipt_key, v_name_key, app.actor_id())
    ON CONFLICT (receipt_key) DO UPDATE
        SET name_key = excluded.name_key, approved_by = excluded.approved_by, approved_at = excluded.approved_at
        WHERE a.name_key <> excluded.name_key;
    RETURN app.end_request(p_request_id, 'approve_alias', v_hash,
        pg_catalog.jsonb_build_object('receipt_key', v_receipt_key, 'name_key', v_name_key)
            || app.apply_alias(v_receipt_key, v_name_key));
END
$$;
COMMENT ON FUNCTION api.approve_alias(text, text, text) IS 'From now on receipts under the first name belong to the person the bank prints under the second; both are folded first. Later imports use it; in the newest session that shows the name and that no later submission replaces, its receipts move at once, as new revisions of origin identity. Answers receipt_key, name_key, and where a session shows the name session_id, moved_receipts, fits_people (how many of its report have the second name: only one gets them), revision_id. Raises IV013, PM003 also for the caller''s own name, ST001, ST003, ST006, ST007.';
GRANT EXECUTE ON FUNCTION api.approve_alias(text, text, text) TO ccp_admin, ccp_processor;

SELECT app.pin_entry_points();

COMMIT;
