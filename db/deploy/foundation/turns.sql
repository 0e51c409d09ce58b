-- One after the other: a lock by name that nobody but our functions can take.
-- requires: foundation/schemas

BEGIN;

CREATE TABLE app.turns (
    about text NOT NULL,
    CONSTRAINT turns_pkey PRIMARY KEY (about)
);
COMMENT ON TABLE app.turns IS 'Whose turn it is: a row stands here only while its transaction runs, and another one with the same name waits for its end. Always empty to a reader.';
COMMENT ON COLUMN app.turns.about IS 'What only one transaction at a time may do.';

-- An advisory lock would do the same, but anybody who can connect can hold one and so stop everybody else.
CREATE OR REPLACE FUNCTION app.take_turn(p_about text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    INSERT INTO app.turns (about) VALUES (p_about) ON CONFLICT DO NOTHING;
    DELETE FROM app.turns AS t WHERE t.about = p_about;
END
$$;
COMMENT ON FUNCTION app.take_turn(text) IS 'Waits until no other transaction that has taken the same turn is open, and keeps the turn until the end of this one. Taken twice it is kept. Waiting ends by lock_timeout with 55P03.';

COMMIT;
