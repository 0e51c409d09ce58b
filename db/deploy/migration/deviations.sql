-- The known deviations: errors of the program used before, each with the function that foresees it.
-- requires: migration/old_results

BEGIN;

INSERT INTO app.known_deviations (deviation_code, level, description, finder, approved_by) VALUES
('masked_card', 'person', 'A masked card counts 0: the total line is looked for with 16 digits.', 'foresee_card_totals', 'docs/formats.md'),
('gross_not_net', 'person', 'The first amount of the total line is taken, which is before discounts.', 'foresee_card_totals', 'docs/formats.md'),
('last_card', 'person', 'Of several cards the last total overwrites the others.', 'foresee_card_totals', 'docs/formats.md'),
('negative_total', 'person', 'A negative total of a card is not recognised and stays 0.', 'foresee_card_totals', 'docs/formats.md'),
('no_total_line', 'person', 'A card without total line counts 0.', 'foresee_card_totals', 'docs/formats.md'),
('printed_total', 'person', 'The printed total is taken where the charges add up to another.', 'foresee_card_totals', 'docs/formats.md'),
('odd_id', 'person', 'Pages of an employee id outside of 4 to 6 digits are not seen, and their totals go to the person before.',
    'foresee_people', 'docs/formats.md'),
('merged_names', 'person', 'Employees with one name key are one person, with the id and card of the first.', 'foresee_people', 'docs/formats.md'),
('hard_name', 'receipt', 'A receipt name with a sign beyond letters, blanks and dots ends the reading: that page and all later ones are missing.',
    'foresee_reading', 'docs/formats.md'),
('no_coding_type', 'receipt', 'A page without coding type stops everything: nothing of the receipt report is there.',
    'foresee_reading', 'docs/formats.md'),
('duplicate_page', 'receipt', 'A page that repeats a receipt id counts twice; by id only the last one is left, and the total has both.',
    'foresee_repeats', 'docs/formats.md'),
('address_as_amount', 'receipt', 'Of an office address on two lines the second is read as the amount: the number it starts with, else 0.',
    'foresee_receipts', 'docs/formats.md'),
('amount_not_found', 'receipt', 'An amount that cannot be read is 0.', 'foresee_receipts', 'docs/formats.md'),
('two_attachments', 'receipt', 'Two attachments count as none.', 'foresee_receipts', 'docs/formats.md'),
('label_as_purpose', 'receipt', 'An empty purpose is the label, with the number of notes.', 'foresee_receipts', 'docs/formats.md'),
('empty_title', 'receipt', 'An empty title is the expense type.', 'foresee_receipts', 'docs/formats.md'),
('cut_address', 'receipt', 'Of the merchant''s address only the first line is kept.', 'foresee_receipts', 'docs/formats.md'),
('part_code', 'receipt', 'A code that is not whole is dropped.', 'foresee_receipts', 'docs/formats.md'),
('never_mismatch', 'decision', 'That the totals differ is never flagged.', 'foresee_decisions', 'docs/formats.md'),
('other_rules', 'decision', 'Finished is asked by the four flags alone: what another rule finds keeps nobody back, and a credit does for want of a receipt.',
    'foresee_decisions', 'docs/formats.md'),
('csv_pay_type', 'csv', 'The pay type is 2 whatever the coding.', 'foresee_csv', 'docs/formats.md'),
('csv_first_card', 'csv', 'A line has the first of several cards, whichever was charged; without card the word None.', 'foresee_csv', 'docs/formats.md');

COMMIT;
