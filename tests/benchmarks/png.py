"""What reading and writing files costs: our PNG writer against Pillow's and OpenCV's, and the decoders.

python -m tests.benchmarks.png [megapixels]
"""

import io
import sys
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

import maskkit as mk
from tests.benchmarks.harness import Inputs, alternate, inputs, machine, markdown, peak_memory, table

MEMORY_SETUP = """
import numpy as np, maskkit as mk
from tests.benchmarks.harness import inputs
class Sink:
    def write(self, part): self.size = getattr(self, "size", 0) + len(part)
scene = inputs(12)
rgba = np.dstack([scene.photo, scene.mask])
mk.write(Sink(), rgba[:100], format="png")
content = mk.encode(scene.photo, "jpeg")
mk.read(mk.encode(scene.photo[:64], "jpeg"))
"""

WRITE = "mk.write(Sink(), rgba, format='png')"


def by_pillow(array: np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    """The file that Pillow writes."""
    file = io.BytesIO()
    Image.fromarray(array).save(file, kind, **options)
    return file.getvalue()


def by_opencv(array: np.ndarray) -> bytes:
    """The PNG that OpenCV writes, its own order of channels included."""
    order = cv2.COLOR_RGBA2BGRA if array.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return cv2.imencode(".png", cv2.cvtColor(array, order))[1].tobytes()


def writing(scene: Inputs, megapixels: float) -> None:
    """Tables of the PNG writers, one a kind of picture."""
    rgba = np.dstack([scene.photo, scene.mask])
    cleared = rgba.copy()
    cleared[scene.mask == 0] = 0
    pictures = {"RGBA, colour kept": rgba, "RGBA, cleared": cleared, "RGB": scene.photo}
    for name, picture in pictures.items():
        writers: dict[str, Callable[[np.ndarray], bytes]] = {
            "Pillow": by_pillow,
            "Pillow, level 1": lambda array: by_pillow(array, compress_level=1),
            "OpenCV": by_opencv,
            "maskkit": lambda array: mk.encode(array, "png"),
            "maskkit, small": lambda array: mk.encode(array, "png", compression="small"),
        }
        sizes = {writer: len(encode(picture)) for writer, encode in writers.items()}
        cases = {
            writer: (lambda encode=encode, picture=picture: encode(picture))  # type: ignore[misc]
            for writer, encode in writers.items()
        }
        shares = {writer: f"{size / sizes['Pillow']:.3f}" for writer, size in sizes.items()}
        times = alternate(cases, rounds=3, seconds=40)
        print(f"\nPNG, {name}\n")
        print(table(times, base="maskkit", megapixels=megapixels, columns={"size / Pillow": shares}))


def reading(scene: Inputs, megapixels: float) -> None:
    """Tables of the decoders, to an RGB or RGBA array."""
    rgba = np.dstack([scene.photo, scene.mask])
    contents = {
        "JPEG": by_pillow(scene.photo, "JPEG", quality=90),
        "PNG RGBA": mk.encode(rgba, "png"),
        "PNG RGB, 16 bit": mk.encode(scene.photo.astype(np.uint16) * 257, "png"),
    }
    for name, content in contents.items():
        buffer = np.frombuffer(content, np.uint8)
        cases = {
            "maskkit": lambda content=content: mk.read(content),
            "Pillow, np.asarray": lambda content=content: np.asarray(Image.open(io.BytesIO(content))),
            "OpenCV (BGR)": lambda buffer=buffer: cv2.imdecode(buffer, cv2.IMREAD_UNCHANGED),
        }
        print(f"\nreading {name}\n")
        print(table(alternate(cases, rounds=7, seconds=15), base="maskkit", megapixels=megapixels))


def main() -> None:
    """Print the tables."""
    megapixels = float(sys.argv[1]) if len(sys.argv) > 1 else 12
    scene = inputs(megapixels)
    print(machine())
    writing(scene, megapixels)
    reading(scene, megapixels)
    print("\nmemory at 12 MP, beyond input and result\n")
    rows = [
        ["write PNG RGBA to a file", f"{peak_memory(MEMORY_SETUP, WRITE):.1f}"],
        ["read JPEG", f"{peak_memory(MEMORY_SETUP, 'mk.read(content).pixels'):.1f}"],
    ]
    print(markdown(["", "MB"], rows))


if __name__ == "__main__":
    main()
