-- Aliases: what approving one changes, and taking it back.
-- requires: people/names
-- requires: revising/revise
-- requires: report/people
-- requires: matching/tables

BEGIN;

CREATE TYPE report.alias_answer AS (
    outcome text,
    receipt_key text,
    name_key text,
    session_id uuid,
    moved_receipts bigint,
    moved_amount numeric(20, 2),
    fits_people bigint,
    matched_receipts bigint,
    matched_amount numeric(20, 2),
    revision_id uuid,
    version integer
);
COMMENT ON TYPE report.alias_answer IS 'What approving or withdrawing an alias did, or would do.';
COMMENT ON COLUMN report.alias_answer.outcome IS 'done, or dry_run: nothing was changed.';
COMMENT ON COLUMN report.alias_answer.receipt_key IS 'Name key as receipts have it.';
COMMENT ON COLUMN report.alias_answer.name_key IS 'Name key as the bank prints it.';
COMMENT ON COLUMN report.alias_answer.session_id IS 'The newest one of the submissions of open months that show the name; null when none does.';
COMMENT ON COLUMN report.alias_answer.moved_receipts IS 'Receipts that moved, or would, in all open months; null when no submission shows the name.';
COMMENT ON COLUMN report.alias_answer.moved_amount IS 'Their known amounts, in dollars.';
COMMENT ON COLUMN report.alias_answer.fits_people IS 'How many people of the report of that submission have the second name: only one gets receipts.';
COMMENT ON COLUMN report.alias_answer.matched_receipts IS 'How many of the moved receipts are matched to charges where they stand then.';
COMMENT ON COLUMN report.alias_answer.matched_amount IS 'Dollars of those matches.';
COMMENT ON COLUMN report.alias_answer.revision_id IS 'The new revision of who has the receipts then, in the newest submission where some moved; null when none moved, and for a dry run.';
COMMENT ON COLUMN report.alias_answer.version IS 'Version of the alias; null when it is withdrawn.';

CREATE OR REPLACE FUNCTION app.move_receipts(
    p_call text, p_from uuid, p_to uuid, p_cardholder_id uuid, p_moved uuid[], p_reason text
) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_session_id uuid := (SELECT r.session_id FROM app.employee_revisions AS r WHERE r.revision_id = p_from);
    v_from uuid := (SELECT r.cardholder_id FROM app.employee_revisions AS r WHERE r.revision_id = p_from);
    v_to uuid := coalesce((SELECT r.cardholder_id FROM app.employee_revisions AS r WHERE r.revision_id = p_to), p_cardholder_id);
    v_waiting uuid[];
    v_people uuid[];
BEGIN
    IF p_to IS NULL THEN
        -- What was given to the name before waits under others, who lose it when the name is there again.
        v_waiting := ARRAY(SELECT e.current_revision_id
            FROM pg_catalog.unnest(app.source_people(v_session_id, ARRAY[v_to])) AS s
            JOIN app.session_employees AS e ON e.session_id = v_session_id AND e.cardholder_id = s.cardholder_id);
    END IF;
    PERFORM app.enter_month(p_call, app.people_of_revisions(pg_catalog.array_remove(ARRAY[p_from, p_to] || v_waiting, NULL)));
    IF p_to IS NULL THEN
        PERFORM app.add_person(v_session_id, v_to, p_reason);
    END IF;
    v_people := app.state_corrections(v_session_id, ARRAY(
            SELECT ROW(l.transaction_id, v_from, c, v_to, c)::app.said_receipt
            FROM app.receipt_links AS l
            JOIN app.receipt_contents AS c ON c.content_id = l.content_id
            WHERE l.employee_revision_id = p_from AND l.transaction_id = ANY (p_moved)), p_reason);
    PERFORM app.revise_people(v_session_id, ARRAY(
        SELECT pg_catalog.unnest(v_people) UNION
        SELECT r.cardholder_id FROM app.employee_revisions AS r WHERE r.revision_id = ANY (v_waiting)), 'identity', p_reason);
    RETURN (SELECT e.current_revision_id FROM app.session_employees AS e
            WHERE e.session_id = v_session_id AND e.cardholder_id = v_to);
END
$$;
COMMENT ON FUNCTION app.move_receipts(text, uuid, uuid, uuid, uuid[], text) IS 'Makes these receipts of one current revision those of another person of the same session: a new revision for both. Without a revision of the other it makes the first one, of the cardholder, who then also has what was given to them before. Answers the other''s new revision. Raises PM003, ST001, ST002, ST006, ST051.';

CREATE OR REPLACE FUNCTION app.is_in_report(p_name_key text) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM app.cardholders AS c
        JOIN app.session_employees AS e ON e.cardholder_id = c.cardholder_id
        JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id AND r.is_in_report
        JOIN app.processing_sessions AS s ON s.session_id = e.session_id AND s.status = 'completed'
        WHERE c.name_key = p_name_key);
END;
COMMENT ON FUNCTION app.is_in_report(text) IS 'Whether somebody of this name is in the report of a completed submission.';

CREATE OR REPLACE FUNCTION app.check_alias(p_receipt_key text, p_name_key text, p_is_sure boolean) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_names text := pg_catalog.format('%s for %s', p_name_key, p_receipt_key);
    v_receipts_printed boolean := app.is_in_report(p_receipt_key);
    v_name_printed boolean := app.is_in_report(p_name_key);
BEGIN
    -- One step only: an alias never leads to another alias, so that no order of lookups matters.
    IF p_receipt_key = p_name_key
        OR EXISTS (SELECT FROM app.name_aliases AS a WHERE a.receipt_key = p_name_key OR a.name_key = p_receipt_key)
    THEN
        PERFORM app.fail('ST007', 'name_key', NULL, v_names);
    ELSIF EXISTS (SELECT FROM app.name_aliases AS a WHERE a.receipt_key = p_receipt_key AND a.name_key <> p_name_key) THEN
        PERFORM app.fail('ST082', 'receipt_key', NULL, (
            SELECT pg_catalog.format('%s for %s', a.name_key, a.receipt_key) FROM app.name_aliases AS a
            WHERE a.receipt_key = p_receipt_key));
    ELSIF v_receipts_printed AND NOT v_name_printed THEN
        PERFORM app.fail('ST081', 'receipt_key', NULL, v_names);
    ELSIF v_receipts_printed AND p_is_sure IS NOT TRUE THEN
        PERFORM app.fail('RL082', 'receipt_key', 'a name that only receipts have, or is_sure', p_receipt_key);
    -- Before the first report there is nobody to compare with.
    ELSIF NOT v_name_printed AND p_is_sure IS NOT TRUE
        AND EXISTS (SELECT FROM app.employee_revisions AS r WHERE r.is_in_report)
    THEN
        PERFORM app.fail('NF083', 'name_key', 'the name of somebody in a report, or is_sure', p_name_key);
    END IF;
END
$$;
COMMENT ON FUNCTION app.check_alias(text, text, boolean) IS 'Refuses an alias that leads to itself or in a circle (ST007), that has another target (ST082), or that is swapped (ST081); unless said twice, one from the name of a cardholder (RL082) and one to a name nobody has, where there is a report to tell (NF083).';

CREATE OR REPLACE FUNCTION app.sessions_of_name(p_receipt_key text, p_name_key text) RETURNS uuid[]
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT s.session_id
        FROM app.cardholders AS c
        JOIN app.session_employees AS e ON e.cardholder_id = c.cardholder_id
        JOIN app.processing_sessions AS s ON s.session_id = e.session_id AND s.status = 'completed'
        LEFT JOIN app.months AS m ON m.month_id = s.month_id
        WHERE c.name_key IN (p_receipt_key, p_name_key) AND m.state IS DISTINCT FROM 'closed'
            AND EXISTS (SELECT FROM app.receipt_links AS l WHERE l.employee_revision_id = e.current_revision_id
                AND p_receipt_key IN (l.receipt_key, c.name_key))
            AND NOT app.has_later_session(s.session_id));
END
$$;
COMMENT ON FUNCTION app.sessions_of_name(text, text) IS 'The newest submissions of open months where receipts of the first name stand under one of the two.';

CREATE OR REPLACE FUNCTION app.hold_name(p_receipt_key text, p_name_key text) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    -- All at once: an alias gives receipts in several months, and each of them may be in other hands, too. Asked again, as
    -- whoever was waited for may have closed a month or cancelled a submission.
    PERFORM app.lock_submissions(app.sessions_of_name(p_receipt_key, p_name_key));
    RETURN app.sessions_of_name(p_receipt_key, p_name_key);
END
$$;
COMMENT ON FUNCTION app.hold_name(text, text) IS 'The sessions of app.sessions_of_name, with the people whom they concern locked.';

CREATE OR REPLACE FUNCTION app.apply_alias(p_receipt_key text, p_name_key text, p_reason text) RETURNS report.alias_answer
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_sessions uuid[] := app.hold_name(p_receipt_key, p_name_key);
    v_from app.employee_revisions;
    v_to uuid;
    v_answer report.alias_answer;
BEGIN
    v_answer.receipt_key := p_receipt_key;
    v_answer.name_key := p_name_key;
    FOR v_from IN
        SELECT DISTINCT ON (e.session_id) r.*
        FROM app.employee_revisions AS r
        JOIN app.session_employees AS e ON e.current_revision_id = r.revision_id
        JOIN app.cardholders AS c ON c.cardholder_id = e.cardholder_id
        WHERE e.session_id = ANY (v_sessions) AND c.name_key = p_receipt_key AND NOT r.is_in_report AND r.receipt_count > 0
        ORDER BY e.session_id, c.employee_id NULLS FIRST
    LOOP
        v_answer.session_id := v_from.session_id;
        v_answer.moved_receipts := coalesce(v_answer.moved_receipts, 0);
        SELECT pg_catalog.count(*), (pg_catalog.array_agg(r.revision_id))[1] INTO v_answer.fits_people, v_to
        FROM app.session_employees AS e
        JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
        WHERE e.session_id = v_from.session_id AND r.employee_name = p_name_key AND r.is_in_report;
        -- With nobody to give them to, or several and no telling who, they stay.
        CONTINUE WHEN v_answer.fits_people <> 1;
        v_answer.revision_id := app.move_receipts('approve_alias', v_from.revision_id, v_to, NULL,
            ARRAY(SELECT l.transaction_id FROM app.receipt_links AS l WHERE l.employee_revision_id = v_from.revision_id),
            p_reason);
        v_answer.moved_receipts := v_answer.moved_receipts + v_from.receipt_count::bigint;
        v_answer.moved_amount := coalesce(v_answer.moved_amount, 0) + v_from.receipt_total;
        SELECT coalesce(v_answer.matched_receipts, 0) + pg_catalog.count(DISTINCT a.transaction_id),
            coalesce(v_answer.matched_amount, 0) + coalesce(pg_catalog.sum(a.amount), 0)
        INTO v_answer.matched_receipts, v_answer.matched_amount
        FROM app.allocations AS a
        JOIN app.receipt_links AS l
            ON l.employee_revision_id = v_from.revision_id AND l.transaction_id = a.transaction_id
        WHERE a.employee_revision_id = v_answer.revision_id;
    END LOOP;
    RETURN v_answer;
END
$$;
COMMENT ON FUNCTION app.apply_alias(text, text, text) IS 'Gives receipts under the first name, in the newest submission of each open month that shows it, to the one person of its report with the second; leaves them where nobody or several have it. Tells what moved in all and what it is matched to; nothing of a session when none shows the name. Raises PM003, ST001, ST002, ST006.';

CREATE OR REPLACE FUNCTION app.is_given_by_hand(p_chain_id uuid, p_transaction_id uuid, p_holder uuid) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM app.newest_corrections AS c
        WHERE c.chain_id IS NOT DISTINCT FROM p_chain_id AND c.transaction_id = p_transaction_id AND c.field_group = 'person'
            AND c.value = to_jsonb(p_holder) AND NOT EXISTS (
                -- Here and, where it was taken along into this chain of submissions, in the one it was said in: the revision
                -- with which the receipt came to the holder.
                SELECT FROM app.corrections AS o
                CROSS JOIN LATERAL (
                    SELECT r.origin FROM app.receipt_links AS l
                    JOIN app.employee_revisions AS r ON r.revision_id = l.employee_revision_id
                    WHERE l.transaction_id = p_transaction_id AND r.session_id = o.session_id AND r.cardholder_id = p_holder
                        AND r.predecessor_id IS NOT NULL AND NOT EXISTS (SELECT FROM app.receipt_links AS x
                            WHERE x.employee_revision_id = r.predecessor_id AND x.transaction_id = p_transaction_id)
                    ORDER BY r.revision_number DESC LIMIT 1
                ) AS r
                WHERE o.transaction_id = p_transaction_id AND o.field_group = 'person' AND o.value = c.value
                    AND (o.said_by, o.said_at) = (c.said_by, c.said_at) AND r.origin = 'identity'));
END;
COMMENT ON FUNCTION app.is_given_by_hand(uuid, uuid, uuid) IS 'Whether a receipt is somebody''s because a person gave it to them, and not by an alias.';

CREATE OR REPLACE FUNCTION app.unapply_alias(p_receipt_key text, p_name_key text, p_reason text) RETURNS report.alias_answer
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_sessions uuid[] := app.hold_name(p_receipt_key, p_name_key);
    v_from app.employee_revisions;
    v_moved uuid[];
    v_to uuid;
    v_cardholder_id uuid;
    v_answer report.alias_answer;
BEGIN
    v_answer.receipt_key := p_receipt_key;
    v_answer.name_key := p_name_key;
    FOR v_from IN
        SELECT r.*
        FROM app.cardholders AS c
        JOIN app.session_employees AS e ON e.cardholder_id = c.cardholder_id
        JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
        WHERE e.session_id = ANY (v_sessions) AND c.name_key = p_name_key
            AND EXISTS (SELECT FROM app.receipt_links AS l
                        WHERE l.employee_revision_id = r.revision_id AND l.receipt_key = p_receipt_key)
        ORDER BY e.session_id, e.cardholder_id
    LOOP
        v_answer.session_id := v_from.session_id;
        v_answer.moved_receipts := coalesce(v_answer.moved_receipts, 0);
        -- What a person gave away stays where it is.
        v_moved := ARRAY(SELECT l.transaction_id FROM app.receipt_links AS l
            JOIN app.processing_sessions AS s ON s.session_id = v_from.session_id
            WHERE l.employee_revision_id = v_from.revision_id AND l.receipt_key = p_receipt_key
                AND NOT app.is_given_by_hand(s.chain_id, l.transaction_id, v_from.cardholder_id));
        CONTINUE WHEN v_moved = '{}';
        -- Whom the name belongs to there: the one of the report, else who was left without receipts by the alias.
        v_to := (SELECT e.current_revision_id
            FROM app.session_employees AS e
            JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
            WHERE e.session_id = v_from.session_id AND r.employee_name = p_receipt_key
            ORDER BY r.is_in_report AND (SELECT pg_catalog.count(*) FROM app.session_employees AS x
                    JOIN app.employee_revisions AS y ON y.revision_id = x.current_revision_id
                    WHERE x.session_id = v_from.session_id AND y.employee_name = p_receipt_key AND y.is_in_report) = 1 DESC,
                r.is_in_report, r.employee_id NULLS FIRST LIMIT 1);
        IF v_to IS NULL THEN
            INSERT INTO app.cardholders (name_key)
            SELECT p_receipt_key
            WHERE (SELECT pg_catalog.count(*) FROM app.cardholders AS c WHERE c.name_key = p_receipt_key) <> 1
            ON CONFLICT DO NOTHING;
            SELECT c.cardholder_id INTO STRICT v_cardholder_id FROM app.cardholders AS c
            WHERE c.name_key = p_receipt_key ORDER BY c.employee_id NULLS FIRST LIMIT 1;
        END IF;
        v_answer.revision_id := app.move_receipts('withdraw_alias', v_from.revision_id, v_to, v_cardholder_id, v_moved,
            p_reason);
        SELECT coalesce(v_answer.moved_receipts, 0) + pg_catalog.count(*),
            coalesce(v_answer.moved_amount, 0) + coalesce(pg_catalog.sum(t.amount), 0)
        INTO v_answer.moved_receipts, v_answer.moved_amount
        FROM app.transactions AS t
        WHERE t.employee_revision_id = v_answer.revision_id AND t.transaction_id = ANY (v_moved);
        SELECT coalesce(v_answer.matched_receipts, 0) + pg_catalog.count(DISTINCT a.transaction_id),
            coalesce(v_answer.matched_amount, 0) + coalesce(pg_catalog.sum(a.amount), 0)
        INTO v_answer.matched_receipts, v_answer.matched_amount
        FROM app.allocations AS a
        WHERE a.employee_revision_id = v_answer.revision_id AND a.transaction_id = ANY (v_moved);
    END LOOP;
    RETURN v_answer;
END
$$;
COMMENT ON FUNCTION app.unapply_alias(text, text, text) IS 'Gives the receipts that came under the first name back to it, in the newest submission of each open month where somebody of the second has them by the alias; what a person gave to them by hand stays. Tells what moved in all. Raises PM003, ST001, ST002, ST006.';

CREATE OR REPLACE FUNCTION app.refuse_own_name(p_receipt_key text, p_name_key text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    -- Whoever names their own card by another name gets or loses receipts, now or at the next import.
    IF EXISTS (SELECT FROM app.users AS u JOIN app.cardholders AS c ON c.cardholder_id = u.cardholder_id
               WHERE u.user_id = app.actor_id() AND c.name_key IN (p_receipt_key, p_name_key))
    THEN
        PERFORM app.fail('PM003', 'name_key', 'the names of others', pg_catalog.format('%s and %s', p_receipt_key, p_name_key));
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_own_name(text, text) IS 'Refuses an alias from or to the name of the caller''s own card: PM003.';

CREATE OR REPLACE FUNCTION api.approve_alias(
    p_receipt_key text, p_name_key text, p_reason text, p_expected_version integer DEFAULT NULL,
    p_valid_from date DEFAULT NULL, p_valid_until date DEFAULT NULL, p_is_sure boolean DEFAULT false,
    p_dry_run boolean DEFAULT false, p_request_id text DEFAULT NULL
) RETURNS report.alias_answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_receipt_key text := app.name_key(p_receipt_key);
    v_name_key text := app.name_key(p_name_key);
    v_reason text := app.hide_card_numbers(pg_catalog.btrim(p_reason));
    v_hash bytea := app.hash_request('approve_alias', p_receipt_key, p_name_key, p_reason, p_expected_version::text,
        p_valid_from::text, p_valid_until::text, p_is_sure::text, p_dry_run::text);
    v_before jsonb := app.begin_request(p_request_id, 'approve_alias', v_hash, p_reason);
    v_answer report.alias_answer;
BEGIN
    IF v_before IS NOT NULL THEN
        RETURN pg_catalog.jsonb_populate_record(NULL::report.alias_answer, v_before);
    ELSIF coalesce(v_receipt_key, '') = '' OR coalesce(v_name_key, '') = '' THEN
        PERFORM app.fail('IV013', CASE WHEN v_receipt_key <> '' THEN 'name_key' ELSE 'receipt_key' END, NULL, pg_catalog.format('%L and %L',
            app.hide_card_numbers(p_receipt_key), app.hide_card_numbers(p_name_key)));
    ELSIF pg_catalog.length(coalesce(v_reason, '')) NOT BETWEEN 1 AND 4000 THEN
        PERFORM app.fail('IV008', 'reason', '1 to 4000 characters', pg_catalog.length(coalesce(v_reason, ''))::text);
    ELSIF (pg_catalog.isfinite(p_valid_from) AND pg_catalog.isfinite(p_valid_until) AND p_valid_from <= p_valid_until) IS FALSE THEN
        PERFORM app.fail('IV008', 'valid_from', 'a validity that ends after it starts',
            pg_catalog.format('%s to %s', p_valid_from, p_valid_until));
    END IF;
    PERFORM app.refuse_own_name(v_receipt_key, v_name_key);
    PERFORM app.change_aliases();
    PERFORM app.check_alias(v_receipt_key, v_name_key, p_is_sure);
    PERFORM app.check_version(p_expected_version,
        (SELECT a.version FROM app.name_aliases AS a WHERE a.receipt_key = v_receipt_key));
    -- A dry run does it all, and takes it back.
    BEGIN
        INSERT INTO app.name_aliases AS a (receipt_key, name_key, reason, valid_from, valid_until, approved_by)
        VALUES (v_receipt_key, v_name_key, v_reason, p_valid_from, p_valid_until, app.actor_id())
        ON CONFLICT (receipt_key) DO UPDATE
            SET reason = excluded.reason, valid_from = excluded.valid_from, valid_until = excluded.valid_until,
                approved_by = excluded.approved_by, approved_at = excluded.approved_at;
        IF app.report_key(v_receipt_key) = v_name_key THEN
            v_answer := app.apply_alias(v_receipt_key, v_name_key,
                pg_catalog.left(pg_catalog.format('receipts of %s belong to %s: %s', v_receipt_key, v_name_key, v_reason), 4000));
        END IF;
        v_answer.receipt_key := v_receipt_key;
        v_answer.name_key := v_name_key;
        SELECT a.version INTO v_answer.version FROM app.name_aliases AS a WHERE a.receipt_key = v_receipt_key;
        IF p_dry_run THEN
            PERFORM app.fail('ZX001');
        END IF;
        v_answer.outcome := 'done';
    EXCEPTION
        WHEN SQLSTATE 'ZX001' THEN
            v_answer.outcome := 'dry_run';
            v_answer.revision_id := NULL;
            v_answer.version := p_expected_version;
            RETURN v_answer;
    END;
    PERFORM app.end_request(p_request_id, 'approve_alias', v_hash, pg_catalog.to_jsonb(v_answer));
    RETURN v_answer;
END
$$;
COMMENT ON FUNCTION api.approve_alias(text, text, text, integer, date, date, boolean, boolean, text) IS 'From now on receipts under the first name belong to the person the bank prints under the second; both are folded first. Imports use it from its first to its last valid day (UTC), but not for a name that their report prints itself. In the newest submission of each open month that shows the name its receipts move at once, as new revisions of origin identity. Approving it again, at the version seen, changes reason and validity. A dry run tells what would move and what it is matched to, and changes nothing. Is_sure says it twice, see RL082 and NF083. Raises IV008, IV013, NF083 when nobody of a report has the second name, PM003 also for the caller''s own name, RL082 when the first name is that of a cardholder, ST001, ST003, ST006, ST007, ST081 when the names are swapped, ST082 when the first name has another alias.';

CREATE OR REPLACE FUNCTION api.withdraw_alias(
    p_receipt_key text, p_expected_version integer, p_reason text, p_dry_run boolean DEFAULT false,
    p_request_id text DEFAULT NULL
) RETURNS report.alias_answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('withdraw_alias', p_receipt_key, p_expected_version::text, p_reason, p_dry_run::text);
    v_before jsonb := app.begin_request(p_request_id, 'withdraw_alias', v_hash, p_reason);
    v_reason text := app.hide_card_numbers(pg_catalog.btrim(p_reason));
    v_alias app.name_aliases;
    v_answer report.alias_answer;
BEGIN
    IF v_before IS NOT NULL THEN
        RETURN pg_catalog.jsonb_populate_record(NULL::report.alias_answer, v_before);
    ELSIF pg_catalog.length(coalesce(v_reason, '')) NOT BETWEEN 1 AND 4000 THEN
        PERFORM app.fail('IV008', 'reason', '1 to 4000 characters', pg_catalog.length(coalesce(v_reason, ''))::text);
    END IF;
    PERFORM app.change_aliases();
    SELECT a.* INTO v_alias FROM app.name_aliases AS a WHERE a.receipt_key = app.name_key(p_receipt_key);
    IF v_alias.receipt_key IS NULL THEN
        PERFORM app.fail('NF082', 'receipt_key', NULL, pg_catalog.format('%L', app.hide_card_numbers(p_receipt_key)));
    END IF;
    PERFORM app.refuse_own_name(v_alias.receipt_key, v_alias.name_key);
    PERFORM app.check_version(p_expected_version, v_alias.version);
    BEGIN
        DELETE FROM app.name_aliases AS a WHERE a.receipt_key = v_alias.receipt_key;
        v_answer := app.unapply_alias(v_alias.receipt_key, v_alias.name_key, pg_catalog.left(pg_catalog.format(
            'receipts of %s do not belong to %s: %s', v_alias.receipt_key, v_alias.name_key, v_reason), 4000));
        IF p_dry_run THEN
            PERFORM app.fail('ZX001');
        END IF;
        v_answer.outcome := 'done';
    EXCEPTION
        WHEN SQLSTATE 'ZX001' THEN
            v_answer.outcome := 'dry_run';
            v_answer.revision_id := NULL;
            v_answer.version := p_expected_version;
            RETURN v_answer;
    END;
    PERFORM app.end_request(p_request_id, 'withdraw_alias', v_hash, pg_catalog.to_jsonb(v_answer));
    RETURN v_answer;
END
$$;
COMMENT ON FUNCTION api.withdraw_alias(text, integer, text, boolean, text) IS 'Takes an alias back, at the version seen: imports use it no more, and in the newest submission of each open month where receipts stand under somebody else by it they go back to their own name, as new revisions of origin identity; what a person gave there by hand stays. A dry run tells what would move. Raises IV008, NF082, PM003 also for the caller''s own name, ST001, ST002, ST003, ST006.';
GRANT EXECUTE ON FUNCTION api.approve_alias(text, text, text, integer, date, date, boolean, boolean, text),
    api.withdraw_alias(text, integer, text, boolean, text) TO ccp_admin, ccp_processor;

SELECT app.pin_entry_points();

COMMIT;
