-- Rows of one person, amount and merchant as passes: first the plain pairs, then what is not one to one.
-- requires: matching/series

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

-- Everything here is in memory, where the planner knows sizes but no distribution: it expects one row of a
-- join on several columns and would then walk whole arrays once per row, or merge by person and compare all rows of a
-- person. Hash joins are right in every case.
CREATE OR REPLACE FUNCTION app.match_plain(
    p_charges app.match_side[], p_receipts app.match_side[], p_rejected app.match_pair[],
    p_history app.match_history[], p_policy app.matching_policies,
    OUT o_edges app.match_edge[], OUT o_loose app.match_edge[], OUT o_charges app.match_side[], OUT o_receipts app.match_side[]
) RETURNS record
LANGUAGE plpgsql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off SET enable_mergejoin = off SET enable_hashjoin = on
SET work_mem = '64MB'
AS $$
DECLARE
    v_odd app.match_crowd[] := ARRAY(SELECT o FROM app.find_odd(p_charges, p_receipts) AS o);
    v_failed app.match_pair[];
BEGIN
    SELECT coalesce(pg_catalog.array_agg(e) FILTER (WHERE e.pass IS NOT NULL), '{}'),
        coalesce(pg_catalog.array_agg(e) FILTER (WHERE e.pass = 'exact' AND e.date_part < 0.9), '{}'),
        coalesce(pg_catalog.array_agg(ROW(e.revision_id, e.charge_id, e.transaction_id)::app.match_pair)
            FILTER (WHERE e.pass IS NULL), '{}')
    INTO o_edges, o_loose, v_failed
    FROM app.match_singles(p_charges, p_receipts, v_odd, p_rejected, p_history, p_policy, 'exact') AS e;
    o_charges := ARRAY(SELECT s FROM pg_catalog.unnest(p_charges) AS s
        WHERE s.is_eligible AND s.amount IS NOT NULL AND (s.series_key IS NULL
            OR (s.revision_id, s.amount, s.series_key) IN (
                SELECT o.revision_id, o.amount, o.series_key FROM pg_catalog.unnest(v_odd) AS o)
            OR (s.revision_id, s.item_id) IN (SELECT f.revision_id, f.charge_id FROM pg_catalog.unnest(v_failed) AS f)));
    o_receipts := ARRAY(SELECT s FROM pg_catalog.unnest(p_receipts) AS s
        WHERE s.is_eligible AND s.amount IS NOT NULL AND (s.series_key IS NULL
            OR (s.revision_id, s.amount, s.series_key) IN (
                SELECT o.revision_id, o.amount, o.series_key FROM pg_catalog.unnest(v_odd) AS o)
            OR (s.revision_id, s.item_id) IN (SELECT f.revision_id, f.transaction_id FROM pg_catalog.unnest(v_failed) AS f)));
END
$$;
COMMENT ON FUNCTION app.match_plain(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies) IS 'What nearly all rows of a month are, out of the way first: series of one charge and one receipt that match exactly. o_edges are these, o_loose those of them that are on neither date of the charge, o_charges and o_receipts all other rows that can be matched.';

CREATE OR REPLACE FUNCTION app.match_merchants(
    p_charges app.match_side[], p_receipts app.match_side[], p_rejected app.match_pair[],
    p_history app.match_history[], p_policy app.matching_policies, p_pass text,
    p_sure app.match_edge[], p_all_charges app.match_side[]
) RETURNS app.match_edge[]
LANGUAGE plpgsql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
SET enable_nestloop = off SET enable_mergejoin = off SET enable_hashjoin = on
SET work_mem = '64MB'
AS $$
DECLARE
    v_crowds app.match_crowd[] := ARRAY(SELECT k FROM app.find_crowds(p_charges, p_receipts) AS k);
    v_singles app.match_edge[] := ARRAY(SELECT e FROM app.match_singles(p_charges, p_receipts, v_crowds, p_rejected,
        p_history, p_policy, p_pass) AS e WHERE e.pass IS NOT NULL);
    v_habits app.match_habit[];
BEGIN
    IF pg_catalog.cardinality(v_crowds) = 0 THEN
        RETURN v_singles;
    END IF;
    v_habits := ARRAY(SELECT h FROM app.learn_habits(p_all_charges, p_sure || v_singles, v_crowds, p_policy) AS h);
    RETURN v_singles || ARRAY(SELECT e FROM app.match_series(p_charges, p_receipts, v_habits, v_crowds, p_rejected,
        p_history, p_policy, p_pass) AS e);
END
$$;
COMMENT ON FUNCTION app.match_merchants(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies, text, app.match_edge[], app.match_side[]) IS 'Pass exact, and with the merchants joined pass like: the series of one person, amount and merchant, single ones first. What people''s receipts follow is learned of these and of p_sure, edges that were found before, among p_all_charges.';

COMMIT;
