-- The proof is deferred, definer and on in every replication role.

BEGIN;

DO $$
BEGIN
    ASSERT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
                   WHERE t.tgrelid = 'audit.commits'::regclass AND t.tgname = 't50_prove'
                       AND t.tgenabled = 'A' AND t.tginitdeferred);
    ASSERT (SELECT p.prosecdef FROM pg_catalog.pg_proc AS p WHERE p.oid = 'audit.prove_commit()'::regprocedure);
END
$$;

ROLLBACK;
