-- The proof at commit: whatever a transaction wrote, by whatever means, must be reconciled.
-- requires: revising/complete
-- requires: revising/door
-- requires: matching/proof

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
    -- Issues written by this transaction are about a receipt or person of a revision of their session, found by a rule.
    SELECT 'issue', i.issue_id, 'revision, receipt and rule of the same person and session', i.rule_code
    FROM app.validation_issues AS i
    WHERE i.changed_tx = p_tx AND (
        (SELECT true FROM app.employee_revisions AS r WHERE r.revision_id = i.employee_revision_id
            AND r.session_id = i.session_id AND r.cardholder_id = i.cardholder_id) IS NULL
        OR (SELECT true FROM app.validation_rules AS v
            WHERE v.rule_code = i.rule_code AND v.version = i.rule_version) IS NULL
        OR (i.transaction_id IS NOT NULL AND (SELECT true FROM app.transactions AS t
            WHERE t.employee_revision_id = i.employee_revision_id AND t.transaction_id = i.transaction_id) IS NULL))
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
COMMENT ON FUNCTION app.person_violations(bigint) IS 'The part of app.commit_violations(bigint) that a transaction without a new revision can offend: issues that point nowhere, status or current revision of the people it touched.';

CREATE OR REPLACE FUNCTION app.commit_violations(p_tx bigint)
RETURNS TABLE (rule text, object_id uuid, expected text, got text)
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
SET enable_seqscan = on
BEGIN ATOMIC
    -- Totals, count and hash of every revision this transaction made.
    SELECT 'content', r.revision_id,
        concat_ws(' / ', m.receipt_total, m.receipt_count, CASE WHEN m.has_charges THEN m.charge_total END, 'own hash'),
        concat_ws(' / ', r.receipt_total, r.receipt_count, CASE WHEN m.has_charges THEN r.car_total END, 'other hash')
    FROM app.measure_revisions(ARRAY(
        SELECT x.revision_id FROM app.employee_revisions AS x WHERE x.created_tx = p_tx)) AS m
    JOIN app.employee_revisions AS r ON r.revision_id = m.revision_id
    WHERE r.receipt_total <> m.receipt_total OR r.receipt_count <> m.receipt_count
        OR (m.has_charges AND r.car_total IS DISTINCT FROM m.charge_total)
        OR r.content_hash <> app.hash_content(r.session_id, r.cardholder_id, r.revision_number, r.employee_name,
            r.employee_id, r.card_number, r.is_in_report, r.car_total, r.receipt_total, r.receipt_count,
            r.validation_flags, r.car_page_range, r.receipt_page_range, m.rows_digest)
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
    SELECT v.rule, v.object_id, v.expected, v.got FROM app.person_violations(p_tx) AS v
    UNION ALL
    SELECT v.rule, v.object_id, v.expected, v.got FROM app.matching_violations(p_tx) AS v;
END;
COMMENT ON FUNCTION app.commit_violations(bigint) IS 'What a transaction would leave unreconciled: totals, counts and hashes of its revisions, flags that differ from the issues, issues that point nowhere, matches that do not add up, status or current revision of the people it touched. No row means sound.';

-- What is looked up here is looked up by key, as above; the whole proof takes what it is planned to take.
CREATE OR REPLACE FUNCTION audit.prove_commit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
SET work_mem = '64MB'
SET enable_seqscan = off
AS $$
DECLARE
    v_first record;
    v_around record;
BEGIN
    -- The whole proof is planned for each transaction, which costs more than most of them; what made no revision
    -- needs only the part that is planned once.
    IF EXISTS (SELECT FROM app.employee_revisions AS r WHERE r.created_tx = NEW.tx) THEN
        SELECT v.* INTO v_first FROM app.commit_violations(NEW.tx) AS v LIMIT 1;
    ELSIF EXISTS (SELECT FROM app.validation_issues AS i WHERE i.changed_tx = NEW.tx)
        OR EXISTS (SELECT FROM app.session_employees AS e WHERE e.changed_tx = NEW.tx)
    THEN
        SELECT v.* INTO v_first FROM app.person_violations(NEW.tx) AS v LIMIT 1;
    END IF;
    IF FOUND THEN
        PERFORM app.fail('RL001', NULL, v_first.expected,
            pg_catalog.format('%s of %s: %s', v_first.rule, v_first.object_id, v_first.got));
    END IF;
    SELECT v.* INTO v_around FROM app.door_violations(NEW.tx) AS v LIMIT 1;
    IF FOUND THEN
        PERFORM app.fail(v_around.code, NULL, 'the calls of schema api', pg_catalog.format('%s %s written around them',
            v_around.object_name, v_around.object_id));
    END IF;
    UPDATE audit.commits AS c SET is_dirty = false WHERE c.tx = NEW.tx;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit.prove_commit() IS 'Deferred trigger of audit.commits: proves everything this transaction wrote, RL001 otherwise, and that nothing of it went around the door, PM003 or ST006 otherwise. After SET CONSTRAINTS ... IMMEDIATE any later write is proved again.';

CREATE CONSTRAINT TRIGGER t50_prove AFTER INSERT OR UPDATE ON audit.commits
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.is_dirty) EXECUTE FUNCTION audit.prove_commit();
COMMENT ON TRIGGER t50_prove ON audit.commits IS 'Runs the proof at commit.';
ALTER TABLE audit.commits ENABLE ALWAYS TRIGGER t50_prove;

COMMIT;
