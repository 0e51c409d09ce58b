-- What is known before is private.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.find_matchable(app.revision_draft[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.decisions_in_force(app.revision_draft[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.load_charges(app.revision_draft[], app.match_pair[], app.matching_policies)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.load_receipts(app.revision_draft[], app.match_pair[], app.matching_policies)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.load_match_history(app.match_side[], app.match_side[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.match_pinned(app.revision_draft[], app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies)', 'EXECUTE');
END
$$;

ROLLBACK;
