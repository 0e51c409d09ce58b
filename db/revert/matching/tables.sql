-- Removes open items, allocations and decisions.

BEGIN;

DROP TABLE app.open_items;
DROP TABLE app.allocations;
DROP TABLE app.matchings;
DROP TABLE app.match_decisions;

COMMIT;
