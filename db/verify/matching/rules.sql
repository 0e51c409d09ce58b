-- The finders are private.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.find_unmatched_charge(app.revision_draft[], jsonb)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.find_unmatched_receipt(app.revision_draft[], jsonb)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.find_amount_residual(app.revision_draft[], jsonb)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.find_ambiguous_match(app.revision_draft[], jsonb)', 'EXECUTE');
END
$$;

ROLLBACK;
