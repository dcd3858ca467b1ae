"""What differs from a plain backdrop and is no shadow on it."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from maskkit.color.plain_backdrop import Backdrop, gradient
from maskkit.kernels.channels import length, total
from maskkit.kernels.median import median
from maskkit.pixels import Array

__all__ = ["Deviation", "cut_backdrop", "deviation"]

# Of the long side: as far as an edge and its blur part a subject from what is around it; and as deep as the
# shadow where something stands may reach into what was taken for it.
_OUTLINE = 0.01
_CONTACT = 0.03
# Distances to the backdrop, in its limit, that are no noise; the share of the long side from which a part as
# clear as that stays, however thin; and the share of the subject below which one to three holes are spots.
_CLEAR = 2.0
_LONG = 0.04
_SPOT = 0.015


class Deviation(NamedTuple):
    """How a picture deviates from its backdrop, three float32 planes (H, W).

    ``far``: the distance of the colours in L*a*b*, in the backdrop's limit. ``shade``: how bright the
    backdrop's shadow would be, 1 where it is none; ``off``: how far the colour is from that.
    """

    far: Array
    shade: Array
    off: Array


def deviation(rgb: Array, lab: Array, backdrop: Backdrop) -> Deviation:
    """The `Deviation` of a picture, (H, W, 3) uint8 and float32, from what `fit_backdrop` found."""
    return Deviation(length(lab - backdrop.lab) / backdrop.limit, *_shade(rgb, backdrop))


def cut_backdrop(lightness: Array, seen: Deviation) -> Array:
    """The subject as bool (H, W): what is neither near the backdrop nor its shadow, as seen from the border.

    Background is what is near the backdrop's colour, or a smooth darkening of it, and connected to the
    border; where something stands the darkening may be steeper, if that costs the subject a thin rim at
    most. An enclosed part counts as a hole if it is the backdrop no darker than a weak shadow.
    """
    _, shade, off = seen
    shadow = (shade > 0.42) & (shade < 1.02) & (off < 0.012 + 0.03 * (1 - shade))
    slope = gradient(cv2.GaussianBlur(lightness, (5, 5), 0))
    smooth = slope < 2.5  # a cast shadow has no edge; noise has
    subject = _all_but(seen, shadow & smooth)
    # Where something stands it has one, but no hue of its own; what is grey itself may look like that.
    contact = (slope < 12) & (off < 0.01) & (shade > 0.55)
    less = _all_but(seen, shadow & (smooth | contact))
    little = np.count_nonzero(less) >= 0.85 * np.count_nonzero(subject)
    return less | _deep(subject & ~less, subject) if little else subject


def _deep(parts: Array, subject: Array) -> Array:
    """Those of the ``parts`` that reach further into the ``subject`` than a contact shadow would."""
    inward = cv2.distanceTransform(subject.astype(np.uint8), cv2.DIST_L2, 3)
    count, labels = cv2.connectedComponents(parts.astype(np.uint8))
    deep = np.zeros(count, bool)
    deep[labels[parts & (inward > _CONTACT * max(subject.shape))]] = True
    return np.asarray(deep[labels])


def _all_but(seen: Deviation, shadow: Array) -> Array:
    far, shade, off = seen
    behind = (far < 1) | shadow
    outside = _touching_border(behind)
    background = outside | _holes(behind, outside, far, shade, off)
    return _clear_parts(_opened(~background, far), far)


def _opened(region: Array, far: Array) -> Array:
    """The region without crumbs and hairs of noise; ropes, wires and spokes, clear of the backdrop, stay.

    They reach away from what is solid: a sliver along its outline is where it stands and casts a shadow.
    """
    broad = cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    solid = cv2.dilate(cv2.erode(broad, np.ones((7, 7), np.uint8)), np.ones((11, 11), np.uint8)) > 0
    count, labels = cv2.connectedComponents((region & (broad == 0)).astype(np.uint8))

    def share(of: Array) -> Array:
        return np.asarray(np.bincount(labels.ravel(), of.ravel(), count) / np.maximum(size, 1))

    size = np.bincount(labels.ravel(), minlength=count)
    stays = (share(far > _CLEAR) > 0.3) & (share(solid) < 0.5) & (size >= 4)
    stays[0] = False
    return np.asarray((broad > 0) | stays[labels])


def _clear_parts(region: Array, far: Array) -> Array:
    """The parts that are large, or long and clear of the backdrop."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8))
    size = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    clear = np.bincount(labels.ravel(), far.ravel() > _CLEAR, count) / size > 0.3
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    stays = (size >= 0.002 * region.size) | (clear & (extent >= _LONG * max(region.shape)))
    stays[0] = False
    return np.asarray(stays[labels])


def _shade(rgb: Array, backdrop: Backdrop) -> tuple[Array, Array]:
    """``k = C.B / B.B`` and ``|C - k B|``: how dark a shadow of the backdrop would be, and how far off it is.

    A shadow scales all three channels alike, whatever the backdrop's hue; in L*a*b* its chroma would change.

    References
    ----------
    Horprasert, Harwood and Davis 1999, A statistical approach for real-time robust background subtraction
    and shadow detection (brightness and chromaticity distortion).
    """
    behind = np.clip(cv2.cvtColor(backdrop.lab, cv2.COLOR_Lab2RGB), 0.02, 1)
    colour = cv2.GaussianBlur(rgb, (3, 3), 0).astype(np.float32) / 255
    shade = total(colour * behind) / total(np.square(behind))
    return shade, length(colour - shade[..., None] * behind)


def _holes(behind: Array, outside: Array, far: Array, shade: Array, off: Array) -> Array:
    """Enclosed parts of the background: at least 12 pixels large, weakly shadowed, of the backdrop's hue.

    What only a thin outline parts from the ``outside`` is a subject as grey as its backdrop, unless most of
    it is near that. What fades into the subject, or is a spot on it, is a highlight.
    """
    enclosed = _through(behind, outside, far, shade, off).astype(np.uint8)
    count, labels = cv2.connectedComponents(enclosed, connectivity=4)

    def each(of: Array) -> Array:
        return np.bincount(labels.ravel(), of.ravel(), count)

    rim = enclosed > cv2.erode(enclosed, np.ones((3, 3), np.uint8), borderValue=1)
    across = 2 * round(_OUTLINE * max(behind.shape)) + 1
    beside = cv2.dilate(
        outside.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))
    )
    size, edge = np.maximum(each(enclosed), 1), np.maximum(each(rim), 1)
    outlined = (2 * each(rim & (beside > 0)) > edge) & (2 * each(far < 1) < size)
    subject = behind.size - np.count_nonzero(outside)
    shine = each(rim * _sharp(far)) / edge < _fades(far, outside)
    shine |= (size < _SPOT * subject) & (np.count_nonzero(size >= 12) < 4)
    hole = (size >= max(12, 0.0003 * behind.size)) & (each(shade) / size > 0.62) & ~outlined & ~shine
    hole[0] = False
    return np.asarray(hole[labels])


def _through(behind: Array, outside: Array, far: Array, shade: Array, off: Array) -> Array:
    """What may be seen through a hole: backdrop in the subject's shadow or tint, beside plain backdrop."""
    shaded = (shade > 0.6) & (shade < 1.03) & (off < 0.045)
    tinted = (((far < 1) | shaded) & ~outside).astype(np.uint8)
    count, labels = cv2.connectedComponents(tinted, connectivity=4)
    size = np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
    mostly = np.bincount(labels.ravel(), (far < 1).ravel(), count) / size > 0.4
    mostly[0] = False
    return np.asarray((behind & ~outside & (off < 0.025)) | mostly[labels])


def _sharp(far: Array) -> Array:
    """How much the distance to the backdrop changes within two pixels: large at an edge, small in a shine."""
    square = np.ones((5, 5), np.uint8)
    return np.asarray(cv2.dilate(far, square) - cv2.erode(far, square))


def _fades(far: Array, outside: Array) -> float:
    """A third of how sharp the outline is: what surrounds a hole is sharper, contact shadow included."""
    edge = outside & ~(cv2.erode(outside.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) > 0)
    return 0.3 * float(median(_sharp(far)[edge])) if edge.any() else 0.0


def _touching_border(region: Array) -> Array:
    count, labels = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)
    touching = np.zeros(count, bool)
    for rim in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        touching[rim] = True
    touching[0] = False
    return np.asarray(touching[labels])
