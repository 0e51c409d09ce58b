-- What a worker hands over is checked as data: it read files nobody vouches for.
-- requires: documents/tables

BEGIN;

CREATE OR REPLACE FUNCTION app.longest_text(p_document jsonb, p_path jsonpath) RETURNS integer
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT coalesce(max(length(t.value #>> '{}')), 0) FROM jsonb_path_query(p_document, p_path) AS t (value);
END;
COMMENT ON FUNCTION app.longest_text(jsonb, jsonpath) IS 'Length of the longest text at a path, 0 without one. Not asked by a pattern like ^.{1,255}$, which takes ten times as long as everything else that is looked at.';

CREATE OR REPLACE FUNCTION app.report_fault(p_car jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    -- An absent member counts as null, as in the comparisons of a path.
    SELECT CASE
        WHEN jsonb_path_exists(p_car, '$ ? (@.kind != "car" || @.parser_version.type() != "string"
                || !(@.parser_version like_regex "^[0-9A-Za-z.]{1,40}$") || @.page_count.type() != "number"
                || !(@.page_count >= 1 && @.page_count <= 100000) || @.cards.type() != "array"
                || @.pages.type() != "array" || @.notices.type() != "array" || @.report_totals.type() != "array"
                || @.parameters.type() != "object")')
            OR NOT p_car ?& ARRAY['kind', 'parser_version', 'page_count', 'cards', 'pages', 'notices', 'report_totals',
                'parameters'] OR octet_length((p_car -> 'parameters')::text) > 100000 THEN 'document'
        WHEN jsonb_path_exists(p_car, 'strict $.cards[*] ? (
                (@.employee_id != null && (@.employee_id.type() != "string" || !(@.employee_id like_regex "^[0-9]{1,10}$")))
                || (@.cardholder_name != null && (@.cardholder_name.type() != "string" || @.cardholder_name == ""))
                || !(@.card_number like_regex "^[0-9]{6}X{6}[0-9]{4}$")
                || (@.printed_masked != null && @.printed_masked.type() != "boolean")
                || @.pages.type() != "array" || @.charges.type() != "array" || @.totals.type() != "array"
                || @.problems.type() != "array"
                || exists (@.pages[*] ? (@.type() != "number" || @ < 1 || @ > 100000 || @.floor() != @)))')
            OR app.longest_text(p_car, '$.cards[*].cardholder_name') > 255 THEN 'card'
        WHEN jsonb_path_exists(p_car, 'strict $.cards[*].charges[*] ? (
                @.page.type() != "number" || @.page < 1 || @.page > 100000 || @.page.floor() != @.page
                || (@.trans_date != null && !(@.trans_date like_regex "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
                || (@.posted_date != null && !(@.posted_date like_regex "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
                || (@.level != null && (@.level.type() != "string" || !(@.level like_regex "^[^\n]+$")))
                || (@.number != null && (@.number.type() != "string" || !(@.number like_regex "^[^\n]+$")))
                || (@.merchant != null && (@.merchant.type() != "string" || @.merchant == ""))
                || (@.city != null && (@.city.type() != "string" || @.city == ""))
                || (@.state != null && (@.state.type() != "string" || @.state == ""))
                || (@.group != null && (@.group.type() != "string" || @.group == ""))
                || @.lines.type() != "array" || @.problems.type() != "array")')
            OR app.longest_text(p_car, '$.cards[*].charges[*].merchant') > 255
            OR app.longest_text(p_car, '$.cards[*].charges[*].city') > 255
            OR app.longest_text(p_car, '$.cards[*].charges[*].state') > 255
            OR app.longest_text(p_car, '$.cards[*].charges[*].group') > 255
            OR app.longest_text(p_car, '$.cards[*].charges[*].number') > 40
            OR app.longest_text(p_car, '$.cards[*].charges[*].level') > 20 THEN 'charge'
        WHEN jsonb_path_exists(p_car, 'strict $.cards[*].charges[*].lines[*] ? (
                @.page.type() != "number" || @.page < 1 || @.page > 100000 || @.page.floor() != @.page
                || (@.product != null && (@.product.type() != "string" || @.product == ""))
                || (@.ppu != null && !(@.ppu like_regex "^-?[0-9]{1,12}[.][0-9]{5}$"))
                || (@.quantity != null && !(@.quantity like_regex "^-?[0-9]{1,12}[.][0-9]{2}$"))
                || (@.gross != null && !(@.gross like_regex "^-?[0-9]{1,12}[.][0-9]{2}$"))
                || (@.discount != null && !(@.discount like_regex "^-?[0-9]{1,12}[.][0-9]{2}$"))
                || (@.net != null && !(@.net like_regex "^-?[0-9]{1,12}[.][0-9]{2}$"))
                || @.problems.type() != "array")')
            OR app.longest_text(p_car, '$.cards[*].charges[*].lines[*].product') > 255 THEN 'line'
        WHEN EXISTS (
            SELECT FROM (
                SELECT jsonb_path_query(p_car, '$.cards[*].totals[*]') UNION ALL
                SELECT jsonb_path_query(p_car, '$.report_totals[*]') UNION ALL
                SELECT jsonb_path_query(p_car, '$.cards[*].charges[*].totals ? (@ != null)')) AS t (total)
            WHERE jsonb_path_exists(t.total, 'strict $ ? (
                @.page.type() != "number" || @.page < 1 || @.page > 100000 || @.page.floor() != @.page
                || (@.gross != null && !(@.gross like_regex "^-?[0-9]{1,12}[.][0-9]{2}$"))
                || (@.discount != null && !(@.discount like_regex "^-?[0-9]{1,12}[.][0-9]{2}$"))
                || (@.net != null && !(@.net like_regex "^-?[0-9]{1,12}[.][0-9]{2}$")))'))
            THEN 'total' END;
END;
COMMENT ON FUNCTION app.report_fault(jsonb) IS 'Which kind of row of a read card report does not have its form (types, ranges, lengths): document, card, charge, line or total; null when all do.';

CREATE OR REPLACE FUNCTION app.receipts_fault(p_receipts jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN jsonb_path_exists(p_receipts, '$ ? (@.kind != "receipts" || @.parser_version.type() != "string"
                || !(@.parser_version like_regex "^[0-9A-Za-z.]{1,40}$") || @.page_count.type() != "number"
                || !(@.page_count >= 1 && @.page_count <= 100000) || @.receipts.type() != "array"
                || @.pages.type() != "array" || @.notices.type() != "array")')
            OR NOT p_receipts ?& ARRAY['kind', 'parser_version', 'page_count', 'receipts', 'pages', 'notices']
            THEN 'document'
        WHEN jsonb_path_exists(p_receipts, 'strict $.receipts[*] ? (
                @.page.type() != "number" || @.page < 1 || @.page > 100000 || @.page.floor() != @.page
                || (@.employee != null && (@.employee.type() != "string" || @.employee == ""))
                || (@.transaction_id != null && (@.transaction_id.type() != "string" || !(@.transaction_id like_regex "^[^\n]+$")))
                || (@.date != null && !(@.date like_regex "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
                || (@.amount != null && !(@.amount like_regex "^-?[0-9]{1,12}[.][0-9]{2}$"))
                || (@.coding_type != null && @.coding_type != "job_coding" && @.coding_type != "gl_coding")
                || (@.job != null && @.job.type() != "string") || (@.phase != null && @.phase.type() != "string")
                || (@.cost_type != null && @.cost_type.type() != "string")
                || (@.gl_account != null && @.gl_account.type() != "string")
                || (@.printed_address != null && @.printed_address.type() != "string")
                || (@.printed_merchant_address != null && @.printed_merchant_address.type() != "string")
                || (@.notes != null && (@.notes.type() != "number" || @.notes < 0 || @.notes > 1000000))
                || @.attachments.type() != "array" || @.has_attachment.type() != "boolean"
                || @.problems.type() != "array")')
            OR app.longest_text(p_receipts, '$.receipts[*].employee') > 255
            OR app.longest_text(p_receipts, '$.receipts[*].transaction_id') > 200
            OR EXISTS (SELECT FROM jsonb_array_elements(p_receipts -> 'receipts') AS r
                       WHERE octet_length(r.value::text) > 100000
                           OR (app.is_code(r.value ->> 'job') AND app.is_code(r.value ->> 'phase')
                               AND app.is_code(r.value ->> 'cost_type') AND app.is_code(r.value ->> 'gl_account')) IS FALSE)
            THEN 'receipt'
        WHEN jsonb_path_exists(p_receipts, '$.receipts[*].attachments[*] ? (@.type() != "string")') THEN 'attachment' END;
END;
COMMENT ON FUNCTION app.receipts_fault(jsonb) IS 'Which kind of row of a read receipt report does not have its form (types, ranges, lengths): document, receipt or attachment; null when all do.';

CREATE OR REPLACE FUNCTION app.pages_fault(p_document jsonb, p_rows text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN jsonb_path_exists(p_document, 'strict $.pages[*] ? (
                @.page.type() != "number" || @.page < 1 || @.page > 100000 || @.page.floor() != @.page
                || @.text.type() != "string" || @.loose.type() != "array"
                || (@.row != null && (@.row.type() != "number" || @.row < 0 || @.row > 100000 || @.row.floor() != @.row))
                || (@.reason != null && !(@.reason like_regex "^.{1,255}$" flag "s"))
                || !(@.status like_regex "^(used|skipped|unread)$"))') THEN 'page'
        WHEN jsonb_path_exists(p_document, 'strict $.notices[*] ? (
                !(@.code like_regex "^[a-z][a-z0-9_]{0,99}$") || @.message.type() != "string"
                || (@.page != null && (@.page.type() != "number" || @.page < 1 || @.page > 100000 || @.page.floor() != @.page))
                || (@.line != null && (@.line.type() != "number" || @.line < 1 || @.line > 1000000 || @.line.floor() != @.line)))')
            THEN 'notice'
        WHEN (SELECT count(*) FILTER (WHERE p.page BETWEEN 1 AND (p_document -> 'page_count')::integer)
                    <> (p_document -> 'page_count')::integer OR count(*) <> count(DISTINCT p.page)
                OR bool_or((p.status = 'used') <> (p.row IS NOT NULL))
                OR bool_or(p.status <> 'used' AND p.reason IS NULL)
                OR coalesce(max(p.row), 0) > jsonb_array_length(p_document -> p_rows)
              FROM jsonb_to_recordset(p_document -> 'pages') AS p (page integer, status text, "row" integer, reason text))
            THEN 'ledger' END;
END;
COMMENT ON FUNCTION app.pages_fault(jsonb, text) IS 'What is wrong with the page ledger of a read document, whose rows are in the named member: page, notice, or ledger (a page is missing, twice, or used by no row); null when nothing is.';

CREATE OR REPLACE FUNCTION app.problems_fault(p_document jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    -- Lax: a list of problems that is no list is looked at as if it were its only member.
    SELECT 'problem' WHERE EXISTS (
        SELECT FROM (
            SELECT jsonb_path_query(p_document, '$.parameters.problems[*]') UNION ALL
            SELECT jsonb_path_query(p_document, '$.report_totals[*].problems[*]') UNION ALL
            SELECT jsonb_path_query(p_document, '$.cards[*].problems[*]') UNION ALL
            SELECT jsonb_path_query(p_document, '$.cards[*].totals[*].problems[*]') UNION ALL
            SELECT jsonb_path_query(p_document, '$.cards[*].charges[*].problems[*]') UNION ALL
            SELECT jsonb_path_query(p_document, '$.cards[*].charges[*].lines[*].problems[*]') UNION ALL
            SELECT jsonb_path_query(p_document, '$.cards[*].charges[*].totals.problems[*]') UNION ALL
            SELECT jsonb_path_query(p_document, '$.receipts[*].problems[*]')) AS p (problem)
        WHERE jsonb_typeof(p.problem) <> 'object' OR jsonb_typeof(p.problem -> 'field') IS DISTINCT FROM 'string'
            OR p.problem ->> 'field' !~ '^[a-z_]{1,40}$'
            OR coalesce(jsonb_typeof(p.problem -> 'raw'), 'null') NOT IN ('string', 'null')
            OR jsonb_typeof(p.problem -> 'reason') IS DISTINCT FROM 'string');
END;
COMMENT ON FUNCTION app.problems_fault(jsonb) IS 'problem when something that a reader says it could not read does not have its form: a field, what is printed (null: nothing), a reason. Else null.';

CREATE OR REPLACE FUNCTION app.refuse_card_ids(p_car jsonb, p_receipts jsonb, p_known text[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_fault record;
BEGIN
    SELECT x.kind, x.page, x.field, x.text INTO v_fault
    FROM (
        SELECT 'car_pdf' AS kind, c.value #>> '{pages,0}' AS page, f.name AS field, c.value AS holder
        FROM pg_catalog.jsonb_path_query(p_car, '$.cards[*]') AS c (value)
        CROSS JOIN (VALUES ('cardholder_name'), ('employee_id')) AS f (name)
        UNION ALL
        SELECT 'car_pdf', c.value ->> 'page', f.name, c.value
        FROM pg_catalog.jsonb_path_query(p_car, '$.cards[*].charges[*]') AS c (value)
        CROSS JOIN (VALUES ('number'), ('level')) AS f (name)
        UNION ALL
        SELECT 'receipt_pdf', r.value ->> 'page', f.name, r.value
        FROM pg_catalog.jsonb_path_query(p_receipts, '$.receipts[*]') AS r (value)
        CROSS JOIN (VALUES ('employee'), ('transaction_id'), ('job'), ('phase'), ('cost_type'), ('gl_account')) AS f (name)
    ) AS h
    -- What has not the form of its field stands among the problems, as it is printed. Nearly all rows have none.
    CROSS JOIN LATERAL (
        SELECT h.kind, h.page, h.field, p.value ->> 'raw' AS text
        FROM pg_catalog.jsonb_path_query(h.holder, '$.problems[*]') AS p (value)
        WHERE p.value ->> 'field' = h.field
        UNION ALL
        SELECT h.kind, h.page, h.field, h.holder ->> h.field
        OFFSET 0
    ) AS x
    WHERE CASE WHEN h.holder -> 'problems' = '[]' THEN app.may_hold_card_number(h.holder ->> h.field) ELSE true END
        AND app.hide_card_numbers(x.text, p_known) <> x.text
    ORDER BY x.kind, pg_catalog.lpad(x.page, 10), x.field LIMIT 1;
    IF v_fault.field IS NOT NULL THEN
        PERFORM app.fail('IV018', v_fault.kind, NULL, pg_catalog.format('page %s, %s: %s', v_fault.page, v_fault.field,
            app.shorten(app.hide_card_numbers(v_fault.text, p_known), 200)));
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_card_ids(jsonb, jsonb, text[]) IS 'Raises IV018 for the first name, id or code in the rows of two documents, read or printed in a form that cannot be read, that holds a card number, naming document, page and field: these are never shortened. Looks at rows of any form.';

CREATE OR REPLACE FUNCTION app.judge_rows(p_car jsonb, p_receipts jsonb) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_car_fault text := coalesce(app.report_fault(p_car), app.pages_fault(p_car, 'cards'), app.problems_fault(p_car));
    v_receipts_fault text := coalesce(app.receipts_fault(p_receipts), app.pages_fault(p_receipts, 'receipts'),
        app.problems_fault(p_receipts));
    v_page record;
BEGIN
    IF v_car_fault IS NOT NULL OR v_receipts_fault IS NOT NULL OR p_car IS NULL OR p_receipts IS NULL THEN
        PERFORM app.fail('IV036',
            CASE WHEN v_receipts_fault IS NULL THEN 'car_pdf' WHEN v_car_fault IS NULL THEN 'receipt_pdf' ELSE '' END,
            NULL, pg_catalog.format('first wrong: %s', coalesce(v_car_fault, v_receipts_fault, 'document')));
    END IF;
    SELECT x.kind, x.page, x.reason INTO v_page
    FROM (
        SELECT 'car_pdf' AS kind, p.page, p.status, p.reason
        FROM pg_catalog.jsonb_to_recordset(p_car -> 'pages') AS p (page integer, status text, reason text)
        UNION ALL
        SELECT 'receipt_pdf', p.page, p.status, p.reason
        FROM pg_catalog.jsonb_to_recordset(p_receipts -> 'pages') AS p (page integer, status text, reason text)
    ) AS x
    WHERE x.status = 'unread' ORDER BY x.kind, x.page LIMIT 1;
    IF v_page.page IS NOT NULL THEN
        PERFORM app.fail('RL030', v_page.kind, NULL,
            pg_catalog.format('page %s: %s', v_page.page, v_page.reason));
    END IF;
END
$$;
COMMENT ON FUNCTION app.judge_rows(jsonb, jsonb) IS 'Lets only well-formed rows pass, from documents whose pages are all accounted for. Raises IV036, RL030 with the page and the reason.';

COMMIT;
