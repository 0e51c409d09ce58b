-- Whoever has a name of the session that somebody else has is asked again when the other one comes or goes.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(10);

-- Who has an issue about the name, with its state and what caused it.
CREATE FUNCTION tap.shared() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tap, pg_catalog
AS $$
    SELECT string_agg(concat_ws(' ', r.employee_id, i.state, (
            SELECT split_part(v.cause, ' ', 1) FROM report.issue_events AS v WHERE v.issue_id = i.issue_id
            ORDER BY v.event_id DESC LIMIT 1)), ', ' ORDER BY r.employee_id COLLATE "C")
    FROM app.validation_issues AS i
    JOIN app.cardholders AS r ON r.cardholder_id = i.cardholder_id
    WHERE i.rule_code = 'name_collision'
$$;
-- What no file says by itself: the person of this number is in the report no more, or again.
CREATE FUNCTION tap.revise(p_employee_id text, p_is_in_report boolean) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = tap, pg_catalog
AS $$
    SELECT app.complete_revisions(ARRAY[ROW(app.new_id(), r.session_id, r.cardholder_id, r.revision_number + 1, r.revision_id, NULL,
        r.employee_name, r.employee_id, r.card_number, p_is_in_report, CASE WHEN NOT p_is_in_report THEN 0 END, NULL, NULL,
        r.car_page_range, r.receipt_page_range, NULL, NULL)::app.revision_draft], 'correction', 'x')
    FROM app.session_employees AS e
    JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
    WHERE r.employee_id = p_employee_id
$$;

:as_processor
SELECT tap.import_activity(jsonb_build_object('ANN ROW', tap.entry('{"employee_id": "1"}', tap.receipt('{"rec_id": "71"}')),
    'ANNROW', tap.entry('{"employee_id": "2", "car_total": null}'),
    'BEA', tap.entry('{"employee_id": "3"}', tap.receipt('{"rec_id": "73"}')))::text, 'March', NULL) ->> 'session_id' AS march \gset
SELECT is(tap.shared(), '1 open, 2 open', 'two of one name, nobody else');
SELECT tap.revise('2', false) \g /dev/null
SELECT is(tap.shared(), '1 auto_closed revision, 2 auto_closed revision', 'when one goes the other has the name alone');
SELECT is((SELECT e.revision_number FROM report.employee_revisions AS e WHERE e.employee_id = '1'), 1, 'without a revision');
SELECT tap.revise('2', true) \g /dev/null
SELECT is(tap.shared(), '1 open revision, 2 open revision', 'when one comes back both share the name again');
SELECT is((SELECT e.revision_number FROM report.employee_revisions AS e WHERE e.employee_id = '1'), 1, 'without a revision');
SELECT tap.revise('2', true) \g /dev/null
SELECT is(tap.shared(), '1 open revision, 2 open revision', 'and a change of something else asks nobody');
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
