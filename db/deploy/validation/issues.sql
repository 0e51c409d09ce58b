-- From findings to issues and from issues to the status of a person.
-- requires: validation/rules

BEGIN;

CREATE TYPE app.rule_finding AS (
    rule_code text,
    rule_version integer,
    severity text,
    found app.finding
);
COMMENT ON TYPE app.rule_finding IS 'A finding with the rule that made it; whether it blocks is decided.';

CREATE VIEW app.rules_in_force AS
SELECT r.* FROM app.validation_rules AS r
WHERE r.enabled
    AND r.version = (SELECT max(x.version) FROM app.validation_rules AS x WHERE x.rule_code = r.rule_code);
COMMENT ON VIEW app.rules_in_force IS 'The newest version of each rule that is enabled.';

CREATE FUNCTION app.run_rules(p_drafts app.revision_draft[]) RETURNS app.rule_finding[]
LANGUAGE plpgsql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_query text;
    v_findings app.rule_finding[];
BEGIN
    -- The finder's name is data: one branch per rule in force, all in one statement.
    SELECT pg_catalog.string_agg(pg_catalog.format(
            'SELECT ROW(%L, %s, %L, ROW(f.revision_id, f.transaction_id, f.subject_key, coalesce(f.blocks, %L),'
            ' f.amount_impact, f.description, f.evidence)::app.finding)::app.rule_finding AS finding'
            ' FROM app.%I($1, %L) AS f',
            r.rule_code, r.version, r.severity, r.blocks, r.finder, r.parameters),
            ' UNION ALL ' ORDER BY r.rule_code)
        INTO v_query
        FROM app.rules_in_force AS r;
    EXECUTE 'SELECT array_agg(x.finding) FROM (' || v_query || ') AS x' INTO v_findings USING p_drafts;
    RETURN coalesce(v_findings, '{}');
END
$$;
COMMENT ON FUNCTION app.run_rules(app.revision_draft[]) IS 'Everything the rules in force find in these revisions, whose rows must be written.';

CREATE FUNCTION app.flags_of(p_rule_codes text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'missing_coding_info', coalesce('missing_coding_info' = ANY (p_rule_codes), false),
        'missing_receipt', coalesce('missing_receipt' = ANY (p_rule_codes), false),
        'missing_all_receipts', coalesce('missing_all_receipts' = ANY (p_rule_codes), false),
        'total_mismatch', coalesce('total_mismatch' = ANY (p_rule_codes), false));
END;
COMMENT ON FUNCTION app.flags_of(text[]) IS 'The four flags, given the codes of the rules that found something; null means none.';

CREATE FUNCTION app.derive_status(p_session_id uuid, p_cardholder_id uuid, p_is_on_hold boolean) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN p_is_on_hold THEN 'on_hold'
        WHEN count(*) FILTER (WHERE i.is_open) = 0 THEN 'finished'
        WHEN count(*) FILTER (WHERE i.state IN (
            'in_progress', 'waiting', 'resolved', 'waived', 'false_positive')) > 0 THEN 'in_progress'
        ELSE 'unfinished' END
    FROM app.validation_issues AS i
    WHERE i.session_id = p_session_id AND i.cardholder_id = p_cardholder_id AND i.blocks;
END;
COMMENT ON FUNCTION app.derive_status(uuid, uuid, boolean) IS 'Status of a person in a session: on_hold by hand; finished without open blocking issue; in_progress when people decided or work on some and at least one is open; else unfinished.';

CREATE FUNCTION app.place_issues(p_drafts app.revision_draft[], p_findings app.rule_finding[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
    -- Found again: the row moves to this revision. The same evidence keeps what people decided, other evidence reopens.
    WITH found AS (
        SELECT d.session_id, d.cardholder_id, f.rule_code, f.rule_version, f.severity, (f.found).*
        FROM pg_catalog.unnest(p_findings) AS f
        JOIN pg_catalog.unnest(p_drafts) AS d ON d.revision_id = (f.found).revision_id
    ), seen AS (
        SELECT f.*, i.issue_id, i.state AS from_state,
            CASE WHEN i.state = 'auto_closed' OR (i.is_resolved AND i.evidence <> f.evidence) THEN 'open'
                ELSE i.state END AS to_state
        FROM found AS f
        JOIN app.validation_issues AS i
            ON i.session_id = f.session_id AND i.cardholder_id = f.cardholder_id
            AND i.rule_code = f.rule_code AND i.subject_key = f.subject_key
    ), moved AS (
        UPDATE app.validation_issues AS i
        SET employee_revision_id = s.revision_id, transaction_id = s.transaction_id, rule_version = s.rule_version,
            severity = s.severity, blocks = s.blocks, description = s.description, amount_impact = s.amount_impact,
            evidence = s.evidence, state = s.to_state,
            resolved_by = CASE WHEN s.from_state = s.to_state THEN i.resolved_by END,
            resolved_at = CASE WHEN s.from_state = s.to_state THEN i.resolved_at END,
            resolution_notes = CASE WHEN s.from_state = s.to_state THEN i.resolution_notes END,
            resolution_method = CASE WHEN s.from_state = s.to_state THEN i.resolution_method END
        FROM seen AS s WHERE i.issue_id = s.issue_id
        RETURNING i.issue_id, i.version, s.from_state, s.to_state
    )
    INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, note, user_id)
    SELECT m.issue_id, m.version, m.from_state, m.to_state, 'found again', app.actor_id()
    FROM moved AS m WHERE m.from_state <> m.to_state;

    -- Not found any more: closed by the machine.
    WITH closed AS (
        UPDATE app.validation_issues AS i
        SET state = 'auto_closed', resolved_at = pg_catalog.now()
        FROM pg_catalog.unnest(p_drafts) AS d
        WHERE i.session_id = d.session_id AND i.cardholder_id = d.cardholder_id AND i.is_open
            AND i.employee_revision_id <> d.revision_id
        RETURNING i.issue_id, i.version
    )
    INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, note, user_id)
    SELECT c.issue_id, c.version, 'open', 'auto_closed', 'not found any more', app.actor_id() FROM closed AS c;

    INSERT INTO app.validation_issues (session_id, cardholder_id, rule_code, subject_key, rule_version,
        employee_revision_id, transaction_id, severity, blocks, description, amount_impact, evidence)
    SELECT d.session_id, d.cardholder_id, f.rule_code, (f.found).subject_key, f.rule_version,
        (f.found).revision_id, (f.found).transaction_id, f.severity, (f.found).blocks, (f.found).description,
        (f.found).amount_impact, (f.found).evidence
    FROM pg_catalog.unnest(p_findings) AS f
    JOIN pg_catalog.unnest(p_drafts) AS d ON d.revision_id = (f.found).revision_id
    WHERE NOT EXISTS (
        SELECT FROM app.validation_issues AS i
        WHERE i.session_id = d.session_id AND i.cardholder_id = d.cardholder_id
            AND i.rule_code = f.rule_code AND i.subject_key = (f.found).subject_key);
END
$$;
COMMENT ON FUNCTION app.place_issues(app.revision_draft[], app.rule_finding[]) IS 'Turns what the rules found in the newest revisions of these people into issues: known findings move, decisions stay while the evidence is the same, other evidence reopens, what is gone is closed, the rest is new.';

COMMIT;
