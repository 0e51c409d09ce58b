-- Removes the rules about charges.

BEGIN;

-- Rules are immutable for everybody; taking the domain away again is the one exception.
ALTER TABLE app.validation_rules DISABLE TRIGGER t10_immutable;
DELETE FROM app.validation_rules WHERE finder IN ('find_out_of_period',
    'find_stale_posting',
    'find_over_limit',
    'find_split_purchase',
    'find_duplicate_across_cards',
    'find_prohibited_merchant');
ALTER TABLE app.validation_rules ENABLE ALWAYS TRIGGER t10_immutable;
DROP FUNCTION app.find_prohibited_merchant(app.revision_draft[], jsonb);
DROP FUNCTION app.find_duplicate_across_cards(app.revision_draft[], jsonb);
DROP FUNCTION app.find_split_purchase(app.revision_draft[], jsonb);
DROP FUNCTION app.find_over_limit(app.revision_draft[], jsonb);
DROP FUNCTION app.find_stale_posting(app.revision_draft[], jsonb);
DROP FUNCTION app.find_out_of_period(app.revision_draft[], jsonb);

COMMIT;
