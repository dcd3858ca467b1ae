"""How far a batch is, in a notebook: a kernel that runs for real."""

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]  # Jupyter's own warnings
CELL = """
import maskkit as mk
told = mk.batch({photos!r}, {out!r}, masks={masks!r}, executor="threads"{more})
"""


def asked(folder, more=""):
    places = {name: str(folder / name) for name in ("photos", "out", "masks")}
    return CELL.format(**places, more=more)


def test_a_batch_in_a_notebook_has_one_bar_that_ends_full_and_counts_what_failed(folder, outputs):
    (folder / "photos/003.png").write_bytes(b"no picture")
    [bar] = outputs(asked(folder))
    assert bar["data"]["text/plain"] == "6 of 6 pictures, 1 failed"
    assert '<progress value="6" max="6"' in bar["data"]["text/html"]
    assert len(list((folder / "out").iterdir())) == 5
    [again] = outputs(asked(folder))
    assert again["data"]["text/plain"] == "6 of 6 pictures, 1 failed", "what was made before counts"


def test_who_hears_each_picture_gets_no_bar(folder, outputs):
    [words] = outputs(asked(folder, ", progress=lambda made: print(made.state)"))
    assert words["output_type"] == "stream"
    assert words["text"].split() == ["done"] * 6
