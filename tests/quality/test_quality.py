import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import maskkit as mk
from maskkit.errors import PixelError
from maskkit.quality import LIMITS, mark


def rendered(seed=0, height=420, width=560):
    """(photo, alpha, foreground) of a textured subject with a soft edge, a hole and hairs; float64."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: height * 2, : width * 2] / 2
    angle = np.arctan2(y - height / 2, x - width / 2)
    radius = height * (0.3 + 0.05 * np.sin(3 * angle + seed))
    solid = np.hypot(y - height / 2, x - width / 2) < radius
    solid &= np.hypot(y - height / 2, x - width / 2 - 30) > 28  # a hole that is meant
    strands = solid.astype(np.uint8) * 255
    for way in rng.uniform(0, 2 * np.pi, 60):
        reach = height * 0.2, height * 0.3 * rng.uniform(1, 1.3)
        ends = [(int(width + 2 * r * np.cos(way)), int(height + 2 * r * np.sin(way))) for r in reach]
        cv2.line(strands, *ends, 255, 3, cv2.LINE_AA)
    alpha = cv2.resize(strands, (width, height), interpolation=cv2.INTER_AREA) / 255
    alpha = np.round(cv2.GaussianBlur(alpha, (0, 0), 0.8) * 255) / 255

    def texture(base):
        noise = cv2.GaussianBlur(rng.normal(0, 1, (height, width, 3)), (0, 0), 15)
        return (np.array(base) + 2 * noise + rng.normal(0, 0.01, noise.shape)).clip(0.02, 0.98)

    warm, cold = texture((0.75, 0.45, 0.3)), texture((0.25, 0.5, 0.65))
    return alpha[..., None] * warm + (1 - alpha[..., None]) * cold, alpha, warm


def cutout_of(colour, alpha, hidden=False):
    colour = colour if hidden else colour * (alpha > 0)[..., None]
    return (np.dstack([colour, alpha]) * 255).round().clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("seed", range(4))
def test_clean_cutouts_pass(seed):
    photo, alpha, foreground = rendered(seed)
    original = (photo * 255).round().astype(np.uint8)
    found = mk.inspect(cutout_of(foreground, alpha), original)
    assert found.passed, str(found)
    assert found.warnings == ()
    rounded = (alpha * 255).round().astype(np.uint8)
    clean = mk.decontaminate(original, rounded) * (rounded > 0)[..., None]
    found = mk.inspect(np.dstack([clean, rounded]), original)
    assert found.passed, str(found)


def faults():
    """name -> (photo, alpha, foreground) -> (cutout, its original or None)"""

    def plant(check):
        return lambda function: planted.setdefault(check, function)

    planted = {}

    @plant("empty")
    def _(photo, alpha, colour):
        return cutout_of(colour, alpha * 0.3), None

    @plant("full")
    def _(photo, alpha, colour):
        return cutout_of(colour, np.ones_like(alpha)), None

    @plant("inverted")
    def _(photo, alpha, colour):
        return cutout_of(photo, 1 - alpha), None

    @plant("islands")
    def _(photo, alpha, colour):
        alpha = alpha.copy()
        alpha[20:23, 30:33] = 0.4
        return cutout_of(photo, alpha), None

    @plant("pinholes")
    def _(photo, alpha, colour):
        alpha = alpha.copy()
        alpha[190:192, 230:232] = 0.2
        return cutout_of(colour, alpha), None

    @plant("hard")
    def _(photo, alpha, colour):
        return cutout_of(colour, alpha > 0.5), None

    @plant("banding")
    def _(photo, alpha, colour):
        return cutout_of(colour, np.round(cv2.GaussianBlur(alpha, (0, 0), 4) * 6) / 6), None

    @plant("fringe")
    def _(photo, alpha, colour):
        wide = cv2.GaussianBlur(cv2.dilate(alpha, np.ones((5, 5))), (0, 0), 1)
        return cutout_of(photo, wide), (photo * 255).round().astype(np.uint8)

    return planted


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("check", list(faults()))
def test_planted_faults_are_found(check, seed):
    cutout, original = faults()[check](*rendered(seed))
    found = mk.inspect(cutout, original)
    assert check in found.faults, str(found)
    assert not found.passed


SCENES = Path(__file__).parents[2] / "sample_files"


@pytest.mark.parametrize("name", ["figure", "glass", "hair", "mesh", "motion", "product"])
def test_the_rendered_scenes_are_clean_and_their_photos_are_not(name):
    photo, subject = (mk.read(SCENES / f"{name}{kind}.png").pixels[..., :3] for kind in ("", ".foreground"))
    alpha = mk.read_mask(SCENES / f"{name}.alpha.png")
    found = mk.inspect(mk.extend_edge(np.dstack([subject, alpha])), photo)
    assert found.passed, str(found)
    if name not in ("glass", "hair"):  # one has no solid interior, one is half back-lit
        assert "fringe" in mk.inspect(np.dstack([photo, alpha])).faults


def planted(photo, subject, alpha):
    """check -> a cutout with that fault; the photo stands behind, the edge is otherwise the subject's own."""
    depth = cv2.distanceTransform((alpha > 250).astype(np.uint8), cv2.DIST_L2, 5)
    y, x = np.unravel_index(depth.argmax(), depth.shape)
    holed, islet, framed = alpha.copy(), alpha.copy(), alpha.copy()
    holed[y : y + 2, x : x + 3] = 0
    islet[8:11, 8:12] = 90
    framed[:, x] = 255  # a stripe from edge to edge
    framed[-1, x : x + alpha.shape[1] // 10] = 255
    masks = {
        "empty": np.zeros_like(alpha),
        "full": np.full_like(alpha, 255),
        "inverted": 255 - alpha,
        "frame": framed,
        "islands": islet,
        "pinholes": holed,
        "hard": mk.threshold(alpha),
        "banding": np.rint(mk.feather(alpha, 4) / 42.5).astype(np.uint8) * 42,
    }
    cutouts = {check: mk.extend_edge(np.dstack([subject, mask])) for check, mask in masks.items()}
    cutouts["fringe"] = np.dstack([photo, mk.feather(mk.grow(alpha, 3), 1)])
    picture = mk.read(SCENES / "figure.backdrop.png").pixels[: alpha.shape[0], : alpha.shape[1], :3]
    under = np.zeros_like(photo)  # a picture, which the product's plain backdrop is not
    under[: len(picture), : picture.shape[1]] = picture
    cutouts["hidden"] = np.dstack([np.where(alpha[..., None], subject, under), alpha])
    cutouts["premultiplied"] = mk.premultiply(np.dstack([subject, alpha]))
    return cutouts


@pytest.mark.parametrize("name", ["figure", "product", "motion"])
def test_every_planted_fault_is_found_on_the_rendered_scenes(name):
    photo, subject = (mk.read(SCENES / f"{name}{kind}.png").pixels[..., :3] for kind in ("", ".foreground"))
    alpha = mk.read_mask(SCENES / f"{name}.alpha.png")
    clean = mk.inspect(mk.extend_edge(np.dstack([subject, alpha])), photo)
    cutouts = planted(photo, subject, alpha)
    assert set(cutouts) == set(LIMITS)
    for check, cutout in cutouts.items():
        found = mk.inspect(cutout, photo)
        assert check in found.faults + found.warnings, f"{check}\n{found}"
        assert clean[check].ok, f"{check}\n{clean}"


def test_a_speck_too_faint_to_be_seen_is_no_island():
    _, alpha, colour = rendered()
    alpha[20:22, 30:32] = 0.06
    assert mk.inspect(cutout_of(colour, alpha))["islands"].ok
    alpha[20:22, 30:32] = 0.12
    assert not mk.inspect(cutout_of(colour, alpha))["islands"].ok


@pytest.mark.parametrize("seed", range(3))
def test_what_is_often_meant_is_a_warning(seed):
    photo, alpha, colour = rendered(seed)
    found = mk.inspect(cutout_of(photo, alpha, hidden=True))
    assert "hidden" in found.warnings
    shifted = np.roll(alpha, 200, axis=0)
    shifted[:200] = 0
    found = mk.inspect(cutout_of(np.roll(colour, 200, axis=0), shifted))
    assert "frame" in found.warnings


def test_the_photos_own_colour_under_a_soft_matte_is_a_fringe():
    _, alpha, colour = rendered()
    soft = cv2.GaussianBlur(alpha, (0, 0), 3)
    mixed = soft[..., None] * colour + (1 - soft[..., None]) * np.array([0.2, 0.5, 0.7])
    original = (mixed * 255).round().astype(np.uint8)
    naive = mk.inspect(cutout_of(mixed, soft), original)["fringe"].value
    rounded = (soft * 255).round().astype(np.uint8)
    clean = mk.inspect(np.dstack([mk.decontaminate(original, rounded), rounded]), original)["fringe"].value
    assert naive > LIMITS["fringe"] > 2 * clean


def test_extended_colour_is_not_a_hidden_picture():
    _, alpha, colour = rendered()
    wide = mk.extend_edge(cutout_of(colour, alpha, hidden=True))
    assert mk.inspect(wide)["hidden"].ok


def test_spots_are_where_the_faults_are_and_are_marked():
    _, alpha, colour = rendered()
    alpha[20:24, 30:35] = 1
    cutout = cutout_of(colour, alpha)
    found = mk.inspect(cutout)
    assert found["islands"].spots == ((30, 20, 35, 24),)
    seen = mark(cutout, found)
    assert (seen == (255, 0, 0)).all(2)[10:30, 20:45].sum() > 30
    assert not (seen == (255, 0, 0)).all(2)[100:].any()


def test_every_hole_and_island_has_its_own_box_the_largest_first():
    alpha = np.zeros((200, 300))
    alpha[40:160, 60:200] = 1
    holes, specks = [(90, 60, 92, 63), (120, 100, 124, 103)], [(250, 20, 252, 24), (20, 180, 23, 184)]
    for boxes, level in ((holes, 0), (specks, 1)):
        for left, top, right, bottom in boxes:
            alpha[top:bottom, left:right] = level
    found = mk.inspect(np.dstack([np.full((200, 300, 3), 0.5), alpha]))
    assert found["pinholes"].spots == tuple(holes[::-1])
    assert found["islands"].spots == tuple(specks[::-1])


def test_limits_can_be_changed():
    _, alpha, colour = rendered()
    alpha[20:24, 30:35] = 1
    cutout = cutout_of(colour, alpha)
    assert mk.inspect(cutout, limits={"islands": 1}).passed
    with pytest.raises(PixelError, match="unknown check 'fuzz'"):
        mk.inspect(cutout, limits={"fuzz": 1})


@pytest.mark.parametrize("shape", [(1, 1), (3, 5000), (2, 2)])
def test_odd_sizes(shape):
    for level in (0, 128, 255):
        cutout = np.full((*shape, 4), level, np.uint8)
        found = mk.inspect(cutout, cutout[..., :3].copy())
        assert len(found.findings) == len(LIMITS)
        assert ("empty" in found.faults) == (level == 0)


def test_bad_arguments_are_named():
    with pytest.raises(PixelError, match="cutout: need alpha"):
        mk.inspect(np.zeros((4, 5, 3), np.uint8))
    with pytest.raises(PixelError, match="original"):
        mk.inspect(np.zeros((4, 5, 4), np.uint8), np.zeros((4, 6, 3), np.uint8))


def test_command_line(tmp_path):
    _, alpha, colour = rendered()
    mk.write(tmp_path / "clean.png", cutout_of(colour, alpha))
    alpha[20:24, 30:35] = 1
    mk.write(tmp_path / "bad.png", cutout_of(colour, alpha))

    def run(*arguments):
        command = [sys.executable, "-m", "maskkit", "inspect", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    clean = run("clean.png")
    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert "passed" in clean.stdout
    bad = run("bad.png", "--json", "--mark", "marked.png")
    assert bad.returncode == 1
    report = json.loads(bad.stdout)
    assert not report["passed"]
    assert [row["check"] for row in report["findings"] if row["verdict"] == "fault"] == ["islands"]
    assert mk.read(tmp_path / "marked.png").size == (560, 420)
    assert run("bad.png", "--limit", "islands=3").returncode == 0
    assert run("bad.png", "--limit", "islands").returncode == 2
    assert run("none.png").returncode == 1


@pytest.mark.parametrize("shape", [(1, 1), (67, 40), (200, 130), (333, 257)])
def test_hidden_by_bands_is_hidden_of_the_whole(shape, monkeypatch):
    rng = np.random.default_rng(3)
    alpha = cv2.blur(rng.random(shape, np.float32), (9, 9)).reshape(shape)
    cutout = np.dstack([rng.random((*shape, 3), np.float32), (alpha > 0.48) * alpha])
    whole = mk.inspect(cutout)["hidden"]
    monkeypatch.setattr("maskkit.quality.shape._BAND", 1)  # bands of single rows
    assert mk.inspect(cutout)["hidden"] == whole


@pytest.mark.parametrize("seed", range(8))
def test_the_shape_by_bands_is_that_of_the_whole(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    height, width = rng.integers(150, 300, 2)
    noise = cv2.GaussianBlur(rng.random((height, width)), (0, 0), 2 + seed / 4)
    alpha = np.clip((noise - np.quantile(noise, 0.1 if seed % 2 else 0.85)) * 150 + 0.5, 0, 1)
    cutout = np.dstack([np.full((height, width, 3), 0.5), alpha])
    found = []
    for pixels in (700, 1 << 30):
        monkeypatch.setattr("maskkit.quality.shape._BAND", pixels)
        found.append(mk.inspect(cutout))
    assert found[0] == found[1]
    assert found[0]["islands"].value + found[0]["pinholes"].value > 0
    assert 0 < found[0]["hard"].value < 1


@pytest.mark.parametrize("seed", range(3))
def test_wide_windows_on_a_coarse_grid_find_the_same_fringe(seed, monkeypatch):
    photo, alpha, foreground = rendered(seed)
    original = (photo * 255).round().astype(np.uint8)
    rim = foreground + 0.6 * (photo - foreground)
    for colour in (photo, foreground, rim):
        found = []
        for cells in (2, 1000):  # on a grid of 3 x 3 pixels, and of single ones
            monkeypatch.setattr("maskkit.quality.fringe._GRID", cells)
            found.append(mk.inspect(cutout_of(colour, alpha), original)["fringe"].value)
        coarse, fine = found
        assert coarse == pytest.approx(fine, abs=0.02)


def test_a_fringe_of_a_large_picture_is_found_and_a_clean_edge_passes():
    y, x = np.mgrid[:500, :2800]  # windows of 34 pixels, on a grid of 2 x 2
    alpha = np.clip((180 - np.hypot(y - 250, (x - 1400) / 5)) / 4 + 0.5, 0, 1)[..., None]
    foreground, backdrop = np.float64([0.8, 0.3, 0.2]), np.float64([0.2, 0.5, 0.8])
    photo = alpha * foreground + (1 - alpha) * backdrop
    original = (photo * 255).round().astype(np.uint8)
    rim = np.where(alpha < 0.98, foreground + 0.8 * (backdrop - foreground), foreground)
    clean = np.broadcast_to(foreground, photo.shape)
    assert mk.inspect(cutout_of(clean, alpha[..., 0]), original).passed
    assert mk.inspect(cutout_of(rim, alpha[..., 0]), original).faults == ("fringe",)
