-- The passes over series are private.

BEGIN;

SELECT app.expect_objects($$
function app.leave_open(app.match_side[], app.match_edge[], text)
function app.match_merchants(app.match_side[], app.match_side[], app.match_pair[], app.match_history[],
    app.matching_policies, text, app.match_edge[], app.match_side[])
function app.match_plain(app.match_side[], app.match_side[], app.match_pair[], app.match_history[],
    app.matching_policies)
$$);

ROLLBACK;
