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
import re
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from maskkit.errors import MaskkitError

__all__ = ["BlockedError", "Policy", "Target", "check_address", "check_url", "resolve"]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Awaitable[list[str]]]

MAX_URL = 8192
# letters, digits, hyphens and (buckets have them) underscores; not "127.1", "0x7f.1" or "2130706433", which a
# resolver takes for addresses: the last label of a name is never a number
_LABEL = r"(?!-)[\w-]{1,63}(?<!-)"
_NAME = re.compile(rf"(?=.{{1,254}}$)({_LABEL}\.)*(?!(0x[\da-f]*|\d+)\.?$){_LABEL}\.?", re.ASCII)
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


# the hosts that tell a cloud's machine its secrets; what is link-local is never admitted anyway
_METADATA = tuple(
    map(
        ip_address,
        ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"),
    )
)
# threads of their own: a name server that does not answer must not hold up those of the database
_RESOLVERS = ThreadPoolExecutor(32, "maskkit-names")


class BlockedError(MaskkitError):
    """A URL that the server must not connect to; the text says why and holds no query string."""


@dataclass(frozen=True)
class Policy:
    """What is admitted beyond https on public addresses, and what is refused besides.

    ``allow_hosts`` (globs; empty means any) and ``deny_hosts`` look at the name in the URL, as it is written
    and as xn--...;
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
    def name(self) -> str:
        """The name in ASCII: what is resolved, and what the store's certificate must be for."""
        return _ascii(self.url)

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
    _check_lists({name.lower().rstrip(".") for name in (host, _ascii(url))}, policy)
    _check_host(_ascii(url), policy)
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
    if isinstance(address, IPv6Address) and address.scope_id:
        raise BlockedError("an address with a scope is refused")
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
        found = await (lookup or _lookup)(_ascii(url), port)
    except OSError:
        raise BlockedError(f"the name {_ascii(url)!r} cannot be resolved") from None
    addresses = [check_address(text, policy) for text in dict.fromkeys(found)]
    if not addresses:
        raise BlockedError(f"the name {_ascii(url)!r} has no address")
    if url.scheme == "http" and not all(address.is_loopback for address in addresses):
        raise BlockedError("http is admitted on loopback only")
    return Target(url, tuple(str(address) for address in addresses))


def _check_scheme(url: httpx.URL, policy: Policy) -> None:
    if url.scheme != "https" and not (url.scheme == "http" and policy.http_loopback):
        raise BlockedError(f"scheme {url.scheme[:16]!r} is refused: need https")


def _ascii(url: httpx.URL) -> str:
    # Python's own resolver reads "faß.de" as another name than browsers and certificates do
    return url.raw_host.decode("ascii")


def _check_lists(names: set[str], policy: Policy) -> None:
    def on(patterns: tuple[str, ...]) -> bool:
        return any(fnmatchcase(name, pattern.lower()) for name in names for pattern in patterns)

    if on(policy.deny_hosts):
        raise BlockedError(f"host {min(names)!r} is on the deny list")
    if policy.allow_hosts and not on(policy.allow_hosts):
        raise BlockedError(f"host {min(names)!r} is not on the allow list")


def _check_host(host: str, policy: Policy) -> None:
    try:
        ip_address(host)
    except ValueError:
        if not _NAME.fullmatch(host):
            raise BlockedError("the host is neither a name nor an address") from None
    else:  # an address that is written out can be refused at once
        check_address(host, policy)


def _is_metadata(address: Address) -> bool:
    return address.is_link_local or address in _METADATA


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    if any(address.version == network.version and address in network for network in _SPECIAL):
        return False
    # outside 2000::/3 lie v4-mapped, NAT64, unique-local, link-local and whatever comes next
    return address.version == 4 or address in _GLOBAL_V6


async def _lookup(host: str, port: int) -> list[str]:
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    found = await asyncio.get_running_loop().run_in_executor(_RESOLVERS, ask)
    return [str(entry[4][0]) for entry in found]
