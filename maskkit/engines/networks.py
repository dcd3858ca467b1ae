"""The networks known by name, and how any network is described: what it takes and what its answer means."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from maskkit.errors import PixelError

__all__ = ["NETWORKS", "Network", "describe"]

_IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_CENTRED = (0.5, 0.5, 0.5), (1.0, 1.0, 1.0)
_RELEASES = "https://github.com/danielgatis/rembg/releases/download/v0.0.0"


@dataclass(frozen=True)
class Network:
    """A salient-object or matting network: ``input = (RGB - mean) / std`` in (1, 3, height, width).

    Parameters
    ----------
    mean, std: of RGB in 0-1.
    size: (width, height) of the input.
    multiple: 0 stretches the picture to ``size``; otherwise it keeps its proportions, its short side near
        that of ``size``, both a multiple of this many pixels.
    output: which of the network's outputs holds the mask.
    activation: what makes it 0-1: "none", "sigmoid", or "minmax" (stretched to its own range).
    url, sha256, licence, about: where the weights come from and on what terms.
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    size: tuple[int, int] = (1024, 1024)
    multiple: int = 0
    output: int = 0
    activation: Literal["none", "sigmoid", "minmax"] = "none"
    url: str = ""
    sha256: str = ""
    licence: str = ""
    about: str = ""

    def __post_init__(self) -> None:
        if self.activation not in ("none", "sigmoid", "minmax"):
            raise PixelError(f"activation: need none, sigmoid or minmax, got {self.activation!r}")
        if len(self.mean) != 3 or len(self.std) != 3 or min(self.std) <= 0:
            raise PixelError(f"mean, std: need three numbers each, std positive, got {self.mean}, {self.std}")
        if len(self.size) != 2 or min(self.size) < 1:
            raise PixelError(f"size: need (width, height) in pixels, got {self.size}")


# In the order in which "auto" takes the first whose weights are there.
NETWORKS = {
    "birefnet": Network(
        *_IMAGENET,
        activation="sigmoid",
        url=f"{_RELEASES}/BiRefNet-general-epoch_244.onnx",
        sha256="58f621f00f5d756097615970a88a791584600dcf7c45b18a0a6267535a1ebd3c",
        licence="MIT",
        about="Zheng et al. 2024; 973 MB, the most exact and the slowest",
    ),
    "birefnet-lite": Network(
        *_IMAGENET,
        activation="sigmoid",
        url=f"{_RELEASES}/BiRefNet-general-bb_swin_v1_tiny-epoch_232.onnx",
        sha256="5600024376f572a557870a5eb0afb1e5961636bef4e1e22132025467d0f03333",
        licence="MIT",
        about="Zheng et al. 2024; 224 MB",
    ),
    "isnet": Network(
        *_CENTRED,
        activation="minmax",
        url=f"{_RELEASES}/isnet-general-use.onnx",
        sha256="60920e99c45464f2ba57bee2ad08c919a52bbf852739e96947fbb4358c0d964a",
        licence="Apache-2.0",
        about="Qin et al. 2022; 179 MB, a good default",
    ),
    "rmbg": Network(
        *_CENTRED,
        activation="minmax",
        url="https://huggingface.co/briaai/RMBG-1.4/resolve/main/onnx/model.onnx",
        sha256="8cafcf770b06757c4eaced21b1a88e57fd2b66de01b8045f35f01535ba742e0f",
        licence="bria-rmbg-1.4: non-commercial use only",
        about="BRIA AI 2024, IS-Net's architecture; 176 MB",
    ),
    "u2net": Network(
        *_IMAGENET,
        size=(320, 320),
        activation="minmax",
        url=f"{_RELEASES}/u2net.onnx",
        sha256="8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        licence="Apache-2.0",
        about="Qin et al. 2020; 176 MB",
    ),
    "u2netp": Network(
        *_IMAGENET,
        size=(320, 320),
        activation="minmax",
        url=f"{_RELEASES}/u2netp.onnx",
        sha256="309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
        licence="Apache-2.0",
        about="Qin et al. 2020; 4.6 MB, quick and coarse",
    ),
    "modnet": Network(
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
        size=(512, 512),
        multiple=32,
        url="https://huggingface.co/Xenova/modnet/resolve/main/onnx/model.onnx",
        sha256="07c308cf0fc7e6e8b2065a12ed7fc07e1de8febb7dc7839d7b7f15dd66584df9",
        licence="Apache-2.0",
        about="Ke et al. 2022, portraits only; 26 MB",
    ),
}


def describe(path: Path, options: dict[str, Any]) -> Network:
    """The description of a model file: its sidecar ``model.json``, with ``options`` over it.

    A file named as the weights of a known network (``u2net.onnx``) has that one's description.

    >>> describe(Path("own.onnx"), {"mean": (0, 0, 0), "std": (1, 1, 1)}).activation
    'none'
    """
    known = {field.name for field in fields(Network)} - {"url", "sha256"}
    sidecar = path.with_suffix(".json")
    said = {**_read(sidecar), **options} if sidecar.is_file() else dict(options)
    if strange := sorted(said.keys() - known):
        raise PixelError(
            f"{path.name}: description has {', '.join(strange)}; known are {', '.join(sorted(known))}"
        )
    said = {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
    for name, network in NETWORKS.items():
        if path.name in (f"{name}.onnx", network.url.rpartition("/")[2]) and path.name != "model.onnx":
            return replace(network, **said)
    if missing := [name for name in ("mean", "std") if name not in said]:
        raise PixelError(
            f"{path.name}: {' and '.join(missing)} unknown; say so in {sidecar.name} or as options"
        )
    return Network(**said)


def _read(sidecar: Path) -> dict[str, Any]:
    try:
        said = json.loads(sidecar.read_text("utf-8"))
    except ValueError as error:
        raise PixelError(f"{sidecar.name}: is not JSON: {error}") from None
    if not isinstance(said, dict):
        raise PixelError(f"{sidecar.name}: need a JSON object, got {type(said).__name__}")
    return said
