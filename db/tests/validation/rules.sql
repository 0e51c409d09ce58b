-- Each of the first rules on both sides of its edge; the others have files of their own.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(54);

CREATE FUNCTION tap.issues(p_session_id uuid) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT coalesce(string_agg(i.issue_type || ' ' || coalesce(i.amount_impact::text, '?'), ', '
        ORDER BY i.issue_type COLLATE "C", i.amount_impact), '') || ': '
        || (SELECT e.status FROM report.employee_revisions AS e WHERE e.session_id = p_session_id)
    FROM report.validation_issues AS i
    WHERE i.session_id = p_session_id AND i.issue_type IN ('missing_coding_info', 'missing_receipt',
        'missing_all_receipts', 'total_mismatch', 'duplicate_transaction', 'invalid_amount', 'invalid_date',
        'ambiguous_name');
END;
-- What the rules find in one entry: code and amount at stake, as text; the session stays for a look at it.
CREATE FUNCTION tap.found(p_entry jsonb) RETURNS text
LANGUAGE sql VOLATILE
AS $$
    WITH imported AS MATERIALIZED (
        SELECT (tap.import_activity(jsonb_build_object('ANN', p_entry)::text, p_request_id => app.new_id()::text)
            ->> 'session_id')::uuid AS session_id
    )
    SELECT tap.issues(i.session_id) FROM imported AS i
$$;
GRANT USAGE ON SCHEMA app TO ccp_processor;
GRANT EXECUTE ON FUNCTION app.new_id() TO ccp_processor;

:as_processor
SELECT is(tap.found(tap.entry('{}', tap.receipt())), ': finished', 'nothing is wrong');

-- missing_coding_info
SELECT is(tap.found(tap.entry('{}', tap.receipt('{"gl_acct": null}'))), 'missing_coding_info 10.00: unfinished',
    'GL coding without account');
SELECT is(tap.found(tap.entry('{}', tap.receipt('{"gl_acct": ""}'))), 'missing_coding_info 10.00: unfinished',
    'with an empty one');
SELECT is(tap.found(tap.entry('{}', tap.receipt('{"code_type": "Job Coding", "job": "1.", "phase": "2", "cost_type": "3", "gl_acct": null}'))),
    ': finished', 'job coding with job, phase and cost type');
SELECT is(tap.found(tap.entry('{}', tap.receipt('{"code_type": "Job Coding", "phase": "2", "cost_type": "3", "gl_acct": null}'))),
    'missing_coding_info 10.00: unfinished', 'without job');
SELECT is(tap.found(tap.entry('{}', tap.receipt('{"code_type": "Job Coding", "job": "1.", "cost_type": "3", "gl_acct": null}'))),
    'missing_coding_info 10.00: unfinished', 'without phase');
SELECT is(tap.found(tap.entry('{}', tap.receipt('{"code_type": "Job Coding", "job": "1.", "phase": "2", "gl_acct": null}'))),
    'missing_coding_info 10.00: unfinished', 'without cost type');
SELECT is(tap.found(tap.entry('{}', tap.receipt('{"code_type": null, "gl_acct": null}'))),
    'missing_coding_info 10.00: unfinished', 'no coding type at all');
SELECT is(tap.found(tap.entry('{}', tap.receipt('{"code_type": "Job Coding", "coded": true}'))),
    'missing_coding_info 10.00: unfinished', 'what the file claims does not count');
SELECT is(tap.found(tap.entry('{"car_total": -10}', tap.receipt('{"gl_acct": null, "amt": "-10.00"}'))),
    'missing_coding_info 10.00: unfinished', 'at stake is the amount without sign');
SELECT is(tap.found(tap.entry('{}', tap.receipt('{"gl_acct": null}'), tap.receipt('{"gl_acct": null, "rec_id": "2", "amt": "0.00"}'))),
    'missing_coding_info 0.00, missing_coding_info 10.00: unfinished', 'one issue each');

-- missing_receipt
SELECT is(tap.found(tap.entry('{}', tap.receipt('{"attachment": false}'))), 'missing_receipt 10.00: unfinished',
    'no attachment');
SELECT is(tap.found(tap.entry('{}', tap.receipt('{"attachment": null}'))), 'missing_receipt 10.00: unfinished',
    'not said is none');
SELECT is(tap.found(tap.entry('{}', tap.receipt() - 'attachment')), 'missing_receipt 10.00: unfinished',
    'a missing field too');

-- missing_all_receipts
SELECT is(tap.found(tap.entry()), 'missing_all_receipts 10.00: unfinished', 'in the report and no receipt');
SELECT is(tap.found(tap.entry('{"receipts": {}}')), 'missing_all_receipts 10.00: unfinished', 'an empty object of receipts');
SELECT is(tap.found(tap.entry('{"receipts": {"null": []}}')), 'missing_all_receipts 10.00: unfinished', 'an empty list');
SELECT is(tap.found(tap.entry('{"receipts": null}')), 'missing_all_receipts 10.00: unfinished', 'null');
SELECT is(tap.found(tap.entry('{"car_total": 0}')), 'invalid_amount ?, missing_all_receipts ?: unfinished',
    'with an unknown card total what is at stake is unknown');
SELECT is(tap.found('{}'), 'invalid_amount ?, missing_all_receipts ?: unfinished',
    'somebody of whom nothing is said is of the report, and what is not known finishes nobody');
SELECT is(tap.found(tap.receipts_only('{"receipts": {"null": []}}')), 'invalid_amount ?, missing_all_receipts ?: unfinished',
    'so is whom neither a card nor a receipt names');

-- total_mismatch
SELECT is(tap.found(tap.entry('{"car_total": 10.01}', tap.receipt())), 'total_mismatch 0.01: unfinished', 'one cent more');
SELECT is(tap.found(tap.entry('{"car_total": 9.99}', tap.receipt())), 'total_mismatch 0.01: unfinished', 'one cent less');
SELECT is(tap.found(tap.entry('{"car_total": 10.0000000002}', tap.receipt())), ': finished', 'a float tail is none');
SELECT is(tap.found(tap.entry('{"car_total": -10}', tap.receipt())), 'total_mismatch 20.00: unfinished', 'a credit');
SELECT is(tap.found(tap.receipts_only('{}', tap.receipt())), 'total_mismatch 0.00: unfinished',
    'receipts of somebody the report does not name: orphan_receipts counts the dollars');
SELECT is(tap.found(tap.receipts_only('{}', tap.receipt(), tap.receipt('{"rec_id": "2", "amt": "-10.00"}'))), ': finished',
    'unless they add up to 0');
SELECT is(tap.found(tap.entry('{}', tap.receipt(), tap.receipt('{"rec_id": "2", "amt": "n/a"}'))), 'invalid_amount ?: unfinished',
    'the readable sum is compared, and what was not read finishes nobody');

-- duplicate_transaction
SELECT is(tap.found(tap.entry('{"car_total": 10}', tap.receipt(), tap.receipt())), 'duplicate_transaction 10.00: finished',
    'a receipt id twice: an issue for the later page, which is no evidence');
SELECT is(tap.found(tap.entry('{"car_total": 20}', tap.receipt(), tap.receipt())),
    'duplicate_transaction 10.00, total_mismatch 10.00: unfinished', 'and rescues no total');
SELECT is(tap.found(tap.entry('{"car_total": 10}', tap.receipt(), tap.receipt(), tap.receipt())),
    'duplicate_transaction 10.00, duplicate_transaction 10.00: finished', 'three times: two issues');
SELECT is(tap.found(tap.entry('{"car_total": 20}', tap.receipt(), tap.receipt('{"rec_id": "2"}'))), ': finished',
    'the same content with another id is another receipt');
SELECT is(tap.found(tap.entry('{"car_total": 20}', tap.receipt('{"rec_id": null}'), tap.receipt('{"rec_id": ""}'))), ': finished',
    'receipts without id are no duplicates');
SELECT tap.import_activity(jsonb_build_object('ANN', tap.entry('{"employee_id": "1"}', tap.receipt('{"rec_id": "77"}')),
    'BEA', tap.entry('{"employee_id": "2", "car_page_range": [2]}', tap.receipt('{"rec_id": "77"}')))::text) ->> 'session_id' AS session_id \gset
SELECT results_eq(format('SELECT i.employee_name, i.issue_type, i.description FROM report.validation_issues AS i
        WHERE i.session_id = %L', :'session_id'),
    $$VALUES ('BEA', 'duplicate_transaction',
        'Receipt id 77 was handed in before: receipt 77 of $10.00 from LANDING SEAFOOD CO on 2025-03-29')$$, 'of two people the later page');

-- invalid_amount
SELECT is(tap.found(tap.entry('{}', tap.receipt(), tap.receipt('{"rec_id": "2", "amt": 0}'))), 'invalid_amount ?: unfinished',
    'the number 0 of the old program is a missing amount');
SELECT is(tap.found(tap.entry('{}', tap.receipt(), tap.receipt('{"rec_id": "2", "amt": "0.00"}'))), ': finished',
    'the text 0.00 is an amount');
SELECT is(tap.found(tap.entry('{}', tap.receipt(), tap.receipt('{"rec_id": "2", "amt": null}'))), 'invalid_amount ?: unfinished',
    'null');
SELECT is(tap.found(tap.entry('{}', tap.receipt(), tap.receipt('{"rec_id": "2"}') - 'amt')), 'invalid_amount ?: unfinished',
    'a missing field');
SELECT is(tap.found(tap.entry('{}', tap.receipt(), tap.receipt('{"rec_id": "2", "amt": ""}'))), 'invalid_amount ?: unfinished',
    'an empty text');
SELECT is(tap.found(tap.entry('{}', tap.receipt(), tap.receipt('{"rec_id": "2", "amt": "1.005"}'))), 'invalid_amount ?: unfinished',
    'a third decimal');
SELECT is(tap.found(tap.entry('{"car_total": 0}', tap.receipt())), 'invalid_amount ?: unfinished',
    'a card total of 0 beside a card is unknown and blocks');
SELECT is(tap.found(tap.entry('{"car_total": null}', tap.receipt())), 'invalid_amount ?: unfinished', 'null too');
SELECT is(tap.found(tap.entry('{"car_total": 10.005}', tap.receipt())), 'invalid_amount ?: unfinished', 'a third decimal too');
SELECT is(tap.found(tap.receipts_only('{"car_total": 0}', tap.receipt('{"amt": "0.00"}'))), ': finished',
    '0 for somebody the report does not name is 0');

-- invalid_date
SELECT is(tap.found(tap.entry('{}', tap.receipt('{"date": "02/30/2025"}'))), 'invalid_date 10.00: unfinished', 'a day that is none');
SELECT is(tap.found(tap.entry('{}', tap.receipt('{"date": null}'))), 'invalid_date 10.00: unfinished', 'no date');
SELECT is(tap.found(tap.entry('{}', tap.receipt('{"date": "2025-03-29"}'))), ': finished', 'the ISO way of writing');

-- Flags.
:as_tester
SELECT set_eq($$SELECT r.rule_code, f.key FROM app.validation_rules AS r, jsonb_each(app.flags_of(ARRAY[r.rule_code])) AS f
        WHERE f.value = 'true'$$, $$SELECT f, f AS flag FROM jsonb_object_keys(app.flags_of(NULL)) AS f$$,
    'each flag tells of its own rule, and of the others none does');
SELECT is(app.flags_of(NULL)::text ~ 'true|null', false, 'where no rule was run none is up');

-- Severity, and rules as data.
SELECT results_eq('SELECT r.rule_code, r.severity, r.blocks FROM report.validation_rules AS r WHERE r.is_current
        AND r.rule_code IN (''missing_coding_info'', ''missing_receipt'', ''missing_all_receipts'', ''total_mismatch'',
            ''duplicate_transaction'', ''invalid_amount'', ''invalid_date'') ORDER BY 1',
    $$VALUES ('duplicate_transaction', 'medium', false), ('invalid_amount', 'high', true), ('invalid_date', 'medium', true),
        ('missing_all_receipts', 'high', true), ('missing_coding_info', 'high', true), ('missing_receipt', 'high', true),
        ('total_mismatch', 'medium', true)$$, 'severity and blocking are as agreed');
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
