-- Removes the audit trail.

BEGIN;

DROP FUNCTION audit.build_trail();
DROP FUNCTION audit.trail_text();
DROP FUNCTION audit.trail_of(name);
DROP FUNCTION report.is_bookkeeping(text, jsonb);
DROP FUNCTION audit.row_text(regclass, text);
DROP FUNCTION report.changed_fields(jsonb, jsonb);

COMMIT;
