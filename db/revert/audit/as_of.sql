-- Removes what makes report views as of an instant.

BEGIN;

DROP FUNCTION audit.forget_as_of(regclass);
DROP FUNCTION audit.make_as_of(regclass);
DROP FUNCTION audit.as_of_text(regclass);
DROP FUNCTION audit.by_tick_text(regclass);
DROP FUNCTION audit.view_as_of_text(regclass);
DROP FUNCTION audit.table_as_of_text(name);
DROP FUNCTION audit.seen_text(text);

COMMIT;
