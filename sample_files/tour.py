"""The picture in the project's README: `python sample_files/tour.py` writes tour.jpg beside this file."""

from pathlib import Path

import maskkit as mk

HERE = Path(__file__).parent
BOOKS = [(375, 340), (486, 515), (541, 318)]  # seen between the limbs


def glass():
    """The carafe, exactly, from its photos before two known backdrops."""
    names = ("glass_green.png", "glass_blue.png", "glass_green.backdrop.png", "glass_blue.backdrop.png")
    alpha, colour = mk.two_plate(*(mk.read(HERE / name).pixels for name in names), linear=True)
    return mk.apply_mask(colour, alpha)


def main():
    mug = mk.cutout(HERE / "product.jpg")
    figure = mk.cutout(HERE / "figure.png", source="classical", box=(308, 38, 622, 656), drop=BOOKS)
    hair = mk.chroma_key(mk.read(HERE / "greenscreen.png").pixels)
    lamps = mk.read(HERE / "hair.backdrop.png").pixels
    carafe = glass()
    park = mk.srgb_to_linear(mk.read(HERE / "mesh.backdrop.png").pixels).astype(carafe.dtype)
    rows = [
        [mk.read(HERE / "product.jpg"), mug.alpha, mug, mug.over("linear:#7aa8ff;white")],
        [mk.read(HERE / "figure.png"), figure.alpha, figure, figure.over("blur:14")],
        [mk.read(HERE / "greenscreen.png"), hair[..., 3], hair, mk.composite(hair, lamps)],
        [
            mk.read(HERE / "glass_green.png"),
            carafe[..., 3],
            carafe,
            mk.composite(carafe, mk.linear_to_srgb(park), linear=True),
        ],
    ]
    sheet = mk.contact_sheet([picture for row in rows for picture in row], columns=4, side=300, gap=6)
    mk.write(HERE / "tour.jpg", sheet, quality=85)


if __name__ == "__main__":
    main()
