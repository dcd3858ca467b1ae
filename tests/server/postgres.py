"""A private PostgreSQL, from the system's package, on a socket in a folder of its own."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest


def _program(name):
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*map(str, places), os.environ.get("PATH", "")]))
    return found or pytest.skip(f"{name} is not installed (Debian: apt-get install postgresql)")


@contextlib.contextmanager
def private_postgres():
    """Yield the SQLAlchemy URL of a fresh cluster; it ends with the block."""
    psycopg = pytest.importorskip("psycopg")
    initdb, postgres = _program("initdb"), _program("postgres")
    # PostgreSQL does not run as root; in a container that is who we are
    who = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="maskkit-pg-"))
    try:
        if who:
            shutil.chown(folder, **who)
        place = folder / "cluster"
        make = [initdb, "-D", place, "-U", "maskkit", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd=folder, **who)
        run = [postgres, "-D", place, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(run, stdout=log, stderr=log, cwd=folder, **who)
        try:
            end = time.monotonic() + 30
            while True:
                with contextlib.suppress(psycopg.OperationalError):
                    psycopg.connect(host=str(folder), user="maskkit", dbname="postgres").close()
                    break
                assert server.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < end, "PostgreSQL did not start"
                time.sleep(0.05)
            yield f"postgresql+psycopg://maskkit@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)  # at once, also where somebody is connected
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
