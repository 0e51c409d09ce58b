-- Corrections in the trail: what a new revision changed in its receipts, and the history of one object.
-- requires: report/people

BEGIN;

-- For searching by person and by time; by session, object and author there are indexes already.
CREATE INDEX employee_revisions_cardholder_id_idx ON app.employee_revisions (cardholder_id);
CREATE INDEX employee_revisions_processed_at_idx ON app.employee_revisions
    USING brin (processed_at) WITH (pages_per_range = 32, autosummarize = on);

CREATE OR REPLACE VIEW audit.trail_revisions AS
SELECT NULL::bigint AS change_number, r.created_tx AS tx, r.processed_at AS changed_at,
    'employee_revisions'::text AS table_name, 'insert'::text AS operation, r.revision_id AS object_id,
    r.revision_id::text COLLATE "C" AS object_key, r.session_id, r.cardholder_id, r.created_by AS user_id, u.user_name,
    c.login_name::text COLLATE "default" AS login_name, c.role_name, coalesce(r.reason, c.reason) AS reason, c.request_id,
    report.changed_fields(
        CASE WHEN p.revision_id IS NOT NULL THEN to_jsonb(p) - ARRAY['revision_id', 'revision_number',
            'prior_revision_number', 'predecessor_id', 'content_hash', 'created_tx', 'processed_at'] END,
        to_jsonb(r) - ARRAY['revision_id', 'revision_number', 'prior_revision_number', 'predecessor_id',
            'content_hash', 'created_tx', 'processed_at']) AS changes,
    false AS is_bookkeeping
FROM app.employee_revisions AS r
JOIN app.users AS u ON u.user_id = r.created_by
LEFT JOIN app.employee_revisions AS p ON p.revision_id = r.predecessor_id
LEFT JOIN audit.commits AS c ON c.tx = r.created_tx;
COMMENT ON VIEW audit.trail_revisions IS 'Part of report.audit_trail: every revision of a person, with what differs from the one before.';

CREATE OR REPLACE VIEW audit.trail_transactions AS
SELECT NULL::bigint AS change_number, r.created_tx AS tx, r.processed_at AS changed_at,
    'transactions'::text AS table_name,
    CASE WHEN o.transaction_id IS NULL THEN 'insert' ELSE 'update' END::text AS operation,
    t.transaction_id AS object_id, t.transaction_id::text COLLATE "C" AS object_key, r.session_id, r.cardholder_id,
    r.created_by AS user_id, u.user_name, c.login_name::text COLLATE "default" AS login_name, c.role_name,
    coalesce(r.reason, c.reason) AS reason, c.request_id, d.changes,
    o.transaction_id IS NOT NULL AND report.is_bookkeeping('update', d.changes) AS is_bookkeeping
FROM app.employee_revisions AS r
JOIN app.transactions AS t ON t.employee_revision_id = r.revision_id
JOIN app.users AS u ON u.user_id = r.created_by
-- By its key, whatever the planner believes of the sizes: a first revision has no row before and looks for none.
LEFT JOIN LATERAL (
    SELECT x.* FROM app.transactions AS x
    WHERE x.employee_revision_id = r.predecessor_id AND x.transaction_id = t.transaction_id OFFSET 0
) AS o ON true
LEFT JOIN audit.commits AS c ON c.tx = r.created_tx
CROSS JOIN LATERAL (
    SELECT report.changed_fields(CASE WHEN o.transaction_id IS NOT NULL
            THEN to_jsonb(o) - ARRAY['employee_revision_id', 'created_tx', 'content_id'] END,
        to_jsonb(t) - ARRAY['employee_revision_id', 'created_tx', 'content_id']) AS changes
    OFFSET 0
) AS d
-- The text of both is compared only where the link is another one.
WHERE o.transaction_id IS NULL
    OR ROW(o.content_id, o.natural_key, o.position, o.page_number)
        IS DISTINCT FROM ROW(t.content_id, t.natural_key, t.position, t.page_number)
    AND to_jsonb(o) - ARRAY['employee_revision_id', 'created_tx', 'content_id']
        <> to_jsonb(t) - ARRAY['employee_revision_id', 'created_tx', 'content_id']
UNION ALL
SELECT NULL, r.created_tx, r.processed_at, 'transactions', 'delete', o.transaction_id,
    o.transaction_id::text COLLATE "C", r.session_id, r.cardholder_id, r.created_by, u.user_name,
    c.login_name::text COLLATE "default", c.role_name, coalesce(r.reason, c.reason), c.request_id,
    report.changed_fields(to_jsonb(o) - ARRAY['employee_revision_id', 'created_tx', 'content_id'], NULL), false
FROM app.transactions AS o
JOIN app.employee_revisions AS r ON r.predecessor_id = o.employee_revision_id
JOIN app.users AS u ON u.user_id = r.created_by
LEFT JOIN audit.commits AS c ON c.tx = r.created_tx
WHERE NOT EXISTS (SELECT FROM app.receipt_links AS t
    WHERE t.employee_revision_id = r.revision_id AND t.transaction_id = o.transaction_id OFFSET 0);
COMMENT ON VIEW audit.trail_transactions IS 'Part of report.audit_trail: receipts that a revision has new, otherwise than the revision before, or no more.';

SELECT audit.build_trail();
SELECT app.describe_columns('audit.trail_revisions', 'report.audit_trail');
SELECT app.describe_columns('audit.trail_transactions', 'report.audit_trail');

CREATE OR REPLACE FUNCTION report.object_history(p_object_id uuid) RETURNS SETOF report.audit_trail
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.* FROM report.audit_trail AS t WHERE t.object_id = p_object_id ORDER BY t.changed_at, t.change_number;
END;
COMMENT ON FUNCTION report.object_history(uuid) IS 'Everything that happened to one object, oldest first: a session, person, issue, user, receipt, revision. No row for an unknown id.';
GRANT EXECUTE ON FUNCTION report.object_history(uuid) TO ccp_admin, ccp_auditor;

COMMIT;
