import os
import subprocess
import sys
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest
from benchmarks import rhemann
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels.test_laplacian import levin, path

import maskkit as mk
from maskkit.errors import PixelError
from maskkit.kernels import convert, set_threads, threads
from maskkit.kernels.grid import shrink
from maskkit.matting import METHODS
from maskkit.matting.closed_form import closed_form
from maskkit.matting.edge import by_bands, edge, fused
from maskkit.matting.guided import planes
from maskkit.matting.hair import hair
from maskkit.matting.lift import lift
from maskkit.matting.sampling import sample_alpha
from maskkit.matting.separability import evidence
from maskkit.matting.support import keep_supported

SHARED = Path(os.environ.get("MASKKIT_SHARED", Path(__file__).parents[3] / "shared"))


def furry(height=240, width=320, *, subject=(0.75, 0.5, 0.25), backdrop=(0.2, 0.35, 0.6), longest=1.15):
    """A disc with hairs as a known alpha, composited with noise: (photo uint8, alpha)."""
    rng = np.random.default_rng(0)
    big = np.zeros((height * 4, width * 4), np.uint8)
    centre = np.array([width * 2, height * 2])
    cv2.circle(big, centre.tolist(), height, 255, -1)
    for angle in rng.uniform(0, 2 * np.pi, 250):
        way = np.array([np.cos(angle), np.sin(angle)])
        ends = [(centre + way * height * r).astype(int).tolist() for r in (0.95, rng.uniform(1.02, longest))]
        cv2.line(big, *ends, 255, 3, cv2.LINE_AA)
    alpha = cv2.resize(big, (width, height), interpolation=cv2.INTER_AREA) / 255
    shade = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (0, 0), 20)
    plates = [
        np.array(c) * (1 + shade[..., None]) + rng.normal(0, 0.01, (height, width, 3))
        for c in (subject, backdrop)
    ]
    photo = alpha[..., None] * plates[0] + (1 - alpha[..., None]) * plates[1]
    return (photo.clip(0, 1) * 255).round().astype(np.uint8), alpha


def sad(matte, alpha):
    return np.abs(np.asarray(matte, float) / np.iinfo(np.uint8).max - alpha).sum()


def test_edge_halves_the_error_of_a_hard_mask():
    photo, alpha = furry()
    mask = alpha >= 0.5
    assert sad(mk.refine(photo, mask), alpha) < 0.55 * sad(mask * 255, alpha)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["figure", "hair", "mesh", "motion", "product", "glass"])
@pytest.mark.parametrize("mode", ["edge", "hair"])
def test_refining_is_never_worse_than_the_mask_on_the_rendered_scenes(name, mode):
    scenes = Path(__file__).parents[2] / "sample_files"
    photo, alpha = mk.read(scenes / f"{name}.png").pixels, mk.read_mask(scenes / f"{name}.alpha.png") / 255
    assert sad(mk.refine(photo, alpha >= 0.5, mode), alpha) < 0.95 * sad((alpha >= 0.5) * 255, alpha)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("radius", [40, 130])
def test_edge_is_the_same_without_the_compiled_core(depth, radius):
    photo, alpha = furry(251, 333)
    photo = convert(photo, depth)
    found = []
    for native in (True, False):
        with path(native):
            found.append(edge(photo, alpha > 0.5, radius))
    assert ((found[1] > 0.05) & (found[1] < 0.95)).mean() > 0.01
    np.testing.assert_allclose(found[0], found[1], atol=1e-4)


@pytest.mark.parametrize("radius", [1, 9, 60, 200])
def test_bands_of_rows_show_nowhere(radius):
    rng = np.random.default_rng(radius)
    image = rng.integers(0, 256, (700, 90, 3), np.uint8)
    mask = cv2.GaussianBlur(rng.random((700, 90), np.float32), (0, 0), 9) > 0.5
    whole = planes(image)
    truth = fused(whole, radius, evidence(whole, mask.astype(np.float32), radius))
    np.testing.assert_allclose(by_bands(image, mask.astype(np.float32), radius), truth, atol=1e-6)


def test_hair_finds_what_the_mask_has_lost():
    photo, alpha = furry()
    mask = cv2.GaussianBlur((alpha >= 0.5).astype(np.float32), (0, 0), 3) >= 0.5
    found, edged = (sad(mk.refine(photo, mask, mode, radius=16), alpha) for mode in ("hair", "edge"))
    assert found < 0.6 * sad(mask * 255, alpha)
    assert found < edged


def test_like_colours_do_not_spill():
    """A smooth brown dog on brown wood: the matte stays at the mask."""
    photo, alpha = furry(subject=(0.4, 0.3, 0.2), backdrop=(0.4, 0.3, 0.2))
    mask = alpha >= 0.5
    far = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) > 5
    for mode in ("edge", "hair", "soft"):
        matte = mk.refine(photo, mask, mode)
        assert matte[far].max() <= 8
        assert sad(matte, mask) < 1.6 * np.count_nonzero(
            mask ^ cv2.dilate(mask.astype(np.uint8), np.ones((3, 3))).view(bool)
        )


def plate_with_holes(blur):
    """Red with holes of 6 pixels before blue, both mottled: (photo, alpha)."""
    y, x = np.mgrid[:160, :200]
    hole = np.hypot((y + 8) % 16 - 8, (x + 8) % 16 - 8) < 3
    sharp = ((np.abs(y - 80) < 60) & (np.abs(x - 100) < 80) & ~hole).astype(np.float32)
    alpha = cv2.GaussianBlur(sharp, (0, 0), blur) if blur else sharp
    mottle = np.random.default_rng(0).normal(0, 0.03, (160, 200, 3))
    photo = alpha[..., None] * np.array((0.7, 0.3, 0.2)) + (1 - alpha[..., None]) * np.array((0.2, 0.3, 0.7))
    return (photo + mottle).clip(0, 1).astype(np.float32), alpha


def test_holes_that_were_filled_with_grey_are_the_masks_again():
    photo, alpha = plate_with_holes(0)
    matte = cv2.GaussianBlur(alpha, (0, 0), 2)
    before = np.abs(matte - alpha).sum()
    keep_supported(photo, alpha > 0.5, matte)
    assert np.abs(matte - alpha).sum() < 0.02 * before


@pytest.mark.parametrize("factor", [1, 2])
def test_softness_that_the_photo_shows_stays(factor):
    """At 2, the picture is weighed at half its size."""
    wide = [np.pad(a, [(0, 500), (0, 500), (0, 0)][: a.ndim], "edge") for a in plate_with_holes(1.5)]
    photo, alpha = (a.repeat(factor, 0).repeat(factor, 1) for a in wide)
    matte = alpha.copy()
    keep_supported(photo, alpha > 0.5, matte)
    assert np.abs(matte - alpha).sum() < 0.05 * np.abs((alpha > 0.5) - alpha).sum()


def test_colours_that_say_nothing_leave_the_mask():
    matte = np.tile(np.linspace(0, 1, 40, dtype=np.float32), (30, 1))
    mask = matte > 0.5
    keep_supported(np.full((30, 40, 3), 99, np.uint8), mask, matte)
    np.testing.assert_array_equal(matte, mask)


def touching_disc(mottle):
    """A disc before two walls, one of its own colour to three levels: (photo, alpha)."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:960, :1280]
    sharp = (np.hypot(x - 640, y - 480) < 280).astype(np.float32)
    alpha = cv2.resize(sharp, (320, 240), interpolation=cv2.INTER_AREA)
    wall = np.where(np.arange(320)[None, :, None] > 160, (0.56, 0.41, 0.3), (0.2, 0.35, 0.55))
    blotches = [cv2.GaussianBlur(rng.normal(0, 1, alpha.shape), (0, 0), 4)[..., None] for _ in range(2)]
    plates = [
        colour + mottle * each / each.std()
        for colour, each in zip(((0.55, 0.4, 0.3), wall), blotches, strict=True)
    ]
    photo = alpha[..., None] * plates[0] + (1 - alpha[..., None]) * plates[1]
    return ((photo + rng.normal(0, 0.01, photo.shape)).clip(0, 1) * 255).round().astype(np.uint8), alpha


@pytest.mark.parametrize("mottle", [0, 0.03])
@pytest.mark.parametrize("mode", ["edge", "hair"])
def test_an_edge_that_touches_its_own_colour_stays_the_masks(mottle, mode):
    photo, alpha = touching_disc(mottle)
    mask = (alpha >= 0.5).astype(np.float32)
    matte = mk.refine(photo, mask, mode) / np.float32(255)
    assert rhemann.sad(matte, alpha) < 1.02 * rhemann.sad(mask, alpha)
    assert rhemann.grad(matte, alpha) < 1.3 * rhemann.grad(mask, alpha)


def furry_map(width):
    """A network's map of the furry disc, ``width`` pixels wide, which says nothing of its hair."""
    photo, alpha = furry(longest=1.08)
    few = cv2.resize((alpha > 0.5).astype(np.float32), (width, width * 3 // 4), interpolation=cv2.INTER_AREA)
    return photo, alpha, np.clip(cv2.resize(few, photo.shape[1::-1], interpolation=cv2.INTER_LINEAR), 0, 1)


def test_a_soft_map_says_where_it_is_unsure():
    photo, alpha, level = furry_map(107)
    asked = ((level, "edge"), (level > 0.5, "edge"), (level > 0.5, "hair"))
    others = [sad(mk.refine(photo, mask, mode), alpha) for mask, mode in asked]
    found = sad(mk.refine(photo, level, "soft"), alpha)
    assert found < 0.05 * sad(level * 255, alpha)
    assert found < 0.5 * min(others)


def brown_before_brown(seed):
    """A smooth brown disc before blotches of like colours, its alpha, and a map that is 4 px off."""
    rng = np.random.default_rng(seed)

    def cloud(sigma):
        blotches = cv2.GaussianBlur(rng.random((300, 400)).astype(np.float32), (0, 0), sigma)
        return ((blotches - blotches.min()) / np.ptp(blotches))[..., None]

    backdrop = np.array([60, 50, 40]) + cloud(4) * np.array([110, 55, 20])
    subject = np.array([130, 75, 40]) * (0.7 + 0.6 * cloud(12))
    y, x = np.mgrid[:300, :400]
    alpha = np.clip(110.5 - np.hypot((x - 200) * 0.9, (y - 160) * 1.1), 0, 1)
    mixed = alpha[..., None] * subject + (1 - alpha[..., None]) * backdrop + rng.normal(0, 3, (300, 400, 3))
    level = cv2.GaussianBlur(np.roll(alpha, 4, axis=1), (0, 0), 4)
    return mixed.clip(0, 255).astype(np.uint8), alpha, level


@pytest.mark.parametrize("seed", range(3))
def test_colours_that_both_sides_have_leave_no_blotches(seed):
    photo, alpha, level = brown_before_brown(seed)
    edge = sad(mk.refine(photo, level > 0.5, "edge"), alpha)
    assert sad(mk.refine(photo, level, "soft"), alpha) < 0.7 * edge


@pytest.mark.parametrize("scene", ["furry", "like colours"])
def test_a_map_that_doubts_whole_parts_is_cut(scene):
    photo, level = furry_map(32)[::2] if scene == "furry" else vague_disc()
    np.testing.assert_array_equal(mk.refine(photo, level, "soft"), mk.refine(photo, level > 0.5, "hair"))


def vague_disc():
    photo, alpha = touching_disc(0)
    return photo, cv2.GaussianBlur(alpha, (0, 0), 15)


def test_each_subject_is_solved_by_itself():
    photo, alpha = furry()
    pair = np.hstack([photo, photo[:, ::-1]])
    both = np.hstack([alpha, alpha[:, ::-1]]) >= 0.5
    single = mk.refine(photo, alpha >= 0.5, "hair").astype(int)
    double = mk.refine(pair, both, "hair").astype(int)
    assert np.abs(double[:, :320] - single).mean() < 0.5


def test_a_large_picture_is_lifted():
    photo, alpha = furry(700, 1500)
    mask = alpha >= 0.5
    assert sad(hair(photo, mask) * 255, alpha) < 0.7 * sad(mask * 255, alpha)


def test_a_lifted_matte_is_the_same_without_the_compiled_core():
    photo, alpha = furry(420, 1300)
    small, matte = planes(shrink(photo, 3)) + np.float32(0.5), shrink(alpha.astype(np.float32), 3)
    active = (matte > 0.01) & (matte < 0.99)
    mattes = []
    for compiled in (True, False):
        with path(compiled):
            mattes.append(lift(photo, small, matte, 3, active, out=np.full(photo.shape[:2], 7, np.float32)))
    np.testing.assert_allclose(*mattes, atol=2e-5)
    wanted = active.repeat(3, 0).repeat(3, 1)[: photo.shape[0], : photo.shape[1]]
    np.testing.assert_array_equal(mattes[0] == 7, ~wanted)


def test_trimap_mode_and_pymatting_by_name():
    photo, alpha = furry(120, 160)
    trimap = mk.trimap((alpha * 255).astype(np.uint8), 3)
    own = mk.refine(photo, trimap, "trimap")
    assert (own[trimap == 255] == 255).all()
    assert (own[trimap == 0] == 0).all()
    assert sad(own, alpha) < 0.5 * sad(np.where(trimap == 128, 128, trimap), alpha)
    again = mk.refine(photo, alpha >= 0.5, "trimap", trimap=trimap)
    np.testing.assert_array_equal(own, again)


def test_pymatting_is_an_extra():
    photo, alpha = furry(60, 80)
    trimap = mk.trimap((alpha * 255).astype(np.uint8), 3)
    code = "import sys; sys.modules['pymatting'] = None\n"
    code += "import numpy as np, maskkit as mk\ntrimap = np.array([[0, 128, 255]], np.uint8)\n"
    code += "try: mk.refine(np.zeros((1, 3, 3), np.uint8), trimap, 'trimap', method='pymatting.cf')\n"
    code += "except mk.MissingExtraError as error: print(error)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "maskkit[matting]" in answer.stdout
    if "MASKKIT_TEST_PYMATTING" not in os.environ:
        pytest.skip("pymatting compiles for most of a minute; set MASKKIT_TEST_PYMATTING")
    pytest.importorskip("pymatting")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for method in METHODS[1:]:
            assert sad(mk.refine(photo, trimap, "trimap", method=method), alpha) < 0.6 * sad(trimap, alpha)


def test_closed_form_is_the_minimum_of_levins_energy():
    """Against scipy's direct solution of the same system, in float64."""
    sparse = pytest.importorskip("scipy.sparse")
    photo, alpha = furry(50, 70)
    unknown = cv2.dilate(((alpha > 0) & (alpha < 1)).astype(np.uint8), np.ones((5, 5))).view(bool)
    rng = np.random.default_rng(0)
    weight, target = 0.01 * rng.random((2, *alpha.shape)).astype(np.float32)
    start = np.where(unknown, np.float32(0.5), alpha.astype(np.float32))
    matrix = sparse.csr_matrix(levin(photo, 1e-6) + np.diag((weight * unknown).ravel()))
    free = unknown.ravel()
    right = (weight * target).ravel()[free] - matrix[free][:, ~free] @ start.ravel()[~free]
    wanted = start.astype(float).ravel()
    wanted[free] = sparse.linalg.spsolve(matrix[free][:, free].tocsc(), right).clip(0, 1)
    for compiled in (True, False):
        with path(compiled):
            found = closed_form(photo, start, unknown, target, weight, eps=1e-6, rounds=80, tolerance=1e-6)
        assert np.abs(found.ravel() - wanted).max() < 0.01


def test_closed_form_on_a_colour_line_is_exact():
    """Where alpha is an affine function of colour, L alpha = 0, so the solver must find alpha."""
    x = np.linspace(0, 1, 41)
    alpha = np.tile(x**2, (15, 1)).astype(np.float32)
    photo = alpha[..., None] * [0.9, 0.5, 0.1] + (1 - alpha[..., None]) * [0.1, 0.2, 0.8]
    unknown = np.zeros(alpha.shape, bool)
    unknown[:, 3:-3] = True
    start = np.where(unknown, np.float32(0.5), alpha)
    none = np.zeros_like(alpha)
    assert np.abs(closed_form(photo, start, unknown, none, none) - alpha).max() < 0.01


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (1, 900), (3, 900), (700, 2)])
def test_closed_form_of_pictures_narrower_than_a_window(shape):
    start = np.zeros(shape, np.float32)
    start[:, shape[1] // 2 :] = 1
    unknown = np.ones(shape, bool)
    unknown[0, 0] = unknown[-1, -1] = False
    photo = np.broadcast_to(start[..., None], (*shape, 3))
    none = np.zeros_like(start)
    found = closed_form(photo, np.where(unknown, np.float32(0.5), start), unknown, none, none)
    assert found.shape == shape
    assert np.isfinite(found).all()


def test_sampling_projects_on_the_line_of_two_colours():
    alpha = np.tile(np.clip(np.linspace(-0.5, 1.5, 40), 0, 1), (10, 1))
    photo = alpha[..., None] * [0.9, 0.1, 0.2] + (1 - alpha[..., None]) * [0.0, 0.4, 0.9]
    found, trust = sample_alpha(photo, alpha == 1, alpha == 0)
    assert np.abs(found - alpha).max() < 0.02
    unknown = (alpha > 0) & (alpha < 1)
    assert trust[unknown].min() > 0.9
    assert trust[~unknown].max() == 0


def test_photoshops_words():
    photo, alpha = furry()
    mask = alpha >= 0.5
    plain = mk.refine(photo, mask).astype(int)
    assert (
        mk.refine(photo, mask, shift_edge=0.5).sum()
        > plain.sum()
        > mk.refine(photo, mask, shift_edge=-0.5).sum()
    )
    soft = ((plain > 20) & (plain < 235)).sum()
    hard = mk.refine(photo, mask, contrast=0.8)
    assert ((hard > 20) & (hard < 235)).sum() < 0.5 * soft
    feathered = mk.refine(photo, mask, feather=3)
    assert ((feathered > 20) & (feathered < 235)).sum() > 1.3 * soft
    grey = np.full_like(photo, 90)
    rough, round_ = (mk.refine(grey, mask, smooth=smooth) > 127 for smooth in (0, 3))
    assert np.abs(np.diff(round_.astype(int))).sum() < 0.8 * np.abs(np.diff(rough.astype(int))).sum()


def test_threads_change_nothing():
    photo, alpha = furry(300, 900)
    before = threads()
    try:
        results = []
        for count in (1, 3):
            set_threads(count)
            results.append([mk.refine(photo, alpha >= 0.5, mode) for mode in ("edge", "hair", "soft")])
    finally:
        set_threads(before)
    np.testing.assert_array_equal(results[0], results[1])


@pytest.mark.parametrize("mode", ["edge", "hair", "soft"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("shape", [(1, 1), (3, 5000), (40, 1)])
def test_odd_shapes_and_flat_pictures(mode, dtype, shape):
    top = 1 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
    photo = np.full((*shape, 4), top // 2 if top > 1 else 0.5, dtype)
    half = np.zeros(shape, np.uint8)
    half[:, : shape[1] // 2] = 255
    for mask in (np.zeros(shape, bool), np.ones(shape, bool), half):
        matte = mk.refine(photo, mask, mode)
        assert matte.shape == shape
        assert matte.dtype == dtype
        assert abs(matte.mean() / top - mask.mean() / mask.max().clip(1)) < 0.01


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 60),
    st.integers(1, 60),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["edge", "hair", "soft"]),
)
def test_noise_gives_a_mask(height, width, seed, mode):
    rng = np.random.default_rng(seed)
    matte = mk.refine(rng.random((height, width, 3)), rng.random((height, width)) > rng.random(), mode)
    assert matte.min() >= 0
    assert matte.max() <= 1


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"mode": "fur"}, "mode: need one of edge, hair, soft, trimap, got 'fur'"),
        ({"radius": -1}, "radius"),
        ({"contrast": 1}, "contrast"),
        ({"shift_edge": 2}, "shift_edge"),
        ({"mode": "trimap", "method": "magic"}, "method: need one of closed_form"),
        ({"mode": "trimap"}, "trimap: needs white"),
        ({"trimap": np.zeros((4, 5))}, "trimap: is for mode 'trimap'"),
        ({"mask": np.zeros((5, 4))}, "swapped"),
        ({"mask": np.full((4, 5), np.nan)}, "mask: has NaN"),
        ({"out": np.zeros((4, 5))}, "out: need a uint8 array"),
    ],
)
def test_bad_arguments_are_named(options, text):
    mask = options.pop("mask", np.zeros((4, 5)))
    with pytest.raises(PixelError, match=text):
        mk.refine(np.zeros((4, 5, 3), np.uint8), mask, **options)


def test_the_first_call_loads_no_compiler():
    code = "import sys, numpy as np, maskkit as mk\n"
    code += "mk.refine(np.zeros((50, 50, 3), np.uint8), np.eye(50) > 0, 'hair')\n"
    code += "print([name for name in ('numba', 'scipy', 'pymatting', 'PIL', 'httpx') if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.skipif(not (SHARED / "data/adobe").is_dir(), reason="Adobe's example pictures are not at hand")
@pytest.mark.parametrize("mode", ["edge", "hair"])
def test_adobes_dogs_grow_no_ghosts(mode):
    photo = mk.read(SHARED / "data/adobe/original.jpg").pixels
    mask = mk.read_mask(SHARED / "data/adobe/mask.png")
    matte = mk.refine(photo, mask, mode)
    hard = (mask > 127).astype(np.uint8)
    outside, inside = (cv2.distanceTransform(side, cv2.DIST_L2, 5) for side in (1 - hard, hard))
    length = np.count_nonzero((outside > 0) & (outside < 1.5))
    assert (matte / 255)[outside > 4].sum() < 0.06 * length
    assert (1 - matte / 255)[inside > 4].sum() < 0.06 * length
    red = (photo[..., 0] > 150) & (photo[..., 1] < 60) & (inside > 2)  # the collars
    assert matte[red].min() > 128
    assert matte[red].mean() > 250
