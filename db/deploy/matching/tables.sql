-- Matches: edges between charges and receipts, what stayed open and why, and what people decided.
-- requires: matching/policy
--
-- Decision    says about a pair                          until
-- confirm     they belong together; a residual is accepted with a reason   one side changes, or undo
-- split       so many dollars of the charge are this receipt's             one side changes, or undo
-- reject      they do not belong together                one side changes, or undo
-- undo        nothing any more                           the next decision

BEGIN;

CREATE TABLE app.match_decisions (
    decision_number bigint GENERATED ALWAYS AS IDENTITY,
    session_id uuid NOT NULL,
    cardholder_id uuid NOT NULL,
    charge_id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    charge_key text NOT NULL,
    receipt_key text NOT NULL,
    charge_print text NOT NULL,
    receipt_print text NOT NULL,
    charge_merchant_key text,
    receipt_merchant_key text,
    decision text NOT NULL,
    amount numeric(14, 2),
    residual numeric(14, 2) NOT NULL DEFAULT 0,
    reason text,
    revision_number integer NOT NULL,
    decided_by uuid NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    request_id text,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT match_decisions_pkey PRIMARY KEY (decision_number),
    CONSTRAINT match_decisions_person_fkey FOREIGN KEY (session_id, cardholder_id)
        REFERENCES app.session_employees (session_id, cardholder_id),
    CONSTRAINT match_decisions_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES app.users (user_id),
    CONSTRAINT match_decisions_decision_check CHECK (decision IN ('confirm', 'split', 'reject', 'undo')),
    CONSTRAINT match_decisions_amount_check CHECK (
        amount <> 'NaN' AND residual <> 'NaN' AND (amount IS NOT NULL) = (decision IN ('confirm', 'split'))),
    CONSTRAINT match_decisions_residual_check CHECK (
        residual = 0 OR (decision = 'confirm' AND length(btrim(coalesce(reason, ''))) > 0)),
    CONSTRAINT match_decisions_reason_check CHECK (length(reason) <= 4000)
);
CREATE INDEX match_decisions_person_idx ON app.match_decisions (session_id, cardholder_id);
CREATE INDEX match_decisions_merchants_idx ON app.match_decisions (charge_merchant_key, receipt_merchant_key);
CREATE INDEX match_decisions_decided_by_idx ON app.match_decisions (decided_by);
CREATE INDEX match_decisions_created_tx_idx ON app.match_decisions (created_tx);
COMMENT ON TABLE app.match_decisions IS 'What people decided about pairs of a charge and a receipt. Append-only: the newest decision on a pair counts, in its session and in later submissions, as long as neither side changes.';
COMMENT ON COLUMN app.match_decisions.decision_number IS 'Order of the decisions.';
COMMENT ON COLUMN app.match_decisions.session_id IS 'The session.';
COMMENT ON COLUMN app.match_decisions.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.match_decisions.charge_id IS 'The charge.';
COMMENT ON COLUMN app.match_decisions.transaction_id IS 'The receipt.';
COMMENT ON COLUMN app.match_decisions.charge_key IS 'Natural key of the charge, the same in later submissions.';
COMMENT ON COLUMN app.match_decisions.receipt_key IS 'Natural key of the receipt, the same in later submissions.';
COMMENT ON COLUMN app.match_decisions.charge_print IS 'Amount, dates and merchant of the charge when decided; other ones end the decision.';
COMMENT ON COLUMN app.match_decisions.receipt_print IS 'Amount, date and merchant of the receipt when decided; other ones end the decision.';
COMMENT ON COLUMN app.match_decisions.charge_merchant_key IS 'Merchant key of the charge, for the history part of scores.';
COMMENT ON COLUMN app.match_decisions.receipt_merchant_key IS 'Merchant key of the receipt.';
COMMENT ON COLUMN app.match_decisions.decision IS 'confirm, split, reject or undo.';
COMMENT ON COLUMN app.match_decisions.amount IS 'Dollars of the charge that are this receipt''s; null for reject and undo.';
COMMENT ON COLUMN app.match_decisions.residual IS 'Charge less receipt, accepted with a reason.';
COMMENT ON COLUMN app.match_decisions.reason IS 'Why, as the person said.';
COMMENT ON COLUMN app.match_decisions.revision_number IS 'Revision of the person that was looked at.';
COMMENT ON COLUMN app.match_decisions.decided_by IS 'Who decided.';
COMMENT ON COLUMN app.match_decisions.decided_at IS 'When.';
COMMENT ON COLUMN app.match_decisions.request_id IS 'Request id of the call.';
COMMENT ON COLUMN app.match_decisions.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.match_decisions', 'immutable');

-- That the rows below belong to a revision of the same transaction, and name charges and receipts that are there, is
-- proved at commit as one set.
CREATE TABLE app.matchings (
    employee_revision_id uuid NOT NULL,
    matching_id uuid NOT NULL,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    policy_version integer NOT NULL,
    CONSTRAINT matchings_pkey PRIMARY KEY (employee_revision_id),
    CONSTRAINT matchings_policy_version_fkey FOREIGN KEY (policy_version)
        REFERENCES app.matching_policies (policy_version)
);
CREATE INDEX matchings_policy_version_idx ON app.matchings (policy_version);
CREATE INDEX matchings_created_tx_idx ON app.matchings (created_tx);
COMMENT ON TABLE app.matchings IS 'Revisions that were matched: all of sessions that have charges. Of these every charge and receipt is covered or listed as open. A revision in which nothing changed that matching looks at refers to the matching of an earlier one.';
COMMENT ON COLUMN app.matchings.employee_revision_id IS 'The revision.';
COMMENT ON COLUMN app.matchings.matching_id IS 'The revision whose matching counts for this one: itself when it was matched, else an earlier one of the same person and session.';
COMMENT ON COLUMN app.matchings.created_tx IS 'Number of the writing transaction, that of the revision.';
COMMENT ON COLUMN app.matchings.policy_version IS 'The policy it was matched by.';
SELECT audit.guard('app.matchings', 'immutable');

CREATE TABLE app.found_allocations (
    matching_id uuid NOT NULL,
    charge_id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    amount numeric(14, 2) NOT NULL,
    residual numeric(14, 2) NOT NULL DEFAULT 0,
    pass text NOT NULL,
    first_pass text,
    decision_number bigint,
    policy_version integer NOT NULL,
    amount_part numeric(4, 3) NOT NULL,
    date_part numeric(4, 3) NOT NULL,
    merchant_part numeric(4, 3) NOT NULL,
    history_part numeric(4, 3) NOT NULL,
    score numeric(5, 4) NOT NULL,
    runner_up_charge_id uuid,
    runner_up_transaction_id uuid,
    runner_up_score numeric(5, 4),
    margin numeric(5, 4) GENERATED ALWAYS AS (score - coalesce(runner_up_score, 0)) STORED,
    CONSTRAINT found_allocations_pkey PRIMARY KEY (matching_id, charge_id, transaction_id),
    CONSTRAINT found_allocations_decision_number_fkey FOREIGN KEY (decision_number)
        REFERENCES app.match_decisions (decision_number),
    CONSTRAINT found_allocations_amount_check CHECK (amount <> 'NaN' AND residual <> 'NaN'),
    CONSTRAINT found_allocations_pass_check CHECK (pass IN ('pinned', 'identical', 'exact', 'like', 'sum')
        AND CASE WHEN pass = 'pinned' THEN (first_pass IS NULL) = (decision_number IS NOT NULL)
            ELSE first_pass = pass AND decision_number IS NULL END),
    CONSTRAINT found_allocations_residual_check CHECK (residual = 0 OR decision_number IS NOT NULL),
    CONSTRAINT found_allocations_runner_up_check CHECK (
        (runner_up_score IS NULL) = (runner_up_charge_id IS NULL)
        AND (runner_up_score IS NULL) = (runner_up_transaction_id IS NULL))
);
CREATE INDEX found_allocations_transaction_idx ON app.found_allocations (matching_id, transaction_id);
CREATE INDEX found_allocations_decision_number_idx ON app.found_allocations (decision_number) WHERE decision_number IS NOT NULL;
CREATE INDEX found_allocations_created_tx_idx ON app.found_allocations (created_tx);
COMMENT ON TABLE app.found_allocations IS 'Edges between charges and receipts of one matching, in dollars, with why each was made. They never change; what people decided is in match_decisions.';
COMMENT ON COLUMN app.found_allocations.matching_id IS 'The revision that was matched.';
COMMENT ON COLUMN app.found_allocations.charge_id IS 'The charge.';
COMMENT ON COLUMN app.found_allocations.transaction_id IS 'The receipt.';
COMMENT ON COLUMN app.found_allocations.created_tx IS 'Number of the writing transaction, that of the revision.';
COMMENT ON COLUMN app.found_allocations.amount IS 'Dollars of the charge covered by the receipt, with their sign. The edges of a charge or a receipt never exceed its amount.';
COMMENT ON COLUMN app.found_allocations.residual IS 'Charge less receipt where a person accepted a difference; closes the larger side.';
COMMENT ON COLUMN app.found_allocations.pass IS 'pinned (a person''s decision, or taken over from the revision before), identical, exact, like or sum.';
COMMENT ON COLUMN app.found_allocations.first_pass IS 'The pass that made the edge first, for one taken over from the revision before; null for a person''s decision.';
COMMENT ON COLUMN app.found_allocations.decision_number IS 'The person''s decision behind it; null for edges of the machine.';
COMMENT ON COLUMN app.found_allocations.policy_version IS 'The policy whose weights and limits applied; for an edge taken over, that of the time it was made.';
COMMENT ON COLUMN app.found_allocations.amount_part IS 'How well the amounts fit, from 0 to 1.';
COMMENT ON COLUMN app.found_allocations.date_part IS 'How well the dates fit, from 0 to 1.';
COMMENT ON COLUMN app.found_allocations.merchant_part IS 'How well the merchants fit, from 0 to 1.';
COMMENT ON COLUMN app.found_allocations.history_part IS 'What people decided about these merchants before, from 0 to 1; 0.5 when nothing.';
COMMENT ON COLUMN app.found_allocations.score IS 'The four parts by the weights of the policy.';
COMMENT ON COLUMN app.found_allocations.runner_up_charge_id IS 'Charge of the best other candidate: the same receipt with the next charge of the same amount and merchant; null when there was none. Charges alike in dates, amount and merchant are no rivals.';
COMMENT ON COLUMN app.found_allocations.runner_up_transaction_id IS 'Receipt of the best other candidate.';
COMMENT ON COLUMN app.found_allocations.runner_up_score IS 'Its score.';
COMMENT ON COLUMN app.found_allocations.margin IS 'Score less that of the runner-up, or the score itself when there was none.';
SELECT audit.guard('app.found_allocations', 'immutable');

CREATE TABLE app.found_open_items (
    matching_id uuid NOT NULL,
    side text NOT NULL,
    charge_id uuid,
    transaction_id uuid,
    item_id uuid NOT NULL GENERATED ALWAYS AS (CASE side WHEN 'charge' THEN charge_id ELSE transaction_id END) STORED,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    open_amount numeric(14, 2),
    failed_gate text NOT NULL,
    proposal text,
    proposal_id uuid,
    is_sum_untried boolean NOT NULL,
    amount_difference numeric(14, 2),
    days_apart integer,
    amount_part numeric(4, 3),
    date_part numeric(4, 3),
    merchant_part numeric(4, 3),
    score numeric(5, 4),
    CONSTRAINT found_open_items_pkey PRIMARY KEY (matching_id, side, item_id),
    CONSTRAINT found_open_items_side_check CHECK (side IN ('charge', 'receipt')),
    CONSTRAINT found_open_items_failed_gate_check CHECK (failed_gate IN (
        'out_of_pocket', 'repeat', 'suspected_repeat', 'amount_unknown', 'partly_covered', 'ambiguous', 'rejected',
        'sign', 'date_unknown', 'date_window', 'amount', 'merchant', 'taken', 'date_and_merchant', 'no_counterpart')),
    CONSTRAINT found_open_items_amount_check CHECK (open_amount <> 'NaN' AND amount_difference <> 'NaN'),
    CONSTRAINT found_open_items_proposal_check CHECK ((proposal IS NULL) = (proposal_id IS NULL) AND CASE proposal
        WHEN 'knot' THEN failed_gate = 'ambiguous' WHEN 'repeat' THEN failed_gate = 'suspected_repeat'
        WHEN 'window' THEN failed_gate = 'date_window' WHEN 'weak' THEN failed_gate = 'merchant'
        ELSE proposal IS NULL OR (failed_gate = 'amount'
            AND proposal IN ('sum', 'near', 'tip', 'digits', 'conversion', 'net')) END),
    CONSTRAINT found_open_items_nearest_check CHECK ((score IS NULL) = (charge_id IS NULL OR transaction_id IS NULL))
);
CREATE INDEX found_open_items_created_tx_idx ON app.found_open_items (created_tx);
COMMENT ON TABLE app.found_open_items IS 'Charges and receipts of a matching that are not, or not wholly, covered: the open dollars, the nearest miss on the other side and the gate that it failed.';
COMMENT ON COLUMN app.found_open_items.matching_id IS 'The revision that was matched.';
COMMENT ON COLUMN app.found_open_items.side IS 'charge or receipt: which of the two is open.';
COMMENT ON COLUMN app.found_open_items.charge_id IS 'The open charge, or the one that comes nearest to the open receipt.';
COMMENT ON COLUMN app.found_open_items.transaction_id IS 'The open receipt, or the one that comes nearest to the open charge.';
COMMENT ON COLUMN app.found_open_items.item_id IS 'The one that is open.';
COMMENT ON COLUMN app.found_open_items.created_tx IS 'Number of the writing transaction, that of the revision.';
COMMENT ON COLUMN app.found_open_items.open_amount IS 'Dollars not covered; null when the amount cannot be read.';
COMMENT ON COLUMN app.found_open_items.failed_gate IS 'Why the nearest one is no match: out_of_pocket, repeat (the receipt id came before: no evidence), suspected_repeat (alike under another id, and the bank has fewer charges on that date), amount_unknown, partly_covered (what a person left over), ambiguous (several assignments are about as good), rejected (by a person), sign, date_unknown, date_window, amount, merchant (same amount and date, nothing in common in the merchants), taken (covered otherwise), date_and_merchant (same amount, but neither date nor merchant), no_counterpart.';
COMMENT ON COLUMN app.found_open_items.proposal IS 'What a person is asked about: knot (several assignments are about as good), sum (parts that add up, but may do so by chance), near, tip, digits (two digits swapped), conversion (amounts a few percent apart), net (a purchase less its partial refund), window (all the same but too far away), weak (same amount and date, nothing in common in the merchants), repeat (suspected). Null: nothing is proposed.';
COMMENT ON COLUMN app.found_open_items.proposal_id IS 'The row that a proposal is led by, the same for all its rows; null without proposal.';
COMMENT ON COLUMN app.found_open_items.is_sum_untried IS 'True when it could be a sum but had too many candidates to try.';
COMMENT ON COLUMN app.found_open_items.amount_difference IS 'Charge less receipt.';
COMMENT ON COLUMN app.found_open_items.days_apart IS 'Days between the receipt and the nearer date of the charge.';
COMMENT ON COLUMN app.found_open_items.amount_part IS 'How well the amounts fit, from 0 to 1.';
COMMENT ON COLUMN app.found_open_items.date_part IS 'How well the dates fit, from 0 to 1.';
COMMENT ON COLUMN app.found_open_items.merchant_part IS 'How well the merchants fit, from 0 to 1.';
COMMENT ON COLUMN app.found_open_items.score IS 'Score of the nearest miss; null when there is none.';
SELECT audit.guard('app.found_open_items', 'immutable');

CREATE OR REPLACE VIEW app.allocations AS
SELECT m.employee_revision_id, a.charge_id, a.transaction_id, m.created_tx, a.amount, a.residual,
    CASE WHEN m.matching_id = m.employee_revision_id THEN a.pass ELSE 'pinned' END AS pass,
    a.first_pass, a.decision_number, a.policy_version, a.amount_part, a.date_part, a.merchant_part,
    a.history_part, a.score, a.runner_up_charge_id, a.runner_up_transaction_id, a.runner_up_score, a.margin
FROM app.matchings AS m
JOIN app.found_allocations AS a ON a.matching_id = m.matching_id;
COMMENT ON VIEW app.allocations IS 'Edges between charges and receipts of each revision, in dollars, with why each was made. Those of an earlier matching count as taken over.';
SELECT app.describe_columns('app.allocations', 'app.found_allocations');
SELECT app.describe_columns('app.allocations', 'app.matchings');

CREATE OR REPLACE VIEW app.open_items AS
SELECT m.employee_revision_id, o.side, o.charge_id, o.transaction_id, o.item_id, m.created_tx, o.open_amount,
    o.failed_gate, o.proposal, o.proposal_id, o.proposal IS NOT NULL AS is_proposed, o.is_sum_untried, o.amount_difference, o.days_apart, o.amount_part, o.date_part,
    o.merchant_part, o.score
FROM app.matchings AS m
JOIN app.found_open_items AS o ON o.matching_id = m.matching_id;
COMMENT ON VIEW app.open_items IS 'Charges and receipts of each revision that are not, or not wholly, covered: the open dollars, the nearest miss on the other side and the gate that it failed.';
COMMENT ON COLUMN app.open_items.is_proposed IS 'True when a person is asked whether it belongs to what is named with it.';
SELECT app.describe_columns('app.open_items', 'app.matchings');
SELECT app.describe_columns('app.open_items', 'app.found_open_items');

COMMIT;
