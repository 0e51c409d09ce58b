-- Removes proposals of pairs.

BEGIN;

DROP FUNCTION app.propose_pairs(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies);
DROP FUNCTION app.are_swapped(numeric, numeric);
DROP FUNCTION app.digits_of(bigint);

COMMIT;
