-- Who may do what with matches: the matrix of role, object and verb.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(24);

CREATE TEMP TABLE roles AS
SELECT r.name, r.name IN ('ccp_admin', 'ccp_processor') AS may_decide, r.name <> 'ccp_worker' AS may_read
FROM unnest(ARRAY['ccp_admin', 'ccp_processor', 'ccp_reviewer', 'ccp_read_only', 'ccp_report', 'ccp_auditor',
    'ccp_worker']) AS r (name);

SELECT is(
    has_function_privilege(r.name, 'api.decide_match(text, uuid[], uuid[], integer, text, numeric[], text)', 'EXECUTE'),
    r.may_decide, r.name || CASE WHEN r.may_decide THEN ' may decide' ELSE ' may not decide' END || ' matches')
FROM roles AS r;

SELECT is(
    (SELECT bool_and(has_table_privilege(r.name, v.name, 'SELECT') = r.may_read)
     FROM unnest(ARRAY['report.matches', 'report.matches_history', 'report.open_charges', 'report.open_receipts',
         'report.bridge', 'report.bridge_history', 'report.session_bridge', 'report.match_rates',
         'report.match_decisions', 'report.matching_policies']) AS v (name)),
    true, r.name || CASE WHEN r.may_read THEN ' reads' ELSE ' does not read' END || ' all views of matching')
FROM roles AS r;

SELECT is(
    (SELECT bool_or(has_table_privilege(r.name, t.name, v.verb))
     FROM unnest(ARRAY['app.match_decisions', 'app.matchings', 'app.found_allocations',
         'app.found_open_items',
         'app.matching_policies']) AS t (name)
     CROSS JOIN unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS v (verb)),
    false, r.name || ' writes no table of matching')
FROM roles AS r;

SELECT is(
    (SELECT array_agg(r.name ORDER BY r.name) FROM roles AS r
     WHERE has_function_privilege(r.name, 'api.save_matching_policy(jsonb, integer, text)', 'EXECUTE')),
    ARRAY['ccp_admin'], 'only administrators change the policy');

SELECT is(
    (SELECT array_agg(r.rule_code ORDER BY r.rule_code) FROM app.validation_rules AS r
     WHERE r.rule_code IN ('unmatched_charge', 'unmatched_receipt', 'amount_residual', 'ambiguous_match', 'weak_match',
         'proposed_sum', 'suspected_repeat') AND r.enabled AND r.blocks),
    ARRAY['ambiguous_match', 'amount_residual', 'proposed_sum', 'suspected_repeat', 'unmatched_charge', 'weak_match'],
    'all rules about open rows block, but that about receipts without charge');

SELECT is(
    (SELECT count(*) FROM report.error_codes AS e
     WHERE e.slug IN ('no_such_pair', 'nothing_decided', 'residual_too_large', 'pair_not_allowed',
         'over_allocated')),
    5::bigint, 'the codes of decisions are in the catalogue');

SELECT finish();
ROLLBACK;
