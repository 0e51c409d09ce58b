-- Removes the decisions about matches.

BEGIN;

DROP VIEW report.match_decisions;
DROP FUNCTION api.decide_match(text, uuid[], uuid[], integer, text, numeric[], text);
DROP TYPE report.match_answer;
DROP FUNCTION app.check_decision(app.session_employees, text, uuid[], uuid[], numeric[]);
DROP FUNCTION app.check_decided_amounts(app.session_employees);

COMMIT;
