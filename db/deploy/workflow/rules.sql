-- What an administrator does with rules: each change is a new version.
-- requires: report/people
-- requires: validation/parameters
-- requires: access/requests

BEGIN;

CREATE OR REPLACE FUNCTION api.save_rule(
    p_rule_code text, p_expected_version integer, p_severity text DEFAULT NULL, p_enabled boolean DEFAULT NULL,
    p_blocks boolean DEFAULT NULL, p_parameters jsonb DEFAULT NULL, p_description_template text DEFAULT NULL,
    p_suggested_resolution text DEFAULT NULL, p_valid_from date DEFAULT NULL, p_valid_until date DEFAULT NULL,
    p_scope text DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.validation_rules
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('save_rule', p_rule_code, p_expected_version::text, p_severity, p_enabled::text,
        p_blocks::text, p_parameters::text, p_description_template, p_suggested_resolution, p_valid_from::text,
        p_valid_until::text, p_scope);
    v_answer jsonb := app.begin_request(p_request_id, 'save_rule', v_hash);
    v_rule app.validation_rules;
    v_fault text;
    v_result report.validation_rules;
BEGIN
    IF v_answer IS NULL THEN
        -- One change of a rule at a time.
        PERFORM app.take_turn('rules');
        SELECT r.* INTO v_rule FROM app.validation_rules AS r
        WHERE r.rule_code = p_rule_code ORDER BY r.version DESC LIMIT 1;
        IF v_rule.rule_code IS NULL THEN
            PERFORM app.fail('NF061', 'rule_code', NULL, pg_catalog.format('%L', app.hide_card_numbers(p_rule_code)));
        ELSIF v_rule.version IS DISTINCT FROM p_expected_version THEN
            PERFORM app.fail('ST001', 'expected_version',
                pg_catalog.format('version %s', coalesce(p_expected_version::text, 'none')), v_rule.version::text);
        END IF;
        v_fault := CASE
            WHEN p_severity NOT IN ('high', 'medium', 'low') THEN 'severity'
            WHEN p_scope NOT IN ('activity_json', 'pdf', 'all') THEN 'scope'
            WHEN pg_catalog.jsonb_typeof(p_parameters) <> 'object' THEN 'parameters'
            WHEN pg_catalog.length(p_description_template) > 400 THEN 'description_template'
            WHEN pg_catalog.length(p_suggested_resolution) NOT BETWEEN 1 AND 400 THEN 'suggested_resolution'
            WHEN NOT pg_catalog.isfinite(p_valid_from) OR p_valid_from > p_valid_until THEN 'valid_from'
            WHEN NOT pg_catalog.isfinite(p_valid_until) THEN 'valid_until' END;
        IF v_fault IS NOT NULL THEN
            PERFORM app.fail('IV008', v_fault, 'severity high, medium or low; scope activity_json,
                pdf or all; a validity that '
                'ends after it starts; texts of up to 400 characters', 'another ' || v_fault);
        END IF;
        INSERT INTO app.validation_rules (rule_code, version, severity, enabled, blocks, finder, parameters,
            description, suggested_resolution, description_template, valid_from, valid_until, scope)
        VALUES (p_rule_code, v_rule.version + 1, coalesce(p_severity, v_rule.severity),
            coalesce(p_enabled, v_rule.enabled), coalesce(p_blocks, v_rule.blocks), v_rule.finder,
            v_rule.parameters || coalesce(app.hide_in_json(p_parameters), '{}'), v_rule.description,
            coalesce(app.hide_card_numbers(p_suggested_resolution), v_rule.suggested_resolution),
            nullif(coalesce(app.hide_card_numbers(p_description_template), v_rule.description_template), ''), p_valid_from, p_valid_until,
            nullif(coalesce(p_scope, v_rule.scope), 'all'));
        v_answer := app.end_request(p_request_id, 'save_rule', v_hash,
            pg_catalog.jsonb_build_object('version', v_rule.version + 1));
    END IF;
    SELECT r.* INTO v_result FROM report.validation_rules AS r
    WHERE r.rule_code = p_rule_code AND r.version = (v_answer ->> 'version')::integer;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.save_rule(text, integer, text, boolean, boolean, jsonb, text, text, date, date, text, text) IS 'Makes the next version of a rule from the newest one: what is null stays; parameters given replace those of the same name; an empty template gives back the finder''s words; scope all takes a limit of source away; the validity is that of the new version alone, null meaning no end. Revisions made from now on are judged by it, old issues keep the version that found them. Raises IV008, IV061, NF061, ST001 with the newest version, ST003.';
GRANT EXECUTE ON FUNCTION api.save_rule(text, integer, text, boolean, boolean, jsonb, text, text, date, date, text, text)
    TO ccp_admin;

SELECT app.pin_entry_points();

COMMIT;
