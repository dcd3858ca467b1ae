"""Before a plain backdrop nothing is too thin, no gap too narrow, and a highlight is no hole."""

import pytest
from engines.plain_scenes import SCENES
from engines.scenes import iou

from maskkit.engines import classical


@pytest.mark.parametrize("name", SCENES)
def test_thin_parts_gaps_and_highlights(name):
    photo, truth = SCENES[name]()
    found = classical(photo)
    assert iou(found.alpha, truth) >= 0.95
    assert found.confidence > 0.9
