-- What the program used before made of a month, and what came of comparing it: kept beside the month, never as a session.
-- requires: content/sessions
-- requires: intake/tables

BEGIN;

CREATE TABLE app.known_deviations (
    deviation_code text NOT NULL,
    level text NOT NULL,
    description text NOT NULL,
    finder text NOT NULL,
    approved_by text NOT NULL,
    valid_until date,
    CONSTRAINT known_deviations_pkey PRIMARY KEY (deviation_code),
    CONSTRAINT known_deviations_deviation_code_check CHECK (deviation_code ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT known_deviations_level_check CHECK (level IN ('person', 'receipt', 'decision', 'csv')),
    CONSTRAINT known_deviations_finder_check CHECK (finder ~ '^foresee_[a-z_]+$')
);
COMMENT ON TABLE app.known_deviations IS 'Errors of the program used before that are known. Each is proved: its finder works out from the month what that program must have stored, and explains a difference only where just that is there.';
COMMENT ON COLUMN app.known_deviations.deviation_code IS 'Code.';
COMMENT ON COLUMN app.known_deviations.level IS 'At which level it is found: person, receipt, decision or csv.';
COMMENT ON COLUMN app.known_deviations.description IS 'What that program does.';
COMMENT ON COLUMN app.known_deviations.finder IS 'Function of schema app that foresees it; one may foresee several.';
COMMENT ON COLUMN app.known_deviations.approved_by IS 'Who approved that it explains differences.';
COMMENT ON COLUMN app.known_deviations.valid_until IS 'Last day on which it explains differences in a new run; null: without end.';
SELECT audit.guard('app.known_deviations', 'mutable');

CREATE TABLE app.old_results (
    old_result_id uuid NOT NULL DEFAULT app.new_id(),
    month_id uuid,
    session_id uuid,
    file_name text,
    size_bytes bigint NOT NULL,
    sha256 bytea NOT NULL,
    shape text,
    shape_in_use text,
    car_sha256 bytea,
    receipt_sha256 bytea,
    is_same_files boolean NOT NULL,
    csv_name text,
    csv_sha256 bytea,
    workbook_name text,
    workbook_sha256 bytea,
    rejects jsonb NOT NULL DEFAULT '[]',
    handed_in_by uuid NOT NULL DEFAULT app.actor_id(),
    handed_in_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT old_results_pkey PRIMARY KEY (old_result_id),
    CONSTRAINT old_results_month_id_fkey FOREIGN KEY (month_id) REFERENCES app.months (month_id),
    CONSTRAINT old_results_session_id_fkey FOREIGN KEY (session_id) REFERENCES app.processing_sessions (session_id),
    CONSTRAINT old_results_handed_in_by_fkey FOREIGN KEY (handed_in_by) REFERENCES app.users (user_id),
    CONSTRAINT old_results_about_check CHECK ((month_id IS NULL) <> (session_id IS NULL)),
    CONSTRAINT old_results_rejects_check CHECK (jsonb_typeof(rejects) = 'array'),
    CONSTRAINT old_results_size_bytes_check CHECK (size_bytes >= 0),
    CONSTRAINT old_results_sha256_check CHECK (length(sha256) = 32 AND length(car_sha256) = 32
        AND length(receipt_sha256) = 32 AND length(csv_sha256) = 32 AND length(workbook_sha256) = 32),
    CONSTRAINT old_results_shape_check CHECK (shape IN ('by_code', 'by_id', 'mixed')),
    CONSTRAINT old_results_shape_in_use_check CHECK (shape_in_use IN ('by_code', 'by_id', 'mixed'))
);
CREATE INDEX old_results_month_id_idx ON app.old_results (month_id);
CREATE INDEX old_results_session_id_idx ON app.old_results (session_id);
CREATE INDEX old_results_handed_in_by_idx ON app.old_results (handed_in_by);
COMMENT ON TABLE app.old_results IS 'Files that the program used before made of a month that is here: kept beside it, with the checksum of the bytes as they came; their text is in app.old_result_texts.';
COMMENT ON COLUMN app.old_results.old_result_id IS 'Key.';
COMMENT ON COLUMN app.old_results.month_id IS 'The month; null while nobody knew it.';
COMMENT ON COLUMN app.old_results.session_id IS 'The submission it waited for, handed in while the cut-over was rolled back and not read yet: its month is that of this one; else null.';
COMMENT ON COLUMN app.old_results.file_name IS 'Name of the file as the client gave it; a text, never a path.';
COMMENT ON COLUMN app.old_results.size_bytes IS 'Size of the activity.json.';
COMMENT ON COLUMN app.old_results.sha256 IS 'SHA-256 of its bytes as they came.';
COMMENT ON COLUMN app.old_results.shape IS 'How it groups receipts: by_code, by_id or mixed; null without receipts.';
COMMENT ON COLUMN app.old_results.shape_in_use IS 'Which shape the company works with, as said with the file: the result of this shape must agree. Null: not said.';
COMMENT ON COLUMN app.old_results.car_sha256 IS 'SHA-256 of the card report that program read, as said with the file.';
COMMENT ON COLUMN app.old_results.receipt_sha256 IS 'SHA-256 of the receipt report it read, as said with the file.';
COMMENT ON COLUMN app.old_results.is_same_files IS 'True when whoever handed it in signs that it was made of the PDFs of the month, without giving checksums.';
COMMENT ON COLUMN app.old_results.csv_name IS 'Name of the accounting import that came with it.';
COMMENT ON COLUMN app.old_results.csv_sha256 IS 'SHA-256 of its bytes as they came.';
COMMENT ON COLUMN app.old_results.workbook_name IS 'Name of the workbook that came with it.';
COMMENT ON COLUMN app.old_results.workbook_sha256 IS 'SHA-256 of its bytes as they came, as said with it.';
COMMENT ON COLUMN app.old_results.rejects IS 'Faults of entries that could not be read, by key and path: they are not in its text, and make every comparison of it not_comparable.';
COMMENT ON COLUMN app.old_results.handed_in_by IS 'Who handed it in.';
COMMENT ON COLUMN app.old_results.handed_in_at IS 'When.';
COMMENT ON COLUMN app.old_results.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.old_results', 'immutable');

CREATE TABLE app.old_result_texts (
    old_result_id uuid NOT NULL,
    content text NOT NULL,
    csv_content text,
    workbook_content text,
    CONSTRAINT old_result_texts_pkey PRIMARY KEY (old_result_id),
    CONSTRAINT old_result_texts_old_result_id_fkey FOREIGN KEY (old_result_id) REFERENCES app.old_results (old_result_id)
);
COMMENT ON TABLE app.old_result_texts IS 'The text of old results, card numbers cut. Removed by retention; what came of comparing them stays.';
COMMENT ON COLUMN app.old_result_texts.old_result_id IS 'The old result.';
COMMENT ON COLUMN app.old_result_texts.content IS 'The activity.json: a text of JSON.';
COMMENT ON COLUMN app.old_result_texts.csv_content IS 'The accounting import that came with it; null without.';
COMMENT ON COLUMN app.old_result_texts.workbook_content IS 'The workbook that came with it, as a text of JSON: rows by sheet; null without.';
SELECT audit.guard('app.old_result_texts', 'working',
    'A text nothing reads but to know the same file again; comparisons of it are proved themselves. Removed by retention.');

CREATE TABLE app.old_result_failures (
    failure_number bigint GENERATED ALWAYS AS IDENTITY,
    old_result_id uuid NOT NULL,
    error text NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT old_result_failures_pkey PRIMARY KEY (failure_number),
    CONSTRAINT old_result_failures_old_result_id_fkey FOREIGN KEY (old_result_id) REFERENCES app.old_results (old_result_id)
);
CREATE INDEX old_result_failures_old_result_id_idx ON app.old_result_failures (old_result_id);
COMMENT ON TABLE app.old_result_failures IS 'When an old result that waited for its submission could not be compared. After three times it is left alone.';
COMMENT ON COLUMN app.old_result_failures.failure_number IS 'Key.';
COMMENT ON COLUMN app.old_result_failures.old_result_id IS 'The old result.';
COMMENT ON COLUMN app.old_result_failures.error IS 'SQLSTATE and function that ended it, never a message, which may hold values; 57014 is the time limit.';
COMMENT ON COLUMN app.old_result_failures.failed_at IS 'When.';
COMMENT ON COLUMN app.old_result_failures.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.old_result_failures', 'immutable');

CREATE TABLE app.parallel_runs (
    run_id uuid NOT NULL DEFAULT app.new_id(),
    old_result_id uuid NOT NULL,
    session_id uuid NOT NULL,
    sources text NOT NULL,
    verdict text NOT NULL,
    roots_explained integer NOT NULL,
    roots_unexplained integer NOT NULL,
    roots_pending integer NOT NULL,
    car_total_old numeric(20, 2) NOT NULL,
    car_total numeric(20, 2),
    car_total_explained numeric(20, 2) NOT NULL,
    receipt_total_old numeric(20, 2) NOT NULL,
    receipt_total numeric(20, 2) NOT NULL,
    receipt_total_explained numeric(20, 2) NOT NULL,
    figures jsonb NOT NULL,
    deviations text[] NOT NULL,
    started_by uuid NOT NULL DEFAULT app.actor_id(),
    started_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT parallel_runs_pkey PRIMARY KEY (run_id),
    CONSTRAINT parallel_runs_old_result_id_fkey FOREIGN KEY (old_result_id) REFERENCES app.old_results (old_result_id),
    CONSTRAINT parallel_runs_session_id_fkey FOREIGN KEY (session_id) REFERENCES app.processing_sessions (session_id),
    CONSTRAINT parallel_runs_started_by_fkey FOREIGN KEY (started_by) REFERENCES app.users (user_id),
    CONSTRAINT parallel_runs_sources_check CHECK (sources IN ('same', 'signed', 'differ', 'unknown', 'not_pdfs')),
    CONSTRAINT parallel_runs_verdict_check CHECK (verdict IN (
        'clean', 'unexplained', 'pending', 'source_differs', 'source_unknown', 'not_comparable')),
    CONSTRAINT parallel_runs_roots_check CHECK (least(roots_explained, roots_unexplained, roots_pending) >= 0),
    CONSTRAINT parallel_runs_totals_check CHECK (car_total_old <> 'NaN' AND car_total <> 'NaN' AND car_total_explained <> 'NaN'
        AND receipt_total_old <> 'NaN' AND receipt_total <> 'NaN' AND receipt_total_explained <> 'NaN')
);
CREATE INDEX parallel_runs_old_result_id_idx ON app.parallel_runs (old_result_id);
CREATE INDEX parallel_runs_session_id_idx ON app.parallel_runs (session_id);
CREATE INDEX parallel_runs_started_by_idx ON app.parallel_runs (started_by);
COMMENT ON TABLE app.parallel_runs IS 'Comparisons of an old result with a submission as it was read: the whole file, with a verdict that stays as it was.';
COMMENT ON COLUMN app.parallel_runs.run_id IS 'Key.';
COMMENT ON COLUMN app.parallel_runs.old_result_id IS 'The old result.';
COMMENT ON COLUMN app.parallel_runs.session_id IS 'The session.';
COMMENT ON COLUMN app.parallel_runs.sources IS 'Whether both were made of the same PDFs: same (checksums), signed (said by who handed it in), differ, unknown; not_pdfs: the session has none.';
COMMENT ON COLUMN app.parallel_runs.verdict IS 'clean; unexplained: a root without explanation; pending: an alias is missing on one side; source_differs, source_unknown: of other or unknown PDFs, or nobody said which shape is in use; not_comparable: the session has no PDFs, or an entry could not be read.';
COMMENT ON COLUMN app.parallel_runs.roots_explained IS 'Differences that are explained and follow from no other.';
COMMENT ON COLUMN app.parallel_runs.roots_unexplained IS 'Differences that nothing explains and that follow from no other.';
COMMENT ON COLUMN app.parallel_runs.roots_pending IS 'People that are two on one side, because an alias is missing there.';
COMMENT ON COLUMN app.parallel_runs.car_total_old IS 'Sum of all car_total of the old result.';
COMMENT ON COLUMN app.parallel_runs.car_total IS 'Card total of the session as it was read; null when one is unknown.';
COMMENT ON COLUMN app.parallel_runs.car_total_explained IS 'Dollars that the differences of card totals add up to.';
COMMENT ON COLUMN app.parallel_runs.receipt_total_old IS 'Sum of all rec_total of the old result.';
COMMENT ON COLUMN app.parallel_runs.receipt_total IS 'Receipt total of the session as it was read.';
COMMENT ON COLUMN app.parallel_runs.receipt_total_explained IS 'Dollars that the differences of receipts add up to.';
COMMENT ON COLUMN app.parallel_runs.figures IS 'Counts of both sides, and of the month as it was then.';
COMMENT ON COLUMN app.parallel_runs.deviations IS 'Known deviations that were approved then.';
COMMENT ON COLUMN app.parallel_runs.started_by IS 'Who compared.';
COMMENT ON COLUMN app.parallel_runs.started_at IS 'When.';
COMMENT ON COLUMN app.parallel_runs.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.parallel_runs', 'immutable');

CREATE TABLE app.alike_values (
    run_id uuid NOT NULL,
    level text NOT NULL,
    class text NOT NULL,
    compared integer NOT NULL,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT alike_values_pkey PRIMARY KEY (run_id, level, class),
    CONSTRAINT alike_values_run_id_fkey FOREIGN KEY (run_id) REFERENCES app.parallel_runs (run_id),
    CONSTRAINT alike_values_level_check CHECK (level IN (
        'file', 'count', 'total', 'person', 'receipt', 'decision', 'csv', 'workbook')),
    CONSTRAINT alike_values_class_check CHECK (class IN ('identical', 'representation')),
    CONSTRAINT alike_values_compared_check CHECK (compared >= 0)
);
COMMENT ON TABLE app.alike_values IS 'How many values of a run are the same, or only written otherwise.';
COMMENT ON COLUMN app.alike_values.run_id IS 'The run.';
COMMENT ON COLUMN app.alike_values.level IS 'Level: file, count, total, person, receipt, decision, csv or workbook.';
COMMENT ON COLUMN app.alike_values.class IS 'identical, or representation: written otherwise (number and text, float noise, date format, order, empty and null).';
COMMENT ON COLUMN app.alike_values.compared IS 'Number of values.';
COMMENT ON COLUMN app.alike_values.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.alike_values', 'immutable');

CREATE TABLE app.parallel_differences (
    run_id uuid NOT NULL,
    difference_number integer NOT NULL,
    level text NOT NULL,
    path text NOT NULL,
    person text,
    receipt text,
    transaction_id uuid,
    page_number integer,
    field text NOT NULL,
    part text,
    old_value text,
    new_value text,
    class text NOT NULL,
    deviation_code text,
    amount numeric(20, 2),
    ledger text,
    receipt_amount numeric(20, 2),
    follows_from integer[],
    is_accepted boolean NOT NULL DEFAULT false,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT parallel_differences_pkey PRIMARY KEY (run_id, difference_number),
    CONSTRAINT parallel_differences_run_id_fkey FOREIGN KEY (run_id) REFERENCES app.parallel_runs (run_id),
    CONSTRAINT parallel_differences_deviation_code_fkey FOREIGN KEY (deviation_code)
        REFERENCES app.known_deviations (deviation_code),
    CONSTRAINT parallel_differences_level_check CHECK (level IN (
        'file', 'count', 'total', 'person', 'receipt', 'decision', 'csv', 'workbook')),
    CONSTRAINT parallel_differences_class_check CHECK (class IN ('known_deviation', 'timing', 'missing_here',
        'missing_there', 'value_difference', 'not_comparable', 'alias_pending', 'corrected_here')),
    CONSTRAINT parallel_differences_ledger_check CHECK (ledger IN ('report', 'receipts')),
    CONSTRAINT parallel_differences_amount_check CHECK (amount <> 'NaN' AND receipt_amount <> 'NaN' AND (amount IS NULL) = (ledger IS NULL)
        AND (follows_from IS NULL OR num_nonnulls(amount, receipt_amount) = 0))
);
CREATE INDEX parallel_differences_deviation_code_idx ON app.parallel_differences (deviation_code);
COMMENT ON TABLE app.parallel_differences IS 'What differs between an old result and a submission as it was read, each with its class, and what it follows from.';
COMMENT ON COLUMN app.parallel_differences.run_id IS 'The run.';
COMMENT ON COLUMN app.parallel_differences.difference_number IS '1, 2, 3 … within the run.';
COMMENT ON COLUMN app.parallel_differences.level IS 'Level: file, count, total, person, receipt, decision, csv or workbook.';
COMMENT ON COLUMN app.parallel_differences.path IS 'Place in the old file; of what is missing there, where it would stand.';
COMMENT ON COLUMN app.parallel_differences.person IS 'Name key of the person.';
COMMENT ON COLUMN app.parallel_differences.receipt IS 'Receipt id; from the second of an id on with #2, #3 ….';
COMMENT ON COLUMN app.parallel_differences.transaction_id IS 'The receipt of the session; null when it has none.';
COMMENT ON COLUMN app.parallel_differences.page_number IS 'Page of the PDF, where one is known.';
COMMENT ON COLUMN app.parallel_differences.field IS 'Field of the old file; entry for a person or receipt as a whole.';
COMMENT ON COLUMN app.parallel_differences.part IS 'The card whose share of a wrong card total the line is.';
COMMENT ON COLUMN app.parallel_differences.old_value IS 'What the old file says; null when it says nothing.';
COMMENT ON COLUMN app.parallel_differences.new_value IS 'What was read here; null when nothing was.';
COMMENT ON COLUMN app.parallel_differences.class IS 'known_deviation; timing: the PDFs are others; missing_here, missing_there; value_difference; not_comparable; alias_pending; corrected_here: as read it was the same, people corrected it.';
COMMENT ON COLUMN app.parallel_differences.deviation_code IS 'The known deviation that explains it.';
COMMENT ON COLUMN app.parallel_differences.amount IS 'Dollars, old less new, of what is no consequence; each stands once.';
COMMENT ON COLUMN app.parallel_differences.ledger IS 'Which total the dollars belong to: report or receipts.';
COMMENT ON COLUMN app.parallel_differences.receipt_amount IS 'Dollars, old less new, of the receipts of a person who is missing as a whole; they belong to the total of receipts.';
COMMENT ON COLUMN app.parallel_differences.follows_from IS 'Numbers of the differences that foretell this one; null for a root.';
COMMENT ON COLUMN app.parallel_differences.is_accepted IS 'True when two people had accepted this very difference then.';
COMMENT ON COLUMN app.parallel_differences.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.parallel_differences', 'immutable');

COMMIT;
