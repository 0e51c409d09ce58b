-- Removes corrections from the trail.

BEGIN;

DROP FUNCTION report.object_history(uuid);
DROP VIEW report.audit_trail;
DROP VIEW audit.trail_transactions;
DROP VIEW audit.trail_revisions;
SELECT audit.build_trail();
DROP INDEX app.employee_revisions_processed_at_idx;
DROP INDEX app.employee_revisions_cardholder_id_idx;

COMMIT;
