import os
from pathlib import Path

import pytest
from contract.real_stores import azure, s3  # noqa: F401 - fixtures

import maskkit
from maskkit.kernels import native, set_native, set_threads, threads
from maskkit.testing.plugin import maskkit_server  # noqa: F401 - a fixture; installed, pytest finds it

HERE = Path(__file__).parent
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # its calls home would pass by the tests' proxies
os.environ.setdefault("MASKKIT_CACHE", "0")  # orders are counted, and nobody's own cache is filled
# Fixtures that start a program or fetch a package; files whose tests take seconds each, or a minute together.
SERVICES = {"s3", "azure", "postgres", "browser", "sdk", "node", "isnet"}
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
assert all((HERE / place).exists() for place in SLOW)


def pytest_collection_modifyitems(items):
    for item in items:
        if SERVICES & set(getattr(item, "fixturenames", ())):
            item.add_marker("service")
        if any(item.path.is_relative_to(HERE / place) for place in SLOW):
            item.add_marker("slow")


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
