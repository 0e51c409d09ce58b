-- Documents are guarded and private; bytes keep no history.

BEGIN;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM pg_catalog.pg_trigger AS t
            WHERE t.tgrelid IN ('app.document_pages'::regclass, 'app.document_notices'::regclass)
                AND t.tgname = 't10_immutable' AND t.tgenabled = 'A') = 2;
    ASSERT (SELECT count(*) FROM pg_catalog.pg_trigger AS t
            WHERE t.tgrelid IN ('app.documents'::regclass, 'app.session_documents'::regclass,
                                'app.document_chunks'::regclass, 'app.page_texts'::regclass)
                AND t.tgname = 't10_keep' AND t.tgenabled = 'A') = 4;
    ASSERT NOT has_table_privilege('ccp_admin', 'app.document_chunks', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_worker', 'app.document_chunks', 'SELECT');
END
$$;

ROLLBACK;
