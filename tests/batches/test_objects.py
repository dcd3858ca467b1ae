"""Photos and outputs in real object stores: what is there decides, and nothing is downloaded to find out."""

import json

import numpy as np
import pytest
from batches.conftest import fill, hashes, opened, pair
from cli_process import maskkit
from contract import stores
from contract.real_stores import AZURITE_KEY, azure, s3  # noqa: F401 - fixtures
from PIL import Image

import maskkit as mk
from maskkit.batches import objects
from maskkit.errors import CodecError, PixelError

pytestmark = [pytest.mark.service, pytest.mark.slow]


@pytest.fixture(params=["s3", "azure"])
def store(request, monkeypatch):
    """The URL of an empty folder in a real store, with the environment that leads there."""
    staging = request.getfixturevalue(request.param)
    endpoint = staging._store.config["endpoint"]
    if request.param == "s3":
        told = {"ENDPOINT": endpoint, "ACCESS_KEY_ID": "test:tester", "SECRET_ACCESS_KEY": "testing"}
        environment = {f"AWS_{name}": value for name, value in {**told, "REGION": "us-east-1"}.items()}
    else:
        told = {"ENDPOINT": endpoint, "ACCOUNT_NAME": "devstoreaccount1", "ACCOUNT_KEY": AZURITE_KEY}
        environment = {f"AZURE_STORAGE_{name}": value for name, value in told.items()}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    objects._store.cache_clear()
    url = "s3://bucket/shop" if request.param == "s3" else "az://box/shop"
    yield url
    for one, _, _ in list(objects.listed(url)):
        objects.remove(one)
    objects._store.cache_clear()


def upload(folder, url):
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        objects.write(f"{url}/{file.relative_to(folder).as_posix()}", file.read_bytes())


def names(url):
    return [inside for _, inside, _ in objects.listed(url)]


def lines(run):
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_from_a_store_to_a_store_and_again(store, tmp_path):
    fill(tmp_path, 5)
    (tmp_path / "photos/a").mkdir()
    (tmp_path / "masks/a").mkdir()
    for name in ("photos", "masks"):
        (tmp_path / name / "001.png").rename(tmp_path / name / "a/001.png")
        upload(tmp_path / name, f"{store}/{name}")
    state = "--state", tmp_path / "state"
    words = [f"{store}/photos", f"{store}/out", "-m", f"{store}/masks", *state, "--json"]
    told = lines(maskkit("batch", *words, cwd=tmp_path))[-1]
    assert (told["done"], told["failed"]) == (5, 0)
    assert names(f"{store}/out") == ["000.png", "002.png", "003.png", "004.png", "a/001.png"]
    (tmp_path / "came.png").write_bytes(objects.read(f"{store}/out/a/001.png")[0])
    assert (opened(tmp_path / "came.png")[2] == np.dstack(pair(1))).all()
    assert lines(maskkit("batch", *words, cwd=tmp_path))[-1]["kept"] == 5
    Image.fromarray(pair(77)[0]).save(tmp_path / "photos/002.png")
    objects.write(f"{store}/photos/002.png", (tmp_path / "photos/002.png").read_bytes())
    objects.remove(f"{store}/out/004.png")
    again = [one for one in lines(maskkit("batch", *words, cwd=tmp_path)) if one["event"] == "picture"]
    assert sorted(one["name"] for one in again if one["state"] == "done") == ["002.png", "004.png"]


def test_any_mix_of_stores_and_files(store, tmp_path):
    fill(tmp_path, 3)
    upload(tmp_path / "photos", f"{store}/photos")
    rows = [f"{store}/photos/000.png,masks/000.png", "photos/001.png,masks/001.png", f"{store}/nil.png,"]
    (tmp_path / "orders.csv").write_text("\n".join(["photo,mask", *rows]))
    how = {"executor": "threads", "reject_below": 1, "review": 3, "source": "classical"}
    summary = mk.batch(tmp_path / "orders.csv", f"{store}/out", executor="threads")
    told = (tmp_path / "orders.csv.batch/failures.jsonl").read_text()
    assert (summary.done, summary.failed) == (2, 1), told
    assert "there is no such object" in told
    assert names(f"{store}/out") == ["000.png", "001.png"]
    assert (
        mk.batch(f"{store}/photos/002.png", tmp_path / "here", mask=pair(2)[1], executor="threads").done == 1
    )
    assert (opened(tmp_path / "here/002.png")[2] == np.dstack(pair(2))).all()
    doubtful = mk.batch(f"{store}/photos", f"{store}/sure", state=tmp_path / "state", **how)
    assert doubtful.rejected == 3
    assert len(names(f"{store}/sure.batch/review")) == 3
    assert (tmp_path / "state/review.html").exists()


def test_a_glob_takes_what_it_fits_by_the_path_after_its_fixed_part(store, tmp_path):
    fill(tmp_path, 4)
    (tmp_path / "photos/a").mkdir()
    (tmp_path / "photos/a/001.jpg").write_bytes((tmp_path / "photos/001.png").read_bytes())
    (tmp_path / "photos/003.png").rename(tmp_path / "photos/[3]*.png")
    upload(tmp_path / "photos", f"{store}/photos")
    how = {"mask": pair(0)[1], "executor": "threads"}
    found = {"photos/*.png": 4, "photos/00[12].png": 2, "**/*.jpg": 1, "photos/[3]*.png": 1}
    for number, (pattern, count) in enumerate(found.items()):
        assert mk.batch(f"{store}/{pattern}", tmp_path / str(number), **how).done == count
    assert sorted(hashes(tmp_path / "1")) == ["001.png", "002.png"]
    assert sorted(hashes(tmp_path / "2")) == ["photos/a/001.png"]
    assert sorted(hashes(tmp_path / "3")) == ["[3]*.png"], "an object of that very name"
    with pytest.raises(CodecError, match="there is no photo that it fits"):
        mk.batch(f"{store}/photos/*.webp", tmp_path / "none", **how)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_manifest_in_a_store_names_what_lies_beside_it(store, tmp_path, suffix):
    fill(tmp_path, 3)
    upload(tmp_path, store)
    here = tmp_path / "photos/002.png"
    rows = [
        {"photo": "../photos/000.png", "mask": "../masks/000.png", "output": "ada.png", "feather": "2"},
        {"photo": f"{store}/photos/001.png", "mask": "../masks/001.png", "output": "", "feather": ""},
        {"photo": str(here), "mask": "../masks/002.png", "output": "", "feather": ""},
    ]
    table = lines_of(rows, tmp_path / f"orders.{suffix}")
    objects.write(f"{store}/lists/orders.{suffix}", table.read_bytes())
    where = f"{store}/lists/orders.{suffix}", tmp_path / "out"
    assert mk.batch(*where, executor="threads").done == 3
    assert sorted(hashes(tmp_path / "out")) == ["001.png", "002.png", "ada.png"]
    assert (opened(tmp_path / "out/ada.png")[2] == mk.cutout(*pair(0), feather=2).pixels).all()
    assert mk.batch(*where, executor="threads").kept == 3
    with pytest.raises(PixelError, match="state: name a local folder for the journal"):
        mk.batch(where[0], f"{store}/out")


def lines_of(rows, file):
    """A table of these rows, in the format of the file's name."""
    if file.suffix == ".parquet":
        pyarrow = pytest.importorskip("pyarrow", reason="maskkit[parquet] is not installed")
        from pyarrow import parquet

        parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    elif file.suffix == ".csv":
        file.write_text("\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]))
    else:
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return file


def test_a_manifest_in_a_store_that_cannot_be_is_refused(store, tmp_path):
    objects.write(f"{store}/bad.csv", b"photo,feather\na.png,1\na.png,soft\n")
    objects.write(f"{store}/out.csv", b"photo\n../../../a.png\n")
    for name, said in (
        ("bad.csv", r"bad\.csv, line 3: feather: need a number, got 'soft'"),
        ("out.csv", r"out\.csv, line 2: need a path inside"),
    ):
        with pytest.raises(PixelError, match=said):
            mk.batch(f"{store}/{name}", tmp_path / "out", executor="threads")
    with pytest.raises(CodecError, match=r"missing\.csv: there is no such object"):
        mk.batch(f"{store}/missing.csv", tmp_path / "out", executor="threads")


def test_worker_processes_write_the_same_as_to_a_folder(store, tmp_path):
    fill(tmp_path, 3)
    upload(tmp_path, store)
    state = tmp_path / "state"
    mk.batch(f"{store}/photos", f"{store}/out", masks=f"{store}/masks", state=state, workers=2)
    mk.batch(tmp_path / "photos", tmp_path / "out", masks=tmp_path / "masks", executor="threads")
    assert len(names(f"{store}/out")) == 3
    assert {one: objects.read(f"{store}/out/{one}")[0] for one in names(f"{store}/out")} == {
        one: (tmp_path / "out" / one).read_bytes() for one in hashes(tmp_path / "out")
    }


def test_credentials_that_have_expired_are_one_line_and_stop_the_batch(store, tmp_path, monkeypatch):
    fill(tmp_path, 3)
    words = ["batch", "photos", f"{store}/out", "-m", "masks", "--state", "state"]
    with monkeypatch.context() as expired:
        expired.setenv("AWS_SECRET_ACCESS_KEY", "old")
        expired.setenv("AZURE_STORAGE_ACCOUNT_KEY", "b2xk")
        run = maskkit(*words, cwd=tmp_path, check=1)
        listing = maskkit("batch", f"{store}/photos", "here", cwd=tmp_path, check=1).stderr.decode()
    said = [line for line in run.stderr.decode().splitlines() if "refuses the credentials" in line]
    assert len(said) == 1
    assert "3 left, the same command goes on" in said[0]
    assert listing.startswith("maskkit: ")
    assert listing.count("\n") == 1
    assert "refuses the credentials, or they have expired; set A" in listing
    assert "b2xk" not in listing


def test_what_cannot_be_is_refused(tmp_path):
    fill(tmp_path, 1)
    with pytest.raises(PixelError, match="state: name a local folder for the journal of s3://b/out"):
        mk.batch(tmp_path / "photos", "s3://b/out", mask=pair(0)[1])
    with pytest.raises(PixelError, match="state: need a folder of this machine"):
        mk.batch(tmp_path / "photos", "s3://b/out", mask=pair(0)[1], state="s3://b/state")
    with pytest.raises(PixelError, match="need a bucket without a wildcard"):
        mk.batch("s3://*/a.png", tmp_path / "out")
    with pytest.raises(PixelError, match="without a query"):
        mk.batch("s3://b/a.png?sig=secret", tmp_path / "out")


assert stores  # the fixtures start what it installs
