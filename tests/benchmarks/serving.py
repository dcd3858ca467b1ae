"""A server in a process of its own, for the benchmarks that load one: started, watched, ended."""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time

import httpx
import psutil

from tests.benchmarks.harness import ROOT


@contextlib.contextmanager
def maskkit(*options, python=None, who=("--no-auth",)):
    """`maskkit serve` of this checkout, or of what `python` has installed: its address, its process."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if python is None:
        environment["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        words = ["-m", "maskkit", "serve", *who, "--port", "0", "--data-dir", f"{folder}/data", *options]
        words = [python or sys.executable, *map(str, words)]
        server = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment, cwd=folder)
        try:
            base = next(line for line in server.stderr if " serves on " in line).split()[-1].rstrip("/")
            drain = subprocess.Popen(["cat"], stdin=server.stderr, stdout=subprocess.DEVNULL)
            until(lambda: httpx.get(f"{base}/ready").status_code == 200)
            yield base, psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait(60)
            drain.wait(10)


@contextlib.contextmanager
def rembg(program, port=7123):
    """`rembg s`: its address."""
    words = [program, "s", "--no-ui", "--host", "127.0.0.1", "--port", str(port), "--log_level", "error"]
    environment = os.environ | {"MODEL_CHECKSUM_DISABLED": "1"}
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, env=environment)
    try:
        base = f"http://127.0.0.1:{port}"
        until(lambda: httpx.get(f"{base}/openapi.json").status_code == 200)
        yield base
    finally:
        server.terminate()
        server.wait(60)


def until(condition, seconds=600):  # rembg compiles for minutes when it is started for the first time
    """Wait for a server that may not listen yet."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):
            if condition():
                return
        time.sleep(0.1)
    raise TimeoutError("the server does not start")


def memory(server):
    """MB of the server's process, of its workers."""
    family = [server, *server.children(recursive=True)]
    each = [one.memory_info().rss / 1e6 for one in family]
    return each[0], sum(each[1:])


def cpu(server):
    """Seconds of CPU: the server's process, its workers."""
    each = [one.cpu_times() for one in (server, *server.children(recursive=True))]
    used = [one.user + one.system for one in each]
    return used[0], sum(used[1:])


def percentiles(seconds):
    """p50, p95 and p99 in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100)
    return [1000 * cuts[p - 1] for p in (50, 95, 99)]


def told(cuts):
    """Percentiles as text."""
    return " / ".join(f"{cut:.0f}" for cut in cuts)


def print_memory(sizes):
    """Threads start in the first quarter, so that growth is what later ones have beyond the second."""
    quarter = len(sizes) // 4
    medians = [
        [statistics.median(one) for one in zip(*sizes[start : start + quarter], strict=True)]
        for start in range(0, 4 * quarter, quarter)
    ]
    for number, (alone, workers) in enumerate(medians, 1):
        print(f"quarter {number}: server {alone:.1f} MB, workers {workers:.1f} MB (medians)")
    for name, which in (("server", 0), ("workers", 1)):
        from_first, from_second = (medians[3][which] - medians[start][which] for start in (0, 1))
        print(f"{name}: last quarter {from_first:+.1f} MB to the first, {from_second:+.1f} MB to the second")
