-- What people said and a source contradicts.
-- requires: validation/rules
-- requires: content/merging

BEGIN;

CREATE OR REPLACE FUNCTION app.find_correction_conflict(p_drafts app.revision_draft[], p_parameters jsonb)
RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    WITH sessions AS MATERIALIZED (
        SELECT d.session_id,
            -- A first revision is its own source, also while its head is not written yet.
            coalesce(array_agg(ROW(d.cardholder_id, d.revision_id)::app.source_person)
                FILTER (WHERE d.revision_number = 1), '{}') AS first_people,
            coalesce(array_agg(d.cardholder_id) FILTER (WHERE d.revision_number > 1), '{}') AS other_people
        FROM unnest(p_drafts) AS d
        JOIN app.processing_sessions AS s ON s.session_id = d.session_id
        WHERE EXISTS (SELECT FROM app.corrections AS c WHERE c.chain_id = s.chain_id)
        GROUP BY d.session_id
    ), judged AS MATERIALIZED (
        -- Once for each session, not for each draft.
        SELECT s.session_id, j.transaction_id, j.field_group, j.base, j.value, j.source_value
        FROM sessions AS s
        CROSS JOIN LATERAL app.judge_corrections(s.session_id,
            s.first_people || app.source_people(s.session_id, s.other_people)) AS j
        WHERE j.fate = 'conflict'
    )
    SELECT d.revision_id, t.transaction_id, t.natural_key,
        bool_or(j.field_group IN ('amount', 'coding', 'presence', 'person')), abs(t.amount),
        format('The report and what people said differ in %s: %s', replace(string_agg(
                CASE j.field_group WHEN 'presence' THEN 'whether it counts' ELSE j.field_group END, ', '
                ORDER BY j.field_group), '_', ' '),
            app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date)),
        jsonb_build_object('amount', t.amount::text, 'merchant_name', app.clean_words(t.merchant_name), 'groups',
            jsonb_object_agg(j.field_group, jsonb_build_object('base', j.base, 'ours', j.value, 'theirs', j.source_value))),
        NULL::uuid, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
    JOIN judged AS j ON j.session_id = d.session_id AND j.transaction_id = t.transaction_id
    GROUP BY d.revision_id, t.transaction_id, t.natural_key, t.external_transaction_id, t.amount,
        t.transaction_date, t.merchant_name;
END
$$;
COMMENT ON FUNCTION app.find_correction_conflict(app.revision_draft[], jsonb) IS 'Receipts about which people said one thing and the report by now says another than when they spoke, one finding each, with base, ours and theirs by group. It blocks where amount, coding, person or presence are among them; at stake is the receipt''s amount.';

INSERT INTO app.validation_rules (rule_code, version, severity, enabled, blocks, finder, parameters, description,
    suggested_resolution) VALUES
('correction_conflict', 1, 'high', true, false, 'find_correction_conflict', '{}',
    'A receipt was corrected, and a later report says something else about the same fields.',
    'Decide which holds: keep the correction, or take what the report says.')
ON CONFLICT (rule_code, version) DO NOTHING;

COMMIT;
