-- Removes the rules about what matching left.

BEGIN;

-- The rows stay: versions of rules are kept for good, like the issues they found.
DROP FUNCTION app.find_suspected_repeat(app.revision_draft[], jsonb);
DROP FUNCTION app.find_proposed_sum(app.revision_draft[], jsonb);
DROP FUNCTION app.find_weak_match(app.revision_draft[], jsonb);
DROP FUNCTION app.find_ambiguous_match(app.revision_draft[], jsonb);
DROP FUNCTION app.find_amount_residual(app.revision_draft[], jsonb);
DROP FUNCTION app.find_unmatched_receipt(app.revision_draft[], jsonb);
DROP FUNCTION app.find_unmatched_charge(app.revision_draft[], jsonb);
DROP FUNCTION app.find_proposals(app.revision_draft[], text[]);

COMMIT;
