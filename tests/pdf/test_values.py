"""Single values: what is read, and what is left as printed."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svc.pdf.text import from_base85
from svc.pdf.values import amount, card_mask, clean_text, full_number, iso_date


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("$0.00", "0.00"),
        ("$1,234.56", "1234.56"),
        ("-$0.45", "-0.45"),
        ("$-0.45", "-0.45"),
        ("-1,234.50", "-1234.50"),
        ("140.70", "140.70"),
        ("-$0.00", "0.00"),
        ("$999,999,999,999.99", "999999999999.99"),
        ("$.50", "0.50"),
        ("0012.00", "12.00"),
    ],
)
def test_amounts_become_plain_decimals(printed: str, value: str) -> None:
    """Sign, currency sign and commas go; cents stay."""
    assert amount(printed) == value


@pytest.mark.parametrize(
    "printed",
    [
        "n/a",
        "12",
        "12.5",
        "12.345",
        "1,23.00",
        "$",
        "--1.00",
        "1e5",
        "NaN",
        "$1_000.00",
        "1234567890123.00",
        "12,34",
        "\u0663.\u0660\u0660",
        "+1.00",
        "USD1.00",
    ],
)
def test_what_is_no_amount_is_none(printed: str) -> None:
    """Nothing is guessed, rounded or turned into zero."""
    assert amount(printed) is None


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("03/31/2025", "2025-03-31"),
        ("3/1/2025", "2025-03-01"),
        ("02/29/2024", "2024-02-29"),
        ("02/29/2025", None),
        ("13/01/2025", None),
        ("2025-03-01", None),
        ("3/1/25", None),
        ("now", None),
        ("00/10/2025", None),
    ],
)
def test_dates_are_real_days(printed: str, value: str | None) -> None:
    """Only MM/DD/YYYY of a day that exists."""
    assert iso_date(printed) == value


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=2))
def test_any_printed_amount_is_read_back(value: object) -> None:
    """Printed with commas and either form of the minus sign."""
    plain = f"{value:.2f}"
    magnitude = f"{value:,.2f}".lstrip("-")
    wanted = plain.replace("-", "") if plain.strip("-0.") == "" else plain
    sign = "-" if plain.startswith("-") else ""
    assert amount(f"{sign}${magnitude}") == wanted
    assert amount(f"${sign}{magnitude}") == wanted
    assert amount(f"{sign}{magnitude}") == wanted


def test_card_masks() -> None:
    """Masked or not, one form comes out."""
    assert card_mask("9999998196525155") == "999999XXXXXX5155"
    assert card_mask("999999xxxxxx5155") == "999999XXXXXX5155"
    assert card_mask("99999981965251") is None
    assert card_mask("9999 9981 9652 5155") == "999999XXXXXX5155"
    assert full_number("9999998196525155") == "9999998196525155"
    assert full_number("9999-9981-9652-5155") == "9999998196525155"
    assert full_number("9999-9981 9652-5155") is None
    assert full_number("999999XXXXXX5155") is None
    assert full_number("99999981965251") is None


@given(st.text())
def test_clean_text_can_be_stored(text: str) -> None:
    """No NUL, no lone surrogate, no break but LF, whatever a font claims to say."""
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert not set(cleaned) & set("\0\r\x0b\x0c\x85\u2028\u2029")
    assert clean_text(cleaned) == cleaned


@given(st.binary(max_size=40), st.booleans())
def test_base_85_is_unpacked_as_by_the_library(data: bytes, wrapped: bool) -> None:
    """Any bytes, with line breaks and end mark or without."""
    packed = base64.a85encode(data, wrapcol=20 if wrapped else 0, adobe=False)
    assert from_base85(packed + b"~>") == data


@pytest.mark.parametrize("packed", [b"abc\x80~>", b"uuuuu~>", b"{{{{{~>"])
def test_what_is_no_base_85_is_an_error(packed: bytes) -> None:
    """A letter beyond the alphabet, a group beyond four bytes."""
    with pytest.raises(ValueError, match="base-85"):
        from_base85(packed)
