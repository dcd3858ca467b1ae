"""A private PostgreSQL, from the system's package, on a socket in a folder of its own."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

# PostgreSQL does not run as root; in a container that is who we are
_WHO = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}


def _program(name):
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*map(str, places), os.environ.get("PATH", "")]))
    return found or pytest.skip(f"{name} is not installed (Debian: apt-get install postgresql)")


@dataclass
class Cluster:
    """One that can be stopped and started again."""

    folder: Path
    _server: Any = field(default=None)

    @property
    def url(self):
        return f"postgresql+psycopg://maskkit@/postgres?host={self.folder}"

    def create(self):
        make = ["-D", self.folder / "cluster", "-U", "maskkit", "-A", "trust"]
        make = [_program("initdb"), *make, "--no-sync", "-E", "UTF8", "--locale=C"]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **_WHO)

    def start(self):
        run = [_program("postgres"), "-D", self.folder / "cluster", "-k", self.folder]
        run += ["-c", "listen_addresses=", "-c", "fsync=off"]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(run, stdout=log, stderr=log, cwd=self.folder, **_WHO)
        end = time.monotonic() + 30
        while not self._answers():
            assert self._server.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < end, "PostgreSQL did not start"
            time.sleep(0.05)

    def stop(self):
        self._server.send_signal(signal.SIGINT)  # at once, also where somebody is connected
        self._server.wait(30)

    def _answers(self):
        import psycopg

        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=str(self.folder), user="maskkit", dbname="postgres").close()
            return True
        return False


@contextlib.contextmanager
def private_postgres():
    """Yield a fresh cluster that runs; it ends with the block."""
    pytest.importorskip("psycopg")
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="maskkit-pg-")))
    try:
        if _WHO:
            shutil.chown(cluster.folder, **_WHO)
        cluster.create()
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(cluster.folder, ignore_errors=True)
