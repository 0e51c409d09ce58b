-- The words findings use for charges and receipts: whoever reads one line knows which thing is meant.
-- requires: content/measure

BEGIN;

CREATE OR REPLACE FUNCTION app.dollars(p_amount numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN p_amount < 0 THEN '-$' || (-p_amount)::numeric(14, 2)::text
        ELSE coalesce('$' || p_amount::numeric(14, 2)::text, 'an unknown amount') END;
END;
COMMENT ON FUNCTION app.dollars(numeric) IS 'An amount as people write it: $12.34, -$0.45, or an unknown amount for null.';

CREATE OR REPLACE FUNCTION app.name_receipt(p_external_id text, p_amount numeric, p_merchant_name text, p_day date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT concat('receipt', ' ' || left(p_external_id, 80), ' of ' || app.dollars(p_amount), ' from '
        || coalesce(left(p_merchant_name, 100), 'an unnamed merchant'), ' on ' || to_char(p_day, 'YYYY-MM-DD'));
END;
COMMENT ON FUNCTION app.name_receipt(text, numeric, text, date) IS 'A receipt in words: its id, amount, merchant and date; id and date are left out where they are not known.';

CREATE OR REPLACE FUNCTION app.plain_words(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT btrim(app.letters_and_digits(app.fold_text(p_text), ' '));
END;
COMMENT ON FUNCTION app.plain_words(text) IS 'The words of a text, folded by app.fold_text, one space between two: all that is no letter or digit divides words.';

-- In PL/pgSQL so that a session keeps the plan: it is asked for one charge at a time.
CREATE OR REPLACE FUNCTION app.full_merchant(p_revision_id uuid, p_merchant_name text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_name text := pg_catalog.btrim(p_merchant_name);
BEGIN
    -- A shorter one was not cut.
    IF pg_catalog.length(v_name) < 18 THEN
        RETURN v_name;
    END IF;
    RETURN coalesce((
        SELECT pg_catalog.btrim(c.merchant_name)
        FROM app.receipt_links AS l
        JOIN app.receipt_contents AS c ON c.content_id = l.content_id
        WHERE l.employee_revision_id = p_revision_id AND pg_catalog.starts_with(
            app.fold_text(pg_catalog.btrim(c.merchant_name)), app.fold_text(v_name))
        ORDER BY pg_catalog.length(c.merchant_name), c.merchant_name COLLATE "C" LIMIT 1), v_name);
END
$$;
COMMENT ON FUNCTION app.full_merchant(uuid, text) IS 'The whole name of a merchant that the bank cut at 18 characters, where a receipt of the revision tells it: the shortest that begins so. Else the name as it is.';

CREATE OR REPLACE FUNCTION app.name_charge(p_revision_id uuid, p_charge app.charges) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT concat('charge of ', app.dollars((p_charge).net_amount), ' at ',
        coalesce(app.full_merchant(p_revision_id, (p_charge).merchant_name), 'an unnamed merchant'),
        ' on ' || to_char(coalesce((p_charge).posted_date, (p_charge).purchase_date), 'YYYY-MM-DD'));
END;
COMMENT ON FUNCTION app.name_charge(uuid, app.charges) IS 'A charge in words: amount, merchant with its whole name where a receipt of the revision tells it, and the day it was posted.';

CREATE OR REPLACE FUNCTION app.missing_codes(
    p_coding_type text, p_job_number text, p_job_phase text, p_cost_type text, p_gl_account text
) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE p_coding_type
        WHEN 'job_coding' THEN concat_ws(', ', CASE WHEN p_job_number IS NULL THEN 'job' END,
            CASE WHEN p_job_phase IS NULL THEN 'phase' END, CASE WHEN p_cost_type IS NULL THEN 'cost type' END)
        WHEN 'gl_coding' THEN CASE WHEN p_gl_account IS NULL THEN 'GL account' ELSE '' END
        ELSE 'coding type' END;
END;
COMMENT ON FUNCTION app.missing_codes(text, text, text, text, text) IS 'Which parts of a coding are not there, in words; empty when it is whole.';

COMMIT;
