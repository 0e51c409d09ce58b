-- Matching is private.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.leave_open(app.match_side[], app.match_edge[], text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.write_open_items(app.match_side[], app.match_side[], app.match_outcome)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.match_sides(app.match_side[], app.match_side[], app.match_edge[], app.match_pair[], app.match_history[], app.matching_policies)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.match_revisions(app.revision_draft[])', 'EXECUTE');
END
$$;

ROLLBACK;
