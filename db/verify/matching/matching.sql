-- Matching is private.

BEGIN;

SELECT app.expect_objects($$
function app.leave_unproposed(app.match_side[], app.match_miss[], text)
function app.match_revisions(app.revision_draft[])
function app.match_sides(app.match_side[], app.match_side[], app.match_edge[], app.match_pair[], app.match_history[],
    app.matching_policies)
function app.propose(app.match_side[], app.match_side[], app.match_side[], app.sum_found[], app.match_pair[],
    app.match_history[], app.matching_policies)
function app.write_edges(app.match_edge[], app.match_pair[])
function app.write_open_items(app.match_side[], app.match_side[], app.match_edge[], app.match_outcome)
type app.match_outcome (edges, misses, sum_parts, open_charges, open_receipts)
$$);

ROLLBACK;
