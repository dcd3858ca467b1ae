"""What 100 megapixels take: seconds of two threads, and memory beyond the inputs and the output.

Run alone on a machine: ``python -m tests.benchmarks.hundred_megapixels``, or with the names of some cases.
"""

from __future__ import annotations

import sys
import time

from tests.benchmarks.harness import machine, peak_memory

BYTES = 20  # a pixel, at most: a machine with 4 GB has that beside photo, backdrop and cutout

INPUTS = """
import numpy as np, maskkit as mk
from tests.benchmarks.harness import inputs
photo, backdrop, mask = inputs({megapixels})
cutout = np.dstack([photo, mask])
"""
CASES = {
    "feather": "mk.feather(mask, 12)",
    "grow": "mk.grow(mask, 60)",
    "composite": "mk.composite(photo, backdrop, mask)",
    "estimate": "mk.estimate(photo, 'classical')",
    "edge": "mk.refine(photo, mask)",
    "hair": "mk.refine(photo, mask, mode='hair')",
    "decontaminate": "mk.decontaminate(photo, mask)",
    "cutout": "mk.cutout(photo, source='classical')",
    "inspect": "mk.inspect(cutout, photo)",
}


def main() -> None:
    """Print a row a case. Raises AssertionError where one takes more memory than it may."""
    print(machine())
    print("| 100 megapixels | s | MB | bytes a pixel |\n| :-- | --: | --: | --: |")
    here: dict[str, object] = {}
    exec(INPUTS.format(megapixels=100), here)
    for name in sys.argv[1:] or CASES:
        start = time.perf_counter()
        exec(CASES[name], here)
        seconds = time.perf_counter() - start
        small = f"{INPUTS.format(megapixels=0.2)}{CASES[name]}\n"
        extra = peak_memory(small + INPUTS.format(megapixels=100), CASES[name])
        print(f"| {name} | {seconds:.1f} | {extra:.0f} | {extra / 100:.1f} |", flush=True)
        assert extra <= 100 * BYTES, name


if __name__ == "__main__":
    main()
