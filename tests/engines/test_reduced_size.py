"""What the weight-free engine does at a reduced size, against the formulas written out plainly."""

import cv2
import numpy as np
import pytest

from maskkit.engines import networks
from maskkit.engines import slic as slic_module
from maskkit.engines.inference import soft_maps
from maskkit.engines.lift import lift
from maskkit.engines.reduced import reduced


@pytest.mark.parametrize("shape", [(30, 41), (8, 8), (1, 40), (9, 3)])
def test_every_pixel_joins_the_nearest_of_nine_cells(shape):
    rows, columns = 5, 4  # in the narrow pictures some cells are empty
    rng = np.random.default_rng(3)
    points = (rng.random((*shape, 5)) * 100).astype(np.float32)
    centres = (rng.random((rows * columns, 5)) * 100).astype(np.float32)
    row, column = np.arange(shape[0]) * rows // shape[0], np.arange(shape[1]) * columns // shape[1]
    near = slic_module._nearby(rows, columns)
    got = slic_module._nearest(points, centres, near, row, column)
    for place in np.ndindex(*shape):
        cells = near[row[place[0]], column[place[1]]]
        assert got[place] in cells
        away = np.linalg.norm(centres - points[place], axis=1)
        assert away[got[place]] <= away[cells].min() * (1 + 1e-5)


@pytest.mark.parametrize("shape", [(90, 250), (3, 5000), (400, 40_000)])
def test_a_flat_mask_is_lifted_flat_whatever_the_size(shape):
    photo = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert np.allclose(lift(np.full((2, 50), 0.25, np.float32), photo), 0.25, atol=1e-5)


def test_a_reduced_picture_at_hand_is_not_made_again():
    photo = cv2.GaussianBlur(np.random.default_rng(2).integers(0, 256, (480, 640, 3), np.uint8), (0, 0), 9)
    small = cv2.resize(photo, (160, 120), interpolation=cv2.INTER_AREA)
    mask = np.zeros((60, 80), bool)
    mask[15:45, 20:60] = True
    assert np.abs(lift(mask, photo) - lift(mask, photo, small=small)).max() < 0.02


def test_looks_are_the_same_whether_or_not_the_picture_is_reduced_already(redness):
    photo = np.random.default_rng(4).integers(0, 256, (700, 900, 3), np.uint8)
    description = networks.Network(mean=(0, 0, 0), std=(1, 1, 1), size=(320, 320))
    network = ("redness", redness, description)
    for side in (640, 200):  # the one that a look wants, and another
        small = reduced(photo, side)
        for after in (0, 1):
            told, plain = (soft_maps(photo, network, after=after, small=one)[0] for one in (small, None))
            assert np.array_equal(told, plain)
