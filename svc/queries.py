"""Every SQL text of the service: one call of `api` or one select from `report` each.

All take their values as bound parameters. Rows of `report` views are passed on whole: the views
are the contract, and a column added there needs no change here.
"""

from __future__ import annotations

# One round trip opens a request: who acts, how long it may take, and the weakest role, which may
# ask who the actor is and nothing that hurts. All settings end with the transaction.
OPEN_REQUEST = """
SELECT set_config('app.actor', %(actor)s, true),
       set_config('app.request_id', %(request_id)s, true),
       set_config('transaction_read_only', %(read_only)s, true),
       set_config('statement_timeout', %(statement_timeout)s, true),
       set_config('lock_timeout', %(lock_timeout)s, true),
       set_config('idle_in_transaction_session_timeout', %(idle_timeout)s, true),
       set_config('role', 'ccp_read_only', true)
"""

SIGN_IN = """
SELECT s.user_name, s.role
FROM api.sign_in(
    p_issuer => %(issuer)s::text,
    p_subject => %(subject)s::text,
    p_token_id => %(token_id)s::text,
    p_roles => %(roles)s::text[]
) AS s
"""

TAKE_ROLE = "SELECT set_config('role', %(role)s, true)"

COMMIT = "COMMIT"

ERROR_CATALOGUE = "SELECT e.sqlstate, e.slug FROM report.error_codes AS e"

IMPORT_ACTIVITY = """
SELECT api.import_activity(
    p_file => %(file)s,
    p_session_name => %(session_name)s,
    p_parent_session_id => %(parent_session_id)s,
    p_dry_run => %(dry_run)s,
    p_request_id => %(request_id)s,
    p_file_name => %(file_name)s
) AS answer
"""

REFUSE_IMPORT = """
SELECT api.refuse_import(
    p_file_name => %(file_name)s,
    p_size => %(size)s,
    p_sha256 => %(sha256)s,
    p_code => %(code)s,
    p_reason => %(reason)s
) AS answer
"""

CREATE_SESSION = """
SELECT s.*
FROM api.create_session(
    p_session_name => %(session_name)s,
    p_parent_session_id => %(parent_session_id)s,
    p_request_id => %(request_id)s
) AS s
"""

RESOLVE_ISSUE = """
SELECT i.*
FROM api.resolve_issue(
    p_issue_id => %(issue_id)s,
    p_expected_version => %(expected_version)s,
    p_method => %(method)s,
    p_notes => %(notes)s,
    p_request_id => %(request_id)s
) AS i
"""

BEGIN_UPLOAD = """
SELECT api.begin_upload(
    p_session_id => %(session_id)s,
    p_car_name => %(car_name)s,
    p_car_sha256 => %(car_sha256)s,
    p_car_size => %(car_size)s,
    p_receipt_name => %(receipt_name)s,
    p_receipt_sha256 => %(receipt_sha256)s,
    p_receipt_size => %(receipt_size)s,
    p_request_id => %(request_id)s
) AS answer
"""

STORE_CHUNK = "SELECT api.store_chunk(%(document_id)s, %(chunk_number)s, %(bytes)s)"

QUEUE_DOCUMENTS = "SELECT api.queue_documents(%(session_id)s, %(request_id)s) AS answer"

# The newest job of a session tells how far its documents are.
SESSION_JOB = """
SELECT j.job_id, j.state, j.phase, j.pages_done, j.pages_total, j.attempts, j.failure_code,
       j.failure_message, j.queued_at, j.started_at, j.finished_at
FROM report.jobs AS j
WHERE j.session_id = %(session_id)s
ORDER BY j.queued_at DESC
LIMIT 1
"""

SESSION_DOCUMENTS = """
SELECT d.*
FROM report.documents AS d
WHERE d.session_id = %(session_id)s
ORDER BY d.kind
"""

PACKET_PAGES = "SELECT p.* FROM report.packet_pages(%(session_id)s) AS p"

READ_CHUNK = "SELECT api.read_chunk(%(document_id)s, %(chunk_number)s) AS bytes"

CLAIM_JOB = "SELECT api.claim_job(%(worker_name)s) AS job"

RECORD_PROGRESS = """
SELECT api.record_progress(
    p_job_id => %(job_id)s,
    p_token => %(token)s,
    p_phase => %(phase)s,
    p_pages_done => %(pages_done)s,
    p_pages_total => %(pages_total)s
)
"""

READ_JOB_CHUNK = """
SELECT api.read_job_chunk(
    p_job_id => %(job_id)s,
    p_token => %(token)s,
    p_kind => %(kind)s,
    p_chunk_number => %(chunk_number)s
) AS bytes
"""

FAIL_JOB = """
SELECT api.fail_job(
    p_job_id => %(job_id)s,
    p_token => %(token)s,
    p_code => %(code)s,
    p_message => %(message)s,
    p_kind => %(kind)s,
    p_may_retry => %(may_retry)s
) AS state
"""

ACCEPT_DOCUMENTS = """
SELECT api.accept_documents(
    p_job_id => %(job_id)s,
    p_token => %(token)s,
    p_car => %(car)s::jsonb,
    p_receipts => %(receipts)s::jsonb,
    p_phases => %(phases)s::jsonb
) AS answer
"""

REMOVE_EXPIRED_DOCUMENTS = "SELECT api.remove_expired_documents() AS removed"

REMOVE_EXPIRED_ANSWERS = "SELECT api.remove_expired_answers() AS removed"

SESSION = "SELECT s.* FROM report.processing_sessions AS s WHERE s.session_id = %(session_id)s"

# Newest first. A cancelled session is listed only to those who ask for it.
SESSIONS = """
SELECT s.*
FROM report.processing_sessions AS s
WHERE CASE
        WHEN %(status)s::text IS NULL THEN s.status <> 'cancelled'
        ELSE s.status = %(status)s::text
      END
  AND (%(parent_session_id)s::uuid IS NULL OR s.parent_session_id = %(parent_session_id)s::uuid)
  AND (%(after_session_id)s::uuid IS NULL OR s.session_id < %(after_session_id)s::uuid)
ORDER BY s.session_id DESC
LIMIT %(limit)s
"""

SESSION_EMPLOYEES = """
SELECT e.*
FROM report.employee_revisions AS e
WHERE e.session_id = %(session_id)s
  AND (%(status)s::text IS NULL OR e.status = %(status)s::text)
  AND (%(flag)s::text IS NULL OR (e.validation_flags ->> %(flag)s::text) = 'true')
  AND (%(person)s::text IS NULL OR starts_with(e.employee_name, upper(%(person)s::text)))
  AND (%(after_name)s::text IS NULL
       OR (e.employee_name COLLATE "C", e.revision_id)
          > (%(after_name)s::text, %(after_revision_id)s::uuid))
ORDER BY e.employee_name COLLATE "C", e.revision_id
LIMIT %(limit)s
"""

HOLD_EMPLOYEE = """
SELECT e.*
FROM api.hold_employee(
    p_session_id => %(session_id)s,
    p_cardholder_id => %(cardholder_id)s,
    p_expected_version => %(expected_version)s,
    p_reason => %(reason)s,
    p_request_id => %(request_id)s
) AS e
"""

RELEASE_EMPLOYEE = """
SELECT e.*
FROM api.release_employee(
    p_session_id => %(session_id)s,
    p_cardholder_id => %(cardholder_id)s,
    p_expected_version => %(expected_version)s,
    p_reason => %(reason)s,
    p_request_id => %(request_id)s
) AS e
"""

SESSION_ISSUES = """
SELECT i.*
FROM report.validation_issues AS i
WHERE i.session_id = %(session_id)s
  AND (%(state)s::text IS NULL OR i.state = %(state)s::text)
  AND (%(resolved)s::boolean IS NULL OR i.is_resolved = %(resolved)s::boolean)
  AND (%(severity)s::text IS NULL OR i.severity = %(severity)s::text)
  AND (%(rule)s::text IS NULL OR i.issue_type = %(rule)s::text)
  AND (%(person)s::text IS NULL OR starts_with(i.employee_name, upper(%(person)s::text)))
  AND (%(after_issue_id)s::uuid IS NULL OR i.issue_id > %(after_issue_id)s::uuid)
ORDER BY i.issue_id
LIMIT %(limit)s
"""

SESSION_TRANSACTIONS = """
SELECT t.*
FROM report.transactions AS t
WHERE t.session_id = %(session_id)s
  AND (%(person)s::text IS NULL OR starts_with(t.employee_name, upper(%(person)s::text)))
  AND (%(coded)s::boolean IS NULL OR t.is_coded = %(coded)s::boolean)
  AND (%(after_transaction_id)s::uuid IS NULL
       OR t.transaction_id > %(after_transaction_id)s::uuid)
ORDER BY t.transaction_id
LIMIT %(limit)s
"""

CORRECT_TRANSACTIONS = """
SELECT api.correct_transactions(
    p_session_id => %(session_id)s,
    p_corrections => %(corrections)s::jsonb,
    p_reason => %(reason)s,
    p_request_id => %(request_id)s
) AS answer
"""

RESTORE_REVISION = """
SELECT r.*
FROM api.restore_revision(
    p_revision_id => %(revision_id)s,
    p_expected_revision_id => %(expected_revision_id)s,
    p_reason => %(reason)s,
    p_request_id => %(request_id)s
) AS r
"""

# The function's own order counts: summary rows first.
COMPARE_SESSIONS = """
SELECT d.*
FROM report.compare_sessions(%(session_id)s, %(other_id)s) WITH ORDINALITY
    AS d(kind, change, cardholder_id, employee_name, employee_id, natural_key, field, old_value,
         new_value, old_amount, new_amount, difference, place)
WHERE d.place > %(after_place)s
ORDER BY d.place
LIMIT %(limit)s
"""

SESSION_MATCHES = """
SELECT m.*
FROM report.matches AS m
WHERE m.session_id = %(session_id)s
  AND (%(person)s::text IS NULL OR starts_with(m.employee_name, upper(%(person)s::text)))
  AND (%(after_charge_id)s::uuid IS NULL
       OR (m.charge_id, m.transaction_id)
          > (%(after_charge_id)s::uuid, %(after_transaction_id)s::uuid))
ORDER BY m.charge_id, m.transaction_id
LIMIT %(limit)s
"""

SESSION_OPEN_CHARGES = """
SELECT c.*
FROM report.open_charges AS c
WHERE c.session_id = %(session_id)s
  AND (%(person)s::text IS NULL OR starts_with(c.employee_name, upper(%(person)s::text)))
  AND (%(after_charge_id)s::uuid IS NULL OR c.charge_id > %(after_charge_id)s::uuid)
ORDER BY c.charge_id
LIMIT %(limit)s
"""

SESSION_OPEN_RECEIPTS = """
SELECT r.*
FROM report.open_receipts AS r
WHERE r.session_id = %(session_id)s
  AND (%(person)s::text IS NULL OR starts_with(r.employee_name, upper(%(person)s::text)))
  AND (%(after_transaction_id)s::uuid IS NULL
       OR r.transaction_id > %(after_transaction_id)s::uuid)
ORDER BY r.transaction_id
LIMIT %(limit)s
"""

DECIDE_MATCH = """
SELECT api.decide_match(
    p_decision => %(decision)s,
    p_charge_ids => %(charge_ids)s::uuid[],
    p_transaction_ids => %(transaction_ids)s::uuid[],
    p_expected_version => %(expected_version)s,
    p_amounts => %(amounts)s::numeric[],
    p_reason => %(reason)s,
    p_request_id => %(request_id)s
) AS answer
"""

START_ISSUE = """
SELECT i.*
FROM api.start_issue(
    p_issue_id => %(issue_id)s,
    p_expected_version => %(expected_version)s,
    p_note => %(note)s,
    p_request_id => %(request_id)s
) AS i
"""

SUSPEND_ISSUE = """
SELECT i.*
FROM api.suspend_issue(
    p_issue_id => %(issue_id)s,
    p_expected_version => %(expected_version)s,
    p_note => %(note)s,
    p_request_id => %(request_id)s
) AS i
"""

REOPEN_ISSUE = """
SELECT i.*
FROM api.reopen_issue(
    p_issue_id => %(issue_id)s,
    p_expected_version => %(expected_version)s,
    p_note => %(note)s,
    p_request_id => %(request_id)s
) AS i
"""

NOTE_ISSUE = """
SELECT i.*
FROM api.note_issue(
    p_issue_id => %(issue_id)s,
    p_expected_version => %(expected_version)s,
    p_note => %(note)s,
    p_request_id => %(request_id)s
) AS i
"""

MARK_FALSE_POSITIVE = """
SELECT i.*
FROM api.mark_false_positive(
    p_issue_id => %(issue_id)s,
    p_expected_version => %(expected_version)s,
    p_reason => %(reason)s,
    p_request_id => %(request_id)s
) AS i
"""

ASSIGN_ISSUE = """
SELECT i.*
FROM api.assign_issue(
    p_issue_id => %(issue_id)s,
    p_expected_version => %(expected_version)s,
    p_user_name => %(user_name)s,
    p_note => %(note)s,
    p_request_id => %(request_id)s
) AS i
"""

PROPOSE_WAIVER = """
SELECT i.*
FROM api.propose_waiver(
    p_issue_id => %(issue_id)s,
    p_expected_version => %(expected_version)s,
    p_reason_class => %(reason_class)s,
    p_reason => %(reason)s,
    p_amount_limit => %(amount_limit)s,
    p_ends_on => %(ends_on)s,
    p_request_id => %(request_id)s
) AS i
"""

APPROVE_WAIVER = """
SELECT i.*
FROM api.approve_waiver(
    p_issue_id => %(issue_id)s,
    p_expected_version => %(expected_version)s,
    p_note => %(note)s,
    p_request_id => %(request_id)s
) AS i
"""

REJECT_WAIVER = """
SELECT i.*
FROM api.reject_waiver(
    p_issue_id => %(issue_id)s,
    p_expected_version => %(expected_version)s,
    p_note => %(note)s,
    p_request_id => %(request_id)s
) AS i
"""

RESOLVE_ISSUES = """
SELECT api.resolve_issues(
    p_items => %(items)s,
    p_filter => %(filter)s,
    p_method => %(method)s,
    p_notes => %(notes)s,
    p_atomic => %(atomic)s,
    p_dry_run => %(dry_run)s,
    p_request_id => %(request_id)s
) AS answer
"""

ISSUE = "SELECT i.* FROM report.validation_issues AS i WHERE i.issue_id = %(issue_id)s"

ISSUE_EVENTS = """
SELECT v.*
FROM report.issue_events AS v
WHERE v.issue_id = %(issue_id)s
  AND (%(after_version)s::integer IS NULL OR v.issue_version > %(after_version)s::integer)
ORDER BY v.issue_version
LIMIT %(limit)s
"""

# One statement for each order, so that each is planned for what it is.
WORK_LIST_BY_AGE = """
SELECT w.*
FROM report.work_list AS w
WHERE (%(session_id)s::uuid IS NULL OR w.session_id = %(session_id)s::uuid)
  AND (%(assignee)s::text IS NULL OR w.assigned_to_name = %(assignee)s::text)
  AND (%(state)s::text IS NULL OR w.state = %(state)s::text)
  AND (%(severity)s::text IS NULL OR w.severity = %(severity)s::text)
  AND (%(rule)s::text IS NULL OR w.issue_type = %(rule)s::text)
  AND (%(person)s::text IS NULL OR starts_with(w.employee_name, upper(%(person)s::text)))
  AND (%(overdue)s::boolean IS NULL OR w.is_overdue = %(overdue)s::boolean)
  AND (%(after_key)s::text IS NULL
       OR (w.first_identified_at, w.issue_id)
          > (%(after_key)s::timestamptz, %(after_issue_id)s::uuid))
ORDER BY w.first_identified_at, w.issue_id
LIMIT %(limit)s
"""

WORK_LIST_BY_DUE = """
SELECT w.*
FROM report.work_list AS w
WHERE (%(session_id)s::uuid IS NULL OR w.session_id = %(session_id)s::uuid)
  AND (%(assignee)s::text IS NULL OR w.assigned_to_name = %(assignee)s::text)
  AND (%(state)s::text IS NULL OR w.state = %(state)s::text)
  AND (%(severity)s::text IS NULL OR w.severity = %(severity)s::text)
  AND (%(rule)s::text IS NULL OR w.issue_type = %(rule)s::text)
  AND (%(person)s::text IS NULL OR starts_with(w.employee_name, upper(%(person)s::text)))
  AND (%(overdue)s::boolean IS NULL OR w.is_overdue = %(overdue)s::boolean)
  AND (%(after_key)s::text IS NULL
       OR (w.due_rank, w.issue_id) > (%(after_key)s::date, %(after_issue_id)s::uuid))
ORDER BY w.due_rank, w.issue_id
LIMIT %(limit)s
"""

WORK_LIST_BY_SEVERITY = """
SELECT w.*
FROM report.work_list AS w
WHERE (%(session_id)s::uuid IS NULL OR w.session_id = %(session_id)s::uuid)
  AND (%(assignee)s::text IS NULL OR w.assigned_to_name = %(assignee)s::text)
  AND (%(state)s::text IS NULL OR w.state = %(state)s::text)
  AND (%(severity)s::text IS NULL OR w.severity = %(severity)s::text)
  AND (%(rule)s::text IS NULL OR w.issue_type = %(rule)s::text)
  AND (%(person)s::text IS NULL OR starts_with(w.employee_name, upper(%(person)s::text)))
  AND (%(overdue)s::boolean IS NULL OR w.is_overdue = %(overdue)s::boolean)
  AND (%(after_key)s::text IS NULL
       OR (w.severity_rank, w.issue_id) > (%(after_key)s::integer, %(after_issue_id)s::uuid))
ORDER BY w.severity_rank, w.issue_id
LIMIT %(limit)s
"""

WORK_LIST_BY_DOLLARS = """
SELECT w.*
FROM report.work_list AS w
WHERE (%(session_id)s::uuid IS NULL OR w.session_id = %(session_id)s::uuid)
  AND (%(assignee)s::text IS NULL OR w.assigned_to_name = %(assignee)s::text)
  AND (%(state)s::text IS NULL OR w.state = %(state)s::text)
  AND (%(severity)s::text IS NULL OR w.severity = %(severity)s::text)
  AND (%(rule)s::text IS NULL OR w.issue_type = %(rule)s::text)
  AND (%(person)s::text IS NULL OR starts_with(w.employee_name, upper(%(person)s::text)))
  AND (%(overdue)s::boolean IS NULL OR w.is_overdue = %(overdue)s::boolean)
  AND (%(after_key)s::text IS NULL
       OR (-w.amount_rank, w.issue_id) > (-(%(after_key)s::numeric), %(after_issue_id)s::uuid))
ORDER BY -w.amount_rank, w.issue_id
LIMIT %(limit)s
"""

WORK_LIST_BY_PERSON = """
SELECT w.*
FROM report.work_list AS w
WHERE (%(session_id)s::uuid IS NULL OR w.session_id = %(session_id)s::uuid)
  AND (%(assignee)s::text IS NULL OR w.assigned_to_name = %(assignee)s::text)
  AND (%(state)s::text IS NULL OR w.state = %(state)s::text)
  AND (%(severity)s::text IS NULL OR w.severity = %(severity)s::text)
  AND (%(rule)s::text IS NULL OR w.issue_type = %(rule)s::text)
  AND (%(person)s::text IS NULL OR starts_with(w.employee_name, upper(%(person)s::text)))
  AND (%(overdue)s::boolean IS NULL OR w.is_overdue = %(overdue)s::boolean)
  AND (%(after_key)s::text IS NULL
       OR (w.employee_name COLLATE "C", w.issue_id)
          > (%(after_key)s::text, %(after_issue_id)s::uuid))
ORDER BY w.employee_name COLLATE "C", w.issue_id
LIMIT %(limit)s
"""

RULES = """
SELECT r.*
FROM report.validation_rules AS r
WHERE r.is_current
  AND (%(after_rule)s::text IS NULL OR r.rule_code COLLATE "C" > %(after_rule)s::text)
ORDER BY r.rule_code COLLATE "C"
LIMIT %(limit)s
"""

SAVE_RULE = """
SELECT r.*
FROM api.save_rule(
    p_rule_code => %(rule_code)s,
    p_expected_version => %(expected_version)s,
    p_severity => %(severity)s,
    p_enabled => %(enabled)s,
    p_blocks => %(blocks)s,
    p_parameters => %(parameters)s,
    p_description_template => %(description_template)s,
    p_suggested_resolution => %(suggested_resolution)s,
    p_valid_from => %(valid_from)s,
    p_valid_until => %(valid_until)s,
    p_scope => %(scope)s,
    p_request_id => %(request_id)s
) AS r
"""

CLAIM_MESSAGES = """
SELECT m.*
FROM api.claim_messages(p_limit => %(limit)s, p_lease_seconds => %(lease_seconds)s) AS m
"""

RECORD_DELIVERY = """
SELECT api.record_delivery(
    p_message_id => %(message_id)s,
    p_attempt => %(attempt)s,
    p_error => %(error)s,
    p_is_final => %(is_final)s
) AS state
"""

EXPIRE_WAIVERS = "SELECT api.expire_waivers() AS opened"

TICK = "SELECT t.tick_number FROM audit.tick() AS t"

SEAL = "SELECT s.seal_number FROM audit.seal() AS s"

PUBLISH_HEAD = "SELECT audit.publish_head() AS head"
