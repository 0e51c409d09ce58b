-- Migration: judging.

BEGIN;

SELECT app.expect_objects($$
function app.explain_values(app.found_difference[], app.foreseen[])
function app.follow_values(app.found_difference[], integer)
function app.judge_values(app.found_difference[], app.foreseen[], app.receipt_pair[], app.compared_receipt[], text[])
function app.settle_entries(app.found_difference[], app.receipt_pair[], app.compared_receipt[], text[])
view app.following_fields (step, level, field, choice, from_level, from_field, is_same_receipt): select ccp_auditor
$$);

ROLLBACK;
