"""The pytest plugin as users have it: by name, in a session of their own."""

import os
import subprocess
import sys

TEST = """
import maskkit

def test_my_own_code(maskkit_server):
    job = maskkit.MaskClient(**maskkit_server.options()).submit(maskkit_server.photo)
    assert job.job_id in maskkit_server.tasks
"""


def test_the_fixture_in_a_session_of_its_own(tmp_path):
    (tmp_path / "test_mine.py").write_text(TEST)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["maskkit.testing.plugin"]')
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"]
    done = subprocess.run(words, cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout, done.stdout
