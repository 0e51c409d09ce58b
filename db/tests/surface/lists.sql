-- A column of a view promises the values of a closed list where it shows a column that has one as it is, and only there.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(4);
CREATE FUNCTION pg_temp.lists(p_view regclass) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(a.attname || ' ' || l.list_name, ', ' ORDER BY a.attname) FROM app.listed_columns AS l
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = l.view_id AND a.attnum = l.column_number WHERE l.view_id = p_view
$$;
CREATE VIEW report.probe AS
SELECT i.issue_id, i.state AS now, coalesce(i.state, 'none') AS state, x.severity, (SELECT j.state FROM app.jobs AS j LIMIT 1) AS job_state
FROM app.validation_issues AS i
JOIN (SELECT o.issue_id, o.severity FROM app.validation_issues AS o) AS x ON x.issue_id = i.issue_id
WHERE EXISTS (SELECT FROM app.jobs AS j WHERE j.state = 'queued');
CREATE VIEW report.probe_more AS SELECT p.state, p.severity AS level, p.now AS said FROM report.probe AS p;
CREATE VIEW report.probe_both AS SELECT p.now FROM report.probe AS p UNION ALL SELECT j.state FROM app.jobs AS j;
SELECT is(pg_temp.lists('report.probe'), 'now validation_issues.state, severity validation_issues.severity',
    'whatever it is called, from a query inside, too; not what is worked out or only looked at');
SELECT is(pg_temp.lists('report.probe_more'), 'level validation_issues.severity, said validation_issues.state', 'through another view');
SELECT is(pg_temp.lists('report.probe_both'), NULL, 'not what two columns say');
SELECT is_empty($$SELECT l.view_id::regclass, l.column_number FROM app.listed_columns AS l GROUP BY 1, 2 HAVING count(*) > 1$$, 'one list at most');
SELECT * FROM finish();
ROLLBACK;
