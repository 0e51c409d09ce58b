-- Removes giving pseudonyms.

BEGIN;

DROP FUNCTION api.reject_pseudonym(uuid, text, text);
DROP FUNCTION api.confirm_pseudonym(uuid, text, text);
DROP FUNCTION app.decide_pseudonym(text, uuid, text, text, text);
DROP FUNCTION api.pseudonymise_cardholder(uuid, text, text[], text);
DROP FUNCTION app.cover_person(uuid, text[]);
DROP FUNCTION app.judge_removal(uuid[], text[]);
DROP FUNCTION app.names_anybody(app.kept_entries, text[]);

COMMIT;
