-- Removes the shape of objects in arguments.

BEGIN;

DROP FUNCTION app.refuse_members(text, jsonb, app.member[]);
DROP FUNCTION app.fail_all(text, text[], text[], text[]);
DROP FUNCTION app.member_faults(text[], jsonb[], app.member[]);
DROP FUNCTION app.wanted(text, text[], jsonb);
DROP TYPE app.member;
DROP FUNCTION app.is_code(text);
DROP FUNCTION app.closed_list(text);
DROP VIEW app.closed_lists;
DROP FUNCTION report.role_names();

COMMIT;
