-- Matching of revisions under construction: the passes in order, then what stays open.
-- requires: matching/edges
-- requires: matching/misses

BEGIN;

CREATE OR REPLACE FUNCTION app.leave_open(p_sides app.match_side[], p_edges app.match_edge[], p_side text)
RETURNS SETOF app.match_side
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.* FROM unnest(p_sides) AS s
    WHERE s.is_eligible AND s.amount IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM unnest(p_edges) AS e
            WHERE e.revision_id = s.revision_id
                AND CASE p_side WHEN 'charge' THEN e.charge_id ELSE e.transaction_id END = s.item_id);
END;
COMMENT ON FUNCTION app.leave_open(app.match_side[], app.match_edge[], text) IS 'The rows of one side that no edge touches, of those that can be matched at all.';

CREATE TYPE app.match_outcome AS (
    edges app.match_edge[],
    misses app.match_miss[],
    sum_parts app.sum_part[],
    open_charges app.match_side[],
    open_receipts app.match_side[],
    rounds integer
);
COMMENT ON TYPE app.match_outcome IS 'What the passes made of two sides.';

CREATE OR REPLACE FUNCTION app.write_open_items(
    p_charges app.match_side[], p_receipts app.match_side[], p_outcome app.match_outcome
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off SET enable_hashjoin = on
SET work_mem = '64MB'
AS $$
BEGIN
    -- The machine covers wholly or not at all; only what people decided can leave a rest. An accepted residual
    -- closes the larger side: the charge when it has the charge's sign, else the receipt.
    WITH decided AS (
        SELECT e.revision_id, 'charge' AS side, e.charge_id AS item_id, pg_catalog.sum(e.amount
            + CASE WHEN pg_catalog.sign(e.residual) = pg_catalog.sign(e.amount) THEN e.residual ELSE 0 END) AS amount
        FROM pg_catalog.unnest(p_outcome.edges) AS e WHERE e.decision_number IS NOT NULL GROUP BY 1, 2, 3
        UNION ALL
        SELECT e.revision_id, 'receipt', e.transaction_id, pg_catalog.sum(e.amount
            - CASE WHEN pg_catalog.sign(e.residual) = -pg_catalog.sign(e.amount) THEN e.residual ELSE 0 END)
        FROM pg_catalog.unnest(p_outcome.edges) AS e WHERE e.decision_number IS NOT NULL GROUP BY 1, 2, 3
    ), unmatchable AS (
        SELECT 'charge' AS side, c.* FROM pg_catalog.unnest(p_charges) AS c WHERE c.amount IS NULL
        UNION ALL
        SELECT 'receipt', r.* FROM pg_catalog.unnest(p_receipts) AS r WHERE r.amount IS NULL OR NOT r.is_eligible
    ), sides AS (
        SELECT 'charge' AS side, c.*, 0.00 AS covered, false AS is_touched
        FROM pg_catalog.unnest(p_outcome.open_charges) AS c
        UNION ALL
        SELECT 'receipt', r.*, 0.00, false FROM pg_catalog.unnest(p_outcome.open_receipts) AS r
        UNION ALL
        SELECT u.*, 0.00, false FROM unmatchable AS u
        UNION ALL
        SELECT d.side, s.*, d.amount, true
        FROM decided AS d
        JOIN pg_catalog.unnest(p_charges || p_receipts) AS s
            ON s.revision_id = d.revision_id AND s.item_id = d.item_id
        WHERE d.amount <> s.amount
    ), untried AS (
        SELECT DISTINCT x.revision_id, x.whole_side AS side, x.whole_id AS item_id
        FROM pg_catalog.unnest(p_outcome.sum_parts) AS x
        CROSS JOIN LATERAL (SELECT app.matching_policy() AS policy) AS p
        WHERE x.part_id IS NULL OR x.part_count > (p.policy).sum_candidates_limit
    ), best AS (
        -- A candidate in doubt says more than a proposal, a proposal more than a neighbour.
        SELECT DISTINCT ON (m.revision_id, m.side, CASE m.side WHEN 'charge' THEN m.charge_id ELSE m.transaction_id END)
            m.*, CASE m.side WHEN 'charge' THEN m.charge_id ELSE m.transaction_id END AS item_id
        FROM pg_catalog.unnest(p_outcome.misses) AS m
        ORDER BY m.revision_id, m.side, CASE m.side WHEN 'charge' THEN m.charge_id ELSE m.transaction_id END,
            m.failed_gate = 'ambiguous' DESC, m.is_proposed DESC
    )
    INSERT INTO app.found_open_items (matching_id, side, charge_id, transaction_id, open_amount, failed_gate,
        is_proposed, is_sum_untried, amount_difference, days_apart, amount_part, date_part, merchant_part, score)
    SELECT s.revision_id, s.side,
        CASE s.side WHEN 'charge' THEN s.item_id ELSE b.charge_id END,
        CASE s.side WHEN 'receipt' THEN s.item_id ELSE b.transaction_id END,
        s.amount - s.covered,
        CASE WHEN NOT s.is_eligible THEN 'out_of_pocket' WHEN s.amount IS NULL THEN 'amount_unknown'
            WHEN s.is_touched THEN 'partly_covered' ELSE coalesce(b.failed_gate, 'no_counterpart') END,
        coalesce(b.is_proposed, false), u.item_id IS NOT NULL,
        b.amount_difference, b.days_apart, b.amount_part, b.date_part, b.merchant_part, b.score
    FROM sides AS s
    LEFT JOIN best AS b ON b.revision_id = s.revision_id AND b.side = s.side AND b.item_id = s.item_id
    LEFT JOIN untried AS u ON u.revision_id = s.revision_id AND u.side = s.side AND u.item_id = s.item_id;
END
$$;
COMMENT ON FUNCTION app.write_open_items(app.match_side[], app.match_side[], app.match_outcome) IS 'Writes every charge and receipt that the edges do not wholly cover, with its open dollars and its nearest miss.';

-- Everything here is in memory, where the planner knows sizes but no distribution: it expects one row of a
-- join on several columns and would then walk whole arrays once per row. Hash joins are right in every case.
CREATE OR REPLACE FUNCTION app.match_sides(
    p_charges app.match_side[], p_receipts app.match_side[], p_pinned app.match_edge[],
    p_rejected app.match_pair[], p_history app.match_history[], p_policy app.matching_policies
) RETURNS app.match_outcome
LANGUAGE plpgsql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off SET enable_hashjoin = on
SET work_mem = '64MB'
AS $$
DECLARE
    v_outcome app.match_outcome;
    v_charges app.match_side[] := ARRAY(SELECT s FROM app.leave_open(p_charges, p_pinned, 'charge') AS s);
    v_receipts app.match_side[] := ARRAY(SELECT s FROM app.leave_open(p_receipts, p_pinned, 'receipt') AS s);
    v_rival_charges app.match_side[];
    v_rival_receipts app.match_side[];
    v_new app.match_edge[];
BEGIN
    v_outcome.rounds := 0;
    v_outcome.edges := p_pinned;
    IF pg_catalog.cardinality(v_charges) > 0 AND pg_catalog.cardinality(v_receipts) > 0 THEN
        v_rival_charges := ARRAY(SELECT s FROM app.share_amount(v_charges, v_charges, v_receipts) AS s);
        v_rival_receipts := ARRAY(SELECT s FROM app.share_amount(v_receipts, v_charges, v_receipts) AS s);
        v_new := ARRAY(SELECT e FROM app.match_identical(v_charges, v_receipts, v_rival_charges, v_rival_receipts,
            p_rejected, p_history, p_policy) AS e);
        LOOP
            v_outcome.edges := v_outcome.edges || v_new;
            v_charges := ARRAY(SELECT s FROM app.leave_open(v_charges, v_new, 'charge') AS s);
            v_receipts := ARRAY(SELECT s FROM app.leave_open(v_receipts, v_new, 'receipt') AS s);
            EXIT WHEN v_outcome.rounds = p_policy.round_limit OR pg_catalog.cardinality(v_charges) = 0
                OR pg_catalog.cardinality(v_receipts) = 0
                OR (v_outcome.rounds > 0 AND pg_catalog.cardinality(v_new) = 0);
            v_outcome.rounds := v_outcome.rounds + 1;
            v_new := ARRAY(SELECT e FROM app.match_exact(v_charges, v_receipts, p_rejected, p_history, p_policy,
                v_outcome.rounds) AS e);
        END LOOP;
    END IF;
    IF pg_catalog.cardinality(v_charges) > 0 AND pg_catalog.cardinality(v_receipts) > 0 THEN
        v_outcome.sum_parts := ARRAY(
            SELECT x FROM app.find_sum_parts(v_charges, v_receipts, p_rejected, p_policy) AS x);
        v_new := ARRAY(
            SELECT e FROM app.match_sums(v_charges, v_receipts, v_outcome.sum_parts, p_history, p_policy) AS e);
        v_outcome.edges := v_outcome.edges || v_new;
        v_charges := ARRAY(SELECT s FROM app.leave_open(v_charges, v_new, 'charge') AS s);
        v_receipts := ARRAY(SELECT s FROM app.leave_open(v_receipts, v_new, 'receipt') AS s);
        v_outcome.misses := ARRAY(
            SELECT m FROM app.find_ambiguous(v_charges, v_receipts, p_rejected, p_history, p_policy) AS m
            UNION ALL
            SELECT m FROM app.propose_near(v_charges, v_receipts, p_rejected, p_history, p_policy) AS m);
    END IF;
    IF pg_catalog.cardinality(v_charges) > 0 OR pg_catalog.cardinality(v_receipts) > 0 THEN
        v_outcome.misses := v_outcome.misses || ARRAY(
            SELECT m FROM app.find_nearest(v_charges, v_receipts, p_charges, p_receipts, p_rejected, p_history,
                p_policy) AS m);
    END IF;
    v_outcome.open_charges := v_charges;
    v_outcome.open_receipts := v_receipts;
    RETURN v_outcome;
END
$$;
COMMENT ON FUNCTION app.match_sides(app.match_side[], app.match_side[], app.match_edge[], app.match_pair[], app.match_history[], app.matching_policies) IS 'All passes in order over two sides: the pinned edges, those found, and what was nearest to what stays open. Depends on nothing but its arguments, and not on their order.';

CREATE OR REPLACE FUNCTION app.match_revisions(p_drafts app.revision_draft[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_drafts app.revision_draft[] := ARRAY(SELECT d FROM app.find_matchable(p_drafts) AS d);
    v_policy app.matching_policies := app.matching_policy();
    v_history app.match_history[];
    v_rejected app.match_pair[];
    v_charges app.match_side[];
    v_receipts app.match_side[];
    v_pinned app.match_edge[];
    v_outcome app.match_outcome;
BEGIN
    WITH settled AS (
        INSERT INTO app.matchings (employee_revision_id, matching_id, policy_version, rounds)
        SELECT s.revision_id, s.matching_id, v_policy.policy_version, s.rounds
        FROM app.find_settled(v_drafts, v_policy.policy_version) AS s
        RETURNING employee_revision_id
    )
    SELECT coalesce(pg_catalog.array_agg(d), '{}') INTO v_drafts
    FROM pg_catalog.unnest(v_drafts) AS d
    WHERE d.revision_id NOT IN (SELECT s.employee_revision_id FROM settled AS s);
    IF pg_catalog.cardinality(v_drafts) = 0 THEN
        RETURN;
    END IF;
    v_rejected := ARRAY(SELECT ROW(f.revision_id, f.charge_id, f.transaction_id)::app.match_pair
        FROM app.decisions_in_force(v_drafts) AS f WHERE f.decision = 'reject');
    v_charges := ARRAY(SELECT s FROM app.load_charges(v_drafts, v_rejected, v_policy) AS s);
    v_receipts := ARRAY(SELECT s FROM app.load_receipts(v_drafts, v_rejected, v_policy) AS s);
    v_history := app.load_match_history(v_charges, v_receipts);
    v_pinned := ARRAY(SELECT e FROM app.match_pinned(v_drafts, v_charges, v_receipts, v_rejected, v_history,
        v_policy) AS e);
    v_outcome := app.match_sides(v_charges, v_receipts, v_pinned, v_rejected, v_history, v_policy);

    INSERT INTO app.matchings (employee_revision_id, matching_id, policy_version, rounds)
    SELECT d.revision_id, d.revision_id, v_policy.policy_version, v_outcome.rounds FROM pg_catalog.unnest(v_drafts) AS d;
    INSERT INTO app.found_allocations (matching_id, charge_id, transaction_id, amount, residual, pass, first_pass,
        round, decision_number, policy_version, amount_part, date_part, merchant_part, history_part, score,
        runner_up_charge_id, runner_up_transaction_id, runner_up_score)
    SELECT e.* FROM pg_catalog.unnest(v_outcome.edges) AS e;
    PERFORM app.write_open_items(v_charges, v_receipts, v_outcome);
END
$$;
COMMENT ON FUNCTION app.match_revisions(app.revision_draft[]) IS 'Matches revisions under construction whose charges and receipts are written: allocations by the passes of the policy in force, open rows with their nearest miss. A revision in which nothing changed that matching looks at refers to the matching of the one before, see app.find_settled. Does nothing for sessions without charges and for revisions matched before; the outcome does not depend on the order of rows.';

COMMIT;
