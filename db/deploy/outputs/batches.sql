-- Making batches, and voiding one as long as nothing builds on it.
-- requires: outputs/batch_drafts
-- requires: outputs/batch_views
-- requires: revising/door
-- requires: intake/months

BEGIN;

CREATE OR REPLACE FUNCTION app.enter_batch(p_session_id uuid, p_month_id uuid, p_target text, p_is_dry_run boolean) RETURNS app.processing_sessions
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_session app.processing_sessions;
BEGIN
    IF NOT p_is_dry_run THEN
        PERFORM app.hold_month(p_month_id);
        PERFORM app.take_turn('batches of ' || p_target);
    END IF;
    SELECT s.* INTO v_session FROM app.processing_sessions AS s WHERE s.session_id = p_session_id;
    IF v_session.status <> 'completed' THEN
        PERFORM app.fail('ST002', 'session_id', 'a completed session', v_session.status);
    ELSIF app.has_later_session(p_session_id) THEN
        PERFORM app.fail('ST006', 'session_id', 'the newest submission, ' || app.newest_session(v_session.chain_id),
            pg_catalog.format('session %s', p_session_id));
    ELSIF v_session.month_id IS NULL THEN
        PERFORM app.fail('ST002', 'session_id', 'a session with a month', 'one without, since none of its receipts has a date');
    END IF;
    PERFORM app.refuse_closed_month(v_session.month_id, 'session_id');
    PERFORM app.refuse_own_month(p_session_id);
    RETURN v_session;
END
$$;
COMMENT ON FUNCTION app.enter_batch(uuid, uuid, text, boolean) IS 'The door of batches: the session, which is the newest of an open month. Unless only looked at, the month is locked, and batches of the target are made one after the other. Raises PM003, ST002, ST006, ST051.';

CREATE OR REPLACE FUNCTION app.batch_built_on(p_target text, p_batch_number integer) RETURNS integer
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT max(n.batch_number)
    FROM app.accounting_batch_lines AS l
    JOIN app.accounting_batch_lines AS n ON n.target = l.target AND n.transaction_id = l.transaction_id
        AND n.batch_number > l.batch_number
    WHERE l.target = p_target AND l.batch_number = p_batch_number AND NOT EXISTS (
        SELECT FROM app.accounting_voids AS v WHERE v.target = n.target AND v.batch_number = n.batch_number);
END;
COMMENT ON FUNCTION app.batch_built_on(text, integer) IS 'The last batch that is not void and has a line of a receipt of this earlier one: it reverses a line, or posts what this one reversed. Null: none.';

CREATE OR REPLACE FUNCTION app.enter_void(p_batch app.accounting_batches) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_later integer;
BEGIN
    PERFORM app.hold_month(p_batch.month_id);
    PERFORM app.take_turn('batches of ' || p_batch.target);
    PERFORM app.refuse_closed_month(p_batch.month_id, 'batch_number');
    PERFORM app.refuse_own_month(p_batch.session_id);
    PERFORM app.refuse_same_person('PM090', p_batch.created_by, 'batch_number', 'another person than who made it');
    IF EXISTS (SELECT FROM app.accounting_voids AS v WHERE v.target = p_batch.target AND v.batch_number = p_batch.batch_number) THEN
        PERFORM app.fail('ST002', 'batch_number', 'a batch that is not void', 'a void one');
    END IF;
    v_later := app.batch_built_on(p_batch.target, p_batch.batch_number);
    IF v_later IS NOT NULL THEN
        PERFORM app.fail('ST090', 'batch_number', 'one on which no later batch builds', pg_catalog.format('batch %s', v_later));
    END IF;
END
$$;
COMMENT ON FUNCTION app.enter_void(app.accounting_batches) IS 'The door of voiding: of an open month, which is locked, by another person than who made the batch, once, while nothing builds on it. Raises PM003, PM090, ST002, ST051, ST090.';

CREATE OR REPLACE FUNCTION app.check_batch_words(
    p_invoice_month date, p_people text, p_reversals text, p_reason text, p_expected_sha256 text
) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF NOT pg_catalog.isfinite(p_invoice_month) OR pg_catalog.date_part('year', p_invoice_month) NOT BETWEEN 2000 AND 2100 THEN
        PERFORM app.fail('IV008', 'invoice_month', 'a day of the years 2000 to 2100', p_invoice_month::text);
    ELSIF (p_people IN ('finished', 'all')) IS NOT TRUE THEN
        PERFORM app.fail('IV008', 'people', 'finished or all', pg_catalog.left(p_people, 200));
    ELSIF (p_reversals IN ('none', 'needed', 'all')) IS NOT TRUE THEN
        PERFORM app.fail('IV008', 'reversals', 'none, needed or all', pg_catalog.left(p_reversals, 200));
    ELSIF p_expected_sha256 !~ '^[0-9a-f]{64}$' THEN
        PERFORM app.fail('IV008', 'expected_sha256', '64 digits in hex, as a look without it answers', pg_catalog.left(p_expected_sha256, 200));
    END IF;
    -- What is handed over although it is not finished is answered for.
    IF p_reason IS NOT NULL OR (p_people = 'all' AND p_expected_sha256 IS NOT NULL) THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
    END IF;
END
$$;
COMMENT ON FUNCTION app.check_batch_words(date, text, text, text, text) IS 'Judges the arguments of a batch by their shape; that receipts of all people are frozen needs a reason. Raises IV008.';

CREATE OR REPLACE FUNCTION app.answer_export(p_draft app.batch_draft) RETURNS report.export_answer
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT ROW(CASE WHEN b.batch_number IS NULL THEN 'dry_run' ELSE 'exported' END, b.session_id, b.target,
        b.batch_number, b.profile_name, b.profile_version, b.invoice_month, b.line_count,
        b.line_total, (SELECT count(*)::integer FROM unnest(p_draft.lines) AS l WHERE l.kind = 'reversal'),
        encode(b.sha256, 'hex'), (
            SELECT coalesce(jsonb_agg(jsonb_build_object('reason', x.reason, 'receipts', x.receipts, 'total', x.total) ORDER BY x.reason), '[]')
            FROM (SELECT o.reason, count(*) AS receipts, coalesce(sum(o.amount), 0)::text AS total
                  FROM unnest(p_draft.left_out) AS o GROUP BY o.reason) AS x),
        app.warn_of_lines(p_draft.lines, b.month_id))::report.export_answer
    FROM (SELECT (p_draft.batch).*) AS b;
END;
COMMENT ON FUNCTION app.answer_export(app.batch_draft) IS 'What people are told of a batch, made or only looked at.';

CREATE OR REPLACE FUNCTION app.check_batch(p_batch app.accounting_batches, p_answer report.export_answer, p_expected_sha256 text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF p_batch.line_count = 0 THEN
        PERFORM app.fail('RL090', 'session_id', 'a receipt to post', coalesce((
            SELECT pg_catalog.string_agg(pg_catalog.format('%s %s', x ->> 'receipts', x ->> 'reason'), ', ')
            FROM pg_catalog.jsonb_array_elements(p_answer.left_out) AS x), 'no receipts'));
    ELSIF p_answer.sha256 <> p_expected_sha256 THEN
        PERFORM app.fail('ST001', 'expected_sha256', p_expected_sha256, pg_catalog.format('%s: %s lines of %s, invoice month %s',
            p_answer.sha256, p_answer.line_count, p_answer.line_total, p_answer.invoice_month));
    END IF;
END
$$;
COMMENT ON FUNCTION app.check_batch(app.accounting_batches, report.export_answer, text) IS 'Refuses a batch without lines, RL090 with what was left out and why, and one that is another than the caller saw, ST001.';

CREATE OR REPLACE FUNCTION api.export_lines(
    p_session_id uuid, p_profile_name text DEFAULT 'old_program', p_invoice_month date DEFAULT NULL, p_people text DEFAULT 'finished',
    p_reversals text DEFAULT 'none', p_reason text DEFAULT NULL, p_expected_sha256 text DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.export_answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_dry_run boolean := p_expected_sha256 IS NULL;
    v_hash bytea := app.hash_request('export_lines', p_session_id::text, p_profile_name, p_invoice_month::text, p_people, p_reversals,
        p_reason, p_expected_sha256);
    v_answer jsonb := app.begin_request(CASE WHEN NOT v_dry_run THEN p_request_id END, 'export_lines', v_hash, p_reason);
    v_profile app.accounting_profiles;
    v_session app.processing_sessions;
    v_batch app.accounting_batches;
    v_draft app.batch_draft;
    v_result report.export_answer;
BEGIN
    -- The id of a dry run is not used, and refused all the same.
    PERFORM app.refuse_card_number(p_request_id, 'request_id');
    IF v_answer IS NOT NULL THEN
        RETURN pg_catalog.jsonb_populate_record(NULL::report.export_answer, v_answer);
    END IF;
    PERFORM app.check_batch_words(p_invoice_month, p_people, p_reversals, p_reason, p_expected_sha256);
    v_profile := app.accounting_profile(p_profile_name);
    SELECT s.* INTO v_session FROM app.processing_sessions AS s WHERE s.session_id = p_session_id;
    IF v_session.session_id IS NULL THEN
        PERFORM app.fail('NF001', 'session_id', NULL, coalesce(p_session_id::text, 'none'));
    END IF;
    PERFORM app.enter_batch(p_session_id, v_session.month_id, v_profile.target, v_dry_run);
    v_batch.session_id := p_session_id;
    v_batch.profile_name := v_profile.profile_name;
    v_batch.profile_version := v_profile.profile_version;
    v_batch.invoice_month := app.invoice_month(p_session_id, p_invoice_month);
    v_batch.people := p_people;
    v_batch.reversals := p_reversals;
    v_batch.reason := app.hide_card_numbers(nullif(pg_catalog.btrim(p_reason), ''));
    IF NOT v_dry_run THEN
        v_batch.batch_number := 1 + coalesce((SELECT pg_catalog.max(b.batch_number) FROM app.accounting_batches AS b
            WHERE b.target = v_profile.target), 0);
    END IF;
    v_draft := app.draft_batch(v_batch);
    v_result := app.answer_export(v_draft);
    IF v_dry_run THEN
        RETURN v_result;
    END IF;
    v_batch := v_draft.batch;
    PERFORM app.check_batch(v_batch, v_result, p_expected_sha256);
    -- Its lines and what it leaves out are written by the trigger of the table.
    INSERT INTO app.accounting_batches (target, batch_number, month_id, chain_id, session_id, profile_name, profile_version,
        invoice_month, people, reversals, reason, open_issues, revisions_sha256, receipt_total, line_count, line_total,
        left_out_count, content, sha256)
    VALUES (v_batch.target, v_batch.batch_number, v_batch.month_id, v_batch.chain_id, v_batch.session_id,
        v_batch.profile_name, v_batch.profile_version, v_batch.invoice_month, v_batch.people, v_batch.reversals, v_batch.reason,
        v_batch.open_issues, v_batch.revisions_sha256, v_batch.receipt_total, v_batch.line_count, v_batch.line_total,
        v_batch.left_out_count, v_batch.content, v_batch.sha256);
    PERFORM app.end_request(p_request_id, 'export_lines', v_hash, pg_catalog.to_jsonb(v_result));
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.export_lines(uuid, text, date, text, text, text, text, text) IS 'Hands the receipts of a month that no batch of the target has yet to accounting: freezes them as the next batch, with its bytes. Without expected_sha256 nothing is written: the answer says what a batch would hold, with the invoice month and the SHA-256 that the call which freezes it has to name. Of finished people, or, with a reason, of all. Lines of earlier batches that do not stand any more are reversed when reversals is needed, with all also those of which only words changed. Left out and why, and receipt ids that another month, another line or an earlier batch has too, stand in the answer. Raises IV008, NF001, NF090, PM001, PM002, PM003 for the own card, RL090 when there is nothing to post, ST001 when it is another than was shown, ST002, ST003, ST006, ST051.';
GRANT EXECUTE ON FUNCTION api.export_lines(uuid, text, date, text, text, text, text, text) TO ccp_admin, ccp_processor;

CREATE OR REPLACE FUNCTION api.void_batch(
    p_target text, p_batch_number integer, p_reason text, p_request_id text DEFAULT NULL
) RETURNS report.accounting_batches
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('void_batch', p_target, p_batch_number::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'void_batch', v_hash, p_reason);
    v_batch app.accounting_batches;
    v_result report.accounting_batches;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        SELECT b.* INTO v_batch FROM app.accounting_batches AS b WHERE b.target = p_target AND b.batch_number = p_batch_number;
        IF v_batch.target IS NULL THEN
            PERFORM app.fail('NF091', 'batch_number', 'a number of report.accounting_batches',
                pg_catalog.format('%s of %s', p_batch_number, pg_catalog.left(p_target, 200)));
        END IF;
        -- The trigger of the table is the door.
        INSERT INTO app.accounting_voids (target, batch_number, author, reason)
        VALUES (p_target, p_batch_number, v_batch.created_by, app.hide_card_numbers(pg_catalog.btrim(p_reason)));
        PERFORM app.end_request(p_request_id, 'void_batch', v_hash, pg_catalog.jsonb_build_object('batch_number', p_batch_number));
    END IF;
    SELECT b.* INTO v_result FROM report.accounting_batches AS b WHERE b.target = p_target AND b.batch_number = p_batch_number;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.void_batch(text, integer, text, text) IS 'Says of a batch that it was never posted, with the reason, as another person than who made it: its lines are free again, and nothing is deleted. Not when a later batch builds on it, which is voided first, nor in a closed month. Raises IV008, NF091, PM001, PM002, PM003 for the own card, PM090, ST002 when it is void already, ST003, ST051, ST090.';
GRANT EXECUTE ON FUNCTION api.void_batch(text, integer, text, text) TO ccp_admin;

SELECT app.pin_entry_points();

COMMIT;
