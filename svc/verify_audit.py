"""Verify the audit trail from outside: read every sealed row, hash it here, compare with the seals.

    python -m svc.verify_audit [DSN] --anchor FILE [--from-seal N] [--append]
    python -m svc.verify_audit [DSN] --anchor FILE [--like DSN] --accept-restore REASON

Trusts no function and no view of the database: it reads tables as `ccp_auditor`, with built-in
functions only, and computes row hashes, trees and the chain itself. Without DSN it is AUDIT_URL of
the environment, which no list of processes shows. FILE holds the published heads, one
JSON object a line with `seal_number` and `seal_hash`; it belongs to somebody who does not own the
database. After a restore that is allowed, whoever owns FILE says so by `--accept-restore`: a
line with the new epoch, the last seal that was kept, the reason and who. Heads published after that
seal and before that line are given up then, which is told in each later run. Functions and views
that a dump made anew may be printed otherwise than they were sealed: what is printed so in the
database of --like, too, which was made of the same version and restored alike, is no finding. Exit
status: 0 everything fits, 1 findings (one a line), 2 it could not be read.
"""

import argparse
import getpass
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

LEAF = b"\x00"
NODE = b"\x01"
HASH_BYTES = 32
FIRST = 20
NOTHING = bytes(HASH_BYTES)
EPOCH_BITS = 48
RESTORED = {"head_missing", "head_differs", "restore_differs"}
"""What a restore to an earlier instant alone makes of what the file of heads holds."""
MADE_ANEW = ("function ", "view ")
"""What a dump holds as the text that the server prints, and a restore makes of it anew."""
CAPTURES = ["t90_capture_insert", "t90_capture_update", "t90_capture_delete"]

# Texts of rows must not depend on who asks; these are what the database pins when it seals.
SETTINGS = {
    "search_path": "",
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "quote_all_identifiers": "off",
    "standard_conforming_strings": "on",
    "jit": "off",
    "statement_timeout": "0",
}
SEALS = """
SELECT s.seal_number, s.from_tx, s.to_tx, s.relations,
    s.root, s.catalog_hash, s.previous_hash, s.seal_hash,
    ROW(s.seal_number, s.from_tx, s.to_tx, s.row_count, s.relations, encode(s.root, 'hex'),
        encode(s.catalog_hash, 'hex'), extract(epoch FROM s.sealed_at),
        encode(s.previous_hash, 'hex'))::text AS content
FROM audit.seals AS s ORDER BY s.seal_number"""
LEAVES = """
SELECT l.relation_name, l.row_keys, l.leaves FROM audit.sealed_leaves AS l WHERE l.seal_number = %s
ORDER BY l.relation_name COLLATE "C", l.chunk"""
# Not of tables that were dropped afterwards: what has their name now has its own triggers.
SWITCHED = """
SELECT o.table_name, o.trigger_name, e.login_name, e.happened_at::text
FROM audit.ddl_events AS e
CROSS JOIN LATERAL (
    SELECT e.object_name, t.name::text FROM unnest(e.triggers_off) AS t (name)
    UNION ALL
    SELECT split_part(e.object_name, ' on ', 2), split_part(e.object_name, ' on ', 1)
    WHERE e.event = 'sql_drop' AND e.object_type = 'trigger') AS o (table_name, trigger_name)
WHERE e.tx >= %s AND split_part(o.table_name, '.', 1) IN ('app', 'audit')
    AND NOT EXISTS (SELECT FROM audit.ddl_events AS d
        WHERE d.event = 'sql_drop' AND d.object_name = o.table_name
            AND d.event_number > e.event_number)
ORDER BY e.event_number"""
KEPT_CATALOG = """
SELECT DISTINCT ON (c.object_name COLLATE "C") c.object_name, c.definition,
    ROW(c.object_name, c.definition)::text
FROM audit.sealed_catalog AS c ORDER BY c.object_name COLLATE "C", c.seal_number DESC"""
# What audit.catalog_objects says, without asking it.
CATALOG = """
WITH tables AS (
    SELECT c.*, c.oid::regclass AS name FROM pg_class AS c
    WHERE c.relnamespace::regnamespace::text IN ('app', 'audit') AND c.relkind = 'r'
)
SELECT concat('table ', t.name), concat_ws(' ', t.relkind, t.relpersistence, t.relrowsecurity,
    t.relforcerowsecurity, pg_get_userbyid(t.relowner))
FROM tables AS t
UNION ALL
SELECT format('column %s.%I', t.name, a.attname),
    concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
        a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid, true))
FROM tables AS t
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = t.oid AND d.adnum = a.attnum
UNION ALL
SELECT format('constraint %s.%I', t.name, k.conname),
    concat_ws(' ', pg_get_constraintdef(k.oid, true),
        (SELECT string_agg(DISTINCT g.tgenabled::text, '') FROM pg_trigger AS g
         WHERE g.tgconstraint = k.oid AND g.tgisinternal))
FROM tables AS t JOIN pg_constraint AS k ON k.conrelid = t.oid AND k.contype <> 'n'
UNION ALL
SELECT format('trigger %s.%I', t.name, g.tgname),
    concat_ws(' ', g.tgenabled, pg_get_triggerdef(g.oid, true))
FROM tables AS t JOIN pg_trigger AS g ON g.tgrelid = t.oid AND NOT g.tgisinternal
UNION ALL
SELECT format('rule %s.%I', t.name, w.rulename), pg_get_ruledef(w.oid, true)
FROM tables AS t JOIN pg_rewrite AS w ON w.ev_class = t.oid
UNION ALL
SELECT format('policy %s.%I', t.name, p.polname),
    concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::regrole[],
        pg_get_expr(p.polqual, p.polrelid, true), pg_get_expr(p.polwithcheck, p.polrelid, true))
FROM tables AS t JOIN pg_policy AS p ON p.polrelid = t.oid
UNION ALL
SELECT format('function %s.%I(%s)', f.pronamespace::regnamespace, f.proname,
        pg_get_function_identity_arguments(f.oid)),
    encode(sha256(convert_to(
        concat_ws(' ', pg_get_userbyid(f.proowner), pg_get_functiondef(f.oid)), 'UTF8')), 'hex')
FROM pg_proc AS f
WHERE f.pronamespace::regnamespace::text IN ('app', 'audit', 'api') AND f.prokind IN ('f', 'p')
UNION ALL
SELECT concat('view ', c.oid::regclass),
    encode(sha256(convert_to(pg_get_viewdef(c.oid, true), 'UTF8')), 'hex')
FROM pg_class AS c
WHERE c.relnamespace::regnamespace::text IN ('app', 'audit', 'api', 'report', 'as_of')
    AND c.relkind = 'v'
UNION ALL
SELECT format('event trigger %I', e.evtname),
    concat_ws(' ', e.evtenabled, e.evtevent, e.evtfoid::regproc)
FROM pg_event_trigger AS e WHERE e.evtname ^@ 'ccp_'
UNION ALL
SELECT format('guard %I', g.table_name), g.kind FROM audit.guarded_tables AS g
UNION ALL
SELECT g.name, (SELECT string_agg(x.item::text, ' ' ORDER BY x.item::text COLLATE "C")
    FROM unnest(g.acl) AS x (item))
FROM (
    SELECT format('grants schema %I', n.nspname) AS name,
        nullif(n.nspacl, acldefault('n', n.nspowner)) AS acl
    FROM pg_namespace AS n
    WHERE n.nspname IN ('app', 'audit', 'api', 'report', 'as_of', 'public')
    UNION ALL
    SELECT concat('grants relation ', c.oid::regclass), nullif(c.relacl,
        acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner))
    FROM pg_class AS c
    WHERE c.relnamespace::regnamespace::text IN ('app', 'audit', 'api', 'report', 'as_of')
        AND c.relkind IN ('r', 'v', 'S')
    UNION ALL
    SELECT format('grants column %s.%I', c.oid::regclass, a.attname), a.attacl
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'v')
    WHERE c.relnamespace::regnamespace::text IN ('app', 'audit', 'api', 'report', 'as_of')
        AND NOT a.attisdropped
    UNION ALL
    SELECT format('grants function %s.%I(%s)', f.pronamespace::regnamespace, f.proname,
        pg_get_function_identity_arguments(f.oid)),
        nullif(f.proacl, acldefault('f', f.proowner))
    FROM pg_proc AS f
    WHERE f.pronamespace::regnamespace::text IN ('app', 'audit', 'api', 'report', 'as_of')
    UNION ALL
    SELECT format('default grants of %I in %I on %s', pg_get_userbyid(d.defaclrole),
        coalesce(n.nspname, ''), d.defaclobjtype), d.defaclacl
    FROM pg_default_acl AS d LEFT JOIN pg_namespace AS n ON n.oid = d.defaclnamespace
) AS g
WHERE g.acl IS NOT NULL"""
RENAMES = """
SELECT r.relation_name, r.old_name::text, r.new_name::text FROM audit.renamed_columns AS r
ORDER BY r.rename_number"""
COLUMNS = """
SELECT n.nspname::text, c.relname::text, a.attname::text, a.attcollation <> 0
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.oid = to_regclass(%s) AND c.relkind IN ('r', 'p') ORDER BY a.attnum"""
KEYS = """
SELECT a.attname::text
FROM pg_index AS i
CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (attnum, position)
JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = to_regclass(%s) AND i.indisprimary ORDER BY k.position"""
TRIGGERS = """
SELECT w.name
FROM unnest(%(wanted)s::text[]) AS w (name)
WHERE NOT EXISTS (SELECT FROM pg_trigger AS t
    WHERE t.tgrelid = to_regclass(%(relation)s) AND t.tgname = w.name AND t.tgenabled = 'A')"""
# Copied, so that the server writes the next rows while these are hashed.
ROWS = """
COPY (
    SELECT ROW({keys})::text, convert_to(ROW({name}::text, {columns})::text, 'UTF8')
    FROM {relation} AS x WHERE x.{tx} >= {first} AND x.{tx} < {last} ORDER BY {order}
) TO STDOUT (FORMAT binary)"""
LIVE = """
SELECT ROW({keys})::text
FROM (SELECT x.*, true AS found FROM {base} AS x) AS l
FULL JOIN (
    SELECT DISTINCT ON ({keys}) y.* FROM {history} AS y ORDER BY {keys}, y.audit_seq DESC
) AS h USING ({keys})
WHERE (l.found AND (h.audit_seq IS NULL OR h.audit_operation = 'delete'
        OR ROW({live}) IS DISTINCT FROM ROW({kept})))
    OR (l.found IS NULL AND h.audit_operation <> 'delete')
LIMIT {limit}"""


class Finding(NamedTuple):
    """Something that does not fit."""

    kind: str
    seal: int | None
    relation: str
    row: str
    details: str

    def __str__(self) -> str:
        """Return the finding as one line."""
        seal = "" if self.seal is None else f" seal {self.seal}"
        return " ".join(f"{self.kind}{seal} {self.relation} {self.row} {self.details}".split())


class Leaf(NamedTuple):
    """A row as the tree knows it: its key as text and its hash."""

    key: str
    hash: bytes


@dataclass(frozen=True)
class Relation:
    """A relation as a seal describes it."""

    relation: str
    tx: str
    keys: list[str]
    columns: list[str]


@dataclass(frozen=True)
class Seal:
    """A row of audit.seals, with the text its hash covers."""

    number: int
    from_tx: int
    to_tx: int
    relations: list[Relation]
    root: bytes
    catalog_hash: bytes
    previous: bytes
    hash: bytes
    content: str


@dataclass(frozen=True)
class Restore:
    """A line of the file of heads: a restore that was allowed, and what it gave up."""

    epoch: int
    last_kept: int
    given_up: tuple[int, ...]
    reason: str
    by: str
    at: str
    is_given_up: bool = False

    def __str__(self) -> str:
        """Return what is told of it in every run."""
        seals = ", ".join(map(str, self.given_up)) or "none"
        return (
            f"restore accepted: epoch {self.epoch} after seal {self.last_kept};"
            f" published seals given up: {seals}; {self.reason} ({self.by}, {self.at})"
        )


class Heads(NamedTuple):
    """The file of heads: what counts of it, seal number to hash, and the restores accepted."""

    anchors: dict[int, str]
    restores: list[Restore]


def epoch_of(number: int) -> int:
    """Return the epoch in which a transaction number was given."""
    return number >> EPOCH_BITS


def check_restores(seals: list[Seal], restores: list[Restore]) -> Iterator[Finding]:
    """Yield restores that were accepted and are not what the seals say."""
    for restore in restores:
        if restore.is_given_up:
            continue
        later = [seal for seal in seals if seal.number > restore.last_kept]
        kept = [seal for seal in seals if seal.number <= restore.last_kept]
        if any(epoch_of(seal.to_tx) < restore.epoch for seal in later) or any(
            epoch_of(seal.to_tx) >= restore.epoch for seal in kept
        ):
            details = f"epoch {restore.epoch} did not begin after seal {restore.last_kept}"
            yield Finding("restore_differs", restore.last_kept, "", "", details)


def merkle_root(leaves: list[bytes]) -> bytes:
    """Return the root of the Merkle tree of RFC 6962 over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = leaves
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(NODE + left + right).digest() for left, right in pairs]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def check_chain(seals: list[Seal], anchors: dict[int, str]) -> Iterator[Finding]:
    """Yield seals that were rewritten, removed or forked, and published heads that do not fit."""
    number, to_tx, previous = 0, 0, NOTHING
    for seal in seals:
        if hashlib.sha256(seal.content.encode()).digest() != seal.hash:
            yield Finding(
                "seal_rewritten", seal.number, "", "", "its hash does not fit its columns"
            )
        if seal.number != number + 1:
            yield Finding(
                "seal_missing", seal.number - 1, "", "", f"{seal.number} follows {number}"
            )
        elif seal.from_tx != to_tx or seal.previous != previous:
            yield Finding(
                "chain_broken", seal.number, "", "", "it does not continue the one before"
            )
        number, to_tx, previous = seal.number, seal.to_tx, seal.hash
    heads = {seal.number: seal.hash.hex() for seal in seals}
    for anchor, published in anchors.items():
        if anchor not in heads:
            yield Finding("head_missing", anchor, "", "", "a published seal is gone")
        elif heads[anchor] != published:
            details = f"published as {published}, now {heads[anchor]}"
            yield Finding("head_differs", anchor, "", "", details)


def compare(seal: int, relation: str, kept: list[Leaf], found: list[Leaf]) -> Iterator[Finding]:
    """Yield the first rows that were changed, inserted or removed since they were sealed."""
    if kept == found:
        return
    was, now = dict(kept), dict(found)
    differing = [key for key in {**was, **now} if was.get(key) != now.get(key)]
    for key in sorted(differing)[:FIRST]:
        kind = (
            "row_inserted" if key not in was else "row_removed" if key not in now else "row_changed"
        )
        yield Finding(kind, seal, relation, key, "")
    if not differing:
        yield Finding("row_inserted", seal, relation, "", "a key is there more than once")


class Verifier:
    """Reads one database, in the transaction of one connection.

    Raises psycopg.Error when it cannot be read.
    """

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        """Make the transaction powerless and independent of settings."""
        self.connection = connection
        for name, value in SETTINGS.items():
            connection.execute("SELECT pg_catalog.set_config(%s, %s, true)", (name, value))
        connection.execute("SET LOCAL ROLE ccp_auditor")
        self.renames = connection.execute(RENAMES).fetchall()

    def seals(self) -> list[Seal]:
        """Return all seals in order."""
        return [
            Seal(
                number,
                from_tx,
                to_tx,
                [Relation(r["relation"], r["tx"], r["keys"], r["columns"]) for r in relations],
                bytes(root),
                bytes(catalog),
                bytes(previous),
                bytes(own),
                content,
            )
            for number, from_tx, to_tx, relations, root, catalog, previous, own, content in (
                self.connection.execute(SEALS)
            )
        ]

    def current_name(self, relation: str, column: str) -> str:
        """Return what a column is called now that had this name once."""
        for where, old, new in self.renames:
            if (where, old) == (relation, column):
                column = new
        return column

    def kept_leaves(self, seal: Seal) -> dict[str, list[Leaf]]:
        """Return the leaves kept with a seal, by relation, in the order of the tree."""
        kept: dict[str, list[Leaf]] = {}
        for relation, keys, leaves in self.connection.execute(LEAVES, (seal.number,)):
            hashes = [bytes(leaves[n : n + HASH_BYTES]) for n in range(0, len(leaves), HASH_BYTES)]
            kept.setdefault(relation, []).extend(map(Leaf, keys, hashes))
        return kept

    def read_rows(self, relation: Relation, first: int, last: int) -> list[Leaf] | None:
        """Return the rows of a range of transactions as leaves; None when they cannot be read."""
        described = self.connection.execute(COLUMNS, (relation.relation,)).fetchall()
        names = {column: has_collation for _, _, column, has_collation in described}
        keys = [self.current_name(relation.relation, key) for key in relation.keys]
        columns = [self.current_name(relation.relation, column) for column in relation.columns]
        if not described or not {*keys, *columns, relation.tx} <= names.keys():
            return None
        order = [
            sql.SQL('x.{} COLLATE "C"' if names[key] else "x.{}").format(sql.Identifier(key))
            for key in keys
        ]
        query = sql.SQL(ROWS).format(
            keys=qualified("x", keys),
            name=sql.Literal(relation.relation),
            columns=qualified("x", columns),
            relation=sql.Identifier(*described[0][:2]),
            tx=sql.Identifier(relation.tx),
            first=sql.Literal(first),
            last=sql.Literal(last),
            order=sql.SQL(", ").join(order),
        )
        with self.connection.cursor().copy(query) as copied:
            copied.set_types(["text", "bytea"])
            return [
                Leaf(key, hashlib.sha256(LEAF + content).digest()) for key, content in copied.rows()
            ]

    def check_seal(self, seal: Seal) -> Iterator[Finding]:
        """Yield what of the rows a seal covers is not as it was sealed."""
        kept = self.kept_leaves(seal)
        if merkle_root([leaf.hash for leaves in kept.values() for leaf in leaves]) != seal.root:
            details = "the kept leaves do not have the root of the seal"
            yield Finding("leaves_rewritten", seal.number, "", "", details)
        for relation in seal.relations:
            found = self.read_rows(relation, seal.from_tx, seal.to_tx)
            if found is None:
                details = "it cannot be read as it was sealed"
                yield Finding("relation_altered", seal.number, relation.relation, "", details)
            else:
                leaves = kept.get(relation.relation, [])
                yield from compare(seal.number, relation.relation, leaves, found)

    def check_live(self, base: str, history: str) -> Iterator[Finding]:
        """Yield rows of a mutable table that are not what the newest row of its history says."""
        live = self.connection.execute(COLUMNS, (base,)).fetchall()
        kept = self.connection.execute(COLUMNS, (history,)).fetchall()
        keys = [row[0] for row in self.connection.execute(KEYS, (base,))]
        if not (live and kept and keys):
            yield Finding("relation_altered", None, base, "", "table, key or history is gone")
            return
        shared = [row[2] for row in live if row[2] in {column[2] for column in kept}]
        query = sql.SQL(LIVE).format(
            keys=sql.SQL(", ").join(map(sql.Identifier, keys)),
            base=sql.Identifier(*live[0][:2]),
            history=sql.Identifier(*kept[0][:2]),
            live=qualified("l", shared),
            kept=qualified("h", shared),
            limit=sql.Literal(FIRST),
        )
        for (key,) in self.connection.execute(query):
            yield Finding("live_row_differs", None, base, key, "")

    def check_triggers(self, relation: str, wanted: list[str]) -> Iterator[Finding]:
        """Yield triggers that are missing or do not fire always."""
        rows = self.connection.execute(TRIGGERS, {"relation": relation, "wanted": wanted})
        for (name,) in rows:
            yield Finding("trigger_off", None, relation, name, "")

    def check_now(self, seal: Seal) -> Iterator[Finding]:
        """Yield what does not fit in the tables as they are now, for the relations of a seal."""
        for relation in (r.relation for r in seal.relations):
            schema, _, name = relation.partition(".")
            if schema == "app":
                yield from self.check_triggers(relation, ["t10_immutable", "t90_mark"])
            elif name.rstrip('"').endswith("_history"):
                base = f"app.{name.replace('_history', '')}"
                yield from self.check_triggers(base, CAPTURES)
                yield from self.check_triggers(relation, ["t10_immutable"])
                yield from self.check_live(base, relation)

    def catalog(self) -> dict[str, str]:
        """Return what is printed of each audited object now."""
        return dict(self.connection.execute(CATALOG).fetchall())

    def check_catalog(self, seal: Seal, like: dict[str, str]) -> Iterator[Finding]:
        """Yield audited objects that are not as the newest seal found them.

        Not those that a restore made anew, when they are printed as in a database like this one.
        """
        kept = self.connection.execute(KEPT_CATALOG).fetchall()
        text = "\n".join(content for _, definition, content in kept if definition is not None)
        if hashlib.sha256(text.encode()).digest() != seal.catalog_hash:
            details = "it does not have the hash of the newest seal"
            yield Finding("catalog_rewritten", seal.number, "audit.sealed_catalog", "", details)
        was = {name: definition for name, definition, _ in kept}
        now = self.catalog()
        for name in sorted({*was, *now}):
            is_anew = name.startswith(MADE_ANEW) and name in was and like.get(name) == now.get(name)
            if was.get(name) != now.get(name) and not is_anew:
                details = f"sealed: {was.get(name) or 'nothing'}; now: {now.get(name) or 'nothing'}"
                yield Finding("catalog_altered", seal.number, name, "", details)

    def check_switched(self, seals: list[Seal], from_seal: int) -> Iterator[Finding]:
        """Yield triggers that were off or dropped at any time from a seal on."""
        starts = [seal.from_tx for seal in seals if seal.number >= from_seal]
        first = min(starts, default=seals[-1].to_tx if seals else 0)
        for table, trigger, login, instant in self.connection.execute(SWITCHED, (first,)):
            details = f"switched off or dropped by {login} at {instant}"
            yield Finding("trigger_was_off", None, table, trigger, details)

    def verify(
        self,
        anchors: dict[int, str],
        from_seal: int = 1,
        restores: Iterable[Restore] = (),
        like: dict[str, str] | None = None,
    ) -> Iterator[Finding]:
        """Yield everything that does not fit, rows from a seal on, the chain always whole."""
        seals = self.seals()
        yield from check_chain(seals, anchors)
        yield from check_restores(seals, list(restores))
        for seal in seals:
            if seal.number >= from_seal:
                yield from self.check_seal(seal)
        yield from self.check_switched(seals, from_seal)
        if seals:
            yield from self.check_now(seals[-1])
            yield from self.check_catalog(seals[-1], like or {})


def qualified(alias: str, columns: Iterable[str]) -> sql.Composed:
    """Return columns as SQL, each with the alias of its relation."""
    return sql.SQL(", ").join(sql.Identifier(alias, column) for column in columns)


def read_heads(path: Path | None) -> Heads:
    """Return the published heads that count, and the restores that were accepted.

    Raises ValueError for a line that is none, OSError for a file that cannot be read.
    """
    heads = Heads({}, [])
    if path is None:
        return heads
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    for line in lines:
        if "restored_epoch" in line:
            last = int(line["seal_number"])
            given_up = tuple(sorted(number for number in heads.anchors if number > last))
            for number in given_up:
                del heads.anchors[number]
            # A restore to before an earlier one takes that one back, too: it is told, and no more.
            heads.restores[:] = [
                replace(restore, is_given_up=restore.is_given_up or restore.last_kept > last)
                for restore in heads.restores
            ]
            reason, by, at = (str(line[name]) for name in ("reason", "by", "at"))
            epoch = int(line["restored_epoch"])
            heads.restores.append(Restore(epoch, last, given_up, reason, by, at))
        if line.get("seal_hash") is not None:
            # What was published first counts: a seal that was published twice is still one.
            heads.anchors.setdefault(int(line["seal_number"]), str(line["seal_hash"]).lower())
    return heads


def append_line(path: Path, line: dict[str, object]) -> None:
    """Add a line to the file of heads."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def append_anchor(path: Path, seal: Seal) -> None:
    """Add a head to the file of published heads, unless it is there already."""
    if seal.number not in read_heads(path).anchors:
        append_line(path, {"seal_number": seal.number, "seal_hash": seal.hash.hex()})


def accept_restore(path: Path, seals: list[Seal], findings: list[Finding], reason: str) -> None:
    """Write down that the restore which began the newest epoch is allowed.

    Raises ValueError when there is nothing to accept: published heads that do not fit are all that
    is found, and all of them are of seals after the last one of the epoch before.
    """
    epoch = epoch_of(seals[-1].to_tx) if seals else 0
    kept = [seal for seal in seals if epoch_of(seal.to_tx) < epoch]
    last = kept[-1].number if kept else 0
    others = [
        finding
        for finding in findings
        if finding.kind not in RESTORED or finding.seal is None or finding.seal <= last
    ]
    if not reason.strip():
        raise ValueError("no reason")
    if not epoch:
        raise ValueError(
            "no new epoch has begun: audit.start_epoch() is the last step of a restore"
        )
    if others:
        raise ValueError(f"this is no restore alone: {others[0]}")
    if not findings:
        raise ValueError("every published head fits: nothing to accept")
    append_line(
        path,
        {
            "restored_epoch": epoch,
            "seal_number": last,
            "seal_hash": kept[-1].hash.hex() if kept else None,
            "reason": reason.strip(),
            "by": getpass.getuser(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )


def main(arguments: list[str] | None = None) -> int:
    """Verify one database and report; return the exit status."""
    parser = argparse.ArgumentParser(prog="svc.verify_audit", description=__doc__.split("\n")[0])
    parser.add_argument(
        "dsn",
        nargs="?",
        default=os.environ.get("AUDIT_URL"),
        help="connection string of a login that may act as ccp_auditor; without it AUDIT_URL",
    )
    parser.add_argument("--anchor", type=Path, help="file of published heads")
    parser.add_argument("--from-seal", type=int, default=1, help="read rows from this seal on")
    parser.add_argument(
        "--append",
        action="store_true",
        help="when everything fits, add the newest head to the file",
    )
    parser.add_argument(
        "--accept-restore",
        metavar="REASON",
        help="write into the file that the restore which began the newest epoch is allowed",
    )
    parser.add_argument(
        "--like",
        metavar="DSN",
        help="a database of the same version, restored alike: it shows how objects are printed",
    )
    options = parser.parse_args(arguments)
    if not options.dsn:
        parser.error("a connection string is needed, as an argument or as AUDIT_URL")
    if options.accept_restore is not None and options.anchor is None:
        parser.error("--accept-restore goes with --anchor")
    try:
        if options.append and options.anchor:
            options.anchor.touch()
        heads = read_heads(options.anchor)
        like: dict[str, str] = {}
        if options.like is not None:
            with psycopg.connect(options.like) as connection:
                like = Verifier(connection).catalog()
        with psycopg.connect(options.dsn) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            verifier = Verifier(connection)
            asked = (options.from_seal, heads.restores, like)
            findings = list(verifier.verify(heads.anchors, *asked))
            seals = verifier.seals()
            if options.accept_restore is not None:
                accept_restore(options.anchor, seals, findings, options.accept_restore)
                heads = read_heads(options.anchor)
                asked = (options.from_seal, heads.restores, like)
                findings = list(verifier.verify(heads.anchors, *asked))
        if not findings and options.append and options.anchor and seals:
            append_anchor(options.anchor, seals[-1])
    except (psycopg.Error, OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"cannot verify: {error}\n")
        return 2
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    for restore in heads.restores:
        sys.stdout.write(f"{restore}\n")
    newest = f"newest {seals[-1].number} {seals[-1].hash.hex()}" if seals else "none"
    sys.stdout.write(f"{len(seals)} seals, {newest}; {len(findings)} findings\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
