-- Judging again: what one finding says for another, and what a change says about other people.
-- requires: validation/carry_over
--
-- A finding is silent                     while
-- unmatched_charge, unmatched_receipt     missing_all_receipts or orphan_receipts of the person is open or waived
--
-- Judged again                            for                                    when
-- duplicate_transaction                   who shows the receipt id in the session   a receipt with it comes, goes or changes
-- name_collision                          who has the name in the session           somebody with it comes or goes
-- duplicate_across_cycles                 who shows the receipt id in another month a receipt with it goes or changes, a
--                                                                                session is cancelled
-- silent findings                         the person                             what silenced them is decided or opens again

BEGIN;

CREATE TABLE app.rule_silences (
    rule_code text NOT NULL,
    silenced_by text NOT NULL,
    CONSTRAINT rule_silences_pkey PRIMARY KEY (rule_code, silenced_by),
    -- What the old program looked at is always said.
    CONSTRAINT rule_silences_rule_code_check CHECK (rule_code NOT IN ('missing_coding_info', 'missing_receipt',
        'missing_all_receipts', 'total_mismatch', 'duplicate_transaction', 'invalid_amount') AND rule_code <> silenced_by)
);
COMMENT ON TABLE app.rule_silences IS 'Which finding about a person says what findings of another rule would say again row by row. Written by migrations.';
COMMENT ON COLUMN app.rule_silences.rule_code IS 'The rule whose findings are not raised.';
COMMENT ON COLUMN app.rule_silences.silenced_by IS 'The rule about the person: while its issue is open or waived.';
SELECT audit.guard('app.rule_silences', 'free', 'Written by migrations only; part of the code.');
INSERT INTO app.rule_silences (rule_code, silenced_by) VALUES
('unmatched_charge', 'missing_all_receipts'),
('unmatched_charge', 'orphan_receipts'),
('unmatched_receipt', 'missing_all_receipts'),
('unmatched_receipt', 'orphan_receipts');

CREATE OR REPLACE FUNCTION app.is_silent(p_session_id uuid, p_cardholder_id uuid, p_rule_code text) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = '' SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM app.rule_silences AS s
        CROSS JOIN LATERAL (
            SELECT x.state FROM app.validation_issues AS x
            WHERE x.session_id = p_session_id AND x.cardholder_id = p_cardholder_id
                AND x.rule_code = s.silenced_by AND x.subject_key = ''
                -- What was waived once and is found no more says nothing.
                AND x.employee_revision_id = (
                    SELECT r.revision_id FROM app.employee_revisions AS r
                    WHERE r.session_id = p_session_id AND r.cardholder_id = p_cardholder_id
                    ORDER BY r.revision_number DESC LIMIT 1)
            LIMIT 1
        ) AS i
        WHERE s.rule_code = p_rule_code AND i.state IN ('open', 'in_progress', 'waiting', 'waived', 'superseded'));
END
$$;
COMMENT ON FUNCTION app.is_silent(uuid, uuid, text) IS 'Whether findings of a rule about rows of a person are not raised, because an issue about the person says it: one that the newest revision shows and that is open, waived, or was open when the submission was replaced.';

CREATE OR REPLACE FUNCTION app.heard_findings(p_drafts app.revision_draft[], p_findings app.rule_finding[]) RETURNS app.rule_finding[]
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN ARRAY(
        WITH silent AS MATERIALIZED (
            SELECT d.revision_id, c.rule_code
            FROM pg_catalog.unnest(p_drafts) AS d
            -- Asked for what was found only.
            JOIN (SELECT DISTINCT (f.found).revision_id, f.rule_code FROM pg_catalog.unnest(p_findings) AS f
                WHERE f.rule_code IN (SELECT s.rule_code FROM app.rule_silences AS s)) AS c ON c.revision_id = d.revision_id
            WHERE app.is_silent(d.session_id, d.cardholder_id, c.rule_code)
        )
        SELECT f FROM pg_catalog.unnest(p_findings) AS f
        WHERE NOT EXISTS (SELECT FROM silent AS s
            WHERE s.revision_id = (f.found).revision_id AND s.rule_code = f.rule_code));
END
$$;
COMMENT ON FUNCTION app.heard_findings(app.revision_draft[], app.rule_finding[]) IS 'The findings without those that an issue about the person says already, as the issues are now.';

CREATE OR REPLACE FUNCTION app.place_findings(p_drafts app.revision_draft[], p_findings app.rule_finding[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_findings app.rule_finding[] := p_findings;
    v_silencing text[];
    v_sessions uuid[];
BEGIN
    -- Only where a person has both, which few people have: what may silence is placed first, and its state decides.
    -- Two sets of keys, as a join of findings with themselves has no number of rows to go by and becomes a loop.
    IF EXISTS (
        SELECT (f.found).revision_id, s.rule_code FROM pg_catalog.unnest(p_findings) AS f
        JOIN app.rule_silences AS s ON s.silenced_by = f.rule_code
        INTERSECT
        SELECT (f.found).revision_id, f.rule_code FROM pg_catalog.unnest(p_findings) AS f)
    THEN
        v_silencing := ARRAY(SELECT DISTINCT s.silenced_by FROM app.rule_silences AS s);
        PERFORM app.place_issues(p_drafts,
            ARRAY(SELECT f FROM pg_catalog.unnest(p_findings) AS f WHERE f.rule_code = ANY (v_silencing)), v_silencing);
        v_findings := app.heard_findings(p_drafts,
            ARRAY(SELECT f FROM pg_catalog.unnest(p_findings) AS f WHERE f.rule_code <> ALL (v_silencing)));
    END IF;
    PERFORM app.place_issues(p_drafts, v_findings);
    v_sessions := ARRAY(
        SELECT DISTINCT d.session_id FROM pg_catalog.unnest(app.first_drafts(p_drafts)) AS d
        JOIN app.processing_sessions AS s ON s.session_id = d.session_id
        WHERE s.parent_session_id IS NOT NULL);
    IF v_sessions <> '{}' THEN
        PERFORM app.supersede_issues(v_sessions);
    END IF;
END
$$;
COMMENT ON FUNCTION app.place_findings(app.revision_draft[], app.rule_finding[]) IS 'Makes issues of everything the rules found in new revisions of people, but for what an issue about the person says; what is open in the submission before is superseded.';

CREATE OR REPLACE FUNCTION app.current_drafts(p_session_ids uuid[], p_cardholder_ids uuid[]) RETURNS app.revision_draft[]
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN ARRAY(
        SELECT pg_catalog.jsonb_populate_record(NULL::app.revision_draft, pg_catalog.to_jsonb(r))
        FROM unnest(p_session_ids, p_cardholder_ids) AS p (session_id, cardholder_id)
        CROSS JOIN LATERAL (
            SELECT x.current_revision_id FROM app.session_employees AS x
            WHERE x.session_id = p.session_id AND x.cardholder_id = p.cardholder_id LIMIT 1
        ) AS e
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.employee_revisions AS x WHERE x.revision_id = e.current_revision_id LIMIT 1
        ) AS r
        ORDER BY r.revision_id);
END
$$;
COMMENT ON FUNCTION app.current_drafts(uuid[], uuid[]) IS 'The current revisions of people (same place in both arrays) in the shape that rules look at.';

CREATE OR REPLACE FUNCTION app.judge_again(
    p_session_ids uuid[], p_cardholder_ids uuid[], p_rule_codes text[], p_cause text
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_drafts app.revision_draft[];
BEGIN
    IF p_session_ids IS NULL THEN
        RETURN;
    END IF;
    PERFORM app.lock_people(p_session_ids, p_cardholder_ids);
    -- A statement of its own, so that it sees what those who held the locks have committed. What is closed stays as it is.
    SELECT app.current_drafts(pg_catalog.array_agg(p.s), pg_catalog.array_agg(p.c)) INTO v_drafts
    FROM unnest(p_session_ids, p_cardholder_ids) AS p (s, c)
    JOIN app.processing_sessions AS x ON x.session_id = p.s
    LEFT JOIN app.months AS m ON m.month_id = x.month_id
    WHERE m.state IS DISTINCT FROM 'closed';
    IF v_drafts = '{}' THEN
        RETURN;
    END IF;
    PERFORM app.place_issues(v_drafts, app.heard_findings(v_drafts, app.run_rules(v_drafts, p_rule_codes)),
        p_rule_codes, p_cause);
    UPDATE app.session_employees AS e
    SET status = x.status
    FROM (
        SELECT d.session_id, d.cardholder_id, o.version,
            app.derive_status(d.session_id, d.cardholder_id, o.is_on_hold) AS status
        FROM pg_catalog.unnest(v_drafts) AS d
        JOIN app.session_employees AS o ON o.session_id = d.session_id AND o.cardholder_id = d.cardholder_id
        OFFSET 0
    ) AS x
    WHERE e.session_id = x.session_id AND e.cardholder_id = x.cardholder_id AND e.status <> x.status;
END
$$;
COMMENT ON FUNCTION app.judge_again(uuid[], uuid[], text[], text) IS 'Runs some rules again over the current revisions of people (same place in both arrays), because of something else than a revision of theirs: findings that are new become issues, what is found no more closes, the status follows. People of closed months are left alone. Locks the people, which is late: whoever writes has locked them before, see app.lock_people. The events name the cause.';

CREATE OR REPLACE FUNCTION app.judge_silenced(p_issue_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_people record;
BEGIN
    SELECT pg_catalog.array_agg(p.session_id) AS sessions, pg_catalog.array_agg(p.cardholder_id) AS cardholders,
        pg_catalog.min(p.issue_id::text) AS first_issue
        INTO v_people
        FROM (
            SELECT DISTINCT ON (i.session_id, i.cardholder_id) i.session_id, i.cardholder_id, i.issue_id
            FROM app.validation_issues AS i
            WHERE i.issue_id = ANY (p_issue_ids)
                AND EXISTS (SELECT FROM app.rule_silences AS s WHERE s.silenced_by = i.rule_code)
            ORDER BY i.session_id, i.cardholder_id, i.issue_id
        ) AS p;
    IF v_people.sessions IS NOT NULL THEN
        PERFORM app.judge_again(v_people.sessions, v_people.cardholders,
            ARRAY(SELECT DISTINCT s.rule_code FROM app.rule_silences AS s), 'issue ' || v_people.first_issue);
    END IF;
END
$$;
COMMENT ON FUNCTION app.judge_silenced(uuid[]) IS 'After a step of these issues: raises what they silenced where they are closed, and closes it where they are open again. Does nothing for issues that silence nothing.';

CREATE OR REPLACE FUNCTION app.replaced_receipts(p_drafts app.revision_draft[])
RETURNS TABLE (session_id uuid, external_transaction_id text)
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    WITH lines AS MATERIALIZED (
        SELECT DISTINCT d.session_id, s.parent_session_id
        FROM unnest(p_drafts) AS d
        JOIN app.processing_sessions AS s ON s.session_id = d.session_id
        WHERE (d.revision_number = 1 OR d.compared_with IS NOT NULL) AND s.parent_session_id IS NOT NULL
    )
    SELECT DISTINCT g.session_id, g.external_transaction_id
    FROM (
        SELECT l.session_id, t.external_transaction_id, t.amount, t.merchant_name
        FROM lines AS l
        JOIN app.session_employees AS e ON e.session_id = l.parent_session_id
        JOIN app.transactions AS t ON t.employee_revision_id = e.current_revision_id
        WHERE t.external_transaction_id IS NOT NULL
        EXCEPT
        SELECT d.session_id, t.external_transaction_id, t.amount, t.merchant_name
        FROM unnest(p_drafts) AS d
        JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
        WHERE (SELECT EXISTS (SELECT FROM lines))
    ) AS g;
END
$$;
COMMENT ON FUNCTION app.replaced_receipts(app.revision_draft[]) IS 'Receipt ids that the submissions before those of these first revisions show, and these show no more or with another amount or merchant.';

CREATE OR REPLACE FUNCTION app.judge_others(p_drafts app.revision_draft[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_people record;
BEGIN
    -- A first submission takes nothing from anybody.
    IF NOT EXISTS (
        SELECT FROM pg_catalog.unnest(p_drafts) AS d
        JOIN app.processing_sessions AS s ON s.session_id = d.session_id
        WHERE d.predecessor_id IS NOT NULL OR s.parent_session_id IS NOT NULL)
    THEN
        RETURN;
    END IF;
    WITH lines AS MATERIALIZED (
        -- What people show no more or newly. The source before a carried revision was shown to nobody: what it follows is
        -- in the submission before.
        SELECT d.session_id, d.cardholder_id, l.content_id, l.position, l.natural_key, bool_or(p.is_after) AS is_after
        FROM pg_catalog.unnest(p_drafts) AS d
        CROSS JOIN LATERAL (VALUES (d.predecessor_id, false), (d.revision_id, true)) AS p (revision_id, is_after)
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.receipt_links AS x WHERE x.employee_revision_id = p.revision_id OFFSET 0
        ) AS l
        WHERE d.predecessor_id IS NOT NULL AND d.compared_with IS NULL
        GROUP BY d.session_id, d.cardholder_id, l.content_id, l.position, l.natural_key
        HAVING count(*) = 1
    ), receipts AS (
        -- Of what changed only that which the rules look at of other people's receipts.
        SELECT s.session_id, t.external_transaction_id
        FROM lines AS s
        CROSS JOIN LATERAL (
            SELECT x.external_transaction_id, x.amount, x.merchant_name FROM app.receipt_contents AS x
            WHERE x.content_id = s.content_id AND x.external_transaction_id IS NOT NULL OFFSET 0
        ) AS t
        GROUP BY s.session_id, s.cardholder_id, t.external_transaction_id, t.amount, t.merchant_name, s.position, s.natural_key
        HAVING count(*) FILTER (WHERE s.is_after) <> count(*) FILTER (WHERE NOT s.is_after)
        UNION
        -- And what a month shows no more, of which there is a later submission.
        SELECT r.session_id, r.external_transaction_id FROM app.replaced_receipts(p_drafts) AS r
        WHERE (SELECT EXISTS (SELECT FROM pg_catalog.unnest(p_drafts) AS d
            WHERE d.revision_number = 1 OR d.compared_with IS NOT NULL))
    ), concerned AS (
        SELECT s.session_id, s.cardholder_id,
            CASE WHEN s.session_id = c.session_id THEN 'duplicate_transaction' ELSE 'duplicate_across_cycles' END AS rule_code
        FROM receipts AS c
        CROSS JOIN LATERAL app.shown_receipts(c.external_transaction_id) AS s
        UNION
        SELECT e.session_id, e.cardholder_id, 'name_collision'
        FROM pg_catalog.unnest(p_drafts) AS d
        JOIN app.employee_revisions AS o ON o.revision_id = d.predecessor_id
        JOIN app.cardholders AS c ON c.name_key = d.employee_name AND c.cardholder_id <> d.cardholder_id
        JOIN app.session_employees AS e ON e.session_id = d.session_id AND e.cardholder_id = c.cardholder_id
        WHERE (d.is_in_report OR d.receipt_count > 0) <> (o.is_in_report OR o.receipt_count > 0)
    )
    SELECT pg_catalog.array_agg(p.session_id) AS sessions, pg_catalog.array_agg(p.cardholder_id) AS cardholders,
        pg_catalog.max(p.rule_codes) AS rule_codes
        INTO v_people
        FROM (
            SELECT c.session_id, c.cardholder_id,
                (SELECT pg_catalog.array_agg(DISTINCT x.rule_code) FROM concerned AS x) AS rule_codes
            FROM concerned AS c
            JOIN app.processing_sessions AS s ON s.session_id = c.session_id AND s.status = 'completed'
            WHERE NOT EXISTS (SELECT FROM pg_catalog.unnest(p_drafts) AS d
                    WHERE d.session_id = c.session_id AND d.cardholder_id = c.cardholder_id)
                AND NOT EXISTS (SELECT FROM app.processing_sessions AS n
                    WHERE n.parent_session_id = c.session_id AND (n.status = 'completed'
                        OR n.session_id IN (SELECT d.session_id FROM pg_catalog.unnest(p_drafts) AS d)))
            GROUP BY c.session_id, c.cardholder_id
        ) AS p;
    IF v_people.sessions IS NOT NULL THEN
        PERFORM app.judge_again(v_people.sessions, v_people.cardholders, v_people.rule_codes,
            'revision ' || p_drafts[1].revision_id);
    END IF;
END
$$;
COMMENT ON FUNCTION app.judge_others(app.revision_draft[]) IS 'After new revisions of some people: judges the others whom rules over several people concern, in the session and in other months.';

CREATE OR REPLACE FUNCTION app.judge_without(p_session_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_people record;
BEGIN
    WITH concerned AS (
        SELECT s.session_id, s.cardholder_id
        FROM (
            SELECT DISTINCT t.external_transaction_id
            FROM app.session_employees AS e
            JOIN app.transactions AS t ON t.employee_revision_id = e.current_revision_id
            WHERE t.external_transaction_id IS NOT NULL AND e.session_id IN (
                SELECT c.session_id FROM app.processing_sessions AS c WHERE c.session_id = p_session_id
                UNION
                SELECT c.parent_session_id FROM app.processing_sessions AS c WHERE c.session_id = p_session_id)
        ) AS g
        CROSS JOIN LATERAL app.shown_receipts(g.external_transaction_id) AS s
        UNION
        -- Whoever counts again: other months may have changed since they were replaced.
        SELECT e.session_id, e.cardholder_id
        FROM app.processing_sessions AS c
        JOIN app.session_employees AS e ON e.session_id = c.parent_session_id
        WHERE c.session_id = p_session_id
    )
    SELECT pg_catalog.array_agg(c.session_id) AS sessions, pg_catalog.array_agg(c.cardholder_id) AS cardholders
        INTO v_people
        FROM concerned AS c
        JOIN app.processing_sessions AS s ON s.session_id = c.session_id AND s.status = 'completed'
        WHERE NOT app.has_later_session(c.session_id);
    PERFORM app.judge_again(v_people.sessions, v_people.cardholders, ARRAY['duplicate_across_cycles'],
        'session ' || p_session_id);
END
$$;
COMMENT ON FUNCTION app.judge_without(uuid) IS 'After a session was cancelled: judges the people of other months who show receipts that it showed or the submission shows that counts again, and those of that submission.';

COMMIT;
