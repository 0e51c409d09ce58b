-- Cardholders, their cards, and the aliases under which receipts name them.
-- requires: audit/capture

BEGIN;

CREATE TABLE app.cardholders (
    cardholder_id uuid NOT NULL DEFAULT app.new_id(),
    name_key text NOT NULL,
    employee_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT cardholders_pkey PRIMARY KEY (cardholder_id),
    CONSTRAINT cardholders_name_key_employee_id_key UNIQUE NULLS NOT DISTINCT (name_key, employee_id),
    -- No ASCII but capitals, # and digits: a key is also the name of a file.
    CONSTRAINT cardholders_name_key_check CHECK (length(name_key) BETWEEN 1 AND 200 AND name_key !~ '[\u0001-"$-/:-@[-`a-\u00bf]'),
    CONSTRAINT cardholders_employee_id_check CHECK (length(employee_id) BETWEEN 1 AND 40)
);
-- For lists that name people by their number alone, and for whoever has several names.
CREATE INDEX cardholders_employee_id_idx ON app.cardholders (employee_id) WHERE employee_id IS NOT NULL;
COMMENT ON TABLE app.cardholders IS 'People, over all sessions. Two people with one name key are told apart by employee id; a row without employee id is somebody only receipts name.';
COMMENT ON COLUMN app.cardholders.cardholder_id IS 'Key.';
COMMENT ON COLUMN app.cardholders.name_key IS 'Name folded by app.name_key, as the bank prints it.';
COMMENT ON COLUMN app.cardholders.employee_id IS 'Employee number as printed, null while unknown.';
COMMENT ON COLUMN app.cardholders.created_at IS 'When first seen.';
SELECT audit.guard('app.cardholders', 'mutable');

ALTER TABLE app.users ADD CONSTRAINT users_cardholder_id_fkey
    FOREIGN KEY (cardholder_id) REFERENCES app.cardholders (cardholder_id);
CREATE INDEX users_cardholder_id_idx ON app.users (cardholder_id);

CREATE TABLE app.cards (
    card_id uuid NOT NULL DEFAULT app.new_id(),
    cardholder_id uuid NOT NULL,
    first_six text NOT NULL,
    last_four text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT cards_pkey PRIMARY KEY (card_id),
    CONSTRAINT cards_cardholder_id_first_six_last_four_key UNIQUE (cardholder_id, first_six, last_four),
    CONSTRAINT cards_cardholder_id_fkey FOREIGN KEY (cardholder_id) REFERENCES app.cardholders (cardholder_id),
    CONSTRAINT cards_first_six_check CHECK (first_six ~ '^[0-9]{6}$'),
    CONSTRAINT cards_last_four_check CHECK (last_four ~ '^[0-9]{4}$')
);
CREATE INDEX cards_first_six_last_four_idx ON app.cards (first_six, last_four);
COMMENT ON TABLE app.cards IS 'Cards, known by first six, last four and holder; the digits between are never stored.';
COMMENT ON COLUMN app.cards.card_id IS 'Key.';
COMMENT ON COLUMN app.cards.cardholder_id IS 'Who holds the card.';
COMMENT ON COLUMN app.cards.first_six IS 'First six digits.';
COMMENT ON COLUMN app.cards.last_four IS 'Last four digits.';
COMMENT ON COLUMN app.cards.created_at IS 'When first seen.';
SELECT audit.guard('app.cards', 'mutable');

CREATE TABLE app.name_aliases (
    receipt_key text NOT NULL,
    name_key text NOT NULL,
    reason text NOT NULL,
    valid_from date,
    valid_until date,
    approved_by uuid NOT NULL,
    approved_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT name_aliases_pkey PRIMARY KEY (receipt_key),
    CONSTRAINT name_aliases_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES app.users (user_id),
    CONSTRAINT name_aliases_receipt_key_check CHECK (length(receipt_key) BETWEEN 1 AND 200 AND receipt_key !~ '[\u0001-"$-/:-@[-`a-\u00bf]'
        AND receipt_key <> name_key),
    CONSTRAINT name_aliases_name_key_check CHECK (length(name_key) BETWEEN 1 AND 200 AND name_key !~ '[\u0001-"$-/:-@[-`a-\u00bf]'),
    CONSTRAINT name_aliases_reason_check CHECK (length(btrim(reason)) BETWEEN 1 AND 4000),
    CONSTRAINT name_aliases_valid_check
        CHECK (isfinite(valid_from) AND isfinite(valid_until) AND valid_from <= valid_until)
);
CREATE INDEX name_aliases_approved_by_idx ON app.name_aliases (approved_by);
CREATE INDEX name_aliases_name_key_idx ON app.name_aliases (name_key);
COMMENT ON TABLE app.name_aliases IS 'Name keys of receipts that mean a person the bank prints otherwise: middle names, initials, nicknames.';
COMMENT ON COLUMN app.name_aliases.receipt_key IS 'Name key as receipts have it.';
COMMENT ON COLUMN app.name_aliases.name_key IS 'Name key as the bank prints it.';
COMMENT ON COLUMN app.name_aliases.reason IS 'Why it means that person.';
COMMENT ON COLUMN app.name_aliases.valid_from IS 'First day on which imports use it; null: from the start.';
COMMENT ON COLUMN app.name_aliases.valid_until IS 'Last day on which imports use it; null: no end. What it moved stays where it is.';
COMMENT ON COLUMN app.name_aliases.approved_by IS 'Who approved the alias.';
COMMENT ON COLUMN app.name_aliases.approved_at IS 'When it was approved.';
COMMENT ON COLUMN app.name_aliases.version IS 'Grows by one with every change.';
CREATE OR REPLACE TRIGGER t50_version BEFORE UPDATE ON app.name_aliases FOR EACH ROW EXECUTE FUNCTION app.raise_version();
COMMENT ON TRIGGER t50_version ON app.name_aliases IS 'Raises the version.';
ALTER TABLE app.name_aliases ENABLE ALWAYS TRIGGER t50_version;
SELECT audit.guard('app.name_aliases', 'mutable');

COMMIT;
