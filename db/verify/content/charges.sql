-- Charges and what hangs on them are insert-only in every replication role.

BEGIN;

SELECT app.expect_objects($$
constraint app.bank_sides.bank_sides_charge_count_check
constraint app.bank_sides.bank_sides_charge_total_check
constraint app.bank_sides.bank_sides_created_tx_check
constraint app.bank_sides.bank_sides_digest_check
constraint app.bank_sides.bank_sides_pkey
constraint app.card_totals.card_totals_card_id_fkey
constraint app.card_totals.card_totals_card_number_check
constraint app.card_totals.card_totals_card_numbers_check
constraint app.card_totals.card_totals_created_tx_check
constraint app.card_totals.card_totals_pkey
constraint app.card_totals.card_totals_printed_check
constraint app.card_totals.card_totals_total_lines_check
constraint app.charge_lines.charge_lines_amount_check
constraint app.charge_lines.charge_lines_card_numbers_check
constraint app.charge_lines.charge_lines_created_tx_check
constraint app.charge_lines.charge_lines_line_number_check
constraint app.charge_lines.charge_lines_pkey
constraint app.charges.charges_amount_check
constraint app.charges.charges_card_numbers_check
constraint app.charges.charges_created_tx_check
constraint app.charges.charges_date_check
constraint app.charges.charges_pkey
index app.bank_sides_created_tx_idx
index app.card_totals_card_id_idx
index app.card_totals_created_tx_idx
index app.charge_lines_created_tx_idx
index app.charges_charge_id_idx
index app.charges_created_tx_idx
table app.bank_sides (session_id, cardholder_id, created_tx, charge_count, charge_total, digest): select ccp_auditor
table app.card_totals (session_id, cardholder_id, card_id, created_tx, card_number, is_printed_masked, total_lines,
    printed_gross, printed_discount, printed_net, page_range, unread_fields): select ccp_auditor
table app.charge_lines (session_id, cardholder_id, charge_id, line_number, created_tx, page_number,
    product_description, unit_price, quantity, gross_amount, discount_amount, net_amount): select ccp_auditor
table app.charges (session_id, cardholder_id, charge_id, created_tx, card_id, natural_key, "position", page_number,
    totals_page_number, purchase_date, posted_date, level, transaction_number, merchant_name, city, state,
    merchant_group, gross_amount, discount_amount, net_amount, unread_fields): select ccp_auditor
trigger app.bank_sides.t10_immutable
trigger app.bank_sides.t90_mark
trigger app.card_totals.t10_immutable
trigger app.card_totals.t90_mark
trigger app.charge_lines.t10_immutable
trigger app.charge_lines.t90_mark
trigger app.charges.t10_immutable
trigger app.charges.t90_mark
$$);

ROLLBACK;
