-- Removes the settling of months.

BEGIN;

DROP FUNCTION app.settle_month(uuid, app.revision_draft[], date, date);
DROP FUNCTION app.hold_month(uuid);
DROP FUNCTION app.take_month_turns(text, date, date);
DROP FUNCTION app.name_session(uuid);
DROP FUNCTION app.month_of_receipts(app.revision_draft[]);

COMMIT;
