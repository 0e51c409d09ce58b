"""How much of the PL/pgSQL the pgTAP files ran, by plpgsql_check's profiler, where it exists."""

from collections import defaultdict
from pathlib import Path

from svc.embedded.machine import tell

# Every copy of the template counts for itself, and the memory for counts is small.
COLLECT = """
COPY (
    SELECT p.oid::regprocedure, s.stmtid, s.exec_stmts
    FROM pg_proc AS p
    CROSS JOIN LATERAL tap.plpgsql_profiler_function_statements_tb(p.oid) AS s
    WHERE p.prolang = (SELECT l.oid FROM pg_language AS l WHERE l.lanname = 'plpgsql')
        AND p.pronamespace::regnamespace::text IN ('app', 'audit', 'api', 'report')
) TO STDOUT
"""
FORGET = """
SELECT count(tap.plpgsql_profiler_reset(p.oid)) FROM pg_proc AS p
WHERE p.prolang = (SELECT l.oid FROM pg_language AS l WHERE l.lanname = 'plpgsql')
"""
PROFILING = "-c plpgsql_check.profiler=on"
SHOWN = 5


def summarize(folder: Path) -> None:
    """Print the share of statements run and the functions with the smallest."""
    runs: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for file in folder.glob("*.tsv"):
        for line in file.read_text().splitlines():
            function, statement, count = line.split("\t")
            runs[function][statement] += int(count)
    if not runs:
        return
    shares = {
        function: sum(1 for count in counts.values() if count) / len(counts)
        for function, counts in runs.items()
    }
    statements = sum(len(counts) for counts in runs.values())
    done = sum(1 for counts in runs.values() for count in counts.values() if count)
    tell(
        f"coverage: pgTAP ran {done} of {statements} PL/pgSQL statements ({done / statements:.0%})"
    )
    for function, share in sorted(shares.items(), key=lambda item: item[1])[:SHOWN]:
        if share < 1:
            tell(f"  {share:4.0%} {function}")
