"""Every SQL text written by hand: one call of `api` or one select from `report` each.

All take their values as bound parameters. What is served over HTTP as a row, a list or a call is
composed of the catalog instead, see `surface.statements`.
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

# With the number of the surface, so that noticing another one costs no round trip.
SIGN_IN = """
SELECT s.user_name, s.role, n.number AS surface_number
FROM api.sign_in(
    p_issuer => %(issuer)s::text,
    p_subject => %(subject)s::text,
    p_token_id => %(token_id)s::text,
    p_roles => %(roles)s::text[],
    p_issued_at => to_timestamp(%(issued_at)s::double precision)
) AS s CROSS JOIN report.surface_number AS n
"""

# In the name of the directory; whoever it is acts in transactions of their own.
ADMIT_IDENTITY = """
SELECT a.user_name, a.role
FROM api.admit_identity(
    p_issuer => %(issuer)s::text,
    p_subject => %(subject)s::text,
    p_user_name => %(user_name)s::text,
    p_email => %(email)s::text,
    p_roles => %(roles)s::text[]
) AS a
"""

SURFACE = "SELECT report.surface() AS surface"

SERVER_PROCESS = "SELECT pg_backend_pid() AS process"

# First of all in a transaction, so that all its statements see the same state.
ONE_STATE = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"

# What is fetched piece by piece is wanted whole: no plan that is only good for the first rows.
OPEN_LOOK = "SELECT set_config('cursor_tuple_fraction', '1', true)"

TAKE_ROLE = "SELECT set_config('role', %(role)s, true)"

# The proof, which would else run inside COMMIT, where no statement_timeout holds any more.
PROVE = "SET CONSTRAINTS ALL IMMEDIATE"

COMMIT = "COMMIT"

RECORD_SIGN_IN = """
SELECT s.sign_in_id, s.user_name
FROM api.record_sign_in(
    p_sign_in_id => %(sign_in_id)s,
    p_method => %(method)s,
    p_link_id => %(link_id)s,
    p_request_id => %(request_id)s
) AS s
"""

RECORD_SIGN_OUT = """
SELECT api.record_sign_out(p_sign_in_id => %(sign_in_id)s, p_request_id => %(request_id)s) AS ended
"""

ERROR_CATALOGUE = "SELECT e.sqlstate, e.slug FROM report.error_codes AS e"

READINESS = """
SELECT r.is_seal_late, extract(epoch FROM r.seal_lag)::bigint AS seal_lag_seconds, r.is_writable,
    session_user AS login
FROM report.readiness AS r
"""

METRICS = "SELECT m.metric, m.labels, m.value, m.help FROM report.metrics AS m"

# Which of the functions and arguments that are named below the database does not have.
MISSING_FUNCTIONS = """
SELECT n.name
FROM json_to_recordset(%(needed)s::json) AS n (name text, arguments text[])
WHERE NOT EXISTS (
    SELECT
    FROM pg_proc AS p JOIN pg_namespace AS s ON s.oid = p.pronamespace
    WHERE s.nspname || '.' || p.proname = n.name AND coalesce(p.proargnames, '{}') @> n.arguments)
ORDER BY n.name
"""

IMPORT_ACTIVITY = """
SELECT api.import_activity(
    p_file => %(file)s,
    p_session_name => %(session_name)s,
    p_parent_session_id => %(parent_session_id)s,
    p_dry_run => %(dry_run)s,
    p_request_id => %(request_id)s,
    p_file_name => %(file_name)s,
    p_programme => %(programme)s,
    p_period_start => %(period_start)s,
    p_period_end => %(period_end)s
) AS answer
"""

REFUSE_IMPORT = """
SELECT api.refuse_import(
    p_file_name => %(file_name)s,
    p_size => %(size)s,
    p_sha256 => %(sha256)s,
    p_code => %(code)s,
    p_reason => %(reason)s,
    p_request_id => %(request_id)s
) AS answer
"""

CANCEL_SESSION = """
SELECT s.session_id, s.status
FROM api.cancel_session(
    p_session_id => %(session_id)s,
    p_expected_version => %(expected_version)s,
    p_request_id => %(request_id)s
) AS s
"""

CREATE_SESSION = """
SELECT s.*
FROM api.create_session(
    p_session_name => %(session_name)s,
    p_parent_session_id => %(parent_session_id)s,
    p_request_id => %(request_id)s
) AS s
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
    p_request_id => %(request_id)s,
    p_programme => %(programme)s,
    p_period_start => %(period_start)s,
    p_period_end => %(period_end)s,
    p_dry_run => %(dry_run)s
) AS answer
"""

STORE_CHUNK = "SELECT api.store_chunk(%(document_id)s, %(chunk_number)s, %(bytes)s)"

QUEUE_DOCUMENTS = """
SELECT api.queue_documents(
    p_session_id => %(session_id)s,
    p_request_id => %(request_id)s,
    p_dry_run => %(dry_run)s
) AS answer
"""

SESSION_DOCUMENTS = """
SELECT d.*
FROM report.documents AS d
WHERE d.session_id = %(session_id)s
ORDER BY d.kind
"""

ATTACHMENTS = """
SELECT DISTINCT ON (a.document_id) 'attachment' AS kind, a.document_id, a.file_name, a.size_bytes,
    a.sha256, NULL AS page_count, a.chunk_count
FROM report.attachments AS a
WHERE a.session_id = %(session_id)s AND a.is_in_packet
ORDER BY a.document_id
"""

ATTACH_DOCUMENT = """
SELECT t.*
FROM api.attach_document(
    p_session_id => %(session_id)s,
    p_transaction_id => %(transaction_id)s,
    p_expected_revision_id => %(expected_revision_id)s,
    p_file_name => %(file_name)s,
    p_bytes => %(bytes)s,
    p_reason => %(reason)s,
    p_request_id => %(request_id)s
) AS t
"""

COMPARE_OLD_RESULT = """
SELECT r.*
FROM api.compare_old_result(
    p_session_id => %(session_id)s,
    p_file => %(file)s,
    p_file_name => %(file_name)s,
    p_shape_in_use => %(shape_in_use)s,
    p_same_files => %(same_files)s,
    p_car_sha256 => %(car_sha256)s,
    p_receipt_sha256 => %(receipt_sha256)s,
    p_csv => %(csv)s,
    p_csv_name => %(csv_name)s,
    p_workbook => %(workbook)s::jsonb,
    p_workbook_name => %(workbook_name)s,
    p_workbook_sha256 => %(workbook_sha256)s,
    p_request_id => %(request_id)s
) AS r
"""

PARALLEL_REPORT = "SELECT report.parallel_report(%(run_id)s) AS report"

PACKET_PAGES = "SELECT p.* FROM report.packet_pages(%(session_id)s, %(cardholder_id)s) AS p"

ACCOUNTING_RECORDS = """
SELECT l.record, l.line_end
FROM report.accounting_records(
    p_session_id => %(session_id)s,
    p_profile_name => %(profile_name)s,
    p_invoice_month => %(invoice_month)s
) AS l
"""

ACTIVITY_ENTRIES = """
SELECT to_json(e.source_key)::text AS source_key, e.entry::text AS entry, e.no_coding_type,
    e.half_code, e.no_purpose, e.no_receipt_id, e.amount_unknown, e.page_left_out,
    e.people - 1 AS person_merged, (e.fault IS NOT NULL)::integer AS unfit_entry
FROM report.activity_entries(
    p_session_id => %(session_id)s,
    p_shape => coalesce(%(shape)s, 'as_imported'),
    p_merge_names => coalesce(%(merge_names)s, false)
) AS e
"""

MIRROR_ORDERS = "SELECT o.* FROM api.mirror_orders(p_is_check => %(is_check)s) AS o"

MIRROR_FACTS = "SELECT f.* FROM report.mirror_facts(p_session_id => %(session_id)s) AS f"

RECORD_MIRROR = """
SELECT api.record_mirror(
    p_month_id => %(month_id)s,
    p_session_id => %(session_id)s,
    p_state => %(state)s,
    p_difference => %(difference)s,
    p_facts => %(facts)s::jsonb
) AS is_recorded
"""

WORKBOOK_SUMMARY = """
SELECT s.* FROM report.workbook_summary AS s WHERE s.session_id = %(session_id)s ORDER BY s.place
"""

WORKBOOK_ISSUES = """
SELECT i.* FROM report.workbook_issues AS i
WHERE i.session_id = %(session_id)s ORDER BY i.line_number
"""

WORKBOOK_LINES = """
SELECT l.* FROM report.workbook_lines AS l
WHERE l.session_id = %(session_id)s ORDER BY l.line_number
"""

WORKBOOK_PROOF = """
SELECT p.* FROM report.workbook_proof AS p WHERE p.session_id = %(session_id)s ORDER BY p.place
"""

WORKBOOK_BRIDGE = """
SELECT b.* FROM report.workbook_bridge AS b WHERE b.session_id = %(session_id)s ORDER BY b.place
"""

CODING_ROWS = "SELECT r.* FROM report.coding_rows(%(session_id)s) AS r ORDER BY r.line_number"

CODES_IN_FORCE = """
SELECT DISTINCT c.code_kind, c.code
FROM report.coding_codes AS c
JOIN report.processing_sessions AS s ON s.session_id = %(session_id)s
WHERE c.valid_until IS NULL OR c.valid_until >= coalesce(s.period_start, current_date)
ORDER BY c.code_kind, c.code
"""

JUDGE_CODING = "SELECT j.* FROM report.judge_coding(%(session_id)s, %(rows)s::jsonb) AS j"

TAKE_CODING = """
SELECT c.*
FROM api.take_coding(
    p_session_id => %(session_id)s,
    p_rows => %(rows)s::jsonb,
    p_reason => %(reason)s,
    p_request_id => %(request_id)s
) AS c
"""

CLOSED_FILE = """
SELECT report.closed_file(
    p_session_id => %(session_id)s,
    p_kind => %(kind)s,
    p_profile_name => %(profile_name)s,
    p_invoice_month => %(invoice_month)s,
    p_shape => %(shape)s
) AS content
"""

RECORD_HAND_OUT = """
SELECT api.record_hand_out(
    p_kind => %(kind)s,
    p_session_id => %(session_id)s,
    p_about => %(about)s,
    p_sha256 => %(sha256)s,
    p_size => %(size)s
) AS hand_out_id
"""

MISSING_WORKBOOKS = "SELECT w.* FROM report.missing_workbooks() AS w LIMIT 10"

STORE_CLOSED_WORKBOOK = """
SELECT api.store_closed_workbook(
    p_month_id => %(month_id)s,
    p_closing_number => %(closing_number)s,
    p_session_id => %(session_id)s,
    p_content => %(content)s
) AS stored
"""

NEWEST_TICK = "SELECT t.instant FROM report.ticks AS t ORDER BY t.tick_number DESC LIMIT 1"

BATCH_CONTENT = """
SELECT report.batch_content(p_target => %(target)s, p_batch_number => %(batch_number)s) AS bytes
"""

READ_CHUNK = "SELECT api.read_chunk(%(document_id)s, %(chunk_number)s) AS bytes"

CLAIM_JOB = "SELECT api.claim_job(%(worker_name)s) AS job"

RECORD_DUTY = """
SELECT api.record_duty(
    p_worker_name => %(worker_name)s,
    p_duty => %(duty)s,
    p_every_seconds => %(every_seconds)s,
    p_success_age_seconds => %(success_age_seconds)s,
    p_busy_seconds => %(busy_seconds)s,
    p_failures => %(failures)s,
    p_error => %(last_error)s
)
"""

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

DISCARD_EXPIRED_SUBMISSIONS = "SELECT api.discard_expired_submissions() AS discarded"

REMOVE_EXPIRED_ANSWERS = "SELECT api.remove_expired_answers() AS removed"

SESSION = "SELECT s.* FROM report.processing_sessions AS s WHERE s.session_id = %(session_id)s"

SESSIONS_CALLED = """
SELECT s.session_id FROM report.sessions AS s
WHERE s.session_id::text = %(session)s OR s.session_name = %(session)s
ORDER BY s.session_id DESC
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

RUN_CUTOVER_DAY = "SELECT api.run_cutover_day() AS answered"

USERS = """
SELECT u.user_name, u.email, u.role, u.cardholder_id, u.is_active, u.version
FROM report.users AS u
WHERE NOT u.is_system
ORDER BY u.user_name
"""

SAVE_USERS = """
SELECT to_jsonb(api.save_users(
    p_users => %(rows)s::jsonb, p_dry_run => %(dry_run)s, p_request_id => %(request_id)s
)) AS answer
"""

ADDRESSES = """
SELECT a.cardholder_id, a.employee_id, a.employee_name, a.email, a.is_quiet, a.version
FROM report.cardholder_addresses AS a
ORDER BY a.employee_name, a.cardholder_id
"""

SAVE_ADDRESSES = """
SELECT to_jsonb(api.save_addresses(
    p_addresses => %(rows)s::jsonb, p_dry_run => %(dry_run)s, p_request_id => %(request_id)s
)) AS answer
"""

WRITE_REMINDERS = "SELECT api.write_reminders() AS written"

EXPIRE_WAIVERS = "SELECT api.expire_waivers() AS opened"

TICK = "SELECT t.tick_number FROM audit.tick() AS t"

SEAL = "SELECT s.seal_number, s.row_count FROM audit.seal(%(rows)s) AS s"

SEAL_LAG = "SELECT audit.seal_lag() AS lag"

PUBLISH_HEAD = "SELECT audit.publish_head() AS head"
