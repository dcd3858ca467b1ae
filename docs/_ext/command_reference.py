"""The directive ``command-reference``: every command and option, read from the command line itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from maskkit.cli import app as command_line


class CommandReference(SphinxDirective):
    """A section for every command: what it does, its examples, its arguments and options."""

    def run(self) -> list[nodes.Node]:
        """The sections, in the order of ``maskkit --help``."""
        return [_section(name, command) for name, command in _commands()]


def _commands() -> Iterator[tuple[str, Any]]:
    group: Any = typer.main.get_command(command_line)
    context = group.make_context("maskkit", ["--help-is-not-asked"], resilient_parsing=True)
    for name in group.list_commands(context):
        yield name, group.resolve_command(context, [name])[1]


def _section(name: str, command: Any) -> nodes.section:
    section = nodes.section(ids=[nodes.make_id(f"maskkit {name}")], names=[f"maskkit {name}"])
    section += nodes.title(text=f"maskkit {name}")
    examples = []
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        text = " ".join(paragraph.split())
        if text.startswith("maskkit "):
            examples.append(text)
        else:
            section += nodes.paragraph(text=text)
    if examples:
        section += nodes.literal_block("\n".join(examples), "\n".join(examples), language="sh")
    section += _options(command)
    return section


def _options(command: Any) -> nodes.Node:
    context = typer.Context(command)
    listed = nodes.definition_list(classes=["options"])
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        shown, words = record or (parameter.make_metavar(context), getattr(parameter, "help", "") or "")
        item = nodes.definition_list_item()
        item += nodes.term("", "", nodes.literal(text=shown))
        item += nodes.definition("", nodes.paragraph(text=words or ""))
        listed += item
    return listed


def setup(app: Any) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("command-reference", CommandReference)
    return {"parallel_read_safe": True}
