"""Where the server may connect to: https, public addresses, and the one address that was checked.

A client names URLs that the server then fetches and writes. So that nobody reaches through it into the
machine or its network, a URL is parsed once, its name is resolved once, every address is checked, and the
connection is made to a checked address (`Target.pinned`), never to the name again: rebinding the name
between check and connect changes nothing.

References
----------
IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 6052 (NAT64), RFC 6890; OWASP, Server-Side
Request Forgery Prevention.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from maskkit.errors import MaskkitError

__all__ = ["BlockedError", "Policy", "Target", "check_address", "check_url", "resolve"]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Awaitable[list[str]]]

MAX_URL = 8192
_GLOBAL_V6 = IPv6Network("2000::/3")
# public by number, yet not places of the public internet
_SPECIAL = tuple(
    ip_network(text)
    for text in (
        "168.63.129.16/32",  # Azure's host agent, reachable from every Azure machine
        "192.0.0.0/24",  # IETF protocol assignments, with Oracle's metadata service in it
        "192.88.99.0/24",  # 6to4 relay anycast
        "2001::/23",  # IETF protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",  # documentation
    )
)


class BlockedError(MaskkitError):
    """A URL that the server must not connect to; the text says why and holds no query string."""


@dataclass(frozen=True)
class Policy:
    """What is admitted beyond https on public addresses, and what is refused besides.

    ``allow_hosts`` (globs; empty means any) and ``deny_hosts`` look at the name in the URL;
    ``allow_networks`` admits private networks of one's own, a store on 10.0.0.0/8 say;
    ``http_loopback`` admits http and https on loopback, for development.
    """

    allow_hosts: tuple[str, ...] = ()
    deny_hosts: tuple[str, ...] = ()
    allow_networks: tuple[Network, ...] = ()
    http_loopback: bool = False


@dataclass(frozen=True)
class Target:
    """A checked place: the URL as it came, and the addresses its name had when it was checked."""

    url: httpx.URL
    addresses: tuple[str, ...]

    def pinned(self, address: str) -> httpx.URL:
        """The same URL with the checked address in place of the name."""
        return self.url.copy_with(host=address)

    @property
    def host_header(self) -> str:
        """What the store must see as ``Host``: signatures cover it."""
        return self.url.netloc.decode("ascii")


def check_url(href: str, policy: Policy) -> httpx.URL:
    """Return the parsed URL if its form is admissible, before any name is resolved.

    >>> check_url("https://bucket.s3.amazonaws.com/in.png?sig=1", Policy()).host
    'bucket.s3.amazonaws.com'
    >>> check_url("http://example.com/", Policy())
    Traceback (most recent call last):
    maskkit.server.guard.BlockedError: scheme 'http' is refused: need https
    """
    if len(href) > MAX_URL:
        raise BlockedError(f"the URL is longer than {MAX_URL} characters")
    if "\\" in href or any(c <= " " or c == "\x7f" for c in href):
        raise BlockedError("the URL has a space, a backslash or a control character")
    try:
        url = httpx.URL(href)
        host = url.host  # decodes IDNA, which may fail
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise BlockedError("the URL cannot be parsed") from None
    _check_scheme(url, policy)
    if url.userinfo:
        raise BlockedError("a URL with a user name or password in it is refused")
    if not host:
        raise BlockedError("the URL has no host")
    if url.port == 0:
        raise BlockedError("port 0 is refused")
    _check_host(host.lower().rstrip("."), policy)
    _check_literal(host, policy)
    return url


def check_address(text: str, policy: Policy) -> Address:
    """Return the address if it is a public one (or one that ``policy`` admits).

    >>> check_address("93.184.215.14", Policy())
    IPv4Address('93.184.215.14')
    >>> check_address("::ffff:127.0.0.1", Policy())
    Traceback (most recent call last):
    maskkit.server.guard.BlockedError: the address is not a public one
    """
    address = ip_address(text)
    if policy.http_loopback and address.is_loopback:
        return address
    if any(address in network for network in policy.allow_networks) and not _is_metadata(address):
        return address
    if _is_public(address):
        return address
    raise BlockedError("the address is not a public one")


async def resolve(url: httpx.URL, policy: Policy, lookup: Resolver | None = None) -> Target:
    """Resolve the name once and check every address; one forbidden address refuses the whole name."""
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = await (lookup or _lookup)(url.host, port)
    except OSError:
        raise BlockedError(f"the name {url.host!r} cannot be resolved") from None
    addresses = [check_address(text, policy) for text in dict.fromkeys(found)]
    if not addresses:
        raise BlockedError(f"the name {url.host!r} has no address")
    if url.scheme == "http" and not all(address.is_loopback for address in addresses):
        raise BlockedError("http is admitted on loopback only")
    return Target(url, tuple(str(address) for address in addresses))


def _check_scheme(url: httpx.URL, policy: Policy) -> None:
    if url.scheme != "https" and not (url.scheme == "http" and policy.http_loopback):
        raise BlockedError(f"scheme {url.scheme[:16]!r} is refused: need https")


def _check_host(host: str, policy: Policy) -> None:
    if any(fnmatchcase(host, pattern.lower()) for pattern in policy.deny_hosts):
        raise BlockedError(f"host {host!r} is on the deny list")
    if policy.allow_hosts and not any(fnmatchcase(host, pattern.lower()) for pattern in policy.allow_hosts):
        raise BlockedError(f"host {host!r} is not on the allow list")


def _check_literal(host: str, policy: Policy) -> None:
    # an address written out can be refused at once; 127.1 and 0x7f000001 are found when they are resolved
    try:
        ip_address(host)
    except ValueError:
        return
    check_address(host, policy)


def _is_metadata(address: Address) -> bool:
    return address.is_link_local or str(address) in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    if any(address.version == network.version and address in network for network in _SPECIAL):
        return False
    # outside 2000::/3 lie v4-mapped, NAT64, unique-local, link-local and whatever comes next
    return address.version == 4 or address in _GLOBAL_V6


async def _lookup(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]) for entry in found]
