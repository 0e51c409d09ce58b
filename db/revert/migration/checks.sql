-- Removes: what has to hold before each step of the cut-over.

BEGIN;

SELECT audit.forget_table('app.cutover_answers');
DROP TABLE app.cutover_answers;
SELECT audit.forget_table('app.cutover_checks');
DROP TABLE app.cutover_checks;

COMMIT;
