-- Removes the entries of old files as texts.

BEGIN;

DROP FUNCTION app.fitted_receipt(app.receipt_contents, text);
DROP FUNCTION app.same_receipt(app.receipt_contents, text);
DROP FUNCTION app.has_whole_code(app.receipt_contents);
DROP FUNCTION app.old_receipt(text, text, text, text, text, text, text, text, text, text, text, text, text, text, text,
    boolean, jsonb);
DROP FUNCTION app.old_fields(jsonb);
DROP FUNCTION app.digest_entry(text, text);
SELECT audit.forget_table('app.kept_digests');
DROP TABLE app.kept_digests;
DROP TABLE app.kept_entries;
DROP FUNCTION app.old_list(text[]);
DROP FUNCTION app.old_number(numeric);
DROP FUNCTION app.old_text(text);
DROP FUNCTION app.ascii_json(text);
DROP FUNCTION app.storable_entries(app.activity_entry[], text[]);
DROP FUNCTION app.list_entries(text);
DROP FUNCTION app.text_may_hold_card_number(text);
DROP FUNCTION app.cut_in_text(text, text[]);
DROP TYPE app.activity_entry;
DROP FUNCTION app.source_position(bigint, bigint, bigint);

COMMIT;
