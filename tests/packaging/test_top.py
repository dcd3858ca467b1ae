"""What stands at the top of the repository: nothing that a program left there when it was tried out."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP = [
    ".ci",
    ".git_archival.txt",
    ".gitattributes",
    ".github",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "constraints-floors.txt",
    "constraints.txt",
    "docs",
    "findings",
    "maskkit",
    "notebooks",
    "pyproject.toml",
    "sample_files",
    "tests",
]


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="not a checkout")
def test_nothing_stands_at_the_top_that_does_not_belong_there():
    """A data dir of `maskkit serve` has been there, with the secret that signs its links."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert sorted({line.partition("/")[0].strip('"') for line in listed.splitlines()}) == sorted(TOP)


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="not a checkout")
def test_what_the_server_leaves_in_a_checkout_is_ignored():
    asked = ["git", "check-ignore", "-q", "maskkit-data/secret"]
    assert subprocess.run(asked, cwd=ROOT, check=False).returncode == 0
