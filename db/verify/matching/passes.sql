-- The passes are private.

BEGIN;

SELECT app.expect_objects($$
function app.find_candidates(app.match_side[], app.match_side[], app.match_pair[], app.match_history[],
    app.matching_policies)
function app.match_exact(app.match_side[], app.match_side[], app.match_pair[], app.match_history[],
    app.matching_policies, integer)
function app.match_identical(app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_pair[],
    app.match_history[], app.matching_policies)
function app.share_amount(app.match_side[], app.match_side[], app.match_side[])
$$);

ROLLBACK;
