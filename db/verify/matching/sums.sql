-- The pass sum is private.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.find_sum_parts(app.match_side[], app.match_side[], app.match_pair[], app.matching_policies)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.match_sums(app.match_side[], app.match_side[], app.sum_part[], app.match_history[], app.matching_policies)', 'EXECUTE');
END
$$;

ROLLBACK;
