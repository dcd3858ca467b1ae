"""The server's answer to a photo is the library's and the command line's, to the byte."""

import io
import itertools
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import maskkit as mk
from maskkit.cli import app
from maskkit.kernels import convert
from maskkit.testing import ScriptedServer

from .conftest import running, settings
from .test_direct import post

typer_testing = pytest.importorskip("typer.testing")
fresh = map("/same-{}.png".format, itertools.count())


SOURCE = "chroma"  # the quickest engine; what is done with its estimate is the question here


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with running(settings(tmp_path_factory.mktemp("same"), engine=SOURCE)) as server:
        yield server


def plain_pixels():
    """A red disc before a green screen; its edge is soft."""
    y, x = np.mgrid[:48, :64]
    inside = np.clip(16.5 - np.hypot(x - 32, y - 24), 0, 1)[..., None]
    screen = np.random.default_rng(7).integers((0, 170, 55), (8, 180, 65), (48, 64, 3))
    return np.rint(inside * (200, 30, 40) + (1 - inside) * screen).astype(np.uint8)


def encoded(array, format="PNG", **how):
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, format, **how)
    return stream.getvalue()


def upright_photo():
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return encoded(plain_pixels(), "JPEG", quality=95, exif=exif, icc_profile=profile, dpi=(300, 300))


def deep_photo():
    pixels = plain_pixels().astype(np.uint16) * 257 + 3
    stream = io.BytesIO()
    mk.write(stream, pixels, format="png")
    return stream.getvalue()


def photo_with_alpha():
    pixels = np.dstack([plain_pixels(), np.full((48, 64), 255, np.uint8)])
    pixels[:, 40:, 3] = 100
    return encoded(pixels)


PHOTOS = {
    "plain": encoded(plain_pixels()),
    "turned JPEG with a profile": upright_photo(),
    "16 bit": deep_photo(),
    "with alpha": photo_with_alpha(),
}
EDITS = {"threshold": 0.4, "grow": 2.5, "feather": 1.5}


@pytest.fixture(params=PHOTOS)
def photo(request):
    return PHOTOS[request.param]


@pytest.fixture
def command(tmp_path, photo):
    """The file that ``maskkit COMMAND photo --source chroma`` writes."""

    def run(*words, **options):
        (tmp_path / "photo").write_bytes(photo)
        spelled = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        place = tmp_path / "made.png"
        words = [words[0], tmp_path / "photo", "-o", place, "--source", SOURCE, *words[1:], *spelled]
        ended = typer_testing.CliRunner().invoke(app, list(map(str, words)), catch_exceptions=False)
        assert ended.exit_code == 0, ended.output
        return place.read_bytes()

    return run


@pytest.mark.parametrize("options", [{}, EDITS, {"mask_type": "binary"}], ids=["plain", "edited", "binary"])
class TestDirectDoors:
    """One upload, one command."""

    def test_mask(self, service, command, photo, options):
        answer = post(service, "/mask", {"photo": photo}, **options)
        assert answer.content == command("mask", **options)
        cut = mk.cutout(photo, source=SOURCE, **options)
        assert np.array_equal(mk.read_mask(answer.content), cut.alpha)
        assert answer.headers["x-mask-source"] == cut.source
        assert answer.headers["x-mask-confidence"] == f"{cut.confidence:.2f}"

    def test_cutout(self, service, command, photo, options):
        made = post(service, "/cutout", {"photo": photo}, **options).content
        assert made == command("cutout", **options)
        assert np.array_equal(mk.read(made).pixels, mk.cutout(photo, source=SOURCE, **options).pixels)
        trimmed = post(service, "/cutout", {"photo": photo}, decontaminate=0.5, trim=True, **options)
        assert trimmed.content == command("cutout", "--trim", "0", decontaminate=0.5, **options)

    @pytest.mark.parametrize("background", ["rgb(10 20 30 / 50%)", "linear:red;blue"])
    def test_composite(self, service, command, photo, options, background):
        made = post(service, "/composite", {"photo": photo}, background=background, **options).content
        assert made == command("composite", "--backdrop", background, **options)


@pytest.mark.parametrize("format", ["soft", "binary"])
def test_v1(service, store, photo, format):
    source = store.put(next(fresh), photo)
    cut = mk.cutout(photo, source=SOURCE, mask_type=format, decontaminate=0)
    paths = {kind: next(fresh) for kind in ("mask", "cutout")}
    for kind, path in paths.items():
        status = service.wait(service.order(source, store.url(path), kind=kind, format=format))
        assert status["status"] == "succeeded", status
    mask = mk.read(store.blobs[paths["mask"]]).pixels
    assert mask.dtype == np.uint8, "a mask of the contract has 8 bits, whatever the photo has"
    assert np.array_equal(mask, np.stack([convert(cut.alpha, np.uint8)] * 3, axis=-1))
    assert np.array_equal(mk.read(store.blobs[paths["cutout"]]).pixels, cut.pixels)


def test_v2(service, store, photo):
    source = store.put(next(fresh), photo)

    def ordered(**how):
        status = service.wait(service.order_v2(source, **how))
        assert status["status"] == "succeeded", status
        return service.client.get(status["result"]["outputs"][0]["destination"]["url"]).content

    cut = mk.cutout(photo, source=SOURCE)
    assert np.array_equal(mk.read_mask(ordered(mode="mask")), convert(cut.alpha, np.uint8))
    assert np.array_equal(mk.read(ordered()).pixels, cut.pixels)
    assert np.array_equal(mk.read(ordered(trim=True)).pixels, cut.trim().pixels)
    color = {"red": 10, "green": 200, "blue": 30, "alpha": 0.5}
    painted = mk.read(ordered(backgroundColor=color)).pixels
    assert np.array_equal(painted, cut.over("rgba(10, 200, 30, 0.5)").pixels)


def test_a_damaged_photo_is_decoded_once(monkeypatch):
    from PIL import ImageFile

    from maskkit.server.compute import Inputs, Product, make
    from maskkit.server.faults import JobError

    seen = []
    real = ImageFile.ImageFile.load
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda image: (seen.append(1), real(image))[1])
    with pytest.raises(JobError, match="input"):
        make(Inputs(encoded(plain_pixels(), "JPEG")[:700]), Product(), SOURCE, 10_000)
    assert len(seen) == 1


STROKE = np.zeros((48, 64), np.uint8)
STROKE[20:26, 30:36] = 255
HINTS = {
    "none": {},
    "box": {"box": (12, 6, 52, 42)},
    "points": {"keep": [(32, 24)], "drop": [(3, 3)]},
    "strokes": {"keep_mask": STROKE},
}
TYPED = {
    "none": [],
    "box": ["--box", 12, 6, 52, 42],
    "points": ["--keep", "32,24", "--drop", "3,3"],
    "strokes": ["--keep-mask", "stroke.png"],
}
SENT = {
    "none": {},
    "box": {"box": "12,6,52,42"},
    "points": {"keep": "32,24", "drop": "3,3"},
    "strokes": {},
}
PHOTO = encoded(plain_pixels(), "JPEG", quality=95)
AWAY = np.hypot(*(np.mgrid[:48, :64] - [[[24]], [[32]]]))
OWN_MASK = encoded(np.rint(np.clip(16.5 - AWAY, 0, 1) * 255).astype(np.uint8))


@pytest.fixture(scope="module")
def adobe():
    with ScriptedServer(statuses=("succeeded",)) as scripted:
        yield scripted


@pytest.fixture(scope="module")
def forwarding(tmp_path_factory, adobe):
    with pytest.MonkeyPatch.context() as environment:
        for name, value in adobe.environ().items():
            environment.setenv(name, value)
        with running(settings(tmp_path_factory.mktemp("forwarding"), engine="adobe")) as server:
            yield server


@pytest.mark.parametrize("hint", HINTS)
@pytest.mark.parametrize("given", [False, True], ids=["estimated", "given"])
@pytest.mark.parametrize("source", ["chroma", "adobe"])
def test_every_way_gives_the_same_bytes_and_the_same_bill(  # noqa: PLR0917 - fixtures and cases
    service, forwarding, adobe, monkeypatch, tmp_path, source, given, hint
):
    """Sources x hints x a given mask x the library, the command in a process, and a form."""
    for name, value in adobe.environ().items():
        monkeypatch.setenv(name, value)
    for name, content in {"photo.jpg": PHOTO, "own.png": OWN_MASK, "stroke.png": encoded(STROKE)}.items():
        (tmp_path / name).write_bytes(content)
    who = None if given and source == "chroma" else source
    bill = int(source == "adobe" and not given)

    def paid(make):
        before = len(adobe.tasks)
        made = make()
        assert len(adobe.tasks) - before == bill
        return made

    def library():
        return mk.cutout(tmp_path / "photo.jpg", OWN_MASK if given else None, source=who, **HINTS[hint])

    def command():
        words = ["cutout", "photo.jpg", "-o", "made.png", *TYPED[hint], *(["-m", "own.png"] if given else [])]
        words += ["--source", who] if who else []
        run = [sys.executable, "-m", "maskkit", *map(str, words)]
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return (tmp_path / "made.png").read_bytes()

    def form():
        files = {"photo": PHOTO} | ({"mask": OWN_MASK} if given else {})
        files |= {"keep_mask": encoded(STROKE)} if hint == "strokes" else {}
        answer = post(service if source == "chroma" else forwarding, "/cutout", files, **SENT[hint])
        assert answer.status_code == 200, answer.text
        return answer.content

    cut = paid(library)
    stream = io.BytesIO()
    cut.save(stream, format="png")
    assert paid(command) == stream.getvalue()
    assert paid(form) == stream.getvalue()
    again = mk.replay(cut.recipe, tmp_path / "photo.jpg") if not bill else cut.picture
    assert np.array_equal(again.pixels, cut.pixels)
