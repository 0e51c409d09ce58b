-- Removes identification.

BEGIN;

DROP FUNCTION app.save_cards(uuid[], text[]);
DROP FUNCTION app.renamed_people(app.staged_person[]);
DROP FUNCTION app.identify_people(uuid, app.staged_person[]);
DROP FUNCTION app.save_cardholders(app.staged_person[]);
DROP TYPE app.staged_receipt;
DROP TYPE app.staged_person;

COMMIT;
