-- Removes the rules about what matching left.

BEGIN;

DELETE FROM app.validation_rules AS r
WHERE r.rule_code IN ('unmatched_charge', 'unmatched_receipt', 'amount_residual', 'ambiguous_match');
DROP FUNCTION app.find_ambiguous_match(app.revision_draft[], jsonb);
DROP FUNCTION app.find_amount_residual(app.revision_draft[], jsonb);
DROP FUNCTION app.find_unmatched_receipt(app.revision_draft[], jsonb);
DROP FUNCTION app.find_unmatched_charge(app.revision_draft[], jsonb);

COMMIT;
