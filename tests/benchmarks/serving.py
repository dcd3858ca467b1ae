"""A server in a process of its own, for the benchmarks that load one: started, watched, ended."""

import asyncio
import contextlib
import json
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
def maskkit(*options, python=None):
    """`maskkit serve` of this checkout, or of what `python` has installed: its address, its process."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if python is None:
        environment["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        words = ["-m", "maskkit", "serve", "--no-auth", "--port", "0", "--data-dir", f"{folder}/data"]
        words = [python or sys.executable, *words, *map(str, options)]
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


class Line:
    """HTTP over one connection that is kept: what loads a server must not take its two cores from it.

    `httpx` takes about a millisecond a request.
    """

    def __init__(self, base):
        self._host = base.removeprefix("http://")
        self._reader = self._writer = None

    async def ask(self, verb, url, body=b"", **headers):
        """Status, headers in lower case, body."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(*self._host.split(":"))
        said = {"host": self._host, "content-length": len(body)} | headers
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in said.items())
        path = url.removeprefix(f"http://{self._host}")
        self._writer.write(f"{verb} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().splitlines()
        told = dict(line.split(": ", 1) for line in head[1:] if line)
        return int(head[0].split()[1]), told, await self._reader.readexactly(int(told["content-length"]))

    async def post(self, url, body):
        """Status, headers and JSON of what is ordered."""
        status, headers, content = await self.ask(
            "POST", url, json.dumps(body).encode(), content_type="application/json"
        )
        return status, headers, json.loads(content)

    async def get(self, url):
        """JSON."""
        return json.loads((await self.ask("GET", url))[2])

    def close(self):
        """End the connection."""
        if self._writer is not None:
            self._writer.close()


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
