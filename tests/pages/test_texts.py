"""All English of the pages stands in one file, and all that stands there is used."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from svc import pages
from svc.pages import english

FOLDER = Path(pages.__file__).parent
TEMPLATES = sorted((FOLDER / "templates").iterdir())
MODULES = sorted(one for one in FOLDER.glob("*.py") if one.name != "english.py")
READ_OUT = re.compile(r"(title|aria-label|alt|placeholder)=\"[^\"]*[A-Za-z]|value=\"[A-Z][a-z]")
# Three words, or one that begins a sentence; no list of names of the database, HTML or SQL.
TEXT = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}|^[A-Z][a-z]+( [a-z]+|[.:])?$")
MACHINES = re.compile(r"[<;_]|^openid|^(Accept|Lax|Location|Origin|Referer|Refresh|Vary)$")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_text(path: Path) -> None:
    """Neither between tags, nor in what is read out, nor among their own strings."""
    parsed = Environment(autoescape=True).parse(path.read_text())
    for piece in parsed.find_all(nodes.TemplateData):
        assert not READ_OUT.search(piece.data), piece.data
    # What is put in stands for itself: no text is left but that of the template.
    whole = re.sub(r"\{[{%#].*?[}%#]\}", "", path.read_text(), flags=re.S)
    left = re.sub(r"<!doctype html>|<[a-z/][^>]*>| required| aria-invalid=\"true\"", "", whole)
    assert not re.search(r"[A-Za-z]", left), left
    for constant in parsed.find_all(nodes.Const):
        text = constant.value if isinstance(constant.value, str) else ""
        assert MACHINES.search(text) or not TEXT.search(text), text


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_code_holds_no_text(path: Path) -> None:
    """What is written for programmers is no text of the pages: docstrings, headers, SQL."""
    tree = ast.parse(path.read_text())
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            assert MACHINES.search(node.value) or not TEXT.search(node.value), node.value


def test_every_text_is_used() -> None:
    """What no page says any more is no text of them."""
    code = "".join(one.read_text() for one in [*TEMPLATES, *MODULES])
    own = (FOLDER / "english.py").read_text()
    for name in vars(english):
        if name.isupper():
            uses = len(re.findall(rf"\b(t|english)\.{name}\b", code))
            assert uses or len(re.findall(rf"\b{name}\b", own)) > 1, name
