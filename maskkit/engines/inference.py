"""Any salient-object or matting network: what it sees of a picture, and what its answer means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from maskkit.engines.base import Estimate
from maskkit.engines.confidence import decided
from maskkit.engines.lift import lift
from maskkit.engines.networks import NETWORKS, Network, describe
from maskkit.engines.reduced import reduced
from maskkit.engines.runtimes import Device, answers, runtime
from maskkit.engines.weights import installed, weights
from maskkit.errors import PixelError
from maskkit.pixels import Array, check_image

__all__ = ["onnx", "provider", "soft_map"]

_DEFAULT = "u2netp"
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
        or a `Network` with url and sha256. None takes the best one whose weights are there, else "u2netp".
    device: "auto" takes what is quickest here, "gpu" raises unless one is really used.
    offline: never fetch weights; None means the environment's MASKKIT_OFFLINE.
    description: fields of `Network` (``size``, ``mean``, ``std``, ``output``, ``activation``, ...).

    Returns
    -------
    Estimate; ``engine`` says the model and what ran it. The confidence follows from how little
    the mask depends on where it is cut, see `maskkit.engines.confidence.decided`.

    Raises
    ------
    MissingExtraError: only onnxruntime could do this, and it is not installed. FetchError: no weights.
    PixelError: a description that does not fit. MaskkitError: the model cannot run, or a GPU was asked for
    and is not used.
    """
    image = check_image(image)
    soft, engine = soft_map(image, _resolve(model, offline, description), device=device)
    confidence = decided(soft)
    advice = None if confidence >= 0.5 else _ADVICE
    return Estimate(lift(soft, image), confidence, engine, advice)


def provider(model: str | Path | Network | None = None, *, device: Device = "auto", **options: Any) -> str:
    """What runs the model, as `onnx` would with the same arguments: "OpenCV", or onnxruntime's provider."""
    return runtime(_resolve(model, options.pop("offline", None), options)[1], device)


Found = tuple[str, Path, Network]  # a network's name, its file and its description


def soft_map(
    image: Array,
    model: str | Path | Network | Found | None = None,
    *,
    device: Device = "auto",
    fetch: bool | None = None,
    looks: int = 2,
) -> tuple[Array, str]:
    """What the network believes, float32 (h, w) of its own size over the whole picture; and what ran it.

    A network is unstable to how the picture is reduced and to which way it faces, so the mean of several
    looks is better than each: on 60 photos of ECSSD u2netp's IoU goes from .83 to .84 with two.

    Parameters
    ----------
    image: (H, W, 3) or (H, W, 4), any dtype: a picture, or a crop of one.
    model, device, fetch: as in `onnx`.
    looks: how many, 1 to 4: averaged down; with Lanczos's kernel and mirrored; then the other two pairs.
    """
    if not isinstance(model, tuple):
        model = _resolve(model, None if fetch is None else not fetch, {})
    name, path, network = model
    given = _looks(image, network, looks)
    found, ran = answers(path, [values for values, _ in given], network.output, device)
    maps = [
        _activate(_plane(answer, name)[:, :: -1 if mirrored else 1], network.activation)
        for answer, (_, mirrored) in zip(found, given, strict=True)
    ]
    return np.asarray(np.mean(maps, axis=0, dtype=np.float32)), f"onnx {name} on {ran}"


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


def _looks(image: Array, network: Network, count: int) -> list[tuple[Array, bool]]:
    """The first ``count`` of the four ways to show a picture to a network, and whether it is mirrored."""
    size = _input_size(image.shape, network)
    ways = [(0, False), (1, True), (1, False), (0, True)][:count]
    near = reduced(image, 2 * max(size))
    small = [cv2.resize(reduced(near, max(size)), size, interpolation=cv2.INTER_LINEAR), _lanczos(near, size)]
    return [(_normal(small[way][:, :: -1 if mirrored else 1], network), mirrored) for way, mirrored in ways]


def _lanczos(rgb: Array, size: tuple[int, int]) -> Array:
    """Reduced by Lanczos's kernel as wide as it must be, three lobes of the small picture's pixels."""
    from PIL import Image

    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.LANCZOS))


def _normal(rgb: Array, network: Network) -> Array:
    mean, std = np.array(network.mean, np.float32), np.array(network.std, np.float32)
    values = (rgb.astype(np.float32) / 255 - mean) / std
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


def _plane(answer: Array, name: str) -> Array:
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
