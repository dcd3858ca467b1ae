import pytest
from contract.real_stores import azure, s3  # noqa: F401 - fixtures

from maskkit.kernels import native, set_native, set_threads, threads
from maskkit.testing.plugin import maskkit_server  # noqa: F401 - a fixture; installed, pytest finds it


@pytest.fixture(params=["native", "numpy"])
def path(request):
    """Each test twice: through the compiled kernels, where they were built, and through NumPy's."""
    before = native._active is not None, threads()
    if set_native(request.param == "native") != (request.param == "native"):
        pytest.skip("maskkit was installed without a compiler")
    yield request.param
    set_native(before[0])
    set_threads(before[1])
