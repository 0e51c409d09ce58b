-- Removes cardholders, cards and aliases.

BEGIN;

DROP TABLE app.name_aliases;
DROP TABLE app.cards;
DROP INDEX app.users_cardholder_id_idx;
ALTER TABLE app.users DROP CONSTRAINT users_cardholder_id_fkey;
DROP TABLE app.cardholders;

COMMIT;
