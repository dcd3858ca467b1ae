"""Who can make a mask: every engine and service by name, what it takes, what it costs.

A package of somebody else adds an engine through the entry point group ``maskkit.engines``: the entry point's
name is the engine's, and it loads an `EngineSpec`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from maskkit.checks import nearest
from maskkit.errors import PixelError

if TYPE_CHECKING:
    from maskkit.engines.base import Estimate

__all__ = [
    "ENGINES",
    "EngineOptions",
    "EngineSettings",
    "EngineSpec",
    "Source",
    "engine",
    "engines",
    "taking",
]

GROUP = "maskkit.engines"
Source = Literal["auto", "classical", "onnx", "chroma", "adobe", "removebg"]


class EngineSettings(TypedDict, total=False):
    """How an engine is run, as keywords, for type checkers: what changes no pixel, and whose account pays."""

    device: Literal["auto", "cpu", "gpu"] | None
    fetch: bool | None
    api: Literal["v1", "v2", "auto"] | None
    base_url: str | None
    staging: Any
    deadline: float | None
    client_id: str | None
    client_secret: str | None
    token: Any
    ims_url: str | None
    org_id: str | None
    timeout: float
    tries: int
    max_bytes: int
    limit: Any
    http: Any
    pace: Any
    tell: Callable[[str], object]
    order: Any
    cache: bool


class EngineOptions(TypedDict, total=False):
    """What one engine alone knows and what decides pixels, as keywords, for type checkers."""

    linear: bool
    black: float
    white: float
    size: tuple[int, int]
    multiple: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    output: int
    activation: Literal["none", "sigmoid", "minmax"]


@dataclass(frozen=True)
class EngineSpec:
    """One maker of masks.

    Attributes
    ----------
    name : what ``source`` calls it.
    target : its function, as "package.module:function"; imported when it is first run. It takes the upright
        picture as an array ``(H, W, 3)`` or ``(H, W, 4)``, or for one that is ``remote`` whatever the verb
        was given, and returns an `Estimate`.
    about : what it is, in a few words, for lists.
    options : the names that its function takes and that decide pixels; they stand in a recipe.
    settings : the names that its function takes and that change no pixel.
    needs : what must be there: an extra of maskkit, or words; empty for nothing.
    costs : an order is paid for.
    remote : the picture leaves this machine.
    finished : its mask is a finished matte, whose edge stays as it came.
    steered : its function takes hints (``box``, ``keep``, ``drop``, ``keep_mask``, ``drop_mask``) itself;
        otherwise hints correct the mask that it made.
    """

    name: str
    target: str
    about: str
    options: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    needs: str = ""
    costs: bool = False
    remote: bool = False
    finished: bool = False
    steered: bool = False

    @property
    def function(self) -> Callable[..., Estimate]:
        """The function that ``target`` names."""
        module, _, name = self.target.partition(":")
        found: Callable[..., Estimate] = getattr(importlib.import_module(module), name)
        return found


_NETWORK = ("size", "multiple", "mean", "std", "output", "activation")
_SERVICE = (
    "api", "base_url", "staging", "deadline", "client_id", "client_secret", "token", "ims_url", "org_id",
    "timeout", "tries", "max_bytes", "limit", "http", "pace", "tell", "order", "cache",
)  # fmt: skip

ENGINES: dict[str, EngineSpec] = {
    spec.name: spec
    for spec in (
        EngineSpec(
            "auto",
            "maskkit.engines.steering:auto_or_hints",
            "a plain backdrop's colours and a network; the weights are fetched once",
            options=("model",),
            settings=("device", "fetch", "cache"),
            steered=True,
        ),
        EngineSpec(
            "classical",
            "maskkit.engines.weight_free:classical",
            "no weights: a plain backdrop, or what stands out",
            settings=("cache",),
        ),
        EngineSpec(
            "onnx",
            "maskkit.engines.inference:onnx",
            "a network, by name or by file",
            options=("model", *_NETWORK),
            settings=("device", "fetch", "cache"),
            needs="onnx",
        ),
        EngineSpec(
            "chroma",
            "maskkit.engines.keying:chroma",
            "a green or blue screen, or any backdrop of one known colour",
            options=("screen", "linear", "black", "white"),
            settings=("cache",),
        ),
        EngineSpec(
            "adobe",
            "maskkit.clients.engine:adobe",
            "Adobe's service, or any that speaks its contracts",
            options=("mask_type",),
            settings=_SERVICE,
            needs="credentials",
            costs=True,
            remote=True,
            finished=True,
        ),
        EngineSpec(
            "removebg",
            "maskkit.clients.removebg:removebg",
            "a service that speaks remove.bg's contract",
            options=("mask_type",),
            settings=("base_url", "token", "deadline", "timeout", "http", "pace", "tell", "order", "cache"),
            needs="base_url and a key",
            costs=True,
            remote=True,
            finished=True,
        ),
    )
}


@cache
def engines() -> dict[str, EngineSpec]:
    """Every engine by name: maskkit's own, and those of installed packages."""
    from importlib.metadata import entry_points

    others = {one.name: one.load() for one in entry_points(group=GROUP)}
    return {**{name: spec for name, spec in others.items() if isinstance(spec, EngineSpec)}, **ENGINES}


def engine(name: str) -> EngineSpec:
    """The engine of that name. Raises PixelError with the nearest name that there is.

    >>> engine("chroma").options
    ('screen', 'linear', 'black', 'white')
    >>> engine("chrome")
    Traceback (most recent call last):
    maskkit.errors.PixelError: source: need one of ..., got 'chrome'; did you mean 'chroma'?
    """
    if isinstance(name, EngineSpec):
        return name
    if name in ENGINES:  # looking for other packages' takes longer than this
        return ENGINES[name]
    if name not in engines():
        known = ", ".join([*ENGINES, *sorted(engines().keys() - ENGINES.keys())])
        near = nearest(name, engines()) if isinstance(name, str) else ""
        raise PixelError(f"source: need one of {known}, got {name!r}{near}")
    return engines()[name]


def taking(option: str) -> list[str]:
    """The names of the engines that take an option or a setting.

    >>> taking("device"), taking("screen")
    (['auto', 'onnx'], ['chroma'])
    """
    return [name for name, spec in engines().items() if option in (*spec.options, *spec.settings)]
