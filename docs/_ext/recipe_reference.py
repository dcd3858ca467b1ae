"""The directives ``recipe-options`` and ``engine-table``: tables read from the recipe's fields and the registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from maskkit.cli.recipe import option_of
from maskkit.engines import ENGINES
from maskkit.recipe import OPTIONS, Recipe


class RecipeOptions(SphinxDirective):
    """A row for every option: its keyword, its option on the command line, its default, what it does."""

    def run(self) -> list[nodes.Node]:
        """The table, in the order of the fields."""
        rows = [
            (name, option_of(name) if name != "product" else "", repr(getattr(Recipe, name)), option.help)
            for name, option in OPTIONS.items()
        ]
        return [_table(("keyword", "command line", "default", "what it does"), rows, code=(0, 1, 2))]


class EngineTable(SphinxDirective):
    """A row for every engine of maskkit's own."""

    def run(self) -> list[nodes.Node]:
        """The table, in the order of the registry."""
        rows = [
            (spec.name, spec.about, spec.needs or "nothing", ", ".join(spec.options) or "-")
            for spec in ENGINES.values()
        ]
        return [_table(("source", "what it is", "needs", "options"), rows, code=(0, 3))]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], code: Sequence[int]) -> nodes.table:
    group = nodes.tgroup(cols=len(heads))
    group += [nodes.colspec(colwidth=1) for _ in heads]
    group += nodes.thead("", _row([nodes.paragraph(text=head) for head in heads]))
    body = nodes.tbody()
    for row in rows:
        body += _row([_cell(text, code=at in code) for at, text in enumerate(row)])
    group += body
    return nodes.table("", group)


def _cell(text: str, *, code: bool) -> nodes.paragraph:
    return nodes.paragraph("", "", nodes.literal(text=text) if code and text else nodes.Text(text))


def _row(cells: Sequence[nodes.Node]) -> nodes.row:
    row = nodes.row()
    row += [nodes.entry("", cell) for cell in cells]
    return row


def setup(app: Any) -> dict[str, bool]:
    """Register the directives."""
    app.add_directive("recipe-options", RecipeOptions)
    app.add_directive("engine-table", EngineTable)
    return {"parallel_read_safe": True}
