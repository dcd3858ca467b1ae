"""The gallery: every picture file that a block of an example writes is shown below it; examples by lesson."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sphinx_gallery.scrapers import figure_rst

PICTURES = (".png", ".jpg", ".webp")
LESSONS = (
    "first_cutout",
    "real_photos",
    "hints",
    "green_screen",
    "two_plates",
    "mask_to_matte",
    "hair_decontaminated",
    "feather_and_grow",
    "shadow",
    "effects",
    "placement",
    "blend_modes",
    "linear_light",
)


class LessonOrder:
    """The easiest example first; those that `LESSONS` does not name come last, by name."""

    def __init__(self, _folder: str) -> None: ...

    def __call__(self, filename: str) -> tuple[int, str]:
        """What the gallery sorts by."""
        name = Path(filename).stem
        return (LESSONS.index(name) if name in LESSONS else len(LESSONS), name)


def written_pictures(block: Any, block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """Move the pictures that lie beside the example into the gallery, the oldest first."""
    folder = Path(block_vars["src_file"]).parent
    found = [path for path in folder.iterdir() if path.suffix in PICTURES]
    shown = []
    for path in sorted(found, key=lambda path: path.stat().st_mtime_ns):
        target = Path(next(block_vars["image_path_iterator"])).with_suffix(path.suffix)
        shutil.move(path, target)
        shown.append((str(target), path.stem.replace("_", " ")))
    return "".join(_figure(picture, words, gallery_conf) for picture, words in shown)


def _figure(picture: str, words: str, gallery_conf: dict[str, Any]) -> str:
    return figure_rst([picture], gallery_conf["src_dir"], fig_titles=words)


def _get_sg_image_scraper() -> Any:
    return written_pictures


def setup(_app: Any) -> dict[str, bool]:
    """Sphinx loads it as an extension, so that the gallery finds it by name."""
    return {"parallel_read_safe": True}
