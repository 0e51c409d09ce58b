-- The likes are private.

BEGIN;

SELECT app.expect_objects($$
function app.find_contested(app.match_edge[], app.match_side[], app.match_side[], app.match_side[], app.match_side[],
    app.match_history[])
function app.find_kin(app.match_side[], app.match_side[], app.match_history[])
function app.find_suspects(app.match_side[], app.match_side[], app.match_history[])
function app.join_likes(app.match_side[], app.match_side[], app.match_history[])
type app.match_kin (revision_id, amount, charge_key, receipt_key)
$$);

ROLLBACK;
