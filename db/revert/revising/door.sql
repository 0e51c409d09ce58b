-- Removes the door.

BEGIN;

DROP FUNCTION app.door_violations(bigint);
DROP FUNCTION app.is_own_month(uuid, uuid);
DROP FUNCTION app.refuse_own_month(uuid);
DROP FUNCTION app.people_of_revisions(uuid[]);
DROP FUNCTION app.enter_month(text, app.door_person[], text[]);
DROP FUNCTION app.pass_door(text, app.door_person[], text[]);
DROP FUNCTION app.describe_last_change(uuid, uuid);
DROP TYPE app.door_refusal;
DROP TYPE app.door_person;
SELECT audit.forget_table('app.month_calls');
DROP TABLE app.month_calls;

COMMIT;
