-- The proof at commit: whatever a transaction wrote, by whatever means, must be reconciled.
-- requires: revising/complete
-- requires: revising/door
-- requires: matching/proof
-- requires: content/merging

BEGIN;

-- Planned once for all transactions, so that a resolve does not pay for planning; every row is looked up by its key,
-- since a plan made while the tables were small would read all of them later.
CREATE OR REPLACE FUNCTION app.person_violations(p_tx bigint)
RETURNS TABLE (rule text, object_id uuid, expected text, got text)
LANGUAGE plpgsql STABLE
SET search_path = '' SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    -- Issues written by this transaction are about a receipt, charge or person of a revision of their session, found by a
    -- rule.
    SELECT 'issue', i.issue_id, 'revision, receipt, charge and rule of the same person and session', i.rule_code
    FROM app.validation_issues AS i
    WHERE i.changed_tx = p_tx AND (
        (SELECT true FROM app.employee_revisions AS r WHERE r.revision_id = i.employee_revision_id
            AND r.session_id = i.session_id AND r.cardholder_id = i.cardholder_id) IS NULL
        OR (SELECT true FROM app.validation_rules AS v
            WHERE v.rule_code = i.rule_code AND v.version = i.rule_version) IS NULL
        OR (i.transaction_id IS NOT NULL AND (SELECT true FROM app.receipt_links AS t
            WHERE t.employee_revision_id = i.employee_revision_id AND t.transaction_id = i.transaction_id) IS NULL)
        OR (i.charge_id IS NOT NULL AND (SELECT true FROM app.charges AS c
            WHERE c.session_id = i.session_id AND c.cardholder_id = i.cardholder_id AND c.charge_id = i.charge_id) IS NULL))
    UNION ALL
    -- What an issue about the person says is not open beside it.
    SELECT 'silence', i.issue_id, 'not open, the person''s own issue says it', g.rule_code
    FROM (
        SELECT DISTINCT x.session_id, x.cardholder_id
        FROM app.validation_issues AS x
        WHERE x.changed_tx = p_tx AND x.rule_code IN (
            SELECT s.rule_code FROM app.rule_silences AS s UNION SELECT s.silenced_by FROM app.rule_silences AS s)
    ) AS t
    -- Asked once for each rule, and only of people with such an issue.
    CROSS JOIN LATERAL (
        SELECT x.rule_code, pg_catalog.array_agg(x.issue_id) AS issue_ids FROM app.validation_issues AS x
        WHERE x.session_id = t.session_id AND x.cardholder_id = t.cardholder_id AND x.is_open
            AND x.rule_code IN (SELECT s.rule_code FROM app.rule_silences AS s)
        GROUP BY x.rule_code
    ) AS g
    CROSS JOIN LATERAL pg_catalog.unnest(CASE WHEN app.is_silent(t.session_id, t.cardholder_id, g.rule_code)
        THEN g.issue_ids END) AS i (issue_id)
    UNION ALL
    -- And is there when that one was decided or closed.
    SELECT 'silence', ((f.f).found).revision_id, 'an issue, nothing else says it', (f.f).rule_code || ' ' || ((f.f).found).subject_key
    FROM (
        SELECT DISTINCT x.session_id, x.cardholder_id
        FROM app.validation_issues AS x
        WHERE x.changed_tx = p_tx AND x.rule_code IN (SELECT s.silenced_by FROM app.rule_silences AS s)
            AND x.state IN ('resolved', 'false_positive', 'auto_closed') OFFSET 0
    ) AS t
    CROSS JOIN LATERAL (
        SELECT g.rule_code, pg_catalog.array_agg(g) AS findings
        FROM pg_catalog.unnest(app.run_rules(app.current_drafts(ARRAY[t.session_id], ARRAY[t.cardholder_id]),
            ARRAY(SELECT s.rule_code FROM app.rule_silences AS s))) AS g
        GROUP BY g.rule_code
    ) AS r
    CROSS JOIN LATERAL (
        SELECT g AS f
        FROM pg_catalog.unnest(CASE WHEN NOT app.is_silent(t.session_id, t.cardholder_id, r.rule_code)
            THEN r.findings END) AS g
    ) AS f
    WHERE (SELECT true FROM app.validation_issues AS i
            WHERE i.session_id = t.session_id AND i.cardholder_id = t.cardholder_id
                AND i.rule_code = (f.f).rule_code AND i.subject_key = ((f.f).found).subject_key
                AND i.state <> 'auto_closed') IS NULL
    UNION ALL
    -- Status and current revision of every person this transaction touched.
    SELECT 'status', e.current_revision_id, s.status, e.status
    FROM (
        SELECT x.session_id, x.cardholder_id FROM app.session_employees AS x WHERE x.changed_tx = p_tx
        UNION
        SELECT x.session_id, x.cardholder_id FROM app.validation_issues AS x WHERE x.changed_tx = p_tx
        UNION
        SELECT x.session_id, x.cardholder_id FROM app.employee_revisions AS x WHERE x.created_tx = p_tx
    ) AS t
    CROSS JOIN LATERAL (
        SELECT x.* FROM app.session_employees AS x
        WHERE x.session_id = t.session_id AND x.cardholder_id = t.cardholder_id LIMIT 1
    ) AS e
    CROSS JOIN LATERAL (
        SELECT app.derive_status(e.session_id, e.cardholder_id, e.is_on_hold) AS status,
            (SELECT pg_catalog.max(r.revision_number) FROM app.employee_revisions AS r
             WHERE r.session_id = e.session_id AND r.cardholder_id = e.cardholder_id) AS newest
    ) AS s
    WHERE e.status <> s.status OR e.current_revision_number <> s.newest;
END
$$;
COMMENT ON FUNCTION app.person_violations(bigint) IS 'The part of app.commit_violations(bigint) that a transaction without a new revision can offend: issues that point nowhere, findings that are said twice or not at all beside an issue about their person, status or current revision of the people it touched.';

-- The rows that other tables keep by foreign keys. Found by transaction and looked up by key, one by one, or among what the
-- transaction wrote, read once: whatever the planner believes after an import, the cost is that of these rows. What is looked up is joined by its
-- key alone and its transaction compared afterwards, else the planner may walk all rows of the transaction for each.
CREATE OR REPLACE FUNCTION app.row_violations(p_tx bigint)
RETURNS TABLE (rule text, object_id uuid, expected text, got text)
LANGUAGE plpgsql STABLE
SET search_path = '' SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    -- Each part below begins with the rows of the transaction in one of these: without any, as after a step of an issue,
    -- the joins need not be set up.
    IF NOT (EXISTS (SELECT FROM app.receipt_links AS l WHERE l.created_tx = p_tx)
        OR EXISTS (SELECT FROM app.receipt_contents AS c WHERE c.created_tx = p_tx)
        OR EXISTS (SELECT FROM app.corrections AS c WHERE c.created_tx = p_tx)
        OR EXISTS (SELECT FROM app.card_totals AS k WHERE k.created_tx = p_tx)
        OR EXISTS (SELECT FROM app.charges AS c WHERE c.created_tx = p_tx)
        OR EXISTS (SELECT FROM app.charge_lines AS l WHERE l.created_tx = p_tx)
        OR EXISTS (SELECT FROM app.bank_sides AS s WHERE s.created_tx = p_tx)
        OR EXISTS (SELECT FROM app.matchings AS m WHERE m.created_tx = p_tx)
        OR EXISTS (SELECT FROM app.found_allocations AS a WHERE a.created_tx = p_tx)
        OR EXISTS (SELECT FROM app.found_open_items AS o WHERE o.created_tx = p_tx))
    THEN
        RETURN;
    END IF;
    RETURN QUERY
    -- A receipt joins a revision in the transaction that makes it.
    SELECT 'receipt', l.transaction_id, 'a revision of this transaction', 'another or none'
    FROM app.receipt_links AS l
    WHERE l.created_tx = p_tx
        AND l.employee_revision_id NOT IN (SELECT r.revision_id FROM app.employee_revisions AS r WHERE r.created_tx = p_tx)
    UNION ALL
    -- And says something. What was written with it is known by one reading, what was there before is looked up.
    SELECT 'receipt', l.transaction_id, 'a content', 'none'
    FROM (
        SELECT x.content_id FROM app.receipt_links AS x WHERE x.created_tx = p_tx
        EXCEPT
        SELECT x.content_id FROM app.receipt_contents AS x WHERE x.created_tx = p_tx
    ) AS o
    CROSS JOIN LATERAL (
        SELECT x.transaction_id, x.created_tx FROM app.receipt_links AS x WHERE x.content_id = o.content_id OFFSET 0
    ) AS l
    WHERE (SELECT true FROM app.receipt_contents AS c WHERE c.content_id = o.content_id) IS NULL AND l.created_tx = p_tx
    UNION ALL
    -- What is said of a receipt is said in a chain of submissions that has it.
    SELECT 'statement', c.transaction_id, 'a receipt of its chain of submissions', 'none'
    FROM app.corrections AS c
    WHERE c.created_tx = p_tx AND (
        SELECT true FROM app.receipt_links AS l
        CROSS JOIN LATERAL (
            SELECT r.session_id FROM app.employee_revisions AS r WHERE r.revision_id = l.employee_revision_id OFFSET 0
        ) AS r
        CROSS JOIN LATERAL (
            SELECT s.chain_id FROM app.processing_sessions AS s WHERE s.session_id = r.session_id OFFSET 0
        ) AS s
        WHERE l.transaction_id = c.transaction_id AND s.chain_id = c.chain_id LIMIT 1) IS NULL
    UNION ALL
    -- No content is left without a receipt that says it.
    SELECT 'content', o.content_id, 'a receipt of this transaction that says it', 'none'
    FROM (
        SELECT x.content_id FROM app.receipt_contents AS x WHERE x.created_tx = p_tx
        EXCEPT
        SELECT x.content_id FROM app.receipt_links AS x WHERE x.created_tx = p_tx
    ) AS o
    UNION ALL
    -- What the bank says joins a person in the transaction of the first revision, and hangs together.
    SELECT 'bank row', b.object_id, 'the first revision of the person in this transaction, ' || b.needs, 'not all of it'
    FROM (
        SELECT k.session_id, k.cardholder_id, k.card_id AS object_id, 'a bank side' AS needs,
            s.digest IS NOT NULL AS has_needed
        FROM app.card_totals AS k
        LEFT JOIN app.bank_sides AS s ON s.session_id = k.session_id AND s.cardholder_id = k.cardholder_id
        WHERE k.created_tx = p_tx
        UNION ALL
        SELECT c.session_id, c.cardholder_id, c.charge_id, 'a card', k.card_id IS NOT NULL
        FROM app.charges AS c
        LEFT JOIN app.card_totals AS k
            ON k.session_id = c.session_id AND k.cardholder_id = c.cardholder_id AND k.card_id = c.card_id
        WHERE c.created_tx = p_tx
        UNION ALL
        SELECT l.session_id, l.cardholder_id, l.charge_id, 'a charge', c.charge_id IS NOT NULL
        FROM app.charge_lines AS l
        LEFT JOIN app.charges AS c
            ON c.session_id = l.session_id AND c.cardholder_id = l.cardholder_id AND c.charge_id = l.charge_id
        WHERE l.created_tx = p_tx
        UNION ALL
        SELECT s.session_id, s.cardholder_id, s.cardholder_id, 'a card', EXISTS (
            SELECT FROM app.card_totals AS k
            WHERE k.session_id = s.session_id AND k.cardholder_id = s.cardholder_id)
        FROM app.bank_sides AS s WHERE s.created_tx = p_tx
    ) AS b
    LEFT JOIN app.employee_revisions AS r
        ON r.session_id = b.session_id AND r.cardholder_id = b.cardholder_id AND r.revision_number = 1
    WHERE r.created_tx IS DISTINCT FROM p_tx OR NOT b.has_needed
    UNION ALL
    -- A matching joins a revision, and its rows join it, in the transaction that makes the revision.
    SELECT 'matching', m.employee_revision_id, 'a revision of this transaction', 'another or none'
    FROM app.matchings AS m
    LEFT JOIN app.employee_revisions AS r ON r.revision_id = m.employee_revision_id
    WHERE m.created_tx = p_tx AND r.created_tx IS DISTINCT FROM p_tx
    UNION ALL
    SELECT 'matched row', f.matching_id, 'a matching of this transaction', 'another or none'
    FROM (
        SELECT a.matching_id FROM app.found_allocations AS a WHERE a.created_tx = p_tx
        UNION ALL
        SELECT o.matching_id FROM app.found_open_items AS o WHERE o.created_tx = p_tx
    ) AS f
    LEFT JOIN app.matchings AS m ON m.employee_revision_id = f.matching_id
    WHERE m.created_tx IS DISTINCT FROM p_tx OR m.matching_id <> f.matching_id;
END
$$;
COMMENT ON FUNCTION app.row_violations(bigint) IS 'The part of app.commit_violations(bigint) that stands for foreign keys: rows of this transaction whose revision is older or missing, contents nobody links to and links without content, statements of a chain of submissions without the receipt, rows of the bank that do not come with the person''s first revision or do not hang together. No row means sound.';

CREATE OR REPLACE FUNCTION app.merge_violations(p_tx bigint)
RETURNS TABLE (rule text, object_id uuid, expected text, got text)
LANGUAGE plpgsql STABLE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off
AS $$
BEGIN
    RETURN QUERY
    -- A first revision of a chain about which nobody said anything is its own source. What people say later is about the
    -- newest submission, and those before stay as they were.
    WITH people AS MATERIALIZED (
        SELECT r.session_id, r.cardholder_id, r.revision_id, (
            SELECT o.revision_id FROM app.employee_revisions AS o
            WHERE o.revision_id = r.predecessor_id AND o.created_tx <> p_tx) AS shown_before
        FROM (
            SELECT x.session_id, pg_catalog.array_agg(x) AS revisions
            FROM app.employee_revisions AS x WHERE x.created_tx = p_tx GROUP BY x.session_id
        ) AS t
        CROSS JOIN LATERAL (
            SELECT x.session_id,
                EXISTS (SELECT FROM app.corrections AS c WHERE c.chain_id = x.chain_id) AS is_said
            FROM app.processing_sessions AS x
            WHERE x.session_id = t.session_id AND x.status = 'completed' AND NOT app.has_later_session(x.session_id) OFFSET 0
        ) AS s
        CROSS JOIN LATERAL pg_catalog.unnest(t.revisions) AS r
        WHERE (r.revision_number > 1 OR s.is_said)
            AND (SELECT true FROM app.session_employees AS e WHERE e.current_revision_id = r.revision_id)
    ), sessions AS MATERIALIZED (
        SELECT p.session_id, p.cardholder_ids, (
            SELECT count(*) FROM app.session_employees AS e WHERE e.session_id = p.session_id
        ) > cardinality(p.cardholder_ids) AS has_others
        FROM (
            SELECT x.session_id, array_agg(x.cardholder_id) AS cardholder_ids FROM people AS x GROUP BY x.session_id
        ) AS p
    ), shown AS (
        SELECT p.session_id, p.cardholder_id, p.shown_before, s.has_others, x.transaction_id, x.content_id
        FROM people AS p
        JOIN sessions AS s ON s.session_id = p.session_id
        CROSS JOIN LATERAL (
            SELECT l.* FROM app.receipt_links AS l WHERE l.employee_revision_id = p.revision_id OFFSET 0
        ) AS x
    )
    SELECT 'receipt', coalesce(n.transaction_id, m.transaction_id),
        CASE WHEN m.is_here IS FALSE THEN 'one person' ELSE 'the source with the statements in force' END,
        CASE WHEN m.is_here IS FALSE THEN 'nobody' WHEN n.transaction_id IS NULL THEN 'no receipt'
            WHEN m.transaction_id IS NULL THEN 'a receipt' ELSE 'something else' END
    FROM shown AS n
    FULL JOIN (
        SELECT s.session_id, (s.session_id, x.cardholder_id) IN (SELECT p.session_id, p.cardholder_id FROM people AS p)
            AS is_here, x.*
        FROM sessions AS s
        CROSS JOIN LATERAL app.merge_receipts(s.session_id, app.source_people(s.session_id, s.cardholder_ids)) AS x
    ) AS m ON m.session_id = n.session_id AND m.cardholder_id = n.cardholder_id AND m.transaction_id = n.transaction_id
    WHERE CASE WHEN m.transaction_id IS NULL THEN true
        WHEN n.transaction_id IS NOT NULL THEN (m.content).content_id IS DISTINCT FROM n.content_id AND (
            SELECT app.is_same_content(c, m.content) FROM app.receipt_contents AS c WHERE c.content_id = n.content_id) IS NOT TRUE
        WHEN m.is_here THEN true
        -- And none is lost: what the sources of these people have and others hold is shown by those.
        ELSE (m.source_link).transaction_id IS NOT NULL AND (
            SELECT true FROM app.session_employees AS e
            CROSS JOIN LATERAL (
                SELECT l.employee_revision_id FROM app.receipt_links AS l
                WHERE l.employee_revision_id = e.current_revision_id AND l.transaction_id = m.transaction_id OFFSET 0
            ) AS l
            WHERE e.session_id = m.session_id AND e.cardholder_id = m.cardholder_id LIMIT 1) IS NULL END
    UNION ALL
    -- A receipt stands under one person: of those of this transaction, and of the others of the session. What the person
    -- showed before this transaction was looked at then.
    SELECT 'receipt', n.transaction_id, 'one person', 'two'
    FROM shown AS n GROUP BY n.session_id, n.transaction_id HAVING count(*) > 1
    UNION ALL
    SELECT 'receipt', n.transaction_id, 'one person', 'two'
    FROM shown AS n
    WHERE n.has_others AND (SELECT true FROM app.receipt_links AS x
            WHERE x.employee_revision_id = n.shown_before AND x.transaction_id = n.transaction_id) IS NULL
        AND EXISTS (
        SELECT FROM (
            SELECT x.employee_revision_id FROM app.receipt_links AS x WHERE x.transaction_id = n.transaction_id OFFSET 0
        ) AS o
        CROSS JOIN LATERAL (
            SELECT x.session_id, x.cardholder_id FROM app.session_employees AS x
            WHERE x.current_revision_id = o.employee_revision_id OFFSET 0
        ) AS e
        WHERE e.session_id = n.session_id AND e.cardholder_id <> n.cardholder_id);
END
$$;
COMMENT ON FUNCTION app.merge_violations(bigint) IS 'The part of app.commit_violations(bigint) about what people said: current revisions of this transaction whose receipts are not what the source says with the statements in force, and receipts that stand under two people, or under nobody though a source has them and nobody took them out. No row means sound.';

CREATE OR REPLACE FUNCTION app.commit_violations(p_tx bigint)
RETURNS TABLE (rule text, object_id uuid, expected text, got text)
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    -- Totals, count and hash of every revision this transaction made.
    SELECT 'content', r.revision_id,
        concat_ws(' / ', m.receipt_total, m.receipt_total_unique, m.receipt_count, CASE WHEN b.digest IS NOT NULL THEN b.charge_total END, 'own hash'),
        concat_ws(' / ', r.receipt_total, r.receipt_total_unique, r.receipt_count, CASE WHEN b.digest IS NOT NULL THEN r.car_total END, 'other hash')
    FROM app.measure_revisions(ARRAY(
        SELECT x.revision_id FROM app.employee_revisions AS x WHERE x.created_tx = p_tx)) AS m
    JOIN app.employee_revisions AS r ON r.revision_id = m.revision_id
    LEFT JOIN app.bank_sides AS b ON b.session_id = r.session_id AND b.cardholder_id = r.cardholder_id
    WHERE r.receipt_total <> m.receipt_total OR r.receipt_total_unique <> m.receipt_total_unique
        OR r.receipt_count <> m.receipt_count
        OR (b.digest IS NOT NULL AND r.car_total IS DISTINCT FROM b.charge_total)
        OR r.content_hash <> app.hash_content(r.session_id, r.cardholder_id, r.revision_number, r.employee_name,
            r.employee_id, r.card_number, r.is_in_report, r.car_total, r.receipt_total, r.receipt_count,
            r.validation_flags, r.car_page_range, r.receipt_page_range, app.digest_rows(m.links_digest, b.digest))
    UNION ALL
    -- What the bank says about people who are new in their session: total and digest.
    SELECT 'bank side', b.cardholder_id, concat_ws(' / ', m.charge_count, m.charge_total, 'own digest'),
        concat_ws(' / ', b.charge_count, b.charge_total, 'other digest')
    FROM app.measure_bank(
        ARRAY(SELECT x.session_id FROM app.bank_sides AS x WHERE x.created_tx = p_tx
              ORDER BY x.session_id, x.cardholder_id),
        ARRAY(SELECT x.cardholder_id FROM app.bank_sides AS x WHERE x.created_tx = p_tx
              ORDER BY x.session_id, x.cardholder_id)) AS m
    JOIN app.bank_sides AS b ON b.session_id = m.session_id AND b.cardholder_id = m.cardholder_id
    WHERE (SELECT EXISTS (SELECT FROM app.bank_sides AS x WHERE x.created_tx = p_tx))
        AND (b.charge_count <> m.charge_count OR b.charge_total IS DISTINCT FROM m.charge_total OR b.digest <> m.digest)
    UNION ALL
    -- Flags of the current ones say what the issues on them say.
    SELECT 'flags', r.revision_id, i.flags::text, r.validation_flags::text
    FROM app.employee_revisions AS r
    JOIN app.session_employees AS e ON e.current_revision_id = r.revision_id
    CROSS JOIN LATERAL (
        SELECT app.flags_of(array_agg(DISTINCT x.rule_code)) AS flags
        FROM app.validation_issues AS x
        WHERE x.employee_revision_id = r.revision_id AND x.state <> 'auto_closed'
    ) AS i
    WHERE r.created_tx = p_tx AND r.validation_flags <> i.flags
    UNION ALL
    -- Who is not judged is followed by what people said before.
    SELECT 'source', r.revision_id, 'flags, or a carried revision after it', 'none'
    FROM app.employee_revisions AS r
    WHERE r.created_tx = p_tx AND r.validation_flags IS NULL AND r.revision_id NOT IN (
        SELECT n.predecessor_id FROM app.employee_revisions AS n
        WHERE n.created_tx = p_tx AND n.origin = 'carried' AND n.predecessor_id IS NOT NULL)
    UNION ALL
    SELECT v.rule, v.object_id, v.expected, v.got FROM app.merge_violations(p_tx) AS v
    UNION ALL
    SELECT v.rule, v.object_id, v.expected, v.got FROM app.row_violations(p_tx) AS v
    UNION ALL
    SELECT v.rule, v.object_id, v.expected, v.got FROM app.person_violations(p_tx) AS v
    UNION ALL
    SELECT v.rule, v.object_id, v.expected, v.got FROM app.matching_violations(p_tx) AS v;
END
$$;
COMMENT ON FUNCTION app.commit_violations(bigint) IS 'What a transaction would leave unreconciled: totals, counts and hashes of its revisions, flags that differ from the issues, issues that point nowhere, rows that belong nowhere, matches that do not add up, status or current revision of the people it touched. No row means sound.';

CREATE OR REPLACE FUNCTION audit.prove_commit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
SET work_mem = '64MB'
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_first record;
    v_revisions bigint := (SELECT pg_catalog.count(*) FROM app.employee_revisions AS r WHERE r.created_tx = NEW.tx);
    v_around record;
BEGIN
    -- As in app.complete_revisions: plans that are kept and go by key for a few people, plans made for many.
    IF v_revisions > 20 THEN
        PERFORM pg_catalog.set_config('plan_cache_mode', 'force_custom_plan', true),
            pg_catalog.set_config('enable_seqscan', 'on', true),
            pg_catalog.set_config('enable_hashjoin', 'on', true);
    END IF;
    IF v_revisions > 0 THEN
        SELECT v.* INTO v_first FROM app.commit_violations(NEW.tx) AS v LIMIT 1;
    ELSE
        SELECT v.* INTO v_first FROM app.row_violations(NEW.tx) AS v LIMIT 1;
        IF NOT FOUND THEN
            SELECT v.* INTO v_first FROM app.person_violations(NEW.tx) AS v LIMIT 1;
        END IF;
    END IF;
    IF FOUND THEN
        PERFORM app.fail('RL001', NULL, v_first.expected,
            pg_catalog.format('%s of %s: %s', v_first.rule, v_first.object_id, v_first.got));
    END IF;
    SELECT v.* INTO v_around FROM app.door_violations(NEW.tx) AS v LIMIT 1;
    IF NOT FOUND THEN
        SELECT v.* INTO v_around FROM app.month_violations(NEW.tx) AS v LIMIT 1;
    END IF;
    IF FOUND THEN
        PERFORM app.fail(v_around.code, NULL, 'the calls of schema api', pg_catalog.format('%s %s written around them',
            v_around.object_name, v_around.object_id));
    END IF;
    UPDATE audit.commits AS c SET is_dirty = false WHERE c.tx = NEW.tx;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit.prove_commit() IS 'Deferred trigger of audit.commits: proves everything this transaction wrote, RL001 otherwise, and that nothing of it went around the door, PM003, RL081, ST006 or, into a closed month, ST051 otherwise. After SET CONSTRAINTS ... IMMEDIATE any later write is proved again.';

CREATE CONSTRAINT TRIGGER t50_prove AFTER INSERT OR UPDATE ON audit.commits
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.is_dirty) EXECUTE FUNCTION audit.prove_commit();
COMMENT ON TRIGGER t50_prove ON audit.commits IS 'Runs the proof at commit.';
ALTER TABLE audit.commits ENABLE ALWAYS TRIGGER t50_prove;

SELECT app.pin_entry_points();

COMMIT;
