-- Removes the settling of months.

BEGIN;

DROP FUNCTION app.settle_back(uuid);
DROP FUNCTION app.overlapping_submissions(uuid);
DROP FUNCTION app.settle_month(uuid, app.revision_draft[], date, date);
DROP FUNCTION app.list_marks(uuid, boolean);
DROP FUNCTION app.marks_of_month(uuid);
DROP FUNCTION app.hold_month(uuid);
DROP FUNCTION app.lock_chain(uuid);
DROP FUNCTION app.enter_period(text, date, date);
DROP FUNCTION app.take_month_turns(text, date, date);
DROP FUNCTION app.name_session(uuid);
DROP FUNCTION app.month_of_receipts(uuid[]);

COMMIT;
