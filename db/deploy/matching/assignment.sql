-- One series of charges and receipts is assigned as a whole: plain numbers in, plain numbers out.
-- requires: foundation/schemas
--
-- The best assignment leaves fewest open and has the smallest sum of day distances, in the order of dates. A pair of it
-- stands only if every assignment without it leaves more open or is clearly farther; the rest is a knot.

BEGIN;

CREATE OR REPLACE FUNCTION app.assign_in_order(
    p_charges integer[], p_receipts integer[], p_may integer[], p_clear integer
) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    c_open CONSTANT integer := 10000;
    k CONSTANT integer := pg_catalog.cardinality(p_charges);
    l CONSTANT integer := pg_catalog.cardinality(p_receipts);
    -- Cost of the first i and j, and of those after i and j, at [i * (l + 1) + j + 1].
    v_before integer[] := pg_catalog.array_fill(0, ARRAY[(k + 1) * (l + 1)]);
    v_after integer[] := v_before;
    v_at integer;
    v_cost integer;
    v_best integer;
    v_other integer;
    v_answer integer[] := pg_catalog.array_fill(0, ARRAY[3 * l + 1]);
    i integer;
    j integer;
BEGIN
    FOR i IN 0 .. k LOOP
        FOR j IN 0 .. l LOOP
            v_at := i * (l + 1) + j + 1;
            CONTINUE WHEN v_at = 1;
            v_best := NULL;
            IF i > 0 THEN
                v_best := v_before[v_at - l - 1] + c_open;
            END IF;
            IF j > 0 THEN
                v_best := least(v_best, v_before[v_at - 1] + c_open);
            END IF;
            IF i > 0 AND j > 0 AND p_may[(i - 1) * l + j] = 1 THEN
                v_best := least(v_best, v_before[v_at - l - 2] + abs(p_charges[i] - p_receipts[j]));
            END IF;
            v_before[v_at] := v_best;
        END LOOP;
    END LOOP;
    FOR i IN REVERSE k .. 0 LOOP
        FOR j IN REVERSE l .. 0 LOOP
            v_at := i * (l + 1) + j + 1;
            CONTINUE WHEN i = k AND j = l;
            v_best := NULL;
            IF i < k THEN
                v_best := v_after[v_at + l + 1] + c_open;
            END IF;
            IF j < l THEN
                v_best := least(v_best, v_after[v_at + 1] + c_open);
            END IF;
            IF i < k AND j < l AND p_may[i * l + j + 1] = 1 THEN
                v_best := least(v_best, v_after[v_at + l + 2] + abs(p_charges[i + 1] - p_receipts[j + 1]));
            END IF;
            v_after[v_at] := v_best;
        END LOOP;
    END LOOP;
    -- One best assignment: of charges alike the first are taken.
    i := k;
    j := l;
    WHILE j > 0 LOOP
        v_at := i * (l + 1) + j + 1;
        IF i > 0 AND v_before[v_at] = v_before[v_at - l - 1] + c_open THEN
            i := i - 1;
        ELSIF i > 0 AND p_may[(i - 1) * l + j] = 1
            AND v_before[v_at] = v_before[v_at - l - 2] + abs(p_charges[i] - p_receipts[j])
        THEN
            v_answer[3 * j - 2] := i;
            v_answer[3 * j] := abs(p_charges[i] - p_receipts[j]);
            i := i - 1;
            j := j - 1;
        ELSE
            j := j - 1;
        END IF;
    END LOOP;
    v_cost := v_before[(k + 1) * (l + 1)];
    -- How much farther the best assignment is that gives a receipt to a charge of another day, or leaves it open.
    FOR j IN 1 .. l LOOP
        v_other := NULL;
        FOR i IN 0 .. k LOOP
            v_at := i * (l + 1) + j;
            v_other := least(v_other, v_before[v_at] + c_open + v_after[v_at + 1]);
            IF i < k AND p_may[i * l + j] = 1
                AND p_charges[i + 1] IS DISTINCT FROM p_charges[nullif(v_answer[3 * j - 2], 0)]
            THEN
                v_other := least(v_other, v_before[v_at] + v_after[v_at + l + 2]
                    + abs(p_charges[i + 1] - p_receipts[j]));
            END IF;
        END LOOP;
        v_answer[3 * j - 1] := v_other - v_cost;
        IF v_answer[3 * j - 2] > 0
            AND v_answer[3 * j - 1] < (CASE v_answer[3 * j] WHEN 0 THEN least(1, p_clear) ELSE p_clear END)
        THEN
            v_answer[3 * j - 2] := -v_answer[3 * j - 2];
        END IF;
    END LOOP;
    v_answer[3 * l + 1] := v_cost;
    RETURN v_answer;
END
$$;
COMMENT ON FUNCTION app.assign_in_order(integer[], integer[], integer[], integer) IS 'Assigns receipts to charges, both given as ascending days: fewest left open, then the smallest sum of distances, the order of days kept; p_may holds 1 for pairs that may be, charge by charge. For each receipt three numbers: the charge (negative: in doubt; 0: open), how much farther the best other assignment is, and the own distance. A pair is in doubt when that is less than p_clear days, for one on the very day less than 1; charges of one day count as one. The last number is the cost, 10,000 for each row left open.';

CREATE OR REPLACE FUNCTION app.assign_series(
    p_posted integer[], p_purchased integer[], p_receipts integer[], p_may integer[], p_habit text, p_clear integer
) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    k CONSTANT integer := pg_catalog.cardinality(p_posted);
    l CONSTANT integer := pg_catalog.cardinality(p_receipts);
    v_answer integer[] := pg_catalog.array_fill(0, ARRAY[l]);
    v_order integer[];
    v_posted integer[];
    v_bought integer[];
    v_one integer;
    v_other integer;
    v_exact text;
    v_habit text;
    i integer := 1;
    j integer := 1;
BEGIN
    IF k * l > 40000 THEN
        -- So many alike are told apart only on their very days.
        WHILE p_habit IS NOT NULL AND i <= k AND j <= l LOOP
            v_one := CASE p_habit WHEN 'posted' THEN p_posted[i] ELSE p_purchased[i] END;
            IF v_one = p_receipts[j] THEN
                v_answer[j] := i;
                i := i + 1;
                j := j + 1;
            ELSIF v_one < p_receipts[j] THEN
                i := i + 1;
            ELSE
                j := j + 1;
            END IF;
        END LOOP;
        RETURN v_answer;
    END IF;
    IF p_posted = p_purchased THEN
        RETURN ARRAY(SELECT greatest(a.o[3 * x.j - 2], 0)
            FROM (SELECT app.assign_in_order(p_posted, p_receipts, p_may, p_clear) AS o) AS a,
                pg_catalog.generate_series(1, l) AS x (j) ORDER BY x.j);
    END IF;
    v_order := ARRAY(SELECT x.i FROM pg_catalog.generate_series(1, k) AS x (i)
        ORDER BY p_purchased[x.i], p_posted[x.i], x.i);
    v_posted := app.assign_in_order(p_posted, p_receipts, p_may,
        CASE p_habit WHEN 'posted' THEN p_clear ELSE 1 END);
    v_bought := app.assign_in_order(ARRAY(SELECT p_purchased[o.i] FROM pg_catalog.unnest(v_order) AS o (i)), p_receipts,
        ARRAY(SELECT p_may[(o.i - 1) * l + r.j] FROM pg_catalog.unnest(v_order) WITH ORDINALITY AS o (i, n),
            pg_catalog.generate_series(1, l) AS r (j) ORDER BY o.n, r.j),
        CASE p_habit WHEN 'purchase' THEN p_clear ELSE 1 END);
    -- A date that explains three receipts and more to the day, where the other does not: that settles what is not
    -- known, and unsettles what seemed known.
    v_exact := CASE WHEN l < 3 THEN NULL
        WHEN v_posted[3 * l + 1] % 10000 = 0 AND v_bought[3 * l + 1] % 10000 >= p_clear THEN 'posted'
        WHEN v_bought[3 * l + 1] % 10000 = 0 AND v_posted[3 * l + 1] % 10000 >= p_clear THEN 'purchase' END;
    v_habit := CASE WHEN p_habit IS NULL THEN v_exact WHEN v_exact IS NULL OR v_exact = p_habit THEN p_habit END;
    FOR j IN 1 .. l LOOP
        v_one := v_posted[3 * j - 2];
        v_other := v_order[nullif(abs(v_bought[3 * j - 2]), 0)] * sign(v_bought[3 * j - 2])::integer;
        v_answer[j] := CASE v_habit WHEN 'posted' THEN v_one WHEN 'purchase' THEN coalesce(v_other, 0)
            -- Both dates must say the same, and one of them clearly.
            ELSE CASE WHEN v_one > 0 AND v_other > 0
                    AND p_posted[v_one] = p_posted[v_other] AND p_purchased[v_one] = p_purchased[v_other]
                    AND (greatest(v_posted[3 * j - 1], v_bought[3 * j - 1]) >= p_clear
                        OR least(v_posted[3 * j], v_bought[3 * j]) = 0)
                THEN v_one ELSE 0 END
            END;
    END LOOP;
    RETURN ARRAY(SELECT greatest(a.i, 0) FROM pg_catalog.unnest(v_answer) WITH ORDINALITY AS a (i, j) ORDER BY a.j);
END
$$;
COMMENT ON FUNCTION app.assign_series(integer[], integer[], integer[], integer[], text, integer) IS 'Which charge each receipt of a series belongs to, 0 where none or where it is in doubt: by the date that the person''s receipts follow (posted or purchase). Both are tried: where it is not known the one that explains three receipts or more to the day counts if the other does not, else the two must agree, as they must where a series contradicts what is known. Above 40,000 pairs only a known date and its very day count. Charges come in the order of posted and purchase day, receipts of their day; p_may holds 1 for pairs that may be.';

COMMIT;
