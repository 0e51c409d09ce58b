-- The proof of batches: what one is is worked out anew by whoever writes its row; nothing joins it until the commit.
-- requires: outputs/batches
-- requires: revising/proof

BEGIN;

CREATE OR REPLACE FUNCTION app.prove_so_far() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
END
$$;
COMMENT ON FUNCTION app.prove_so_far() IS 'Proves what the transaction wrote until now as its commit would, so that nothing is put right for a moment and back again. Raises what those proofs raise.';

CREATE OR REPLACE FUNCTION app.enter_batch_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM app.prove_so_far();
    PERFORM app.enter_batch(NEW.session_id, NEW.month_id, NEW.target, false);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.enter_batch_row() IS 'Trigger of batches: the same door for whoever writes the row, see app.enter_batch and app.prove_so_far.';

CREATE TRIGGER t10_enter BEFORE INSERT ON app.accounting_batches FOR EACH ROW EXECUTE FUNCTION app.enter_batch_row();
COMMENT ON TRIGGER t10_enter ON app.accounting_batches IS 'The door of batches.';
ALTER TABLE app.accounting_batches ENABLE ALWAYS TRIGGER t10_enter;

CREATE OR REPLACE FUNCTION app.enter_void_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM app.prove_so_far();
    PERFORM app.enter_void(b) FROM app.accounting_batches AS b WHERE b.target = NEW.target AND b.batch_number = NEW.batch_number;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.enter_void_row() IS 'Trigger of voids: the same door for whoever writes the row, see app.enter_void and app.prove_so_far.';

CREATE TRIGGER t10_enter BEFORE INSERT ON app.accounting_voids FOR EACH ROW EXECUTE FUNCTION app.enter_void_row();
COMMENT ON TRIGGER t10_enter ON app.accounting_voids IS 'The door of voiding.';
ALTER TABLE app.accounting_voids ENABLE ALWAYS TRIGGER t10_enter;

CREATE OR REPLACE FUNCTION app.posted_total(p_month_id uuid, p_target text) RETURNS numeric
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT coalesce(sum(l.amount), 0)
    FROM app.accounting_batches AS b
    JOIN app.accounting_batch_lines AS l ON l.target = b.target AND l.batch_number = b.batch_number
    WHERE b.month_id = p_month_id AND b.target = p_target AND NOT EXISTS (
        SELECT FROM app.accounting_voids AS v WHERE v.target = b.target AND v.batch_number = b.batch_number);
END;
COMMENT ON FUNCTION app.posted_total(uuid, text) IS 'Dollars of all lines of a month that a target has, reversals subtracted, void batches aside.';

CREATE OR REPLACE FUNCTION app.write_batch_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_draft app.batch_draft := app.draft_batch(NEW);
    v_name text := pg_catalog.format('batch %s of %s', NEW.batch_number, NEW.target);
    v_posted numeric;
    v_left_out numeric;
BEGIN
    IF v_draft.batch IS DISTINCT FROM NEW THEN
        PERFORM app.fail('RL001', NULL, 'what its session, profile and choices give', pg_catalog.format('%s: other %s', v_name, (
            SELECT pg_catalog.string_agg(n.key, ', ' ORDER BY n.key COLLATE "C") FROM pg_catalog.jsonb_each(pg_catalog.to_jsonb(NEW)) AS n
            WHERE n.value IS DISTINCT FROM pg_catalog.to_jsonb(v_draft.batch) -> n.key)));
    END IF;
    INSERT INTO app.accounting_batch_lines SELECT l.* FROM pg_catalog.unnest(v_draft.lines) AS l;
    INSERT INTO app.accounting_left_out (target, batch_number, transaction_id, cardholder_id, reason, amount, receipt_id)
    SELECT NEW.target, NEW.batch_number, o.transaction_id, o.cardholder_id, o.reason, o.amount, o.receipt_id
    FROM pg_catalog.unnest(v_draft.left_out) AS o WHERE o.reason <> 'exported_before';
    v_posted := app.posted_total(NEW.month_id, NEW.target);
    v_left_out := (SELECT coalesce(pg_catalog.sum(o.amount), 0) FROM app.accounting_left_out AS o
        WHERE o.target = NEW.target AND o.batch_number = NEW.batch_number AND o.reason <> 'withdrawn');
    IF v_posted - v_draft.fallen + v_left_out <> NEW.receipt_total THEN
        PERFORM app.fail('RL001', NULL, pg_catalog.format('receipts of %s', NEW.receipt_total), pg_catalog.format(
            '%s: lines of %s, %s of them fallen, and %s left out', v_name, v_posted, v_draft.fallen, v_left_out));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.write_batch_rows() IS 'Trigger of batches: works out anew all that the batch is, whoever wrote its row, refuses one that is another, RL001 with the columns, and writes its lines and what it leaves out itself. RL001, too, when it does not tie: the lines of all batches of the month and target that are not void, less those that do not stand any more, and what it left out, are the receipt total of the submission.';

CREATE TRIGGER t50_write AFTER INSERT ON app.accounting_batches FOR EACH ROW EXECUTE FUNCTION app.write_batch_rows();
COMMENT ON TRIGGER t50_write ON app.accounting_batches IS 'Proves the batch and writes its rows.';
ALTER TABLE app.accounting_batches ENABLE ALWAYS TRIGGER t50_write;

CREATE OR REPLACE FUNCTION app.batch_violations(p_tx bigint) RETURNS TABLE (object_name text, expected text, got text)
LANGUAGE plpgsql STABLE
SET search_path = '' SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    SELECT pg_catalog.format('batch %s of %s', b.batch_number, b.target),
        pg_catalog.format('%s lines, %s left out', b.line_count, b.left_out_count),
        pg_catalog.format('%s lines, %s left out', r.lines, r.left_out)
    FROM app.accounting_batches AS b
    CROSS JOIN LATERAL (
        SELECT (SELECT pg_catalog.count(*) FROM app.accounting_batch_lines AS l
                WHERE l.target = b.target AND l.batch_number = b.batch_number) AS lines,
            (SELECT pg_catalog.count(*) FROM app.accounting_left_out AS o
             WHERE o.target = b.target AND o.batch_number = b.batch_number) AS left_out
    ) AS r
    WHERE b.created_tx = p_tx AND (r.lines <> b.line_count OR r.left_out <> b.left_out_count);
END
$$;
COMMENT ON FUNCTION app.batch_violations(bigint) IS 'Batches of a transaction that have more rows than they came with: these were written with the batch, and nobody can change them. No row means sound.';

CREATE OR REPLACE FUNCTION audit.prove_batches() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_first record;
BEGIN
    SELECT v.* INTO v_first FROM app.batch_violations(NEW.tx) AS v LIMIT 1;
    IF FOUND THEN
        PERFORM app.fail('RL001', NULL, v_first.expected, pg_catalog.format('%s: %s', v_first.object_name, v_first.got));
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit.prove_batches() IS 'Deferred trigger of audit.commits: proves that nothing joined the batches this transaction made, RL001 otherwise.';

CREATE CONSTRAINT TRIGGER t60_prove_batches AFTER INSERT OR UPDATE ON audit.commits
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.is_dirty) EXECUTE FUNCTION audit.prove_batches();
COMMENT ON TRIGGER t60_prove_batches ON audit.commits IS 'Runs the proof of batches at commit.';
ALTER TABLE audit.commits ENABLE ALWAYS TRIGGER t60_prove_batches;

SELECT app.pin_entry_points();

COMMIT;
