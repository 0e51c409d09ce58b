-- What people say about receipts, beside what the source says: statements, and what becomes of them.
-- requires: content/charges
--
-- Fate of the newest statement of a receipt and group, against the source of a submission
--   withdrawn   it was taken back
--   in_force    the source says what it said when the person spoke: the statement holds
--   arrived     the source says the same by now
--   conflict    the source says a third thing: that is shown, and people decide
--   waiting     the receipt, or the person it was given to, is not in the submission: it holds again when that comes back

BEGIN;

CREATE TABLE app.corrections (
    correction_id uuid NOT NULL DEFAULT app.new_id(),
    chain_id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    field_group text NOT NULL,
    number integer NOT NULL,
    prior_number integer GENERATED ALWAYS AS (nullif(number - 1, 0)) STORED,
    session_id uuid NOT NULL,
    cardholder_id uuid NOT NULL,
    base jsonb,
    value jsonb,
    reason text NOT NULL,
    said_by uuid NOT NULL,
    said_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT corrections_pkey PRIMARY KEY (correction_id),
    -- Statements about one group of one receipt form a chain that cannot fork.
    CONSTRAINT corrections_receipt_number_key UNIQUE (transaction_id, field_group, number),
    CONSTRAINT corrections_prior_number_fkey FOREIGN KEY (transaction_id, field_group, prior_number)
        REFERENCES app.corrections (transaction_id, field_group, number),
    CONSTRAINT corrections_session_id_fkey FOREIGN KEY (session_id, chain_id)
        REFERENCES app.processing_sessions (session_id, chain_id),
    CONSTRAINT corrections_cardholder_id_fkey FOREIGN KEY (cardholder_id) REFERENCES app.cardholders (cardholder_id),
    CONSTRAINT corrections_said_by_fkey FOREIGN KEY (said_by) REFERENCES app.users (user_id),
    CONSTRAINT corrections_number_check CHECK (number >= 1),
    CONSTRAINT corrections_field_group_check CHECK (field_group IN ('presence', 'person', 'receipt_id', 'amount', 'date',
        'coding', 'merchant', 'purpose', 'attachment', 'out_of_pocket')),
    CONSTRAINT corrections_value_check CHECK (CASE field_group WHEN 'presence' THEN jsonb_typeof(value) = 'boolean'
        WHEN 'person' THEN value = to_jsonb(cardholder_id) ELSE jsonb_typeof(value) = 'object' END),
    CONSTRAINT corrections_reason_check CHECK (length(reason) BETWEEN 1 AND 4000)
);
CREATE INDEX corrections_chain_id_cardholder_id_idx ON app.corrections (chain_id, cardholder_id);
CREATE INDEX corrections_session_id_chain_id_idx ON app.corrections (session_id, chain_id);
CREATE INDEX corrections_cardholder_id_idx ON app.corrections (cardholder_id);
CREATE INDEX corrections_said_by_idx ON app.corrections (said_by);
CREATE INDEX corrections_created_tx_idx ON app.corrections (created_tx);
COMMENT ON TABLE app.corrections IS 'What people said about receipts, one row for each receipt and group of fields that a call was about. They outlive the submission in which they were said: what a revision shows is the source with the statements in force.';
COMMENT ON COLUMN app.corrections.correction_id IS 'Key.';
COMMENT ON COLUMN app.corrections.chain_id IS 'The chain of submissions it is about.';
COMMENT ON COLUMN app.corrections.transaction_id IS 'The receipt, over all submissions of the month.';
COMMENT ON COLUMN app.corrections.field_group IS 'What it is about: presence (added or taken out), person (moved to somebody), or fields that are taken over together: receipt_id, amount, date, coding, merchant, purpose, attachment, out_of_pocket.';
COMMENT ON COLUMN app.corrections.number IS '1, 2, 3 … for this receipt and group; the last one counts.';
COMMENT ON COLUMN app.corrections.prior_number IS 'The one it follows.';
COMMENT ON COLUMN app.corrections.session_id IS 'The submission in which it was said.';
COMMENT ON COLUMN app.corrections.cardholder_id IS 'Whose receipt it is by it.';
COMMENT ON COLUMN app.corrections.base IS 'What the source said when the person spoke: of the group, of all groups for one that was taken out, the person for one that was moved. Null: the source did not have the receipt.';
COMMENT ON COLUMN app.corrections.value IS 'What is to hold: the fields of the group; presence: whether it is there; person: who. Null: the statements before are taken back.';
COMMENT ON COLUMN app.corrections.reason IS 'Why, as the author said.';
COMMENT ON COLUMN app.corrections.said_by IS 'Author.';
COMMENT ON COLUMN app.corrections.said_at IS 'When.';
COMMENT ON COLUMN app.corrections.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.corrections', 'immutable');

CREATE OR REPLACE VIEW app.newest_corrections AS
SELECT c.* FROM app.corrections AS c
-- A scalar, which goes by key for each statement; an anti-join may read all statements, whatever is asked for.
WHERE (SELECT true FROM app.corrections AS n
       WHERE n.transaction_id = c.transaction_id AND n.field_group = c.field_group AND n.number = c.number + 1) IS NULL;
COMMENT ON VIEW app.newest_corrections IS 'The statements that count: the last one of each receipt and group.';
SELECT app.describe_columns('app.newest_corrections', 'app.corrections');

CREATE OR REPLACE FUNCTION app.holder_of(p_transaction_id uuid) RETURNS uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.cardholder_id FROM app.newest_corrections AS c
    WHERE c.transaction_id = p_transaction_id AND c.field_group IN ('presence', 'person') AND c.value <> 'false'
    ORDER BY c.field_group = 'person' DESC LIMIT 1;
END;
COMMENT ON FUNCTION app.holder_of(uuid) IS 'Who has a receipt by what people said: whom it was given to, else for whom it was made by hand; null when they said neither.';

CREATE OR REPLACE FUNCTION app.said_groups(p_content app.receipt_contents) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN (p_content).transaction_type IS NOT NULL THEN jsonb_build_object(
        'receipt_id', jsonb_build_object('external_transaction_id', (p_content).external_transaction_id),
        'amount', jsonb_build_object('amount', (p_content).amount, 'amount_text', (p_content).amount_text,
            'transaction_type', (p_content).transaction_type),
        'date', jsonb_build_object('transaction_date', (p_content).transaction_date, 'date_text', (p_content).date_text),
        'coding', jsonb_build_object('coding_type', (p_content).coding_type, 'job_number', (p_content).job_number,
            'job_phase', (p_content).job_phase, 'cost_type', (p_content).cost_type,
            'gl_account', (p_content).gl_account, 'gl_description', (p_content).gl_description),
        'merchant', jsonb_build_object('merchant_name', (p_content).merchant_name,
            'merchant_address', (p_content).merchant_address),
        'purpose', jsonb_build_object('purpose', (p_content).purpose, 'description', (p_content).description,
            'expense_type', (p_content).expense_type),
        'attachment', jsonb_build_object('has_attachment', (p_content).has_attachment,
            'attachment_name', (p_content).attachment_name),
        'out_of_pocket', jsonb_build_object('is_out_of_pocket', (p_content).is_out_of_pocket)) END;
END;
COMMENT ON FUNCTION app.said_groups(app.receipt_contents) IS 'What a receipt says, by the groups that statements are about; null for no receipt. With the fields for the way back it is the whole content.';

CREATE OR REPLACE FUNCTION app.bases_of(p_transaction_id uuid, p_group text, p_number integer) RETURNS jsonb[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT array_agg(c.base ORDER BY c.number)
    FROM app.corrections AS c
    WHERE c.transaction_id = p_transaction_id AND c.field_group = p_group AND c.number <= p_number
        AND c.number > coalesce((
            SELECT max(o.number) FROM app.corrections AS o
            WHERE o.transaction_id = p_transaction_id AND o.field_group = p_group AND o.number < p_number
                AND o.value IS NULL), 0);
END;
COMMENT ON FUNCTION app.bases_of(uuid, text, integer) IS 'What the source said whenever people spoke about a group of a receipt, from the last time all was taken back to the statement with this number.';

CREATE OR REPLACE FUNCTION app.fate_of(
    p_group text, p_bases jsonb[], p_value jsonb, p_source jsonb, p_is_held boolean
) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN p_value IS NULL THEN 'withdrawn'
        -- Who has it by now is not there: a receipt that is no source's, and one that was given away, wait for the person.
        WHEN NOT p_is_held AND (p_group = 'person' OR (p_source IS NULL AND p_value <> 'false')) THEN CASE
            WHEN p_source = p_value THEN 'arrived'
            WHEN p_source IS NULL OR p_source = ANY (p_bases) THEN 'waiting' ELSE 'conflict' END
        WHEN p_group = 'presence' AND p_value = 'true' THEN CASE WHEN p_source IS NULL THEN 'in_force' ELSE 'arrived' END
        WHEN p_group = 'presence' THEN CASE WHEN p_source IS NULL THEN 'arrived'
            WHEN EXISTS (SELECT FROM unnest(p_bases) AS o (base)
                WHERE o.base - 'out_of_pocket' #- '{attachment,attachment_name}'
                    = p_source - 'out_of_pocket' #- '{attachment,attachment_name}') THEN 'in_force' ELSE 'conflict' END
        -- It was made by hand, or was there when people spoke.
        WHEN p_source IS NULL THEN CASE WHEN array_position(p_bases, NULL) IS NOT NULL THEN 'in_force' ELSE 'waiting' END
        WHEN p_source = p_value THEN 'arrived'
        WHEN p_source = ANY (p_bases) THEN 'in_force'
        -- No source says that a receipt was paid otherwise.
        WHEN p_group = 'out_of_pocket' THEN 'in_force'
        -- Not every source has the names of the files.
        WHEN p_group = 'attachment' AND EXISTS (
            SELECT FROM unnest(p_bases || p_value) AS o (said)
            WHERE o.said -> 'has_attachment' = p_source -> 'has_attachment'
                AND 'null' IN (o.said -> 'attachment_name', p_source -> 'attachment_name')) THEN 'in_force'
        -- A receipt made by hand that arrives with less than people said keeps the rest.
        WHEN array_position(p_bases, NULL) IS NOT NULL AND p_group <> 'person'
            AND p_value @> (jsonb_strip_nulls(p_source) - CASE WHEN p_source -> 'has_attachment' = 'false'
                THEN 'has_attachment' ELSE '' END) THEN 'in_force'
        ELSE 'conflict' END;
END;
COMMENT ON FUNCTION app.fate_of(text, jsonb[], jsonb, jsonb, boolean) IS 'What becomes of a statement, given what the source said whenever people spoke, what it says by now (about its group; of all groups for presence, the person for person; null: it does not have the receipt), and whether the submission has whoever holds the receipt by what people said: withdrawn, in_force, arrived, waiting or conflict. What a source cannot say counts as unchanged.';

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

CREATE OR REPLACE FUNCTION app.judge_corrections(p_session_id uuid, p_sources app.source_person[])
RETURNS SETOF app.judged_correction
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_chain_id uuid := (SELECT s.chain_id FROM app.processing_sessions AS s WHERE s.session_id = p_session_id);
BEGIN
    IF NOT EXISTS (SELECT FROM app.corrections AS c WHERE c.chain_id = v_chain_id) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH sources AS (
        SELECT s.cardholder_id, s.revision_id FROM unnest(p_sources) AS s
    ), shown AS MATERIALIZED (
        SELECT s.cardholder_id, x.transaction_id, x.content_id
        FROM sources AS s
        CROSS JOIN LATERAL (
            SELECT l.transaction_id, l.content_id FROM app.receipt_links AS l
            WHERE l.employee_revision_id = s.revision_id OFFSET 0
        ) AS x
    ), scope AS (
        SELECT x.transaction_id FROM shown AS x
        UNION
        SELECT c.transaction_id
        FROM sources AS s
        JOIN app.corrections AS c ON c.chain_id = v_chain_id AND c.cardholder_id = s.cardholder_id
            AND c.field_group IN ('presence', 'person')
    ), said AS (
        SELECT x.*
        FROM scope AS s
        CROSS JOIN LATERAL (
            SELECT c.* FROM app.newest_corrections AS c WHERE c.transaction_id = s.transaction_id OFFSET 0
        ) AS x
    ), source AS (
        SELECT x.transaction_id, x.cardholder_id, app.said_groups(c) AS groups
        FROM (SELECT DISTINCT o.transaction_id FROM said AS o) AS o
        JOIN shown AS x ON x.transaction_id = o.transaction_id
        JOIN app.receipt_contents AS c ON c.content_id = x.content_id
    ), compared AS (
        SELECT o.transaction_id, o.field_group, o.correction_id, o.number, o.cardholder_id, o.base, o.value,
            CASE o.field_group WHEN 'presence' THEN x.groups WHEN 'person' THEN to_jsonb(x.cardholder_id)
                ELSE x.groups -> o.field_group END AS source_value
        FROM said AS o
        LEFT JOIN source AS x ON x.transaction_id = o.transaction_id
    )
    SELECT c.transaction_id, c.field_group, c.correction_id, c.cardholder_id, c.base, c.value, c.source_value,
        app.fate_of(c.field_group,
            CASE c.number WHEN 1 THEN ARRAY[c.base] ELSE app.bases_of(c.transaction_id, c.field_group, c.number) END,
            c.value, c.source_value, CASE WHEN c.field_group = 'person' OR c.source_value IS NULL THEN EXISTS (
                SELECT FROM app.holder_of(c.transaction_id) AS h (id)
                WHERE EXISTS (SELECT FROM sources AS s WHERE s.cardholder_id = h.id)
                    OR EXISTS (SELECT FROM app.session_employees AS e
                        WHERE e.session_id = p_session_id AND e.cardholder_id = h.id)) ELSE true END)
    FROM compared AS c;
END
$$;
COMMENT ON FUNCTION app.judge_corrections(uuid, app.source_person[]) IS 'The newest statement of each receipt and group that these people of a submission have by its source or were given by a statement, with its fate. People a receipt may have come from or gone to must be among them for its fate to be right, see app.source_people.';

CREATE OR REPLACE FUNCTION app.source_people(p_session_id uuid, p_cardholder_ids uuid[]) RETURNS app.source_person[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(ROW(r.cardholder_id, r.revision_id)::app.source_person ORDER BY r.cardholder_id), '{}')
    FROM (
        SELECT unnest(p_cardholder_ids) AS cardholder_id
        UNION
        -- Each look-up hangs on the one before and goes by key, whatever the planner believes of the tables.
        SELECT o.cardholder_id
        FROM app.processing_sessions AS s
        CROSS JOIN unnest(p_cardholder_ids) AS g (id)
        CROSS JOIN LATERAL (
            SELECT x.transaction_id FROM app.corrections AS x
            WHERE x.chain_id = s.chain_id AND x.cardholder_id = g.id AND x.field_group = 'person' OFFSET 0
        ) AS c
        CROSS JOIN LATERAL (
            SELECT x.employee_revision_id FROM app.receipt_links AS x WHERE x.transaction_id = c.transaction_id OFFSET 0
        ) AS l
        CROSS JOIN LATERAL (
            SELECT x.session_id, x.cardholder_id, x.revision_number FROM app.employee_revisions AS x
            WHERE x.revision_id = l.employee_revision_id OFFSET 0
        ) AS o
        WHERE s.session_id = p_session_id AND o.session_id = s.session_id AND o.revision_number = 1
    ) AS p
    CROSS JOIN LATERAL (
        SELECT x.cardholder_id, x.revision_id FROM app.employee_revisions AS x
        WHERE x.session_id = p_session_id AND x.cardholder_id = p.cardholder_id AND x.revision_number = 1 OFFSET 0
    ) AS r;
END;
COMMENT ON FUNCTION app.source_people(uuid, uuid[]) IS 'These people of a submission with their source revisions, and those whose receipts were ever given to them.';

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
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    WITH in_force AS MATERIALIZED (
        SELECT j.transaction_id, j.field_group, j.cardholder_id, j.value
        FROM app.judge_corrections(p_session_id, p_sources) AS j WHERE j.fate = 'in_force'
    ), folded AS (
        SELECT j.transaction_id,
            bool_or(j.field_group = 'presence' AND j.value = 'true') AS is_added,
            bool_or(j.field_group = 'presence' AND j.value = 'false') AS is_removed,
            (array_agg(j.cardholder_id) FILTER (WHERE j.field_group = 'person'))[1] AS moved_to,
            (array_agg(j.cardholder_id) FILTER (WHERE j.field_group = 'presence'))[1] AS added_to,
            (SELECT jsonb_object_agg(e.key, e.value) FROM in_force AS o, jsonb_each(o.value) AS e
             WHERE o.transaction_id = j.transaction_id AND o.field_group NOT IN ('presence', 'person')) AS said
        FROM in_force AS j GROUP BY j.transaction_id
    ), source AS (
        SELECT s.cardholder_id, x.transaction_id, x.link
        FROM unnest(p_sources) AS s
        CROSS JOIN LATERAL (
            SELECT l.transaction_id, l AS link FROM app.receipt_links AS l
            WHERE l.employee_revision_id = s.revision_id OFFSET 0
        ) AS x
    )
    SELECT coalesce(f.moved_to, s.cardholder_id, f.added_to), coalesce(s.transaction_id, f.transaction_id), s.link,
        CASE WHEN f.said IS NULL THEN c ELSE jsonb_populate_record(c, f.said || '{"content_id": null, "created_tx": null}') END,
        f.transaction_id IS NOT NULL
    FROM source AS s
    FULL JOIN folded AS f ON f.transaction_id = s.transaction_id
    LEFT JOIN app.receipt_contents AS c ON c.content_id = (s.link).content_id
    WHERE CASE WHEN s.transaction_id IS NULL THEN f.is_added ELSE f.is_removed IS NOT TRUE END;
END
$$;
COMMENT ON FUNCTION app.merge_receipts(uuid, app.source_person[]) IS 'The receipts of these people of a submission: what the source says with the statements in force. A receipt that was given away stands under who has it by now.';

COMMIT;
