-- The months from before: of each old file that became a closed month the proof that the month is what the file was,
-- signed by a person.
-- requires: intake/writing
-- requires: outputs/activity
-- requires: months/closing
--
-- Step                    signature            by                            asks for
-- sign_history_proof      signed               a reviewer or administrator   a note where anything differs
-- withdraw_history_proof  signed -> withdrawn  a reviewer or administrator   a reason
--
-- A signature is of the figures that were seen. It counts while they are the same.

BEGIN;

INSERT INTO app.month_calls (call_name, changes) VALUES
('sign_history_proof', 'nothing'),
('withdraw_history_proof', 'nothing');

CREATE TABLE app.history_signatures (
    session_id uuid NOT NULL,
    signature_number integer NOT NULL,
    kind text NOT NULL,
    proof jsonb NOT NULL,
    note text,
    user_id uuid NOT NULL DEFAULT app.actor_id(),
    signed_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT history_signatures_pkey PRIMARY KEY (session_id, signature_number),
    CONSTRAINT history_signatures_session_id_fkey FOREIGN KEY (session_id) REFERENCES app.processing_sessions (session_id),
    CONSTRAINT history_signatures_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (user_id),
    CONSTRAINT history_signatures_number_check CHECK (signature_number > 0),
    CONSTRAINT history_signatures_kind_check CHECK (kind IN ('signed', 'withdrawn')),
    CONSTRAINT history_signatures_proof_check CHECK (jsonb_typeof(proof) = 'object'),
    CONSTRAINT history_signatures_note_check CHECK (length(note) BETWEEN 1 AND 4000)
);
CREATE INDEX history_signatures_user_id_idx ON app.history_signatures (user_id);
COMMENT ON TABLE app.history_signatures IS 'What people signed about the months from before, and took back; the newest of a file counts.';
COMMENT ON COLUMN app.history_signatures.session_id IS 'The session that the file became.';
COMMENT ON COLUMN app.history_signatures.signature_number IS '1, 2, 3 … of a session.';
COMMENT ON COLUMN app.history_signatures.kind IS 'signed or withdrawn.';
COMMENT ON COLUMN app.history_signatures.proof IS 'The figures that were signed, as in report.history_proof.';
COMMENT ON COLUMN app.history_signatures.note IS 'What was said with it; where file and month differ it says why that is right.';
COMMENT ON COLUMN app.history_signatures.user_id IS 'Who.';
COMMENT ON COLUMN app.history_signatures.signed_at IS 'When.';
COMMENT ON COLUMN app.history_signatures.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.history_signatures', 'immutable');

CREATE OR REPLACE FUNCTION report.way_back(p_session_id uuid) RETURNS TABLE (entries bigint, changed bigint, is_exact boolean)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT count(*), count(*) FILTER (WHERE NOT w.is_as_imported),
        sha256(string_agg(app.digest_entry(w.source_key, w.entry_text), '' ORDER BY w.entry_order, w.source_key COLLATE "C"))
            = (SELECT d.digest FROM app.kept_digests AS d WHERE d.session_id = p_session_id)
    FROM app.write_entries(p_session_id, 'as_imported', false) AS w;
END;
COMMENT ON FUNCTION report.way_back(uuid) IS 'Writes the employees of a session back as its old file had them: how many, how many of them otherwise, since something was changed here, and whether all are what the file was, value for value and but for card numbers; null for a session of no old file.';
GRANT EXECUTE ON FUNCTION report.way_back(uuid)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE VIEW app.history_figures AS
SELECT s.session_id, s.month_id, CASE WHEN k.is_kept THEN g.proof ELSE n.proof END AS proof, a.file_name, a.size_bytes,
    t.processing_completed_at, t.is_latest
FROM app.kept_digests AS d
JOIN app.processing_sessions AS s ON s.session_id = d.session_id AND s.status <> 'cancelled'
JOIN app.months AS m ON m.month_id = s.month_id AND m.state = 'closed'
JOIN report.processing_sessions AS t ON t.session_id = s.session_id
LEFT JOIN LATERAL (
    SELECT x.attempt_id, x.file_name, x.size_bytes FROM app.import_attempts AS x
    WHERE x.session_id = s.session_id AND x.outcome IN ('accepted', 'awaiting_decision') ORDER BY x.attempt_id DESC LIMIT 1
) AS a ON true
LEFT JOIN LATERAL (
    SELECT x.kind, x.proof, x.created_tx FROM app.history_signatures AS x
    WHERE x.session_id = s.session_id ORDER BY x.signature_number DESC LIMIT 1
) AS g ON true
-- Nothing of a closed month changes: figures that were signed since it was closed are those of now.
CROSS JOIN LATERAL (SELECT coalesce(g.kind = 'signed' AND g.created_tx > m.changed_tx, false) AS is_kept) AS k
LEFT JOIN LATERAL (
    SELECT jsonb_build_object('sha256', encode(s.source_sha256, 'hex'),
        'entries_refused', (SELECT count(DISTINCT substring(j.path FROM '^\$\."(?:[^"\\]|\\.)*"')) FROM app.import_rejects AS j WHERE j.attempt_id = a.attempt_id),
        'file_people', d.entries, 'month_people', t.total_employees, 'file_receipts', f.receipts, 'month_receipts', r.receipts,
        'file_car_total', c.car_total, 'month_car_total', coalesce(t.total_amount, 0), 'file_receipt_total', c.receipt_total,
        'month_receipt_total', t.receipt_total, 'entries_changed', w.changed, 'is_exact', w.is_exact) AS proof
    FROM (
        SELECT coalesce(sum(x.claimed_car_total), 0)::numeric(20, 2) AS car_total,
            coalesce(sum(round(x.claimed_receipt_total, 2)), 0)::numeric(20, 2) AS receipt_total
        FROM app.old_claims AS x WHERE x.session_id = s.session_id
    ) AS c
    CROSS JOIN (
        SELECT count(*) AS receipts FROM app.employee_revisions AS x
        JOIN app.receipt_links AS l ON l.employee_revision_id = x.revision_id
        WHERE x.session_id = s.session_id AND x.revision_number = 1
    ) AS f
    CROSS JOIN (
        SELECT coalesce(sum(x.receipt_count), 0) AS receipts FROM app.session_employees AS e
        JOIN app.employee_revisions AS x ON x.revision_id = e.current_revision_id WHERE e.session_id = s.session_id
    ) AS r
    CROSS JOIN LATERAL report.way_back(s.session_id) AS w
    WHERE NOT k.is_kept
) AS n ON true;
COMMENT ON VIEW app.history_figures IS 'Of each old file that became a submission of a closed month what it said and what the month says, worked out anew: its employees are written back and compared by their digest. What was signed since the month was closed is taken as it was signed, as nothing of it changed.';
COMMENT ON COLUMN app.history_figures.proof IS 'The figures, as in report.history_proof.';
COMMENT ON COLUMN app.history_figures.file_name IS 'Name of the file as it was handed in.';
COMMENT ON COLUMN app.history_figures.size_bytes IS 'Number of its bytes.';
COMMENT ON COLUMN app.history_figures.processing_completed_at IS 'When it was imported.';
COMMENT ON COLUMN app.history_figures.is_latest IS 'True for what counts of the month.';
SELECT app.describe_columns('app.history_figures', 'app.processing_sessions');

CREATE OR REPLACE VIEW report.history_proof AS
SELECT m.period_start, f.session_id, m.month_id, m.month_name, (
        SELECT v.version FROM report.months AS v WHERE v.month_id = m.month_id) AS month_version, f.file_name, f.size_bytes,
    p.sha256, f.processing_completed_at AS imported_at, f.is_latest, p.entries_refused, p.file_people, p.month_people,
    p.file_receipts, p.month_receipts, p.file_car_total, p.month_car_total, p.file_receipt_total, p.month_receipt_total,
    p.entries_changed, p.is_exact,
    p.is_exact AND p.entries_refused = 0 AND p.file_people = p.month_people AND p.file_receipts = p.month_receipts
        AND p.file_car_total = p.month_car_total AND p.file_receipt_total = p.month_receipt_total AS is_same,
    CASE WHEN g.kind IS NULL THEN 'none' WHEN g.kind = 'signed' AND g.proof <> f.proof THEN 'outdated' ELSE g.kind END AS signature,
    g.note, g.user_id AS signed_by, u.user_name AS signed_by_name, g.signed_at
FROM app.history_figures AS f
JOIN app.months AS m ON m.month_id = f.month_id
CROSS JOIN LATERAL jsonb_to_record(f.proof) AS p (
    sha256 text, entries_refused bigint, file_people bigint, month_people bigint, file_receipts bigint, month_receipts bigint,
    file_car_total numeric(20, 2), month_car_total numeric(20, 2), file_receipt_total numeric(20, 2),
    month_receipt_total numeric(20, 2), entries_changed bigint, is_exact boolean)
LEFT JOIN LATERAL (
    SELECT x.* FROM app.history_signatures AS x WHERE x.session_id = f.session_id ORDER BY x.signature_number DESC LIMIT 1
) AS g ON true
LEFT JOIN app.users AS u ON u.user_id = g.user_id;
COMMENT ON VIEW report.history_proof IS 'The months from before: of each old file that became a submission of a closed month what it said beside what the month says, whether it comes back exactly, and who signed that.';
COMMENT ON COLUMN report.history_proof.month_version IS 'Version of the month, for signing.';
COMMENT ON COLUMN report.history_proof.sha256 IS 'SHA-256 of the bytes of the file, in hex.';
COMMENT ON COLUMN report.history_proof.imported_at IS 'When it was imported.';
COMMENT ON COLUMN report.history_proof.entries_refused IS 'Employees of the file that were not taken, see report.import_rejects; null for a session that was restored.';
COMMENT ON COLUMN report.history_proof.file_people IS 'Employees of the file that were taken.';
COMMENT ON COLUMN report.history_proof.month_people IS 'People of the submission. Two employees of the file may be one, by an alias.';
COMMENT ON COLUMN report.history_proof.file_receipts IS 'Receipts of the file.';
COMMENT ON COLUMN report.history_proof.month_receipts IS 'Receipts of the submission as it is.';
COMMENT ON COLUMN report.history_proof.file_car_total IS 'Sum of the card totals in the file.';
COMMENT ON COLUMN report.history_proof.month_car_total IS 'Sum of the card totals of the submission; those that are unknown add nothing.';
COMMENT ON COLUMN report.history_proof.file_receipt_total IS 'Sum of the receipt totals in the file, each rounded to the cent.';
COMMENT ON COLUMN report.history_proof.month_receipt_total IS 'Sum of the receipts of the submission.';
COMMENT ON COLUMN report.history_proof.entries_changed IS 'Employees that would be written back otherwise, since something of them was changed here.';
COMMENT ON COLUMN report.history_proof.is_exact IS 'True when what is written back of the rows is, value for value and but for card numbers, what the file was.';
COMMENT ON COLUMN report.history_proof.is_same IS 'True when it is exact, nothing was refused, and all figures of file and month are equal: such a proof needs no note.';
COMMENT ON COLUMN report.history_proof.signature IS 'none, signed, withdrawn, or outdated: signed with other figures than these.';
COMMENT ON COLUMN report.history_proof.note IS 'What was said with the newest signature, or why it was withdrawn.';
COMMENT ON COLUMN report.history_proof.signed_by IS 'Who signed or withdrew last.';
COMMENT ON COLUMN report.history_proof.signed_by_name IS 'Name of who signed or withdrew last.';
COMMENT ON COLUMN report.history_proof.signed_at IS 'When.';
SELECT app.describe_columns('report.history_proof', 'app.history_figures');
SELECT app.describe_columns('report.history_proof', 'app.months');
GRANT SELECT ON report.history_proof TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION app.write_signature(
    p_call text, p_session_id uuid, p_expected_version integer, p_note text, p_request_id text
) RETURNS report.history_proof
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request(p_call, p_session_id::text, p_expected_version::text, p_note);
    v_answer jsonb := app.begin_request(p_request_id, p_call, v_hash, p_note);
    v_month uuid := (SELECT s.month_id FROM app.processing_sessions AS s
        JOIN app.kept_digests AS d ON d.session_id = s.session_id
        JOIN app.months AS m ON m.month_id = s.month_id AND m.state = 'closed'
        WHERE s.session_id = p_session_id AND s.status <> 'cancelled');
    v_proof report.history_proof;
BEGIN
    IF v_answer IS NULL THEN
        IF v_month IS NULL THEN
            PERFORM app.fail('NF001', 'session_id', 'the session of an old file in a closed month', coalesce(p_session_id::text, 'none'));
        END IF;
        -- Nobody opens the month meanwhile, or signs beside.
        PERFORM app.lock_month(v_month, p_expected_version);
        PERFORM app.refuse_own_month(p_session_id);
        SELECT p.* INTO v_proof FROM report.history_proof AS p WHERE p.session_id = p_session_id;
        IF p_note IS NOT NULL OR p_call = 'withdraw_history_proof' OR v_proof.is_same IS NOT TRUE THEN
            PERFORM app.require_text(p_note, CASE p_call WHEN 'sign_history_proof' THEN 'note' ELSE 'reason' END, 4000);
        END IF;
        IF p_call = 'withdraw_history_proof' AND v_proof.signature NOT IN ('signed', 'outdated') THEN
            PERFORM app.fail('ST002', 'session_id', 'a proof that is signed', v_proof.signature);
        END IF;
        INSERT INTO app.history_signatures (session_id, signature_number, kind, proof, note)
        SELECT p_session_id, coalesce((SELECT max(x.signature_number) FROM app.history_signatures AS x
                WHERE x.session_id = p_session_id), 0) + 1,
            CASE p_call WHEN 'sign_history_proof' THEN 'signed' ELSE 'withdrawn' END, f.proof,
            app.hide_card_numbers(nullif(pg_catalog.btrim(p_note), ''))
        FROM app.history_figures AS f WHERE f.session_id = p_session_id;
        PERFORM app.end_request(p_request_id, p_call, v_hash, pg_catalog.jsonb_build_object('session_id', p_session_id));
    END IF;
    SELECT p.* INTO v_proof FROM report.history_proof AS p WHERE p.session_id = p_session_id;
    RETURN v_proof;
END
$$;
COMMENT ON FUNCTION app.write_signature(text, uuid, integer, text, text) IS 'What signing and withdrawing share: request id, the month locked at the version seen, checks, the row. Raises IV008, NF001, PM001, PM002, PM003, ST001, ST002, ST003.';

CREATE OR REPLACE FUNCTION api.sign_history_proof(
    p_session_id uuid, p_expected_version integer, p_note text DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.history_proof
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT p FROM app.write_signature('sign_history_proof', p_session_id, p_expected_version, p_note, p_request_id) AS p;
END;
COMMENT ON FUNCTION api.sign_history_proof(uuid, integer, text, text) IS 'Signs that a closed month is what its old file was, with the figures of report.history_proof and at the version of the month that shows there. Where anything differs a note says why that is right. Signing anew replaces what was signed before. Raises IV008, NF001, PM001, PM002, PM003 for the own card, ST001, ST003.';

CREATE OR REPLACE FUNCTION api.withdraw_history_proof(
    p_session_id uuid, p_expected_version integer, p_reason text, p_request_id text DEFAULT NULL
) RETURNS report.history_proof
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT p FROM app.write_signature('withdraw_history_proof', p_session_id, p_expected_version, p_reason, p_request_id) AS p;
END;
COMMENT ON FUNCTION api.withdraw_history_proof(uuid, integer, text, text) IS 'Takes back the newest signature under an old file, with a reason; it can be signed anew. Raises IV008, NF001, PM001, PM002, PM003 for the own card, ST001, ST002 when none is there, ST003.';
GRANT EXECUTE ON FUNCTION api.sign_history_proof(uuid, integer, text, text), api.withdraw_history_proof(uuid, integer, text, text)
    TO ccp_admin, ccp_reviewer;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
