-- The door is there and nobody but the owner opens it.

BEGIN;

SELECT app.expect_objects($$
constraint app.month_calls.month_calls_card_numbers_check
constraint app.month_calls.month_calls_changes_check
constraint app.month_calls.month_calls_expects_check
constraint app.month_calls.month_calls_pkey
function app.describe_last_change(uuid, uuid)
function app.door_violations(bigint)
function app.enter_month(text, app.door_person[], text[])
function app.is_own_month(uuid, uuid)
function app.pass_door(text, app.door_person[], text[])
function app.people_of_revisions(uuid[])
function app.refuse_own_month(uuid)
table app.month_calls (call_name, changes, expects, is_held): select ccp_auditor
type app.door_person (session_id, cardholder_id, version, revision_id)
type app.door_refusal (session_id, cardholder_id, code, column_name, expected, got)
$$);

ROLLBACK;
