"""Time rivals side by side in one process, and report ratios instead of the machine's mood.

Every case runs once to warm up, then in rounds whose order is shuffled, so that a noisy neighbour, a hot
core or a cold cache meets each of them alike. What is reported is the median and the spread of the middle
half. A benchmark script reads like this and is run from the top of the checkout,
`python -m tests.benchmarks.compositing`:

    from tests.benchmarks.harness import alternate, copying, inputs, table

    photo, backdrop, mask = inputs(12)
    out = np.empty_like(photo)
    times = alternate({
        "memory copy": copying(photo),
        "maskkit": lambda: mk.composite(photo, backdrop, mask, out=out),
    })
    print(table(times, base="memory copy", megapixels=12))
"""

import importlib
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_SECONDS = 0.005  # quicker calls are repeated until one sample lasts this long


class Timing(NamedTuple):
    """Seconds a call took, one entry per round."""

    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle sample."""
        return statistics.median(self.samples)

    @property
    def spread(self) -> float:
        """Width of the middle half of the samples as a share of the median."""
        low, _, high = statistics.quantiles(self.samples, n=4)
        return (high - low) / self.median


def alternate(
    cases: Mapping[str, Callable[[], object]], *, rounds: int = 9, seconds: float = 60, seed: int = 1
) -> dict[str, Timing]:
    """Time the cases in shuffled rounds; stop early (after 3 rounds) when `seconds` have passed."""
    order, shuffle = list(cases), random.Random(seed).shuffle
    repeats = {name: _repeats(call) for name, call in cases.items()}
    samples: dict[str, list[float]] = {name: [] for name in cases}
    end = time.perf_counter() + seconds
    for done in range(rounds):
        if done >= 3 and time.perf_counter() > end:
            break
        shuffle(order)
        for name in order:
            samples[name].append(_sample(cases[name], repeats[name]))
    return {name: Timing(tuple(taken)) for name, taken in samples.items()}


def _sample(call: Callable[[], object], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def _repeats(call: Callable[[], object]) -> int:
    call()  # warm-up: imports, tables, thread pools, first touch of the output's pages
    return max(1, round(SAMPLE_SECONDS / max(_sample(call, 1), 1e-7)))


def copying(array: np.ndarray) -> Callable[[], object]:
    """The yardstick: one thread copies the same bytes into memory that is already there."""
    target = np.empty_like(array)
    target[...] = array
    return lambda: np.copyto(target, array)


def command(*argv: str | Path, **environment: str) -> Callable[[], object]:
    """A case that runs a whole process, start to exit; its output is dropped, its failure is raised."""
    arguments, env = [str(word) for word in argv], {**os.environ, **environment}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is not compiled anew at every start
    return lambda: subprocess.run(arguments, check=True, capture_output=True, cwd=ROOT, env=env)


def table(
    times: Mapping[str, Timing],
    *,
    base: str,
    megapixels: float | None = None,
    columns: Mapping[str, Mapping[str, object]] | None = None,
) -> str:
    """A Markdown table: median, ratio to `base`, spread, speed, and further columns {title: {case: text}}."""
    columns = columns or {}
    head = ["", "ms", f"x {base}", "spread", *(["MP/s"] if megapixels else []), *columns]
    rows = []
    for name, timing in times.items():
        ratio = timing.median / times[base].median
        cells = [name, f"{timing.median * 1e3:.3g}", f"{ratio:.3g}", f"±{timing.spread / 2:.0%}"]
        cells += [f"{megapixels / timing.median:.0f}"] if megapixels else []
        rows.append([*cells, *(str(column.get(name, "")) for column in columns.values())])
    return markdown(head, rows)


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table, first column flush left and the others right."""
    rule = [":--", *["--:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in (head, rule, *rows))


def worst_error(result: np.ndarray, exact: np.ndarray) -> float:
    """Largest |result - exact| in levels of the result's dtype, both given in those levels."""
    return float(np.abs(result.astype(np.float64) - exact.astype(np.float64)).max())


def peer(module: str) -> Any:
    """The rival's module, or None with a line that says it is left out."""
    try:
        return importlib.import_module(module)
    except ImportError:
        print(f"(left out: {module} is not installed)")
        return None


def machine() -> str:
    """One line on where the numbers come from."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    model = next(
        (line.split(": ", 1)[1] for line in lines if line.startswith("model name")), platform.machine()
    )
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, OpenCV {cv2.__version__}"
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, {versions}"


# ---- memory -----------------------------------------------------------------------------------------------

_PEAK = """
import ctypes, gc, re, resource, sys
setup, expression = sys.argv[1:]
names = {}
exec(setup, names)

def kilobytes(field):
    return int(re.search(field + r":\\s+(\\d+)", open("/proc/self/status").read())[1])

def nbytes(value):
    if isinstance(value, (tuple, list)):
        return sum(map(nbytes, value))
    given = any(value is known for known in names.values())
    return 0 if given else getattr(value, "nbytes", len(value) if isinstance(value, bytes) else 0)

gc.collect()
if sys.platform == "linux":
    getattr(ctypes.CDLL(None), "malloc_trim", int)(0)  # what the setup freed must not hide what comes
    open("/proc/self/clear_refs", "w").write("5")      # the high-water mark starts again from here
    before, peak = kilobytes("VmRSS"), lambda: kilobytes("VmHWM")
else:
    unit = 1024 if sys.platform == "darwin" else 1
    peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit
    before = peak()
result = eval(expression, names)
print("peak", peak() * 1024 - before * 1024 - nbytes(result))
"""


def peak_memory(setup: str, expression: str) -> float:
    """MB that evaluating `expression` takes at its height, beyond its inputs and its result.

    As with timeit both are source text: `setup` makes the inputs (and the `out=` array, touched) in a fresh
    process, and calls the expression once on something small so that imports and pools are not counted.
    """
    argv = [sys.executable, "-c", _PEAK, setup, expression]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    env = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=env)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return max(0.0, int(done.stdout.rsplit("peak", 1)[1]) / 1e6)


# ---- inputs -----------------------------------------------------------------------------------------------


class Inputs(NamedTuple):
    """Two photo-like pictures and a hairy mask of one size."""

    photo: np.ndarray
    backdrop: np.ndarray
    mask: np.ndarray


def inputs(megapixels: float = 12, *, seed: int = 7) -> Inputs:
    """4:3 uint8 pictures of that many megapixels; 12 gives 4000 x 3000, the phone camera's."""
    width = round((megapixels * 1e6 * 4 / 3) ** 0.5 / 4) * 4
    shape = (width * 3 // 4, width)
    return Inputs(
        photo_like(shape, seed=seed), photo_like(shape, seed=seed + 1), hairy_mask(shape, seed=seed)
    )


def photo_like(shape: tuple[int, int], *, seed: int = 0) -> np.ndarray:
    """Soft shapes, texture and noise that nowhere repeats; as PNG 1.5 bytes a pixel, as photos."""
    rng, (height, width) = np.random.default_rng(seed), shape
    photo = cv2.resize(rng.uniform(30, 220, (9, 12, 3)).astype(np.uint8), (width, height), interpolation=2)
    for top in range(0, height, 512):  # by strips, for memory
        strip = photo[top : top + 512]
        grain = rng.standard_normal(strip.shape, np.float32) * 2.5 + 128
        grain += cv2.resize(rng.normal(0, 6, (64, width // 8 + 1, 3)).astype(np.float32), (width, 512))[
            : len(strip)
        ]
        strip[...] = cv2.addWeighted(strip, 1, grain.round().clip(0, 255).astype(np.uint8), 1, -128)
    return photo


def hairy_mask(shape: tuple[int, int], *, soft: float = 0.05, seed: int = 0) -> np.ndarray:
    """A head with strands: white inside, black outside, and a share `soft` of pixels in between."""
    rng, (height, width) = np.random.default_rng(seed), shape
    mask = np.zeros(shape, np.uint8)
    radius = min(shape) * 0.33
    along = np.linspace(0, 1, 24)[:, None]
    while np.count_nonzero((mask > 0) & (mask < 255)) < soft * mask.size:
        for _ in range(40):
            turn = rng.uniform(0, 2 * np.pi) + rng.normal(0, 0.5) * along
            reach = radius * (0.93 + rng.uniform(0.1, 0.45) * along)
            strand = np.hstack([width / 2 + reach * np.cos(turn), height / 2 + reach * np.sin(turn)])
            thickness = max(1, int(rng.integers(1, 3) * height / 1500))
            points = (strand * 16).round().astype(np.int32)
            cv2.polylines(mask, [points], False, int(rng.integers(20, 250)), thickness, cv2.LINE_AA, 4)
        cv2.circle(mask, (width // 2, height // 2), int(radius), 255, -1, cv2.LINE_AA)
    return mask
