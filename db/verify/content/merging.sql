-- What becomes of statements in a submission.

BEGIN;

SELECT app.expect_objects($$
function app.judge_corrections(uuid, app.source_person[], boolean)
function app.merge_receipts(uuid, app.source_person[])
function app.source_people(uuid, uuid[])
type app.judged_correction (transaction_id, field_group, correction_id, cardholder_id, base, value, source_value,
    fate)
type app.merged_receipt (cardholder_id, transaction_id, source_link, content, is_said)
type app.source_person (cardholder_id, revision_id)
$$);

ROLLBACK;
