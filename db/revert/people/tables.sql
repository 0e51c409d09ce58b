-- Removes cardholders, cards and aliases.

BEGIN;

SELECT audit.forget_table('app.name_aliases');
DROP TABLE app.name_aliases;
SELECT audit.forget_table('app.cards');
DROP TABLE app.cards;
DROP INDEX app.users_cardholder_id_idx;
ALTER TABLE app.users DROP CONSTRAINT users_cardholder_id_fkey;
SELECT audit.forget_table('app.cardholders');
DROP TABLE app.cardholders;

COMMIT;
