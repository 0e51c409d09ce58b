-- Handing in an old result.
-- requires: migration/comparing
-- requires: revising/door

BEGIN;

INSERT INTO app.month_calls (call_name, changes) VALUES
('compare_old_result', 'nothing');

CREATE TYPE report.parallel_answer AS (
    run_id uuid,
    old_result_id uuid,
    session_id uuid,
    verdict text,
    is_clean boolean,
    roots_explained integer,
    roots_unexplained integer,
    roots_pending integer
);
COMMENT ON TYPE report.parallel_answer IS 'What came of comparing an old result.';
COMMENT ON COLUMN report.parallel_answer.run_id IS 'The run, see report.parallel_runs; null while it waits.';
COMMENT ON COLUMN report.parallel_answer.old_result_id IS 'The old result.';
COMMENT ON COLUMN report.parallel_answer.session_id IS 'The session.';
COMMENT ON COLUMN report.parallel_answer.verdict IS 'The verdict, see report.parallel_runs; waiting: the submission is not read yet, and is compared then.';
COMMENT ON COLUMN report.parallel_answer.is_clean IS 'True when the verdict is clean.';
COMMENT ON COLUMN report.parallel_answer.roots_explained IS 'Differences that are explained and follow from no other.';
COMMENT ON COLUMN report.parallel_answer.roots_unexplained IS 'Differences that nothing explains and that follow from no other.';
COMMENT ON COLUMN report.parallel_answer.roots_pending IS 'People that are two on one side, because an alias is missing there.';

CREATE OR REPLACE FUNCTION app.read_checksum(p_text text, p_column text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE
SET search_path = ''
AS $$
BEGIN
    IF pg_catalog.lower(p_text) !~ '^[0-9a-f]{64}$' THEN
        PERFORM app.fail('IV008', p_column, '64 hex digits', pg_catalog.length(p_text)::text || ' characters');
    END IF;
    RETURN pg_catalog.decode(p_text, 'hex');
END
$$;
COMMENT ON FUNCTION app.read_checksum(text, text) IS 'A SHA-256 in hex as bytes; null stays null. Raises IV008.';

CREATE OR REPLACE FUNCTION app.keep_old_result(p_result app.old_results, p_content text, p_csv text, p_workbook jsonb) RETURNS app.old_results
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_result app.old_results;
BEGIN
    -- The same file with the same words about it is kept once, however often it is compared.
    SELECT o.* INTO v_result FROM app.old_results AS o
    WHERE (o.month_id = p_result.month_id OR o.session_id = p_result.session_id) AND o.sha256 = p_result.sha256
        AND EXISTS (SELECT FROM app.old_result_texts AS t WHERE t.old_result_id = o.old_result_id AND t.content = p_content)
        AND (o.shape_in_use, o.car_sha256, o.receipt_sha256, o.is_same_files, o.csv_sha256, o.workbook_sha256)
            IS NOT DISTINCT FROM (p_result.shape_in_use, p_result.car_sha256, p_result.receipt_sha256, p_result.is_same_files,
                p_result.csv_sha256, p_result.workbook_sha256)
    ORDER BY o.old_result_id DESC LIMIT 1;
    -- Unless another one came between, which says what is in use now.
    IF v_result.old_result_id IS NULL OR EXISTS (
        SELECT FROM app.old_results AS n WHERE (n.month_id = p_result.month_id OR n.session_id = p_result.session_id)
            AND n.old_result_id > v_result.old_result_id)
    THEN
        v_result := p_result;
        v_result.old_result_id := app.new_id();
        v_result.handed_in_by := app.actor_id();
        v_result.handed_in_at := pg_catalog.clock_timestamp();
        v_result.created_tx := app.tx();
        INSERT INTO app.old_results SELECT (v_result).*;
        INSERT INTO app.old_result_texts (old_result_id, content, csv_content, workbook_content)
        VALUES (v_result.old_result_id, p_content, p_csv, p_workbook::text);
    END IF;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION app.keep_old_result(app.old_results, text, text, jsonb) IS 'Keeps an old result with its text and those of its accounting import and workbook, or answers the one that is there already.';

CREATE OR REPLACE FUNCTION api.compare_old_result(
    p_session_id uuid, p_file text, p_file_name text DEFAULT NULL, p_shape_in_use text DEFAULT NULL, p_same_files boolean DEFAULT false,
    p_car_sha256 text DEFAULT NULL, p_receipt_sha256 text DEFAULT NULL, p_csv text DEFAULT NULL, p_csv_name text DEFAULT NULL,
    p_workbook jsonb DEFAULT NULL, p_workbook_name text DEFAULT NULL, p_workbook_sha256 text DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.parallel_answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_sha256 bytea := pg_catalog.sha256(pg_catalog.convert_to(coalesce(p_file, ''), 'UTF8'));
    v_hash bytea := app.hash_request('compare_old_result', p_session_id::text, pg_catalog.encode(v_sha256, 'hex'), p_file_name,
        p_shape_in_use, p_same_files::text, p_car_sha256, p_receipt_sha256, pg_catalog.md5(p_csv), p_csv_name,
        pg_catalog.md5(p_workbook::text), p_workbook_name, p_workbook_sha256);
    v_answer jsonb := app.begin_request(p_request_id, 'compare_old_result', v_hash);
    v_session app.processing_sessions;
    v_result app.old_results;
    v_content text;
    v_csv text;
    v_workbook jsonb;
    v_entries app.activity_entry[];
    v_known text[];
    v_run app.parallel_runs;
    v_told report.parallel_answer;
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN pg_catalog.jsonb_populate_record(NULL::report.parallel_answer, v_answer);
    END IF;
    SELECT s.* INTO v_session FROM app.processing_sessions AS s WHERE s.session_id = p_session_id;
    IF v_session.session_id IS NULL THEN
        PERFORM app.fail('NF001', 'session_id', NULL, coalesce(p_session_id::text, 'none'));
    -- Rolled back nothing is read, and the old program's file of a new month is gone with its next run.
    ELSIF app.cutover_state() = 'rolled_back' AND v_session.status IN ('processing', 'awaiting_decision') THEN
        v_result.session_id := p_session_id;
    ELSIF v_session.status <> 'completed' OR v_session.month_id IS NULL THEN
        PERFORM app.fail('ST002', 'session_id', 'completed, with a month', v_session.status);
    ELSIF p_shape_in_use NOT IN ('by_code', 'by_id', 'mixed') THEN
        PERFORM app.fail('IV008', 'shape_in_use', 'by_code, by_id or mixed', app.shorten(p_shape_in_use, 200));
    END IF;
    PERFORM app.refuse_control(p_file_name, 'file_name'), app.refuse_control(p_csv_name, 'csv_name'),
        app.refuse_control(p_workbook_name, 'workbook_name');
    v_result.month_id := CASE WHEN v_result.session_id IS NULL THEN v_session.month_id END;
    v_result.file_name := app.shorten(p_file_name, 400);
    v_result.size_bytes := pg_catalog.octet_length(p_file)::bigint;
    v_result.sha256 := v_sha256;
    v_result.shape_in_use := p_shape_in_use;
    v_result.is_same_files := coalesce(p_same_files, false);
    v_result.car_sha256 := app.read_checksum(p_car_sha256, 'car_sha256');
    v_result.receipt_sha256 := app.read_checksum(p_receipt_sha256, 'receipt_sha256');
    v_result.csv_name := CASE WHEN p_csv IS NOT NULL THEN app.shorten(p_csv_name, 400) END;
    v_result.workbook_name := CASE WHEN p_workbook IS NOT NULL THEN app.shorten(p_workbook_name, 400) END;
    v_result.workbook_sha256 := CASE WHEN p_workbook IS NOT NULL THEN coalesce(app.read_checksum(p_workbook_sha256, 'workbook_sha256'),
        pg_catalog.sha256(pg_catalog.convert_to(p_workbook::text, 'UTF8'))) END;
    v_result.csv_sha256 := pg_catalog.sha256(pg_catalog.convert_to(p_csv, 'UTF8'));
    PERFORM app.refuse_csv(p_csv);
    SELECT r.entries, r.rejects, r.known INTO v_entries, v_result.rejects, v_known FROM app.read_old_file(coalesce(p_file, '')) AS r;
    v_result.shape := app.shape_of(app.old_receipts(v_entries));
    v_content := (SELECT '{' || pg_catalog.string_agg(pg_catalog.to_json(e.source_key)::text || ': ' || e.entry_text, E',\n'
        ORDER BY e.entry_place) || '}' FROM pg_catalog.unnest(v_entries) AS e);
    -- A cell of 13 to 19 digits is a card, whatever its check digit says.
    v_known := v_known || ARRAY(SELECT DISTINCT m.cell[1]
        FROM pg_catalog.regexp_matches(p_csv, '(?:^|,)"?([0-9]{13,19})"?(?=,|\r|$)', 'gn') AS m (cell));
    -- Line by line: a card stands in each, and a text is cut number by number.
    v_csv := (SELECT pg_catalog.string_agg(app.hide_card_numbers(l.line, v_known), E'\n' ORDER BY l.ordinality)
        FROM pg_catalog.regexp_split_to_table(p_csv, E'\n') WITH ORDINALITY AS l (line));
    v_workbook := app.clear_workbook(p_workbook, v_known);
    v_result := app.keep_old_result(v_result, v_content, v_csv, v_workbook);
    IF v_result.session_id IS NULL THEN
        v_run := app.compare_entries(p_session_id, v_result, v_csv, v_workbook, v_entries, v_result.rejects);
    END IF;
    v_told := ROW(v_run.run_id, v_result.old_result_id, p_session_id, coalesce(v_run.verdict, 'waiting'),
        coalesce(v_run.verdict = 'clean', false), coalesce(v_run.roots_explained, 0), coalesce(v_run.roots_unexplained, 0),
        coalesce(v_run.roots_pending, 0));
    PERFORM app.end_request(p_request_id, 'compare_old_result', v_hash, pg_catalog.to_jsonb(v_told));
    RETURN v_told;
END
$$;
COMMENT ON FUNCTION api.compare_old_result(uuid, text, text, text, boolean, text, text, text, text, jsonb, text, text, text) IS 'Keeps a file of the program used before beside the month of a session, never as a session, and compares all of it with the session as it was read. With it comes which shape the company works with, the checksums of the PDFs that program read (or p_same_files, which the caller signs), its accounting import, and its workbook as rows of texts by sheet. Changes no month, and a closed one may be compared. While the cut-over is rolled back a file is kept for a submission that waits, too, and compared when that is read. Raises IV001 to IV009, IV011, IV018, IV023, IV071, NF001, PM001, PM002, RL004, RL160 for a file of another month, ST002, ST003.';

CREATE OR REPLACE FUNCTION app.compare_waiting() RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_waiting record;
    v_result app.old_results;
    v_state text;
    v_constraint text;
    v_context text;
BEGIN
    -- Two workers never compare the same one.
    PERFORM app.take_turn('old results');
    FOR v_waiting IN
        SELECT o AS result, s.month_id, t.content, t.csv_content, t.workbook_content FROM app.old_results AS o
        JOIN app.old_result_texts AS t ON t.old_result_id = o.old_result_id
        JOIN app.processing_sessions AS s ON s.session_id = o.session_id AND s.status = 'completed'
        WHERE NOT EXISTS (SELECT FROM app.parallel_runs AS r WHERE r.old_result_id = o.old_result_id)
            AND (SELECT count(*) FROM app.old_result_failures AS f WHERE f.old_result_id = o.old_result_id) < 3
        ORDER BY o.old_result_id
    LOOP
        BEGIN
            v_result := v_waiting.result;
            v_result.month_id := v_waiting.month_id;
            PERFORM app.compare_entries(v_result.session_id, v_result, v_waiting.csv_content, v_waiting.workbook_content::jsonb,
                (SELECT r.entries FROM app.read_old_file(v_waiting.content) AS r), v_result.rejects, true);
            RETURN true;
        EXCEPTION WHEN OTHERS OR query_canceled THEN
            -- One that cannot be compared keeps no other waiting, nor what is done after it.
            GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_constraint = CONSTRAINT_NAME, v_context = PG_EXCEPTION_CONTEXT;
            INSERT INTO app.old_result_failures (old_result_id, error)
            SELECT v_result.old_result_id, f.message FROM app.name_fault(v_state, v_constraint, v_context) AS f;
            -- The time limit counts once for a statement: what follows is done by the next one.
            IF v_state = '57014' THEN
                RETURN true;
            END IF;
        END;
    END LOOP;
    RETURN false;
END
$$;
COMMENT ON FUNCTION app.compare_waiting() IS 'Compares the first old result whose submission was not read when it was handed in, and is now; answers whether there may be more. What cannot be compared, or takes longer than the time limit, is noted in app.old_result_failures, tried three times, and keeps no other waiting.';
GRANT EXECUTE ON FUNCTION api.compare_old_result(uuid, text, text, text, boolean, text, text, text, text, jsonb, text, text, text) TO ccp_admin, ccp_processor;

SELECT app.pin_entry_points();

COMMIT;
