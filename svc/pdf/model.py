"""What comes out of a PDF: frozen rows of text, whole numbers and nothing else.

Amounts are decimal strings ("-1234.50"), dates ISO ("2025-03-31"), pages and lines count from 1; a
line is a line of the stored page text. A value that is missing or cannot be read is None, and the
row's `problems` say which field, what was printed and why. A card's number is its mask.
Texts are as printed; `full_numbers` are those the database cuts whatever their check digit.
`plain()` turns a row into what `json.dumps` takes, `from_plain()` is its checked reverse.
"""

import dataclasses
import types
import typing
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

PARSER_VERSION: Final = "4"
"""Raised whenever the same page could yield other rows or another stored text."""

Kind = Literal["car", "receipts"]
PageKind = Literal["card", "summary", "parameters", "receipt", "blank", "other"]
PageStatus = Literal["used", "skipped", "unread"]
Place = Literal["before", "inside", "after"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A field of a row that is missing (`raw` is None) or cannot be read (`raw` as printed)."""

    field: str
    raw: str | None
    reason: str
    page: int
    line: int | None


@dataclass(frozen=True, slots=True)
class LooseLine:
    """A line that no rule took: `place` is its side of the page's data.

    `doubtful` is true when it may be data: it stands inside the data or holds an amount.
    """

    line: int
    text: str
    place: Place
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should look at that belongs to no single row; `code` is a slug."""

    code: str
    page: int | None
    line: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Amounts:
    """Three amounts printed by the report itself on one totals line: gross, discount, net."""

    page: int
    line: int
    gross: str | None
    discount: str | None
    net: str | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """One product line of a charge."""

    page: int
    line: int
    product: str | None
    ppu: str | None
    quantity: str | None
    gross: str | None
    discount: str | None
    net: str | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Charge:
    """One transaction of the activity report; `totals` is what its totals line prints."""

    page: int
    line: int
    trans_date: str | None
    posted_date: str | None
    level: str | None
    number: str | None
    merchant: str | None
    city: str | None
    state: str | None
    group: str | None
    lines: tuple[ChargeLine, ...] = ()
    totals: Amounts | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class CardTotal:
    """A line `Totals For Card Nbr:`; `full_number`: what is masked in `card_number`, if printed."""

    card_number: str | None
    full_number: str | None
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class CardHeader:
    """The header block of a page: whose page it is. `full_number`: None when the X is printed."""

    employee_id: str | None
    cardholder_name: str | None
    card_number: str | None
    full_number: str | None
    customer_id: str | None
    account_code: str | None
    company: str | None
    office_address: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class CardPage:
    """One page of one card, as read alone.

    `items` are in printed order: a charge as far as this page has it, product lines or a totals
    line that belong to the charge open on the page before, and card totals.
    """

    header: CardHeader
    items: tuple["Charge | ChargeLine | Amounts | CardTotal", ...]


@dataclass(frozen=True, slots=True)
class Card:
    """All pages of one card of one employee, with its charges; usually at most one total line."""

    employee_id: str | None
    cardholder_name: str | None
    card_number: str | None
    first_six: str | None
    last_four: str | None
    printed_masked: bool
    customer_id: str | None
    account_code: str | None
    company: str | None
    office_address: tuple[str, ...]
    pages: tuple[int, ...]
    charges: tuple[Charge, ...]
    totals: tuple[Amounts, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameters:
    """The report's own parameters; `printed` holds every label with its text, dates included."""

    posted_from: str | None = None
    posted_to: str | None = None
    produced_at: str | None = None
    printed: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """A page after the last card; `totals` is a `Report Totals:` row when it has one."""

    heading: bool
    totals: Amounts | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One page of the Receipt report. `transaction_id` is the receipt's own number.

    `printed_address` and `printed_merchant_address` keep the lines that the other two join.
    """

    page: int
    request_number: str | None
    employee: str | None
    expense_type: str | None
    title: str | None
    transaction_id: str | None
    date: str | None
    amount: str | None
    address: str | None
    printed_address: str | None
    purpose: str | None
    notes: int | None
    merchant_name: str | None
    merchant_address: str | None
    printed_merchant_address: str | None
    coding_type: str | None
    job: str | None
    job_description: str | None
    phase: str | None
    phase_description: str | None
    cost_type: str | None
    cost_type_description: str | None
    gl_account: str | None
    gl_description: str | None
    coded: bool
    attachments: tuple[str, ...]
    has_attachment: bool
    request_type: str | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class PageResult:
    """One page read by itself, as a child process hands it over."""

    page: int
    kind: PageKind
    text: str
    loose: tuple[LooseLine, ...] = ()
    notices: tuple[Notice, ...] = ()
    unread_reason: str | None = None
    card: CardPage | None = None
    summary: SummaryPage | None = None
    parameters: Parameters | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One line of the page ledger.

    `used`: `row` is the index of its card (or receipt) in the document. `skipped`: `reason` says
    why nothing was to be taken from it. `unread`: it should have been used and could not be.
    """

    page: int
    status: PageStatus
    row: int | None
    reason: str | None
    text: str
    loose: tuple[LooseLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A Cardholder Activity Report."""

    kind: Literal["car"]
    parser_version: str
    page_count: int
    parameters: Parameters
    cards: tuple[Card, ...]
    report_totals: tuple[Amounts, ...]
    pages: tuple[Page, ...]
    notices: tuple[Notice, ...] = ()
    full_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptsDocument:
    """A Receipt report."""

    kind: Literal["receipts"]
    parser_version: str
    page_count: int
    receipts: tuple[Receipt, ...]
    pages: tuple[Page, ...]
    notices: tuple[Notice, ...] = ()


Document = ReportDocument | ReceiptsDocument

Row = TypeVar("Row")

_TAGGED: Final = {"charge": Charge, "line": ChargeLine, "totals": Amounts, "card_total": CardTotal}
_TAGS: Final = {row: tag for tag, row in _TAGGED.items()}


_FIELDS: Final[dict[type, tuple[tuple[str, Any], ...]]] = {}


def _fields(row: type) -> tuple[tuple[str, Any], ...]:
    """Return name and type of each field of a row class."""
    found = _FIELDS.get(row)
    if found is None:
        hints = typing.get_type_hints(row)
        found = tuple((each.name, hints[each.name]) for each in dataclasses.fields(row))
        _FIELDS[row] = found
    return found


def plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return `value`, rows and tuples included, as dicts, lists, texts, numbers, booleans, None."""
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if isinstance(value, CardPage):
        items = [[_TAGS[type(item)], plain(item)] for item in value.items]
        return {"header": plain(value.header), "items": items}
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name, _ in _fields(type(value))}
    return value


def from_plain(row: type[Row], value: Any) -> Row:  # noqa: ANN401 - any JSON value
    """Return the row that `plain` made `value` from.

    Raises ValueError when anything has another name, type or shape: the value comes from a process
    that has read a hostile file.
    """
    return typing.cast("Row", _checked(row, value))


def _checked(hint: Any, value: Any) -> Any:  # noqa: ANN401, PLR0911 - one return per kind of hint
    """Return `value` as `hint` asks, or raise ValueError."""
    origin = typing.get_origin(hint)
    if hint is Any:
        return value
    if origin is Literal:
        if value in typing.get_args(hint) and isinstance(value, str):
            return value
        raise ValueError("not one of the allowed words")
    if origin is types.UnionType or origin is typing.Union:
        if value is None:
            return None
        (inner,) = (each for each in typing.get_args(hint) if each is not types.NoneType)
        return _checked(inner, value)
    if origin is tuple:
        return _checked_tuple(typing.get_args(hint), value)
    if hint is CardPage:
        return _checked_card_page(value)
    if dataclasses.is_dataclass(hint):
        row: Any = hint
        fields = _fields(row)
        if not isinstance(value, dict) or value.keys() != {name for name, _ in fields}:
            raise ValueError(f"not the fields of {hint}")
        return row(**{n: _checked(h, value[n]) for n, h in fields})
    if type(value) is not hint:
        raise ValueError(f"not {hint}")
    return value


def _checked_tuple(hints: tuple[Any, ...], value: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """Return a list as a tuple of checked members, of any length or of the hinted one."""
    if not isinstance(value, list):
        raise ValueError("not a list")
    if len(hints) == 2 and hints[1] is Ellipsis:
        return tuple(_checked(hints[0], each) for each in value)
    if len(hints) != len(value):
        raise ValueError("a list of another length")
    return tuple(_checked(hint, each) for hint, each in zip(hints, value, strict=True))


def _checked_card_page(value: Any) -> CardPage:  # noqa: ANN401
    """Return a card page; its items carry a tag for their class."""
    if not isinstance(value, dict) or value.keys() != {"header", "items"}:
        raise ValueError("not the fields of a card page")
    pairs = _checked_tuple((tuple[str, Any], ...), value["items"])
    if any(tag not in _TAGGED for tag, _ in pairs):
        raise ValueError("an item of an unknown kind")
    items = tuple(_checked(_TAGGED[tag], item) for tag, item in pairs)
    return CardPage(_checked(CardHeader, value["header"]), items)
