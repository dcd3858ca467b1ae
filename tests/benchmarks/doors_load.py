"""The direct doors beside `rembg s`: uploads of one megapixel by 8 clients at once; from the checkout's top:

    U2NET_HOME=FOLDER python -m tests.benchmarks.doors_load rembg --rembg PROGRAM
    python -m tests.benchmarks.doors_load spread memory dripping

`rembg`: requests a second. PROGRAM is the command of an installed rembg (extra `cli`), for example
/venv/bin/rembg; without it maskkit is measured alone. Both sides run u2netp with the same weights: maskkit's
`auto` falls to it since the photo's wall is not plain, and the line says who made the mask. rembg's mask is
the network's, maskkit's is refined on top of it. The doors are asked in turn, and the best round of each
counts. `spread`: p99 over p50 of the requests that were admitted, 50 clients, `chroma`. `memory`: over many
requests of both doors. `dripping`: what a client's latency is while another's six stores drip, to what it is
alone. Each row ends within three minutes; --requests and --rounds make it longer or shorter.
"""

import argparse
import asyncio
import contextlib
import io
import statistics
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import numpy as np
from PIL import Image

from tests.benchmarks import serving
from tests.benchmarks.server_load import one_job, staged
from tests.benchmarks.server_load import photo as small_photo

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


async def ask(base, door, photos, clients, watch=None):
    """Seconds of each request that was admitted, and of all; who made the masks; how many were refused."""
    name, fields = DOORS[door]
    waiting, took, makers, refused = iter(photos), [], set(), 0
    limits = httpx.Limits(max_connections=clients)
    async with httpx.AsyncClient(base_url=base, timeout=300, limits=limits) as http:

        async def client():
            nonlocal refused
            for one in waiting:
                begin = time.perf_counter()
                answer = await http.post(door, files={name: ("photo.jpg", one, "image/jpeg")}, data=fields)
                if answer.status_code == 429:
                    refused += 1
                    continue
                answer.raise_for_status()
                took.append(time.perf_counter() - begin)
                makers.add(answer.headers.get("x-mask-source", "rembg"))
                if watch is not None:
                    watch()

        begin = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        return took, time.perf_counter() - begin, ", ".join(sorted(makers)), refused


def beside_rembg(asked):
    """Requests a second of each door."""
    with contextlib.ExitStack() as stack:
        base, _ = stack.enter_context(serving.maskkit("--units-per-minute", 10**6))
        doors = [(base, door, f"maskkit {door}") for door in DOORS]
        if asked.rembg:
            rival = stack.enter_context(serving.rembg(asked.rembg))
            doors.append((rival, "/api/remove", "rembg s /api/remove"))
        best, seeds = {}, iter(range(10**9))
        for where, door, _ in doors:  # what is loaded at the first request
            asyncio.run(ask(where, door, [photo(next(seeds))], 1))
        for _ in range(asked.rounds):
            for where, door, name in doors:
                photos = [photo(next(seeds)) for _ in range(asked.requests or 48)]
                took, whole, makers, _ = asyncio.run(ask(where, door, photos, asked.clients or 8))
                if name not in best or len(took) / whole > best[name][0]:
                    best[name] = len(took) / whole, took, makers
    slowest = best.get("rembg s /api/remove", [None])[0]
    for name, (rate, took, makers) in best.items():
        p50, _, p99 = serving.percentiles(took)
        ratio = f", {rate / slowest:.2f} x rembg's" if slowest else ""
        print(f"{name}: {rate:.2f} a second{ratio}, p50 {p50:.0f} ms, p99 {p99:.0f} ms; by {makers}")


def spread(asked):
    """p99 against p50 with as many clients as want, on each door."""
    count, clients = asked.requests or 500, asked.clients or 50
    with serving.maskkit("--engine", "chroma", "--units-per-minute", 10**6) as (base, _):
        for door in ("/cutout", "/v1.0/removebg"):
            photos = [small_photo(seed) for seed in range(count + clients)]  # equals are made once
            asyncio.run(ask(base, door, photos[count:], clients))
            took, whole, _, refused = asyncio.run(ask(base, door, photos[:count], clients))
            p50, _, p99 = serving.percentiles(took)
            print(f"{door}: {count} requests of {clients} clients, {refused} refused, {whole:.1f} s")
            print(f"{door}: p50 {p50:.0f} ms, p99 {p99:.0f} ms, {p99 / p50:.2f} x")


def flat(asked):
    """Memory over many requests."""
    count, sizes = asked.requests or 2000, []
    with serving.maskkit("--engine", "chroma", "--units-per-minute", 10**6) as (base, server):
        for turn, door in enumerate(("/cutout", "/v1.0/removebg") * 4):
            photos = [small_photo(turn * count + number) for number in range(count // 8)]
            asyncio.run(ask(base, door, photos, 8, lambda: sizes.append(serving.memory(server))))
    print(f"{len(sizes)} requests")
    serving.print_memory(sizes)


class _Dripping(BaseHTTPRequestHandler):
    """A store that sends a byte every five seconds."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b"x")
                time.sleep(5)

    def log_message(self, *_):
        pass


def dripping(asked):
    """A client's latency beside one whose stores drip, to its own alone; the medians of many jobs."""
    count = asked.requests or 60
    store = ThreadingHTTPServer(("127.0.0.1", 0), _Dripping)
    store.daemon_threads = True
    threading.Thread(target=store.serve_forever, daemon=True).start()
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")  # each address is a client of its own
    alone, beside, left = [], [], 0
    with (
        serving.maskkit("--engine", "chroma", "--allow-http-loopback") as (base, _),
        httpx.Client(base_url=base, transport=elsewhere) as slow,
    ):
        for number in range(asked.rounds):
            alone += asyncio.run(_jobs(base, count, number))
            held = [_hold(slow, f"http://127.0.0.1:{store.server_port}/{number}-{n}.png") for n in range(6)]
            beside += asyncio.run(_jobs(base, count, number))
            left += sum(_state(slow, one) == "running" for one in held)
            for one in held:
                serving.until(partial(_has_failed, slow, one))
    p50, usual = (1000 * statistics.median(one) for one in (beside, alone))
    print(f"{left} of {6 * asked.rounds} dripped to the end; {len(alone)} jobs beside them, and alone")
    print(f"latency beside six dripping stores: {p50 / usual:.2f} x ({p50:.0f} ms, alone {usual:.0f} ms)")


def _hold(http, url):
    answer = http.post("/v2/remove-background", json={"image": {"source": {"url": url}}, "mode": "mask"})
    return answer.json()["statusUrl"]


def _state(http, url):
    return http.get(url).json()["status"]


def _has_failed(http, url):
    return _state(http, url) == "failed"


async def _jobs(base, count, seed):
    """Seconds of each of some jobs, one after the other."""
    with contextlib.closing(serving.Line(base)) as line:
        source = await staged(line, small_photo(seed))
        return [(await one_job(line, source, 1))[1] for _ in range(count)]


ROWS = {"rembg": beside_rembg, "spread": spread, "memory": flat, "dripping": dripping}


def main():
    """Print the rows."""
    ask_for = argparse.ArgumentParser()
    ask_for.add_argument("rows", nargs="*", metavar="ROW", help=" ".join(ROWS))
    ask_for.add_argument("--requests", type=int, default=0)
    ask_for.add_argument("--clients", type=int, default=0)
    ask_for.add_argument("--rounds", type=int, default=3)
    ask_for.add_argument("--rembg", default="", metavar="PROGRAM")
    asked = ask_for.parse_args()
    if unknown := set(asked.rows) - set(ROWS):
        ask_for.error(f"no such row: {min(unknown)}; need some of {' '.join(ROWS)}")
    for name in asked.rows or ROWS:
        ROWS[name](asked)


if __name__ == "__main__":
    main()
