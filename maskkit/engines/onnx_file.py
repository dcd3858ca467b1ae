"""What an ONNX file says of itself, read without any runtime: its inputs, outputs and operator set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path

from maskkit.errors import MaskkitError

__all__ = ["Content", "Header", "Port", "Span", "as_span", "fields", "read_header", "spans", "text", "varint"]

_FLOAT16 = 10  # of TensorProto.DataType
_FIXED = {1: 8, 5: 4}  # bytes of a value of fixed length
Content = bytes | mmap
Span = tuple[int, int]  # where in the file a message begins and ends


@dataclass(frozen=True)
class Port:
    """One input or output; ``half`` where it holds 16-bit floats; 0 in its shape is any length."""

    name: str
    half: bool
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Header:
    """The ports of a network in the file's own order, and the version of the operators it is written in."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    opset: int


def read_header(path: Path) -> Header:
    """The header of an ONNX file; the weights in it are skipped, not read.

    Raises
    ------
    MaskkitError: the file is cut short, or is no ONNX file.

    References
    ----------
    onnx.proto (the numbers of the fields) and the encoding of Protocol Buffers.
    """
    try:
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            return _header(content, (0, len(content)))
    except (ValueError, IndexError, KeyError, StopIteration):
        raise MaskkitError(f"model: {path.name} cannot be loaded: it is no ONNX file, or cut short") from None


def _header(content: Content, whole: Span) -> Header:
    model = list(fields(content, whole))
    graph = list(fields(content, spans(model, 7)[0]))
    constants = {_name(content, span, 8) for span in spans(graph, 5)}
    inputs, outputs = (tuple(_port(content, span) for span in spans(graph, number)) for number in (11, 12))
    sets = [dict(fields(content, span)) for span in spans(model, 8)]
    # the standard operators are the set without a domain of its own
    opset = next(number for one in sets if isinstance(number := one[2], int) and _empty(one.get(1)))
    return Header(tuple(port for port in inputs if port.name not in constants), outputs, opset)


def _port(content: Content, span: Span) -> Port:
    port = dict(fields(content, span))
    tensor = dict(fields(content, spans(fields(content, as_span(port[2])), 1)[0]))
    lengths = [dict(fields(content, each)).get(1, 0) for each in _dimensions(content, tensor.get(2))]
    shape = tuple(n if isinstance(n, int) else 0 for n in lengths)
    return Port(text(content, as_span(port[1])), tensor[1] == _FLOAT16, shape)


def _dimensions(content: Content, shape: int | Span | None) -> list[Span]:
    return [] if shape is None else spans(fields(content, as_span(shape)), 1)


def fields(content: Content, span: Span) -> Iterator[tuple[int, int | Span]]:
    """The fields of a message as (number, value): a number, or where a text or message inside it is."""
    at, end = span
    while at < end:
        key, at = varint(content, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(content, at)
            yield number, value
            continue
        if kind == 2:
            length, at = varint(content, at)
        else:
            length = _FIXED[kind]
        start, at = at, at + length
        if at > end:
            raise ValueError(at)
        yield number, (start, at)


def varint(content: Content, at: int) -> tuple[int, int]:
    """The whole number that begins at a byte, and where the next byte is."""
    value = content[at]
    if value < 0x80:
        return value, at + 1
    value &= 0x7F
    for shift in range(7, 64, 7):
        at += 1
        byte = content[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at + 1
    raise ValueError(value)


def spans(found: Iterable[tuple[int, int | Span]], number: int) -> list[Span]:
    """Where the texts and messages of a field are."""
    return [as_span(value) for each, value in found if each == number]


def as_span(value: int | Span) -> Span:
    """Where a text or message is. Raises ValueError for a number."""
    if isinstance(value, int):
        raise ValueError(value)  # noqa: TRY004  what is wrong is the file
    return value


def _name(content: Content, span: Span, number: int) -> str:
    found = spans(fields(content, span), number)
    return text(content, found[0]) if found else ""


def text(content: Content, span: Span) -> str:
    """The text of a field."""
    return content[span[0] : span[1]].decode()


def _empty(span: int | Span | None) -> bool:
    return span is None or as_span(span)[0] == as_span(span)[1]
