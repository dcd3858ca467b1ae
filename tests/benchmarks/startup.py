"""What starting costs.

`import maskkit` and the first call of each kind against `import numpy`; `maskkit --help` against bare Python.

python -m tests.benchmarks.startup
"""

import sys

from tests.benchmarks.harness import alternate, command, machine, table

# a picture so small that what is left is loading; none of it may need SciPy or Numba
PICTURE = """
import sys
import numpy as np
import maskkit as mk
y, x = np.mgrid[:160, :160]
mask = (255 * np.clip(50.5 - np.hypot(y - 80, x - 80), 0, 1)).astype(np.uint8)
photo = np.where(mask[..., None] > 127, np.uint8([200, 120, 60]), np.uint8([40, 90, 130]))
{call}
assert not {{"scipy", "numba"}} & set(sys.modules)
"""
CALLS = {
    "refine": "mk.refine(photo, mask)",
    "refine, hair": "mk.refine(photo, mask, mode='hair')",
    "decontaminate": "mk.decontaminate(photo, mask)",
    "estimate": "mk.estimate(photo, 'classical')",
    "cutout without a mask": "mk.cutout(photo, source='classical')",
}
CASES = {
    "import numpy": ("-c", "import numpy"),
    "import maskkit": ("-c", "import maskkit"),
    "import cv2": ("-c", "import cv2"),
    "first use: maskkit.cutout": ("-c", "import maskkit; maskkit.cutout"),
    "python": ("-c", "pass"),
    "maskkit --help": ("-m", "maskkit", "--help"),
    **{f"first {name}": ("-c", PICTURE.format(call=call)) for name, call in CALLS.items()},
}


def main() -> None:
    """Print the table of whole processes."""
    print(machine())
    times = alternate({name: command(sys.executable, *words) for name, words in CASES.items()}, rounds=15)
    print(table(times, base="import numpy"))


if __name__ == "__main__":
    main()
