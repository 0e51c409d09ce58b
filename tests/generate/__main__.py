"""Write an invented month to files: ``python -m tests.generate --help``."""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.generate import QUIRKS, SHAPES, Layout, Recipe, build, expected, write_activity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.generate import Month


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    options = _parser().parse_args(arguments)
    layout = Layout.varied(random.Random(options.seed)) if options.vary_layout else Layout()  # noqa: S311 - test data
    recipe = Recipe.difficult() if options.difficult else Recipe()
    month = build(options.employees, options.receipts, options.seed, recipe=recipe, layout=layout)
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    with (out / "activity.json").open("w", encoding="ascii", newline="\n") as stream:
        write_activity(
            month, stream, shape=options.shape, quirks=frozenset() if options.no_quirks else QUIRKS
        )
    if options.pdf:
        _write_pdfs(month, out)
    for path in sorted(out.iterdir()):
        sys.stdout.write(f"{path}  {path.stat().st_size:,} bytes\n")
    return 0


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
    return parser


if __name__ == "__main__":
    sys.exit(main())
