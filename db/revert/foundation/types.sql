-- Removes ids, transaction numbers and the helpers of migrations.

BEGIN;

DROP FUNCTION app.pin_entry_points(regprocedure[]);
DROP FUNCTION app.raise_version();
DROP FUNCTION app.describe_columns(regclass, regclass);
DROP FUNCTION app.is_address(text);
DROP FUNCTION app.has_control(text);
DROP FUNCTION app.tx();
DROP FUNCTION app.new_id();

COMMIT;
