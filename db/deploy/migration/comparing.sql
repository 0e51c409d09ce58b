-- Comparing: an old result and a submission as it was read, judged and written down.
-- requires: migration/workbook
-- requires: migration/accepting
-- requires: intake/imports
-- requires: documents/tables

BEGIN;

CREATE OR REPLACE FUNCTION app.with_numbers(p_doc jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT jsonb_object_agg(e.key, CASE jsonb_typeof(e.value) WHEN 'object' THEN e.value || n.numbers ELSE e.value END)
    FROM jsonb_each(p_doc) AS e
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_object_agg(t.key, (t.value #>> '{}')::numeric), '{}') AS numbers
        FROM jsonb_each(CASE jsonb_typeof(e.value) WHEN 'object' THEN e.value END) AS t
        WHERE t.key IN ('car_total', 'rec_total') AND jsonb_typeof(t.value) = 'string'
            AND (t.value #>> '{}') COLLATE "C" ~ '^-?[0-9]{1,12}([.][0-9]{1,16})?$'
    ) AS n;
END;
COMMENT ON FUNCTION app.with_numbers(jsonb) IS 'An old file with the totals of its employees as numbers where they are written as texts: an import refuses them, a comparison tells the same by them.';

CREATE OR REPLACE FUNCTION app.read_old_file(
    p_file text, OUT entries app.activity_entry[], OUT rejects jsonb, OUT known text[]
)
LANGUAGE plpgsql STABLE
SET search_path = '' SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_doc jsonb;
    v_has_strange_numbers boolean;
BEGIN
    IF pg_catalog.left(p_file, 1) = E'\uFEFF' THEN
        p_file := pg_catalog.substr(p_file, 2);
    END IF;
    SELECT j.content, j.has_strange_numbers INTO v_doc, v_has_strange_numbers FROM app.judge_json(p_file) AS j;
    IF pg_catalog.jsonb_typeof(v_doc) <> 'object' THEN
        PERFORM app.fail('IV007', 'file', 'an object', pg_catalog.jsonb_typeof(v_doc));
    ELSIF v_doc = '{}' THEN
        PERFORM app.fail('IV006', 'file', 'at least one employee', '{}');
    END IF;
    known := app.known_card_numbers(v_doc);
    SELECT s.p_doc, s.rejects INTO v_doc, rejects
    FROM app.sift_activity(app.with_numbers(v_doc), v_has_strange_numbers, false, known, ARRAY[]::app.staged_reject[]) AS s;
    entries := app.storable_entries(ARRAY(
        SELECT ROW(e.source_key, e.entry_place, e.entry_text)::app.activity_entry
        FROM pg_catalog.unnest(app.list_entries(p_file)) AS e
        WHERE v_doc ? e.source_key), known);
    IF entries IS NULL THEN
        PERFORM app.fail('RL004', 'file', NULL, pg_catalog.format('%s faults', pg_catalog.jsonb_array_length(rejects)));
    END IF;
END
$$;
COMMENT ON FUNCTION app.read_old_file(text) IS 'The entries of an old file with card numbers cut, by the gate of imports, the faults of the others, and the card numbers it names. Raises IV001 to IV007, IV009, IV011, IV023, RL004 when nothing is left.';

CREATE OR REPLACE FUNCTION app.shape_of(p_receipts app.compared_receipt[]) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE WHEN bool_and(r.is_by_id) THEN 'by_id' WHEN bool_or(r.is_by_id) THEN 'mixed' WHEN count(*) > 0 THEN 'by_code' END
    FROM unnest(p_receipts) AS r;
END;
COMMENT ON FUNCTION app.shape_of(app.compared_receipt[]) IS 'How an old file groups its receipts: by_code, by_id or mixed; null without receipts.';

CREATE OR REPLACE FUNCTION app.refuse_other_month(p_here app.compared_side, p_there app.compared_side) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_all bigint;
    v_known bigint;
BEGIN
    SELECT pg_catalog.count(*), pg_catalog.count(n.receipt_id) INTO v_all, v_known
    FROM (SELECT DISTINCT r.receipt_id FROM pg_catalog.unnest(p_there.receipts) AS r) AS o
    LEFT JOIN (SELECT DISTINCT r.receipt_id FROM pg_catalog.unnest(p_here.receipts) AS r) AS n ON n.receipt_id = o.receipt_id;
    IF v_all = 0 THEN
        SELECT pg_catalog.count(*), pg_catalog.count(n.source_key) INTO v_all, v_known
        FROM pg_catalog.unnest(p_there.people) AS o
        LEFT JOIN pg_catalog.unnest(p_here.people) AS n ON n.source_key = o.source_key;
    END IF;
    IF v_known * 2 < v_all THEN
        PERFORM app.fail('RL160', 'file', 'half of its receipts, or without any of its names, in the month',
            pg_catalog.format('%s of %s', v_known, v_all));
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_other_month(app.compared_side, app.compared_side) IS 'Refuses an old file that shares less than half of its receipt ids, or without any of its names, with the month: RL160.';

CREATE OR REPLACE FUNCTION app.judge_sources(p_session_id uuid, p_result app.old_results) RETURNS text
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT CASE WHEN count(d.sha256) < 2 THEN 'not_pdfs'
        WHEN bool_or(d.sha256 <> k.sha256) THEN 'differ'
        WHEN count(k.sha256) = 2 THEN 'same'
        WHEN (p_result).is_same_files THEN 'signed'
        ELSE 'unknown' END
    FROM (VALUES ('car_pdf', (p_result).car_sha256), ('receipt_pdf', (p_result).receipt_sha256)) AS k (kind, sha256)
    LEFT JOIN app.session_documents AS s ON s.session_id = p_session_id AND s.kind = k.kind
    LEFT JOIN app.documents AS d ON d.document_id = s.document_id;
END;
COMMENT ON FUNCTION app.judge_sources(uuid, app.old_results) IS 'Whether an old result was made of the PDFs of a session, see parallel_runs.sources.';

CREATE OR REPLACE FUNCTION app.corrected_values(p_pairs app.receipt_pair[], p_now app.compared_receipt[])
RETURNS SETOF app.found_difference
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH changed AS (
        SELECT p.there, p.here, n AS now
        FROM unnest(p_pairs) AS p
        LEFT JOIN unnest(p_now) AS n ON n.transaction_id = (p.here).transaction_id
        WHERE (p.here).transaction_id IS NOT NULL AND n.content_id <> (p.here).content_id
        OFFSET 0
    ), whole AS (
        -- Taken out, or put in by hand.
        SELECT coalesce(p.here, n) AS receipt, app.told_receipt(p.there) AS old_value, app.told_receipt(n) AS new_value
        FROM (SELECT x.there, x.here, (x.here).transaction_id AS id FROM unnest(p_pairs) AS x WHERE (x.here).transaction_id IS NOT NULL) AS p
        FULL JOIN unnest(p_now) AS n ON n.transaction_id = p.id
        WHERE p.id IS NULL OR n.transaction_id IS NULL
    )
    SELECT v.number, v.level, v.source_key, v.also_key, v.path, v.receipt_id, v.transaction_id, v.page_number, v.field, v.part,
        o.old_value, v.new_value, v.own_value, v.has_own, 'corrected_here', NULL::text, NULL::numeric, NULL::text, NULL::integer[], true
    FROM app.receipt_values(ARRAY(
        SELECT ROW(c.here, c.now)::app.receipt_pair FROM changed AS c)) AS v
    -- What the old file says there.
    JOIN (
        SELECT x.transaction_id, x.field, x.old_value FROM app.receipt_values(ARRAY(
            SELECT ROW(c.there, c.here)::app.receipt_pair FROM changed AS c WHERE (c.there).source_key IS NOT NULL)) AS x
    ) AS o ON o.transaction_id = v.transaction_id AND o.field = v.field
    WHERE v.class IS NULL AND v.field NOT IN ('key', 'coded', 'repeat')
    UNION ALL
    SELECT NULL, 'receipt', (w.receipt).source_key, NULL, '$.' || (w.receipt).source_key || '.receipts', (w.receipt).receipt_id,
        (w.receipt).transaction_id, (w.receipt).page_number, 'entry', NULL, w.old_value, w.new_value, NULL, false, 'corrected_here', NULL,
        NULL, NULL, NULL, true
    FROM whole AS w WHERE num_nonnulls(w.old_value, w.new_value) = 1;
END;
COMMENT ON FUNCTION app.corrected_values(app.receipt_pair[], app.compared_receipt[]) IS 'What people corrected, took out or put in since the month was read, beside what the old file says: no difference of the reading.';

CREATE OR REPLACE FUNCTION app.count_alike(p_run_id uuid, p_values app.found_difference[], p_counts app.alike_values[]) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO app.alike_values (run_id, level, class, compared)
    SELECT p_run_id, v.level, v.class, count(*)::integer
    FROM unnest(p_values) AS v WHERE v.class IN ('identical', 'representation') GROUP BY v.level, v.class
    UNION ALL
    SELECT p_run_id, c.level, c.class, c.compared FROM unnest(p_counts) AS c WHERE c.compared > 0;
END;
COMMENT ON FUNCTION app.count_alike(uuid, app.found_difference[], app.alike_values[]) IS 'Notes how many values of a run are the same, or only written otherwise; some are counted already.';

CREATE OR REPLACE FUNCTION app.told_value(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = ''
BEGIN ATOMIC
    SELECT CASE WHEN length(p_text) <= 1000 THEN app.hide_card_numbers(p_text) ELSE app.hide_card_numbers(app.shorten(p_text, 900)
        || ' … SHA-256 ' || encode(sha256(convert_to(app.hide_card_numbers(p_text), 'UTF8')), 'hex')) END;
END;
COMMENT ON FUNCTION app.told_value(text) IS 'A value as a difference keeps it, without card numbers: whole up to 1,000 characters, of a longer one the beginning and the SHA-256 of all of it, so that what is another value stays another.';

CREATE OR REPLACE FUNCTION app.write_run(
    p_run app.parallel_runs, p_result app.old_results, p_found app.found_difference[], p_rejects jsonb
) RETURNS app.parallel_runs
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_run app.parallel_runs := p_run;
    v_rows app.parallel_differences[];
BEGIN
    v_rows := ARRAY(
        SELECT ROW(v_run.run_id, f.number, f.level, app.told_value(f.path), f.source_key, f.receipt_id, f.transaction_id, f.page_number,
            f.field, f.part, app.told_value(f.old_value), app.told_value(f.new_value),
            CASE WHEN v_run.sources = 'differ' AND f.follows IS NULL
                    AND f.class IN ('missing_here', 'missing_there', 'value_difference') THEN 'timing' ELSE f.class END,
            f.deviation_code, d.amount, CASE WHEN d.amount IS NOT NULL THEN coalesce(f.ledger, 'report') END, d.receipt_amount, f.follows,
            f.follows IS NULL AND f.class IN ('missing_here', 'missing_there', 'value_difference') AND app.is_accepted_difference(
                p_result.month_id, f.level, app.told_value(f.path), f.receipt_id, app.told_value(f.old_value),
                app.told_value(f.new_value)), app.tx())::app.parallel_differences
        FROM pg_catalog.unnest(p_found) AS f
        LEFT JOIN (
            -- Of what is missing as a whole.
            SELECT x.follows[1] AS number, pg_catalog.sum(x.amount) FILTER (WHERE x.ledger = 'report') AS amount,
                pg_catalog.sum(x.amount) FILTER (WHERE x.ledger = 'receipts') AS receipt_amount
            FROM pg_catalog.unnest(p_found) AS x WHERE x.follows IS NOT NULL AND x.amount <> 0 GROUP BY x.follows[1]
        ) AS c ON c.number = f.number
        CROSS JOIN LATERAL (SELECT
            CASE WHEN f.follows IS NULL THEN nullif(coalesce(f.amount, 0) + coalesce(c.amount, 0), 0) END AS amount,
            CASE WHEN f.follows IS NULL THEN nullif(c.receipt_amount, 0) END AS receipt_amount
        ) AS d);
    SELECT pg_catalog.count(*) FILTER (WHERE r.follows_from IS NULL AND (r.class = 'known_deviation' OR r.is_accepted))::integer,
        pg_catalog.count(*) FILTER (WHERE r.follows_from IS NULL AND NOT r.is_accepted
            AND r.class IN ('missing_here', 'missing_there', 'value_difference', 'not_comparable', 'timing'))::integer,
        pg_catalog.count(*) FILTER (WHERE r.follows_from IS NULL AND r.class = 'alias_pending')::integer,
        coalesce(pg_catalog.sum(r.amount) FILTER (WHERE r.ledger = 'report'), 0),
        coalesce(pg_catalog.sum(r.amount) FILTER (WHERE r.ledger = 'receipts'), 0) + coalesce(pg_catalog.sum(r.receipt_amount), 0)
    INTO v_run.roots_explained, v_run.roots_unexplained, v_run.roots_pending, v_run.car_total_explained, v_run.receipt_total_explained
    FROM pg_catalog.unnest(v_rows) AS r;
    -- What does not add up is itself a root, where no other one says so already.
    IF v_run.roots_unexplained = 0 AND (v_run.car_total_explained <> v_run.car_total_old - v_run.car_total
        OR v_run.receipt_total_explained <> v_run.receipt_total_old - v_run.receipt_total)
    THEN
        v_rows := v_rows || ROW(v_run.run_id, 1 + pg_catalog.cardinality(v_rows), 'total', '$', NULL, NULL, NULL, NULL, 'ledger', NULL,
            pg_catalog.format('%s and %s', v_run.car_total_old - v_run.car_total, v_run.receipt_total_old - v_run.receipt_total),
            pg_catalog.format('%s and %s', v_run.car_total_explained, v_run.receipt_total_explained), 'value_difference', NULL, NULL,
            NULL, NULL, NULL, false, app.tx())::app.parallel_differences;
        v_run.roots_unexplained := 1;
    END IF;
    v_run.verdict := CASE
        WHEN v_run.sources = 'not_pdfs' OR pg_catalog.jsonb_array_length(p_rejects) > 0 THEN 'not_comparable'
        WHEN v_run.sources = 'differ' THEN 'source_differs'
        WHEN v_run.roots_unexplained > 0 THEN 'unexplained'
        WHEN v_run.roots_pending > 0 THEN 'pending'
        WHEN v_run.sources = 'unknown' OR p_result.shape_in_use IS NULL THEN 'source_unknown'
        ELSE 'clean' END;
    INSERT INTO app.parallel_runs SELECT (v_run).*;
    INSERT INTO app.parallel_differences SELECT r.* FROM pg_catalog.unnest(v_rows) AS r;
    RETURN v_run;
END
$$;
COMMENT ON FUNCTION app.write_run(app.parallel_runs, app.old_results, app.found_difference[], jsonb) IS 'Writes a run with its differences and gives it its verdict. The ledgers of card report and receipts must add up to the difference of the totals; what does not is a root.';

CREATE OR REPLACE FUNCTION app.run_figures(p_here app.compared_side, p_there app.compared_side, p_session_id uuid) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'people_there', cardinality((p_there).people), 'people_here', cardinality((p_here).people),
        'receipts_there', cardinality((p_there).receipts), 'receipts_here', cardinality((p_here).receipts),
        'mismatches_as_printed', (SELECT count(*) FROM unnest((p_here).people) AS p
            WHERE p.receipts > 0 AND p.car_total <> p.receipt_total),
        'repeated_pages', (SELECT count(*) FROM unnest((p_here).receipts) AS r WHERE r.is_repeat),
        'now', (SELECT jsonb_build_object('people', count(*), 'finished', count(*) FILTER (WHERE e.status = 'finished'),
                'car_total', sum(r.car_total)::text, 'receipt_total', sum(r.receipt_total)::text,
                'corrected_people', count(*) FILTER (WHERE e.current_revision_number > 1))
            FROM app.session_employees AS e JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
            WHERE e.session_id = p_session_id AND NOT r.is_nobody));
END;
COMMENT ON FUNCTION app.run_figures(app.compared_side, app.compared_side, uuid) IS 'Counts of both sides, and the month as it is now.';

CREATE OR REPLACE FUNCTION app.compare_entries(
    p_session_id uuid, p_result app.old_results, p_csv text, p_workbook jsonb, p_entries app.activity_entry[], p_rejects jsonb,
    p_is_kept boolean DEFAULT false
) RETURNS app.parallel_runs
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_there app.compared_side;
    v_here app.compared_side;
    v_pairs app.receipt_pair[];
    v_foreseen app.foreseen[];
    v_values app.found_difference[];
    v_found app.found_difference[];
    v_counts app.alike_values[];
    v_now app.compared_receipt[] := app.month_receipts(p_session_id, true);
    v_run app.parallel_runs;
BEGIN
    v_there.receipts := app.old_receipts(p_entries);
    v_there.people := app.old_people(p_entries, v_there.receipts);
    v_here.receipts := app.place_receipts(p_session_id, app.month_receipts(p_session_id, false), v_there);
    v_here.people := app.month_people(p_session_id, v_here.receipts);
    v_here.cards := app.month_cards(p_session_id);
    IF NOT p_is_kept THEN
        PERFORM app.refuse_other_month(v_here, v_there);
    END IF;
    v_pairs := app.pair_receipts(v_there.receipts, v_here.receipts);
    v_foreseen := app.foresee(v_here, v_there);
    -- What is the same is counted and not carried on: of receipts that is nearly all.
    SELECT pg_catalog.array_agg(v) FILTER (WHERE v.class IS NULL),
        ARRAY[ROW(NULL, 'receipt', 'identical', (pg_catalog.count(*) FILTER (WHERE v.class = 'identical'))::integer, app.tx()),
            ROW(NULL, 'receipt', 'representation', (pg_catalog.count(*) FILTER (WHERE v.class = 'representation'))::integer, app.tx())]::app.alike_values[]
    INTO v_values, v_counts FROM app.receipt_values(v_pairs) AS v;
    v_values := v_values || ARRAY(SELECT v FROM app.people_values(v_here, v_there, v_pairs, v_foreseen) AS v)
        || ARRAY(SELECT v FROM app.sum_values(v_here, v_there) AS v)
        || ARRAY(SELECT ROW(NULL, 'file', j.value ->> 'key', NULL, j.value ->> 'path', NULL, NULL, NULL, 'entry', NULL,
                j.value ->> 'message', NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, false)::app.found_difference
            FROM pg_catalog.jsonb_array_elements(p_rejects) AS j);
    IF p_csv IS NOT NULL THEN
        v_foreseen := v_foreseen || ARRAY(SELECT f FROM app.foresee_csv(v_pairs, v_there.people) AS f);
        SELECT v_values || pg_catalog.array_agg(v) FILTER (WHERE v.class IS NULL),
            v_counts || ROW(NULL, 'csv', 'identical', (pg_catalog.count(*) FILTER (WHERE v.class = 'identical'))::integer, app.tx())::app.alike_values
        INTO v_values, v_counts FROM app.csv_values(p_csv, v_pairs, v_there.people, ARRAY(
            SELECT r FROM app.accounting_rows(p_session_id, app.accounting_profile('old_program'), NULL) AS r)) AS v;
    END IF;
    IF p_workbook IS NOT NULL THEN
        v_values := v_values || ARRAY(SELECT v FROM app.workbook_values(p_workbook, v_there, v_here) AS v);
    END IF;
    v_found := app.judge_values(v_values, v_foreseen, v_pairs, v_now,
        ARRAY(SELECT DISTINCT j.value ->> 'key' FROM pg_catalog.jsonb_array_elements(p_rejects) AS j
            WHERE j.value ->> 'key' IS NOT NULL));
    v_found := v_found || ARRAY(
        SELECT ROW(coalesce((SELECT pg_catalog.max(f.number) FROM pg_catalog.unnest(v_found) AS f), 0) + row_number() OVER (
                ORDER BY c.source_key, c.path), c.level, c.source_key, c.also_key, c.path, c.receipt_id, c.transaction_id,
            c.page_number, c.field, c.part, c.old_value, c.new_value, c.own_value, c.has_own, c.class, NULL, NULL, NULL, NULL,
            true)::app.found_difference
        FROM app.corrected_values(v_pairs, v_now) AS c);
    v_run.run_id := app.new_id();
    v_run.old_result_id := p_result.old_result_id;
    v_run.session_id := p_session_id;
    v_run.sources := app.judge_sources(p_session_id, p_result);
    v_run.started_by := app.actor_id();
    v_run.started_at := pg_catalog.now();
    v_run.created_tx := app.tx();
    v_run.figures := app.run_figures(v_here, v_there, p_session_id);
    v_run.deviations := ARRAY(SELECT d.deviation_code FROM app.known_deviations AS d
        WHERE d.valid_until IS NULL OR d.valid_until >= current_date ORDER BY 1);
    SELECT coalesce(pg_catalog.sum(p.car_total), 0), coalesce(pg_catalog.sum(p.receipt_total), 0)
    INTO v_run.car_total_old, v_run.receipt_total_old FROM pg_catalog.unnest(v_there.people) AS p;
    SELECT CASE WHEN pg_catalog.count(*) = pg_catalog.count(p.car_total) THEN pg_catalog.sum(p.car_total) END,
        coalesce(pg_catalog.sum(p.receipt_total), 0)
    INTO v_run.car_total, v_run.receipt_total FROM pg_catalog.unnest(v_here.people) AS p;
    v_run := app.write_run(v_run, p_result, v_found, p_rejects);
    PERFORM app.count_alike(v_run.run_id, v_values, v_counts);
    RETURN v_run;
END
$$;
COMMENT ON FUNCTION app.compare_entries(uuid, app.old_results, text, jsonb, app.activity_entry[], jsonb, boolean) IS 'Compares the entries of an old result with a session as it was read and writes the run. Raises RL160, but not for a file that is kept already, whose differences say so.';

COMMIT;
