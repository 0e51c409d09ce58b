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
    -- Statements about one group of one receipt form a chain that cannot fork, and that no other month can reach: a
    -- receipt that is brought back as a chain of submissions of its own begins another one.
    CONSTRAINT corrections_receipt_number_key UNIQUE (transaction_id, chain_id, field_group, number),
    CONSTRAINT corrections_prior_number_fkey FOREIGN KEY (transaction_id, chain_id, field_group, prior_number)
        REFERENCES app.corrections (transaction_id, chain_id, field_group, number),
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
-- No other column: a look-up of one receipt could go by it, and read all of it.
CREATE INDEX corrections_chain_id_cardholder_id_idx ON app.corrections (chain_id, cardholder_id);
CREATE INDEX corrections_given_idx ON app.corrections (chain_id, cardholder_id)
    WHERE field_group IN ('presence', 'person');
CREATE INDEX corrections_session_id_chain_id_idx ON app.corrections (session_id, chain_id);
CREATE INDEX corrections_cardholder_id_idx ON app.corrections (cardholder_id);
CREATE INDEX corrections_said_by_idx ON app.corrections (said_by);
CREATE INDEX corrections_created_tx_idx ON app.corrections (created_tx);
COMMENT ON TABLE app.corrections IS 'What people said about receipts, one row for each receipt and group of fields that a call was about. They outlive the submission in which they were said: what a revision shows is the source with the statements in force.';
COMMENT ON COLUMN app.corrections.correction_id IS 'Key.';
COMMENT ON COLUMN app.corrections.chain_id IS 'The chain of submissions it is about.';
COMMENT ON COLUMN app.corrections.transaction_id IS 'The receipt, over all submissions of the month.';
COMMENT ON COLUMN app.corrections.field_group IS 'What it is about: presence (added or taken out), person (moved to somebody), or fields that are taken over together: receipt_id, amount, date, coding, merchant, purpose, attachment, out_of_pocket.';
COMMENT ON COLUMN app.corrections.number IS '1, 2, 3 … for this receipt and group in the chain; the last one counts.';
COMMENT ON COLUMN app.corrections.prior_number IS 'The one it follows.';
COMMENT ON COLUMN app.corrections.session_id IS 'The submission in which it was said.';
COMMENT ON COLUMN app.corrections.cardholder_id IS 'Whose receipt it is by it.';
COMMENT ON COLUMN app.corrections.base IS 'What the source said when the person spoke: of the group, of all groups for one that was taken out, the person for one that was moved. Null: the source did not have the receipt.';
COMMENT ON COLUMN app.corrections.value IS 'What is to hold: the fields of the group; presence: whether it is there; person: who. Null: the statements before are taken back.';
COMMENT ON COLUMN app.corrections.reason IS 'Why, as the author said.';
COMMENT ON COLUMN app.corrections.said_by IS 'Author: who acted when it was written first.';
COMMENT ON COLUMN app.corrections.said_at IS 'When.';
COMMENT ON COLUMN app.corrections.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.corrections', 'immutable');

-- Once for a statement: a CHECK would ask who acts for each row.
CREATE OR REPLACE FUNCTION app.refuse_other_author() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
DECLARE
    v_actor_id uuid := app.actor_id();
BEGIN
    PERFORM app.fail('PM006', 'said_by', v_actor_id::text, s.said_by::text)
    FROM said AS s
    -- What is taken into another chain of submissions keeps its author.
    WHERE s.said_by <> v_actor_id AND NOT EXISTS (
        SELECT FROM app.corrections AS o
        WHERE o.transaction_id = s.transaction_id AND o.chain_id <> s.chain_id AND o.field_group = s.field_group
            AND o.correction_id NOT IN (SELECT x.correction_id FROM said AS x)
            AND (o.said_by, o.said_at) = (s.said_by, s.said_at) AND (o.base, o.value) IS NOT DISTINCT FROM (s.base, s.value))
    LIMIT 1;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.refuse_other_author() IS 'Statement trigger of app.corrections: whoever writes statements is their author, or takes them as they are out of another chain of submissions. Raises PM006, PM001, PM002.';

CREATE OR REPLACE TRIGGER t10_author AFTER INSERT ON app.corrections REFERENCING NEW TABLE AS said
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_other_author();
COMMENT ON TRIGGER t10_author ON app.corrections IS 'Refuses statements in the name of somebody else, in replica mode too.';
ALTER TABLE app.corrections ENABLE ALWAYS TRIGGER t10_author;

CREATE OR REPLACE VIEW app.newest_corrections AS
SELECT c.* FROM app.corrections AS c
-- A scalar, which goes by key for each statement; an anti-join may read all statements, whatever is asked for. Here and
-- wherever statements of one receipt are looked up the chain is compared without =, which no index serves: while there
-- are no statistics the one that holds all statements of a chain looks as good as the key.
WHERE (SELECT true FROM app.corrections AS n
       WHERE n.transaction_id = c.transaction_id AND n.chain_id IS NOT DISTINCT FROM c.chain_id AND n.field_group = c.field_group
        AND n.number = c.number + 1) IS NULL;
COMMENT ON VIEW app.newest_corrections IS 'The statements that count: the last one of each receipt and group in a chain of submissions.';
SELECT app.describe_columns('app.newest_corrections', 'app.corrections');

CREATE OR REPLACE FUNCTION app.holder_of(p_chain_id uuid, p_transaction_id uuid) RETURNS uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.cardholder_id FROM app.newest_corrections AS c
    WHERE c.chain_id IS NOT DISTINCT FROM p_chain_id AND c.transaction_id = p_transaction_id AND c.field_group IN ('presence', 'person') AND c.value <> 'false'
    ORDER BY c.field_group = 'person' DESC LIMIT 1;
END;
COMMENT ON FUNCTION app.holder_of(uuid, uuid) IS 'Who has a receipt by what people said in a chain of submissions: whom it was given to, else for whom it was made by hand; null when they said neither.';

-- Stable, as what it calls is, so that it is written into the query that calls it: only the group at hand is made. Of texts
-- alone it is made by jsonb_object, in half the time: the other looks up the type of each value each time.
CREATE OR REPLACE FUNCTION app.said_group(p_content app.receipt_contents, p_group text) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN (p_content).transaction_type IS NOT NULL THEN CASE p_group
        WHEN 'receipt_id' THEN jsonb_object(ARRAY['external_transaction_id'], ARRAY[(p_content).external_transaction_id])
        WHEN 'amount' THEN jsonb_build_object('amount', (p_content).amount, 'amount_text', (p_content).amount_text,
            'transaction_type', (p_content).transaction_type)
        WHEN 'date' THEN jsonb_build_object('transaction_date', (p_content).transaction_date,
            'date_text', (p_content).date_text)
        WHEN 'coding' THEN jsonb_object(
            ARRAY['coding_type', 'job_number', 'job_phase', 'cost_type', 'gl_account', 'gl_description'],
            ARRAY[(p_content).coding_type, (p_content).job_number, (p_content).job_phase, (p_content).cost_type,
                (p_content).gl_account, (p_content).gl_description])
        WHEN 'merchant' THEN jsonb_object(ARRAY['merchant_name', 'merchant_address'],
            ARRAY[(p_content).merchant_name, (p_content).merchant_address])
        WHEN 'purpose' THEN jsonb_object(ARRAY['purpose', 'description', 'expense_type'],
            ARRAY[(p_content).purpose, (p_content).description, (p_content).expense_type])
        WHEN 'attachment' THEN jsonb_build_object('has_attachment', (p_content).has_attachment,
            'attachment_name', (p_content).attachment_name)
        WHEN 'out_of_pocket' THEN jsonb_build_object('is_out_of_pocket', (p_content).is_out_of_pocket) END END;
END;
COMMENT ON FUNCTION app.said_group(app.receipt_contents, text) IS 'What a receipt says about one of the groups of fields that statements are about; null for no receipt.';

CREATE OR REPLACE FUNCTION app.said_groups(p_content app.receipt_contents) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN (p_content).transaction_type IS NOT NULL THEN jsonb_build_object(
        'receipt_id', app.said_group(p_content, 'receipt_id'), 'amount', app.said_group(p_content, 'amount'),
        'date', app.said_group(p_content, 'date'), 'coding', app.said_group(p_content, 'coding'),
        'merchant', app.said_group(p_content, 'merchant'), 'purpose', app.said_group(p_content, 'purpose'),
        'attachment', app.said_group(p_content, 'attachment'),
        'out_of_pocket', app.said_group(p_content, 'out_of_pocket')) END;
END;
COMMENT ON FUNCTION app.said_groups(app.receipt_contents) IS 'What a receipt says, by the groups that statements are about; null for no receipt. With the fields for the way back it is the whole content.';

CREATE OR REPLACE FUNCTION app.bases_of(p_chain_id uuid, p_transaction_id uuid, p_group text, p_number integer)
RETURNS jsonb[]
LANGUAGE plpgsql STABLE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
BEGIN
    RETURN (
        SELECT pg_catalog.array_agg(c.base ORDER BY c.number)
        FROM app.corrections AS c
        WHERE c.chain_id IS NOT DISTINCT FROM p_chain_id AND c.transaction_id = p_transaction_id AND c.field_group = p_group
            AND c.number <= p_number
            AND c.number > coalesce((
                SELECT pg_catalog.max(o.number) FROM app.corrections AS o
                WHERE o.chain_id IS NOT DISTINCT FROM p_chain_id AND o.transaction_id = p_transaction_id AND o.field_group = p_group
                    AND o.number < p_number AND o.value IS NULL), 0));
END
$$;
COMMENT ON FUNCTION app.bases_of(uuid, uuid, text, integer) IS 'What the source said whenever people of a chain of submissions spoke about a group of a receipt, from the last time all was taken back to the statement with this number.';

CREATE OR REPLACE FUNCTION app.bases_of_move(
    p_chain_id uuid, p_transaction_id uuid, p_number integer, p_holder uuid, p_receipt_key text
) RETURNS jsonb[]
LANGUAGE plpgsql STABLE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
DECLARE
    v_bases jsonb[] := app.bases_of(p_chain_id, p_transaction_id, 'person', p_number);
    v_name_key text := (SELECT h.name_key FROM app.cardholders AS h WHERE h.cardholder_id = p_holder);
    v_printed text := coalesce(p_receipt_key, v_name_key);
BEGIN
    RETURN v_bases || ARRAY(
        SELECT pg_catalog.to_jsonb(p_holder)
        FROM app.corrections AS c
        JOIN app.receipt_links AS l ON l.transaction_id = c.transaction_id
        JOIN app.employee_revisions AS r
            ON r.revision_id = l.employee_revision_id AND r.session_id = c.session_id AND r.revision_number = 1
        JOIN app.cardholders AS h ON h.cardholder_id = r.cardholder_id
        WHERE c.chain_id IS NOT DISTINCT FROM p_chain_id AND c.transaction_id = p_transaction_id AND c.field_group = 'person'
            AND c.number > p_number - pg_catalog.cardinality(v_bases) AND c.number <= p_number AND c.base IS NOT NULL
            AND coalesce(l.receipt_key, h.name_key) = v_printed
            -- Of two with one name nobody is the other.
            AND (h.cardholder_id = p_holder OR h.name_key <> v_name_key)
        LIMIT 1);
END
$$;
COMMENT ON FUNCTION app.bases_of_move(uuid, uuid, integer, uuid, text) IS 'As app.bases_of for a move, with whom the source names by now where that is by the name it printed when people spoke: an alias that came or went in between says nothing new.';

CREATE OR REPLACE FUNCTION app.clean_group(p_said jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN jsonb_typeof(p_said) = 'object' THEN coalesce((
        SELECT jsonb_object_agg(f.key, CASE
            -- A receipt without title has its expense type as title in some files.
            WHEN f.key = 'description' AND f.value = p_said -> 'expense_type' THEN NULL
            -- Codes of the other type are not said, nor is a type without codes.
            WHEN CASE p_said ->> 'coding_type' WHEN 'gl_coding' THEN f.key IN ('job_number', 'job_phase', 'cost_type')
                WHEN 'job_coding' THEN f.key IN ('gl_account', 'gl_description') END THEN NULL
            WHEN f.key = 'coding_type' AND CASE p_said ->> 'coding_type' WHEN 'gl_coding' THEN p_said ->> 'gl_account'
                ELSE coalesce(p_said ->> 'job_number', p_said ->> 'job_phase', p_said ->> 'cost_type') END IS NULL THEN NULL
            WHEN jsonb_typeof(f.value) = 'string' THEN to_jsonb(app.clean_words(
                -- The label of the notes is no purpose.
                CASE f.key WHEN 'purpose' THEN regexp_replace(f.value #>> '{}', '^Receipts Notes \([0-9]+\):', '')
                    ELSE f.value #>> '{}' END))
            ELSE f.value END)
        FROM jsonb_each(p_said) AS f), '{}') ELSE p_said END;
END;
COMMENT ON FUNCTION app.clean_group(jsonb) IS 'What is said about a group, to be compared however it is spelled: its texts as app.clean_words has them, nothing for a title that is the expense type, for the label before a purpose, for codes of the other coding type and for a type without codes.';

CREATE OR REPLACE FUNCTION app.filed_group(p_group text, p_said jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE p_group
        WHEN 'amount' THEN jsonb_build_object('amount', p_said -> 'amount', 'amount_text', NULL, 'transaction_type',
            CASE WHEN (p_said ->> 'amount')::numeric < 0 THEN 'refund' ELSE 'expense' END)
        WHEN 'date' THEN jsonb_build_object('transaction_date', p_said -> 'transaction_date', 'date_text', NULL)
        WHEN 'attachment' THEN p_said || '{"attachment_name": null}'
        WHEN 'out_of_pocket' THEN '{"is_out_of_pocket": false}'
        WHEN 'coding' THEN CASE
            WHEN p_said ->> 'coding_type' = 'job_coding' AND num_nulls(p_said ->> 'job_number', p_said ->> 'job_phase', p_said ->> 'cost_type') = 0
                THEN p_said || '{"gl_account": null, "gl_description": null}'
            WHEN p_said ->> 'coding_type' = 'gl_coding' AND p_said ->> 'gl_account' IS NOT NULL
                THEN p_said || '{"job_number": null, "job_phase": null, "cost_type": null}'
            ELSE (SELECT jsonb_object_agg(f.key, NULL) FROM jsonb_object_keys(p_said) AS f (key)) END
        ELSE p_said END;
END;
COMMENT ON FUNCTION app.filed_group(text, jsonb) IS 'What a file of what people see says of a group: no type but the one of the sign, no text of what cannot be read, no half code and no code without its type, no names of files, nothing about how it was paid.';

CREATE OR REPLACE FUNCTION app.is_made_up_id(p_receipt_id text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(p_receipt_id COLLATE "C" ~ '^900000[0-9]{6}$', false);
END;
COMMENT ON FUNCTION app.is_made_up_id(text) IS 'Whether a receipt id is one of those that files get for receipts without id, see app.write_receipts.';

CREATE OR REPLACE FUNCTION app.has_no_id(p_receipt_id text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p_receipt_id IS NULL OR app.is_made_up_id(p_receipt_id);
END;
COMMENT ON FUNCTION app.has_no_id(text) IS 'Whether a receipt has no id, or one that was made up because it has none.';

CREATE OR REPLACE FUNCTION app.is_same_merchant(p_one jsonb, p_other jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- A line ends between words.
    SELECT p_one -> 'merchant_name' = p_other -> 'merchant_name' AND (starts_with(a.one, a.other) OR starts_with(a.other, a.one))
    FROM (
        SELECT translate(p_one ->> 'merchant_address', ',', ' ') || ' ' AS one, translate(p_other ->> 'merchant_address', ',', ' ') || ' ' AS other
    ) AS a;
END;
COMMENT ON FUNCTION app.is_same_merchant(jsonb, jsonb) IS 'Whether two sources name the same merchant at the same address, of which one may have the first line only.';

CREATE OR REPLACE FUNCTION app.weigh_fate(
    p_group text, p_bases jsonb[], p_value jsonb, p_source jsonb, p_is_held boolean
) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    v_bases jsonb[];
    v_ours jsonb;
    v_theirs jsonb;
BEGIN
    -- Who has it by now is not there: a receipt that is no source's, and one that was given away, wait for the person.
    IF NOT p_is_held AND (p_group = 'person' OR (p_source IS NULL AND p_value <> 'false')) THEN
        RETURN CASE WHEN p_source IS NULL OR p_source = ANY (p_bases) THEN 'waiting' ELSE 'conflict' END;
    ELSIF p_group = 'presence' AND p_value = 'true' THEN
        RETURN CASE WHEN p_source IS NULL THEN 'in_force' ELSE 'arrived' END;
    ELSIF p_group = 'presence' THEN
        RETURN CASE WHEN p_source IS NULL THEN 'arrived'
            WHEN EXISTS (SELECT FROM pg_catalog.unnest(p_bases) AS o (base)
                WHERE o.base IS NOT NULL AND NOT EXISTS (
                    SELECT FROM pg_catalog.jsonb_each(pg_catalog.jsonb_set(o.base, '{attachment,attachment_name}', 'null')) AS g
                    WHERE app.fate_of(g.key, ARRAY[g.value], g.value, p_source -> g.key, true) = 'conflict'))
                THEN 'in_force' ELSE 'conflict' END;
    ELSIF p_source IS NULL THEN
        -- It was made by hand, or was there when people spoke.
        RETURN CASE WHEN pg_catalog.array_position(p_bases, NULL) IS NOT NULL THEN 'in_force' ELSE 'waiting' END;
    -- No source says that a receipt was paid otherwise.
    ELSIF p_group = 'out_of_pocket' THEN
        RETURN 'in_force';
    END IF;
    v_bases := ARRAY(SELECT app.clean_group(o.base) FROM pg_catalog.unnest(p_bases) WITH ORDINALITY AS o (base, place)
        ORDER BY o.place);
    v_ours := app.clean_group(p_value);
    v_theirs := app.clean_group(p_source);
    IF ROW(v_bases, v_ours, v_theirs) IS DISTINCT FROM ROW(p_bases, p_value, p_source) THEN
        RETURN app.fate_of(p_group, v_bases, v_ours, v_theirs, p_is_held);
    -- Some sources have the first line of an address only.
    ELSIF p_group = 'merchant' AND app.is_same_merchant(p_value, p_source) THEN
        RETURN 'arrived';
    ELSIF p_group = 'merchant' AND EXISTS (
        SELECT FROM pg_catalog.unnest(p_bases) AS o (base) WHERE app.is_same_merchant(o.base, p_source))
    THEN
        RETURN 'in_force';
    -- A file of what people see cannot say all of it, nor is text that nobody could read a value. A number that was made up
    -- for a receipt without id is none.
    ELSIF v_theirs = app.filed_group(p_group, v_ours) OR (p_group IN ('amount', 'date')
        AND app.filed_group(p_group, v_theirs) IN (SELECT app.filed_group(p_group, o.base) FROM pg_catalog.unnest(v_bases) AS o (base)))
        OR (p_group = 'receipt_id' AND p_value -> 'external_transaction_id' = 'null' AND p_bases[pg_catalog.cardinality(p_bases)] IS NOT NULL
            AND app.is_made_up_id(p_source ->> 'external_transaction_id'))
    THEN
        RETURN 'in_force';
    -- Some have no names of the files.
    ELSIF p_group = 'attachment' AND EXISTS (
        SELECT FROM pg_catalog.unnest(p_bases || p_value) AS o (said)
        WHERE o.said -> 'has_attachment' = p_source -> 'has_attachment'
            AND 'null' IN (o.said -> 'attachment_name', p_source -> 'attachment_name'))
    THEN
        RETURN 'in_force';
    -- A receipt made by hand arrives: what nobody said is the source's to say, what only people said they keep.
    ELSIF p_bases[pg_catalog.cardinality(p_bases)] IS NULL AND p_group <> 'person' THEN
        v_ours := pg_catalog.jsonb_strip_nulls(p_value)
            - CASE WHEN p_value -> 'has_attachment' = 'false' THEN 'has_attachment' ELSE '' END;
        v_theirs := pg_catalog.jsonb_strip_nulls(p_source)
            - CASE WHEN p_source -> 'has_attachment' = 'false' THEN 'has_attachment' ELSE '' END;
        RETURN CASE WHEN v_theirs @> v_ours THEN 'arrived' WHEN v_ours @> v_theirs THEN 'in_force' ELSE 'conflict' END;
    END IF;
    RETURN 'conflict';
END
$$;
COMMENT ON FUNCTION app.weigh_fate(text, jsonb[], jsonb, jsonb, boolean) IS 'The part of app.fate_of that is not told by comparing values as they are. What a source cannot say, or spells otherwise, counts as unchanged.';

-- Small, so that it is written into the query that asks for ten thousand.
CREATE OR REPLACE FUNCTION app.fate_of(
    p_group text, p_bases jsonb[], p_value jsonb, p_source jsonb, p_is_held boolean
) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN p_value IS NULL THEN 'withdrawn'
        WHEN p_source = p_value THEN 'arrived'
        WHEN p_source = ANY (p_bases) AND p_value <> 'true' AND (p_is_held OR p_group <> 'person') THEN 'in_force'
        ELSE app.weigh_fate(p_group, p_bases, p_value, p_source, p_is_held) END;
END;
COMMENT ON FUNCTION app.fate_of(text, jsonb[], jsonb, jsonb, boolean) IS 'What becomes of a statement, given what the source said whenever people spoke, what it says by now (about its group; of all groups for presence, the person for person; null: it does not have the receipt), and whether the submission has whoever holds the receipt by what people said: withdrawn, in_force, arrived, waiting or conflict.';

COMMIT;
