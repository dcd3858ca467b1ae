"""The matting Laplacian on squares of pixels: its stencil, a relaxation step, its share in colour lines."""

from __future__ import annotations

import numpy as np

from maskkit.kernels import native
from maskkit.kernels.convert import convert
from maskkit.kernels.squares import SIDE, Squares, by_squares, patches
from maskkit.pixels import Array, max_value

__all__ = ["STEPS", "collect", "project", "spread", "stencil", "step"]

STEPS = [(down, across) for down in range(-2, 3) for across in range(-2, 3)]
_CHUNK = 128  # squares at a time without the compiled core: 15 MB of scratch
_WINDOWS = SIDE + 2  # across: those that hold a pixel of a square


def _hats(positions: Array, nodes: Array) -> Array:
    """(len(nodes) squared, n, n): ``(1 - |y - ny| / 8) (1 - |x - nx| / 8)``, at least 0."""
    line = np.maximum(0, 1 - np.abs(positions - nodes[:, None]) / SIDE)
    plane: Array = np.einsum("ay,bx->abyx", line, line).astype(np.float32)
    return plane.reshape(-1, len(positions), len(positions))


_CENTRES = np.arange(-2, SIDE + 2) + 0.5
_HATS = _hats(_CENTRES[2:-2], SIDE * np.arange(2))  # of the nodes at a square's corners


def stencil(image: Array, where: Squares, eps: float) -> Array:
    """``L_ij = sum_w delta_ij - (1 + (I_i - m)^T (S + eps)^-1 (I_j - m)) / 9`` as (n, 25, 8, 8) float32.

    The sum goes over the 3x3 windows w within the picture that hold both pixels, m and S their mean and
    covariance. Step k of the 25 leads from i to j.

    Parameters
    ----------
    image : (H, W, 3) array, any dtype of the convention
    where : `Squares` of it
    eps : for colours within 0-1

    References
    ----------
    Levin, Lischinski, Weiss 2008, A Closed-Form Solution to Natural Image Matting, equation 12.
    """
    count = len(where.corners)
    rows = np.empty((count, len(STEPS), SIDE, SIDE), np.float32)
    if image.dtype not in (np.uint8, np.uint16, np.float32):
        image = convert(image, np.float32)
    if compiled := native.whole("stencil"):
        picture = native.packed(image)
        by_squares(lambda *span: compiled(picture, where.corners, rows, eps, *span), count)
        return rows
    for first in range(0, count, _CHUNK):
        part = slice(first, first + _CHUNK)
        rows[part] = _rows(image, where.corners[part], eps)
    return rows


def step(
    rows: Array, near: Array, field: Array, right: Array | None, share: Array, *, keep: bool = False
) -> Array:
    """``keep field + share (right - L field)``: by squares, (n + 1, 8, 8) float32 each.

    With ``share`` 1 on the unknown pixels it is the residual, with omega / diagonal Jacobi's step.
    """
    out = np.empty_like(field)
    out[-1] = 0
    if compiled := native.whole("step"):
        by_squares(
            lambda *span: compiled(rows, near, field, right, share, out, keep, *span), len(near), share=128
        )
        return out
    for first in range(0, len(near), _CHUNK):
        part = slice(first, min(len(near), first + _CHUNK))
        wide = patches(field, near[part])
        total = np.zeros(wide[:, 2:-2, 2:-2].shape, np.float32) if right is None else right[part].copy()
        for k, (down, across) in enumerate(STEPS):
            total -= rows[part, k] * _moved(wide, down, across)
        out[part] = share[part] * total + (field[part] if keep else 0)
    return out


def project(rows: Array, near: Array, basis: Array) -> Array:
    """``P^T L P`` by squares, (n, 4 corners, 4, 16 nodes, 4): what the nodes around do at a square's own.

    Parameters
    ----------
    rows, near : of the squares
    basis : (n + 1, 4, 8, 8) float32
        The parts of a colour line, 1, R, G and B, on the unknown pixels, else 0. P spreads each from the
        nodes, at the corners of all squares, by bilinear weights.
    """
    blocks = np.empty((len(near), 4, 4, 16, 4), np.float32)
    if compiled := native.whole("project"):
        by_squares(lambda *span: compiled(rows, near, basis, blocks, *span), len(near))
        return blocks
    spread = _spread()
    for first in range(0, len(near), _CHUNK):
        part = slice(first, min(len(near), first + _CHUNK))
        wide = [patches(basis[:, c], near[part]) for c in range(4)]
        for c in range(4):
            moved = np.stack([rows[part, k] * _moved(wide[c], *s) for k, s in enumerate(STEPS)], 1)
            for d in range(4):
                sums = (moved * basis[part, None, d]).reshape(len(moved), -1) @ spread
                blocks[part, :, d, :, c] = sums.reshape(-1, 4, 16)
    return blocks


def collect(basis: Array, field: Array) -> Array:
    """``P^T field`` by squares, (n, 4 corners, 4); see `project` for P."""
    parts = np.empty((len(basis) - 1, 4, 4), np.float32)
    if compiled := native.whole("transfer"):
        by_squares(lambda *span: compiled(basis, parts, field, False, *span), len(parts), share=1024)
        return parts
    weighted = (basis[:-1] * field[:-1, None]).reshape(-1, SIDE * SIDE)
    np.copyto(parts, (weighted @ _HATS.reshape(4, -1).T).reshape(-1, 4, 4).swapaxes(1, 2))
    return parts


def spread(basis: Array, parts: Array) -> Array:
    """``P parts`` by squares, (n + 1, 8, 8)."""
    field = np.zeros((len(basis), SIDE, SIDE), np.float32)
    if compiled := native.whole("transfer"):
        by_squares(lambda *span: compiled(basis, parts, field, True, *span), len(parts), share=1024)
        return field
    wide = (parts.swapaxes(1, 2).reshape(-1, 4) @ _HATS.reshape(4, -1)).reshape(-1, 4, SIDE, SIDE)
    np.einsum("nchw,nchw->nhw", wide, basis[:-1], out=field[:-1])
    return field


def _spread() -> Array:
    """(25 x 64 pairs of pixels, 4 corners x 16 nodes): the product of their hats."""
    around = _hats(_CENTRES, SIDE * np.arange(-1, 3))
    pairs = [_HATS[:, None] * _moved(around, *s)[None] for s in STEPS]
    return np.ascontiguousarray(np.stack(pairs).transpose(0, 3, 4, 1, 2).reshape(-1, 4 * 16))


def _moved(wide: Array, down: int, across: int) -> Array:
    """The 8 x 8 pixels of each 12 x 12 patch that lie one step from its middle."""
    moved: Array = wide[:, 2 + down : 2 + down + SIDE, 2 + across : 2 + across + SIDE]
    return moved


def _rows(image: Array, corners: Array, eps: float) -> Array:
    colours, inside = _colours(image, corners)
    windows = [colours[:, i : i + _WINDOWS, j : j + _WINDOWS] for i in range(3) for j in range(3)]
    mean = sum(windows) / 9
    centred = np.stack([window - mean for window in windows], -2)
    scatter = np.swapaxes(centred, -1, -2) @ centred / 9 + eps * np.eye(3)
    pairs = (
        (1 + centred @ np.linalg.solve(scatter, np.swapaxes(centred, -1, -2))) / 9 * inside[..., None, None]
    )
    sums = np.zeros((len(corners), len(STEPS), SIDE + 4, SIDE + 4))
    for i, j in np.ndindex(9, 9):
        at = STEPS.index((j // 3 - i // 3, j % 3 - i % 3))
        down, across = divmod(i, 3)
        sums[:, at, down : down + _WINDOWS, across : across + _WINDOWS] -= pairs[..., i, j]
    rows: Array = sums[..., 2:-2, 2:-2].astype(np.float32)
    middle = len(STEPS) // 2
    rows[:, middle] = 0
    rows[:, middle] = -rows.sum(1)  # rows of L sum to 0; what rounding leaves would pull alpha there
    return rows


def _colours(image: Array, corners: Array) -> tuple[Array, Array]:
    """(m, 12, 12, 3) float64 around squares, 0-1, and which of the (m, 10, 10) windows lie in the picture."""
    height, width = image.shape[:2]
    span = np.arange(-2, SIDE + 2)
    ys, xs = corners[:, :1] * SIDE + span, corners[:, 1:] * SIDE + span
    rows, columns = ys.clip(0, height - 1)[:, :, None], xs.clip(0, width - 1)[:, None]
    colours = image[rows, columns, :3].astype(np.float64) / max_value(image.dtype)
    inside = [(at[:, 1:-1] >= 1) & (at[:, 1:-1] < size - 1) for at, size in ((ys, height), (xs, width))]
    return colours, inside[0][:, :, None] & inside[1][:, None]
