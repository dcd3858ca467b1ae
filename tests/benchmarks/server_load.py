"""Load on the server: 2,000 small jobs over HTTP by 50 clients at once; run from the top of the checkout:

    python -m tests.benchmarks.server_load [JOBS [CLIENTS [ENGINE]]]

The server is `maskkit serve` in a process of its own, photos and masks lie in its own staging. Each client
submits a job, polls until it has ended, and fetches every tenth mask. None may be lost. The engine is
`chroma` (the photo has a green screen): its few milliseconds leave the server's own work to be seen, where
`classical` takes nearly all the time for itself. Seconds per stage are the server's own, from its /metrics.
Memory is that of the server's process and of its workers, the median of each quarter.
"""

import asyncio
import io
import statistics
import subprocess
import sys
import tempfile
import time

import httpx
import numpy as np
import psutil
from PIL import Image


def photo():
    y, x = np.mgrid[:96, :128]
    disc = (x - 64) ** 2 + (y - 48) ** 2 < 30**2
    wall = np.random.default_rng(7).integers((0, 170, 55), (8, 180, 65), (96, 128, 3), np.uint8)
    stream = io.BytesIO()
    Image.fromarray(np.where(disc[..., None], np.uint8([200, 30, 40]), wall).astype(np.uint8)).save(
        stream, "PNG"
    )
    return stream.getvalue()


async def one_job(http, source, number):
    begin = time.perf_counter()
    body = {"image": {"source": {"url": source}}, "mode": "mask"}
    answer = await http.post("/v2/remove-background", json=body)
    while answer.status_code == 429:
        await asyncio.sleep(float(answer.headers["retry-after"]))
        answer = await http.post("/v2/remove-background", json=body)
    accepted, pause = time.perf_counter() - begin, 0.05
    url = answer.json()["statusUrl"]
    while True:
        status = (await http.get(url)).json()
        if status["status"] in ("succeeded", "failed"):
            break
        await asyncio.sleep(pause)
        pause = min(1.0, pause * 1.5)
    if number % 10 == 0 and status["status"] == "succeeded":
        mask = await http.get(status["result"]["outputs"][0]["destination"]["url"])
        if Image.open(io.BytesIO(mask.content)).size != (128, 96):
            status["status"] = "wrong"
    return accepted, time.perf_counter() - begin, status["status"]


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


def stages(base):
    """Mean seconds of each stage of a job."""
    lines = (line.split() for line in httpx.get(f"{base}/metrics").text.splitlines() if line[0] != "#")
    known = {name: float(value) for name, value in lines}
    sums = [name for name in known if name.startswith("maskkit_stage_seconds_sum")]
    return {name.split('"')[1]: known[name] / known[name.replace("_sum", "_count")] for name in sums}


async def load(base, server, jobs, clients):
    numbers, results, sizes = iter(range(jobs)), [], []
    limits = httpx.Limits(max_connections=clients)
    async with httpx.AsyncClient(base_url=base, timeout=60, limits=limits) as http:
        pair = (await http.post("/files")).json()
        await http.put(pair["put"]["href"], content=photo())

        async def client():
            for number in numbers:
                results.append(await one_job(http, pair["get"]["href"], number))
                if len(results) % 25 == 0:
                    sizes.append(memory(server))

        await asyncio.gather(*(client() for _ in range(clients)))
    return results, sizes


def percentiles(seconds):
    cuts = statistics.quantiles(seconds, n=100)
    return " / ".join(f"{cuts[p - 1] * 1000:.0f}" for p in (50, 95, 99))


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


def main(jobs=2000, clients=50, engine="chroma"):
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "maskkit", "serve", "--no-auth", "--port", "0", "--engine", engine]
        server = subprocess.Popen([*command, "--data-dir", folder], stderr=subprocess.PIPE, text=True)
        try:
            base = next(line for line in server.stderr if " serves on " in line).split()[-1].rstrip("/")
            drain = subprocess.Popen(["cat"], stdin=server.stderr, stdout=subprocess.DEVNULL)
            while httpx.get(f"{base}/ready").status_code != 200:
                time.sleep(0.1)
            begin = time.perf_counter()
            results, sizes = asyncio.run(load(base, psutil.Process(server.pid), jobs, clients))
            took = time.perf_counter() - begin
            spent, used = stages(base), cpu(psutil.Process(server.pid))
        finally:
            server.terminate()
            server.wait(60)
            drain.wait(10)
    states = {state: sum(one[2] == state for one in results) for state in {one[2] for one in results}}
    print(f"{jobs} jobs, {clients} clients: {states}, {took:.1f} s, {jobs / took:.0f} jobs/s")
    print(f"accepted, p50 / p95 / p99 ms: {percentiles([one[0] for one in results])}")
    print(f"done,     p50 / p95 / p99 ms: {percentiles([one[1] for one in results])}")
    print("ms per job by stage: " + ", ".join(f"{stage} {1000 * each:.1f}" for stage, each in spent.items()))
    print(f"CPU ms per job: server {1000 * used[0] / jobs:.1f}, workers {1000 * used[1] / jobs:.1f}")
    print_memory(sizes)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]), *sys.argv[3:])
