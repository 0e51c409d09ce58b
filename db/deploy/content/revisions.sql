-- Employee revisions, what receipts say, and which of it a revision shows: immutable, each written once.
-- requires: content/sessions

BEGIN;

CREATE TABLE app.employee_revisions (
    revision_id uuid NOT NULL DEFAULT app.new_id(),
    session_id uuid NOT NULL,
    cardholder_id uuid NOT NULL,
    revision_number integer NOT NULL,
    prior_revision_number integer GENERATED ALWAYS AS (revision_number - 1) STORED,
    predecessor_id uuid,
    compared_with uuid,
    employee_name text NOT NULL,
    employee_id text,
    card_number text,
    is_in_report boolean NOT NULL,
    car_total numeric(14, 2),
    receipt_total numeric(14, 2) NOT NULL,
    receipt_total_unique numeric(14, 2) NOT NULL,
    amount_difference numeric(14, 2) GENERATED ALWAYS AS (car_total - receipt_total) STORED,
    receipt_count integer NOT NULL,
    is_nobody boolean GENERATED ALWAYS AS (origin = 'identity' AND NOT is_in_report AND receipt_count = 0) STORED,
    validation_flags jsonb,
    car_page_range integer[] NOT NULL,
    receipt_page_range integer[] NOT NULL,
    changed_from_previous boolean NOT NULL,
    change_details jsonb,
    origin text NOT NULL,
    reason text,
    created_by uuid NOT NULL,
    processed_at timestamptz NOT NULL DEFAULT now(),
    content_hash bytea NOT NULL,
    hash_version smallint NOT NULL,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT employee_revisions_pkey PRIMARY KEY (revision_id),
    CONSTRAINT employee_revisions_person_revision_number_key UNIQUE (session_id, cardholder_id, revision_number),
    CONSTRAINT employee_revisions_chain_key UNIQUE (revision_id, session_id, cardholder_id, revision_number),
    CONSTRAINT employee_revisions_person_fkey FOREIGN KEY (session_id, cardholder_id)
        REFERENCES app.session_employees (session_id, cardholder_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT employee_revisions_predecessor_id_fkey
        FOREIGN KEY (predecessor_id, session_id, cardholder_id, prior_revision_number)
        REFERENCES app.employee_revisions (revision_id, session_id, cardholder_id, revision_number),
    CONSTRAINT employee_revisions_compared_with_fkey FOREIGN KEY (compared_with)
        REFERENCES app.employee_revisions (revision_id),
    CONSTRAINT employee_revisions_created_by_fkey FOREIGN KEY (created_by) REFERENCES app.users (user_id),
    CONSTRAINT employee_revisions_predecessor_id_check
        CHECK (revision_number >= 1 AND (predecessor_id IS NULL) = (revision_number = 1)),
    CONSTRAINT employee_revisions_employee_name_check CHECK (length(employee_name) BETWEEN 1 AND 200),
    CONSTRAINT employee_revisions_card_number_check CHECK (card_number ~ '^[0-9]{6}X{6}[0-9]{4}$'),
    CONSTRAINT employee_revisions_car_total_check CHECK (car_total <> 'NaN'),
    CONSTRAINT employee_revisions_receipt_total_check CHECK (receipt_total <> 'NaN'),
    CONSTRAINT employee_revisions_receipt_total_unique_check CHECK (receipt_total_unique <> 'NaN'),
    CONSTRAINT employee_revisions_receipt_count_check CHECK (receipt_count >= 0),
    CONSTRAINT employee_revisions_validation_flags_check CHECK (
        validation_flags - ARRAY['missing_coding_info', 'missing_receipt', 'missing_all_receipts', 'total_mismatch']
            = '{}'
        AND jsonb_typeof(validation_flags -> 'missing_coding_info') = 'boolean'
        AND jsonb_typeof(validation_flags -> 'missing_receipt') = 'boolean'
        AND jsonb_typeof(validation_flags -> 'missing_all_receipts') = 'boolean'
        AND jsonb_typeof(validation_flags -> 'total_mismatch') = 'boolean'),
    CONSTRAINT employee_revisions_origin_check CHECK (origin IN ('import', 'carried', 'correction', 'restore', 'identity',
        'match')),
    CONSTRAINT employee_revisions_content_hash_check CHECK (length(content_hash) = 32)
);
-- Sums of a page of sessions are read from this index alone; vacuumed like app.session_employees.
CREATE INDEX employee_revisions_sums_idx ON app.employee_revisions (session_id, revision_id)
    INCLUDE (car_total, receipt_total, is_nobody);
ALTER TABLE app.employee_revisions SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 200);
CREATE INDEX employee_revisions_predecessor_id_idx ON app.employee_revisions (predecessor_id);
CREATE INDEX employee_revisions_compared_with_idx ON app.employee_revisions (compared_with);
CREATE INDEX employee_revisions_created_by_idx ON app.employee_revisions (created_by);
CREATE INDEX employee_revisions_created_tx_idx ON app.employee_revisions (created_tx);
-- One import fills the table: what ANALYZE would then believe turns each look-up of a transaction into a scan.
ALTER TABLE app.employee_revisions ALTER COLUMN created_tx SET (n_distinct = -0.05);
COMMENT ON TABLE app.employee_revisions IS 'One immutable state of one person in one session: totals, flags and a hash over its content. Anything that changes makes the next revision.';
COMMENT ON COLUMN app.employee_revisions.revision_id IS 'Key.';
COMMENT ON COLUMN app.employee_revisions.session_id IS 'The session.';
COMMENT ON COLUMN app.employee_revisions.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.employee_revisions.revision_number IS '1, 2, 3 … of this person in this session, without gap or fork.';
COMMENT ON COLUMN app.employee_revisions.prior_revision_number IS 'Number the predecessor must have.';
COMMENT ON COLUMN app.employee_revisions.predecessor_id IS 'The revision before this one, in the same session.';
COMMENT ON COLUMN app.employee_revisions.compared_with IS 'The revision of the parent session that changed_from_previous and change_details speak of; null without parent or for a new person.';
COMMENT ON COLUMN app.employee_revisions.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN app.employee_revisions.employee_id IS 'Employee number; null for people only receipts name.';
COMMENT ON COLUMN app.employee_revisions.card_number IS 'Masked number of the first card: first six, XXXXXX, last four; null without card.';
COMMENT ON COLUMN app.employee_revisions.is_in_report IS 'True when the card report has this person; false when only receipts name the person.';
COMMENT ON COLUMN app.employee_revisions.car_total IS 'Sum of the charges, else what the old file claims, in dollars; null = unknown; 0 for people only receipts name.';
COMMENT ON COLUMN app.employee_revisions.receipt_total IS 'Sum of the readable receipts, in dollars; duplicates included, as printed.';
COMMENT ON COLUMN app.employee_revisions.receipt_total_unique IS 'The same without pages whose receipt id came before: a repeat is no evidence. total_mismatch is judged on it.';
COMMENT ON COLUMN app.employee_revisions.amount_difference IS 'car_total - receipt_total; null when the card total is unknown.';
COMMENT ON COLUMN app.employee_revisions.receipt_count IS 'Number of receipts, unreadable amounts included.';
COMMENT ON COLUMN app.employee_revisions.is_nobody IS 'True for a name whose receipts all went to somebody else by an alias: nobody any more, left out of people and of what is counted.';
COMMENT ON COLUMN app.employee_revisions.validation_flags IS 'What the four flag rules found in this content: missing_coding_info, missing_receipt, missing_all_receipts, total_mismatch. Null for a source revision that a carried one follows: only that one is judged.';
COMMENT ON COLUMN app.employee_revisions.car_page_range IS 'Pages of the card report, from 1.';
COMMENT ON COLUMN app.employee_revisions.receipt_page_range IS 'Pages of the receipt report, from 1.';
COMMENT ON COLUMN app.employee_revisions.changed_from_previous IS 'True when the content differs from the predecessor, for a first revision from compared_with; a person new in a later submission counts as changed.';
COMMENT ON COLUMN app.employee_revisions.change_details IS 'What changed, by column: old and new. Null when nothing is compared.';
COMMENT ON COLUMN app.employee_revisions.origin IS 'import (what the source says), carried (the source with what people said before), correction, restore, identity (an alias was approved) or match (somebody decided a match).';
COMMENT ON COLUMN app.employee_revisions.reason IS 'Why, as the author said.';
COMMENT ON COLUMN app.employee_revisions.created_by IS 'Author.';
COMMENT ON COLUMN app.employee_revisions.processed_at IS 'When the revision was made.';
COMMENT ON COLUMN app.employee_revisions.content_hash IS 'SHA-256 over this row''s content, the links of its receipts and the digest of the bank''s rows, the same under any session settings.';
COMMENT ON COLUMN app.employee_revisions.hash_version IS 'Which list of columns the hash covers.';
COMMENT ON COLUMN app.employee_revisions.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.employee_revisions', 'immutable');

ALTER TABLE app.session_employees ADD CONSTRAINT session_employees_current_revision_id_fkey
    FOREIGN KEY (current_revision_id, session_id, cardholder_id, current_revision_number)
    REFERENCES app.employee_revisions (revision_id, session_id, cardholder_id, revision_number)
    DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE app.receipt_contents (
    content_id uuid NOT NULL DEFAULT app.new_id(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    external_transaction_id text,
    transaction_date date,
    date_text text,
    transaction_type text NOT NULL,
    amount numeric(14, 2),
    amount_text text,
    expense_type text,
    description text,
    purpose text,
    merchant_name text,
    merchant_address text,
    coding_type text,
    job_number text,
    job_phase text,
    cost_type text,
    gl_account text,
    gl_description text,
    has_attachment boolean NOT NULL,
    attachment_name text,
    is_out_of_pocket boolean NOT NULL DEFAULT false,
    source_fields jsonb,
    CONSTRAINT receipt_contents_pkey PRIMARY KEY (content_id),
    CONSTRAINT receipt_contents_transaction_type_check CHECK (transaction_type IN ('expense', 'refund', 'adjustment')),
    CONSTRAINT receipt_contents_amount_check
        CHECK (amount <> 'NaN' AND (amount >= 0 OR transaction_type IN ('refund', 'adjustment'))),
    CONSTRAINT receipt_contents_transaction_date_check
        CHECK (transaction_date >= '2000-01-01' AND isfinite(transaction_date)),
    CONSTRAINT receipt_contents_coding_type_check CHECK (coding_type IN ('job_coding', 'gl_coding')),
    -- As app.is_code.
    CONSTRAINT receipt_contents_code_check CHECK (job_number COLLATE "C" ~ '^(?![Cc][Ll][Ee][Aa][Rr]$)[0-9A-Za-z]([0-9A-Za-z ._/&+:#()-]*[0-9A-Za-z._/&+:#()-])?$'
        AND job_phase COLLATE "C" ~ '^(?![Cc][Ll][Ee][Aa][Rr]$)[0-9A-Za-z]([0-9A-Za-z ._/&+:#()-]*[0-9A-Za-z._/&+:#()-])?$'
        AND cost_type COLLATE "C" ~ '^(?![Cc][Ll][Ee][Aa][Rr]$)[0-9A-Za-z]([0-9A-Za-z ._/&+:#()-]*[0-9A-Za-z._/&+:#()-])?$'
        AND gl_account COLLATE "C" ~ '^(?![Cc][Ll][Ee][Aa][Rr]$)[0-9A-Za-z]([0-9A-Za-z ._/&+:#()-]*[0-9A-Za-z._/&+:#()-])?$'
        AND greatest(length(job_number), length(job_phase), length(cost_type), length(gl_account)) <= 80),
    CONSTRAINT receipt_contents_text_length_check CHECK (length(external_transaction_id) <= 200
        AND greatest(length(expense_type), length(description), length(purpose), length(merchant_name),
            length(merchant_address), length(gl_description), length(attachment_name)) <= 10000)
);
CREATE INDEX receipt_contents_external_transaction_id_idx ON app.receipt_contents (external_transaction_id);
CREATE INDEX receipt_contents_created_tx_idx ON app.receipt_contents (created_tx);
COMMENT ON TABLE app.receipt_contents IS 'What a receipt says: the row type of this table is the name for it. Written once; revisions link to it, a correction writes another. That each row was linked in the transaction that wrote it is proved at commit.';
COMMENT ON COLUMN app.receipt_contents.content_id IS 'Key.';
COMMENT ON COLUMN app.receipt_contents.created_tx IS 'Number of the writing transaction.';
COMMENT ON COLUMN app.receipt_contents.external_transaction_id IS 'Receipt id of the expense system (Transaction ID).';
COMMENT ON COLUMN app.receipt_contents.transaction_date IS 'Date of the receipt: the posted date of the charge. Null when missing or unreadable.';
COMMENT ON COLUMN app.receipt_contents.date_text IS 'The date as written, only when it could not be read.';
COMMENT ON COLUMN app.receipt_contents.transaction_type IS 'expense, refund (negative) or adjustment.';
COMMENT ON COLUMN app.receipt_contents.amount IS 'Dollars; null when missing or unreadable, never a stand-in 0.';
COMMENT ON COLUMN app.receipt_contents.amount_text IS 'The amount as written, only when it could not be read.';
COMMENT ON COLUMN app.receipt_contents.expense_type IS 'Expense type, such as Fuel or Meals.';
COMMENT ON COLUMN app.receipt_contents.description IS 'Title of the receipt.';
COMMENT ON COLUMN app.receipt_contents.purpose IS 'Purpose as the employee wrote it.';
COMMENT ON COLUMN app.receipt_contents.merchant_name IS 'Merchant.';
COMMENT ON COLUMN app.receipt_contents.merchant_address IS 'Merchant''s address.';
COMMENT ON COLUMN app.receipt_contents.coding_type IS 'job_coding, gl_coding, or null when the receipt says neither.';
COMMENT ON COLUMN app.receipt_contents.job_number IS 'Job, with its dot, such as 19002.';
COMMENT ON COLUMN app.receipt_contents.job_phase IS 'Phase of the job.';
COMMENT ON COLUMN app.receipt_contents.cost_type IS 'Cost type of the job.';
COMMENT ON COLUMN app.receipt_contents.gl_account IS 'General ledger account.';
COMMENT ON COLUMN app.receipt_contents.gl_description IS 'Its description.';
COMMENT ON COLUMN app.receipt_contents.has_attachment IS 'True with at least one attached file.';
COMMENT ON COLUMN app.receipt_contents.attachment_name IS 'Names of the attached files, comma separated, where known.';
COMMENT ON COLUMN app.receipt_contents.is_out_of_pocket IS 'True when the receipt was not paid by card.';
COMMENT ON COLUMN app.receipt_contents.source_fields IS 'What the source said beyond these columns or otherwise, for the way back; null when nothing.';
SELECT audit.guard('app.receipt_contents', 'immutable');

-- That revision and content exist, and that the revision is of the same transaction, is proved at commit as one set.
CREATE TABLE app.receipt_links (
    employee_revision_id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    content_id uuid NOT NULL,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    natural_key text NOT NULL,
    position bigint NOT NULL,
    page_number integer,
    receipt_key text,
    CONSTRAINT receipt_links_pkey PRIMARY KEY (employee_revision_id, transaction_id)
);
CREATE INDEX receipt_links_transaction_id_idx ON app.receipt_links (transaction_id);
CREATE INDEX receipt_links_content_id_idx ON app.receipt_links (content_id);
CREATE INDEX receipt_links_created_tx_idx ON app.receipt_links (created_tx);
COMMENT ON TABLE app.receipt_links IS 'The receipts of a revision: which receipt, what it says, and where it stands in its source. A correction repeats the links of the revision before and changes those of the corrected receipts.';
COMMENT ON COLUMN app.receipt_links.employee_revision_id IS 'The revision this row belongs to; rows join a revision only in the transaction that made it.';
COMMENT ON COLUMN app.receipt_links.transaction_id IS 'Identity of the receipt, the same in all revisions and submissions of a month.';
COMMENT ON COLUMN app.receipt_links.content_id IS 'What the receipt says in this revision.';
COMMENT ON COLUMN app.receipt_links.created_tx IS 'Number of the writing transaction, that of the revision.';
COMMENT ON COLUMN app.receipt_links.natural_key IS 'What the receipt is called across sessions: its receipt id, else its content; from the second one of a person on with #2, #3 ….';
COMMENT ON COLUMN app.receipt_links.position IS 'Order in the source, over all people of the file; only the order counts.';
COMMENT ON COLUMN app.receipt_links.page_number IS 'Page of the receipt report, where known.';
COMMENT ON COLUMN app.receipt_links.receipt_key IS 'Name key the receipt came under, when it stands under somebody else by an alias; null: under its own name.';
SELECT audit.guard('app.receipt_links', 'immutable');

CREATE OR REPLACE FUNCTION app.base_key(p_natural_key text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT regexp_replace(p_natural_key, '#[0-9]+$', '');
END;
COMMENT ON FUNCTION app.base_key(text) IS 'A natural key without what tells copies of a receipt apart (#2).';

CREATE OR REPLACE FUNCTION app.key_number(p_natural_key text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(substring(p_natural_key FROM '#([0-9]{1,9})$')::integer, 1);
END;
COMMENT ON FUNCTION app.key_number(text) IS 'Which copy of a receipt a natural key names: the number after #, else 1.';

CREATE OR REPLACE FUNCTION app.copy_key(p_base_key text, p_number bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p_base_key || CASE WHEN p_number > 1 OR p_base_key ~ '#[0-9]+$' THEN '#' || p_number ELSE '' END;
END;
COMMENT ON FUNCTION app.copy_key(text, bigint) IS 'The natural key of a copy of a receipt, from which app.base_key and app.key_number read what it was made of: the first one is called by its id alone, unless that looks like a copy of another one (11#2, which is called 11#2#1).';

CREATE OR REPLACE FUNCTION app.is_copy_of(p_natural_key text, p_receipt_id text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT starts_with(p_natural_key, p_receipt_id || '#') AND app.base_key(p_natural_key) = p_receipt_id
        AND app.key_number(p_natural_key) > 1;
END;
COMMENT ON FUNCTION app.is_copy_of(text, text) IS 'Whether a natural key is that of a second or later receipt with this id.';

-- These three list the columns, so that they are written into the query that asks of ten thousand receipts.
CREATE OR REPLACE FUNCTION app.says_the_same(p_one app.receipt_contents, p_other app.receipt_contents) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ROW(
            (p_one).external_transaction_id, (p_one).transaction_date, (p_one).date_text, (p_one).transaction_type,
            (p_one).amount, (p_one).amount_text, (p_one).expense_type, (p_one).description, (p_one).purpose,
            (p_one).merchant_name, (p_one).merchant_address, (p_one).coding_type, (p_one).job_number,
            (p_one).job_phase, (p_one).cost_type, (p_one).gl_account, (p_one).gl_description, (p_one).has_attachment,
            (p_one).attachment_name, (p_one).is_out_of_pocket)
        IS NOT DISTINCT FROM ROW(
            (p_other).external_transaction_id, (p_other).transaction_date, (p_other).date_text,
            (p_other).transaction_type, (p_other).amount, (p_other).amount_text, (p_other).expense_type,
            (p_other).description, (p_other).purpose, (p_other).merchant_name, (p_other).merchant_address,
            (p_other).coding_type, (p_other).job_number, (p_other).job_phase, (p_other).cost_type,
            (p_other).gl_account, (p_other).gl_description, (p_other).has_attachment, (p_other).attachment_name,
            (p_other).is_out_of_pocket);
END;
COMMENT ON FUNCTION app.says_the_same(app.receipt_contents, app.receipt_contents) IS 'True when two rows say the same, however their source spelled it: fields for the way back do not count.';

CREATE OR REPLACE FUNCTION app.is_same_content(p_one app.receipt_contents, p_other app.receipt_contents) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT app.says_the_same(p_one, p_other) AND (p_one).source_fields IS NOT DISTINCT FROM (p_other).source_fields;
END;
COMMENT ON FUNCTION app.is_same_content(app.receipt_contents, app.receipt_contents) IS 'True when two rows say the same, whenever they were written.';

CREATE OR REPLACE FUNCTION app.hash_said(p_content app.receipt_contents) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT hash_record_extended(ROW(
        (p_content).transaction_date, (p_content).date_text, (p_content).transaction_type, (p_content).amount,
        (p_content).amount_text, (p_content).expense_type, (p_content).description, (p_content).purpose,
        (p_content).merchant_name, (p_content).merchant_address, (p_content).coding_type, (p_content).job_number,
        (p_content).job_phase, (p_content).cost_type, (p_content).gl_account, (p_content).gl_description,
        (p_content).has_attachment, (p_content).attachment_name, (p_content).is_out_of_pocket), 0);
END;
COMMENT ON FUNCTION app.hash_said(app.receipt_contents) IS 'A number that receipts which say the same but for the receipt id have in common.';

CREATE OR REPLACE VIEW app.transactions AS
SELECT l.employee_revision_id, l.transaction_id, l.created_tx, l.natural_key, l.position, l.page_number,
    c.external_transaction_id, c.transaction_date, c.date_text, c.transaction_type, c.amount, c.amount_text,
    c.expense_type, c.description, c.purpose, c.merchant_name, c.merchant_address, c.coding_type, c.job_number,
    c.job_phase, c.cost_type, c.gl_account, c.gl_description, c.has_attachment, c.attachment_name,
    coalesce((c.coding_type = 'job_coding' AND c.job_number IS NOT NULL AND c.job_phase IS NOT NULL
            AND c.cost_type IS NOT NULL)
        OR (c.coding_type = 'gl_coding' AND c.gl_account IS NOT NULL), false) AS is_coded,
    c.is_out_of_pocket, c.source_fields, l.content_id
FROM app.receipt_links AS l
JOIN app.receipt_contents AS c ON c.content_id = l.content_id;
COMMENT ON VIEW app.transactions IS 'Receipts: the expense lines of all revisions, each with what it says there.';
COMMENT ON COLUMN app.transactions.is_coded IS 'Job coding with job, phase and cost type, or GL coding with an account.';
SELECT app.describe_columns('app.transactions', 'app.receipt_links');
SELECT app.describe_columns('app.transactions', 'app.receipt_contents');

-- OFFSET 0: each part hangs on the one before, so there is one order to go in, from the receipt id to who shows it. As
-- plain joins a plan made while the tables had no statistics read all receipts of the session for each id.
CREATE OR REPLACE FUNCTION app.shown_receipts(p_external_transaction_id text)
RETURNS TABLE (
    session_id uuid, cardholder_id uuid, employee_revision_id uuid, transaction_id uuid, natural_key text,
    source_position bigint, amount numeric, merchant_name text, transaction_date date
)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT e.session_id, e.cardholder_id, l.employee_revision_id, l.transaction_id, l.natural_key, l.position, c.amount,
        c.merchant_name, c.transaction_date
    FROM app.receipt_contents AS c
    CROSS JOIN LATERAL (
        SELECT x.* FROM app.receipt_links AS x WHERE x.content_id = c.content_id OFFSET 0
    ) AS l
    CROSS JOIN LATERAL (
        SELECT x.* FROM app.session_employees AS x WHERE x.current_revision_id = l.employee_revision_id OFFSET 0
    ) AS e
    WHERE c.external_transaction_id = p_external_transaction_id OFFSET 0;
END;
COMMENT ON FUNCTION app.shown_receipts(text) IS 'The receipts with this receipt id that current revisions show, over all sessions.';

-- Whoever writes to people locks all of them here, and before anything else of theirs: planned once, every row by its key.
CREATE OR REPLACE FUNCTION app.lock_people(
    p_session_ids uuid[], p_cardholder_ids uuid[], p_receipt_ids text[] DEFAULT '{}'
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
AS $$
BEGIN
    PERFORM FROM app.session_employees AS e
    WHERE (e.session_id, e.cardholder_id) IN (
        WITH shown AS MATERIALIZED (
            SELECT DISTINCT s.session_id, s.cardholder_id
            FROM unnest(p_receipt_ids) AS i (id) CROSS JOIN LATERAL app.shown_receipts(i.id) AS s
        )
        SELECT p.s, p.c FROM unnest(p_session_ids, p_cardholder_ids) AS p (s, c)
        UNION
        SELECT o.session_id, o.cardholder_id FROM unnest(p_session_ids, p_cardholder_ids) AS p (s, c)
        JOIN app.session_employees AS o ON o.session_id = p.s
        WHERE p.c IS NULL
        UNION
        SELECT s.session_id, s.cardholder_id FROM shown AS s
        WHERE s.session_id IN (
            SELECT x.session_id FROM (SELECT DISTINCT d.session_id FROM shown AS d) AS d
            JOIN app.processing_sessions AS x ON x.session_id = d.session_id AND x.status = 'completed'
            LEFT JOIN app.months AS m ON m.month_id = x.month_id
            WHERE m.state IS DISTINCT FROM 'closed' AND NOT EXISTS (
                SELECT FROM app.processing_sessions AS n
                WHERE n.parent_session_id = x.session_id AND n.status = 'completed')))
    ORDER BY e.session_id, e.cardholder_id
    FOR NO KEY UPDATE;
END
$$;
COMMENT ON FUNCTION app.lock_people(uuid[], uuid[], text[]) IS 'Locks people of sessions (same place in both arrays; without a person everybody of the session) and whoever shows one of these receipt ids in the newest submission of an open month, since they are judged again when a receipt with it changes: all in the order of their keys, so that two who write to the same people wait for each other and never deadlock.';

CREATE OR REPLACE FUNCTION app.lock_submissions(p_session_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_session_ids uuid[] := ARRAY(
        SELECT s.session_id FROM app.processing_sessions AS s WHERE s.session_id = ANY (p_session_ids)
        UNION
        SELECT s.parent_session_id FROM app.processing_sessions AS s WHERE s.session_id = ANY (p_session_ids));
BEGIN
    PERFORM app.lock_people(v_session_ids, NULL, ARRAY(
        SELECT DISTINCT c.external_transaction_id
        FROM app.session_employees AS e
        JOIN app.receipt_links AS l ON l.employee_revision_id = e.current_revision_id
        JOIN app.receipt_contents AS c ON c.content_id = l.content_id
        WHERE e.session_id = ANY (v_session_ids) AND c.external_transaction_id IS NOT NULL));
END
$$;
COMMENT ON FUNCTION app.lock_submissions(uuid[]) IS 'Locks everybody of these submissions and of those before them, and whoever shows a receipt id that they show, as app.lock_people does: for what makes or hides a whole submission, or gives receipts of a name to another one.';

CREATE OR REPLACE FUNCTION app.ids_of_receipts(p_transaction_ids uuid[]) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(DISTINCT c.external_transaction_id), '{}')
    FROM unnest(p_transaction_ids) AS t (id)
    JOIN app.receipt_links AS l ON l.transaction_id = t.id
    JOIN app.receipt_contents AS c ON c.content_id = l.content_id
    WHERE c.external_transaction_id IS NOT NULL;
END;
COMMENT ON FUNCTION app.ids_of_receipts(uuid[]) IS 'The receipt ids that these receipts have or had, in any submission.';

CREATE TABLE app.old_claims (
    session_id uuid NOT NULL,
    cardholder_id uuid NOT NULL,
    source_key text NOT NULL,
    entry_place integer NOT NULL,
    person_place integer NOT NULL,
    is_in_report boolean,
    claimed_car_total numeric,
    claimed_receipt_total numeric,
    claimed_flags jsonb,
    receipts_shape text,
    file_paths jsonb,
    source_fields jsonb,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT old_claims_pkey PRIMARY KEY (session_id, source_key),
    CONSTRAINT old_claims_person_fkey FOREIGN KEY (session_id, cardholder_id)
        REFERENCES app.session_employees (session_id, cardholder_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT old_claims_receipts_shape_check CHECK (receipts_shape IN ('by_code', 'by_id', 'mixed'))
);
CREATE INDEX old_claims_session_id_cardholder_id_idx ON app.old_claims (session_id, cardholder_id);
COMMENT ON TABLE app.old_claims IS 'What an old activity.json said about a person, kept as its claim: flags and totals we work out ourselves, and fields we do not know, for the way back.';
COMMENT ON COLUMN app.old_claims.session_id IS 'The session.';
COMMENT ON COLUMN app.old_claims.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.old_claims.source_key IS 'Key of the entry in the file; a person may have two, one found by an alias.';
COMMENT ON COLUMN app.old_claims.entry_place IS 'Place of the entry in the file, from 1.';
COMMENT ON COLUMN app.old_claims.person_place IS 'Place among the people of the file in order of first sight, from 1, see app.source_position.';
COMMENT ON COLUMN app.old_claims.is_in_report IS 'True when the card report has the entry; null where the file does not say.';
COMMENT ON COLUMN app.old_claims.claimed_car_total IS 'car_total of the file, as the number it is.';
COMMENT ON COLUMN app.old_claims.claimed_receipt_total IS 'rec_total of the file, as the number it is, float tail included.';
COMMENT ON COLUMN app.old_claims.claimed_flags IS 'flags of the file.';
COMMENT ON COLUMN app.old_claims.receipts_shape IS 'How the file grouped the receipts: by_code, by_id or mixed; null without receipts.';
COMMENT ON COLUMN app.old_claims.file_paths IS 'files of the file: paths on the old computer, never opened.';
COMMENT ON COLUMN app.old_claims.source_fields IS 'Fields of the entry that we do not know, card numbers masked.';
SELECT audit.guard('app.old_claims', 'immutable');
COMMENT ON COLUMN app.old_claims.created_tx IS 'Number of the writing transaction.';

COMMIT;
