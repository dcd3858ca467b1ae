"""Every block of README.md runs: Python in one namespace, shell commands through the real entry point.

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
BLOCKS = [match.groupdict() for match in BLOCK.finditer((ROOT / "README.md").read_text())]
RUN = [block for block in BLOCKS if block["steer"] != "not run"]


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
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "sample_files", folder / "sample_files")
    (folder / "bin").mkdir()
    command = folder / "bin" / "maskkit"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m maskkit "$@"\n')
    command.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def namespace():
    return {}


def run_as_tests(code, place):
    """A block of tests, in a session of pytest of their own."""
    pytest.importorskip("obstore", reason="maskkit[staging] is not installed")
    (place / "test_mine.py").write_text(code)
    (place / "conftest.py").write_text('pytest_plugins = ["maskkit.testing.plugin"]')
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(not (ROOT / "sample_files").exists(), reason="the sample files are not here")
@pytest.mark.parametrize("block", RUN, ids=[block["code"].strip().splitlines()[0][:60] for block in RUN])
def test_block_runs(block, place, namespace, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setenv("PATH", f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(PACKAGE), os.environ.get("PYTHONPATH", "")]))
    if block["word"] == "pytest":
        run_as_tests(block["code"], place)
        return
    with SURROUNDINGS[block["word"]]():
        if block["language"] == "python":
            exec(compile(block["code"], "README.md", "exec"), namespace)
        else:
            for line in re.sub(r"\\\n\s*", "", block["code"]).splitlines():
                if not line.startswith(("#", "pip ", "git ", "cd ", "pytest")) and line.strip():
                    run = subprocess.run(["bash", "-ec", line], capture_output=True, text=True, check=False)
                    assert run.returncode == 0, f"{line}\n{run.stdout}{run.stderr}"


def test_what_is_not_run_says_why():
    assert all(len(block["word"]) > 10 for block in BLOCKS if block["steer"] == "not run")


def test_pictures_and_links_inside_the_project_exist():
    text = (ROOT / "README.md").read_text()
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (ROOT / link).exists(), link
