-- Taking two read PDFs into their session: one transaction, one statement per table.
-- requires: documents/upload
-- requires: documents/worker
-- requires: documents/control
-- requires: intake/import

BEGIN;

CREATE OR REPLACE FUNCTION app.write_ledger(p_session_id uuid, p_car jsonb, p_receipts jsonb, p_people app.staged_person[]) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    UPDATE app.session_documents AS s
    SET parser_version = CASE s.kind WHEN 'car_pdf' THEN p_car ELSE p_receipts END ->> 'parser_version',
        parameters = CASE s.kind WHEN 'car_pdf' THEN p_car -> 'parameters' END
    WHERE s.session_id = p_session_id;
    UPDATE app.documents AS d
    SET page_count = (CASE s.kind WHEN 'car_pdf' THEN p_car ELSE p_receipts END -> 'page_count')::integer
    FROM app.session_documents AS s
    WHERE s.session_id = p_session_id AND d.document_id = s.document_id;

    INSERT INTO app.document_pages (session_id, kind, page_number, status, used_for, card_id, transaction_id, reason,
        loose_lines)
    SELECT p_session_id, 'car_pdf', p.page, p.status, CASE p.status WHEN 'used' THEN 'card' END, k.card_id, NULL,
        p.reason, nullif(p.loose, '[]')
    FROM jsonb_to_recordset(p_car -> 'pages')
        AS p (page integer, status text, "row" integer, reason text, loose jsonb)
    LEFT JOIN (
        SELECT c.card_place, x.card_id
        FROM app.staged_cards(p_car) AS c
        JOIN unnest(p_people) AS o ON o.source_key = c.source_key
        JOIN app.cards AS x ON x.cardholder_id = o.cardholder_id
            AND x.first_six = left(c.card_number, 6) AND x.last_four = right(c.card_number, 4)
    ) AS k ON k.card_place = p."row" + 1
    UNION ALL
    SELECT p_session_id, 'receipt_pdf', p.page, p.status, CASE p.status WHEN 'used' THEN 'receipt' END, NULL,
        t.transaction_id, p.reason, nullif(p.loose, '[]')
    FROM jsonb_to_recordset(p_receipts -> 'pages')
        AS p (page integer, status text, "row" integer, reason text, loose jsonb)
    LEFT JOIN (
        SELECT x.page_number, x.transaction_id
        FROM (SELECT DISTINCT o.revision_id FROM unnest(p_people) AS o) AS r
        JOIN app.receipt_links AS x ON x.employee_revision_id = r.revision_id
    ) AS t ON t.page_number = p.page AND p.status = 'used';

    INSERT INTO app.page_texts (document_id, page_number, parser_version, page_text)
    SELECT s.document_id, p.page, s.parser_version, p.text
    FROM app.session_documents AS s
    -- Where retention was quicker than a decision, the text is gone with the bytes.
    JOIN app.documents AS d ON d.document_id = s.document_id AND d.has_bytes
    CROSS JOIN LATERAL jsonb_to_recordset(CASE s.kind WHEN 'car_pdf' THEN p_car ELSE p_receipts END -> 'pages')
        AS p (page integer, text text)
    WHERE s.session_id = p_session_id
    ON CONFLICT (document_id, page_number, parser_version) DO NOTHING;

    INSERT INTO app.document_notices (session_id, notice_number, kind, page_number, line_number, code, message,
        printed_amount, found_amount)
    SELECT p_session_id, row_number() OVER (ORDER BY n.kind, n.page NULLS FIRST, n.line NULLS FIRST, n.code, n.message),
        n.kind, n.page, n.line, n.code, app.shorten(n.message, 2000), n.printed, n.found
    FROM (
        SELECT 'car_pdf' AS kind, t.page, t.line, t.code, t.message, t.printed, t.found
        FROM app.total_notices(p_car) AS t
        UNION ALL
        SELECT 'car_pdf', x.page, x.line, x.code, x.message, NULL, NULL
        FROM jsonb_to_recordset(p_car -> 'notices') AS x (page integer, line integer, code text, message text)
        UNION ALL
        SELECT 'car_pdf', x.page, x.line, 'unread_parameter', format('%s cannot be read: %s (%s)', x.field, x.raw, x.reason),
            NULL, NULL
        FROM jsonb_to_recordset(p_car #> '{parameters,problems}') AS x (page integer, line integer, field text, raw text,
            reason text)
        UNION ALL
        SELECT 'receipt_pdf', x.page, x.line, x.code, x.message, NULL, NULL
        FROM jsonb_to_recordset(p_receipts -> 'notices') AS x (page integer, line integer, code text, message text)
    ) AS n;
END;
COMMENT ON FUNCTION app.write_ledger(uuid, jsonb, jsonb, app.staged_person[]) IS 'Notes what became of each page, its text, and what does not tie or was not understood.';

CREATE OR REPLACE FUNCTION app.whole_numbers(p_car jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT ARRAY(
        SELECT n.number
        FROM (SELECT f.value #>> '{}' FROM jsonb_path_query(p_car, '$.full_numbers[*]') AS f (value)) AS n (number)
        WHERE n.number COLLATE "C" ~ '^[0-9]{13,19}$');
END;
COMMENT ON FUNCTION app.whole_numbers(jsonb) IS 'The numbers that card fields of a read report print whole, as the reader found them.';

CREATE OR REPLACE FUNCTION app.take_documents(p_session_id uuid, p_car jsonb, p_receipts jsonb, p_phases jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_start timestamptz := pg_catalog.clock_timestamp();
    v_read timestamptz;
    v_people app.staged_person[];
    v_links app.receipt_links[];
    v_drafts app.revision_draft[];
    v_known text[] := app.whole_numbers(p_car);
    v_cut_car jsonb;
    v_cut_receipts jsonb;
BEGIN
    -- Below no text holds a card number.
    v_cut_car := app.cut_in_json(p_car, v_known);
    v_cut_receipts := app.cut_in_json(p_receipts, v_known);
    -- Where nothing was cut, no id holds one.
    PERFORM app.refuse_card_ids(CASE WHEN v_cut_car IS NOT NULL THEN p_car END,
        CASE WHEN v_cut_receipts IS NOT NULL THEN p_receipts END, v_known);
    p_car := coalesce(v_cut_car, p_car);
    p_receipts := coalesce(v_cut_receipts, p_receipts);
    PERFORM app.judge_rows(p_car, p_receipts);
    PERFORM app.keep_aliases();
    PERFORM app.hold_earlier(p_session_id);
    v_people := app.stage_documents(p_car, p_receipts);
    PERFORM app.save_cardholders(v_people);
    v_people := app.identify_people(p_session_id, v_people);

    PERFORM app.save_cards(pg_catalog.array_agg(p.cardholder_id), pg_catalog.array_agg(c.card_number))
    FROM app.staged_cards(p_car) AS c JOIN pg_catalog.unnest(v_people) AS p ON p.source_key = c.source_key;

    WITH read AS MATERIALIZED (
        SELECT r.* FROM app.document_receipts(p_receipts, v_people) AS r
    ), written AS (
        INSERT INTO app.receipt_contents SELECT (r.content).* FROM read AS r
    )
    SELECT pg_catalog.array_agg(ROW(r.revision_id, r.transaction_id, (r.content).content_id, NULL, r.natural_key,
        r.position, r.page_number, r.receipt_key)::app.receipt_links) INTO v_links
    FROM read AS r;
    PERFORM app.link_receipts(p_session_id, v_links, v_people);

    INSERT INTO app.card_totals SELECT c.* FROM app.document_cards(p_session_id, p_car, v_people) AS c;
    INSERT INTO app.charges SELECT c.* FROM app.document_charges(p_session_id, p_car, v_people) AS c;
    INSERT INTO app.charge_lines SELECT l.* FROM app.document_lines(p_session_id, p_car) AS l;
    PERFORM app.write_ledger(p_session_id, p_car, p_receipts, v_people);
    v_read := pg_catalog.clock_timestamp();

    v_drafts := app.draft_people(p_session_id, v_people);
    PERFORM app.write_control(p_session_id, v_people, app.judge_totals(p_session_id, p_car),
        app.settle_month(p_session_id, v_drafts, app.read_date(p_car #>> '{parameters,posted_from}'),
            app.read_date(p_car #>> '{parameters,posted_to}')));
    PERFORM app.complete_revisions(app.carry_corrections(p_session_id, v_drafts, 'import'), 'import', NULL);
    PERFORM app.finish_session(p_session_id);

    INSERT INTO app.processing_metrics (session_id, processing_time_ms, employees, transactions, phases)
    SELECT p_session_id, app.milliseconds(pg_catalog.clock_timestamp() - s.processing_started_at),
        (SELECT pg_catalog.count(DISTINCT p.cardholder_id) FROM pg_catalog.unnest(v_people) AS p),
        coalesce(pg_catalog.cardinality(v_links), 0),
        coalesce(p_phases, '{}') || pg_catalog.jsonb_build_object('stage', app.milliseconds(v_read - v_start),
            'validate', app.milliseconds(pg_catalog.clock_timestamp() - v_read))
    FROM app.processing_sessions AS s WHERE s.session_id = p_session_id;
END
$$;
COMMENT ON FUNCTION app.take_documents(uuid, jsonb, jsonb, jsonb) IS 'Takes the rows of two read PDFs into their session: people, receipts, cards, charges, page ledger, notices, month, control block, revisions, issues. Card numbers are cut in all texts first, those of card fields whatever their check digit. Raises IV018, IV036, RL030, ST050.';

CREATE OR REPLACE FUNCTION app.staged_documents(p_car jsonb, p_receipts jsonb, p_phases jsonb) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object('car', app.hide_in_json(p_car, k.numbers), 'receipts', app.hide_in_json(p_receipts, k.numbers),
        'phases', p_phases)
    FROM (SELECT app.whole_numbers(p_car)) AS k (numbers);
END;
COMMENT ON FUNCTION app.staged_documents(jsonb, jsonb, jsonb) IS 'What a worker read, as it may wait: card numbers cut as app.take_documents cuts them.';

CREATE OR REPLACE FUNCTION api.accept_documents(p_job_id uuid, p_token uuid, p_car jsonb, p_receipts jsonb, p_phases jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
SET work_mem = '64MB'
AS $$
DECLARE
    v_job app.jobs;
    v_control app.submission_controls;
    v_answer jsonb;
    v_state text;
    v_message text;
    v_detail text;
    v_hint text;
    v_kind text;
BEGIN
    PERFORM app.begin_request(NULL, 'accept_documents', NULL);
    v_job := app.lock_job(p_job_id, p_token);
    IF v_job.queued_by <> app.actor_id() THEN
        PERFORM app.fail('PM002', 'job_id', 'the person who queued it', pg_catalog.format('job %s', p_job_id));
    END IF;
    IF (app.lock_chain(v_job.session_id)).status <> 'processing' THEN
        PERFORM app.end_job(p_job_id, 'wrong_state', 'The session was cancelled.', NULL, false);
        RETURN app.refusal('ST002', 'session was cancelled', NULL, 'Nothing to do.', 'session_id');
    END IF;
    -- The inner block ends in an error for a refusal, a dry run and what has to wait, and takes with it all that was
    -- written. What has to wait was tried to its end, so that it is not refused for its content when it is decided about.
    BEGIN
        BEGIN
            PERFORM app.take_documents(v_job.session_id, p_car, p_receipts, p_phases);
            v_control := app.newest_control(v_job.session_id);
            v_answer := app.tried_answer(v_control, '{}', v_job.is_dry_run) || '{"rejects": []}';
            IF v_answer ->> 'outcome' <> 'accepted' THEN
                PERFORM app.take_back();
            END IF;
        EXCEPTION
            WHEN SQLSTATE 'ZX001' THEN
                IF v_answer ->> 'outcome' = 'awaiting_decision' THEN
                    PERFORM app.await_decision(v_control, app.staged_documents(p_car, p_receipts, p_phases));
                END IF;
        END;
    EXCEPTION
        WHEN SQLSTATE 'IV018' OR SQLSTATE 'IV036' OR SQLSTATE 'RL030' OR SQLSTATE 'PM003' OR SQLSTATE 'ST050'
            OR SQLSTATE 'ST051' THEN
            GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_message = MESSAGE_TEXT,
                v_detail = PG_EXCEPTION_DETAIL, v_hint = PG_EXCEPTION_HINT, v_kind = COLUMN_NAME;
            v_answer := app.refusal(v_state, v_message, v_detail, v_hint, nullif(v_kind, ''));
            PERFORM app.end_job(p_job_id, v_answer ->> 'code', pg_catalog.concat_ws(': ', v_message, v_detail),
                CASE WHEN v_kind IN ('car_pdf', 'receipt_pdf') THEN v_kind END, false);
            RETURN v_answer;
    END;
    PERFORM app.end_job(p_job_id, NULL, NULL, NULL, false);
    PERFORM app.record_attempt(s.file_name, d.size_bytes, d.sha256, v_answer - 'rejects', NULL)
    FROM app.session_documents AS s JOIN app.documents AS d ON d.document_id = s.document_id
    WHERE s.session_id = v_job.session_id;
    IF v_job.is_dry_run THEN
        UPDATE app.jobs AS j SET answer = v_answer WHERE j.job_id = p_job_id;
        PERFORM app.reopen_session(v_job.session_id);
        RETURN v_answer;
    END IF;
    RETURN v_answer || pg_catalog.jsonb_build_object('report', report.session_summary(v_job.session_id));
END
$$;
COMMENT ON FUNCTION api.accept_documents(uuid, uuid, jsonb, jsonb, jsonb) IS 'Accepts what a worker read from the two PDFs of its job, as the person who queued it, whole or not at all: the session is completed, awaits a decision when its control block asks for one, is open again after a dry run, or failed with the reason (a name, id or code with a card number, rows that do not have their form, a page that is neither used nor skipped, another month than that of the submissions before, nobody in it but whoever handed it in). Answers as api.import_activity does. Raises PM001, PM002, ST030 when the job is another worker''s by now.';
GRANT EXECUTE ON FUNCTION api.accept_documents(uuid, uuid, jsonb, jsonb, jsonb) TO ccp_admin, ccp_processor;

SELECT app.pin_entry_points();

COMMIT;
