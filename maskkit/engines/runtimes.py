"""What runs a network: the compiled core, OpenCV, or onnxruntime where it is installed and pays."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, get_args

import cv2
import numpy as np

from maskkit.checks import check_choice
from maskkit.engines.onnx_file import Header, read_header
from maskkit.engines.plain_layers import OtherLayerError, PlainLayers, plain_layers
from maskkit.errors import MaskkitError, MissingExtraError, PixelError
from maskkit.kernels import layers, threads
from maskkit.pixels import Array

__all__ = ["Device", "answers", "runtime"]

Device = Literal["auto", "cpu", "gpu"]

_GPUS = ("CUDA", "ROCM", "MIGraphX", "CoreML", "Dml", "WebGpu", "OpenVINO")
_CPU = "CPUExecutionProvider"
_OPENCV = "OpenCV"
_OWN = "the compiled core"
# Below this onnxruntime's own start costs a process more than it saves in a run.
_SMALL = 32 << 20


def answers(
    path: Path, inputs: Sequence[Array], output: int = 0, device: Device = "auto"
) -> tuple[list[Array], str]:
    """The ``output``-th output of the network for each input (1, 3, h, w) float32, and what ran it.

    The compiled core takes half of OpenCV's time and memory, of networks whose layers it knows. OpenCV's
    network lives as long as this call: between calls it would hold its layers' memory (190 MB of u2netp's),
    and it is not safe to share between threads; to read it again takes 20 ms.

    Raises
    ------
    MaskkitError: the file is no network with one input, nothing here can run it, or a GPU was asked for and
    is not used. PixelError: it has no such output. MissingExtraError: only onnxruntime could do this.
    """
    header = _checked(_header(path, path.stat().st_mtime_ns), path, output, inputs)
    ran = _first(path, header, device, output)
    if ran == _OWN and (own := _own(path, header, output)) is not None:
        with suppress(OtherLayerError), layers.reused_memory():
            return [own(values) for values in inputs], _OWN
    if ran in (_OWN, _OPENCV):
        try:
            return _by_opencv(path, header, output, inputs), _OPENCV
        except MaskkitError:
            if not find_spec("onnxruntime"):
                raise
    session = _session(path, header.opset, device, path.stat().st_mtime_ns, threads())
    return _by_onnxruntime(session, header, output, inputs, path.name), str(session.get_providers()[0])


def runtime(path: Path, device: Device = "auto", output: int = 0) -> str:
    """What `answers` tries first: "the compiled core", "OpenCV", or the name of onnxruntime's provider."""
    return _first(path, _header(path, path.stat().st_mtime_ns), device, output)


@lru_cache(maxsize=4)
def _header(path: Path, _changed: int) -> Header:
    return read_header(path)


def _first(path: Path, header: Header, device: Device, output: int) -> str:
    check_choice(device, "device", get_args(Device))
    there = "onnxruntime" in sys.modules
    worth = there or (path.stat().st_size > _SMALL and find_spec("onnxruntime") is not None)
    if device != "gpu" and not worth:
        return _OPENCV if _own(path, header, output) is None else _OWN
    return str(_session(path, header.opset, device, path.stat().st_mtime_ns, threads()).get_providers()[0])


def _checked(header: Header, path: Path, output: int, inputs: Sequence[Array]) -> Header:
    if len(header.inputs) != 1:
        names = ", ".join(port.name for port in header.inputs)
        raise MaskkitError(
            f"model: {path.name} takes {len(header.inputs)} inputs ({names}); need one, a picture"
        )
    if not 0 <= output < len(header.outputs):
        raise PixelError(f"output: {path.stem} has {len(header.outputs)} outputs, got index {output}")
    rows, columns = (*header.inputs[0].shape, 0, 0, 0, 0)[2:4]
    for height, width in (values.shape[2:] for values in inputs):
        if rows not in (0, height) or columns not in (0, width):
            raise PixelError(f"size: {path.stem} takes {columns}x{rows}, got ({width}, {height})")
    return header


def _own(path: Path, header: Header, output: int) -> PlainLayers | None:
    """The network in the compiled core, where that is there and knows its layers."""
    if (
        not layers.available()
        or len(header.inputs) != 1
        or header.inputs[0].half
        or output >= len(header.outputs)
    ):
        return None
    return plain_layers(path, header.outputs[output].name, path.stat().st_mtime_ns)


def _by_opencv(path: Path, header: Header, output: int, inputs: Sequence[Array]) -> list[Array]:
    wanted = header.outputs[output].name
    try:
        network = cv2.dnn.readNetFromONNX(str(path))
        found = []
        for values in inputs:
            network.setInput(values)
            # Without a name OpenCV 4 and 5 answer with different outputs of the same file.
            found.append(np.array(network.forward(wanted), np.float32))
    except cv2.error as error:
        other = "" if find_spec("onnxruntime") else "; onnxruntime may: pip install 'maskkit[onnx]'"
        raise MaskkitError(
            f"model: {path.name} cannot be run by OpenCV {cv2.__version__} (operator set {header.opset}): "
            f"{_one_line(error)}{other}"
        ) from None
    return found


def _by_onnxruntime(
    session: Any, header: Header, output: int, inputs: Sequence[Array], name: str
) -> list[Array]:
    entry, wanted = header.inputs[0], header.outputs[output].name
    found = []
    for values in inputs:
        given = values.astype(np.float16) if entry.half else values
        try:
            found.append(np.asarray(session.run([wanted], {entry.name: given})[0], np.float32))
        except Exception as error:  # onnxruntime's own errors share no base class below Exception
            raise MaskkitError(
                f"model: {name} does not take an input of shape {values.shape}: {_one_line(error)}"
            ) from None
    return found


@lru_cache(maxsize=2)
def _session(path: Path, opset: int, device: Device, _changed: int, count: int) -> Any:
    # Recent ones report each process to their maker unless this is set before they are loaded.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    try:
        import onnxruntime
    except ImportError:
        raise MissingExtraError("onnx", "onnxruntime") from None
    wanted = _providers(device, onnxruntime.get_available_providers())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = count
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=wanted)
    except Exception as error:  # as above: no common base
        raise MaskkitError(
            f"model: {path.name} cannot be loaded by onnxruntime {onnxruntime.__version__} "
            f"(operator set {opset}): {_one_line(error)}"
        ) from None
    if device == "gpu" and session.get_providers()[0] == _CPU:
        raise MaskkitError(
            f"device: a GPU was asked for, but {wanted[0]} could not start and the CPU took over"
        )
    return session


def _providers(device: Device, available: list[str]) -> list[str]:
    gpus = [name for name in available if name.removesuffix("ExecutionProvider") in _GPUS]
    if device == "gpu" and not gpus:
        raise MaskkitError(
            f"device: a GPU was asked for; this onnxruntime offers {', '.join(available)} only"
        )
    return [_CPU] if device == "cpu" else [*gpus, _CPU]


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
