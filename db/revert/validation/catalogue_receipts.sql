-- Removes the rules about receipts and people.

BEGIN;

-- Rules are immutable for everybody; taking the domain away again is the one exception.
ALTER TABLE app.validation_rules DISABLE TRIGGER t10_immutable;
DELETE FROM app.validation_rules WHERE finder IN ('find_orphan_receipts',
    'find_coding_conflict',
    'find_coding_inactive',
    'find_missing_purpose',
    'find_receipt_off_period',
    'find_future_dated',
    'find_duplicate_across_cycles',
    'find_name_collision',
    'find_unresolved_identity');
ALTER TABLE app.validation_rules ENABLE ALWAYS TRIGGER t10_immutable;
DROP FUNCTION app.find_unresolved_identity(app.revision_draft[], jsonb);
DROP FUNCTION app.find_name_collision(app.revision_draft[], jsonb);
DROP FUNCTION app.find_duplicate_across_cycles(app.revision_draft[], jsonb);
DROP FUNCTION app.first_shown(uuid[], text, numeric, text);
DROP FUNCTION app.find_future_dated(app.revision_draft[], jsonb);
DROP FUNCTION app.find_receipt_off_period(app.revision_draft[], jsonb);
DROP FUNCTION app.find_missing_purpose(app.revision_draft[], jsonb);
DROP FUNCTION app.find_coding_inactive(app.revision_draft[], jsonb);
DROP FUNCTION app.find_coding_conflict(app.revision_draft[], jsonb);
DROP FUNCTION app.find_orphan_receipts(app.revision_draft[], jsonb);

COMMIT;
