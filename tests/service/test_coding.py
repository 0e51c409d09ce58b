"""Coding in a spreadsheet: out, filled in, back; whose change stands, and what is no workbook."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from tests.service.conftest import DATA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from tests.service.conftest import Api

CODED = 100
OURS, THEIRS = "6120.100", "7000.100"
CHART = [{"code": OURS, "description": "Office supplies"}, {"code": THEIRS}]
BOMB = 400 * 2**20


class Desk:
    """A session, and its coding workbook on somebody's desk."""

    def __init__(self, api: Api) -> None:
        """Hand in the medium month."""
        self.api = api
        answer = api.upload(DATA / "medium" / "activity.json", session_name="Month")
        assert answer.status_code == 201, answer.get_json()
        self.session = answer.get_json()["session_id"]

    def fetch(self) -> Any:  # noqa: ANN401 - a workbook
        """Return the workbook as it goes out now."""
        answer = self.api.get(f"/sessions/{self.session}/exports/coding.xlsx")
        assert answer.status_code == 200, answer.get_json()
        return openpyxl.load_workbook(io.BytesIO(answer.data))

    def send(
        self, content: bytes, user: str = "pat", session: str = "", key: str = "", **form: str
    ) -> Any:  # noqa: ANN401
        """Hand a workbook in, perhaps under a key, and return status and answer."""
        data = {"file": (io.BytesIO(content), "coding.xlsx"), "reason": "as told by mail", **form}
        path = f"/sessions/{session or self.session}/coding.xlsx"
        headers = {"Idempotency-Key": key} if key else {}
        answer = self.api.call("POST", path, user, data=data, headers=headers)
        return answer.status_code, answer.get_json()

    def do(self, book: Any, **options: str) -> dict[str, Any]:  # noqa: ANN401 - a workbook
        """Have a workbook carried out and return the answer."""
        status, answer = self.send(saved(book), dry_run="false", **options)
        assert status == 200, answer
        return dict(answer)


def saved(book: Any) -> bytes:  # noqa: ANN401 - a workbook
    """Return a workbook as a file."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def places(sheet: Any) -> dict[str, int]:  # noqa: ANN401 - a sheet
    """Return the number of each column by its heading."""
    return {cell.value: cell.column for cell in sheet[1]}


def put(sheet: Any, row: int, **values: object) -> None:  # noqa: ANN401 - a sheet
    """Fill in cells of a row; an underscore in a name is a blank."""
    columns = places(sheet)
    for name, value in values.items():
        sheet.cell(row, columns[name.replace("_", " ")]).value = value


def counts(answer: dict[str, Any]) -> dict[str, int]:
    """Return how many rows became what."""
    return {name: answer[name] for name in ("done", "unchanged", "stale", "refused")}


def only(answer: dict[str, Any], outcome: str) -> list[dict[str, Any]]:
    """Return the rows of one outcome."""
    return [row for row in answer["rows"] if row["outcome"] == outcome]


@pytest.fixture
def desk(api: Api) -> Desk:
    """Return a desk on this test's own database."""
    return Desk(api)


def test_a_hundred_receipts_are_coded_and_two_conflicts_named(
    desk: Desk, connect: Callable[..., psycopg.Connection]
) -> None:
    """Sorted, filtered, with deleted rows; somebody else was faster with two; twice is once."""
    book = desk.fetch()
    sheet = book["Coding"]
    columns = places(sheet)
    before = sheet.max_row
    for row in range(2, 2 + CODED):
        put(sheet, row, Coding="gl_coding", GL_Account=OURS, Purpose="for the crew")
    ids = [sheet.cell(row, columns["Receipt"]).value for row in (5, 50)]
    with connect() as ada:
        ada.execute("SET ROLE ccp_admin")
        ada.execute("SELECT set_config('app.actor', 'ada', false)")
        ada.execute("SELECT set_config('app.reason', 'called them', false)")
        changed = ada.execute(
            "UPDATE api.current_transactions SET coding_type = 'gl_coding', gl_account = %s"
            " WHERE transaction_id = ANY (%s)",
            (THEIRS, ids),
        )
        assert changed.rowcount == 2
    # Last row first, and one row that was not wanted.
    rows = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=2)][::-1]
    sheet.delete_rows(2, sheet.max_row)
    for line in rows[1:]:
        sheet.append(line)

    status, dry = desk.send(saved(book))
    assert (status, dry["dry_run"]) == (200, True)
    expected = {"done": CODED - 2, "unchanged": before - 1 - CODED - 1, "stale": 2, "refused": 0}
    assert counts(dry) == expected
    assert counts(desk.do(book)) == expected
    stale = only(dry, "stale")
    assert len(stale) == 2
    for told in stale:
        assert told["code"] == "changed"
        assert told["message"].startswith("ada at ")
        assert "called them: coding_type" in told["message"] or "gl_account" in told["message"]
        assert THEIRS in told["message"]

    again = desk.do(book)
    assert counts(again) == {**expected, "done": 0, "unchanged": before - 2 - 2}
    with connect() as pat:
        pat.execute("SET ROLE ccp_processor")
        (coded,) = pat.execute(
            "SELECT count(*) FROM api.current_transactions WHERE gl_account = %s"
            " AND purpose = 'for the crew' AND is_coded",
            (OURS,),
        ).fetchone() or (0,)
        assert coded == CODED - 2
    # What has coding and purpose now is not asked for again.
    assert desk.fetch()["Coding"].max_row == before - (CODED - 2)


def test_a_repeated_key_is_answered_as_before(desk: Desk) -> None:
    """Row by row, also when somebody corrects in between; for another file it is refused."""
    book = desk.fetch()
    put(book["Coding"], 2, Purpose="for the crew")
    put(book["Coding"], 3, Coding="gl_coding", GL_Account="no code!")
    content = saved(book)
    first = desk.send(content, key="once", dry_run="false")
    assert first[0] == 200, first
    assert counts(first[1])["done"] == 1
    assert counts(first[1])["refused"] == 1
    other = desk.fetch()
    put(other["Coding"], 2, Purpose="for the others")
    assert desk.do(other)["done"] == 1
    assert desk.send(content, key="once", dry_run="false") == first
    assert desk.send(saved(other), key="once", dry_run="false")[0] == 409
    assert counts(desk.send(content, dry_run="false")[1])["done"] == 0


def test_cells_mean_what_they_say(desk: Desk) -> None:
    """Empty is untouched, CLEAR takes away, codes tell the coding, the rest is refused by row."""
    book = desk.fetch()
    sheet = book["Coding"]
    put(sheet, 2, Coding=None, Job=None, Phase=None, Cost_Type=None, GL_Account=None, Purpose=None)
    put(sheet, 3, GL_Account="=1+1")
    put(sheet, 4, GL_Account=6120.1)
    put(sheet, 5, Receipt_ID="1")
    put(sheet, 6, Receipt="01920000-0000-7000-8000-000000000000")
    put(sheet, 7, Coding="other")
    put(sheet, 8, GL_Account="4111111111111111")
    put(sheet, 9, Coding="gl_coding", GL_Account=OURS)
    for place in range(1, sheet.max_column + 1):
        sheet.cell(11, place).value = sheet.cell(10, place).value
    put(sheet, 12, Coding="job_coding", Job=None, Phase="100", Cost_Type=None, GL_Account=OURS)
    put(sheet, 13, Coding="gl_coding", GL_Account="61\n20")
    put(sheet, 14, GL_Account="#N/A")
    put(sheet, 15, Purpose="#REF!")
    for row, heading in ((14, "GL Account"), (15, "Purpose")):
        sheet.cell(row, places(sheet)[heading]).data_type = "e"
    answer = desk.do(book)
    refused = {row["row_number"]: row["code"] for row in only(answer, "refused")}
    assert refused == {
        3: "unreadable",
        4: "unreadable",
        5: "not_as_it_went_out",
        6: "not_of_session",
        7: "invalid_value",
        8: "card_number",
        10: "twice",
        11: "twice",
        12: "incomplete",
        13: "invalid_value",
        14: "unreadable",
        15: "unreadable",
    }
    messages = {row["row_number"]: row["message"] for row in only(answer, "refused")}
    letter = sheet.cell(14, places(sheet)["GL Account"]).column_letter
    assert "a formula in GL Account" in messages[3]
    assert "GL Account (M4) is a float" in messages[4]
    assert "coding_type" in messages[7]
    assert messages[12] == "a job coding lacks job, cost type"
    assert messages[14] == f"an error in GL Account ({letter}14): #N/A"
    assert messages[15].startswith("an error in Purpose")
    assert [row["row_number"] for row in only(answer, "done")] == [9]
    assert counts(answer)["unchanged"] == sheet.max_row - 1 - 12 - 1

    book = desk.fetch()
    sheet = book["Coding"]
    accounts = places(sheet)["GL Account"]
    row = next(n for n in range(2, 200) if sheet.cell(n, accounts).value == OURS)
    receipt = sheet.cell(row, places(sheet)["Receipt ID"]).value
    put(sheet, row, Coding="clear")
    (done,) = only(desk.do(book), "done")
    assert done["external_transaction_id"] == receipt
    book = desk.fetch()
    sheet = book["Coding"]
    row = next(n for n in range(2, 200) if sheet.cell(n, 2).value == receipt)
    assert sheet.cell(row, accounts).value is None
    assert sheet.cell(row, places(sheet)["Coding"]).value is None
    put(sheet, row, GL_Account=THEIRS)
    assert counts(desk.do(book))["done"] == 1


def test_what_a_workbook_escapes_comes_back_as_it_was(desk: Desk) -> None:
    """Control characters and what looks like an escape: the same file changes nothing."""
    odd = "".join(map(chr, range(1, 32))) + "\ufffe _x0041_ _x005F_ _x0000_ _xD800_ \U0001f600"
    people = json.loads((DATA / "medium" / "activity.json").read_text())
    name, person = next(pair for pair in people.items() if pair[1].get("receipts"))
    receipts = [
        r
        for found in person["receipts"].values()
        for r in (found if isinstance(found, list) else [found])
    ]
    for number, receipt in enumerate(receipts):
        receipt["rec_id"] = f"A\r\nB{number}_x0042_"
        receipt.update(
            purpose=f"a {odd} z",
            job=None,
            phase=None,
            cost_type=None,
            gl_acct=None,
            gl_desc=None,
            coded=False,
        )
    person["receipts"] = {"null": receipts}
    answer = desk.api.upload(
        json.dumps({name: person}).encode(), session_name="Odd", programme="odd"
    )
    assert answer.status_code == 201, answer.get_json()
    session = answer.get_json()["session_id"]
    sent = desk.api.get(f"/sessions/{session}/exports/coding.xlsx").data
    for content in (sent, saved(openpyxl.load_workbook(io.BytesIO(sent)))):
        status, told = desk.send(content, session=session, dry_run="false")
        assert (status, counts(told)) == (
            200,
            {"done": 0, "unchanged": len(receipts), "stale": 0, "refused": 0},
        ), told


def test_own_card_and_what_is_not_open(
    desk: Desk, connect: Callable[..., psycopg.Connection]
) -> None:
    """Nobody codes their own card; another session's rows and a replaced one are refused."""
    book = desk.fetch()
    sheet = book["Coding"]
    name = sheet.cell(2, 1).value
    with connect("ccp_owner") as owner:
        owner.execute(
            "SELECT FROM api.save_user('pat', NULL, 'processor', p_expected_version => 1,"
            " p_cardholder_id => (SELECT c.cardholder_id FROM report.cardholders AS c"
            " WHERE c.employee_name = %s))",
            (name,),
        )
    put(sheet, 2, GL_Account=OURS, Coding="gl_coding")
    (row,) = only(desk.do(book), "refused")
    assert (row["code"], row["employee_name"]) == ("own_card", name)
    month = json.loads((DATA / "medium" / "activity.json").read_text())
    month.popitem()
    later = desk.api.upload(json.dumps(month).encode(), parent_session_id=desk.session)
    assert later.status_code == 201, later.get_json()
    (row,) = only(desk.do(book, user="ada"), "refused")
    assert row["code"] == "replaced"
    answer = desk.do(book, user="ada", session=later.get_json()["session_id"])
    assert {row["code"] for row in answer["rows"]} == {"not_of_session"}


def test_only_what_may_be_coded_is_unlocked(
    desk: Desk, connect: Callable[..., psycopg.Connection]
) -> None:
    """Ids are hidden, the rest is locked; where charts are loaded, cells offer their codes."""
    assert [v.sqref for v in desk.fetch()["Coding"].data_validations.dataValidation] != []
    answer = desk.api.post("/codes/gl_account", "ada", codes=CHART, expected_version=1)
    assert answer.status_code == 200, answer.get_json()
    book = desk.fetch()
    sheet = book["Coding"]
    assert sheet.protection.sheet
    unlocked = {sheet.cell(1, c.column).value for c in sheet[2] if not c.protection.locked}
    assert unlocked == {"Purpose", "Coding", "Job", "Phase", "Cost Type", "GL Account"}
    hidden = {sheet[f"{name}1"].value for name, d in sheet.column_dimensions.items() if d.hidden}
    assert hidden >= {"Receipt"}
    assert book["Codes"].sheet_state == "veryHidden"
    assert [c.value for c in book["Codes"]["D"]] == ["GL Account", OURS, THEIRS]
    sources = {str(v.formula1) for v in sheet.data_validations.dataValidation}
    assert sources == {'"job_coding,gl_coding"', "Codes!$D$2:$D$3"}


def part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook with one part changed, or put in."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        new.writestr(name, change(old.read(name) if name in old.namelist() else b""))
    return file.getvalue()


def hostile(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield files that are no workbook of ours, and the code of the refusal."""
    sheet = "xl/worksheets/sheet1.xml"
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    yield "not_a_workbook", b"PK\x03\x04 not a workbook"
    yield "not_a_workbook", b""
    yield "not_a_workbook", saved(openpyxl.Workbook())
    yield (
        "foreign_content",
        part(content, sheet, lambda text: text.replace(b"?>", b"?>" + entity, 1)),
    )
    wide = part(
        content, sheet, lambda text: text.decode().replace("UTF-8", "UTF-16").encode("utf-16")
    )
    yield "foreign_content", wide
    yield "foreign_content", part(content, "xl/vbaProject.bin", lambda _: b"macro")
    types = "[Content_Types].xml"
    macro = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    yield (
        "foreign_content",
        part(content, types, lambda text: text.replace(b"?>", b"?><!--" + macro + b"-->", 1)),
    )
    yield "foreign_content", part(content, "xl/externalLinks/externalLink1.xml", lambda _: b"<x/>")
    yield "too_large", part(content, "xl/media/big.xml", lambda _: bytes(BOMB))
    yield "damaged_workbook", part(content, sheet, lambda text: text[: len(text) // 2])
    yield "not_a_workbook", part(content, "xl/workbook.xml", lambda _: b"<workbook/>")
    long = b'<c r="H2" t="inlineStr"><is><t>' + b"x" * 32_000 + b"</t></is></c>"
    rows = b"".join(b'<row r="%d">%s</row>' % (n, long) for n in range(3, 2000))
    yield (
        "too_large",
        part(content, sheet, lambda text: text.replace(b"</sheetData>", rows + b"</sheetData>")),
    )


def test_what_is_no_workbook_is_refused(desk: Desk) -> None:
    """Bombs, entities, macros, links, halves: each with its reason, and nothing is changed."""
    content = desk.api.get(f"/sessions/{desk.session}/exports/coding.xlsx").data
    for code, file in hostile(content):
        status, answer = desk.send(file, dry_run="false")
        assert (status, answer["code"]) == (400, code), (code, answer, len(file))
        assert answer["detail"]
    status, answer = desk.send(content, user="rae")
    assert (status, answer["code"]) == (403, "not_permitted")
