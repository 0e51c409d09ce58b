-- Having the checks computed, and signing those that a person answers.
-- requires: migration/verdict

BEGIN;

CREATE OR REPLACE FUNCTION app.run_checks() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_check record;
    v_finding app.cutover_finding;
BEGIN
    FOR v_check IN
        SELECT c.check_code, c.function_name FROM app.cutover_checks AS c WHERE c.kind = 'computed' ORDER BY c.place
    LOOP
        EXECUTE pg_catalog.format('SELECT f.passed, f.evidence FROM app.%I() AS f', v_check.function_name)
        INTO v_finding.passed, v_finding.evidence;
        INSERT INTO app.cutover_answers (check_code, passed, evidence)
        VALUES (v_check.check_code, coalesce(v_finding.passed, false), coalesce(v_finding.evidence, '{}'));
    END LOOP;
END
$$;
COMMENT ON FUNCTION app.run_checks() IS 'Answers every computed check anew, in order; what a function does not know is no.';

CREATE OR REPLACE FUNCTION api.run_cutover_checks(p_request_id text DEFAULT NULL) RETURNS report.cutover_verdict
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('run_cutover_checks', '');
    v_answer jsonb := app.begin_request(p_request_id, 'run_cutover_checks', v_hash);
    v_result report.cutover_verdict;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.take_turn('cutover');
        PERFORM app.run_checks();
        PERFORM app.end_request(p_request_id, 'run_cutover_checks', v_hash, '{}');
    END IF;
    SELECT v.* INTO v_result FROM report.cutover_verdict AS v;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.run_cutover_checks(text) IS 'Answers every computed check of the cut-over anew and says whether the next step may be taken. The answers before stay on record. Raises IV008, IV018, PM001, PM002, ST003.';

CREATE OR REPLACE FUNCTION app.judge_signature(p_check app.cutover_checks, p_passed boolean, p_valid_until date, p_figures jsonb, p_day date) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_today date := (pg_catalog.now() AT TIME ZONE 'UTC')::date;
    v_last date := v_today + coalesce(p_check.max_age_days, 366);
    v_days text := (SELECT pg_catalog.string_agg(x.day::text, ', ' ORDER BY x.day) FROM report.cutover_days AS x
        WHERE x.check_code = p_check.check_code AND x.day <= v_today);
    -- Asked within the time that an answer counts, and of what is in use.
    v_first date := greatest(v_today - coalesce(p_check.max_age_days, 366), (
        SELECT (pg_catalog.max(e.happened_at) AT TIME ZONE 'UTC')::date FROM app.cutover_events AS e WHERE e.to_state = 'live'));
    v_share numeric;
BEGIN
    IF p_check.function_name IS NOT NULL THEN
        PERFORM app.fail('IV008', 'check_code', 'a check that a person answers', 'one that is computed: ' || p_check.check_code);
    ELSIF p_passed IS NULL THEN
        PERFORM app.fail('IV008', 'passed', 'true or false', 'nothing');
    ELSIF p_check.kind = 'signed' AND (p_valid_until BETWEEN v_today AND v_last) IS NOT TRUE THEN
        PERFORM app.fail('IV008', 'valid_until', pg_catalog.format('%s to %s', v_today, v_last), coalesce(p_valid_until::text, 'nothing'));
    ELSIF p_check.kind = 'daily' AND p_valid_until IS NOT NULL THEN
        PERFORM app.fail('IV008', 'valid_until', 'nothing for a daily check', p_valid_until::text);
    ELSIF p_check.kind = 'signed' AND p_day IS NOT NULL THEN
        PERFORM app.fail('IV008', 'day', 'nothing for a check that is not daily', p_day::text);
    ELSIF p_check.kind = 'daily' AND NOT EXISTS (
        SELECT FROM report.cutover_days AS x WHERE x.check_code = p_check.check_code AND x.day = p_day AND x.day <= v_today)
    THEN
        PERFORM app.fail('IV008', 'day', coalesce(v_days, 'a day from 1 to 7 after going live, when it has begun'),
            coalesce(p_day::text, 'nothing'));
    END IF;
    IF p_figures IS NOT NULL OR p_check.figure_above IS NOT NULL THEN
        PERFORM app.refuse_figures(p_figures);
    END IF;
    IF p_check.figure_above IS NOT NULL THEN
        v_share := app.figure(p_figures, 'share');
        IF (v_share BETWEEN 0 AND 100 AND app.figure(p_figures, 'people') BETWEEN 1 AND 1000000
            AND app.figure(p_figures, 'people') % 1 = 0 AND p_figures ->> 'asked_on' ~ '^[0-9]{4}-'
            AND app.read_date(p_figures ->> 'asked_on') BETWEEN v_first AND v_today) IS NOT TRUE
        THEN
            PERFORM app.fail('IV008', 'figures', pg_catalog.format(
                'share (percent), people (number of those asked) and asked_on (YYYY-MM-DD, %s to %s)', v_first, v_today),
                app.shorten(p_figures::text, 200));
        ELSIF p_passed <> (v_share > p_check.figure_above) THEN
            PERFORM app.fail('IV008', 'passed', pg_catalog.format('%s: passed is a share above %s',
                v_share > p_check.figure_above, p_check.figure_above), pg_catalog.format('%s with a share of %s', p_passed, v_share));
        END IF;
    END IF;
END
$$;
COMMENT ON FUNCTION app.judge_signature(app.cutover_checks, boolean, date, jsonb, date) IS 'Refuses a signature that does not fit its check: IV008 for a computed one, an end that is missing or too far, another day than one of the seven that has begun, figures that are missing or say something else; IV018, IV150 for figures that are none.';

CREATE OR REPLACE FUNCTION app.find_check(p_check_code text) RETURNS app.cutover_checks
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_check app.cutover_checks;
BEGIN
    SELECT c.* INTO v_check FROM app.cutover_checks AS c WHERE c.check_code = p_check_code;
    IF v_check.check_code IS NULL THEN
        PERFORM app.fail('NF150', 'check_code', NULL, coalesce(app.shorten(p_check_code, 200), 'nothing'));
    END IF;
    RETURN v_check;
END
$$;
COMMENT ON FUNCTION app.find_check(text) IS 'The check of this code. Raises NF150.';

CREATE OR REPLACE FUNCTION api.sign_cutover_check(
    p_check_code text, p_passed boolean, p_note text, p_valid_until date DEFAULT NULL, p_figures jsonb DEFAULT NULL,
    p_day date DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.cutover
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('sign_cutover_check', p_check_code, p_passed::text, p_note, p_valid_until::text,
        p_figures::text, p_day::text);
    v_answer jsonb := app.begin_request(p_request_id, 'sign_cutover_check', v_hash, p_note);
    v_check app.cutover_checks;
    v_result report.cutover;
BEGIN
    IF v_answer IS NULL THEN
        v_check := app.find_check(p_check_code);
        PERFORM app.require_text(p_note, 'note', 4000);
        PERFORM app.judge_signature(v_check, p_passed, p_valid_until, p_figures, p_day);
        INSERT INTO app.cutover_answers (check_code, day, passed, evidence, note, valid_until)
        VALUES (p_check_code, p_day, p_passed, coalesce(p_figures, '{}'), app.hide_card_numbers(pg_catalog.btrim(p_note)), p_valid_until);
        PERFORM app.end_request(p_request_id, 'sign_cutover_check', v_hash, '{}');
    END IF;
    SELECT c.* INTO v_result FROM report.cutover AS c WHERE c.check_code = p_check_code;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.sign_cutover_check(text, boolean, text, date, jsonb, date, text) IS 'Answers a check that a person answers: yes or no, with a note, the last day it counts, and figures where they are the evidence; a daily check for one of the days that have begun. The answer is never changed; the next one takes its place. Raises IV008, IV018, IV150, NF150, PM001, PM002, ST003.';

GRANT EXECUTE ON FUNCTION api.run_cutover_checks(text), api.sign_cutover_check(text, boolean, text, date, jsonb, date, text)
    TO ccp_admin, ccp_reviewer;

SELECT app.pin_entry_points();

COMMIT;
