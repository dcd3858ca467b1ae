"""Rendered product shots on plain backdrops, with their true masks: gradient, shadow, noise, JPEG."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

_FINE = 2  # rendered this many times larger, then averaged
_BACKDROPS = [
    (0.97, 0.97, 0.97), (0.9, 0.9, 0.91), (0.75, 0.75, 0.76), (0.5, 0.5, 0.5), (0.12, 0.12, 0.13),
    (0.93, 0.88, 0.8), (0.8, 0.88, 0.94), (0.95, 0.82, 0.84), (0.35, 0.55, 0.5), (0.85, 0.65, 0.2),
]  # fmt: skip


def product_shots(count: int = 60, seed: int = 0) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """``count`` pairs of a photo (H, W, 3) uint8 and its mask (H, W) bool."""
    for number in range(count):
        yield _shot(np.random.default_rng([seed, number]))


def _shot(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    height, width = [(600, 800), (800, 600), (720, 720), (900, 1200)][rng.integers(4)]
    shape = height * _FINE, width * _FINE
    alpha = _product(rng, shape)
    backdrop_colour = np.array(_BACKDROPS[rng.integers(len(_BACKDROPS))])
    backdrop = _backdrop(rng, shape, backdrop_colour)
    backdrop *= 1 - _shadow(rng, alpha)[..., None]
    colour = _surface(rng, shape, backdrop_colour)
    mixed = alpha[..., None] * colour + (1 - alpha[..., None]) * backdrop
    photo = cv2.resize(mixed.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    truth = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA) >= 0.5
    photo = cv2.GaussianBlur(photo, (0, 0), rng.uniform(0.4, 1.0)) * 255
    photo += rng.normal(0, rng.uniform(0.3, 3.5), (height, width, 1)) + rng.normal(0, 1, photo.shape)
    quality = int(rng.integers(60, 96))
    stream = cv2.imencode(".jpg", photo.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(stream, cv2.IMREAD_COLOR), truth


def _product(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """A bottle, a box, a mug with its handle, a lamp, a ring, a pair of bars, or a rounded freeform."""
    height, width = shape
    side = min(shape) * rng.uniform(0.3, 0.42)
    centre = np.array([width * rng.uniform(0.42, 0.58), height * rng.uniform(0.45, 0.55)])
    canvas = np.zeros(shape, np.uint8)
    draw = [_bottle, _box, _mug, _lamp, _ring, _bars, _freeform][rng.integers(7)]
    draw(rng, canvas, centre, side)
    turn = cv2.getRotationMatrix2D(tuple(map(float, centre)), rng.uniform(-12, 12), 1)
    return cv2.warpAffine(canvas, turn, (width, height)).astype(np.float32) / 255


def _polygon(canvas: np.ndarray, points: np.ndarray) -> None:
    cv2.fillPoly(canvas, [np.rint(points).astype(np.int32)], 255)


def _bottle(rng: np.random.Generator, canvas: np.ndarray, centre: np.ndarray, side: float) -> None:
    heights = np.array([-1, -0.72, -0.68, -0.4, -0.25, 0.9, 1])
    widths = np.array([0.13, 0.13, 0.16, 0.16, 0.42, 0.45, 0.4]) * rng.uniform(0.7, 1.2)
    right = np.stack([widths, heights], 1) * side
    _polygon(canvas, centre + np.concatenate([right, right[::-1] * (-1, 1)]))


def _box(rng: np.random.Generator, canvas: np.ndarray, centre: np.ndarray, side: float) -> None:
    w, h, d = side * rng.uniform(0.5, 1), side * rng.uniform(0.5, 1), side * rng.uniform(0.1, 0.4)
    _polygon(
        canvas,
        centre + np.array([[-w, -h], [-w + d, -h - d], [w + d, -h - d], [w + d, h - d], [w, h], [-w, h]]),
    )


def _mug(rng: np.random.Generator, canvas: np.ndarray, centre: np.ndarray, side: float) -> None:
    w, h = 0.6 * side, 0.75 * side
    handle = tuple(np.rint(centre + np.array([w, 0])).astype(int))
    size = int(side * rng.uniform(0.3, 0.45))
    cv2.ellipse(canvas, handle, (size, int(size * 1.2)), 0, 0, 360, 255, int(side * 0.13))
    _polygon(canvas, centre + np.array([[-w, -h], [w, -h], [w * 0.9, h], [-w * 0.9, h]]))


def _lamp(rng: np.random.Generator, canvas: np.ndarray, centre: np.ndarray, side: float) -> None:
    _polygon(canvas, centre + side * np.array([[-0.3, -1], [0.3, -1], [0.7, -0.2], [-0.7, -0.2]]))
    thin = rng.uniform(0.03, 0.07)
    _polygon(canvas, centre + side * np.array([[-thin, -0.3], [thin, -0.3], [thin, 0.9], [-thin, 0.9]]))
    foot = tuple(np.rint(centre + np.array([0, 0.92 * side])).astype(int))
    cv2.ellipse(canvas, foot, (int(side * 0.45), int(side * 0.1)), 0, 0, 360, 255, -1)


def _ring(rng: np.random.Generator, canvas: np.ndarray, centre: np.ndarray, side: float) -> None:
    axes = int(side * 0.8), int(side * rng.uniform(0.5, 0.8))
    thick = int(side * rng.uniform(0.2, 0.35))
    cv2.ellipse(canvas, tuple(np.rint(centre).astype(int)), axes, rng.uniform(0, 90), 0, 360, 255, thick)


def _bars(rng: np.random.Generator, canvas: np.ndarray, centre: np.ndarray, side: float) -> None:
    for x in (-0.45, 0.45):
        w, h = side * rng.uniform(0.2, 0.35), side * rng.uniform(0.6, 1)
        middle = centre + np.array([x * side, side - h])
        _polygon(canvas, middle + np.array([[-w, -h], [w, -h], [w, h], [-w, h]]))


def _freeform(rng: np.random.Generator, canvas: np.ndarray, centre: np.ndarray, side: float) -> None:
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    radius = 1 + sum(rng.normal(0, 0.22 / k) * np.cos(k * angle + rng.uniform(0, 6)) for k in range(1, 6))
    radius *= 0.85 / radius.max()
    _polygon(canvas, centre + side * radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1))


def _field(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """A smooth field, -0.5 to 0.5: a slope or a glow."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j].astype(np.float32)
    turn = rng.uniform(0, 2 * np.pi)
    slope = (x * np.cos(turn) + y * np.sin(turn)) / 2.9
    glow = 0.5 - np.hypot(x - rng.uniform(-0.4, 0.4), y - rng.uniform(-0.5, 0.2)) / 2
    return slope if rng.random() < 0.5 else glow


def _backdrop(rng: np.random.Generator, shape: tuple[int, int], colour: np.ndarray) -> np.ndarray:
    light = 1 + rng.uniform(0, 0.35) * _field(rng, shape)
    if rng.random() < 0.25:  # a sweep: wall above, floor below, blurred into one another
        y = np.linspace(0, 1, shape[0], dtype=np.float32)[:, None]
        light = light * (1 - rng.uniform(0.03, 0.12) / (1 + np.exp(-(y - rng.uniform(0.55, 0.75)) * 25)))
    return np.clip(colour * light[..., None], 0, 1)


def _shadow(rng: np.random.Generator, alpha: np.ndarray) -> np.ndarray:
    """What the product takes from the light behind and below it, 0-1."""
    side = min(alpha.shape)
    shift = np.array([[1, 0, side * rng.uniform(-0.06, 0.06)], [0, 1, side * rng.uniform(0.0, 0.05)]])
    moved = cv2.warpAffine(alpha, shift, alpha.shape[::-1])
    blurred = cv2.resize(moved, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(blurred, (0, 0), side * rng.uniform(0.01, 0.05) / 8)
    return rng.uniform(0, 0.45) * cv2.resize(blurred, alpha.shape[::-1])


def _surface(rng: np.random.Generator, shape: tuple[int, int], backdrop: np.ndarray) -> np.ndarray:
    """Paint with shading, a highlight, and often a label or stripes; no nearer to the backdrop than 0.22."""
    colour = rng.uniform(0.03, 0.97, 3)
    while np.abs(colour - backdrop).max() < 0.22:
        colour = rng.uniform(0.03, 0.97, 3)
    y, x = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j].astype(np.float32)
    shaded = colour * (1 + rng.uniform(0, 0.7) * _field(rng, shape))[..., None]
    kind = rng.integers(3)
    if kind == 1:
        label = (np.abs(y - 0.55) < rng.uniform(0.05, 0.12)) & (np.abs(x - 0.5) < 0.4)
        shaded[label] = rng.uniform(0, 1, 3)
    elif kind == 2:
        stripes = np.sin((x * rng.uniform(-40, 40) + y * rng.uniform(20, 60)) * 2) > 0.3
        shaded[stripes] *= rng.uniform(0.6, 1.3)
    shine = np.exp(-(((x - rng.uniform(0.4, 0.5)) / 0.02) ** 2)) * rng.uniform(0, 0.4)
    return np.clip(shaded + shine[..., None], 0, 1)
