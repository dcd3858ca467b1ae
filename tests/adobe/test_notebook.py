"""The notebook about Adobe is kept with what it shows, and without secrets."""

from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "02_adobe.ipynb"


@pytest.fixture
def notebook():
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    return nbformat.read(NOTEBOOK, as_version=4)


def test_it_is_kept_with_its_output_and_without_errors_or_secrets(notebook):
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert len(outputs) >= 10
    assert [output for output in outputs if output["output_type"] == "error"] == []
    text = NOTEBOOK.read_text()
    assert not [word for word in ("sig=", "token-", "secret-", "/root/", "/home/") if word in text]
