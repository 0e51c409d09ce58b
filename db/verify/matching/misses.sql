-- Proposals are private.

BEGIN;

SELECT app.expect_objects($$
function app.propose_knots(app.match_side[], app.match_side[], app.match_pair[], app.match_history[],
    app.matching_policies)
function app.propose_repeats(app.match_side[], app.match_side[], app.match_pair[], app.match_history[],
    app.matching_policies)
function app.propose_sums(app.match_side[], app.match_side[], app.sum_found[], text[], app.matching_policies)
type app.match_miss (revision_id, side, charge_id, transaction_id, failed_gate, proposal, proposal_id,
    amount_difference, days_apart, amount_part, date_part, merchant_part, score)
$$);

ROLLBACK;
