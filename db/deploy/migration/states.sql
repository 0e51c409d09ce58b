-- The state of the cut-over, and what is refused in it.
-- requires: migration/checks
-- requires: outputs/batch_tables
--
-- Step      from         to                 by                                             stands behind the checks for
-- freeze    trial        frozen             an administrator, and another one or reviewer  frozen
-- unfreeze  frozen       trial              two as well
-- go_live   frozen       live               two as well                                    frozen, live
-- roll_back frozen, live rolled_back        one administrator, with a reason
-- return    rolled_back  the state before   two as well                                    return, where that state is live
-- finish    live         done               two as well                                    done
--
-- State        refuses
-- frozen       old imports: ST151
-- rolled_back  old imports, corrections, decisions, closing, batches: ST150, at the calls and at the tables;
--              a job of the queue is not begun
-- done         every step and old results: it is final, ST002

BEGIN;

INSERT INTO app.month_calls (call_name, changes) VALUES
('run_cutover_checks', 'nothing'),
('sign_cutover_check', 'nothing'),
('propose_cutover_step', 'nothing'),
('propose_check_waiver', 'nothing'),
('confirm_cutover', 'nothing'),
('reject_cutover', 'nothing'),
('roll_back_cutover', 'nothing'),
('run_cutover_day', 'nothing');

INSERT INTO app.error_codes (sqlstate, slug, meaning, message, hint) VALUES
('ST150', 'rolled_back', 'The cut-over is rolled back: the old program is the master, and nothing of a month changes here.',
    'the cut-over is rolled back', 'Uploads are kept and processed after the return. Work in the old program, or wait.'),
('ST151', 'frozen', 'The cut-over is frozen: old files are not imported any more.',
    'the cut-over is frozen', 'Hand the file in as an old result of its month, to be compared.'),
('RL150', 'checks_fail', 'Required checks of the cut-over fail.',
    'required checks fail', 'See report.cutover; answer them, or let two people waive one that may be.'),
('RL151', 'never_waived', 'This check is never waived.',
    'the check is never waived', 'Mend what it found, and run the checks again.'),
('PM150', 'proposer_confirms', 'Nobody confirms what they proposed themselves.',
    'another person confirms', 'Ask another administrator, or a reviewer.'),
('NF150', 'no_such_check', 'There is no check of the cut-over with this code.',
    'there is no such check', 'See report.cutover.'),
('NF151', 'no_such_proposal', 'There is no proposal about the cut-over with this id.',
    'there is no such proposal', 'See report.cutover_proposals.')
ON CONFLICT (sqlstate) DO NOTHING;

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('rollback_minutes', 30, 1, 1440, 'minutes', 'How long the way back to the old program may take in a rehearsal, from the first step to the last file.'),
('rollback_drain_seconds', 300, 0, 3600, 'seconds', 'How long a job that was begun before a rollback may still go on; after that its worker has lost it.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE TABLE app.cutover_proposals (
    proposal_id uuid NOT NULL DEFAULT app.new_id(),
    step text,
    check_code text,
    event_number integer NOT NULL,
    reason text NOT NULL,
    ends_on date,
    proposed_by uuid NOT NULL DEFAULT app.actor_id(),
    proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT cutover_proposals_pkey PRIMARY KEY (proposal_id),
    CONSTRAINT cutover_proposals_proposed_by_key UNIQUE (proposal_id, proposed_by),
    CONSTRAINT cutover_proposals_check_code_fkey FOREIGN KEY (check_code) REFERENCES app.cutover_checks (check_code),
    CONSTRAINT cutover_proposals_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES app.users (user_id),
    CONSTRAINT cutover_proposals_step_check CHECK (step IN ('freeze', 'unfreeze', 'go_live', 'return', 'finish')),
    CONSTRAINT cutover_proposals_about_check CHECK ((step IS NULL) <> (check_code IS NULL)),
    CONSTRAINT cutover_proposals_ends_on_check CHECK ((ends_on IS NULL) = (check_code IS NULL)),
    CONSTRAINT cutover_proposals_reason_check CHECK (length(reason) BETWEEN 1 AND 4000)
);
CREATE INDEX cutover_proposals_check_code_idx ON app.cutover_proposals (check_code);
CREATE INDEX cutover_proposals_proposed_by_idx ON app.cutover_proposals (proposed_by);
CREATE INDEX cutover_proposals_created_tx_idx ON app.cutover_proposals (created_tx);
COMMENT ON TABLE app.cutover_proposals IS 'What one person proposes about the cut-over: a step, or to let a check pass. Another one decides.';
COMMENT ON COLUMN app.cutover_proposals.proposal_id IS 'Key; sorts by time.';
COMMENT ON COLUMN app.cutover_proposals.step IS 'The step; null when it is about a check.';
COMMENT ON COLUMN app.cutover_proposals.check_code IS 'The check that is to be waived; null when it is about a step.';
COMMENT ON COLUMN app.cutover_proposals.event_number IS 'Number of the event that was the newest one then, 0 for none: a step is only taken from the state it was proposed in.';
COMMENT ON COLUMN app.cutover_proposals.reason IS 'Why.';
COMMENT ON COLUMN app.cutover_proposals.ends_on IS 'The last day (UTC) the waiver counts; null for a step.';
COMMENT ON COLUMN app.cutover_proposals.proposed_by IS 'Who proposed it.';
COMMENT ON COLUMN app.cutover_proposals.proposed_at IS 'When.';
COMMENT ON COLUMN app.cutover_proposals.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.cutover_proposals', 'immutable');

CREATE TABLE app.cutover_decisions (
    proposal_id uuid NOT NULL,
    proposed_by uuid NOT NULL,
    verdict text NOT NULL,
    note text,
    decided_by uuid NOT NULL DEFAULT app.actor_id(),
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT cutover_decisions_pkey PRIMARY KEY (proposal_id, verdict),
    CONSTRAINT cutover_decisions_proposal_id_fkey FOREIGN KEY (proposal_id, proposed_by)
        REFERENCES app.cutover_proposals (proposal_id, proposed_by),
    CONSTRAINT cutover_decisions_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES app.users (user_id),
    CONSTRAINT cutover_decisions_verdict_check CHECK (verdict IN ('confirmed', 'rejected', 'withdrawn')),
    CONSTRAINT cutover_decisions_note_check CHECK (length(note) BETWEEN 1 AND 4000),
    CONSTRAINT cutover_decisions_second_person_check CHECK (decided_by <> proposed_by OR verdict <> 'confirmed')
);
CREATE UNIQUE INDEX cutover_decisions_proposal_id_key ON app.cutover_decisions (proposal_id) WHERE verdict <> 'withdrawn';
CREATE INDEX cutover_decisions_decided_by_idx ON app.cutover_decisions (decided_by);
CREATE INDEX cutover_decisions_created_tx_idx ON app.cutover_decisions (created_tx);
COMMENT ON TABLE app.cutover_decisions IS 'What became of proposals. That a second person confirms is a constraint; rejecting one''s own takes it back.';
COMMENT ON COLUMN app.cutover_decisions.proposal_id IS 'The proposal.';
COMMENT ON COLUMN app.cutover_decisions.proposed_by IS 'Who proposed it, here so that it can be compared.';
COMMENT ON COLUMN app.cutover_decisions.verdict IS 'confirmed or rejected; withdrawn: a waiver that was confirmed counts no longer.';
COMMENT ON COLUMN app.cutover_decisions.note IS 'What the deciding person noted.';
COMMENT ON COLUMN app.cutover_decisions.decided_by IS 'Who decided.';
COMMENT ON COLUMN app.cutover_decisions.decided_at IS 'When.';
COMMENT ON COLUMN app.cutover_decisions.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.cutover_decisions', 'immutable');

CREATE TABLE app.cutover_events (
    event_number integer NOT NULL,
    step text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    proposal_id uuid,
    reason text NOT NULL,
    verdict jsonb NOT NULL,
    user_id uuid NOT NULL DEFAULT app.actor_id(),
    happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT cutover_events_pkey PRIMARY KEY (event_number),
    CONSTRAINT cutover_events_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES app.cutover_proposals (proposal_id),
    CONSTRAINT cutover_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (user_id),
    CONSTRAINT cutover_events_event_number_check CHECK (event_number > 0),
    CONSTRAINT cutover_events_step_check CHECK (step IN ('freeze', 'unfreeze', 'go_live', 'roll_back', 'return', 'finish')),
    CONSTRAINT cutover_events_from_state_check CHECK (from_state IN ('trial', 'frozen', 'live', 'rolled_back')),
    CONSTRAINT cutover_events_to_state_check CHECK (to_state IN ('trial', 'frozen', 'live', 'rolled_back', 'done')),
    CONSTRAINT cutover_events_two_check CHECK ((step = 'roll_back') = (proposal_id IS NULL)),
    CONSTRAINT cutover_events_reason_check CHECK (length(reason) BETWEEN 1 AND 4000)
);
CREATE UNIQUE INDEX cutover_events_proposal_id_key ON app.cutover_events (proposal_id);
CREATE INDEX cutover_events_user_id_idx ON app.cutover_events (user_id);
CREATE INDEX cutover_events_created_tx_idx ON app.cutover_events (created_tx);
COMMENT ON TABLE app.cutover_events IS 'The steps of the cut-over that were taken; the newest one says the state, none means trial.';
COMMENT ON COLUMN app.cutover_events.event_number IS 'Number, from 1.';
COMMENT ON COLUMN app.cutover_events.step IS 'freeze, unfreeze, go_live, roll_back, return or finish.';
COMMENT ON COLUMN app.cutover_events.from_state IS 'The state before.';
COMMENT ON COLUMN app.cutover_events.to_state IS 'The state from then on.';
COMMENT ON COLUMN app.cutover_events.proposal_id IS 'The proposal that was confirmed; null for a rollback, which one person takes.';
COMMENT ON COLUMN app.cutover_events.reason IS 'Why.';
COMMENT ON COLUMN app.cutover_events.verdict IS 'What every check said at that instant, with its evidence.';
COMMENT ON COLUMN app.cutover_events.user_id IS 'Who confirmed it, or rolled back.';
COMMENT ON COLUMN app.cutover_events.happened_at IS 'When.';
COMMENT ON COLUMN app.cutover_events.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.cutover_events', 'immutable');

CREATE OR REPLACE FUNCTION app.newest_cutover() RETURNS app.cutover_events
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT e.* FROM app.cutover_events AS e ORDER BY e.event_number DESC LIMIT 1;
END;
COMMENT ON FUNCTION app.newest_cutover() IS 'The step of the cut-over that was taken last; null before the first.';

CREATE OR REPLACE FUNCTION app.cutover_state() RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce((SELECT e.to_state FROM app.cutover_events AS e ORDER BY e.event_number DESC LIMIT 1), 'trial');
END;
COMMENT ON FUNCTION app.cutover_state() IS 'The state of the cut-over: trial, frozen, live, done or rolled_back.';

CREATE OR REPLACE FUNCTION app.describe_cutover() RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT concat_ws(' ', e.to_state || ', by', u.user_name,
        'at ' || to_char(e.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') || ':', e.reason)
    FROM app.cutover_events AS e JOIN app.users AS u ON u.user_id = e.user_id
    ORDER BY e.event_number DESC LIMIT 1;
END;
COMMENT ON FUNCTION app.describe_cutover() IS 'Which state it is, who brought it about, when and why.';

CREATE OR REPLACE FUNCTION app.refuse_old_import() RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_state text := app.cutover_state();
BEGIN
    IF v_state = 'frozen' THEN
        PERFORM app.fail('ST151', '$', 'an old result of its month', app.describe_cutover());
    ELSIF v_state = 'rolled_back' THEN
        PERFORM app.fail('ST150', '$', 'a state in which months change here', app.describe_cutover());
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_old_import() IS 'The door of old files: refuses them while the cut-over is frozen, ST151, or rolled back, ST150.';

CREATE OR REPLACE FUNCTION app.refuse_held_call(p_call text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_state text := app.cutover_state();
BEGIN
    IF v_state = 'rolled_back' AND (SELECT c.is_held FROM app.month_calls AS c WHERE c.call_name = p_call) THEN
        PERFORM app.fail('ST150', 'call', 'a state in which months change here', app.describe_cutover());
    ELSIF v_state = 'done' AND p_call = 'compare_old_result' THEN
        PERFORM app.fail('ST002', 'call', 'a state before done', app.describe_cutover());
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_held_call(text) IS 'Refuses, while the cut-over is rolled back, a call that would change what is said of a month, ST150, and old results when it is done, ST002. The state is asked first, so that in any other one it costs a look at one row.';

CREATE OR REPLACE FUNCTION app.keep_held() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    IF app.cutover_state() = 'rolled_back' THEN
        PERFORM app.fail('ST150', NULL, 'a state in which months change here', app.describe_cutover());
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.keep_held() IS 'Trigger of the tables of what people say and decide of a month: refuses rows while the cut-over is rolled back, whichever way they come. Raises ST150.';

CREATE OR REPLACE FUNCTION app.keep_held_issues() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    -- What the machine does names its cause: a job that was begun is still read to its end.
    IF app.cutover_state() = 'rolled_back' AND EXISTS (SELECT FROM changed_rows AS r WHERE r.cause IS NULL) THEN
        PERFORM app.fail('ST150', NULL, 'a state in which months change here', app.describe_cutover());
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.keep_held_issues() IS 'Trigger of the events of issues: refuses what is done by hand while the cut-over is rolled back. Raises ST150.';

CREATE TRIGGER t10_held BEFORE INSERT ON app.corrections FOR EACH STATEMENT EXECUTE FUNCTION app.keep_held();
COMMENT ON TRIGGER t10_held ON app.corrections IS 'Refuses corrections while the cut-over is rolled back.';
ALTER TABLE app.corrections ENABLE ALWAYS TRIGGER t10_held;
CREATE TRIGGER t10_held BEFORE INSERT ON app.match_decisions FOR EACH STATEMENT EXECUTE FUNCTION app.keep_held();
COMMENT ON TRIGGER t10_held ON app.match_decisions IS 'Refuses decisions about matches while the cut-over is rolled back.';
ALTER TABLE app.match_decisions ENABLE ALWAYS TRIGGER t10_held;
CREATE TRIGGER t10_held BEFORE INSERT ON app.month_events FOR EACH STATEMENT EXECUTE FUNCTION app.keep_held();
COMMENT ON TRIGGER t10_held ON app.month_events IS 'Refuses signing off, closing and opening while the cut-over is rolled back.';
ALTER TABLE app.month_events ENABLE ALWAYS TRIGGER t10_held;
CREATE TRIGGER t10_held BEFORE INSERT ON app.accounting_batches FOR EACH STATEMENT EXECUTE FUNCTION app.keep_held();
COMMENT ON TRIGGER t10_held ON app.accounting_batches IS 'Refuses batches while the cut-over is rolled back.';
ALTER TABLE app.accounting_batches ENABLE ALWAYS TRIGGER t10_held;
CREATE TRIGGER t10_held AFTER INSERT ON app.issue_events REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.keep_held_issues();
COMMENT ON TRIGGER t10_held ON app.issue_events IS 'Refuses what is done to issues by hand while the cut-over is rolled back.';
ALTER TABLE app.issue_events ENABLE ALWAYS TRIGGER t10_held;

CREATE OR REPLACE FUNCTION app.has_lost_jobs() RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce((
        SELECT e.to_state = 'rolled_back'
            AND clock_timestamp() > e.happened_at + app.setting('rollback_drain_seconds')::double precision * interval '1 second'
        FROM app.cutover_events AS e ORDER BY e.event_number DESC LIMIT 1), false);
END;
COMMENT ON FUNCTION app.has_lost_jobs() IS 'True when the cut-over was rolled back longer ago than rollback_drain_seconds: whoever works on a job has lost it, and it waits with the others.';

COMMIT;
