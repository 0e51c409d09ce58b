-- Every way to write a watched table leaves exactly the rows it changed in the history.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/watched_table.psql
SELECT plan(25);

SELECT is(pg_temp.act($$INSERT INTO app."Odd ""table" ("Key", "select") VALUES (1, 'x'), (2, 'y')$$),
    'insert:1:a:x insert:2:a:y', 'an insert of two rows leaves two rows, in order');
SELECT is(pg_temp.act($$UPDATE app."Odd ""table" SET "select" = 'z' WHERE "Key" = 1$$),
    'update:1:a:z', 'an update leaves the new row');
SELECT is(pg_temp.act($$UPDATE app."Odd ""table" SET "select" = 'z' WHERE "Key" = 1$$),
    '', 'an update that changes nothing leaves nothing');
SELECT is(pg_temp.act($$UPDATE app."Odd ""table" SET "select" = 'q' WHERE "Key" = 99$$),
    '', 'an update of no row leaves nothing');
SELECT is(pg_temp.act($$DELETE FROM app."Odd ""table" WHERE "Key" = 2$$),
    'delete:2:a:y', 'a delete leaves the last values');
SELECT is(pg_temp.act($$INSERT INTO app."Odd ""table" ("Key", "select") VALUES (1, 'c'), (3, 'c')
        ON CONFLICT ("Key", part) DO UPDATE SET "select" = excluded."select"$$),
    'update:1:a:c insert:3:a:c', 'an upsert leaves what it updated and what it inserted');
SELECT is(pg_temp.act($$INSERT INTO app."Odd ""table" ("Key") VALUES (1) ON CONFLICT DO NOTHING$$),
    '', 'a conflict that does nothing leaves nothing');
SELECT is(pg_temp.act($$MERGE INTO app."Odd ""table" AS t USING (VALUES (1), (3), (4)) AS s (k) ON t."Key" = s.k
        WHEN MATCHED AND s.k = 3 THEN DELETE
        WHEN MATCHED THEN UPDATE SET "select" = 'm'
        WHEN NOT MATCHED THEN INSERT ("Key", "select") VALUES (s.k, 'm')$$),
    'delete:3:a:c update:1:a:m insert:4:a:m', 'MERGE leaves what it deleted, updated and inserted');
SELECT is(pg_temp.act($$UPDATE app."Odd ""table" SET tags = '{a,"b c",NULL}', details = '{"n": [1.50, null]}'
        WHERE "Key" = 4$$), 'update:4:a:m', 'arrays and jsonb are columns like others');
SELECT results_eq($$SELECT tags, details, twice FROM pg_temp.seen ORDER BY seq DESC LIMIT 1$$,
    $$VALUES ('{a,"b c",NULL}'::text[], '{"n": [1.50, null]}'::jsonb, 8)$$,
    'their values are kept exactly, and that of a generated column');
SELECT is(pg_temp.act($$UPDATE app."Odd ""table" SET "select" = '1' WHERE "Key" = 4;
        UPDATE app."Odd ""table" SET "select" = '2' WHERE "Key" = 4;
        UPDATE app."Odd ""table" SET "select" = '3' WHERE "Key" = 4$$),
    'update:4:a:1 update:4:a:2 update:4:a:3', 'several changes of a row in one transaction are all there, in order');
SELECT is(pg_temp.act($$DO $d$ BEGIN
        BEGIN
            UPDATE app."Odd ""table" SET "select" = 'lost' WHERE "Key" = 4;
            RAISE EXCEPTION USING ERRCODE = 'P0002';
        EXCEPTION WHEN no_data_found THEN NULL; END;
        UPDATE app."Odd ""table" SET "select" = 'kept' WHERE "Key" = 4;
    END $d$ $$), 'update:4:a:kept', 'what a savepoint took back left nothing');

SELECT is(pg_temp.act($$INSERT INTO app.part_of_odd VALUES (1, 4, 'a'), (2, 4, 'a');
        DELETE FROM app."Odd ""table" WHERE "Key" = 4$$), 'delete:4:a:kept', 'a delete cascades');
SELECT is((SELECT count(*)::integer FROM audit.part_of_odd_history WHERE audit_operation = 'delete'), 2,
    'the rows it takes along are in their history');

SET LOCAL session_replication_role = replica;
SELECT is(pg_temp.act($$INSERT INTO app."Odd ""table" ("Key", "select") VALUES (7, 'r')$$),
    'insert:7:a:r', 'replica mode changes nothing');
SET LOCAL session_replication_role = origin;

SELECT is(pg_temp.act($$UPDATE app."Odd ""table" SET "Key" = 8 WHERE "Key" = 7$$), 'RL003', 'the key cannot change');
SELECT is(pg_temp.act($$UPDATE app."Odd ""table" SET part = 'b' WHERE "Key" = 7$$), 'RL003', 'nor a part of it');
SELECT is(pg_temp.act($$TRUNCATE app."Odd ""table" CASCADE$$), 'RL002', 'TRUNCATE is refused');
SELECT is(pg_temp.try($$UPDATE audit."Odd ""table_history" SET audit_reason = 'x'$$), 'RL002',
    'the history refuses updates of its owner');
SELECT is(pg_temp.try($$DELETE FROM audit."Odd ""table_history"$$), 'RL002', 'and deletes');
SELECT is(pg_temp.try($$TRUNCATE audit."Odd ""table_history"$$), 'RL002', 'and TRUNCATE');
SELECT is(pg_temp.try($$INSERT INTO audit."Odd ""table_history" ("Key", part, audit_seq, audit_tx, audit_at,
        audit_operation, audit_actor, audit_login, audit_role)
        VALUES (1, 'a', 1, 5, now(), 'update', app.new_id(), 'x', 'x')$$), '23514',
    'no row of another transaction can be put into it');

SET LOCAL app.reason = 'as asked';
SET LOCAL app.request_id = 'r-1';
SELECT is(pg_temp.act($$UPDATE app."Odd ""table" SET "select" = 'who' WHERE "Key" = 7$$), 'update:7:a:who',
    'a change with a reason');
SELECT results_eq($$SELECT h.audit_tx, u.user_name, h.audit_login, h.audit_role, h.audit_reason, h.audit_request_id
    FROM audit."Odd ""table_history" AS h JOIN app.users AS u ON u.user_id = h.audit_actor
    ORDER BY h.audit_seq DESC LIMIT 1$$,
    $$SELECT app.tx(), 'deployment', 'ccp_owner', 'none', 'as asked', 'r-1'$$,
    'it says in which transaction, who, as which login and role, why and by which request');
SELECT results_eq($$SELECT operation, object_key, user_name, reason, changes FROM report.audit_trail
    WHERE table_name = 'Odd "table' ORDER BY change_number DESC LIMIT 1$$,
    $$VALUES ('update', '7,a' COLLATE "C", 'deployment', 'as asked', '{"select": {"old": "r", "new": "who"}}'::jsonb)$$,
    'the trail has the old and the new value of the field that changed');
SELECT * FROM finish();
ROLLBACK;
