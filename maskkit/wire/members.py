"""Members of a JSON body, read without trusting them; errors name the member, what came, what is needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import SplitResult, quote, urlsplit

from maskkit.errors import ContractError
from maskkit.redact import redact
from maskkit.wire.records import Accepted

Http = Callable[[str], bool]
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ADOBE = re.compile(r"^/?(temp|cloud-content|assets|files)/.+")


def refuse(member: str, keyword: str, needed: str, came: Any = None) -> NoReturn:
    """ContractError for one member; ``keyword`` is JSON Schema's word for the rule that was broken."""
    got = f"; {_shown(came)} came" if keyword != "required" else ""
    raise ContractError(f"{member or 'the body'}: {needed}{got}", member=member, keyword=keyword)


def _shown(came: Any) -> str:
    if isinstance(came, Mapping | list):  # as deep and as long as a stranger likes
        return "an object" if isinstance(came, Mapping) else "a list"
    return redact(repr(came[:1000] if isinstance(came, str) else came))[:200]


def mapping(body: Any, member: str = "") -> Mapping[str, Any]:
    """``body`` if it is a JSON object."""
    if isinstance(body, Mapping):
        return body
    if body is None and member:
        refuse(member, "required", "is required")
    refuse(member, "type", "a JSON object is needed", body)


def text(body: Mapping[str, Any], name: str, member: str) -> str:
    """A required string that is not empty."""
    value = body.get(name)
    if value is None:
        refuse(member, "required", "is required")
    if not isinstance(value, str) or not value:
        refuse(member, "type", "a string is needed", value)
    return value


def choice(
    body: Mapping[str, Any], name: str, member: str, allowed: Iterable[str], default: Any = None
) -> Any:
    """One of ``allowed``, or ``default`` where the member is missing or null."""
    value = body.get(name)
    if value is None:
        return default
    if value not in (names := tuple(allowed)):
        refuse(member, "enum", f"one of {', '.join(names)} is needed", value)
    return value


def flag(body: Mapping[str, Any], name: str, member: str) -> bool | None:
    """A boolean, or None where the member is missing."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        refuse(member, "type", "true or false is needed", value)
    return value


def number(body: Mapping[str, Any], name: str, member: str, low: float, high: float) -> float | None:
    """A number in ``low`` .. ``high``, or None where the member is missing."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(member, "type", "a number is needed", value)
    if not low <= value <= high:
        refuse(
            member, "minimum" if value < low else "maximum", f"a number in {low} to {high} is needed", value
        )
    return value


def is_loopback(url: str) -> bool:
    """Whether a URL is of this very machine, by its name."""
    return urlsplit(url).hostname in _LOOPBACK


def base_url(url: str, name: str) -> str:
    """``url`` without slashes at its end, if other URLs can begin with it; ``name`` is the argument's."""
    parts = _split(url)
    if not (parts.hostname and parts.port != 0 and re.fullmatch(r"(?i:https?)://[^\s@?#\\]+", url)):
        came = "" if set("@?#") & set(url) else f", got {url!r}"  # else it may hold a secret
        needed = "http(s)://host[:port][/path] without user, password, query and fragment"
        raise ContractError(f"{name}: need {needed}{came}")
    return url.rstrip("/")


def web_url(url: str, member: str, *, http: Http | None) -> str:
    """``url`` if it is https, or an http one that ``http`` admits."""
    parts = _split(url)
    plain = parts.scheme == "http" and http is not None and http(url)
    if not (parts.scheme == "https" and parts.hostname) and not plain:
        refuse(member, "pattern", "a URL that starts with https:// is needed", url)
    return url


def _split(url: str) -> SplitResult:
    """The parts of a URL, all of them empty where it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises above 65535
    except ValueError:  # also brackets that are not an IPv6 address
        return urlsplit("")
    return parts


def adobe_path(path: str, member: str) -> str:
    """``path`` if it is one of Adobe's cloud storage."""
    if not _ADOBE.match(path):
        refuse(member, "pattern", "a path below temp, cloud-content, assets or files is needed", path)
    return path


def stamp(moment: datetime) -> str:
    """ISO 8601, UTC, milliseconds.

    >>> stamp(datetime(2020, 2, 11, 21, 8, 43, 789000, tzinfo=UTC))
    '2020-02-11T21:08:43.789Z'
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(value: Any) -> datetime | None:
    """A time as sent; None where it is missing or cannot be read, since no decision hangs on it."""
    try:
        when = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def last_segment(url: str) -> str:
    """The job's id at the end of its status URL, without query and trailing slash."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]


def string(value: Any) -> str | None:
    """``value`` if it is a string: of members that may as well be missing."""
    return value if isinstance(value, str) else None


def part(value: Any) -> Mapping[str, Any]:
    """``value`` if it is a JSON object, else an empty one: of members that may as well be missing."""
    return value if isinstance(value, Mapping) else {}


def first(body: Mapping[str, Any], *names: str) -> Any:
    """The first of the members that is there and not null."""
    return next((body[name] for name in names if body.get(name) is not None), None)


def receipt(body: Any, member: str, status_path: str) -> Accepted:
    """The receipt of an order by any of the forms seen: a ``statusUrl``, a link, or the job's id alone.

    ``member`` is the contract's own place of the URL, for the error; ``status_path`` is where the contract
    has the status of a job that names none.
    """
    body = mapping(body)
    links = part(body.get("_links"))
    link = next((links[name] for name in ("self", "status", "result") if links.get(name)), None)
    url = first(body, "statusUrl", "statusURL") or part(link).get("href") or link
    job_id = first(body, "jobId", "jobID")
    if job_id is not None and isinstance(job_id, str | int) and not isinstance(job_id, bool) and job_id != "":
        path = status_path.format(job_id=quote(str(job_id), safe=":"))
        return Accepted(str(job_id), url if isinstance(url, str) and url else path)
    if not url:
        refuse(member, "required", "is required")
    if not isinstance(url, str):
        refuse(member, "type", "a string is needed", url)
    if not last_segment(url):
        refuse(member, "pattern", "a URL that ends with the job's id is needed", url)
    return Accepted(last_segment(url), url)
