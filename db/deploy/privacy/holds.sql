-- Legal holds: of a month under hold nothing is removed, whatever the settings say.
-- requires: content/months
-- requires: revising/door
--
-- Hold      from      by                                       asks for
-- in force  -         api.place_legal_hold, an administrator   a reason
-- lifted    in force  api.lift_legal_hold, another person      a reason
--
-- A month may be under several holds; it is free when the last one is lifted.

BEGIN;

INSERT INTO app.error_codes (sqlstate, slug, meaning, message, hint) VALUES
('PM170', 'second_person', 'A legal hold is lifted, and a pseudonym given or lifted, by another person than who began it.',
    'another person has to do it', 'Ask another administrator, or a reviewer.'),
('NF170', 'no_such_hold', 'There is no legal hold with this id.',
    'there is no such legal hold', 'See report.legal_holds.')
ON CONFLICT (sqlstate) DO NOTHING;

INSERT INTO app.month_calls (call_name, changes) VALUES
('place_legal_hold', 'nothing'),
('lift_legal_hold', 'nothing');

CREATE TABLE app.legal_holds (
    hold_id uuid NOT NULL DEFAULT app.new_id(),
    month_id uuid NOT NULL,
    reason text NOT NULL,
    placed_by uuid NOT NULL DEFAULT app.actor_id(),
    placed_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT legal_holds_pkey PRIMARY KEY (hold_id),
    CONSTRAINT legal_holds_placed_key UNIQUE (hold_id, placed_by),
    CONSTRAINT legal_holds_month_id_fkey FOREIGN KEY (month_id) REFERENCES app.months (month_id),
    CONSTRAINT legal_holds_placed_by_fkey FOREIGN KEY (placed_by) REFERENCES app.users (user_id),
    CONSTRAINT legal_holds_reason_check CHECK (length(btrim(reason)) BETWEEN 1 AND 4000)
);
CREATE INDEX legal_holds_month_id_idx ON app.legal_holds (month_id);
CREATE INDEX legal_holds_placed_by_idx ON app.legal_holds (placed_by);
COMMENT ON TABLE app.legal_holds IS 'Months of which nothing is to be removed, by retention or otherwise, until the hold is lifted.';
COMMENT ON COLUMN app.legal_holds.hold_id IS 'Key.';
COMMENT ON COLUMN app.legal_holds.month_id IS 'The month.';
COMMENT ON COLUMN app.legal_holds.reason IS 'Why, such as the number of a case.';
COMMENT ON COLUMN app.legal_holds.placed_by IS 'Who placed it.';
COMMENT ON COLUMN app.legal_holds.placed_at IS 'When.';
COMMENT ON COLUMN app.legal_holds.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.legal_holds', 'immutable');

CREATE TABLE app.legal_hold_lifts (
    hold_id uuid NOT NULL,
    placed_by uuid NOT NULL,
    lift_reason text NOT NULL,
    lifted_by uuid NOT NULL DEFAULT app.actor_id(),
    lifted_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT legal_hold_lifts_pkey PRIMARY KEY (hold_id),
    CONSTRAINT legal_hold_lifts_hold_fkey FOREIGN KEY (hold_id, placed_by) REFERENCES app.legal_holds (hold_id, placed_by),
    CONSTRAINT legal_hold_lifts_lifted_by_fkey FOREIGN KEY (lifted_by) REFERENCES app.users (user_id),
    CONSTRAINT legal_hold_lifts_other_check CHECK (lifted_by <> placed_by),
    CONSTRAINT legal_hold_lifts_lift_reason_check CHECK (length(btrim(lift_reason)) BETWEEN 1 AND 4000)
);
CREATE INDEX legal_hold_lifts_lifted_by_idx ON app.legal_hold_lifts (lifted_by);
COMMENT ON TABLE app.legal_hold_lifts IS 'Legal holds that were lifted, by another person than who placed them.';
COMMENT ON COLUMN app.legal_hold_lifts.hold_id IS 'The hold.';
COMMENT ON COLUMN app.legal_hold_lifts.placed_by IS 'Who placed it.';
COMMENT ON COLUMN app.legal_hold_lifts.lift_reason IS 'Why it ends.';
COMMENT ON COLUMN app.legal_hold_lifts.lifted_by IS 'Who lifted it.';
COMMENT ON COLUMN app.legal_hold_lifts.lifted_at IS 'When.';
COMMENT ON COLUMN app.legal_hold_lifts.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.legal_hold_lifts', 'immutable');

CREATE OR REPLACE VIEW app.held_months AS
SELECT DISTINCT h.month_id FROM app.legal_holds AS h
WHERE NOT EXISTS (SELECT FROM app.legal_hold_lifts AS l WHERE l.hold_id = h.hold_id);
COMMENT ON VIEW app.held_months IS 'Months under a legal hold.';
SELECT app.describe_columns('app.held_months', 'app.legal_holds');

CREATE OR REPLACE VIEW report.legal_holds AS
SELECT h.hold_id, h.month_id, m.month_name, h.reason, h.placed_by, u.user_name AS placed_by_name, h.placed_at, l.hold_id IS NULL AS is_in_force,
    l.lift_reason, l.lifted_by, x.user_name AS lifted_by_name, l.lifted_at
FROM app.legal_holds AS h
JOIN app.months AS m ON m.month_id = h.month_id
JOIN app.users AS u ON u.user_id = h.placed_by
LEFT JOIN app.legal_hold_lifts AS l ON l.hold_id = h.hold_id
LEFT JOIN app.users AS x ON x.user_id = l.lifted_by;
COMMENT ON VIEW report.legal_holds IS 'Legal holds of months, those that were lifted as well.';
COMMENT ON COLUMN report.legal_holds.placed_by_name IS 'Name of who placed it.';
COMMENT ON COLUMN report.legal_holds.is_in_force IS 'True until somebody else lifts it.';
COMMENT ON COLUMN report.legal_holds.lifted_by_name IS 'Name of who lifted it.';
SELECT app.describe_columns('report.legal_holds', 'app.legal_holds');
SELECT app.describe_columns('report.legal_holds', 'app.legal_hold_lifts');
SELECT app.describe_columns('report.legal_holds', 'app.months');
GRANT SELECT ON report.legal_holds TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION api.place_legal_hold(p_month_id uuid, p_reason text, p_request_id text DEFAULT NULL)
RETURNS report.legal_holds
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('place_legal_hold', p_month_id::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'place_legal_hold', v_hash, p_reason);
    v_hold_id uuid := (v_answer ->> 'hold_id')::uuid;
    v_result report.legal_holds;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        IF NOT EXISTS (SELECT FROM app.months AS m WHERE m.month_id = p_month_id) THEN
            PERFORM app.fail('NF006', 'month_id', NULL, coalesce(p_month_id::text, 'none'));
        END IF;
        -- A sweep that goes on ends first.
        PERFORM app.take_turn('retention');
        INSERT INTO app.legal_holds AS h (month_id, reason) VALUES (p_month_id, app.hide_card_numbers(pg_catalog.btrim(p_reason)))
        RETURNING h.hold_id INTO v_hold_id;
        PERFORM app.end_request(p_request_id, 'place_legal_hold', v_hash, pg_catalog.jsonb_build_object('hold_id', v_hold_id));
    END IF;
    SELECT h.* INTO v_result FROM report.legal_holds AS h WHERE h.hold_id = v_hold_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.place_legal_hold(uuid, text, text) IS 'Puts a month, open or closed, under legal hold, with the reason: until it is lifted nothing of it is removed by retention, and nobody of it gets a pseudonym. What was removed before does not come back. Raises IV008, NF006, PM001, PM002, ST003.';

CREATE OR REPLACE FUNCTION api.lift_legal_hold(p_hold_id uuid, p_reason text, p_request_id text DEFAULT NULL)
RETURNS report.legal_holds
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('lift_legal_hold', p_hold_id::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'lift_legal_hold', v_hash, p_reason);
    v_result report.legal_holds;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        PERFORM app.take_turn('retention');
        SELECT h.* INTO v_result FROM report.legal_holds AS h WHERE h.hold_id = p_hold_id;
        IF v_result.hold_id IS NULL THEN
            PERFORM app.fail('NF170', 'hold_id', NULL, coalesce(p_hold_id::text, 'none'));
        ELSIF NOT v_result.is_in_force THEN
            PERFORM app.fail('ST002', 'hold_id', 'a hold that is in force', pg_catalog.format('lifted by %s', v_result.lifted_by_name));
        END IF;
        PERFORM app.refuse_same_person('PM170', v_result.placed_by, 'hold_id', 'another person than who placed it');
        INSERT INTO app.legal_hold_lifts (hold_id, placed_by, lift_reason)
        VALUES (p_hold_id, v_result.placed_by, app.hide_card_numbers(pg_catalog.btrim(p_reason)));
        PERFORM app.end_request(p_request_id, 'lift_legal_hold', v_hash, '{}');
    END IF;
    SELECT h.* INTO v_result FROM report.legal_holds AS h WHERE h.hold_id = p_hold_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.lift_legal_hold(uuid, text, text) IS 'Lifts a legal hold with a reason, as another person than who placed it: retention counts as if it had never been. Raises IV008, NF170, PM001, PM002, PM170, ST002, ST003.';

GRANT EXECUTE ON FUNCTION api.place_legal_hold(uuid, text, text) TO ccp_admin;
GRANT EXECUTE ON FUNCTION api.lift_legal_hold(uuid, text, text) TO ccp_admin, ccp_reviewer;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
