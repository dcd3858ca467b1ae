"""What starting costs: `import maskkit` against `import numpy`, `maskkit --help` against a bare Python.

python -m tests.benchmarks.startup
"""

import sys

from tests.benchmarks.harness import alternate, command, machine, table

CASES = {
    "import numpy": ("-c", "import numpy"),
    "import maskkit": ("-c", "import maskkit"),
    "import cv2": ("-c", "import cv2"),
    "first use: maskkit.cutout": ("-c", "import maskkit; maskkit.cutout"),
    "python": ("-c", "pass"),
    "maskkit --help": ("-m", "maskkit", "--help"),
}


def main() -> None:
    """Print the table of whole processes."""
    print(machine())
    times = alternate({name: command(sys.executable, *words) for name, words in CASES.items()}, rounds=15)
    print(table(times, base="import numpy"))


if __name__ == "__main__":
    main()
