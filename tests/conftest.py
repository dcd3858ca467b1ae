import os
from functools import cache
from pathlib import Path

import pytest
from contract.real_stores import azure, s3  # noqa: F401 - fixtures

import maskkit
from maskkit.kernels import native, set_native, set_threads, threads
from maskkit.testing.plugin import maskkit_server  # noqa: F401 - a fixture; installed, pytest finds it

HERE = Path(__file__).parent
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # its calls home would pass by the tests' proxies
os.environ.setdefault("MASKKIT_CACHE", "0")  # orders are counted, and nobody's own cache is filled
# Fixtures that start a program or fetch a package.
SERVICES = {"s3", "azure", "postgres", "browser", "sdk", "node", "isnet"}
# Files whose tests take seconds each, or a minute together.
SLOW = (
    "adobe/test_doctor.py",
    "adobe/test_lines.py",
    "batches/test_command.py",
    "cli",
    "clients/test_resume.py",
    "contract/test_contract.py",
    "contract/test_conversation.py",
    "contract/test_faults.py",
    "contract/test_many.py",
    "contract/test_refusals.py",
    "docs/test_notebooks.py",
    "docs/test_pages.py",
    "engines/test_command_line.py",
    "notebook/test_editing.py",
    "quality/test_quality.py",
    "server",
    "test_bad_input.py",
    "test_bad_options.py",
    "test_layouts.py",
    "test_proportions.py",
    "testing/test_plugin.py",
)
# Files whose tests take half a second each: only the check for every save leaves them out.
MODERATE = (
    "adobe/test_staging.py",
    "batches/test_batch.py",
    "codec/test_layers.py",
    "contract/test_secrets.py",
    "engines/test_automatic.py",
    "engines/test_bad_input.py",
    "engines/test_classical.py",
    "engines/test_hints.py",
    "engines/test_plain_backdrops.py",
    "engines/test_weights.py",
    "notebook/test_export.py",
    "notebook/test_widget.py",
    "test_colour_spaces.py",
)
PACE = {"notebook/test_jupyterlab.py": "service"}
PACE |= {place: "slow" for place in SLOW} | {place: "moderate" for place in MODERATE}
assert all((HERE / place).exists() for place in PACE)


def pytest_ignore_collect(collection_path, config):
    """Files that the marks asked for leave out whole are not even imported."""
    pace = _pace(collection_path)
    return True if pace and f"not {pace}" in config.option.markexpr else None


def pytest_collection_modifyitems(items):
    for item in items:
        if SERVICES & set(getattr(item, "fixturenames", ())):
            item.add_marker("service")
        if pace := _pace(item.path):
            item.add_marker(pace)


@cache
def _pace(path):
    return next((pace for place, pace in PACE.items() if path.is_relative_to(HERE / place)), None)


@pytest.fixture(params=["native", "numpy"])
def path(request):
    """Each test twice: through the compiled kernels, where they were built, and through NumPy's."""
    before = native._active is not None, threads()
    if set_native(request.param == "native") != (request.param == "native"):
        pytest.skip("maskkit was installed without a compiler")
    yield request.param
    set_native(before[0])
    set_threads(before[1])


@pytest.fixture
def outputs(monkeypatch, tmp_path):
    """What a notebook's cell of this code shows, run by a kernel."""
    nbformat, client = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")

    def run(code):
        package = str(Path(maskkit.__file__).parents[1])
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([package, os.environ.get("PYTHONPATH", "")]))
        monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        client.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
        return notebook.cells[0].outputs

    return run
