-- What is wrong with rows of the surface is said, operation by operation.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(40);

SELECT is_empty('SELECT f.operation, f.fault FROM app.surface_faults() AS f', 'the deployed surface has no fault');

-- A row is written, its fault read, and the row taken back. Columns that are not given have their defaults.
CREATE FUNCTION pg_temp.fault_of(p_row jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_fault text;
BEGIN
    INSERT INTO app.surface_operations (operation, tag, method, path, shape, target, keys, as_of, one_of, names, fixed,
        parts, location)
    SELECT 'probe', 'probes', r.method, r.path, r.shape, r.target, coalesce(r.keys, '{}'), r.as_of,
        coalesce(r.one_of, '{}'), coalesce(r.names, '{}'), coalesce(r.fixed, '{}'), coalesce(r.parts, '{}'), r.location
    FROM jsonb_populate_record(NULL::app.surface_operations,
        '{"method": "GET", "path": "/probes", "shape": "list", "target": "report.settings", "keys": ["setting_name"]}'
        || p_row) AS r;
    INSERT INTO app.surface_filters (operation, filter_name, column_name, operator)
    SELECT 'probe', 'probe', f.column_name, f.operator
    FROM jsonb_populate_record(NULL::app.surface_filters, p_row -> 'filter') AS f WHERE p_row ? 'filter';
    v_fault := (SELECT string_agg(f.fault, '; ' ORDER BY f.fault) FROM app.surface_faults() AS f);
    DELETE FROM app.surface_filters AS f WHERE f.operation = 'probe';
    DELETE FROM app.surface_operations AS o WHERE o.operation = 'probe';
    RETURN v_fault;
END
$$;

SELECT is(pg_temp.fault_of('{}'), NULL, 'a right row has none');
SELECT is(pg_temp.fault_of('{"target": "report.nothing", "keys": []}'),
    'a list has keys; a list is of a view or of a function that answers named rows; report.nothing is no view of report, or no function of api or report, or two',
    'its target is not there');
SELECT matches(pg_temp.fault_of('{"target": "api.current_transactions"}'), 'is no view of report', 'nor a view to be written');
SELECT matches(pg_temp.fault_of('{"target": "report.import_report", "keys": []}'),
    'a list is of a view or of a function that answers named rows', 'a list of texts');
SELECT matches(pg_temp.fault_of('{"target": "report.packet_pages", "keys": ["#"]}'),
    'a list is of a view or of a function that answers named rows', 'a list of rows without a name');
SELECT matches(pg_temp.fault_of('{"target": "api.expire_waivers", "shape": "row", "keys": []}'),
    'nothing that writes is read by GET', 'a reading that writes');
SELECT matches(pg_temp.fault_of('{"target": "report.compare_sessions", "shape": "row", "keys": []}'),
    'a row of a function is one row, not several', 'one row of several');
SELECT matches(pg_temp.fault_of('{"target": "api.expire_waivers", "method": "POST", "shape": "call", "keys": []}'),
    'a call has an argument p_request_id', 'a call whose key means nothing');
SELECT matches(pg_temp.fault_of('{"target": "report.session_summary", "method": "POST", "shape": "call", "keys": []}'),
    'a call is a writing function', 'a call that reads');
SELECT matches(pg_temp.fault_of('{"target": "api.claim_messages", "method": "POST", "shape": "call", "keys": []}'),
    'a call is a writing function of schema api that answers one row or value', 'a call of rows');
SELECT matches(pg_temp.fault_of('{"target": "api.claim_job", "method": "POST", "shape": "call", "keys": []}'),
    'no role of a person may use it', 'a call of the worker');
SELECT matches(pg_temp.fault_of('{"target": "api.read_chunk", "shape": "row", "keys": []}'),
    'the service has no form for what it answers, bytea', 'bytes');
SELECT matches(pg_temp.fault_of('{"target": "api.store_chunk", "method": "POST", "shape": "call", "keys": []}'),
    'argument bytes has type bytea', 'an argument of bytes');
SELECT matches(pg_temp.fault_of('{"target": "report.name_distance", "shape": "row", "keys": []}'),
    'argument one has no term', 'an argument without a term');
SELECT is(pg_temp.fault_of('{"path": "/probes/{probe_id}"}'), 'probe_id in the path is neither a column nor an argument',
    'a name in the path that is nothing');
SELECT is(pg_temp.fault_of('{"path": "/probes/{probe_id}", "names": {"probe_id": "unit"}}'), NULL, 'unless it is renamed');
SELECT is(pg_temp.fault_of('{"names": {"probe_id": "probe"}}'), 'probe is renamed and there is none', 'a name for nothing');
SELECT is(pg_temp.fault_of('{"fixed": {"probe": true}}'), 'probe is fixed and no column', 'a fixed column that is none');
SELECT is(pg_temp.fault_of('{"keys": []}'), 'a list has keys', 'a list without an order');
SELECT is(pg_temp.fault_of('{"keys": ["probe"]}'), 'key probe is no column', 'a key that is no column');
SELECT is(pg_temp.fault_of('{"keys": ["#"]}'), 'key # is no column', 'the place of a row in a view');
SELECT is(pg_temp.fault_of('{"target": "report.object_history", "path": "/probes/{object_id}", "keys": ["#"]}'), NULL,
    'is one in what a function answers');
SELECT is(pg_temp.fault_of('{"target": "report.object_history", "path": "/probes/{object_id}", "keys": ["-#"]}'),
    'key # is no column', 'but not downward');
SELECT is(pg_temp.fault_of('{"keys": ["-setting_name", "unit"]}'), 'keys go up and down, and one that goes down is no number',
    'a text downward beside one upward');
SELECT is(pg_temp.fault_of('{"keys": ["-setting_name", "-unit"]}'), NULL, 'both downward are right');
SELECT is(pg_temp.fault_of('{"keys": ["-value", "unit"]}'), NULL, 'and so is a number');
SELECT is(pg_temp.fault_of('{"filter": {"column_name": "probe", "operator": "is"}}'),
    'filter probe: is does not go with its column', 'a filter on nothing');
SELECT is(pg_temp.fault_of('{"filter": {"column_name": "unit", "operator": "from"}}'),
    'filter probe: from does not go with its column', 'from a text on');
SELECT is(pg_temp.fault_of('{"filter": {"column_name": "value", "operator": "from"}}'), NULL, 'from a number on');
SELECT is(pg_temp.fault_of('{"filter": {"column_name": "unit", "operator": "flag"}}'),
    'filter probe: flag does not go with its column', 'a flag of a text');
SELECT is(pg_temp.fault_of('{"filter": {"column_name": "value", "operator": "person"}}'),
    'filter probe: person does not go with its column', 'a person in a number');
SELECT is(pg_temp.fault_of('{"one_of": ["probe"]}'), 'one of probe is needed, and there is no such filter', 'a need for no filter');
SELECT is(pg_temp.fault_of('{"one_of": ["probe"], "filter": {"column_name": "unit", "operator": "is"}}'), NULL, 'and for one');
SELECT is(pg_temp.fault_of('{"parts": {"probe": "list_settings"}}'), 'part probe is no reading of the same names', 'a list with parts');
SELECT is(pg_temp.fault_of('{"as_of": "report.ticks"}'), 'report.ticks does not answer its rows for one instant',
    'as of an instant from elsewhere');
SELECT is(pg_temp.fault_of('{"location": "/probes/{probe}"}'), 'probe in the location is no member of the answer',
    'a location of nothing');
SELECT is(pg_temp.fault_of('{"path": "/sessions/{unit}"}'), 'GET /sessions/{} leads to several', 'a path that is taken');

CREATE VIEW report.odd AS SELECT s.setting_name, s.value::double precision AS value FROM app.settings AS s;
SELECT matches(pg_temp.fault_of('{"target": "report.odd"}'), 'no role of a person', 'nobody may read it');
GRANT SELECT ON report.odd TO ccp_admin;
SELECT is(pg_temp.fault_of('{"target": "report.odd"}'),
    'column value has type double precision, which the service does not know', 'a column of another type');
SELECT * FROM finish();
ROLLBACK;
