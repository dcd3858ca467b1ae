"""Every block of README.md and of docs/ runs: Python in one namespace a page, shell commands for real.

An HTML comment on the line before a block steers it: ``<!-- not run: reason -->`` leaves it out,
``<!-- with: NAME -->`` runs it inside ``SURROUNDINGS[NAME]``.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

import maskkit
from maskkit.testing import ScriptedServer

ROOT = Path(__file__).parents[2]
PACKAGE = Path(maskkit.__file__).parent.parent  # the one under test: installed, or this checkout
BLOCK = re.compile(
    r"^(?:<!-- (?P<steer>not run|with): (?P<word>.*?) -->\n)?```(?P<language>sh|python)\n(?P<code>.*?)^```",
    re.M | re.S,
)
PAGES = sorted(path for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")] if path.exists())
BLOCKS = [{"page": page} | match.groupdict() for page in PAGES for match in BLOCK.finditer(page.read_text())]
RUN = [block for block in BLOCKS if block["steer"] != "not run"]
SET_UP = ("#", "pip ", "git ", "cd ", "pytest", "python3 -m venv", "sphinx-build", "bash .ci")


def name_of(block):
    return f"{block['page'].name}: {block['code'].strip().splitlines()[0][:60]}"


def commands(code):
    """The lines of a block without those that set up: this environment is set up."""
    lines = re.sub(r"\\\n\s*", "", code).replace(".venv/bin/", "").splitlines()
    parts = [[part for part in line.split(" && ") if not part.startswith(SET_UP)] for line in lines]
    return [" && ".join(left) for left in parts if left and left != [""]]


@contextlib.contextmanager
def scripted_server(statuses=("succeeded",)):
    """The environment of someone with an account: it leads to a server of this machine."""
    pytest.importorskip("obstore", reason="maskkit[staging] is not installed")
    with ScriptedServer(statuses=statuses) as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environ().items():
            patch.setenv(name, value)
        yield


def slow_server():
    """Its jobs take more polls than fit into two seconds."""
    return scripted_server(("running",) * 6 + ("succeeded",))


@contextlib.contextmanager
def own_server():
    """`maskkit serve --no-auth` on its own port, as the section has it."""
    pytest.importorskip("fastapi", reason="maskkit[server] is not installed")
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 8000)) == 0:
            pytest.skip("something else listens on port 8000")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "maskkit", "serve", "--no-auth", "--data-dir", folder]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            assert any(" serves on " in line for line in server.stderr)
            reader = threading.Thread(target=server.stderr.read)
            reader.start()
            yield
        finally:
            server.terminate()
            server.wait(30)
            reader.join()
            server.stderr.close()


SURROUNDINGS = {
    None: contextlib.nullcontext,
    "the scripted server": scripted_server,
    "a slow server": slow_server,
    "the server": own_server,
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder as a newcomer has it: the sample files, and `maskkit` on the path."""
    folder = tmp_path_factory.mktemp("pages")
    shutil.copytree(ROOT / "sample_files", folder / "sample_files")
    (folder / "bin").mkdir()
    command = folder / "bin" / "maskkit"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m maskkit "$@"\n')
    command.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def namespaces():
    """What the Python blocks of a page have defined so far, by page."""
    return {page: {} for page in PAGES}


def run_as_tests(code, place):
    """A block of tests, in a session of pytest of their own."""
    pytest.importorskip("obstore", reason="maskkit[staging] is not installed")
    (place / "test_mine.py").write_text(code)
    (place / "conftest.py").write_text('pytest_plugins = ["maskkit.testing.plugin"]')
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(not (ROOT / "sample_files").exists(), reason="the sample files are not here")
@pytest.mark.parametrize("block", RUN, ids=[name_of(block) for block in RUN])
def test_block_runs(block, place, namespaces, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setenv("PATH", f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(PACKAGE), os.environ.get("PYTHONPATH", "")]))
    if block["word"] == "pytest":
        run_as_tests(block["code"], place)
        return
    with SURROUNDINGS[block["word"]]():
        if block["language"] == "python":
            exec(compile(block["code"], block["page"].name, "exec"), namespaces[block["page"]])
        else:
            for line in commands(block["code"]):
                run = subprocess.run(["bash", "-ec", line], capture_output=True, text=True, check=False)
                assert run.returncode == 0, f"{line}\n{run.stdout}{run.stderr}"


def test_what_is_not_run_says_why():
    assert all(len(block["word"]) > 10 for block in BLOCKS if block["steer"] == "not run")


def test_set_up_is_left_out_and_the_main_job_is_not():
    line = "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/maskkit info a.png\n# why\npytest\n"
    assert commands(line) == ["maskkit info a.png"]


def test_the_readme_opens_with_one_line_for_the_main_job_and_one_for_the_tests():
    first, second = [block["code"].splitlines() for block in BLOCKS if block["page"].name == "README.md"][:2]
    assert (len(first), len(second)) == (1, 1)
    assert first[0].startswith("python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/maskkit cutout")
    assert second[0].endswith(".venv/bin/pytest --numprocesses auto")
    assert len((ROOT / "README.md").read_bytes()) < 9000


def anchors(page):
    """What a heading is called in a link: GitHub's rule, which MyST follows."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"], ids=lambda page: page.name
)
def test_links_lead_to_pages_and_headings_that_exist(page):
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text()):
        path, _, anchor = link.partition("#")
        made = re.sub(r"^gallery/(\w+)$", r"examples/\1.py", path)  # by the gallery, when the pages are built
        target = page.parent / made if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


# data, types, and what the command line and the server call
UNLISTED = {
    *(f"backdrop.{name}" for name in ("FITS", "from_text")),
    *(f"effects.{name}" for name in ("EFFECTS", "Asked", "canonical", "settings")),
    *(f"placement.{name}" for name in ("ANCHORS", "LEVEL", "PRESETS", "Margins", "anchored", "fitting")),
    *(f"placement.{name}" for name in ("margins_of", "placed", "subject_box")),
}


def test_every_public_name_is_on_the_page_of_the_api():
    listed = re.findall(r"^   ([\w.]+)$", (ROOT / "docs" / "api" / "index.md").read_text(), re.M)
    assert set(maskkit.__all__) - {"backdrop", "effects", "masks", "placement", "testing"} <= set(listed)
    for package in ("backdrop", "effects", "placement"):
        held = {f"{package}.{name}" for name in getattr(maskkit, package).__all__}
        assert held - UNLISTED <= set(listed)


def test_every_blend_mode_and_operator_is_named_where_compositing_is_described():
    words = set(re.findall(r"`([a-z-]+)`", (ROOT / "docs" / "compositing.md").read_text()))
    assert {*maskkit.BLEND_MODES, *maskkit.PORTER_DUFF} <= words


def test_every_example_has_its_place_in_the_order_of_the_gallery():
    order = (ROOT / "docs" / "_ext" / "written_pictures.py").read_text()
    listed = re.search(r"LESSONS = \((.*?)\)", order, re.S)[1]
    assert set(re.findall(r'"(\w+)"', listed)) == {
        path.stem for path in (ROOT / "docs" / "examples").glob("*.py")
    }
