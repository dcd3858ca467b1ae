"""``maskkit cutout``: the subject with a transparent background."""

from __future__ import annotations

from maskkit.cli.making import making
from maskkit.recipe import options_of

_NAMES = [
    name
    for group in ("picture", "effects", "output")
    for name in options_of(group)
    if name not in ("mode", "product")
]


@making("cutout", _NAMES)
def cutout() -> None:
    """Cut the subject out: the photo with its mask as alpha.

    maskkit cutout photo.jpg cutout.png

    maskkit cutout photo.jpg -m mask.png -o cutout.webp --feather 1.5 --trim 20

    maskkit cutout photo.jpg --background white -o product.jpg

    maskkit cutout cat.jpg -o sticker.png --outline 24 --trim 30
    """
