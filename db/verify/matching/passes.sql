-- The passes are private.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.find_candidates(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.share_amount(app.match_side[], app.match_side[], app.match_side[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.match_identical(app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.match_exact(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies, integer)', 'EXECUTE');
END
$$;

ROLLBACK;
