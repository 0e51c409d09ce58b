-- Removes what approving an alias changes, and taking it back.

BEGIN;

DROP FUNCTION api.withdraw_alias(text, integer, text, boolean, text);
DROP FUNCTION api.approve_alias(text, text, text, integer, date, date, boolean, boolean, text);
DROP FUNCTION app.refuse_own_name(text, text);
DROP FUNCTION app.unapply_alias(text, text, text);
DROP FUNCTION app.is_given_by_hand(uuid, uuid, uuid);
DROP FUNCTION app.apply_alias(text, text, text);
DROP FUNCTION app.hold_name(text, text);
DROP FUNCTION app.sessions_of_name(text, text);
DROP FUNCTION app.check_alias(text, text, boolean);
DROP FUNCTION app.is_in_report(text);
DROP FUNCTION app.move_receipts(text, uuid, uuid, uuid, uuid[], text);
DROP TYPE report.alias_answer;

COMMIT;
