-- Removes the passes identical and exact.

BEGIN;

DROP FUNCTION app.match_exact(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies, integer);
DROP FUNCTION app.match_identical(app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies);
DROP FUNCTION app.share_amount(app.match_side[], app.match_side[], app.match_side[]);
DROP FUNCTION app.find_candidates(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies);

COMMIT;
