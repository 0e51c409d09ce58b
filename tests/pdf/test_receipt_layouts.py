"""Receipt pages of any content and any of the freedoms of docs/formats.md 2 are read back."""

import string
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svc.pdf.cells import Rows, in_rows
from svc.pdf.model import PageResult, Receipt
from svc.pdf.pages import read_page
from svc.pdf.receipts import build_receipts
from tests.pdf import paper

Placed = tuple[float, float, str]
"""A text at a place."""

LEFT, MIDDLE, RIGHT = 40.0, 150.0, 450.0

WORDS = st.from_regex(r"[A-Za-zÀ-ÖØ-öø-ÿ][A-Za-zÀ-ÖØ-öø-ÿ',. &#-]{0,28}[a-z]", fullmatch=True).map(
    lambda text: " ".join(text.split())
)
FILES = st.from_regex(r"[a-z][a-z0-9_ -]{0,12}[a-z]\.(pdf|png|jpeg)", fullmatch=True)


@dataclass
class Page:
    """A receipt page: its truth and how it is printed."""

    request: str
    employee: str
    expense_type: str
    title: str | None
    number: str
    address: list[str]
    cents: int
    notes: int
    purpose: str | None
    merchant: str
    merchant_address: list[str]
    coding: str | None
    codes: list[tuple[str, str, str]]
    files: list[str]
    request_type: str
    date: str
    middle: str
    labels_twice: bool
    values_twice: bool

    @property
    def amount(self) -> str:
        """Return the amount as the reader gives it."""
        sign = "-" if self.cents < 0 else ""
        return f"{sign}{abs(self.cents) // 100}.{abs(self.cents) % 100:02}"

    def placed(self, headings: bool = True) -> list[Placed]:
        """Return the texts of the page and where they stand."""
        printed = f"{'-' if self.cents < 0 else ''}{abs(self.cents) // 100:,}"
        notes = f"Receipts Notes ({self.notes}): {self.purpose or ''}".rstrip()
        labels: list[Placed] = [
            (LEFT, 640, "Expense Title:"),
            (RIGHT, 651, "Transaction ID:"),
            (LEFT, 620, "Amount :"),
            (LEFT, 607, "Address:"),
            (LEFT, 550, "Purpose:"),
            (LEFT, 500, "Merchant Name:"),
            (RIGHT, 500, "Merchant Address:"),
            (LEFT, 430, "Accounts Coding Type :"),
            (LEFT, 350, "Attachment Name:"),
            (RIGHT, 350, "Request Type:"),
        ]
        values: list[Placed] = [
            (MIDDLE, 710, self.request),
            (MIDDLE, 697, self.employee),
            (MIDDLE, 684, self.expense_type),
            (LEFT, 651, self.title or ""),
            (RIGHT, 640, self.number),
            (MIDDLE, 620, f"{printed}.{abs(self.cents) % 100:02}"),
            (LEFT, 538, notes),
            (LEFT, 488, self.merchant),
            (LEFT, 441, self.coding or ""),
            (RIGHT, 338, self.request_type),
            (LEFT, 60, f"Expense {self.middle}Transaction - {self.date}"),
        ]
        values += [(MIDDLE, 607 - 11 * n, line) for n, line in enumerate(self.address)]
        values += [(RIGHT, 488 - 11 * n, line) for n, line in enumerate(self.merchant_address)]
        values += [(LEFT, 338 - 11 * n, name) for n, name in enumerate(self.files)]
        for n, (label, code, description) in enumerate(self.codes):
            bracketed = f" ({description})" if label == "GL Account" else f" {description}"
            labels.append((LEFT + 190 * n, 400, label))
            values.append((LEFT + 190 * n, 388, f"{code}{bracketed}"))
        if headings:
            labels.append((LEFT, 750, "Receipt Report"))
            for n, heading in enumerate(("Request Number", "Employee", "Expense Type")):
                labels.append((LEFT, 710 - 13 * n, heading))
        if self.labels_twice:
            labels += [(x + 0.4, y, text) for x, y, text in labels]
        if self.values_twice:
            values += [(x + 0.4, y, text) for x, y, text in values]
        return [*labels, *values]


def rows(placed: Iterable[Placed]) -> Rows:
    """Return the page these texts make."""
    return in_rows(paper.cell(x, y, text) for x, y, text in placed if text)


def codings() -> st.SearchStrategy[tuple[str | None, list[tuple[str, str, str]]]]:
    """Return coding types with all, some or none of their codes."""
    job = st.integers(10000, 99999).map("{}.".format)
    phase = st.sampled_from(["100", "210.", "410.25"])
    rows = st.tuples(
        st.tuples(st.just("Job"), job, WORDS),
        st.tuples(st.just("Phase"), phase, WORDS),
        st.tuples(st.just("Cost Type"), st.sampled_from(["1", "3", "12"]), WORDS),
    ).map(list)
    some = st.tuples(rows, st.sets(st.integers(0, 2))).map(
        lambda drawn: [row for n, row in enumerate(drawn[0]) if n in drawn[1]]
    )
    account = st.sampled_from(["6120.100", "6405"])
    gl = st.tuples(st.just("GL Account"), account, WORDS).map(lambda row: [row])
    return st.one_of(
        st.tuples(st.just("Job Coding"), st.one_of(rows, some)),
        st.tuples(st.just("GL Coding"), st.one_of(gl, st.just([]))),
        st.tuples(st.none(), st.just([])),
    )


PAGES = st.builds(
    lambda coding, **fields: Page(coding=coding[0], codes=coding[1], **fields),
    codings(),
    request=st.from_regex(r"[0-9]{7}", fullmatch=True),
    employee=WORDS,
    expense_type=st.sampled_from(["Fuel", "Misc. Transportation", "Meals", "Airfare"]),
    title=st.one_of(st.none(), WORDS, st.sampled_from(["Airfare", "Fuel"])),
    number=st.text(string.digits, min_size=6, max_size=12),
    address=st.sampled_from(
        [
            ["77 Old Kiln Hwy, Cedar Hollow, MS 39999"],
            ["4100 Quarry Bend Rd Ste 12,", "70123 Port Marlin"],
            ["1 Long Road", "Suite 5", "12 Port Marlin, TX 77999"],
        ]
    ),
    cents=st.integers(-(10**8), 10**8),
    notes=st.integers(0, 99),
    purpose=st.one_of(st.none(), WORDS),
    merchant=WORDS,
    merchant_address=st.sampled_from(
        [["666 PARISH RD 12, , 800-555-0143, WA,", "74669-0000"], [", , , , 0"], []]
    ),
    files=st.lists(FILES, max_size=3),
    request_type=st.sampled_from(["Card Charge", "Expense Reimbursement"]),
    date=st.dates().map(lambda day: f"{day:%m/%d/}{day.year:04}"),
    middle=st.sampled_from(["Detail - Card ", "- ", "Report: Company "]),
    labels_twice=st.booleans(),
    values_twice=st.booleans(),
)


def result_of(placed: Iterable[Placed]) -> PageResult:
    """Return what is read from a page of these texts."""
    return read_page(1, rows(placed))


def read(placed: Iterable[Placed]) -> Receipt:
    """Return the receipt on a page of these texts."""
    receipt = result_of(placed).receipt
    assert receipt is not None
    return receipt


@settings(max_examples=150, deadline=None)
@given(PAGES, st.booleans(), st.booleans())
def test_any_receipt_is_read_back(page: Page, headings: bool, number: bool) -> None:
    """Names, titles missing or not, addresses on more lines, codes in part, several files."""
    placed = page.placed(headings)
    if number:
        placed.append((LEFT, 30, "Page 3 of 25"))
    result = result_of(placed)
    receipt = result.receipt
    assert receipt is not None
    assert receipt.problems == ()
    assert result.unread_reason is None
    assert result.loose == ()
    assert (receipt.request_number, receipt.employee) == (page.request, page.employee)
    assert (receipt.expense_type, receipt.title) == (page.expense_type, page.title)
    assert (receipt.transaction_id, receipt.amount) == (page.number, page.amount)
    assert receipt.address == " ".join(page.address)
    assert (receipt.notes, receipt.purpose) == (page.notes, page.purpose)
    assert receipt.merchant_name == page.merchant
    assert receipt.merchant_address == (" ".join(page.merchant_address) or None)
    assert receipt.printed_merchant_address == ("\n".join(page.merchant_address) or None)
    assert receipt.printed_address == ("\n".join(page.address) or None)
    assert receipt.attachments == tuple(page.files)
    assert receipt.has_attachment == bool(page.files)
    assert receipt.request_type == page.request_type
    month, day, year = page.date.split("/")
    assert receipt.date == f"{year}-{month}-{day}"
    codes = {label: code for label, code, _ in page.codes}
    assert receipt.job == codes.get("Job")
    assert receipt.phase == codes.get("Phase")
    assert receipt.cost_type == codes.get("Cost Type")
    assert receipt.gl_account == codes.get("GL Account")
    kind = {"Job Coding": "job_coding", "GL Coding": "gl_coding", None: None}
    assert receipt.coding_type == kind[page.coding]
    whole = len(codes) == 3 if page.coding == "Job Coding" else len(codes) == 1
    assert receipt.coded == (page.coding is not None and whole)


USUAL = Page(
    request="4173429",
    employee="Judd W. Fennimark",
    expense_type="Airfare",
    title="Airfare to site",
    number="40478041",
    address=["918 Foundry Ln, Port Marlin,", "70123 Port Marlin"],
    cents=14070,
    notes=2,
    purpose="Small tools",
    merchant="NORTHWEND AIRWAYS",
    merchant_address=["134 TURNSTONE ST, , NORVIK, CN,", "47297-0000"],
    coding="Job Coding",
    codes=[
        ("Job", "19002.", "Compressor hall"),
        ("Phase", "410.25", "Metal jacketing"),
        ("Cost Type", "3", "Material"),
    ],
    files=["a.pdf"],
    request_type="Card Charge",
    date="03/22/2025",
    middle="Detail - Card ",
    labels_twice=False,
    values_twice=False,
)


BELOW = [
    *("40478041", "Airfare to site", "Receipts Notes (2): Small tools", "NORTHWEND AIRWAYS"),
    *("134 TURNSTONE ST, , NORVIK, CN,", "47297-0000", "Job Coding", "a.pdf"),
    *("19002. Compressor hall", "410.25 Metal jacketing", "3 Material"),
]


@pytest.mark.parametrize("value", BELOW)
@pytest.mark.parametrize("apart", [12, 20, 35])
def test_a_value_that_stands_apart_from_its_label_is_never_left_out_silently(
    value: str, apart: int
) -> None:
    """It is read all the same, or it is a problem of the receipt, which finishes nobody."""
    placed = [(x + apart if text == value else x, y, text) for x, y, text in USUAL.placed()]
    result = result_of(placed)
    receipt = result.receipt
    assert receipt is not None
    if replace(receipt, problems=()) == replace(read(USUAL.placed()), problems=()):
        assert receipt.problems == ()
    else:
        assert any(value in (problem.raw or "") for problem in receipt.problems)


@settings(max_examples=60, deadline=None)
@given(PAGES, st.sampled_from(["4711", "South", "Yes, twice"]))
def test_unknown_labels_change_nothing(page: Page, value: str) -> None:
    """Labels nobody knows, with their values, beside the fields and below them."""
    page = replace(page, labels_twice=False, values_twice=False)
    for x, y in ((RIGHT, 710), (RIGHT, 570), (LEFT, 280)):
        placed = [*page.placed(), (x, y, "Cost Region:"), (x + 70, y, value)]
        result = result_of(placed)
        assert result.receipt == read(page.placed())
        assert {each.text for each in result.loose} == {"Cost Region:", value}
        assert not [each for each in result.loose if each.doubtful]


LIKE_LABELS = [
    "Amount: 45.00",
    "Amount :",
    "Address: 5 Main",
    "Address:",
    "Purpose:",
    "Merchant Name: Bob",
    "Request Type: Card Charge",
    "Attachment Name:",
    "Accounts Coding Type :",
    "Lunch with client:",
    "GL Account",
    "Job 19002. Hall",
    "Expense Report - Transaction 03/01/2025",
    "Receipts Notes (3): none",
    "Page 5",
    "4173430",
    "12.50",
]


@pytest.mark.parametrize("typed", LIKE_LABELS)
def test_a_title_is_never_taken_for_the_structure_of_the_page(typed: str) -> None:
    """Whatever people type there: every other field is read as before."""
    receipt = read(replace(USUAL, title=typed).placed())
    assert receipt == replace(read(USUAL.placed()), title=typed)


@pytest.mark.parametrize("typed", LIKE_LABELS)
@pytest.mark.parametrize("field", ["purpose", "merchant", "files", "address", "merchant_address"])
def test_other_typed_texts_are_not_taken_for_structure_in_silence(field: str, typed: str) -> None:
    """A line of a purpose, a merchant, a file: kept, or a problem names what was doubtful."""
    usual = read(USUAL.placed())
    changes: dict[str, object] = {"purpose": USUAL.purpose, "merchant": typed, "files": [typed]}
    changes |= {"address": ["1 Road", typed], "merchant_address": ["1 Road", typed]}
    page = replace(USUAL, **{field: changes[field]})  # type: ignore[arg-type]
    placed = page.placed()
    if field == "purpose":
        placed.append((LEFT, 527, typed))
    receipt = read(placed)
    names = {"merchant": "merchant_name", "files": "attachments"}
    wanted = {
        "purpose": f"Small tools {typed}",
        "merchant": typed,
        "files": (typed,),
        "address": f"1 Road {typed}",
        "merchant_address": f"1 Road {typed}",
    }[field]
    expected: dict[str, object] = {names.get(field, field): wanted}
    if "address" in field:
        expected[f"printed_{field}"] = f"1 Road\n{typed}"
    exact = replace(usual, **expected)  # type: ignore[arg-type]
    assert receipt == exact or receipt.problems
    assert receipt.amount in {"140.70", None}
    assert receipt.employee == usual.employee
    assert receipt.transaction_id in {"40478041", None}


@pytest.mark.parametrize("typed", ["Transaction ID: 99", "Transaction ID:"])
def test_a_label_that_stands_twice_is_a_problem(typed: str) -> None:
    """The title is the label of a value in its row: which is which is not sure, and said."""
    receipt = read(replace(USUAL, title=typed).placed())
    assert [each.field for each in receipt.problems][:1] == ["labels"]
    if typed != "Transaction ID:":
        assert (receipt.transaction_id, receipt.title) == ("40478041", typed)


def test_files_of_any_name_count() -> None:
    """What looks like the last line, a page number or a label is a file all the same."""
    names = ["Expense Detail - Card Transaction.pdf", "Page 1", "scan:", "03/22/2025.pdf"]
    receipt = read(replace(USUAL, files=names).placed())
    assert receipt.attachments == tuple(names)
    assert receipt.date == "2025-03-22"
    assert receipt.problems == ()


def test_a_number_on_every_page_makes_nobody_a_heading() -> None:
    """Seven digits above the title: the request number is the one beside its heading."""
    for headings in (True, False):
        placed = [*USUAL.placed(headings), (LEFT, 770, "7654321")]
        result = result_of(placed)
        assert result.receipt is not None
        if headings:
            assert result.receipt == read(USUAL.placed())
        else:
            assert result.receipt.employee is None
            assert result.unread_reason


def test_a_heading_is_never_a_person() -> None:
    """Two labels drawn where the person should be."""
    result = result_of(replace(USUAL, employee="Expense Type").placed())
    assert result.receipt is not None
    assert result.receipt.employee is None
    assert result.unread_reason


@pytest.mark.parametrize(
    ("whole", "parts"),
    [("140.70", ("140", ".70")), ("1,299.00", ("1,", "299.00")), ("Otto Plum", ("Otto", "Plum"))],
)
def test_a_value_drawn_in_parts_is_whole_or_unknown(whole: str, parts: tuple[str, str]) -> None:
    """Side by side it is one text; with a blank between it is no amount; far apart it is none."""
    is_name = whole.startswith("Otto")
    y = 697.0 if is_name else 620.0
    field = "employee" if is_name else "amount"
    rest = [each for each in USUAL.placed() if each[:2] != (MIDDLE, y)]
    width = len(parts[0]) * paper.LETTER
    for gap in (0.0, 2.0, 5.0, 30.0):
        placed = [*rest, (MIDDLE, y, parts[0]), (MIDDLE + width + gap, y, parts[1])]
        found = getattr(read(placed), field)
        if is_name:
            wanted = {0.0: "OttoPlum", 30.0: None}.get(gap, "Otto Plum")
        else:
            wanted = whole.replace(",", "") if not gap else None
        assert found == wanted


@settings(max_examples=60, deadline=None)
@given(PAGES, st.data())
def test_a_text_that_is_lost_loses_only_itself(page: Page, data: st.DataObject) -> None:
    """Any one text left out: its value is unknown and named, or the page is unread."""
    page = replace(page, labels_twice=False, values_twice=False)
    placed = page.placed()
    whole = read(placed)
    gone = data.draw(st.sampled_from([each for each in placed if each[2]]))
    result = result_of([each for each in placed if each != gone])
    receipt = result.receipt
    assert receipt is not None
    assert receipt.amount in {whole.amount, None}
    assert receipt.employee == whole.employee or result.unread_reason
    assert receipt.transaction_id in {whole.transaction_id, None}
    assert receipt.date in {whole.date, None}
    named = {each.field for each in receipt.problems}
    assert (
        receipt.coded == whole.coded
        or named & {"coding", "coding_type", "job", "phase", "cost_type", "gl_account"}
        or (
            gone[2] in {f"{code} {name}" for _, code, name in page.codes}
            or gone[2] in {f"{code} ({name})" for _, code, name in page.codes}
            or gone[2] == page.coding
        )
    )
    for field in ("amount", "transaction_id", "date", "notes"):
        assert getattr(receipt, field) == getattr(whole, field) or field in named
    assert (
        receipt.has_attachment
        or not whole.has_attachment
        or "attachments" in named
        or (gone[2] in page.files)
    )


@settings(max_examples=60, deadline=None)
@given(PAGES, st.data())
def test_order_and_splits_change_nothing(page: Page, data: st.DataObject) -> None:
    """The same texts in any order of drawing, some in two parts: the same receipt."""
    page = replace(page, labels_twice=False, values_twice=False)
    placed = [each for each in page.placed() if each[2]]
    split: list[Placed] = []
    for x, y, text in data.draw(st.permutations(placed)):
        place = data.draw(st.integers(0, len(text) - 1))
        if text[place] == " " or text[place - 1] == " " or not place:
            split.append((x, y, text))
        else:
            split += [(x + place * paper.LETTER, y, text[place:]), (x, y, text[:place])]
    assert read(split) == read(placed)


@pytest.mark.parametrize(
    ("old", "new", "field", "raw"),
    [
        ("140.70", "n/a", "amount", "n/a"),
        ("140.70", "", "amount", None),
        ("140.70", "140.7", "amount", "140.7"),
        ("140.70", ".70", "amount", ".70"),
        ("140.70", "140.70 EUR", "amount", "140.70 EUR"),
        ("4173429", "41734", "request_number", "41734"),
        ("40478041", "unknown", "transaction_id", "unknown"),
        ("40478041", "", "transaction_id", None),
        ("03/22/2025", "02/30/2025", "date", "02/30/2025"),
        ("03/22/2025", "3/22/25", "date", "3/22/25"),
        ("Job Coding", "Project Coding", "coding_type", "Project Coding"),
        ("19002. Compressor hall", "hall 7", "job", "hall 7"),
    ],
)
def test_a_value_that_cannot_be_read_is_given_as_printed(
    old: str, new: str, field: str, raw: str | None
) -> None:
    """The field is None, the problem has text and reason, all other fields stand."""
    placed = USUAL.placed()
    good, bad = read(placed), read([(x, y, text.replace(old, new)) for x, y, text in placed])
    assert good.problems == ()
    (problem,) = bad.problems
    assert (problem.field, problem.raw) == (field, raw)
    assert problem.reason
    assert getattr(bad, field) is None
    follows = {"job": {"job_description", "coded"}, "coding_type": {"coded"}}
    same = set(Receipt.__slots__) - {"problems", field} - follows.get(field, set())
    assert {name: getattr(bad, name) for name in same} == {
        name: getattr(good, name) for name in same
    }


@pytest.mark.parametrize("printed", ["GL coding", "gl CODING", "GL Coding"])
def test_the_kind_of_coding_is_read_in_any_capitals(printed: str) -> None:
    """And never becomes part of the merchant's address."""
    codes = [("GL Account", "6120.100", "Office supplies")]
    receipt = read(replace(USUAL, coding=printed, codes=codes).placed())
    assert (receipt.coding_type, receipt.coded) == ("gl_coding", True)
    assert receipt.merchant_address == " ".join(USUAL.merchant_address)


def test_an_address_that_looks_like_an_amount_is_an_address() -> None:
    """Even where the amount is missing."""
    page = replace(USUAL, address=["4100 Quarry Bend Rd", "12.50"])
    receipt = read([each for each in page.placed() if each[:2] != (MIDDLE, 620)])
    assert (receipt.amount, receipt.address) == (None, "4100 Quarry Bend Rd 12.50")


def test_a_name_with_lost_letters_is_named() -> None:
    """In the receipt and in the notices."""
    result = result_of(replace(USUAL, employee="Zo\ufffd Mu\ufffdoz").placed())
    assert result.receipt is not None
    assert [each.field for each in result.receipt.problems] == ["employee"]
    assert [each.code for each in result.notices] == ["lost_letters"]


def test_a_page_without_a_person_is_unread() -> None:
    """It looks like a receipt, so it may not be passed over; the ledger stops acceptance."""
    nobody = rows([each for each in USUAL.placed() if each[:2] != (MIDDLE, 697)])
    letter = rows([(LEFT, 700, "a letter")])
    document = build_receipts([read_page(1, nobody), read_page(2, []), read_page(3, letter)])
    assert [(each.status, each.row) for each in document.pages] == [
        ("unread", None),
        ("skipped", None),
        ("unread", None),
    ]
    assert document.receipts == ()
    assert all(each.reason for each in document.pages)


def test_two_receipts_on_a_page_are_unread() -> None:
    """One below the other: neither is taken."""
    below = [(x, y - 800, text) for x, y, text in replace(USUAL, number="1").placed()]
    result = result_of([*USUAL.placed(), *below])
    assert result.unread_reason == "there is more than one receipt on the page"
