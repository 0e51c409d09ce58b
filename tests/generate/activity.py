"""Write ``activity.json`` as the old program does, one employee at a time (formats 4).

The text is put together by hand because the encoder of the standard library leaves its fast path
when it indents: 100,000 receipts are 65 MB.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring_ascii as quote
from typing import TYPE_CHECKING, Literal, TextIO, get_args

from tests.generate import quirks as q
from tests.generate.legacy import has_attachment, old_amount_value, old_entries, old_total
from tests.generate.text import us_date, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Set

    from tests.generate.legacy import OldEntry
    from tests.generate.model import Month, Receipt

Shape = Literal["by-code", "by-id", "mixed"]
SHAPES: tuple[Shape, ...] = get_args(Shape)

FOLDER = r"C:\Users\accounting\Documents\Expense Splitter"
"""Where the old computer kept its files; nothing is there any more."""


def write_activity(
    month: Month, stream: TextIO, *, shape: Shape = "by-code", quirks: Set[str] = q.QUIRKS
) -> None:
    """Write the old file of a month to a text stream.

    In the mixed shape the entries of one person alternate between both shapes. ``quirks`` are the
    old program's errors that the file has, see :mod:`tests.generate.quirks`.
    """
    stream.write("{")
    separator = "\n"
    for index, entry in enumerate(old_entries(month, quirks)):
        stream.write(f"{separator}  {quote(entry.name)}: {{")
        stream.write(",".join(_fields(entry, shape, index, quirks)))
        stream.write("\n  }")
        separator = ",\n"
    stream.write("\n}" if separator != "\n" else "}")


def _fields(entry: OldEntry, shape: Shape, index: int, quirks: Set[str]) -> Iterable[str]:
    """Yield the fields of one employee, each with its line break and indent in front."""
    flags = ",\n".join(
        f"      {quote(flag)}: {'true' if value else 'false'}"
        for flag, value in entry.flags.items()
    )
    yield f'\n    "name": {quote(entry.name)}'
    if entry.card is None:
        yield '\n    "car_total": 0.0'
        yield '\n    "card_no": "None"'
    else:
        yield f'\n    "employee_id": {quote(entry.employee_id or "")}'
        yield f'\n    "car_page_range": {_pages(entry.car_pages)}'
        yield f'\n    "car_total": {entry.car_cents / 100!r}'
        yield f'\n    "card_no": {quote(entry.card)}'
        yield f'\n    "files": {_files(entry)}'
    if entry.receipts:
        yield f'\n    "rec_page_range": {_pages([receipt.page for receipt in entry.receipts])}'
        yield f'\n    "rec_total": {old_total(entry.receipts, quirks)!r}'
    yield f'\n    "flags": {{\n{flags}\n    }}'
    if entry.card is None:
        yield f'\n    "files": {_files(entry)}'
    if entry.receipts:
        receipts = _receipts(entry.receipts, shape, index, quirks)
        yield f'\n    "receipts": {{{receipts}\n    }}'


def _pages(pages: list[int]) -> str:
    return "[\n      " + ",\n      ".join(map(str, pages)) + "\n    ]"


def _files(entry: OldEntry) -> str:
    folders = ["Split Card Activity"] if entry.card else []
    folders += ["Split Receipts"] if entry.receipts else []
    paths = (quote(f"{FOLDER}\\{folder}\\{entry.name}.pdf") for folder in folders)
    return "[\n      " + ",\n      ".join(paths) + "\n    ]"


def _receipts(receipts: list[Receipt], shape: Shape, index: int, quirks: Set[str]) -> str:
    """Write the entries of one person; the receipts of a code stay together."""
    by_code: dict[str, list[Receipt]] = {}
    for receipt in receipts:
        # By id all are in the order of their pages: the last of an id is left.
        by_code.setdefault("" if shape == "by-id" else _code(receipt), []).append(receipt)
    entries: dict[str, str] = {}
    for turn, (code, group) in enumerate(by_code.items()):
        if shape == "by-id" or (shape == "mixed" and (turn + index) % 2):
            for receipt in group:
                entries[receipt.transaction_id] = _receipt(receipt, "      ", quirks)
        else:
            texts = (_receipt(receipt, "        ", quirks) for receipt in group)
            entries[code] = "[\n        " + ",\n        ".join(texts) + "\n      ]"
    return ",".join(f"\n      {quote(key)}: {text}" for key, text in entries.items())


def _code(receipt: Receipt) -> str:
    coding = receipt.coding
    return (coding.job or coding.account or "null") if coding.complete else "null"


def _receipt(receipt: Receipt, indent: str, quirks: Set[str]) -> str:
    """One receipt object, its closing brace at ``indent``."""
    coding = receipt.coding
    coded = coding.complete
    kept = coded or q.PART_CODE not in quirks
    amount = old_amount_value(receipt, quirks)
    purpose = receipt.purpose
    if purpose is None and q.LABEL_AS_PURPOSE in quirks:
        purpose = f"Receipts Notes ({receipt.notes}):"
    address = receipt.merchant_address
    title = receipt.title or (receipt.expense_type if q.EMPTY_TITLE in quirks else None)
    between = f",\n{indent}  "
    return (
        f'{{\n{indent}  "rec_id": {quote(receipt.transaction_id)}'
        f'{between}"exp": {quote(receipt.expense_type)}'
        f'{between}"date": "{us_date(receipt.date)}"'
        f'{between}"title": {_text(title)}'
        f'{between}"amt": {json.dumps(amount)}'
        f'{between}"purpose": {_text(purpose)}'
        f'{between}"merch_name": {quote(receipt.merchant)}'
        f'{between}"merch_addy": {quote(wrap(address)[0] if q.CUT_ADDRESS in quirks else address)}'
        f'{between}"code_type": {_text(coding.kind)}'
        f'{between}"gl_acct": {_text(coding.account)}'
        f'{between}"gl_desc": {_text(coding.account_description)}'
        f'{between}"job": {_text(coding.job if kept else None)}'
        f'{between}"phase": {_text(coding.phase if kept else None)}'
        f'{between}"cost_type": {_text(coding.cost_type if kept else None)}'
        f'{between}"coded": {"true" if coded else "false"}'
        f'{between}"attachment": {"true" if has_attachment(receipt, quirks) else "false"}'
        f"\n{indent}}}"
    )


def _text(value: str | None) -> str:
    return "null" if value is None else quote(value)
