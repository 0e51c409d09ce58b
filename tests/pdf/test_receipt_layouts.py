"""Receipt pages of any content and any of the freedoms of docs/formats.md 2 are read back."""

import string
from dataclasses import dataclass, replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from svc.pdf.model import Receipt
from svc.pdf.pages import read_page
from svc.pdf.receipts import build_receipts

WORDS = st.from_regex(r"[A-Za-zÀ-ÖØ-öø-ÿ][A-Za-zÀ-ÖØ-öø-ÿ',. &#-]{0,28}[a-z]", fullmatch=True).map(
    lambda text: " ".join(text.split())
)
FILES = st.from_regex(r"[a-z][a-z0-9_ -]{0,12}[a-z]\.(pdf|png|jpeg)", fullmatch=True)
LABELS_WITH_SPACE = ("Amount :", "Accounts Coding Type :")


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

    @property
    def amount(self) -> str:
        """Return the amount as the reader gives it."""
        sign = "-" if self.cents < 0 else ""
        return f"{sign}{abs(self.cents) // 100}.{abs(self.cents) % 100:02}"

    def label(self, text: str) -> list[str]:
        """Return a label, drawn once or twice."""
        return [text] * (2 if self.labels_twice else 1)

    def lines(self) -> list[str]:
        """Return the page in content order."""
        printed = f"{'-' if self.cents < 0 else ''}{abs(self.cents) // 100:,}"
        lines = [self.request, self.employee, self.expense_type]
        lines += [self.title] if self.title else []
        lines += [*self.label("Expense Title:"), *self.label("Transaction ID:"), self.number]
        lines += [*self.label("Amount :"), *self.label("Address:"), *self.address]
        lines += [f"{printed}.{abs(self.cents) % 100:02}", *self.label("Purpose:")]
        lines += [f"Receipts Notes ({self.notes}): {self.purpose or ''}".rstrip()]
        lines += [*self.label("Merchant Name:"), self.merchant]
        lines += [*self.label("Merchant Address:"), *self.merchant_address]
        lines += [self.coding] if self.coding else []
        lines += self.label("Accounts Coding Type :")
        for label, code, description in self.codes:
            bracketed = f" ({description})" if label == "GL Account" else f" {description}"
            lines += [label, f"{code}{bracketed}"]
        lines += [*self.label("Attachment Name:"), *self.files]
        lines += [*self.label("Request Type:"), self.request_type]
        return [*lines, f"Expense {self.middle}Transaction - {self.date}"]


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
)


def read(lines: list[str]) -> Receipt:
    """Return the receipt on a page of these lines."""
    receipt = read_page(1, "\n".join(lines)).receipt
    assert receipt is not None
    return receipt


def is_plain(page: Page) -> bool:
    """Tell whether no invented word happens to be a word of the layout."""
    texts = [page.employee, page.merchant, page.purpose or "", page.title or ""]
    return not any(text.startswith("Expense") or text.endswith(" Coding") for text in texts)


@settings(max_examples=150, deadline=None)
@given(PAGES, st.booleans(), st.booleans())
def test_any_receipt_is_read_back(page: Page, headings: bool, number: bool) -> None:
    """Names, titles missing or not, addresses on more lines, codes in part, several files."""
    assume(is_plain(page))
    lines = page.lines()
    if headings:
        lines = ["Receipt Report", "Request Number", "Employee", "Expense Type", *lines]
    if number:
        lines.insert(-1, "Page 3 of 25")
    result = read_page(1, "\n".join(lines))
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


@settings(max_examples=100, deadline=None)
@given(PAGES, st.data())
def test_unknown_labels_change_nothing(page: Page, data: st.DataObject) -> None:
    """A label nobody knows, with its value, before any label whose value stands behind it."""
    assume(is_plain(page) and not page.labels_twice)
    lines = page.lines()
    places = [
        "Purpose:",
        "Merchant Name:",
        "Merchant Address:",
        "Attachment Name:",
        "Request Type:",
    ]
    before = data.draw(st.sampled_from(places[1:]))
    place = lines.index(before)
    value = data.draw(st.sampled_from(["4711", "South", "Yes, twice"]))
    changed = [*lines[:place], "Cost Region:", value, *lines[place:]]
    result = read_page(1, "\n".join(changed))
    assert result.receipt == read(lines)
    assert [each.text for each in result.loose] == ["Cost Region:", value]
    assert not [each for each in result.loose if each.doubtful]


@pytest.mark.parametrize(
    ("old", "new", "field", "raw"),
    [
        ("140.70", "n/a", "amount", "n/a"),
        ("140.70", "", "amount", None),
        ("140.70", "140.7", "amount", "140.7"),
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
    text = """4173429\nJudd W. Fennimark\nAirfare\nAirfare to site\nExpense Title:
Transaction ID:\n40478041\nAmount :\nAddress:\n918 Foundry Ln, Port Marlin,
70123 Port Marlin\n140.70\nPurpose:\nReceipts Notes (2): Small tools\nMerchant Name:
NORTHWEND AIRWAYS\nMerchant Address:\n134 TURNSTONE ST, , NORVIK, CN,\n47297-0000
Job Coding\nAccounts Coding Type :\nJob\n19002. Compressor hall\nPhase\n410.25 Metal jacketing
Cost Type\n3 Material\nAttachment Name:\na.pdf\nRequest Type:\nCard Charge
Expense Detail - Card Transaction - 03/22/2025"""
    good, bad = read(text.split("\n")), read(text.replace(old, new).split("\n"))
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


def test_a_page_without_a_person_is_unread() -> None:
    """It looks like a receipt, so it may not be passed over; the ledger stops acceptance."""
    page = read_page(1, "Transaction ID:\n1\nAmount :\nAddress:\nx\n1.00\nPurpose:\n")
    document = build_receipts([page, read_page(2, " \n"), read_page(3, "a letter")])
    assert [(each.status, each.row) for each in document.pages] == [
        ("unread", None),
        ("skipped", None),
        ("unread", None),
    ]
    assert document.receipts == ()
    assert all(each.reason for each in document.pages)


def test_values_drawn_twice_are_read_once() -> None:
    """Person, title, receipt id and amount printed bold by drawing them twice."""
    once = ["4173429", "A B", "Fuel", "To site", "Expense Title:", "Transaction ID:", "40478041"]
    once += ["Amount :", "Address:", "1 Road", "140.70", "Purpose:", "Receipts Notes (0):"]
    twice = [line for line in once[:-1] for _ in range(1 + (line != "1 Road"))] + once[-1:]
    assert read(twice) == replace(read(once), problems=read(twice).problems)
    assert read(twice).amount == "140.70"
