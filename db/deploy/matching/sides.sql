-- What matching looks at: both sides of a revision in one shape, and how well two of them fit.
-- requires: matching/tables
-- requires: matching/merchants
-- requires: content/measure

BEGIN;

CREATE TYPE app.match_side AS (
    revision_id uuid,
    item_id uuid,
    natural_key text COLLATE "C",
    amount numeric(14, 2),
    day date,
    other_day date,
    merchant_key text COLLATE "C",
    merchant_words text COLLATE "C",
    series_key text COLLATE "C",
    is_lodging boolean,
    is_meal boolean,
    is_eligible boolean,
    class_key text COLLATE "C",
    is_repeat boolean
);
COMMENT ON TYPE app.match_side IS 'A charge or a receipt as matching sees it. day is the posted date or the receipt''s date, other_day the transaction date of a charge. series_key is the merchant by which rows of one amount are taken as a series; null for rows that take no part. class_key is empty, or the natural key when a person rejected a pair with it: only rows of one class are interchangeable twins. Not eligible: out of pocket, or a repeat, whose receipt id came before.';

CREATE TYPE app.match_pair AS (
    revision_id uuid,
    charge_id uuid,
    transaction_id uuid
);
COMMENT ON TYPE app.match_pair IS 'A charge and a receipt of one revision.';

CREATE TYPE app.match_edge AS (
    revision_id uuid,
    charge_id uuid,
    transaction_id uuid,
    amount numeric(14, 2),
    residual numeric(14, 2),
    pass text,
    first_pass text,
    decision_number bigint,
    policy_version integer,
    amount_part numeric,
    date_part numeric,
    merchant_part numeric,
    history_part numeric,
    score numeric,
    runner_up_charge_id uuid,
    runner_up_transaction_id uuid,
    runner_up_score numeric
);
COMMENT ON TYPE app.match_edge IS 'An allocation before it is written.';

CREATE TYPE app.match_history AS (
    charge_merchant_key text,
    receipt_merchant_key text,
    part numeric
);
COMMENT ON TYPE app.match_history IS 'What people decided before about two merchant keys, from 0 (always rejected) over 0.5 to 1.';

CREATE OR REPLACE FUNCTION app.print_of_side(p_amount numeric, p_day date, p_other_day date, p_merchant_name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_build_array(p_amount, p_day - date '2000-01-01', p_other_day - date '2000-01-01',
        app.clean_words(p_merchant_name))::text;
END;
COMMENT ON FUNCTION app.print_of_side(numeric, date, date, text) IS 'Amount, dates (as days since 2000) and merchant, however it is spelled, in one text: equal exactly when a side is unchanged.';

CREATE OR REPLACE FUNCTION app.is_in_window(p_charge app.match_side, p_receipt app.match_side, p_policy app.matching_policies)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN (p_charge).is_lodging OR (p_receipt).is_lodging
        THEN coalesce((p_receipt).day - (p_charge).day
                BETWEEN -(p_policy).lodging_days_before AND (p_policy).lodging_days_after, false)
            OR coalesce((p_receipt).day - (p_charge).other_day
                BETWEEN -(p_policy).lodging_days_before AND (p_policy).lodging_days_after, false)
        ELSE coalesce((p_receipt).day - (p_charge).day
                BETWEEN -(p_policy).days_before AND (p_policy).days_after, false)
            OR coalesce((p_receipt).day - (p_charge).other_day
                BETWEEN -(p_policy).days_before AND (p_policy).days_after, false)
        END;
END;
COMMENT ON FUNCTION app.is_in_window(app.match_side, app.match_side, app.matching_policies) IS 'True when the receipt''s date lies within the window around the posted or the transaction date, both ends included; lodging has a window of its own. False when a date is missing.';

CREATE OR REPLACE FUNCTION app.days_apart(p_charge app.match_side, p_receipt app.match_side) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT least(abs((p_receipt).day - (p_charge).day), abs((p_receipt).day - (p_charge).other_day));
END;
COMMENT ON FUNCTION app.days_apart(app.match_side, app.match_side) IS 'Days between the receipt and the nearer date of the charge; null when a date is missing.';

CREATE OR REPLACE FUNCTION app.date_part_of(p_charge app.match_side, p_receipt app.match_side, p_policy app.matching_policies)
RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN (p_receipt).day = (p_charge).day THEN 1.000
        WHEN (p_receipt).day = (p_charge).other_day THEN 0.900
        WHEN NOT app.is_in_window(p_charge, p_receipt, p_policy) THEN 0.000
        ELSE round(0.5 * greatest(0, 1 - (least(abs((p_receipt).day - (p_charge).day),
                abs((p_receipt).day - (p_charge).other_day)) - 1)::numeric
            / (1 + CASE WHEN (p_charge).is_lodging OR (p_receipt).is_lodging
                THEN greatest((p_policy).lodging_days_before, (p_policy).lodging_days_after)
                ELSE greatest((p_policy).days_before, (p_policy).days_after) END)), 3)
        END;
END;
COMMENT ON FUNCTION app.date_part_of(app.match_side, app.match_side, app.matching_policies) IS 'How well the dates fit: 1 on the posted date, 0.9 on the transaction date, from 0.5 one day off down to 0 at the end of the window and outside.';

CREATE OR REPLACE FUNCTION app.amount_part_of(p_charge_amount numeric, p_receipt_amount numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN p_charge_amount = p_receipt_amount THEN 1.000
        WHEN p_charge_amount * p_receipt_amount > 0 THEN round(0.9 * (1 - abs(p_charge_amount - p_receipt_amount)
            / greatest(abs(p_charge_amount), abs(p_receipt_amount))), 3)
        ELSE 0.000 END;
END;
COMMENT ON FUNCTION app.amount_part_of(numeric, numeric) IS 'How well two amounts fit: 1 when equal, else at most 0.9, less by their difference relative to the larger; 0 for other signs.';

CREATE OR REPLACE FUNCTION app.merchant_part_of(p_charge app.match_side, p_receipt app.match_side) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN (p_charge).merchant_key = (p_receipt).merchant_key THEN 1.000
        ELSE app.merchant_likeness((p_charge).merchant_words, (p_receipt).merchant_words) END;
END;
COMMENT ON FUNCTION app.merchant_part_of(app.match_side, app.match_side) IS 'How well the merchants fit: 1 when their keys are equal, else the likeness of their words, see app.merchant_likeness.';

CREATE OR REPLACE FUNCTION app.score_of(
    p_amount_part numeric, p_date_part numeric, p_merchant_part numeric, p_history_part numeric,
    p_policy app.matching_policies
) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT round((p_policy).amount_weight * p_amount_part + (p_policy).date_weight * p_date_part
        + (p_policy).merchant_weight * p_merchant_part + (p_policy).history_weight * p_history_part, 4);
END;
COMMENT ON FUNCTION app.score_of(numeric, numeric, numeric, numeric, app.matching_policies) IS 'The four parts by the weights of the policy, from 0 to 1. Orders and explains; never opens a gate.';

COMMIT;
