"""``maskkit frames``: names, options, reports and exit codes."""

import json
from fractions import Fraction

import numpy as np
import pytest
from cli_process import maskkit

import maskkit as mk


@pytest.fixture
def clip(tmp_path):
    for number in range(3):
        photo = np.full((20, 30, 3), 200, np.uint8)
        photo[5:15, 5 + number : 15 + number] = (40, 90, 20)
        mask = np.zeros((20, 30), np.uint8)
        mask[5:15, 5 + number : 15 + number] = 255
        for folder, pixels in (("photos", photo), ("masks", mask)):
            (tmp_path / folder).mkdir(exist_ok=True)
            mk.write(tmp_path / folder / f"{number}.png", pixels)
    return tmp_path


def test_a_folder_to_an_animation_and_back(clip):
    said = maskkit("frames", "photos", "out.png", "-m", "masks", "--fps", "12", "--plays", "2", cwd=clip)
    assert said.stdout.decode().startswith("out.png: 3 frames of 30x20, 0.25 s, mask: given, ")
    read = mk.read_frames(clip / "out.png")
    assert (read.plays, {one.seconds for one in read}) == (2, {Fraction(1, 12)})
    words = ["frames", "out.png", "back", "-b", "white", "--feather", "1", "--to", "tiff", "--json"]
    told = json.loads(maskkit(*words, cwd=clip).stdout)
    assert {**told, "took": 0} == {
        "output": "back", "count": 3, "size": [30, 20], "seconds": 0.25, "source": "the picture's own alpha",
        "confidence": None, "empty": 0, "took": 0,
    }  # fmt: skip
    assert sorted(one.name for one in (clip / "back").iterdir()) == [f"frame_0000{n}.tif" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["photos"], 2, "Need two names"),
        (["photos", "out.png", "-m", "masks/0.png", "--opacity", "3"], 2, "opacity"),
        (["photos", "out.png", "--source", "adobe"], 2, "paid for every frame"),
        (["photos", "out.avi"], 1, "unknown container '.avi'"),
        (["photos", "out.mp4", "--codec", "vp9", "-m", "missing.png"], 1, "missing.png: cannot be read"),
        (["missing", "out.png"], 1, "missing: cannot be read"),
        (["photos", "out.png", "-m", "two"], 1, "need one for each of 3 frames, got 2"),
        (["photos", "there.png"], 2, "--overwrite writes over it"),
    ],
)
def test_what_goes_wrong_is_one_line(clip, words, code, said):
    (clip / "two").mkdir()
    for number in range(2):
        mk.write(clip / "two" / f"{number}.png", np.full((20, 30), 255, np.uint8))
    mk.write(clip / "there.png", np.zeros((4, 4), np.uint8))
    before = sorted(one.name for one in clip.iterdir())
    assert said in " ".join(maskkit("frames", *words, cwd=clip, check=code).stderr.decode().split())
    assert sorted(one.name for one in clip.iterdir()) == before


def test_soft_edges_in_a_gif_are_warned_of(clip):
    said = maskkit("frames", "photos", "out.gif", "-m", "masks", "--feather", "2", cwd=clip).stderr.decode()
    assert said.count("alpha of one bit") == 1
