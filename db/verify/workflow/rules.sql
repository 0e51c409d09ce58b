-- Only administrators change rules.

BEGIN;

SELECT app.expect_objects($$
function api.save_rule(text, integer, text, boolean, boolean, jsonb, text, text, date, date, text, text) as owner:
    execute ccp_admin
$$);

ROLLBACK;
