"""What bad and odd input is held to: a clear refusal or a sane answer.

A refusal is one line of a MaskkitError: the argument's name, what came, what is needed. An answer has the
right shape and dtype, is finite and in range. Nothing else: no other exception, no warning, no NaN, no
input changed.
"""

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import maskkit as mk
from maskkit.pixels import max_value

H, W = 24, 32


def scene(height: int, width: int, dtype: Any = np.uint8, channels: int = 3) -> np.ndarray:
    """A red block before a green ramp; the fourth channel is an alpha of three levels."""
    y, x = np.mgrid[:height, :width]
    picture = np.dstack([40 + 0 * x, 170 + x % 32, 60 + y % 24, 127 * ((x + y) % 3)])[..., :channels]
    block = (abs(2 * y - height) <= height // 2) & (abs(2 * x - width) <= width // 2)
    picture[block, :3] = (200, 30, 40)
    return in_dtype(picture / 255, dtype)


def grey(height: int, width: int, dtype: Any = np.uint8) -> np.ndarray:
    """A mask: the block, with one soft pixel on either side of it where there is room."""
    away = abs(np.arange(width) - (width - 1) / 2) - width / 4
    return in_dtype(np.tile(np.clip(0.5 - away / 2, 0, 1), (height, 1)), dtype)


def in_dtype(share: np.ndarray, dtype: Any) -> np.ndarray:
    top = max_value(dtype)
    return share.astype(dtype) if np.dtype(dtype).kind == "f" else (share * top + 0.5).astype(dtype)


def read_only(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def answer(call: Callable[..., Any], *args: Any) -> Any:
    """The result, with every warning an error but the one that maskkit means: a flat mask."""
    before = [argument.copy() if isinstance(argument, np.ndarray) else None for argument in args]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", mk.MaskkitWarning)
        result = call(*args)
    for argument, was in zip(args, before, strict=True):
        if was is not None:
            assert np.array_equal(argument, was), "an input was written to"
    return result


def arrays(result: Any) -> list[np.ndarray]:
    if isinstance(result, np.ndarray):
        return [result]
    if isinstance(result, (list, tuple)):
        return [array for part in result for array in arrays(part)]
    if isinstance(result, mk.Inspection):
        values = [finding.value for finding in result.findings]
        assert all(value is None or np.isfinite(value) for value in values)
        return []
    if isinstance(result, mk.Estimate):
        assert result.confidence is None or 0 <= result.confidence <= 1
        return [result.alpha]
    return [result.pixels] if isinstance(result, (mk.Cutout, mk.Picture)) else []


def check_sane(result: Any, wanted: list[tuple[tuple[int, ...], Any]], over: float = 0) -> None:
    found = arrays(result)
    if wanted:
        assert [(array.shape, array.dtype) for array in found] == [(a, np.dtype(b)) for a, b in wanted]
    for array in found:
        assert array.size
        if array.dtype.kind == "f":
            assert np.isfinite(array).all()
            assert -over <= array.min() <= array.max() <= 1 + over


def refusal(call: Callable[..., Any], *args: Any) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(mk.MaskkitError) as caught:
            call(*args)
    text = str(caught.value)
    assert "\n" not in text
    return text


def check_refused(text: str, name: str, came: str) -> None:
    assert re.match(rf"{name}:? ", text), text
    assert came in text, text
    assert "need" in text, text


def cells(verbs: dict[str, Any], inputs: dict[str, Any]) -> Any:
    pairs = [(verb, what) for verb in verbs for what in inputs]
    return pytest.mark.parametrize(("verb", "what"), pairs, ids=[f"{verb} - {what}" for verb, what in pairs])
