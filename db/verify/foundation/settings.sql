-- Settings are readable through report only.

BEGIN;

SELECT app.expect_objects($$
constraint app.settings.settings_pkey
constraint app.settings.settings_setting_name_check
constraint app.settings.settings_value_check
function app.setting(text)
table app.settings (setting_name, value, minimum, maximum, unit, description, version): select ccp_auditor
trigger app.settings.t50_version
view report.settings (setting_name, value, minimum, maximum, unit, description, version): select ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
