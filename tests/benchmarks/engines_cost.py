"""What the weight-free engine costs: seconds of one thread and extra memory, 12 megapixels and hints at 1.

Run alone on a machine: ``python -m tests.benchmarks.engines_cost``.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from tests.benchmarks.harness import peak_memory


def scene(height: int, width: int, plain: bool) -> np.ndarray:
    """A striped ball on paper, or before a wall of bricks."""
    y, x = np.ogrid[:height, :width]
    photo = np.full((height, width, 3), (205, 200, 190), np.uint8)
    if not plain:
        brick = (y * 12 // height + x * 17 // width) % 3
        photo = np.array([(150, 110, 90), (95, 120, 80), (120, 100, 130)], np.uint8)[brick]
    ball = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (height / 4) ** 2
    photo[ball] = (180, 40, 50)
    photo[ball & ((y * 30 // height) % 4 == 0)] = (220, 180, 60)
    return photo


def spent(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    import maskkit as mk
    from maskkit.engines import classical

    mk.set_threads(1)
    for plain in (True, False):
        name = "plain backdrop" if plain else "no plain backdrop"
        photo = scene(3000, 4000, plain)
        seconds = statistics.median(spent(lambda p=photo: classical(p)) for _ in range(5))
        setup = (
            "from maskkit.engines import classical; from tests.benchmarks.engines_cost import scene; "
            f"classical(scene(600, 800, {plain})); photo = scene(3000, 4000, {plain})"
        )
        extra = peak_memory(setup, "classical(photo)")
        print(f"classical, 12 MP, {name}: {seconds:.2f} s, {extra:.0f} MB")
    session = mk.Session(scene(860, 1160, False))
    steps = {
        "box": lambda: session.box(280, 190, 880, 670),
        "keep": lambda: session.keep(580, 430),
        "drop": lambda: session.drop(100, 100),
        "alpha": lambda: session.estimate,
    }
    for name, step in steps.items():
        print(f"hints, 1 MP, {name}: {statistics.median(spent(step) for _ in range(3)):.2f} s")


if __name__ == "__main__":
    main()
