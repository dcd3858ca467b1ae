"""``maskkit sheet``."""

import numpy as np
from cli_process import maskkit

import maskkit as mk


def test_a_page_of_files_and_lines_for_bad_ones(tmp_path):
    mk.write(tmp_path / "a.png", np.full((40, 40, 4), 255, np.uint8))
    done = maskkit("sheet", "out.html", "a.png", "a.png", cwd=tmp_path)
    assert done.stdout.decode().strip() == "out.html: 2 shown, 2 with findings"
    assert "1. a.png" in (tmp_path / "out.html").read_text("utf-8")
    none = maskkit("sheet", "none.html", cwd=tmp_path, check=1)
    assert "need at least one" in none.stderr.decode()


def test_a_forgotten_output_does_not_cost_the_first_cutout(tmp_path):
    for name in ("a.png", "b.png"):
        mk.write(tmp_path / name, np.full((40, 40, 4), 255, np.uint8))
    before = (tmp_path / "a.png").read_bytes()
    said = maskkit("sheet", "a.png", "b.png", cwd=tmp_path, check=2).stderr.decode()
    assert "a.png is there already" in said
    assert (tmp_path / "a.png").read_bytes() == before
