-- From findings to issues and from issues to the status of a person.
-- requires: validation/rules

BEGIN;

CREATE TYPE app.rule_finding AS (
    rule_code text,
    rule_version integer,
    severity text,
    found app.finding
);
COMMENT ON TYPE app.rule_finding IS 'A finding with the rule that made it; whether it blocks and how severe it is are decided: severity stands here, that of the finding itself is null.';

CREATE OR REPLACE VIEW app.rules_in_force AS
SELECT r.* FROM app.validation_rules AS r
WHERE r.enabled
    AND r.version = (
        SELECT max(x.version) FROM app.validation_rules AS x
        WHERE x.rule_code = r.rule_code
            AND (x.valid_from IS NULL OR x.valid_from <= (now() AT TIME ZONE 'UTC')::date)
            AND (x.valid_until IS NULL OR x.valid_until >= (now() AT TIME ZONE 'UTC')::date));
COMMENT ON VIEW app.rules_in_force IS 'Of each rule the newest version that is valid today (UTC), where it is enabled.';

CREATE OR REPLACE FUNCTION app.drafts_of_source(p_drafts app.revision_draft[], p_source_type text) RETURNS app.revision_draft[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(d), '{}')
    FROM unnest(p_drafts) AS d
    JOIN app.processing_sessions AS s ON s.session_id = d.session_id
    WHERE s.source_type = p_source_type;
END;
COMMENT ON FUNCTION app.drafts_of_source(app.revision_draft[], text) IS 'The drafts whose session has this source.';

CREATE OR REPLACE FUNCTION app.fill_template(p_template text, p_evidence jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    v_text text := p_template;
    v_item record;
BEGIN
    FOR v_item IN SELECT e.key, e.value FROM pg_catalog.jsonb_each_text(p_evidence) AS e ORDER BY e.key LOOP
        v_text := pg_catalog.replace(v_text, '{' || v_item.key || '}', coalesce(v_item.value, 'unknown'));
    END LOOP;
    RETURN v_text;
END
$$;
COMMENT ON FUNCTION app.fill_template(text, jsonb) IS 'The template with each {name} replaced by what the evidence holds under it, unknown for null; other names stay as they are.';

CREATE OR REPLACE FUNCTION app.run_rules(p_drafts app.revision_draft[], p_rule_codes text[] DEFAULT NULL)
RETURNS app.rule_finding[]
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_query text;
    v_findings app.rule_finding[];
BEGIN
    -- The finder's name is data: one branch per rule in force, all in one statement.
    SELECT pg_catalog.string_agg(pg_catalog.format(
            'SELECT ROW(%L, %s, coalesce(f.severity, %L), ROW(f.revision_id, f.transaction_id, f.subject_key,'
            ' coalesce(f.blocks, %L), f.amount_impact, %s, f.evidence, f.charge_id, NULL)::app.finding)::app.rule_finding'
            ' AS finding FROM app.%I(%s, %L) AS f',
            r.rule_code, r.version, r.severity, r.blocks,
            CASE WHEN r.description_template IS NULL THEN 'f.description'
                ELSE pg_catalog.format('app.fill_template(%L, f.evidence)', r.description_template) END,
            r.finder,
            CASE WHEN r.scope IS NULL THEN '$1'
                ELSE pg_catalog.format('app.drafts_of_source($1, %L)', r.scope) END,
            r.parameters),
            ' UNION ALL ' ORDER BY r.rule_code)
        INTO v_query
        FROM app.rules_in_force AS r
        WHERE p_rule_codes IS NULL OR r.rule_code = ANY (p_rule_codes);
    IF v_query IS NOT NULL THEN
        EXECUTE 'SELECT array_agg(x.finding) FROM (' || v_query || ') AS x' INTO v_findings USING p_drafts;
    END IF;
    RETURN coalesce(v_findings, '{}');
END
$$;
COMMENT ON FUNCTION app.run_rules(app.revision_draft[], text[]) IS 'Everything the rules in force, or those named, find in these revisions, whose rows must be written.';

CREATE OR REPLACE FUNCTION app.flags_of(p_rule_codes text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'missing_coding_info', coalesce('missing_coding_info' = ANY (p_rule_codes), false),
        'missing_receipt', coalesce('missing_receipt' = ANY (p_rule_codes), false),
        'missing_all_receipts', coalesce('missing_all_receipts' = ANY (p_rule_codes), false),
        'total_mismatch', coalesce('total_mismatch' = ANY (p_rule_codes), false));
END;
COMMENT ON FUNCTION app.flags_of(text[]) IS 'The four flags, given the codes of the rules that found something; null means none.';

-- A plan made while the table was small would read all of it later.
CREATE OR REPLACE FUNCTION app.derive_status(p_session_id uuid, p_cardholder_id uuid, p_is_on_hold boolean) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = '' SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN (
        SELECT CASE
            WHEN p_is_on_hold THEN 'on_hold'
            WHEN pg_catalog.count(*) FILTER (WHERE i.is_open OR i.state = 'superseded'
                -- Looked up for a claim only.
                OR (i.is_claim AND i.employee_revision_id = (
                    SELECT r.revision_id FROM app.employee_revisions AS r
                    WHERE r.session_id = p_session_id AND r.cardholder_id = p_cardholder_id
                    ORDER BY r.revision_number DESC LIMIT 1))) = 0 THEN 'finished'
            WHEN pg_catalog.count(*) FILTER (WHERE i.state IN (
                'in_progress', 'waiting', 'resolved', 'waived', 'false_positive')) > 0 THEN 'in_progress'
            ELSE 'unfinished' END
        FROM app.validation_issues AS i
        WHERE i.session_id = p_session_id AND i.cardholder_id = p_cardholder_id AND i.blocks);
END
$$;
COMMENT ON FUNCTION app.derive_status(uuid, uuid, boolean) IS 'Status of a person in a session: on_hold by hand; finished without open blocking issue; in_progress when people decided or work on some and at least one is open; else unfinished. A claim (corrected, receipt_provided, coding_provided) counts as open while the newest revision shows its finding. An issue that a later session took over counts as open here: the person did not finish in this one.';

CREATE OR REPLACE FUNCTION app.place_issues(
    p_drafts app.revision_draft[], p_findings app.rule_finding[], p_rule_codes text[] DEFAULT NULL, p_cause text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_moved bigint;
BEGIN
    -- Found again: the row moves to this revision. The same evidence keeps what people decided, other evidence reopens.
    WITH found AS (
        SELECT d.session_id, d.cardholder_id, f.rule_code, f.rule_version, f.severity, (f.found).revision_id,
            (f.found).transaction_id, (f.found).charge_id, (f.found).subject_key, (f.found).blocks,
            (f.found).amount_impact, (f.found).description, (f.found).evidence
        FROM pg_catalog.unnest(p_findings) AS f
        JOIN pg_catalog.unnest(p_drafts) AS d ON d.revision_id = (f.found).revision_id
    ), seen AS (
        SELECT f.*, i.issue_id, i.state AS from_state, i.evidence AS old_evidence,
            CASE WHEN i.state = 'auto_closed' OR (i.is_resolved AND i.evidence <> f.evidence) THEN 'open'
                ELSE i.state END AS to_state
        FROM found AS f
        -- One look-up by key for each finding, whatever the planner believes of the table.
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.validation_issues AS x
            WHERE x.session_id = f.session_id AND x.cardholder_id = f.cardholder_id
                AND x.rule_code = f.rule_code AND x.subject_key = f.subject_key
            LIMIT 1
        ) AS i
    ), moved AS (
        UPDATE app.validation_issues AS i
        SET employee_revision_id = s.revision_id, transaction_id = s.transaction_id, charge_id = s.charge_id,
            rule_version = s.rule_version, severity = s.severity, blocks = s.blocks, description = s.description, amount_impact = s.amount_impact,
            evidence = s.evidence, state = s.to_state,
            resolved_by = CASE WHEN s.from_state = s.to_state THEN i.resolved_by END,
            resolved_at = CASE WHEN s.from_state = s.to_state THEN i.resolved_at END,
            resolution_notes = CASE WHEN s.from_state = s.to_state THEN i.resolution_notes END,
            resolution_method = CASE WHEN s.from_state = s.to_state THEN i.resolution_method END
        FROM seen AS s WHERE i.issue_id = s.issue_id
        RETURNING i.issue_id, i.version, s.from_state, s.to_state, s.old_evidence, s.evidence, s.revision_id
    ), told AS (
        INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, note, user_id, details, cause)
        SELECT m.issue_id, m.version, m.from_state, m.to_state, 'found again', (SELECT app.actor_id()),
            app.describe_difference(m.old_evidence, m.evidence), coalesce(p_cause, 'revision ' || m.revision_id)
        FROM moved AS m WHERE m.from_state <> m.to_state OR m.old_evidence <> m.evidence
    )
    SELECT pg_catalog.count(*) INTO v_moved FROM moved AS m;

    -- Not found any more: closed by the machine.
    WITH closed AS (
        UPDATE app.validation_issues AS i
        SET state = 'auto_closed', resolved_at = pg_catalog.now()
        FROM pg_catalog.unnest(p_drafts) AS d
        JOIN app.validation_issues AS o
            ON o.session_id = d.session_id AND o.cardholder_id = d.cardholder_id AND o.is_open
            AND CASE WHEN p_rule_codes IS NULL THEN o.employee_revision_id <> d.revision_id
                ELSE o.rule_code = ANY (p_rule_codes) AND NOT EXISTS (
                    SELECT FROM pg_catalog.unnest(p_findings) AS f
                    WHERE (f.found).revision_id = d.revision_id AND f.rule_code = o.rule_code
                        AND (f.found).subject_key = o.subject_key) END
        WHERE i.issue_id = o.issue_id
        RETURNING i.issue_id, i.version, o.state, d.revision_id, CASE
            -- The finder leaves out what was accepted; were the totals equal there would be nothing to accept.
            WHEN o.rule_code = 'total_mismatch' AND d.receipt_count > 0 AND d.car_total <> d.receipt_total_unique
                THEN 'the difference is covered by what was accepted'
            WHEN app.is_silent(d.session_id, d.cardholder_id, o.rule_code)
                THEN 'an issue about the person says it'
            ELSE 'not found any more' END AS note
    )
    INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, note, user_id, cause)
    SELECT c.issue_id, c.version, c.state, 'auto_closed', c.note, (SELECT app.actor_id()),
        coalesce(p_cause, 'revision ' || c.revision_id)
    FROM closed AS c;

    -- Due dates and what earlier submissions say are looked up only when something is new.
    PERFORM app.add_issues(p_drafts, CASE WHEN v_moved < pg_catalog.cardinality(p_findings) THEN p_findings ELSE '{}' END);
END
$$;
COMMENT ON FUNCTION app.place_issues(app.revision_draft[], app.rule_finding[], text[], text) IS 'Turns what the rules found in the newest revisions of these people into issues: known findings move, decisions stay while the evidence is the same, other evidence reopens, what is gone is closed, the rest is new. With codes of rules these alone were asked, and nothing else closes; the cause goes into the events, that of a new revision is the revision.';

SELECT app.pin_entry_points('app.run_rules(app.revision_draft[], text[])');

COMMIT;
