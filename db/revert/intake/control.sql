-- Removes the control block.

BEGIN;

DROP FUNCTION app.await_decision(app.submission_controls, jsonb);
DROP FUNCTION app.take_back();
DROP FUNCTION app.newest_control(uuid);
DROP FUNCTION app.write_control(uuid, app.staged_person[], app.control_totals, text);
DROP FUNCTION app.keep_control(app.submission_controls);
DROP FUNCTION app.control_reasons(app.submission_controls, text, boolean, boolean);
DROP FUNCTION app.dates_about_period(uuid, app.staged_person[]);
DROP FUNCTION app.control_people(uuid, app.staged_person[]);
DROP TYPE app.control_totals;
SELECT audit.forget_table('app.staged_submissions');
DROP TABLE app.staged_submissions;
SELECT audit.forget_table('app.submission_controls');
DROP TABLE app.submission_controls;
DELETE FROM app.settings AS s WHERE s.setting_name IN ('control_report_totals', 'control_month', 'control_name_share',
    'control_date_share', 'control_days_before', 'control_days_after', 'decision_days');

COMMIT;
