"""Card numbers in everything that can be sent over HTTP, and looked for in everything that is kept.

The operations, their parameters, members and lists are read from the description of the running
service, so a new one cannot be forgotten. What is looked for, and how, is of the tests alone.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode

import pytest

from tests.database.test_card_numbers import SPELLINGS, check_digit, found_in
from tests.generate.build import build
from tests.generate.pdf_car import render_car
from tests.generate.pdf_receipts import render_receipts
from tests.intake.conftest import DATA, Answer, Office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from svc.embedded.cluster import Cluster

TABLES = """
SELECT c.oid::regclass::text AS name FROM pg_class AS c
WHERE c.relkind = %s AND c.relnamespace::regnamespace::text = ANY (%s)
    AND c.oid <> 'app.document_chunks'::regclass
"""
BODY = "application/json"
MANY = 300
TAKEN = 50


class Place(NamedTuple):
    """One text of one operation: where it goes, and under which name."""

    method: str
    path: str
    where: str
    name: str


class Plants:
    """Numbers that stand nowhere else, each in the next spelling, and where each was sent."""

    def __init__(self) -> None:
        """Begin with the first."""
        self.places: dict[str, Place] = {}
        self.answers: list[tuple[Place, Answer]] = []
        self.known: dict[str, Any] = {}

    def __call__(self, place: Place, spelling: int) -> str:
        """Return a number as it is written there."""
        digits = f"424242{(len(self.places) * 7919 + 17) % 10**9:09}"
        number = digits + check_digit(digits)
        self.places[number] = place
        return SPELLINGS[spelling % len(SPELLINGS)](number)

    def in_text(self, text: str) -> dict[str, Place]:
        """Return the numbers that stand in a text, with their places."""
        return {number: self.places[number] for number in found_in(text, set(self.places))}


def resolved(description: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema, that of another name when it refers to one."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return description["components"]["schemas"][name] if name else schema


def members_of(description: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any] | None:
    """Return a body an operation may have, None for a member it can do without; None without."""
    content = operation.get("requestBody", {}).get("content", {}).get(BODY)
    if content is None:
        return None
    schema = resolved(description, content["schema"])
    members: dict[str, Any] = dict.fromkeys(schema.get("properties", {}))
    for name in schema.get("required", []):
        one = resolved(description, schema["properties"][name])
        by_kind = {"integer": 1, "number": 1, "boolean": True, "array": [{}], "object": {}}
        by_kind |= {"uuid": "00000000-0000-7000-8000-000000000000", "date": "2030-01-01"}
        kinds = one.get("type", "string")
        kind = kinds if isinstance(kinds, str) else kinds[0]
        of_kind = by_kind.get(one.get("format", kind), "1.00" if "pattern" in one else "x")
        members[name] = one["enum"][0] if "enum" in one else of_kind
    return members


def places_of(description: dict[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield every place of a description that takes a text of any kind, with a body around it."""
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            members = members_of(description, operation)
            for one in operation.get("parameters", []):
                yield Place(method.upper(), path, one["in"], one["name"]), members or {}
            for name in () if members is None else ("", *members):
                yield Place(method.upper(), path, "body", name), members or {}


def likely(office: Office) -> dict[str, Any]:
    """Return values that let calls get past their first checks, by name."""

    def one(query: str) -> str:
        return str(next(iter(office.rows(query)[0].values())))

    return {
        "session_id": one("SELECT session_id FROM app.processing_sessions LIMIT 1"),
        "issue_id": one("SELECT issue_id FROM app.validation_issues LIMIT 1"),
        "cardholder_id": one("SELECT cardholder_id FROM app.session_employees LIMIT 1"),
        "transaction_id": one("SELECT transaction_id FROM app.transactions LIMIT 1"),
        "rule_code": "missing_receipt",
        "method": "other",
        "reason_class": "other",
        "code_kind": "job",
        "setting_name": "json_max_depth",
        "role": "reviewer",
        "user_name": "zed",
        "expected_version": 1,
        "decision": "confirm",
        "valid_from": "2030-01-01",
        "calendar_day": "2031-07-04",
        "reason": "why",
        "notes": "why",
        "amount": "1.00",
        "amount_limit": "10.00",
        "value": 5,
        "pattern": "WORDS",
        "charge_ids": ["00000000-0000-7000-8000-000000000000"],
        "transaction_ids": ["00000000-0000-7000-8000-000000000000"],
    }


def nested(name: str, text: str, spelling: int) -> object:
    """Return what a member of a body may be, with the text in it."""
    deep = {
        "codes": [{"code": "77", "description": text}],
        "items": [{"notes": text, "method": text}],
        "corrections": [{"changes": {"purpose": text, "job": text}}],
        "parameters": {"words": [text]},
    }
    return deep.get(name, text) if spelling % 2 else text


def send(office: Office, plants: Plants, place: Place, members: dict[str, Any], turn: int) -> None:
    """Send one request of the operation with a number at this place, and keep what it answers."""
    text = plants(place, turn)
    path = place.path.removeprefix("/api/v1")
    for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        is_here = (place.where, place.name) == ("path", name)
        path = path.replace(
            f"{{{name}}}", quote(text if is_here else str(plants.known.get(name, "x")), safe="")
        )
    if place.where == "query":
        path += "?" + urlencode({place.name: text})
    headers = {"Content-Type": BODY} if place.method != "GET" else {}
    if place.where == "header":
        # A header holds printed Latin letters and no line ends.
        headers[place.name] = (
            text if text.isascii() and text.isprintable() else text.encode().hex("-")
        )
    body = {
        name: plants.known.get(name, value)
        for name, value in members.items()
        if value is not None or (turn % 2 and name in plants.known)
    }
    if place.where == "body":
        body[place.name or text] = nested(place.name, text, turn)
    data = json.dumps(body).encode() if place.method != "GET" else None
    answer = office.call(place.method, path, data, "pat" if turn % 3 else "ada", **headers)
    plants.answers.append((place, answer))


class Planted(NamedTuple):
    """An office to which numbers were sent in every way."""

    office: Office
    plants: Plants
    places: list[Place]
    printed: set[str]
    database: str


@pytest.fixture(scope="module")
def planted(
    cluster: Cluster, shared_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Planted]:
    """Yield an office to which numbers were sent at every place, in every spelling."""
    office = Office(cluster, shared_database, tmp_path_factory.mktemp("planted"))
    office.start_worker()
    try:
        month = build(4, 30, 7)
        cards = [card for person in month.people for card in person.cards]
        printed = {card.number for card in cards if not card.masked}
        assert printed
        plants = Plants()
        files = []
        for name, content in (("car", render_car(month)), ("receipts", render_receipts(month))):
            place = Place("POST", "/api/v1/sessions/{session_id}/files", "file name", name)
            files.append(office.folder / f"{plants(place, 1)} {name}.pdf")
            files[-1].write_bytes(content)
        session = office.open_session()
        answer = office.upload(session, files[0], files[1])
        assert answer.status == 202, answer.body
        assert office.wait(session)["status"] == "completed", office.log()
        json_file = (DATA / "small" / "activity.json").read_bytes()
        office.call("POST", "/import-json?programme=Old", json_file, **{"Content-Type": BODY})
        plants.known = likely(office)
        places = list(places_of(office.call("GET", "//openapi.json").json))
        for number, (place, members) in enumerate(places):
            for turn in range(3):
                send(office, plants, place, members, number + turn * 11)
        yield Planted(office, plants, [place for place, _ in places], printed, shared_database)
    finally:
        office.stop()


def test_every_place_was_sent_to(planted: Planted) -> None:
    """More than a handful, of every kind, and the service did not break."""
    assert len(planted.places) > MANY
    assert {place.where for place in planted.places} == {"path", "query", "header", "body"}
    broken = [(place, a.body) for place, a in planted.plants.answers if a.status >= 500]
    assert broken == []
    assert sum(a.status < 300 for _, a in planted.plants.answers) > TAKEN


def test_no_answer_repeats_a_number(planted: Planted) -> None:
    """Neither what is refused nor what is taken is told back whole."""
    for place, answer in planted.plants.answers:
        headers = " x ".join(answer.headers.values())
        assert planted.plants.in_text(f"{answer.body.decode()} x {headers}") == {}, place


def test_nothing_that_is_kept_holds_a_number(cluster: Cluster, planted: Planted) -> None:
    """Tables, histories, views, the past, a dump, and the numbers that the report prints whole."""
    office, plants = planted.office, planted.plants
    numbers = set(plants.places) | planted.printed
    for kind, schemas in (("r", ["app", "audit"]), ("v", ["report", "api", "app"])):
        for row in office.rows(TABLES, kind, schemas):
            rows = office.rows(f"SELECT t::text AS t FROM {row['name']} AS t")  # noqa: S608 - of the catalog
            assert found_in("\nx\n".join(each["t"] for each in rows), numbers) == set(), row
    login = cluster.login("postgres", planted.database)
    dump = subprocess.run(
        [
            *(cluster.machine.program("pg_dump"), "--no-owner", planted.database),
            "--exclude-table-data=app.document_chunks",
        ],
        env={**os.environ, **login.environment},
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert found_in(dump, numbers) == set()


def test_no_log_holds_a_number(planted: Planted) -> None:
    """Neither that of the service nor that of the worker."""
    folder: Path = planted.office.folder
    for log in (planted.office.server.log, folder / "worker.log"):
        assert log.exists()
        text = log.read_text()
        assert planted.plants.in_text(text) == {}
        assert found_in(text, planted.printed) == set()


def test_no_list_shows_a_number(planted: Planted) -> None:
    """Every list and row that the service serves, its description and its reports."""
    office, numbers = planted.office, set(planted.plants.places) | planted.printed
    known = planted.plants.known
    seen = 0
    for place in sorted(
        {Place("GET", place.path, "", "") for place in planted.places if place.method == "GET"}
    ):
        path = place.path.removeprefix("/api/v1")
        for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
            path = path.replace(f"{{{name}}}", quote(str(known.get(name, "x"))))
        answer = office.call("GET", path, None, "ada")
        seen += answer.status == 200
        if answer.headers.get("Content-Type") != "application/pdf":
            assert found_in(answer.body.decode(errors="replace"), numbers) == set(), path
    assert seen > TAKEN / 2
    description = office.call("GET", "//openapi.json").body.decode()
    assert found_in(description, numbers) == set()
