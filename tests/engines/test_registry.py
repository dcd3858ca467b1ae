"""The registry: what it lists runs, and a package of somebody else adds an engine by an entry point."""

import inspect
import os
import subprocess
import sys
from typing import get_args

import numpy as np
import pytest

import maskkit as mk
from maskkit.engines.registry import ENGINES, EngineOptions, EngineSettings, Source

ENGINE = """
import numpy as np
from maskkit.engines import EngineSpec, Estimate

def left_half(image, *, share=0.5):
    alpha = np.zeros(image.shape[:2], np.float32)
    alpha[:, : round(image.shape[1] * share)] = 1
    return Estimate(alpha, 0.9, "left half")

spec = EngineSpec("left-half", "halves:left_half", "keeps the left", options=("share",))
"""
PROGRAM = """
import numpy as np, maskkit as mk
photo = np.full((4, 8, 3), 90, np.uint8)
made = mk.cutout(photo, source="left-half", share=0.25, refine="none", decontaminate=0)
assert made.alpha[0].tolist() == [255, 255, 0, 0, 0, 0, 0, 0], made.alpha
assert mk.Recipe.from_json(made.recipe.to_json()) == made.recipe
try:
    mk.cutout(photo, source="left-halv")
except mk.PixelError as error:
    assert "left-half" in str(error), error
"""


@pytest.fixture
def environment(tmp_path):
    (tmp_path / "halves.py").write_text(ENGINE)
    info = tmp_path / "halves-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: halves\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[maskkit.engines]\nleft-half = halves:spec\n")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}


def test_a_package_adds_an_engine_to_the_library_and_the_command_line(environment, tmp_path):
    def run(*words):
        done = subprocess.run(
            [sys.executable, *words],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("-c", PROGRAM)
    assert "--source left-half" in run("-m", "maskkit", "models")
    mk.write(tmp_path / "p.png", np.full((4, 8, 3), 90, np.uint8))
    words = ("--source", "left-half", "--engine-option", "share=0.25", "--refine", "none")
    run("-m", "maskkit", "mask", "p.png", "m.png", *words)
    assert mk.read_mask(tmp_path / "m.png")[0].tolist() == [255, 255, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_takes_what_the_registry_says(name):
    spec = ENGINES[name]
    taken = inspect.signature(spec.function).parameters
    if not any(one.kind is inspect.Parameter.VAR_KEYWORD for one in taken.values()):
        assert {*spec.options, *spec.settings} - {"cache"} <= taken.keys()  # asked before it


def test_the_words_for_type_checkers_are_the_registrys():
    assert get_args(Source) == tuple(ENGINES)
    options = {one for spec in ENGINES.values() for one in spec.options} - {"model", "screen", "mask_type"}
    assert options == set(EngineOptions.__annotations__)
    assert {one for spec in ENGINES.values() for one in spec.settings} == set(EngineSettings.__annotations__)
