-- The proof of batches at commit: lines and what was left out are the receipts of the month, whoever wrote them.
-- requires: outputs/batches
-- requires: revising/proof

BEGIN;

CREATE OR REPLACE FUNCTION app.batch_ties(p_batch app.accounting_batches)
RETURNS TABLE (lines numeric, fallen numeric, strange bigint, left_out numeric, receipts numeric)
LANGUAGE sql STABLE
SET search_path = '' SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    SELECT l.lines, f.fallen, f.strange, o.left_out, app.receipt_total_of(p_batch.session_id)
    FROM (
        SELECT coalesce(sum(x.amount), 0) AS lines
        FROM app.accounting_batches AS b
        JOIN app.accounting_batch_lines AS x ON x.target = b.target AND x.batch_number = b.batch_number
        WHERE b.target = p_batch.target AND b.chain_id = p_batch.chain_id AND NOT EXISTS (
            SELECT FROM app.accounting_voids AS v WHERE v.target = b.target AND v.batch_number = b.batch_number)
    ) AS l
    CROSS JOIN (
        SELECT coalesce(sum((s.posted).amount), 0) AS fallen,
            count(*) FILTER (WHERE (s.posted).batch_number = p_batch.batch_number) AS strange
        FROM app.accounting_profiles AS f
        CROSS JOIN LATERAL app.accounting_states(p_batch.session_id, f) AS s
        WHERE f.profile_name = p_batch.profile_name AND f.profile_version = p_batch.profile_version AND s.changes <> '{}'
    ) AS f
    CROSS JOIN (
        SELECT coalesce(sum(x.amount), 0) AS left_out
        FROM app.accounting_left_out AS x
        WHERE x.target = p_batch.target AND x.batch_number = p_batch.batch_number AND x.reason <> 'withdrawn'
    ) AS o;
END;
COMMENT ON FUNCTION app.batch_ties(app.accounting_batches) IS 'What must add up of a batch when it is made: the lines of all batches of its submissions and target that are not void, less those that do not stand any more, and what it left out, are the receipt total of the submission; and none of its own lines is strange, of a receipt that is not so.';

CREATE OR REPLACE FUNCTION app.batch_violations(p_tx bigint)
RETURNS TABLE (code text, object_name text, expected text, got text)
LANGUAGE plpgsql STABLE
SET search_path = '' SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM app.accounting_batches AS b WHERE b.created_tx = p_tx)
        AND NOT EXISTS (SELECT FROM app.accounting_voids AS v WHERE v.created_tx = p_tx)
    THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH batches AS MATERIALIZED (
        SELECT b AS batch, b.target, b.batch_number, b.month_id, b.session_id, pg_catalog.format('batch %s of %s', b.batch_number, b.target) AS name
        FROM app.accounting_batches AS b WHERE b.created_tx = p_tx
    ), voids AS MATERIALIZED (
        SELECT v.target, v.batch_number, b.month_id, pg_catalog.format('voiding of batch %s of %s', v.batch_number, v.target) AS name
        FROM app.accounting_voids AS v JOIN app.accounting_batches AS b ON b.target = v.target AND b.batch_number = v.batch_number
        WHERE v.created_tx = p_tx
    )
    -- The head says what the lines say, and the bytes are theirs.
    SELECT 'RL001', b.name, pg_catalog.format('%s lines of %s, their bytes', (b.batch).line_count, (b.batch).line_total),
        pg_catalog.format('%s lines of %s', pg_catalog.cardinality(l.lines), l.total)
    FROM batches AS b
    JOIN app.accounting_profiles AS f
        ON f.profile_name = (b.batch).profile_name AND f.profile_version = (b.batch).profile_version
    CROSS JOIN LATERAL (
        SELECT coalesce(pg_catalog.array_agg(x), '{}') AS lines, pg_catalog.sum(x.amount) AS total, pg_catalog.max(x.line_number) AS last
        FROM app.accounting_batch_lines AS x WHERE x.target = b.target AND x.batch_number = b.batch_number
    ) AS l
    WHERE pg_catalog.cardinality(l.lines) <> (b.batch).line_count OR l.last <> (b.batch).line_count
        OR l.total IS DISTINCT FROM (b.batch).line_total OR app.batch_content(l.lines, f) <> (b.batch).content
    UNION ALL
    -- It ties, unless the transaction went on to change what the batch is made of, or to hand over or void more.
    SELECT 'RL001', b.name, pg_catalog.format('receipts of %s', t.receipts),
        pg_catalog.format('lines of %s, %s of them fallen, and %s left out; %s lines are not so', t.lines, t.fallen,
            t.left_out, t.strange)
    FROM batches AS b CROSS JOIN LATERAL app.batch_ties(b.batch) AS t
    WHERE (t.lines - t.fallen + t.left_out <> t.receipts OR t.strange > 0 OR t.receipts <> (b.batch).receipt_total
            OR app.digest_revisions(b.session_id) <> (b.batch).revisions_sha256)
        AND NOT EXISTS (SELECT FROM app.employee_revisions AS r WHERE r.session_id = b.session_id AND r.created_tx = p_tx
            AND app.digest_revisions(b.session_id) <> (b.batch).revisions_sha256)
        AND NOT EXISTS (SELECT FROM app.accounting_voids AS v
            WHERE v.target = b.target AND v.created_tx = p_tx AND v.voided_at > (b.batch).created_at)
        AND NOT EXISTS (SELECT FROM app.accounting_batches AS n
            WHERE n.target = b.target AND n.batch_number > b.batch_number AND n.chain_id = (b.batch).chain_id)
    UNION ALL
    -- No receipt is posted twice or reversed without being posted, void batches aside; its steps have no gap.
    SELECT 'RL001', pg_catalog.format('receipt %s of %s', x.transaction_id, x.target), 'posted once at most, step by step',
        pg_catalog.format('posted %s times', x.times)
    FROM (
        SELECT l.target, l.transaction_id, pg_catalog.max(l.step) AS last, pg_catalog.count(*) AS steps,
            pg_catalog.sum(CASE l.kind WHEN 'posting' THEN 1 ELSE -1 END) FILTER (WHERE v.target IS NULL) AS times
        FROM app.accounting_batch_lines AS l
        LEFT JOIN app.accounting_voids AS v ON v.target = l.target AND v.batch_number = l.batch_number
        WHERE (l.target, l.transaction_id) IN (
            SELECT n.target, n.transaction_id
            FROM (SELECT b.target, b.batch_number FROM batches AS b UNION SELECT d.target, d.batch_number FROM voids AS d) AS w
            JOIN app.accounting_batch_lines AS n ON n.target = w.target AND n.batch_number = w.batch_number)
        GROUP BY l.target, l.transaction_id
    ) AS x
    WHERE coalesce(x.times, 0) NOT IN (0, 1) OR x.last <> x.steps
    UNION ALL
    -- Nor is a line reversed that is void. (A receipt posted beside a voided reversal is posted twice.)
    SELECT 'ST090', d.name, 'no reversal of its lines', pg_catalog.format('batch %s', l.batch_number)
    FROM voids AS d
    JOIN app.accounting_batch_lines AS l ON l.target = d.target AND l.reversed_batch = d.batch_number
    WHERE NOT EXISTS (SELECT FROM app.accounting_voids AS v WHERE v.target = l.target AND v.batch_number = l.batch_number)
    UNION ALL
    SELECT 'ST006', b.name, 'the newest submission', pg_catalog.format('session %s', b.session_id)
    FROM batches AS b WHERE EXISTS (
        SELECT FROM app.processing_sessions AS s
        WHERE s.parent_session_id = b.session_id AND s.status = 'completed' AND s.changed_tx <> p_tx)
    UNION ALL
    SELECT 'PM003', b.name, 'somebody else in the submission', 'the author''s card alone'
    FROM batches AS b WHERE app.is_own_month(b.session_id, (b.batch).created_by)
    UNION ALL
    -- What an earlier transaction closed gets no batch and loses none.
    SELECT 'ST051', w.name, 'an open month', m.month_name
    FROM (SELECT b.name, b.month_id FROM batches AS b UNION ALL SELECT d.name, d.month_id FROM voids AS d) AS w
    JOIN app.months AS m ON m.month_id = w.month_id
    WHERE m.state = 'closed' AND m.changed_tx <> p_tx;
END
$$;
COMMENT ON FUNCTION app.batch_violations(bigint) IS 'What a transaction would leave wrong of batches: a head that is not that of its lines, lines and left out that are not the receipts of the month, a receipt posted twice, a voiding on which something builds, a batch of a replaced submission, of the author''s own card or of a closed month. No row means sound.';

CREATE OR REPLACE FUNCTION audit.prove_batches() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_first record;
BEGIN
    SELECT v.* INTO v_first FROM app.batch_violations(NEW.tx) AS v LIMIT 1;
    IF FOUND THEN
        PERFORM app.fail(v_first.code, NULL, v_first.expected, pg_catalog.format('%s: %s', v_first.object_name, v_first.got));
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit.prove_batches() IS 'Deferred trigger of audit.commits: proves the batches that this transaction made or voided, RL001 otherwise, and that none went around the calls, PM003, ST006, ST051 or ST090 otherwise.';

CREATE CONSTRAINT TRIGGER t60_prove_batches AFTER INSERT OR UPDATE ON audit.commits
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.is_dirty) EXECUTE FUNCTION audit.prove_batches();
COMMENT ON TRIGGER t60_prove_batches ON audit.commits IS 'Runs the proof of batches at commit.';
ALTER TABLE audit.commits ENABLE ALWAYS TRIGGER t60_prove_batches;

SELECT app.pin_entry_points();

COMMIT;
