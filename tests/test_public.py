"""The public face: what __init__ promises is what exists, and importing it is light."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import maskkit
import maskkit as mk

STUB = ast.parse(Path(maskkit.__file__).with_suffix(".pyi").read_text())
MODULES = {"backdrop", "effects", "masks", "placement", "testing"}
VERBS = sorted(set(maskkit.__all__) - MODULES)


def test_what_the_stub_lists_is_what_there_is():
    listed = {alias.name for node in STUB.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert sorted(listed) == sorted(maskkit.__all__)
    assert set(maskkit.__all__) <= set(dir(maskkit))


@pytest.mark.parametrize("name", VERBS)
def test_every_public_name_loads_and_has_a_docstring(name):
    assert getattr(maskkit, name).__doc__ or isinstance(getattr(maskkit, name), tuple)


def test_no_public_name_hides_behind_a_module():
    package = Path(maskkit.__file__).parent
    rooms = {path.stem for path in package.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert rooms.isdisjoint(VERBS)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="cutuot"):
        maskkit.cutuot  # noqa: B018 - the access is the test


@pytest.mark.parametrize("module", ["httpx", "onnxruntime", "fastapi", "scipy", "numba", "cv2", "PIL"])
def test_import_is_light(module):
    program = f"import sys, maskkit; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    "module", ["httpx", "cv2", "maskkit.engines.base", "maskkit.backdrop", "maskkit.matting"]
)
def test_a_cutout_by_a_given_mask_needs_little(module):
    program = f"import sys, maskkit; maskkit.cutout; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_command_with_a_given_mask_loads_little(tmp_path):
    photo, mask = np.full((9, 9, 3), 90, np.uint8), np.eye(9, dtype=np.uint8) * 255
    mk.write(tmp_path / "photo.jpg", photo)
    mk.write(tmp_path / "mask.png", mask)
    program = """
import sys
from maskkit.cli import main
sys.argv = ["maskkit", "cutout", "photo.jpg", "-m", "mask.png", "-o", "out.png"]
try:
    main()
finally:
    heavy = "cv2 httpx maskkit.fetch maskkit.engines.base maskkit.matting PIL.ImageCms PIL.PdfParser"
    print(sorted(set(heavy.split()) & set(sys.modules)))
"""
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
    assert mk.read(tmp_path / "out.png").pixels.shape == (9, 9, 4)


def test_the_list_of_commands_loads_none_of_them():
    program = """
import sys
from maskkit.cli import main
sys.argv = ["maskkit", "--help"]
try:
    main()
finally:
    heavy = "numpy cv2 PIL httpx maskkit.recipe maskkit.engines maskkit.kernels maskkit.pixels"
    print(sorted(set(heavy.split()) & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_a_command_ends_without_a_last_look_at_every_object():
    program = """
import atexit, gc, sys
from maskkit.cli import main
atexit.register(lambda: print(gc.get_freeze_count() > 10_000))
sys.argv = ["maskkit", "--version"]
main()
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    version, frozen = done.stdout.splitlines()
    assert version.startswith("maskkit "), done.stderr
    assert frozen == "True"


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted in /proc")
def test_the_command_starts_no_threads_but_its_own(tmp_path):
    mk.write(tmp_path / "mask.png", np.eye(9, dtype=np.uint8))
    program = """
import os, sys, threading
from maskkit.cli import main
sys.argv = ["maskkit", "info", "mask.png"]
try:
    main()
finally:
    print("numpy" in sys.modules, len(os.listdir("/proc/self/task")) - threading.active_count())
"""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, check=False, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.stdout.splitlines()[-1] == "True 0", done.stderr


def test_the_old_name_of_masks_goes_on_with_a_warning():
    from maskkit import matte

    with pytest.warns(DeprecationWarning, match="maskkit.masks.grow"):
        assert matte.grow is maskkit.masks.grow
