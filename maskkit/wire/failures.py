"""What went wrong, in whatever form it is said: refusals of a request, and reasons of a job that failed.

==================================================  =====================================================
form                                                who speaks so
==================================================  =====================================================
``{"code", "type", "title", "details" | "reason"}``  v1
``{"error_code", "message"}``                        the gateway, v2
``{"errors": [...]}``, ``{"errorDetails": [...]}``   v2, jobs
``{"detail": "..." | [{"loc", "msg", "type"}]}``     FastAPI
``{"error": "..." | {...}, "error_description"}``    OAuth (RFC 6749 section 5.2), and many others
==================================================  =====================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maskkit.wire.members import first
from maskkit.wire.records import Failure

__all__ = ["failure", "failures", "reasons", "refusal", "why_failed"]

_LISTS = ("errors", "errorDetails", "detail")
_OF_A_JOB = ("code", "error_code", "errorCode", "title", "message", "reason", "details")


def failure(body: Any) -> Failure:
    """One error, in any of its forms, as one record; ``Failure()`` for what says nothing."""
    if not isinstance(body, Mapping):
        return Failure(title=str(body)[:500] if body else None)
    nested = body.get("error")
    if isinstance(nested, Mapping):
        return failure(nested)
    oauth = ("error",) if "error_description" in body else ()  # RFC 6749 section 5.2
    code = first(body, "code", "error_code", "errorCode", *oauth)
    kind = first(body, "type")
    return Failure(
        code=code if isinstance(code, int | str) and not isinstance(code, bool) and code != "" else None,
        type=str(kind) if kind not in (None, "") else None,
        title=_title(body),
        details=first(body, "details", "reason"),
    )


def _title(body: Mapping[str, Any]) -> str | None:
    title = first(body, "title", "message", "msg", "error_description", "error")
    where = body.get("loc")
    if isinstance(where, list) and where:  # FastAPI's place of what is wrong
        title = f"{'.'.join(map(str, where))}: {title}"
    return str(title) if title not in (None, "", [], {}) else None


def failures(body: Any) -> tuple[Failure, ...]:
    """``errors`` in any of its forms: a list, one object, a list of empty objects (which says nothing)."""
    listed = body if isinstance(body, list) else [body]
    return tuple(said for said in map(failure, filter(None, listed)) if said != Failure())


def reasons(body: Any) -> tuple[Failure, ...]:
    """Every reason that the body of a refusal gives; none where it gives none that is known.

    >>> [one.title for one in reasons({"errors": [{"title": "too large"}, {"title": "too late"}]})]
    ['too large', 'too late']
    >>> reasons({"detail": [{"loc": ["body", "mode"], "msg": "Field required"}]})[0].title
    'body.mode: Field required'
    """
    if not isinstance(body, Mapping):
        return failures(body)
    top = failures({name: value for name, value in body.items() if name not in _LISTS})
    return top + tuple(one for name in _LISTS for one in failures(body.get(name)))


def refusal(body: Any) -> Failure:
    """The reason that a refusal goes by: the first with a type, else the first."""
    said = reasons(body)
    return next((one for one in said if one.type), said[0] if said else Failure())


def why_failed(body: Mapping[str, Any], status: str, *lists: str) -> tuple[Failure, ...]:
    """The reasons of a job, in ``lists``; of a failed one also those that stand in the status itself."""
    said = tuple(one for name in lists for one in failures(body.get(name)))
    if said or status != "failed":
        return said
    top = {name: body[name] for name in _OF_A_JOB if name in body}
    return failures(top) or failures(body.get("detail"))
