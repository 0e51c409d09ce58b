-- Removes giving pseudonyms.

BEGIN;

DROP FUNCTION api.reject_pseudonym(uuid, text, text);
DROP FUNCTION api.confirm_pseudonym(uuid, text, text);
DROP FUNCTION app.decide_pseudonym(text, uuid, text, text, text);
DROP FUNCTION report.foreseen_removals(uuid);
DROP FUNCTION api.lift_pseudonym(uuid, text, text);
DROP FUNCTION app.judge_lift(uuid);
DROP FUNCTION api.pseudonymise_cardholder(uuid, text, text[], text);
DROP FUNCTION app.cover_person(uuid, text[]);
DROP FUNCTION app.judge_removal(app.removals[], text[]);
DROP FUNCTION app.removals_for(uuid[], text[]);
DROP FUNCTION app.documents_of(uuid[]);
DROP FUNCTION app.has_name(text, text[]);

COMMIT;
