"""What a notebook keeps of the editor: a real kernel runs it, nbconvert exports it."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

import maskkit as mk

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("anywidget")
pytest.importorskip("ipykernel")

BEGIN = """
import asyncio, numpy as np, maskkit as mk
photo = np.full((60, 90, 3), 205, np.uint8)
photo[20:40, 30:60] = (190, 30, 40)
mask = np.zeros((60, 90), np.uint8)
mask[20:40, 30:60] = 255
editor = mk.edit(photo, mask)
"""
STEP = """
view = {"left": 0, "top": 0, "right": 90, "bottom": 60, "width": 90, "height": 60, "ground": "#ffffff"}
editor._heard(None, {"id": "a:1", "view": view, "change": {"grow": 6}}, [])
editor._heard(None, {"id": "a:2", "view": view, "change": {"grow": -5}}, [])
await asyncio.sleep(1)
"""


def ran(*cells):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    return nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute()


def picture(output):
    content = base64.b64decode(output["data"]["image/png"])
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


def test_the_last_state_is_what_a_saved_notebook_shows():
    book = ran(BEGIN + "editor", STEP)
    widget, still = book.cells[0].outputs
    assert "application/vnd.jupyter.widget-view+json" in widget["data"]
    assert "image/png" not in widget["data"], "which would show the first state beside the last"
    shown = picture(still)
    assert abs(shown[30, 45] - (190, 30, 40)).max() <= 1
    grown, shrunk = shown[18, 45], shown[22, 45]
    for edge in (grown, shrunk):
        assert np.ptp(edge) == 0, "checkers: what a mask 5 pixels smaller removes"
    assert "grow=-5" in still["data"]["text/html"]


def test_an_export_without_widgets_shows_the_picture():
    exporter = pytest.importorskip("nbconvert").HTMLExporter()
    book = ran(BEGIN + "editor", STEP)
    book.metadata.pop("widgets", None)  # as notebooks are saved unless asked otherwise
    page, _ = exporter.from_notebook_node(book)
    start = page.index('<div class="maskkit-edit-still">')
    found = re.search(r'src="data:image/png;base64,([^"]+)"', page[start:])
    seen = np.asarray(Image.open(io.BytesIO(base64.b64decode(found[1]))).convert("RGB"))
    assert np.ptp(seen[22, 45].astype(int)) == 0
    assert page.count("<figure") == 1


def test_the_widget_s_own_first_picture_is_renewed_too():
    photo, mask = np.full((60, 90, 3), 205, np.uint8), np.zeros((60, 90), np.uint8)
    mask[20:40, 30:60] = 255
    editor = mk.edit(photo, mask)
    before = editor.still
    view = {"left": 0, "top": 0, "right": 90, "bottom": 60, "width": 90, "height": 60, "ground": "mask"}
    editor._heard(None, {"id": "a:1", "view": view, "change": {"grow": -5}}, [])
    assert editor.still != before
    seen = np.asarray(Image.open(io.BytesIO(editor.still)))
    assert seen[30, 45].tolist() == [205] * 3
    assert seen[22, 45].tolist() != [205] * 3
