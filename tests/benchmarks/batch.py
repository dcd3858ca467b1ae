"""Many pictures: `maskkit batch` against a shell loop, a bare loop, one core, and rembg where there is one.

Counts are small by default; the table's own take a while: --photos 500 --thumbs 10000 --large 200. Rows may
be named, so that each is a short run of its own: given estimated cores thumbs memory killed scale rembg.
Ratios are of seconds by the clock, and of processor time, which others on the machine hardly change.

python -m tests.benchmarks.batch [ROW...] [--photos N] [--thumbs N] [--large N] [--rembg PROGRAM]
"""

import argparse
import contextlib
import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np

import maskkit as mk
from tests.benchmarks.harness import ROOT, machine

COMMAND = [sys.executable, "-m", "maskkit"]


def fill(folder, count, side, noise=0.0):
    """``photos`` of a mug, each moved by a pixel, and ``masks`` of a disc; ``noise`` in levels."""
    photo = mk.read(ROOT / "sample_files/product.jpg").pixels
    photo = mk.backdrop.image(photo, (side, side * 3 // 4))
    y, x = np.mgrid[: photo.shape[0], :side]
    away = np.hypot(y - photo.shape[0] / 2, x - side / 2)
    if noise:
        grain = np.random.default_rng(0).normal(0, noise, photo.shape)
        photo = np.clip(np.round(photo + grain), 0, 255).astype(np.uint8)
    mask = np.round(np.clip(side / 4 - away + 0.5, 0, 1) * 255).astype(np.uint8)
    for name in ("photos", "masks"):
        (folder / name).mkdir(parents=True)
    for number in range(count):
        mk.write(folder / f"photos/{number:05}.jpg", np.roll(photo, number, axis=1))
        mk.write(folder / f"masks/{number:05}.png", mask)
    return folder


def batch(folder, *words, cores=None):
    """A fresh run; seconds, and the children's seconds of processor time."""
    for name in ("out", "out.batch"):
        shutil.rmtree(folder / name, ignore_errors=True)
    tied = ["taskset", "-c", cores] if cores else []
    return timed([*tied, *COMMAND, "batch", "photos", "out", "-q", *map(str, words)], folder)


def timed(words, folder, text=None):
    """Wall-clock seconds and processor seconds of a command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(words, cwd=folder, check=True, input=text, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def loop(folder, *words):
    """`xargs -P 2` over the same photos."""
    shutil.rmtree(folder / "loop", ignore_errors=True)
    (folder / "loop").mkdir()
    words = ("-m", "masks/{}.png") if words == ("-m",) else words
    each = [*COMMAND, "cutout", "photos/{}.jpg", "-q", *words, "-o", "loop/{}.png"]
    names = "\n".join(one.stem for one in sorted((folder / "photos").iterdir()))
    return timed(["xargs", "-P", "2", "-I", "{}", *each], folder, names.encode())


def bare(folder):
    """Decode, apply and encode in one process and one thread: processor seconds."""
    program = """
import sys, pathlib, maskkit as mk
mk.set_threads(1)
pathlib.Path("bare").mkdir(exist_ok=True)
for photo in sorted(pathlib.Path("photos").iterdir()):
    mk.cutout(photo, f"masks/{photo.stem}.png").save(f"bare/{photo.stem}.png")
"""
    return timed([sys.executable, "-c", program], folder)


def killed(folder, times=10):
    """End a batch by ``kill -9`` again and again, and let it go on; what went wrong, or "nothing"."""
    batch(folder, "-m", "masks")
    (folder / "out").rename(folder / "undisturbed")
    shutil.rmtree(folder / "out.batch")
    words, moments = [*COMMAND, "batch", "photos", "out", "-m", "masks", "--json"], random.Random(0)
    for _ in range(times):
        with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, start_new_session=True) as run:
            for _ in range(moments.randrange(1, 2 * len(list((folder / "photos").iterdir())) // (times * 3))):
                run.stdout.readline()
            os.killpg(run.pid, signal.SIGKILL)
    subprocess.run(words, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    made, whole = hashes(folder / "out"), hashes(folder / "undisturbed")
    return "nothing" if made == whole else f"{len(made)} outputs of {len(whole)}, or others"


def hashes(folder):
    """The SHA-256 of each file, by its name; what is half written, too."""
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.iterdir()}


def scale(folder):
    """What 10,000 small pictures need, for the table in docs/cluster.md: rates that do not depend on them."""
    from maskkit.batches.journal import Journal
    from maskkit.batches.tasks import Outcome, Task

    with Journal(folder / "rate.sqlite") as journal:
        start, count = time.perf_counter(), 100_000
        for number in range(count):
            name = f"{number:06}.png"
            made = Outcome(f"photos/{name}", f"out/{name}", name, "done", content="0" * 64)
            journal.put(made, Task(made.photo, made.output, name), "0" * 64, "120:1:1 120:1:1")
        journal.flush()
        rate, size = count / (time.perf_counter() - start), bytes_of(folder)
        row("journal", "", f"{rate:.0f} pictures a second, {size} bytes each")
    with contextlib.suppress(ImportError):
        from distributed import Client, LocalCluster, wait

        with (
            LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            start = time.perf_counter()
            wait(client.map(int, range(2000), pure=False))
            row("scheduler of Dask", "", f"{2000 / (time.perf_counter() - start):.0f} bundles a second")


def bytes_of(folder, count=100_000):
    """The bytes of a row of the journal."""
    return sum(one.stat().st_size for one in folder.glob("rate.sqlite*")) // count


def row(name, reach, told):
    """A line of the table."""
    print(f"| {name} | {reach} | {told} |", flush=True)


def best(call, rounds):
    """The least wall-clock and the least processor seconds of some runs: others use the machine, too."""
    walls, processors = zip(*(call() for _ in range(rounds)), strict=True)
    return min(walls), min(processors)


def times(slow, quick):
    """How many times the seconds of ``quick`` are those of ``slow``."""
    (wall, processor), (least, used) = slow, quick
    return f"{wall / least:.2f} x ({wall:.0f} s), processor time {processor / used:.2f} x ({processor:.0f} s)"


def memory(folder):
    """Resident megabytes of the largest worker, for the first and the last tenth of a run."""
    import psutil

    for name in ("out", "out.batch"):
        shutil.rmtree(folder / name, ignore_errors=True)
    count, seen = len(list((folder / "photos").iterdir())), []
    words = [*COMMAND, "batch", "photos", "out", "-m", "masks", "--json"]
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE) as run:
        workers = psutil.Process(run.pid)
        for number, line in enumerate(run.stdout):
            if number % max(1, count // 200) == 0 and b'"picture"' in line:
                seen.append(max((one.memory_info().rss for one in workers.children()), default=0) / 1e6)
    tenth = max(1, len(seen) // 10)
    return np.mean(seen[tenth : 2 * tenth]), np.mean(seen[-tenth:])


def given(counts, folders):
    """With masks, against a shell loop."""
    small = folders("small", counts.photos, 816)
    quick, slow = best(lambda: batch(small, "-m", "masks"), counts.rounds), loop(small, "-m")
    row(f"{counts.photos} of 0.5 MP, given masks, against xargs -P 2", ">= 8 x", times(slow, quick))


def estimated(counts, folders):
    """Without masks, by the network, against a shell loop; what is not asked for is not measured."""
    small, by = folders("small", counts.photos, 816), ("--source", "onnx", "--model", "u2netp")
    quick, slow = best(lambda: batch(small, *by, "--no-inspect"), counts.rounds), loop(small, *by)
    row(f"{counts.photos} of 0.5 MP, u2netp, against xargs -P 2", ">= 2 x", times(slow, quick))


def cores(counts, folders):
    """Two workers against one on one core."""
    if shutil.which("taskset"):
        small = folders("small", counts.photos, 816)
        one = best(lambda: batch(small, "--workers", 1, cores="0"), counts.rounds)
        two = best(lambda: batch(small, "--workers", 2), counts.rounds)
        row(f"two cores against one, {counts.photos} estimated", ">= 1.85 x", times(one, two))


def thumbs(counts, folders):
    """Processor time of small pictures against a bare loop, and that of the gate."""
    small, many = folders("thumbs", counts.thumbs, 256), counts.thumbs
    alone = best(lambda: bare(small), counts.rounds)[1]
    plain = best(lambda: batch(small, "-m", "masks", "--no-inspect"), counts.rounds)[1]
    gated = best(lambda: batch(small, "-m", "masks"), counts.rounds)[1]
    told = f"{plain / alone:.2f} x ({plain / many * 1e3:.1f} ms)"
    row(f"{many} thumbnails of 256 px against a bare loop, CPU", "<= 1.25 x", told)
    row("the gate, a thumbnail", "<= 3 ms", f"{(gated - plain) / many * 1e3:.1f} ms")


def flat(counts, folders):
    """Memory over a run."""
    first, last = memory(folders("thumbs", counts.thumbs, 256))
    told = f"{first:.0f} and {last:.0f} MB"
    row(f"resident memory of a worker, {counts.thumbs} thumbnails, first and last tenth", "5%", told)


def kills(counts, folders):
    """What ten ends by ``kill -9`` leave."""
    told = killed(folders("thumbs", counts.thumbs, 256))
    row(f"ten kill -9 over {counts.thumbs}: what is lost, twice or half", "nothing", told)


def rates(_counts, folders):
    """Rates of journal and scheduler."""
    scale(folders("scale", 0, 256))


def rival(counts, folders):
    """rembg, where it is."""
    rembg = counts.rembg or shutil.which("rembg")
    if rembg and counts.large:
        large = folders("large", counts.large, 4000, 3.0)  # enlarged, it has none of its own
        theirs = timed([rembg, "p", "-m", "u2netp", "photos", "rembg"], large)
        ours = batch(large, "--source", "onnx", "--model", "u2netp", "--no-inspect")
        row(f"{counts.large} of 12 MP, u2netp, against rembg p", ">= 5 x", times(theirs, ours))


ROWS = {
    "given": given, "estimated": estimated, "cores": cores, "thumbs": thumbs, "memory": flat, "killed": kills,
    "scale": rates, "rembg": rival,
}  # fmt: skip


def main():
    """Print the table."""
    ask = argparse.ArgumentParser()
    ask.add_argument("rows", nargs="*", metavar="ROW", help=" ".join(ROWS))
    for name, count in (("photos", 60), ("thumbs", 1500), ("large", 6), ("rounds", 2)):
        ask.add_argument(f"--{name}", type=int, default=count)
    ask.add_argument("--rembg", help="its program, installed in an environment of its own")
    counts = ask.parse_args()
    if unknown := set(counts.rows) - set(ROWS):
        ask.error(f"no such row: {min(unknown)}; need some of {' '.join(ROWS)}")
    os.environ["PYTHONPATH"] = str(ROOT)
    print(machine())
    print("| case | reach | measured |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        folders = cache(lambda name, *told: fill(Path(place) / name, *told))
        for name in counts.rows or ROWS:
            ROWS[name](counts, folders)


if __name__ == "__main__":
    main()
