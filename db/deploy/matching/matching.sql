-- Matching of revisions under construction: the passes in order, then what stays open.
-- requires: matching/edges
-- requires: matching/passes
-- requires: matching/pairs
-- requires: matching/nearest

BEGIN;

CREATE TYPE app.match_outcome AS (
    edges app.match_edge[],
    misses app.match_miss[],
    sum_parts app.sum_part[],
    open_charges app.match_side[],
    open_receipts app.match_side[]
);
COMMENT ON TYPE app.match_outcome IS 'What the passes made of two sides, what they left, and what is proposed.';

CREATE OR REPLACE FUNCTION app.write_open_items(
    p_charges app.match_side[], p_receipts app.match_side[], p_pinned app.match_edge[], p_outcome app.match_outcome
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off SET enable_mergejoin = off SET enable_hashjoin = on
SET work_mem = '64MB'
AS $$
BEGIN
    -- The machine covers wholly or not at all; only what people decided can leave a rest. An accepted residual
    -- closes the larger side: the charge when it has the charge's sign, else the receipt.
    WITH decided AS (
        SELECT e.revision_id, 'charge' AS side, e.charge_id AS item_id, pg_catalog.sum(e.amount
            + CASE WHEN pg_catalog.sign(e.residual) = pg_catalog.sign(e.amount) THEN e.residual ELSE 0 END) AS amount
        FROM pg_catalog.unnest(p_pinned) AS e GROUP BY 1, 2, 3
        UNION ALL
        SELECT e.revision_id, 'receipt', e.transaction_id, pg_catalog.sum(e.amount
            - CASE WHEN pg_catalog.sign(e.residual) = -pg_catalog.sign(e.amount) THEN e.residual ELSE 0 END)
        FROM pg_catalog.unnest(p_pinned) AS e GROUP BY 1, 2, 3
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
        JOIN (
            SELECT c.* FROM pg_catalog.unnest(p_charges) AS c WHERE (SELECT EXISTS (SELECT FROM decided))
            UNION ALL
            SELECT r.* FROM pg_catalog.unnest(p_receipts) AS r WHERE (SELECT EXISTS (SELECT FROM decided))
        ) AS s ON s.revision_id = d.revision_id AND s.item_id = d.item_id
        WHERE d.amount <> s.amount
    ), untried AS (
        SELECT DISTINCT x.revision_id, x.whole_side AS side, x.whole_id AS item_id
        FROM pg_catalog.unnest(p_outcome.sum_parts) AS x
        CROSS JOIN LATERAL (SELECT app.matching_policy() AS policy) AS p
        WHERE x.part_id IS NULL OR x.part_count > (p.policy).sum_candidates_limit
    ), best AS (
        -- A proposal says more than a neighbour.
        SELECT DISTINCT ON (m.revision_id, m.side, CASE m.side WHEN 'charge' THEN m.charge_id ELSE m.transaction_id END)
            m.*, CASE m.side WHEN 'charge' THEN m.charge_id ELSE m.transaction_id END AS item_id
        FROM pg_catalog.unnest(p_outcome.misses) AS m
        ORDER BY m.revision_id, m.side, CASE m.side WHEN 'charge' THEN m.charge_id ELSE m.transaction_id END,
            m.proposal IS NOT NULL DESC
    )
    INSERT INTO app.found_open_items (matching_id, side, charge_id, transaction_id, open_amount, failed_gate,
        proposal, proposal_id, is_sum_untried, amount_difference, days_apart, amount_part, date_part, merchant_part, score)
    SELECT s.revision_id, s.side,
        CASE s.side WHEN 'charge' THEN s.item_id ELSE b.charge_id END,
        CASE s.side WHEN 'receipt' THEN s.item_id ELSE b.transaction_id END,
        s.amount - s.covered,
        CASE WHEN s.is_repeat THEN 'repeat' WHEN NOT s.is_eligible THEN 'out_of_pocket' WHEN s.amount IS NULL THEN 'amount_unknown'
            WHEN s.is_touched THEN 'partly_covered' ELSE coalesce(b.failed_gate, 'no_counterpart') END,
        b.proposal, b.proposal_id, u.item_id IS NOT NULL,
        b.amount_difference, b.days_apart, b.amount_part, b.date_part, b.merchant_part, b.score
    FROM sides AS s
    LEFT JOIN best AS b ON b.revision_id = s.revision_id AND b.side = s.side AND b.item_id = s.item_id
    LEFT JOIN untried AS u ON u.revision_id = s.revision_id AND u.side = s.side AND u.item_id = s.item_id;
END
$$;
COMMENT ON FUNCTION app.write_open_items(app.match_side[], app.match_side[], app.match_edge[], app.match_outcome) IS 'Writes every charge and receipt that the edges do not wholly cover, with its open dollars and its nearest miss. p_pinned are the edges that people decided.';

CREATE OR REPLACE FUNCTION app.leave_unproposed(p_sides app.match_side[], p_misses app.match_miss[], p_side text)
RETURNS SETOF app.match_side
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.* FROM unnest(p_sides) AS s
    WHERE NOT EXISTS (
        SELECT FROM unnest(p_misses) AS m
        WHERE m.revision_id = s.revision_id AND m.side = p_side
            AND CASE p_side WHEN 'charge' THEN m.charge_id ELSE m.transaction_id END = s.item_id);
END;
COMMENT ON FUNCTION app.leave_unproposed(app.match_side[], app.match_miss[], text) IS 'The rows of one side that no proposal names as open.';

CREATE OR REPLACE FUNCTION app.propose(
    p_charges app.match_side[], p_receipts app.match_side[], p_suspects app.match_side[], p_sums app.sum_found[],
    p_rejected app.match_pair[], p_history app.match_history[], p_policy app.matching_policies
) RETURNS app.match_miss[]
LANGUAGE plpgsql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off SET enable_mergejoin = off SET enable_hashjoin = on
SET work_mem = '64MB'
AS $$
DECLARE
    v_charges app.match_side[] := p_charges;
    v_receipts app.match_side[] := p_receipts;
    v_all app.match_miss[] := ARRAY[]::app.match_miss[];
    v_new app.match_miss[];
    v_step text;
BEGIN
    -- Each row stands in one proposal: what says more comes first. Pairs are looked for again among what the
    -- first choice of others left.
    FOREACH v_step IN ARRAY ARRAY['knot', 'day', 'pair', 'pair', 'pair', 'net', 'loose', 'repeat'] LOOP
        CONTINUE WHEN v_step <> 'repeat'
            AND (pg_catalog.cardinality(v_charges) = 0 OR pg_catalog.cardinality(v_receipts) = 0);
        v_new := CASE v_step
            WHEN 'knot' THEN ARRAY(SELECT m FROM app.propose_knots(v_charges, v_receipts, p_rejected, p_history,
                p_policy) AS m)
            WHEN 'pair' THEN ARRAY(SELECT m FROM app.propose_pairs(v_charges, v_receipts, p_rejected, p_history,
                p_policy) AS m)
            WHEN 'net' THEN ARRAY(SELECT m FROM app.propose_sums(v_charges, v_receipts,
                ARRAY(SELECT x FROM app.find_nets(v_charges, v_receipts, p_policy) AS x), '{net}', p_policy) AS m)
            WHEN 'repeat' THEN ARRAY(SELECT m FROM app.propose_repeats(p_suspects, v_charges, p_rejected, p_history,
                p_policy) AS m)
            ELSE ARRAY(SELECT m FROM app.propose_sums(v_charges, v_receipts, p_sums, ARRAY[v_step], p_policy) AS m)
            END;
        CONTINUE WHEN pg_catalog.cardinality(v_new) = 0;
        v_all := v_all || v_new;
        v_charges := ARRAY(SELECT s FROM app.leave_unproposed(v_charges, v_new, 'charge') AS s);
        v_receipts := ARRAY(SELECT s FROM app.leave_unproposed(v_receipts, v_new, 'receipt') AS s);
    END LOOP;
    RETURN v_all;
END
$$;
COMMENT ON FUNCTION app.propose(app.match_side[], app.match_side[], app.match_side[], app.sum_found[], app.match_pair[], app.match_history[], app.matching_policies) IS 'What people are asked about open rows, each row once: knots, sums of a day, pairs, purchases less their refund, sums of several days, suspected repeats.';

CREATE OR REPLACE FUNCTION app.match_sides(
    p_charges app.match_side[], p_receipts app.match_side[], p_pinned app.match_edge[],
    p_rejected app.match_pair[], p_history app.match_history[], p_policy app.matching_policies
) RETURNS app.match_outcome
LANGUAGE plpgsql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off SET enable_mergejoin = off SET enable_hashjoin = on
SET work_mem = '64MB'
AS $$
DECLARE
    v_outcome app.match_outcome;
    v_all_charges app.match_side[] := p_charges;
    v_all_receipts app.match_side[] := p_receipts;
    v_charges app.match_side[];
    v_receipts app.match_side[];
    v_suspects app.match_side[];
    v_lone_charges app.match_side[];
    v_lone_receipts app.match_side[];
    v_sums app.sum_found[];
    v_plain app.match_edge[] := ARRAY[]::app.match_edge[];
    v_loose app.match_edge[] := ARRAY[]::app.match_edge[];
    v_new app.match_edge[] := ARRAY[]::app.match_edge[];
    v_contested app.match_pair[] := ARRAY[]::app.match_pair[];
    v_pairs app.match_pair[];
BEGIN
    IF pg_catalog.cardinality(p_pinned) > 0 OR pg_catalog.cardinality(p_charges) <= 500 THEN
        v_all_charges := ARRAY(SELECT s FROM app.leave_open(p_charges, p_pinned, 'charge') AS s);
        v_all_receipts := ARRAY(SELECT s FROM app.leave_open(p_receipts, p_pinned, 'receipt') AS s);
    END IF;
    IF pg_catalog.cardinality(p_charges) <= 500 THEN
        -- Of few rows nothing has to get out of the way: planning that would take longer.
        v_charges := v_all_charges;
        v_receipts := v_all_receipts;
    ELSE
        SELECT x.* INTO v_plain, v_loose, v_charges, v_receipts
        FROM app.match_plain(v_all_charges, v_all_receipts, p_rejected, p_history, p_policy) AS x;
    END IF;
    IF pg_catalog.cardinality(v_receipts) > 0 THEN
        -- What may be handed in twice takes no part.
        v_pairs := ARRAY(SELECT x FROM app.find_suspects(v_all_charges, v_receipts, p_history) AS x);
        IF pg_catalog.cardinality(v_pairs) > 0 THEN
            v_suspects := ARRAY(SELECT r FROM pg_catalog.unnest(v_receipts) AS r
                JOIN pg_catalog.unnest(v_pairs) AS x ON x.revision_id = r.revision_id AND x.transaction_id = r.item_id);
            v_receipts := ARRAY(SELECT r FROM pg_catalog.unnest(v_receipts) AS r
                LEFT JOIN pg_catalog.unnest(v_pairs) AS x ON x.revision_id = r.revision_id AND x.transaction_id = r.item_id
                WHERE x.transaction_id IS NULL);
        END IF;
    END IF;
    IF pg_catalog.cardinality(v_charges) > 0 AND pg_catalog.cardinality(v_receipts) > 0 THEN
        v_new := app.match_merchants(v_charges, v_receipts, p_rejected, p_history, p_policy, 'exact', v_plain, v_all_charges);
        v_charges := ARRAY(SELECT s FROM app.leave_open(v_charges, v_new, 'charge') AS s);
        v_receipts := ARRAY(SELECT s FROM app.leave_open(v_receipts, v_new, 'receipt') AS s);
        v_contested := ARRAY(SELECT x FROM app.find_contested(v_loose || v_new, v_all_charges, v_all_receipts, v_charges,
            v_receipts, p_history) AS x);
    END IF;
    v_outcome.edges := p_pinned || v_plain || v_new;
    IF pg_catalog.cardinality(v_contested) > 0 THEN
        v_outcome.edges := ARRAY(SELECT e FROM pg_catalog.unnest(v_outcome.edges) AS e
            LEFT JOIN pg_catalog.unnest(v_contested) AS x ON x.revision_id = e.revision_id
                AND x.charge_id = e.charge_id AND x.transaction_id = e.transaction_id
            WHERE x.charge_id IS NULL);
        v_charges := v_charges || ARRAY(SELECT c FROM pg_catalog.unnest(v_all_charges) AS c
            JOIN pg_catalog.unnest(v_contested) AS x ON x.revision_id = c.revision_id AND x.charge_id = c.item_id);
        v_receipts := v_receipts || ARRAY(SELECT r FROM pg_catalog.unnest(v_all_receipts) AS r
            JOIN pg_catalog.unnest(v_contested) AS x ON x.revision_id = r.revision_id AND x.transaction_id = r.item_id);
    END IF;
    IF pg_catalog.cardinality(v_charges) > 0 AND pg_catalog.cardinality(v_receipts) > 0 THEN
        v_new := app.match_merchants(v_charges, ARRAY(SELECT s FROM app.join_likes(v_charges, v_receipts, p_history) AS s),
            p_rejected, p_history, p_policy, 'like', ARRAY[]::app.match_edge[], v_charges);
        v_outcome.edges := v_outcome.edges || v_new;
        v_charges := ARRAY(SELECT s FROM app.leave_open(v_charges, v_new, 'charge') AS s);
        v_receipts := ARRAY(SELECT s FROM app.leave_open(v_receipts, v_new, 'receipt') AS s);
        v_outcome.sum_parts := ARRAY(
            SELECT x FROM app.find_sum_parts(v_charges, v_receipts, p_rejected, p_policy) AS x);
        v_sums := ARRAY(SELECT x FROM app.find_sums(v_outcome.sum_parts, p_policy) AS x);
        v_new := ARRAY(SELECT e FROM app.match_sums(v_charges, v_receipts, v_sums, p_history, p_policy) AS e);
        v_outcome.edges := v_outcome.edges || v_new;
        v_charges := ARRAY(SELECT s FROM app.leave_open(v_charges, v_new, 'charge') AS s);
        v_receipts := ARRAY(SELECT s FROM app.leave_open(v_receipts, v_new, 'receipt') AS s);
    END IF;
    v_outcome.open_charges := v_charges;
    v_outcome.open_receipts := v_receipts || v_suspects;
    v_outcome.misses := app.propose(v_charges, v_receipts, v_suspects, v_sums, p_rejected, p_history, p_policy);
    v_lone_charges := ARRAY(SELECT s FROM app.leave_unproposed(v_charges, v_outcome.misses, 'charge') AS s);
    v_lone_receipts := ARRAY(SELECT s FROM app.leave_unproposed(v_receipts, v_outcome.misses, 'receipt') AS s);
    IF pg_catalog.cardinality(v_lone_charges) > 0 OR pg_catalog.cardinality(v_lone_receipts) > 0 THEN
        v_outcome.misses := v_outcome.misses || ARRAY(
            SELECT m FROM app.find_nearest(v_lone_charges, v_lone_receipts, v_charges, v_receipts, p_charges, p_receipts,
                p_rejected, p_history, p_policy) AS m);
    END IF;
    RETURN v_outcome;
END
$$;
COMMENT ON FUNCTION app.match_sides(app.match_side[], app.match_side[], app.match_edge[], app.match_pair[], app.match_history[], app.matching_policies) IS 'All passes in order over two sides: the pinned edges and those found, what is proposed, and what was nearest to what stays open. Depends on nothing but its arguments, and not on their order.';

CREATE OR REPLACE FUNCTION app.write_edges(p_edges app.match_edge[], p_before app.match_pair[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off SET enable_mergejoin = off SET enable_hashjoin = on
SET work_mem = '64MB'
AS $$
BEGIN
    INSERT INTO app.found_allocations (matching_id, charge_id, transaction_id, amount, residual, pass, first_pass,
        decision_number, policy_version, amount_part, date_part, merchant_part, history_part, score,
        runner_up_charge_id, runner_up_transaction_id, runner_up_score)
    SELECT e.revision_id, e.charge_id, e.transaction_id, e.amount, e.residual,
        CASE WHEN b.charge_id IS NULL THEN e.pass ELSE 'pinned' END, e.first_pass, e.decision_number,
        e.policy_version, e.amount_part, e.date_part, e.merchant_part, e.history_part, e.score,
        e.runner_up_charge_id, e.runner_up_transaction_id, e.runner_up_score
    FROM pg_catalog.unnest(p_edges) AS e
    LEFT JOIN pg_catalog.unnest(p_before) AS b ON e.decision_number IS NULL AND b.revision_id = e.revision_id
        AND b.charge_id = e.charge_id AND b.transaction_id = e.transaction_id;
END
$$;
COMMENT ON FUNCTION app.write_edges(app.match_edge[], app.match_pair[]) IS 'Writes the edges, those of the machine that it had found before as pinned.';

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
    v_pinned app.match_edge[] := ARRAY[]::app.match_edge[];
    v_is_decided boolean;
    v_edges app.match_edge[];
    v_outcome app.match_outcome;
BEGIN
    WITH settled AS (
        INSERT INTO app.matchings (employee_revision_id, matching_id, policy_version)
        SELECT s.revision_id, s.matching_id, v_policy.policy_version
        FROM app.find_settled(ARRAY(SELECT d FROM pg_catalog.unnest(v_drafts) AS d WHERE d.predecessor_id IS NOT NULL),
            v_policy.policy_version) AS s
        RETURNING employee_revision_id
    )
    SELECT coalesce(pg_catalog.array_agg(d), '{}') INTO v_drafts
    FROM pg_catalog.unnest(v_drafts) AS d
    WHERE d.revision_id NOT IN (SELECT s.employee_revision_id FROM settled AS s);
    IF pg_catalog.cardinality(v_drafts) = 0 THEN
        RETURN;
    END IF;
    SELECT coalesce(pg_catalog.array_agg(ROW(f.revision_id, f.charge_id, f.transaction_id)::app.match_pair)
            FILTER (WHERE f.decision = 'reject'), '{}'), coalesce(pg_catalog.bool_or(f.decision <> 'reject'), false)
    INTO v_rejected, v_is_decided
    FROM app.decisions_in_force(v_drafts) AS f;
    v_charges := ARRAY(SELECT s FROM app.load_charges(v_drafts, v_rejected, v_policy) AS s);
    v_receipts := ARRAY(SELECT s FROM app.load_receipts(v_drafts, v_rejected, v_policy) AS s);
    v_history := app.load_match_history(v_charges, v_receipts);
    IF v_is_decided THEN
        v_pinned := ARRAY(SELECT e FROM app.match_pinned(v_drafts, v_charges, v_receipts, v_history, v_policy) AS e);
    END IF;
    v_outcome := app.match_sides(v_charges, v_receipts, v_pinned, v_rejected, v_history, v_policy);
    -- Nearly all that was found; it is not handed on to what writes the rest.
    v_edges := v_outcome.edges;
    v_outcome.edges := NULL;

    INSERT INTO app.matchings (employee_revision_id, matching_id, policy_version)
    SELECT d.revision_id, d.revision_id, v_policy.policy_version FROM pg_catalog.unnest(v_drafts) AS d;
    PERFORM app.write_edges(v_edges, ARRAY(SELECT ROW(b.revision_id, b.charge_id, b.transaction_id)::app.match_pair
        FROM app.edges_before(ARRAY(SELECT d FROM pg_catalog.unnest(v_drafts) AS d
            WHERE d.predecessor_id IS NOT NULL OR d.compared_with IS NOT NULL)) AS b));
    PERFORM app.write_open_items(v_charges, v_receipts, v_pinned, v_outcome);
END
$$;
COMMENT ON FUNCTION app.match_revisions(app.revision_draft[]) IS 'Matches revisions under construction whose charges and receipts are written: allocations by the passes of the policy in force, open rows with their nearest miss. A revision in which nothing changed that matching looks at refers to the matching of the one before, see app.find_settled. Does nothing for sessions without charges and for revisions matched before; the outcome does not depend on the order of rows.';

COMMIT;
