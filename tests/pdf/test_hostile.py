"""Bad and difficult PDFs: refused with a code and a reason, or accepted with the doubt named."""

import contextlib
import random
import resource
from pathlib import Path

import pytest

from svc.pdf import Kind, PdfRefusedError, parse_here, parse_pdf
from tests.pdf.samples import DATA, receipts_of, report_of, truth
from tests.pdf.test_samples import name_key, total

HOSTILE = DATA / "hostile"
REFUSED = {
    "zero_byte.pdf": {"empty_file"},
    "not_a_pdf.pdf": {"not_a_pdf"},
    "truncated.pdf": {"damaged_pdf"},
    "encrypted.pdf": {"encrypted_pdf"},
    "image_only.pdf": {"no_text"},
    "wrong_report.pdf": {"wrong_report"},
    "inflate_bomb.pdf": {"damaged_pdf", "too_large"},
    "page_tree_loop.pdf": {"damaged_pdf"},
}
KINDS: tuple[Kind, Kind] = ("car", "receipts")


def refusal(path: Path, kind: Kind) -> PdfRefusedError:
    """Return how a document is refused, read from its file by limited children."""
    with path.open("rb") as file, pytest.raises(PdfRefusedError) as caught:
        parse_pdf(file, kind)
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_unusable_documents_are_refused_with_a_reason(name: str, kind: Kind) -> None:
    """As either kind, within ten seconds of work and 500 MB, in a sentence, nothing technical."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    refused = refusal(HOSTILE / name, kind)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 10
    assert refused.code in REFUSED[name]
    assert refused.message.endswith(".")
    assert "Error" not in refused.message
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 500 * 1024


def test_every_hostile_pdf_has_a_test() -> None:
    """A new file in the folder must be answered here."""
    accepted = {
        "car_negative_total.pdf",
        "car_totals_disagree.pdf",
        "encrypted_owner_only.pdf",
        "receipts_bad_amounts.pdf",
        "receipts_hard_names.pdf",
        "receipts_no_coding_type.pdf",
        "script_and_attachment.pdf",
    }
    assert {path.name for path in HOSTILE.glob("*.pdf")} == accepted | REFUSED.keys()


@pytest.mark.parametrize("sample", ["small", "medium"])
def test_the_other_report_is_refused_and_named(sample: str) -> None:
    """The message says what the document looks like."""
    as_report = refusal(DATA / sample / "receipts.pdf", "car")
    as_receipts = refusal(DATA / sample / "car.pdf", "receipts")
    assert (as_report.code, as_receipts.code) == ("wrong_report", "wrong_report")
    assert "looks like a Receipt report" in as_report.message
    assert "looks like a Cardholder Activity Report" in as_receipts.message


@pytest.mark.parametrize("name", ["encrypted_owner_only.pdf", "script_and_attachment.pdf"])
def test_harmless_extras_do_not_change_the_report(name: str) -> None:
    """An owner password alone, a script and an attachment: the same rows as the sound report."""
    assert report_of(f"hostile/{name}") == report_of("small/car.pdf")
    assert parse_pdf((HOSTILE / name).read_bytes(), "car") == report_of("small/car.pdf")


def test_a_card_with_only_credits_has_a_negative_total() -> None:
    """Nothing about it is a problem."""
    document = report_of("hostile/car_negative_total.pdf")
    nets = [totals.net for card in document.cards for totals in card.totals]
    assert "-1167.76" in nets
    assert document.notices == ()


def test_a_printed_total_that_disagrees_is_given_beside_its_rows() -> None:
    """743.19 printed, 643.19 added up: both are there to be compared."""
    document = report_of("hostile/car_totals_disagree.pdf")
    compared = {
        (card.totals[0].net, total(tuple(line for c in card.charges for line in c.lines), "net"))
        for card in document.cards
    }
    assert ("743.19", "643.19") in compared
    assert sum(printed != added for printed, added in compared) == 1


def test_names_with_marks_and_accents_are_read() -> None:
    """Eight receipts of three people."""
    document = receipts_of("hostile/receipts_hard_names.pdf")
    assert len(document.receipts) == 8
    keys = {name_key(receipt.employee or "") for receipt in document.receipts}
    assert keys == {"MAEVEOTANSYFIELD", "ANNELISEWRENBURY", "RENEUNDERHOLLOW"}


def test_a_page_without_coding_type_is_a_receipt_without_code() -> None:
    """Page 4 is not coded; the others are."""
    document = receipts_of("hostile/receipts_no_coding_type.pdf")
    assert len(document.receipts) == 8
    assert document.receipts[3].coding_type is None
    assert [receipt.page for receipt in document.receipts if not receipt.coded] == [4]
    assert document.receipts[3].merchant_address == "89 BOLLARD AVE, , ST BRENNAN, LA, 78196-0000"


def test_amounts_that_are_missing_or_unreadable_are_none_with_a_reason() -> None:
    """Page 2 has no amount, page 5 has `n/a`; the address is not taken for it."""
    document = receipts_of("hostile/receipts_bad_amounts.pdf")
    assert len(document.receipts) == 8
    problems = [problem for receipt in document.receipts for problem in receipt.problems]
    assert [(each.page, each.field, each.raw) for each in problems] == [
        (2, "amount", None),
        (5, "amount", "n/a"),
    ]
    assert document.receipts[1].amount is None
    assert document.receipts[1].address == "77 Old Kiln Hwy, Cedar Hollow, MS 39999"


def test_any_cut_of_a_report_is_refused_or_whole() -> None:
    """A file that lost its end never yields a part of its pages."""
    data = (DATA / "small" / "car.pdf").read_bytes()
    whole = truth("small")["report"]["car_pages"]
    for share in range(1, 20):
        with contextlib.suppress(PdfRefusedError):
            document = parse_here(data[: len(data) * share // 20], "car")
            assert document.page_count == whole


def test_no_single_wrong_byte_loses_a_page_in_silence() -> None:
    """A page that turned blank is named, one that cannot be read stops the document."""
    data = (DATA / "small" / "car.pdf").read_bytes()
    chance = random.Random(7)  # noqa: S311 - a fixed seed
    for _ in range(100):
        place = chance.randrange(len(data))
        damaged = data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
        try:
            document = parse_here(damaged, "car")
        except PdfRefusedError:
            continue
        used = {page.page for page in document.pages if page.status == "used"}
        named = {notice.page for notice in document.notices}
        named |= {page.page for page in document.pages if page.status == "unread"}
        assert set(range(1, 7)) <= used | named
