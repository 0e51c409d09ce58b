-- Pseudonyms: whose name nobody but an auditor reads any more, and how views show another word for it.
-- requires: people/names
--
-- What was written stays as it was written: rows that are proved cannot be another. So a name is covered where it is
-- shown. Each view of report and api is made once more around itself by app.cover_names, its texts passed through
-- report.hide_names; functions that answer texts call app.shown. While nobody has a pseudonym that costs nothing.

BEGIN;

CREATE TABLE app.pseudonyms (
    cardholder_id uuid NOT NULL,
    pseudonym text NOT NULL,
    spellings text[] NOT NULL,
    pattern text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT pseudonyms_pkey PRIMARY KEY (cardholder_id),
    CONSTRAINT pseudonyms_pseudonym_key UNIQUE (pseudonym),
    CONSTRAINT pseudonyms_cardholder_id_fkey FOREIGN KEY (cardholder_id) REFERENCES app.cardholders (cardholder_id),
    CONSTRAINT pseudonyms_pseudonym_check CHECK (pseudonym ~ '^#[0-9A-F]{16}$')
);
COMMENT ON TABLE app.pseudonyms IS 'People whose name, number and cards are covered wherever something is shown. The key from pseudonym to person, for auditors alone.';
COMMENT ON COLUMN app.pseudonyms.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.pseudonyms.pseudonym IS 'What is shown instead: # and 16 digits by chance; a name key like any other.';
COMMENT ON COLUMN app.pseudonyms.spellings IS 'Name keys and spellings that are covered.';
COMMENT ON COLUMN app.pseudonyms.pattern IS 'Regular expression that finds them, the employee number in its fields, and the masked cards.';
COMMENT ON COLUMN app.pseudonyms.created_at IS 'When it was confirmed.';
COMMENT ON COLUMN app.pseudonyms.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.pseudonyms', 'immutable');

CREATE OR REPLACE VIEW app.hidden_names AS
SELECT array_agg(x.part ORDER BY p.created_at, p.cardholder_id, x.place) AS names
FROM app.pseudonyms AS p
CROSS JOIN LATERAL unnest(ARRAY[p.pattern, p.pseudonym]) WITH ORDINALITY AS x (part, place);
COMMENT ON VIEW app.hidden_names IS 'One row for report.hide_names.';
COMMENT ON COLUMN app.hidden_names.names IS 'Patterns, each before its pseudonym; null while nobody has one.';

CREATE OR REPLACE FUNCTION report.hide_names(p_text text, p_names text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    v_text text := p_text;
BEGIN
    FOR i IN 1 .. pg_catalog.cardinality(p_names) BY 2 LOOP
        v_text := pg_catalog.regexp_replace(v_text, p_names[i], p_names[i + 1], 'gi');
    END LOOP;
    RETURN v_text;
END
$$;
COMMENT ON FUNCTION report.hide_names(text, text[]) IS 'The text with names covered: patterns and pseudonyms in turn, as in app.hidden_names. Null without any.';

CREATE OR REPLACE FUNCTION report.hide_names_of_list(p_texts text[], p_names text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(array_agg(coalesce(report.hide_names(t.item, p_names), t.item) ORDER BY t.place), '{}')
    FROM unnest(p_texts) WITH ORDINALITY AS t (item, place);
END;
COMMENT ON FUNCTION report.hide_names_of_list(text[], text[]) IS 'The same for each text of a list.';

CREATE OR REPLACE FUNCTION report.hide_names_of_value(p_value jsonb, p_names text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    -- No pattern reaches over a quote, and no pseudonym has a sign of JSON.
    SELECT report.hide_names(p_value::text, p_names)::jsonb;
END;
COMMENT ON FUNCTION report.hide_names_of_value(jsonb, text[]) IS 'The same for all texts and keys of a value.';

-- Harmless to call: it knows no name but those it is given.
GRANT EXECUTE ON FUNCTION report.hide_names(text, text[]), report.hide_names_of_list(text[], text[]), report.hide_names_of_value(jsonb, text[])
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION app.shown(p_text text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(report.hide_names(p_text, (SELECT h.names FROM app.hidden_names AS h)), p_text);
END;
COMMENT ON FUNCTION app.shown(text) IS 'A text as it is shown: the names of people with pseudonyms covered.';

CREATE OR REPLACE FUNCTION app.covered_text(p_view regclass) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    -- Columns that may hold what people wrote, or who they are. The others hold codes, closed lists, sums and logins.
    c_columns CONSTANT name[] := '{address,aliases,amount_text,answer,attachment_name,base,body,card_holder,card_number,
        card_numbers,card_text,cause,charge_key,change_details,change_summary,changes,charge_merchant_name,claim_value,claimed,
        close_reason,confirmation_note,control,corrections,credit_card_number,credit_card_vendor,date_text,decision_note,description,details,difference,
        differences,email,employee_name,entry_text,evidence,explanation,failure_message,failure_reason,
        figures,file_name,car_file_name,receipt_file_name,csv_name,header_description,hold_reason,item,item_description,
        issues,last_difference,last_error,ledger,lift_reason,loose_lines,merchant_address,merchant_group,merchant_name,message,
        name,name_key,natural_key,nearest_merchant_name,nearest_miss,new_value,note,object_key,old_value,parameters,
        path,people,person,printed_address,printed_merchant_address,printed_names,product_description,proof,proposal,
        purpose,reason,reasons,receipt,receipt_key,receipt_merchant_name,recipient_name,report_totals,
        residual_reason,resolution_notes,row_key,same_amount_with,same_days,session_name,latest_session_name,
        source_fields,source_key,source_value,subject,suggested_key,suggested_resolution,summary,
        transaction_name,unread_fields,value,void_reason,waiver_reason}'::name[];
BEGIN
    RETURN (
        SELECT pg_catalog.format('CREATE OR REPLACE VIEW %s AS SELECT %s FROM (%s) AS v', p_view, x.columns,
            pg_catalog.rtrim(pg_catalog.pg_get_viewdef(p_view), ';'))
        FROM (
            SELECT pg_catalog.string_agg(CASE
                -- A number is one only where it stands as such.
                WHEN a.attname IN ('employee_id', 'suggested_employee_id') THEN pg_catalog.format(
                    'coalesce(substr(report.hide_names(''# '' || v.%1$I, (SELECT h.names FROM app.hidden_names AS h)), 3), v.%1$I) AS %1$I',
                    a.attname)
                WHEN a.attname = ANY (c_columns) AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype)
                THEN pg_catalog.format('coalesce(report.%3$I(v.%1$I, (SELECT h.names FROM app.hidden_names AS h)), v.%1$I)%2$s AS %1$I',
                    a.attname,
                    CASE WHEN a.attcollation NOT IN (0, 'pg_catalog."default"'::regcollation)
                        THEN ' COLLATE ' || a.attcollation::regcollation::text ELSE '' END,
                    CASE a.atttypid WHEN 'text'::regtype THEN 'hide_names' WHEN 'jsonb'::regtype THEN 'hide_names_of_value'
                        ELSE 'hide_names_of_list' END)
                ELSE pg_catalog.format('v.%I', a.attname) END, ', ' ORDER BY a.attnum) AS columns
            FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = p_view AND a.attnum > 0
        ) AS x
        WHERE pg_catalog.strpos(x.columns, 'report.hide_names') > 0);
END
$$;
COMMENT ON FUNCTION app.covered_text(regclass) IS 'SQL text of a view made once more around itself, with the names of people with pseudonyms covered; null when no column may hold one.';

CREATE OR REPLACE FUNCTION app.cover_names() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    -- About users and about the program.
    c_apart CONSTANT name[] := '{error_codes,masked_texts,settings,users,user_identities,role_claims,revoked_tokens}'::name[];
    v_view regclass;
BEGIN
    FOR v_view IN
        SELECT c.oid::regclass FROM pg_catalog.pg_class AS c
        WHERE c.relkind = 'v' AND c.relnamespace IN ('report'::regnamespace, 'api'::regnamespace) AND c.relname <> ALL (c_apart)
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite AS r
                JOIN pg_catalog.pg_depend AS d ON d.objid = r.oid AND d.refobjid = 'app.hidden_names'::regclass
                WHERE r.ev_class = c.oid)
        ORDER BY c.oid
    LOOP
        IF app.covered_text(v_view) IS NOT NULL THEN
            EXECUTE app.covered_text(v_view);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION app.cover_names() IS 'For migrations: makes each view of report and api that is not covered yet once more around itself, with the names of people with pseudonyms covered in every column of texts. Every change that makes such a view ends so, before audit.make_as_of.';

CREATE OR REPLACE FUNCTION app.name_pattern(p_spellings text[], p_employee_ids text[], p_cards text[]) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = ''
BEGIN ATOMIC
    WITH keys AS (
        SELECT DISTINCT app.name_key(s.spelling) AS name_key FROM unnest(p_spellings) AS s (spelling)
    ), turned AS (
        -- Printed names are "first last" or "last, first": each key from each of its letters on.
        SELECT k.name_key, n.n, substr(k.name_key, n.n) AS head, left(k.name_key, n.n - 1) AS tail
        FROM keys AS k CROSS JOIN LATERAL generate_series(1, greatest(1, length(k.name_key) - 1)) AS n (n)
        WHERE k.name_key <> '' AND (n.n = 1 OR n.n > 2)
    ), letters AS MATERIALIZED (
        SELECT DISTINCT l.letter, '[' || l.letter || coalesce((
            SELECT string_agg(chr(i.i), '' ORDER BY i.i) FROM generate_series(192, 591) AS i (i)
            WHERE i.i NOT IN (215, 247) AND app.fold_text(chr(i.i)) = l.letter), '') || '][\u0300-\u036f]*' AS class
        FROM keys AS k CROSS JOIN LATERAL regexp_split_to_table(k.name_key, '') AS l (letter)
        WHERE l.letter ~ '[[:alpha:]]'
    ), written AS (
        SELECT (SELECT string_agg(coalesce(x.class, '[' || l.letter || ']'), '[ ,.''’_-]{0,3}' ORDER BY l.place)
                FROM regexp_split_to_table(t.head, '') WITH ORDINALITY AS l (letter, place)
                LEFT JOIN letters AS x ON x.letter = l.letter)
            || coalesce('[ ,.''’_-]{1,3}' || (
                SELECT string_agg(coalesce(x.class, '[' || l.letter || ']'), '[ ,.''’_-]{0,3}' ORDER BY l.place)
                FROM regexp_split_to_table(nullif(t.tail, ''), '') WITH ORDINALITY AS l (letter, place)
                LEFT JOIN letters AS x ON x.letter = l.letter), '') AS pattern
        FROM turned AS t
    )
    SELECT array_to_string(ARRAY(
        SELECT '(?<![[:alpha:]])(?:' || string_agg(w.pattern, '|') || ')(?![[:alpha:]])' FROM written AS w HAVING count(*) > 0
        UNION ALL
        SELECT '(?<=^# )' || e.number || '$|(?<="employee_id": ")' || e.number || '(?=")'
        FROM (SELECT DISTINCT regexp_replace(i.id, '([^A-Za-z0-9])', '\\\1', 'g') AS number FROM unnest(p_employee_ids) AS i (id)) AS e
        UNION ALL
        SELECT '(?<![0-9])' || left(c.card, 6) || '[X*]{1,9}' || right(c.card, 4) || '(?![0-9])'
        FROM (SELECT DISTINCT u.card FROM unnest(p_cards) AS u (card)) AS c), '|');
END;
COMMENT ON FUNCTION app.name_pattern(text[], text[], text[]) IS 'A regular expression that finds these spellings in texts in any order of their parts, with any accents, blanks and dots; the employee numbers as a whole field; and the masked cards.';

CREATE OR REPLACE VIEW report.name_aliases AS
SELECT a.receipt_key, a.name_key, u.user_name AS approved_by_name, a.approved_at, a.reason, a.valid_from, a.valid_until,
    a.version
FROM app.name_aliases AS a JOIN app.users AS u ON u.user_id = a.approved_by;
COMMENT ON VIEW report.name_aliases IS 'Approved aliases; what became of those withdrawn is in the audit trail.';
COMMENT ON COLUMN report.name_aliases.approved_by_name IS 'Name of who approved it.';
SELECT app.describe_columns('report.name_aliases', 'app.name_aliases');
GRANT SELECT ON report.name_aliases TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
