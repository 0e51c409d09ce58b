-- Each rule has its finder, and no finder is open to roles.

BEGIN;

SELECT app.expect_objects($$
function app.find_duplicate_across_cards(app.revision_draft[], jsonb)
function app.find_out_of_period(app.revision_draft[], jsonb)
function app.find_over_limit(app.revision_draft[], jsonb)
function app.find_prohibited_merchant(app.revision_draft[], jsonb)
function app.find_split_purchase(app.revision_draft[], jsonb)
function app.find_stale_posting(app.revision_draft[], jsonb)
$$);

ROLLBACK;
