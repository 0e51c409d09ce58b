-- What silences what, and judging again, are private.

BEGIN;

SELECT app.expect_objects($$
constraint app.rule_silences.rule_silences_card_numbers_check
constraint app.rule_silences.rule_silences_pkey
constraint app.rule_silences.rule_silences_rule_code_check
function app.current_drafts(uuid[], uuid[])
function app.heard_findings(app.revision_draft[], app.rule_finding[])
function app.is_silent(uuid, uuid, text)
function app.judge_again(uuid[], uuid[], text[], text)
function app.judge_others(app.revision_draft[])
function app.judge_silenced(uuid[])
function app.judge_without(uuid)
function app.place_findings(app.revision_draft[], app.rule_finding[])
function app.replaced_receipts(app.revision_draft[])
table app.rule_silences (rule_code, silenced_by): select ccp_auditor
$$);

ROLLBACK;
