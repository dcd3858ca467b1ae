"""The keyer and the two-plate formula against scenes composited from a known alpha and colour."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from engines.scenes import before, hairy_ball

import maskkit as mk
from maskkit.engines import chroma, chroma_key, two_plate

GREEN, BLUE, GREY = (0.08, 0.69, 0.25), (0.1, 0.2, 0.75), (0.8, 0.8, 0.8)
ALPHA = hairy_ball()
SAMPLES = Path(__file__).parents[2] / "sample_files"
EDGE = (ALPHA > 0.02) & (ALPHA < 0.98)


def uneven(screen):
    """A screen lit from the left."""
    return np.asarray(screen) * np.linspace(1, 0.75, ALPHA.shape[1])[None, :, None]


@pytest.mark.parametrize(
    "subject", [(0.78, 0.6, 0.48), (0.86, 0.15, 0.15), (0.95, 0.95, 0.95), (0.2, 0.2, 0.2)]
)
@pytest.mark.parametrize("screen", [GREEN, BLUE])
def test_screen_with_uneven_light_gives_the_strands_their_alpha(screen, subject):
    found = chroma(before(ALPHA, subject, uneven(screen), noise=1.5))
    assert np.abs(found.alpha - ALPHA).mean() < 0.004
    assert np.abs(found.alpha - ALPHA)[EDGE].mean() < 0.06
    assert found.confidence > 0.8


def test_pictures_composited_as_encoded_values():
    photo = before(ALPHA, (0.78, 0.6, 0.48), GREEN, noise=1.5, gamma=1)
    assert np.abs(chroma(photo, linear=False).alpha - ALPHA)[EDGE].mean() < 0.045


def test_the_rendered_green_screen_and_the_carafe_on_two():
    truth = [mk.read_mask(SAMPLES / f"{name}.alpha.png") / 255 for name in ("hair", "glass")]
    found = chroma(mk.read(SAMPLES / "greenscreen.png").pixels)
    assert np.abs(found.alpha - truth[0]).mean() < 0.007
    names = ("glass_green.png", "glass_blue.png", "glass_green.backdrop.png", "glass_blue.backdrop.png")
    alpha, _ = two_plate(*(mk.read(SAMPLES / name).pixels for name in names), linear=True)
    assert np.abs(alpha - truth[1]).mean() < 0.001


def test_known_grey_backdrop():
    photo = before(ALPHA, (0.7, 0.1, 0.1), GREY, noise=1.5, gamma=1)
    found = chroma(photo, "#cccccc")
    assert np.abs(found.alpha - ALPHA)[EDGE].mean() < 0.06


def test_clean_plate_may_have_a_pattern():
    y, x = np.mgrid[: ALPHA.shape[0], : ALPHA.shape[1]]
    pattern = np.where(((x // 20 + y // 20) % 2)[..., None], (0.1, 0.5, 0.3), (0.1, 0.7, 0.2))
    plate = before(np.zeros_like(ALPHA), (0, 0, 0), pattern)
    found = chroma(before(ALPHA, (0.9, 0.6, 0.5), pattern), plate)
    assert np.abs(found.alpha - ALPHA)[EDGE].mean() < 0.06


def test_a_yellow_patch_in_a_red_subject_stays_opaque():
    subject = np.broadcast_to(np.array([0.85, 0.1, 0.1]), (*ALPHA.shape, 3)).copy()
    subject[100:140, 140:180] = (0.85, 0.8, 0.1)
    found = chroma(before(ALPHA, subject, GREEN))
    assert found.alpha[100:140, 140:180].min() > 0.98


def test_key_gives_the_colour_without_its_screen():
    subject = np.array([0.86, 0.5, 0.4])
    photo = before(ALPHA, subject, GREEN)
    rgba = chroma_key(photo)
    weight = (ALPHA * EDGE)[..., None]
    wrong = np.abs(rgba[..., :3] / 255 - subject) * weight
    naive = np.abs(photo / 255 - subject) * weight
    assert rgba.dtype == np.uint8
    assert rgba.shape == (*ALPHA.shape, 4)
    assert wrong.sum() < 0.3 * naive.sum()


def test_spill_on_the_subject_is_suppressed():
    spilled = before(ALPHA, (0.5, 0.6, 0.5), GREEN)
    inside = chroma_key(spilled)[120, 160, :3].astype(int)
    assert inside[1] <= max(inside[0], inside[2]) + 1


def test_confidence_is_nothing_where_everything_is_backdrop():
    found = chroma(np.full((50, 60, 3), (20, 177, 64), np.uint8))
    assert found.confidence == 0
    assert found.advice


def test_transparent_glass_and_smoke_from_two_plates_exactly():
    rng = np.random.default_rng(1)
    alpha = cv2.GaussianBlur(rng.random((60, 80)), (0, 0), 3)
    alpha = (alpha - alpha.min()) / np.ptp(alpha)
    colour = cv2.GaussianBlur(rng.random((60, 80, 3)), (0, 0), 2)
    plates = [np.broadcast_to(b, colour.shape) for b in ((0.1, 0.7, 0.2), (0.9, 0.2, 0.3))]
    photos = [alpha[..., None] * colour + (1 - alpha[..., None]) * plate for plate in plates]
    found, foreground = two_plate(*photos, *plates)
    assert np.abs(found - alpha).max() < 1e-5
    seen = alpha > 0.02
    assert np.abs(foreground - colour)[seen].max() < 1e-4


def test_two_plates_of_8_bits_are_right_to_a_level():
    photos = [before(ALPHA, (0.5, 0.5, 0.5), backdrop, gamma=1) for backdrop in ((1, 0, 0), (0, 0, 1))]
    found, _ = two_plate(*photos, "red", "blue")
    assert np.abs(found - ALPHA).max() <= 1 / 255


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ("black", "#050505", "differ by less than"),
        ("no colour", "white", "plate_a: need a CSS colour"),
        (np.zeros((3, 3, 3), np.uint8), "white", "plate_a"),
        (7, "white", "plate_a"),
    ],
)
def test_plates_that_cannot_serve_are_named(a, b, message):
    photo = np.zeros((4, 5, 3), np.uint8)
    with pytest.raises(mk.PixelError, match=message):
        two_plate(photo, photo, a, b)


def test_photos_with_alpha_or_of_two_sizes_are_refused():
    photo = np.zeros((4, 5, 3), np.uint8)
    with pytest.raises(mk.PixelError, match="has alpha"):
        two_plate(np.zeros((4, 5, 4), np.uint8), photo, "black", "white")
    with pytest.raises(mk.PixelError, match=r"image_on_b: need 5x4 .*, got 4x5"):
        two_plate(photo, np.zeros((5, 4, 3), np.uint8), "black", "white")


def test_levels_out_of_order_are_refused():
    with pytest.raises(mk.PixelError, match="black: need less than white"):
        chroma(np.zeros((4, 5, 3), np.uint8), black=0.9, white=0.1)
