"""What has to become of what people say about receipts, by docs/design.md 7 and without SQL.

A month is a chain of submissions. Each has a source: which receipts, whose, what they say. What
people say is kept beside it as statements, and what is shown is the source with those in force.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from re import sub
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from unicodedata import normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

Group = dict[str, Any]
Content = dict[str, Group]
"""What a receipt says, by groups of fields that are taken over together."""

Item = TypeVar("Item")
BLOCKING = {"amount", "coding", "presence", "person"}


class Held(NamedTuple):
    """A receipt as it stands: whose it is, what it says."""

    person: str
    content: Content


class Row(NamedTuple):
    """A receipt on its way in, in the order of the file: whose it is, and the name it is under."""

    person: str
    content: Content
    printed: str


@dataclass(frozen=True)
class Statement:
    """What somebody said about one group of a receipt; without value the ones before are void."""

    person: str
    base: Any
    value: Any
    printed: str | None


@dataclass
class Submission:
    """What a submission says, who is in it, and what it showed last."""

    number: int
    people: set[str]
    source: dict[int, Held]
    order: dict[int, int]
    printed: dict[int, str]
    is_cancelled: bool = False
    shown: dict[int, Held] = field(default_factory=dict)


@dataclass
class Month:
    """All submissions of a month with what people said, and what follows from both."""

    submissions: list[Submission] = field(default_factory=list)
    said: dict[tuple[int, str], list[Statement]] = field(default_factory=lambda: defaultdict(list))
    receipts: int = 0

    @property
    def newest(self) -> Submission:
        """The submission that counts."""
        return [one for one in self.submissions if not one.is_cancelled][-1]

    # What people do.

    def submit(self, people: Iterable[str], rows: list[Row]) -> None:
        """Take a file: settle which receipts the month knows, then what holds."""
        ids = self.identify(rows) if self.submissions else [None] * len(rows)
        source, order, printed = {}, {}, {}
        for place, (row, known) in enumerate(zip(rows, ids, strict=True)):
            number = self.new() if known is None else known
            source[number], order[number] = Held(row.person, row.content), place
            printed[number] = row.printed
        self.add(Submission(self.next, set(people), source, order, printed))

    @property
    def next(self) -> int:
        """The number of the next submission."""
        return len(self.submissions) + 1

    def add(self, submission: Submission) -> None:
        """Let a submission count."""
        self.submissions.append(submission)
        self.settle()

    def cancel(self) -> None:
        """Cancel the newest submission: what was said in it holds in the one before."""
        self.newest.is_cancelled = True
        self.settle()

    def restore(self, old: Submission) -> None:
        """Follow the newest submission by the source of an old one, and what was shown there."""
        source, order, printed = dict(old.source), dict(old.order), dict(old.printed)
        self.add(Submission(self.next, set(old.people), source, order, printed))
        for number in sorted({*old.shown, *self.newest.shown}):
            self.state(number, self.newest.shown.get(number), old.shown.get(number))
        self.settle()

    def say(self, number: int, wished: Held | None) -> None:
        """Say what a receipt is to be, by a person who sees what it is."""
        self.state(number, self.newest.shown.get(number), wished)
        self.settle()

    def take_back(self, person: str) -> None:
        """Take back all that was said of somebody's receipts, but moves that wait for others."""
        for (number, group), fate in self.fates().items():
            last = self.said[number, group][-1]
            source = self.newest.source.get(number)
            owner = source.person if source else self.holder(number) or last.person
            if (
                owner == person
                and last.value is not None
                and (group, fate) != ("person", "waiting")
            ):
                base = self.source_of(number, group)
                self.said[number, group].append(
                    Statement(last.person, base, None, self.printed(number))
                )

    def decide(self, number: int, *, keep: bool) -> None:
        """Decide all conflicts of a receipt for what people said, or for the source."""
        for group in sorted(self.conflicts()[number]):
            last = self.said[number, group][-1]
            value = last.value if keep else None
            self.said[number, group].append(
                Statement(last.person, self.source_of(number, group), value, self.printed(number))
            )
        self.settle()

    def new(self) -> int:
        """Return a number for a receipt nobody had."""
        self.receipts += 1
        return self.receipts

    # What follows.

    def settle(self) -> None:
        """Work out what the newest submission shows."""
        self.newest.shown = self.merged()

    def source_of(self, number: int, group: str) -> Any:  # noqa: ANN401 - as the group has it
        """Return what the newest source says of a group; None: it does not have the receipt."""
        held = self.newest.source.get(number)
        if held is None:
            return None
        return {"presence": held.content, "person": held.person}.get(group) or held.content[group]

    def printed(self, number: int) -> str | None:
        """Return the name under which the newest source has a receipt."""
        return self.newest.printed.get(number)

    def holder(self, number: int) -> str | None:
        """Return who has a receipt by what people said."""
        for group in ("person", "presence"):
            said = self.said.get((number, group))
            if said and said[-1].value not in (None, False):
                return said[-1].person
        return None

    def whose(self, number: int) -> str | None:
        """Return whose a receipt would be if it were shown: a move that waits moves nothing."""
        source = self.newest.source.get(number)
        if source is None:
            return self.holder(number)
        given = self.said.get((number, "person"))
        if given and self.fate(number, "person") == "in_force":
            return given[-1].person
        return source.person

    def fate(self, number: int, group: str) -> str:
        """Return what becomes of the newest statement about a group in the newest submission."""
        chain = self.said[number, group]
        value, source = chain[-1].value, self.source_of(number, group)
        since = max(
            (place for place, one in enumerate(chain[:-1]) if one.value is None), default=-1
        )
        bases = [one.base for one in chain[since + 1 :]]
        if group == "person" and self.printed(number) in [
            one.printed for one in chain[since + 1 :] if one.base is not None
        ]:
            # The same name as it was, whosever receipts they are by now.
            bases.append(source)
        is_there = self.holder(number) in self.newest.people
        if value is None:
            return "withdrawn"
        if group == "presence":
            return _fate_of_presence(value, source, bases, is_there)
        if group == "person" or source is None:
            return _fate_of_person(value, source, bases, is_there)
        return _fate_of_fields(group, value, source, bases)

    def fates(self) -> dict[tuple[int, str], str]:
        """Return the fate of each newest statement."""
        return {key: self.fate(*key) for key, chain in self.said.items() if chain}

    def conflicts(self) -> dict[int, set[str]]:
        """Return the groups about which somebody has to decide, by receipts that are shown."""
        found: dict[int, set[str]] = defaultdict(set)
        for (number, group), fate in self.fates().items():
            if fate == "conflict" and number in self.newest.shown:
                found[number].add(group)
        return found

    def merged(self) -> dict[int, Held]:
        """Return the receipts of the newest submission: its source with the statements in force."""
        fates = self.fates()
        shown = {}
        for number in {*self.newest.source, *(number for number, _ in fates)}:
            source = self.newest.source.get(number)
            force = {
                group: self.said[number, group][-1]
                for (receipt, group), fate in fates.items()
                if receipt == number and fate == "in_force"
            }
            presence = force.get("presence")
            if source is None and (presence is None or not presence.value):
                continue
            if source is not None and presence is not None and not presence.value:
                continue
            if source is None:
                content = self.made_by_hand(number)
                person = self.said[number, "presence"][-1].person
            else:
                content, person = dict(source.content), source.person
            content |= {
                group: one.value
                for group, one in force.items()
                if group not in {"presence", "person"}
            }
            if "person" in force:
                person = force["person"].value
            shown[number] = Held(person, content)
        return shown

    def made_by_hand(self, number: int) -> Content:
        """Return what a receipt says that only people have: what they said or let stand last."""
        content = {}
        for (receipt, group), chain in self.said.items():
            if receipt == number and chain and group not in {"presence", "person"}:
                content[group] = chain[-1].base if chain[-1].value is None else chain[-1].value
        return content

    def state(self, number: int, was: Held | None, wished: Held | None) -> None:
        """Note what is to be other than it was, each with what the source says as its base."""
        source = self.newest.source.get(number)
        holder = wished.person if wished else was.person if was else ""
        wishes: dict[str, Any] = {}
        if wished is not None:
            wishes |= {
                group: value
                for group, value in wished.content.items()
                if was is None or was.content[group] != value
            }
            had = was.person if was else self.whose(number)
            if had not in (None, wished.person):
                wishes["person"] = wished.person
        if (was is None) != (wished is None):
            wishes["presence"] = wished is not None
        if wished is None and source is None:
            # One that was made by hand goes with all that was said about it.
            said = {
                group
                for (receipt, group), chain in self.said.items()
                if receipt == number and chain
            }
            wishes |= dict.fromkeys(said - {"presence"})
        for group, value in wishes.items():
            base = self.source_of(number, group)
            agrees = value == (base is not None) if group == "presence" else value == base
            kept = None if agrees else value
            chain = self.said[number, group]
            if kept is not None or (chain and chain[-1].value is not None):
                chain.append(Statement(holder, base, kept, self.printed(number)))

    # Which receipt it is.

    def identify(self, rows: list[Row]) -> list[int | None]:
        """Return the receipts of the month that these rows are; None: a new one."""
        known = self.known(rows)
        found: list[int | None] = [None] * len(rows)
        for key_of_row, key_of_known, alone in LEVELS:
            left = [one for one in known if one.number not in found]
            ours = _by_key([(key_of_known(one), one) for one in left])
            if key_of_known is _as_corrected:
                # What people made of one receipt, a source may have said of another.
                for one in left:
                    ours.pop(_seen(one.holder, one.content), None)
            theirs = _by_key(
                [(key_of_row(rows[n]), n) for n, number in enumerate(found) if number is None]
            )
            for key, copies in theirs.items():
                partners = ours.get(key, [])
                if alone and (len(copies) > 1 or len(partners) > 1):
                    continue
                for place, partner in zip(copies, partners, strict=False):
                    found[place] = partner.number
        return found

    def known(self, rows: list[Row]) -> list[Known]:
        """Return all receipts of the month, as the source said them last, copies in their order."""
        out = []
        meant: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            meant[row.printed].add(row.person)
        last: dict[int, Submission] = {}
        # What was cancelled says what a source said only of receipts that no other one had.
        for submission in sorted(self.submissions, key=lambda one: not one.is_cancelled):
            last |= dict.fromkeys(submission.source, submission)
        for number in range(1, self.receipts + 1):
            said = {group: chain[-1].value for group, chain in self.statements(number)}
            holder = self.holder(number)
            if number in last:
                held = last[number].source[number]
                given = self.said.get((number, "person"))
                # Whom the name means that it was printed under.
                named = meant[last[number].printed[number]]
                source_holder = next(iter(named)) if len(named) == 1 else held.person
                is_given = given and given[-1].value is not None
                holder = given[-1].person if given and is_given else source_holder
                is_out = said.pop("presence", None) is False
                since = {
                    group: value
                    for group, value in said.items()
                    if value is not None and group != "person"
                }
                corrected = held.content | since if since and not is_out else None
                place = last[number].order[number]
                spoken = any(self.statements(number))
                rank = (0, -last[number].number, is_out, not spoken, place, number)
                out.append(
                    Known(number, holder, source_holder, held.content, corrected, False, rank)
                )
            elif holder is not None:
                content = self.made_by_hand(number)
                out.append(
                    Known(number, holder, holder, content, None, True, (1, 0, 0, 0, 0, number))
                )
        return sorted(out, key=lambda one: one.rank)

    def statements(self, number: int) -> Iterator[tuple[str, list[Statement]]]:
        """Yield what was said about a receipt, by groups."""
        for (receipt, group), chain in self.said.items():
            if receipt == number and chain:
                yield group, chain


class Known(NamedTuple):
    """A receipt of the month: who has it, whose the source says it is, what it says.

    corrected is what people made of it; None where they said nothing about its content.
    """

    number: int
    holder: str
    source_holder: str
    content: Content
    corrected: Content | None
    is_made_by_hand: bool
    rank: tuple[int, ...]


def _fate_of_presence(value: bool, source: Any, bases: list[Any], is_there: bool) -> str:  # noqa: ANN401
    """Return the fate of a receipt that was put in or taken out."""
    if value:
        if source is not None:
            return "arrived"
        return "in_force" if is_there else "waiting"
    if source is None:
        return "arrived"
    said = [_as_files_say(base) for base in bases if base is not None]
    # Unchanged is what no group would be asked about.
    same = any(
        all(
            _fate_of_fields(group, base[group], fields, [base[group]]) != "conflict"
            for group, fields in _as_files_say(source).items()
        )
        for base in said
    )
    return "in_force" if same else "conflict"


def _fate_of_person(value: Any, source: Any, bases: list[Any], is_there: bool) -> str:  # noqa: ANN401
    """Return the fate of a move, or of anything said about a receipt no source has by now."""
    if source == value:
        return "arrived"
    if source is None:
        return "in_force" if is_there and None in bases else "waiting"
    if source not in bases:
        return "conflict"
    return "in_force" if is_there else "waiting"


def _fate_of_fields(group: str, value: Group, source: Group, bases: list[Any]) -> str:
    """Return the fate of what was said about a group that the source has."""
    if source == value:
        return "arrived"
    if source in bases or group == "out_of_pocket":
        return "in_force"
    return _fate_of_spelled(
        group, _cleaned(value), _cleaned(source), [one and _cleaned(one) for one in bases]
    )


def _fate_of_spelled(group: str, value: Group, source: Group, bases: list[Any]) -> str:
    """Return the fate of what the source has otherwise, perhaps by its spelling only."""
    if _is_same(source, value):
        return "arrived"
    if _is_unsaid(group, value, source, bases):
        return "in_force"
    if group == "attachment":
        named = [
            one
            for one in [*bases, value]
            if one and one["has_attachment"] == source["has_attachment"]
        ]
        if any(None in (one["attachment_name"], source["attachment_name"]) for one in named):
            return "in_force"
    if bases[-1] is None:
        # Made by hand: what nobody said stays open for the source, what only people said holds.
        ours, theirs = _told(value), _told(source)
        if ours.items() <= theirs.items():
            return "arrived"
        if theirs.items() <= ours.items():
            return "in_force"
    return "conflict"


def _is_unsaid(group: str, value: Group, source: Group, bases: list[Any]) -> bool:
    """Return whether the source says what it said, or all that a file could say of the value."""
    if any(one and _is_same(source, one) for one in bases):
        return True
    # What has no value nobody could read.
    texts = [_as_file_says(group, one or dict.fromkeys(source)) for one in bases]
    is_text = group in {"amount", "date"} and _as_file_says(group, source) in texts
    return is_text or source == _as_file_says(group, value)


def _cleaned(group: Group) -> Group:
    """Return a group without what is only its spelling."""
    cleaned = {
        name: " ".join(normalize("NFC", value).split()) or None if isinstance(value, str) else value
        for name, value in group.items()
    }
    purpose = cleaned.get("purpose")
    if purpose:
        cleaned["purpose"] = sub(r"^Receipts Notes \([0-9]+\): ?", "", purpose) or None
    if "description" in group and group["description"] == group["expense_type"]:
        cleaned["description"] = None
    if "coding_type" in cleaned:
        jobs, accounts = {"job_number", "job_phase", "cost_type"}, {"gl_account", "gl_description"}
        silent = {"gl_coding": jobs, "job_coding": accounts}.get(str(cleaned["coding_type"]), set())
        cleaned |= dict.fromkeys(silent)
        codes = {"gl_account"} if cleaned["coding_type"] == "gl_coding" else jobs
        if not any(cleaned[code] for code in codes):
            cleaned["coding_type"] = None
    return cleaned


def _is_same(source: Group, said: Group) -> bool:
    """Return whether both say the same; of addresses some sources have the first line only."""
    ours, theirs = (
        str(group.get("merchant_address") or "").replace(",", " ").split(" ")
        for group in (said, source)
    )
    both = min(len(ours), len(theirs))
    if both and ours[0] and theirs[0] and ours[:both] == theirs[:both]:
        return source | {"merchant_address": None} == said | {"merchant_address": None}
    return source == said


def _told(group: Group) -> Group:
    """Return the fields that say something."""
    return {name: value for name, value in group.items() if value not in (None, False)}


def _as_files_say(content: Content) -> Content:
    """Return the content without what a file cannot say."""
    known = {group: dict(fields) for group, fields in content.items() if group != "out_of_pocket"}
    known["attachment"].pop("attachment_name")
    return known


def _as_file_says(group: str, said: Group) -> Group:
    """Return what a file of what people see says of a group."""
    if group == "amount":
        is_refund = said["amount"] is not None and said["amount"] < 0
        kind = "refund" if is_refund else "expense"
        return said | {"amount_text": None, "transaction_type": kind}
    if group == "date":
        return said | {"date_text": None}
    if group == "coding":
        whole = {
            "job_coding": ["job_number", "job_phase", "cost_type"],
            "gl_coding": ["gl_account"],
        }.get(said["coding_type"], [])
        kept = {"coding_type", *whole, *(["gl_description"] if whole == ["gl_account"] else [])}
        is_whole = whole and all(said[code] for code in whole)
        return {name: value if is_whole and name in kept else None for name, value in said.items()}
    return said


def _likeness(content: Content) -> Content:
    """Return what a file of what people see says of a receipt."""
    said = {group: _as_file_says(group, fields) for group, fields in content.items()}
    purpose = said["purpose"]
    if purpose["description"] == purpose["expense_type"]:
        said["purpose"] = purpose | {"description": None}
    return _as_files_say(said)


def _by_key(items: Iterable[tuple[Hashable, Item]]) -> dict[Hashable, list[Item]]:
    """Return items by key, without those that have none."""
    found: dict[Hashable, list[Item]] = defaultdict(list)
    for key, item in items:
        if key is not None:
            found[key].append(item)
    return found


def _id(content: Content) -> str | None:
    return content["receipt_id"]["external_transaction_id"] or None


def _all(content: Content) -> Hashable:
    """Return all that a receipt says as a key."""
    return tuple(sorted((group, *sorted(fields.items())) for group, fields in content.items()))


def _merchant(content: Content) -> str:
    name = (content["merchant"]["merchant_name"] or "").strip()[:18].upper()
    return "".join(letter for letter in name if letter.isalnum())


def _alike(person: str, content: Content) -> Hashable:
    """Return person, amount, date and merchant, where all are known."""
    amount, day = content["amount"]["amount"], content["date"]["transaction_date"]
    merchant = _merchant(content)
    return (person, amount, day, merchant) if amount is not None and day and merchant else None


def _day(person: str, content: Content) -> Hashable:
    """Return person, amount and date, where all are known."""
    amount, day = content["amount"]["amount"], content["date"]["transaction_date"]
    return (person, amount, day) if amount is not None and day else None


def _with_id(person: str, content: Content, *, wholly: bool) -> Hashable:
    number = _id(content)
    return number and (person, number, _all(content) if wholly else None)


def _seen(person: str, content: Content) -> Hashable:
    """Return a receipt as a file of what people see has it."""
    return person, _all(_likeness(content))


def _as_corrected(one: Known) -> Hashable:
    return None if one.corrected is None else _seen(one.holder, one.corrected)


def _but_id(person: str, content: Content) -> Hashable:
    """Return a receipt as a file of what people see has it, whatever its id."""
    return _seen(person, content | {"receipt_id": {"external_transaction_id": None}})


def _without_id(person: str, content: Content) -> Hashable:
    return None if _id(content) else (person, _all(content))


Level = tuple["Callable[[Row], Hashable]", "Callable[[Known], Hashable]", bool]
LEVELS: list[Level] = [
    # All that a file can say, as people corrected it.
    (lambda row: _seen(row.person, row.content), _as_corrected, False),
    # The same id and person, what is alike first: of who has it, then of whom the source names.
    (
        lambda row: _with_id(row.person, row.content, wholly=True),
        lambda one: _with_id(one.holder, one.content, wholly=True),
        False,
    ),
    (
        lambda row: _with_id(row.person, row.content, wholly=True),
        lambda one: _with_id(one.source_holder, one.content, wholly=True),
        False,
    ),
    (
        lambda row: _with_id(row.person, row.content, wholly=False),
        lambda one: _with_id(one.holder, one.content, wholly=False),
        False,
    ),
    (
        lambda row: _with_id(row.person, row.content, wholly=False),
        lambda one: _with_id(one.source_holder, one.content, wholly=False),
        False,
    ),
    # No id, and all that was read.
    (
        lambda row: _without_id(row.person, row.content),
        lambda one: _without_id(one.holder, one.content),
        False,
    ),
    (
        lambda row: _without_id(row.person, row.content),
        lambda one: _without_id(one.source_holder, one.content),
        False,
    ),
    # The id that people put right, unique on both sides.
    (
        lambda row: _with_id(row.person, row.content, wholly=False),
        lambda one: (
            None if one.corrected is None else _with_id(one.holder, one.corrected, wholly=False)
        ),
        True,
    ),
    # An id that is unique on both sides, under another person.
    (lambda row: _id(row.content), lambda one: _id(one.content), True),
    (
        lambda row: _id(row.content),
        lambda one: None if one.corrected is None else _id(one.corrected),
        True,
    ),
    # One that had no id, by all else.
    (
        lambda row: _but_id(row.person, row.content),
        lambda one: None if _id(one.content) else _but_id(one.holder, one.content),
        False,
    ),
    (
        lambda row: _but_id(row.person, row.content),
        lambda one: (
            None
            if one.corrected is None or _id(one.corrected)
            else _but_id(one.holder, one.corrected)
        ),
        False,
    ),
    # Handed in anew, under another id.
    (
        lambda row: _alike(row.person, row.content),
        lambda one: _alike(one.holder, one.content),
        True,
    ),
    (
        lambda row: _alike(row.person, row.content),
        lambda one: None if one.corrected is None else _alike(one.holder, one.corrected),
        True,
    ),
    # Made by hand, and it arrives.
    (
        lambda row: _day(row.person, row.content),
        lambda one: (
            _day(one.holder, one.content) if one.is_made_by_hand and not _id(one.content) else None
        ),
        True,
    ),
]


def counted(fates: dict[tuple[int, str], str]) -> Counter[str]:
    """Return how many receipts have a statement of each fate."""
    return Counter(
        fate
        for _, fate in {(number, fate) for (number, _), fate in fates.items()}
        if fate != "withdrawn"
    )
