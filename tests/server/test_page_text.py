"""What the page says of its controls."""

import re

import pytest

pytest.importorskip("fastapi")
from maskkit.server import page


def test_sliders_in_percent_are_told_in_percent():
    html = page._index()
    sliders = [tag for tag in re.findall(r"<input [^>]*>", html) if 'data-unit="%"' in tag]
    assert any("0 to 100%" in tag for tag in sliders)
    assert not [tag for tag in sliders if re.search(r"0 to 1\b", tag)]
    hint = re.search(r'id="decontaminate-hint">([^<]*)<', html)
    assert hint is not None
    assert "0 to 100%; 100% for a soft estimate" in hint[1]
