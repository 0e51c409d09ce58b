-- Names: folding, and aliases that people approve.
-- requires: people/tables
-- requires: foundation/requests

BEGIN;

CREATE FUNCTION app.name_key(p_name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT pg_catalog.regexp_replace(
        pg_catalog.upper(pg_catalog.normalize(p_name, 'NFKD') COLLATE "C"), '[^A-Z]', '', 'g');
END;
COMMENT ON FUNCTION app.name_key(text) IS 'Folds a printed name: decompose, drop accents, upper-case, keep A to Z only. Empty when nothing is left.';

CREATE FUNCTION app.report_key(p_key text) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce((SELECT a.name_key FROM app.name_aliases AS a WHERE a.receipt_key = p_key), p_key);
END;
COMMENT ON FUNCTION app.report_key(text) IS 'The name key the bank prints for a name key found in receipts: its alias if one is approved, else itself.';

CREATE FUNCTION api.approve_alias(p_receipt_key text, p_name_key text, p_request_id text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_receipt_key text := app.name_key(p_receipt_key);
    v_name_key text := app.name_key(p_name_key);
    v_hash bytea := app.hash_request('approve_alias', p_receipt_key, p_name_key);
    v_answer jsonb := app.begin_request(p_request_id, 'approve_alias', v_hash);
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN v_answer;
    END IF;
    IF coalesce(v_receipt_key, '') = '' OR coalesce(v_name_key, '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'IV013', MESSAGE = 'a name key holds no letter',
            DETAIL = pg_catalog.format('got %L and %L', p_receipt_key, p_name_key),
            HINT = 'Give both names as printed or as name keys.', COLUMN = 'receipt_key';
    END IF;
    -- One step only: an alias never leads to another alias, so that no order of lookups matters.
    PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('app.name_aliases', 1));
    IF v_receipt_key = v_name_key
        OR EXISTS (SELECT FROM app.name_aliases AS a WHERE a.receipt_key = v_name_key OR a.name_key = v_receipt_key)
    THEN
        RAISE EXCEPTION USING ERRCODE = 'ST007', MESSAGE = 'alias would lead to itself or to another alias',
            DETAIL = pg_catalog.format('got %s for %s', v_name_key, v_receipt_key),
            HINT = 'Name the key the bank prints.', COLUMN = 'name_key';
    END IF;
    INSERT INTO app.name_aliases AS a (receipt_key, name_key, approved_by)
    VALUES (v_receipt_key, v_name_key, app.actor_id())
    ON CONFLICT (receipt_key) DO UPDATE
        SET name_key = excluded.name_key, approved_by = excluded.approved_by, approved_at = excluded.approved_at
        WHERE a.name_key <> excluded.name_key;
    RETURN app.end_request(p_request_id, 'approve_alias', v_hash,
        pg_catalog.jsonb_build_object('receipt_key', v_receipt_key, 'name_key', v_name_key));
END
$$;
COMMENT ON FUNCTION api.approve_alias(text, text, text) IS 'From now on receipts under the first name belong to the person the bank prints under the second; both are folded first. Later imports use it. Raises IV013, ST003, ST007.';
GRANT EXECUTE ON FUNCTION api.approve_alias(text, text, text) TO ccp_admin, ccp_processor;

CREATE VIEW report.name_aliases AS
SELECT a.receipt_key, a.name_key, u.user_name AS approved_by, a.approved_at
FROM app.name_aliases AS a JOIN app.users AS u ON u.user_id = a.approved_by;
COMMENT ON VIEW report.name_aliases IS 'Approved aliases.';
SELECT app.describe_columns('report.name_aliases', 'app.name_aliases');
GRANT SELECT ON report.name_aliases TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

COMMIT;
