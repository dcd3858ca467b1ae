"""What maskkit imports is what pyproject.toml declares, and the versions it declares are the ones tested."""

import ast
import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import maskkit

ROOT = Path(__file__).parents[2]
PACKAGE = Path(maskkit.__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DISTRIBUTIONS = {
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "IPython": "ipython",
}  # where the two names differ
TOOLS = ("test", "dev", "docs", "bench")  # extras of people who work on maskkit
HOMES = {  # the room whose modules may import an extra when they are themselves imported
    "server": "server",
    "notebook": "notebook/widget.py",
    "cluster": "batches/cluster_worker.py",
    "test": "testing/plugin.py",  # pytest imports it
}
NOT_OURS = {  # declared, and imported by others
    "h11": "httpx reads answers with it, and other servers of an ASGI application requests",
    "python-multipart": "FastAPI reads forms with it",
    "psycopg": "SQLAlchemy imports it for postgresql+psycopg://",
}


def requirements(lines):
    return {one.name: one for one in map(Requirement, lines) if one.name != "maskkit"}


CORE = requirements(PROJECT["dependencies"])
EXTRAS = {name: requirements(lines) for name, lines in PROJECT["optional-dependencies"].items()}
RUNTIME = {dist: name for name, found in EXTRAS.items() if name not in TOOLS for dist in found}
BY_HAND = {"bench", "docs", "matting"}  # not of every check; matting has Numba, which compiles for a minute
TESTED = CORE | {dist: one for name in EXTRAS.keys() - BY_HAND for dist, one in EXTRAS[name].items()}


def imported(tree, at_top=True):
    """(module, whether it is imported with the file itself) of every absolute import."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, at_top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module, at_top
        late = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        typing = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        yield from imported(node, at_top and not late and not typing)


def third_party():
    """{distribution: [(file, whether at its top)]} of all of maskkit's imports."""
    found = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        for module, at_top in imported(ast.parse(path.read_text("utf-8"))):
            root = module.partition(".")[0]
            if root != "maskkit" and root not in sys.stdlib_module_names:
                dist = DISTRIBUTIONS.get(root, root.replace("_", "-"))
                found[dist].append((path.relative_to(PACKAGE).as_posix(), at_top))
    return dict(found)


IMPORTED = third_party()


def test_the_scan_sees_what_is_late_and_what_is_for_types():
    code = "import a.b\nif TYPE_CHECKING:\n    import c\ndef f():\n    from d import e\nfrom . import g"
    assert list(imported(ast.parse(code))) == [("a.b", True), ("c", False), ("d", False)]


@pytest.mark.parametrize("dist", sorted(IMPORTED))
def test_what_is_imported_is_declared(dist):
    if dist in CORE:
        return
    extra = RUNTIME.get(dist) or next((name for name in TOOLS if dist in EXTRAS[name]), None)
    assert extra, f"{dist} is in no list of pyproject.toml, and imported by {IMPORTED[dist]}"
    home = HOMES.get(extra)
    outside = [path for path, at_top in IMPORTED[dist] if at_top and not (home and path.startswith(home))]
    assert not outside, f"{dist} of the extra {extra} is needed to import {outside}"


@pytest.mark.parametrize("dist", sorted({**CORE, **RUNTIME}))
def test_what_is_declared_is_imported(dist):
    assert (dist in IMPORTED) != (dist in NOT_OURS)


def pins(name):
    """{distribution: the versions pinned} of a constraints file."""
    found = defaultdict(set)
    for line in (ROOT / name).read_text().splitlines():
        if line and not line.startswith("#"):
            one = Requirement(line)
            [pin] = one.specifier
            assert pin.operator == "==", line
            found[one.name].add(pin.version)
    return found


def floor(one):
    return next(pin.version for pin in one.specifier if pin.operator == ">=")


def test_the_floors_that_are_tested_are_those_declared():
    assert pins("constraints-floors.txt") == {name: {floor(one)} for name, one in TESTED.items()}


def test_the_newest_that_are_tested_are_allowed():
    tested = pins("constraints.txt")
    for name, one in TESTED.items():
        assert tested[name], f"{name} is not in constraints.txt"
        assert all(version in one.specifier for version in tested[name]), (name, tested[name])


def test_every_exception_of_the_linter_says_why():
    text = (ROOT / "pyproject.toml").read_text()
    [ignored] = re.findall(r"^ignore = \[\n(.*?)^\]", text, re.M | re.S)
    [per_file] = re.findall(r"^\[tool.ruff.lint.per-file-ignores\]\n(.*?)(?:^\[|\Z)", text, re.M | re.S)
    for line in filter(str.strip, (ignored + per_file).splitlines()):
        assert re.search(r"# .{12,}", line), line
