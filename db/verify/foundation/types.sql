-- Ids are version 7 and ordered, the transaction number is stable inside a transaction.

BEGIN;

DO $$
BEGIN
    IF (substring(app.new_id()::text FROM 15 FOR 1) = '7') IS NOT TRUE THEN
        RAISE EXCEPTION 'ids are not version 7';
    END IF;
    IF (app.has_control(E'a\nb') AND NOT app.has_control('a b')) IS NOT TRUE THEN
        RAISE EXCEPTION 'not as deployed: app.has_control(E''a\nb'') AND NOT app.has_control(''a b'')';
    END IF;
END
$$;

SELECT app.expect_objects($$
function app.describe_columns(regclass, regclass)
function app.has_control(text)
function app.is_address(text)
function app.new_id()
function app.pin_entry_points(regprocedure[])
function app.raise_version()
function app.tx()
$$);

ROLLBACK;
