-- Rules as data, the issues they find, and the events of each issue's life.
-- requires: content/revisions
--
-- Issue state      set by                      is_resolved
-- open             a finding, reopening        false
-- in_progress      people                      false
-- waiting          people                      false
-- resolved         people, with a method       true
-- waived           two people                  true
-- false_positive   people                      true
-- auto_closed      the machine: not found any more   true
-- superseded       the machine: a later session has it   false

BEGIN;

CREATE TABLE app.validation_rules (
    rule_code text NOT NULL,
    version integer NOT NULL,
    severity text NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    blocks boolean NOT NULL,
    finder name NOT NULL,
    parameters jsonb NOT NULL DEFAULT '{}',
    description text NOT NULL,
    suggested_resolution text NOT NULL,
    description_template text,
    valid_from date,
    valid_until date,
    scope text,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT validation_rules_pkey PRIMARY KEY (rule_code, version),
    CONSTRAINT validation_rules_rule_code_check CHECK (rule_code ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT validation_rules_version_check CHECK (version >= 1),
    CONSTRAINT validation_rules_severity_check CHECK (severity IN ('high', 'medium', 'low')),
    CONSTRAINT validation_rules_finder_check CHECK (finder ~ '^find_[a-z0-9_]+$'),
    CONSTRAINT validation_rules_parameters_check CHECK (jsonb_typeof(parameters) = 'object'),
    CONSTRAINT validation_rules_description_template_check CHECK (length(description_template) BETWEEN 1 AND 400),
    CONSTRAINT validation_rules_valid_check
        CHECK (isfinite(valid_from) AND isfinite(valid_until) AND valid_from <= valid_until),
    CONSTRAINT validation_rules_scope_check CHECK (scope IN ('activity_json', 'pdf'))
);
COMMENT ON TABLE app.validation_rules IS 'Validation rules as data. Of the versions valid today the highest of a code is in force; a change is a new version, so that old issues keep the rule that found them.';
COMMENT ON COLUMN app.validation_rules.rule_code IS 'Code of the rule; the issue_type of its issues.';
COMMENT ON COLUMN app.validation_rules.version IS '1, 2, 3 … of this code.';
COMMENT ON COLUMN app.validation_rules.severity IS 'high, medium or low.';
COMMENT ON COLUMN app.validation_rules.enabled IS 'False: this version finds nothing.';
COMMENT ON COLUMN app.validation_rules.blocks IS 'True: an open issue keeps the person from being finished; a finding may say otherwise for itself.';
COMMENT ON COLUMN app.validation_rules.finder IS 'Function of schema app that finds: (app.revision_draft[], jsonb parameters) -> setof app.finding.';
COMMENT ON COLUMN app.validation_rules.parameters IS 'Limits and windows of the rule.';
COMMENT ON COLUMN app.validation_rules.description IS 'What the rule looks for.';
COMMENT ON COLUMN app.validation_rules.suggested_resolution IS 'What to do about its issues.';
COMMENT ON COLUMN app.validation_rules.description_template IS 'Words for its issues, with {name} for what the evidence holds under that name; null: the finder''s own words.';
COMMENT ON COLUMN app.validation_rules.valid_from IS 'First day in force; null: from the start.';
COMMENT ON COLUMN app.validation_rules.valid_until IS 'Last day in force; null: no end. Afterwards the version before is in force again.';
COMMENT ON COLUMN app.validation_rules.scope IS 'Source of the sessions it looks at: activity_json or pdf; null: all.';
COMMENT ON COLUMN app.validation_rules.created_at IS 'When this version was written.';
COMMENT ON COLUMN app.validation_rules.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.validation_rules', 'immutable');

-- Person, rule, revision and receipt of an issue are rows nobody can remove; that they exist is proved at commit,
-- for all issues of a transaction at once: four foreign keys, checked row by row, took half the time of an import.
CREATE TABLE app.validation_issues (
    issue_id uuid NOT NULL DEFAULT app.new_id(),
    session_id uuid NOT NULL,
    cardholder_id uuid NOT NULL,
    rule_code text NOT NULL,
    subject_key text NOT NULL,
    rule_version integer NOT NULL,
    employee_revision_id uuid NOT NULL,
    transaction_id uuid,
    charge_id uuid,
    severity text NOT NULL,
    blocks boolean NOT NULL,
    description text NOT NULL,
    amount_impact numeric(14, 2),
    evidence jsonb NOT NULL,
    state text NOT NULL DEFAULT 'open',
    is_resolved boolean GENERATED ALWAYS AS (state IN ('resolved', 'waived', 'false_positive', 'auto_closed')) STORED,
    is_open boolean GENERATED ALWAYS AS (state IN ('open', 'in_progress', 'waiting')) STORED,
    is_claim boolean GENERATED ALWAYS AS (coalesce(
        resolution_method IN ('corrected', 'receipt_provided', 'coding_provided'), false)) STORED,
    assigned_to uuid,
    resolved_by uuid,
    resolved_at timestamptz,
    resolution_notes text,
    resolution_method text,
    identified_at timestamptz NOT NULL DEFAULT now(),
    first_identified_at timestamptz NOT NULL DEFAULT now(),
    due_date date,
    carried_from uuid,
    version integer NOT NULL DEFAULT 1,
    changed_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT validation_issues_pkey PRIMARY KEY (issue_id),
    CONSTRAINT validation_issues_fingerprint_key UNIQUE (session_id, cardholder_id, rule_code, subject_key),
    CONSTRAINT validation_issues_assigned_to_fkey FOREIGN KEY (assigned_to) REFERENCES app.users (user_id),
    CONSTRAINT validation_issues_resolved_by_fkey FOREIGN KEY (resolved_by) REFERENCES app.users (user_id),
    CONSTRAINT validation_issues_carried_from_fkey FOREIGN KEY (carried_from) REFERENCES app.validation_issues (issue_id),
    CONSTRAINT validation_issues_severity_check CHECK (severity IN ('high', 'medium', 'low')),
    CONSTRAINT validation_issues_first_identified_at_check CHECK (first_identified_at <= identified_at),
    CONSTRAINT validation_issues_amount_impact_check CHECK (amount_impact <> 'NaN'),
    CONSTRAINT validation_issues_state_check CHECK (state IN (
        'open', 'in_progress', 'waiting', 'resolved', 'waived', 'false_positive', 'auto_closed', 'superseded')),
    CONSTRAINT validation_issues_resolution_method_check CHECK (resolution_method IN (
        'corrected', 'receipt_provided', 'coding_provided', 'explained', 'accepted', 'other')),
    CONSTRAINT validation_issues_resolution_check CHECK (
        (state IN ('resolved', 'waived', 'false_positive', 'auto_closed')) = (resolved_at IS NOT NULL)
        AND (state IN ('resolved', 'waived', 'false_positive')) = (resolved_by IS NOT NULL)
        AND (state = 'resolved') = (resolution_method IS NOT NULL)
        AND (resolution_notes IS NULL OR resolved_at IS NOT NULL)
        AND length(resolution_notes) <= 4000)
);
CREATE INDEX validation_issues_revision_transaction_idx
    ON app.validation_issues (employee_revision_id, transaction_id);
-- Counts of a page of sessions are read from this index alone; vacuumed like app.session_employees.
CREATE INDEX validation_issues_open_idx ON app.validation_issues (session_id, cardholder_id, blocks) WHERE is_open;
ALTER TABLE app.validation_issues SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 1000);
CREATE INDEX validation_issues_rule_idx ON app.validation_issues (rule_code, rule_version);
CREATE INDEX validation_issues_changed_tx_idx ON app.validation_issues (changed_tx);
CREATE INDEX validation_issues_assigned_to_idx ON app.validation_issues (assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX validation_issues_resolved_by_idx ON app.validation_issues (resolved_by) WHERE resolved_by IS NOT NULL;
CREATE INDEX validation_issues_carried_from_idx ON app.validation_issues (carried_from) WHERE carried_from IS NOT NULL;
-- One import fills the table: what ANALYZE would then believe turns each look-up of a transaction into a scan.
ALTER TABLE app.validation_issues ALTER COLUMN changed_tx SET (n_distinct = -0.05);
COMMENT ON TABLE app.validation_issues IS 'Findings of rules and what became of them. One row per session, person, rule and subject: a new revision that still shows the finding moves the row, it does not make another.';
COMMENT ON COLUMN app.validation_issues.issue_id IS 'Key, the same over all revisions of a session.';
COMMENT ON COLUMN app.validation_issues.session_id IS 'The session.';
COMMENT ON COLUMN app.validation_issues.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.validation_issues.rule_code IS 'The rule that found it.';
COMMENT ON COLUMN app.validation_issues.subject_key IS 'Natural key of what the finding is about: that of the receipt, or empty for the person. With person and rule it is the fingerprint, the same across sessions.';
COMMENT ON COLUMN app.validation_issues.rule_version IS 'Version of the rule that found it last.';
COMMENT ON COLUMN app.validation_issues.employee_revision_id IS 'The newest revision that shows the finding.';
COMMENT ON COLUMN app.validation_issues.transaction_id IS 'The receipt it is about; null when about the person.';
COMMENT ON COLUMN app.validation_issues.charge_id IS 'The charge it is about; null when about none, or about several.';
COMMENT ON COLUMN app.validation_issues.severity IS 'high, medium or low: as the rule says, or the finding where the rule grades them.';
COMMENT ON COLUMN app.validation_issues.blocks IS 'True: while open the person is not finished.';
COMMENT ON COLUMN app.validation_issues.description IS 'What was found, for people.';
COMMENT ON COLUMN app.validation_issues.amount_impact IS 'Dollars at stake, absolute; null when the amount is unknown. Several issues may be about the same cents: sums are made of report.counted_impacts.';
COMMENT ON COLUMN app.validation_issues.evidence IS 'What the rule looked at. The same evidence keeps a decision, other evidence reopens the issue.';
COMMENT ON COLUMN app.validation_issues.state IS 'open, in_progress, waiting, resolved, waived, false_positive; by the machine auto_closed, superseded.';
COMMENT ON COLUMN app.validation_issues.is_resolved IS 'True for resolved, waived, false_positive and auto_closed.';
COMMENT ON COLUMN app.validation_issues.is_open IS 'True for open, in_progress and waiting.';
COMMENT ON COLUMN app.validation_issues.is_claim IS 'True when somebody says that what is missing is there now: corrected, receipt_provided or coding_provided. It keeps the person from being finished as long as the newest revision shows the finding.';
COMMENT ON COLUMN app.validation_issues.assigned_to IS 'Who works on it.';
COMMENT ON COLUMN app.validation_issues.resolved_by IS 'Who decided; null when the machine closed it.';
COMMENT ON COLUMN app.validation_issues.resolved_at IS 'When it was decided or closed.';
COMMENT ON COLUMN app.validation_issues.resolution_notes IS 'What the deciding person noted.';
COMMENT ON COLUMN app.validation_issues.resolution_method IS 'corrected, receipt_provided, coding_provided, explained, accepted or other; only when resolved.';
COMMENT ON COLUMN app.validation_issues.identified_at IS 'When first found in this session.';
COMMENT ON COLUMN app.validation_issues.first_identified_at IS 'When it was found in the first submission that it was carried over from.';
COMMENT ON COLUMN app.validation_issues.due_date IS 'When it should be decided; null: no date.';
COMMENT ON COLUMN app.validation_issues.carried_from IS 'The same issue in the last earlier submission that shows it.';
COMMENT ON COLUMN app.validation_issues.version IS 'Grows by one when what people see of it is another: state, decision, assignment, note, severity, evidence, dollars, date. That another revision shows the same finding leaves it. A write names the version it saw.';
COMMENT ON COLUMN app.validation_issues.changed_tx IS 'Transaction of the last change.';

CREATE OR REPLACE FUNCTION app.stamp_issue() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
DECLARE
    v_meant app.validation_issues := NEW;
BEGIN
    -- Where the finding stands now is bookkeeping. Generated columns are worked out later.
    v_meant.employee_revision_id := OLD.employee_revision_id;
    v_meant.transaction_id := OLD.transaction_id;
    v_meant.charge_id := OLD.charge_id;
    v_meant.rule_version := OLD.rule_version;
    v_meant.is_resolved := OLD.is_resolved;
    v_meant.is_open := OLD.is_open;
    v_meant.is_claim := OLD.is_claim;
    v_meant.changed_tx := OLD.changed_tx;
    NEW.version := OLD.version + (v_meant IS DISTINCT FROM OLD)::integer;
    NEW.changed_tx := app.tx();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.stamp_issue() IS 'Row trigger of app.validation_issues: notes the transaction, and raises the version by one when more is another than the revision, receipt, charge and version of the rule that show the finding. A statement that names another version raises it, too, by one.';

CREATE OR REPLACE TRIGGER t50_stamp BEFORE UPDATE ON app.validation_issues
    FOR EACH ROW EXECUTE FUNCTION app.stamp_issue();
COMMENT ON TRIGGER t50_stamp ON app.validation_issues IS 'Notes the transaction, and raises the version when people could care.';
ALTER TABLE app.validation_issues ENABLE ALWAYS TRIGGER t50_stamp;
-- The proof at commit looks at rows that are there: what a removed issue said about its person it could not see.
CREATE OR REPLACE TRIGGER t20_keep_rows BEFORE DELETE ON app.validation_issues
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
COMMENT ON TRIGGER t20_keep_rows ON app.validation_issues IS 'Refuses every DELETE, of every role and in replica mode.';
ALTER TABLE app.validation_issues ENABLE ALWAYS TRIGGER t20_keep_rows;
SELECT audit.guard('app.validation_issues', 'mutable');

CREATE TABLE app.issue_events (
    event_id uuid NOT NULL DEFAULT app.new_id(),
    issue_id uuid NOT NULL,
    issue_version integer NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    method text,
    note text,
    user_id uuid NOT NULL,
    happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    request_id text,
    batch_id uuid,
    details jsonb,
    cause text,
    amount numeric(14, 2),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT issue_events_pkey PRIMARY KEY (event_id),
    CONSTRAINT issue_events_issue_id_issue_version_key UNIQUE (issue_id, issue_version),
    CONSTRAINT issue_events_issue_id_fkey FOREIGN KEY (issue_id) REFERENCES app.validation_issues (issue_id),
    CONSTRAINT issue_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (user_id),
    CONSTRAINT issue_events_note_check CHECK (length(note) <= 4000),
    CONSTRAINT issue_events_amount_check CHECK (amount <> 'NaN'),
    CONSTRAINT issue_events_cause_check CHECK (cause ~ '^(revision|session|waiver|issue|month) [0-9a-f-]{36}$')
);
CREATE INDEX issue_events_batch_id_idx ON app.issue_events (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX issue_events_user_id_idx ON app.issue_events (user_id);
-- Rows come in the order of time: a few pages tell where a day lies.
CREATE INDEX issue_events_happened_at_idx ON app.issue_events USING brin (happened_at) WITH (autosummarize = on);
COMMENT ON TABLE app.issue_events IS 'What happened to issues after they were found: one row per change of state, assignment or note. Append-only.';
COMMENT ON COLUMN app.issue_events.event_id IS 'Key.';
COMMENT ON COLUMN app.issue_events.issue_id IS 'The issue.';
COMMENT ON COLUMN app.issue_events.issue_version IS 'Version of the issue after the event.';
COMMENT ON COLUMN app.issue_events.from_state IS 'State before.';
COMMENT ON COLUMN app.issue_events.to_state IS 'State after.';
COMMENT ON COLUMN app.issue_events.method IS 'Resolution method, when resolved.';
COMMENT ON COLUMN app.issue_events.note IS 'What the person noted.';
COMMENT ON COLUMN app.issue_events.user_id IS 'Who did it.';
COMMENT ON COLUMN app.issue_events.happened_at IS 'When.';
COMMENT ON COLUMN app.issue_events.request_id IS 'Request id of the call.';
COMMENT ON COLUMN app.issue_events.batch_id IS 'The bulk call it was part of.';
COMMENT ON COLUMN app.issue_events.details IS 'What the words leave out: difference (evidence before and after), assigned_to, waiver_id, carried_from, superseded_by. Null when nothing.';
COMMENT ON COLUMN app.issue_events.cause IS 'What made the machine take the step: the revision, session, waiver, other issue or reopened month and its id. Null: a person took it by hand.';
COMMENT ON COLUMN app.issue_events.amount IS 'Dollars at stake when a person decided; null when unknown, and for steps that decide nothing.';
COMMENT ON COLUMN app.issue_events.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.issue_events', 'immutable');

COMMIT;
