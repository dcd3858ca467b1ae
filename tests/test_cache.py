"""Masks that were paid for: found again by content, kept within limits, their owner's alone."""

import json
import os
import stat
import subprocess
import sys

import numpy as np
import pytest
from cli_process import PACKAGE

import maskkit as mk
from maskkit import cache
from maskkit.errors import PixelError
from maskkit.testing import FakeTime, ScriptedServer
from maskkit.testing.pictures import sample_photo


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MASKKIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MASKKIT_CACHE", "100")
    return tmp_path / "home/masks"


@pytest.fixture
def server():
    with ScriptedServer(statuses=("succeeded",)) as scripted:
        yield scripted


def order(server, photo=None, **more):
    options = {**server.options(), "pace": FakeTime().pace(), **more}
    return mk.cutout(server.photo if photo is None else photo, source="adobe", **options)


def files(folder):
    return sorted(folder.glob("*/*.mask"))


def estimate(fill, shape=(20, 30)):
    return mk.Estimate(np.full(shape, fill, np.float32), 0.5, "somebody", "advice", "abc", True)


def test_the_same_photo_is_paid_once_in_whatever_file_it_comes(server, own_cache):
    first = order(server)
    pixels = mk.read(server.photo).pixels
    again = order(server, mk.encode(pixels, "png"), feather=1)  # the same pixels, edited otherwise
    assert len(server.tasks) == 1
    assert (order(server, pixels).alpha == first.alpha).all()
    assert again.source == first.source
    assert len(files(own_cache)) == 1


@pytest.mark.parametrize("more", [{"mask_type": "binary"}, {"cache": False}, {"api": "v2"}])
def test_another_question_is_another_order(server, more):
    order(server)
    order(server, **more)
    assert len(server.tasks) == 2


def test_another_photo_or_another_service_is_another_order(server):
    order(server)
    changed = mk.read(server.photo).pixels.copy()
    changed[0, 0, 0] ^= 1
    order(server, changed)
    assert len(server.tasks) == 2
    with ScriptedServer(statuses=("succeeded",)) as other:
        order(other)
        assert len(other.tasks) == 1


def test_nothing_is_kept_where_that_is_off(server, own_cache, monkeypatch):
    monkeypatch.setenv("MASKKIT_CACHE", "0")
    order(server)
    order(server)
    assert len(server.tasks) == 2
    assert not own_cache.exists()
    monkeypatch.setenv("MASKKIT_CACHE", "much")
    with pytest.raises(PixelError, match="MASKKIT_CACHE: need a number"):
        order(server)


def test_it_is_its_owners_alone(server, own_cache):
    order(server)
    [file] = files(own_cache)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(own_cache.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_an_estimate_comes_back_exactly():
    alpha = np.random.default_rng(0).random((40, 50), np.float32)
    cache.put("ab" * 32, mk.Estimate(alpha, 0.25, "somebody", "advice", "abc", True))
    found = cache.get("ab" * 32)
    assert found.alpha.dtype == np.float32
    assert (found.alpha == alpha).all()
    assert (found.confidence, found.engine, found.advice) == (0.25, "somebody", "advice")
    assert (found.weights, found.coarse) == ("abc", True)


def test_the_longest_unused_goes_first(own_cache, monkeypatch):
    noise = np.random.default_rng(0).random((100, 100), np.float32)  # 40 kB that do not deflate much
    names = [f"{number:02}" * 32 for number in range(4)]
    monkeypatch.setenv("MASKKIT_CACHE", "0.12")
    for number, name in enumerate(names[:3]):
        cache.put(name, mk.Estimate(noise, None, "somebody"))
        os.utime(cache._file(name), (1e9, 1e9 + number))
        monkeypatch.setenv("MASKKIT_CACHE_DAYS", "1e9")
    assert cache.get(names[0]) is not None  # used just now
    cache.put(names[3], mk.Estimate(noise, None, "somebody"))
    assert [file.stem[:2] for file in files(own_cache)] == ["00", "02", "03"]


def test_an_old_mask_is_no_answer_and_goes(own_cache):
    cache.put("aa" * 32, estimate(0.5))
    os.utime(cache._file("aa" * 32), (1e9, 1e9))
    assert cache.get("aa" * 32) is None
    cache.put("bb" * 32, estimate(0.5))
    assert [file.stem[:2] for file in files(own_cache)] == ["bb"]


@pytest.mark.parametrize(
    "harm", [lambda c: c[:-1], lambda c: c[:-1] + b"x", lambda c: b"", lambda c: b"{}\n"]
)
def test_a_damaged_mask_is_no_answer(own_cache, harm):
    cache.put("aa" * 32, estimate(0.5))
    cache.put("bb" * 32, estimate(0.25))
    file = cache._file("aa" * 32)
    file.write_bytes(harm(file.read_bytes()))
    assert cache.get("aa" * 32) is None
    assert cache.verify() == (1, 1)
    assert cache.verify() == (1, 0)


def test_a_cache_that_cannot_be_written_costs_no_mask(server, own_cache, tmp_path):
    own_cache.parent.mkdir()
    own_cache.write_text("a file is in the way")
    assert order(server).source == "adobe v1"


def test_a_batch_says_what_was_bought(server, tmp_path, monkeypatch):
    pytest.importorskip("obstore", reason="maskkit[staging] is not installed")
    for name, value in (server.environ() | {"MASKKIT_CACHE": "100"}).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "photo.jpg").write_bytes(sample_photo())
    options = {"source": "adobe", "executor": "threads"}
    assert mk.batch(tmp_path / "photo.jpg", tmp_path / "out", **options).bought == 1
    assert mk.batch(tmp_path / "photo.jpg", tmp_path / "out", **options).kept == 1
    forced = mk.batch(tmp_path / "photo.jpg", tmp_path / "out", force=True, **options)
    assert (forced.done, forced.bought, len(server.tasks)) == (1, 0, 1)
    assert not list((tmp_path / "out.batch/orders").iterdir())


def test_the_command_says_clears_and_verifies(own_cache):
    def run(*words):
        environ = {**os.environ, "PYTHONPATH": str(PACKAGE)}
        done = subprocess.run(
            [sys.executable, "-m", "maskkit", "cache", *words, "--json"],
            env=environ, capture_output=True, check=False,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout)

    cache.put("aa" * 32, estimate(0.5))
    size = cache._file("aa" * 32).stat().st_size
    about = {"folder": str(own_cache), "masks": 1, "bytes": size, "megabytes": 100, "days": 30}
    assert run("info") == run() == (0, about)
    cache._file("bb" * 32).parent.mkdir()
    cache._file("bb" * 32).write_bytes(b"half")
    assert run("verify") == (1, {"whole": 1, "removed": 1})
    assert run("clear") == (0, {"removed": 1})
    assert not files(own_cache)


@pytest.fixture
def slow(monkeypatch):
    """Whatever is made here takes long, by the clock of whoever keeps it; the runs of the engine."""
    from maskkit.engines import weight_free

    runs, made = [], weight_free.classical
    monkeypatch.setattr(weight_free, "classical", lambda photo: runs.append(0) or made(photo))
    monkeypatch.setattr("maskkit.fetch._LONG", 0.0)
    monkeypatch.setattr("maskkit.fetch._LONG_A_PIXEL", 0.0)
    return runs


def test_a_local_mask_that_took_long_is_found_again(own_cache, slow):
    photo = mk.read(sample_photo()).pixels
    first = mk.cutout(photo, source="classical", feather=2)
    again = mk.cutout(photo, source="classical")
    assert len(slow) == len(files(own_cache)) == 1
    assert (mk.cutout(photo, source="classical", feather=2).pixels == first.pixels).all()
    assert (again.source, again.confidence) == (first.source, first.confidence)
    mk.cutout(photo, source="classical", cache=False)
    mk.cutout(255 - photo, source="classical")
    assert len(slow) == 3


def test_all_pixels_are_read_only_where_a_mask_may_be_there(own_cache, slow, monkeypatch):
    read, key = [], cache.key
    monkeypatch.setattr(cache, "key", lambda *given: read.append(0) or key(*given))
    photo = mk.read(sample_photo()).pixels
    monkeypatch.setattr("maskkit.fetch._LONG", 1e6)
    mk.cutout(photo, source="classical")
    assert not read
    monkeypatch.setattr("maskkit.fetch._LONG", 0.0)
    mk.cutout(photo, source="classical")  # kept by its key
    assert len(read) == 1
    mk.cutout(255 - photo, source="classical", cache=False)
    assert len(read) == 1
    mk.cutout(photo, source="classical")
    assert (len(read), len(slow)) == (2, 3)  # found


def test_one_that_did_not_is_made_again(own_cache, slow, monkeypatch):
    monkeypatch.setattr("maskkit.fetch._LONG", 1e6)
    photo = mk.read(sample_photo()).pixels
    for _ in range(2):
        mk.cutout(photo, source="classical")
    assert len(slow) == 2
    assert not files(own_cache)


def test_another_file_of_weights_is_another_mask(own_cache, monkeypatch):
    from maskkit import fetch
    from maskkit.engines.registry import ENGINES

    picture = mk.read(sample_photo())
    keys = {fetch._key(ENGINES["onnx"], picture, {"model": str(own_cache)})}
    file = own_cache.parent / "model.onnx"
    file.parent.mkdir()
    for content in (b"one", b"another"):
        file.write_bytes(content)
        keys.add(fetch._key(ENGINES["onnx"], picture, {"model": str(file), "device": "cpu"}))
    assert len(keys) == 3
    painted = {"keep_mask": np.zeros((4, 4), np.uint8)}
    assert fetch._key(ENGINES["auto"], picture, painted) == "", (
        "a painted hint is not told apart by its words"
    )
