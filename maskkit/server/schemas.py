"""What OpenAPI tells of the two contracts: JSON Schemas of bodies that `maskkit.wire` reads and writes."""

from __future__ import annotations

from typing import Any

__all__ = [
    "FILE_LINKS",
    "REFUSALS",
    "V1_ACCEPTED",
    "V1_ORDER",
    "V1_STATUS",
    "V2_ACCEPTED",
    "V2_ORDER",
    "V2_STATUS",
    "body",
    "refuses",
    "shows",
]

Schema = dict[str, Any]  # the type that the framework gives its own parts of an OpenAPI document

_TEXT: Schema = {"type": "string"}
_STATES: Schema = {"enum": ["pending", "running", "succeeded", "failed"]}


def _record(required: tuple[str, ...] = (), **members: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": members}


def _only(required: tuple[str, ...] = (), **members: Schema) -> Schema:
    """A record of an order: a member that is not listed is refused by its name."""
    return _record(required, **members) | {"additionalProperties": False}


def _choice(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def _number(low: float, high: float) -> Schema:
    return {"type": "number", "minimum": low, "maximum": high}


def body(schema: Schema) -> Schema:
    """The part of an operation that says which JSON it takes."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def shows(schema: Schema, description: str = "as the contract has it") -> Schema:
    """The part of an operation that says which JSON it answers."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


_SENT: Schema = {"description": "Adobe's own clients send it; it changes nothing"}
_LINKS = _record(("self",), self=_record(("href",), href=_TEXT))
_PLACE: Schema = {
    "href": {"type": "string", "pattern": "^https://"},
    "storage": _choice("external", "azure", "dropbox"),
}

V1_ORDER = _only(
    ("input", "output"),
    input=_only(("href", "storage"), **_PLACE),
    output=_only(
        ("href", "storage"),
        **_PLACE,
        mask=_only(("format",), format=_choice("soft", "binary")),
        color=_only(space=_choice("rgb", "rgba")),
        overwrite={"type": "boolean"},
        type=_SENT,
    ),
    options=_only(
        process=_SENT, optimize=_choice("performance", "batch"), service=_only(version=_choice("4.0"))
    ),
)
V1_ACCEPTED = _record(("_links",), _links=_LINKS)
_V1_FAILURE = _record(
    ("type", "title"), type=_TEXT, title=_TEXT, code={"type": ["integer", "string"]}, details={}
)
V1_STATUS = _record(
    ("jobID", "status", "created", "modified", "input", "_links"),
    jobID=_TEXT,
    status=_STATES,
    created={"type": "string", "format": "date-time"},
    modified={"type": "string", "format": "date-time"},
    input=_TEXT,
    _links=_LINKS,
    output=_record(("href", "storage"), href=_TEXT, storage=_TEXT, mask=_record(format=_TEXT)),
    errors={"type": "array", "minItems": 1, "items": _V1_FAILURE},
)

V2_ORDER = _only(
    ("image",),
    image=_only(("source",), source=_only(("url",), url={"type": "string", "pattern": "^https://"})),
    mode=_choice("cutout", "mask", "psd"),
    output=_only(mediaType=_choice("image/jpeg", "image/png", "image/webp", "image/vnd.adobe.photoshop")),
    trim={"type": "boolean"},
    backgroundColor=_only(
        ("red", "green", "blue"),
        red=_number(0, 255),
        green=_number(0, 255),
        blue=_number(0, 255),
        alpha=_number(0, 1),
    ),
    colorDecontamination=_number(0, 1),
    callbackUrl={"type": "string", "pattern": "^https://"},
    notifiers={
        "type": "array",
        "maxItems": 5,
        "items": _only(
            ("type", "data"),
            type=_choice("CALLBACK"),
            data=_only(("url",), url={"type": "string", "pattern": "^https://"}, headers={"type": "object"}),
        ),
    },
)
FILE_LINKS = _record(
    ("put", "get", "expiresIn"),
    put=_record(("href",), href=_TEXT),
    get=_record(("href",), href=_TEXT),
    expiresIn={"type": "integer"},
)
V2_ACCEPTED = _record(("jobId", "statusUrl"), jobId=_TEXT, statusUrl=_TEXT)
V2_STATUS = _record(
    ("jobId", "status", "createdTime", "modifiedTime"),
    jobId=_TEXT,
    status=_STATES,
    createdTime={"type": "string", "format": "date-time"},
    modifiedTime={"type": "string", "format": "date-time"},
    result=_record(
        ("outputs",),
        outputs={
            "type": "array",
            "items": _record(("destination",), destination=_record(("url",), url=_TEXT), mediaType=_TEXT),
        },
    ),
    errorDetails={
        "type": "array",
        "items": _record(("errorCode", "message"), errorCode=_TEXT, message=_TEXT),
    },
)

_ERROR: Schema = {
    "anyOf": [
        _record(("error_code", "message"), error_code=_TEXT, message=_TEXT),
        _record(("code", "type"), code={"type": ["integer", "string"]}, type=_TEXT, title=_TEXT),
    ]
}
_WORDS = {
    400: "the body breaks the contract, or a URL is not admitted",
    401: "the token is not valid",
    403: "the API key is not valid, or the link is not",
    404: "no such job or file of this client",
    405: "not a method of this path; Allow has them",
    408: "the body came too slowly",
    413: "the body is too large",
    415: "wrong content type",
    422: "a field is not valid",
    429: "a limit is reached; see Retry-After",
    500: "unexpected; the log has it under x-request-id",
    503: "the database or the engine is away; try again",
}


def refuses(words: str) -> Schema:
    """The part of an operation that says why it may say no."""
    return shows(_ERROR, words)


REFUSALS: dict[int | str, Schema] = {code: refuses(words) for code, words in _WORDS.items()}
