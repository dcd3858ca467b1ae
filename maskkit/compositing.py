"""The verb that puts one picture over another."""

from __future__ import annotations

import numpy as np

from maskkit.blend import NON_SEPARABLE, SEPARABLE, Mode, compiled_name
from maskkit.checks import check_choice, check_pair, check_unit
from maskkit.codec.inputs import ImageInput, MaskInput, to_mask
from maskkit.codec.one_space import Profile, with_space
from maskkit.effects.options import Asked
from maskkit.kernels import convert, modes, source_over
from maskkit.keywords import keywords
from maskkit.masks import combine
from maskkit.pixels import Array, check_out, check_same_size, max_value

__all__ = ["composite"]


@keywords(source="foreground")
def composite(
    foreground: ImageInput,
    backdrop: ImageInput,
    mask: MaskInput | None = None,
    *,
    mode: Mode = "normal",
    opacity: float = 1.0,
    linear: bool = False,
    offset: tuple[int, int] = (0, 0),
    profile: Profile | None = None,
    shadow: Asked | None = None,
    outline: Asked | None = None,
    glow: Asked | None = None,
    reflection: Asked | None = None,
    lens_blur: Asked | None = None,
    tint_match: Asked | None = None,
    light_wrap: Asked | None = None,
    out: Array | None = None,
) -> Array:
    """``a = as + ab (1 - as)``, ``C = (as (1 - ab) Cs + as ab B(Cb, Cs) + ab (1 - as) Cb) / a``.

    ``as`` is the foreground's alpha times mask times opacity; ``B`` is the mode's formula, Cs for normal.

    The result is the backdrop's canvas. What of the foreground lies outside it is cut off; where it does not
    reach, and where its alpha is 0, the backdrop stays as it is, hidden colour included.

    Parameters
    ----------
    foreground, backdrop : path, bytes, file, PIL.Image, Picture or array
        The picture on top and the one below, RGB or straight RGBA, sRGB-encoded. Where both are files,
        images or Pictures and their ICC profiles differ, the backdrop is brought to the foreground's. Arrays
        have no profile and are taken as they are.
    mask : like foreground, or (H, W) array, optional
        Of the foreground's size, white keeps; all white by default.
    mode : str
        One of BLEND_MODES, W3C's names and Photoshop's.
    opacity : float
        0 to 1. Integer pictures take it as the nearest fraction with a denominator up to 65536, so 0.3 is
        3/10 exactly.
    linear : bool
        Mix, and apply the mode's formula, in linear light: sRGB is decoded before and encoded after.
    offset : (x, y)
        Where the foreground's top left corner goes, in pixels; may be negative.
    profile : "srgb" or ICC bytes, optional
        The space of the result, in the place of the foreground's.
    shadow, outline, glow, reflection, lens_blur, tint_match, light_wrap : optional
        Effects, see `maskkit.effects`: True for one with its defaults, its leading value, a text such as
        ``"cast,direction=30"``, or its settings by name. They are drawn before the foreground is put down.
        Their colours are sRGB's, and look so whatever the foreground's profile.
    out : array, optional
        Where to write the result; must not share memory with the inputs.

    Returns
    -------
    Array of the backdrop's shape and of the wider dtype of the two pictures, so that neither loses anything.
    Integer results of normal are the nearest value of the exact rational (a float mask counts in steps of
    2^-24), those of the other modes are within one level of it.

    Raises
    ------
    PixelError
        If the mode is unknown, an argument is not by the pixel convention, or the mask is not of the
        foreground's size.
    CodecError
        If a file cannot be read.

    References
    ----------
    W3C Compositing and Blending Level 1, sections 5 and 10.

    Examples
    --------
    >>> white, black = np.full((1, 2, 3), 255, np.uint8), np.zeros((1, 2, 3), np.uint8)
    >>> composite(white, black, np.array([[255, 64]], np.uint8), opacity=0.5).tolist()
    [[[128, 128, 128], [32, 32, 32]]]
    """
    foreground, backdrop, space = with_space(foreground, backdrop, profile)
    if mask is not None:
        mask = to_mask(mask)
        check_same_size(mask, foreground, "mask", "foreground")
    check_unit(opacity, "opacity")
    check_choice(mode, "mode", ("normal", *SEPARABLE, *NON_SEPARABLE))
    out = check_out(out, backdrop.shape, np.result_type(foreground, backdrop), foreground, backdrop, mask)
    asked = {
        "shadow": shadow, "outline": outline, "glow": glow, "reflection": reflection,
        "lens_blur": lens_blur, "tint_match": tint_match, "light_wrap": light_wrap,
    }  # fmt: skip
    if any(one is not None and one is not False for one in asked.values()):
        from maskkit.effects import dressed

        whole = _on_canvas(foreground, mask, backdrop, offset)
        foreground, backdrop = dressed(whole, backdrop, asked, icc=space)
        mask, offset = None, (0, 0)
    there, here = _overlap(offset, foreground.shape[:2], backdrop.shape[:2])
    if out[there].size < out.size:
        convert(backdrop, out.dtype, out=out)
    if out[there].size:
        part = None if mask is None else mask[here]
        pieces = foreground[here], backdrop[there], part, out[there]
        if mode == "normal" and not linear:
            source_over.over(*pieces, opacity=float(opacity))
        else:
            modes.blend(*pieces, _blend(mode, linear=linear, opacity=float(opacity)))
    return out


def _on_canvas(foreground: Array, mask: Array | None, backdrop: Array, offset: tuple[int, int]) -> Array:
    """The foreground with its mask as alpha, where it goes on the backdrop's canvas: what effects look at."""
    there, here = _overlap(offset, foreground.shape[:2], backdrop.shape[:2])
    canvas = np.zeros((*backdrop.shape[:2], 4), np.result_type(foreground, backdrop))
    canvas[(*there, slice(0, 3))] = convert(foreground[here][..., :3], canvas.dtype)
    alpha = np.full(canvas[there].shape[:2], max_value(canvas.dtype), canvas.dtype)
    if foreground.shape[2] == 4:
        alpha = convert(foreground[here][..., 3], canvas.dtype)
    if mask is not None:
        alpha = combine(alpha, mask[here], "multiply")
    canvas[(*there, 3)] = alpha
    return canvas


def _blend(mode: str, *, linear: bool, opacity: float) -> modes.Blend:
    formula = SEPARABLE.get(mode) or NON_SEPARABLE.get(mode)
    name = compiled_name(formula) if formula else ""
    return modes.Blend(formula, mode not in NON_SEPARABLE, linear, opacity, name)


def _overlap(
    offset: tuple[int, int], foreground: tuple[int, int], backdrop: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The rectangle both cover, as the backdrop's slices and as the foreground's."""
    x, y = check_pair(offset, "offset")
    there, here = [], []
    for shift, extent, room in zip((y, x), foreground, backdrop, strict=True):
        start, stop = max(shift, 0), max(min(shift + extent, room), shift, 0)
        there.append(slice(start, stop))
        here.append(slice(start - shift, stop - shift))
    return (there[0], there[1]), (here[0], here[1])
