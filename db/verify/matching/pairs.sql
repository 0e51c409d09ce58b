-- Proposals of pairs are private.

BEGIN;

SELECT app.expect_objects($$
function app.are_swapped(numeric, numeric)
function app.digits_of(bigint)
function app.propose_pairs(app.match_side[], app.match_side[], app.match_pair[], app.match_history[],
    app.matching_policies)
$$);

ROLLBACK;
