-- Removes the judgement of files that are handed back.

BEGIN;

DROP FUNCTION report.judge_old_file(uuid, jsonb);
DROP TYPE report.old_file_verdict;

COMMIT;
