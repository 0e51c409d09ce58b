-- A pseudonym for a cardholder, by two people.
-- requires: privacy/retention
-- requires: people/pseudonyms
--
-- Proposal   from       by
-- open       -          api.pseudonymise_cardholder or api.lift_pseudonym, an administrator
-- confirmed  open       api.confirm_pseudonym, another person
-- rejected   open       api.reject_pseudonym, a reviewer or administrator
-- lifted     confirmed  api.confirm_pseudonym of a proposal to lift it
--
-- It is no erasure. Views and what is newly written show the pseudonym; bytes, page texts, aliases, addresses, texts of mails
-- and kept entries go. Rows that are proved keep the name, for auditors alone; so do files of closed months and batches,
-- which are what the company's books rest on.

BEGIN;

INSERT INTO app.error_codes (sqlstate, slug, meaning, message, hint) VALUES
('NF171', 'no_such_pseudonym', 'There is no proposal of a pseudonym with this id.',
    'there is no such proposal', 'See report.pseudonyms.'),
('ST170', 'person_in_open_month', 'A person of an open month, or of a submission without one, or whose documents one waits for, gets no pseudonym: it could not be worked on.',
    'the person is in an open month', 'Close the month first, or cancel the submission.'),
('ST171', 'under_legal_hold', 'Nobody of a month under legal hold gets a pseudonym, nor anybody for whom something of such a month would go.',
    'a month of the person is under legal hold', 'See report.legal_holds.'),
('RL172', 'namesake', 'Somebody with another employee number has one of the names, in any order of its parts: it would be covered for both.',
    'somebody else has this name', 'Leave the spelling out, or end the alias; nothing can be done while both have one name.')
ON CONFLICT (sqlstate) DO NOTHING;

INSERT INTO app.month_calls (call_name, changes) VALUES
('pseudonymise_cardholder', 'nothing'),
('lift_pseudonym', 'nothing'),
('confirm_pseudonym', 'nothing'),
('reject_pseudonym', 'nothing');

CREATE TABLE app.pseudonym_proposals (
    proposal_id uuid NOT NULL DEFAULT app.new_id(),
    cardholder_id uuid NOT NULL,
    lifts uuid,
    spellings text[] NOT NULL,
    reason text NOT NULL,
    proposed_by uuid NOT NULL DEFAULT app.actor_id(),
    proposed_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT pseudonym_proposals_pkey PRIMARY KEY (proposal_id),
    CONSTRAINT pseudonym_proposals_proposed_key UNIQUE (proposal_id, proposed_by),
    CONSTRAINT pseudonym_proposals_cardholder_id_fkey FOREIGN KEY (cardholder_id) REFERENCES app.cardholders (cardholder_id),
    CONSTRAINT pseudonym_proposals_lifts_fkey FOREIGN KEY (lifts) REFERENCES app.pseudonym_proposals (proposal_id),
    CONSTRAINT pseudonym_proposals_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES app.users (user_id),
    CONSTRAINT pseudonym_proposals_reason_check CHECK (length(btrim(reason)) BETWEEN 1 AND 4000)
);
CREATE INDEX pseudonym_proposals_cardholder_id_idx ON app.pseudonym_proposals (cardholder_id);
CREATE INDEX pseudonym_proposals_lifts_idx ON app.pseudonym_proposals (lifts);
CREATE INDEX pseudonym_proposals_proposed_by_idx ON app.pseudonym_proposals (proposed_by);
COMMENT ON TABLE app.pseudonym_proposals IS 'Pseudonyms for people that somebody proposed to give or to lift.';
COMMENT ON COLUMN app.pseudonym_proposals.proposal_id IS 'Key.';
COMMENT ON COLUMN app.pseudonym_proposals.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.pseudonym_proposals.lifts IS 'The confirmed proposal whose pseudonym is to be lifted; null: one is to be given.';
COMMENT ON COLUMN app.pseudonym_proposals.spellings IS 'Other spellings by which texts name the person, such as a nickname.';
COMMENT ON COLUMN app.pseudonym_proposals.reason IS 'Why.';
COMMENT ON COLUMN app.pseudonym_proposals.proposed_by IS 'Who proposed it.';
COMMENT ON COLUMN app.pseudonym_proposals.proposed_at IS 'When.';
COMMENT ON COLUMN app.pseudonym_proposals.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.pseudonym_proposals', 'immutable');

CREATE TABLE app.pseudonym_decisions (
    proposal_id uuid NOT NULL,
    proposed_by uuid NOT NULL,
    verdict text NOT NULL,
    note text,
    decided_by uuid NOT NULL DEFAULT app.actor_id(),
    decided_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT pseudonym_decisions_pkey PRIMARY KEY (proposal_id),
    CONSTRAINT pseudonym_decisions_proposal_fkey FOREIGN KEY (proposal_id, proposed_by)
        REFERENCES app.pseudonym_proposals (proposal_id, proposed_by),
    CONSTRAINT pseudonym_decisions_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES app.users (user_id),
    CONSTRAINT pseudonym_decisions_verdict_check CHECK (verdict IN ('confirmed', 'rejected')),
    CONSTRAINT pseudonym_decisions_other_check CHECK (verdict = 'rejected' OR decided_by <> proposed_by),
    CONSTRAINT pseudonym_decisions_note_check CHECK (length(btrim(note)) BETWEEN 1 AND 4000)
);
CREATE INDEX pseudonym_decisions_decided_by_idx ON app.pseudonym_decisions (decided_by);
COMMENT ON TABLE app.pseudonym_decisions IS 'What became of proposed pseudonyms.';
COMMENT ON COLUMN app.pseudonym_decisions.proposal_id IS 'The proposal.';
COMMENT ON COLUMN app.pseudonym_decisions.proposed_by IS 'Who proposed it.';
COMMENT ON COLUMN app.pseudonym_decisions.verdict IS 'confirmed, by another person; or rejected.';
COMMENT ON COLUMN app.pseudonym_decisions.note IS 'What was said with it.';
COMMENT ON COLUMN app.pseudonym_decisions.decided_by IS 'Who decided.';
COMMENT ON COLUMN app.pseudonym_decisions.decided_at IS 'When.';
COMMENT ON COLUMN app.pseudonym_decisions.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.pseudonym_decisions', 'immutable');

CREATE OR REPLACE VIEW report.pseudonyms AS
SELECT p.proposal_id, p.cardholder_id, p.lifts, h.name_key AS employee_name,
    CASE WHEN EXISTS (
        SELECT FROM app.pseudonym_proposals AS l
        JOIN app.pseudonym_decisions AS c ON c.proposal_id = l.proposal_id AND c.verdict = 'confirmed'
        WHERE l.lifts = p.proposal_id) THEN 'lifted' ELSE coalesce(d.verdict, 'open') END AS state,
    p.reason, p.proposed_by, u.user_name AS proposed_by_name, p.proposed_at, d.note, d.decided_by, o.user_name AS decided_by_name, d.decided_at
FROM app.pseudonym_proposals AS p
JOIN app.cardholders AS h ON h.cardholder_id = p.cardholder_id
JOIN app.users AS u ON u.user_id = p.proposed_by
LEFT JOIN app.pseudonym_decisions AS d ON d.proposal_id = p.proposal_id
LEFT JOIN app.users AS o ON o.user_id = d.decided_by;
COMMENT ON VIEW report.pseudonyms IS 'Pseudonyms that were proposed to be given or lifted, and what became of them.';
COMMENT ON COLUMN report.pseudonyms.employee_name IS 'Name key of the person; while one is in force, the pseudonym.';
COMMENT ON COLUMN report.pseudonyms.state IS 'open, confirmed, rejected, or lifted by another proposal that was confirmed.';
COMMENT ON COLUMN report.pseudonyms.proposed_by_name IS 'Name of who proposed it.';
COMMENT ON COLUMN report.pseudonyms.decided_by_name IS 'Name of who decided.';
SELECT app.describe_columns('report.pseudonyms', 'app.pseudonym_proposals');
SELECT app.describe_columns('report.pseudonyms', 'app.pseudonym_decisions');
GRANT SELECT ON report.pseudonyms TO ccp_admin, ccp_reviewer, ccp_auditor;

CREATE OR REPLACE FUNCTION app.judge_pseudonym(p_cardholder_id uuid, p_spellings text[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_known record;
    v_months text;
    v_held text;
    v_namesakes text;
BEGIN
    SELECT k.* INTO v_known FROM app.known_as(p_cardholder_id, p_spellings) AS k;
    IF v_known.cardholder_ids IS NULL THEN
        PERFORM app.fail('NF004', 'cardholder_id', NULL, coalesce(p_cardholder_id::text, 'none'));
    ELSIF EXISTS (SELECT FROM app.pseudonyms AS p WHERE p.cardholder_id = ANY (v_known.cardholder_ids) AND p.lifted_at IS NULL) THEN
        PERFORM app.fail('ST002', 'cardholder_id', 'a person without pseudonym', 'one that has a pseudonym');
    END IF;
    PERFORM app.refuse_own_card(v_known.cardholder_ids);
    SELECT pg_catalog.string_agg(DISTINCT coalesce(m.month_name, 'without month'), ', ') FILTER (
            WHERE m.state IS DISTINCT FROM 'closed' AND s.status <> 'cancelled'),
        pg_catalog.string_agg(DISTINCT m.month_name, ', ') FILTER (WHERE l.month_id IS NOT NULL)
    INTO v_months, v_held
    FROM app.session_employees AS e
    JOIN app.processing_sessions AS s ON s.session_id = e.session_id
    LEFT JOIN app.months AS m ON m.month_id = s.month_id
    LEFT JOIN app.held_months AS l ON l.month_id = s.month_id
    WHERE e.cardholder_id = ANY (v_known.cardholder_ids);
    IF v_months IS NOT NULL THEN
        PERFORM app.fail('ST170', 'cardholder_id', 'months that are closed', v_months);
    ELSIF v_held IS NOT NULL THEN
        PERFORM app.fail('ST171', 'cardholder_id', 'months without legal hold', v_held);
    END IF;
    -- Somebody without number is known from receipts alone: the same person under that spelling.
    SELECT pg_catalog.string_agg(DISTINCT k.name_key, ', ') INTO v_namesakes
    FROM (
        SELECT s.spelling AS name_key FROM pg_catalog.unnest(v_known.spellings) AS s (spelling)
        UNION
        SELECT a.receipt_key FROM app.name_aliases AS a WHERE a.name_key = ANY (v_known.spellings)
    ) AS k
    JOIN app.cardholders AS o ON o.cardholder_id <> ALL (v_known.cardholder_ids) AND o.employee_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM app.pseudonyms AS p WHERE p.cardholder_id = o.cardholder_id AND p.lifted_at IS NULL)
    LEFT JOIN app.name_aliases AS a ON a.name_key = o.name_key
    -- In any order of its parts.
    CROSS JOIN LATERAL (VALUES (o.name_key), (a.receipt_key)) AS n (name_key)
    WHERE pg_catalog.length(n.name_key) = pg_catalog.length(k.name_key)
        AND pg_catalog.strpos(k.name_key || k.name_key, n.name_key) > 0;
    IF v_namesakes IS NOT NULL THEN
        PERFORM app.fail('RL172', 'cardholder_id', 'names that one person has', v_namesakes);
    END IF;
END
$$;
COMMENT ON FUNCTION app.judge_pseudonym(uuid, text[]) IS 'Raises what stands against a pseudonym: NF004, PM003 for one''s own, ST170 in an open month, ST171 under legal hold, RL172 where a name or spelling is that of somebody else, ST002 when there is one.';

SELECT app.cover_names();

COMMIT;
