"""Stories of a month: files that change, people who speak, told to the database and to the model.

A story is a list of numbers, so that hypothesis can shrink it: each step takes what it needs of the
month as it is, by counting around.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple

from tests.revising.merge import Content, Held, Month, Row, counted

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.revising.merge import Submission

PRINTED = {"ANN": "1", "BEA": "2"}
"""People of the card report with their numbers; anybody else is only in receipts."""
CALLED = "CYD"
"""A name that receipts have, and that an alias makes ANN's."""
PEOPLE = [*PRINTED, CALLED]
CENTS = [1000, 1000, 2000, 2550, -700]
DAYS = ["2025-03-20", "2025-03-20", "2025-03-21", None]
MERCHANTS = ["HARBOR FUEL", "TOLL GATE", None]
ACCOUNTS = [None, "6120.100", "7000.100", "6500.200"]
PURPOSES = [None, "Crew lunch", "Other"]
IDS = ["11", "11#2", "13", "14", None, None]
EDITS = 13
VIEW = "api.current_transactions"
ONE = "transaction_id = %s AND session_id = %s"

AS: LiteralString = "SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_{role}"
TELL: LiteralString = (
    "SELECT set_config('app.actor', %s, true), set_config('app.reason', 'told', true)"
)
BACK: LiteralString = "RESET SESSION AUTHORIZATION; RESET ROLE"
PROVE: LiteralString = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
IMPORT: LiteralString = """
SELECT api.import_activity(%s, p_parent_session_id => %s, p_programme => 'story')::text"""
SHOWN: LiteralString = """
SELECT t.transaction_id::text, e.employee_name, app.said_groups(c)::text, t.revision_id::text
FROM report.employee_revisions AS e
CROSS JOIN LATERAL (SELECT l.*, e.revision_id FROM app.receipt_links AS l
    WHERE l.employee_revision_id = e.revision_id) AS t
JOIN app.receipt_contents AS c ON c.content_id = t.content_id
WHERE e.session_id = %s ORDER BY t.position, t.transaction_id"""
SOURCE: LiteralString = """
SELECT l.transaction_id::text FROM app.employee_revisions AS r
JOIN app.receipt_links AS l ON l.employee_revision_id = r.revision_id
WHERE r.session_id = %s AND r.revision_number = 1 ORDER BY l.position"""
FATES: LiteralString = """
SELECT c.transaction_id::text, c.field_group, c.fate FROM report.corrections AS c
WHERE c.fate <> 'replaced'"""
COUNTS: LiteralString = "SELECT report.count_corrections(%s)"
ASKED: LiteralString = """
SELECT i.transaction_id::text, i.blocks, ARRAY(SELECT jsonb_object_keys(i.evidence -> 'groups'))
FROM app.validation_issues AS i
WHERE i.session_id = %s AND i.rule_code = 'correction_conflict' AND i.is_open"""
REVISION: LiteralString = """
SELECT e.current_revision_id::text FROM app.session_employees AS e
JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
WHERE e.session_id = %s AND r.employee_name = %s"""
REVISIONS: LiteralString = """
SELECT r.revision_id::text FROM app.employee_revisions AS r
WHERE r.session_id = %s AND r.employee_name = %s ORDER BY r.revision_number"""
TWICE: LiteralString = """
SELECT r.session_id::text, r.employee_name, r.revision_number, l.natural_key
FROM app.employee_revisions AS r
JOIN app.receipt_links AS l ON l.employee_revision_id = r.revision_id
WHERE r.session_id = ANY (%s::uuid[]) GROUP BY r.revision_id, l.natural_key HAVING count(*) > 1"""
THEN: LiteralString = """
SELECT l.transaction_id::text, app.said_groups(c)::text FROM app.receipt_links AS l
JOIN app.receipt_contents AS c ON c.content_id = l.content_id WHERE l.employee_revision_id = %s"""


class Line(NamedTuple):
    """A receipt as a story knows it, before anybody spells it."""

    person: str
    number: str | None
    cents: int
    day: str | None
    merchant: str | None
    account: str | None
    purpose: str | None
    has_attachment: bool

    @property
    def content(self) -> Content:
        """What it says, however it is spelled."""
        return {
            "receipt_id": {"external_transaction_id": self.number},
            "amount": amount_of(self.cents),
            "date": {"transaction_date": self.day, "date_text": None},
            "coding": coding_of(self.account),
            "merchant": {"merchant_name": self.merchant, "merchant_address": None},
            "purpose": {"purpose": self.purpose, "description": None, "expense_type": "Meals"},
            "attachment": {"has_attachment": self.has_attachment, "attachment_name": None},
            "out_of_pocket": {"is_out_of_pocket": False},
        }

    def spelled(self, way: int) -> dict[str, Any]:
        """Return it as a file has it; amounts and dates have more than one way."""
        amount = Decimal(self.cents) / 100
        day = self.day
        if day and way % 2:
            day = f"{day[5:7]}/{day[8:10]}/{day[:4]}"
        return {
            "rec_id": self.number,
            "amt": float(amount) if way % 3 == 2 else f"{amount:.2f}",
            "date": day,
            "merch_name": self.merchant,
            "purpose": self.purpose,
            "exp": "Meals",
            "code_type": "GL Coding" if self.account else None,
            "gl_acct": self.account,
            "coded": self.account is not None,
            "attachment": self.has_attachment,
        }


def amount_of(cents: int) -> dict[str, Any]:
    """Return the group of an amount."""
    return {
        "amount": Decimal(cents) / 100,
        "amount_text": None,
        "transaction_type": "refund" if cents < 0 else "expense",
    }


def coding_of(account: str | None) -> dict[str, Any]:
    """Return the group of a coding by account."""
    empty = dict.fromkeys(("job_number", "job_phase", "cost_type", "gl_description"))
    return {**empty, "coding_type": "gl_coding" if account else None, "gl_account": account}


def line(person: str, seed: int) -> Line:
    """Return a receipt of a person, drawn by one number."""
    digits = [seed // base for base in (1, 6, 30, 120, 360, 1440, 4320)]
    return Line(
        person,
        IDS[digits[0] % len(IDS)],
        CENTS[digits[1] % len(CENTS)],
        DAYS[digits[2] % len(DAYS)],
        MERCHANTS[digits[3] % len(MERCHANTS)],
        ACCOUNTS[digits[4] % 2],
        PURPOSES[digits[5] % len(PURPOSES)],
        bool(digits[6] % 2),
    )


class Telling:
    """A story as it is told: the model, and the database beside it."""

    def __init__(self, connection: psycopg.Connection, seeds: list[int]) -> None:
        """Begin with a file of these receipts, in an open transaction of the superuser."""
        self.connection, self.month = connection, Month()
        self.files: list[list[Line]] = []
        # Which bytes each submission is of: a restored one has those of the old one.
        self.bytes: list[int] = []
        self.sessions: list[str] = []
        self.ids: dict[int, str] = {}
        self.aliased = False
        self.log: list[str] = []
        lines = [line(PEOPLE[seed % len(PEOPLE)], seed // 3) for seed in seeds]
        self.hand_in(lines, 0)

    @property
    def session(self) -> str:
        """The newest submission."""
        return self.sessions[self.month.newest.number - 1]

    # Steps.

    def step(self, kind: int, first: int, second: int) -> None:
        """Take one step and compare."""
        steps: list[Callable[[int, int], None]] = [
            self.correct,
            self.correct,
            self.take_out,
            self.move,
            self.put_in,
            self.decide,
            self.go_back,
            self.approve_alias,
            self.cancel,
            self.restore,
        ]
        # What is asked is decided soon, half of the time.
        if self.month.conflicts() and first % 2:
            self.decide(first // 2, second)
        else:
            steps[kind % len(steps)](first, second)
        self.check()

    def edit(self, edits: list[tuple[int, int, int]], way: int) -> None:
        """Hand in the last file, or an earlier one, with changes."""
        lines = list(self.files[self.month.newest.number - 1])
        for kind, first, second in edits:
            lines = self.edited(lines, kind % EDITS, first, second)
        self.hand_in(lines, way)
        self.check()

    def edited(self, lines: list[Line], kind: int, first: int, second: int) -> list[Line]:
        """Return the receipts of a file with one change."""
        held = list(self.month.newest.shown.values())
        whole: dict[int, Callable[[], list[Line]]] = {
            0: lambda: list(self.files[first % len(self.files)]),
            1: lambda: [*lines, line(PEOPLE[first % len(PEOPLE)], second)],
            2: lambda: [one for one in lines if one.person != PEOPLE[first % len(PEOPLE)]],
            # What people made or changed arrives as they see it.
            3: lambda: [*lines, *map(_line, held[first % max(1, len(held)) :][:1])],
            # All as they see it, in another order and perhaps without one.
            12: lambda: [_line(one) for one in held[::-1]][second % 2 * (first % 2) :],
        }
        if kind in whole:
            return whole[kind]()
        if not lines:
            return lines
        place = first % len(lines)
        old = lines[place]
        others = [*lines[:place], *lines[place + 1 :]]
        changes: dict[int, list[Line]] = {
            4: [],
            5: [old, old],
            6: [old._replace(cents=CENTS[second % len(CENTS)])],
            7: [old._replace(account=ACCOUNTS[second % len(ACCOUNTS)])],
            8: [old._replace(number=IDS[second % len(IDS)])],
            9: [old._replace(person=PEOPLE[second % len(PEOPLE)])],
            10: [old._replace(purpose=PURPOSES[second % 3], day=DAYS[second % len(DAYS)])],
            11: [old._replace(has_attachment=bool(second % 2), merchant=MERCHANTS[second % 3])],
        }
        # Last, so that the order is another one, too.
        return [*others, *changes[kind]]

    def hand_in(self, lines: list[Line], way: int) -> None:
        """Hand in a file: in the order of its people, as a file has it."""
        left_out = {PEOPLE[way // 6 % 12]} if way // 6 % 12 < len(PEOPLE) and self.files else set()
        lines = [one for one in lines if one.person not in left_out]
        people = [name for name in PRINTED if name not in left_out]
        if not people:
            return
        lines = [one for name in PEOPLE for one in lines if one.person == name]
        entries: dict[str, Any] = {}
        for page, name in enumerate(people):
            entries[name] = {
                "employee_id": PRINTED[name],
                "car_page_range": [page + 1],
                "car_total": 10,
            }
        if any(one.person == CALLED for one in lines):
            entries[CALLED] = {}
        for name, entry in entries.items():
            receipts = [one.spelled(way) for one in lines if one.person == name]
            entry["receipts"] = {"null": receipts} if receipts else {}
        parent = self.session if self.files else None
        # Other bytes each time: the parent's own are refused.
        text = json.dumps(entries) + " " * len(self.sessions)
        self.note("hand in", text)
        self.act("processor", "pat")
        (answer,) = self.one(IMPORT, text, parent)
        told = json.loads(answer)
        assert told["outcome"] == "accepted", told
        assert told["rejects"] == [], told
        self.files.append(lines)
        self.bytes.append(len(self.bytes))
        self.sessions.append(told["session_id"])
        owner = "ANN" if self.aliased else CALLED
        rows = [
            Row(owner if one.person == CALLED else one.person, one.content, one.person)
            for one in lines
        ]
        self.month.submit({*people, *(row.person for row in rows)}, rows)
        self.match_source()

    def correct(self, first: int, second: int) -> None:
        """Correct one group of a receipt, perhaps back to what the source says."""
        number = self.pick(first)
        if number is None:
            return
        person, old = self.month.newest.shown[number]
        ways: list[dict[str, Any]] = [
            {"coding": coding_of(ACCOUNTS[second // 6 % len(ACCOUNTS)])},
            {"amount": amount_of(CENTS[second // 6 % len(CENTS)])},
            # What no file can say.
            {"amount": amount_of(CENTS[second // 6 % 5]) | {"transaction_type": "adjustment"}},
            {"coding": coding_of(None) | {"coding_type": "job_coding", "job_number": "5"}},
            {"purpose": old["purpose"] | {"purpose": PURPOSES[second // 6 % len(PURPOSES)]}},
            {"attachment": old["attachment"] | {"has_attachment": second // 6 % 2 == 0}},
            {"out_of_pocket": {"is_out_of_pocket": second // 6 % 2 == 0}},
            {"receipt_id": {"external_transaction_id": IDS[second // 7 % len(IDS)]}},
            {
                "merchant": old["merchant"]
                | {"merchant_name": MERCHANTS[second // 6 % len(MERCHANTS)]}
            },
        ]
        change = ways[second % len(ways)]
        source = self.month.newest.source.get(number)
        if second // 24 % 4 == 0 and source is not None:
            change = {group: source.content[group] for group in change}
        (fields,) = change.values()
        columns = {name: value for name, value in fields.items() if not name.endswith("_text")}
        self.update(", ".join(f"{name} = %s" for name in columns), [*columns.values()], number)
        self.month.say(number, Held(person, old | change))

    def take_out(self, first: int, _second: int) -> None:
        """Take a receipt out."""
        number = self.pick(first)
        if number is not None:
            self.act("processor", "pat")
            self.run(f"DELETE FROM {VIEW} WHERE {ONE}", self.ids[number], self.session)  # noqa: S608
            self.month.say(number, None)

    def move(self, first: int, second: int) -> None:
        """Give a receipt to somebody else of the submission."""
        number = self.pick(first)
        people = sorted(self.month.newest.people)
        person = people[second % len(people)]
        if number is not None and person != self.month.newest.shown[number].person:
            self.update("employee_revision_id = %s", [self.revision(person)], number)
            self.month.say(number, Held(person, self.month.newest.shown[number].content))

    def put_in(self, first: int, second: int) -> None:
        """Put in a receipt by hand; of what it says people know little or much."""
        people = sorted(self.month.newest.people)
        made = line(people[first % len(people)], second)
        if second % 3:
            made = made._replace(number=None, account=None, purpose=None, has_attachment=False)
        content = made.content
        content["purpose"]["expense_type"] = None
        columns = {
            name: value
            for fields in content.values()
            for name, value in fields.items()
            if not name.endswith("_text")
        }
        columns["employee_revision_id"] = self.revision(made.person)
        names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
        before = {row[0] for row in self.rows(SHOWN, self.session)}
        self.act("processor", "pat")
        self.run(f"INSERT INTO {VIEW} ({names}) VALUES ({marks})", *columns.values())  # noqa: S608
        number = self.month.new()
        (self.ids[number],) = {row[0] for row in self.rows(SHOWN, self.session)} - before
        self.month.say(number, Held(made.person, content))

    def decide(self, first: int, second: int) -> None:
        """Decide what is asked about a receipt."""
        asked = sorted(self.month.conflicts())
        if not asked:
            return
        number, keep = asked[first % len(asked)], bool(second % 2)
        holder = self.month.newest.shown[number].person
        moves = self.month.said[number, "person"]
        if keep and moves and self.month.fate(number, "person") == "conflict":
            keep = moves[-1].person in self.month.newest.people
        seen = self.revision(holder)
        self.act("processor", "pat")
        self.run(
            "SELECT api.decide_conflict(%s, %s, %s, %s, 'so be it')",
            *(self.session, self.ids[number], seen, keep),
        )
        self.month.decide(number, keep=keep)

    def go_back(self, first: int, second: int) -> None:
        """Restore an old revision of a person, half of the time the source."""
        people = sorted(self.month.newest.people)
        person = people[first % len(people)]
        seen = self.revision(person)
        revisions = [row[0] for row in self.rows(REVISIONS, self.session, person)]
        chosen = revisions[second // 2 % len(revisions) if second % 2 else 0]
        if chosen == seen:
            return
        known = {identity: number for number, identity in self.ids.items()}
        then = {
            known[row[0]]: Held(person, json.loads(row[1], parse_float=Decimal))
            for row in self.rows(THEN, chosen)
        }
        self.act("processor", "pat")
        self.run("SELECT api.restore_revision(%s, %s, 'as it was')", chosen, seen)
        newest = self.month.newest
        now = dict(newest.shown)
        for number in sorted({*then, *now}):
            held, source = now.get(number), newest.source.get(number)
            if number in then:
                self.month.state(number, held, then[number])
            elif held is not None and held.person == person:
                # Somebody else's by the source goes back there as it is, any other is taken out.
                goes = source is not None and source.person != person
                wished = Held(source.person, held.content) if source and goes else None
                self.month.state(number, held, wished)
        if chosen == revisions[0]:
            self.month.take_back(person)
        self.month.settle()

    def approve_alias(self, _first: int, _second: int) -> None:
        """Say that CYD's receipts are ANN's."""
        if self.aliased or "ANN" not in self.month.newest.people:
            return
        self.act("processor", "pat")
        self.run("SELECT api.approve_alias(%s, 'ANN', 'known to all', p_is_sure => true)", CALLED)
        self.aliased = True
        for number, held in list(self.month.newest.shown.items()):
            if held.person == CALLED:
                self.month.state(number, held, Held("ANN", held.content))
        self.month.settle()

    def cancel(self, _first: int, _second: int) -> None:
        """Cancel the newest submission, where another one is before it."""
        live = [one for one in self.month.submissions if not one.is_cancelled]
        if len(live) > 1:
            self.act("admin", "ada")
            self.run(
                "SELECT api.cancel_session(s.session_id, s.version) FROM report.sessions AS s"
                " WHERE s.session_id = %s",
                self.session,
            )
            self.month.cancel()

    def restore(self, first: int, _second: int) -> None:
        """Restore a submission that does not count any more."""
        newest = self.month.newest
        old: list[Submission] = [
            one
            for one in self.month.submissions
            if self.bytes[one.number - 1] != self.bytes[newest.number - 1]
        ]
        if not old:
            return
        chosen = old[first % len(old)]
        self.act("processor", "pat")
        self.note("restore submission", chosen.number)
        (session,) = self.one(
            "SELECT session_id::text FROM api.restore_session(%s, %s, p_reason => 'right')",
            *(self.sessions[chosen.number - 1], self.session),
        )
        self.sessions.append(session)
        self.files.append(self.files[chosen.number - 1])
        self.bytes.append(self.bytes[chosen.number - 1])
        self.month.restore(chosen)

    # The database beside it.

    def check(self) -> None:
        """Compare what is shown, what became of each statement, and what is asked."""
        self.back()
        self.run(PROVE)
        known = {identity: number for number, identity in self.ids.items()}
        shown = {
            known[row[0]]: Held(row[1], json.loads(row[2], parse_float=Decimal))
            for row in self.rows(SHOWN, self.session)
        }
        assert _plain(shown) == _plain(self.month.newest.shown), self.told()
        fates = {(known[row[0]], row[1]): row[2] for row in self.rows(FATES)}
        assert fates == self.month.fates(), self.told()
        (counts,) = self.one(COUNTS, self.session)
        assert counts == counted(fates), self.told()
        asked = {known[row[0]]: (row[1], set(row[2])) for row in self.rows(ASKED, self.session)}
        expected = {
            number: (bool(groups & {"amount", "coding", "presence", "person"}), groups)
            for number, groups in self.month.conflicts().items()
        }
        assert asked == expected, self.told()
        # Else a finding of one is taken for that of the other.
        assert self.rows(TWICE, self.sessions) == [], self.told()

    def match_source(self) -> None:
        """Learn the ids of new receipts and compare those of known ones, in the file's order."""
        self.back()
        found = [row[0] for row in self.rows(SOURCE, self.session)]
        newest = self.month.newest
        numbers = sorted(newest.source, key=newest.order.__getitem__)
        known = {identity: number for number, identity in self.ids.items()}
        assert [known.get(one) for one in found] == [
            number if number in self.ids else None for number in numbers
        ], self.told()
        self.ids |= dict(zip(numbers, found, strict=True))

    def update(self, setting: str, values: list[Any], number: int) -> None:
        """Update a receipt through the view."""
        self.act("processor", "pat")
        self.run(
            f"UPDATE {VIEW} SET {setting} WHERE {ONE}",  # noqa: S608
            *(*values, self.ids[number], self.session),
        )

    def pick(self, first: int) -> int | None:
        """Return one of the receipts that are shown."""
        shown = sorted(self.month.newest.shown)
        return shown[first % len(shown)] if shown else None

    def revision(self, person: str) -> str:
        """Return the current revision of a person."""
        self.back()
        (found,) = self.one(REVISION, self.session, person)
        return str(found)

    def act(self, role: str, user: str) -> None:
        """Become a user, as the service does."""
        self.connection.execute(AS.replace("{role}", role).encode())
        self.connection.execute(TELL, [user])

    def back(self) -> None:
        """Be the superuser again."""
        self.connection.execute(BACK)

    def run(self, statement: str, *values: Any) -> None:  # noqa: ANN401
        """Run a statement."""
        self.note(statement, *values)
        self.connection.execute(statement.encode(), values or None)

    def rows(self, statement: str, *values: Any) -> list[Any]:  # noqa: ANN401
        """Return the rows of a question of the superuser."""
        self.back()
        return self.connection.execute(statement.encode(), values or None).fetchall()

    def one(self, statement: str, *values: Any) -> Any:  # noqa: ANN401
        """Return the only row of a statement."""
        (row,) = self.connection.execute(statement.encode(), values or None).fetchall()
        return row

    def note(self, *what: object) -> None:
        """Keep what is done, to be told when something is not as it should be."""
        self.log.append(" ".join(" ".join(map(str, what)).split())[:1500])

    def told(self) -> str:
        """Return the story so far."""
        names = {identity: f"#{number}" for number, identity in self.ids.items()}
        text = "\n".join(self.log)
        for identity, name in names.items():
            text = text.replace(identity, name)
        return f"\n{text}\n"


def _line(held: Held) -> Line:
    """Return a receipt as the source would show what people see."""
    person, content = held
    return Line(
        person,
        content["receipt_id"]["external_transaction_id"],
        int(content["amount"]["amount"] * 100),
        content["date"]["transaction_date"],
        content["merchant"]["merchant_name"],
        content["coding"]["gl_account"],
        content["purpose"]["purpose"],
        content["attachment"]["has_attachment"],
    )


def _plain(shown: dict[int, Held]) -> dict[int, tuple[str, Content]]:
    return {number: (held.person, held.content) for number, held in shown.items()}
