"""What files cost beside their rivals: layers, 16 bits, and composites of two colour profiles.

python -m tests.benchmarks.files [megapixels]
"""

import io
import sys
from collections.abc import Callable
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from PIL import Image, ImageCms

import maskkit as mk
from maskkit.codec.layers import Layer, Layered
from maskkit.codec.layers.psd import psd_parts
from maskkit.codec.matrix_profiles import SRGB_CURVE, matrix_profile
from tests.benchmarks.harness import (
    Inputs,
    Timing,
    alternate,
    inputs,
    machine,
    markdown,
    peak_memory,
    peer,
    table,
)

P3 = matrix_profile(
    "Display P3", ((0.3127, 0.3290), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), SRGB_CURVE
)
MEMORY_SETUP = """
import io, numpy as np, maskkit as mk
from tests.benchmarks.files import P3, P3_OVER_SRGB, WIDE_PNG, layered, ours
from tests.benchmarks.harness import inputs
class Sink:
    def write(self, part): self.size = getattr(self, "size", 0) + len(part)
scene = inputs(12)
small = type(scene)(*(one[:64] for one in scene))
both = layered(scene)
wide = np.dstack([scene.photo, scene.mask]).astype(np.uint16) * 257
content, tiff = mk.encode(wide, "png"), mk.encode(wide, "tiff")
source, ground = mk.Picture(np.dstack([scene.photo, scene.mask]), P3), mk.Picture(scene.backdrop)
def write_psd():
    sink = Sink()
    for part in ours(both): sink.write(part)
ours(layered(small)); mk.composite(mk.Picture(source.pixels[:9], P3), mk.Picture(ground.pixels[:9]))
mk.read(mk.encode(wide[:9], "png")); mk.read(mk.encode(wide[:9], "tiff"))
"""
WIDE_PNG = "mk.read(content).pixels"
P3_OVER_SRGB = "mk.composite(source, ground)"


def layered(scene: Inputs) -> Layered:
    """A backdrop, the photo with its layer mask, and the picture that they make."""
    merged = mk.composite(scene.photo, scene.backdrop, scene.mask)
    layers = (
        Layer(name="backdrop", pixels=scene.backdrop),
        Layer(name="photo", pixels=scene.photo, mask=scene.mask),
    )
    return Layered(layers, (scene.photo.shape[1], scene.photo.shape[0]), mk.Picture(merged))


def ours(both: Layered) -> list[bytes]:
    """The PSD that maskkit writes."""
    return list(psd_parts(both))


def by_psd_tools(scene: Inputs, merged: np.ndarray) -> bytes:
    """The same layers at the same compression (ZIP) by psd-tools, which packs a layer as it is made."""
    from psd_tools import PSDImage
    from psd_tools.constants import Compression

    file = PSDImage.frompil(Image.fromarray(merged))
    file.create_pixel_layer(Image.fromarray(scene.backdrop), name="backdrop", compression=Compression.ZIP)
    photo = Image.fromarray(np.dstack([scene.photo, scene.mask]))  # its alpha becomes a layer mask
    file.create_pixel_layer(photo, name="photo", compression=Compression.ZIP)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def by_photoshop_api(scene: Inputs) -> Callable[[], None] | None:
    """The same by PhotoshopAPI, which has no merged picture."""
    psd = peer("photoshopapi")
    if psd is None:
        return None
    height, width = scene.mask.shape
    folder = TemporaryDirectory()

    def write(_: TemporaryDirectory[str] = folder) -> None:
        file = psd.LayeredFile_8bit(psd.enum.ColorMode.rgb, width, height)
        masked = {"layer_mask": scene.mask}
        for name, pixels, more in (("backdrop", scene.backdrop, {}), ("photo", scene.photo, masked)):
            planes = np.ascontiguousarray(np.moveaxis(pixels, 2, 0))
            place = {"width": width, "height": height, "pos_x": width / 2, "pos_y": height / 2}
            file.add_layer(psd.ImageLayer_8bit(planes, name, **place, **more))
        file.write(f"{folder.name}/rival.psd")

    return write


def psd(scene: Inputs, megapixels: float) -> dict[str, Timing]:
    """A PSD of two layers, a layer mask and the merged picture."""
    both = layered(scene)
    cases: dict[str, Callable[[], object]] = {"maskkit": lambda: ours(both)}
    if peer("psd_tools"):
        cases["psd-tools"] = lambda: by_psd_tools(scene, both.whole.pixels)
    if rival := by_photoshop_api(scene):
        cases["PhotoshopAPI"] = rival
    times = alternate(cases, rounds=3, seconds=30)
    print("\nPSD written: backdrop, photo with a layer mask, merged picture\n")
    print(table(times, base="maskkit", megapixels=megapixels))
    return times


def deep(scene: Inputs, megapixels: float) -> None:
    """16 bits: PNG beside Pillow, which has grey alone, and OpenCV; TIFF beside tifffile."""
    rgb, grey = scene.photo.astype(np.uint16) * 257, scene.photo[..., 1].astype(np.uint16) * 257
    png, grey_png = mk.encode(rgb, "png"), mk.encode(grey, "png")
    stream = cv2.imencode(".png", rgb)[1]
    tiff = mk.encode(rgb, "tiff")
    writers: dict[str, dict[str, Callable[[], object]]] = {
        "PNG of 16-bit grey written": {
            "maskkit": lambda: mk.encode(grey, "png"),
            "Pillow": lambda: Image.fromarray(grey).save(io.BytesIO(), "PNG"),
        },
        "PNG of 16-bit grey read": {
            "maskkit": lambda: mk.read_mask(grey_png),
            "Pillow": lambda: np.asarray(Image.open(io.BytesIO(grey_png))),
        },
        "PNG of 16-bit RGB written": {
            "maskkit": lambda: mk.encode(rgb, "png"),
            "OpenCV (BGR)": lambda: cv2.imencode(".png", rgb),
        },
        "PNG of 16-bit RGB read": {
            "maskkit": lambda: mk.read(png),
            "Pillow (8 bits)": lambda: np.asarray(Image.open(io.BytesIO(png))),
            "OpenCV (BGR)": lambda: cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED),
        },
    }
    writers["PNG of 16-bit RGB in one stream read"] = {
        "maskkit": lambda: mk.read(stream.tobytes()),
        "Pillow (8 bits)": lambda: np.asarray(Image.open(io.BytesIO(stream))),
        "OpenCV (BGR)": lambda: cv2.imdecode(stream, cv2.IMREAD_UNCHANGED),
    }
    if tifffile := peer("tifffile"):
        how = {"compression": "zlib", "predictor": True, "photometric": "rgb"}
        writers["TIFF of 16-bit RGB written"] = {
            "maskkit": lambda: mk.encode(rgb, "tiff"),
            "tifffile": lambda: tifffile.imwrite(io.BytesIO(), rgb, **how),
        }
        writers["TIFF of 16-bit RGB read"] = {
            "maskkit": lambda: mk.read(tiff),
            "tifffile": lambda: tifffile.imread(io.BytesIO(tiff)),
        }
    for name, cases in writers.items():
        print(f"\n{name}\n")
        print(table(alternate(cases, rounds=3, seconds=15), base="maskkit", megapixels=megapixels))


def profiles(scene: Inputs, megapixels: float) -> None:
    """A P3 cutout over an sRGB picture, the same without profiles, and one pass of littleCMS over it."""
    pixels = np.dstack([scene.photo, scene.mask])
    ends = [
        ImageCms.ImageCmsProfile(io.BytesIO(P3)),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
    ]
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    ground = Image.fromarray(scene.backdrop)

    def pass_of_cms() -> object:
        return np.asarray(ImageCms.profileToProfile(ground, ends[1], ends[0], 1, "RGB", flags=flags))

    def plain_and_pass() -> object:
        return mk.composite(pixels, pass_of_cms())

    cases = {
        "without profiles": lambda: mk.composite(pixels, scene.backdrop),
        "littleCMS, one pass": pass_of_cms,
        "both": plain_and_pass,
        "P3 over sRGB": lambda: mk.composite(mk.Picture(pixels, P3), mk.Picture(scene.backdrop)),
    }
    print("\ncomposite of two profiles\n")
    print(table(alternate(cases, rounds=5, seconds=20), base="both", megapixels=megapixels))


def memory() -> None:
    """Beyond input and result, in pictures of 12 MP RGBA of the depth at hand."""
    rows = []
    for name, call, bytes_each in (
        ("PSD written", "write_psd()", 4),
        ("16-bit PNG read", WIDE_PNG, 8),
        ("16-bit TIFF read", "mk.read(tiff).pixels", 8),
        ("16-bit PNG written", "mk.write(Sink(), wide, format='png')", 8),
        ("P3 over sRGB", P3_OVER_SRGB, 4),
    ):
        taken = peak_memory(MEMORY_SETUP, call)
        rows.append([name, f"{taken:.0f}", f"{taken / (12 * bytes_each):.2f}"])
    print("\nmemory at 12 MP, beyond input and result\n")
    print(markdown(["", "MB", "pictures"], rows))


def main() -> None:
    """Print the tables."""
    megapixels = float(sys.argv[1]) if len(sys.argv) > 1 else 12
    scene = inputs(megapixels)
    print(machine())
    psd(scene, megapixels)
    deep(scene, megapixels)
    profiles(scene, megapixels)
    memory()


if __name__ == "__main__":
    main()
