-- Removes proposals of pseudonyms.

BEGIN;

DROP FUNCTION app.judge_pseudonym(uuid, text[]);
DROP VIEW report.pseudonyms;
SELECT audit.forget_table('app.pseudonym_decisions');
DROP TABLE app.pseudonym_decisions;
SELECT audit.forget_table('app.pseudonym_proposals');
DROP TABLE app.pseudonym_proposals;
DELETE FROM app.month_calls WHERE call_name IN ('pseudonymise_cardholder', 'lift_pseudonym', 'confirm_pseudonym', 'reject_pseudonym');

COMMIT;
