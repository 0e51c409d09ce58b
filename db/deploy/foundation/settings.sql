-- Settings that an administrator may change: one row each, with type, range and default.
-- requires: foundation/errors
-- requires: foundation/types

BEGIN;

CREATE TABLE app.settings (
    setting_name text NOT NULL,
    value numeric NOT NULL,
    minimum numeric NOT NULL,
    maximum numeric NOT NULL,
    unit text NOT NULL,
    description text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT settings_pkey PRIMARY KEY (setting_name),
    CONSTRAINT settings_setting_name_check CHECK (setting_name ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT settings_value_check CHECK (value <> 'NaN' AND value BETWEEN minimum AND maximum)
);
COMMENT ON TABLE app.settings IS 'Limits and periods that an administrator may change by api.save_setting; each row carries its own range.';
COMMENT ON COLUMN app.settings.setting_name IS 'Name, lower snake case.';
COMMENT ON COLUMN app.settings.value IS 'The value in force.';
COMMENT ON COLUMN app.settings.minimum IS 'The smallest value allowed.';
COMMENT ON COLUMN app.settings.maximum IS 'The largest value allowed.';
COMMENT ON COLUMN app.settings.unit IS 'Unit of the value.';
COMMENT ON COLUMN app.settings.description IS 'What the setting does.';
COMMENT ON COLUMN app.settings.version IS 'Grows by one with every change.';
CREATE OR REPLACE TRIGGER t50_version BEFORE UPDATE ON app.settings FOR EACH ROW EXECUTE FUNCTION app.raise_version();
COMMENT ON TRIGGER t50_version ON app.settings IS 'Raises the version.';
ALTER TABLE app.settings ENABLE ALWAYS TRIGGER t50_version;

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('json_max_bytes', 134217728, 1024, 268435456, 'bytes', 'Largest activity.json that is read.'),
('json_max_depth', 32, 8, 500, 'levels', 'Deepest nesting of an activity.json that is read.'),
('pdf_max_bytes', 104857600, 1024, 1073741824, 'bytes', 'Largest PDF that is taken.'),
('pdf_max_pages', 10000, 1, 100000, 'pages', 'Most pages a PDF may have.'),
('document_retention_days', 90, 1, 36500, 'days', 'How long the bytes and the raw page text of card reports are kept, and of documents of no other kind; everything else stays for good.');

CREATE OR REPLACE FUNCTION app.setting(p_setting_name text) RETURNS numeric
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.value FROM app.settings AS s WHERE s.setting_name = p_setting_name;
END;
COMMENT ON FUNCTION app.setting(text) IS 'The value in force of a setting; null when there is none of this name.';

CREATE OR REPLACE VIEW report.settings AS
SELECT s.setting_name, s.value, s.minimum, s.maximum, s.unit, s.description, s.version FROM app.settings AS s;
COMMENT ON VIEW report.settings IS 'Settings in force with their ranges.';
SELECT app.describe_columns('report.settings', 'app.settings');
GRANT SELECT ON report.settings TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

COMMIT;
