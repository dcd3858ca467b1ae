"""What shops want of a picture: data, each with its source and date."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PRESETS", "Preset"]


@dataclass(frozen=True)
class Preset:
    """What a shop wants of a picture, as far as it can be said in numbers.

    Attributes
    ----------
    canvas : (width, height) in pixels.
    fill : the share of the canvas that the subject's box takes.
    backdrop : a CSS colour.
    about : which of it the shop says, and which maskkit chose.
    source : where that was read; empty for maskkit's own.
    date : when that page was written or last looked at.
    """

    canvas: tuple[int, int]
    fill: float
    backdrop: str
    about: str
    source: str = ""
    date: str = ""


PRESETS: dict[str, Preset] = {
    "square": Preset((2000, 2000), 0.85, "white", "maskkit's own: 1:1, 85% of it, on white."),
    "portrait": Preset((1600, 2000), 0.85, "white", "maskkit's own: 4:5, 85% of it, on white."),
    "amazon": Preset(
        (2000, 2000), 0.85, "white",
        "Main image: pure white, the product fills 85% at least, 1:1, 1000 pixels at least and 1600 or more "
        "advised, as a guide for sellers says; 2000 is maskkit's choice.",
        "https://mercatuslab.com/blog/amazon-product-image-requirements", "2026",
    ),
    "ebay": Preset(
        (1600, 1600), 0.85, "white",
        "500 pixels on the longest side at least; about 1600 advised, as a guide says. Share and white are "
        "maskkit's choice.",
        "https://www.ebay.com/help/policies/listing-policies/picture-policy?id=4370", "2026",
    ),
    "google": Preset(
        (1500, 1500), 0.85, "white",
        "1500 pixels or more, the product on 75% to 90% of the canvas, white or transparent, as a "
        "reference of feeds says of Google Merchant Center; 85% is maskkit's choice.",
        "https://sharpfeed.io/docs/fields/image-link", "2026",
    ),
    "shopify": Preset(
        (2048, 2048), 0.85, "white",
        "2048 x 2048 displays best for squares, as a guide says of Shopify's help; share and white are "
        "maskkit's choice.",
        "https://sellshot.ai/en/blog/shopify-product-image-size-guide", "2026",
    ),
}  # fmt: skip
