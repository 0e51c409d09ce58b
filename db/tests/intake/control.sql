-- The control block of a submission: what is in it, on both sides of each threshold, and what waits for a person.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/pdfs.psql
SELECT plan(44);

-- What asks for a person, of an answer of an import; the outcome when nothing does.
CREATE FUNCTION tap.asks(p_answer jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT concat_ws(' ', p_answer ->> 'outcome', p_answer ->> 'code',
        (SELECT string_agg(r, ' ') FROM jsonb_array_elements_text(p_answer #> '{report,control,reasons}') AS r));
END;
-- Two PDFs of March: cards of these people, receipts under these names, on these days; the seed makes the bytes.
CREATE FUNCTION tap.march(p_seed text, p_holders text[], p_names text[], p_days text[], p_changes jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT tap.hand_in(p_seed,
        tap.pdf_report('{"parameters": {"posted_from": "2025-03-01", "posted_to": "2025-03-31"}}' || p_changes,
            VARIADIC (SELECT array_agg(tap.pdf_card(jsonb_build_object('cardholder_name', h.name, 'employee_id', (1000 + h.n)::text,
                'card_number', '999999XXXXXX' || (1000 + h.n), 'pages', jsonb_build_array(h.n))))
                FROM unnest(p_holders) WITH ORDINALITY AS h (name, n))),
        tap.pdf_receipts('{}', VARIADIC (SELECT array_agg(tap.pdf_receipt(r.n::integer,
                jsonb_build_object('employee', r.name, 'date', p_days[1 + (r.n - 1) % cardinality(p_days)])))
            FROM unnest(p_names) WITH ORDINALITY AS r (name, n))));
END;

-- What is in it.
:as_owner
SELECT tap.march('all', '{ANN ROE,BEA POE}', '{Ann Roe,Ann Roe,Cal Doe}', '{2025-03-02,2025-03-03,2025-02-01}') AS answer \gset
SELECT is((:'answer'::jsonb #> '{report,control}') - '{same_days,programme}'::text[], $${"control_number": 1, "period_start": "2025-03-01",
    "period_end": "2025-03-31", "period_source": "printed", "report_totals": "absent", "card_totals": 0,
    "card_totals_differing": 0, "names": 2, "names_fitting": 1, "receipts": 3, "receipts_fitting": 2, "dated_receipts": 3,
    "receipts_in_period": 2, "charges": 2, "people_count": 3, "reasons": []}$$::jsonb, 'half of the names and more than half of the dates are enough');
:as_tester
SELECT results_eq(format('SELECT p.employee_name, p.is_in_report, p.charges, p.charge_amount, p.receipts, p.receipt_amount
        FROM report.submission_people AS p WHERE p.session_id = %L ORDER BY p.person_number', :'answer'::jsonb ->> 'session_id'),
    $$VALUES ('ANNROE', true, 1, 10.00, 2, 20.00), ('BEAPOE', true, 1, 10.00, 0, 0.00), ('CALDOE', false, 0, 0.00, 1, 10.00)$$,
    'charges and receipts per person');
SELECT matches(report.import_report((:'answer'::jsonb ->> 'session_id')::uuid),
    E'\\| People with receipts who are in the card report \\| 1 of 2 \\|\n.*\\| Asks for a person \\| nothing \\|', 'the import report shows it');

-- Names: the receipts of another company, and both sides of half.
:as_owner
SELECT is(tap.asks(tap.march('other', '{ANN ROE,BEA POE}', '{Dee Foe,Eve Goe}', '{2025-03-02}')), 'awaiting_decision names',
    'the receipts of another company wait');
SELECT is(tap.asks(tap.march('third', '{ANN ROE}', '{Ann Roe,Dee Foe,Eve Goe}', '{2025-03-02}')), 'awaiting_decision names',
    'so do those of whom fewer than half are in the report');
SELECT is(tap.asks(tap.march('half', '{ANN ROE}', '{Ann Roe,Dee Foe,Dee Foe,Dee Foe}', '{2025-03-02}')), 'accepted',
    'half of the names are enough, however many receipts the others have');
SELECT is(tap.asks(tap.march('none', '{ANN ROE}', '{Ann Q. Roe}', '{2025-03-02}')), 'awaiting_decision names', 'a middle name makes a stranger');
:as_processor
SELECT api.approve_alias('Ann Q. Roe', 'ANN ROE', 'Her middle name') \g /dev/null
:as_owner
SELECT is(tap.asks(tap.march('alias', '{ANN ROE}', '{Ann Q. Roe}', '{2025-03-02}')), 'accepted', 'an alias makes the name fit');
UPDATE app.settings SET value = 0.34 WHERE setting_name = 'control_name_share';
SELECT is(tap.asks(tap.march('above', '{ANN ROE}', '{Ann Roe,Dee Foe,Eve Goe}', '{2025-03-02}')), 'awaiting_decision names', 'the share is a setting');
UPDATE app.settings SET value = 0.33 WHERE setting_name = 'control_name_share';
SELECT is(tap.asks(tap.march('below', '{ANN ROE}', '{Ann Roe,Dee Foe,Eve Goe}', '{2025-03-02}')), 'accepted', 'on both its sides');
UPDATE app.settings SET value = 0.5 WHERE setting_name = 'control_name_share';

-- An old file: who says neither total nor card is not known to be a stranger; who says 0 is.
:as_tester
CREATE FUNCTION tap.pair(p_entry jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT jsonb_build_object('DEEFOE', p_entry || jsonb_build_object('receipts', jsonb_build_object('null', jsonb_build_array(tap.receipt()))),
        'EVEGOE', jsonb_build_object('employee_id', '31', 'car_total', 3.0))::text;
END;
:as_processor
SELECT is(tap.asks(api.import_activity(tap.pair('{"car_total": 0.0, "card_no": "None"}'), p_programme => 'Silent', p_dry_run => true)), 'dry_run names',
    'a stranger of an old file, who has a card total of 0, waits');
SELECT is(tap.asks(api.import_activity(tap.pair('{"car_total": null}'), p_programme => 'Silent', p_dry_run => true)), 'dry_run',
    'without a total nobody is called a stranger');
SELECT api.import_activity(tap.pair('{}'), p_programme => 'Silent') AS silent \gset
SELECT is(:'silent'::jsonb #> '{report,control}' @> '{"names": 0, "names_fitting": 0, "receipts": 1, "reasons": []}', true, 'nor when it is missing');
:as_tester
SELECT results_eq(format('SELECT p.employee_name, p.is_in_report, e.is_in_report, e.car_total FROM report.submission_people AS p
        JOIN report.employee_revisions AS e USING (session_id, employee_name) WHERE p.session_id = %L ORDER BY 1', :'silent'::jsonb ->> 'session_id'),
    $$VALUES ('DEEFOE', NULL, false, 0.00), ('EVEGOE', true, true, 3.00)$$, 'the block says that it is not known');
:as_owner

-- Dates: another month's report, and both edges of the days that count.
SELECT is(tap.asks(tap.march('month', '{ANN ROE}', '{Ann Roe,Ann Roe}', '{2025-05-02}')), 'awaiting_decision dates', 'the receipts of another month wait');
SELECT is(tap.asks(tap.march('first', '{ANN ROE}', '{Ann Roe}', '{2025-02-19}')), 'accepted', 'ten days before the period count');
SELECT is(tap.asks(tap.march('early', '{ANN ROE}', '{Ann Roe}', '{2025-02-18}')), 'awaiting_decision dates', 'eleven do not');
SELECT is(tap.asks(tap.march('last', '{ANN ROE}', '{Ann Roe}', '{2025-04-05}')), 'accepted', 'five days after it count');
SELECT is(tap.asks(tap.march('late', '{ANN ROE}', '{Ann Roe}', '{2025-04-06}')), 'awaiting_decision dates', 'six do not');
SELECT is(tap.asks(tap.march('dhalf', '{ANN ROE}', '{Ann Roe,Ann Roe}', '{2025-03-06,2025-05-01}')), 'accepted', 'half of the dates are enough');
SELECT is(tap.asks(tap.march('dthird', '{ANN ROE}', '{Ann Roe,Ann Roe,Ann Roe}', '{2025-03-06,2025-05-01,2025-05-02}')),
    'awaiting_decision dates', 'a third is not');
UPDATE app.settings SET value = 6 WHERE setting_name = 'control_days_after';
SELECT is(tap.asks(tap.march('later', '{ANN ROE}', '{Ann Roe}', '{2025-04-06}')), 'accepted', 'the days are settings');
SELECT is(tap.asks(tap.hand_in('noperiod', tap.pdf_report('{"parameters": {}}', tap.pdf_card('{}')),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"date": "2025-05-29"}')))), 'accepted', 'without a printed period nothing is measured by it');

-- Report Totals.
SELECT is(tap.asks(tap.march('tie', '{ANN ROE}', '{Ann Roe}', '{2025-03-02}',
    jsonb_build_object('report_totals', jsonb_build_array(tap.pdf_totals('10.00', '0.00', '10.00', 2))))), 'accepted', 'Report Totals that tie');
SELECT is(tap.asks(tap.march('off', '{ANN ROE}', '{Ann Roe}', '{2025-03-02}',
    jsonb_build_object('report_totals', jsonb_build_array(tap.pdf_totals('10.00', '0.00', '10.01', 2))))), 'awaiting_decision report_totals',
    'by a cent they do not');
SELECT is(tap.asks(tap.march('unread', '{ANN ROE}', '{Ann Roe}', '{2025-03-02}',
    jsonb_build_object('report_totals', jsonb_build_array(tap.pdf_totals('10.00', '0.00', NULL, 2))))), 'awaiting_decision report_totals',
    'one that cannot be read is not taken silently');
SELECT is((tap.hand_in('partly', tap.pdf_report(jsonb_build_object('report_totals', jsonb_build_array(tap.pdf_totals('10.00', '0.00', '10.00', 2))),
        tap.pdf_card('{}', tap.pdf_charge('{}', tap.pdf_line('{"net": null}')))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1)))) #>> '{report,control,report_totals}', 'not_compared', 'with a charge that cannot be read there is nothing to compare');
SELECT is((tap.hand_in('cards', tap.pdf_report('{}', tap.pdf_card(jsonb_build_object('totals', jsonb_build_array(tap.pdf_totals('10.00', '0.00', '11.00'))))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1)))) #> '{report,control}' @> '{"card_totals": 1, "card_totals_differing": 1, "reasons": []}',
    true, 'a card total that differs is counted and asks for nobody');

-- The month: here already, overlapping, beside.
:as_tester
CREATE FUNCTION tap.days(p_seed text, p_day text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT jsonb_build_object('ANNROE', tap.entry('{}', tap.receipt(jsonb_build_object('rec_id', p_seed, 'date', p_day))))::text;
END;
:as_processor
SELECT api.import_activity(tap.days('a', '06/10/2024')) AS june \gset
SELECT is(tap.asks(:'june'), 'accepted', 'a month in an empty programme is taken');
SELECT is(tap.asks(api.import_activity(tap.days('b', '06/11/2024'))), 'awaiting_decision month_exists', 'once more without a parent it waits');
SELECT is(:'june'::jsonb ->> 'session_id', s.same_days #>> '{0,session_id}', 'with the one that is here')
FROM report.submission_controls AS s JOIN report.sessions AS x USING (session_id) WHERE x.status = 'awaiting_decision' AND 'month_exists' = ANY (s.reasons);
SELECT is(tap.asks(api.import_activity(tap.days('c', '06/12/2024'), p_parent_session_id => (:'june'::jsonb ->> 'session_id')::uuid)), 'accepted',
    'with the parent named it is taken');
SELECT is(tap.asks(api.import_activity(tap.days('d', '06/12/2024'), p_programme => 'Fleet')), 'accepted', 'so is the month of another programme');
SELECT is(tap.asks(api.import_activity(tap.days('e', '07/01/2024'), p_period_start => '2024-06-30', p_period_end => '2024-07-29')),
    'awaiting_decision month_overlaps', 'a period that shares a day with it waits');
SELECT is(tap.asks(api.import_activity(tap.days('f', '07/01/2024'), p_period_start => '2024-07-01', p_period_end => '2024-07-29')),
    'accepted', 'one that begins the day after does not');
SELECT is(tap.asks(api.import_activity(tap.days('g', '07/01/2024'), p_period_start => '2024-07-01')), 'awaiting_decision month_overlaps',
    'nor does a longer one of the same first day pass');
SELECT is(tap.asks(api.import_activity(tap.days('h', '06/13/2024'), p_dry_run => true)), 'dry_run month_exists', 'a dry run never waits and tells that it would');
SELECT is((SELECT count(*) FROM report.submission_controls AS k WHERE k.period_start = '2024-06-01' AND 'month_exists' = ANY (k.reasons)), 1::bigint,
    'and leaves nothing');
SELECT is(api.import_activity(tap.days('h', '06/13/2024'), p_dry_run => true) #>> '{report,control,people,0,name_key}', 'ANNROE', 'but tells of the people');
:as_admin
SELECT api.cancel_session(s.session_id, s.version)
FROM report.sessions AS s WHERE s.parent_session_id = (:'june'::jsonb ->> 'session_id')::uuid \g /dev/null
SELECT api.cancel_session(s.session_id, s.version)
FROM report.sessions AS s WHERE s.session_id = (:'june'::jsonb ->> 'session_id')::uuid \g /dev/null
:as_processor
SELECT is(tap.asks(api.import_activity(tap.days('i', '06/14/2024'))), 'accepted', 'what was cancelled is not here');

-- What awaits has nothing of it accepted.
:as_tester
SELECT is((SELECT count(*) FROM app.session_employees AS e JOIN app.processing_sessions AS s USING (session_id)
    WHERE s.status = 'awaiting_decision'), 0::bigint, 'nobody of what waits is there');
SELECT set_eq($$SELECT g.session_id FROM app.staged_submissions AS g$$,
    $$SELECT s.session_id FROM app.processing_sessions AS s WHERE s.status = 'awaiting_decision'$$, 'what was read of it is kept');
SELECT is((SELECT count(*) FROM report.import_attempts AS a WHERE a.outcome = 'awaiting_decision' AND a.session_id IS NULL), 0::bigint,
    'each attempt names its session');
SELECT throws_ok($$INSERT INTO app.submission_controls SELECT (jsonb_populate_record(k, '{"control_number": 9, "reasons": ["weather"]}')).*
    FROM app.submission_controls AS k LIMIT 1$$, '23514', NULL, 'a reason is one of the list');
SELECT * FROM finish();
ROLLBACK;
