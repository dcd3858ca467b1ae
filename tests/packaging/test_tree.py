"""What git knows is what belongs into a release: sources, and nothing that a program left behind."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP = {
    ".ci", ".git_archival.txt", ".gitattributes", ".github", ".gitignore", ".pre-commit-config.yaml",
    "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md", "constraints-floors.txt",
    "constraints.txt", "docs", "findings", "maskkit", "notebooks", "pyproject.toml", "sample_files", "tests",
}  # fmt: skip


@pytest.fixture
def known():
    """The files that git knows."""
    if not ((ROOT / ".git").exists() and shutil.which("git")):
        pytest.skip("this is no checkout")

    def listed(*words):
        run = ["git", "ls-files", "-z", *words]
        found = subprocess.run(run, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return [name for name in found.split("\0") if name]

    return listed


def test_nothing_that_is_to_be_ignored_is_known(known):
    """The folder of `maskkit serve`, with its signing secret, above all."""
    assert known("--cached", "--ignored", "--exclude-standard") == []


def test_the_top_of_the_tree(known):
    assert {name.partition("/")[0] for name in known()} == TOP
