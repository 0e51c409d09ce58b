"""Scans that came in later: attached to a receipt, kept, shown in the packet."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from svc.pdf.attachments import open_attachment
from svc.pdf.refusals import PdfRefusedError
from tests.service.conftest import DATA, bearer

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg
    from werkzeug.test import TestResponse

    from tests.service.conftest import Api


def image(kind: str, mode: str = "RGB", size: tuple[int, int] = (80, 40)) -> bytes:
    """Draw an image of one colour."""
    result = io.BytesIO()
    Image.new(mode, size).save(result, kind)
    return result.getvalue()


def pdf(pages: int, password: str | None = None) -> bytes:
    """Make a PDF of blank pages."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 100)
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    result = io.BytesIO()
    writer.write(result)
    return result.getvalue()


def drawing(width: int, height: int, kind: int, content: bytes = b"x") -> bytes:
    """Make a small PNG that says it has so many pixels, of a kind as its format numbers them."""

    def part(name: bytes, content: bytes) -> bytes:
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", content), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(part(*one) for one in parts)


@pytest.fixture
def receipt(api: Api) -> dict[str, Any]:
    """Return a receipt of a small month."""
    answer = api.upload(DATA / "small" / "activity.json")
    session = answer.get_json()["session_id"]
    found: dict[str, Any] = api.get(f"/sessions/{session}/transactions").get_json()["items"][0]
    return found


def attach(
    api: Api, receipt: dict[str, Any], name: str, content: bytes, user: str = "pat", **over: str
) -> TestResponse:
    """Attach a file to a receipt as it was read."""
    path = f"/api/v1/sessions/{receipt['session_id']}/transactions/{receipt['transaction_id']}"
    form = {"expected_revision_id": receipt["employee_revision_id"], "reason": "by mail", **over}
    return api.app.test_client().post(
        f"{path}/attachment",
        data={**form, "file": (io.BytesIO(content), name)},
        headers={"Authorization": bearer(user)},
    )


def test_scans_are_named_kept_and_shown(api: Api, receipt: dict[str, Any]) -> None:
    """A PDF of two pages, a PNG with a clear ground and a JPEG; one name twice gets a number."""
    before = receipt["attachment_name"]
    files = [
        ("late.pdf", pdf(2)),
        ("late.png", image("PNG", "RGBA")),
        ("late.png", image("JPEG")),
    ]
    for name, content in files:
        answer = attach(api, receipt, name, content)
        assert answer.status_code == 201, answer.get_json()
        receipt = answer.get_json()
    names = ["late.pdf", "late.png", "late.png (2)"]
    assert receipt["has_attachment"]
    assert receipt["attachment_name"] == ", ".join([*([before] if before else []), *names])
    session = receipt["session_id"]
    kept = api.get(f"/sessions/{session}/attachments").get_json()["items"]
    assert [(row["file_name"], row["media_type"], row["is_in_packet"]) for row in kept] == [
        ("late.pdf", "application/pdf", True),
        ("late.png", "image/png", True),
        ("late.png (2)", "image/jpeg", True),
    ]
    packet = api.get(f"/sessions/{session}/exports/packets/{receipt['cardholder_id']}.pdf")
    assert packet.status_code == 200, packet.get_json()
    pages = PdfReader(io.BytesIO(packet.data)).pages
    assert len(pages) == 4
    drawn = [b"/XObject" in repr(page.get("/Resources")).encode() for page in pages]
    assert drawn == [False, False, True, True]
    said = api.get(f"/sessions/{session}/corrections").get_json()["items"]
    assert said
    assert {row["field_group"] for row in said} == {"attachment"}


def test_what_cannot_be_shown_is_refused(api: Api, receipt: dict[str, Any]) -> None:
    """By the limited child, before anything of it is kept."""
    for name, content in [
        ("empty.pdf", b""),
        ("a.gif", b"GIF89a"),
        ("pages.pdf", pdf(101)),
        ("password.pdf", pdf(1, "secret")),
        ("torn.png", image("PNG")[:60]),
        ("bomb.png", drawing(30_000, 30_000, 2)),
        ("no.jpg", b"\xff\xd8\xff" + bytes(1000)),
    ]:
        answer = attach(api, receipt, name, content)
        body = answer.get_json()
        refused = (400, "unreadable_attachment", "file")
        assert (answer.status_code, body["code"], body["field"]) == refused, name
    session = receipt["session_id"]
    assert api.get(f"/sessions/{session}/attachments").get_json()["items"] == []


@pytest.mark.parametrize(
    ("width", "height", "told"),
    [
        (8_000, 5_000, "damaged"),
        (8_000, 5_001, "more than 40000000 pixels"),
        # What the library itself would take for a bomb.
        (40_000, 40_000, "more than 40000000 pixels"),
        (65_500, 1, "damaged"),
        (1, 65_501, "a side of more than 65500 pixels"),
    ],
)
def test_an_image_is_told_what_is_too_much_of_it(width: int, height: int, told: str) -> None:
    """And not that it is damaged; the largest is looked at."""
    with pytest.raises(PdfRefusedError, match=told):
        open_attachment(drawing(width, height, 2))


def test_the_largest_image_is_drawn_in_the_limited_child(api: Api, receipt: dict[str, Any]) -> None:
    """Also with a clear ground, which takes the most memory."""
    clear = drawing(8_000, 5_000, 6, zlib.compress(bytes((8_000 * 4 + 1) * 5_000), 9))
    assert attach(api, receipt, "large.png", clear).status_code == 201


def test_what_came_around_the_child_hides_nothing(
    api: Api, receipt: dict[str, Any], connect: Callable[..., psycopg.Connection]
) -> None:
    """A file attached by SQL is tried when a packet is made; a page says what cannot be shown."""
    with connect("ccp_service") as connection:
        connection.execute("SET ROLE ccp_processor")
        connection.execute("SELECT set_config('app.actor', 'pat', false)")
        torn = connection.execute(
            "SELECT a.employee_revision_id"
            " FROM api.attach_document(%s, %s, %s, 'torn.png', %s, 'by mail') AS a",
            (
                receipt["session_id"],
                receipt["transaction_id"],
                receipt["employee_revision_id"],
                image("PNG")[:60],
            ),
        ).fetchone()
    assert torn is not None
    receipt["employee_revision_id"] = str(torn[0])
    assert attach(api, receipt, "two.pdf", pdf(2)).status_code == 201
    path = f"/sessions/{receipt['session_id']}/exports/packets.zip"
    archive = zipfile.ZipFile(io.BytesIO(api.get(path).data))
    (packet,) = json.loads(archive.read("manifest.json"))["packets"]
    assert [page["page"] for page in packet["pages"]] == [None, None]
    assert packet["pages"][1]["sha256"] == hashlib.sha256(pdf(2)).hexdigest()
    pages = PdfReader(io.BytesIO(archive.read(packet["file"]))).pages
    assert [bool(page.images) for page in pages] == [True, False, False]
    (row,) = csv.DictReader(io.StringIO(archive.read("manifest.csv").decode()))
    assert row["pages"] == "3"


def test_images_stand_upright_on_white() -> None:
    """As a camera turned them, of the first picture, whatever their colours are made of."""

    def shown(mode: str, colour: Any, kind: str = "PNG", **options: Any) -> tuple[Any, Any]:  # noqa: ANN401
        result = io.BytesIO()
        Image.new(mode, (80, 40), colour).save(result, kind, **options)
        (drawn,) = open_attachment(result.getvalue()).pages[0].images
        assert drawn.image is not None
        assert b"aside" not in drawn.data
        found = drawn.image.convert("RGB")
        near = found.getpixel((20, 20))
        assert isinstance(near, tuple)
        return found.size, tuple(round(part / 255, 1) for part in near)

    turned = Image.Exif()
    turned[0x0112] = 6
    assert shown("RGB", "red", "JPEG", exif=turned, comment=b"aside") == ((40, 80), (1, 0, 0))
    several = {"save_all": True, "append_images": [Image.new("RGB", (80, 40))]}
    assert shown("RGB", "red", "MPO", **several) == ((80, 40), (1, 0, 0))
    assert shown("LA", (0, 0)) == ((80, 40), (1, 1, 1))
    assert shown("P", (9, 9, 9), transparency=0) == ((80, 40), (1, 1, 1))
    assert shown("CMYK", (0, 255, 255, 0), "JPEG") == ((80, 40), (1, 0, 0))
    assert shown("I;16", 0x8000) == ((80, 40), (0.5, 0.5, 0.5))
    assert shown("1", 1) == ((80, 40), (1, 1, 1))


def test_who_attaches_what_they_saw(api: Api, receipt: dict[str, Any]) -> None:
    """With a reason, at the newest revision, as one who may correct."""
    content = image("PNG")
    assert attach(api, receipt, "a.png", content, "rae").status_code == 403
    blank = attach(api, receipt, "a.png", content, reason=" ")
    assert (blank.status_code, blank.get_json()["field"]) == (400, "reason")
    assert attach(api, receipt, "a.png", content).status_code == 201
    assert attach(api, receipt, "a.png", content).get_json()["code"] == "stale_version"
