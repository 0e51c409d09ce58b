"""Databases of other collations give the same answers: nothing is folded by a language."""

from __future__ import annotations

import json
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from svc.embedded.deploy import OWNER, bootstrap, deploy
from tests.conftest import copy_of_template
from tests.database.conftest import DATA
from tests.generate.text import name_key
from tests.service.conftest import make_users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from svc.embedded.cluster import Cluster

LOCALES = {"c": "LOCALE 'C'", "turkish": "LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LOCALE 'C'"}
HAS_ICU = "SELECT EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu')"
NAMES = [
    "Iris Diaz",
    "\u0131ris d\u0130az",
    "Groß",
    "Ærø",
    "Þór",
    "Łukasz",
    "Иван Петров",
    "ΝΊΚΟΣ",
    "王小明",
]
MERCHANTS = [
    "Casino Inn 0412",
    "café noir no 5",
    "Joe\u2019s Diner \u2013 No 7",
    "JOE'S DINER - NO 7",
    "İstanbul Kebap",
    "Чайхана №1",
    "BIRD & KIND CO",
]
BANNED = [("casino inn", "no"), ("café noir", "no"), ("чайхана", "no"), ("joe's", "no")]
KEYS = """
SELECT app.name_key(n) AS key FROM unnest(%(names)s::text[]) WITH ORDINALITY AS x (n, place)
UNION ALL
SELECT app.merchant_key(n) FROM unnest(%(merchants)s::text[]) AS x (n)
UNION ALL
SELECT app.plain_words(n) FROM unnest(%(merchants)s::text[]) AS x (n)
UNION ALL
SELECT array_to_string(report.name_patterns(n), ' ') FROM unnest(%(names)s::text[]) AS x (n)
UNION ALL
SELECT array_to_string(report.search_patterns(n), ' ') FROM unnest(%(names)s::text[]) AS x (n)
UNION ALL
SELECT report.search_text(n) FROM unnest(%(merchants)s::text[]) AS x (n)
"""
PEOPLE = """
SELECT to_jsonb(e) - ARRAY['revision_id', 'session_id', 'cardholder_id', 'processed_at'] AS row
FROM (SELECT r.employee_name, r.employee_id, r.car_total, r.receipt_total, r.validation_flags,
        r.status
      FROM report.employee_revisions AS r) AS e
"""
ISSUES = """
SELECT to_jsonb(e) AS row
FROM (SELECT i.employee_name, i.issue_type, i.severity, i.blocks, i.description, i.amount_impact,
        i.evidence
      FROM report.validation_issues AS i) AS e
"""


def month() -> str:
    """Return a month of all these names, each with receipts of all these merchants."""
    receipt = {"date": "03/12/2025", "amt": "1.00", "attachment": True, "code_type": "GL Coding"}
    receipt |= {"gl_acct": "6120.100", "gl_desc": "Office supplies"}
    people = {
        name: {
            "employee_id": str(number),
            "card_no": f"999999XXXXXX{1000 + number}",
            "car_total": float(len(MERCHANTS)),
            "car_page_range": [number],
            "receipts": {
                "null": [
                    {**receipt, "rec_id": f"r{number} {place}", "merch_name": merchant}
                    for place, merchant in enumerate(MERCHANTS)
                ]
            },
        }
        for number, name in enumerate(NAMES, 1)
    }
    return json.dumps(people)


def answers(cluster: Cluster, database: str) -> list[Any]:
    """Return what a database says to the same names, merchants and months."""
    with psycopg.connect(cluster.login(OWNER, database).conninfo) as owner:
        make_users(owner)
    with psycopg.connect(cluster.login("ccp_service", database).conninfo) as service:
        for role, user, call, rows in (
            ("admin", "ada", "SELECT api.save_prohibited_merchant(%s, %s)", BANNED),
            ("processor", "pat", "SELECT api.import_activity(%s)", [(month(),)]),
            (
                "processor",
                "pat",
                "SELECT api.import_activity(p_file => %s, p_programme => 'Medium')",
                [((DATA / "medium" / "activity.json").read_text(),)],
            ),
        ):
            for row in rows:
                service.execute("SELECT set_config('app.actor', %s, true)", (user,))
                service.execute("SELECT set_config('role', %s, true)", (f"ccp_{role}",))
                service.execute(call.encode(), row)
                service.commit()
    with psycopg.connect(cluster.login(database=database).conninfo) as superuser:
        named = {"names": NAMES, "merchants": MERCHANTS}
        keys = [key for (key,) in superuser.execute(KEYS.encode(), named)]
        rows_of = {
            what: sorted(json.dumps(row, sort_keys=True) for (row,) in superuser.execute(query))
            for what, query in (("people", PEOPLE.encode()), ("issues", ISSUES.encode()))
        }
        wrong = superuser.execute("SELECT count(*) FROM audit.verify()").fetchone()
    return [keys, rows_of["people"], rows_of["issues"], wrong]


@contextmanager
def deployed_in(cluster: Cluster, locale: str) -> Iterator[str]:
    """Yield the name of a database of this locale with everything deployed."""
    name = f"collation_{locale}"
    with cluster.login().connect() as superuser:
        quoted = sql.Identifier(name)
        made = sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0 ")
        superuser.execute(made.format(quoted, sql.Identifier(OWNER)) + sql.SQL(LOCALES[locale]))
        try:
            bootstrap(cluster, name)
            deploy(cluster.login(OWNER, name))
            yield name
        finally:
            superuser.execute(sql.SQL("DROP DATABASE {} (FORCE)").format(quoted))


@pytest.fixture(scope="module")
def usual(cluster: Cluster) -> Iterator[list[Any]]:
    """Yield the answers of a database as the tests have it."""
    with copy_of_template(cluster) as name:
        yield answers(cluster, name)


def test_the_usual_answers_are_what_people_expect(usual: list[Any]) -> None:
    """Nine people stay nine, and each prohibited merchant is found at each of them."""
    keys, people, issues, wrong = usual
    assert len(set(keys[: len(NAMES)])) == len(NAMES) - 1  # both ways of writing Iris Diaz
    merchants = keys[len(NAMES) : len(NAMES) + len(MERCHANTS)]
    assert merchants[2] == merchants[3]
    assert None not in merchants
    found = [json.loads(issue) for issue in issues]
    banned = [each for each in found if each["issue_type"] == "prohibited_merchant"]
    assert len(banned) == 5 * len(NAMES)
    assert len({json.loads(row)["employee_name"] for row in people}) >= len(NAMES)
    assert wrong == (0,)


@pytest.mark.parametrize("locale", LOCALES)
def test_another_collation_answers_the_same(
    cluster: Cluster, usual: list[Any], locale: str
) -> None:
    """Keys, people, issues with their words and evidence, and a sound audit."""
    with cluster.login().connect() as superuser:
        has_icu = superuser.execute(HAS_ICU).fetchone()
    if "icu" in LOCALES[locale] and has_icu != (True,):
        pytest.skip("this server is built without ICU")
    with deployed_in(cluster, locale) as name:
        assert answers(cluster, name) == usual


def test_the_generator_folds_as_the_database_does(cluster: Cluster) -> None:
    """Every letter that Unicode had long ago, between two plain ones."""
    old = unicodedata.ucd_3_2_0
    letters = [chr(code) for code in range(0xA0, 0x10000) if not 0xD800 <= code < 0xE000]
    texts = [f"a{letter}b" for letter in letters if old.category(letter) != "Cn"]
    with (
        copy_of_template(cluster) as name,
        psycopg.connect(cluster.login(database=name).conninfo) as superuser,
    ):
        query = b"SELECT app.name_key(x) FROM unnest(%s::text[]) WITH ORDINALITY AS t (x, n)"
        keys = [key for (key,) in superuser.execute(query + b" ORDER BY n", (texts,))]
    different = [
        (text, key, name_key(text))
        for text, key in zip(texts, keys, strict=True)
        if key != name_key(text)
    ]
    assert different == []
