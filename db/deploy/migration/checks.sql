-- What has to hold before the old program is frozen, before going live, before coming back and before it is done.
-- requires: migration/drills
--
-- Kind      answered by
-- computed  its function, whenever the checks are run
-- signed    a person, with a note and an end
-- daily     the worker on each of the days 1 to 7 after going live; without a function a person, for each day

BEGIN;

CREATE TABLE app.cutover_checks (
    check_code text NOT NULL,
    place integer NOT NULL,
    question text NOT NULL,
    origin text NOT NULL,
    kind text NOT NULL,
    function_name text,
    required_for text NOT NULL,
    max_age_days integer,
    may_be_waived boolean NOT NULL DEFAULT true,
    figure_above numeric,
    covers_day boolean NOT NULL DEFAULT false,
    ends_with_rollback boolean NOT NULL DEFAULT false,
    CONSTRAINT cutover_checks_pkey PRIMARY KEY (check_code),
    CONSTRAINT cutover_checks_place_key UNIQUE (place),
    CONSTRAINT cutover_checks_check_code_check CHECK (check_code ~ '^[a-z][a-z_]{0,49}$'),
    CONSTRAINT cutover_checks_kind_check CHECK (kind IN ('computed', 'signed', 'daily')),
    CONSTRAINT cutover_checks_function_name_check CHECK ((kind <> 'computed' OR function_name IS NOT NULL)
        AND (kind <> 'signed' OR function_name IS NULL)),
    CONSTRAINT cutover_checks_required_for_check CHECK (required_for IN ('frozen', 'live', 'return', 'done')),
    CONSTRAINT cutover_checks_daily_check CHECK (kind <> 'daily' OR required_for = 'done'),
    CONSTRAINT cutover_checks_figure_above_check CHECK (figure_above IS NULL OR kind = 'signed')
);
COMMENT ON TABLE app.cutover_checks IS 'The questions that decide about the cut-over. Written by migrations, since most have a function.';
COMMENT ON COLUMN app.cutover_checks.check_code IS 'Name of the check.';
COMMENT ON COLUMN app.cutover_checks.place IS 'Place in lists.';
COMMENT ON COLUMN app.cutover_checks.question IS 'What is asked; yes is passed.';
COMMENT ON COLUMN app.cutover_checks.origin IS 'The items of the migration''s checklists that it answers.';
COMMENT ON COLUMN app.cutover_checks.kind IS 'computed, signed or daily.';
COMMENT ON COLUMN app.cutover_checks.function_name IS 'The function of schema app that answers it; null: a person does.';
COMMENT ON COLUMN app.cutover_checks.required_for IS 'The step that it stands before: frozen, live, return (from rolled back to live) or done.';
COMMENT ON COLUMN app.cutover_checks.max_age_days IS 'How many days an answer counts; null: as long as whoever signed it says.';
COMMENT ON COLUMN app.cutover_checks.may_be_waived IS 'False: not even two people let it pass.';
COMMENT ON COLUMN app.cutover_checks.figure_above IS 'A signature names a share in percent, and passes above this one; null for checks without a figure.';
COMMENT ON COLUMN app.cutover_checks.covers_day IS 'True: the answer to a daily check is worked out of the whole day, and once more when it is over; false: of the moment.';
COMMENT ON COLUMN app.cutover_checks.ends_with_rollback IS 'True: a rollback ends every answer before it, so that it is asked anew.';
SELECT audit.guard('app.cutover_checks', 'free', 'Written by migrations only; part of the code.');

INSERT INTO app.cutover_checks (place, check_code, kind, function_name, required_for, max_age_days, may_be_waived, question, origin) VALUES
(10, 'history_complete', 'computed', 'check_history_complete', 'frozen', 1, true,
    'Is every old file a closed month with all its people and receipts?',
    'Pre-cutover: all data migrated successfully. Data validation: record count matches.'),
(20, 'history_totals', 'computed', 'check_history_totals', 'frozen', 1, true,
    'Are the totals of every old file those of its month?', 'Data validation: financial totals reconciled.'),
(30, 'history_exact', 'computed', 'check_history_exact', 'frozen', 1, true,
    'Does every old file come out again value for value?',
    'Data validation: all validation flags preserved; transaction relationships maintained.'),
(40, 'clean_months', 'computed', 'check_clean_months', 'frozen', 1, true,
    'Did both systems agree for two months in a row, without a difference nobody explained?',
    'Phase 3: parallel run; testing: data consistency validation passes.'),
(50, 'accuracy', 'computed', 'check_accuracy', 'frozen', 1, true,
    'Is the newest parallel run without an unexplained difference?', 'Success metrics: data accuracy 100 %.'),
(60, 'trial_sealed', 'computed', 'check_trial_sealed', 'frozen', 1, false,
    'Is every month of the trial sealed, and does everything verify?', 'Risks: data loss, validation scripts.'),
(70, 'no_card_numbers', 'computed', 'check_card_numbers', 'frozen', 1, false,
    'Does no text column hold a whole card number?', 'Risks: security vulnerabilities.'),
(80, 'role_matrix', 'computed', 'check_role_matrix', 'frozen', 1, true,
    'Does every role reach what it may and nothing else?', 'Feature matrix: multi-user with roles. Risks: security vulnerabilities.'),
(90, 'processing_time', 'computed', 'check_processing_time', 'frozen', 1, true,
    'Did the newest runs take less than two minutes each?',
    'Testing: performance metrics acceptable. Success metrics: processing time below 2 minutes.'),
(100, 'daily_operations', 'signed', NULL, 'frozen', 90, true,
    'Were all operations of a month tried in both systems?', 'Testing: all operations work in both systems.'),
(110, 'user_acceptance', 'signed', NULL, 'frozen', 90, true,
    'Did the users accept it after working through a month?', 'Testing: user acceptance testing completed.'),
(120, 'end_to_end', 'signed', NULL, 'frozen', 30, true,
    'Did the tests from end to end pass on the server that goes live?', 'Day -7: run full end-to-end tests.'),
(200, 'load_drill', 'computed', 'check_load_drill', 'live', 1, true,
    'Is ten times the volume done in two minutes, and each view in a second?',
    'Pre-cutover: performance testing passed. Day -7: performance load testing.'),
(210, 'rollback_rehearsed', 'computed', 'check_rollback_rehearsed', 'live', 1, true,
    'Was the way back rehearsed within seven days and within its time?',
    'Testing: rollback procedures tested. Pre-cutover: rollback plan tested.'),
(220, 'restore_drill', 'computed', 'check_restore_drill', 'live', 1, true,
    'Was a backup restored and verified within 90 days?', 'Pre-cutover: backup procedures verified.'),
(230, 'system_health', 'computed', 'check_system_health', 'live', 1, true,
    'Do the workers give signs of life, and is sealing in time?', 'Day 0: monitor system metrics; monitor for issues.'),
(240, 'penetration_test', 'signed', NULL, 'live', 90, true,
    'Did a penetration test find nothing that is still open?', 'Day -7: security penetration testing.'),
(250, 'security_audit', 'signed', NULL, 'live', 365, true, 'Is the security audit completed?', 'Pre-cutover: security audit completed.'),
(260, 'training_administrators', 'signed', NULL, 'live', 180, true,
    'Did every administrator do the exercises?', 'Pre-cutover: user training completed. Training: week 1, administrators.'),
(270, 'training_power_users', 'signed', NULL, 'live', 180, true,
    'Did every processor and reviewer do the exercises?', 'Pre-cutover: user training completed. Training: week 2, power users.'),
(280, 'training_end_users', 'signed', NULL, 'live', 180, true,
    'Does everybody who reads know where to find it?', 'Pre-cutover: user training completed. Training: week 3, end users.'),
(290, 'documents_handed_over', 'signed', NULL, 'live', 365, true,
    'Did those who take over read architecture, API, schema, runbook, troubleshooting and user guide?',
    'Documentation deliverables 1 to 6.'),
(300, 'monitoring_ready', 'signed', NULL, 'live', 30, true,
    'Does somebody look at the figures, and does an alarm reach them?', 'Pre-cutover: monitoring dashboards ready.'),
(310, 'support_named', 'signed', NULL, 'live', 30, true,
    'Is support named, briefed and reachable on the first days?', 'Pre-cutover: support team briefed. Day 0: support team on standby.'),
(320, 'integrations_accepted', 'signed', NULL, 'live', 30, true,
    'Did accounting and every other reader accept a trial file?', 'Day 0: verify all integrations.'),
(330, 'old_program_stopped', 'signed', NULL, 'live', 14, true,
    'Is nothing processed in the old program any more?', 'Day -3: stop processing in old system.'),
(340, 'frozen_file_compared', 'computed', 'check_frozen_file', 'live', 1, true,
    'Is the old program''s last file kept, and its month without an unexplained difference?',
    'Day -3: final data migration; validation of migrated data. Day 0: final data sync.'),
(350, 'test_reports', 'signed', NULL, 'live', 7, true,
    'Were the test reports processed on the server that goes live?', 'Day 0: process test reports.'),
(360, 'endpoints_enabled', 'signed', NULL, 'live', 7, true,
    'Do the addresses of the service answer for those who are to use them?', 'Day 0: enable new system endpoints.'),
(370, 'names_prepared', 'signed', NULL, 'live', 7, true,
    'Are the DNS records prepared, and the way to turn them back?', 'Day 0: update DNS records. Rollback: revert DNS changes.'),
(400, 'meantime_compared', 'computed', 'check_meantime', 'return', 1, true,
    'Is what the old program did meanwhile here, and compared?', 'Rollback: investigate issues; plan remediation.'),
(410, 'waiting_compared', 'computed', 'check_waiting', 'done', 1, true,
    'Was every old result that waited for its submission compared?', 'Rollback: investigate issues; plan remediation.'),
(510, 'daily_health', 'daily', 'check_day_health', 'done', NULL, true,
    'Did the workers give signs of life, and was sealing in time?', 'Day +1 to +7: daily health checks.'),
(520, 'daily_performance', 'daily', 'check_day_performance', 'done', NULL, true,
    'Did every run of the day take less than two minutes?', 'Day +1 to +7: performance monitoring.'),
(530, 'daily_uptime', 'daily', 'check_day_uptime', 'done', NULL, true,
    'Was there a sign of life in more than 99.9 % of the minutes?', 'Success metrics: system uptime above 99.9 %.'),
(540, 'daily_error_rate', 'daily', 'check_day_errors', 'done', NULL, true,
    'Did less than 0.1 % of the sessions that ended fail?', 'Success metrics: error rate below 0.1 %.'),
(550, 'daily_accuracy', 'daily', 'check_day_accuracy', 'done', NULL, true,
    'Is the newest parallel run without an unexplained difference?', 'Success metrics: data accuracy 100 %.'),
(560, 'daily_incidents', 'daily', NULL, 'done', NULL, true,
    'Is every incident of the day solved, or has a date?', 'Day +1 to +7: issue resolution.'),
(570, 'daily_feedback', 'daily', NULL, 'done', NULL, true,
    'Was what users said that day read and answered?', 'Day +1 to +7: user feedback collection.');

INSERT INTO app.cutover_checks (place, check_code, kind, required_for, max_age_days, figure_above, question, origin) VALUES
(500, 'user_satisfaction', 'signed', 'done', 60, 90,
    'Are more than 90 % of the users who were asked satisfied?', 'Success metrics: user satisfaction above 90 %.');

UPDATE app.cutover_checks AS c SET covers_day = true
WHERE c.check_code IN ('daily_performance', 'daily_uptime', 'daily_error_rate');
UPDATE app.cutover_checks AS c SET ends_with_rollback = true WHERE c.check_code = 'old_program_stopped';

CREATE TABLE app.cutover_answers (
    answer_id uuid NOT NULL DEFAULT app.new_id(),
    check_code text NOT NULL,
    day date,
    passed boolean NOT NULL,
    evidence jsonb NOT NULL DEFAULT '{}',
    note text,
    valid_until date,
    user_id uuid NOT NULL DEFAULT app.actor_id(),
    answered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT cutover_answers_pkey PRIMARY KEY (answer_id),
    CONSTRAINT cutover_answers_check_code_fkey FOREIGN KEY (check_code) REFERENCES app.cutover_checks (check_code),
    CONSTRAINT cutover_answers_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (user_id),
    CONSTRAINT cutover_answers_evidence_check CHECK (jsonb_typeof(evidence) = 'object'),
    CONSTRAINT cutover_answers_note_check CHECK (length(note) BETWEEN 1 AND 4000)
);
CREATE INDEX cutover_answers_check_code_idx ON app.cutover_answers (check_code, answer_id);
CREATE INDEX cutover_answers_user_id_idx ON app.cutover_answers (user_id);
CREATE INDEX cutover_answers_created_tx_idx ON app.cutover_answers (created_tx);
COMMENT ON TABLE app.cutover_answers IS 'What was answered to the checks, by functions and by people; the newest counts, none is ever changed.';
COMMENT ON COLUMN app.cutover_answers.answer_id IS 'Key; sorts by time.';
COMMENT ON COLUMN app.cutover_answers.check_code IS 'The check.';
COMMENT ON COLUMN app.cutover_answers.day IS 'Of a daily check: the day it is about; else null.';
COMMENT ON COLUMN app.cutover_answers.passed IS 'True: yes. What is not known is no.';
COMMENT ON COLUMN app.cutover_answers.evidence IS 'What the answer is built on: figures that were computed or are signed.';
COMMENT ON COLUMN app.cutover_answers.note IS 'What whoever signed noted; null for a computed answer.';
COMMENT ON COLUMN app.cutover_answers.valid_until IS 'The last day (UTC) the signature counts; null: as long as the check says.';
COMMENT ON COLUMN app.cutover_answers.user_id IS 'Who answered, or had it computed.';
COMMENT ON COLUMN app.cutover_answers.answered_at IS 'When.';
COMMENT ON COLUMN app.cutover_answers.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.cutover_answers', 'immutable');

COMMIT;
