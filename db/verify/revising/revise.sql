-- Nobody but the owner makes revisions by these.

BEGIN;

SELECT app.expect_objects($$
function app.add_pages(app.revision_draft[], app.merged_receipt[])
function app.add_person(uuid, uuid, text)
function app.copy_receipts(uuid[], uuid[])
function app.draft_next(uuid[], uuid[])
function app.revise_people(uuid, uuid[], text, text)
function app.state_corrections(uuid, app.said_receipt[], text)
function app.write_merged(app.revision_draft[], app.merged_receipt[], uuid[])
type app.said_receipt (transaction_id, held_by, was, given_to, content)
$$);

ROLLBACK;
