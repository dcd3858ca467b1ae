"""Load on the server: small jobs over HTTP by many clients at once; run from the top of the checkout:

    python -m tests.benchmarks.server_load [--jobs N] [--clients N] [--engine NAME] [--against PYTHON]

The server is `maskkit serve` in a process of its own, photos and masks lie in its own staging. Each client
submits a job, polls until it has ended, and fetches every tenth mask. None may be lost. The engine is
`chroma` (the photo has a green screen): its few milliseconds leave the server's own work to be seen, where
`classical` takes nearly all the time for itself. Seconds per stage are the server's own, from its /metrics.
Memory is that of the server's process and of its workers, the median of each quarter.

PYTHON is the interpreter of an environment with another build: the two are loaded in turn, --rounds times,
and the best of each is compared. 300 jobs, 3 rounds and two builds take some two minutes on two cores.
"""

import argparse
import asyncio
import contextlib
import io
import json
import time

import httpx
import numpy as np
from PIL import Image

from tests.benchmarks.serving import Line, cpu, maskkit, memory, percentiles, print_memory, told


def photo(seed=7):
    """A disc before a green screen, a PNG of 12 kilopixels; another for each seed."""
    y, x = np.mgrid[:96, :128]
    disc = (x - 64) ** 2 + (y - 48) ** 2 < 30**2
    wall = np.random.default_rng(seed).integers((0, 170, 55), (8, 180, 65), (96, 128, 3), np.uint8)
    stream = io.BytesIO()
    Image.fromarray(np.where(disc[..., None], np.uint8([200, 30, 40]), wall).astype(np.uint8)).save(
        stream, "PNG"
    )
    return stream.getvalue()


async def one_job(line, source, number):
    begin = time.perf_counter()
    body = {"image": {"source": {"url": source}}, "mode": "mask"}
    code, headers, answer = await line.post("/v2/remove-background", body)
    while code == 429:
        await asyncio.sleep(float(headers["retry-after"]))
        code, headers, answer = await line.post("/v2/remove-background", body)
    accepted, pause, polls = time.perf_counter() - begin, 0.05, 0
    while True:
        status, polls = await line.get(answer["statusUrl"]), polls + 1
        if status["status"] in ("succeeded", "failed"):
            break
        await asyncio.sleep(pause)
        pause = min(1.0, pause * 1.5)
    if number % 10 == 0 and status["status"] == "succeeded":
        mask = (await line.ask("GET", status["result"]["outputs"][0]["destination"]["url"]))[2]
        if Image.open(io.BytesIO(mask)).size != (128, 96):
            status["status"] = "wrong"
    return accepted, time.perf_counter() - begin, status["status"], polls


async def staged(line, content):
    """The URL of a photo in the server's own staging."""
    pair = json.loads((await line.ask("POST", "/files"))[2])
    await line.ask("PUT", pair["put"]["href"], content)
    return pair["get"]["href"]


def stages(base):
    """Mean seconds of each stage of a job."""
    lines = (line.split() for line in httpx.get(f"{base}/metrics").text.splitlines() if line[0] != "#")
    known = {name: float(value) for name, value in lines}
    sums = [name for name in known if name.startswith("maskkit_stage_seconds_sum")]
    return {name.split('"')[1]: known[name] / known[name.replace("_sum", "_count")] for name in sums}


async def load(base, server, jobs, clients):
    numbers, results, sizes = iter(range(jobs)), [], []
    with contextlib.closing(Line(base)) as line:
        source = await staged(line, photo())

    async def client():
        with contextlib.closing(Line(base)) as line:
            for number in numbers:
                results.append(await one_job(line, source, number))
                if len(results) % 25 == 0:
                    sizes.append(memory(server))

    await asyncio.gather(*(client() for _ in range(clients)))
    return results, sizes


def measure(asked, python=None):
    """Load a server once and print what it took; jobs a second, the process's CPU ms a job."""
    jobs, clients = asked.jobs, asked.clients
    with maskkit("--engine", asked.engine, python=python) as (base, server):
        before, begin = cpu(server), time.perf_counter()
        results, sizes = asyncio.run(load(base, server, jobs, clients))
        took = time.perf_counter() - begin
        used = [1000 * (last - first) / jobs for first, last in zip(before, cpu(server), strict=True)]
        spent = stages(base)
    states = {state: sum(one[2] == state for one in results) for state in {one[2] for one in results}}
    polls = sum(one[3] for one in results) / jobs
    print(f"{jobs} jobs, {clients} clients: {states}, {polls:.1f} polls a job")
    print(f"{took:.1f} s, {jobs / took:.1f} jobs/s")
    print(f"accepted, p50 / p95 / p99 ms: {told(percentiles([one[0] for one in results]))}")
    print(f"done,     p50 / p95 / p99 ms: {told(percentiles([one[1] for one in results]))}")
    print("ms per job by stage: " + ", ".join(f"{stage} {1000 * each:.1f}" for stage, each in spent.items()))
    print(f"CPU ms per job: server {used[0]:.1f}, workers {used[1]:.1f}")
    print_memory(sizes)
    return jobs / took, used[0]


def main():
    """Print what a load takes, and beside another build the ratios."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--jobs", type=int, default=2000)
    ask.add_argument("--clients", type=int, default=50)
    ask.add_argument("--rounds", type=int, default=1)
    ask.add_argument("--engine", default="chroma")
    ask.add_argument("--against", metavar="PYTHON")
    asked = ask.parse_args()
    ours, theirs = [], []
    for _ in range(asked.rounds):
        if asked.against:
            print("the other build:")
            theirs.append(measure(asked, asked.against))
            print("this one:")
        ours.append(measure(asked))
    if theirs:
        rates, times = zip(*ours, strict=True), zip(*theirs, strict=True)
        (quick, work), (their_quick, their_work) = ((max(rate), min(used)) for rate, used in (rates, times))
        print(f"jobs a second: {quick / their_quick:.2f} x ({quick:.1f}, {their_quick:.1f})")
        print(f"CPU of the server, a job: {work / their_work:.2f} x ({work:.1f}, {their_work:.1f} ms)")


if __name__ == "__main__":
    main()
