"""The direct doors beside `rembg s`: uploads of one megapixel by 8 clients at once; from the checkout's top:

    U2NET_HOME=FOLDER python -m tests.benchmarks.doors_load [REMBG [REQUESTS [CLIENTS]]]

REMBG is the command of an installed rembg (extra `cli`), for example /venv/bin/rembg; without it maskkit is
measured alone. Both sides run u2netp with the same weights: maskkit's `auto` falls to it since the photo's
wall is not plain, and the line says who made the mask. rembg's mask is the network's, maskkit's is refined on
top of it. The doors are asked in turn, three rounds, and the best round of each counts.
"""

import asyncio
import contextlib
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time

import httpx
import numpy as np
from PIL import Image

DOORS = {
    "/cutout": ("photo", {}),
    "/v1.0/removebg": ("image_file", {"size": "auto"}),
    "/api/remove": ("file", {"model": "u2netp"}),
}


def photo(seed=0):
    """A disc before a wall of many colours, a JPEG of 1 MP; another for each seed: equals are made once."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 255, (24, 24, 3), np.uint8)
    wall = np.asarray(Image.fromarray(small).resize((1000, 1000), Image.Resampling.BICUBIC))
    y, x = np.mgrid[:1000, :1000]
    disc = (x - 500) ** 2 + (y - 480) ** 2 < 280**2
    stream = io.BytesIO()
    Image.fromarray(np.where(disc[..., None], np.uint8([200, 30, 40]), wall)).save(stream, "JPEG", quality=90)
    return stream.getvalue()


async def ask(base, door, photos, clients):
    """Seconds of each request, and of all."""
    name, fields = DOORS[door]
    waiting, took, makers = iter(photos), [], set()
    async with httpx.AsyncClient(base_url=base, timeout=300) as http:

        async def client():
            for one in waiting:
                begin = time.perf_counter()
                answer = await http.post(door, files={name: ("photo.jpg", one, "image/jpeg")}, data=fields)
                answer.raise_for_status()
                took.append(time.perf_counter() - begin)
                makers.add(answer.headers.get("x-mask-source", "rembg"))

        begin = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        return took, time.perf_counter() - begin, ", ".join(sorted(makers))


@contextlib.contextmanager
def maskkit():
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "maskkit", "serve", "--no-auth", "--port", "0", "--data-dir", folder]
        command += ["--units-per-minute", "1000000"]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            base = next(line for line in server.stderr if " serves on " in line).split()[-1].rstrip("/")
            drain = subprocess.Popen(["cat"], stdin=server.stderr, stdout=subprocess.DEVNULL)
            until(lambda: httpx.get(f"{base}/ready").status_code == 200)
            yield base
        finally:
            server.terminate()
            server.wait(60)
            drain.wait(10)


@contextlib.contextmanager
def rembg(command, port=7123):
    words = [command, "s", "--no-ui", "--host", "127.0.0.1", "--port", str(port), "--log_level", "error"]
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
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):
            if condition():
                return
        time.sleep(0.1)
    raise TimeoutError("the server does not start")


def main(command="", requests=48, clients=8):
    requests, clients = int(requests), int(clients)
    with contextlib.ExitStack() as stack:
        base = stack.enter_context(maskkit())
        asked = [(base, door, f"maskkit {door}") for door in DOORS]
        if command:
            asked.append((stack.enter_context(rembg(command)), "/api/remove", "rembg s /api/remove"))
        best, seeds = {}, iter(range(10**9))
        for where, door, _ in asked:  # what is loaded at the first request
            asyncio.run(ask(where, door, [photo(next(seeds))], 1))
        for _ in range(3):
            for where, door, name in asked:
                photos = [photo(next(seeds)) for _ in range(requests)]
                took, whole, makers = asyncio.run(ask(where, door, photos, clients))
                if name not in best or whole < best[name][1]:
                    best[name] = took, whole, makers
    for name, (took, whole, makers) in best.items():
        cuts = statistics.quantiles(took, n=100)
        rate = f"{requests / whole:.2f} a second, p50 {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s"
        print(f"{name}: {rate}, {clients} clients; by {makers}")


if __name__ == "__main__":
    main(*sys.argv[1:])
