-- The next revision of people: what the source says, with the statements in force.
-- requires: revising/proof
-- requires: content/merging
-- requires: access/requests

BEGIN;

CREATE OR REPLACE FUNCTION app.copy_receipts(p_old_ids uuid[], p_new_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off
AS $$
BEGIN
    INSERT INTO app.receipt_links (employee_revision_id, transaction_id, content_id, natural_key, position, page_number,
        receipt_key)
    SELECT p.new_id, x.transaction_id, x.content_id, x.natural_key, x.position, x.page_number, x.receipt_key
    FROM unnest(p_old_ids, p_new_ids) AS p (old_id, new_id)
    CROSS JOIN LATERAL (SELECT l.* FROM app.receipt_links AS l WHERE l.employee_revision_id = p.old_id OFFSET 0) AS x;
END
$$;
COMMENT ON FUNCTION app.copy_receipts(uuid[], uuid[]) IS 'Links the receipts of old revisions to new ones (same place in both arrays). What they say is not copied.';

CREATE OR REPLACE FUNCTION app.draft_next(p_current_ids uuid[], p_new_ids uuid[]) RETURNS app.revision_draft[]
LANGUAGE plpgsql STABLE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off
AS $$
BEGIN
    RETURN (
        SELECT pg_catalog.array_agg(ROW(p.new_id, r.session_id, r.cardholder_id, r.revision_number + 1, r.revision_id, NULL,
            r.employee_name, r.employee_id, r.card_number, r.is_in_report, r.car_total, NULL, NULL,
            r.car_page_range, r.receipt_page_range, NULL, NULL)::app.revision_draft)
        FROM unnest(p_current_ids, p_new_ids) AS p (current_id, new_id)
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.employee_revisions AS x WHERE x.revision_id = p.current_id OFFSET 0
        ) AS r);
END
$$;
COMMENT ON FUNCTION app.draft_next(uuid[], uuid[]) IS 'Drafts of the revisions that follow the current ones (same place in both arrays).';

CREATE OR REPLACE FUNCTION app.add_pages(p_drafts app.revision_draft[], p_merged app.merged_receipt[])
RETURNS app.revision_draft[]
LANGUAGE plpgsql STABLE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off
AS $$
BEGIN
    -- Pages go with the receipts that stand on them; where none are known, with all receipts of a person together.
    -- What is asked of each page is a set that can be hashed, and the pages are worked out once for all drafts.
    RETURN (
        WITH shown AS MATERIALIZED (
            SELECT x.cardholder_id, x.source_id, x.page_number,
                pg_catalog.sum(pg_catalog.count(*)) OVER (PARTITION BY x.cardholder_id, x.source_id) AS receipts
            FROM (
                SELECT m.cardholder_id, (m.source_link).employee_revision_id AS source_id,
                    (m.source_link).page_number AS page_number
                FROM pg_catalog.unnest(p_merged) AS m OFFSET 0
            ) AS x
            WHERE x.source_id IS NOT NULL GROUP BY x.cardholder_id, x.source_id, x.page_number
        ), sources AS MATERIALIZED (
            SELECT d.revision_id, d.cardholder_id, r.revision_id AS source_id, r.receipt_count, r.receipt_page_range
            FROM pg_catalog.unnest(p_drafts) AS d
            CROSS JOIN LATERAL (
                SELECT x.* FROM app.employee_revisions AS x
                WHERE x.session_id = d.session_id AND x.cardholder_id = d.cardholder_id AND x.revision_number = 1 OFFSET 0
            ) AS r
        ), standing AS MATERIALIZED (
            SELECT s.source_id, l.page_number
            FROM sources AS s
            CROSS JOIN LATERAL (
                SELECT x.page_number FROM app.receipt_links AS x
                WHERE x.employee_revision_id = s.source_id AND x.page_number IS NOT NULL OFFSET 0
            ) AS l
        ), pages AS (
            SELECT s.revision_id, g.page
            FROM sources AS s
            CROSS JOIN pg_catalog.unnest(s.receipt_page_range) AS g (page)
            WHERE (s.receipt_count = 0
                    OR (s.cardholder_id, s.source_id) IN (SELECT x.cardholder_id, x.source_id FROM shown AS x))
                AND ((s.source_id, g.page) NOT IN (SELECT x.source_id, x.page_number FROM standing AS x)
                    OR (s.cardholder_id, s.source_id, g.page) IN (
                        SELECT x.cardholder_id, x.source_id, x.page_number FROM shown AS x WHERE x.page_number IS NOT NULL))
            UNION
            SELECT d.revision_id, g.page
            FROM shown AS x
            CROSS JOIN LATERAL (
                SELECT o.cardholder_id, o.receipt_count, o.receipt_page_range FROM app.employee_revisions AS o
                WHERE o.revision_id = x.source_id OFFSET 0
            ) AS r
            JOIN pg_catalog.unnest(p_drafts) AS d ON d.cardholder_id = x.cardholder_id
            CROSS JOIN pg_catalog.unnest(CASE WHEN x.page_number IS NOT NULL THEN ARRAY[x.page_number]
                WHEN x.receipts = r.receipt_count THEN r.receipt_page_range END) AS g (page)
            WHERE r.cardholder_id <> x.cardholder_id
        ), ranges AS (
            SELECT p.revision_id, pg_catalog.array_agg(p.page ORDER BY p.page) AS pages FROM pages AS p GROUP BY p.revision_id
        )
        SELECT pg_catalog.array_agg(ROW(d.revision_id, d.session_id, d.cardholder_id, d.revision_number, d.predecessor_id,
            d.compared_with, d.employee_name, d.employee_id, d.card_number, d.is_in_report, d.car_total, NULL, NULL,
            d.car_page_range, coalesce(r.pages, '{}'), NULL, NULL)::app.revision_draft)
        FROM pg_catalog.unnest(p_drafts) AS d
        LEFT JOIN ranges AS r ON r.revision_id = d.revision_id);
END
$$;
COMMENT ON FUNCTION app.add_pages(app.revision_draft[], app.merged_receipt[]) IS 'Drafts with the pages that their merged receipts stand on.';

CREATE OR REPLACE FUNCTION app.write_merged(
    p_drafts app.revision_draft[], p_merged app.merged_receipt[], p_before_ids uuid[]
) RETURNS app.revision_draft[]
LANGUAGE plpgsql VOLATILE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off
-- A receipt is looked up once: remembering what it says never pays.
SET enable_memoize = off
AS $$
BEGIN
    WITH before AS MATERIALIZED (
        SELECT x.*, r.cardholder_id
        FROM unnest(p_before_ids) AS b (id)
        CROSS JOIN LATERAL (
            SELECT o.cardholder_id FROM app.employee_revisions AS o WHERE o.revision_id = b.id OFFSET 0
        ) AS r
        CROSS JOIN LATERAL (SELECT l.* FROM app.receipt_links AS l WHERE l.employee_revision_id = b.id OFFSET 0) AS x
    ), heads AS MATERIALIZED (
        SELECT s.revision_id, r.cardholder_id, r.employee_name
        FROM (SELECT DISTINCT (m.source_link).employee_revision_id AS revision_id FROM unnest(p_merged) AS m) AS s
        CROSS JOIN LATERAL (
            SELECT x.cardholder_id, x.employee_name FROM app.employee_revisions AS x
            WHERE x.revision_id = s.revision_id OFFSET 0
        ) AS r
    ), wanted AS MATERIALIZED (
        SELECT d.revision_id, m.transaction_id, w.content,
            coalesce((m.content).content_id, c.content_id, app.new_id()) AS content_id,
            b.cardholder_id IS NOT DISTINCT FROM d.cardholder_id AS was_here,
            -- What the receipt is called under this name, else what it would be called as the first one.
            coalesce(CASE WHEN b.cardholder_id = d.cardholder_id THEN b.natural_key END,
                CASE WHEN o.cardholder_id = d.cardholder_id THEN (m.source_link).natural_key END,
                app.copy_key(app.base_key(coalesce((m.source_link).natural_key, b.natural_key)), 1),
                'added: ' || m.transaction_id) AS wanted_key,
            coalesce((m.source_link).position, b.position, 9000000000000000000) AS position,
            coalesce((m.source_link).page_number, b.page_number) AS page_number,
            nullif(coalesce((m.source_link).receipt_key, o.employee_name), d.employee_name) AS receipt_key
        FROM unnest(p_merged) AS m
        JOIN unnest(p_drafts) AS d ON d.cardholder_id = m.cardholder_id
        LEFT JOIN heads AS o ON o.revision_id = (m.source_link).employee_revision_id
        LEFT JOIN before AS b ON b.transaction_id = m.transaction_id
        LEFT JOIN LATERAL (
            SELECT x.content_id FROM app.receipt_contents AS x
            WHERE (m.content).content_id IS NULL AND x.content_id = b.content_id AND app.is_same_content(x, m.content) OFFSET 0
        ) AS c ON true
        -- A content is written when it says something that neither the source nor the revision before says.
        CROSS JOIN LATERAL (
            SELECT CASE WHEN (m.content).content_id IS NULL AND c.content_id IS NULL THEN m.content END AS content
        ) AS w
    ), taken AS MATERIALIZED (
        -- A key that is taken gets the next number.
        SELECT x.revision_id, x.transaction_id, x.position, app.base_key(x.wanted_key) AS base_key
        FROM (
            SELECT w.*, row_number() OVER (PARTITION BY w.revision_id, w.wanted_key
                ORDER BY w.was_here DESC, w.position, w.transaction_id) AS turn
            FROM wanted AS w
            WHERE (w.revision_id, w.wanted_key) IN (
                SELECT y.revision_id, y.wanted_key FROM wanted AS y GROUP BY y.revision_id, y.wanted_key HAVING count(*) > 1)
        ) AS x
        WHERE x.turn > 1
    ), numbers AS (
        SELECT w.revision_id, app.base_key(w.wanted_key) AS base_key, max(app.key_number(w.wanted_key)) AS last_number
        FROM wanted AS w WHERE (SELECT EXISTS (SELECT FROM taken)) GROUP BY 1, 2
    ), renamed AS (
        SELECT t.revision_id, t.transaction_id, app.copy_key(t.base_key, n.last_number + row_number() OVER (
            PARTITION BY t.revision_id, t.base_key ORDER BY t.position, t.transaction_id)) AS natural_key
        FROM taken AS t
        JOIN numbers AS n ON n.revision_id = t.revision_id AND n.base_key = t.base_key
    ), written AS (
        INSERT INTO app.receipt_contents
        SELECT (x.content).*
        FROM (
            SELECT jsonb_populate_record(w.content, jsonb_build_object('content_id', w.content_id, 'created_tx', app.tx()))
                AS content
            FROM wanted AS w WHERE (w.content).transaction_type IS NOT NULL OFFSET 0
        ) AS x
    )
    INSERT INTO app.receipt_links (employee_revision_id, transaction_id, content_id, natural_key, position, page_number,
        receipt_key)
    SELECT w.revision_id, w.transaction_id, w.content_id, coalesce(r.natural_key, w.wanted_key), w.position, w.page_number,
        w.receipt_key
    FROM wanted AS w
    LEFT JOIN renamed AS r ON r.revision_id = w.revision_id AND r.transaction_id = w.transaction_id;
    RETURN app.add_pages(p_drafts, p_merged);
END
$$;
COMMENT ON FUNCTION app.write_merged(app.revision_draft[], app.merged_receipt[], uuid[]) IS 'Writes the receipts of drafts as merged, and answers the drafts with their pages. What the revisions before call a receipt and say the same is kept; a natural key that is taken gets the next number.';

CREATE OR REPLACE FUNCTION app.revise_people(
    p_session_id uuid, p_cardholder_ids uuid[], p_origin text, p_reason text
) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
DECLARE
    v_merged app.merged_receipt[] := ARRAY(
        SELECT m FROM app.merge_receipts(p_session_id, app.source_people(p_session_id, p_cardholder_ids)) AS m
        WHERE m.cardholder_id = ANY (p_cardholder_ids));
    v_old_ids uuid[];
    v_new_ids uuid[];
BEGIN
    SELECT pg_catalog.array_agg(e.current_revision_id), pg_catalog.array_agg(app.new_id()) INTO v_old_ids, v_new_ids
    FROM app.session_employees AS e
    WHERE e.session_id = p_session_id AND e.cardholder_id = ANY (p_cardholder_ids);
    PERFORM app.complete_revisions(
        app.write_merged(app.draft_next(v_old_ids, v_new_ids), v_merged, v_old_ids), p_origin, p_reason);
    RETURN pg_catalog.cardinality(v_new_ids);
END
$$;
COMMENT ON FUNCTION app.revise_people(uuid, uuid[], text, text) IS 'Makes the next revision of these people of a session from the source and the statements in force; answers how many. Their rows must be locked.';

CREATE OR REPLACE FUNCTION app.add_person(p_session_id uuid, p_cardholder_id uuid, p_reason text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    PERFORM app.complete_revisions((
        SELECT ARRAY[ROW(app.new_id(), s.session_id, c.cardholder_id, 1, NULL, o.current_revision_id, c.name_key,
            c.employee_id, NULL, false, 0, NULL, NULL, '{}', '{}', NULL, NULL)::app.revision_draft]
        FROM app.processing_sessions AS s
        JOIN app.cardholders AS c ON c.cardholder_id = p_cardholder_id
        LEFT JOIN app.session_employees AS o
            ON o.session_id = s.parent_session_id AND o.cardholder_id = c.cardholder_id
        WHERE s.session_id = p_session_id), 'identity', p_reason);
END
$$;
COMMENT ON FUNCTION app.add_person(uuid, uuid, text) IS 'Puts somebody into a session of whom its source says nothing: a first revision without receipts.';

CREATE TYPE app.said_receipt AS (
    transaction_id uuid,
    held_by uuid,
    was app.receipt_contents,
    given_to uuid,
    content app.receipt_contents
);
COMMENT ON TYPE app.said_receipt IS 'What a person says about a receipt: whose it was and what it said (null: it was not there), whose it is and what it is to say (null: it is taken out).';

CREATE OR REPLACE FUNCTION app.state_corrections(p_session_id uuid, p_said app.said_receipt[], p_reason text) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off SET enable_sort = off
AS $$
DECLARE
    v_chain_id uuid := (SELECT s.chain_id FROM app.processing_sessions AS s WHERE s.session_id = p_session_id);
    v_reason text := app.hide_card_numbers(p_reason);
    v_actor_id uuid := app.actor_id();
    v_people uuid[] := ARRAY(
        SELECT p.id FROM pg_catalog.unnest(p_said) AS s, pg_catalog.unnest(ARRAY[s.held_by, s.given_to]) AS p (id)
        WHERE p.id IS NOT NULL GROUP BY p.id ORDER BY p.id);
BEGIN
    IF pg_catalog.btrim(coalesce(p_reason, '')) = '' THEN
        PERFORM app.fail('IV008', 'reason', 'why the receipts are corrected', 'no reason');
    END IF;
    WITH sources AS MATERIALIZED (
        SELECT x.transaction_id, x.content_id, p.cardholder_id
        FROM unnest(app.source_people(p_session_id, v_people)) AS p
        CROSS JOIN LATERAL (
            SELECT l.* FROM app.receipt_links AS l WHERE l.employee_revision_id = p.revision_id OFFSET 0
        ) AS x
    ), said AS MATERIALIZED (
        SELECT s.transaction_id, s.held_by, coalesce(s.given_to, s.held_by) AS given_to,
            w.groups AS was, app.said_groups(s.content) AS wished, o.cardholder_id AS source_holder,
            CASE WHEN o.content_id = (s.was).content_id THEN w.groups ELSE k.groups END AS source
        FROM unnest(p_said) AS s
        LEFT JOIN sources AS o ON o.transaction_id = s.transaction_id
        CROSS JOIN LATERAL (SELECT app.said_groups(s.was) AS groups OFFSET 0) AS w
        LEFT JOIN LATERAL (
            SELECT app.said_groups(c) AS groups FROM app.receipt_contents AS c
            WHERE c.content_id = o.content_id AND c.content_id IS DISTINCT FROM (s.was).content_id OFFSET 0
        ) AS k ON true
    ), stated AS (
        -- Fields that are to say something else than they did.
        SELECT s.transaction_id, s.given_to, g.key AS field_group, s.source -> g.key AS base, g.value
        FROM said AS s
        CROSS JOIN LATERAL jsonb_each(s.wished) AS g
        WHERE g.value IS DISTINCT FROM s.was -> g.key
        UNION ALL
        -- Put in, taken out, put back.
        SELECT s.transaction_id, s.given_to, 'presence', s.source, to_jsonb(s.wished IS NOT NULL)
        FROM said AS s WHERE (s.was IS NULL) <> (s.wished IS NULL)
        UNION ALL
        -- Given to somebody else.
        SELECT s.transaction_id, s.given_to, 'person', to_jsonb(s.source_holder), to_jsonb(s.given_to)
        FROM said AS s WHERE s.wished IS NOT NULL AND s.held_by <> s.given_to
        UNION ALL
        -- One that was made by hand goes with all that was said about it.
        SELECT s.transaction_id, s.given_to, c.field_group, NULL, NULL
        FROM said AS s
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.newest_corrections AS x
            WHERE x.chain_id IS NOT DISTINCT FROM v_chain_id AND x.transaction_id = s.transaction_id OFFSET 0
        ) AS c
        WHERE s.wished IS NULL AND s.source IS NULL AND c.field_group <> 'presence' AND c.value IS NOT NULL
    )
    INSERT INTO app.corrections (chain_id, transaction_id, field_group, number, session_id, cardholder_id, base, value,
        reason, said_by)
    SELECT v_chain_id, s.transaction_id, s.field_group, coalesce(n.number, 0) + 1, p_session_id, s.given_to, s.base,
        x.value, v_reason, v_actor_id
    FROM stated AS s
    -- To say what the source says is to take back what was said before.
    CROSS JOIN LATERAL (
        SELECT CASE WHEN CASE s.field_group WHEN 'presence' THEN s.value = to_jsonb(s.base IS NOT NULL)
            ELSE s.value = s.base END IS NOT TRUE THEN s.value END AS value
    ) AS x
    LEFT JOIN LATERAL (
        -- By the order of its key: while there are no statements, every other index looks as good, and holds the chain.
        SELECT c.number, c.value FROM app.corrections AS c
        WHERE c.chain_id = v_chain_id AND c.transaction_id = s.transaction_id AND c.field_group = s.field_group
        ORDER BY c.number DESC LIMIT 1
    ) AS n ON true
    WHERE x.value IS NOT NULL OR n.value IS NOT NULL;
    RETURN v_people;
END
$$;
COMMENT ON FUNCTION app.state_corrections(uuid, app.said_receipt[], text) IS 'Writes what a person says about receipts of a session as statements, one for each group of fields that is to be other than it was, with what the source says as their base. To say what the source says takes back what was said before. Answers the people concerned. Raises IV008 without reason.';

COMMIT;
