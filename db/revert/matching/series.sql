-- Removes series of rows of one amount and merchant.

BEGIN;

DROP FUNCTION app.match_series(app.match_side[], app.match_side[], app.match_habit[], app.match_crowd[], app.match_pair[], app.match_history[], app.matching_policies, text);
DROP FUNCTION app.learn_habits(app.match_side[], app.match_edge[], app.match_crowd[], app.matching_policies);
DROP FUNCTION app.match_singles(app.match_side[], app.match_side[], app.match_crowd[], app.match_pair[], app.match_history[], app.matching_policies, text);
DROP FUNCTION app.find_odd(app.match_side[], app.match_side[]);
DROP FUNCTION app.find_crowds(app.match_side[], app.match_side[]);
DROP TYPE app.match_habit;
DROP TYPE app.match_crowd;

COMMIT;
