-- The HTTP surface as rows: what is served, from which view or function, and what its words mean.
-- requires: access/requests
-- requires: people/names
--
-- Shape  Method  Target                             Answers
-- list   GET     a view, or a function of rows      a page of rows, by key
-- row    GET     a view, or a function of one row   one row, or 404
-- call   POST    a writing function of schema api   what the function answers
--
-- A row gives nobody a right: the statement made of it runs in the role of who asks. What does not fit a view or a
-- function gets a view or a function, never an expression in a row.

BEGIN;

CREATE TABLE app.surface_operations (
    operation text NOT NULL,
    tag text NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    shape text NOT NULL,
    target text NOT NULL,
    keys text[] NOT NULL DEFAULT '{}',
    as_of text,
    one_of text[] NOT NULL DEFAULT '{}',
    names jsonb NOT NULL DEFAULT '{}',
    fixed jsonb NOT NULL DEFAULT '{}',
    parts jsonb NOT NULL DEFAULT '{}',
    status integer NOT NULL DEFAULT 200,
    location text,
    body_factor integer NOT NULL DEFAULT 1,
    CONSTRAINT surface_operations_pkey PRIMARY KEY (operation),
    CONSTRAINT surface_operations_path_key UNIQUE (method, path),
    CONSTRAINT surface_operations_operation_check CHECK (operation ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT surface_operations_tag_check CHECK (tag ~ '^[a-z][a-z ]*$'),
    CONSTRAINT surface_operations_method_check CHECK (method IN ('GET', 'POST')),
    CONSTRAINT surface_operations_path_check CHECK (path ~ '^(/([a-z][a-z0-9-]*|\{[a-z][a-z0-9_]*\}))+$'),
    CONSTRAINT surface_operations_shape_check CHECK (shape IN ('list', 'row', 'call')),
    CONSTRAINT surface_operations_read_check CHECK ((shape = 'call') = (method = 'POST')),
    CONSTRAINT surface_operations_target_check CHECK (target ~ '^(api|report)\.[a-z][a-z0-9_]*$'),
    CONSTRAINT surface_operations_as_of_check CHECK (as_of ~ '^report\.[a-z][a-z0-9_]*$'),
    CONSTRAINT surface_operations_object_check CHECK (jsonb_typeof(names) = 'object'
        AND jsonb_typeof(fixed) = 'object' AND jsonb_typeof(parts) = 'object'),
    CONSTRAINT surface_operations_status_check CHECK (status IN (200, 201, 202)),
    CONSTRAINT surface_operations_body_factor_check CHECK (body_factor BETWEEN 1 AND 100)
);
COMMENT ON TABLE app.surface_operations IS 'One row per HTTP operation. The service reads all of them with the catalog and serves them by one handler; see app.surface_faults().';
COMMENT ON COLUMN app.surface_operations.operation IS 'Name, which clients generated from /openapi.json use.';
COMMENT ON COLUMN app.surface_operations.tag IS 'Group it is described in.';
COMMENT ON COLUMN app.surface_operations.method IS 'GET or POST.';
COMMENT ON COLUMN app.surface_operations.path IS 'Path below /api/v1; {name} is a column of the view that must equal it, or an argument of the function.';
COMMENT ON COLUMN app.surface_operations.shape IS 'list, row or call.';
COMMENT ON COLUMN app.surface_operations.target IS 'The view of schema report, or the function of schema api or report, with its schema. Text, because a dump is loaded before what it names.';
COMMENT ON COLUMN app.surface_operations.keys IS 'Columns that order a list and say where the next page begins: together unique and never null. A minus before a name means downward; # is the place of a row in what a function answers. A row of several is the first by them.';
COMMENT ON COLUMN app.surface_operations.as_of IS 'The function that answers the same rows as of an instant, taken when the query has as_of.';
COMMENT ON COLUMN app.surface_operations.one_of IS 'Filters of which at least one is needed.';
COMMENT ON COLUMN app.surface_operations.names IS 'What HTTP calls otherwise: name in path, query or body, and the column or argument without p_. A month_id in the path for the column session_id means the newest completed submission of the month.';
COMMENT ON COLUMN app.surface_operations.fixed IS 'Columns that have a fixed value in every row of the answer.';
COMMENT ON COLUMN app.surface_operations.parts IS 'Members added to a row: name, and the operation of the same path that answers it.';
COMMENT ON COLUMN app.surface_operations.status IS 'Status of success.';
COMMENT ON COLUMN app.surface_operations.location IS 'Path of what was made, of members of the answer.';
COMMENT ON COLUMN app.surface_operations.body_factor IS 'How many times larger than others its body may be.';

CREATE TABLE app.surface_filters (
    operation text NOT NULL,
    filter_name text NOT NULL,
    column_name text NOT NULL,
    operator text NOT NULL DEFAULT 'is',
    hides text,
    also jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT surface_filters_pkey PRIMARY KEY (operation, filter_name),
    CONSTRAINT surface_filters_operation_fkey FOREIGN KEY (operation) REFERENCES app.surface_operations (operation),
    CONSTRAINT surface_filters_filter_name_check
        CHECK (filter_name ~ '^[a-z][a-z0-9_]*$' AND filter_name NOT IN ('cursor', 'limit', 'order', 'as_of')),
    CONSTRAINT surface_filters_operator_check CHECK (operator IN ('is', 'from', 'to', 'person', 'flag', 'month', 'search')),
    CONSTRAINT surface_filters_hides_check CHECK (hides IS NULL OR operator = 'is'),
    CONSTRAINT surface_filters_also_check
        CHECK (also - ARRAY['merchant', 'purpose', 'amount'] = '{}' AND (operator = 'search') = (also <> '{}'))
);
COMMENT ON TABLE app.surface_filters IS 'The filters of lists: what is left out of a query narrows nothing.';
COMMENT ON COLUMN app.surface_filters.operation IS 'The list.';
COMMENT ON COLUMN app.surface_filters.filter_name IS 'Name in the query.';
COMMENT ON COLUMN app.surface_filters.column_name IS 'The column it looks at.';
COMMENT ON COLUMN app.surface_filters.operator IS 'is: equal; from, to: at least, at most; person: has every word of the text, see report.name_patterns; flag: the member of that name is true; search: has every word of the text, see report.search_text; month: a session that is the newest completed submission of the month.';
COMMENT ON COLUMN app.surface_filters.hides IS 'A value that is left out unless the filter asks for it.';
COMMENT ON COLUMN app.surface_filters.also IS 'Of a search: the columns that hold merchant, purpose and amount; column_name holds the person.';

CREATE TABLE app.surface_orders (
    operation text NOT NULL,
    order_name text NOT NULL,
    keys text[] NOT NULL,
    CONSTRAINT surface_orders_pkey PRIMARY KEY (operation, order_name),
    CONSTRAINT surface_orders_operation_fkey FOREIGN KEY (operation) REFERENCES app.surface_operations (operation),
    CONSTRAINT surface_orders_order_name_check CHECK (order_name ~ '^[a-z][a-z0-9_]*$')
);
COMMENT ON TABLE app.surface_orders IS 'Other orders a list may be asked for; the one with the keys of the operation is the default.';
COMMENT ON COLUMN app.surface_orders.operation IS 'The list.';
COMMENT ON COLUMN app.surface_orders.order_name IS 'Name in the query.';
COMMENT ON COLUMN app.surface_orders.keys IS 'As the keys of an operation.';

CREATE TABLE app.surface_parents (
    parameter text NOT NULL,
    target text NOT NULL,
    column_name text NOT NULL,
    code text NOT NULL,
    title text NOT NULL,
    CONSTRAINT surface_parents_pkey PRIMARY KEY (parameter),
    CONSTRAINT surface_parents_target_check CHECK (target ~ '^report\.[a-z][a-z0-9_]*$'),
    CONSTRAINT surface_parents_code_check CHECK (code ~ '^[a-z][a-z0-9_]*$')
);
COMMENT ON TABLE app.surface_parents IS 'What a name in a path must lead to: reading below something that is not there is 404, not an empty list.';
COMMENT ON COLUMN app.surface_parents.parameter IS 'Name in the path.';
COMMENT ON COLUMN app.surface_parents.target IS 'The view that has it.';
COMMENT ON COLUMN app.surface_parents.column_name IS 'The column of that view.';
COMMENT ON COLUMN app.surface_parents.code IS 'Code of the answer 404.';
COMMENT ON COLUMN app.surface_parents.title IS 'What that answer says.';

CREATE TABLE app.terms (
    term text NOT NULL,
    meaning text NOT NULL,
    values_of text,
    more_values text[] NOT NULL DEFAULT '{}',
    least numeric,
    most numeric,
    is_money boolean NOT NULL DEFAULT false,
    json_kind text,
    CONSTRAINT terms_pkey PRIMARY KEY (term),
    CONSTRAINT terms_term_check CHECK (term ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT terms_meaning_check CHECK (length(meaning) BETWEEN 1 AND 400),
    CONSTRAINT terms_values_of_check CHECK (values_of ~ '^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$'),
    CONSTRAINT terms_range_check CHECK (least <= most),
    CONSTRAINT terms_json_kind_check CHECK (json_kind IN ('object', 'list'))
);
COMMENT ON TABLE app.terms IS 'The words of the surface: what an argument or filter of this name means and may hold, wherever it occurs. Functions check the same again, because psql is a door too.';
COMMENT ON COLUMN app.terms.term IS 'Name of the argument without p_, or of the filter.';
COMMENT ON COLUMN app.terms.meaning IS 'What it means, in a sentence for people.';
COMMENT ON COLUMN app.terms.values_of IS 'Table and column of schema app whose CHECK lists the values allowed.';
COMMENT ON COLUMN app.terms.more_values IS 'Values allowed beside those, or alone where no column lists them.';
COMMENT ON COLUMN app.terms.least IS 'Least number, or least length of a text.';
COMMENT ON COLUMN app.terms.most IS 'Largest number, or largest length of a text or list.';
COMMENT ON COLUMN app.terms.is_money IS 'True: dollars, with at most two decimals.';
COMMENT ON COLUMN app.terms.json_kind IS 'What a JSON value must be: an object, or a list of objects.';

CREATE TABLE app.surface_number (
    is_only boolean NOT NULL DEFAULT true,
    number bigint NOT NULL,
    CONSTRAINT surface_number_pkey PRIMARY KEY (is_only),
    CONSTRAINT surface_number_is_only_check CHECK (is_only)
);
COMMENT ON TABLE app.surface_number IS 'One row: the number of the surface, read with every request. Another number than before makes a running service read the surface again.';
COMMENT ON COLUMN app.surface_number.is_only IS 'True: there is one row.';
COMMENT ON COLUMN app.surface_number.number IS 'Grows with every change of the surface.';
INSERT INTO app.surface_number (number) VALUES (1);

CREATE OR REPLACE FUNCTION app.renew_surface() RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    UPDATE app.surface_number AS n SET number = n.number + 1;
END;
COMMENT ON FUNCTION app.renew_surface() IS 'Lets running services read the surface again. Called by every change of its rows, and by the last change of a deployment that changed functions or views of the surface.';

CREATE OR REPLACE FUNCTION app.note_surface_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM app.renew_surface();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.note_surface_change() IS 'Statement trigger of the tables of the surface: another number.';

CREATE OR REPLACE TRIGGER t50_renew AFTER INSERT OR UPDATE OR DELETE ON app.surface_operations
    FOR EACH STATEMENT EXECUTE FUNCTION app.note_surface_change();
CREATE OR REPLACE TRIGGER t50_renew AFTER INSERT OR UPDATE OR DELETE ON app.surface_filters
    FOR EACH STATEMENT EXECUTE FUNCTION app.note_surface_change();
CREATE OR REPLACE TRIGGER t50_renew AFTER INSERT OR UPDATE OR DELETE ON app.surface_orders
    FOR EACH STATEMENT EXECUTE FUNCTION app.note_surface_change();
CREATE OR REPLACE TRIGGER t50_renew AFTER INSERT OR UPDATE OR DELETE ON app.surface_parents
    FOR EACH STATEMENT EXECUTE FUNCTION app.note_surface_change();
CREATE OR REPLACE TRIGGER t50_renew AFTER INSERT OR UPDATE OR DELETE ON app.terms
    FOR EACH STATEMENT EXECUTE FUNCTION app.note_surface_change();
ALTER TABLE app.surface_operations ENABLE ALWAYS TRIGGER t50_renew;
ALTER TABLE app.surface_filters ENABLE ALWAYS TRIGGER t50_renew;
ALTER TABLE app.surface_orders ENABLE ALWAYS TRIGGER t50_renew;
ALTER TABLE app.surface_parents ENABLE ALWAYS TRIGGER t50_renew;
ALTER TABLE app.terms ENABLE ALWAYS TRIGGER t50_renew;
COMMENT ON TRIGGER t50_renew ON app.surface_operations IS 'Another number of the surface.';
COMMENT ON TRIGGER t50_renew ON app.surface_filters IS 'Another number of the surface.';
COMMENT ON TRIGGER t50_renew ON app.surface_orders IS 'Another number of the surface.';
COMMENT ON TRIGGER t50_renew ON app.surface_parents IS 'Another number of the surface.';
COMMENT ON TRIGGER t50_renew ON app.terms IS 'Another number of the surface.';

SELECT audit.guard('app.surface_operations', 'mutable');
SELECT audit.guard('app.surface_filters', 'mutable');
SELECT audit.guard('app.surface_orders', 'mutable');
SELECT audit.guard('app.surface_parents', 'mutable');
SELECT audit.guard('app.terms', 'mutable');
SELECT audit.guard('app.surface_number', 'working', 'Counts changes of rows that have histories of their own.');

CREATE OR REPLACE VIEW report.surface_number AS
SELECT n.number FROM app.surface_number AS n;
COMMENT ON VIEW report.surface_number IS 'One row: the number of the HTTP surface, another one after every change of it.';
SELECT app.describe_columns('report.surface_number', 'app.surface_number');

GRANT SELECT ON report.surface_number TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
