"""What type checkers tell people who use maskkit: their mistakes, and nothing about what is right."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PLANTED = {
    number: line.partition("# mistake: ")[2]
    for number, line in enumerate((HERE / "mistakes.py").read_text().splitlines(), 1)
    if "# mistake: " in line
}
# Mistakes that no checker finds yet, with the reason; once found, a test fails until it is off here.
NOT_YET: dict[str, str] = {}


@pytest.fixture(scope="module")
def mypy(tmp_path_factory):
    """{(file, line)} of what mypy --strict finds."""
    pytest.importorskip("mypy")
    cache = os.environ.get("MYPY_CACHE_DIR") or ROOT / ".mypy_cache"
    words = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", cache]
    files = [HERE / "uses.py", HERE / "mistakes.py"]
    done = subprocess.run([*words, *files], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr or done.stdout
    found = re.findall(r"^(?:.*[\\/])?(\w+\.py):(\d+): error: (.*)", done.stdout, re.M)
    return {(file, int(line)): said for file, line, said in found}


@pytest.fixture(scope="module")
def pyright():
    """{(file, line)} of what pyright finds, in the mode that it has without settings."""
    pytest.importorskip("pyright")
    if not shutil.which("node"):
        pytest.skip("node, which pyright runs on, is not installed")
    words = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    files = [HERE / "uses.py", HERE / "mistakes.py"]
    done = subprocess.run([*words, *files], cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        pytest.skip(f"pyright cannot be fetched: {done.stderr[-200:]}")
    told = json.loads(done.stdout[done.stdout.index("{") :])["generalDiagnostics"]
    errors = [one for one in told if one["severity"] == "error"]
    return {(Path(one["file"]).name, one["range"]["start"]["line"] + 1): one["message"] for one in errors}


CHECKERS = [pytest.param("mypy", marks=pytest.mark.slow), pytest.param("pyright", marks=pytest.mark.service)]


@pytest.mark.parametrize("checker", CHECKERS)
@pytest.mark.parametrize(("line", "mistake"), PLANTED.items(), ids=PLANTED.values())
def test_a_mistake_is_found(checker, line, mistake, request):
    found = request.getfixturevalue(checker)
    if mistake in NOT_YET:
        request.applymarker(pytest.mark.xfail(reason=NOT_YET[mistake], strict=True))
    assert ("mistakes.py", line) in found


@pytest.mark.parametrize("checker", CHECKERS)
def test_nothing_else_is_found(checker, request):
    found = request.getfixturevalue(checker)
    assert {at: said for at, said in found.items() if at[0] != "mistakes.py" or at[1] not in PLANTED} == {}


def test_the_mistakes_are_the_six_that_were_planted():
    assert len(PLANTED) == len(set(PLANTED.values())) == 6
    assert set(NOT_YET) <= set(PLANTED.values())
