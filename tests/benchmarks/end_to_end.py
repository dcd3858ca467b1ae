"""A photo and its mask to a cutout, whole processes, against the same in Pillow; and where the time goes.

python -m tests.benchmarks.end_to_end [rounds]
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tests.benchmarks.harness import ROOT, alternate, command, inputs, machine, markdown, peer, table

PILLOW = """
import sys
from PIL import Image
photo, mask, target, level = sys.argv[1:]
image = Image.open(photo)
image.putalpha(Image.open(mask).convert("L"))
image.save(target, compress_level=int(level))
"""

OPENCV = """
import sys, cv2
photo, mask, target = sys.argv[1:]
image = cv2.imread(photo)
cv2.imwrite(target, cv2.merge([*cv2.split(image), cv2.imread(mask, cv2.IMREAD_GRAYSCALE)]))
"""

PYVIPS = """
import sys, pyvips
photo, mask, target = sys.argv[1:]
image = pyvips.Image.new_from_file(photo, access="sequential")
image.bandjoin(pyvips.Image.new_from_file(mask, access="sequential")).write_to_file(target)
"""

# What the command does, one after the other: the command itself decodes both files while it imports NumPy.
STAGES = """
import resource, sys, time
start, wall = time.process_time(), time.perf_counter()
def stage(name):
    global start, wall
    print(name, (time.perf_counter() - wall) * 1e3, (time.process_time() - start) * 1e3, sep="|")
    start, wall = time.process_time(), time.perf_counter()
photo, mask, target = sys.argv[1:]
import maskkit.cli.cutout; maskkit.cli.light_start(); stage("import typer and the command")
import numpy; stage("import numpy")
from PIL import Image, JpegImagePlugin, PngImagePlugin; stage("import Pillow")
from maskkit import alpha, codec, cutouts
codec.to_spare, codec.read_mask, codec.write; stage("import the rest of maskkit")
picture, _ = codec.to_spare(photo); stage("decode the photo")
cover = codec.read_mask(mask); stage("decode the mask")
pixels = alpha.apply_mask(picture.pixels, cover, replace=True, out=picture.pixels); stage("apply the mask")
codec.write(target, picture.with_pixels(pixels)); stage("filter, deflate and write the PNG")
"""


def photos() -> dict[str, np.ndarray]:
    """Pictures of 12 megapixels: synthetic with noise, a rendered sample, and a photo, both enlarged."""
    size = (4000, 3000)
    found = {"synthetic, with noise": inputs(12).photo}
    sample = np.asarray(Image.open(ROOT / "sample_files/product.jpg").convert("RGB"))
    found["rendered sample, enlarged"] = cv2.resize(sample, size, interpolation=cv2.INTER_CUBIC)
    if skimage := peer("skimage.data"):
        found["photo, enlarged"] = cv2.resize(skimage.astronaut(), size, interpolation=cv2.INTER_CUBIC)
    return found


def cases(photo: Path, mask: Path, folder: Path) -> dict[str, tuple[object, ...]]:
    """The command lines; the target is the file named after the case."""
    python = (sys.executable, "-c")
    found: dict[str, tuple[object, ...]] = {
        "maskkit": (
            sys.executable,
            "-m",
            "maskkit",
            "cutout",
            photo,
            "-m",
            mask,
            "-o",
            folder / "maskkit.png",
        ),
        "Pillow": (*python, PILLOW, photo, mask, folder / "Pillow.png", 6),
        "Pillow, level 1": (*python, PILLOW, photo, mask, folder / "Pillow, level 1.png", 1),
        "OpenCV": (*python, OPENCV, photo, mask, folder / "OpenCV.png"),
    }
    if peer("pyvips"):
        found["pyvips"] = (*python, PYVIPS, photo, mask, folder / "pyvips.png")
    return found


def stages(photo: Path, mask: Path, folder: Path, rounds: int) -> str:
    """A table of medians: milliseconds of the clock and of the processor, a fresh process a round."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # as in `command`
    words = [sys.executable, "-c", STAGES, str(photo), str(mask), str(folder / "stages.png")]
    spent: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        done = subprocess.run(words, check=True, capture_output=True, text=True, env=env)
        for line in done.stdout.splitlines():
            name, wall, busy = line.split("|")
            spent.setdefault(name, []).append((float(wall), float(busy)))
    middle = {name: [statistics.median(part) for part in zip(*at, strict=True)] for name, at in spent.items()}
    rows = [[name, *(f"{part:.0f}" for part in parts)] for name, parts in middle.items()]
    return markdown(["", "ms", "ms of CPU"], rows)


def main() -> None:
    """Print the tables at 12 megapixels."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mask = folder / "mask.png"
        Image.fromarray(inputs(12).mask).save(mask)
        for title, pixels in photos().items():
            photo = folder / "photo.jpg"
            Image.fromarray(np.ascontiguousarray(pixels)).save(photo, quality=92)
            lines = cases(photo, mask, folder)
            times = alternate({case: command(*words) for case, words in lines.items()}, rounds=rounds)
            sizes = {case: (folder / f"{case}.png").stat().st_size for case in lines}
            shares = {case: f"{size / sizes['Pillow']:.2f}" for case, size in sizes.items()}
            print(f"\n{title}\n")
            print(table(times, base="maskkit", columns={"size / Pillow": shares}))
        print("\nwhere the time goes\n")
        print(stages(photo, mask, folder, rounds))


if __name__ == "__main__":
    main()
