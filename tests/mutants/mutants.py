"""The faults, as data: what is replaced by what in which function, and which tests must see it.

Off by one on either side of a border, a condition left out, a state forgotten, a sign turned, a
proof missing. Only faults that change what somebody can see are here: one that nothing can tell
from the original would survive for ever.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A fault: its place and text, what it means, and the tests that must see it."""

    name: str
    old: str
    new: str
    what: str
    pgtap: tuple[str, ...] = ()
    pytest: tuple[str, ...] = ()


VALUES = ("intake/amounts.sql", "intake/card_numbers.sql", "intake/dates.sql")
PASSES = ("tests/matching/test_passes.py",)
RECEIPT_RULES = ("validation/catalogue_receipts.sql",)
CHARGE_RULES = ("validation/catalogue_charges.sql",)
RULES = ("validation/rules.sql",)
WAIVERS = ("workflow/waivers.sql",)
BULK = ("workflow/bulk.sql",)
STEPS = ("workflow/issue_workflow.sql", "validation/resolve_issue.sql")
VERSIONS = ("revising/versions.sql",)
LIMITS = ("workflow/limits.sql",)
CORRECTIONS = ("revising/corrections_survive.sql",)
CONTROL = ("intake/control.sql",)
DOCUMENTS = (
    "documents/retention.sql",
    "documents/jobs.sql",
    "documents/upload.sql",
    "documents/acceptance.sql",
)

MONTHS = ("months",)
BATCHES = ("outputs/batches.sql", "outputs/batch_targets.sql")

MUTANTS = [
    # Reading values
    Mutant("app.whole_cents", "<= 0.000001", "<= 0.001", "tenths of a cent pass as cents", VALUES),
    Mutant(
        "app.whole_cents",
        "THEN round(p_value, 2)",
        "THEN trunc(p_value, 2)",
        "cents are cut, not rounded",
        VALUES,
    ),
    Mutant(
        "app.read_amount", "(,[0-9]{3}){1,7}", "(,[0-9]{2,3}){1,7}", "groups of two digits", VALUES
    ),
    Mutant(
        "app.mask_card_number",
        "right(p_text, 4)",
        "right(p_text, 5)",
        "one more digit of a card is shown",
        VALUES,
    ),
    Mutant(
        "app.passes_luhn", "% 10 = 0", "% 5 = 0", "twice as many numbers look like cards", VALUES
    ),
    Mutant(
        "app.cut_row",
        "BETWEEN 13 AND 19",
        "BETWEEN 17 AND 19",
        "cards of sixteen digits are missed",
        VALUES,
    ),
    Mutant("app.fold_text", "), NFKD)", "), NFC)", "accents stay in name keys", ("people",)),
    # Matching
    Mutant(
        "app.assign_in_order",
        "ELSE p_clear END",
        "ELSE p_clear + 1 END",
        "exactly the clear days are not enough",
        (),
        PASSES,
    ),
    Mutant(
        "app.assign_in_order",
        "v_answer[3 * j - 1] < (",
        "0 > (",
        "any lead is enough",
        (),
        PASSES,
    ),
    Mutant(
        "app.find_sums",
        "AND j.is_one_day",
        "",
        "parts of several days are taken",
        ("matching/sums.sql",),
    ),
    Mutant(
        "app.date_part_of",
        "THEN 0.900",
        "THEN 1.000",
        "the purchase date counts like the posted one",
        ("matching",),
    ),
    Mutant(
        "app.amount_part_of",
        "round(0.9 * (1 -",
        "round(1.0 * (1 -",
        "near amounts fit as well as equal ones",
        ("matching",),
    ),
    Mutant(
        "app.merchant_likeness",
        "RETURN 0.600",
        "RETURN 0.300",
        "like merchants are none",
        ("matching",),
    ),
    Mutant(
        "app.merchant_key",
        "left(btrim(p_merchant_name), 18)",
        "btrim(p_merchant_name)",
        "what the bank cuts off counts",
        ("matching",),
    ),
    Mutant(
        "app.score_of",
        "* p_date_part",
        "* p_amount_part",
        "the date does not count",
        ("matching/scores.sql",),
    ),
    Mutant(
        "app.load_receipts",
        "false), NOT t.is_out_of_pocket",
        "false), true",
        "own money is matched to the card",
        (),
        PASSES,
    ),
    Mutant(
        "report.bridge_history",
        "x.side = 'receipt' AND x.failed_gate NOT IN ('out_of_pocket', 'repeat')",
        "x.side = 'receipt'",
        "receipts paid out of pocket count as open",
        (),
        PASSES,
    ),
    Mutant(
        "report.bridge_history",
        "o.open_charge_count = 0 AND o.open_receipt_count = 0",
        "o.open_charge_amount = o.open_receipt_amount",
        "two errors that cancel out are clean",
        (),
        PASSES,
    ),
    Mutant(
        "report.session_bridge",
        "FILTER (WHERE NOT b.is_clean)",
        "FILTER (WHERE b.is_clean)",
        "the clean people are counted as open",
        (),
        PASSES,
    ),
    Mutant(
        "report.match_rates",
        "count(DISTINCT a.charge_id) AS charges",
        "count(*) AS charges",
        "a charge with two receipts counts twice",
        ("matching/sums.sql",),
    ),
    # Rules about charges
    Mutant(
        "app.find_over_limit",
        "c.net_amount > l.limit_amount\n",
        "c.net_amount >= l.limit_amount\n",
        "the limit itself is above it",
        CHARGE_RULES,
    ),
    Mutant(
        "app.find_stale_posting",
        "c.purchase_date > (",
        "c.purchase_date >= (",
        "the last day is late",
        CHARGE_RULES,
    ),
    Mutant(
        "app.find_out_of_period",
        "s.period_source = 'printed' AND",
        "",
        "a period nobody printed counts",
        CHARGE_RULES,
    ),
    Mutant(
        "app.find_out_of_period",
        "BETWEEN p.period_start AND p.period_end",
        "BETWEEN p.period_start + 1 AND p.period_end",
        "the first day is outside",
        CHARGE_RULES,
    ),
    Mutant(
        "app.find_out_of_period",
        "BETWEEN p.period_start AND p.period_end",
        "BETWEEN p.period_start AND p.period_end - 1",
        "the last day is outside",
        CHARGE_RULES,
    ),
    Mutant(
        "app.find_split_purchase",
        "WHERE p.charges > 1 AND p.amount > (",
        "WHERE p.charges > 1 AND p.amount >= (",
        "together exactly the limit is split",
        CHARGE_RULES,
    ),
    Mutant(
        "app.find_split_purchase",
        "c.net_amount <= (",
        "c.net_amount < (",
        "a part of exactly the limit is none",
        CHARGE_RULES,
    ),
    Mutant(
        "app.find_duplicate_across_cards",
        "c.net_amount >= (",
        "c.net_amount > (",
        "the smallest amount is not compared",
        CHARGE_RULES,
    ),
    Mutant(
        "app.find_duplicate_across_cards",
        "r.card_id <> r.first_card",
        "true",
        "the first of two is a duplicate too",
        CHARGE_RULES,
    ),
    # Rules about receipts and people
    Mutant(
        "app.find_orphan_receipts",
        "NOT d.is_in_report AND",
        "",
        "everybody with receipts is an orphan",
        RECEIPT_RULES,
    ),
    Mutant(
        "app.find_coding_conflict",
        "OR t.cost_type IS NOT NULL",
        "",
        "a cost type beside an account passes",
        RECEIPT_RULES,
    ),
    Mutant(
        "app.find_coding_inactive",
        "u.day <= c.valid_until",
        "u.day < c.valid_until",
        "a code ends a day early",
        RECEIPT_RULES,
    ),
    Mutant(
        "app.find_coding_inactive",
        "u.day >= c.valid_from",
        "u.day > c.valid_from",
        "a code begins a day late",
        RECEIPT_RULES,
    ),
    Mutant(
        "app.find_missing_purpose",
        "OR btrim(t.purpose) = ''",
        "",
        "blanks are a purpose",
        RECEIPT_RULES,
    ),
    Mutant(
        "app.find_missing_purpose",
        "abs(t.amount) >= coalesce",
        "abs(t.amount) > coalesce",
        "the smallest amount needs no purpose",
        RECEIPT_RULES,
    ),
    Mutant(
        "app.find_receipt_off_period",
        "p.period_start - greatest",
        "p.period_start + greatest",
        "the days before count backwards",
        RECEIPT_RULES,
    ),
    Mutant(
        "app.find_receipt_off_period",
        "p.period_end + greatest",
        "p.period_end + 1 + greatest",
        "a day more after the period",
        RECEIPT_RULES,
    ),
    Mutant(
        "app.find_future_dated",
        "t.transaction_date > d.last_day",
        "t.transaction_date >= d.last_day",
        "tomorrow is the future",
        RECEIPT_RULES,
    ),
    Mutant(
        "app.find_missing_receipt",
        "WHERE NOT t.has_attachment",
        "WHERE t.has_attachment",
        "the receipts that are there are missing",
        RULES,
    ),
    Mutant(
        "app.find_missing_all_receipts",
        "d.receipt_count = 0",
        "d.receipt_count <= 1",
        "one receipt is none",
        RULES,
    ),
    Mutant(
        "app.flags_of",
        "'missing_receipt', coalesce('missing_receipt'",
        "'missing_receipt', coalesce('missing_coding_info'",
        "a flag tells of another rule",
        RULES,
    ),
    Mutant(
        "app.kept_purchases",
        "AND p.credit_day >= p.day",
        "AND p.credit_day IS NOT NULL",
        "a credit from before takes a purchase back",
        CHARGE_RULES,
    ),
    Mutant(
        "app.find_prohibited_merchant",
        "IN ' ' || app.plain_words(m.merchant) || ' '",
        "IN ' ' || app.plain_words(m.merchant) || 'S '",
        "a word may go on",
        CHARGE_RULES,
    ),
    Mutant(
        "app.is_silent",
        "'waiting', 'waived', 'superseded'",
        "'waiting', 'superseded'",
        "what is waived says nothing",
        ("validation/said_once.sql",),
    ),
    Mutant(
        "app.is_silent",
        "AND x.employee_revision_id = (",
        "AND x.employee_revision_id IS DISTINCT FROM (",
        "what is found no more still silences",
        ("validation/said_once.sql",),
    ),
    Mutant(
        "app.judge_without",
        "UNION\n                SELECT c.parent_session_id",
        "UNION\n                SELECT c.session_id",
        "what counts again is not compared",
        ("validation/judged_again.sql",),
    ),
    Mutant(
        "app.find_duplicate_across_cycles",
        "(m.period_start = s.period_start AND m.period_end = s.period_end) IS NOT TRUE",
        "true",
        "another session of the period is another month",
        ("validation/judged_again.sql",),
    ),
    Mutant(
        "report.counted_impacts",
        "s.so_far - greatest(s.of_person, s.so_far - s.kept)",
        "s.kept",
        "rows are counted beside the person",
        ("report",),
    ),
    Mutant(
        "report.rule_precision",
        "AND o.resolved_at = i.resolved_at AND i.state <> 'auto_closed'",
        "AND false",
        "a decision that is taken over counts twice",
        ("report",),
    ),
    # Status of a person and what carries over
    Mutant(
        "app.derive_status",
        "'in_progress', 'waiting', 'resolved', 'waived', 'false_positive'",
        "'in_progress', 'waiting', 'resolved', 'false_positive'",
        "a waiver is no work",
        WAIVERS,
    ),
    Mutant(
        "app.derive_status",
        "AND i.blocks)",
        ")",
        "what only informs keeps a person from finishing",
        ("workflow", "validation/resolve_issue.sql", "validation/rules.sql"),
    ),
    Mutant(
        "app.derive_status",
        "i.is_open OR i.state = 'superseded'",
        "i.is_open",
        "an old submission finishes people",
        ("validation/carry_over.sql", "workflow"),
    ),
    Mutant(
        "app.place_issues",
        "(i.is_resolved AND i.evidence <> f.evidence)",
        "false",
        "a decision stays on other evidence",
        ("revising/reopening.sql",),
    ),
    Mutant(
        "app.carry_issues",
        "w.ends_on >= ",
        "w.ends_on > ",
        "a waiver is not carried on its last day",
        ("validation/carry_over.sql",),
    ),
    Mutant(
        "app.carry_issues",
        "AND p.evidence = f.evidence",
        "",
        "a decision is carried to other evidence",
        ("validation/carry_over.sql",),
    ),
    # Dates due
    Mutant(
        "app.business_day_number",
        "extract(isodow FROM x.calendar_day) > 5",
        "extract(isodow FROM x.calendar_day) > 6",
        "a worked Saturday does not count",
        ("validation/calendar.sql", *CHARGE_RULES),
    ),
    Mutant(
        "app.business_day_number",
        "x.calendar_day <= p_day",
        "x.calendar_day < p_day",
        "a holiday counts from the day after",
        ("validation/calendar.sql", *CHARGE_RULES),
    ),
    Mutant(
        "app.add_business_days",
        "greatest(p_days, 1) - 1 LIMIT 1",
        "greatest(p_days, 1) LIMIT 1",
        "everything is due a day late",
        ("validation/calendar.sql",),
    ),
    Mutant(
        "app.add_business_days",
        "extract(isodow FROM g.day) <= 5",
        "extract(isodow FROM g.day) <= 6",
        "Saturdays are worked",
        ("validation/calendar.sql",),
    ),
    Mutant(
        "report.work_list",
        "i.due_date < (now()",
        "i.due_date <= (now()",
        "overdue on the due day",
        ("report",),
    ),
    Mutant(
        "report.work_list",
        "v.to_state = 'open' AND v.from_state <> 'open'",
        "v.to_state = 'open'",
        "the first opening counts as opened again",
        ("report",),
    ),
    Mutant(
        "report.ageing",
        "w.age_days <= 7",
        "w.age_days < 7",
        "a week is more than a week",
        ("report",),
    ),
    Mutant(
        "report.ageing",
        "w.age_days > 30",
        "w.age_days >= 30",
        "thirty days are more than thirty",
        ("report",),
    ),
    # Sessions as people see them
    Mutant(
        "report.processing_sessions",
        "sum(r.car_total)",
        "sum(r.car_total) FILTER (WHERE r.car_total > 0)",
        "refunds do not lower the total",
        ("report",),
    ),
    Mutant(
        "report.processing_sessions",
        "count(DISTINCT x.cardholder_id) AS employees_with_issues",
        "count(*) AS employees_with_issues",
        "issues are counted as people",
        ("report", "workflow"),
    ),
    Mutant(
        "report.sessions",
        "WHERE s.status <> 'cancelled'",
        "",
        "cancelled sessions count",
        ("content/cancel.sql", "report"),
    ),
    # Steps, waivers, many at once
    Mutant(
        "app.judge_steps",
        "WHEN i.state <> ALL (v_step.from_states) THEN 'ST002'",
        "",
        "a decided issue is decided again",
        STEPS,
    ),
    Mutant(
        "app.set_hold",
        "IF v_person.is_on_hold = v_holds THEN",
        "IF false THEN",
        "on hold twice",
        ("workflow/holds.sql",),
    ),
    Mutant(
        "app.judge_steps",
        "WHEN i.version IS DISTINCT FROM f.expected_version THEN 'ST001'",
        "",
        "an old version is taken",
        BULK,
    ),
    Mutant(
        "app.judge_steps",
        "WHEN pg_catalog.length(p.note) > 4000 THEN v_step.note_name",
        "",
        "notes without end",
        STEPS,
    ),
    Mutant(
        "app.pass_door",
        "WHEN p.cardholder_id = v_own THEN 'PM003'",
        "",
        "many issues of the own card at once",
        BULK,
    ),
    Mutant(
        "app.find_bulk_items",
        "i.amount_impact <= (p_filter",
        "i.amount_impact < (p_filter",
        "the largest amount of a filter is left out",
        BULK,
    ),
    Mutant(
        "app.take_batch",
        "WHERE i.code IS NOT NULL",
        "WHERE i.code IS NOT NULL OFFSET 1",
        "all or nothing but one",
        BULK,
    ),
    # What people said, in later submissions
    Mutant(
        "app.fate_of",
        "    RETURN 'conflict';",
        "    RETURN 'in_force';",
        "what people said stands against whatever the report says",
        CORRECTIONS,
    ),
    Mutant(
        "app.fate_of",
        "ELSIF p_source = p_value THEN\n        RETURN 'arrived';",
        "ELSIF p_source = p_value THEN\n        RETURN 'in_force';",
        "what the report says by now is still called a correction",
        CORRECTIONS,
    ),
    Mutant(
        "app.judge_corrections",
        "ELSE app.bases_of(c.transaction_id, c.field_group, c.number) END",
        "ELSE ARRAY[c.base] END",
        "a report that says again what was there when people first spoke is a conflict",
        CORRECTIONS,
    ),
    Mutant(
        "app.merge_receipts",
        "f.is_removed IS NOT TRUE",
        "true",
        "what people took out is back",
        CORRECTIONS,
    ),
    Mutant(
        "app.merge_receipts",
        "coalesce(f.moved_to, s.cardholder_id, f.added_to)",
        "coalesce(s.cardholder_id, f.moved_to, f.added_to)",
        "what was given to somebody goes back to who handed it in",
        CORRECTIONS,
    ),
    Mutant(
        "app.identify_receipts",
        "(v_pass < 7 OR (k.copies = 1 AND s.copies = 1))",
        "true",
        "one of several that could be meant is taken for the one",
        ("revising/same_receipt.sql",),
    ),
    Mutant(
        "app.check_wishes",
        "x.operation <> 'DELETE'",
        "x.operation = 'UPDATE'",
        "a new receipt may say anything",
        ("revising/wrong_values.sql",),
    ),
    # What a submission waits for, versions, and what is for two
    Mutant(
        "app.control_reasons",
        "(p_control).names_fitting < ",
        "(p_control).names_fitting <= ",
        "a share that is just reached is not enough",
        CONTROL,
    ),
    Mutant(
        "app.control_reasons",
        "IN ('disagree', 'unreadable')",
        "IN ('disagree')",
        "a total that cannot be read passes",
        CONTROL,
    ),
    Mutant(
        "app.stamp_issue",
        "v_meant.employee_revision_id := OLD.employee_revision_id;",
        "",
        "a correction of another receipt makes who looks at an issue start again",
        VERSIONS,
    ),
    Mutant(
        "app.judge_steps",
        "k.amount_impact > v_limit OR",
        "k.amount_impact >= v_limit OR",
        "exactly the limit is for two",
        LIMITS,
    ),
    Mutant(
        "app.door_violations",
        "d.amount IS NULL OR",
        "",
        "around the calls one person decides what is unknown",
        LIMITS,
    ),
    # Documents
    Mutant(
        "api.remove_expired_documents",
        "d.uploaded_at < p_at",
        "d.uploaded_at <= p_at",
        "bytes go in the last moment they are to be kept",
        DOCUMENTS,
    ),
    Mutant(
        "api.remove_expired_documents",
        "* interval '1 day'",
        "* interval '1 day' - interval '1 day'",
        "bytes go a day early",
        DOCUMENTS,
    ),
    Mutant(
        "api.remove_expired_documents",
        "AND j.state IN ('queued', 'running')",
        "AND false",
        "bytes go while a job needs them",
        DOCUMENTS,
    ),
    # Proof
    Mutant(
        "audit.mark",
        "AND c.started_at = pg_catalog.now()",
        "",
        "a number used before passes unseen",
        ("audit",),
    ),
    Mutant(
        "audit.guard",
        "ENABLE ALWAYS TRIGGER",
        "ENABLE TRIGGER",
        "guards of later tables sleep in replica mode",
        ("audit",),
    ),
    Mutant(
        "app.pass_door",
        "AND o.status = 'completed') THEN 'ST006'",
        "AND false) THEN 'ST006'",
        "a replaced submission takes work",
        ("workflow", "validation/carry_over.sql", "revising"),
    ),
    Mutant(
        "app.parameter_fault",
        "NOT BETWEEN p.minimum AND p.maximum",
        "< p.minimum",
        "a parameter above its range",
        ("workflow/rules.sql", "validation/rules.sql"),
    ),
    # Closed months
    Mutant(
        "app.pass_door",
        "m.state = 'closed'",
        "m.state = 'shut'",
        "a closed month takes work",
        MONTHS,
    ),
    Mutant(
        "app.refuse_closed_month",
        "m.state = 'closed'",
        "m.state = 'shut'",
        "a closed month takes submissions",
        MONTHS,
    ),
    Mutant(
        "app.month_violations",
        "n.digest <> app.digest_month(m.month_id)",
        "false",
        "what is closed changes around the calls",
        MONTHS,
    ),
    Mutant(
        "app.month_violations",
        "m.changed_tx <> p_tx",
        "false",
        "what was closed before changes around the calls",
        MONTHS,
        ("tests/workflow/test_closing.py",),
    ),
    Mutant(
        "app.judge_again",
        "IS DISTINCT FROM 'closed'",
        "IS DISTINCT FROM 'shut'",
        "other months change a closed one",
        MONTHS,
    ),
    # Batches
    Mutant(
        "app.batch_violations",
        "t.lines - t.fallen + t.left_out <> t.receipts",
        "false",
        "a batch that does not tie is taken",
        BATCHES,
    ),
    Mutant(
        "app.batch_violations",
        "t.strange > 0",
        "false",
        "a line is of a receipt that is not there",
        BATCHES,
    ),
    Mutant(
        "app.batch_violations",
        "l.last <> (b.batch).line_count",
        "false",
        "a line joins a batch later",
        BATCHES,
    ),
    Mutant(
        "app.check_batch",
        "p_answer.sha256 <> p_expected_sha256",
        "false",
        "what was not shown is frozen",
        BATCHES,
    ),
    Mutant(
        "app.enter_batch",
        "app.has_later_session(p_session_id)",
        "false",
        "a replaced submission is handed over",
        BATCHES,
    ),
    Mutant(
        "api.void_batch",
        "v_later IS NOT NULL",
        "false",
        "a batch that was built on is voided",
        BATCHES,
    ),
    Mutant(
        "api.void_batch",
        "a.user_id = c.user_id OR",
        "false OR",
        "somebody voids their own batch",
        BATCHES,
    ),
]
