-- Removes the run of all passes.

BEGIN;

DROP FUNCTION app.match_revisions(app.revision_draft[]);
DROP FUNCTION app.write_edges(app.match_edge[], app.match_pair[]);
DROP FUNCTION app.match_sides(app.match_side[], app.match_side[], app.match_edge[], app.match_pair[], app.match_history[], app.matching_policies);
DROP FUNCTION app.propose(app.match_side[], app.match_side[], app.match_side[], app.sum_found[], app.match_pair[], app.match_history[], app.matching_policies);
DROP FUNCTION app.leave_unproposed(app.match_side[], app.match_miss[], text);
DROP FUNCTION app.write_open_items(app.match_side[], app.match_side[], app.match_edge[], app.match_outcome);
DROP TYPE app.match_outcome;

COMMIT;
