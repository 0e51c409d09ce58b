-- Batches: what was handed to accounting, frozen, so that nothing is posted twice.
-- requires: outputs/lines
-- requires: content/sessions
--
-- A receipt in a target     from        by
-- free                      -           nothing was posted, or what was is void
-- posted                    free        a line of a batch, api.export_lines
-- reversed, so free again   posted      a reversal in a later batch, which names the line
-- Its lines are numbered in steps: two batches at once cannot both write the next one.

BEGIN;

CREATE TABLE app.accounting_batches (
    target text NOT NULL,
    batch_number integer NOT NULL,
    prior_number integer GENERATED ALWAYS AS (nullif(batch_number - 1, 0)) STORED,
    month_id uuid NOT NULL,
    chain_id uuid NOT NULL,
    session_id uuid NOT NULL,
    profile_name text NOT NULL,
    profile_version integer NOT NULL,
    invoice_month date NOT NULL,
    people text NOT NULL,
    reversals text NOT NULL,
    reason text,
    open_issues jsonb NOT NULL,
    revisions_sha256 bytea NOT NULL,
    receipt_total numeric(20, 2) NOT NULL,
    line_count integer NOT NULL,
    line_total numeric(20, 2) NOT NULL,
    left_out_count integer NOT NULL,
    content bytea NOT NULL,
    sha256 bytea NOT NULL,
    created_by uuid NOT NULL DEFAULT app.actor_id(),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT accounting_batches_pkey PRIMARY KEY (target, batch_number),
    -- Numbers have no gap: each batch but the first has the one before it.
    CONSTRAINT accounting_batches_prior_number_fkey FOREIGN KEY (target, prior_number)
        REFERENCES app.accounting_batches (target, batch_number),
    -- What its rows and its voiding refer to.
    CONSTRAINT accounting_batches_tx_key UNIQUE (target, batch_number, created_tx),
    CONSTRAINT accounting_batches_author_key UNIQUE (target, batch_number, created_by),
    CONSTRAINT accounting_batches_session_id_fkey FOREIGN KEY (session_id, chain_id)
        REFERENCES app.processing_sessions (session_id, chain_id),
    CONSTRAINT accounting_batches_month_id_fkey FOREIGN KEY (session_id, month_id)
        REFERENCES app.processing_sessions (session_id, month_id),
    CONSTRAINT accounting_batches_profile_fkey FOREIGN KEY (profile_name, profile_version, target)
        REFERENCES app.accounting_profiles (profile_name, profile_version, target),
    CONSTRAINT accounting_batches_created_by_fkey FOREIGN KEY (created_by) REFERENCES app.users (user_id),
    CONSTRAINT accounting_batches_number_check CHECK (batch_number >= 1 AND line_count >= 1 AND left_out_count >= 0),
    CONSTRAINT accounting_batches_invoice_month_check
        CHECK (isfinite(invoice_month) AND date_part('day', invoice_month) = 1),
    CONSTRAINT accounting_batches_people_check CHECK (people IN ('finished', 'all')),
    CONSTRAINT accounting_batches_reversals_check CHECK (reversals IN ('none', 'needed', 'all')),
    CONSTRAINT accounting_batches_reason_check
        CHECK (length(reason) BETWEEN 1 AND 4000 AND (people = 'finished' OR reason IS NOT NULL)),
    CONSTRAINT accounting_batches_open_issues_check CHECK (jsonb_typeof(open_issues) = 'array'),
    CONSTRAINT accounting_batches_totals_check CHECK (receipt_total <> 'NaN' AND line_total <> 'NaN'),
    CONSTRAINT accounting_batches_sha256_check CHECK (sha256 = sha256(content) AND length(revisions_sha256) = 32)
);
CREATE INDEX accounting_batches_prior_number_idx ON app.accounting_batches (target, prior_number);
CREATE INDEX accounting_batches_month_id_idx ON app.accounting_batches (month_id, target);
CREATE INDEX accounting_batches_session_id_chain_id_idx ON app.accounting_batches (session_id, chain_id);
CREATE INDEX accounting_batches_session_id_month_id_idx ON app.accounting_batches (session_id, month_id);
CREATE INDEX accounting_batches_profile_idx ON app.accounting_batches (profile_name, profile_version, target);
CREATE INDEX accounting_batches_created_by_idx ON app.accounting_batches (created_by);
CREATE INDEX accounting_batches_created_tx_idx ON app.accounting_batches (created_tx);
COMMENT ON TABLE app.accounting_batches IS 'What was handed to an accounting system, as it was: a numbered set of lines with the bytes of its file. It is proved at commit that lines and what was left out are the receipts of the month.';
COMMENT ON COLUMN app.accounting_batches.target IS 'The accounting system, as the profile names it.';
COMMENT ON COLUMN app.accounting_batches.batch_number IS '1, 2, 3 … of the target, without gap.';
COMMENT ON COLUMN app.accounting_batches.prior_number IS 'The batch before it.';
COMMENT ON COLUMN app.accounting_batches.month_id IS 'The month.';
COMMENT ON COLUMN app.accounting_batches.chain_id IS 'The submissions it is of: a receipt counts as posted in all of them.';
COMMENT ON COLUMN app.accounting_batches.session_id IS 'The newest submission when it was made.';
COMMENT ON COLUMN app.accounting_batches.profile_name IS 'The profile it was written in.';
COMMENT ON COLUMN app.accounting_batches.profile_version IS 'The version of the profile.';
COMMENT ON COLUMN app.accounting_batches.invoice_month IS 'First day of the month its invoices are of.';
COMMENT ON COLUMN app.accounting_batches.people IS 'Whose receipts were asked for: those of finished people, or all.';
COMMENT ON COLUMN app.accounting_batches.reversals IS 'Which lines of earlier batches it reverses: none, those that do not stand any more (needed), or also those of which only words changed (all).';
COMMENT ON COLUMN app.accounting_batches.reason IS 'Why; needed for people who are not finished.';
COMMENT ON COLUMN app.accounting_batches.open_issues IS 'The open issues of the people in it, when it was made.';
COMMENT ON COLUMN app.accounting_batches.revisions_sha256 IS 'SHA-256 over the current revisions of the submission when it was made, see app.digest_revisions.';
COMMENT ON COLUMN app.accounting_batches.receipt_total IS 'Receipt total of the submission when it was made, in dollars.';
COMMENT ON COLUMN app.accounting_batches.line_count IS 'Number of its lines.';
COMMENT ON COLUMN app.accounting_batches.line_total IS 'Sum of its lines in dollars, with the sign of receipts; reversals are subtracted.';
COMMENT ON COLUMN app.accounting_batches.left_out_count IS 'How many receipts it left out, those not counted whose earlier line stands.';
COMMENT ON COLUMN app.accounting_batches.content IS 'The bytes of its file.';
COMMENT ON COLUMN app.accounting_batches.sha256 IS 'SHA-256 of the bytes.';
COMMENT ON COLUMN app.accounting_batches.created_by IS 'Who made it.';
COMMENT ON COLUMN app.accounting_batches.created_at IS 'When.';
COMMENT ON COLUMN app.accounting_batches.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.accounting_batches', 'immutable');

CREATE TABLE app.accounting_batch_lines (
    target text NOT NULL,
    batch_number integer NOT NULL,
    line_number integer NOT NULL,
    kind text NOT NULL,
    transaction_id uuid NOT NULL,
    step integer NOT NULL,
    reversed_batch integer,
    reversed_line integer,
    cardholder_id uuid NOT NULL,
    amount numeric(14, 2) NOT NULL,
    receipt_date date,
    card_number text,
    receipt_id text NOT NULL,
    transaction_date text NOT NULL,
    transaction_amount text NOT NULL,
    transaction_name text NOT NULL,
    vendor text NOT NULL,
    invoice_number text NOT NULL,
    invoice_date text NOT NULL,
    header_description text NOT NULL,
    job text NOT NULL,
    phase text NOT NULL,
    cost_type text NOT NULL,
    gl_account text NOT NULL,
    item_description text NOT NULL,
    unit_of_measure text NOT NULL,
    tax text NOT NULL,
    pay_type text NOT NULL,
    card_holder text NOT NULL,
    credit_card_number text NOT NULL,
    credit_card_vendor text NOT NULL,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT accounting_batch_lines_pkey PRIMARY KEY (target, batch_number, line_number),
    CONSTRAINT accounting_batch_lines_batch_fkey FOREIGN KEY (target, batch_number, created_tx)
        REFERENCES app.accounting_batches (target, batch_number, created_tx),
    -- Two batches at once cannot both take the next step of a receipt.
    CONSTRAINT accounting_batch_lines_step_key UNIQUE (target, transaction_id, step),
    -- A reversal is of a line of the same receipt. The receipt comes first, so that looking up its lines goes by it.
    CONSTRAINT accounting_batch_lines_receipt_key UNIQUE (transaction_id, target, batch_number, line_number),
    CONSTRAINT accounting_batch_lines_reversed_fkey FOREIGN KEY (transaction_id, target, reversed_batch, reversed_line)
        REFERENCES app.accounting_batch_lines (transaction_id, target, batch_number, line_number),
    CONSTRAINT accounting_batch_lines_cardholder_id_fkey FOREIGN KEY (cardholder_id) REFERENCES app.cardholders (cardholder_id),
    CONSTRAINT accounting_batch_lines_kind_check CHECK (kind IN ('posting', 'reversal')),
    CONSTRAINT accounting_batch_lines_reversed_check CHECK ((kind = 'reversal') = (reversed_batch IS NOT NULL)
        AND (reversed_batch IS NULL) = (reversed_line IS NULL) AND reversed_batch < batch_number),
    CONSTRAINT accounting_batch_lines_number_check CHECK (line_number >= 1 AND step >= 1),
    CONSTRAINT accounting_batch_lines_amount_check CHECK (amount <> 'NaN')
);
CREATE INDEX accounting_batch_lines_batch_idx ON app.accounting_batch_lines (target, batch_number, created_tx);
CREATE INDEX accounting_batch_lines_reversed_idx
    ON app.accounting_batch_lines (target, reversed_batch, reversed_line, transaction_id);
CREATE INDEX accounting_batch_lines_receipt_id_idx ON app.accounting_batch_lines (receipt_id, target);
CREATE INDEX accounting_batch_lines_cardholder_id_idx ON app.accounting_batch_lines (cardholder_id);
CREATE INDEX accounting_batch_lines_created_tx_idx ON app.accounting_batch_lines (created_tx);
COMMENT ON TABLE app.accounting_batch_lines IS 'The lines of batches as accounting reads them: receipts that are posted, and reversals of earlier lines.';
COMMENT ON COLUMN app.accounting_batch_lines.target IS 'The accounting system.';
COMMENT ON COLUMN app.accounting_batch_lines.batch_number IS 'The batch.';
COMMENT ON COLUMN app.accounting_batch_lines.line_number IS 'Place in the file of the batch, from 1.';
COMMENT ON COLUMN app.accounting_batch_lines.kind IS 'posting, or reversal of an earlier line.';
COMMENT ON COLUMN app.accounting_batch_lines.transaction_id IS 'The receipt, the same in all submissions of the month.';
COMMENT ON COLUMN app.accounting_batch_lines.step IS '1, 2, 3 … of the lines of this receipt in this target.';
COMMENT ON COLUMN app.accounting_batch_lines.reversed_batch IS 'Batch of the line that a reversal takes back.';
COMMENT ON COLUMN app.accounting_batch_lines.reversed_line IS 'Number of that line in its batch.';
COMMENT ON COLUMN app.accounting_batch_lines.cardholder_id IS 'Whose receipt it was.';
COMMENT ON COLUMN app.accounting_batch_lines.amount IS 'Dollars with the sign of the receipt, of a reversal the opposite.';
COMMENT ON COLUMN app.accounting_batch_lines.receipt_date IS 'Date of the receipt; null when unknown.';
COMMENT ON COLUMN app.accounting_batch_lines.card_number IS 'The card, masked; null for a person without one, whatever the profile writes for it.';
COMMENT ON COLUMN app.accounting_batch_lines.created_tx IS 'Number of the writing transaction, that of the batch.';
SELECT app.describe_columns('app.accounting_batch_lines', 'report.accounting_line');
SELECT audit.guard('app.accounting_batch_lines', 'immutable');

CREATE TABLE app.accounting_left_out (
    target text NOT NULL,
    batch_number integer NOT NULL,
    transaction_id uuid NOT NULL,
    cardholder_id uuid NOT NULL,
    reason text NOT NULL,
    amount numeric(14, 2),
    receipt_id text,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT accounting_left_out_pkey PRIMARY KEY (target, batch_number, transaction_id),
    CONSTRAINT accounting_left_out_batch_fkey FOREIGN KEY (target, batch_number, created_tx)
        REFERENCES app.accounting_batches (target, batch_number, created_tx),
    CONSTRAINT accounting_left_out_cardholder_id_fkey FOREIGN KEY (cardholder_id) REFERENCES app.cardholders (cardholder_id),
    CONSTRAINT accounting_left_out_reason_check CHECK (reason IN ('duplicate', 'withdrawn', 'correction_conflict',
        'amount_unknown', 'out_of_pocket', 'not_coded', 'no_card', 'card_unknown', 'unsafe_text', 'uncertain',
        'person_not_finished', 'changed_since_export')),
    CONSTRAINT accounting_left_out_amount_check CHECK (amount <> 'NaN')
);
CREATE INDEX accounting_left_out_batch_idx ON app.accounting_left_out (target, batch_number, created_tx);
CREATE INDEX accounting_left_out_cardholder_id_idx ON app.accounting_left_out (cardholder_id);
COMMENT ON TABLE app.accounting_left_out IS 'What a batch left out of the receipts of its submission, each with the first reason. Receipts whose line of an earlier batch stands are not among them.';
COMMENT ON COLUMN app.accounting_left_out.target IS 'The accounting system.';
COMMENT ON COLUMN app.accounting_left_out.batch_number IS 'The batch.';
COMMENT ON COLUMN app.accounting_left_out.transaction_id IS 'The receipt.';
COMMENT ON COLUMN app.accounting_left_out.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.accounting_left_out.reason IS 'Why, see outputs/accounting and outputs/standing; changed_since_export: an earlier batch has it as it was before.';
COMMENT ON COLUMN app.accounting_left_out.amount IS 'Dollars; null when unknown. Of a withdrawn one it is in no total.';
COMMENT ON COLUMN app.accounting_left_out.receipt_id IS 'Id as printed.';
COMMENT ON COLUMN app.accounting_left_out.created_tx IS 'Number of the writing transaction, that of the batch.';
SELECT audit.guard('app.accounting_left_out', 'immutable');

CREATE TABLE app.accounting_voids (
    target text NOT NULL,
    batch_number integer NOT NULL,
    author uuid NOT NULL,
    voided_by uuid NOT NULL DEFAULT app.actor_id(),
    reason text NOT NULL,
    voided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT accounting_voids_pkey PRIMARY KEY (target, batch_number),
    CONSTRAINT accounting_voids_author_fkey FOREIGN KEY (target, batch_number, author)
        REFERENCES app.accounting_batches (target, batch_number, created_by),
    CONSTRAINT accounting_voids_voided_by_fkey FOREIGN KEY (voided_by) REFERENCES app.users (user_id),
    CONSTRAINT accounting_voids_second_person_check CHECK (voided_by <> author),
    CONSTRAINT accounting_voids_reason_check CHECK (length(reason) BETWEEN 1 AND 4000)
);
CREATE INDEX accounting_voids_author_idx ON app.accounting_voids (target, batch_number, author);
CREATE INDEX accounting_voids_voided_by_idx ON app.accounting_voids (voided_by);
CREATE INDEX accounting_voids_created_tx_idx ON app.accounting_voids (created_tx);
COMMENT ON TABLE app.accounting_voids IS 'Batches that were never posted: their lines are free again. The batch itself stays as it is.';
COMMENT ON COLUMN app.accounting_voids.target IS 'The accounting system.';
COMMENT ON COLUMN app.accounting_voids.batch_number IS 'The batch.';
COMMENT ON COLUMN app.accounting_voids.author IS 'Who made the batch: somebody else.';
COMMENT ON COLUMN app.accounting_voids.voided_by IS 'Who voided it.';
COMMENT ON COLUMN app.accounting_voids.reason IS 'Why, and how it is known that it was not posted.';
COMMENT ON COLUMN app.accounting_voids.voided_at IS 'When.';
COMMENT ON COLUMN app.accounting_voids.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.accounting_voids', 'immutable');

CREATE TYPE app.accounting_state AS (
    receipt app.accounting_row,
    posted app.accounting_batch_lines,
    reason text,
    changes text[],
    words text[],
    left_out text
);
COMMENT ON TYPE app.accounting_state IS 'A receipt of a submission beside the line that stands for it in a target: either may be missing.';
COMMENT ON COLUMN app.accounting_state.receipt IS 'The receipt as it is; all null when the submission does not have it.';
COMMENT ON COLUMN app.accounting_state.posted IS 'The line that was posted, neither void nor reversed; all null when there is none.';
COMMENT ON COLUMN app.accounting_state.reason IS 'The first reason against posting the receipt as it is.';
COMMENT ON COLUMN app.accounting_state.changes IS 'Why the line does not stand any more: amount, codes, card, person, duplicate, out_of_pocket, withdrawn, gone.';
COMMENT ON COLUMN app.accounting_state.words IS 'What else is another: purpose, merchant, date, receipt_id. The line stands all the same.';
COMMENT ON COLUMN app.accounting_state.left_out IS 'Why a batch leaves the receipt out: exported_before when its line stands, changed_since_export when another one would be posted, else the reason.';

CREATE TYPE app.batch_draft AS (
    batch app.accounting_batches,
    lines app.accounting_batch_lines[],
    left_out app.accounting_left_out[],
    fallen numeric
);
COMMENT ON TYPE app.batch_draft IS 'All that a batch is by what it is asked to be, see app.draft_batch.';
COMMENT ON COLUMN app.batch_draft.batch IS 'The batch.';
COMMENT ON COLUMN app.batch_draft.lines IS 'Its lines.';
COMMENT ON COLUMN app.batch_draft.left_out IS 'What it leaves out, with receipts whose earlier line stands.';
COMMENT ON COLUMN app.batch_draft.fallen IS 'Dollars of earlier lines that do not stand and that it does not reverse.';

CREATE TYPE report.export_answer AS (
    outcome text,
    session_id uuid,
    target text,
    batch_number integer,
    profile_name text,
    profile_version integer,
    invoice_month date,
    line_count integer,
    line_total numeric(20, 2),
    reversal_count integer,
    sha256 text,
    left_out jsonb,
    warnings jsonb
);
COMMENT ON TYPE report.export_answer IS 'What a batch holds, made or only looked at.';
COMMENT ON COLUMN report.export_answer.outcome IS 'dry_run: nothing was written; exported: the batch is there.';
COMMENT ON COLUMN report.export_answer.session_id IS 'The submission.';
COMMENT ON COLUMN report.export_answer.target IS 'The accounting system.';
COMMENT ON COLUMN report.export_answer.batch_number IS 'Number of the batch; null while it is only looked at.';
COMMENT ON COLUMN report.export_answer.profile_name IS 'The profile it is written in.';
COMMENT ON COLUMN report.export_answer.profile_version IS 'The version of the profile.';
COMMENT ON COLUMN report.export_answer.invoice_month IS 'First day of the month its invoices are of.';
COMMENT ON COLUMN report.export_answer.line_count IS 'Number of lines, reversals included.';
COMMENT ON COLUMN report.export_answer.line_total IS 'Their sum in dollars, with the sign of receipts.';
COMMENT ON COLUMN report.export_answer.reversal_count IS 'How many of the lines reverse an earlier one.';
COMMENT ON COLUMN report.export_answer.sha256 IS 'SHA-256 of the file, in hex: what the call that freezes it has to name.';
COMMENT ON COLUMN report.export_answer.left_out IS 'What is left out: for each reason, how many receipts of how many dollars.';
COMMENT ON COLUMN report.export_answer.warnings IS 'Lines whose receipt id another month has, too, or another line of this batch or of an earlier one.';

COMMIT;
