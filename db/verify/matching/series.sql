-- The passes are private.

BEGIN;

SELECT app.expect_objects($$
function app.find_crowds(app.match_side[], app.match_side[])
function app.find_odd(app.match_side[], app.match_side[])
function app.learn_habits(app.match_side[], app.match_edge[], app.match_crowd[], app.matching_policies)
function app.match_series(app.match_side[], app.match_side[], app.match_habit[], app.match_crowd[], app.match_pair[],
    app.match_history[], app.matching_policies, text)
function app.match_singles(app.match_side[], app.match_side[], app.match_crowd[], app.match_pair[],
    app.match_history[], app.matching_policies, text)
type app.match_crowd (revision_id, amount, series_key)
type app.match_habit (revision_id, habit)
$$);

ROLLBACK;
