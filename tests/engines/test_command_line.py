"""The engines through the command line: hints, sources, the list of networks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from engines.scenes import before, disc, hairy_ball, iou

import maskkit as mk

PACKAGE = Path(mk.__file__).parent.parent


def maskkit(*arguments, check=0, **environment):
    path = os.pathsep.join([str(PACKAGE), os.environ.get("PYTHONPATH", "")])
    run = subprocess.run(
        [sys.executable, "-m", "maskkit", *map(str, arguments)],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "PYTHONPATH": path, **environment},
    )
    assert run.returncode == check, run.stderr
    assert "Traceback" not in run.stderr
    return run


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photos") / "disc.png"
    mk.write(path, disc()[0])
    return path


def test_a_box_and_points(photo, tmp_path):
    out = tmp_path / "mask.png"
    run = maskkit(
        "mask", photo, "-o", out, "--box", 100, 50, 300, 250, "--keep", "200,150", "--drop", "5,5", "--json"
    )
    assert json.loads(run.stdout)["mask"]["source"] == "hints"
    assert iou(mk.read_mask(out) / 255, disc()[1]) > 0.95


def test_a_screen(tmp_path):
    alpha = hairy_ball()
    mk.write(tmp_path / "screen.png", before(alpha, (0.8, 0.5, 0.4), (0.08, 0.69, 0.25)))
    maskkit(
        "mask",
        tmp_path / "screen.png",
        "-o",
        tmp_path / "mask.png",
        "--source",
        "chroma",
        "--screen",
        "#14b040",
    )
    assert np.abs(mk.read_mask(tmp_path / "mask.png") / 255 - alpha).mean() < 0.01


def two_plates(folder, linear=False):
    """A grey glass before black and white, its alpha, and the two photos' paths."""
    alpha = np.tile(np.linspace(0, 1, 60), (40, 1))
    paths = []
    for name, behind in (("black", 0.0), ("white", 1.0)):
        mixed = np.dstack([0.5 * alpha + behind * (1 - alpha)] * 3)
        photo = mk.linear_to_srgb(mixed) if linear else mixed
        mk.write(folder / f"{name}.png", (photo * 65535).round().astype(np.uint16))
        paths.append(folder / f"{name}.png")
    return alpha, paths


def test_two_plates_before_colours_give_exact_alpha_and_colour(tmp_path):
    alpha, scenes = two_plates(tmp_path)
    out = tmp_path / "glass.png"
    run = maskkit("two-plate", *scenes, "-o", out, "--json")
    assert json.loads(run.stdout)["mask"]["source"] == "two-plate"
    glass = mk.read(out).pixels
    assert glass.dtype == np.uint16
    assert np.abs(glass[..., 3] / 65535 - alpha).max() < 1e-4
    assert np.abs(glass[:, 30:, :3] / 65535 - 0.5).max() < 1e-3


def test_two_plates_as_photographs_before_pictures_of_their_backdrops(tmp_path):
    alpha, scenes = two_plates(tmp_path, linear=True)
    for name, value in (("a", 0), ("b", 255)):
        mk.write(tmp_path / f"{name}.png", np.full((40, 60, 3), value, np.uint8))
    plates = tmp_path / "a.png", tmp_path / "b.png"
    maskkit("two-plate", *scenes, "-o", tmp_path / "glass.png", "--linear", "--plates", *plates)
    glass = mk.read(tmp_path / "glass.png").pixels
    assert np.abs(glass[..., 3] / 65535 - alpha).max() < 1e-3


@pytest.mark.parametrize(
    ("backdrops", "words"),
    [
        (("grey", "#818181"), "differ by less than 0.1 on 100.0% of the pixels"),
        (
            ("black", "nowhere.png"),
            "plates: need a CSS colour or a picture of the backdrop, got 'nowhere.png'",
        ),
    ],
)
def test_two_plates_that_tell_nothing_are_one_line(tmp_path, backdrops, words):
    _, scenes = two_plates(tmp_path)
    run = maskkit("two-plate", *scenes, "-o", tmp_path / "glass.png", "--backdrops", *backdrops, check=1)
    assert words in run.stderr
    assert not (tmp_path / "glass.png").exists()


def test_offline_without_weights_fails_in_one_line(photo, tmp_path):
    run = maskkit("mask", photo, "-o", tmp_path / "mask.png", "--source", "onnx", "--offline", check=1,
                  MASKKIT_HOME=str(tmp_path))  # fmt: skip
    assert "offline is set" in run.stderr
    assert not (tmp_path / "mask.png").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--source", "chroma", "--model", "u2netp"], "--model: needs --source auto or --source onnx"),
        (["--source", "classical", "--device", "gpu"], "--device: needs --source auto or --source onnx"),
        (["--screen", "green"], "--screen: needs --source chroma"),
        (["--keep", "five"], "need points as X,Y"),
    ],
)
def test_wrong_usage_exits_with_2(photo, tmp_path, arguments, words):
    run = maskkit("mask", photo, "-o", tmp_path / "mask.png", *arguments, check=2)
    assert words in " ".join(run.stderr.split())


def test_a_box_outside_the_picture_is_named(photo, tmp_path):
    run = maskkit("mask", photo, "-o", tmp_path / "mask.png", "--box", 0, 0, 4000, 10, check=1)
    assert "box: need 0 <= left < right <= 400" in run.stderr


def test_the_list_of_networks_says_licence_and_presence(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "u2netp.onnx").write_bytes(b"of another sha256")
    found = json.loads(maskkit("models", "--json", MASKKIT_HOME=str(tmp_path)).stdout)
    assert not any(row["here"] for row in found["networks"])
    assert [row["name"] for row in found["engines"]] == [
        "auto",
        "classical",
        "onnx",
        "chroma",
        "adobe",
        "removebg",
    ]
    assert "non-commercial" in maskkit("models", MASKKIT_HOME=str(tmp_path)).stdout
    assert "need one of" in maskkit("models", "--fetch", "magic", check=2).stderr


def test_masked_arrays_are_not_imported_for_a_plain_backdrop(photo, tmp_path):
    said = maskkit(
        "cutout", photo, "-o", tmp_path / "out.png", "--source", "classical", PYTHONPROFILEIMPORTTIME="1"
    ).stderr
    assert "maskkit.engines.plain" in said
    assert "numpy.ma" not in [line.split("|")[-1].strip() for line in said.splitlines()]
