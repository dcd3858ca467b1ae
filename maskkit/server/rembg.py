"""The fields of ``rembg s``'s ``/api/remove`` read into what is to be made; pure, and without pixels."""

from __future__ import annotations

import json
from collections.abc import Mapping

from maskkit.checks import nearest
from maskkit.errors import PixelError
from maskkit.keywords import Options
from maskkit.recipe import Recipe
from maskkit.server.compute import Product, rgba

__all__ = ["MODELS", "NO", "YES", "product_of", "without_effect"]

# rembg 2.0.86's names of networks that cut a subject out; whichever is asked for, the server's engine does it
MODELS = (
    "birefnet-cod", "birefnet-dis", "birefnet-general", "birefnet-general-fp16",
    "birefnet-general-lite", "birefnet-hrsod", "birefnet-massive", "birefnet-portrait", "bria-rmbg",
    "isnet-anime", "isnet-general-use", "sam", "silueta", "u2net", "u2net_human_seg", "u2netp", "withoutbg",
)  # fmt: skip
_PROMPTS = {"point": 2, "rectangle": 4}
_COUNTING = ("model", "a", "om", "ppm", "dc", "vm", "bgc", "extras", "url", "file")
YES, NO = ("true", "1", "on", "yes", "t", "y"), ("false", "0", "off", "no", "f", "n")
_PROMPT = '{"sam_prompt": [{"type": "point", "data": [X, Y], "label": 1}]}'


def product_of(fields: Mapping[str, str]) -> Product:
    """What is to be made. Raises PixelError, which names the field; empty values are absent ones.

    Parameters
    ----------
    fields
        By rembg's names: ``model``, ``a`` and ``vm`` (the edge is refined as hair), ``om`` (the mask alone),
        ``ppm`` (a mask of black and white), ``dc`` (decontaminate), ``bgc`` ("R,G,B,A"), ``extras`` (JSON,
        of which ``sam_prompt`` counts).

    Examples
    --------
    >>> product_of({"model": "u2net", "om": "true", "ppm": "1"}).recipe
    Recipe(mask_type='binary', product='mask')
    >>> product_of({"bgc": "255,0,0,255"}).recipe.backdrop
    'rgba(255, 0, 0, 1)'
    """
    _check_model(fields.get("model", ""))
    flags = {name: _flag(name, fields.get(name, "")) for name in ("a", "om", "ppm", "dc", "vm")}
    recipe = Recipe(
        refine="hair" if flags["a"] or flags["vm"] else None,
        mask_type="binary" if flags["ppm"] else "soft",
        decontaminate=1.0 if flags["dc"] else None,
        **_prompts(fields.get("extras", "")),
    )
    if flags["om"]:
        return Product(recipe.but(product="mask", decontaminate=None), "grey")
    colour = fields.get("bgc")
    behind = {"product": "composite", "backdrop": _colour(colour)} if colour else {}
    return Product(recipe.but(**behind), "rgba")


def without_effect(fields: Mapping[str, str]) -> list[str]:
    """The names of what was given and changes nothing."""
    return sorted(name for name, value in fields.items() if name not in _COUNTING and value)


def _flag(name: str, text: str) -> bool:
    if text.lower() not in ("", *YES, *NO):
        raise PixelError(f"{name}: need true or false, got {text[:40]!r}")
    return text.lower() in YES


def _check_model(name: str) -> None:
    if name and name not in MODELS:
        raise PixelError(f"model: need one of {', '.join(MODELS)}, got {name[:60]!r}{nearest(name, MODELS)}")


def _colour(text: str) -> str:
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (3, 4) or any(not 0 <= one <= 255 for one in numbers):
        raise PixelError(f"bgc: need R,G,B,A of 0 to 255, got {text[:60]!r}")
    red, green, blue, alpha = [*numbers, 255][:4]
    return rgba(red, green, blue, alpha / 255)


def _prompts(text: str) -> Options:
    """Hints in rembg's words: points with label 1 (subject) or 0 (beside it), and a rectangle."""
    if not text:
        return {}
    wrong = PixelError(f"extras: need JSON as {_PROMPT}")
    try:
        given = json.loads(text)
        prompts = given.get("sam_prompt", [])
        read = [(one["type"], tuple(map(float, one["data"])), one.get("label", 1)) for one in prompts]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise wrong from None
    if any(len(data) != _PROMPTS.get(kind) for kind, data, _ in read):
        raise wrong
    hints = {
        "keep": tuple(data for kind, data, label in read if kind == "point" and label == 1),
        "drop": tuple(data for kind, data, label in read if kind == "point" and label != 1),
        "box": tuple(data for kind, data, _ in read if kind == "rectangle"),
    }
    return {name: value for name, value in hints.items() if value}
