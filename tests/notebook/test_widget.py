"""What the browser says to Python and hears of it, without a browser."""

import asyncio
import base64
import io
import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import maskkit as mk

pytest.importorskip("anywidget")

PHOTO = np.full((60, 90, 3), 205, np.uint8)
PHOTO[20:40, 30:60] = (190, 30, 40)
MASK = np.zeros((60, 90), np.uint8)
MASK[20:40, 30:60] = 255
VIEW = {"left": 0, "top": 0, "right": 90, "bottom": 60, "width": 90, "height": 60, "ground": "#ffffff"}


@pytest.fixture
def editor(monkeypatch):
    made = mk.edit(PHOTO, MASK)
    made.heard = []
    monkeypatch.setattr(made, "send", lambda content, buffers=(): made.heard.append((content, *buffers)))
    return made


def ask(editor, **asked):
    editor._heard(None, {"id": "a:1", "view": VIEW, **asked}, [])
    return editor.heard[-1]


def test_a_step_is_answered_with_its_picture_and_the_state(editor):
    answer, content = ask(editor, change={"feather": 2, "grow": 1})
    assert (answer["id"], answer["exact"]) == ("a:1", True)
    assert answer["state"]["feather"] == editor.state["feather"] == 2
    expected = mk.cutout(PHOTO, MASK, feather=2, grow=1).over("white").pixels
    assert abs(np.asarray(Image.open(io.BytesIO(content))).astype(int) - expected).max() <= 1
    assert np.array_equal(editor.mask, mk.cutout(PHOTO, MASK, feather=2, grow=1).alpha)
    assert editor.recipe.asked().keys() == {"mask", "grow", "feather"}


def test_a_mark_is_a_draft_until_nothing_moves(editor):
    answer, _ = ask(editor, hint={"kind": "drop", "points": [[45, 30]]})
    assert not answer["exact"]
    assert answer["state"]["hints"] == [{"kind": "drop", "points": ((45.0, 30.0),), "radius": 0.0}]
    answer, _ = ask(editor, settle=True)
    assert answer["exact"]
    assert np.array_equal(editor.mask, mk.cutout(PHOTO, MASK, drop=[(45, 30)]).alpha)
    answer, _ = ask(editor, undo=True)
    assert answer["state"]["hints"] == []


def test_in_a_loop_the_exact_cutout_is_made_beside_it(editor):
    async def session():
        ask(editor, hint={"kind": "keep", "points": [[45, 30]]})
        before = len(editor.heard)
        editor._heard(None, {"id": "a:2", "view": VIEW, "settle": True}, [])
        assert len(editor.heard) == before, "answered later"
        while len(editor.heard) == before:
            await asyncio.sleep(0.01)
        return editor.heard[-1][0]

    answer = asyncio.run(asyncio.wait_for(session(), 60))
    assert (answer["id"], answer["exact"]) == ("a:2", True)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"change": {"feather": -1}}, "feather: need"),
        ({"change": {"refine": "hare"}}, "refine"),
        ({"hint": {"kind": "circle", "points": [[1, 1]]}}, "kind"),
        ({"hint": {"kind": "keep"}}, "not understood: KeyError"),
        ({"view": {"left": "x"}}, "not understood"),
        ({"view": {**VIEW, "ground": "no colour"}}, "no colour"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_changes_nothing(editor, asked, said):
    ask(editor, hint={"kind": "keep", "points": [[45, 30]]})
    before = editor.recipe
    [answer] = ask(editor, **asked)
    assert said in answer["refused"]
    assert editor.recipe == before


def test_options_the_editor_has_no_control_for_are_not_taken_from_a_browser(editor):
    ask(editor, change={"source": "adobe", "model": "/etc/passwd", "feather": 1})
    assert editor.recipe.asked().keys() == {"mask", "feather"}


def test_where_nothing_draws_widgets_the_picture_shows(editor):
    bundle = editor._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"]
    png = np.asarray(Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB"))
    assert np.array_equal(png[30, 45], PHOTO[30, 45])
    assert "mask given" in data["text/html"]
    assert "Recipe(" not in json.dumps(data["application/vnd.jupyter.widget-view+json"])


def test_it_begins_where_a_recipe_ended(editor):
    ask(editor, change={"feather": 3})
    again = mk.edit(PHOTO, recipe=editor.recipe, grow=1)
    assert (again.state["feather"], again.state["grow"]) == (3, 1)


def test_options_are_those_of_cutout():
    with pytest.raises(mk.PixelError, match="feather"):
        mk.edit(PHOTO, MASK, fether=1)
    with pytest.raises(mk.CodecError, match=r"nothing\.png"):
        mk.edit("nothing.png")


def test_without_anywidget_the_extra_is_named():
    program = """
import sys, numpy as np
sys.modules["anywidget"] = None
import maskkit as mk
mk.show(np.zeros((4, 4), np.uint8))
try:
    mk.edit(np.zeros((4, 4, 3), np.uint8))
except mk.MissingExtraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert done.stdout.strip().endswith("pip install 'maskkit[notebook]'"), done.stderr
