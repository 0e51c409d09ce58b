-- Receipts of a submission: which of them the month knows already, and what people said about those before.
-- requires: intake/people
-- requires: revising/revise

BEGIN;

CREATE TYPE app.known_receipt AS (
    place integer,
    transaction_id uuid,
    holder uuid,
    source_holder uuid,
    receipt_id text,
    amount numeric(14, 2),
    day date,
    merchant_key text,
    likeness bigint,
    file_likeness bigint,
    is_made_by_hand boolean,
    is_shown boolean,
    rank bigint,
    natural_key text
);
COMMENT ON TYPE app.known_receipt IS 'A receipt as it is told apart from others: whose it is and whose the source says it is, its id, what it says. One that people corrected is known twice: by what the source said, and (is_shown) by what they made of it. Receipts that say the same but for the id have one likeness, those of which a file can say the same one file_likeness; null where nothing is told by it. rank orders copies; place is that of a receipt on its way in.';

CREATE OR REPLACE FUNCTION app.file_likeness(p_content app.receipt_contents) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- Field by field, as app.clean_group and app.filed_group say of one: to clean each group of a month would take seconds.
    SELECT hash_record_extended(ROW((p_content).amount, (p_content).transaction_date,
        CASE (p_content).coding_type
            WHEN 'job_coding' THEN 'job ' || (p_content).job_number || '/' || (p_content).job_phase || '/' || (p_content).cost_type
            WHEN 'gl_coding' THEN 'gl ' || (p_content).gl_account || coalesce('/' || (p_content).gl_description, '') END,
        (p_content).merchant_name, (p_content).merchant_address,
        CASE WHEN (p_content).purpose NOT LIKE 'Receipts Notes (%' THEN (p_content).purpose END,
        nullif((p_content).description, (p_content).expense_type), (p_content).expense_type, (p_content).has_attachment), 0);
END;
COMMENT ON FUNCTION app.file_likeness(app.receipt_contents) IS 'A number that receipts have in common of which a file of any kind can say the same, whatever their ids.';

CREATE OR REPLACE FUNCTION app.said_columns(p_chain_id uuid, p_transaction_id uuid) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_object_agg(e.key, e.value)
    FROM app.newest_corrections AS c
    CROSS JOIN jsonb_each(c.value) AS e
    WHERE c.chain_id IS NOT DISTINCT FROM p_chain_id AND c.transaction_id = p_transaction_id
        AND c.field_group NOT IN ('presence', 'person');
END;
COMMENT ON FUNCTION app.said_columns(uuid, uuid) IS 'What people said a receipt says, by column, whatever its source says; null for nothing.';

CREATE OR REPLACE FUNCTION app.known_receipts(
    p_session_id uuid, p_links app.receipt_links[], p_people app.staged_person[], p_staged app.known_receipt[]
) RETURNS SETOF app.known_receipt
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH chain AS (
        SELECT s.chain_id FROM app.processing_sessions AS s WHERE s.session_id = p_session_id
    ), given AS (
        SELECT c.transaction_id,
            (array_agg(c.cardholder_id) FILTER (WHERE c.field_group = 'person' AND c.value IS NOT NULL))[1] AS given_to,
            (array_agg(c.cardholder_id) FILTER (WHERE c.field_group = 'presence' AND c.value = 'true'))[1] AS added_to,
            bool_or(c.field_group = 'presence' AND c.value = 'false') IS TRUE AS is_removed
        FROM chain AS x
        JOIN app.newest_corrections AS c ON c.chain_id = x.chain_id AND c.field_group IN ('presence', 'person')
        GROUP BY c.transaction_id
    ), spoken AS (
        SELECT c.transaction_id FROM chain AS x JOIN app.corrections AS c ON c.chain_id = x.chain_id
    ), names AS (
        -- Whom each name that receipts are printed under means by now.
        SELECT coalesce(l.receipt_key, p.name_key) AS printed, min(p.cardholder_id::text)::uuid AS cardholder_id,
            min(p.name_key) AS name_key
        FROM unnest(p_links) AS l JOIN unnest(p_people) AS p ON p.revision_id = l.employee_revision_id
        GROUP BY 1 HAVING count(DISTINCT p.cardholder_id) = 1
    ), sources AS (
        -- What the source said last; what was cancelled says it of receipts that no other submission had.
        SELECT DISTINCT ON (l.transaction_id) l.transaction_id, l.content_id, l.position,
            coalesce(n.cardholder_id, r.cardholder_id) AS cardholder_id, s.created_at, s.session_id,
            CASE WHEN n.cardholder_id IS NULL THEN l.natural_key END AS natural_key
        FROM chain AS x
        JOIN app.processing_sessions AS s ON s.chain_id = x.chain_id AND s.session_id <> p_session_id
        JOIN app.employee_revisions AS r ON r.session_id = s.session_id AND r.revision_number = 1
        JOIN app.cardholders AS h ON h.cardholder_id = r.cardholder_id
        JOIN app.receipt_links AS l ON l.employee_revision_id = r.revision_id
        -- Of two with one name nobody is the other.
        LEFT JOIN names AS n ON n.printed = coalesce(l.receipt_key, h.name_key) AND n.name_key <> h.name_key
        ORDER BY l.transaction_id, s.status = 'cancelled', s.created_at DESC, s.session_id DESC
    ), known AS (
        SELECT coalesce(o.transaction_id, f.transaction_id) AS transaction_id,
            coalesce(f.given_to, o.cardholder_id, f.added_to) AS holder,
            coalesce(o.cardholder_id, f.given_to, f.added_to) AS source_holder, o.transaction_id IS NULL AS is_made_by_hand,
            -- What people said is what a receipt says that no source had.
            CASE WHEN o.transaction_id IS NOT NULL THEN c ELSE jsonb_populate_record(NULL::app.receipt_contents,
                app.said_columns((SELECT x.chain_id FROM chain AS x), f.transaction_id)) END AS content,
            s.is_spoken AND o.transaction_id IS NOT NULL AND f.is_removed IS NOT TRUE AS is_corrected,
            row_number() OVER (ORDER BY o.created_at DESC NULLS LAST, o.session_id DESC, f.is_removed IS TRUE, NOT s.is_spoken,
                o.position, coalesce(o.transaction_id, f.transaction_id)) AS rank,
            CASE WHEN o.transaction_id IS NOT NULL THEN o.natural_key ELSE (
                SELECT l.natural_key FROM app.receipt_links AS l WHERE l.transaction_id = f.transaction_id
                ORDER BY l.created_tx DESC, l.natural_key LIMIT 1) END AS natural_key
        FROM sources AS o
        FULL JOIN given AS f ON f.transaction_id = o.transaction_id
        CROSS JOIN LATERAL (
            SELECT coalesce(o.transaction_id, f.transaction_id) IN (SELECT x.transaction_id FROM spoken AS x) AS is_spoken
        ) AS s
        LEFT JOIN app.receipt_contents AS c ON c.content_id = o.content_id
        WHERE o.transaction_id IS NOT NULL OR f.added_to IS NOT NULL
        OFFSET 0
    ), told AS MATERIALIZED (
        SELECT k.*, nullif((k.content).external_transaction_id, '') AS receipt_id, app.hash_said(k.content) AS likeness
        FROM known AS k
    ), doubtful AS (
        -- Who has all receipts as the source had them, and no others, has them by pass 2 or 6.
        SELECT x.holder
        FROM (
            SELECT t.holder, t.receipt_id, t.likeness, 1 AS number FROM told AS t
            UNION ALL
            SELECT s.holder, s.receipt_id, s.likeness, -1 FROM unnest(p_staged) AS s
        ) AS x
        GROUP BY x.holder, x.receipt_id, x.likeness HAVING sum(x.number) <> 0
    )
    SELECT NULL::integer, t.transaction_id, t.holder, t.source_holder, g.receipt_id, (g.content).amount,
        (g.content).transaction_date, app.merchant_key((g.content).merchant_name), CASE WHEN NOT g.is_shown THEN t.likeness END,
        CASE WHEN (app.has_no_id(g.receipt_id) OR (SELECT EXISTS (SELECT FROM told AS x WHERE x.is_corrected)))
            AND t.holder IN (SELECT d.holder FROM doubtful AS d) THEN app.file_likeness(g.content) END,
        t.is_made_by_hand, g.is_shown, t.rank, t.natural_key
    FROM told AS t
    CROSS JOIN LATERAL (
        SELECT t.content, t.receipt_id, false AS is_shown
        UNION ALL
        SELECT r.content, nullif((r.content).external_transaction_id, ''), true
        FROM (
            SELECT jsonb_populate_record(t.content, s.columns) AS content
            FROM app.said_columns((SELECT x.chain_id FROM chain AS x), t.transaction_id) AS s (columns)
            WHERE s.columns IS NOT NULL OFFSET 0
        ) AS r
        WHERE t.is_corrected AND t.holder IN (SELECT d.holder FROM doubtful AS d)
        OFFSET 0
    ) AS g;
END;
COMMENT ON FUNCTION app.known_receipts(uuid, app.receipt_links[], app.staged_person[], app.known_receipt[]) IS 'All receipts that the other submissions of a session''s chain had, under whom the name they were printed under means in this one, as the source said them last and, where people corrected them, also as they show since; and those people added that no source had yet. Of a person who has all of them as the source had them, and no others, that is all there is to tell. Of copies those shown last come first, what people took out after the rest, then those people said something about.';

-- Stable, as a row's text is, so that it is written into the query that calls it.
CREATE OR REPLACE FUNCTION app.identity_key(p_pass integer, p_receipt app.known_receipt, p_is_staged boolean) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE
        -- What people made of one receipt, a source may say of another.
        WHEN p_pass = 1 THEN CASE WHEN (p_receipt).file_likeness IS NOT NULL
            THEN ROW((p_receipt).holder, CASE WHEN NOT app.has_no_id((p_receipt).receipt_id) THEN (p_receipt).receipt_id END,
                (p_receipt).file_likeness)::text END
        WHEN NOT p_is_staged AND (p_receipt).is_shown <> (p_pass IN (8, 10, 12, 14)) THEN NULL
        WHEN p_pass IN (2, 4) AND (p_receipt).receipt_id IS NOT NULL
            THEN ROW((p_receipt).holder, (p_receipt).receipt_id, CASE p_pass WHEN 2 THEN (p_receipt).likeness END)::text
        WHEN p_pass IN (3, 5) AND (p_receipt).receipt_id IS NOT NULL THEN ROW((p_receipt).source_holder,
            (p_receipt).receipt_id, CASE p_pass WHEN 3 THEN (p_receipt).likeness END)::text
        WHEN p_pass = 6 AND app.has_no_id((p_receipt).receipt_id)
            THEN ROW((p_receipt).holder, (p_receipt).likeness)::text
        WHEN p_pass = 7 AND app.has_no_id((p_receipt).receipt_id)
            THEN ROW((p_receipt).source_holder, (p_receipt).likeness)::text
        WHEN p_pass = 8 AND (p_receipt).receipt_id IS NOT NULL THEN ROW((p_receipt).holder, (p_receipt).receipt_id)::text
        WHEN p_pass IN (9, 10) THEN (p_receipt).receipt_id
        WHEN p_pass IN (11, 12) AND (p_is_staged OR app.has_no_id((p_receipt).receipt_id))
            THEN ROW((p_receipt).holder, (p_receipt).file_likeness)::text
        WHEN p_pass IN (13, 14) AND (p_receipt).amount IS NOT NULL AND (p_receipt).day IS NOT NULL
            AND (p_receipt).merchant_key <> ''
            THEN ROW((p_receipt).holder, (p_receipt).amount, (p_receipt).day, (p_receipt).merchant_key)::text
        WHEN p_pass = 15 AND (p_receipt).amount IS NOT NULL AND (p_receipt).day IS NOT NULL
            AND (p_is_staged OR ((p_receipt).is_made_by_hand AND (p_receipt).receipt_id IS NULL))
            THEN ROW((p_receipt).holder, (p_receipt).amount, (p_receipt).day)::text
        END;
END;
COMMENT ON FUNCTION app.identity_key(integer, app.known_receipt, boolean) IS 'What two rows must have in common in a pass to be one receipt; null: it has no part in the pass. 1 all that a file can say of it, as people corrected it, whatever id was made up for it; 2, 3 the same id and person and all it says, 4, 5 the same id and person; 6, 7 no id, or one made up for that, the same person and all it says; 8 the same corrected id and person; 9, 10 the same id, under another person; 11, 12 one that had no id but a made up one, by person and all else that a file can say; 13, 14 the same person, amount, date and merchant, with another id; 15 a receipt made by hand, by person, amount and date. In 1, 8, 10, 12 and 14 a receipt is known by what people made of it, else by what the source said. The person is whoever has it by now, then whom the source names.';

CREATE OR REPLACE FUNCTION app.staged_receipts(p_links app.receipt_links[], p_people app.staged_person[], p_is_alike boolean)
RETURNS SETOF app.known_receipt
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    SELECT l.ordinality::integer, NULL::uuid, p.cardholder_id, p.cardholder_id, nullif(c.external_transaction_id, ''), c.amount,
        c.transaction_date, app.merchant_key(c.merchant_name), app.hash_said(c),
        CASE WHEN p_is_alike THEN app.file_likeness(c) END, false, false, l.position, l.natural_key
    FROM unnest(p_links) WITH ORDINALITY AS l
    JOIN (SELECT DISTINCT x.revision_id, x.cardholder_id FROM unnest(p_people) AS x) AS p
        ON p.revision_id = l.employee_revision_id
    JOIN app.receipt_contents AS c ON c.content_id = l.content_id
    ORDER BY l.ordinality;
END;
COMMENT ON FUNCTION app.staged_receipts(app.receipt_links[], app.staged_person[], boolean) IS 'The receipts of a submission whose contents are written, to be told apart; with their file_likeness where it is asked for.';

CREATE OR REPLACE FUNCTION app.identify_receipts(p_session_id uuid, p_links app.receipt_links[], p_people app.staged_person[])
RETURNS app.receipt_links[]
LANGUAGE plpgsql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_staged app.known_receipt[];
    v_known app.known_receipt[];
    v_found uuid[];
    v_is_corrected boolean;
    v_is_alike boolean;
BEGIN
    IF p_links IS NULL OR NOT EXISTS (SELECT FROM app.processing_sessions AS s
            WHERE s.session_id = p_session_id AND s.parent_session_id IS NOT NULL)
    THEN
        RETURN p_links;
    END IF;
    v_is_corrected := EXISTS (SELECT FROM app.processing_sessions AS s
        JOIN app.corrections AS c ON c.chain_id = s.chain_id WHERE s.session_id = p_session_id);
    v_staged := ARRAY(SELECT s FROM app.staged_receipts(p_links, p_people, false) AS s);
    v_known := ARRAY(SELECT k FROM app.known_receipts(p_session_id, p_links, p_people, v_staged) AS k);
    v_is_alike := EXISTS (SELECT FROM pg_catalog.unnest(v_known) AS k WHERE k.file_likeness IS NOT NULL);
    IF v_is_alike THEN
        v_staged := ARRAY(SELECT s FROM app.staged_receipts(p_links, p_people, true) AS s);
    END IF;
    v_found := pg_catalog.array_fill(NULL::uuid, ARRAY[pg_catalog.cardinality(p_links)]);
    FOR v_pass IN 1 .. 15 LOOP
        CONTINUE WHEN (v_pass IN (1, 8, 10, 12, 14) AND NOT v_is_corrected) OR (v_pass IN (1, 11, 12) AND NOT v_is_alike);
        EXIT WHEN pg_catalog.array_position(v_found, NULL) IS NULL;
        v_found := ARRAY(
            WITH taken AS (
                SELECT f.id FROM pg_catalog.unnest(v_found) AS f (id) WHERE f.id IS NOT NULL
            ), staged AS (
                SELECT s.place, s.key, pg_catalog.row_number() OVER w AS number,
                    pg_catalog.count(*) OVER (PARTITION BY s.key) AS copies
                FROM (
                    SELECT x.place, x.rank, app.identity_key(v_pass, x, true) AS key
                    FROM pg_catalog.unnest(v_staged) AS x WHERE v_found[x.place] IS NULL
                ) AS s
                WHERE s.key IS NOT NULL WINDOW w AS (PARTITION BY s.key ORDER BY s.rank)
            ), known AS (
                SELECT k.transaction_id, k.key, pg_catalog.row_number() OVER w AS number,
                    pg_catalog.bool_and(k.receipt_id IS NULL) OVER (PARTITION BY k.key) AS is_nameless,
                    pg_catalog.bool_and(k.is_shown) OVER (PARTITION BY k.key) AS is_said,
                    pg_catalog.count(*) OVER (PARTITION BY k.key) AS copies
                FROM (
                    SELECT x.transaction_id, x.is_shown, x.rank, x.receipt_id, app.identity_key(v_pass, x, false) AS key
                    FROM pg_catalog.unnest(v_known) AS x
                    WHERE NOT EXISTS (SELECT FROM taken AS t WHERE t.id = x.transaction_id)
                ) AS k
                WHERE k.key IS NOT NULL WINDOW w AS (PARTITION BY k.key ORDER BY k.rank)
            )
            SELECT coalesce(f.id, k.transaction_id)
            FROM pg_catalog.unnest(v_found) WITH ORDINALITY AS f (id, place)
            LEFT JOIN staged AS s ON s.place = f.place
            LEFT JOIN known AS k ON k.key = s.key AND k.number = s.number
                AND CASE WHEN v_pass = 1 THEN k.is_said
                    -- By less than id and person, or content, only where there is no choice; of those that had no id the order
                    -- is all there is.
                    ELSE v_pass < 8 OR v_pass IN (11, 12) OR (k.copies = s.copies AND (s.copies = 1 OR k.is_nameless)) END
            ORDER BY f.place);
    END LOOP;
    RETURN ARRAY(
        -- A receipt that stays with its person is called as before; a new one gets a number that none of the month had, and so
        -- does a second one of the same name, which people took out before another one was given to the person.
        SELECT ROW(x.employee_revision_id, x.transaction_id, x.content_id, x.created_tx,
            CASE WHEN NOT x.is_kept AND x.last_number > 0 THEN app.copy_key(x.base_key, x.last_number + pg_catalog.row_number()
                    OVER (PARTITION BY x.employee_revision_id, x.base_key, x.is_kept ORDER BY x.position))
                ELSE x.wanted_key END, x.position, x.page_number, x.receipt_key)::app.receipt_links
        FROM (
            SELECT w.employee_revision_id, w.transaction_id, w.content_id, w.created_tx, w.position, w.page_number, w.receipt_key,
                w.wanted_key, b.base_key,
                w.is_kept AND 1 = pg_catalog.row_number() OVER (PARTITION BY w.employee_revision_id, b.base_key, b.number
                    ORDER BY w.is_kept DESC, w.rank NULLS FIRST) AS is_kept,
                greatest(g.last_number, pg_catalog.max(CASE WHEN w.is_kept THEN b.number END)
                    OVER (PARTITION BY w.employee_revision_id, b.base_key)) AS last_number
            FROM (
                SELECT l.employee_revision_id, coalesce(v_found[l.ordinality], l.transaction_id) AS transaction_id,
                    l.content_id, l.created_tx, l.position, l.page_number, l.receipt_key, s.holder, k.rank,
                    coalesce(k.natural_key, h.natural_key) IS NOT NULL AS is_kept,
                    coalesce(k.natural_key, h.natural_key, l.natural_key) AS wanted_key
                FROM pg_catalog.unnest(p_links) WITH ORDINALITY AS l
                JOIN pg_catalog.unnest(v_staged) AS s ON s.place = l.ordinality
                LEFT JOIN pg_catalog.unnest(v_known) AS k ON k.transaction_id = v_found[l.ordinality] AND NOT k.is_shown
                    AND k.natural_key IS NOT NULL AND k.source_holder = s.holder
                -- What was given to the person before is called as it is there.
                LEFT JOIN LATERAL (
                    SELECT x.natural_key FROM app.processing_sessions AS c
                    JOIN app.session_employees AS e ON e.session_id = c.parent_session_id AND e.cardholder_id = s.holder
                    JOIN app.receipt_links AS x ON x.employee_revision_id = e.current_revision_id
                        AND x.transaction_id = v_found[l.ordinality]
                    WHERE c.session_id = p_session_id AND k.transaction_id IS NULL AND v_found[l.ordinality] IS NOT NULL
                ) AS h ON true
            ) AS w
            CROSS JOIN LATERAL (
                SELECT app.base_key(w.wanted_key) AS base_key, app.key_number(w.wanted_key) AS number
            ) AS b
            LEFT JOIN (
                SELECT k.source_holder, app.base_key(k.natural_key) AS base_key,
                    pg_catalog.max(app.key_number(k.natural_key)) AS last_number
                FROM pg_catalog.unnest(v_known) AS k
                WHERE k.natural_key IS NOT NULL AND NOT k.is_shown AND k.transaction_id NOT IN (
                    SELECT f.id FROM pg_catalog.unnest(v_found) AS f (id) WHERE f.id IS NOT NULL)
                GROUP BY k.source_holder, app.base_key(k.natural_key)
            ) AS g ON g.source_holder = w.holder AND g.base_key = b.base_key
        ) AS x);
END
$$;
COMMENT ON FUNCTION app.identify_receipts(uuid, app.receipt_links[], app.staged_person[]) IS 'The links of a submission''s receipts, whose contents are written, with the id each has over the month: that of a receipt an earlier submission or a person had, see app.identity_key, else its own. Copies pair by what they say, then those shown last, those people left in, those they said something about, then in order.';

CREATE OR REPLACE FUNCTION app.link_receipts(p_session_id uuid, p_links app.receipt_links[], p_people app.staged_person[])
RETURNS void
LANGUAGE sql VOLATILE
SET search_path = ''
BEGIN ATOMIC
    INSERT INTO app.receipt_links (employee_revision_id, transaction_id, content_id, natural_key, position, page_number,
        receipt_key)
    SELECT l.employee_revision_id, l.transaction_id, l.content_id, l.natural_key, l.position, l.page_number, l.receipt_key
    FROM unnest(app.identify_receipts(p_session_id, p_links, p_people)) AS l;
END;
COMMENT ON FUNCTION app.link_receipts(uuid, app.receipt_links[], app.staged_person[]) IS 'Writes the links of a submission''s receipts under the ids they have over the month.';

CREATE OR REPLACE FUNCTION app.carry_corrections(p_session_id uuid, p_drafts app.revision_draft[], p_origin text)
RETURNS app.revision_draft[]
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_merged app.merged_receipt[];
    v_people uuid[];
    v_sources app.revision_draft[];
    v_carried app.revision_draft[];
BEGIN
    IF NOT EXISTS (SELECT FROM app.processing_sessions AS s
                   JOIN app.corrections AS c ON c.chain_id = s.chain_id WHERE s.session_id = p_session_id)
    THEN
        RETURN p_drafts;
    END IF;
    v_merged := ARRAY(SELECT m FROM app.merge_receipts(p_session_id, ARRAY(
        SELECT ROW(d.cardholder_id, d.revision_id)::app.source_person FROM pg_catalog.unnest(p_drafts) AS d)) AS m);
    -- Whose receipts are not what the source says.
    v_people := ARRAY(
        SELECT m.cardholder_id FROM pg_catalog.unnest(v_merged) AS m WHERE m.is_said
        UNION
        SELECT d.cardholder_id
        FROM pg_catalog.unnest(p_drafts) AS d
        JOIN app.receipt_links AS l ON l.employee_revision_id = d.revision_id
        LEFT JOIN pg_catalog.unnest(v_merged) AS m ON m.transaction_id = l.transaction_id
        WHERE m.cardholder_id IS DISTINCT FROM d.cardholder_id);
    IF v_people = '{}' THEN
        RETURN p_drafts;
    END IF;
    v_sources := ARRAY(
        SELECT ROW(d.revision_id, d.session_id, d.cardholder_id, 1, NULL, o.revision_id, d.employee_name, d.employee_id,
            d.card_number, d.is_in_report, d.car_total, NULL, NULL, d.car_page_range, d.receipt_page_range,
            NULL, NULL)::app.revision_draft
        FROM pg_catalog.unnest(p_drafts) AS d
        JOIN app.processing_sessions AS s ON s.session_id = d.session_id
        LEFT JOIN app.employee_revisions AS o ON o.session_id = s.parent_session_id
            AND o.cardholder_id = d.cardholder_id AND o.revision_number = 1
        WHERE d.cardholder_id = ANY (v_people));
    PERFORM app.write_bank_sides(v_sources);
    PERFORM app.write_heads(app.measure_drafts(v_sources), NULL, p_origin, NULL);
    v_carried := ARRAY(
        SELECT ROW(app.new_id(), d.session_id, d.cardholder_id, 2, d.revision_id, d.compared_with, d.employee_name,
            d.employee_id, d.card_number, d.is_in_report, d.car_total, NULL, NULL, d.car_page_range,
            d.receipt_page_range, NULL, NULL)::app.revision_draft
        FROM pg_catalog.unnest(p_drafts) AS d WHERE d.cardholder_id = ANY (v_people));
    RETURN ARRAY(SELECT d FROM pg_catalog.unnest(p_drafts) AS d WHERE d.cardholder_id <> ALL (v_people))
        || app.write_merged(v_carried, v_merged,
            ARRAY(SELECT d.compared_with FROM pg_catalog.unnest(v_carried) AS d WHERE d.compared_with IS NOT NULL));
END
$$;
COMMENT ON FUNCTION app.carry_corrections(uuid, app.revision_draft[], text) IS 'The drafts of a submission''s people with what people said before: whoever has a statement in force gets a source revision, which is neither matched nor judged, and a draft of the one that follows it. The others stay as they are.';

COMMIT;
