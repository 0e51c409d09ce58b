-- Removes measuring and hashing of revisions.

BEGIN;

DROP FUNCTION app.hash_content(
    uuid, uuid, integer, text, text, text, boolean, numeric, numeric, integer, jsonb, integer[], integer[], text);
DROP FUNCTION app.measure_drafts(app.revision_draft[]);
DROP FUNCTION app.digest_rows(text, bytea);
DROP FUNCTION app.measure_revisions(uuid[]);
DROP FUNCTION app.receipt_turns(uuid);
DROP FUNCTION app.write_bank_sides(app.revision_draft[]);
DROP FUNCTION app.measure_bank(uuid[], uuid[]);
DROP FUNCTION app.first_drafts(app.revision_draft[]);
DROP TYPE app.revision_draft;

COMMIT;
