"""The API as a page: what ``/openapi.json`` says, as HTML that runs no script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Any

__all__ = ["KEY_ALONE", "reference"]

Schema = Mapping[str, Any]
_FRAME = Template((Path(__file__).parent / "reference.html").read_text("utf-8"))
KEY_ALONE = "Secret"  # the scheme of those contracts that know no client's name
_FILE = {"application/octet-stream", "binary"}


def reference(openapi: Mapping[str, Any], base: str) -> str:
    """The HTML of an OpenAPI document, with a curl line for each operation on the server at ``base``."""
    known = _inlined(openapi["paths"], openapi.get("components", {}).get("schemas", {}))
    operations = [
        (verb.upper(), path, operation) for path, verbs in known.items() for verb, operation in verbs.items()
    ]
    tagged = [(tag, list(group)) for tag, group in groupby(operations, lambda one: one[2]["tags"][0])]
    return _FRAME.substitute(
        {name: escape(openapi["info"][name]) for name in ("title", "version", "summary")},
        contents="\n".join(_contents(tag, group) for tag, group in tagged),
        operations="\n".join(_section(tag, group, base) for tag, group in tagged),
    )


def _inlined(node: Any, schemas: Schema) -> Any:
    """The document without references: each is replaced by what it names."""
    if isinstance(node, list):
        return [_inlined(one, schemas) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(schemas[node["$ref"].rpartition("/")[2]], schemas)
    return {name: _inlined(one, schemas) for name, one in node.items()}


def _contents(tag: str, group: list[tuple[str, str, Any]]) -> str:
    links = "".join(
        f'<a href="#{escape(known["operationId"])}"><span class="verb">{verb}</span> {escape(path)}</a>'
        for verb, path, known in group
    )
    return f"<h2>{escape(tag)}</h2>{links}"


def _section(tag: str, group: list[tuple[str, str, Any]], base: str) -> str:
    articles = "\n".join(_article(verb, path, known, base) for verb, path, known in group)
    return f"<section><h2>{escape(tag)}</h2>\n{articles}</section>"


def _article(verb: str, path: str, known: Schema, base: str) -> str:
    good = [_answer(code, one) for code, one in known["responses"].items() if code < "4"]
    return (
        f'<article id="{escape(known["operationId"])}">'
        f'<h3><span class="verb">{verb}</span> <code>{escape(path)}</code></h3><p>{_prose(known)}</p>'
        f"{_asked(known)}<pre>{escape(_curl(verb, path, known, base))}</pre>"
        f"{''.join(good)}{_refusals(known)}</article>"
    )


def _refusals(known: Schema) -> str:
    rows = [
        f"<tr><td><code>{code}</code></td><td>{_prose(one)}</td></tr>"
        for code, one in known["responses"].items()
        if code >= "4"
    ]
    return f"<details><summary>Refusals</summary><table>{''.join(rows)}</table></details>" if rows else ""


def _asked(known: Schema) -> str:
    """What is sent: parameters of the URL, then the body's fields by its type."""
    given = "".join(
        _row(one["name"], one["schema"] | {"description": f"in the {one['in']}"}, one.get("required", False))
        for one in known.get("parameters", ())
    )
    bodies = [(kind, "".join(_rows(one["schema"]))) for kind, one in _content(known.get("requestBody", {}))]
    return "".join(_table(title, rows) for title, rows in [("Parameters", given), *bodies] if rows)


def _answer(code: str, known: Schema) -> str:
    kinds = [(kind, "".join(_rows(one.get("schema", {})))) for kind, one in _content(known)]
    tables = [_table(f"{code}: {kind}", rows) for kind, rows in kinds if rows]
    shown = ", ".join(kind for kind, _ in kinds) or known["description"]
    return "".join(tables) or f"<h4>{escape(f'{code}: {shown}')}</h4>"


def _content(part: Schema) -> list[tuple[str, Any]]:
    return list(part.get("content", {}).items())


def _table(title: str, rows: str) -> str:
    return f'<h4>{escape(title)}</h4><div class="scroll"><table>{rows}</table></div>'


def _rows(schema: Schema, path: str = "") -> Iterator[str]:
    """A row for each field of an object, the fields of objects in it by their path."""
    for name, one in schema.get("properties", {}).items():
        inner = one.get("items", one)
        where = path + name + "[]" * ("items" in one)
        if "properties" in inner:
            yield from _rows(inner, f"{where}.")
        else:
            yield _row(where, one, name in schema.get("required", ()))


def _row(name: str, schema: Schema, needed: bool) -> str:
    mark = ' class="needed" title="required"' if needed else ""
    cells = f"<code{mark}>{escape(name)}</code>", escape(_kind(schema)), _prose(schema)
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _kind(schema: Schema) -> str:
    """In words what a value may be."""
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema or "const" in schema:
        return " | ".join(map(str, schema.get("enum", [schema.get("const")])))
    if _FILE & {schema.get("contentMediaType"), schema.get("format")}:
        return "file"
    kinds = schema.get("type", "anything")
    kind = kinds if isinstance(kinds, str) else " or ".join(kinds)
    if "minimum" in schema:
        kind += f", {schema['minimum']:g} to {schema['maximum']:g}"
    return kind + (f", {schema['format']}" if "format" in schema else "")


def _prose(known: Schema) -> str:
    said = escape(known.get("description", ""))
    if (default := known.get("default")) not in (None, ""):
        said += f"{'; ' if said else ''}{escape(json.dumps(default))} if not given"
    return re.sub(r"``(.+?)``", r"<code>\1</code>", said)


def _curl(verb: str, path: str, known: Schema, base: str) -> str:
    """The operation on the command line, with no more than it needs."""
    words = ["curl"] if verb == "GET" else ["curl", "-X", verb]
    if "security" in known:
        alone = any(KEY_ALONE in one for one in known["security"])
        words += [f"-H 'x-api-key: {'SECRET' if alone else 'CLIENT'}'"]
        words += [] if alone else ["-H 'authorization: Bearer SECRET'"]
    for kind, one in _content(known.get("requestBody", {}))[:1]:  # of several kinds the first one
        words += _body(kind, _sample(one["schema"]))
    return " ".join([*words, f"'{base}{path}'"])


def _body(kind: str, sample: Any) -> list[str]:
    if kind == "application/json":
        return [f"-H 'content-type: {kind}'", f"-d '{json.dumps(sample)}'"]
    if not isinstance(sample, dict):
        return [f"--data-binary {sample}"]
    flag = "-F" if kind.startswith("multipart") else "-d"
    return [f"{flag} {name}={value}" for name, value in sample.items()]


def _sample(schema: Schema) -> Any:
    """A value of the schema: what is required in it, the first of a choice."""
    if "properties" in schema:
        shown = schema.get("required") or [*schema["properties"]][:1]
        return {name: _sample(schema["properties"][name]) for name in shown}
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if _kind(schema) == "file":
        return "@photo.jpg"
    return schema.get("minimum", "https://..." if "pattern" in schema else "...")
