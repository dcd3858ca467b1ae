"""The version is the tag's, and the changelog's top entry says the same."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import maskkit

ROOT = Path(__file__).parents[2]


def git(*words, at=ROOT):
    done = subprocess.run(["git", *words], cwd=at, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def released():
    """The version that this source is a release of, or None: by git's tag, else by what was built of it."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        tags = git("tag", "--points-at", "HEAD", "--list", "v[0-9]*").split()
        return tags[-1].removeprefix("v") if tags else None
    return maskkit.__version__ if re.fullmatch(r"\d+(\.\d+)+", maskkit.__version__) else None


def test_the_changelogs_top_entry_is_the_version():
    top = re.search(r"^## \[?([^]\s]+)", (ROOT / "CHANGELOG.md").read_text(), re.M)[1]
    assert top == (released() or "Unreleased")


def test_the_version_costs_no_look_at_metadata():
    program = "import sys, maskkit; maskkit.__version__; print('importlib.metadata' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


@pytest.fixture
def repository(tmp_path):
    """A commit of what decides the version."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    pytest.importorskip("setuptools_scm")
    place = tmp_path / "repository"
    (place / "maskkit").mkdir(parents=True)
    for name in ("pyproject.toml", ".git_archival.txt", ".gitattributes", ".gitignore"):
        shutil.copy(ROOT / name, place / name)
    git("init", "--quiet", at=place)
    git("config", "user.name", "somebody", at=place)
    git("config", "user.email", "somebody@example.org", at=place)
    git("add", "--all", at=place)
    git("-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "all", at=place)
    return place


def archive(repository):
    place = repository.with_name("archive")
    place.mkdir()
    packed = subprocess.run(["git", "archive", "HEAD"], cwd=repository, check=True, capture_output=True)
    subprocess.run(["tar", "-x"], cwd=place, check=True, input=packed.stdout)
    return place


def version(place):
    words = [sys.executable, "-m", "setuptools_scm"]
    return subprocess.run(words, cwd=place, check=True, capture_output=True, text=True).stdout.strip()


def test_a_tag_is_the_version_in_git_and_in_an_archive(repository):
    git("tag", "v1.2.3", at=repository)
    assert version(repository) == version(archive(repository)) == "1.2.3"


def test_without_a_tag_it_is_a_release_in_preparation(repository):
    assert re.fullmatch(r"\d+\.\d+\.\d+\.dev\d+\+g\w+", version(repository))
    assert re.fullmatch(r"\d+\.\d+\.\d+\.dev0", version(archive(repository)))
