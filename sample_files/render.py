"""Render the sample scenes: `python sample_files/render.py [scene ...]`, all of them without a name.

Each scene is a subject (premultiplied linear light) and a backdrop. Both are stored as 8-bit files first;
the photo is then composited from the stored values in linear light, sRGB-encoded, and given sensor noise:

    photo = round(encode(alpha * decode(foreground) + (1 - alpha) * decode(backdrop)) + noise)
"""

import hashlib
import sys
from pathlib import Path

import cv2
import numpy as np
from indoors import figure, glass, glass_blue, glass_green
from optics import decode, encode
from outdoors import mesh, motion
from PIL import Image, ImageCms
from portrait import greenscreen, hair
from product import product

HERE = Path(__file__).parent
# scene -> how it is rendered; a scene named after a dot's left part shares that scene's alpha and foreground
SCENES = {
    f.__name__: f for f in (hair, motion, glass, mesh, product, figure, glass_green, glass_blue, greenscreen)
}
SHARED = {"glass_green": "glass", "glass_blue": "glass", "greenscreen": "hair"}
NOISE = 0.4  # standard deviation of the sensor's noise, in 8-bit levels


def levels(light):
    """Linear light as sRGB-encoded 8 bit."""
    return np.floor(encode(light) * 255 + 0.5).astype(np.uint8)


def clean_foreground(pre):
    """Un-premultiplied colour, carried outwards under alpha 0 by a pyramid of alpha-weighted means."""
    filled, weight = pre[..., :3].copy(), pre[..., 3:].copy()
    for sigma in (1, 2, 4, 8, 16, 32, 64, 128, 256):
        blurred = cv2.GaussianBlur(pre, (0, 0), sigma)
        hole = weight < 1e-3
        filled, weight = np.where(hole, blurred[..., :3], filled), np.where(hole, blurred[..., 3:], weight)
    return filled / np.maximum(weight, 1e-6)


def exact(foreground, alpha, backdrop):
    """The photo without noise, in float levels, from the stored 8-bit files."""
    a = alpha[..., None] / 255
    return 255 * encode(a * decode(foreground / 255) + (1 - a) * decode(backdrop / 255))


def photo_of(name, foreground, alpha, backdrop):
    deviation = 0 if name in SHARED else NOISE
    noise = np.random.default_rng(sum(name.encode())).normal(0, deviation, foreground.shape)
    return np.clip(np.floor(exact(foreground, alpha, backdrop) + noise + 0.5), 0, 255).astype(np.uint8)


def render(name):
    """The scene's pictures: {file name: pixels}."""
    pre, light = SCENES[name]()
    alpha = np.floor(pre[..., 3] * 255 + 0.5).astype(np.uint8)
    foreground, backdrop = levels(clean_foreground(pre)), levels(light)
    files = {f"{name}.png": photo_of(name, foreground, alpha, backdrop), f"{name}.backdrop.png": backdrop}
    own = {} if name in SHARED else {f"{name}.alpha.png": alpha, f"{name}.foreground.png": foreground}
    return files | own


def save(name, pixels):
    order = pixels[..., ::-1] if pixels.ndim == 3 else pixels
    settings = [cv2.IMWRITE_PNG_COMPRESSION, 9, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_FILTERED]
    cv2.imwrite(str(HERE / name), order, settings)


def save_camera_jpeg(photo):
    """product.jpg: as a camera leaves it, with EXIF, an sRGB profile and a resolution."""
    exif = Image.Exif()
    exif.update({0x010F: "maskkit", 0x0110: "sample_files/render.py", 0x0112: 1, 0x0131: "maskkit"})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = Image.fromarray(photo)
    picture.save(
        HERE / "product.jpg", quality=93, subsampling=0, exif=exif, icc_profile=profile, dpi=(300, 300)
    )


def listing():
    """The table of README.md: name, size, bytes, sha256."""
    rows = []
    for path in sorted([*HERE.glob("*.png"), *HERE.glob("*.jpg")]):
        width, height = Image.open(path).size
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        rows.append(f"| {path.name} | {width}x{height} | {path.stat().st_size} | `{digest}` |")
    return "\n".join(["| file | pixels | bytes | sha256 |", "| :-- | --: | --: | :-- |", *rows]) + "\n"


def main(names):
    for name in names or SCENES:
        files = render(name)
        for file, pixels in files.items():
            save(file, pixels)
        if name == "product":
            save_camera_jpeg(files["product.png"])
    readme = HERE / "README.md"
    readme.write_text(readme.read_text().split("| file |")[0] + listing())


if __name__ == "__main__":
    main(sys.argv[1:])
