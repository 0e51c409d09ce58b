-- Entries of an activity.json as texts: their order in the file, the way the old program wrote them, and what of a file
-- is written otherwise, which is kept.
-- requires: intake/json_gate
-- requires: content/revisions

BEGIN;

CREATE TYPE app.activity_entry AS (
    source_key text,
    entry_place integer,
    entry_text text
);
COMMENT ON TYPE app.activity_entry IS 'An employee of an activity.json: the key, the place in the file from 1, and the text of the value.';

CREATE OR REPLACE FUNCTION app.source_position(p_person_place bigint, p_code_place bigint, p_receipt_place bigint)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- Numbering all rows in order would sort the file; a number that sorts the same way does as well. It begins as no card
    -- number does: one in a hundred would look like one, and no answer with it could be kept.
    SELECT 1000000000000000000 + p_person_place * 1000000000000 + p_code_place * 1000000 + p_receipt_place;
END;
COMMENT ON FUNCTION app.source_position(bigint, bigint, bigint) IS 'Where a receipt stands in an activity.json, in a number that sorts as the file does: places of its entry, of its code there and of the receipt there, each from 1.';

CREATE OR REPLACE FUNCTION app.cut_in_text(p_text text, p_known text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = ''
BEGIN ATOMIC
    SELECT string_agg(
        CASE
            -- Too short for a card number, and nothing in it that is spelled otherwise.
            WHEN left(t.token[1], 1) = '"' AND octet_length(t.token[1]) < 15 AND strpos(t.token[1], '\') = 0 THEN t.token[1]
            WHEN t.is_key THEN to_json(t.token[1]::jsonb #>> '{}')::text
            WHEN left(t.token[1], 1) = '"' THEN to_json(app.hide_card_numbers(t.token[1]::jsonb #>> '{}', p_known))::text
            WHEN t.token[1] COLLATE "C" ~ '^-?[0-9]{13,19}$' AND app.hide_card_numbers(t.token[1], p_known) <> t.token[1]
                THEN '"' || app.hide_card_numbers(t.token[1], p_known) || '"'
            -- Digits on both sides of the point are no card number; with one more 0 nobody takes them for one.
            WHEN t.token[1] COLLATE "C" ~ '[.]' AND app.hide_card_numbers(t.token[1], p_known) <> t.token[1] THEN t.token[1] || '0'
            -- Wide enough apart that numbers side by side are none, either.
            ELSE replace(replace(translate(t.token[1], E' \t\r\n', ''), ',', ',   '), ':', ':   ') END,
        '' ORDER BY t.ordinality)
    FROM (
        SELECT m.token, m.ordinality, left(lead(btrim(m.token[1], E' \t\r\n')) OVER (ORDER BY m.ordinality), 1) = ':' AS is_key
        FROM regexp_matches(p_text COLLATE "C", '"(?:[^"\\]|\\.)*"|-?[0-9.]+|[^"0-9-]+', 'g') WITH ORDINALITY
            AS m (token, ordinality)
    ) AS t;
END;
COMMENT ON FUNCTION app.cut_in_text(text, text[]) IS 'A text of JSON with the card numbers in its strings and whole numbers cut, see app.cut_card_numbers; a cut number becomes a string. Order and spelling of numbers stay; blanks and escapes are always the same, so that two texts that say the same in the same order are equal. Keys stay.';

CREATE OR REPLACE FUNCTION app.text_may_hold_card_number(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- As app.json_may_hold_card_number. An escaped sign may be a digit, or one without width.
    SELECT p_text COLLATE "C" ~ '([^\x01-\x2f\x3a-\x7f]([\x01-\x2f\x3a-\x40\x5b\x5d-\x60\x7b-\x7f]|\\[bfnrt"\\]|\\u00[01][0-9a-f]){0,3}){12}[^\x01-\x2f\x3a-\x7f]'
        OR p_text COLLATE "C" ~ '\\u(00[0-9aA]|0[2-9a-fA-F]|[1-9a-fA-F])';
END;
COMMENT ON FUNCTION app.text_may_hold_card_number(text) IS 'False when the text of JSON holds no card number; true says that a closer look is needed.';

CREATE OR REPLACE FUNCTION app.list_entries(p_file text) RETURNS app.activity_entry[]
LANGUAGE sql IMMUTABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT array_agg(ROW(e.key, e.ordinality, CASE WHEN app.card_digits(t.card_no) IS NULL THEN t.entry_text
        -- The card field is cut without asking the check digit.
        ELSE replace(t.entry_text, '"' || t.card_no || '"', '"' || app.cut_card_field(t.card_no) || '"') END
        )::app.activity_entry ORDER BY e.ordinality)
    FROM json_each(p_file::json) WITH ORDINALITY AS e
    CROSS JOIN LATERAL (
        SELECT e.value::text AS entry_text, substring(e.value::text COLLATE "C" FROM '"card_no"\s*:\s*"([^"\\]*)"') AS card_no
        OFFSET 0
    ) AS t;
END;
COMMENT ON FUNCTION app.list_entries(text) IS 'The employees of the text of a judged activity.json in their order, the number of the card field cut.';

CREATE OR REPLACE FUNCTION app.storable_entries(p_entries app.activity_entry[], p_known text[]) RETURNS app.activity_entry[]
LANGUAGE sql IMMUTABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT array_agg(ROW(e.source_key, e.entry_place,
        CASE WHEN app.text_may_hold_card_number(e.entry_text) THEN app.cut_in_text(e.entry_text, p_known) ELSE e.entry_text END
        )::app.activity_entry ORDER BY e.entry_place)
    FROM unnest(p_entries) AS e;
END;
COMMENT ON FUNCTION app.storable_entries(app.activity_entry[], text[]) IS 'The entries with card numbers and the known numbers cut, and blanks so wide that no table takes numbers side by side for a card number.';

CREATE OR REPLACE FUNCTION app.ascii_json(p_text text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    v_text text := p_text;
    v_sign text;
    v_code integer;
BEGIN
    LOOP
        v_sign := substring(v_text COLLATE "C" FROM '[^\x01-\x7e]');
        EXIT WHEN v_sign IS NULL;
        v_code := pg_catalog.ascii(v_sign);
        v_text := pg_catalog.replace(v_text, v_sign, CASE WHEN v_code < 65536
            THEN '\u' || pg_catalog.lpad(pg_catalog.to_hex(v_code), 4, '0')
            ELSE '\u' || pg_catalog.to_hex(55296 + (v_code - 65536) / 1024) || '\u' || pg_catalog.to_hex(56320 + (v_code - 65536) % 1024)
            END);
    END LOOP;
    RETURN v_text;
END
$$;
COMMENT ON FUNCTION app.ascii_json(text) IS 'A text of JSON with every sign beyond ASCII escaped, as the old program wrote it.';

CREATE OR REPLACE FUNCTION app.old_text(p_text text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(to_json(p_text)::text, 'null');
END;
COMMENT ON FUNCTION app.old_text(text) IS 'A text, or null, as JSON; signs beyond ASCII are escaped later, see app.ascii_json.';

CREATE OR REPLACE FUNCTION app.old_number(p_number numeric) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN scale(trim_scale(p_number)) = 0 THEN trim_scale(p_number)::text || '.0' ELSE trim_scale(p_number)::text END;
END;
COMMENT ON FUNCTION app.old_number(numeric) IS 'A number as the old program wrote one that is not whole by its kind: at least one decimal.';

CREATE OR REPLACE FUNCTION app.old_list(p_items text[]) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN cardinality(p_items) > 0
        THEN E'[\n      ' || array_to_string(p_items, E',\n      ') || E'\n    ]' ELSE '[]' END;
END;
COMMENT ON FUNCTION app.old_list(text[]) IS 'A list of JSON texts as a field of an employee.';

CREATE TABLE app.kept_entries (
    session_id uuid NOT NULL,
    source_key text NOT NULL,
    entry_text text NOT NULL,
    CONSTRAINT kept_entries_pkey PRIMARY KEY (session_id, source_key),
    CONSTRAINT kept_entries_claim_fkey FOREIGN KEY (session_id, source_key)
        REFERENCES app.old_claims (session_id, source_key)
);
COMMENT ON TABLE app.kept_entries IS 'Employees of old files whose own text is not the one that is written anew from what else is kept: other spellings, other order, fields nobody knows. For the way back, value for value. Removed by retention; then that employee is written anew of the rows.';
COMMENT ON COLUMN app.kept_entries.session_id IS 'The session.';
COMMENT ON COLUMN app.kept_entries.source_key IS 'Key of the entry in the file.';
COMMENT ON COLUMN app.kept_entries.entry_text IS 'The value of that key as it stood in the file, card numbers cut: a text of JSON.';
SELECT audit.guard('app.kept_entries', 'working',
    'Proved by the digest of what is written back, see app.kept_digests; written with the import, removed by retention.');

CREATE TABLE app.kept_digests (
    session_id uuid NOT NULL,
    entries integer NOT NULL,
    digest bytea NOT NULL,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT kept_digests_pkey PRIMARY KEY (session_id),
    CONSTRAINT kept_digests_session_id_fkey FOREIGN KEY (session_id) REFERENCES app.processing_sessions (session_id),
    CONSTRAINT kept_digests_entries_check CHECK (entries > 0),
    CONSTRAINT kept_digests_digest_check CHECK (length(digest) = 32)
);
COMMENT ON TABLE app.kept_digests IS 'Of each old file a digest of its employees, taken when it was imported and compared value for value with what is written of the rows: what is written back later is the file while it has the same.';
COMMENT ON COLUMN app.kept_digests.session_id IS 'The session.';
COMMENT ON COLUMN app.kept_digests.entries IS 'Number of employees of the file that were taken.';
COMMENT ON COLUMN app.kept_digests.digest IS 'SHA-256 of the digests of their keys and texts in order, see app.digest_entry.';
COMMENT ON COLUMN app.kept_digests.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.kept_digests', 'immutable');

CREATE OR REPLACE FUNCTION app.digest_entry(p_source_key text, p_entry_text text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT sha256(convert_to(to_json(p_source_key)::text || ': ' || p_entry_text, 'UTF8'));
END;
COMMENT ON FUNCTION app.digest_entry(text, text) IS 'SHA-256 of an employee of an activity.json, key and text. Those of all in the order of their places, one after the other, are what the digest of a file is the SHA-256 of.';

CREATE OR REPLACE FUNCTION app.old_fields(p_fields jsonb) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
SET search_path = ''
AS $$
BEGIN
    RETURN (
        SELECT pg_catalog.string_agg(E',\n          ' || pg_catalog.to_json(f.key)::text || ': ' || f.value::text, '')
        FROM pg_catalog.jsonb_each(p_fields) AS f);
END
$$;
COMMENT ON FUNCTION app.old_fields(jsonb) IS 'Fields of a receipt that nobody knows, each after a comma; null for none.';

CREATE OR REPLACE FUNCTION app.old_receipt(
    p_rec_id text, p_exp text, p_date text, p_title text, p_amt text, p_purpose text, p_merch_name text, p_merch_addy text,
    p_code_type text, p_gl_acct text, p_gl_desc text, p_job text, p_phase text, p_cost_type text, p_coded text,
    p_attachment boolean, p_unknown jsonb
) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT E'{\n          "rec_id": ' || app.old_text(p_rec_id) || E',\n          "exp": ' || app.old_text(p_exp)
        || E',\n          "date": ' || app.old_text(p_date) || E',\n          "title": ' || app.old_text(p_title)
        || E',\n          "amt": ' || p_amt || E',\n          "purpose": ' || app.old_text(p_purpose)
        || E',\n          "merch_name": ' || app.old_text(p_merch_name)
        || E',\n          "merch_addy": ' || app.old_text(p_merch_addy)
        || E',\n          "code_type": ' || app.old_text(p_code_type)
        || E',\n          "gl_acct": ' || app.old_text(p_gl_acct) || E',\n          "gl_desc": ' || app.old_text(p_gl_desc)
        || E',\n          "job": ' || app.old_text(p_job) || E',\n          "phase": ' || app.old_text(p_phase)
        || E',\n          "cost_type": ' || app.old_text(p_cost_type) || E',\n          "coded": ' || p_coded
        || E',\n          "attachment": ' || p_attachment::text
        || coalesce(app.old_fields(p_unknown), '') || E'\n        }';
END;
COMMENT ON FUNCTION app.old_receipt(text, text, text, text, text, text, text, text, text, text, text, text, text, text, text, boolean, jsonb) IS 'A receipt as the old program wrote it in a list under a code: amount and coded are texts of JSON, unknown fields come last. Written into the statement that calls it.';

CREATE OR REPLACE FUNCTION app.has_whole_code(p_content app.receipt_contents) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(((p_content).coding_type = 'job_coding' AND (p_content).job_number IS NOT NULL
            AND (p_content).job_phase IS NOT NULL AND (p_content).cost_type IS NOT NULL)
        OR ((p_content).coding_type = 'gl_coding' AND (p_content).gl_account IS NOT NULL), false);
END;
COMMENT ON FUNCTION app.has_whole_code(app.receipt_contents) IS 'Job coding with job, phase and cost type, or GL coding with an account, as in app.transactions.';

CREATE OR REPLACE FUNCTION app.same_receipt(p_content app.receipt_contents, p_rec_id text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT app.old_receipt(p_rec_id, (p_content).expense_type,
        coalesce(to_char((p_content).transaction_date, 'MM/DD/YYYY'), (p_content).date_text), (p_content).description,
        coalesce(((p_content).source_fields -> 'amt')::text, '"' || (p_content).amount::text || '"',
            to_json((p_content).amount_text)::text, '0'),
        coalesce((p_content).source_fields ->> 'purpose', (p_content).purpose), (p_content).merchant_name,
        (p_content).merchant_address,
        CASE WHEN (p_content).source_fields ? 'key' THEN (p_content).source_fields ->> 'code_type'
            ELSE CASE (p_content).coding_type WHEN 'job_coding' THEN 'Job Coding' WHEN 'gl_coding' THEN 'GL Coding' END END,
        (p_content).gl_account, (p_content).gl_description, (p_content).job_number, (p_content).job_phase,
        (p_content).cost_type,
        CASE WHEN (p_content).source_fields ? 'key' THEN coalesce((p_content).source_fields ->> 'coded', 'null')
            ELSE app.has_whole_code(p_content)::text END,
        (p_content).has_attachment, (p_content).source_fields -> 'unknown');
END;
COMMENT ON FUNCTION app.same_receipt(app.receipt_contents, text) IS 'A receipt of an old file with what that said, as far as it is kept in columns, under a receipt id; see app.old_receipt.';

CREATE OR REPLACE FUNCTION app.fitted_receipt(p_content app.receipt_contents, p_rec_id text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT app.old_receipt(p_rec_id, coalesce((p_content).expense_type, ''), to_char((p_content).transaction_date, 'MM/DD/YYYY'),
        coalesce((p_content).description, (p_content).expense_type), coalesce('"' || (p_content).amount::text || '"', '0'),
        coalesce((p_content).purpose, CASE WHEN (p_content).source_fields ->> 'purpose' ~ '^Receipts Notes \([0-9]+\):$'
            THEN (p_content).source_fields ->> 'purpose'
            ELSE 'Receipts Notes (' || coalesce((p_content).source_fields ->> 'notes', '0') || '):' END),
        (p_content).merchant_name, (p_content).merchant_address,
        CASE WHEN (p_content).coding_type = 'gl_coding' THEN 'GL Coding' ELSE 'Job Coding' END,
        CASE WHEN app.has_whole_code(p_content) AND (p_content).coding_type = 'gl_coding' THEN (p_content).gl_account END,
        CASE WHEN app.has_whole_code(p_content) AND (p_content).coding_type = 'gl_coding' THEN (p_content).gl_description END,
        CASE WHEN app.has_whole_code(p_content) AND (p_content).coding_type = 'job_coding' THEN (p_content).job_number END,
        CASE WHEN app.has_whole_code(p_content) AND (p_content).coding_type = 'job_coding' THEN (p_content).job_phase END,
        CASE WHEN app.has_whole_code(p_content) AND (p_content).coding_type = 'job_coding' THEN (p_content).cost_type END,
        app.has_whole_code(p_content)::text, (p_content).has_attachment, (p_content).source_fields -> 'unknown');
END;
COMMENT ON FUNCTION app.fitted_receipt(app.receipt_contents, text) IS 'A receipt as the old program can use it, under a receipt id: Job Coding where nothing says which coding, half a code is none, an expense type that is missing is empty, without title the expense type, without purpose the label with the number of notes, an unknown amount the number 0.';

COMMIT;
