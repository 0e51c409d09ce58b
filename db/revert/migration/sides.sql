-- Removes the sides of a comparison.

BEGIN;

DROP FUNCTION app.month_people(uuid, app.compared_receipt[]);
DROP FUNCTION app.month_receipts(uuid, boolean);
DROP FUNCTION app.month_cards(uuid);
DROP FUNCTION app.told_person(app.compared_person, app.compared_receipt[]);
DROP FUNCTION app.is_alike_date(text, text);
DROP FUNCTION app.told_receipt(app.compared_receipt);
DROP FUNCTION app.old_people(app.activity_entry[], app.compared_receipt[]);
DROP FUNCTION app.old_receipts(app.activity_entry[]);
DROP FUNCTION app.is_flagged(jsonb);
DROP FUNCTION app.told_number(text);
DROP FUNCTION app.cents(numeric);
DROP TYPE app.compared_side;
DROP TYPE app.compared_card;
DROP TYPE app.compared_person;
DROP TYPE app.compared_receipt;

COMMIT;
