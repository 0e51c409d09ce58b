-- Importing an activity.json: one transaction, one statement per table, a record of every attempt.
-- requires: intake/activity
-- requires: intake/writing
-- requires: intake/control
-- requires: intake/receipts
-- requires: revising/proof

BEGIN;

CREATE OR REPLACE FUNCTION app.start_session(
    p_session_id uuid, p_source_type text, p_sha256 bytea, p_car_file_name text, p_receipt_file_name text
) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    UPDATE app.processing_sessions AS s
    SET status = 'processing', source_type = p_source_type, source_sha256 = p_sha256,
        car_file_name = app.shorten(p_car_file_name, 400), receipt_file_name = app.shorten(p_receipt_file_name, 400),
        processing_started_at = clock_timestamp()
    WHERE s.session_id = p_session_id;
END;
COMMENT ON FUNCTION app.start_session(uuid, text, bytea, text, text) IS 'An open session gets its files and is being processed from now on.';

CREATE TYPE app.given_month AS (
    programme text,
    period_start date,
    period_end date
);
COMMENT ON TYPE app.given_month IS 'The month somebody says a submission is of: any of it may be null.';

CREATE OR REPLACE FUNCTION app.judge_month(p_programme text, p_period_start date, p_period_end date) RETURNS app.given_month
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_programme text := app.hide_card_numbers(pg_catalog.btrim(p_programme));
    v_period_end date := coalesce(p_period_end, (p_period_start + interval '1 month' - interval '1 day')::date);
BEGIN
    IF pg_catalog.length(v_programme) > 80 THEN
        PERFORM app.fail('IV008', 'programme', 'at most 80 characters', pg_catalog.length(v_programme)::text);
    ELSIF (p_period_end IS NULL AND extract(day FROM p_period_start) <> 1)
        OR (p_period_start IS NULL AND p_period_end IS NOT NULL)
        OR NOT (pg_catalog.isfinite(p_period_start) AND pg_catalog.isfinite(v_period_end) AND p_period_start <= v_period_end
            AND v_period_end - p_period_start < 366)
    THEN
        PERFORM app.fail('IV008', 'period_start', 'the first day of a month, or a first and a last day of at most 366',
            pg_catalog.format('%s to %s', coalesce(p_period_start::text, 'nothing'), coalesce(p_period_end::text, 'nothing')));
    END IF;
    PERFORM app.refuse_control(v_programme, 'programme');
    RETURN ROW(v_programme, p_period_start, v_period_end)::app.given_month;
END
$$;
COMMENT ON FUNCTION app.judge_month(text, date, date) IS 'The month as it is kept: the programme without blanks around it, a period_start alone as the calendar month that begins with it. Raises IV008 for a programme of more than 80 characters and for a period that ends before it begins, has no end or is longer than 366 days; IV071.';

CREATE OR REPLACE FUNCTION app.lock_parent(p_parent_session_id uuid, p_sha256 bytea, p_programme text, p_session_id uuid)
RETURNS app.processing_sessions
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_parent app.processing_sessions := app.lock_chain(p_parent_session_id);
BEGIN
    IF v_parent.session_id IS NULL THEN
        PERFORM app.fail('NF001', 'parent_session_id', NULL, p_parent_session_id::text);
    ELSIF v_parent.status <> 'completed' THEN
        PERFORM app.fail('ST002', 'parent_session_id', 'completed', v_parent.status);
    ELSIF v_parent.source_sha256 = p_sha256 THEN
        PERFORM app.fail('ST004', 'parent_session_id', NULL, pg_catalog.format('parent %s', p_parent_session_id));
    ELSIF EXISTS (SELECT FROM app.processing_sessions AS s
                  WHERE s.parent_session_id = p_parent_session_id AND s.status NOT IN ('cancelled', 'failed')
                      AND s.session_id IS DISTINCT FROM p_session_id)
    THEN
        PERFORM app.fail('ST005', 'parent_session_id', 'the newest submission, ' || app.newest_session(v_parent.chain_id),
            pg_catalog.format('parent %s', p_parent_session_id));
    ELSIF p_programme <> v_parent.programme THEN
        PERFORM app.fail('ST050', 'programme', pg_catalog.format('programme %L', v_parent.programme),
            pg_catalog.format('%L', p_programme));
    END IF;
    PERFORM app.refuse_closed_month(v_parent.month_id, 'parent_session_id');
    RETURN v_parent;
END
$$;
COMMENT ON FUNCTION app.lock_parent(uuid, bytea, text, uuid) IS 'The session that a submission (of these bytes and, if it says so, this programme; null while it is not there) is to follow, locked with its chain. Raises NF001, ST002, ST004, ST005, ST050, ST051.';

CREATE OR REPLACE FUNCTION app.open_session(
    p_session_name text, p_parent_session_id uuid, p_source_type text, p_sha256 bytea,
    p_car_file_name text DEFAULT NULL, p_receipt_file_name text DEFAULT NULL, p_programme text DEFAULT NULL,
    p_period_start date DEFAULT NULL, p_period_end date DEFAULT NULL
) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_parent app.processing_sessions;
    v_month app.given_month := app.judge_month(p_programme, p_period_start, p_period_end);
    v_session_id uuid := app.new_id();
BEGIN
    IF p_session_name IS NOT NULL AND pg_catalog.length(pg_catalog.btrim(p_session_name)) NOT BETWEEN 1 AND 200 THEN
        PERFORM app.fail('IV008', 'session_name', '1 to 200 characters', pg_catalog.length(p_session_name)::text);
    END IF;
    PERFORM app.refuse_control(p_session_name, 'session_name');
    IF p_parent_session_id IS NOT NULL THEN
        v_parent := app.lock_parent(p_parent_session_id, p_sha256, v_month.programme, NULL);
    END IF;
    INSERT INTO app.processing_sessions AS s (session_id, parent_session_id, chain_id, revision_number, user_id, session_name,
        is_named, programme, given_start, given_end, month_id, period_source)
    VALUES (v_session_id, p_parent_session_id, coalesce(v_parent.chain_id, v_session_id),
        coalesce(v_parent.revision_number, 0) + 1, app.actor_id(),
        coalesce(app.hide_card_numbers(pg_catalog.btrim(p_session_name)),
            pg_catalog.to_char(pg_catalog.now() AT TIME ZONE 'UTC', '"Migrated_"YYYYMMDD_HH24MISS')),
        p_session_name IS NOT NULL, coalesce(v_parent.programme, v_month.programme, ''), v_month.period_start,
        v_month.period_end, v_parent.month_id, CASE WHEN v_parent.month_id IS NOT NULL THEN 'chain' END);
    IF p_source_type IS NOT NULL THEN
        PERFORM app.start_session(v_session_id, p_source_type, p_sha256, p_car_file_name, p_receipt_file_name);
    END IF;
    RETURN v_session_id;
END
$$;
COMMENT ON FUNCTION app.open_session(text, uuid, text, bytea, text, text, text, date, date) IS 'A new session: open without source, else started with it. A later submission is of the month and programme of its parent, a first one has its month when its files are accepted: p_period_start alone means the calendar month that begins with it. Of two clients that submit the next revision of one parent at once, one gets it. Raises IV008, IV071, NF001, ST002, ST004, ST005, ST050, ST051.';

CREATE OR REPLACE FUNCTION app.hold_earlier(p_session_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    PERFORM app.take_month_turns(m.programme, m.period_start, m.period_end)
    FROM app.processing_sessions AS s JOIN app.months AS m ON m.month_id = s.month_id
    WHERE s.session_id = p_session_id AND s.parent_session_id IS NOT NULL;
    PERFORM app.lock_submissions(ARRAY[p_session_id]);
END
$$;
COMMENT ON FUNCTION app.hold_earlier(uuid) IS 'Before anything of a later submission is read against the one before: whoever corrects or decides there right now goes first and is taken over, and nobody does so until the end of the transaction. Does nothing for a first one.';

CREATE OR REPLACE FUNCTION app.draft_people(p_session_id uuid, p_people app.staged_person[]) RETURNS app.revision_draft[]
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH pages AS (
        SELECT x.revision_id, array_agg(DISTINCT g.page ORDER BY g.page) AS receipt_pages
        FROM unnest(p_people) AS x, unnest(x.receipt_pages) AS g (page) GROUP BY x.revision_id
    ), totals AS (
        -- What one entry leaves unknown is unknown in all.
        SELECT x.revision_id, CASE WHEN count(*) = count(x.car_total) THEN sum(x.car_total) END AS car_total
        FROM unnest(p_people) AS x GROUP BY x.revision_id
    ), heads AS (
        -- A person may have two entries, one found by an alias: the card report's says the head.
        SELECT DISTINCT ON (x.revision_id) x.*
        FROM unnest(p_people) AS x ORDER BY x.revision_id, x.is_in_report DESC NULLS LAST, x.source_key
    )
    SELECT array_agg(ROW(h.revision_id, p_session_id, h.cardholder_id, 1, NULL, parent.current_revision_id,
        c.name_key, c.employee_id, h.card_number, coalesce(h.is_in_report, false), t.car_total, NULL, NULL, h.car_pages,
        coalesce(p.receipt_pages, '{}'::integer[]), NULL, NULL)::app.revision_draft)
    FROM heads AS h
    JOIN app.cardholders AS c ON c.cardholder_id = h.cardholder_id
    JOIN totals AS t ON t.revision_id = h.revision_id
    LEFT JOIN pages AS p ON p.revision_id = h.revision_id
    LEFT JOIN app.processing_sessions AS s ON s.session_id = p_session_id
    LEFT JOIN app.session_employees AS parent
        ON parent.session_id = s.parent_session_id AND parent.cardholder_id = h.cardholder_id;
END;
COMMENT ON FUNCTION app.draft_people(uuid, app.staged_person[]) IS 'The first revision of each identified person in a session, to be compared with the parent session''s.';

CREATE OR REPLACE FUNCTION app.finish_session(p_session_id uuid) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT app.refuse_own_month(p_session_id);
    UPDATE app.processing_sessions AS s
    SET status = 'completed', processing_completed_at = clock_timestamp(),
        change_summary = CASE WHEN s.parent_session_id IS NOT NULL THEN (
            SELECT jsonb_build_object(
                'people_added', count(*) FILTER (WHERE r.compared_with IS NULL),
                'people_changed', count(*) FILTER (WHERE r.compared_with IS NOT NULL AND r.changed_from_previous),
                'people_unchanged', count(*) FILTER (WHERE NOT r.changed_from_previous),
                'people_removed', (SELECT count(*) FROM app.session_employees AS o
                    WHERE o.session_id = s.parent_session_id AND NOT EXISTS (
                        SELECT FROM app.session_employees AS n
                        WHERE n.session_id = p_session_id AND n.cardholder_id = o.cardholder_id)),
                'receipts_added', coalesce(sum((r.change_details #>> '{transactions,added}')::integer), 0)
                    + coalesce(sum(r.receipt_count) FILTER (WHERE r.compared_with IS NULL), 0),
                'receipts_changed', coalesce(sum((r.change_details #>> '{transactions,changed}')::integer), 0),
                'receipts_removed', coalesce(sum((r.change_details #>> '{transactions,removed}')::integer), 0)
                    + (SELECT coalesce(sum(x.receipt_count), 0) FROM app.session_employees AS o
                       JOIN app.employee_revisions AS x ON x.revision_id = o.current_revision_id
                       WHERE o.session_id = s.parent_session_id AND NOT EXISTS (
                           SELECT FROM app.session_employees AS n
                           WHERE n.session_id = p_session_id AND n.cardholder_id = o.cardholder_id)))
            FROM app.session_employees AS e
            JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
            WHERE e.session_id = p_session_id) END
    WHERE s.session_id = p_session_id;
END;
COMMENT ON FUNCTION app.finish_session(uuid) IS 'Marks a session completed and counts what changed against its parent. Raises PM003 when it is the caller''s own card and nobody else''s.';

CREATE OR REPLACE FUNCTION app.milliseconds(p_interval interval) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT round(extract(epoch FROM p_interval) * 1000)::integer;
END;
COMMENT ON FUNCTION app.milliseconds(interval) IS 'Length in whole milliseconds.';

CREATE OR REPLACE FUNCTION app.write_claims(
    p_session_id uuid, p_doc jsonb, p_people app.staged_person[], p_known text[], p_entries app.activity_entry[]
) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    INSERT INTO app.old_claims (session_id, cardholder_id, source_key, entry_place, person_place, is_in_report,
        claimed_car_total, claimed_receipt_total, claimed_flags, receipts_shape, file_paths, source_fields)
    SELECT p_session_id, p.cardholder_id, p.source_key, t.entry_place, p.ordinality, p.is_in_report,
        (e.value ->> 'car_total')::numeric,
        (e.value ->> 'rec_total')::numeric, app.hide_in_json(nullif(e.value -> 'flags', 'null'), p_known),
        (SELECT CASE WHEN count(DISTINCT jsonb_typeof(k.value)) > 1 THEN 'mixed'
            WHEN min(jsonb_typeof(k.value)) = 'array' THEN 'by_code'
            WHEN min(jsonb_typeof(k.value)) = 'object' THEN 'by_id' END
         FROM jsonb_each(nullif(e.value -> 'receipts', 'null')) AS k),
        app.hide_in_json(nullif(e.value -> 'files', 'null'), p_known),
        app.hide_in_json(nullif(
            CASE WHEN r.card_digits IS NULL THEN r.rest
                -- The card field is cut without asking the check digit.
                ELSE jsonb_set(r.rest, '{card_no}', to_jsonb(app.cut_card_field(r.rest ->> 'card_no'))) END
            - CASE WHEN r.rest ->> 'name' = p.source_key THEN 'name' ELSE '' END
            - CASE WHEN coalesce(p.card_number, 'None')
                    = coalesce(app.mask_card_number(r.rest ->> 'card_no'), r.rest ->> 'card_no', 'None')
                THEN 'card_no' ELSE '' END, '{}'), p_known)
    FROM unnest(p_people) WITH ORDINALITY AS p
    JOIN jsonb_each(p_doc) AS e ON e.key = p.source_key
    JOIN unnest(p_entries) AS t ON t.source_key = p.source_key
    CROSS JOIN LATERAL (
        SELECT x.rest, app.card_digits(x.rest ->> 'card_no') AS card_digits
        FROM (SELECT e.value - (SELECT array_remove(array_remove(app.field_names('employee'), 'name'), 'card_no'))
            OFFSET 0) AS x (rest)
        OFFSET 0
    ) AS r;
END;
COMMENT ON FUNCTION app.write_claims(uuid, jsonb, app.staged_person[], text[], app.activity_entry[]) IS 'Writes what the entries of a judged activity.json say about their people, who are identified, card numbers and the known numbers cut.';

CREATE OR REPLACE FUNCTION app.accept_activity(
    p_doc jsonb, p_session_id uuid, p_known text[], p_entries app.activity_entry[]
) RETURNS void
LANGUAGE plpgsql VOLATILE
-- Generic plans, as in app.judge_json.
SET search_path = '' SET plan_cache_mode = force_generic_plan
SET enable_mergejoin = off
AS $$
DECLARE
    v_start timestamptz := pg_catalog.clock_timestamp();
    v_read timestamptz;
    v_people app.staged_person[];
    v_is_first boolean := (SELECT s.parent_session_id IS NULL FROM app.processing_sessions AS s WHERE s.session_id = p_session_id);
    v_receipts bigint;
    v_links app.receipt_links[];
    v_drafts app.revision_draft[];
BEGIN
    -- Of the migration, which comes later in the plan.
    PERFORM app.refuse_old_import();
    PERFORM app.keep_aliases();
    PERFORM app.hold_earlier(p_session_id);
    v_people := app.stage_people(p_doc);
    PERFORM app.save_cardholders(v_people);
    v_people := app.identify_people(p_session_id, v_people);
    PERFORM app.save_cards(ARRAY(SELECT p.cardholder_id FROM pg_catalog.unnest(v_people) AS p),
        ARRAY(SELECT p.card_number FROM pg_catalog.unnest(v_people) AS p));

    PERFORM app.write_claims(p_session_id, p_doc, v_people, p_known, p_entries);
    WITH read AS MATERIALIZED (
        SELECT r.* FROM app.write_activity(p_doc, v_people, p_known, p_entries) AS r
    ), linked AS (
        -- A first submission knows no receipt to look for: as rows, an array costs more than what it is written to.
        INSERT INTO app.receipt_links (employee_revision_id, transaction_id, content_id, natural_key, position, page_number,
            receipt_key)
        SELECT r.employee_revision_id, r.transaction_id, r.content_id, r.natural_key, r.position, r.page_number, r.receipt_key
        FROM read AS r WHERE v_is_first
    )
    SELECT pg_catalog.count(*), pg_catalog.array_agg(ROW(r.*)::app.receipt_links) FILTER (WHERE NOT v_is_first)
    INTO v_receipts, v_links
    FROM read AS r;
    PERFORM app.link_receipts(p_session_id, v_links, v_people);
    v_read := pg_catalog.clock_timestamp();

    v_drafts := app.draft_people(p_session_id, v_people);
    PERFORM app.write_control(p_session_id, v_people, NULL, app.settle_month(p_session_id, v_drafts));
    PERFORM app.complete_revisions(app.carry_corrections(p_session_id, v_drafts, 'import'), 'import', NULL);
    PERFORM app.keep_entries(p_session_id, p_entries, p_known);
    PERFORM app.finish_session(p_session_id);

    INSERT INTO app.processing_metrics (session_id, processing_time_ms, employees, transactions, phases)
    SELECT p_session_id, app.milliseconds(pg_catalog.clock_timestamp() - v_start),
        pg_catalog.count(DISTINCT p.cardholder_id), v_receipts,
        pg_catalog.jsonb_build_object('read', app.milliseconds(v_read - v_start),
            'validate', app.milliseconds(pg_catalog.clock_timestamp() - v_read))
    FROM pg_catalog.unnest(v_people) AS p;
END
$$;
COMMENT ON FUNCTION app.accept_activity(jsonb, uuid, text[], app.activity_entry[]) IS 'Takes the employees of a judged activity.json into a session, with the texts of its entries: people, claims, receipts, month, control block, revisions, issues. One statement per table. Raises ST050, ST150, ST151.';

COMMIT;
