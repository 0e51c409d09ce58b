-- Signing off, closing and reopening months.
-- requires: months/obstacles
-- requires: intake/months
--
-- Step             from    to      by                                   asks for
-- sign_off_month   open    open    a reviewer or administrator          nothing; it counts while the content stays the same
-- accept_unposted  open    open    a reviewer or administrator          a reason; it counts while the content stays the same
-- close_month      open    closed  a reviewer or administrator          nothing keeps it open, see months/obstacles
-- close_past_month open    closed  an administrator                     a period that ended month_history_days ago
-- reopen_month     closed  open    an administrator who did not close   a reason

BEGIN;

CREATE OR REPLACE FUNCTION app.lock_month(p_month_id uuid, p_expected_version integer) RETURNS app.months
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_month app.months;
BEGIN
    SELECT m.* INTO v_month FROM app.months AS m WHERE m.month_id = p_month_id;
    IF v_month.month_id IS NULL THEN
        PERFORM app.fail('NF006', 'month_id', NULL, coalesce(p_month_id::text, 'none'));
    END IF;
    v_month := app.hold_month(p_month_id);
    PERFORM app.check_version(p_expected_version, (
        SELECT m.version FROM report.months AS m WHERE m.month_id = p_month_id));
    RETURN v_month;
END
$$;
COMMENT ON FUNCTION app.lock_month(uuid, integer) IS 'The month in the version the caller saw, with its sessions and people locked: nobody writes to it meanwhile. Raises NF006, ST001.';

CREATE OR REPLACE FUNCTION app.next_event(p_month_id uuid) RETURNS integer
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(max(e.event_number), 0) + 1 FROM app.month_events AS e WHERE e.month_id = p_month_id;
END;
COMMENT ON FUNCTION app.next_event(uuid) IS 'The number of the next event of a month that is locked.';

CREATE OR REPLACE FUNCTION app.note_month(p_event app.month_events) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO app.month_events (month_id, event_number, kind, is_history, cardholder_id, reason, closing_number,
        closed_by, tick_number, proof, digest)
    SELECT (p_event).month_id, app.next_event((p_event).month_id), (p_event).kind, coalesce((p_event).is_history, false),
        (p_event).cardholder_id, app.hide_card_numbers(nullif(btrim((p_event).reason), '')),
        (p_event).closing_number, (p_event).closed_by, (p_event).tick_number, (p_event).proof, (p_event).digest;
    -- Naming the version makes even a sign-off a change: the next step has to have seen it.
    UPDATE app.months AS m
    SET version = m.version + 1,
        state = CASE (p_event).kind WHEN 'closed' THEN 'closed' WHEN 'reopened' THEN 'open' ELSE m.state END
    WHERE m.month_id = (p_event).month_id;
END;
COMMENT ON FUNCTION app.note_month(app.month_events) IS 'Writes an event of a month by the actor, with the state it leads to and the next version.';

CREATE OR REPLACE FUNCTION app.prove_month(p_month_id uuid) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT jsonb_build_object('month_name', min(m.month_name), 'changes', (
            SELECT o.version - n.version FROM report.months AS o JOIN app.months AS n ON n.month_id = o.month_id
            WHERE o.month_id = p_month_id),
        'submissions', coalesce(jsonb_agg(jsonb_build_object(
            'session_id', s.session_id, 'source_sha256', encode(x.source_sha256, 'hex'), 'people', s.total_employees,
            'finished', s.employees_completed, 'card_total', s.total_amount::text, 'receipt_total', s.receipt_total::text,
            'unknown_card_totals', s.unknown_card_totals, 'receipts', r.receipts, 'charges', c.charges, 'issues', i.states)
            ORDER BY s.session_id) FILTER (WHERE s.session_id IS NOT NULL), '[]'))
    FROM app.months AS m
    LEFT JOIN report.sessions AS s ON s.month_id = m.month_id AND s.is_latest
    LEFT JOIN app.processing_sessions AS x ON x.session_id = s.session_id
    LEFT JOIN LATERAL (
        SELECT sum(v.receipt_count) AS receipts FROM app.session_employees AS e
        JOIN app.employee_revisions AS v ON v.revision_id = e.current_revision_id WHERE e.session_id = s.session_id
    ) AS r ON true
    LEFT JOIN LATERAL (SELECT count(*) AS charges FROM app.charges AS y WHERE y.session_id = s.session_id) AS c ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(y.state, y.issues) AS states
        FROM (SELECT z.state, count(*) AS issues FROM app.validation_issues AS z WHERE z.session_id = s.session_id
              GROUP BY z.state) AS y
    ) AS i ON true
    WHERE m.month_id = p_month_id;
END;
COMMENT ON FUNCTION app.prove_month(uuid) IS 'Totals and counts of a month as a closing stores them: how often something of it was changed, and of each submission that counts its file, people, receipts, charges, both totals, and issues by state.';

CREATE OR REPLACE FUNCTION app.refuse_own_submissions(p_month_id uuid) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT app.refuse_own_month(s.session_id) FROM app.current_submissions(p_month_id) AS s (session_id);
END;
COMMENT ON FUNCTION app.refuse_own_submissions(uuid) IS 'Refuses a month of which a submission is the caller''s own card and nobody else''s, PM003.';

CREATE OR REPLACE FUNCTION app.refuse_obstacles(p_month_id uuid) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT app.fail_all('RL051', array_agg(format('obstacles[%s].%s', o.place - 1, o.kind) ORDER BY o.place),
        array_agg('nothing of this kind'::text ORDER BY o.place),
        array_agg(concat_ws(': ', o.employee_name, o.description) ORDER BY o.place))
    FROM report.month_obstacles(p_month_id) WITH ORDINALITY
        AS o (kind, session_id, cardholder_id, employee_name, object_id, description, place);
END;
COMMENT ON FUNCTION app.refuse_obstacles(uuid) IS 'Raises RL051 with all that keeps a month open, a line each; nothing when it can be closed.';

CREATE OR REPLACE FUNCTION api.sign_off_month(
    p_month_id uuid, p_expected_version integer, p_cardholder_id uuid DEFAULT NULL, p_note text DEFAULT NULL,
    p_request_id text DEFAULT NULL
) RETURNS report.months
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('sign_off_month', p_month_id::text, p_expected_version::text, p_cardholder_id::text, p_note);
    v_answer jsonb := app.begin_request(p_request_id, 'sign_off_month', v_hash, p_note);
    v_event app.month_events;
    v_result report.months;
BEGIN
    IF v_answer IS NULL THEN
        IF p_note IS NOT NULL THEN
            PERFORM app.require_text(p_note, 'note', 4000);
        END IF;
        PERFORM app.lock_month(p_month_id, p_expected_version);
        PERFORM app.refuse_closed_month(p_month_id, 'month_id');
        PERFORM app.refuse_own_submissions(p_month_id);
        PERFORM app.refuse_own_card(ARRAY[p_cardholder_id]);
        v_event.month_id := p_month_id;
        v_event.kind := 'signed_off';
        v_event.cardholder_id := p_cardholder_id;
        v_event.reason := p_note;
        v_event.digest := CASE WHEN p_cardholder_id IS NULL THEN app.digest_month(p_month_id) ELSE (
            SELECT d.digest FROM app.digest_people(p_month_id) AS d
            JOIN app.current_submissions(p_month_id) AS s (session_id) ON s.session_id = d.session_id
            WHERE d.cardholder_id = p_cardholder_id ORDER BY d.session_id DESC LIMIT 1) END;
        IF v_event.digest IS NULL THEN
            PERFORM app.fail('NF004', 'cardholder_id', NULL, pg_catalog.format('%s in %s', p_cardholder_id, p_month_id));
        END IF;
        PERFORM app.note_month(v_event);
        PERFORM app.end_request(p_request_id, 'sign_off_month', v_hash, pg_catalog.jsonb_build_object('month_id', p_month_id));
    END IF;
    SELECT m.* INTO v_result FROM report.months AS m WHERE m.month_id = p_month_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.sign_off_month(uuid, integer, uuid, text, text) IS 'Signs off a month as it is now, or one person of it, at the version the caller saw. It counts until anything of it changes. Whether closing asks for it says the setting month_sign_off. Raises IV008, NF004, NF006, PM001, PM002, PM003 for the own card, ST001, ST003, ST051.';

CREATE OR REPLACE FUNCTION app.take_closing(
    p_call text, p_month_id uuid, p_expected_version integer, p_reason text, p_request_id text
) RETURNS report.months
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request(p_call, p_month_id::text, p_expected_version::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, p_call, v_hash, p_reason);
    v_last date := (pg_catalog.now() AT TIME ZONE 'UTC')::date - app.setting('month_history_days')::integer;
    v_month app.months;
    v_event app.month_events;
    v_result report.months;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        v_month := app.lock_month(p_month_id, p_expected_version);
        PERFORM app.refuse_closed_month(p_month_id, 'month_id');
        PERFORM app.refuse_own_submissions(p_month_id);
        IF p_call = 'close_month' THEN
            PERFORM app.refuse_obstacles(p_month_id);
            -- Of the outputs, which come later in the plan.
            PERFORM app.refuse_own_acceptance(p_month_id);
        ELSIF v_month.period_end > v_last THEN
            PERFORM app.fail('RL051', 'month_id', pg_catalog.format('a month that ended by %s', v_last), v_month.period_end::text);
        END IF;
        v_event.month_id := p_month_id;
        v_event.kind := 'closed';
        v_event.is_history := p_call = 'close_past_month';
        v_event.reason := p_reason;
        v_event.proof := app.prove_month(p_month_id);
        v_event.digest := app.digest_month(p_month_id);
        -- Of the outputs, too.
        PERFORM app.store_closed_texts(p_month_id);
        -- Last: from here on others wait for a tick.
        v_event.tick_number := (audit.tick('close')).tick_number;
        PERFORM app.note_month(v_event);
        PERFORM app.end_request(p_request_id, p_call, v_hash, pg_catalog.jsonb_build_object('month_id', p_month_id));
    END IF;
    SELECT m.* INTO v_result FROM report.months AS m WHERE m.month_id = p_month_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION app.take_closing(text, uuid, integer, text, text) IS 'What both ways of closing share: request id, lock at the version seen, checks, proof, files, tick, event. Raises IV008, NF006, PM001, PM002, PM003, PM052, RL051, ST001, ST003, ST051.';

CREATE OR REPLACE FUNCTION api.close_month(
    p_month_id uuid, p_expected_version integer, p_reason text, p_request_id text DEFAULT NULL
) RETURNS report.months
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT m FROM app.take_closing('close_month', p_month_id, p_expected_version, p_reason, p_request_id) AS m;
END;
COMMENT ON FUNCTION api.close_month(uuid, integer, text, text) IS 'Closes a month at the version the caller saw and with a reason, or says all that keeps it open, see report.month_obstacles. Stores totals, counts and a hash of what was closed, and writes a tick; the next seal covers it. From then on nothing of the month changes. Raises IV008, NF006, PM001, PM002, PM003 for the own card, PM052, RL051, ST001, ST003, ST051.';

CREATE OR REPLACE FUNCTION api.close_past_month(
    p_month_id uuid, p_expected_version integer, p_request_id text DEFAULT NULL
) RETURNS report.months
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT m FROM app.take_closing('close_past_month', p_month_id, p_expected_version, 'history', p_request_id) AS m;
END;
COMMENT ON FUNCTION api.close_past_month(uuid, integer, text) IS 'Closes a month from before this system as it is, at the version the caller saw: for the reason history, without what a closing asks for, its issues in the state they are in. Its period must have ended at least month_history_days ago. Raises IV008, NF006, PM001, PM002, PM003 for the own card, RL051, ST001, ST003, ST051.';

CREATE OR REPLACE FUNCTION api.reopen_month(
    p_month_id uuid, p_expected_version integer, p_reason text, p_request_id text DEFAULT NULL
) RETURNS report.months
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('reopen_month', p_month_id::text, p_expected_version::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'reopen_month', v_hash, p_reason);
    v_month app.months;
    v_closing app.month_events;
    v_event app.month_events;
    v_people record;
    v_result report.months;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        v_month := app.lock_month(p_month_id, p_expected_version);
        IF v_month.state <> 'closed' THEN
            PERFORM app.fail('ST002', 'month_id', 'a closed month', v_month.state);
        END IF;
        PERFORM app.refuse_own_submissions(p_month_id);
        SELECT e.* INTO v_closing FROM app.month_events AS e
        WHERE e.month_id = p_month_id AND e.kind = 'closed' ORDER BY e.event_number DESC LIMIT 1;
        PERFORM app.refuse_same_person('PM051', v_closing.user_id, 'month_id', 'another person than who closed it');
        v_event.month_id := p_month_id;
        v_event.kind := 'reopened';
        v_event.reason := p_reason;
        v_event.closing_number := v_closing.event_number;
        v_event.closed_by := v_closing.user_id;
        PERFORM app.note_month(v_event);
        -- Other months may have changed since.
        SELECT pg_catalog.array_agg(e.session_id) AS sessions, pg_catalog.array_agg(e.cardholder_id) AS cardholders
        INTO v_people
        FROM app.current_submissions(p_month_id) AS s (session_id)
        JOIN app.session_employees AS e ON e.session_id = s.session_id;
        PERFORM app.judge_again(v_people.sessions, v_people.cardholders, ARRAY['duplicate_across_cycles'],
            'month ' || p_month_id);
        PERFORM app.end_request(p_request_id, 'reopen_month', v_hash, pg_catalog.jsonb_build_object('month_id', p_month_id));
    END IF;
    SELECT m.* INTO v_result FROM report.months AS m WHERE m.month_id = p_month_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.reopen_month(uuid, integer, text, text) IS 'Opens a closed month again at the version the caller saw and with a reason, as another person than who closed it; the closing stays on record, and what other months say by now is asked again. Raises IV008, NF006, PM001, PM002, PM003 for the own card, PM051, ST001, ST002 when it is open, ST003.';

GRANT EXECUTE ON FUNCTION api.sign_off_month(uuid, integer, uuid, text, text),
    api.close_month(uuid, integer, text, text) TO ccp_admin, ccp_reviewer;
GRANT EXECUTE ON FUNCTION api.reopen_month(uuid, integer, text, text), api.close_past_month(uuid, integer, text)
    TO ccp_admin;

CREATE OR REPLACE VIEW report.month_events AS
SELECT e.month_id, e.event_number, e.kind, e.is_history, e.cardholder_id, h.name_key AS employee_name, e.reason, e.user_id,
    u.user_name, e.closing_number, e.closed_by, e.tick_number, e.proof, encode(e.digest, 'hex') AS digest, e.happened_at,
    z.seal_number, encode(z.seal_hash, 'hex') AS seal_hash
FROM app.month_events AS e
JOIN app.users AS u ON u.user_id = e.user_id
LEFT JOIN app.cardholders AS h ON h.cardholder_id = e.cardholder_id
LEFT JOIN audit.seals AS z ON e.created_tx >= z.from_tx AND e.created_tx < z.to_tx;
COMMENT ON VIEW report.month_events IS 'What people did about months as a whole: signed off, accepted without posting, closed, reopened; with the seal that covers it.';
COMMENT ON COLUMN report.month_events.employee_name IS 'Name key of whom a sign-off is about.';
COMMENT ON COLUMN report.month_events.user_name IS 'Name of who did it.';
COMMENT ON COLUMN report.month_events.seal_number IS 'The seal that covers it; null until the next one is made.';
COMMENT ON COLUMN report.month_events.seal_hash IS 'The head of the chain with that seal, in hex.';
SELECT app.describe_columns('report.month_events', 'app.month_events');
GRANT SELECT ON report.month_events TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
