-- Answered requests are immutable and private.

BEGIN;

SELECT app.expect_objects($$
constraint app.answered_requests.answered_requests_card_numbers_check
constraint app.answered_requests.answered_requests_created_tx_check
constraint app.answered_requests.answered_requests_pkey
constraint app.answered_requests.answered_requests_request_id_check
constraint app.answered_requests.answered_requests_user_id_fkey
constraint app.request_answers.request_answers_card_numbers_check
constraint app.request_answers.request_answers_pkey
constraint app.request_answers.request_answers_request_id_fkey
function api.remove_expired_answers() as owner: execute ccp_admin ccp_worker
function app.begin_request(text, text, bytea, text)
function app.check_version(integer, integer)
function app.end_request(text, text, bytea, jsonb)
function app.forget_reason()
function app.hash_request(text, text[])
function app.refuse_own_card(uuid[])
function app.require_text(text, text, integer)
index app.answered_requests_created_tx_idx
index app.request_answers_answered_at_idx
table app.answered_requests (request_id, call_name, content_hash, user_id, answered_at, created_tx): select
    ccp_auditor
table app.request_answers (user_id, request_id, answer, answered_at): select ccp_auditor
trigger app.answered_requests.t10_immutable
trigger app.answered_requests.t90_mark
trigger app.request_answers.t10_keep
trigger app.request_answers.t90_mark
$$);

ROLLBACK;
