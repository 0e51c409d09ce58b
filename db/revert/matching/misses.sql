-- Removes proposals.

BEGIN;

DROP FUNCTION app.propose_repeats(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies);
DROP FUNCTION app.propose_sums(app.match_side[], app.match_side[], app.sum_found[], text[], app.matching_policies);
DROP FUNCTION app.propose_knots(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies);
DROP TYPE app.match_miss;

COMMIT;
