-- Removes closing.

BEGIN;

DROP VIEW report.month_events;
DROP FUNCTION api.reopen_month(uuid, integer, text, text);
DROP FUNCTION api.close_past_month(uuid, integer, text);
DROP FUNCTION api.close_month(uuid, integer, text, text);
DROP FUNCTION app.take_closing(text, uuid, integer, text, text);
DROP FUNCTION api.sign_off_month(uuid, integer, uuid, text, text);
DROP FUNCTION app.refuse_obstacles(uuid);
DROP FUNCTION app.refuse_own_submissions(uuid);
DROP FUNCTION app.prove_month(uuid);
DROP FUNCTION app.note_month(app.month_events);
DROP FUNCTION app.next_event(uuid);
DROP FUNCTION app.lock_month(uuid, integer);

COMMIT;
