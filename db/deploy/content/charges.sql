-- What the bank charged: charges, their product lines and the totals of each card, once per person and session.
-- requires: content/revisions

BEGIN;

-- That person, card and charge exist and were written together with the person's first revision is proved at commit.
CREATE TABLE app.card_totals (
    session_id uuid NOT NULL,
    cardholder_id uuid NOT NULL,
    card_id uuid NOT NULL,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    card_number text NOT NULL,
    is_printed_masked boolean,
    total_lines integer,
    printed_gross numeric(14, 2),
    printed_discount numeric(14, 2),
    printed_net numeric(14, 2),
    page_range integer[] NOT NULL,
    unread_fields jsonb,
    CONSTRAINT card_totals_pkey PRIMARY KEY (session_id, cardholder_id, card_id),
    CONSTRAINT card_totals_card_id_fkey FOREIGN KEY (card_id) REFERENCES app.cards (card_id),
    CONSTRAINT card_totals_card_number_check CHECK (card_number ~ '^[0-9]{6}X{6}[0-9]{4}$'),
    CONSTRAINT card_totals_total_lines_check CHECK (total_lines >= 0),
    CONSTRAINT card_totals_printed_check
        CHECK (printed_gross <> 'NaN' AND printed_discount <> 'NaN' AND printed_net <> 'NaN')
);
CREATE INDEX card_totals_card_id_idx ON app.card_totals (card_id);
CREATE INDEX card_totals_created_tx_idx ON app.card_totals (created_tx);
COMMENT ON TABLE app.card_totals IS 'A card of a person in a session, with its total line as printed. The true total is the sum of its charges.';
COMMENT ON COLUMN app.card_totals.session_id IS 'The session.';
COMMENT ON COLUMN app.card_totals.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.card_totals.card_id IS 'The card.';
COMMENT ON COLUMN app.card_totals.created_tx IS 'Number of the writing transaction, that of the person''s first revision in the session.';
COMMENT ON COLUMN app.card_totals.card_number IS 'Masked number: first six, XXXXXX, last four.';
COMMENT ON COLUMN app.card_totals.is_printed_masked IS 'True when the report prints the number masked, false when it prints it whole, on the first page of the card; null: not known.';
COMMENT ON COLUMN app.card_totals.total_lines IS 'How many total lines (Totals For Card Nbr) of the card the report prints: usually 1, 0 when it is missing; null: not known.';
COMMENT ON COLUMN app.card_totals.printed_gross IS 'Gross of the card''s total line, in dollars; null when the line is missing or cannot be read.';
COMMENT ON COLUMN app.card_totals.printed_discount IS 'Discount of the card''s total line.';
COMMENT ON COLUMN app.card_totals.printed_net IS 'Net of the card''s total line.';
COMMENT ON COLUMN app.card_totals.page_range IS 'Pages of the card report, from 1.';
COMMENT ON COLUMN app.card_totals.unread_fields IS 'Fields of the header block and of total lines that could not be read, as printed, with the reason; null when none.';
SELECT audit.guard('app.card_totals', 'immutable');

CREATE TABLE app.charges (
    session_id uuid NOT NULL,
    cardholder_id uuid NOT NULL,
    charge_id uuid NOT NULL,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    card_id uuid NOT NULL,
    natural_key text NOT NULL,
    position bigint NOT NULL,
    page_number integer NOT NULL,
    totals_page_number integer,
    purchase_date date,
    posted_date date,
    level text,
    transaction_number text,
    merchant_name text,
    city text,
    state text,
    merchant_group text,
    gross_amount numeric(14, 2),
    discount_amount numeric(14, 2),
    net_amount numeric(14, 2),
    unread_fields jsonb,
    CONSTRAINT charges_pkey PRIMARY KEY (session_id, cardholder_id, charge_id),
    CONSTRAINT charges_amount_check
        CHECK (gross_amount <> 'NaN' AND discount_amount <> 'NaN' AND net_amount <> 'NaN'),
    CONSTRAINT charges_date_check CHECK (isfinite(purchase_date) AND isfinite(posted_date))
);
CREATE INDEX charges_charge_id_idx ON app.charges (charge_id);
CREATE INDEX charges_created_tx_idx ON app.charges (created_tx);
COMMENT ON TABLE app.charges IS 'One transaction of the Cardholder Activity Report. It comes from the bank and is never edited, so it belongs to the person in the session and to all revisions there.';
COMMENT ON COLUMN app.charges.session_id IS 'The session.';
COMMENT ON COLUMN app.charges.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.charges.charge_id IS 'Identity of the charge, the same in all revisions of a session.';
COMMENT ON COLUMN app.charges.created_tx IS 'Number of the writing transaction, that of the person''s first revision in the session.';
COMMENT ON COLUMN app.charges.card_id IS 'The card.';
COMMENT ON COLUMN app.charges.natural_key IS 'What the charge is called across sessions: last four of the card, dates and transaction number; from the second one on with #2, #3 ….';
COMMENT ON COLUMN app.charges.position IS 'Order in the report, over all people; only the order counts.';
COMMENT ON COLUMN app.charges.page_number IS 'Page of the first line.';
COMMENT ON COLUMN app.charges.totals_page_number IS 'Page of the Transaction Totals line; null when missing.';
COMMENT ON COLUMN app.charges.purchase_date IS 'When the purchase was made.';
COMMENT ON COLUMN app.charges.posted_date IS 'When the bank posted it; receipts carry this date.';
COMMENT ON COLUMN app.charges.level IS 'Detail level, one letter.';
COMMENT ON COLUMN app.charges.transaction_number IS 'Transaction # of the bank, unique only within a card.';
COMMENT ON COLUMN app.charges.merchant_name IS 'Merchant, cut at 18 characters by the bank.';
COMMENT ON COLUMN app.charges.city IS 'City, or a telephone number or web name.';
COMMENT ON COLUMN app.charges.state IS 'State, CN for abroad.';
COMMENT ON COLUMN app.charges.merchant_group IS 'Merchant group, such as FUEL.';
COMMENT ON COLUMN app.charges.gross_amount IS 'Sum of the lines before discount, in dollars; null when one of them cannot be read.';
COMMENT ON COLUMN app.charges.discount_amount IS 'Sum of the discounts, in dollars; null when one of them cannot be read.';
COMMENT ON COLUMN app.charges.net_amount IS 'Sum of the lines after discount, in dollars: what receipts carry. Null when a line cannot be read.';
COMMENT ON COLUMN app.charges.unread_fields IS 'Fields that could not be read or do not tie with others of the charge, as printed, with the reason; null when none.';
SELECT audit.guard('app.charges', 'immutable');

CREATE TABLE app.charge_lines (
    session_id uuid NOT NULL,
    cardholder_id uuid NOT NULL,
    charge_id uuid NOT NULL,
    line_number integer NOT NULL,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    page_number integer NOT NULL,
    product_description text,
    unit_price numeric(19, 5),
    quantity numeric(14, 2),
    gross_amount numeric(14, 2),
    discount_amount numeric(14, 2),
    net_amount numeric(14, 2),
    CONSTRAINT charge_lines_pkey PRIMARY KEY (session_id, cardholder_id, charge_id, line_number),
    CONSTRAINT charge_lines_line_number_check CHECK (line_number >= 1),
    CONSTRAINT charge_lines_amount_check CHECK (gross_amount <> 'NaN' AND discount_amount <> 'NaN'
        AND net_amount <> 'NaN' AND unit_price <> 'NaN' AND quantity <> 'NaN')
);
CREATE INDEX charge_lines_created_tx_idx ON app.charge_lines (created_tx);
COMMENT ON TABLE app.charge_lines IS 'Product lines of a charge, as printed.';
COMMENT ON COLUMN app.charge_lines.session_id IS 'The session.';
COMMENT ON COLUMN app.charge_lines.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.charge_lines.charge_id IS 'The charge.';
COMMENT ON COLUMN app.charge_lines.line_number IS '1, 2, 3 … within the charge.';
COMMENT ON COLUMN app.charge_lines.created_tx IS 'Number of the writing transaction, that of the person''s first revision in the session.';
COMMENT ON COLUMN app.charge_lines.page_number IS 'Page of the report.';
COMMENT ON COLUMN app.charge_lines.product_description IS 'Product; null when the cell is empty.';
COMMENT ON COLUMN app.charge_lines.unit_price IS 'Price per unit or gallon, in dollars.';
COMMENT ON COLUMN app.charge_lines.quantity IS 'Units or gallons; negative for a credit.';
COMMENT ON COLUMN app.charge_lines.gross_amount IS 'Dollars before discount.';
COMMENT ON COLUMN app.charge_lines.discount_amount IS 'Discount in dollars.';
COMMENT ON COLUMN app.charge_lines.net_amount IS 'Dollars after discount.';
SELECT audit.guard('app.charge_lines', 'immutable');

CREATE TABLE app.bank_sides (
    session_id uuid NOT NULL,
    cardholder_id uuid NOT NULL,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    charge_count integer NOT NULL,
    charge_total numeric(14, 2),
    digest bytea NOT NULL,
    CONSTRAINT bank_sides_pkey PRIMARY KEY (session_id, cardholder_id),
    CONSTRAINT bank_sides_charge_count_check CHECK (charge_count >= 0),
    CONSTRAINT bank_sides_charge_total_check CHECK (charge_total <> 'NaN'),
    CONSTRAINT bank_sides_digest_check CHECK (length(digest) = 32)
);
CREATE INDEX bank_sides_created_tx_idx ON app.bank_sides (created_tx);
COMMENT ON TABLE app.bank_sides IS 'All that the bank says about a person in a session, measured once: every revision of the person takes its card total from here and has the digest in its hash. People without cards have no row.';
COMMENT ON COLUMN app.bank_sides.session_id IS 'The session.';
COMMENT ON COLUMN app.bank_sides.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.bank_sides.created_tx IS 'Number of the writing transaction, that of the person''s first revision in the session.';
COMMENT ON COLUMN app.bank_sides.charge_count IS 'Number of charges.';
COMMENT ON COLUMN app.bank_sides.charge_total IS 'Sum of the charges, in dollars; null when one of them cannot be read, or a card has none and no total line of 0.00 that says so.';
COMMENT ON COLUMN app.bank_sides.digest IS 'SHA-256 over cards, charges and lines, the same under any session settings.';
SELECT audit.guard('app.bank_sides', 'immutable');

COMMIT;
