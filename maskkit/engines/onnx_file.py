"""What an ONNX file says of itself, read without any runtime: its inputs, outputs and operator set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from maskkit.errors import MaskkitError

__all__ = ["Header", "Port", "read_header"]

_FLOAT16 = 10  # of TensorProto.DataType
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
        with path.open("rb") as file:
            return _header(file, (0, path.stat().st_size))
    except (ValueError, IndexError, KeyError, StopIteration):
        raise MaskkitError(f"model: {path.name} cannot be loaded: it is no ONNX file, or cut short") from None


def _header(file: BinaryIO, whole: Span) -> Header:
    model = list(_fields(file, whole))
    graph = list(_fields(file, _all(model, 7)[0]))
    constants = {_name(file, span, 8) for span in _all(graph, 5)}
    inputs, outputs = (tuple(_port(file, span) for span in _all(graph, number)) for number in (11, 12))
    sets = [dict(_fields(file, span)) for span in _all(model, 8)]
    # the standard operators are the set without a domain of its own
    opset = next(number for one in sets if isinstance(number := one[2], int) and _empty(one.get(1)))
    return Header(tuple(port for port in inputs if port.name not in constants), outputs, opset)


def _port(file: BinaryIO, span: Span) -> Port:
    fields = dict(_fields(file, span))
    tensor = dict(_fields(file, _all(_fields(file, _span(fields[2])), 1)[0]))
    lengths = [dict(_fields(file, each)).get(1, 0) for each in _dimensions(file, tensor.get(2))]
    shape = tuple(n if isinstance(n, int) else 0 for n in lengths)
    return Port(_text(file, _span(fields[1])), tensor[1] == _FLOAT16, shape)


def _dimensions(file: BinaryIO, shape: int | Span | None) -> list[Span]:
    return [] if shape is None else _all(_fields(file, _span(shape)), 1)


def _fields(file: BinaryIO, span: Span) -> Iterator[tuple[int, int | Span]]:
    """The fields of a message as (number, value): a number, or where a text or message inside it is."""
    at, end = span
    while at < end:
        file.seek(at)
        number, kind = divmod(_varint(file), 8)
        if kind == 0:
            yield number, _varint(file)
            at = file.tell()
            continue
        length = {1: 8, 5: 4}[kind] if kind != 2 else _varint(file)
        start = file.tell()
        at = start + length
        if at > end:
            raise ValueError(at)
        yield number, (start, at)


def _varint(file: BinaryIO) -> int:
    value = shift = 0
    while True:
        byte = file.read(1)[0]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value
        shift += 7
        if shift > 63:
            raise ValueError(value)


def _all(fields: Iterator[tuple[int, int | Span]] | list[tuple[int, int | Span]], number: int) -> list[Span]:
    return [_span(value) for found, value in fields if found == number]


def _span(value: int | Span) -> Span:
    if isinstance(value, int):
        raise ValueError(value)  # noqa: TRY004  what is wrong is the file
    return value


def _name(file: BinaryIO, span: Span, number: int) -> str:
    found = _all(_fields(file, span), number)
    return _text(file, found[0]) if found else ""


def _text(file: BinaryIO, span: Span) -> str:
    file.seek(span[0])
    return file.read(span[1] - span[0]).decode()


def _empty(span: int | Span | None) -> bool:
    return span is None or _span(span)[0] == _span(span)[1]
