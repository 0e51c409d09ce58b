-- Small things everything stands on: ids, the writing transaction's number, comments of views, versions, pinned settings.
-- requires: foundation/schemas

BEGIN;

-- Version 18 has the function built in; before, the same bits are put together from a random uuid.
DO $$
BEGIN
    IF current_setting('server_version_num')::integer >= 180000 THEN
        EXECUTE 'CREATE OR REPLACE FUNCTION app.new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE
                 AS ''SELECT pg_catalog.uuidv7()''';
    ELSE
        EXECUTE $f$CREATE OR REPLACE FUNCTION app.new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS
            'SELECT pg_catalog.encode(
                pg_catalog.set_bit(pg_catalog.set_bit(
                    overlay(pg_catalog.uuid_send(pg_catalog.gen_random_uuid())
                            PLACING substring(pg_catalog.int8send(
                                (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::bigint) FROM 3)
                            FROM 1 FOR 6),
                    52, 1), 53, 1), ''hex'')::uuid'$f$;
    END IF;
END
$$;
COMMENT ON FUNCTION app.new_id() IS 'A new time-ordered uuid (version 7): ids made later sort later, to the millisecond.';

-- The epoch is a constant of the body so that the function is inlined into defaults and checks of bulk inserts.
CREATE OR REPLACE FUNCTION app.tx() RETURNS bigint
LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
    SELECT (0::bigint << 48) | pg_catalog.txid_current();
END;
COMMENT ON FUNCTION app.tx() IS 'The number of the writing transaction: the epoch in the bits above 48, the transaction id below. A restored database starts a new epoch, because its transaction ids start again.';

CREATE OR REPLACE FUNCTION app.has_control(p_name text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- Written out, because what [[:cntrl:]] means depends on the locale of the server.
    SELECT p_name ~ '[\u0001-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]';
END;
COMMENT ON FUNCTION app.has_control(text) IS 'Whether a name holds a character that is not printed but steers printing: control characters of both sets, line and paragraph ends, marks of writing direction. Null for null.';

CREATE OR REPLACE FUNCTION app.is_address(p_email text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p_email ~ '^[^@.\s,;:<>()"\[\]\\]+(\.[^@.\s,;:<>()"\[\]\\]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$'
        AND p_email !~ '[\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]'
        AND length(p_email) <= 320;
END;
COMMENT ON FUNCTION app.is_address(text) IS 'Whether a text has the form of an e-mail address: a name, @ and a domain of letters, digits and hyphens, both in parts between dots; without blanks, control characters, signs of a list or quotes, so that it is one recipient and a mail can be written to it; at most 320 characters. Null for null.';

CREATE OR REPLACE FUNCTION app.describe_columns(p_view regclass, p_source regclass) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_column record;
BEGIN
    FOR v_column IN
        SELECT a.attname, pg_catalog.col_description(p_source, s.attnum) AS description
        FROM pg_catalog.pg_attribute AS a
        JOIN pg_catalog.pg_attribute AS s
            ON s.attrelid = p_source AND s.attname = a.attname AND s.attnum > 0 AND NOT s.attisdropped
        WHERE a.attrelid = p_view AND a.attnum > 0
            AND pg_catalog.col_description(p_view, a.attnum) IS NULL
            AND pg_catalog.col_description(p_source, s.attnum) IS NOT NULL
    LOOP
        EXECUTE pg_catalog.format('COMMENT ON COLUMN %s.%I IS %L', p_view, v_column.attname, v_column.description);
    END LOOP;
END
$$;
COMMENT ON FUNCTION app.describe_columns(regclass, regclass) IS 'For migrations: gives each column of a view that has no comment the comment of the equally named column of another relation, so that a meaning is written once.';

CREATE OR REPLACE FUNCTION app.raise_version() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.raise_version() IS 'Row trigger of tables with a version: every update raises it by one, whatever the statement says.';

CREATE OR REPLACE FUNCTION app.pin_entry_points(VARIADIC p_others regprocedure[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_function regprocedure;
BEGIN
    -- What is printed, read or parsed in a call, and what follows from it, must not hang on who calls.
    FOR v_function IN
        SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
        JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('app', 'audit', 'api', 'report')
            AND (p.prosecdef OR p.oid = ANY (p_others))
            AND NOT coalesce(p.proconfig @> ARRAY['standard_conforming_strings=on'], false)
    LOOP
        EXECUTE pg_catalog.format('ALTER FUNCTION %s SET datestyle = ''ISO, YMD'' SET intervalstyle = ''postgres''
            SET timezone = ''UTC'' SET bytea_output = ''hex'' SET extra_float_digits = 1
            SET quote_all_identifiers = off SET standard_conforming_strings = on', v_function);
    END LOOP;
END
$$;
COMMENT ON FUNCTION app.pin_entry_points(regprocedure[]) IS 'For migrations, last in every change that makes functions with the owner''s rights: pins the settings of the session that they and all they call could read, beside search_path, so that those of a caller change nothing; of the named functions too.';

-- app.fail is older than this.
SELECT app.pin_entry_points();

COMMIT;
