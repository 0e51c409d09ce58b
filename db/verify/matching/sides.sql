-- Scores are private.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.merchant_key(text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.print_of_side(numeric, date, date, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.is_in_window(app.match_side, app.match_side, app.matching_policies)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.date_part_of(app.match_side, app.match_side, app.matching_policies)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.amount_part_of(numeric, numeric)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.merchant_part_of(text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.score_of(numeric, numeric, numeric, numeric, app.matching_policies)', 'EXECUTE');
END
$$;

ROLLBACK;
