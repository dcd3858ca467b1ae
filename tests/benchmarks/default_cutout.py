"""`maskkit cutout photo.jpg -o x.png` at 12 megapixels without a mask: whole processes, the clock and memory.

REMBG (a program), U2NET_HOME (the folder of its weights) and BEFORE (an earlier checkout, compiled)
name what it is compared with; each is left out where it is not set. The weights of u2netp must be at hand.

python -m tests.benchmarks.default_cutout [rounds]
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tests.benchmarks.harness import ROOT, Timing, machine, peer, table

Case = tuple[list[str], dict[str, str]]


def photos(folder: Path) -> dict[str, Path]:
    """Two photos enlarged to 12 megapixels, with the noise that enlarging took away."""
    rng, found = np.random.default_rng(3), {}
    for name in ("cat", "coffee"):
        small = getattr(peer("skimage.data"), name)()
        large = cv2.resize(small, (4000, 3000), interpolation=cv2.INTER_CUBIC).astype(np.float32)
        large += rng.normal(0, 3, large.shape)
        found[name] = folder / f"{name}.jpg"
        Image.fromarray(large.round().clip(0, 255).astype(np.uint8)).save(found[name], quality=92)
    return found


def cases(photo: Path, target: Path) -> dict[str, Case]:
    """The command lines, and what each needs in the environment."""
    line = [sys.executable, "-m", "maskkit", "cutout", str(photo), "-o", str(target), "--quiet"]
    found: dict[str, Case] = {"maskkit": (line, {"PYTHONPATH": str(ROOT)})}
    if before := os.environ.get("BEFORE"):
        found["maskkit before"] = (line, {"PYTHONPATH": before})
    if rembg := os.environ.get("REMBG"):
        found["rembg"] = ([rembg, "i", "-m", "u2netp", str(photo), str(target)], {})
    return found


def run(case: Case) -> tuple[float, float]:
    """Seconds by the clock, and MB of memory at its peak."""
    words, environment = case
    env = {**os.environ, **environment}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is not compiled anew at every start
    start = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", env=env)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    return time.perf_counter() - start, usage.ru_maxrss / 1e3 * 1.024


def main() -> None:
    """Print a table a photo."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for photo, path in photos(folder).items():
            lines = cases(path, folder / "x.png")
            taken: dict[str, list[tuple[float, float]]] = {case: [] for case in lines}
            for turn in range(rounds + 1):
                for case, words in lines.items():
                    found = run(words)
                    if turn:  # the first fills the caches
                        taken[case].append(found)
            times = {case: Timing(tuple(seconds for seconds, _ in found)) for case, found in taken.items()}
            memory = {case: f"{max(peak for _, peak in found):.0f}" for case, found in taken.items()}
            print(f"\n{photo}\n\n{table(times, base='maskkit', columns={'MB': memory})}", flush=True)


if __name__ == "__main__":
    main()
