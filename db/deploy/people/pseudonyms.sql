-- Pseudonyms: whose name nobody but an auditor reads any more, and how views show another word for it.
-- requires: people/names
--
-- What was written stays as it was written: rows that are proved cannot be another. So a name is covered where it is
-- shown. Each view of report and api is made once more around itself by app.cover_names, its texts passed through
-- report.hide_names; functions that answer texts call app.shown. While nobody has a pseudonym that costs planning alone:
-- 0.2 to 0.6 ms a view. A function in place of app.hidden_names would take two thirds of that away, but every reader would have
-- to be let call it, and it tells the names.

BEGIN;

CREATE TABLE app.pseudonyms (
    pseudonym text NOT NULL,
    cardholder_id uuid NOT NULL,
    spellings text[] NOT NULL,
    employee_ids text[] NOT NULL,
    cards text[] NOT NULL,
    patterns text[] NOT NULL,
    covered_at timestamptz NOT NULL DEFAULT now(),
    lifted_at timestamptz,
    CONSTRAINT pseudonyms_pkey PRIMARY KEY (pseudonym),
    CONSTRAINT pseudonyms_cardholder_id_fkey FOREIGN KEY (cardholder_id) REFERENCES app.cardholders (cardholder_id),
    CONSTRAINT pseudonyms_pseudonym_check CHECK (pseudonym ~ '^#[0-9A-F]{16}$')
);
CREATE INDEX pseudonyms_cardholder_id_idx ON app.pseudonyms (cardholder_id);
CREATE UNIQUE INDEX pseudonyms_cardholder_id_covered_key ON app.pseudonyms (cardholder_id) WHERE lifted_at IS NULL;
COMMENT ON TABLE app.pseudonyms IS 'People whose name, number and cards are covered wherever something is shown, and those who were. The key from pseudonym to person, for auditors alone.';
COMMENT ON COLUMN app.pseudonyms.pseudonym IS 'What is shown instead: # and 16 digits by chance; a name key like any other. Never given again.';
COMMENT ON COLUMN app.pseudonyms.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.pseudonyms.spellings IS 'Name keys and spellings that are covered; one more with every name and alias the person gets.';
COMMENT ON COLUMN app.pseudonyms.employee_ids IS 'The employee numbers that are covered, where they are all of a field.';
COMMENT ON COLUMN app.pseudonyms.cards IS 'First six and last four digits of the cards that are covered.';
COMMENT ON COLUMN app.pseudonyms.patterns IS 'What finds all these, in threes as report.hide_names takes them.';
COMMENT ON COLUMN app.pseudonyms.covered_at IS 'When it was confirmed.';
COMMENT ON COLUMN app.pseudonyms.lifted_at IS 'When it was lifted; null: it is in force.';
SELECT audit.guard('app.pseudonyms', 'mutable');

CREATE OR REPLACE VIEW app.hidden_names AS
SELECT array_agg(x.part ORDER BY p.covered_at, p.pseudonym, x.place) AS names
FROM app.pseudonyms AS p
CROSS JOIN LATERAL unnest(p.patterns) WITH ORDINALITY AS x (part, place)
WHERE p.lifted_at IS NULL;
COMMENT ON VIEW app.hidden_names IS 'One row for report.hide_names.';
COMMENT ON COLUMN app.hidden_names.names IS 'The patterns of all pseudonyms; null while nobody has one.';

CREATE OR REPLACE FUNCTION report.hide_names(p_text text, p_names text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SECURITY DEFINER COST 1000
SET search_path = ''
AS $$
DECLARE
    c_between CONSTANT text := '(?:\\[nrtfb]|[^[:alnum:]"\\])';
    v_text text := p_text;
    -- A line end of JSON is a sign and a letter.
    v_folded text := app.letters_and_digits(app.fold_text(pg_catalog.regexp_replace(p_text, '\\[nrtfb]', ' ', 'g')));
    v_key text;
    v_half integer;
    v_letters text[];
BEGIN
    FOR i IN 1 .. pg_catalog.cardinality(p_names) BY 3 LOOP
        v_key := p_names[i];
        -- The server keeps few expressions at hand: none is run where the folded text cannot have what it finds.
        IF pg_catalog.left(v_key, 1) = '%' THEN
            IF v_folded LIKE v_key THEN
                v_text := pg_catalog.regexp_replace(v_text, p_names[i + 1], p_names[i + 2], 'g');
            END IF;
            CONTINUE;
        END IF;
        -- Printed names are "first last" or "last, first": from whichever letter on, one half of the key is in one piece.
        v_half := pg_catalog.length(v_key) / 2;
        CONTINUE WHEN pg_catalog.strpos(v_folded, pg_catalog.left(v_key, v_half)) = 0
            AND pg_catalog.strpos(v_folded, pg_catalog.substr(v_key, v_half + 1)) = 0;
        v_letters := pg_catalog.string_to_array(p_names[i + 1], E'\n');
        FOR n IN 1 .. greatest(1, pg_catalog.length(v_key) - 1) LOOP
            CONTINUE WHEN n = 2
                OR pg_catalog.strpos(v_folded, pg_catalog.substr(v_key, n) || pg_catalog.left(v_key, n - 1)) = 0;
            v_text := pg_catalog.regexp_replace(v_text, pg_catalog.concat(
                CASE WHEN pg_catalog.length(v_key) < 4 THEN '(?:^|(?<="))' ELSE '(?:(?<![[:alpha:]])|(?<=\\[nrtfb]))' END,
                pg_catalog.array_to_string(v_letters[n :], c_between || '{0,4}'),
                CASE WHEN n > 1 THEN c_between || '{1,4}' END,
                pg_catalog.array_to_string(v_letters[: n - 1], c_between || '{0,4}'),
                CASE WHEN pg_catalog.length(v_key) < 4 THEN '(?=$|")' ELSE '(?![[:alpha:]])' END), p_names[i + 2], 'g');
        END LOOP;
    END LOOP;
    RETURN v_text;
END
$$;
COMMENT ON FUNCTION report.hide_names(text, text[]) IS 'The text with names covered, by threes as app.name_patterns makes them. Null without any. A name of less than 4 letters is covered where it is all of a text.';

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
        close_reason,confirmation_note,control,credit_card_number,credit_card_vendor,date_text,decision_note,description,details,difference,
        differences,email,employee_name,entry_text,evidence,expense_type,explanation,external_transaction_id,failure_message,failure_reason,
        figures,file_name,car_file_name,receipt_file_name,csv_name,workbook_name,gl_description,header_description,hold_reason,item,item_description,
        issues,last_difference,last_error,ledger,lift_reason,loose_lines,merchant_address,merchant_group,merchant_name,message,
        name,name_key,natural_key,nearest_external_transaction_id,nearest_merchant_name,nearest_miss,new_value,note,object_key,old_value,parameters,
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
    c_apart CONSTANT name[] := '{error_codes,masked_texts,settings,users,user_identities,role_claims}'::name[];
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

CREATE OR REPLACE FUNCTION app.name_patterns(p_spellings text[], p_employee_ids text[], p_cards text[], p_pseudonym text)
RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = ''
BEGIN ATOMIC
    WITH keys AS (
        SELECT DISTINCT app.name_key(s.spelling) AS name_key FROM unnest(p_spellings) AS s (spelling)
    ), folds AS MATERIALIZED (
        -- All letters that names are printed in, ligatures and wide ones.
        SELECT chr(i.i) AS sign, app.fold_text(chr(i.i)) AS folded
        FROM (SELECT generate_series(65, 8191) UNION ALL SELECT generate_series(64256, 64262) UNION ALL SELECT generate_series(65313, 65370))
            AS i (i)
        WHERE i.i NOT BETWEEN 127 AND 191 AND i.i NOT BETWEEN 768 AND 879
    ), signs AS MATERIALIZED (
        SELECT f.folded, string_agg(f.sign, '' ORDER BY f.sign COLLATE "C") AS signs FROM folds AS f
        WHERE f.folded ~ '^[^]\\^-]{1,2}$' GROUP BY f.folded
    ), kept (before) AS (
        -- A value of JSON stands behind its key, or as what it was and became.
        SELECT '(\{("new": ("[^"]*"|null), )?"(new|old)": )?'
    ), letters AS (
        SELECT k.name_key, n.n AS place, substr(k.name_key, n.n, 1) AS letter, substr(k.name_key, n.n, 2) AS pair,
            CASE WHEN n.n > 1 THEN substr(k.name_key, n.n - 1, 2) END AS last_pair
        FROM keys AS k CROSS JOIN LATERAL generate_series(1, length(k.name_key)) AS n (n)
        WHERE left(k.name_key, 1) <> '#'
    ), written AS (
        -- One sign may stand for two letters: it is taken for the first, and then the second needs none.
        SELECT l.name_key, string_agg(concat('(?:[', coalesce(s.signs, l.letter), p.signs, '][\u0300-\u036f]*',
            '|(?<=[' || o.signs || '])', ')'), E'\n' ORDER BY l.place) AS pattern
        FROM letters AS l
        LEFT JOIN signs AS s ON s.folded = l.letter
        LEFT JOIN signs AS p ON p.folded = l.pair AND length(l.pair) = 2
        LEFT JOIN signs AS o ON o.folded = l.last_pair
        GROUP BY l.name_key
    )
    SELECT array_agg(x.part ORDER BY u.place, u.needle COLLATE "C", x.place)
    FROM (
        SELECT 1 AS place, w.name_key AS needle, w.pattern FROM written AS w
        UNION ALL
        SELECT 2, format('%%%s%%', substr(k.name_key, 2)), k.name_key || '(?![0-9A-Za-z])' FROM keys AS k WHERE left(k.name_key, 1) = '#'
        UNION ALL
        SELECT DISTINCT 2, '%' || app.letters_and_digits(app.fold_text(i.id)) || '%',
            format('(?<=^# )%1$s$|(?<=employee_id": %2$s")%1$s(?=")', regexp_replace(i.id, '([^A-Za-z0-9])', '\\\1', 'g'), k.before)
        FROM unnest(p_employee_ids) AS i (id) CROSS JOIN kept AS k
        UNION ALL
        -- The trail tells both ends of a number apart.
        SELECT DISTINCT 3, format('%%%s%%', right(c.card, 4)), format('(?<=last_four": %s")%s(?=")', k.before, right(c.card, 4))
        FROM unnest(p_cards) AS c (card) CROSS JOIN kept AS k
        UNION ALL
        SELECT DISTINCT 3, format('%%%s%%%s%%', left(c.card, 6), right(c.card, 4)),
            format('(?<![0-9])%s[Xx*]{1,9}%s(?![0-9])', left(c.card, 6), right(c.card, 4))
        FROM unnest(p_cards) AS c (card)
    ) AS u
    CROSS JOIN LATERAL unnest(ARRAY[u.needle, u.pattern, p_pseudonym]) WITH ORDINALITY AS x (part, place);
END;
COMMENT ON FUNCTION app.name_patterns(text[], text[], text[], text) IS 'What finds these spellings in texts in any order of their parts, with any accents, blanks and dots; the employee numbers as a whole field; and the masked cards, in JSON their last four digits alone as well. In threes: a key, or a pattern for LIKE that the folded text fits; an expression for each letter of the key in a line of its own, or one for all; what is shown instead.';

CREATE OR REPLACE FUNCTION app.known_as(p_cardholder_id uuid, p_spellings text[])
RETURNS TABLE (cardholder_ids uuid[], spellings text[], employee_ids text[], cards text[])
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH person AS MATERIALIZED (
        SELECT c.cardholder_id, c.name_key, c.employee_id FROM app.cardholders AS c WHERE c.cardholder_id = p_cardholder_id
        UNION
        -- Somebody who marries has another name and the same number. A name that is also that of another number was misread.
        SELECT c.cardholder_id, c.name_key, c.employee_id
        FROM app.cardholders AS p
        JOIN app.cardholders AS c ON c.employee_id = p.employee_id
        WHERE p.cardholder_id = p_cardholder_id AND NOT EXISTS (
            SELECT FROM app.cardholders AS o WHERE o.name_key = c.name_key AND o.employee_id <> c.employee_id)
    ), names AS (
        SELECT p.name_key FROM person AS p
        UNION
        SELECT app.name_key(s.spelling) FROM unnest(p_spellings) AS s (spelling)
    )
    SELECT (SELECT array_agg(p.cardholder_id) FROM person AS p),
        ARRAY(
            SELECT n.name_key FROM names AS n
            UNION
            SELECT a.receipt_key FROM names AS n JOIN app.name_aliases AS a ON a.name_key = n.name_key
            WHERE NOT EXISTS (SELECT FROM app.cardholders AS o
                WHERE o.name_key = a.receipt_key AND o.employee_id IS NOT NULL AND o.cardholder_id NOT IN (SELECT p.cardholder_id FROM person AS p))
            ORDER BY 1),
        ARRAY(SELECT DISTINCT p.employee_id FROM person AS p WHERE p.employee_id IS NOT NULL ORDER BY 1),
        -- What is shown of a card may be that of another, too.
        ARRAY(
            SELECT DISTINCT c.first_six || c.last_four FROM person AS p JOIN app.cards AS c ON c.cardholder_id = p.cardholder_id
            WHERE NOT EXISTS (SELECT FROM app.cards AS o
                WHERE o.first_six = c.first_six AND o.last_four = c.last_four AND o.cardholder_id NOT IN (SELECT p.cardholder_id FROM person AS p))
            ORDER BY 1);
END;
COMMENT ON FUNCTION app.known_as(uuid, text[]) IS 'What is known of a person: all rows with the employee number, their name keys with these spellings and the names that aliases lead from, employee numbers, and cards that nobody else has. Names that are also those of somebody with another number are left out.';

CREATE OR REPLACE FUNCTION app.follow_people() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
DECLARE
    v_behind text[] := ARRAY(
        SELECT p.pseudonym FROM app.pseudonyms AS p CROSS JOIN LATERAL app.known_as(p.cardholder_id, p.spellings) AS k
        WHERE p.lifted_at IS NULL AND ROW(p.spellings, p.employee_ids, p.cards) IS DISTINCT FROM ROW(k.spellings, k.employee_ids, k.cards));
BEGIN
    IF v_behind <> '{}' THEN
        -- Another import may have told something of the same person: its end is awaited, and what it told is read.
        PERFORM FROM app.pseudonyms AS p WHERE p.pseudonym = ANY (v_behind) ORDER BY p.pseudonym FOR UPDATE;
        UPDATE app.pseudonyms AS p
        SET spellings = k.spellings, employee_ids = k.employee_ids, cards = k.cards,
            patterns = app.name_patterns(k.spellings, k.employee_ids, k.cards, q.pseudonym)
        FROM app.pseudonyms AS q CROSS JOIN LATERAL app.known_as(q.cardholder_id, q.spellings) AS k
        WHERE q.pseudonym = ANY (v_behind) AND p.pseudonym = q.pseudonym;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.follow_people() IS 'Statement trigger of people, cards and aliases: who has a pseudonym is covered under every name, number and card that becomes known.';
CREATE OR REPLACE TRIGGER t60_follow AFTER INSERT OR UPDATE ON app.cardholders FOR EACH STATEMENT EXECUTE FUNCTION app.follow_people();
COMMENT ON TRIGGER t60_follow ON app.cardholders IS 'Covers another name or number of somebody with a pseudonym.';
ALTER TABLE app.cardholders ENABLE ALWAYS TRIGGER t60_follow;
CREATE OR REPLACE TRIGGER t60_follow AFTER INSERT OR UPDATE ON app.cards FOR EACH STATEMENT EXECUTE FUNCTION app.follow_people();
COMMENT ON TRIGGER t60_follow ON app.cards IS 'Covers another card of somebody with a pseudonym.';
ALTER TABLE app.cards ENABLE ALWAYS TRIGGER t60_follow;
CREATE OR REPLACE TRIGGER t60_follow AFTER INSERT OR UPDATE ON app.name_aliases FOR EACH STATEMENT EXECUTE FUNCTION app.follow_people();
COMMENT ON TRIGGER t60_follow ON app.name_aliases IS 'Covers another spelling of somebody with a pseudonym.';
ALTER TABLE app.name_aliases ENABLE ALWAYS TRIGGER t60_follow;

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
