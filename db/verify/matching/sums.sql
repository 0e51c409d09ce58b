-- The pass sum is private.

BEGIN;

SELECT app.expect_objects($$
function app.find_sum_parts(app.match_side[], app.match_side[], app.match_pair[], app.matching_policies)
function app.match_sums(app.match_side[], app.match_side[], app.sum_part[], app.match_history[],
    app.matching_policies)
type app.sum_part (revision_id, whole_side, whole_id, whole_amount, part_id, part_amount, part_rank, part_count)
$$);

ROLLBACK;
