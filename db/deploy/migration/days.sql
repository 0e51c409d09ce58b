-- The days 1 to 7 after going live: the worker answers the daily checks, and once more what covers a day when it is over.
-- requires: migration/answers
-- requires: migration/calls

BEGIN;

CREATE OR REPLACE FUNCTION app.ask_daily_check(p_function_name text, p_begins timestamptz, p_ends timestamptz) RETURNS app.cutover_finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_finding app.cutover_finding;
    v_state text;
    v_constraint text;
    v_context text;
BEGIN
    EXECUTE pg_catalog.format('SELECT f.passed, f.evidence FROM app.%I($1, $2) AS f', p_function_name)
    INTO v_finding.passed, v_finding.evidence USING p_begins, p_ends;
    RETURN ROW(coalesce(v_finding.passed, false), coalesce(v_finding.evidence, '{}'))::app.cutover_finding;
EXCEPTION WHEN OTHERS OR query_canceled THEN
    GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_constraint = CONSTRAINT_NAME, v_context = PG_EXCEPTION_CONTEXT;
    RETURN ROW(false, (SELECT pg_catalog.jsonb_build_object('error', f.message, 'is_over_time', v_state = '57014')
        FROM app.name_fault(v_state, v_constraint, v_context) AS f))::app.cutover_finding;
END
$$;
COMMENT ON FUNCTION app.ask_daily_check(text, timestamptz, timestamptz) IS 'What the function of a daily check says of a day; one that fails, or takes longer than the time limit, says no, with the error as evidence.';

CREATE OR REPLACE FUNCTION api.run_cutover_day() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_today date := (pg_catalog.clock_timestamp() AT TIME ZONE 'UTC')::date;
    v_check record;
    v_finding app.cutover_finding;
    v_count integer := 0;
BEGIN
    PERFORM app.begin_request(NULL, 'run_cutover_day', NULL);
    -- One in a transaction: none takes the time of another, nor that of the checks.
    IF app.compare_waiting() THEN
        RETURN NULL;
    END IF;
    FOR v_check IN
        SELECT d.day, c.check_code, c.function_name, d.day::timestamp AT TIME ZONE 'UTC' AS begins,
            (d.day + 1)::timestamp AT TIME ZONE 'UTC' AS ends
        FROM report.cutover_days AS d
        JOIN app.cutover_checks AS c ON c.check_code = d.check_code AND c.function_name IS NOT NULL
        WHERE app.cutover_state() = 'live' AND (d.day = v_today OR (c.covers_day AND d.day < v_today
            AND (d.answered_at >= (d.day + 1)::timestamp AT TIME ZONE 'UTC' AND NOT d.evidence ? 'error') IS NOT TRUE
            -- One that fails is asked three times.
            AND (SELECT count(*) FROM app.cutover_answers AS a WHERE a.check_code = d.check_code AND a.day = d.day
                AND a.answered_at >= (d.day + 1)::timestamp AT TIME ZONE 'UTC' AND a.evidence ? 'error') < 3))
        -- What was asked longest ago comes first: one that takes all the time never keeps the same others from being asked.
        ORDER BY d.answered_at NULLS FIRST, d.day, c.place
    LOOP
        v_finding := app.ask_daily_check(v_check.function_name, v_check.begins, v_check.ends);
        INSERT INTO app.cutover_answers (check_code, day, passed, evidence)
        VALUES (v_check.check_code, v_check.day, v_finding.passed, v_finding.evidence);
        v_count := v_count + 1;
        -- The time limit counts once for a statement.
        EXIT WHEN (v_finding.evidence -> 'is_over_time')::boolean;
    END LOOP;
    RETURN v_count;
END
$$;
COMMENT ON FUNCTION api.run_cutover_day() IS 'While the cut-over is live: answers the daily checks of today, if it is one of the days 1 to 7, and for days that are over once more those that cover a whole day. Answers how many checks. A check that fails says no with its error, and is asked again at the next turn, of a day that is over three times. While old results are there whose submission was read since, it compares the first of them instead and answers null: call it again. Raises PM001, PM002.';
GRANT EXECUTE ON FUNCTION api.run_cutover_day() TO ccp_admin, ccp_worker;

SELECT app.pin_entry_points();

COMMIT;
