-- Each rule about charges, on both sides of its edge.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
CREATE FUNCTION tap.severities(p_rule_code text, p_parameters jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_found text;
BEGIN
    EXECUTE format('SELECT string_agg(concat_ws('' '', f.subject_key, f.severity), '', '' ORDER BY f.subject_key)
        FROM app.%I($1, $2) AS f', 'find_' || p_rule_code) INTO v_found
        USING ARRAY(SELECT p.draft FROM tap.people AS p), p_parameters;
    RETURN v_found;
END
$$;
SELECT plan(39);
:as_owner
SELECT s.session_id FROM api.create_session('March') AS s \gset
SELECT tap.person(jsonb_build_object('session_id', :'session_id')) AS p \gset
SELECT tap.charge_row(:'p', 'before', '{"posted_date": "2025-02-28"}'), tap.charge_row(:'p', 'first', '{"posted_date": "2025-03-01"}'),
    tap.charge_row(:'p', 'last', '{"posted_date": "2025-03-31"}'), tap.charge_row(:'p', 'after', '{"posted_date": "2025-04-01"}') \g /dev/null
SELECT is(tap.found('out_of_period'), NULL, 'out_of_period: nothing is judged without a printed period');
SELECT tap.set_month(:'session_id', '2025-03-01', '2025-03-31', 'printed') \g /dev/null
SELECT is(tap.found('out_of_period'), 'after 10.00, before 10.00', 'out_of_period: both ends of the period belong to it');

SELECT tap.forget() \g /dev/null
SELECT tap.person() AS p \gset
SELECT tap.charge_row(:'p', 'edge', '{"purchase_date": "2025-03-01", "posted_date": "2025-03-31"}'),
    tap.charge_row(:'p', 'stale', '{"purchase_date": "2025-03-01", "posted_date": "2025-04-01"}') \g /dev/null
SELECT is(tap.found('stale_posting'), 'stale 10.00', 'stale_posting: thirty days are within');

SELECT tap.forget() \g /dev/null
SELECT tap.person() AS p \gset
SELECT tap.charge_row(:'p', 'edge', '{"net_amount": 5000.00}'), tap.charge_row(:'p', 'over', '{"net_amount": 5000.01}'),
    tap.charge_row(:'p', 'credit', '{"net_amount": -9000.00}') \g /dev/null
SELECT is(tap.found('over_limit'), NULL, 'over_limit: nothing is found while no limit is set');
\set limits '{"limit": 5000.00, "medium_from": 110, "high_from": 200}'
SELECT is(tap.found('over_limit', :'limits'), 'over 0.01', 'over_limit: the limit itself is within; at stake is the excess');
SELECT tap.charge_row(:'p', 'low', '{"net_amount": 5500.00}'), tap.charge_row(:'p', 'medium', '{"net_amount": 5500.01}'),
    tap.charge_row(:'p', 'medium too', '{"net_amount": 10000.00}'), tap.charge_row(:'p', 'high', '{"net_amount": 10000.01}') \g /dev/null
SELECT is(tap.severities('over_limit', :'limits'), 'high high, low low, medium medium, medium too medium, over low',
    'over_limit: severity grows with the excess');
SELECT api.save_spending_limit(NULL, 'Restaurants', 10000.00) \g /dev/null
SELECT is(tap.found('over_limit'), 'high 0.01', 'over_limit: a limit of the merchant group holds without one of the company');
SELECT tap.charge_row(:'p', 'hotel', '{"net_amount": 5000.01, "merchant_group": "HOTELS"}') \g /dev/null
SELECT is(tap.found('over_limit', :'limits'), 'high 0.01, hotel 0.01', 'over_limit: and goes before it in its group');
:as_tester
INSERT INTO app.cardholders (cardholder_id, employee_id, name_key)
SELECT (p.draft).cardholder_id, '1001', 'WADEWINDFALLOW' FROM tap.people AS p;
SELECT (p.draft).cardholder_id AS wade FROM tap.people AS p \gset
:as_owner
SELECT api.save_spending_limit(:'wade', NULL, 5500.00) \g /dev/null
SELECT is(tap.found('over_limit', :'limits'), 'high 4500.01, medium 0.01, medium too 4500.00',
    'over_limit: that of the person goes before that of the group');
SELECT api.save_spending_limit(:'wade', 'restaurants ', 20000.00) \g /dev/null
SELECT is(tap.found('over_limit', :'limits'), NULL, 'over_limit: that of the person in the group goes before both');
SELECT is((SELECT (l.merchant_group, l.limit_amount)::text FROM api.save_spending_limit(:'wade', 'RESTAURANTS', NULL, 1) AS l),
    '(RESTAURANTS,20000.00)', 'a limit that is taken off is answered as it was');
SELECT throws_ok('SELECT api.save_spending_limit(NULL, '' '', 1)', 'IV008', NULL, 'a limit is of somebody or of some group');
SELECT throws_ok('SELECT api.save_spending_limit(NULL, ''FUEL'', 0.001)', 'IV008', NULL, 'a limit has whole cents');
SELECT throws_ok(format('SELECT api.save_spending_limit(%L, NULL, 1)', app.new_id()), 'NF004', NULL, 'a limit is of somebody known');
SELECT throws_ok(format('SELECT api.save_spending_limit(%L, NULL, 1)', :'wade'), 'ST001', NULL, 'a limit is changed at the version seen');
UPDATE app.users AS u SET cardholder_id = :'wade' WHERE u.user_id = app.actor_id();
SELECT throws_ok(format('SELECT api.save_spending_limit(%L, NULL, 9000.00, 1)', :'wade'), 'PM003', NULL, 'nobody says what their own card may spend');
SELECT throws_ok(format('SELECT api.save_spending_limit(%L, ''fuel'', 9000.00)', :'wade'), 'PM003', NULL, 'in no group either');
UPDATE app.users AS u SET cardholder_id = NULL WHERE u.user_id = app.actor_id();

-- 2025-03-14 is a Friday.
SELECT tap.forget() \g /dev/null
SELECT tap.person() AS p \gset
SELECT tap.charge_row(:'p', 'fri', '{"net_amount": 3000, "purchase_date": "2025-03-14"}'),
    tap.charge_row(:'p', 'mon', '{"net_amount": 2000, "purchase_date": "2025-03-17", "merchant_name": "landing seafood "}') \g /dev/null
SELECT is(tap.found('split_purchase'), NULL, 'split_purchase: exactly the limit together is within');
SELECT tap.charge_row(:'p', 'april', '{"net_amount": 1, "purchase_date": "2025-04-14"}') \g /dev/null
SELECT is(tap.found('split_purchase'), NULL, 'split_purchase: whatever is spent there a month later');
SELECT tap.charge_row(:'p', 'cent', '{"net_amount": 0.01, "purchase_date": "2025-03-17"}') \g /dev/null
SELECT is(tap.found('split_purchase'), 'LANDING SEAFOOD fri 0.01', 'split_purchase: a cent more, over the weekend, is told once');
SELECT is(tap.found('split_purchase', '{"limit": 3000.00, "business_days": 1}'), 'LANDING SEAFOOD fri 2000.01',
    'split_purchase: a part of exactly the limit counts');
SELECT is(tap.found('split_purchase', '{"limit": 2999.99, "business_days": 1}'), NULL,
    'split_purchase: a part above the limit is over_limit''s, not a split');
SELECT is(tap.found('split_purchase', '{"limit": 5000.00, "business_days": 0}'), NULL, 'split_purchase: not over days when none is allowed');
SELECT api.save_calendar_day('2025-03-15', true, 'Worked Saturday') \g /dev/null
SELECT is(tap.found('split_purchase'), NULL, 'split_purchase: with a worked Saturday between, Monday is two days on');
SELECT tap.charge_row(:'p', 'sat', '{"net_amount": 4000, "purchase_date": "2025-03-15"}') \g /dev/null
SELECT is(tap.found('split_purchase'), 'LANDING SEAFOOD fri 2000.00, LANDING SEAFOOD sat 1000.01',
    'split_purchase: windows that overlap and each hold more are both told');
SELECT tap.charge_row(:'p', 'back early', '{"net_amount": -4000, "purchase_date": "2025-03-10", "posted_date": "2025-03-13"}') \g /dev/null
SELECT is(tap.found('split_purchase'), 'LANDING SEAFOOD fri 2000.00, LANDING SEAFOOD sat 1000.01',
    'split_purchase: a credit from before takes nothing back');
SELECT tap.charge_row(:'p', 'back', '{"net_amount": -4000, "purchase_date": "2025-03-20", "posted_date": "2025-03-20"}') \g /dev/null
SELECT is(tap.found('split_purchase'), NULL, 'split_purchase: what was taken back was not bought');

SELECT tap.forget() \g /dev/null
SELECT tap.person() AS p \gset
SELECT tap.charge_row(:'p', 'first', '{"posted_date": "2025-03-03"}'), tap.charge_row(:'p', 'second', '{"posted_date": "2025-03-12"}'),
    tap.charge_row(:'p', 'back', '{"net_amount": -10.00, "posted_date": "2025-03-03"}'),
    tap.charge_row(:'p', 'back again', '{"net_amount": -10.00, "posted_date": "2025-03-11"}'),
    tap.charge_row(:'p', 'elsewhere', '{"net_amount": -10.00, "posted_date": "2025-03-30", "merchant_name": "ELSEWHERE"}') \g /dev/null
SELECT is((SELECT string_agg(c.natural_key, ', ') FROM app.kept_purchases(ARRAY(SELECT p.draft FROM tap.people AS p)) AS k
        JOIN app.charges AS c ON c.charge_id = k.charge_id), 'second',
    'a credit of the merchant and amount takes back a purchase of its day or before, each one');
SELECT tap.charge_row(:'p', 'unread', '{"net_amount": null, "posted_date": "2025-03-12"}'), tap.charge_row(:'p', 'nothing', '{"net_amount": 0}') \g /dev/null
SELECT is((SELECT string_agg(c.natural_key, ', ' ORDER BY c.natural_key) FROM app.kept_purchases(ARRAY(SELECT p.draft FROM tap.people AS p)) AS k
        JOIN app.charges AS c ON c.charge_id = k.charge_id), 'second, unread', 'an unknown amount is taken for a purchase, nothing is none');

SELECT tap.forget() \g /dev/null
SELECT tap.person() AS p, tap.person() AS q \gset
SELECT tap.charge_row(:'p', 'a', '{"net_amount": 25.00}'), tap.charge_row(:'p', 'same card', '{"net_amount": 25.00, "position": 2}'),
    tap.charge_row(:'p', 'other card', '{"net_amount": 25.00, "position": 3, "card_id": "00000000-0000-7000-8000-000000000002"}'),
    tap.charge_row(:'p', 'other day', '{"net_amount": 25.00, "purchase_date": "2025-03-13", "card_id": "00000000-0000-7000-8000-000000000002"}'),
    tap.charge_row(:'q', 'other person', '{"net_amount": 25.00, "card_id": "00000000-0000-7000-8000-000000000003"}') \g /dev/null
SELECT is(tap.found('duplicate_across_cards'), 'other card 25.00', 'duplicate_across_cards: the same purchase on another card of the person');
SELECT is(tap.found('duplicate_across_cards', '{"minimum_amount": 25.01}'), NULL, 'duplicate_across_cards: below the minimum nothing is compared');

SELECT tap.forget() \g /dev/null
SELECT tap.person() AS p, tap.person() AS q \gset
SELECT tap.charge_row(:'p', 'casino', '{"merchant_name": "Lucky CASINO 7"}'), tap.charge_row(:'p', 'group', '{"merchant_group": "CASINOS"}'),
    tap.receipt_row(:'p', 'known', '{"merchant_name": "Casino"}'), tap.receipt_row(:'q', 'receipt', '{"merchant_name": "casino royale"}'),
    tap.receipt_row(:'q', 'percent', '{"merchant_name": "CAS%NO"}') \g /dev/null
SELECT is(tap.found('prohibited_merchant'), NULL, 'prohibited_merchant: nothing while the list is empty');
SELECT api.save_prohibited_merchant('casino', 'No gambling') \g /dev/null
SELECT is(tap.found('prohibited_merchant'), 'charge casino 10.00, receipt 10.00',
    'prohibited_merchant: by name, capitals or not, in whole words; receipts only of people without charges');
SELECT api.save_prohibited_merchant('casinos', 'No gambling') \g /dev/null
SELECT is(tap.found('prohibited_merchant'), 'charge casino 10.00, charge group 10.00, receipt 10.00', 'prohibited_merchant: or by group');
SELECT is(app.dollars(-0.45), '-$0.45', 'the sign of dollars stands before them');
SELECT is(app.dollars(NULL), 'an unknown amount', 'what is not known is not 0.00');
SELECT is(app.plain_words(' O''Brien''s Café-Bar 7 '), 'O BRIEN S CAFE BAR 7', 'words are compared without accents and signs');
SELECT api.save_prohibited_merchant('casino', NULL, 1), api.save_prohibited_merchant('casinos', NULL, 1) \g /dev/null
SELECT is(tap.found('prohibited_merchant'), NULL, 'prohibited_merchant: nothing after the merchant is off the list');
:as_tester
SELECT tap.forget() \g /dev/null
:as_owner
SELECT s.session_id AS other FROM api.create_session('April') AS s \gset
SELECT tap.set_month(:'other', '2025-03-01', '2025-03-31', 'given') \g /dev/null
SELECT tap.person(jsonb_build_object('session_id', :'other')) AS p \gset
SELECT tap.charge_row(:'p', 'before', '{"posted_date": "2025-02-28"}') \g /dev/null
SELECT is(tap.found('out_of_period'), NULL, 'out_of_period: nothing is judged by a period that was not printed');
SELECT * FROM finish();
ROLLBACK;
