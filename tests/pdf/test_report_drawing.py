"""However the texts of a report page are drawn: the same values, or unknown ones, or a refusal.

Never fewer charges, and never another amount.
"""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from svc.pdf.cells import in_rows
from svc.pdf.documents import build_document
from svc.pdf.model import Charge, ReportDocument
from svc.pdf.pages import read_page
from svc.pdf.refusals import PdfRefusedError
from tests.pdf import layouts, paper

Text = tuple[float, float, str]
CARDS = layouts.CARDS.filter(lambda card: bool(card.charges))


def texts_of(card: layouts.Card) -> list[Text]:
    """Return the texts of a card's only page and where they stand, in content order."""
    card = replace(card, breaks=[False])
    (rows,) = card.pages(heads_twice=False)
    placed = [
        (x, paper.TOP - paper.STEP * n, text) for n, row in enumerate(rows) for x, text in row
    ]
    return list({(round(x), y, text): (x, y, text) for x, y, text in placed}.values())


def read(texts: list[Text]) -> ReportDocument | None:
    """Return the report that a page of these texts makes, None when it is refused."""
    rows = in_rows(paper.cell(x, y, text) for x, y, text in texts if text)
    try:
        document = build_document([read_page(1, rows)], "car")
    except PdfRefusedError:
        return None
    assert isinstance(document, ReportDocument)
    return None if document.pages[0].status == "unread" else document


def values(document: ReportDocument) -> object:
    """Return all that a report says but where it stands."""
    (card,) = document.cards
    charges = [
        (
            *(each.trans_date, each.posted_date, each.level, each.number),
            *(each.merchant, each.city, each.state, each.group),
            [(m.product, m.ppu, m.quantity, m.gross, m.discount, m.net) for m in each.lines],
            each.totals and (each.totals.gross, each.totals.discount, each.totals.net),
        )
        for each in card.charges
    ]
    totals = [(each.gross, each.discount, each.net) for each in card.totals]
    return (card.employee_id, card.cardholder_name, card.card_number, charges, totals)


def amounts(charge: Charge) -> list[tuple[str | None, ...]]:
    """Return the amounts of the product lines of a charge."""
    return [(each.gross, each.discount, each.net) for each in charge.lines]


def check_nothing_invented(before: ReportDocument, after: ReportDocument | None) -> None:
    """Check that a changed page is refused, or has all charges with the same or no amounts."""
    if after is None:
        return
    (was,), (now,) = before.cards, after.cards
    assert now.card_number == was.card_number
    assert now.employee_id in {was.employee_id, None}
    assert len(now.charges) >= len(was.charges)
    lines = [line for charge in was.charges for line in amounts(charge)]
    found = [line for charge in now.charges for line in amounts(charge)]
    assert len(found) >= len(lines)
    known = [line for line in found if None not in line]
    for line in known:
        assert line in lines
        lines.remove(line)
    assert len(known) == len(found) or any(
        problem
        for charge in now.charges
        for problem in (*charge.problems, *(p for line in charge.lines for p in line.problems))
    )


@settings(max_examples=60, deadline=None)
@given(CARDS, st.data())
def test_order_and_splits_change_nothing(card: layouts.Card, data: st.DataObject) -> None:
    """The same texts in any order of drawing, some in two parts: the same values."""
    texts = texts_of(card)
    drawn: list[Text] = []
    for x, y, text in data.draw(st.permutations(texts)):
        place = data.draw(st.integers(0, len(text) - 1))
        if not place or " " in text[place - 1 : place + 1]:
            drawn.append((x, y, text))
        else:
            drawn += [(x + place * paper.LETTER, y, text[place:]), (x, y, text[:place])]
    before, after = read(texts), read(drawn)
    assert before is not None
    assert after is not None
    assert values(after) == values(before)


@settings(max_examples=150, deadline=None)
@given(CARDS, st.data())
def test_a_text_that_is_lost_is_missed(card: layouts.Card, data: st.DataObject) -> None:
    """Any one text left out."""
    texts = texts_of(card)
    before = read(texts)
    assert before is not None
    gone = data.draw(st.integers(0, len(texts) - 1))
    check_nothing_invented(before, read(texts[:gone] + texts[gone + 1 :]))


@settings(max_examples=150, deadline=None)
@given(CARDS, st.sampled_from(["", " "]), st.data())
def test_texts_drawn_as_one_are_not_guessed(
    card: layouts.Card, blank: str, data: st.DataObject
) -> None:
    """Any two neighbours in drawing order become one text at the place of the first."""
    texts = texts_of(card)
    before = read(texts)
    assert before is not None
    place = data.draw(st.integers(0, len(texts) - 2))
    (x, y, first), (_, _, second) = texts[place : place + 2]
    joined = (x, y, f"{first}{blank}{second}")
    check_nothing_invented(before, read([*texts[:place], joined, *texts[place + 2 :]]))
