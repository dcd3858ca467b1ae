"""What OpenAPI tells of remove.bg's contract."""

from __future__ import annotations

from maskkit.server.removebg import FORMATS, SHADOWS, SIZES, TYPES
from maskkit.server.schemas import Schema, shows

__all__ = ["ACCOUNT", "IMPROVE", "IMPROVED", "PICTURE", "REFUSED", "REMOVE"]

# words as forms have them, or JSON's own types; empty ones are absent
_WORD: Schema = {"type": ["string", "number", "boolean", "null"]}
_FILES: Schema = {
    "image_file": {"type": "string", "format": "binary", "description": "the photo; or base64, or a URL"},
    "image_file_b64": {**_WORD, "description": "the photo in base64"},
    "image_url": {**_WORD, "description": "the photo's URL, which passes the guard"},
}
_FIELDS: Schema = {
    **_FILES,
    "size": {
        "enum": [*SIZES, "", None],
        "description": "the most megapixels of the answer; preview by default",
    },
    "type": {"enum": [*TYPES, "", None], "description": "checked, and changes nothing"},
    "type_level": {"enum": ["1", "2", "latest", "none", "", None], "description": "none: no X-Type"},
    "format": {
        "enum": [*FORMATS, "", None],
        "description": "auto: PNG if anything is clear, else JPEG",
    },
    "roi": {**_WORD, "description": "left top right bottom, each as 30px or 10%"},
    "crop": {**_WORD, "description": "cut the empty border off"},
    "crop_margin": {**_WORD, "description": "one, two or four lengths as 30px or 10%"},
    "scale": {**_WORD, "description": "original, or 10% to 100% of the canvas"},
    "position": {**_WORD, "description": "original, center, or one or two shares as 10%"},
    "channels": {"enum": ["rgba", "alpha", "", None], "description": "alpha: the mask alone"},
    "shadow_type": {"enum": [*SHADOWS, "", None], "description": "any but none is a drop shadow"},
    "shadow_opacity": {**_WORD, "description": "auto, or 0 to 100"},
    "add_shadow": {**_WORD, "description": "a drop shadow"},
    "semitransparency": {**_WORD, "description": "checked, and changes nothing"},
    "bg_color": {**_WORD, "description": "hex digits, or a CSS colour"},
    "bg_image_url": {**_WORD, "description": "the URL of a picture behind"},
    "bg_image_file": {"type": "string", "format": "binary", "description": "a picture behind"},
}
_KINDS = ("multipart/form-data", "application/x-www-form-urlencoded", "application/json")
_BINARY = ("image_file", "bg_image_file")


def _takes(fields: Schema) -> Schema:
    words = {name: schema for name, schema in fields.items() if name not in _BINARY}
    content = {
        kind: {"schema": {"type": "object", "properties": fields if kind == _KINDS[0] else words}}
        for kind in _KINDS
    }
    return {"requestBody": {"required": True, "content": content}}


REMOVE = _takes(_FIELDS)
IMPROVE = _takes({**_FILES, "image_filename": {}, "tag": {}})


def _whole(*names: str) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(names),
        "properties": {name: {"type": "integer"} for name in names},
    }


def _holding(**members: Schema) -> Schema:
    return {"type": "object", "required": list(members), "properties": members}


_BOX = [f"foreground_{end}" for end in ("top", "left", "width", "height")]
_CODED = _holding(result_b64={"type": "string"}, **{name: {"type": "integer"} for name in _BOX})
PICTURE: Schema = {
    "description": "the picture by Accept: its bytes, or JSON where that alone is asked for",
    "content": {
        "application/json": {"schema": _holding(data=_CODED)},
        **{
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/png", "image/jpeg", "image/webp", "application/zip")
        },
    },
}
_ACCOUNT = _holding(
    data=_holding(
        attributes=_holding(
            credits=_whole("total", "subscription", "payg", "enterprise"),
            api=_holding(free_calls={"type": "integer"}, sizes={"type": "string"}),
        )
    )
)
ACCOUNT = shows(_ACCOUNT, "a balance that stops no client")
IMPROVED = shows(_holding(id={"type": "string", "format": "uuid"}), "accepted; nothing is kept")
_ERROR = {
    "type": "object",
    "required": ["title", "code"],
    "additionalProperties": {"type": "string"},
}
_ERRORS = _holding(errors={"type": "array", "minItems": 1, "items": _ERROR})
_WORDS = {
    400: "the photo or a value cannot be read; `code` says which",
    403: "the key is missing or wrong",
    405: "not a method of this path; Allow has them",
    429: "a limit is reached; see Retry-After",
    500: "unexpected; the log has it under x-request-id",
    502: "the engine failed",
    503: "the engine is away; try again",
}
REFUSED: dict[int | str, Schema] = {code: shows(_ERRORS, words) for code, words in _WORDS.items()}
