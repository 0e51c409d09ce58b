-- Taking over what was said is no call of its own.

BEGIN;

SELECT app.expect_objects($$
function app.cancelled_after(uuid)
function app.recall_corrections(uuid)
function app.recall_decisions(uuid, uuid)
function app.recalled_decisions(uuid, uuid)
$$);

ROLLBACK;
