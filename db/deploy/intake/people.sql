-- Who and what is meant: receipts on their way in, and from names, employee numbers and aliases to cardholders.
-- requires: people/names
-- requires: content/revisions

BEGIN;

CREATE TYPE app.staged_person AS (
    source_key text,
    name_key text,
    employee_id text,
    card_number text,
    is_in_report boolean,
    car_total numeric(14, 2),
    car_pages integer[],
    receipt_pages integer[],
    cardholder_id uuid,
    revision_id uuid,
    is_ambiguous boolean
);
COMMENT ON TYPE app.staged_person IS 'A person as one source entry names them, on the way to a cardholder. Entries of one person share cardholder and revision. is_in_report is null where the entry does not say.';

CREATE TYPE app.staged_receipt AS (
    revision_id uuid,
    transaction_id uuid,
    natural_key text,
    position bigint,
    page_number integer,
    content app.receipt_contents,
    receipt_key text
);
COMMENT ON TYPE app.staged_receipt IS 'A receipt as one source shows it, on the way into a new revision: what it says and where it stands.';

CREATE OR REPLACE FUNCTION app.save_cardholders(p_people app.staged_person[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
    -- In key order, so that two imports of the same people wait for each other and never deadlock.
    PERFORM FROM app.cardholders AS c
    WHERE c.employee_id IS NULL AND c.name_key IN (
        SELECT x.name_key FROM pg_catalog.unnest(p_people) AS x WHERE x.is_in_report AND x.employee_id IS NOT NULL)
    ORDER BY c.name_key COLLATE "C"
    FOR UPDATE;
    -- Somebody only receipts named so far gets the employee id, when the name leaves no doubt.
    UPDATE app.cardholders AS c
    SET employee_id = p.employee_id
    FROM (
        SELECT x.name_key, min(x.employee_id) AS employee_id
        FROM pg_catalog.unnest(p_people) AS x
        WHERE x.is_in_report AND x.employee_id IS NOT NULL
        GROUP BY x.name_key HAVING count(DISTINCT x.employee_id) = 1
    ) AS p
    WHERE c.name_key = p.name_key AND c.employee_id IS NULL
        AND NOT EXISTS (SELECT FROM app.cardholders AS o
                        WHERE o.name_key = c.name_key AND o.cardholder_id <> c.cardholder_id);

    INSERT INTO app.cardholders (name_key, employee_id)
    SELECT DISTINCT x.name_key, x.employee_id
    FROM pg_catalog.unnest(p_people) AS x
    WHERE x.is_in_report AND x.employee_id IS NOT NULL
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING;

    -- Nobody of that name, or several: a row without employee id stands for whoever it is.
    INSERT INTO app.cardholders (name_key)
    SELECT x.name_key
    FROM (SELECT DISTINCT y.name_key FROM pg_catalog.unnest(p_people) AS y WHERE y.employee_id IS NULL) AS x
    WHERE (SELECT count(*) FROM app.cardholders AS c WHERE c.name_key = x.name_key) <> 1
    ORDER BY 1
    ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION app.save_cardholders(app.staged_person[]) IS 'Makes sure that a cardholder exists for each staged person: by name key and employee id; without employee id by the name alone when it fits one person, else a row without employee id.';

CREATE OR REPLACE FUNCTION app.identify_people(p_session_id uuid, p_people app.staged_person[]) RETURNS app.staged_person[]
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH people AS (
        SELECT p.*, o.place FROM unnest(p_people) WITH ORDINALITY AS o (source_key, name_key, employee_id, card_number,
            is_in_report, car_total, car_pages, receipt_pages, cardholder_id, revision_id, is_ambiguous, place)
        CROSS JOIN LATERAL (SELECT o.source_key, o.name_key, o.employee_id, o.card_number, o.is_in_report,
            o.car_total, o.car_pages, o.receipt_pages) AS p
    ), in_report AS (
        SELECT p.name_key, count(DISTINCT p.employee_id) AS persons, min(p.employee_id) AS employee_id
        FROM people AS p WHERE p.is_in_report AND p.employee_id IS NOT NULL GROUP BY p.name_key
    ), known AS (
        SELECT c.name_key, count(*) AS persons, min(c.cardholder_id::text)::uuid AS cardholder_id,
            min(c.cardholder_id::text) FILTER (WHERE c.employee_id IS NULL) AS unknown_id
        FROM app.cardholders AS c
        WHERE c.name_key IN (SELECT p.name_key FROM people AS p) GROUP BY c.name_key
    ), chosen AS (
        SELECT p.*,
            CASE
                WHEN p.employee_id IS NOT NULL THEN own.cardholder_id
                WHEN r.persons = 1 THEN theirs.cardholder_id
                WHEN r.persons IS NULL AND k.persons = 1 THEN k.cardholder_id
                ELSE k.unknown_id::uuid END AS cardholder_id,
            p.employee_id IS NULL AND (coalesce(r.persons, 0) > 1
                OR (r.persons IS NULL AND k.persons > 1 AND (k.unknown_id IS NULL OR k.persons > 2))) AS is_ambiguous
        FROM people AS p
        LEFT JOIN in_report AS r ON r.name_key = p.name_key
        LEFT JOIN known AS k ON k.name_key = p.name_key
        LEFT JOIN app.cardholders AS own ON own.name_key = p.name_key AND own.employee_id = p.employee_id
        LEFT JOIN app.cardholders AS theirs ON theirs.name_key = p.name_key AND theirs.employee_id = r.employee_id
    ), known_numbers AS (
        SELECT h.employee_id, min(h.name_key) AS name_key, min(h.cardholder_id::text)::uuid AS cardholder_id
        FROM app.processing_sessions AS s
        CROSS JOIN LATERAL (
            SELECT x.session_id FROM app.processing_sessions AS x
            WHERE x.chain_id = s.chain_id AND x.status = 'completed' OFFSET 0
        ) AS o
        -- By key, whatever else the tables hold.
        CROSS JOIN LATERAL (
            SELECT x.cardholder_id FROM app.session_employees AS x WHERE x.session_id = o.session_id OFFSET 0
        ) AS e
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.cardholders AS x
            WHERE x.cardholder_id = e.cardholder_id AND x.employee_id IS NOT NULL OFFSET 0
        ) AS h
        WHERE s.session_id = p_session_id AND s.parent_session_id IS NOT NULL
        GROUP BY h.employee_id HAVING count(DISTINCT h.cardholder_id) = 1
    ), numbers AS (
        SELECT c.employee_id, min(c.cardholder_id::text)::uuid AS cardholder_id
        FROM chosen AS c WHERE c.employee_id IS NOT NULL
        GROUP BY c.employee_id HAVING count(DISTINCT c.cardholder_id) = 1
    ), renamed AS (
        -- A name that was mended at the source: its number had another name in this month, which nobody of the report has.
        SELECT n.cardholder_id, k.cardholder_id AS known_id
        FROM numbers AS n
        JOIN known_numbers AS k ON k.employee_id = n.employee_id AND k.cardholder_id <> n.cardholder_id
        WHERE k.name_key NOT IN (SELECT p.name_key FROM people AS p WHERE p.employee_id IS NOT NULL)
    ), told AS (
        SELECT c.*, coalesce(r.known_id, c.cardholder_id) AS person_id
        FROM chosen AS c LEFT JOIN renamed AS r ON r.cardholder_id = c.cardholder_id
    ), revisions AS (
        SELECT t.person_id, app.new_id() AS revision_id FROM told AS t GROUP BY t.person_id
    )
    SELECT array_agg(ROW(t.source_key, t.name_key, t.employee_id, t.card_number, t.is_in_report, t.car_total,
        t.car_pages, t.receipt_pages, t.person_id, r.revision_id, t.is_ambiguous)::app.staged_person
        ORDER BY t.place)
    FROM told AS t JOIN revisions AS r ON r.person_id = t.person_id;
END;
COMMENT ON FUNCTION app.identify_people(uuid, app.staged_person[]) IS 'The people of a submission with their cardholders and one new revision id each. A name without employee id goes to the one person of the report with that name, else to the one known; fits it several, it goes to nobody''s row and is marked ambiguous. Where an employee id had one other name in the month, and nobody of the report has that, it is that person, see app.renamed_people.';

CREATE OR REPLACE FUNCTION app.renamed_people(p_people app.staged_person[])
RETURNS TABLE (name_key text, employee_id text, known_as text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT p.name_key, p.employee_id, c.name_key
    FROM unnest(p_people) AS p
    JOIN app.cardholders AS c ON c.cardholder_id = p.cardholder_id AND c.employee_id = p.employee_id
    WHERE c.name_key <> p.name_key;
END;
COMMENT ON FUNCTION app.renamed_people(app.staged_person[]) IS 'Identified people whose employee id the month knows under another name.';

CREATE OR REPLACE FUNCTION app.save_cards(p_cardholder_ids uuid[], p_card_numbers text[]) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO app.cards (cardholder_id, first_six, last_four)
    SELECT DISTINCT p.cardholder_id, left(p.card_number, 6), right(p.card_number, 4)
    FROM unnest(p_cardholder_ids, p_card_numbers) AS p (cardholder_id, card_number) WHERE p.card_number IS NOT NULL
    ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
END;
COMMENT ON FUNCTION app.save_cards(uuid[], text[]) IS 'Notes cards (same place in both arrays) that are new; a null number is none.';

COMMIT;
