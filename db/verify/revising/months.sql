-- Closed months are proved.

BEGIN;

SELECT app.expect_objects($$
function app.describe_closing(uuid)
function app.digest_month(uuid)
function app.digest_people(uuid)
function app.month_violations(bigint)
function app.newest_session(uuid)
function app.refuse_closed_month(uuid, text)
type app.digested_person (session_id, cardholder_id, digest)
$$);

ROLLBACK;
