-- What of a month could be posted and is not, or is posted and does not stand: it keeps the month open until somebody accepts that.
-- requires: outputs/standing
-- requires: months/closing

BEGIN;

CREATE OR REPLACE FUNCTION app.unposted_receipts(p_month_id uuid) RETURNS SETOF report.month_obstacle
LANGUAGE sql STABLE
SET search_path = '' SET plan_cache_mode = force_custom_plan SET work_mem = '32MB'
BEGIN ATOMIC
    WITH targets AS MATERIALIZED (
        SELECT b.target FROM app.accounting_batches AS b WHERE b.month_id = p_month_id
    ), asked AS MATERIALIZED (
        -- What a rule asks while that keeps the month open, and what somebody decided about it.
        SELECT i.transaction_id, i.rule_code
        FROM app.current_submissions(p_month_id) AS s (session_id)
        JOIN app.validation_issues AS i ON i.session_id = s.session_id
        WHERE i.rule_code IN ('missing_coding_info', 'invalid_amount') AND i.transaction_id IS NOT NULL
            AND CASE WHEN i.is_open THEN i.blocks ELSE i.state IN ('resolved', 'waived', 'false_positive') AND NOT i.is_claim END
    ), states AS MATERIALIZED (
        -- Each target as the profile of it asks that takes the most.
        SELECT p.profile_name, s.session_id, a.receipt, a.posted, a.changes, a.left_out
        FROM (
            SELECT DISTINCT ON (n.target) n.* FROM (
                SELECT DISTINCT ON (x.profile_name) x.* FROM app.accounting_profiles AS x
                ORDER BY x.profile_name, x.profile_version DESC
            ) AS n
            ORDER BY n.target, n.card_text = '', n.profile_name
        ) AS p
        CROSS JOIN app.current_submissions(p_month_id) AS s (session_id)
        -- While nothing is posted only people who are finished have what could be.
        CROSS JOIN LATERAL app.accounting_states(s.session_id, p, CASE WHEN NOT EXISTS (SELECT FROM targets) THEN ARRAY(
            SELECT e.cardholder_id FROM app.session_employees AS e
            WHERE e.session_id = s.session_id AND e.status = 'finished') END) AS a
        WHERE a.changes <> '{}' OR a.left_out IS NULL
            -- What nobody decided, and what no rule asked.
            OR a.left_out IN ('correction_conflict', 'card_unknown', 'unsafe_text', 'uncertain')
            -- Whoever is not in the card report is asked about as such.
            OR (a.left_out = 'no_card' AND EXISTS (
                SELECT FROM app.session_employees AS e
                JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id AND r.session_id = e.session_id
                WHERE e.session_id = s.session_id AND e.cardholder_id = (a.receipt).cardholder_id AND r.is_in_report))
            OR (a.left_out IN ('not_coded', 'amount_unknown') AND (CASE a.left_out WHEN 'not_coded' THEN 'missing_coding_info'
                    ELSE 'invalid_amount' END, (a.receipt).transaction_id) NOT IN (SELECT d.rule_code, d.transaction_id FROM asked AS d))
    ), unposted AS (
        -- Once, whatever takes it: as the first that would, else as any leaves it out.
        SELECT DISTINCT ON (a.session_id, (a.receipt).transaction_id) a.session_id, a.receipt, a.left_out
        FROM states AS a
        WHERE a.changes = '{}' AND (a.receipt).transaction_id NOT IN (
            SELECT l.transaction_id
            FROM (SELECT DISTINCT x.target FROM targets AS x) AS t
            CROSS JOIN LATERAL app.posted_lines(p_month_id, t.target) AS l)
        ORDER BY a.session_id, (a.receipt).transaction_id, a.left_out IS NOT NULL, a.profile_name
    )
    SELECT 'not_posted', a.session_id, (a.receipt).cardholder_id, (a.receipt).employee_name, (a.receipt).transaction_id,
        concat_ws(': ', app.name_receipt((a.receipt).receipt_id, (a.receipt).amount, (a.receipt).merchant_name,
            (a.receipt).transaction_date), 'no batch takes it, ' || replace(a.left_out, '_', ' '))
    FROM unposted AS a
    UNION ALL
    SELECT 'not_posted', a.session_id, (a.posted).cardholder_id, (a.posted).card_holder, (a.posted).transaction_id,
        format('%s does not stand as posted by batch %s of %s, line %s: %s', app.name_receipt(nullif((a.posted).receipt_id, ''),
            (a.posted).amount, nullif((a.posted).credit_card_vendor, ''), (a.posted).receipt_date),
            (a.posted).batch_number, (a.posted).target, (a.posted).line_number, array_to_string(a.changes, ', '))
    FROM states AS a WHERE a.changes <> '{}';
END;
COMMENT ON FUNCTION app.unposted_receipts(uuid) IS 'Receipts of a month that a batch of some profile would take, or leaves out for a reason that nobody decided and no rule asks about, and none of any target has; and lines a target has that do not stand any more, until a batch reverses them.';

CREATE OR REPLACE FUNCTION app.digest_unposted(p_month_id uuid, p_unposted report.month_obstacle[]) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT sha256(app.digest_month(p_month_id) || convert_to(coalesce(string_agg(u::text, E'\n' ORDER BY u::text COLLATE "C"), ''), 'UTF8'))
    FROM unnest(p_unposted) AS u;
END;
COMMENT ON FUNCTION app.digest_unposted(uuid, report.month_obstacle[]) IS 'SHA-256 over what is accepted when a month is closed so: the month, see app.digest_month, and what of it is not posted.';

CREATE OR REPLACE FUNCTION app.posting_obstacles(p_month_id uuid) RETURNS SETOF report.month_obstacle
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH unposted AS MATERIALIZED (
        SELECT ARRAY(SELECT u FROM app.unposted_receipts(p_month_id) AS u) AS found
    )
    SELECT u.*
    FROM unposted AS x
    CROSS JOIN LATERAL unnest(x.found) AS u
    WHERE NOT EXISTS (
        SELECT FROM app.month_events AS v
        WHERE v.month_id = p_month_id AND v.kind = 'unposted_accepted'
            AND v.digest = (SELECT app.digest_unposted(p_month_id, o.found) FROM unposted AS o));
END;
COMMENT ON FUNCTION app.posting_obstacles(uuid) IS 'The same, unless somebody accepted that the month is closed without posting just them, as it is now.';

CREATE OR REPLACE FUNCTION api.accept_unposted(
    p_month_id uuid, p_expected_version integer, p_reason text, p_request_id text DEFAULT NULL
) RETURNS report.months
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('accept_unposted', p_month_id::text, p_expected_version::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'accept_unposted', v_hash, p_reason);
    v_event app.month_events;
    v_result report.months;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        PERFORM app.lock_month(p_month_id, p_expected_version);
        PERFORM app.refuse_closed_month(p_month_id, 'month_id');
        PERFORM app.refuse_own_submissions(p_month_id);
        v_event.month_id := p_month_id;
        v_event.kind := 'unposted_accepted';
        v_event.reason := p_reason;
        v_event.digest := app.digest_unposted(p_month_id, ARRAY(SELECT u FROM app.unposted_receipts(p_month_id) AS u));
        PERFORM app.note_month(v_event);
        PERFORM app.end_request(p_request_id, 'accept_unposted', v_hash, pg_catalog.jsonb_build_object('month_id', p_month_id));
    END IF;
    SELECT m.* INTO v_result FROM report.months AS m WHERE m.month_id = p_month_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.accept_unposted(uuid, integer, text, text) IS 'Accepts, at the version the caller saw and with a reason, that a month is closed although receipts of it are in no batch, see report.month_obstacles, or lines of one do not stand; somebody else closes it. It counts until anything of the month changes, or something else of it is not posted, as after a batch or when one is voided. Raises IV008, NF006, PM001, PM002, PM003 for the own card, ST001, ST003, ST051.';

CREATE OR REPLACE FUNCTION app.refuse_own_acceptance(p_month_id uuid) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_unposted report.month_obstacle[];
    v_digest bytea;
BEGIN
    -- Nothing keeps the month open: where nobody accepted anything, nothing is unposted.
    IF NOT EXISTS (SELECT FROM app.month_events AS v WHERE v.month_id = p_month_id AND v.kind = 'unposted_accepted') THEN
        RETURN;
    END IF;
    v_unposted := ARRAY(SELECT u FROM app.unposted_receipts(p_month_id) AS u);
    v_digest := app.digest_unposted(p_month_id, v_unposted);
    IF v_unposted <> '{}' AND NOT EXISTS (
        SELECT FROM app.month_events AS v
        WHERE v.month_id = p_month_id AND v.kind = 'unposted_accepted' AND v.digest = v_digest AND NOT app.is_actor(v.user_id))
    THEN
        PERFORM app.fail('PM052', 'month_id', 'somebody else than who accepted that receipts are not posted', 'the same');
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_own_acceptance(uuid) IS 'Refuses to close a month, which nothing keeps open any more, when its receipts are not all posted as they are and only the caller accepted that, PM052.';

GRANT EXECUTE ON FUNCTION api.accept_unposted(uuid, integer, text, text) TO ccp_admin, ccp_reviewer;

SELECT app.pin_entry_points();

COMMIT;
