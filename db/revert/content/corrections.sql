-- Removes what people say about receipts.

BEGIN;

DROP FUNCTION app.fate_of(text, jsonb[], jsonb, jsonb, boolean);
DROP FUNCTION app.weigh_fate(text, jsonb[], jsonb, jsonb, boolean);
DROP FUNCTION app.is_same_merchant(jsonb, jsonb);
DROP FUNCTION app.has_no_id(text);
DROP FUNCTION app.is_made_up_id(text);
DROP FUNCTION app.filed_group(text, jsonb);
DROP FUNCTION app.clean_group(jsonb);
DROP FUNCTION app.bases_of_move(uuid, uuid, integer, uuid, text);
DROP FUNCTION app.bases_of(uuid, uuid, text, integer);
DROP FUNCTION app.said_groups(app.receipt_contents);
DROP FUNCTION app.said_group(app.receipt_contents, text);
DROP FUNCTION app.holder_of(uuid, uuid);
DROP VIEW app.newest_corrections;
SELECT audit.forget_table('app.corrections');
DROP TABLE app.corrections;
DROP FUNCTION app.refuse_other_author();

COMMIT;
