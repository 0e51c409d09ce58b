-- Removes: go or no-go, question by question.

BEGIN;

DROP VIEW report.cutover_verdict;
DROP VIEW app.cutover_steps;
DROP VIEW report.cutover;
DROP VIEW report.cutover_days;

COMMIT;
