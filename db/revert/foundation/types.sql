-- Removes ids, transaction numbers and the comment helper.

BEGIN;

DROP FUNCTION app.raise_version();
DROP FUNCTION app.describe_columns(regclass, regclass);
DROP FUNCTION app.has_control(text);
DROP FUNCTION app.tx();
DROP FUNCTION app.new_id();

COMMIT;
