-- Removes the proof at commit.

BEGIN;

DROP TRIGGER t50_prove ON audit.commits;
DROP FUNCTION audit.prove_commit();
DROP FUNCTION app.commit_violations(bigint);
DROP FUNCTION app.merge_violations(bigint);
DROP FUNCTION app.row_violations(bigint);
DROP FUNCTION app.person_violations(bigint);

COMMIT;
