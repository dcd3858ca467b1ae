"""How far a download is, in a notebook: a kernel that runs for real."""

import pytest

CELL = """
from maskkit.engines.progress import progress
with progress("u2<netp") as tell:
    for have in range(0, 4_600_001, 100_000):
        tell(have, {whole})
"""


pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]  # Jupyter's own warnings


def test_one_bar_in_a_notebook_goes_to_its_end(outputs):
    [bar] = outputs(CELL.format(whole=4_600_000))
    assert '<progress value="4600000" max="4600000"' in bar["data"]["text/html"]
    assert "u2&lt;netp: 4.6 MB of 4.6 MB" in bar["data"]["text/html"]
    assert bar["data"]["text/plain"] == "u2<netp [########################] 4.6 of 4.6 MB"


def test_what_says_no_length_has_a_bar_without_an_end(outputs):
    [bar] = outputs(CELL.format(whole=0))
    assert "<progress style" in bar["data"]["text/html"]
    assert "4.0 MB" in bar["data"]["text/html"]


def test_outside_a_notebook_nothing_is_shown(capsys):
    from maskkit.engines.progress import progress

    with progress("u2netp") as tell:
        tell(1, 2)
    assert capsys.readouterr() == ("", "")
