-- Settling a month is no call of its own.

BEGIN;

SELECT app.expect_objects($$
function app.enter_period(text, date, date)
function app.hold_month(uuid)
function app.list_marks(uuid, boolean)
function app.lock_chain(uuid)
function app.marks_of_month(uuid)
function app.month_of_receipts(uuid[])
function app.name_session(uuid)
function app.overlapping_submissions(uuid)
function app.settle_back(uuid)
function app.settle_month(uuid, app.revision_draft[], date, date)
function app.take_month_turns(text, date, date)
$$);

ROLLBACK;
