-- Nearest misses are private.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.propose_near(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.find_ambiguous(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.find_neighbours(app.match_side[], app.match_side[], app.match_side[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.find_nearest(app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies)', 'EXECUTE');
END
$$;

ROLLBACK;
