-- Nobody but the owner opens or fills sessions directly.

BEGIN;

SELECT app.expect_objects($$
function app.accept_activity(jsonb, uuid, text[], app.activity_entry[])
function app.draft_people(uuid, app.staged_person[])
function app.finish_session(uuid)
function app.hold_earlier(uuid)
function app.judge_month(text, date, date)
function app.lock_parent(uuid, bytea, text, uuid)
function app.milliseconds(interval)
function app.open_session(text, uuid, text, bytea, text, text, text, date, date)
function app.start_session(uuid, text, bytea, text, text)
function app.write_claims(uuid, jsonb, app.staged_person[], text[], app.activity_entry[])
type app.given_month (programme, period_start, period_end)
$$);

ROLLBACK;
