-- Removes what is known before the passes.

BEGIN;

DROP FUNCTION app.edges_before(app.revision_draft[]);
DROP FUNCTION app.match_pinned(app.revision_draft[], app.match_side[], app.match_side[], app.match_history[], app.matching_policies);
DROP FUNCTION app.find_settled(app.revision_draft[], integer);
DROP FUNCTION app.load_match_history(app.match_side[], app.match_side[]);
DROP FUNCTION app.load_receipts(app.revision_draft[], app.match_pair[], app.matching_policies);
DROP FUNCTION app.load_charges(app.revision_draft[], app.match_pair[], app.matching_policies);
DROP FUNCTION app.decisions_in_force(app.revision_draft[]);
DROP FUNCTION app.find_matchable(app.revision_draft[]);

COMMIT;
