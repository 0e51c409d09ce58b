-- Who may go back to an old session.

BEGIN;

SELECT app.expect_objects($$
function api.restore_session(uuid, uuid, text, text, text) as owner: execute ccp_admin ccp_processor
function app.copy_bank_rows(uuid, uuid)
function app.copy_corrections(uuid, uuid)
function app.note_restored(uuid, app.processing_sessions)
function app.receipts_of_session(uuid, uuid)
$$);

ROLLBACK;
