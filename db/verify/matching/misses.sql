-- Nearest misses are private.

BEGIN;

SELECT app.expect_objects($$
function app.find_ambiguous(app.match_side[], app.match_side[], app.match_pair[], app.match_history[],
    app.matching_policies)
function app.find_nearest(app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_pair[],
    app.match_history[], app.matching_policies)
function app.find_neighbours(app.match_side[], app.match_side[], app.match_side[])
function app.propose_near(app.match_side[], app.match_side[], app.match_pair[], app.match_history[],
    app.matching_policies)
type app.match_miss (revision_id, side, charge_id, transaction_id, failed_gate, is_proposed, amount_difference,
    days_apart, amount_part, date_part, merchant_part, score)
$$);

ROLLBACK;
