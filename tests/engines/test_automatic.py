"""auto: which way it takes, what is never a subject, and what it does where no weights can be had."""

import json
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from engines.networks_made_here import PLAIN, right_side
from engines.plain_scenes import ring
from engines.scenes import disc, iou

import maskkit as mk
from maskkit.engines import NETWORKS, automatic
from maskkit.engines.automatic import auto
from maskkit.engines.confidence import decided
from maskkit.engines.inference import soft_maps


def cluttered(height=240, width=320, discs=((160, 120, 60),)):
    """Red discs before coloured noise: no plain backdrop."""
    rng = np.random.default_rng(1)
    noise = cv2.GaussianBlur(rng.uniform(0, 255, (height, width, 3)), (0, 0), 6)
    noise = 40 + 150 * (noise - noise.min()) / np.ptp(noise)
    noise[..., 0] *= 0.5  # no red
    truth = np.zeros((height, width), np.uint8)
    for x, y, radius in discs:
        cv2.circle(truth, (x, y), radius, 1, -1)
    noise[truth > 0] = (215, 30, 30)
    return noise.astype(np.uint8), truth > 0


@pytest.fixture
def nothing_said():
    automatic._said.clear()
    yield
    automatic._said.clear()


def test_a_plain_backdrop_needs_no_network(own_home):
    photo, truth = ring()
    found = auto(photo, fetch=False)
    assert found.engine == "plain backdrop"
    assert iou(found.alpha, truth) > 0.97
    assert found.confidence > 0.9
    assert found.advice is None


def test_elsewhere_the_network_is_asked_and_colours_set_the_edge(red):
    photo, truth = cluttered(960, 1280, ((640, 480, 240),))
    found = auto(photo, model=red)
    assert found.engine.startswith("onnx red on ")
    assert iou(found.alpha, truth) > 0.98
    assert found.confidence > 0.8
    assert found.alpha.dtype == np.float32


def test_a_mask_that_turns_with_the_picture_is_not_trusted(tmp_path):
    network = right_side(tmp_path / "side.onnx")
    network.with_suffix(".json").write_text(json.dumps(PLAIN))
    photo, _ = cluttered(480, 640)
    found = auto(photo, model=network)
    assert decided(soft_maps(photo, network)[0][0]) > 0.8  # one look alone has no doubt
    assert found.confidence < 0.5
    assert found.advice is not None


def test_the_softness_of_a_coarse_map_is_no_alpha(red):
    photo, truth = cluttered(960, 1280, ((640, 480, 240),))
    found = auto(photo, model=red)
    assert found.coarse
    for asked in ("edge", "hair"):
        made = mk.cutout(photo, model=red, refine=asked).alpha
        assert np.array_equal(made, mk.refine(photo, found.alpha > 0.5, asked))
    for asked in (None, "soft"):
        made = mk.cutout(photo, model=red, refine=asked).alpha
        assert np.array_equal(made, mk.refine(photo, found.alpha, "soft"))
    error = np.abs(mk.cutout(photo, model=red).alpha / 255 - truth).sum()
    assert error < 0.7 * np.abs(mk.refine(photo, found.alpha) / 255 - truth).sum()
    assert np.allclose(mk.cutout(photo, model=red, refine="none").alpha, found.alpha * 255, rtol=0, atol=0.5)


def test_the_edge_of_a_fine_map_is_kept(red):
    large = json.loads(red.with_suffix(".json").read_text()) | {"size": [640, 480]}
    red.with_suffix(".json").write_text(json.dumps(large))
    photo, _ = cluttered(480, 640, ((320, 240, 120),))
    found = mk.estimate(photo, source="onnx", model=red)
    assert not found.coarse
    made = mk.cutout(photo, source="onnx", model=red)
    assert np.array_equal(made.alpha, mk.refine(photo, found.alpha))


def test_the_same_picture_gives_the_same_mask(red):
    photo, _ = cluttered()
    assert np.array_equal(auto(photo, model=red).alpha, auto(photo, model=red).alpha)


@pytest.mark.parametrize("wide", [1, 6, 24])
@pytest.mark.parametrize("level", [0, 255])
def test_a_frame_changes_nothing_inside(red, wide, level):
    for photo, truth in (cluttered(), ring()):
        alone = iou(auto(photo, model=red).alpha, truth)
        framed = cv2.copyMakeBorder(photo, *[wide] * 4, cv2.BORDER_CONSTANT, value=(level,) * 3)
        found = auto(framed, model=red)
        assert found.alpha[:wide].max() == found.alpha[:, -wide:].max() == 0
        assert iou(found.alpha[wide:-wide, wide:-wide], truth) > alone - 0.02


def test_letterbox_bars_change_nothing_inside(red):
    photo, truth = cluttered()
    found = auto(cv2.copyMakeBorder(photo, 40, 40, 0, 0, cv2.BORDER_CONSTANT), model=red)
    assert iou(found.alpha[40:-40], truth) > iou(auto(photo, model=red).alpha, truth) - 0.02


def test_a_black_corner_is_no_subject(own_home):
    photo, truth = ring()
    cv2.fillPoly(photo, [np.array([[0, 0], [90, 0], [0, 90]])], (0, 0, 0))
    assert iou(auto(photo, fetch=False).alpha, truth) > 0.97


@pytest.mark.parametrize(("subjects", "kept"), [("all", 3), ("largest", 1), (1, 1), (2, 2), (9, 3)])
def test_how_many_subjects_stay(red, subjects, kept):
    photo, truth = cluttered(discs=((80, 80, 50), (230, 60, 35), (230, 180, 25)))
    alpha = auto(photo, model=red, subjects=subjects).alpha
    assert cv2.connectedComponents((alpha > 0.5).astype(np.uint8))[0] - 1 == kept
    assert alpha[80, 80] > 0.9
    assert (alpha[60, 230] > 0.9) == (kept > 1)
    assert not np.any(alpha[~truth] > 0.9)


@pytest.mark.parametrize("subjects", ["both", 0, 1.5, None])
def test_subjects_that_are_none_are_named(subjects):
    with pytest.raises(mk.PixelError, match="subjects: need"):
        auto(disc()[0], subjects=subjects)


def test_without_weights_the_weight_free_engine_serves_and_says_so_once(own_home, caplog, nothing_said):
    photo, _ = cluttered()
    found = auto(photo, fetch=False)
    auto(photo, fetch=False)
    assert found.engine == "classical"
    assert found.confidence <= 0.7
    assert "maskkit models --fetch u2netp" in found.advice
    assert [record.message for record in caplog.records if "without a network" in record.message] == [
        caplog.records[0].message
    ]


def test_no_place_within_reach_is_no_failure(own_home, monkeypatch, caplog, nothing_said):
    out_of_reach = NETWORKS["u2netp"].__class__(
        (0, 0, 0), (1, 1, 1), url="http://127.0.0.1:9/u2netp.onnx", sha256="0" * 64, licence="test"
    )
    monkeypatch.setitem(NETWORKS, "u2netp", out_of_reach)
    photo, _ = cluttered()
    assert auto(photo).engine == auto(photo).engine == "classical"
    assert sum("fetching" in record.message for record in caplog.records) == 1  # not for each picture


def test_a_model_that_was_asked_for_is_no_matter_of_choice(own_home):
    with pytest.raises(mk.FetchError, match="offline is set"):
        auto(cluttered()[0], model="u2netp", fetch=False)
    with pytest.raises(mk.PixelError, match="did you mean 'isnet'"):
        auto(cluttered()[0], model="isnett")


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (500, 3), (8, 8)])
def test_odd_shapes(red, shape):
    found = auto(np.full((*shape, 3), 90, np.uint8), model=red)
    assert found.alpha.shape == shape
    assert found.confidence <= 0.5


def test_nothing_heavy_is_imported_for_a_plain_backdrop():
    code = "from engines.plain_scenes import ring; from maskkit.engines.automatic import auto\n"
    code += "auto(ring()[0])\nimport sys\n"
    code += "print([name for name in ('onnxruntime', 'httpx', 'subprocess') if name in sys.modules])"
    path = os.pathsep.join([*sys.path, "tests"])
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                         env={**os.environ, "PYTHONPATH": path})  # fmt: skip
    assert ran.stdout.strip() in ("[]", "['subprocess']")
