-- When two names are one merchant: the bank cuts and prefixes, people write it as they like.
-- requires: foundation/values

BEGIN;

CREATE OR REPLACE FUNCTION app.merchant_key(p_merchant_name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- The bank cuts at 18 characters; plain ASCII, which is nearly all, skips the costly folding.
    SELECT nullif(CASE WHEN octet_length(p_merchant_name) = length(p_merchant_name)
            THEN upper(translate(left(btrim(p_merchant_name), 18),
                E' \t\r\n!"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~', '') COLLATE "C")
        ELSE app.letters_and_digits(app.fold_text(left(btrim(normalize(p_merchant_name, NFC)), 18))) END, '');
END;
COMMENT ON FUNCTION app.merchant_key(text) IS 'Merchant as both reports can know it: the first 18 characters, folded by app.fold_text, letters of any script and digits only. Null when nothing is left.';

CREATE OR REPLACE FUNCTION app.merchant_words(p_merchant_name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    v_words text;
BEGIN
    v_words := app.fold_text(pg_catalog.left(pg_catalog.btrim(normalize(p_merchant_name, NFC)), 18));
    v_words := pg_catalog.regexp_replace(v_words, '^\s*(TST|SQU?|SP|PY|PP|PAYPAL|FSP|IC|CKE|DD|BT|WPY|WL|EB|ZSK|CLV|'
        || 'CLOVER|TOAST|STRIPE|SUMUP|IZ|POS|LS|NIC|BPS|CHK|ACT|EZ)\s*\*\s*', '');
    v_words := ' ' || pg_catalog.btrim(app.letters_and_digits(pg_catalog.replace(v_words, '''', ''), ' ')) || ' ';
    v_words := pg_catalog.regexp_replace(v_words,
        ' (THE|INC|LLC|LTD|CO|CORP|COMPANY|AND|OF|COM|WWW|STORE|NO)(?= )', '', 'g');
    -- Numbers name a store or a terminal, and both sides print their own; a name may begin with one.
    v_words := pg_catalog.regexp_replace(pg_catalog.btrim(v_words), ' [^ ]*[0-9][^ ]*', '', 'g');
    RETURN nullif(pg_catalog.btrim(v_words), '');
END
$$;
COMMENT ON FUNCTION app.merchant_words(text) IS 'The words that name a merchant, of the first 18 characters: without prefix of a payment processor, accents, marks, store numbers and words such as INC, in capitals. Null when nothing is left.';

CREATE OR REPLACE FUNCTION app.merchant_likeness(p_one text, p_other text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    v_one text[] := pg_catalog.string_to_array(p_one, ' ');
    v_other text[] := pg_catalog.string_to_array(p_other, ' ');
    v_short text[] := v_one;
    v_long text[] := v_other;
    v_count integer;
    v_a text;
    v_b text;
    v_fits boolean := true;
BEGIN
    IF p_one IS NULL OR p_other IS NULL THEN
        RETURN 0.000;
    ELSIF p_one = p_other THEN
        RETURN 0.800;
    END IF;
    IF pg_catalog.cardinality(v_one) > pg_catalog.cardinality(v_other) THEN
        v_short := v_other;
        v_long := v_one;
    END IF;
    v_count := pg_catalog.cardinality(v_short);
    -- The words of the shorter name in their order: the same, cut, or an abbreviation such as HDW for HARDWARE.
    FOR v_i IN 1 .. v_count LOOP
        v_a := CASE WHEN pg_catalog.length(v_short[v_i]) <= pg_catalog.length(v_long[v_i]) THEN v_short[v_i] ELSE v_long[v_i] END;
        v_b := CASE WHEN pg_catalog.length(v_short[v_i]) <= pg_catalog.length(v_long[v_i]) THEN v_long[v_i] ELSE v_short[v_i] END;
        v_fits := v_fits AND (v_a = v_b
            OR (pg_catalog.starts_with(v_b, v_a) AND (pg_catalog.length(v_a) >= 3 OR (v_i > 1 AND v_i = v_count)))
            -- Of the last word the letters may be missing where the bank cuts.
            OR (v_count > 1 AND pg_catalog.length(v_a) >= 2 AND v_b COLLATE "C"
                LIKE pg_catalog.regexp_replace(CASE WHEN v_i = v_count AND pg_catalog.length(v_a) > 2
                    THEN pg_catalog.left(v_a, -1) ELSE v_a END, '(.)', '\1%', 'g')));
    END LOOP;
    IF (v_fits AND (v_count > 1 OR (pg_catalog.length(v_short[1]) >= 4 AND v_short[1] = v_long[1])))
        OR (pg_catalog.length(pg_catalog.replace(pg_catalog.array_to_string(v_short, ' '), ' ', '')) >= 6 AND (
            pg_catalog.starts_with(pg_catalog.replace(p_one, ' ', ''), pg_catalog.replace(p_other, ' ', ''))
            OR pg_catalog.starts_with(pg_catalog.replace(p_other, ' ', ''), pg_catalog.replace(p_one, ' ', ''))
            OR pg_catalog.strpos(' ' || pg_catalog.array_to_string(v_long, ' ') || ' ',
                ' ' || pg_catalog.array_to_string(v_short, ' ') || ' ') > 0))
    THEN
        RETURN 0.600;
    ELSIF EXISTS (SELECT FROM pg_catalog.unnest(v_short) AS w (word)
        WHERE pg_catalog.length(w.word) >= 4 AND w.word = ANY (v_long))
    THEN
        RETURN 0.300;
    END IF;
    RETURN 0.000;
END
$$;
COMMENT ON FUNCTION app.merchant_likeness(text, text) IS 'How alike the words of two merchants are: 0.8 equal; 0.6 when one is the other cut, abbreviated word by word, or with more words around (a city); 0.3 when only a word of four letters or more is the same; 0 when they have nothing in common or one is not known.';

COMMIT;
