-- The finders are private.

BEGIN;

SELECT app.expect_objects($$
function app.find_ambiguous_match(app.revision_draft[], jsonb)
function app.find_amount_residual(app.revision_draft[], jsonb)
function app.find_proposals(app.revision_draft[], text[])
function app.find_proposed_sum(app.revision_draft[], jsonb)
function app.find_suspected_repeat(app.revision_draft[], jsonb)
function app.find_unmatched_charge(app.revision_draft[], jsonb)
function app.find_unmatched_receipt(app.revision_draft[], jsonb)
function app.find_weak_match(app.revision_draft[], jsonb)
$$);

ROLLBACK;
