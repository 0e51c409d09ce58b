-- Removes like merchants and suspected repeats.

BEGIN;

DROP FUNCTION app.find_contested(app.match_edge[], app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_history[]);
DROP FUNCTION app.join_likes(app.match_side[], app.match_side[], app.match_history[]);
DROP FUNCTION app.find_suspects(app.match_side[], app.match_side[], app.match_history[]);
DROP FUNCTION app.find_kin(app.match_side[], app.match_side[], app.match_history[]);
DROP TYPE app.match_kin;

COMMIT;
