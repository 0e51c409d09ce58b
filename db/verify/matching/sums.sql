-- The pass sum is private.

BEGIN;

SELECT app.expect_objects($$
function app.find_nets(app.match_side[], app.match_side[], app.matching_policies)
function app.find_sum_parts(app.match_side[], app.match_side[], app.match_pair[], app.matching_policies)
function app.find_sums(app.sum_part[], app.matching_policies)
function app.grain_of(numeric[])
function app.match_sums(app.match_side[], app.match_side[], app.sum_found[], app.match_history[],
    app.matching_policies)
type app.sum_found (revision_id, whole_side, whole_id, whole_key, part_ids, kind, days)
type app.sum_part (revision_id, whole_side, whole_id, whole_amount, whole_key, part_id, part_amount, part_day,
    is_posted, is_bought, part_rank, part_count)
$$);

ROLLBACK;
