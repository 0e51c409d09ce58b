-- Nearest misses are private.

BEGIN;

SELECT app.expect_objects($$
function app.find_nearest(app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_side[],
    app.match_side[], app.match_pair[], app.match_history[], app.matching_policies)
function app.find_neighbours(app.match_side[], app.match_side[], app.match_side[])
$$);

ROLLBACK;
