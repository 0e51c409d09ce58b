-- What is known before is private.

BEGIN;

SELECT app.expect_objects($$
function app.decisions_in_force(app.revision_draft[])
function app.edges_before(app.revision_draft[])
function app.find_matchable(app.revision_draft[])
function app.find_settled(app.revision_draft[], integer)
function app.load_charges(app.revision_draft[], app.match_pair[], app.matching_policies)
function app.load_match_history(app.match_side[], app.match_side[])
function app.load_receipts(app.revision_draft[], app.match_pair[], app.matching_policies)
function app.match_pinned(app.revision_draft[], app.match_side[], app.match_side[], app.match_history[],
    app.matching_policies)
$$);

ROLLBACK;
