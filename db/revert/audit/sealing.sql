-- Removes sealing; the seals stay.

BEGIN;

DROP FUNCTION audit.seal_lag();
DROP VIEW report.readiness;
DROP VIEW report.seal_status;
DROP TRIGGER t10_enter ON audit.commits;
DROP FUNCTION audit.enter_commit();
DROP FUNCTION audit.start_epoch();
DROP FUNCTION audit.publish_head();
DROP FUNCTION audit.seal(bigint);
DROP FUNCTION audit.has_news(bigint, bigint);
DROP FUNCTION audit.slice_end(bigint, bigint, bigint);
DROP FUNCTION audit.slice_text();
DROP FUNCTION audit.ended_before();

COMMIT;
