-- Hand-outs: who was given which file, and when. One row each, whatever the kind.
-- requires: outputs/workbook
-- requires: access/requests
-- requires: audit/ticks

BEGIN;

INSERT INTO app.month_calls (call_name, changes) VALUES
('record_hand_out', 'nothing');

CREATE TABLE app.hand_outs (
    hand_out_id uuid NOT NULL DEFAULT app.new_id(),
    kind text NOT NULL,
    session_id uuid,
    about text,
    user_id uuid NOT NULL DEFAULT app.actor_id(),
    tick_number bigint NOT NULL,
    sha256 bytea,
    size_bytes bigint NOT NULL,
    handed_out_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT hand_outs_pkey PRIMARY KEY (hand_out_id),
    CONSTRAINT hand_outs_session_id_fkey FOREIGN KEY (session_id) REFERENCES app.processing_sessions (session_id),
    CONSTRAINT hand_outs_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (user_id),
    CONSTRAINT hand_outs_kind_check CHECK (kind IN ('report.xlsx', 'coding.xlsx', 'import.csv', 'activity.json',
        'packets.zip', 'packet.pdf', 'batch.csv')),
    CONSTRAINT hand_outs_about_check CHECK (length(about) BETWEEN 1 AND 400 AND NOT app.has_control(about)),
    CONSTRAINT hand_outs_sha256_check CHECK (length(sha256) = 32),
    CONSTRAINT hand_outs_size_bytes_check CHECK (size_bytes >= 0)
);
CREATE INDEX hand_outs_session_id_idx ON app.hand_outs (session_id);
CREATE INDEX hand_outs_user_id_idx ON app.hand_outs (user_id);
CREATE INDEX hand_outs_created_tx_idx ON app.hand_outs (created_tx);
COMMENT ON TABLE app.hand_outs IS 'Each file that was given to somebody: who, what, when, and its checksum.';
COMMENT ON COLUMN app.hand_outs.hand_out_id IS 'Key; sorts by time.';
COMMENT ON COLUMN app.hand_outs.kind IS 'What it was: report.xlsx, coding.xlsx, import.csv, activity.json, packets.zip, packet.pdf or batch.csv.';
COMMENT ON COLUMN app.hand_outs.session_id IS 'The session it was made of; null for a batch.';
COMMENT ON COLUMN app.hand_outs.about IS 'What else tells the file: profile and invoice month, person, shape, number of the batch.';
COMMENT ON COLUMN app.hand_outs.user_id IS 'Who was given it.';
COMMENT ON COLUMN app.hand_outs.tick_number IS 'The tick that was written when the file was whole: it holds what was there then.';
COMMENT ON COLUMN app.hand_outs.sha256 IS 'SHA-256 of its bytes; null when the transfer broke off.';
COMMENT ON COLUMN app.hand_outs.size_bytes IS 'Number of its bytes, or of those that were sent before the transfer broke off.';
COMMENT ON COLUMN app.hand_outs.handed_out_at IS 'When.';
COMMENT ON COLUMN app.hand_outs.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.hand_outs', 'immutable');

CREATE OR REPLACE FUNCTION api.record_hand_out(
    p_kind text, p_session_id uuid, p_about text, p_sha256 text, p_size bigint, p_request_id text DEFAULT NULL
) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('record_hand_out', p_kind, p_session_id::text, p_about, p_sha256, p_size::text);
    v_answer jsonb := app.begin_request(p_request_id, 'record_hand_out', v_hash);
    v_kinds text[] := app.closed_list('hand_outs.kind');
    v_hand_out_id uuid;
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN (v_answer ->> 'hand_out_id')::uuid;
    END IF;
    IF (p_kind = ANY (v_kinds)) IS NOT TRUE THEN
        PERFORM app.fail('IV008', 'kind', pg_catalog.array_to_string(v_kinds, ', '), coalesce(p_kind, 'nothing'));
    ELSIF p_sha256 !~ '^[0-9a-f]{64}$' THEN
        PERFORM app.fail('IV008', 'sha256', '64 hex digits, small letters', pg_catalog.length(p_sha256)::text || ' characters');
    ELSIF (p_size >= 0) IS NOT TRUE THEN
        PERFORM app.fail('IV008', 'size', 'a number of bytes', coalesce(p_size::text, 'nothing'));
    ELSIF p_session_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM app.processing_sessions AS s WHERE s.session_id = p_session_id)
    THEN
        PERFORM app.fail('NF001', 'session_id', NULL, p_session_id::text);
    END IF;
    IF p_about IS NOT NULL THEN
        PERFORM app.require_text(p_about, 'about', 400);
    END IF;
    INSERT INTO app.hand_outs (kind, session_id, about, tick_number, sha256, size_bytes)
    VALUES (p_kind, p_session_id, app.hide_card_numbers(p_about), (audit.tick('export')).tick_number,
        pg_catalog.decode(p_sha256, 'hex'), p_size)
    RETURNING hand_out_id INTO v_hand_out_id;
    PERFORM app.end_request(p_request_id, 'record_hand_out', v_hash, pg_catalog.jsonb_build_object('hand_out_id', v_hand_out_id));
    RETURN v_hand_out_id;
END
$$;
COMMENT ON FUNCTION api.record_hand_out(text, uuid, text, text, bigint, text) IS 'Notes that the caller was given a file: its kind, the session it was made of, what else tells it, SHA-256 in hex (null when the transfer broke off) and size. Writes a tick. The service calls it with each download. Raises IV008, NF001, PM001, PM002, ST003.';
GRANT EXECUTE ON FUNCTION api.record_hand_out(text, uuid, text, text, bigint, text)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only;

CREATE OR REPLACE VIEW report.hand_outs AS
SELECT h.hand_out_id, h.kind, h.session_id, h.about, h.user_id, u.user_name, h.tick_number, encode(h.sha256, 'hex') AS sha256,
    h.size_bytes, h.handed_out_at
FROM app.hand_outs AS h
JOIN app.users AS u ON u.user_id = h.user_id;
COMMENT ON VIEW report.hand_outs IS 'Each file that was given to somebody: who, what, when, and its checksum.';
COMMENT ON COLUMN report.hand_outs.user_name IS 'Name of who was given it.';
COMMENT ON COLUMN report.hand_outs.sha256 IS 'SHA-256 of its bytes, in hex; null when the transfer broke off.';
SELECT app.describe_columns('report.hand_outs', 'app.hand_outs');
GRANT SELECT ON report.hand_outs TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
