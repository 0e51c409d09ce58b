-- Removes old results, runs and known deviations.

BEGIN;

SELECT audit.forget_table('app.parallel_differences');
DROP TABLE app.parallel_differences;
SELECT audit.forget_table('app.alike_values');
DROP TABLE app.alike_values;
SELECT audit.forget_table('app.parallel_runs');
DROP TABLE app.parallel_runs;
SELECT audit.forget_table('app.old_result_failures');
DROP TABLE app.old_result_failures;
SELECT audit.forget_table('app.old_result_texts');
DROP TABLE app.old_result_texts;
SELECT audit.forget_table('app.old_results');
DROP TABLE app.old_results;
SELECT audit.forget_table('app.known_deviations');
DROP TABLE app.known_deviations;

COMMIT;
