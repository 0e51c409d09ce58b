-- Names: folding, and aliases that people approve.
-- requires: people/tables
-- requires: access/requests

BEGIN;

CREATE OR REPLACE FUNCTION app.name_key(p_name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    v_folded text;
BEGIN
    IF p_name COLLATE "C" ~ '^#[0-9A-F]{1,40}$' THEN
        RETURN p_name;
    END IF;
    v_folded := app.fold_text(p_name);
    RETURN pg_catalog.translate(app.letters_and_digits(v_folded), '0123456789', '');
END
$$;
COMMENT ON FUNCTION app.name_key(text) IS 'Folds a printed name by app.fold_text and keeps the letters, of any script. Empty when nothing is left. A key of app.own_key stays as it is.';

CREATE OR REPLACE FUNCTION app.own_key(p_name text, p_employee_id text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(nullif(left(app.name_key(p_name), 200), ''),
        '#' || CASE WHEN p_employee_id COLLATE "C" ~ '^[0-9]{1,10}$' THEN p_employee_id
            ELSE upper(left(encode(sha256(convert_to(coalesce(p_name, '') || E'\n' || coalesce(p_employee_id, ''), 'UTF8')),
                'hex'), 16) COLLATE "C") END);
END;
COMMENT ON FUNCTION app.own_key(text, text) IS 'The name key of a person; where the printed name has no letter, # with the employee number, else # with 16 digits made of what is printed: nobody shares a key with others whose names cannot be folded.';

CREATE OR REPLACE FUNCTION report.name_patterns(p_text text) RETURNS text[]
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    IF pg_catalog.length(p_text) > 400 THEN
        PERFORM app.fail('IV008', 'person', 'at most 400 letters', pg_catalog.length(p_text)::text);
    END IF;
    RETURN (
        SELECT coalesce(pg_catalog.array_agg(
            CASE app.name_key(w.word) WHEN '' THEN '' ELSE '%' || app.name_key(w.word) || '%' END), '{}')
        FROM pg_catalog.regexp_split_to_table(p_text, '[\s,;]+') AS w (word)
        WHERE w.word <> '');
END
$$;
COMMENT ON FUNCTION report.name_patterns(text) IS 'Patterns for LIKE ALL, one per word of a text, each folded as name keys are: a name key that fits all of them belongs to somebody whose printed name has these parts, in any order. A word without a letter fits nobody, no word at all everybody. Raises IV008 for texts over 400 letters.';

GRANT EXECUTE ON FUNCTION report.name_patterns(text)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION report.search_text(
    p_person text DEFAULT NULL, p_merchant text DEFAULT NULL, p_purpose text DEFAULT NULL, p_amount numeric DEFAULT NULL
) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY DEFINER COST 200
SET search_path = ''
AS $$
BEGIN
    -- Words, then @ around the amount: no letter or digit is one.
    RETURN pg_catalog.concat(
        pg_catalog.concat_ws(' ', app.letters_and_digits(app.fold_text(p_person)),
            app.letters_and_digits(app.fold_text(p_merchant)), app.letters_and_digits(app.fold_text(p_purpose))),
        '@' || pg_catalog.abs(pg_catalog.round(p_amount, 2)) || '@',
        CASE WHEN p_amount < 0 THEN pg_catalog.round(p_amount, 2) || '@' END);
END
$$;
COMMENT ON FUNCTION report.search_text(text, text, text, numeric) IS 'What report.search_patterns searches: letters and digits of person, merchant and purpose, folded as names are, and the amount, of a refund without and with its sign.';

CREATE OR REPLACE FUNCTION report.search_patterns(p_text text) RETURNS text[]
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_words text[] := ARRAY(
        SELECT w.word FROM pg_catalog.regexp_split_to_table(p_text, '\s+') WITH ORDINALITY AS w (word, place)
        WHERE w.word <> '' ORDER BY w.place);
    v_patterns text[];
BEGIN
    IF pg_catalog.length(p_text) > 200 OR pg_catalog.cardinality(v_words) > 10 THEN
        PERFORM app.fail('IV008', 'q', 'at most 200 letters in 10 words', pg_catalog.format('%s in %s',
            pg_catalog.length(p_text), pg_catalog.cardinality(v_words)));
    END IF;
    v_patterns := ARRAY(
        SELECT CASE
            WHEN x.amount ~ '^-?[0-9]{1,12}\.[0-9]{1,2}$' THEN
                pg_catalog.format('@%s@', pg_catalog.replace((x.amount::numeric(14, 2))::text, '.', '\.'))
            -- Digits may be an amount or part of the words.
            WHEN x.amount ~ '^-?[0-9]{1,12}$' THEN
                pg_catalog.format('^[^@]*%s|@%s\.00@', x.folded, x.amount::numeric(14, 0))
            WHEN x.folded ~ '^[0-9]+$' THEN '^[^@]*' || x.folded
            -- Nothing reads so.
            WHEN x.folded = '' THEN '@@'
            ELSE x.folded END
        FROM pg_catalog.unnest(v_words) WITH ORDINALITY AS w (word, place)
        CROSS JOIN LATERAL (
            SELECT app.letters_and_digits(app.fold_text(w.word)) AS folded,
                pg_catalog.translate(w.word, '$,+', '') COLLATE "C" AS amount
        ) AS x
        ORDER BY w.place);
    -- A sign between words asks for nothing.
    RETURN coalesce(nullif(pg_catalog.array_remove(v_patterns, '@@'), '{}'), v_patterns);
END
$$;
COMMENT ON FUNCTION report.search_patterns(text) IS 'Patterns for ~ ALL, one per word of a text: report.search_text fits them when it has every word, in any order and as part of others; 45.00 finds that amount alone, 45 also the digits in a word. Words without letter or digit count for nothing beside others, and alone fit nothing; no word at all fits everything. Raises IV008 for more than 200 letters or 10 words.';
GRANT EXECUTE ON FUNCTION report.search_text(text, text, text, numeric), report.search_patterns(text)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION app.report_key(p_key text) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce((
        SELECT a.name_key FROM app.name_aliases AS a
        WHERE a.receipt_key = p_key AND (a.valid_from IS NULL OR a.valid_from <= (now() AT TIME ZONE 'UTC')::date)
            AND (a.valid_until IS NULL OR a.valid_until >= (now() AT TIME ZONE 'UTC')::date)), p_key);
END;
COMMENT ON FUNCTION app.report_key(text) IS 'The name key the bank prints for a name key found in receipts: its alias if one is approved and valid today (UTC), else itself.';

-- Locks of the table: a submission is in none of the months that an alias is looked for in before it is committed. An import
-- of ten thousand receipts takes some seconds, more than others wait for a row.
CREATE OR REPLACE FUNCTION app.keep_aliases() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = '' SET lock_timeout = '10s'
AS $$
BEGIN
    LOCK TABLE app.name_aliases IN ROW SHARE MODE;
END
$$;
COMMENT ON FUNCTION app.keep_aliases() IS 'Aliases stay as they are until the end of the transaction; to be called before they are read for a submission. Others who do so do not wait. Raises 55P03 after 10 seconds.';

CREATE OR REPLACE FUNCTION app.change_aliases() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = '' SET lock_timeout = '10s'
AS $$
BEGIN
    LOCK TABLE app.name_aliases IN EXCLUSIVE MODE;
END
$$;
COMMENT ON FUNCTION app.change_aliases() IS 'Waits for who changes aliases and for submissions under way, which read them, and keeps both away until the end of the transaction. Raises 55P03 after 10 seconds.';

COMMIT;
