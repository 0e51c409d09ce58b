-- Removes the shape of the two sides and the parts of the score.

BEGIN;

DROP FUNCTION app.score_of(numeric, numeric, numeric, numeric, app.matching_policies);
DROP FUNCTION app.merchant_part_of(app.match_side, app.match_side);
DROP FUNCTION app.amount_part_of(numeric, numeric);
DROP FUNCTION app.date_part_of(app.match_side, app.match_side, app.matching_policies);
DROP FUNCTION app.days_apart(app.match_side, app.match_side);
DROP FUNCTION app.is_in_window(app.match_side, app.match_side, app.matching_policies);
DROP FUNCTION app.print_of_side(numeric, date, date, text);
DROP TYPE app.match_history;
DROP TYPE app.match_edge;
DROP TYPE app.match_pair;
DROP TYPE app.match_side;

COMMIT;
