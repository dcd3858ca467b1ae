"""Networks of plain layers, such as the U2-Net family, in the compiled core: quick, and in little memory.

Convolutions of 3x3 and 1x1, ReLU, the largest of 2x2, bilinear enlarging, concatenation, sums and sigmoids;
what else a graph holds must be arithmetic of shapes. Values live until they are read for the last time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from maskkit.engines.onnx_graph import Graph, Node, read_graph
from maskkit.errors import MaskkitError
from maskkit.kernels import layers
from maskkit.pixels import Array

__all__ = ["OtherLayerError", "PlainLayers", "plain_layers"]

Parts = tuple[Array, ...]  # of a picture, (H, W, channels) float32, by channels
Value = Parts | Array  # or whole numbers
_MOST = 8  # parts that a convolution reads


class OtherLayerError(Exception):
    """A layer, or a use of one, that is not computed here."""


@lru_cache(maxsize=1)
def plain_layers(path: Path, output: str, _changed: int) -> PlainLayers | None:
    """The network of a file up to one of its outputs, ready to run; None where it has other layers."""
    try:
        return PlainLayers(*_program(read_graph(path.read_bytes()), output), output)
    except (OtherLayerError, MaskkitError, ValueError, KeyError, IndexError):
        return None


Step = Callable[[dict[str, Value]], Value]


@dataclass(frozen=True, eq=False)
class _Task:
    """Computes ``name``; afterwards ``done`` are of no more use."""

    name: str
    step: Step
    done: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class PlainLayers:
    """A network: the name of its input, what is computed in turn, and the name of the answer."""

    entry: str
    tasks: tuple[_Task, ...]
    output: str

    def __call__(self, values: Array) -> Array:
        """The answer (1, channels, h, w) to a picture (1, 3, H, W) float32.

        Raises
        ------
        OtherLayerError: only with the picture's size does it show that this cannot be computed here.
        """
        known: dict[str, Value] = {self.entry: (np.ascontiguousarray(values[0].transpose(1, 2, 0)),)}
        try:
            for task in self.tasks:
                known[task.name] = task.step(known)
                for name in task.done:
                    known.pop(name, None)
            return _whole(known[self.output]).transpose(2, 0, 1)[None]
        except (ValueError, IndexError, TypeError) as error:
            raise OtherLayerError from error


def _program(graph: Graph, output: str) -> tuple[str, tuple[_Task, ...]]:
    nodes = _needed(graph, output)
    steps = list(_fused(nodes, graph.constants, output))
    reads = {name: at for at, (_, inputs, _) in enumerate(steps) for name in inputs}
    made = {name for name, _, _ in steps}
    entries = {name for name in reads if name not in made and name not in graph.constants}
    if len(entries) != 1:
        raise OtherLayerError
    tasks = tuple(
        _Task(name, step, tuple(each for each in inputs if reads[each] == at))
        for at, (name, inputs, step) in enumerate(steps)
    )
    return entries.pop(), tasks


def _needed(graph: Graph, output: str) -> list[Node]:
    """What must be computed for the output; in the file's order."""
    wanted, nodes = {output}, []
    for node in reversed(graph.nodes):
        if wanted.intersection(node.outputs):
            wanted.update(node.inputs)
            nodes.append(node)
    return nodes[::-1]


def _fused(
    nodes: list[Node], constants: dict[str, Array], output: str
) -> list[tuple[str, tuple[str, ...], Step]]:
    """(what is made, of what, how); a convolution takes up the ReLU and the sum that follow it."""
    readers = Counter(name for node in nodes for name in node.inputs)
    readers[output] += 1  # what is answered is not taken up
    after = {name: node for node in nodes for name in node.inputs if readers[name] == 1}
    made: set[str] = set()
    steps: list[tuple[str, tuple[str, ...], Step]] = []
    for node in nodes:
        name = node.outputs[0]
        if name in made:  # a ReLU or a sum that was taken up
            continue
        inputs = tuple(each for each in node.inputs if each and each not in constants)
        if node.operation == "Conv":
            name, relu, plus = _taken_up(name, after, made)
            step = _convolution(node, constants, relu, plus)
            inputs = inputs if plus is None else (*inputs, plus)
        else:
            step = _step(node, constants)
        steps.append((name, inputs, step))
        made.update((node.outputs[0], name))
    return steps


def _taken_up(name: str, after: dict[str, Node], made: set[str]) -> tuple[str, bool, str | None]:
    """What a convolution's result becomes: its name, whether it is cut at 0, what is added to it."""
    relu, following = False, after.get(name)
    if following is not None and following.operation == "Relu":
        relu, name = True, following.outputs[0]
        made.add(name)
        following = after.get(name)
    if following is not None and following.operation == "Add":
        others = [each for each in following.inputs if each != name]
        if others and others[0] in made:
            return following.outputs[0], relu, others[0]
    return name, relu, None


def _convolution(node: Node, constants: dict[str, Array], relu: bool, plus: str | None) -> Step:
    weights = constants[node.inputs[1]]
    bias = constants[node.inputs[2]] if len(node.inputs) > 2 else np.zeros(len(weights), np.float32)
    side, has = weights.shape[2], node.attributes
    (dilation,) = set(_ints(has.get("dilations", [1, 1])))
    pads = dilation * (side // 2)
    plain = (
        weights.shape[2:] in ((1, 1), (3, 3))
        and has.get("group", 1) == 1
        and set(_ints(has.get("strides", [1, 1]))) == {1}
        and set(_ints(has.get("pads", [0]))) == {pads}
        and has.get("auto_pad", "NOTSET") == "NOTSET"
    )
    if not plain:
        raise OtherLayerError
    ready = layers.convolution(weights, bias, dilation)

    def step(known: dict[str, Value]) -> Value:
        parts = known[node.inputs[0]]
        if not isinstance(parts, tuple):
            raise OtherLayerError
        added = None if plus is None else _whole(known[plus])
        return (layers.convolved(parts, ready, relu=relu, plus=added),)

    return step


def _step(node: Node, constants: dict[str, Array]) -> Step:
    try:
        compute = _OPERATIONS[node.operation](node)
    except KeyError:
        raise OtherLayerError from None

    held = {name: constants.get(name, _NOTHING) for name in node.inputs}

    def step(known: dict[str, Value]) -> Value:
        return compute(*(known.get(name, held[name]) for name in node.inputs))

    return step


_NOTHING = np.zeros(0, np.int64)


def _whole(value: Value) -> Array:
    """A picture in one part."""
    if not isinstance(value, tuple):
        raise OtherLayerError
    return value[0] if len(value) == 1 else np.concatenate(value, axis=2)


def _ints(value: object) -> list[int]:
    return [int(each) for each in value]  # type: ignore[attr-defined]


def _pool(node: Node) -> Callable[..., Value]:
    has = node.attributes
    sides = [_ints(has.get(name, [])) for name in ("kernel_shape", "strides")]
    if sides != [[2, 2], [2, 2]] or set(_ints(has.get("pads", [0]))) != {0} or not has.get("ceil_mode"):
        raise OtherLayerError
    return lambda value: (layers.halved(_whole(value)),)


def _resize(node: Node) -> Callable[..., Value]:
    has = node.attributes
    ways = has.get("coordinate_transformation_mode", "half_pixel")
    if has.get("mode") != "linear" or ways not in ("half_pixel", "pytorch_half_pixel"):
        raise OtherLayerError

    def resized(value: Value, _roi: Array, _scales: Array, sizes: Array) -> Value:
        return (layers.stretched(_whole(value), int(sizes[2]), int(sizes[3])),)

    return resized


def _concat(node: Node) -> Callable[..., Value]:
    axis = node.attributes["axis"]

    def joined(*values: Value) -> Value:
        if isinstance(values[0], tuple):
            parts = tuple(part for value in values for part in value)
            return parts if len(parts) <= _MOST else (np.concatenate(parts, axis=2),)
        return np.concatenate(values)

    if axis not in (0, 1):
        raise OtherLayerError
    return joined


def _shape(_node: Node) -> Callable[..., Value]:
    def shape(value: Value) -> Value:
        if not isinstance(value, tuple):
            raise OtherLayerError
        return np.array([1, sum(part.shape[2] for part in value), *value[0].shape[:2]])

    return shape


def _of_numbers(function: Callable[..., Array]) -> Callable[..., Value]:
    """A function of whole numbers alone: of pictures it would mean another thing."""

    def compute(value: Value, *more: Array) -> Value:
        if isinstance(value, tuple):
            raise OtherLayerError
        return function(value, *more)

    return compute


def _gather(node: Node) -> Callable[..., Value]:
    if node.attributes.get("axis", 0) != 0:
        raise OtherLayerError
    return _of_numbers(lambda values, at: np.asarray(values[at]))


def _cut(values: Array, start: Array, end: Array, *_axes_and_steps: Array) -> Array:
    return values[int(start[0]) : int(end[0])]


def _constant(node: Node) -> Callable[..., Value]:
    value = node.attributes["value"]
    return lambda: np.asarray(value)


def _unary(function: Callable[[Array], Array]) -> Callable[[Node], Callable[..., Value]]:
    return lambda _: lambda value: (function(_whole(value)),)


def _add(_node: Node) -> Callable[..., Value]:
    return lambda a, b: (_whole(a) + _whole(b),)


def _sigmoid(value: Array) -> Array:
    return 1 / (1 + np.exp(-value))


_OPERATIONS: dict[str, Callable[[Node], Callable[..., Value]]] = {
    "Relu": _unary(lambda value: np.maximum(value, 0)),
    "Sigmoid": _unary(_sigmoid),
    "MaxPool": _pool,
    "Resize": _resize,
    "Concat": _concat,
    "Add": _add,
    "Shape": _shape,
    "Gather": _gather,
    "Unsqueeze": lambda _: _of_numbers(lambda value, *_axes: np.atleast_1d(value)),
    "Slice": lambda _: _of_numbers(_cut),
    "Cast": lambda _: _of_numbers(lambda value: value),
    "Constant": _constant,
}
