-- Which month a submission is of, on both sides of each edge, and what its chain has to do with it.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/pdfs.psql
SELECT plan(67);

-- Volatile, so that it sees what a call in its argument has written. A programme of the fixture's own is not told.
CREATE FUNCTION tap.month_of(p_session_id uuid) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT concat_ws(' ', CASE WHEN s.programme !~ '^([0-9a-f]{8})?$' THEN s.programme END, to_char(s.period_start, 'YYYY-MM-DD'), to_char(s.period_end, 'YYYY-MM-DD'),
        s.period_source) FROM report.processing_sessions AS s WHERE s.session_id = p_session_id;
END;
-- A file of one person with a receipt on each of these days; the seed makes the bytes.
CREATE FUNCTION tap.days(p_seed text, VARIADIC p_days text[]) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT jsonb_build_object('ANNROE', tap.entry('{}', VARIADIC (
        SELECT array_agg(tap.receipt(jsonb_build_object('rec_id', p_seed || d.n, 'date', d.day)))
        FROM unnest(p_days) WITH ORDINALITY AS d (day, n))))::text;
END;
CREATE FUNCTION tap.period(p_from text, p_to text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT jsonb_build_object('parameters', jsonb_strip_nulls(jsonb_build_object('posted_from', p_from, 'posted_to', p_to)));
END;

-- Most receipts.
:as_processor
SELECT tap.month_of((api.import_activity(tap.days('a', '03/31/2025', '04/01/2025')) ->> 'session_id')::uuid) AS tie,
    tap.month_of((api.import_activity(tap.days('b', '03/31/2025', '04/01/2025', '04/30/2025')) ->> 'session_id')::uuid) AS more,
    tap.month_of((api.import_activity(tap.days('c', '02/28/2024', '02/29/2024', '03/01/2025')) ->> 'session_id')::uuid) AS leap,
    tap.month_of((api.import_activity(tap.days('d', '31/31/2025', '')) ->> 'session_id')::uuid) AS none \gset
SELECT is(:'tie'::text, '2025-03-01 2025-03-31 receipts', 'a tie goes to the earlier month');
SELECT is(:'more'::text, '2025-04-01 2025-04-30 receipts', 'one receipt more decides for the later one');
SELECT is(:'leap'::text, '2024-02-01 2024-02-29 receipts', 'a calendar month has all its days');
SELECT is(:'none'::text, '', 'where no receipt has a date there is no month');
SELECT s.session_id AS dateless FROM report.sessions AS s WHERE s.month_id IS NULL \gset
SELECT is(report.session_summary(:'dateless') - ARRAY(SELECT k FROM jsonb_object_keys(report.session_summary(:'dateless')) AS k
        WHERE k NOT IN ('programme', 'period_start', 'period_end', 'period_source')),
    '{"programme": "", "period_start": null, "period_end": null, "period_source": null}', 'its summary says so');
SELECT matches(report.import_report(:'dateless'), '\| Month \| unknown \|', 'and so does its report');

-- A dry run shows the month and leaves none.
SELECT api.import_activity(tap.days('e', '07/04/2025'), p_dry_run => true) -> 'report' AS dry \gset
SELECT is(concat_ws(' ', :'dry'::jsonb ->> 'period_start', :'dry'::jsonb ->> 'period_end', :'dry'::jsonb ->> 'period_source'),
    '2025-07-01 2025-07-31 receipts', 'a dry run shows the month before anything is accepted');
SELECT is((SELECT count(*) FROM report.months AS m WHERE m.period_start = '2025-07-01'), 0::bigint, 'and makes none');

-- A given month: the first day of a calendar month, or a first and a last day.
SELECT api.import_activity(tap.days('f', '07/04/2025'), p_period_start => '2025-06-01') ->> 'session_id' AS given \gset
SELECT is(tap.month_of(:'given'), '2025-06-01 2025-06-30 given', 'a given month goes before the receipts');
SELECT matches(report.import_report(:'given'), '\| Month \| 2025-06-01 to 2025-06-30, as given \|', 'the report says that it was given');
SELECT is(tap.month_of((tap.import_activity(tap.days('g', '07/04/2025'), p_period_start => '2025-06-26', p_period_end => '2025-07-25')
    ->> 'session_id')::uuid), '2025-06-26 2025-07-25 given', 'a first and a last day, over two months');
SELECT is(tap.month_of((tap.import_activity(tap.days('h', '07/01/2025'), p_period_start => '2025-06-26', p_period_end => '2025-06-26')
    ->> 'session_id')::uuid), '2025-06-26 2025-06-26 given', 'one day is a period');
SELECT is(tap.month_of((tap.import_activity(tap.days('i', ''), p_period_start => '2025-06-01') ->> 'session_id')::uuid),
    '2025-06-01 2025-06-30 given', 'also where no receipt has a date');
SELECT is(array_agg(a ->> 'code' || ' ' || (a ->> 'path')), array_fill('invalid_argument period_start'::text, ARRAY[5]),
    'a day that begins no month, an end alone, an end before the start and no days at all are refused')
FROM (VALUES ('2025-06-02'::date, NULL::date), (NULL, '2025-06-30'), ('2025-06-02', '2025-06-01'), ('-infinity', '2025-06-01'),
    ('2025-06-01', 'infinity')) AS v (first, last)
CROSS JOIN LATERAL api.import_activity(tap.days('j', '07/04/2025'), p_period_start => v.first, p_period_end => v.last) AS a;
SELECT throws_ok($$SELECT api.create_session(p_period_start => '2025-06-02')$$, 'IV008',
    'argument is missing or not allowed', 'an empty session is not opened for one either');

-- What the report prints.
:as_owner
SELECT tap.hand_in('printed', tap.pdf_report(tap.period('2025-02-26', '2025-03-25'), tap.pdf_card('{}',
        tap.pdf_charge('{"posted_date": "2025-02-26"}'), tap.pdf_charge('{"posted_date": "2025-03-25"}'),
        tap.pdf_charge('{"posted_date": "2025-03-26"}'))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"date": "2025-03-29"}'))) ->> 'session_id' AS printed \gset
:as_tester
SELECT is(tap.month_of(:'printed'), '2025-02-26 2025-03-25 printed', 'a printed period over two months is the month as it is printed');
SELECT is((SELECT string_agg(i.evidence ->> 'posted_date', ' ') FROM report.validation_issues AS i
    WHERE i.session_id = :'printed' AND i.issue_type = 'out_of_period'), '2025-03-26', 'charges are judged by it, both its days within');
:as_owner
SELECT tap.hand_in('half', tap.pdf_report(tap.period('2025-02-26', NULL), tap.pdf_card('{}')),
        tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"date": "2025-05-29"}'))) ->> 'session_id' AS half,
    tap.hand_in('back', tap.pdf_report(tap.period('2025-03-25', '2025-03-24'), tap.pdf_card('{}')),
        tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"date": "2025-05-29"}'))) ->> 'session_id' AS back,
    tap.hand_in('day', tap.pdf_report(tap.period('2025-03-25', '2025-03-25'), tap.pdf_card('{}')),
        tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"date": "2025-03-25"}'))) ->> 'session_id' AS day \gset
SELECT is(tap.month_of(:'half'), '2025-05-01 2025-05-31 receipts', 'half a printed period is none');
SELECT is(tap.month_of(:'back'), '2025-05-01 2025-05-31 receipts', 'nor is one that ends before it begins');
SELECT is(tap.month_of(:'day'), '2025-03-25 2025-03-25 printed', 'one day is');
SELECT s.session_id AS waiting FROM api.create_session(p_period_start => '2025-05-01') AS s \gset
SELECT is(tap.month_of(:'waiting'), '', 'a session without files has no month, whatever was given');
SELECT is(tap.hand_in('over', tap.pdf_report(tap.period('2025-06-01', '2025-06-30'), tap.pdf_card('{}')),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"date": "2025-06-29"}')), :'waiting') #>> '{report,control,reasons}',
    '["month_exists", "given_period"]', 'files that print another month, which is here already, ask for a person');
SELECT is((api.accept_submission(:'waiting', s.version, 'June it is', n.session_id)).status, 'completed', 'who accepts them says what they follow')
FROM app.processing_sessions AS s CROSS JOIN report.sessions AS n
WHERE s.session_id = :'waiting' AND n.period_start = '2025-06-01' AND n.programme = '' AND n.is_latest;
SELECT is(tap.month_of(:'waiting'), '2025-06-01 2025-06-30 printed', 'and what they print goes before what was given');
SELECT s.session_id AS silent FROM api.create_session(p_period_start => '2025-05-01') AS s \gset
SELECT is(tap.hand_in('silent', tap.pdf_report('{"parameters": {}}', tap.pdf_card('{}')),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"date": "2025-05-29"}')), :'silent') ->> 'outcome', 'accepted', 'files that print no period');
SELECT is(tap.month_of(:'silent'), '2025-05-01 2025-05-31 given', 'leave the month as it was given');

-- A month has one chain, whoever writes it.
:as_owner
SELECT throws_ok($$WITH x AS (SELECT app.new_id() AS id)
    INSERT INTO app.processing_sessions (session_id, chain_id, user_id, session_name, status, source_type, source_sha256, programme,
        month_id, period_source, processing_completed_at)
    SELECT x.id, x.id, s.user_id, 'Beside', 'completed', 'pdf', s.source_sha256, s.programme, s.month_id, 'given', now()
    FROM x CROSS JOIN app.processing_sessions AS s
    WHERE s.status = 'completed' AND s.revision_number = 1 AND s.month_id IS NOT NULL LIMIT 1;
    SET CONSTRAINTS app.processing_sessions_live_month_id_key IMMEDIATE$$, '23505', NULL, 'a second chain of a month cannot be committed');
-- One month, one row.
:as_tester
SELECT results_eq($$SELECT m.submissions, m.chains, m.latest_session_name, m.total_employees FROM report.months AS m
        WHERE m.period_start = '2025-06-01' AND m.programme = ''$$,
    format($$SELECT 2::bigint, 1::bigint, s.session_name, 1::bigint FROM report.sessions AS s WHERE s.session_id = %L$$, :'waiting'),
    'submissions of one period are one month, and the newest is shown');
SELECT is((SELECT count(*) FROM app.months AS m), (SELECT count(DISTINCT (s.programme, s.period_start, s.period_end))
    FROM report.sessions AS s WHERE s.month_id IS NOT NULL), 'there is no month without a submission and none twice');

-- A chain has one month.
:as_processor
SELECT api.import_activity(tap.days('k', '09/10/2025'), 'First') ->> 'session_id' AS first \gset
SELECT is((SELECT s.is_latest FROM report.sessions AS s WHERE s.session_id = :'first'), true, 'the only submission is the latest');
SELECT s.session_id AS second, s.month_id IS NOT NULL AS has_month FROM api.create_session('Second', :'first') AS s \gset
SELECT is(tap.month_of(:'second'), '2025-09-01 2025-09-30 chain', 'a later submission is of its parent''s month before it has files');
SELECT is((SELECT array_agg(s.is_latest ORDER BY s.revision_number) FROM report.sessions AS s WHERE s.session_id IN (:'first', :'second')),
    '{t,f}', 'and not yet the latest');
:as_admin
SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = :'second' \g /dev/null
:as_processor
SELECT api.import_activity(tap.days('l', '10/10/2025', '10/11/2025'), 'Second', :'first') ->> 'session_id' AS second \gset
SELECT is(tap.month_of(:'second'), '2025-09-01 2025-09-30 chain', 'its receipts alone do not move it');
SELECT is((SELECT array_agg(s.is_latest ORDER BY s.revision_number) FROM report.sessions AS s WHERE s.session_id IN (:'first', :'second')),
    '{f,t}', 'now it is the latest, and the first no more');
:as_owner
SELECT s.session_id AS third FROM api.create_session('Third', :'second') AS s \gset
SELECT is(tap.hand_in('third', tap.pdf_report(tap.period('2025-09-26', '2025-10-25'), tap.pdf_card('{}')),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"date": "2025-10-01"}')), :'third') #>> '{report,control,reasons}', '["month_moves"]',
    'a third one prints another period, which asks for a person');
SELECT is((api.accept_submission(:'third', s.version, 'As the bank prints it')).status, 'completed', 'who accepts it')
FROM app.processing_sessions AS s WHERE s.session_id = :'third';
SELECT is((SELECT string_agg(DISTINCT tap.month_of(c.session_id), ', ' ORDER BY tap.month_of(c.session_id))
    FROM app.processing_sessions AS c WHERE c.chain_id = :'first'),
    '2025-09-26 2025-10-25 chain, 2025-09-26 2025-10-25 printed', 'a month found by receipts yields to it, for the whole chain');
SELECT is((SELECT array_agg(m.submissions ORDER BY m.period_start) FROM report.months AS m
    WHERE m.period_start IN ('2025-09-01', '2025-09-26')), '{0,3}', 'whose submissions are counted there');
SELECT s.session_id AS fourth FROM api.create_session('Fourth', :'third') AS s \gset
SELECT tap.hand_in('fourth', tap.pdf_report(tap.period('2025-10-26', '2025-11-25'), tap.pdf_card('{}')),
    tap.pdf_receipts('{}', tap.pdf_receipt(1)), :'fourth') AS refused \gset
SELECT is(concat_ws(' ', :'refused'::jsonb ->> 'outcome', :'refused'::jsonb ->> 'code', :'refused'::jsonb ->> 'path'),
    'refused other_month car_pdf', 'the report of another month is no later submission of a printed one');
:as_tester
SELECT is((SELECT concat_ws(' ', s.status, s.failure_reason) FROM report.sessions AS s WHERE s.session_id = :'fourth'),
    'failed car.pdf: submission is of another month or programme than those before it: '
        'expected 2025-09-26 to 2025-10-25, got 2025-10-26 to 2025-11-25 (printed)', 'its session says why it failed');
SELECT is((SELECT count(*) FROM report.import_attempts AS a WHERE a.code = 'other_month'), 1::bigint, 'and so does the attempt');
SELECT is((SELECT s.is_latest FROM report.sessions AS s WHERE s.session_id = :'third'), true, 'the one before is still the latest');
:as_processor
SELECT is(api.import_activity(tap.days('m', '10/10/2025'), 'Fifth', :'third', p_period_start => '2025-10-01') ->> 'code',
    'other_month', 'nor is what somebody says to be of another month');
SELECT api.import_activity(tap.days('n', '10/10/2025'), 'Fifth', :'third', p_period_start => '2025-09-26',
    p_period_end => '2025-10-25') ->> 'session_id' AS fifth \gset
SELECT is(tap.month_of(:'fifth'), '2025-09-26 2025-10-25 given', 'said to be of this month it is taken');
SELECT is(tap.month_of(:'third'), '2025-09-26 2025-10-25 printed', 'and the one before still says that it prints it');
:as_admin
SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = :'fifth' \g /dev/null
SELECT is((SELECT s.is_latest FROM report.processing_sessions AS s WHERE s.session_id = :'third'), true,
    'when the latest is cancelled the one before counts again');
SELECT is((SELECT s.is_latest FROM report.processing_sessions AS s WHERE s.session_id = :'fifth'), false, 'and the cancelled one does not');
:as_processor
SELECT api.import_activity(tap.days('t', '01/10/2023'), 'Guessed') ->> 'session_id' AS guessed \gset
SELECT api.import_activity(tap.days('u', '02/10/2023'), 'Wrong', :'guessed', p_period_start => '2023-02-01') ->> 'session_id' AS wrong \gset
SELECT (api.accept_submission(s.session_id, s.version, 'It is')).status FROM report.processing_sessions AS s WHERE s.session_id = :'wrong' \g /dev/null
SELECT is(api.import_activity(tap.days('v', '03/10/2023'), 'Right', :'wrong', p_period_start => '2023-03-01') ->> 'code', 'other_month',
    'a given month stands as a printed one does');
:as_admin
SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = :'wrong' \g /dev/null
:as_processor
SELECT api.import_activity(tap.days('v', '03/10/2023'), 'Right', :'guessed', p_period_start => '2023-03-01') ->> 'session_id' AS right \gset
SELECT (api.accept_submission(s.session_id, s.version, 'It is')).status FROM report.processing_sessions AS s WHERE s.session_id = :'right' \g /dev/null
SELECT is(tap.month_of(:'right'), '2023-03-01 2023-03-31 given', 'until the submission it was given for is cancelled');
SELECT api.import_activity(tap.days('o', '08/10/2025'), 'Dated', :'dateless') ->> 'session_id' AS dated \gset
SELECT is(tap.month_of(:'dated'), '2025-08-01 2025-08-31 receipts', 'after a submission without dates the next one finds the month');
SELECT is(tap.month_of(:'dateless'), '2025-08-01 2025-08-31 chain', 'for the one before, too');

-- Two months of one period are two programmes.
SELECT api.import_activity(tap.days('p', '12/10/2025'), 'Fleet', p_programme => ' Fleet ') ->> 'session_id' AS fleet,
    api.import_activity(tap.days('q', '12/10/2025'), 'Travel', p_programme => 'Travel') ->> 'session_id' AS travel \gset
SELECT is(tap.month_of(:'fleet'), 'Fleet 2025-12-01 2025-12-31 receipts', 'a programme is kept without blanks around it');
SELECT is((SELECT string_agg(m.programme, ', ' ORDER BY m.programme) FROM report.months AS m WHERE m.period_start = '2025-12-01'),
    'Fleet, Travel', 'each programme has a month of its own');
SELECT is(api.import_activity(tap.days('p', '12/10/2025'), 'Fleet', p_programme => 'Fleet') ->> 'outcome', 'unchanged',
    'the same file of the same programme is there already');
SELECT is(api.import_activity(tap.days('p', '12/10/2025'), 'Fleet', p_period_start => '2025-12-01') ->> 'outcome', 'unchanged',
    'so is one of the same period');
SELECT is(api.import_activity(tap.days('p', '12/10/2025'), p_programme => 'Hotels', p_dry_run => true) ->> 'outcome', 'dry_run',
    'of another programme it is not');
SELECT is(api.import_activity(tap.days('p', '12/10/2025'), p_period_start => '2025-11-01', p_dry_run => true) ->> 'outcome', 'dry_run',
    'nor of another period');
SELECT is(a ->> 'code' || ' ' || (a ->> 'path'), 'other_month programme', 'a later submission is of its parent''s programme')
FROM api.import_activity(tap.days('r', '12/10/2025'), 'Next', :'fleet', p_programme => 'Travel') AS a;
SELECT tap.month_of((api.import_activity(tap.days('r', '12/10/2025'), 'Next', :'fleet') ->> 'session_id')::uuid) AS next \gset
SELECT is(:'next'::text, 'Fleet 2025-12-01 2025-12-31 chain', 'and need not say so');
SELECT is(api.import_activity(tap.days('s', '12/10/2025'), p_programme => repeat('x', 80), p_dry_run => true) ->> 'outcome', 'dry_run',
    'eighty characters are a name');
SELECT is(a ->> 'code' || ' ' || (a ->> 'path'), 'invalid_argument programme', 'eighty-one are too many')
FROM api.import_activity(tap.days('s', '12/10/2025'), p_programme => repeat('x', 81), p_dry_run => true) AS a;
SELECT is(a ->> 'code' || ' ' || (a ->> 'path'), 'control_character programme', 'a line end is in no name')
FROM api.import_activity(tap.days('s', '12/10/2025'), p_programme => E'Fleet\nTravel', p_dry_run => true) AS a;
SELECT is(api.import_activity(tap.days('s', '12/10/2025'), p_programme => 'Fleet 9999991234561193', p_dry_run => true)
    #>> '{report,programme}', 'Fleet 999999XXXXXX1193', 'nor is a card number');

-- Not by any other way.
:as_owner
SELECT throws_ok(format('UPDATE app.processing_sessions SET month_id = (SELECT month_id FROM app.processing_sessions WHERE session_id = %L),
        programme = %L WHERE session_id = %L', :'first', '', :'dated'), '23503', NULL, 'a submission does not leave the month of its chain');
SELECT throws_ok(format('UPDATE app.processing_sessions SET programme = %L WHERE session_id = %L', 'Travel', :'fleet'), '23503', NULL,
    'nor the programme of its month');
SELECT throws_ok(format('UPDATE app.processing_sessions SET period_source = NULL WHERE session_id = %L', :'fleet'), '23514', NULL,
    'and says how its month was found');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'everything written so far can be committed');
SELECT * FROM finish();
ROLLBACK;
