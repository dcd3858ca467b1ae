"""``maskkit composite``: the subject over another backdrop."""

from __future__ import annotations

from maskkit.cli.making import making
from maskkit.recipe import options_of

_NAMES = [
    name
    for group in ("picture", "effects", "output")
    for name in options_of(group)
    if name not in ("hidden", "product")
]


@making("composite", _NAMES, required=("backdrop",))
def composite() -> None:
    """Put the subject over another backdrop.

    maskkit composite photo.jpg -b beach.jpg -o beach-me.jpg

    maskkit composite photo.jpg -b '#336699' -o blue.png

    maskkit composite photo.jpg -m mask.png -b blur:20 -o portrait.jpg --linear

    maskkit composite mug.jpg -b '#eef' --shadow 'contact; cast,direction=40' -o shop.jpg
    """
