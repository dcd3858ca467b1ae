"""A photo and its mask to a cutout, whole processes, against the same in Pillow.

python -m tests.benchmarks.end_to_end
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from tests.benchmarks.harness import alternate, command, inputs, machine, table

PILLOW = """
import sys
from PIL import Image
photo, mask, target, level = sys.argv[1:]
image = Image.open(photo)
image.putalpha(Image.open(mask).convert("L"))
image.save(target, compress_level=int(level))
"""


def main() -> None:
    """Print the table at 12 megapixels."""
    photo, _, mask = inputs(12)
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("photo.jpg", "mask.png", "ours.png", "pillow.png")]
        Image.fromarray(np.ascontiguousarray(photo)).save(paths[0], quality=92)
        Image.fromarray(mask).save(paths[1])
        pillow = (sys.executable, "-c", PILLOW, paths[0], paths[1], paths[3])
        ours = (sys.executable, "-m", "maskkit", "cutout", paths[0], "-m", paths[1], "-o", paths[2])
        times = alternate(
            {
                "maskkit cutout": command(*ours),
                "Pillow, default level": command(*pillow, "6"),
                "Pillow, level 1": command(*pillow, "1"),
                "import numpy": command(sys.executable, "-c", "import numpy"),
            },
            rounds=5,
        )
        print(table(times, base="maskkit cutout"))
        sizes = [paths[2].stat().st_size / 1e6, paths[3].stat().st_size / 1e6]
        print(f"\nfiles: maskkit {sizes[0]:.1f} MB, Pillow at the level that ran last {sizes[1]:.1f} MB")


if __name__ == "__main__":
    main()
