-- Names of receipts nobody of the report has, and whom they may mean.
-- requires: people/names
-- requires: report/people

BEGIN;

CREATE OR REPLACE FUNCTION report.name_distance(p_one text, p_other text, p_limit integer) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    v_before integer[] := ARRAY(SELECT pg_catalog.generate_series(0, pg_catalog.length(p_other)));
    v_row integer[];
    v_letter text;
    v_least integer;
BEGIN
    IF greatest(pg_catalog.length(p_one), pg_catalog.length(p_other)) > 200 THEN
        RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'text is too long to be compared',
            DETAIL = pg_catalog.format('expected at most 200 letters, got %s and %s', pg_catalog.length(p_one),
                pg_catalog.length(p_other)),
            HINT = 'Names have at most 200 letters.', COLUMN = 'one';
    END IF;
    IF pg_catalog.abs(pg_catalog.length(p_one) - pg_catalog.length(p_other)) > p_limit THEN
        RETURN NULL;
    END IF;
    FOR i IN 1 .. pg_catalog.length(p_one) LOOP
        v_row := ARRAY[i];
        v_letter := pg_catalog.substr(p_one, i, 1);
        v_least := i;
        FOR j IN 1 .. pg_catalog.length(p_other) LOOP
            v_row[j + 1] := least(v_before[j + 1] + 1, v_row[j] + 1,
                v_before[j] + (v_letter <> pg_catalog.substr(p_other, j, 1))::integer);
            v_least := least(v_least, v_row[j + 1]);
        END LOOP;
        IF v_least > p_limit THEN
            RETURN NULL;
        END IF;
        v_before := v_row;
    END LOOP;
    RETURN nullif(least(v_before[pg_catalog.length(p_other) + 1], p_limit + 1), p_limit + 1);
END
$$;
COMMENT ON FUNCTION report.name_distance(text, text, integer) IS 'How many letters must be added, removed or replaced to make one text of the other; null when more than the limit, found without counting to the end. Raises IV008 for texts over 200 letters.';

-- Definer: the view calls it with the rights of who reads.
CREATE OR REPLACE FUNCTION report.name_key(p_name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT app.name_key(p_name);
END;
COMMENT ON FUNCTION report.name_key(text) IS 'The name key of a printed name, as app.name_key folds it.';
GRANT EXECUTE ON FUNCTION report.name_key(text)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE VIEW report.unmatched_names AS
WITH names AS (
    SELECT e.session_id, e.cardholder_id, e.revision_id, e.employee_name AS receipt_key, e.receipt_count, e.receipt_total,
        p.printed_names, p.words
    FROM report.employee_revisions AS e
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT n.printed ORDER BY n.printed) AS printed_names,
            -- First and last printed word, folded as name keys are.
            array_agg(DISTINCT ARRAY[report.name_key((regexp_match(btrim(n.printed), '^\S+'))[1]),
                report.name_key((regexp_match(btrim(n.printed), '\S+$'))[1])]) AS words
        FROM (SELECT t.source_fields ->> 'printed_name' AS printed
              FROM app.transactions AS t WHERE t.employee_revision_id = e.revision_id) AS n
        WHERE n.printed IS NOT NULL
    ) AS p
    WHERE NOT e.is_in_report AND e.receipt_count > 0
), people AS (
    SELECT o.session_id, o.cardholder_id, o.employee_name AS name_key, o.employee_id, o.receipt_count, o.car_total
    FROM report.employee_revisions AS o
    WHERE o.is_in_report
), money AS (
    -- What a person without receipts was charged is open, all of it.
    SELECT n.session_id, n.cardholder_id, o.cardholder_id AS suggested_id,
        count(DISTINCT t.transaction_id) AS fitting_receipts
    FROM names AS n
    JOIN app.transactions AS t ON t.employee_revision_id = n.revision_id AND t.amount IS NOT NULL AND NOT t.is_out_of_pocket
    JOIN app.charges AS c ON c.session_id = n.session_id AND c.net_amount = t.amount
        AND (c.posted_date BETWEEN t.transaction_date - 5 AND t.transaction_date + 5
            OR c.purchase_date BETWEEN t.transaction_date - 5 AND t.transaction_date + 5)
    JOIN people AS o ON o.session_id = c.session_id AND o.cardholder_id = c.cardholder_id AND o.receipt_count = 0
    GROUP BY n.session_id, n.cardholder_id, o.cardholder_id
), suggested AS (
    SELECT n.*, o.name_key AS suggested_key, o.employee_id AS suggested_employee_id,
        o.receipt_count AS suggested_receipt_count, coalesce(m.fitting_receipts, 0) AS fitting_receipts,
        coalesce(o.receipt_count = 0 AND o.car_total <> 0 AND o.car_total = n.receipt_total, false) AS has_same_total,
        report.name_distance(n.receipt_key, o.name_key, 2) AS distance,
        EXISTS (SELECT FROM generate_subscripts(n.words, 1) AS w (i)
                WHERE length(n.words[w.i][2]) > 1 AND right(o.name_key, length(n.words[w.i][2])) = n.words[w.i][2])
            AS has_same_last_name,
        EXISTS (SELECT FROM generate_subscripts(n.words, 1) AS w (i)
                WHERE length(n.words[w.i][1]) > 1 AND left(o.name_key, length(n.words[w.i][1])) = n.words[w.i][1])
            AS has_same_first_name,
        EXISTS (SELECT FROM generate_subscripts(n.words, 1) AS w (i)
                WHERE left(n.words[w.i][1], 1) = left(o.name_key, 1)
                    AND right(o.name_key, length(n.words[w.i][2])) = n.words[w.i][2]) AS has_same_initials
    FROM names AS n
    JOIN people AS o ON o.session_id = n.session_id
    LEFT JOIN money AS m
        ON m.session_id = n.session_id AND m.cardholder_id = n.cardholder_id AND m.suggested_id = o.cardholder_id
)
SELECT n.session_id, n.cardholder_id, n.receipt_key, n.printed_names, n.receipt_count, n.receipt_total, s.suggested_key,
    s.suggested_employee_id, s.distance, s.has_same_last_name, s.suggested_receipt_count,
    row_number() OVER (PARTITION BY n.session_id, n.cardholder_id ORDER BY s.fitting_receipts DESC NULLS LAST,
        s.has_same_total DESC NULLS LAST, s.distance, s.has_same_initials DESC NULLS LAST, s.has_same_last_name DESC NULLS LAST,
        s.has_same_first_name DESC NULLS LAST, s.suggested_receipt_count, s.suggested_key COLLATE "C",
        s.suggested_employee_id) AS suggestion_number,
    s.fitting_receipts, s.has_same_total, s.has_same_first_name, s.has_same_initials
FROM names AS n
LEFT JOIN suggested AS s ON s.session_id = n.session_id AND s.cardholder_id = n.cardholder_id
    AND (s.fitting_receipts > 0 OR s.has_same_total OR s.distance IS NOT NULL OR s.has_same_last_name OR s.has_same_first_name);
COMMENT ON VIEW report.unmatched_names IS 'Names of receipts that nobody of the card report has, one row per suggestion (one without when there is none). The money comes first: people without receipts whose charges have amounts and dates of these receipts, or the same total; then people at most two letters away, with the same initials and last name, the same last or the same first name. Nothing is applied until somebody approves an alias.';
COMMENT ON COLUMN report.unmatched_names.session_id IS 'The session.';
COMMENT ON COLUMN report.unmatched_names.cardholder_id IS 'The row the receipts stand under now.';
COMMENT ON COLUMN report.unmatched_names.receipt_key IS 'Name key of the receipts.';
COMMENT ON COLUMN report.unmatched_names.printed_names IS 'The names as printed; null when the source has none.';
COMMENT ON COLUMN report.unmatched_names.receipt_count IS 'Number of these receipts.';
COMMENT ON COLUMN report.unmatched_names.receipt_total IS 'Their sum, in dollars.';
COMMENT ON COLUMN report.unmatched_names.suggested_key IS 'Name key of a person of the report; null without suggestion.';
COMMENT ON COLUMN report.unmatched_names.suggested_employee_id IS 'Employee number of that person.';
COMMENT ON COLUMN report.unmatched_names.distance IS 'Letters to add, remove or replace; null when more than two.';
COMMENT ON COLUMN report.unmatched_names.has_same_last_name IS 'True when the person''s name ends with the last printed word.';
COMMENT ON COLUMN report.unmatched_names.suggestion_number IS 'Number of the suggestion for this name, the best first; 1 when there is none.';
COMMENT ON COLUMN report.unmatched_names.suggested_receipt_count IS 'Receipts the suggested person has already.';
COMMENT ON COLUMN report.unmatched_names.fitting_receipts IS 'How many of these receipts have the amount and, within five days, the date of an open charge of that person, who has no receipts; 0 for people with receipts and for sources without charges.';
COMMENT ON COLUMN report.unmatched_names.has_same_total IS 'True when the person has no receipts and the card total is the sum of these.';
COMMENT ON COLUMN report.unmatched_names.has_same_first_name IS 'True when the person''s name begins with the first printed word.';
COMMENT ON COLUMN report.unmatched_names.has_same_initials IS 'True when the person''s name begins with the same letter and ends with the last printed word.';
GRANT EXECUTE ON FUNCTION report.name_distance(text, text, integer)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;
GRANT SELECT ON report.unmatched_names TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
