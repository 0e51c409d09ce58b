-- The gate lets through what is sound and is private.

BEGIN;

DO $$
BEGIN
    ASSERT (app.judge_json('{"A": {"b": [1, "c:\"d"]}}')).json IS NOT NULL;
    ASSERT app.find_repeated_key('{"A": [{"b": 1, "b": 2}]}') = '$."A"[0]."b"';
    ASSERT NOT has_function_privilege('ccp_admin', 'app.judge_json(text)', 'EXECUTE');
END
$$;

ROLLBACK;
