-- Removes the pass sum.

BEGIN;

DROP FUNCTION app.match_sums(app.match_side[], app.match_side[], app.sum_found[], app.match_history[], app.matching_policies);
DROP FUNCTION app.find_nets(app.match_side[], app.match_side[], app.matching_policies);
DROP FUNCTION app.find_sums(app.sum_part[], app.matching_policies);
DROP FUNCTION app.grain_of(numeric[]);
DROP FUNCTION app.find_sum_parts(app.match_side[], app.match_side[], app.match_pair[], app.matching_policies);
DROP TYPE app.sum_found;
DROP TYPE app.sum_part;

COMMIT;
