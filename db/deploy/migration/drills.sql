-- Drills: what was tried before it was needed, how long it took, and whether it held.
--
-- Step           by                                                    asks for
-- record_drill   an administrator, or a command as one                 figures
-- confirm_drill  another person, an administrator or reviewer, once    a note of what was looked at
--
-- Checks of the cut-over count what was confirmed.

-- requires: audit/ticks
-- requires: access/requests
-- requires: foundation/members
-- requires: revising/door

BEGIN;

INSERT INTO app.month_calls (call_name, changes) VALUES
('record_drill', 'nothing'),
('confirm_drill', 'nothing');

INSERT INTO app.error_codes (sqlstate, slug, meaning, message, hint) VALUES
('IV150', 'wrong_figures', 'Figures are an object of at most 100 members without a card number.',
    'figures are not an object of figures', 'Give what was measured as an object: name and value.'),
('NF152', 'no_such_drill', 'There is no drill with this id.', 'there is no such drill', 'See report.drills.')
ON CONFLICT (sqlstate) DO NOTHING;

CREATE TABLE app.drills (
    drill_id uuid NOT NULL DEFAULT app.new_id(),
    kind text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    passed boolean NOT NULL,
    figures jsonb NOT NULL,
    server text NOT NULL,
    note text,
    user_id uuid NOT NULL DEFAULT app.actor_id(),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT drills_pkey PRIMARY KEY (drill_id),
    CONSTRAINT drills_user_id_key UNIQUE (drill_id, user_id),
    CONSTRAINT drills_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (user_id),
    CONSTRAINT drills_kind_check CHECK (kind IN ('rehearsal', 'rollback', 'restore', 'load', 'failover', 'backup', 'verify')),
    CONSTRAINT drills_ended_at_check CHECK (ended_at >= started_at),
    CONSTRAINT drills_figures_check CHECK (jsonb_typeof(figures) = 'object'),
    CONSTRAINT drills_server_check CHECK (length(server) BETWEEN 1 AND 200),
    CONSTRAINT drills_note_check CHECK (length(note) BETWEEN 1 AND 4000)
);
CREATE INDEX drills_kind_idx ON app.drills (kind, ended_at);
CREATE INDEX drills_user_id_idx ON app.drills (user_id);
CREATE INDEX drills_created_tx_idx ON app.drills (created_tx);
COMMENT ON TABLE app.drills IS 'What was tried before it was needed: the way back, a restore, ten times the load.';
COMMENT ON COLUMN app.drills.drill_id IS 'Key; sorts by time.';
COMMENT ON COLUMN app.drills.kind IS 'rehearsal: the way back without taking it; rollback: the way back itself; restore: a backup brought back and verified; load: many times the usual volume; failover: the standby took over; backup: a backup was made and read; verify: the audit was verified from outside.';
COMMENT ON COLUMN app.drills.started_at IS 'When it began.';
COMMENT ON COLUMN app.drills.ended_at IS 'When it ended.';
COMMENT ON COLUMN app.drills.passed IS 'Whether it held what it is for.';
COMMENT ON COLUMN app.drills.figures IS 'What was measured, by name.';
COMMENT ON COLUMN app.drills.server IS 'The machine it was done on.';
COMMENT ON COLUMN app.drills.note IS 'What else there is to say; null for nothing.';
COMMENT ON COLUMN app.drills.user_id IS 'Who did it.';
COMMENT ON COLUMN app.drills.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN app.drills.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.drills', 'immutable');

CREATE TABLE app.drill_confirmations (
    drill_id uuid NOT NULL,
    recorded_by uuid NOT NULL,
    note text NOT NULL,
    confirmed_by uuid NOT NULL DEFAULT app.actor_id(),
    confirmed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT drill_confirmations_pkey PRIMARY KEY (drill_id),
    CONSTRAINT drill_confirmations_drill_id_fkey FOREIGN KEY (drill_id, recorded_by) REFERENCES app.drills (drill_id, user_id),
    CONSTRAINT drill_confirmations_confirmed_by_fkey FOREIGN KEY (confirmed_by) REFERENCES app.users (user_id),
    CONSTRAINT drill_confirmations_second_person_check CHECK (confirmed_by <> recorded_by),
    CONSTRAINT drill_confirmations_note_check CHECK (length(note) BETWEEN 1 AND 4000)
);
CREATE INDEX drill_confirmations_confirmed_by_idx ON app.drill_confirmations (confirmed_by);
CREATE INDEX drill_confirmations_created_tx_idx ON app.drill_confirmations (created_tx);
COMMENT ON TABLE app.drill_confirmations IS 'Drills that a second person looked at: what one person says was tried decides nothing.';
COMMENT ON COLUMN app.drill_confirmations.drill_id IS 'The drill.';
COMMENT ON COLUMN app.drill_confirmations.recorded_by IS 'Who recorded it, here so that it can be compared.';
COMMENT ON COLUMN app.drill_confirmations.note IS 'What the second person looked at.';
COMMENT ON COLUMN app.drill_confirmations.confirmed_by IS 'Who confirmed it.';
COMMENT ON COLUMN app.drill_confirmations.confirmed_at IS 'When.';
COMMENT ON COLUMN app.drill_confirmations.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.drill_confirmations', 'immutable');

CREATE OR REPLACE FUNCTION app.refuse_figures(p_figures jsonb) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF pg_catalog.jsonb_typeof(p_figures) IS DISTINCT FROM 'object' THEN
        PERFORM app.fail('IV150', 'figures', 'an object', coalesce(pg_catalog.jsonb_typeof(p_figures), 'nothing'));
    ELSIF (SELECT pg_catalog.count(*) FROM pg_catalog.jsonb_object_keys(p_figures)) > 100
        OR pg_catalog.length(p_figures::text) > 20000
    THEN
        PERFORM app.fail('IV150', 'figures', 'at most 100 members and 20000 characters',
            pg_catalog.length(p_figures::text) || ' characters');
    ELSIF app.json_holds_card_number(p_figures) THEN
        PERFORM app.fail('IV018', 'figures', 'figures without a card number', 'one with a card number');
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_figures(jsonb) IS 'Refuses figures that are no object (IV150), are too many (IV150) or hold a card number (IV018).';

CREATE OR REPLACE VIEW report.drills AS
SELECT d.drill_id, d.kind, d.started_at, d.ended_at, round(extract(epoch FROM d.ended_at - d.started_at), 1) AS seconds, d.passed,
    d.figures, d.server, d.note, d.user_id, u.user_name, d.recorded_at, c.confirmed_by, o.user_name AS confirmed_by_name,
    c.confirmed_at, c.note AS confirmation_note
FROM app.drills AS d
JOIN app.users AS u ON u.user_id = d.user_id
LEFT JOIN app.drill_confirmations AS c ON c.drill_id = d.drill_id
LEFT JOIN app.users AS o ON o.user_id = c.confirmed_by;
COMMENT ON VIEW report.drills IS 'Drills: what was tried before it was needed, how long it took, whether it held.';
COMMENT ON COLUMN report.drills.seconds IS 'How long it took, in seconds.';
COMMENT ON COLUMN report.drills.user_name IS 'Name of who did it.';
COMMENT ON COLUMN report.drills.confirmed_by_name IS 'Name of who confirmed it; null: nobody has.';
COMMENT ON COLUMN report.drills.confirmation_note IS 'What the second person looked at.';
SELECT app.describe_columns('report.drills', 'app.drills');
SELECT app.describe_columns('report.drills', 'app.drill_confirmations');
GRANT SELECT ON report.drills TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION api.record_drill(
    p_kind text, p_started_at timestamptz, p_ended_at timestamptz, p_passed boolean, p_figures jsonb, p_server text,
    p_note text DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.drills
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('record_drill', p_kind, p_started_at::text, p_ended_at::text, p_passed::text,
        p_figures::text, p_server, p_note);
    v_answer jsonb := app.begin_request(p_request_id, 'record_drill', v_hash);
    v_kinds text[] := app.closed_list('drills.kind');
    v_drill_id uuid := (v_answer ->> 'drill_id')::uuid;
    v_result report.drills;
BEGIN
    IF v_answer IS NULL THEN
        IF (p_kind = ANY (v_kinds)) IS NOT TRUE THEN
            PERFORM app.fail('IV008', 'kind', pg_catalog.array_to_string(v_kinds, ', '), coalesce(app.shorten(p_kind, 200), 'nothing'));
        ELSIF p_passed IS NULL THEN
            PERFORM app.fail('IV008', 'passed', 'true or false', 'nothing');
        ELSIF (p_started_at BETWEEN '2000-01-01' AND pg_catalog.clock_timestamp() + interval '5 minutes') IS NOT TRUE THEN
            PERFORM app.fail('IV008', 'started_at', 'an instant that has been', coalesce(p_started_at::text, 'nothing'));
        ELSIF (p_ended_at BETWEEN p_started_at AND pg_catalog.clock_timestamp() + interval '5 minutes') IS NOT TRUE THEN
            PERFORM app.fail('IV008', 'ended_at', 'an instant after the beginning that has been', coalesce(p_ended_at::text, 'nothing'));
        END IF;
        PERFORM app.refuse_figures(p_figures), app.require_text(p_server, 'server', 200), app.refuse_control(p_server, 'server'),
            app.refuse_card_number(p_server, 'server');
        IF p_note IS NOT NULL THEN
            PERFORM app.require_text(p_note, 'note', 4000);
        END IF;
        INSERT INTO app.drills AS d (kind, started_at, ended_at, passed, figures, server, note)
        VALUES (p_kind, p_started_at, p_ended_at, p_passed, p_figures, pg_catalog.btrim(p_server),
            app.hide_card_numbers(pg_catalog.btrim(p_note)))
        RETURNING d.drill_id INTO v_drill_id;
        PERFORM app.end_request(p_request_id, 'record_drill', v_hash, pg_catalog.jsonb_build_object('drill_id', v_drill_id));
    END IF;
    SELECT d.* INTO v_result FROM report.drills AS d WHERE d.drill_id = v_drill_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.record_drill(text, timestamptz, timestamptz, boolean, jsonb, text, text, text) IS 'Records a drill: kind, when it began and ended, whether it held, what was measured, and the machine. It is kept for good. Checks of the cut-over look at the newest one of their kind, once another person has confirmed it by api.confirm_drill. Raises IV008, IV018, IV071, IV150, PM001, PM002, ST003.';
GRANT EXECUTE ON FUNCTION api.record_drill(text, timestamptz, timestamptz, boolean, jsonb, text, text, text) TO ccp_admin;

CREATE OR REPLACE FUNCTION api.confirm_drill(p_drill_id uuid, p_note text, p_request_id text DEFAULT NULL) RETURNS report.drills
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('confirm_drill', p_drill_id::text, p_note);
    v_answer jsonb := app.begin_request(p_request_id, 'confirm_drill', v_hash, p_note);
    v_result report.drills;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_note, 'note', 4000), app.take_turn('cutover');
        SELECT d.* INTO v_result FROM report.drills AS d WHERE d.drill_id = p_drill_id;
        IF v_result.drill_id IS NULL THEN
            PERFORM app.fail('NF152', 'drill_id', NULL, coalesce(p_drill_id::text, 'nothing'));
        END IF;
        PERFORM app.refuse_same_person('PM150', v_result.user_id, 'drill_id', 'another person than who recorded it');
        IF v_result.confirmed_at IS NOT NULL THEN
            PERFORM app.fail('ST002', 'drill_id', 'a drill that nobody has confirmed', 'confirmed by ' || v_result.confirmed_by_name);
        END IF;
        INSERT INTO app.drill_confirmations (drill_id, recorded_by, note)
        VALUES (p_drill_id, v_result.user_id, app.hide_card_numbers(pg_catalog.btrim(p_note)));
        PERFORM app.end_request(p_request_id, 'confirm_drill', v_hash, '{}');
    END IF;
    SELECT d.* INTO v_result FROM report.drills AS d WHERE d.drill_id = p_drill_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.confirm_drill(uuid, text, text) IS 'Confirms a drill that another person recorded, with a note of what was looked at, once. Raises IV008, NF152, PM001, PM002, PM150, ST002, ST003.';
GRANT EXECUTE ON FUNCTION api.confirm_drill(uuid, text, text) TO ccp_admin, ccp_reviewer;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
