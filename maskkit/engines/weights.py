"""Weights on disk: fetched once, resumed where a transfer broke, believed only if their sha256 is right."""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path
from typing import Any

from maskkit.engines.networks import NETWORKS, Network
from maskkit.errors import FetchError, MaskkitWarning, MissingExtraError, TransportError

__all__ = ["home", "installed", "weights"]

logger = logging.getLogger("maskkit")


def home() -> Path:
    """The folder of the weights: ``$MASKKIT_HOME/models``, else in the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("MASKKIT_HOME") or Path(cache) / "maskkit") / "models"


def installed() -> list[str]:
    """The names of the networks whose weights are there, best first."""
    return [name for name in NETWORKS if (home() / f"{name}.onnx").is_file()]


def weights(name: str, network: Network, *, offline: bool | None = None) -> Path:
    """The file with the network's weights; fetched if it is not there yet.

    Parameters
    ----------
    name: what the file is called in `home`.
    network: with the ``url`` and the ``sha256`` that the file must have.
    offline: never fetch; None means the environment's MASKKIT_OFFLINE.

    Raises
    ------
    FetchError: offline and not there, or the file is not the one expected. TransportError: the transfer
    broke; the next call goes on from there. MissingExtraError: pooch is not installed.
    """
    path = home() / f"{name}.onnx"
    if path.is_file():
        return path
    if offline if offline is not None else os.environ.get("MASKKIT_OFFLINE", "") not in ("", "0"):
        raise FetchError(
            f"the weights of {name} are not at {path} and offline is set; they come from {network.url}"
        )
    try:
        import pooch
    except ImportError:
        raise MissingExtraError("onnx", "pooch") from None
    _show_licence(name, network)
    try:
        pooch.retrieve(network.url, f"sha256:{network.sha256}", path.name, path.parent, downloader=_resuming)
    except ValueError as error:
        raise FetchError(f"the weights of {name} are not those expected: {error}") from None
    return path


def _show_licence(name: str, network: Network) -> None:
    logger.warning("fetching the weights of %s (%s) from %s; licence: %s", name, network.about, network.url,
                   network.licence)  # fmt: skip
    if "non-commercial" in network.licence:
        warnings.warn(f"{name}: {network.licence}", MaskkitWarning, stacklevel=4)


def _resuming(url: str, output_file: Any, _pooch: Any) -> None:
    """Pooch's downloader: what an earlier transfer left in ``name.part`` is not fetched again."""
    import httpx

    target = Path(output_file)
    part = target.with_name(f".{Path(url).name}.part")
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-", "Accept-Encoding": "identity"} if have else {}
    try:
        with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=60) as answer:
            if answer.status_code not in (200, 206, 416):
                raise FetchError(f"{url}: answered {answer.status_code}", status_code=answer.status_code)
            if answer.status_code != 416:  # 416: the part is whole already
                with part.open("ab" if answer.status_code == 206 else "wb") as file:
                    for piece in answer.iter_bytes():
                        file.write(piece)
    except httpx.TransportError as error:
        raise TransportError(f"{url}: {error}; what came is kept, call again to go on") from None
    part.replace(target)
