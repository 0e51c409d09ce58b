-- Signs of life are for administrators, auditors and report writers.

BEGIN;

SELECT app.expect_objects($$
constraint app.sign_minutes.sign_minutes_card_numbers_check
constraint app.sign_minutes.sign_minutes_part_check
constraint app.sign_minutes.sign_minutes_pkey
constraint app.worker_duties.worker_duties_card_numbers_check
constraint app.worker_duties.worker_duties_duty_check
constraint app.worker_duties.worker_duties_every_seconds_check
constraint app.worker_duties.worker_duties_failures_check
constraint app.worker_duties.worker_duties_pkey
constraint app.worker_duties.worker_duties_worker_name_check
function api.record_duty(text, text, double precision, double precision, double precision, integer, text) as owner:
    execute ccp_worker
table app.sign_minutes (minute, part): select ccp_auditor
table app.worker_duties (worker_name, duty, since, last_sign_at, last_success_at, busy_since, every_seconds, failures,
    last_error, last_error_at): select ccp_auditor
trigger app.sign_minutes.t10_keep
trigger app.sign_minutes.t90_mark
trigger app.worker_duties.t10_keep
trigger app.worker_duties.t90_mark
view report.workers (worker_name, duty, since, last_sign_at, last_success_at, busy_since, every_seconds, failures,
    last_error, last_error_at, is_silent, is_failing): select ccp_admin ccp_auditor ccp_report
$$);

ROLLBACK;
