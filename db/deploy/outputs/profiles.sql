-- Accounting profiles: what an accounting system wants to read, as versioned rows; a change is a new version.
-- requires: foundation/members
-- requires: access/requests

BEGIN;

CREATE TABLE app.accounting_profiles (
    profile_name text NOT NULL,
    profile_version integer NOT NULL,
    prior_version integer GENERATED ALWAYS AS (nullif(profile_version - 1, 0)) STORED,
    target text NOT NULL,
    vendor text NOT NULL,
    unit_of_measure text NOT NULL,
    tax text NOT NULL,
    job_pay_type text NOT NULL,
    gl_pay_type text NOT NULL,
    card_text text NOT NULL DEFAULT '',
    date_format text NOT NULL,
    invoice_date_format text NOT NULL,
    is_amount_reversed boolean NOT NULL,
    delimiter text NOT NULL,
    line_end text NOT NULL,
    quoting text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid NOT NULL DEFAULT app.actor_id(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT accounting_profiles_pkey PRIMARY KEY (profile_name, profile_version),
    -- What a batch refers to, so that its target is that of its profile.
    CONSTRAINT accounting_profiles_target_key UNIQUE (profile_name, profile_version, target),
    -- A target is for good: what it was given is numbered and counted by its name. And versions have no gap.
    CONSTRAINT accounting_profiles_prior_version_fkey FOREIGN KEY (profile_name, prior_version, target)
        REFERENCES app.accounting_profiles (profile_name, profile_version, target),
    CONSTRAINT accounting_profiles_created_by_fkey FOREIGN KEY (created_by) REFERENCES app.users (user_id),
    CONSTRAINT accounting_profiles_profile_version_check CHECK (profile_version >= 1),
    CONSTRAINT accounting_profiles_profile_name_check CHECK (profile_name ~ '^[a-z][a-z0-9_]{0,39}$'),
    CONSTRAINT accounting_profiles_target_check CHECK (target ~ '^[a-z][a-z0-9_]{0,39}$'),
    CONSTRAINT accounting_profiles_texts_check CHECK (
        length(vendor) <= 40 AND length(unit_of_measure) <= 20 AND length(tax) <= 20 AND length(job_pay_type) <= 20
        AND length(gl_pay_type) <= 20 AND length(card_text) <= 20
        AND concat(vendor, unit_of_measure, tax, job_pay_type, gl_pay_type, card_text) ~ '^[0-9A-Za-z ._/-]*$'
        AND NOT '-' IN (left(vendor, 1), left(unit_of_measure, 1), left(tax, 1), left(job_pay_type, 1),
            left(gl_pay_type, 1), left(card_text, 1))),
    CONSTRAINT accounting_profiles_date_format_check CHECK (date_format IN ('MM/DD/YYYY', 'YYYY-MM-DD', 'DD.MM.YYYY')),
    CONSTRAINT accounting_profiles_invoice_date_format_check CHECK (invoice_date_format IN ('MMDDYY', 'YYYYMMDD', 'YYYYMM')),
    CONSTRAINT accounting_profiles_delimiter_check CHECK (delimiter IN (',', ';', '|')),
    CONSTRAINT accounting_profiles_line_end_check CHECK (line_end IN ('lf', 'crlf')),
    CONSTRAINT accounting_profiles_quoting_check CHECK (quoting IN ('where_needed', 'all'))
);
CREATE INDEX accounting_profiles_prior_version_idx ON app.accounting_profiles (profile_name, prior_version, target);
CREATE INDEX accounting_profiles_created_by_idx ON app.accounting_profiles (created_by);
COMMENT ON TABLE app.accounting_profiles IS 'What an accounting system wants to read of the coded lines. The highest version of a name is in force; old ones stay.';
COMMENT ON COLUMN app.accounting_profiles.profile_name IS 'Name of the profile, lower snake case.';
COMMENT ON COLUMN app.accounting_profiles.profile_version IS '1, 2, 3 …; the highest of a name is in force.';
COMMENT ON COLUMN app.accounting_profiles.prior_version IS 'The version before it.';
COMMENT ON COLUMN app.accounting_profiles.target IS 'The accounting system the file is for: the same in all versions.';
COMMENT ON COLUMN app.accounting_profiles.vendor IS 'Number of the vendor that the card company is there.';
COMMENT ON COLUMN app.accounting_profiles.unit_of_measure IS 'Unit of every line, such as LS for lump sum.';
COMMENT ON COLUMN app.accounting_profiles.tax IS 'Tax code of every line.';
COMMENT ON COLUMN app.accounting_profiles.job_pay_type IS 'Pay type of a line with job coding.';
COMMENT ON COLUMN app.accounting_profiles.gl_pay_type IS 'Pay type of a line with GL coding.';
COMMENT ON COLUMN app.accounting_profiles.card_text IS 'What stands for the card of a person without one; empty: such a person''s lines stay out of batches.';
COMMENT ON COLUMN app.accounting_profiles.date_format IS 'How dates are written.';
COMMENT ON COLUMN app.accounting_profiles.invoice_date_format IS 'How the first day of the invoice month is written in the invoice number, after the last four digits of the card.';
COMMENT ON COLUMN app.accounting_profiles.is_amount_reversed IS 'True: amounts with the opposite sign of the receipt.';
COMMENT ON COLUMN app.accounting_profiles.delimiter IS 'What stands between columns.';
COMMENT ON COLUMN app.accounting_profiles.line_end IS 'lf or crlf.';
COMMENT ON COLUMN app.accounting_profiles.quoting IS 'where_needed or all: which columns stand in quotation marks.';
COMMENT ON COLUMN app.accounting_profiles.created_at IS 'When the version came into force.';
COMMENT ON COLUMN app.accounting_profiles.created_by IS 'Who made it.';
COMMENT ON COLUMN app.accounting_profiles.created_tx IS 'Number of the writing transaction.';

INSERT INTO app.accounting_profiles (
    profile_name, profile_version, target, vendor, unit_of_measure, tax, job_pay_type, gl_pay_type, date_format,
    invoice_date_format, is_amount_reversed, delimiter, line_end, quoting)
VALUES ('old_program', 1, 'old_program', '12332', 'LS', 'XX', '2', '1', 'MM/DD/YYYY', 'MMDDYY', false, ',', 'lf', 'where_needed');
SELECT audit.guard('app.accounting_profiles', 'immutable');

CREATE OR REPLACE FUNCTION app.accounting_profile(p_profile_name text) RETURNS app.accounting_profiles
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_profile app.accounting_profiles;
BEGIN
    SELECT p.* INTO v_profile FROM app.accounting_profiles AS p
    WHERE p.profile_name = p_profile_name ORDER BY p.profile_version DESC LIMIT 1;
    IF NOT FOUND THEN
        PERFORM app.fail('NF090', 'profile_name', 'a name of report.accounting_profiles', p_profile_name);
    END IF;
    RETURN v_profile;
END
$$;
COMMENT ON FUNCTION app.accounting_profile(text) IS 'The profile in force under this name. Raises NF090.';

CREATE OR REPLACE VIEW report.accounting_profiles AS
SELECT p.profile_name, p.profile_version,
    p.profile_version = max(p.profile_version) OVER (PARTITION BY p.profile_name) AS is_current,
    p.target, p.vendor, p.unit_of_measure, p.tax, p.job_pay_type, p.gl_pay_type, p.card_text, p.date_format, p.invoice_date_format,
    p.is_amount_reversed, p.delimiter, p.line_end, p.quoting, p.created_at, u.user_name AS created_by_name
FROM app.accounting_profiles AS p JOIN app.users AS u ON u.user_id = p.created_by;
COMMENT ON VIEW report.accounting_profiles IS 'All versions of all accounting profiles.';
COMMENT ON COLUMN report.accounting_profiles.is_current IS 'True for the version in force.';
COMMENT ON COLUMN report.accounting_profiles.created_by_name IS 'Name of who made it.';
SELECT app.describe_columns('report.accounting_profiles', 'app.accounting_profiles');
GRANT SELECT ON report.accounting_profiles
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION api.save_accounting_profile(
    p_profile_name text, p_profile jsonb, p_expected_version integer DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.accounting_profiles
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('save_accounting_profile', p_profile_name, p_profile::text, p_expected_version::text);
    v_answer jsonb := app.begin_request(p_request_id, 'save_accounting_profile', v_hash);
    v_profile app.accounting_profiles;
    v_saved report.accounting_profiles;
    v_constraint text;
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN pg_catalog.jsonb_populate_record(NULL::report.accounting_profiles, v_answer);
    END IF;
    LOCK TABLE app.accounting_profiles IN SHARE ROW EXCLUSIVE MODE;
    IF p_expected_version IS NULL THEN
        IF (p_profile_name ~ '^[a-z][a-z0-9_]{0,39}$') IS NOT TRUE THEN
            PERFORM app.fail('IV008', 'profile_name', 'a letter, then at most 39 small letters, digits and _',
                pg_catalog.left(p_profile_name, 200));
        END IF;
        -- A new one begins as the old program's.
        v_profile := app.accounting_profile('old_program');
        v_profile.profile_name := p_profile_name;
        v_profile.profile_version := 0;
        IF EXISTS (SELECT FROM app.accounting_profiles AS p WHERE p.profile_name = p_profile_name) THEN
            PERFORM app.check_version(NULL, (app.accounting_profile(p_profile_name)).profile_version);
        END IF;
    ELSE
        v_profile := app.accounting_profile(p_profile_name);
        PERFORM app.check_version(p_expected_version, v_profile.profile_version);
    END IF;
    IF pg_catalog.jsonb_typeof(p_profile) IS DISTINCT FROM 'object' OR p_profile = '{}' THEN
        PERFORM app.fail('IV008', 'profile', 'an object of columns of report.accounting_profiles',
            pg_catalog.left(p_profile::text, 200));
    END IF;
    PERFORM app.refuse_members('profile', p_profile, (
        SELECT pg_catalog.array_agg(ROW(a.attname,
            CASE a.atttypid WHEN 'boolean'::regtype THEN 'boolean' ELSE 'text' END, true, false, NULL)::app.member
            ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = 'app.accounting_profiles'::regclass AND a.attnum > 0
            AND a.attname NOT IN ('profile_name', 'profile_version', 'prior_version', 'created_at', 'created_by', 'created_tx')));
    IF v_profile.profile_version > 0 AND p_profile ->> 'target' <> v_profile.target THEN
        PERFORM app.fail('IV008', 'profile', pg_catalog.format('the target %s in all versions, another one in another profile',
            v_profile.target), pg_catalog.left(p_profile ->> 'target', 200));
    END IF;
    v_profile := pg_catalog.jsonb_populate_record(v_profile, p_profile);
    v_profile.profile_version := v_profile.profile_version + 1;
    BEGIN
        INSERT INTO app.accounting_profiles (profile_name, profile_version, target, vendor, unit_of_measure, tax, job_pay_type,
            gl_pay_type, card_text, date_format, invoice_date_format, is_amount_reversed, delimiter, line_end, quoting)
        VALUES (v_profile.profile_name, v_profile.profile_version, v_profile.target, v_profile.vendor, v_profile.unit_of_measure,
            v_profile.tax, v_profile.job_pay_type, v_profile.gl_pay_type, v_profile.card_text, v_profile.date_format,
            v_profile.invoice_date_format, v_profile.is_amount_reversed, v_profile.delimiter, v_profile.line_end, v_profile.quoting);
    EXCEPTION
        WHEN check_violation THEN
            GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
            PERFORM app.fail('IV008', 'profile', (
                SELECT pg_catalog.pg_get_constraintdef(k.oid, true) FROM pg_catalog.pg_constraint AS k
                WHERE k.conrelid = 'app.accounting_profiles'::regclass AND k.conname = v_constraint),
                pg_catalog.left(p_profile::text, 200));
    END;
    SELECT r.* INTO v_saved FROM report.accounting_profiles AS r WHERE r.profile_name = p_profile_name AND r.is_current;
    PERFORM app.end_request(p_request_id, 'save_accounting_profile', v_hash, pg_catalog.to_jsonb(v_saved));
    RETURN v_saved;
END
$$;
COMMENT ON FUNCTION api.save_accounting_profile(text, jsonb, integer, text) IS 'Makes the next version of an accounting profile from the one seen, with the columns of the given object changed; without expected_version a new profile, which begins as old_program. The target of a profile stays. Raises IV008 for values that are not allowed, NF090, PM001, PM002, ST001, ST003.';
GRANT EXECUTE ON FUNCTION api.save_accounting_profile(text, jsonb, integer, text) TO ccp_admin;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
