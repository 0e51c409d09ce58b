-- What would become of a month if a rule were changed: tried on its people and taken back.
-- requires: workflow/rules
-- requires: validation/judging
-- requires: report/months

BEGIN;

CREATE TYPE report.rule_trial_person AS (
    employee_name text, status_now text, status_then text, issues_added bigint, issues_gone bigint, issues_changed bigint,
    dollars_added numeric(20, 2), dollars_gone numeric(20, 2), cardholder_id uuid);
COMMENT ON TYPE report.rule_trial_person IS 'What a change of a rule would change for one person.';
COMMENT ON COLUMN report.rule_trial_person.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.rule_trial_person.status_now IS 'Status as the rule is.';
COMMENT ON COLUMN report.rule_trial_person.status_then IS 'Status as the rule would be.';
COMMENT ON COLUMN report.rule_trial_person.issues_added IS 'Issues that would be open and are not, those that would open again among them.';
COMMENT ON COLUMN report.rule_trial_person.issues_gone IS 'Open issues that would not be found any more.';
COMMENT ON COLUMN report.rule_trial_person.issues_changed IS 'Issues open both ways with another severity, amount or words, or that block in one of both only.';
COMMENT ON COLUMN report.rule_trial_person.dollars_added IS 'Dollars at stake in the issues added; null when unknown for one of them.';
COMMENT ON COLUMN report.rule_trial_person.dollars_gone IS 'Dollars at stake in the issues gone; null when unknown for one of them.';
COMMENT ON COLUMN report.rule_trial_person.cardholder_id IS 'The person.';

CREATE TYPE report.rule_trial AS (
    rule_code text, version integer, month_name text, session_id uuid, people_judged bigint, people_changed bigint,
    no_longer_finished bigint, newly_finished bigint, issues_added bigint, issues_gone bigint, issues_changed bigint,
    dollars_added numeric(20, 2), dollars_gone numeric(20, 2), people report.rule_trial_person[]);
COMMENT ON TYPE report.rule_trial IS 'What a change of a rule would change in a month.';
COMMENT ON COLUMN report.rule_trial.rule_code IS 'The rule.';
COMMENT ON COLUMN report.rule_trial.version IS 'Its newest version, from which the change was tried.';
COMMENT ON COLUMN report.rule_trial.month_name IS 'The month.';
COMMENT ON COLUMN report.rule_trial.session_id IS 'Its newest completed submission, whose people were judged; null when there is none.';
COMMENT ON COLUMN report.rule_trial.people_judged IS 'How many people were judged.';
COMMENT ON COLUMN report.rule_trial.people_changed IS 'For how many of them something would be another.';
COMMENT ON COLUMN report.rule_trial.no_longer_finished IS 'How many are finished as the rule is and would not be.';
COMMENT ON COLUMN report.rule_trial.newly_finished IS 'How many are not finished as the rule is and would be.';
COMMENT ON COLUMN report.rule_trial.issues_added IS 'Issues that would be open and are not.';
COMMENT ON COLUMN report.rule_trial.issues_gone IS 'Open issues that would not be found any more.';
COMMENT ON COLUMN report.rule_trial.issues_changed IS 'Issues open both ways that would say something else.';
COMMENT ON COLUMN report.rule_trial.dollars_added IS 'Dollars at stake in the issues added; null when unknown for one of them.';
COMMENT ON COLUMN report.rule_trial.dollars_gone IS 'Dollars at stake in the issues gone; null when unknown for one of them.';
COMMENT ON COLUMN report.rule_trial.people IS 'Those for whom something would be another: who would not be finished any more first, then by dollars. At most 200; the figures count all.';

CREATE TYPE app.rule_look AS (issues app.validation_issues[], statuses text[]);
COMMENT ON TYPE app.rule_look IS 'What people have open of a rule, and their status.';
COMMENT ON COLUMN app.rule_look.issues IS 'Open issues of the rule and of those it silences.';
COMMENT ON COLUMN app.rule_look.statuses IS 'Status of each person, in the order of the drafts.';

CREATE OR REPLACE FUNCTION app.look_by_rule(p_drafts app.revision_draft[], p_rule_code text) RETURNS app.rule_look
LANGUAGE plpgsql VOLATILE
SET search_path = ''
-- All people of a month: plans made for as many.
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_silenced text[] := ARRAY(SELECT s.rule_code FROM app.rule_silences AS s WHERE s.silenced_by = p_rule_code);
    v_look app.rule_look;
BEGIN
    PERFORM app.place_issues(p_drafts,
        app.heard_findings(p_drafts, app.run_rules(p_drafts, ARRAY[p_rule_code])), ARRAY[p_rule_code]);
    IF v_silenced <> '{}' THEN
        PERFORM app.place_issues(p_drafts, app.heard_findings(p_drafts, app.run_rules(p_drafts, v_silenced)), v_silenced);
    END IF;
    v_look.issues := ARRAY(
        SELECT i FROM pg_catalog.unnest(p_drafts) AS d
        JOIN app.validation_issues AS i ON i.session_id = d.session_id AND i.cardholder_id = d.cardholder_id
        WHERE i.is_open AND i.rule_code = ANY (v_silenced || p_rule_code));
    v_look.statuses := ARRAY(
        SELECT app.derive_status(d.session_id, d.cardholder_id, e.is_on_hold)
        FROM pg_catalog.unnest(p_drafts) WITH ORDINALITY AS d
        JOIN app.session_employees AS e ON e.session_id = d.session_id AND e.cardholder_id = d.cardholder_id
        ORDER BY d.ordinality);
    RETURN v_look;
END
$$;
COMMENT ON FUNCTION app.look_by_rule(app.revision_draft[], text) IS 'Judges people anew by one rule as it is now, and by those it silences, and answers what is open of them then. Writes; the caller takes it back.';

CREATE OR REPLACE FUNCTION app.compare_looks(p_drafts app.revision_draft[], p_now app.rule_look, p_then app.rule_look)
RETURNS report.rule_trial_person[]
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN ARRAY(
        SELECT ROW(app.shown(d.employee_name), p.status_now, p.status_then, coalesce(c.added, 0), coalesce(c.gone, 0),
            coalesce(c.changed, 0), coalesce(c.dollars_added, CASE WHEN c.added > 0 THEN NULL ELSE 0 END),
            coalesce(c.dollars_gone, CASE WHEN c.gone > 0 THEN NULL ELSE 0 END), d.cardholder_id)::report.rule_trial_person
        FROM pg_catalog.unnest(p_drafts) WITH ORDINALITY AS d
        JOIN unnest((p_now).statuses, (p_then).statuses) WITH ORDINALITY AS p (status_now, status_then, place)
            ON p.place = d.ordinality
        LEFT JOIN (
            SELECT coalesce(n.cardholder_id, t.cardholder_id) AS cardholder_id,
                pg_catalog.count(*) FILTER (WHERE n.issue_id IS NULL) AS added,
                pg_catalog.count(*) FILTER (WHERE t.issue_id IS NULL) AS gone,
                pg_catalog.count(*) FILTER (WHERE ROW(n.severity, n.blocks, n.amount_impact, n.description)
                    IS DISTINCT FROM ROW(t.severity, t.blocks, t.amount_impact, t.description)
                    AND n.issue_id = t.issue_id) AS changed,
                -- Unknown for one is unknown for all.
                CASE WHEN pg_catalog.count(*) FILTER (WHERE n.issue_id IS NULL)
                    = pg_catalog.count(t.amount_impact) FILTER (WHERE n.issue_id IS NULL)
                    THEN pg_catalog.sum(t.amount_impact) FILTER (WHERE n.issue_id IS NULL) END AS dollars_added,
                CASE WHEN pg_catalog.count(*) FILTER (WHERE t.issue_id IS NULL)
                    = pg_catalog.count(n.amount_impact) FILTER (WHERE t.issue_id IS NULL)
                    THEN pg_catalog.sum(n.amount_impact) FILTER (WHERE t.issue_id IS NULL) END AS dollars_gone
            FROM pg_catalog.unnest((p_now).issues) AS n
            FULL JOIN pg_catalog.unnest((p_then).issues) AS t ON t.issue_id = n.issue_id
            GROUP BY 1
        ) AS c ON c.cardholder_id = d.cardholder_id
        WHERE c.added > 0 OR c.gone > 0 OR c.changed > 0 OR p.status_now <> p.status_then
        ORDER BY p.status_now = 'finished' AND p.status_then <> 'finished' DESC,
            coalesce(c.dollars_added, 0) + coalesce(c.dollars_gone, 0) DESC, d.employee_name, d.cardholder_id);
END
$$;
COMMENT ON FUNCTION app.compare_looks(app.revision_draft[], app.rule_look, app.rule_look) IS 'For each person whom two looks show differently, what is another: who is not finished any more first, then by dollars, then by name.';

CREATE OR REPLACE FUNCTION api.try_rule(
    p_rule_code text, p_month_id uuid, p_severity text DEFAULT NULL, p_enabled boolean DEFAULT NULL,
    p_blocks boolean DEFAULT NULL, p_parameters jsonb DEFAULT NULL, p_scope text DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.rule_trial
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_month record;
    v_trial report.rule_trial;
    v_drafts app.revision_draft[];
    v_now app.rule_look;
    v_then app.rule_look;
    v_people report.rule_trial_person[];
BEGIN
    -- Nothing is done, so no request id is used up: asked again it is told anew.
    PERFORM app.begin_request(NULL, 'try_rule', NULL), app.refuse_card_number(p_request_id, 'request_id');
    SELECT m.month_name, m.latest_session_id INTO v_month FROM report.months AS m WHERE m.month_id = p_month_id;
    IF NOT FOUND THEN
        PERFORM app.fail('NF006', 'month_id', NULL, p_month_id::text);
    END IF;
    v_trial.rule_code := p_rule_code;
    v_trial.month_name := v_month.month_name;
    v_trial.session_id := v_month.latest_session_id;
    v_trial.version := (SELECT max(r.version) FROM app.validation_rules AS r WHERE r.rule_code = p_rule_code);
    BEGIN
        -- Whoever decides about these people waits, and what is judged is what they committed.
        PERFORM app.lock_people(ARRAY[v_trial.session_id], NULL);
        SELECT app.current_drafts(pg_catalog.array_agg(e.session_id), pg_catalog.array_agg(e.cardholder_id)) INTO v_drafts
        FROM app.session_employees AS e WHERE e.session_id = v_trial.session_id;
        -- By the rule as it is, too: older issues may be of an older version.
        v_now := app.look_by_rule(v_drafts, p_rule_code);
        PERFORM api.save_rule(p_rule_code, v_trial.version, p_severity, p_enabled, p_blocks, p_parameters, p_scope => p_scope);
        v_then := app.look_by_rule(v_drafts, p_rule_code);
        PERFORM app.fail('ZX001');
    EXCEPTION
        WHEN SQLSTATE 'ZX001' THEN
            v_people := app.compare_looks(v_drafts, v_now, v_then);
    END;
    SELECT pg_catalog.cardinality(v_drafts)::bigint, pg_catalog.count(*),
        pg_catalog.count(*) FILTER (WHERE p.status_now = 'finished' AND p.status_then <> 'finished'),
        pg_catalog.count(*) FILTER (WHERE p.status_now <> 'finished' AND p.status_then = 'finished'),
        coalesce(pg_catalog.sum(p.issues_added), 0)::bigint, coalesce(pg_catalog.sum(p.issues_gone), 0)::bigint,
        coalesce(pg_catalog.sum(p.issues_changed), 0)::bigint,
        CASE WHEN pg_catalog.count(*) = pg_catalog.count(p.dollars_added) THEN coalesce(pg_catalog.sum(p.dollars_added), 0) END,
        CASE WHEN pg_catalog.count(*) = pg_catalog.count(p.dollars_gone) THEN coalesce(pg_catalog.sum(p.dollars_gone), 0) END
        INTO v_trial.people_judged, v_trial.people_changed, v_trial.no_longer_finished, v_trial.newly_finished,
            v_trial.issues_added, v_trial.issues_gone, v_trial.issues_changed, v_trial.dollars_added, v_trial.dollars_gone
        FROM pg_catalog.unnest(v_people) AS p;
    v_trial.people := v_people[:200];
    RETURN v_trial;
END
$$;
COMMENT ON FUNCTION api.try_rule(text, uuid, text, boolean, boolean, jsonb, text, text) IS 'What would change in a month if its people were judged anew by the next version of a rule, made from the newest as api.save_rule makes it and in force at once: per person the issues added, gone and changed, the dollars in them, and the status now and then. It is done and taken back, so that nothing of it is written or in the trail; whoever decides about these people meanwhile waits. A request id is not kept. Open months and closed ones; a month without completed submission has nobody to judge. Raises IV008, IV018, IV061, NF006, NF061, PM001, PM002.';
GRANT EXECUTE ON FUNCTION api.try_rule(text, uuid, text, boolean, boolean, jsonb, text, text) TO ccp_admin;

SELECT app.pin_entry_points();

COMMIT;
