-- What becomes of statements in a submission, and what its receipts say with those that hold.
-- requires: content/corrections

BEGIN;

CREATE TYPE app.judged_correction AS (
    transaction_id uuid,
    field_group text,
    correction_id uuid,
    cardholder_id uuid,
    base jsonb,
    value jsonb,
    source_value jsonb,
    fate text
);
COMMENT ON TYPE app.judged_correction IS 'The newest statement of a receipt and group, with what the source of a submission says instead, and its fate there.';

CREATE TYPE app.source_person AS (
    cardholder_id uuid,
    revision_id uuid
);
COMMENT ON TYPE app.source_person IS 'A person of a submission, with the first revision there: what the source says.';

-- Here and where a merge is written and proved: sets are hashed with each other and tables looked up by key, each look-up
-- hanging on the one before, whatever the planner believes of sizes. So one plan serves one receipt and ten thousand, and
-- a session makes it once.
CREATE OR REPLACE FUNCTION app.judge_corrections(
    p_session_id uuid, p_sources app.source_person[], p_with_gone boolean DEFAULT false
) RETURNS SETOF app.judged_correction
LANGUAGE plpgsql STABLE
SET search_path = '' SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_nestloop = off SET enable_bitmapscan = off
AS $$
DECLARE
    v_chain_id uuid := (SELECT s.chain_id FROM app.processing_sessions AS s WHERE s.session_id = p_session_id);
BEGIN
    IF NOT EXISTS (SELECT FROM app.corrections AS c WHERE c.chain_id = v_chain_id) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH sources AS MATERIALIZED (
        SELECT s.cardholder_id, s.revision_id FROM unnest(p_sources) AS s
    ), scope AS (
        SELECT x.transaction_id, s.cardholder_id, x.content_id, x.receipt_key
        FROM sources AS s
        CROSS JOIN LATERAL (
            SELECT l.transaction_id, l.content_id, l.receipt_key FROM app.receipt_links AS l
            WHERE l.employee_revision_id = s.revision_id OFFSET 0
        ) AS x
        UNION ALL
        SELECT g.transaction_id, NULL, NULL, NULL
        FROM (
            SELECT c.transaction_id
            FROM sources AS s
            CROSS JOIN LATERAL (
                SELECT o.transaction_id FROM app.corrections AS o
                WHERE o.chain_id = v_chain_id AND o.cardholder_id = s.cardholder_id
                    AND o.field_group IN ('presence', 'person') OFFSET 0
            ) AS c
            UNION
            SELECT c.transaction_id FROM app.corrections AS c WHERE p_with_gone AND c.chain_id = v_chain_id
        ) AS g
        WHERE g.transaction_id NOT IN (
            SELECT x.transaction_id FROM sources AS s
            CROSS JOIN LATERAL (
                SELECT l.transaction_id FROM app.receipt_links AS l WHERE l.employee_revision_id = s.revision_id OFFSET 0
            ) AS x)
    ), said AS (
        SELECT c.transaction_id, c.field_group, c.correction_id, c.number, c.cardholder_id, c.base, c.value,
            s.cardholder_id AS source_holder, s.receipt_key,
            CASE c.field_group WHEN 'person' THEN to_jsonb(s.cardholder_id) ELSE k.said END AS source_value
        FROM scope AS s
        CROSS JOIN LATERAL (
            -- The newest, by one reading of the key backwards; app.newest_corrections looks up each one's successor.
            SELECT DISTINCT ON (o.chain_id, o.field_group) o.* FROM app.corrections AS o
            WHERE o.chain_id IS NOT DISTINCT FROM v_chain_id AND o.transaction_id = s.transaction_id
            ORDER BY o.chain_id DESC, o.field_group DESC, o.number DESC OFFSET 0
        ) AS c
        LEFT JOIN LATERAL (
            -- Made of the columns as they are read: a row that is passed on as one value is taken apart for each of them.
            SELECT CASE c.field_group WHEN 'presence' THEN app.said_groups(o) ELSE app.said_group(o, c.field_group) END AS said
            FROM app.receipt_contents AS o WHERE o.content_id = s.content_id OFFSET 0
        ) AS k ON true
        OFFSET 0
    )
    SELECT c.transaction_id, c.field_group, c.correction_id, c.cardholder_id, c.base, c.value, c.source_value,
        app.fate_of(c.field_group, c.bases, c.value, c.source_value, c.is_held)
    FROM (
        SELECT s.*,
            -- Where the source still says what it said when people spoke last, what it said before that adds nothing.
            CASE WHEN s.base IS NOT DISTINCT FROM s.source_value THEN ARRAY[s.base]
                WHEN s.field_group = 'person' AND s.source_value IS NOT NULL
                    THEN app.bases_of_move(v_chain_id, s.transaction_id, s.number, s.source_holder, s.receipt_key)
                WHEN s.number = 1 THEN ARRAY[s.base]
                ELSE app.bases_of(v_chain_id, s.transaction_id, s.field_group, s.number) END AS bases,
            CASE WHEN s.field_group = 'person' OR s.source_value IS NULL THEN EXISTS (
                SELECT FROM app.holder_of(v_chain_id, s.transaction_id) AS h (id)
                WHERE EXISTS (SELECT FROM sources AS x WHERE x.cardholder_id = h.id)
                    OR EXISTS (SELECT FROM app.session_employees AS e
                        WHERE e.session_id = p_session_id AND e.cardholder_id = h.id)) ELSE true END AS is_held
        FROM said AS s OFFSET 0
    ) AS c;
END
$$;
COMMENT ON FUNCTION app.judge_corrections(uuid, app.source_person[], boolean) IS 'The newest statement of each receipt and group that these people of a submission have by its source or were given by a statement, with its fate; with those that are gone also every other one of the chain. People a receipt may have come from or gone to must be among them for its fate to be right, see app.source_people.';

CREATE OR REPLACE FUNCTION app.source_people(p_session_id uuid, p_cardholder_ids uuid[]) RETURNS app.source_person[]
LANGUAGE plpgsql STABLE
SET search_path = '' SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_nestloop = off SET enable_bitmapscan = off
AS $$
DECLARE
    v_chain_id uuid := (SELECT s.chain_id FROM app.processing_sessions AS s WHERE s.session_id = p_session_id);
BEGIN
    RETURN (
        SELECT coalesce(pg_catalog.array_agg(
            ROW(r.cardholder_id, r.revision_id)::app.source_person ORDER BY r.cardholder_id), '{}')
        FROM (
            SELECT g.id AS cardholder_id FROM pg_catalog.unnest(p_cardholder_ids) AS g (id)
            UNION
            SELECT o.cardholder_id
            FROM pg_catalog.unnest(p_cardholder_ids) AS g (id)
            CROSS JOIN LATERAL (
                SELECT x.transaction_id FROM app.corrections AS x
                WHERE x.chain_id = v_chain_id AND x.cardholder_id = g.id AND x.field_group IN ('presence', 'person') OFFSET 0
            ) AS c
            CROSS JOIN LATERAL (
                SELECT x.employee_revision_id FROM app.receipt_links AS x WHERE x.transaction_id = c.transaction_id OFFSET 0
            ) AS l
            CROSS JOIN LATERAL (
                SELECT x.session_id, x.cardholder_id, x.revision_number FROM app.employee_revisions AS x
                WHERE x.revision_id = l.employee_revision_id OFFSET 0
            ) AS o
            WHERE o.session_id = p_session_id AND o.revision_number = 1
        ) AS p
        CROSS JOIN LATERAL (
            SELECT x.cardholder_id, x.revision_id FROM app.employee_revisions AS x
            WHERE x.session_id = p_session_id AND x.cardholder_id = p.cardholder_id AND x.revision_number = 1 OFFSET 0
        ) AS r);
END
$$;
COMMENT ON FUNCTION app.source_people(uuid, uuid[]) IS 'These people of a submission with their source revisions, and those whose receipts were ever given to them, or made by hand for them.';

CREATE TYPE app.merged_receipt AS (
    cardholder_id uuid,
    transaction_id uuid,
    source_link app.receipt_links,
    content app.receipt_contents,
    is_said boolean
);
COMMENT ON TYPE app.merged_receipt IS 'A receipt as a revision has to show it: whose, its link in the source (null: made by hand), what it says, and whether statements are in force on it. A content that is not the source''s has no key yet.';

CREATE OR REPLACE FUNCTION app.merge_receipts(p_session_id uuid, p_sources app.source_person[])
RETURNS SETOF app.merged_receipt
LANGUAGE plpgsql STABLE
SET search_path = '' SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_nestloop = off SET enable_bitmapscan = off
-- A receipt is looked up once: remembering what it says never pays.
SET enable_memoize = off
AS $$
BEGIN
    RETURN QUERY
    WITH folded AS (
        SELECT j.transaction_id,
            bool_or(j.field_group = 'presence' AND j.value = 'true') AS is_added,
            bool_or(j.field_group = 'presence' AND j.value = 'false') AS is_removed,
            (array_agg(j.cardholder_id) FILTER (WHERE j.field_group = 'person'))[1] AS moved_to,
            (array_agg(j.cardholder_id) FILTER (WHERE j.field_group = 'presence'))[1] AS added_to,
            array_agg(coalesce(j.value, j.base)) FILTER (WHERE j.field_group NOT IN ('presence', 'person')
                AND coalesce(j.value, j.base) IS NOT NULL) AS said
        FROM app.judge_corrections(p_session_id, p_sources) AS j
        -- One made by hand that had arrived and is gone again says of what was taken back what the source said then.
        WHERE j.fate = 'in_force' OR (j.fate = 'withdrawn' AND j.source_value IS NULL
            AND j.field_group NOT IN ('presence', 'person'))
        GROUP BY j.transaction_id
    ), source AS (
        SELECT s.cardholder_id, x.transaction_id, x.content_id, x.link
        FROM unnest(p_sources) AS s
        CROSS JOIN LATERAL (
            SELECT l.transaction_id, l.content_id, l AS link FROM app.receipt_links AS l
            WHERE l.employee_revision_id = s.revision_id OFFSET 0
        ) AS x
    )
    SELECT coalesce(f.moved_to, s.cardholder_id, f.added_to), coalesce(s.transaction_id, f.transaction_id), s.link,
        CASE WHEN f.said IS NULL THEN c.content
            ELSE jsonb_populate_record(c.content, '{"content_id": null}' || CASE cardinality(f.said)
                WHEN 1 THEN f.said[1]
                ELSE (SELECT jsonb_object_agg(e.key, e.value) FROM unnest(f.said) AS g (said), jsonb_each(g.said) AS e) END) END,
        f.transaction_id IS NOT NULL
    FROM source AS s
    FULL JOIN folded AS f ON f.transaction_id = s.transaction_id
    LEFT JOIN LATERAL (
        SELECT x AS content FROM app.receipt_contents AS x WHERE x.content_id = s.content_id OFFSET 0
    ) AS c ON true
    WHERE CASE WHEN s.transaction_id IS NULL THEN f.is_added ELSE f.is_removed IS NOT TRUE END;
END
$$;
COMMENT ON FUNCTION app.merge_receipts(uuid, app.source_person[]) IS 'The receipts of these people of a submission: what the source says with the statements in force. A receipt that was given away stands under who has it by now.';

COMMIT;
