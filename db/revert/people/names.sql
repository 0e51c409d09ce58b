-- Removes name folding and aliases.

BEGIN;

DROP FUNCTION app.change_aliases();
DROP FUNCTION app.keep_aliases();
DROP FUNCTION app.report_key(text);
DROP FUNCTION app.own_key(text, text);
DROP FUNCTION report.search_patterns(text);
DROP FUNCTION report.search_text(text, text, text, numeric);
DROP FUNCTION report.name_patterns(text);
DROP FUNCTION app.name_key(text);

COMMIT;
