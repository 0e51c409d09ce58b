-- Removes the finders of known deviations.

BEGIN;

DROP FUNCTION app.foresee(app.compared_side, app.compared_side);
DROP FUNCTION app.foresee_decisions(app.compared_side, app.compared_side);
DROP FUNCTION app.foresee_receipts(app.compared_side, app.compared_side);
DROP FUNCTION app.foresee_repeats(app.compared_side, app.compared_side);
DROP FUNCTION app.foreseen_amount(app.compared_receipt);
DROP FUNCTION app.foresee_people(app.compared_side, app.compared_side);
DROP FUNCTION app.foresee_reading(app.compared_side, app.compared_side);
DROP FUNCTION app.foresee_card_totals(app.compared_side, app.compared_side);
DROP FUNCTION app.card_total_parts(app.compared_card[], app.compared_person[], integer[]);
DROP TYPE app.foreseen;

COMMIT;
