-- Removes the nearest misses.

BEGIN;

DROP FUNCTION app.find_nearest(app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies);
DROP FUNCTION app.find_neighbours(app.match_side[], app.match_side[], app.match_side[]);

COMMIT;
