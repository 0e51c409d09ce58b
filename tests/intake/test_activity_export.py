"""The way back: an old file comes out value for value, and what was never in one fits it."""

from __future__ import annotations

import copy
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, LiteralString
from urllib.parse import quote

import psycopg
import pytest

from tests.intake.accepted import people_of_truth
from tests.intake.conftest import DATA
from tests.pdf.samples import truth

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.intake.conftest import Answer, Office

Entry = dict[str, Any]
FULL_NUMBER = re.compile(r'"card_no": "([0-9]{6})[0-9]{6}([0-9]{4})"')
RECEIPT: Entry = {
    "rec_id": "40648481",
    "exp": "Airfare",
    "date": "03/11/2025",
    "title": "Airfare to site",
    "amt": "395.47",
    "purpose": "Travel to kick-off meeting",
    "merch_name": "NORTHWEND AIRWAYS",
    "merch_addy": "5402 N GRANARY WAY, , ST BRENNAN, LA,",
    "code_type": "Job Coding",
    "gl_acct": None,
    "gl_desc": None,
    "job": "19002.",
    "phase": "410.25",
    "cost_type": "3",
    "coded": True,
    "attachment": True,
}
FLAGS = {
    "missing_coding_info": False,
    "missing_receipt": False,
    "missing_all_receipts": False,
    "total_mismatch": False,
}


def receipt(**fields: object) -> Entry:
    """Return a receipt with other fields."""
    return {**RECEIPT, **fields}


def person(name: str, receipts: Entry | None = None, **fields: object) -> Entry:
    """Return an employee in both reports."""
    found = {
        "name": name,
        "employee_id": str(sum(map(ord, name)) + 10000),
        "car_page_range": [1],
        "car_total": 395.47,
        "card_no": "999999XXXXXX5675",
        "files": [f"C:\\Old\\Card\\{name}.pdf"],
        "rec_page_range": [4],
        "rec_total": 395.47,
        "flags": dict(FLAGS),
        "receipts": {"19002.": [receipt()]} if receipts is None else receipts,
        **fields,
    }
    return {key: value for key, value in found.items() if value is not ...}


def exact(text: str | bytes) -> Any:  # noqa: ANN401 - JSON
    """Read JSON with exact numbers and the order of keys."""
    return json.loads(
        text,
        parse_float=lambda digits: ("number", digits),
        parse_int=lambda digits: ("number", digits),
        object_pairs_hook=lambda pairs: ("object", pairs),
    )


def exported(office: Office, session: str, query: str = "") -> Answer:
    """Return the file of a session."""
    answer = office.call("GET", f"/sessions/{session}/exports/activity.json?{query}")
    assert answer.status == 200, answer.body[:500]
    assert answer.headers["Content-Type"].startswith("application/json")
    return answer


def imported(office: Office, text: str, programme: str) -> str:
    """Import an old file and return the session."""
    kind = {"Content-Type": "application/json"}
    query = f"programme={quote(programme)}&period_start=2025-03-01"
    answer = office.call("POST", f"/import-json?{query}", text.encode(), **kind)
    assert answer.status == 201, answer.body
    assert answer.json["rejects"] == []
    return str(answer.json["session_id"])


def correct(office: Office, session: str, merchant: str, purpose: str) -> None:
    """Correct the purpose of the receipts at a merchant."""
    with psycopg.connect(office.url) as service:
        service.execute("SELECT set_config('app.actor', 'pat', true)")
        service.execute("SELECT set_config('app.reason', 'As the receipt says', true)")
        service.execute("SELECT set_config('role', 'ccp_processor', true)")
        done = service.execute(
            "UPDATE api.current_transactions SET purpose = %s"
            " WHERE session_id = %s AND merchant_name = %s",
            (purpose, session, merchant),
        )
        assert done.rowcount > 0
        service.commit()


def let_a_year_pass(office: Office) -> None:
    """Remove what a year takes; only the owner can do so before the time."""
    owner = office.superuser
    with owner.transaction():
        owner.execute("SET LOCAL SESSION AUTHORIZATION ccp_owner")
        owner.execute("SELECT app.remove_expired(now() + interval '366 days')")
        owner.execute("DELETE FROM app.request_answers")


@pytest.mark.parametrize("name", ["activity", "activity_by_id"])
@pytest.mark.parametrize("sample", ["small", "medium"])
def test_an_old_file_comes_back(shared_office: Office, sample: str, name: str) -> None:
    """Byte for byte, but for card numbers, also when it was closed a year ago; no text is kept."""
    text = (DATA / sample / f"{name}.json").read_text()
    session = imported(shared_office, text, f"{sample} {name}")
    answer = exported(shared_office, session)
    assert answer.body.decode() == FULL_NUMBER.sub(r'"card_no": "\1XXXXXX\2"', text)
    assert answer.headers["Activity-Changes"] == "none"
    assert shared_office.rows("SELECT FROM app.kept_entries WHERE session_id = %s", session) == []
    (month,) = shared_office.rows(
        "SELECT m.month_id, m.version FROM report.months AS m"
        " JOIN report.sessions AS s ON s.month_id = m.month_id WHERE s.session_id = %s",
        session,
    )
    closed = shared_office.call(
        "POST",
        f"/months/{month['month_id']}/close-past",
        json.dumps({"expected_version": month["version"]}).encode(),
        "ada",
        **{"Content-Type": "application/json"},
    )
    assert closed.status == 200, closed.body
    let_a_year_pass(shared_office)
    assert exported(shared_office, session).body == answer.body


def test_shapes_say_the_same(shared_office: Office) -> None:
    """By id from by code: the same receipts; of two pages with one id the last, and it is told."""
    text = (DATA / "medium" / "activity.json").read_text()
    session = imported(shared_office, text, "medium in two shapes")
    by_id = exported(shared_office, session, "shape=by_id")
    assert by_id.headers["Activity-Changes"] == "page_left_out=3"
    found = json.loads(by_id.body, parse_float=Decimal)
    wanted = json.loads((DATA / "medium" / "activity_by_id.json").read_text(), parse_float=Decimal)
    assert list(found) == list(wanted)
    for key, entry in wanted.items():
        entry["card_no"] = found[key]["card_no"]
        assert found[key] == entry
    again = exported(shared_office, session, "shape=by_code")
    assert exact(again.body) == exact(exported(shared_office, session).body)


def base() -> dict[str, Entry]:
    """Return two people; the variants are about the first, the second is corrected."""
    first = {
        "22810.": [
            receipt(job="22810.", rec_id="40575363", amt="78.19", merch_name="KAWIARNIA ŁÓDŹ")
        ],
        "7010.300": [
            receipt(
                rec_id="40575753",
                code_type="GL Coding",
                job=None,
                phase=None,
                cost_type=None,
                gl_acct="7010.300",
                gl_desc="Legal and filing fees",
            )
        ],
        "null": [receipt(rec_id="40575999", job=None, phase=None, cost_type=None, coded=False)],
    }
    return {
        "ADAWREN": person("ADAWREN", first, rec_page_range=[1, 2, 3], rec_total=869.1300000000001),
        "BOTERN": person(
            "BOTERN", {"19002.": [receipt(rec_id="50", merch_name="OTHER")]}, car_page_range=[2]
        ),
    }


def in_first(change: Callable[[Entry], object]) -> Callable[[dict[str, Entry]], dict[str, Entry]]:
    """Return a variant that changes the first person."""

    def changed(people: dict[str, Entry]) -> dict[str, Entry]:
        change(people["ADAWREN"])
        return people

    return changed


def in_receipt(**fields: object) -> Callable[[dict[str, Entry]], dict[str, Entry]]:
    """Return a variant with other fields in a receipt; `...` takes one away."""

    def change(entry: Entry) -> None:
        one = entry["receipts"]["22810."][0]
        one.update(fields)
        for name in [name for name, value in fields.items() if value is ...]:
            del one[name]

    return in_first(change)


def reordered(entry: Entry) -> None:
    """Put the codes of a person into another order."""
    entry["receipts"] = dict(reversed(entry["receipts"].items()))


def by_id(entry: Entry) -> None:
    """Group receipts by id, in an order that is not that of the ids."""
    pages = [one for code in entry["receipts"].values() for one in code]
    entry["receipts"] = {one["rec_id"]: one for one in reversed(pages)}


def mixed(entry: Entry) -> None:
    """Group some receipts by id."""
    entry["receipts"]["40575363"] = entry["receipts"].pop("22810.")[0]


VARIANTS: dict[str, Callable[[dict[str, Entry]], dict[str, Entry]]] = {
    "order of codes": in_first(reordered),
    "order of employees": lambda people: dict(reversed(people.items())),
    "by id": in_first(by_id),
    "both shapes": in_first(mixed),
    "amount without cents": in_receipt(amt="70429"),
    "amount with one decimal": in_receipt(amt="12.5"),
    "amount with commas": in_receipt(amt="1,234.50"),
    "amount as a number": in_receipt(amt=12.5),
    "amount as a whole number": in_receipt(amt=70123),
    "amount 0": in_receipt(amt=0),
    "amount 0 as text": in_receipt(amt="0"),
    "amount null": in_receipt(amt=None),
    "amount missing": in_receipt(amt=...),
    "amount unreadable": in_receipt(amt="about ten"),
    "amount with blanks": in_receipt(amt=" 12.50 "),
    "empty texts": in_receipt(title="", purpose="", merch_addy=""),
    "nulls": in_receipt(title=None, purpose=None, merch_addy=None, merch_name=None),
    "empty codes": in_receipt(job="", phase="", cost_type="", coded=False),
    "half a code": in_receipt(phase=None, coded=False),
    "no coding type": in_receipt(code_type=None),
    "coding type of no kind": in_receipt(code_type="Other Coding"),
    "coded null": in_receipt(coded=None),
    "no attachment field": in_receipt(attachment=...),
    "attachment null": in_receipt(attachment=None),
    "ISO date": in_receipt(date="2025-03-11"),
    "date with blanks": in_receipt(date=" 03/11/2025"),
    "no date": in_receipt(date="02/30/2025"),
    "empty date": in_receipt(date=""),
    "blanks round an id": in_receipt(rec_id=" 40575363 "),
    "empty id": in_receipt(rec_id=""),
    "id missing": in_receipt(rec_id=...),
    "nulls in unknown fields": in_receipt(extra={"b": None, "a": [None, {"c": None}], "n": 1.10}),
    "unknown field null": in_receipt(extra=None),
    "label with text": in_receipt(purpose="Receipts Notes (2): lunch"),
    "empty receipt": in_first(lambda entry: entry["receipts"]["null"].append({})),
    "empty list": in_first(lambda entry: entry["receipts"].update({"19999.": []})),
    "other code": in_first(lambda e: e["receipts"].update({"odd": e["receipts"].pop("null")})),
    "order of pages": in_first(lambda entry: entry.update(rec_page_range=[3, 1, 2])),
    "pages twice": in_first(lambda entry: entry.update(rec_page_range=[1, 1, 2, 3])),
    "pages missing": in_first(lambda entry: entry.pop("rec_page_range")),
    "receipts null": in_first(lambda entry: entry.update(receipts=None)),
    "receipts {}": in_first(lambda entry: entry.update(receipts={})),
    "total null": in_first(lambda entry: entry.update(car_total=None)),
    "total missing": in_first(lambda entry: entry.pop("rec_total")),
    "total with zeros": in_first(lambda entry: entry.update(car_total=0)),
    "flags missing": in_first(lambda entry: entry.pop("flags")),
    "flags in another order": in_first(
        lambda entry: entry.update(flags=dict(reversed(entry["flags"].items())))
    ),
    "files null": in_first(lambda entry: entry.update(files=None)),
    "card None": in_first(lambda entry: entry.update(card_no="None")),
    "card empty": in_first(lambda entry: entry.update(card_no="")),
    "id with blanks": in_first(lambda entry: entry.update(employee_id=" 10499 ")),
    "other name": in_first(lambda entry: entry.update(name="Ada Wren")),
    "unknown fields": in_first(lambda entry: entry.update(note="x", more=[1.50, None])),
    "order of fields": lambda p: {k: dict(reversed(e.items())) for k, e in p.items()},
    "key with blanks": lambda p: {"ADA WREN": p["ADAWREN"], "BOTERN": p["BOTERN"]},
    "an entry {}": lambda people: {**people, "CYMOSS": {}},
    "two pages of one id": in_first(
        lambda e: e["receipts"]["null"].append(copy.deepcopy(e["receipts"]["null"][0]))
    ),
}


SPELLINGS: dict[str, Callable[[object], str]] = {
    "as the old program": lambda value: json.dumps(value, indent=2),
    "short": lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants_come_back(shared_office: Office, variant: str) -> None:
    """Untouched, and with the other person corrected, each is what it was, in either spelling."""
    for spelling, written in SPELLINGS.items():
        text = written(VARIANTS[variant](base()))
        session = imported(shared_office, text, f"{variant} {spelling}")
        assert exact(exported(shared_office, session).body) == exact(text)
    correct(shared_office, session, "OTHER", "Another one")
    found = json.loads(exported(shared_office, session).body)
    assert found["BOTERN"]["receipts"]["19002."][0]["purpose"] == "Another one"
    kept = exact(exported(shared_office, session).body)
    wanted = exact(text)
    for (key, one), (name, other) in zip(kept[1], wanted[1], strict=True):
        assert key == name
        assert key == "BOTERN" or one == other


def test_only_what_cannot_be_rebuilt_is_kept(shared_office: Office) -> None:
    """Other blanks, escapes and what is cut are nothing to keep; an order of fields is."""
    texts = {
        "short": json.dumps(base(), separators=(",", ":"), ensure_ascii=False),
        "capitals": re.sub(
            r"\\u\w{4}", lambda found: found[0][:2] + found[0][2:].upper(), json.dumps(base())
        ),
        "numbered": json.dumps(base()).replace("ADAWREN", "\\u0041DAWREN"),
        "with a card": json.dumps(base()).replace("KAWIARNIA", "KAWIARNIA 9999990000001103"),
    }
    for name, text in texts.items():
        session = imported(shared_office, text, name)
        cut = text.replace("9999990000001103", "999999XXXXXX1103")
        assert exact(exported(shared_office, session).body) == exact(cut)
        rows = shared_office.rows("SELECT FROM app.kept_entries WHERE session_id = %s", session)
        assert rows == [], name
    people = base()
    people["ADAWREN"] = dict(reversed(people["ADAWREN"].items()))
    session = imported(shared_office, json.dumps(people), "turned")
    assert shared_office.rows(
        "SELECT source_key FROM app.kept_entries WHERE session_id = %s", session
    ) == [{"source_key": "ADAWREN"}]


def test_a_touched_entry_stays_as_far_as_it_can(shared_office: Office) -> None:
    """Other receipts of a corrected person keep their spelling; corrected back all is as before."""
    people = base()
    people["ADAWREN"]["receipts"]["7010.300"][0].update(amt=70123, extra={"b": None})
    people["ADAWREN"].update(rec_page_range=[3, 1], note=None)
    text = json.dumps(people, indent=2)
    session = imported(shared_office, text, "touched")
    correct(shared_office, session, "KAWIARNIA ŁÓDŹ", "Corrected")
    (first, second) = exact(exported(shared_office, session).body)[1]
    assert second == exact(text)[1][1]
    fields, were = dict(first[1][1]), dict(exact(text)[1][0][1][1])
    assert list(fields) == list(were)
    assert fields["rec_total"] == ("number", "70596.66")
    for name in fields.keys() - {"rec_total", "flags", "receipts"}:
        assert fields[name] == were[name]
    codes, old_codes = fields["receipts"][1], were["receipts"][1]
    assert codes[1:] == old_codes[1:]
    assert dict(codes[0][1][0][1])["purpose"] == "Corrected"
    assert {**dict(codes[0][1][0][1]), "purpose": ""} == {
        **dict(old_codes[0][1][0][1]),
        "purpose": "",
    }
    correct(shared_office, session, "KAWIARNIA ŁÓDŹ", "Travel to kick-off meeting")
    assert exact(exported(shared_office, session).body) == exact(text)


def test_retention_takes_nothing_of_it(shared_office: Office) -> None:
    """A year later, when bytes of documents are gone, what was kept of a file comes back."""
    people = VARIANTS["pages twice"](VARIANTS["order of fields"](base()))
    text = json.dumps(people)
    session = imported(shared_office, text, "a year later")
    kept = shared_office.rows("SELECT FROM app.kept_entries WHERE session_id = %s", session)
    assert len(kept) == len(people)
    let_a_year_pass(shared_office)
    assert exact(exported(shared_office, session).body) == exact(text)


WRITE_DOWN: LiteralString = """
INSERT INTO app.removals (kind, cause, session_id, removed_bytes, handed_in_at)
VALUES ('kept_entries', 'retention', %(session)s, 1, now())"""
REMOVE: LiteralString = "DELETE FROM app.kept_entries WHERE session_id = %(session)s"
ATTACKS: tuple[LiteralString, ...] = (
    "UPDATE app.kept_entries SET entry_text = '{}' WHERE session_id = %(session)s",
    "UPDATE app.kept_entries SET source_key = 'BOTERN' WHERE session_id = %(session)s",
    REMOVE,
    "TRUNCATE app.kept_entries",
    "INSERT INTO app.kept_entries (session_id, source_key, entry_text)"
    " VALUES (%(session)s, 'BOTERN', '{}')",
)


@pytest.mark.parametrize(
    "how",
    [
        "SESSION AUTHORIZATION ccp_owner",
        "session_replication_role = replica; SET LOCAL SESSION AUTHORIZATION ccp_owner",
    ],
    ids=["owner", "replica"],
)
def test_nobody_changes_what_is_kept(shared_office: Office, how: LiteralString) -> None:
    """Neither the owner nor who replicates; it goes only in a transaction that writes it down."""
    people = base()
    people["ADAWREN"] = dict(reversed(people["ADAWREN"].items()))
    text = json.dumps(people)
    session = imported(shared_office, text, f"kept {len(how)}")
    superuser = shared_office.superuser

    def run(*statements: LiteralString) -> None:
        """Do something to the session in one transaction."""
        with superuser.transaction():
            superuser.execute(f"SET LOCAL {how}")
            for statement in statements:
                superuser.execute(statement, {"session": session})

    run(WRITE_DOWN)
    for attack in ATTACKS:
        with pytest.raises(psycopg.Error, match="never changed or removed"):
            run(attack)
    assert exact(exported(shared_office, session).body) == exact(text)
    with pytest.raises(psycopg.Error, match="never changed or removed"):
        run(WRITE_DOWN, ATTACKS[0])
    run(WRITE_DOWN, REMOVE)
    kept = shared_office.rows("SELECT FROM app.kept_entries WHERE session_id = %s", session)
    assert kept == []


@pytest.mark.parametrize("sample", ["small", "medium"])
def test_pdfs_fit_the_old_program(shared_office: Office, sample: str) -> None:
    """What two PDFs said fits in either shape, and says what expected.json says."""
    shared_office.approve_aliases(sample)
    session = shared_office.import_sample(sample)
    people = {one["name_key"]: one for one in people_of_truth(truth(sample))}
    for shape in ("by_id", "by_code"):
        answer = exported(shared_office, session, f"shape={shape}")
        assert "unfit" not in answer.headers["Activity-Changes"]
        found = json.loads(answer.body, parse_float=Decimal)
        assert sorted(found) == sorted(people)
        for name, entry in found.items():
            true = people[name]
            assert entry["car_total"] == Decimal(true["car_total"])
            assert entry.get("rec_total", 0) == Decimal(true["receipt_total"])
            assert entry["flags"] == true["flags"]
            assert entry.get("rec_page_range", []) == true["receipt_pages"]
            pages = [
                page
                for code in entry.get("receipts", {}).values()
                for page in (code if isinstance(code, list) else [code])
            ]
            ids = [one["transaction_id"] for one in true["receipts"]]
            assert {one["rec_id"] for one in pages} == set(ids)
            assert shape == "by_id" or len(pages) == len(ids)
    assert (
        exported(shared_office, session).body
        == exported(shared_office, session, "shape=by_id").body
    )
    # As the old program the importer takes it.
    again = imported(
        shared_office, exported(shared_office, session).body.decode(), f"{sample} back"
    )
    assert exported(shared_office, again).body == exported(shared_office, session).body
