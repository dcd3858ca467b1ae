"""The graph in an ONNX file, read without any runtime: its nodes and its constants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from maskkit.engines.onnx_file import Content, Span, as_span, fields, spans, text, varint
from maskkit.errors import MaskkitError
from maskkit.pixels import Array

__all__ = ["Graph", "Node", "read_graph"]

Attribute = int | str | list[int] | Array
# Of TensorProto.DataType; others do not occur in what is computed here.
_DTYPES: dict[int, np.dtype[Any]] = {1: np.dtype("<f4"), 6: np.dtype("<i4"), 7: np.dtype("<i8")}


@dataclass(frozen=True, eq=False)
class Node:
    """One operation: what it reads and writes, by name."""

    operation: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Attribute]


@dataclass(frozen=True, eq=False)
class Graph:
    """The nodes in an order in which they can be computed, and the constants by name."""

    nodes: tuple[Node, ...]
    constants: dict[str, Array]


def read_graph(content: bytes) -> Graph:
    """The graph of an ONNX file. Raises MaskkitError where it is none, or holds other numbers than expected.

    References
    ----------
    onnx.proto (the numbers of the fields) and the encoding of Protocol Buffers.
    """
    try:
        graph = spans(fields(content, (0, len(content))), 7)[0]
        found = list(fields(content, graph))
        nodes = tuple(_node(content, span) for span in spans(found, 1))
        return Graph(nodes, dict(_tensor(content, span) for span in spans(found, 5)))
    except (ValueError, IndexError, KeyError, TypeError):
        raise MaskkitError("model: its graph cannot be read") from None


def _node(content: Content, span: Span) -> Node:
    inputs, outputs, attributes, operation = [], [], {}, ""
    for number, value in fields(content, span):  # a network may have thousands: one pass
        if number == 1:
            inputs.append(text(content, as_span(value)))
        elif number == 2:
            outputs.append(text(content, as_span(value)))
        elif number == 4:
            operation = text(content, as_span(value))
        elif number == 5:
            name, attribute = _attribute(content, as_span(value))
            attributes[name] = attribute
    return Node(operation, tuple(inputs), tuple(outputs), attributes)


def _attribute(content: Content, span: Span) -> tuple[str, Attribute]:
    found = list(fields(content, span))
    held = dict(found)
    name = text(content, as_span(held[1]))
    if 3 in held:
        return name, _signed(held[3])
    if 5 in held:
        return name, _tensor(content, as_span(held[5]))[1]
    if 4 in held:
        return name, text(content, as_span(held[4]))
    return name, _numbers(content, found, 8)


def _tensor(content: Content, span: Span) -> tuple[str, Array]:
    found = list(fields(content, span))
    held = dict(found)
    dtype = _DTYPES[int(held[2])]  # type: ignore[arg-type]
    if 9 in held:
        start, end = as_span(held[9])
        values = np.frombuffer(content[start:end], dtype)
    else:
        values = np.array(_numbers(content, found, 7), dtype)
    name = text(content, as_span(held[8])) if 8 in held else ""
    return name, values.reshape(_numbers(content, found, 1))


def _numbers(content: Content, found: list[tuple[int, int | Span]], wanted: int) -> list[int]:
    """A repeated whole number, packed or not."""
    numbers = []
    for number, value in found:
        if number != wanted:
            continue
        if isinstance(value, int):
            numbers.append(_signed(value))
            continue
        at, end = value
        while at < end:
            one, at = varint(content, at)
            numbers.append(_signed(one))
    return numbers


def _signed(value: int | Span) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    return value - (1 << 64) if value >> 63 else value
