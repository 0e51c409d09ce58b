-- Waivers and decisions that take two: proposed by one person, decided by another. And what one person may decide alone.
-- requires: validation/tables
-- requires: foundation/settings
--
-- A proposal      issue state   waiver_decisions
-- proposed        waiting       none
-- approved        waived, or resolved or false_positive as proposed   approved, by somebody else
-- rejected        open          rejected, by somebody else
-- overtaken       any other     none: the issue changed its state after the proposal

BEGIN;

CREATE TABLE app.waivers (
    waiver_id uuid NOT NULL DEFAULT app.new_id(),
    issue_id uuid NOT NULL,
    issue_version integer NOT NULL,
    proposed_method text,
    reason_class text,
    reason text NOT NULL,
    amount_limit numeric(14, 2),
    ends_on date,
    proposed_by uuid NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    carried_from uuid,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT waivers_pkey PRIMARY KEY (waiver_id),
    CONSTRAINT waivers_waiver_id_proposed_by_key UNIQUE (waiver_id, proposed_by),
    CONSTRAINT waivers_issue_id_issue_version_key UNIQUE (issue_id, issue_version),
    CONSTRAINT waivers_issue_id_fkey FOREIGN KEY (issue_id) REFERENCES app.validation_issues (issue_id),
    CONSTRAINT waivers_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES app.users (user_id),
    CONSTRAINT waivers_carried_from_fkey FOREIGN KEY (carried_from) REFERENCES app.waivers (waiver_id),
    CONSTRAINT waivers_proposed_method_check CHECK (proposed_method IN ('explained', 'accepted', 'other', 'false_positive')),
    CONSTRAINT waivers_limits_check CHECK ((proposed_method IS NULL) = (reason_class IS NOT NULL)
        AND (proposed_method IS NULL) = (amount_limit IS NOT NULL) AND (proposed_method IS NULL) = (ends_on IS NOT NULL)),
    CONSTRAINT waivers_reason_class_check CHECK (reason_class IN
        ('policy_exception', 'receipt_lost', 'merchant_cannot_provide', 'immaterial', 'other')),
    CONSTRAINT waivers_reason_check CHECK (length(reason) BETWEEN 1 AND 4000),
    CONSTRAINT waivers_amount_limit_check CHECK (amount_limit >= 0 AND amount_limit <> 'NaN'),
    CONSTRAINT waivers_ends_on_check CHECK (isfinite(ends_on))
);
CREATE INDEX waivers_proposed_by_idx ON app.waivers (proposed_by);
CREATE INDEX waivers_carried_from_idx ON app.waivers (carried_from) WHERE carried_from IS NOT NULL;
CREATE INDEX waivers_ends_on_idx ON app.waivers (ends_on);
COMMENT ON TABLE app.waivers IS 'Proposals that a second person decides: to let an issue be, up to which amount and until when, or to decide it in a way that one person may not decide alone. Append-only; a later session that carries the issue has a row of its own.';
COMMENT ON COLUMN app.waivers.waiver_id IS 'Key.';
COMMENT ON COLUMN app.waivers.issue_id IS 'The issue.';
COMMENT ON COLUMN app.waivers.issue_version IS 'Version of the issue after the proposal.';
COMMENT ON COLUMN app.waivers.proposed_method IS 'What is proposed: to resolve it as explained, accepted or other, or that it is a false_positive; null: a waiver.';
COMMENT ON COLUMN app.waivers.reason_class IS 'policy_exception, receipt_lost, merchant_cannot_provide, immaterial or other; of waivers only.';
COMMENT ON COLUMN app.waivers.reason IS 'Why, in words.';
COMMENT ON COLUMN app.waivers.amount_limit IS 'Dollars at stake that it covers at most; of waivers only.';
COMMENT ON COLUMN app.waivers.ends_on IS 'Last day it covers; afterwards the issue opens again. Of waivers only.';
COMMENT ON COLUMN app.waivers.proposed_by IS 'Who proposed it.';
COMMENT ON COLUMN app.waivers.proposed_at IS 'When.';
COMMENT ON COLUMN app.waivers.carried_from IS 'The waiver of an earlier submission that this one continues.';
COMMENT ON COLUMN app.waivers.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.waivers', 'immutable');

CREATE TABLE app.waiver_decisions (
    waiver_id uuid NOT NULL,
    proposed_by uuid NOT NULL,
    verdict text NOT NULL,
    note text,
    decided_by uuid NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT waiver_decisions_pkey PRIMARY KEY (waiver_id),
    CONSTRAINT waiver_decisions_waiver_id_fkey FOREIGN KEY (waiver_id, proposed_by)
        REFERENCES app.waivers (waiver_id, proposed_by),
    CONSTRAINT waiver_decisions_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES app.users (user_id),
    CONSTRAINT waiver_decisions_verdict_check CHECK (verdict IN ('approved', 'rejected')),
    CONSTRAINT waiver_decisions_note_check CHECK (length(note) <= 4000),
    CONSTRAINT waiver_decisions_second_person_check CHECK (decided_by <> proposed_by)
);
CREATE INDEX waiver_decisions_decided_by_idx ON app.waiver_decisions (decided_by);
COMMENT ON TABLE app.waiver_decisions IS 'What a second person decided on a waiver. That it is a second person is a constraint.';
COMMENT ON COLUMN app.waiver_decisions.waiver_id IS 'The waiver.';
COMMENT ON COLUMN app.waiver_decisions.proposed_by IS 'Who proposed it, here so that it can be compared.';
COMMENT ON COLUMN app.waiver_decisions.verdict IS 'approved or rejected.';
COMMENT ON COLUMN app.waiver_decisions.note IS 'What the deciding person noted.';
COMMENT ON COLUMN app.waiver_decisions.decided_by IS 'Who decided.';
COMMENT ON COLUMN app.waiver_decisions.decided_at IS 'When.';
COMMENT ON COLUMN app.waiver_decisions.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.waiver_decisions', 'immutable');

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('waiver_max_days', 366, 1, 3660, 'days', 'How long a waiver may last at most.'),
('decision_limit_processor', 500, 0, 999999999999.99, 'dollars', 'Most dollars at stake that a processor decides alone, in one decision.'),
('decision_limit_reviewer', 5000, 0, 999999999999.99, 'dollars', 'Most dollars at stake that a reviewer decides alone, in one decision.'),
('decision_limit_admin', 5000, 0, 999999999999.99, 'dollars', 'Most dollars at stake that an administrator decides alone, in one decision.'),
('decision_limit_bulk', 10, 1, 1000, 'times', 'How many times the limit of one decision all decisions of one bulk call or transaction may have at stake.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE OR REPLACE FUNCTION app.decision_limit(p_user_id uuid) RETURNS numeric
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce((
        SELECT s.value FROM app.users AS u
        JOIN app.settings AS s ON s.setting_name = 'decision_limit_' || u.role
        WHERE u.user_id = p_user_id), 0);
END;
COMMENT ON FUNCTION app.decision_limit(uuid) IS 'Most dollars at stake that a user may decide alone in one decision, by their role; 0 for roles that decide nothing.';

CREATE OR REPLACE VIEW app.latest_waivers AS
SELECT DISTINCT ON (w.issue_id) w.*, d.verdict, d.note AS decision_note, d.decided_by, d.decided_at
FROM app.waivers AS w
LEFT JOIN app.waiver_decisions AS d ON d.waiver_id = w.waiver_id
WHERE NOT EXISTS (
    SELECT FROM app.issue_events AS v
    WHERE v.issue_id = w.issue_id AND v.issue_version > w.issue_version AND v.to_state <> v.from_state
        AND v.to_state NOT IN ('waived', 'superseded') AND v.from_state <> 'superseded')
ORDER BY w.issue_id, w.issue_version DESC;
COMMENT ON VIEW app.latest_waivers IS 'Of each issue the proposal that counts now: proposed, or a waiver that was approved and not overtaken by another state.';

CREATE OR REPLACE VIEW app.waivers_over AS
SELECT w.issue_id, w.waiver_id, i.version
FROM app.latest_waivers AS w
JOIN app.validation_issues AS i ON i.issue_id = w.issue_id AND i.state = 'waived'
WHERE w.verdict = 'approved' AND w.ends_on < (now() AT TIME ZONE 'UTC')::date;
COMMENT ON VIEW app.waivers_over IS 'Waived issues whose waiver is over, with their versions: they open again when a worker looks, and count as undecided before.';

CREATE OR REPLACE VIEW report.waivers AS
SELECT w.waiver_id, w.issue_id, w.reason_class, w.reason, w.amount_limit, w.ends_on, p.user_name AS proposed_by_name,
    w.proposed_at, d.verdict, d.note AS decision_note, a.user_name AS decided_by_name, d.decided_at, w.carried_from,
    w.proposed_method, i.session_id
FROM app.waivers AS w
JOIN app.validation_issues AS i ON i.issue_id = w.issue_id
JOIN app.users AS p ON p.user_id = w.proposed_by
LEFT JOIN app.waiver_decisions AS d ON d.waiver_id = w.waiver_id
LEFT JOIN app.users AS a ON a.user_id = d.decided_by;
COMMENT ON VIEW report.waivers IS 'All waivers and other proposals with what was decided on them.';
COMMENT ON COLUMN report.waivers.session_id IS 'The session of the issue.';
COMMENT ON COLUMN report.waivers.proposed_by_name IS 'Name of who proposed it.';
COMMENT ON COLUMN report.waivers.verdict IS 'approved, rejected, or null: not decided.';
COMMENT ON COLUMN report.waivers.decision_note IS 'What the deciding person noted.';
COMMENT ON COLUMN report.waivers.decided_by_name IS 'Name of who decided.';
COMMENT ON COLUMN report.waivers.decided_at IS 'When it was decided.';
SELECT app.describe_columns('report.waivers', 'app.waivers');
GRANT SELECT ON report.waivers TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
