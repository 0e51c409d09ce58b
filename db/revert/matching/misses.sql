-- Removes proposals and nearest misses.

BEGIN;

DROP FUNCTION app.find_nearest(app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies);
DROP FUNCTION app.find_neighbours(app.match_side[], app.match_side[], app.match_side[]);
DROP FUNCTION app.find_ambiguous(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies);
DROP FUNCTION app.propose_near(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies);
DROP TYPE app.match_miss;

COMMIT;
