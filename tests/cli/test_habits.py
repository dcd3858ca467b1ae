"""What people expect of a command: names in a row, nearest words, JSON errors, quiet ends."""

import contextlib
import json
import shlex
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from cli_process import maskkit
from PIL import Image

import maskkit as mk


def test_a_second_name_is_where_to_write(folder):
    maskkit("cutout", "photo.png", "out.png", "-m", "mask.png", cwd=folder)
    assert mk.read(folder / "out.png").pixels.shape == (60, 80, 4)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["photo.png", "mask.png"], "mask.png is there already"),
        (
            ["photo.png", "mask.png", "third.png"],
            "one photo at a time; for several, use batch: maskkit batch photo.png mask.png",
        ),
        (["photo.png", "new.png", "-o", "other.png"], "one photo at a time"),
        (["."], "is a folder"),
        ([".", "-o", "out"], "is a folder"),
        (["photo.png"], "'-o' / '--output'"),
        ([], "Usage"),
    ],
)
def test_no_photo_is_overwritten_by_a_name_in_a_row(folder, words, said):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    run = maskkit("cutout", *words, cwd=folder, check=2)
    assert said in run.stderr.decode() + run.stdout.decode()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    "words", [["a.jpg", "b c.jpg", "new"], ["in", "-o", "new"], ["in"], ["a.jpg", "b c.jpg", "-o", "new"]]
)
def test_the_batch_that_is_named_for_several_photos_works(folder, words):
    (folder / "in").mkdir()
    for name in ("a.jpg", "b c.jpg", "in/a.jpg", "in/b c.jpg"):
        Image.fromarray(np.full((30, 40, 3), 90, np.uint8)).save(folder / name)
    Image.fromarray(np.full((30, 40), 255, np.uint8)).save(folder / "m.png")
    said = maskkit("cutout", *words, "-m", "m.png", "--feather", "1", cwd=folder, check=2).stderr.decode()
    _, *named = shlex.split(" ".join(said[said.index("maskkit batch") :].split()))
    assert named[-4:] == ["-m", "m.png", "--feather", "1"]
    maskkit(*named, cwd=folder)
    made = folder / ("new" if "new" in words else "out")
    assert sorted(path.name for path in made.iterdir()) == ["a.png", "b c.png"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--hidden", "cleer"], "Did you mean 'clear'?"),
        (["--refine", "hare"], "Did you mean 'hair'?"),
        (["--source", "classicl"], "did you mean 'classical'?"),
        (["--mask-type", "binry"], "Did you mean 'binary'?"),
        (["--fether", "2"], "--feather"),
    ],
)
def test_the_nearest_word_is_offered(folder, words, said):
    assert said in maskkit("cutout", "photo.png", "-o", "c.png", *words, cwd=folder, check=2).stderr.decode()


def test_the_nearest_mode_is_offered(folder):
    words = ["composite", "photo.png", "-o", "c.png", "-b", "red", "--mode", "mulitply"]
    assert "did you mean 'multiply'?" in maskkit(*words, cwd=folder, check=2).stderr.decode()


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (["info", "nowhere.png"], 1, "CodecError"),
        (["cutout", "photo.png", "-o", "c.png", "--hidden", "no"], 2, "BadParameter"),
        (["cutout", "photo.png", "-m", "photo.png", "-o", "c.png"], 1, "CodecError"),
        (["cutout", "photo.png"], 2, "UsageError"),
    ],
)
def test_errors_are_json_where_it_is_asked_for(folder, words, code, kind):
    run = maskkit(*words, "--json", cwd=folder, check=code)
    error = json.loads(run.stdout)["error"]
    assert error["type"] == kind
    assert error["message"]
    assert run.stderr == b""


def test_a_message_names_the_option_at_hand(folder):
    Image.new("L", (40, 30)).save(folder / "small.png")
    run = maskkit("cutout", "photo.png", "-m", "small.png", "-o", "c.png", cwd=folder, check=1)
    assert run.stderr.startswith(b"maskkit: --mask: need 80x60")


def test_a_file_that_is_there_can_be_kept(folder):
    (folder / "c.png").write_bytes(b"precious")
    run = maskkit("cutout", "photo.png", "-o", "c.png", "--skip-existing", cwd=folder)
    assert (run.stdout, (folder / "c.png").read_bytes()) == (b"c.png: is there, skipped\n", b"precious")


def test_every_edit_of_the_mask_is_there_wherever_one_is_edited(folder):
    edits = ["--invert", "--keep-largest", 1, "--feather", 2, "--feather-edge", "inside", "--smooth", 1]
    for command, words in {"mask": [], "cutout": [], "composite": ["-b", "white"]}.items():
        maskkit(command, "photo.png", "-m", "mask.png", "-o", "c.png", *edits, *words, cwd=folder)
    expected = mk.cutout(
        folder / "photo.png",
        folder / "mask.png",
        invert=True,
        keep_largest=1,
        feather=2,
        feather_edge="inside",
        smooth=1,
    )
    assert np.array_equal(mk.read(folder / "c.png").pixels, expected.over("white").pixels)


def test_a_cutout_gets_a_background_and_a_canvas(folder):
    words = ["--background", "linear:red,rgb(0, 0, 255)", "--canvas", "100x50", "--position", "0.5,1"]
    maskkit("cutout", "photo.png", "-m", "mask.png", "-o", "c.jpg", "--trim", 0, *words, cwd=folder)
    assert mk.read(folder / "c.jpg").size == (100, 50)


def test_a_gradient_of_colours_parted_by_commas():
    from maskkit import backdrop

    one = backdrop.from_text("linear:red,rgb(0, 0, 255)@90", (9, 2))
    assert np.array_equal(one, backdrop.from_text("linear:red;rgb(0, 0, 255)@90", (9, 2)))
    assert np.array_equal(backdrop.from_text("checker", (9, 9)), backdrop.from_text("checkerboard", (9, 9)))


def test_options_stand_under_headings():
    said = maskkit("cutout", "--help").stdout.decode()
    headings = [line[:-1] for line in said.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == [
            "Arguments", "Mask", "Edge", "Picture", "Effects", "Output", "Service", "Options",
        ]  # fmt: skip


def test_a_closed_pipe_ends_quietly(folder):
    run = f"{shlex.quote(sys.executable)} -m maskkit cutout photo.png -m mask.png -o - | true"
    done = subprocess.run(["sh", "-c", run], cwd=folder, capture_output=True, check=False)
    assert (
        done.stderr.count(b"Traceback") + done.stderr.count(b"Broken") + done.stderr.count(b"Exception") == 0
    )


def test_the_old_name_of_the_mask_type_goes_on_with_a_warning(folder):
    run = maskkit("mask", "photo.png", "-m", "mask.png", "-o", "m.png", "--format", "binary", cwd=folder)
    assert b"--format is called --mask-type now" in run.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_ctrl_c_at_any_moment_shows_no_traceback(tmp_path):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells let background jobs ignore it
    noise = np.random.default_rng(1).integers(0, 255, (900, 1200, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "p.png")
    words = [sys.executable, "-m", "maskkit", "cutout", "p.png", "-o", "c.png"]
    begun = time.perf_counter()
    subprocess.run(words, cwd=tmp_path, capture_output=True, check=True)
    whole = time.perf_counter() - begun
    for share in np.linspace(0.08, 1.05, 14):
        (tmp_path / "c.png").unlink(missing_ok=True)
        run = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(timeout=share * whole)
        run.send_signal(signal.SIGINT)
        said = run.communicate(timeout=60)[1].decode()
        assert "Traceback" not in said, (share, said)
        assert run.returncode in (0, 130, -signal.SIGINT), (share, run.returncode)
        names = sorted(path.name for path in tmp_path.iterdir())
        assert names in (["p.png"], ["c.png", "p.png"]), (share, names)
