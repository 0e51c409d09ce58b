-- Removes pseudonyms.

BEGIN;

DROP VIEW report.name_aliases;

-- Views of earlier changes are what they were before they were covered.
DO $$
DECLARE
    v_view record;
BEGIN
    FOR v_view IN
        SELECT c.oid::regclass AS name, pg_catalog.pg_get_viewdef(c.oid) AS text FROM pg_catalog.pg_class AS c
        WHERE c.oid IN (SELECT r.ev_class FROM pg_catalog.pg_rewrite AS r
            JOIN pg_catalog.pg_depend AS d ON d.objid = r.oid AND d.refobjid = 'app.hidden_names'::regclass)
            -- The rule of a view depends on its view.
            AND c.oid <> 'app.hidden_names'::regclass
    LOOP
        EXECUTE pg_catalog.format('CREATE OR REPLACE VIEW %s AS %s', v_view.name, pg_catalog.regexp_replace(pg_catalog.substr(
            v_view.text, pg_catalog.strpos(v_view.text, E'\n   FROM ( ') + 10), '\) v;$', ''));
    END LOOP;
END
$$;

DROP TRIGGER t60_follow ON app.name_aliases;
DROP TRIGGER t60_follow ON app.cards;
DROP TRIGGER t60_follow ON app.cardholders;
DROP FUNCTION app.follow_people();
DROP FUNCTION app.known_as(uuid, text[]);
DROP FUNCTION app.name_patterns(text[], text[], text[], text);
DROP FUNCTION app.cover_names();
DROP FUNCTION app.covered_text(regclass);
DROP FUNCTION app.shown(text);
DROP FUNCTION report.hide_names_of_value(jsonb, text[]);
DROP FUNCTION report.hide_names_of_list(text[], text[]);
DROP FUNCTION report.hide_names(text, text[]);
DROP VIEW app.hidden_names;
SELECT audit.forget_table('app.pseudonyms');
DROP TABLE app.pseudonyms;

COMMIT;
