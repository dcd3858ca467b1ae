"""Any salient-object or matting network: what it sees of a picture, and what its answer means."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np

from maskkit.checks import nearest
from maskkit.engines.base import Estimate
from maskkit.engines.confidence import decided
from maskkit.engines.lift import lift
from maskkit.engines.networks import NETWORKS, Network, describe
from maskkit.engines.reduced import reduced
from maskkit.engines.runtimes import Device, answers, runtime
from maskkit.engines.weights import digest, installed, name_of, weights
from maskkit.errors import PixelError
from maskkit.keywords import keywords
from maskkit.pixels import Array, check_image

__all__ = ["Found", "find_network", "onnx", "provider", "soft_map", "soft_maps"]

Three = tuple[float, float, float]

_DEFAULT = "u2netp"
# Which of the two reductions (averaged, Lanczos), and whether mirrored; the second differs most.
_WAYS = ((1, True), (0, False), (0, True), (1, False))
_COARSE = 320  # a map of at most this side, pixels, has no soft edges of the subject's own
_ADVICE = "the network is undecided: give a box around the subject, or take a larger network"


@keywords()
def onnx(
    image: Any,
    model: str | Path | Network | None = None,
    *,
    device: Device = "auto",
    fetch: bool | None = None,
    mean: Three | None = None,
    std: Three | None = None,
    size: tuple[int, int] | None = None,
    multiple: int | None = None,
    padded: bool | None = None,
    output: int | None = None,
    activation: Literal["none", "sigmoid", "minmax"] | None = None,
    offline: bool | None = None,
) -> Estimate:
    """``alpha = activation(network((RGB - mean) / std))``, lifted to the picture's size.

    Parameters
    ----------
    image: (H, W, 3) or (H, W, 4), any dtype.
    model: a name of `NETWORKS`, a path ``model.onnx`` (described by ``model.json`` beside it or by options),
        or a `Network` with url and sha256. None takes the best one whose weights are there, else "u2netp".
    device: "auto" takes what is quickest here, "gpu" raises unless one is really used.
    fetch: whether weights may be fetched; None means unless the environment sets MASKKIT_OFFLINE.
    mean, std, size, multiple, padded, output, activation: what the file is, over what is known of it; see
        `Network`.
    offline: the name of ``not fetch`` before.

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
    said = {"mean": mean, "std": std, "size": size, "multiple": multiple, "padded": padded,
            "output": output, "activation": activation}  # fmt: skip
    described = {key: value for key, value in said.items() if value is not None}
    known = _resolve(model, _fetch(fetch, offline), described)
    soft, engine = soft_map(image, known, device=device)
    confidence = decided(soft)
    advice = None if confidence >= 0.5 else _ADVICE
    coarse = max(soft.shape) <= _COARSE
    return Estimate(lift(soft, image), confidence, engine, advice, digest(known[1]), coarse)


def provider(
    model: str | Path | Network | None = None, *, device: Device = "auto", fetch: bool | None = None
) -> str:
    """What runs the model, as `onnx` would: "the compiled core", "OpenCV", or onnxruntime's provider."""
    return runtime(_located(model, fetch)[1], device)


def _fetch(fetch: bool | None, offline: bool | None) -> bool | None:
    if offline is None:
        return fetch
    warnings.warn(f"offline={offline} is called fetch={not offline} now", DeprecationWarning, stacklevel=4)
    return not offline


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

    It is the mean of several looks: a network is unstable to how the picture is reduced and to which way
    it faces. Of u2netp's, the mirrored ones are the better (ECSSD: .86 against .84), and count twice.

    Parameters
    ----------
    image: (H, W, 3) or (H, W, 4), any dtype: a picture, or a crop of one.
    model, device, fetch: as in `onnx`.
    looks: how many, 1 to 4: by Lanczos's kernel and mirrored; averaged down; then the other two pairs.
    """
    maps, engine = soft_maps(image, model, device=device, fetch=fetch, looks=looks)
    counts = [2.0 if mirrored else 1.0 for _, mirrored in _WAYS[:looks]]
    return np.asarray(np.average(maps, axis=0, weights=counts), np.float32), engine


def soft_maps(
    image: Array,
    model: str | Path | Network | Found | None = None,
    *,
    device: Device = "auto",
    fetch: bool | None = None,
    looks: int = 1,
    after: int = 0,
    small: Array | None = None,
) -> tuple[list[Array], str]:
    """The single looks of `soft_map`, those ``after`` so many; ``small`` may be `reduced` of the image."""
    if not isinstance(model, tuple):
        model = find_network(model, fetch, insist=model is not None)
    name, path, network = model
    shown = _shown_size(image.shape, network)
    ways = _WAYS[after : after + looks]
    near = _near(image, 2 * max(shown), small)
    found, ran = answers(path, _looks(near, network, shown, ways), network.output, device)
    maps = [
        _activate(_mirrored(_unpadded(_plane(answer, name), network, shown), way), network.activation)
        for answer, way in zip(found, ways, strict=True)
    ]
    return maps, f"onnx {name} on {ran}"


def find_network(
    model: str | Path | Network | None, fetch: bool | None = None, *, insist: bool = True
) -> Found:
    """The name, the file and the description of a network, its weights fetched where that is allowed."""
    return _resolve(model, fetch, {}, insist)


def _resolve(
    model: str | Path | Network | None, fetch: bool | None, said: Mapping[str, object], insist: bool = True
) -> Found:
    name, path, known = _located(model, fetch, insist)
    if isinstance(model, Network):
        return name, path, model
    return name, path, describe(path, said, known)


def _located(
    model: str | Path | Network | None, fetch: bool | None, insist: bool = True
) -> tuple[str, Path, Network | None]:
    if isinstance(model, Network):
        name = Path(model.url).stem
        return name, weights(name, model, fetch=fetch, insist=insist), model
    if model is None:
        model = next((name for name in installed() if NETWORKS[name].general), _DEFAULT)
    if str(model) in NETWORKS:
        name = str(model)
        return name, weights(name, NETWORKS[name], fetch=fetch, insist=insist), NETWORKS[name]
    path = Path(model)
    if path.suffix != ".onnx" or not path.is_file():
        raise PixelError(
            f"model: need one of {', '.join(NETWORKS)} or an existing .onnx file, got {str(model)!r}"
            f"{nearest(str(model), NETWORKS)}"
        )
    name = name_of(path) or path.stem
    return name, path, NETWORKS.get(name)


def _near(image: Array, side: int, small: Array | None) -> Array:
    """`reduced` of the image to that side, which ``small`` is where its own side is the same."""
    same = small is not None and max(small.shape[:2]) == min(side, max(image.shape[:2]))
    return small if small is not None and same else reduced(image, side)


def _looks(
    near: Array, network: Network, shown: tuple[int, int], ways: tuple[tuple[int, bool], ...]
) -> list[Array]:
    """The network's input for each way to show it the picture: how it is reduced, whether it is mirrored."""
    reductions = (_averaged, _lanczos)
    return [
        _normal(_padded(_mirrored(reductions[way[0]](near, shown), way), network), network) for way in ways
    ]


def _mirrored(picture: Array, way: tuple[int, bool]) -> Array:
    return picture[:, ::-1] if way[1] else picture


def _padded(rgb: Array, network: Network) -> Array:
    if not network.padded:
        return rgb
    (height, width), (across, down) = rgb.shape[:2], network.size
    return cv2.copyMakeBorder(rgb, 0, down - height, 0, across - width, cv2.BORDER_CONSTANT)


def _unpadded(answer: Array, network: Network, shown: tuple[int, int]) -> Array:
    if not network.padded:
        return answer
    rows, columns = (max(1, round(n * part / whole)) for n, part, whole in zip(
        answer.shape, shown[::-1], network.size[::-1], strict=True))  # fmt: skip
    return answer[:rows, :columns]


def _averaged(rgb: Array, size: tuple[int, int]) -> Array:
    """Averaged down first: a linear resize alone would skip pixels."""
    return cv2.resize(reduced(rgb, max(size)), size, interpolation=cv2.INTER_LINEAR)


def _lanczos(rgb: Array, size: tuple[int, int]) -> Array:
    """Reduced by Lanczos's kernel as wide as it must be, three lobes of the small picture's pixels."""
    from PIL import Image

    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.LANCZOS))


def _normal(rgb: Array, network: Network) -> Array:
    mean, std = np.array(network.mean, np.float32), np.array(network.std, np.float32)
    values = (rgb.astype(np.float32) / 255 - mean) / std
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def _shown_size(shape: tuple[int, ...], network: Network) -> tuple[int, int]:
    """(width, height) at which the network sees the picture."""
    height, width = shape[:2]
    if network.padded:
        scale = min(network.size[0] / width, network.size[1] / height)
        return max(1, round(width * scale)), max(1, round(height * scale))
    if not network.multiple:
        return network.size
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
