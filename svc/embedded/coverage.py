"""How much of the functions the pgTAP files ran.

plpgsql_check's profiler, where it exists, counts the statements of PL/pgSQL. A function in SQL is
one statement: the server counts its calls, as the planner is kept from inlining it into queries.
"""

from collections import defaultdict
from pathlib import Path

from svc.embedded.machine import tell

# A clause of its own, here one that nobody reads, keeps a function from being inlined.
COUNT_CALLS = """
UPDATE pg_proc AS p SET proconfig = ARRAY['ccp.counted=on']
FROM pg_language AS l
WHERE l.oid = p.prolang AND l.lanname = 'sql' AND p.proconfig IS NULL AND NOT p.prosecdef
    AND p.pronamespace::regnamespace::text IN ('app', 'audit', 'api', 'report')
"""
# Every copy of the template counts for itself, and the memory for counts is small.
COLLECT = """
COPY (
    SELECT p.oid::regprocedure, s.stmtid, s.exec_stmts
    FROM pg_proc AS p
    CROSS JOIN LATERAL tap.plpgsql_profiler_function_statements_tb(p.oid) AS s
    WHERE p.prolang = (SELECT l.oid FROM pg_language AS l WHERE l.lanname = 'plpgsql')
        AND p.pronamespace::regnamespace::text IN ('app', 'audit', 'api', 'report')
    UNION ALL
    SELECT p.oid::regprocedure, 0, coalesce(pg_stat_get_function_calls(p.oid), 0)
    FROM pg_proc AS p
    WHERE p.prolang = (SELECT l.oid FROM pg_language AS l WHERE l.lanname = 'sql')
        AND p.pronamespace::regnamespace::text IN ('app', 'audit', 'api', 'report')
) TO STDOUT
"""
FORGET = """
SELECT count(tap.plpgsql_profiler_reset(p.oid)) FROM pg_proc AS p
WHERE p.prolang = (SELECT l.oid FROM pg_language AS l WHERE l.lanname = 'plpgsql')
"""
PROFILING = "-c plpgsql_check.profiler=on -c track_functions=all"
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
    share = f"{done} of {statements} statements of functions ({done / statements:.0%})"
    tell(f"coverage: pgTAP ran {share}")
    for function, part in sorted(shares.items(), key=lambda item: item[1])[:SHOWN]:
        if part < 1:
            tell(f"  {part:4.0%} {function}")
