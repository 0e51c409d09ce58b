"""Write an invented month to files: ``python -m tests.generate --help``."""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.generate import (
    QUIRKS,
    SHAPES,
    Layout,
    Recipe,
    build,
    build_months,
    deviations,
    expected,
    write_activity,
)
from tests.generate.build import FIRST
from tests.generate.deviations import csv_deviations, summary
from tests.generate.legacy_files import legacy_csv, legacy_workbook
from tests.generate.quirks import HARD_NAME, NO_CODING_TYPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.generate import Month

_RUN_AFTER = 16
"""Days after the month on which the old program was run."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    options = _parser().parse_args(arguments)
    layout = Layout.varied(random.Random(options.seed)) if options.vary_layout else Layout()  # noqa: S311 - test data
    out = Path(options.out)
    if options.months is None:
        month = build(
            options.employees,
            options.receipts,
            options.seed,
            recipe=_recipe(options),
            layout=layout,
        )
        _write(month, out, options)
    else:
        months = build_months(
            options.months,
            options.employees,
            options.receipts,
            options.seed,
            recipe=_recipe(options),
            layout=layout,
            first=options.first,
        )
        for month in months:
            _write(month, out / f"{month.first:%Y-%m}", options)
    for path in sorted(out.rglob("*")):
        if path.is_file():
            sys.stdout.write(f"{path}  {path.stat().st_size:,} bytes\n")
    return 0


def _recipe(options: argparse.Namespace) -> Recipe:
    if options.deviating is not None:
        return Recipe.deviating(stops=options.deviating, namesakes=options.namesakes)
    return Recipe.difficult() if options.difficult else Recipe()


def _write(month: Month, out: Path, options: argparse.Namespace) -> None:
    """Write what was asked for of one month."""
    quirks = frozenset[str]() if options.no_quirks else QUIRKS
    out.mkdir(parents=True, exist_ok=True)
    with (out / "activity.json").open("w", encoding="ascii", newline="\n") as stream:
        write_activity(month, stream, shape=options.shape, quirks=quirks)
    if options.pdf:
        _write_pdfs(month, out)
    if options.legacy:
        _write_legacy(month, out, quirks)


def _write_legacy(month: Month, out: Path, quirks: frozenset[str]) -> None:
    """Write the file by id, what the old program made of it, and what is wrong in either file."""
    stream = io.StringIO()
    write_activity(month, stream, shape="by-id", quirks=quirks)
    (out / "activity_by_id.json").write_text(stream.getvalue(), encoding="ascii")
    content = json.loads(stream.getvalue())
    run = month.last + timedelta(_RUN_AFTER)
    (out / "legacy_report.xlsx").write_bytes(legacy_workbook(content))
    if any("receipts" in person for person in content.values()):
        text = legacy_csv(content, run)
        (out / "legacy_import.csv").write_text(text, encoding="utf-8", newline="")
    found: dict[str, Any] = {
        shape: summary(deviations(month, shape, quirks)) for shape in SHAPES[:2]
    }
    found["import.csv"] = summary(csv_deviations(month, quirks))
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    (out / "deviations.json").write_text(text, encoding="utf-8")


def _write_pdfs(month: Month, out: Path) -> None:
    """Write both reports, the truth and the aliases; only this needs reportlab."""
    from tests.generate.pdf_car import render_car  # noqa: PLC0415 - JSON needs no PDF library
    from tests.generate.pdf_receipts import render_receipts  # noqa: PLC0415 - likewise

    (out / "car.pdf").write_bytes(render_car(month))
    (out / "receipts.pdf").write_bytes(render_receipts(month))
    for name, content in (("expected.json", expected(month)), ("aliases.json", month.aliases)):
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        (out / name).write_text(text, encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.generate",
        description="Write an invented month: activity.json, and with --pdf both reports "
        "(car.pdf, receipts.pdf), their truth (expected.json) and aliases.json.",
    )
    parser.add_argument("--employees", type=int, required=True, metavar="N")
    parser.add_argument("--receipts", type=int, required=True, metavar="M")
    parser.add_argument("--seed", type=int, required=True, metavar="S")
    parser.add_argument("--shape", choices=SHAPES, default="by-code", help="of activity.json")
    parser.add_argument("--out", default="generated", metavar="DIR", help="default: generated")
    parser.add_argument("--pdf", action="store_true", help="also write PDFs, truth and aliases")
    parser.add_argument(
        "--difficult", action="store_true", help="add what stopped or misled the old program"
    )
    parser.add_argument(
        "--vary-layout", action="store_true", help="draw the layout of the PDFs from the seed"
    )
    parser.add_argument(
        "--no-quirks", action="store_true", help="write activity.json without the old errors"
    )
    parser.add_argument(
        "--deviating",
        nargs="?",
        const="",
        choices=("", HARD_NAME, NO_CODING_TYPE),
        metavar="STOP",
        help="give the old program every occasion to err; STOP is hard_name or no_coding_type, "
        "which ends its reading",
    )
    parser.add_argument(
        "--namesakes", action="store_true", help="with --deviating: two employees of one name key"
    )
    parser.add_argument(
        "--legacy",
        action="store_true",
        help="also write activity_by_id.json, the accounting import and workbook of the old "
        "program, and deviations.json: what is wrong in its files, and why",
    )
    parser.add_argument(
        "--months",
        type=int,
        metavar="K",
        help="consecutive months of the same people, each in a folder of its own",
    )
    parser.add_argument(
        "--first",
        type=date.fromisoformat,
        default=FIRST,
        metavar="DATE",
        help="with --months: a day of the first month",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
