-- Removes which lines stand.

BEGIN;

DROP FUNCTION report.changed_since_export(uuid, text);
DROP FUNCTION report.accounting_lines(uuid, text, date);
DROP FUNCTION app.accounting_states(uuid, app.accounting_profiles, uuid[]);
DROP FUNCTION app.likenesses(uuid[]);
DROP FUNCTION app.words_of_line(app.accounting_batch_lines, app.accounting_row);
DROP FUNCTION app.changes_of_line(app.accounting_batch_lines, app.accounting_row);
DROP FUNCTION app.posted_lines(uuid, text);

COMMIT;
