"""Real stores for the tests, which verify every signature: S3 by OpenStack Swift, Azure by Azurite.

python tests/contract/stores.py install     once; about two minutes, into the cache folder of `HOME`

Each is started on free ports of this machine, with its state in a folder that the caller gives.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

HOME = Path(os.environ.get("MASKKIT_STORES") or Path.home() / ".cache" / "maskkit" / "stores")
PYTHON = HOME / "swift" / "bin" / "python"
CONF = HOME / "etc"
AZURITE = HOME / "azurite" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
SERVICES = ("account", "container", "object")
RINGS = """
import sys
from swift.common.ring import RingBuilder
folder, *ports = sys.argv[1:]
for kind, port in zip(("account", "container", "object"), map(int, ports)):
    builder = RingBuilder(2, 1, 1)
    builder.add_dev(dict(id=0, region=1, zone=1, ip="127.0.0.1", port=port, device="sda1", weight=1))
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{kind}.ring.gz")
"""
PROXY = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors healthcheck s3api tempauth copy proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:s3api]
use = egg:swift#s3api
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:copy]
use = egg:swift#copy
"""
BACKEND = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
swift_dir = {folder}
devices = {folder}/srv
mount_check = false
fallocate_reserve = 0
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""


def install():
    """Both, each in a folder of its own; nothing on the system changes."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", HOME / "swift"], check=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "-q", "swift==2.38.3", "setuptools<81"], check=True)
        CONF.mkdir(exist_ok=True)
        (CONF / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = maskkit\n")
        for path in (HOME / "swift").glob("lib/python*/site-packages/swift/common/**/*.py"):
            text = path.read_text()  # Swift looks for its configuration in one place only
            if "'/etc/swift" in text:
                path.write_text(text.replace("'/etc/swift", f"'{CONF}"))
    if not AZURITE.exists() and shutil.which("npm"):
        words = [
            "npm",
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--prefix",
            HOME / "azurite",
            "azurite",
        ]
        subprocess.run(words, check=True)


@contextlib.contextmanager
def s3(folder):
    """The endpoint of an S3 server; key ``test:tester``, secret ``testing``, path style."""
    port, *backends = free_ports(4)
    (folder / "srv" / "sda1").mkdir(parents=True)
    shutil.copy(CONF / "swift.conf", folder)
    subprocess.run([PYTHON, "-c", RINGS, folder, *map(str, backends)], check=True, capture_output=True)
    (folder / "proxy.conf").write_text(PROXY.format(port=port, folder=folder))
    for kind, backend in zip(SERVICES, backends, strict=True):
        (folder / f"{kind}.conf").write_text(BACKEND.format(port=backend, folder=folder, kind=kind))
    words = [
        [PYTHON, PYTHON.parent / f"swift-{kind}-server", folder / f"{kind}.conf"]
        for kind in (*SERVICES, "proxy")
    ]
    with running(folder, *words):
        for one in (*backends, port):  # the proxy answers 503 for a backend that is not there yet
            await_answer(f"http://127.0.0.1:{one}/healthcheck", folder)
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def azure(folder):
    """The endpoint of a blob server, with the account that Azurite documents."""
    (port,) = free_ports(1)
    words = ["node", AZURITE, "--silent", "--blobHost", "127.0.0.1", "--blobPort", str(port)]
    with running(folder, [*words, "--location", folder, "--skipApiVersionCheck", "--disableTelemetry"]):
        await_answer(f"http://127.0.0.1:{port}/", folder)
        yield f"http://127.0.0.1:{port}/devstoreaccount1"


@contextlib.contextmanager
def running(folder, *commands):
    """The commands as processes, which end with the block."""
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((folder / "log").open("wb"))
        for words in commands:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)
        yield


def await_answer(url, folder):
    """Return when anything is answered."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError((folder / "log").read_text()[-2000:])


def free_ports(count):
    """Ports that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


if __name__ == "__main__":
    if sys.argv[1:] != ["install"]:
        raise SystemExit(__doc__)
    install()
