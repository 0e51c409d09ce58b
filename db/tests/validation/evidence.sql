-- Evidence holds values: however the session prints dates, what a rule looked at is the same.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
SELECT plan(3);

CREATE FUNCTION tap.evidence(p_style text, p_zone text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_rule record;
    v_evidence jsonb := '{}';
    v_found jsonb;
BEGIN
    PERFORM set_config('datestyle', p_style, true), set_config('timezone', p_zone, true);
    FOR v_rule IN SELECT DISTINCT r.rule_code, r.finder, r.parameters FROM app.validation_rules AS r LOOP
        EXECUTE format('SELECT jsonb_agg(f.evidence ORDER BY f.subject_key, f.evidence) FROM app.%I($1, $2) AS f', v_rule.finder)
            INTO v_found USING ARRAY(SELECT p.draft FROM tap.people AS p), v_rule.parameters;
        v_evidence := v_evidence || jsonb_strip_nulls(jsonb_build_object(v_rule.rule_code, v_found));
    END LOOP;
    RETURN v_evidence;
END
$$;

:as_processor
SELECT api.import_activity('{"ROWJOAN": {"employee_id": "9", "receipts": {"null": [{"rec_id": "1", "amt": "1.00", "date": "03/15/2025"}]}}}')
    ->> 'session_id' AS session_id \gset
:as_owner
SELECT count(api.load_chart('gl_account', '[{"code": "1", "valid_from": "2025-01-01"}]', 1)) AS loaded \gset
SELECT tap.person(jsonb_build_object('session_id', :'session_id')) AS p \gset
SELECT tap.receipt_row(:'p', 'early', '{"transaction_date": "2025-01-02"}'),
    tap.receipt_row(:'p', 'future', '{"transaction_date": "2999-02-03"}'),
    tap.charge_row(:'p', 'stale', '{"purchase_date": "2025-01-02", "posted_date": "2025-04-05"}'),
    tap.charge_row(:'p', 'future', '{"posted_date": "2999-02-03"}'),
    tap.charge_row(:'p', 'twin', '{"net_amount": 25.00}'),
    tap.charge_row(:'p', 'twin too', '{"net_amount": 25.00, "card_id": "00000000-0000-7000-8000-000000000002"}') \g /dev/null
:as_tester
SELECT tap.evidence('ISO, YMD', 'UTC') AS plain \gset
SELECT ok(:'plain'::jsonb ?& ARRAY['receipt_off_period', 'future_dated', 'coding_inactive', 'stale_posting',
    'duplicate_across_cards'], 'rules that look at dates found something');
SELECT is(tap.evidence('SQL, DMY', 'Pacific/Kiritimati'), :'plain'::jsonb, 'in a session that prints days first they see the same');
SELECT is(tap.evidence('German', 'America/St_Johns'), :'plain'::jsonb, 'and in one that prints dots');
SELECT * FROM finish();
ROLLBACK;
