-- Removes the passes over series.

BEGIN;

DROP FUNCTION app.match_merchants(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies, text, app.match_edge[], app.match_side[]);
DROP FUNCTION app.match_plain(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies);
DROP FUNCTION app.leave_open(app.match_side[], app.match_edge[], text);

COMMIT;
