"""Any salient-object or matting network, through onnxruntime."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np

from maskkit.engines.base import Estimate
from maskkit.engines.confidence import decided
from maskkit.engines.lift import lift
from maskkit.engines.networks import NETWORKS, Network, describe
from maskkit.engines.reduced import reduced
from maskkit.engines.weights import installed, weights
from maskkit.errors import MaskkitError, MissingExtraError, PixelError
from maskkit.kernels import threads
from maskkit.pixels import Array, check_image

__all__ = ["onnx", "provider"]

Device = Literal["auto", "cpu", "gpu"]

_DEFAULT = "isnet"
_ADVICE = "the network is undecided: give a box around the subject, or take a larger network"


def onnx(
    image: Any,
    model: str | Path | Network | None = None,
    *,
    device: Device = "auto",
    offline: bool | None = None,
    **description: Any,
) -> Estimate:
    """``alpha = activation(network((RGB - mean) / std))``, lifted to the picture's size.

    Parameters
    ----------
    image: (H, W, 3) or (H, W, 4), any dtype.
    model: a name of `NETWORKS`, a path ``model.onnx`` (described by ``model.json`` beside it or by options),
        or a `Network` with url and sha256. None takes the best one whose weights are there, else "isnet".
    device: "auto" takes what onnxruntime offers first, "gpu" raises unless one is really used.
    offline: never fetch weights; None means the environment's MASKKIT_OFFLINE.
    description: fields of `Network` (``size``, ``mean``, ``std``, ``output``, ``activation``, ...).

    Returns
    -------
    Estimate; ``engine`` says the model and the provider that ran it. The confidence follows from how little
    the mask depends on where it is cut, see `maskkit.engines.confidence.decided`.

    Raises
    ------
    MissingExtraError: onnxruntime is not installed. FetchError: no weights. PixelError: a description that
    does not fit. MaskkitError: the model cannot run, or a GPU was asked for and is not used.
    """
    image = check_image(image)
    name, path, network = _resolve(model, offline, description)
    session = _session(path, device, path.stat().st_mtime_ns, threads())
    answer = _run(session, network, _input(image, network), name)
    soft = _activate(answer, network.activation)
    confidence = decided(soft)
    advice = None if confidence >= 0.5 else _ADVICE
    return Estimate(lift(soft, image), confidence, f"onnx {name} on {session.get_providers()[0]}", advice)


def provider(model: str | Path | Network | None = None, *, device: Device = "auto", **options: Any) -> str:
    """The name of onnxruntime's provider that runs the model, as `onnx` would with the same arguments."""
    _, path, _ = _resolve(model, options.pop("offline", None), options)
    return str(_session(path, device, path.stat().st_mtime_ns, threads()).get_providers()[0])


def _resolve(
    model: str | Path | Network | None, offline: bool | None, description: dict[str, Any]
) -> tuple[str, Path, Network]:
    if isinstance(model, Network):
        name = Path(model.url).stem
        return name, weights(name, model, offline=offline), model
    if model is None:
        model = (installed() or [_DEFAULT])[0]
    if str(model) in NETWORKS:
        name = str(model)
        path = weights(name, NETWORKS[name], offline=offline)
        return name, path, describe(path, description)
    path = Path(model)
    if path.suffix != ".onnx" or not path.is_file():
        raise PixelError(
            f"model: need one of {', '.join(NETWORKS)} or an existing .onnx file, got {str(model)!r}"
        )
    return path.stem, path, describe(path, description)


@lru_cache(maxsize=2)
def _session(path: Path, device: Device, _changed: int, count: int) -> Any:
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
    except Exception as error:  # onnxruntime's own errors share no base class below Exception
        raise MaskkitError(f"model: {path.name} cannot be loaded: {error}") from None
    if device == "gpu" and session.get_providers()[0] == "CPUExecutionProvider":
        raise MaskkitError(
            f"device: a GPU was asked for, but {wanted[0]} could not start and the CPU took over"
        )
    return session


def _providers(device: Device, available: list[str]) -> list[str]:
    cpu = "CPUExecutionProvider"
    gpus = [name for name in available if name.removesuffix("ExecutionProvider") in _GPUS]
    if device not in ("auto", "cpu", "gpu"):
        raise PixelError(f"device: need auto, cpu or gpu, got {device!r}")
    if device == "gpu" and not gpus:
        raise MaskkitError(
            f"device: a GPU was asked for; this onnxruntime offers {', '.join(available)} only"
        )
    return [cpu] if device == "cpu" else [*gpus, cpu]


_GPUS = ("CUDA", "ROCM", "MIGraphX", "CoreML", "Dml", "WebGpu", "OpenVINO")


def _input(image: Array, network: Network) -> Array:
    size = _input_size(image.shape, network)
    # Averaged down first: a linear resize alone would skip pixels.
    small = cv2.resize(reduced(image, max(size)), size, interpolation=cv2.INTER_LINEAR)
    mean, std = np.array(network.mean, np.float32), np.array(network.std, np.float32)
    values = (small.astype(np.float32) / 255 - mean) / std
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def _input_size(shape: tuple[int, ...], network: Network) -> tuple[int, int]:
    if not network.multiple:
        return network.size
    height, width = shape[:2]
    scale = min(network.size) / min(height, width)
    # a strip would need an endless input
    longest = 4 * max(network.size)
    across, down = (
        max(1, round(min(n * scale, longest) / network.multiple)) * network.multiple for n in (width, height)
    )
    return across, down


def _run(session: Any, network: Network, values: Array, name: str) -> Array:
    entry = session.get_inputs()[0]
    if entry.type == "tensor(float16)":
        values = values.astype(np.float16)
    try:
        answers = session.run(None, {entry.name: values})
    except Exception as error:  # as above: onnxruntime's errors have no common base
        raise MaskkitError(f"model: {name} does not take an input of shape {values.shape}: {error}") from None
    if not 0 <= network.output < len(answers):
        raise PixelError(f"output: {name} has {len(answers)} outputs, got index {network.output}")
    answer = np.asarray(answers[network.output], np.float32)
    shape = tuple(n for n in answer.shape if n != 1)
    if len(shape) != 2 or not np.isfinite(answer).all():
        raise PixelError(f"output: need finite values of shape (1, 1, h, w), {name} gave {answer.shape}")
    return answer.reshape(shape)


def _activate(answer: Array, activation: str) -> Array:
    if activation == "sigmoid":
        answer = 1 / (1 + np.exp(-np.clip(answer, -30, 30)))
    elif activation == "minmax":
        # The floor keeps a picture without a subject from being stretched to one.
        answer = (answer - answer.min()) / max(float(np.ptp(answer)), 0.1)
    return np.asarray(np.clip(answer, 0, 1))
