"""``maskkit info``: what a picture file holds, or how this installation is built."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maskkit.cli import options
from maskkit.cli.places import source
from maskkit.cli.report import Facts

if TYPE_CHECKING:
    from maskkit.codec.layers import Layered
    from maskkit.codec.picture import Picture


_EXTRAS = {
    "fast": "isal",
    "heif": "pillow_heif",
    "tiff": "tifffile",
    "video": "av",
    "css": "coloraide",
    "onnx": "onnxruntime",
    "matting": "pymatting",
    "staging": "obstore",
    "server": "fastapi",
    "postgres": "psycopg",
    "cluster": "distributed",
    "watch": "watchfiles",
}  # and the module by which each is known


def info(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="A picture; - is standard input.", show_default=False)
    ] = None,
    build: Annotated[
        bool, typer.Option("--build", help="Versions, the active kernels and the extras installed.")
    ] = False,
    to_srgb: options.ToSRGB = False,
    max_pixels: options.MaxPixels = 256_000_000,
    as_json: options.Json = False,
) -> None:
    """Say what a picture holds: size, channels, profile, and its alpha.

    maskkit info cutout.png

    maskkit info --build
    """
    if build == (file is not None):
        raise typer.BadParameter("need either a FILE or --build")
    facts = _build() if file is None else _picture(file, to_srgb=to_srgb, max_pixels=max_pixels)
    if as_json:
        typer.echo(json.dumps(facts))
        return
    for name, value in (facts if file is None else _in_words(facts)).items():
        text = ", ".join(f"{key} {item}" for key, item in value.items()) if isinstance(value, dict) else value
        typer.echo(f"{name + ':':12} {text}")


def _picture(file: str, **how: Any) -> Facts:
    """What a picture holds, in numbers: sizes in pixels and bytes, shares from 0 to 1."""
    from maskkit import codec
    from maskkit.codec.heif_parts import parts_in
    from maskkit.codec.layers import has_layers
    from maskkit.codec.opening import opened
    from maskkit.codec.profiles import profile_name
    from maskkit.codec.reading import PRINT
    from maskkit.codec.signalling import HDR_SPACE

    content = source(file)
    if kind := has_layers(codec.load(content)[0]):
        return _layers(file, kind, codec.read_layers(content, max_pixels=how["max_pixels"]))
    found = opened(content, how["max_pixels"])
    frames, parts, colours = found.frames, parts_in(found.content), _colours(found.image)
    how["to_srgb"] |= found.image.mode in PRINT
    picture = codec.read(content, tone_map=HDR_SPACE in found.image.info, **how)
    icc = found.image.info.get("icc_profile") if colours else picture.icc
    return {
        "file": file,
        "size": list(picture.size),
        "frames": frames,
        "parts": {name: list(size) for name, size in parts.items()},
        "channels": picture.pixels.shape[2],
        "dtype": str(picture.pixels.dtype),
        "colours": colours,
        "profile": profile_name(icc) if icc else None,
        "exif": len(picture.exif) if picture.exif else 0,
        "dpi": list(picture.dpi) if picture.dpi else None,
        **_alpha(picture),
    }


def _alpha(picture: Picture) -> dict[str, object]:
    """How much of a picture is opaque, soft and transparent, and the box of the rest; None without alpha."""
    from maskkit import masks
    from maskkit.pixels import max_value, split_alpha

    alpha = split_alpha(picture.pixels)[1]
    if alpha is None:
        return {"alpha": None, "subject": None}
    opaque, clear = float((alpha == max_value(alpha.dtype)).mean()), float((alpha == 0).mean())
    shares = {"opaque": opaque, "soft": 1 - opaque - clear, "transparent": clear}
    return {"alpha": shares, "subject": masks.bounding_box(alpha)}


def _colours(image: Any) -> str | None:
    """The colours of a file that is read only into sRGB: "CMYK", "LAB", "YCbCr", "PQ" or "HLG"."""
    from maskkit.codec.reading import PRINT
    from maskkit.codec.signalling import HDR_SPACE

    if HDR_SPACE in image.info:
        return str(image.info[HDR_SPACE][1])
    return image.mode if image.mode in PRINT else None


def _layers(file: str, kind: str, found: Layered) -> Facts:
    """The layers of a file, the highest first."""
    listed = [
        {
            "name": one.name,
            "group": list(one.group),
            "size": [one.pixels.shape[1], one.pixels.shape[0]],
            "position": list(one.position),
            "opacity": one.opacity,
            "mode": one.mode,
            "visible": one.visible,
            "mask": one.mask is not None,
        }
        for one in reversed(found.layers)
    ]
    return {"file": file, "format": kind, "size": list(found.size), "layers": listed}


def _tree(layers: list[Facts]) -> str:
    """The layers as a tree: a line each, groups indented."""
    lines: list[str] = []
    group: list[str] = []
    for one in layers:
        for depth, name in enumerate(one["group"]):
            if one["group"][: depth + 1] != group[: depth + 1]:
                lines.append("  " * depth + f"{name}/")
        group = one["group"]
        width, height = one["size"]
        told = [f"{width}x{height}", one["mode"], f"{one['opacity']:.0%}"]
        told += [word for word, there in (("mask", one["mask"]), ("hidden", not one["visible"])) if there]
        lines.append("  " * len(group) + f"{one['name']} ({', '.join(told)})")
    return "\n".join(["", *(f"  {line}" for line in lines)])


def _in_words(facts: Facts) -> dict[str, str]:
    """The same for people."""
    if "layers" in facts:
        width, height = facts["size"]
        tree = _tree(facts["layers"]) if facts["layers"] else "none"
        return {"file": facts["file"], "size": f"{width} x {height}", "layers": tree}
    width, height = facts["size"]
    alpha, dpi = facts["alpha"], facts["dpi"]
    said = {
        "file": facts["file"],
        "size": f"{width}x{height}",
        **({"frames": f"1 of {facts['frames']}"} if facts["frames"] > 1 else {}),
        **({"parts": _listed(facts["parts"])} if facts["parts"] else {}),
        "pixels": f"{facts['channels']} channels, {facts['dtype']}",
        **({"colours": _way_to_srgb(facts["colours"])} if facts["colours"] else {}),
        "profile": facts["profile"] or ("none" if facts["colours"] else "none (taken as sRGB)"),
        "exif": f"{facts['exif']} bytes" if facts["exif"] else "none",
        "dpi": f"{dpi[0]:g} x {dpi[1]:g}" if dpi else "none",
        "alpha": ", ".join(f"{share:.1%} {kind}" for kind, share in alpha.items()) if alpha else "none",
    }
    return said | ({"subject": str(facts["subject"] or "none")} if alpha else {})


def _way_to_srgb(colours: str) -> str:
    """The option that reads such colours."""
    hdr = colours in ("PQ", "HLG")
    return f"HDR, {colours} (--tone-map brings it to sRGB)" if hdr else f"{colours} (--to-srgb converts it)"


def _listed(parts: dict[str, list[int]]) -> str:
    return ", ".join(f"{name} {width}x{height}" for name, (width, height) in parts.items())


def _build() -> Facts:
    import platform
    from importlib.metadata import version
    from importlib.util import find_spec

    import cv2

    import maskkit
    from maskkit.kernels import build_info

    return {
        "maskkit": maskkit.__version__,
        "python": platform.python_version(),
        "kernels": build_info(),
        "libraries": {name: version(name) for name in ("numpy", "pillow", "httpx", "typer")}
        | {"opencv": cv2.__version__},
        "extras": {name: "yes" if find_spec(module) else "no" for name, module in _EXTRAS.items()},
    }
