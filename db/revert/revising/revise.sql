-- Removes the next revision of people.

BEGIN;

DROP FUNCTION app.state_corrections(uuid, app.said_receipt[], text);
DROP TYPE app.said_receipt;
DROP FUNCTION app.add_person(uuid, uuid, text);
DROP FUNCTION app.revise_people(uuid, uuid[], text, text);
DROP FUNCTION app.write_merged(app.revision_draft[], app.merged_receipt[], uuid[]);
DROP FUNCTION app.add_pages(app.revision_draft[], app.merged_receipt[]);
DROP FUNCTION app.draft_next(uuid[], uuid[]);
DROP FUNCTION app.copy_receipts(uuid[], uuid[]);

COMMIT;
