-- Nobody but the owner takes turns.

BEGIN;

SELECT app.expect_objects($$
constraint app.turns.turns_pkey
function app.take_turn(text)
table app.turns (about): select ccp_auditor
$$);

ROLLBACK;
