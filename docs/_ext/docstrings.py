"""Docstrings in the form that Sphinx reads: parameters on one line, and the first paragraph as the summary."""

from __future__ import annotations

import re
from typing import Any

from sphinx.ext import autosummary

_SECTION = re.compile(r"^(Parameters|Raises)$")
_ONE_LINE = re.compile(r"^(?P<names>[\w*][\w*, ]*?) ?: (?P<words>.*)$")


def spread(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Turn ``name: words`` into ``name`` and an indented paragraph, where no such paragraph follows."""
    inside, out = False, []
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if below and set(below) == {"-"}:
            inside = bool(_SECTION.match(line))
        found = _ONE_LINE.match(line) if inside else None
        described = below.startswith("    ") and " : " in line
        out += [line] if found is None or described else [found["names"], f"    {found['words']}"]
    lines[:] = out


def first_paragraph(doc: list[str], _document: Any) -> str:
    """What a table of names says of each: a formula is not cut at its dots."""
    text = "\n".join(doc).strip()
    return " ".join(text.split("\n\n")[0].split())


def setup(app: Any) -> dict[str, bool]:
    """Run before numpydoc."""
    app.connect("autodoc-process-docstring", spread, priority=10)
    autosummary.extract_summary = first_paragraph
    return {"parallel_read_safe": True}
