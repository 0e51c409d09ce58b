"""The table of rules in the user guide, compared with the catalogue."""

import re
from pathlib import Path

import psycopg

from tests.conftest import Connect

GUIDE = Path(__file__).parents[2] / "docs" / "user-guide.md"
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
DEFAULTS = """
SELECT r.rule_code, concat_ws(', ', r.severity, CASE WHEN r.blocks THEN 'blocks' END,
    CASE WHEN NOT r.enabled THEN 'off' END,
    (SELECT string_agg(p.key || ' ' || coalesce(p.value, 'not set'), ', '
        ORDER BY p.key COLLATE "C")
     FROM jsonb_each_text(r.parameters) AS p))
FROM report.validation_rules AS r WHERE r.version = 1
"""


def test_every_rule_is_in_the_guide_with_its_default_and_why(connect: Connect) -> None:
    """Severity, whether it blocks or is off, and its parameters are those of the catalogue."""
    owner: psycopg.Connection = connect("ccp_owner")
    section = GUIDE.read_text(encoding="utf-8").partition("## 13. ")[2]
    rows = ROW.findall(section)
    assert {rule: default for rule, default, _ in rows} == dict(owner.execute(DEFAULTS).fetchall())
    assert len({why for _, _, why in rows}) == len(rows)


def test_windows_of_rules_are_those_of_matching(connect: Connect) -> None:
    """Where matching may still take a receipt, no rule says that it is of another month."""
    owner: psycopg.Connection = connect("ccp_owner")
    wider = owner.execute(
        "SELECT (r.parameters ->> 'days_before')::integer >= p.days_before,"
        " (r.parameters ->> 'days_after')::integer >= p.days_after"
        " FROM report.validation_rules AS r, report.matching_policies AS p"
        " WHERE r.rule_code = 'receipt_off_period' AND r.version = 1 AND p.policy_version = 1"
    ).fetchone()
    assert wider == (True, True)
