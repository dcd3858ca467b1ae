"""hair: long, loose, back-lit hair over a knitted jumper, seen from behind against lights out of focus."""

from functools import cache

import cv2
import numpy as np
from optics import SIZE, cloud, defocus, lerp, resolve, smooth, srgb, vignette

FACTOR = 4


def lights(seed=11, shape=SIZE):
    """A street at dusk, far out of focus: bright lamps become discs."""
    rng, (h, w) = np.random.default_rng(seed), shape
    down = np.linspace(0, 1, h, dtype=np.float32)[:, None] * np.ones((1, w), np.float32)
    light = lerp(srgb("#2b3a67"), srgb("#c0603f"), smooth(0.0, 0.75, down))
    light = lerp(light, srgb("#2a1c2c"), smooth(0.6, 1.0, down))
    light *= (1 + 0.5 * cloud(shape, 5, seed))[..., None]
    lamps = np.zeros_like(light)
    colours = ["#ffb45a", "#ff7a3c", "#ffd9a0", "#ff4f6d", "#53c7ff", "#8affc9", "#ffe08a"]
    for _ in range(190):
        x, y = rng.uniform(0, w), np.clip(rng.normal(0.52, 0.2), 0, 1) * h
        lamps[int(min(y, h - 1)), int(x)] += srgb(colours[rng.integers(len(colours))]) * rng.uniform(60, 800)
    return vignette(defocus(light, 9) + defocus(lamps, 26) * 1.0, 0.45)


def jumper(h, w):
    """Shoulders: a height field from the outline, lit from the left, with rows of knitting."""
    x = np.linspace(0, 1, w, dtype=np.float32)[None]
    y = np.linspace(0, 1, h, dtype=np.float32)[:, None]
    side = np.abs(x - 0.5)
    top = (
        0.615
        + 0.03 * (side / 0.1) ** 1.1
        + 3.4 * np.maximum(side - 0.23, 0) ** 1.6
        + 30 * np.maximum(side - 0.31, 0) ** 2.1
    )
    inside = (y > top).astype(np.float32)
    height = np.sqrt(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5) / h)
    height = cv2.GaussianBlur(height, (0, 0), h / 90)
    ny, nx = np.gradient(height * h * 0.30)
    lit = np.clip((1 - 0.9 * nx - 0.75 * ny) / np.sqrt(1 + nx * nx + ny * ny), 0.05, 2)
    row = (y - 0.10 * side) * 105
    stitch = 0.5 + 0.5 * np.sin(2 * np.pi * (x * 130 + 0.35 * np.abs((row % 1) - 0.5)))
    knit = 0.62 + 0.38 * stitch * (0.45 + 0.55 * np.sin(np.pi * (row % 1)))
    folds = 1 + 0.25 * cloud((h // 4, w // 4), 5, 4)
    light = lit * knit * cv2.resize(folds, (w, h)) * 0.42
    rim = smooth(0.04, 0.0, y - top) * 0.7
    return lerp(light[..., None] * srgb("#d8cbb6"), srgb("#ffc48a"), rim * inside * 0.7), inside


def strand(rng, u, wild):
    """Points (n, 2) of one hair in units of the picture's height, from the crown down; u is -1 to 1."""
    t = np.linspace(0, 1, 44)
    reach = np.sign(u) * np.abs(u) ** 0.9
    crown = np.array([0.0, 0.155 + 0.02 * rng.normal()])
    arc = 0.163 * np.sqrt(max(0.0, 1 - u * u * 0.9))
    p1 = crown + np.array([0.235 * reach, -0.115 * (arc / 0.163) + 0.010 * rng.normal()])
    p2 = np.array([0.265 * reach, 0.20 + 0.02 * rng.normal()])
    p3 = np.array([0.125 * reach + 0.012 * rng.normal(), 0.52])
    p4 = np.array([0.275 * reach + 0.03 * rng.normal(), rng.uniform(0.70, 0.97) - 0.09 * u * u])
    s = t[:, None]
    points = (1 - s) ** 4 * crown + 4 * s * (1 - s) ** 3 * p1 + 6 * s**2 * (1 - s) ** 2 * p2
    points = points + 4 * s**3 * (1 - s) * p3 + s**4 * p4
    lock = np.round(u * 13) / 13
    phase = 2.3 * lock + rng.normal(0, 0.07)
    points[:, 0] += 0.024 * np.sin(2 * np.pi * (2.1 * t + phase)) * t
    points[:, 0] += (wild * rng.normal(0, 0.05) + 0.012 * rng.normal()) * t**1.5
    points[:, 0] += (
        wild * rng.uniform(0, 0.11) * np.sign(u) * np.sin(np.pi * np.minimum(t * rng.uniform(0.6, 1.2), 1))
    )
    points[:, 0] += (
        wild * 0.05 * (0.6 + 0.5 * np.sin(5 * t + rng.uniform(0, 6))) * np.sign(u) * t * rng.uniform(0, 1.3)
    )
    points[:, 1] -= wild * rng.uniform(0, 0.035) * np.sin(np.pi * np.minimum(t * 2.2, 1))
    return points, t


def shine(rng, points, t, u, depth, wild):
    """Kajiya and Kay's two terms along the hair, a band of gloss on the crown, and light from behind."""
    tangent = np.gradient(points, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    curve = np.abs(tangent @ np.array([0.45, -0.89]))
    diffuse = 0.30 + 0.75 * np.sqrt(np.maximum(0, 1 - curve**2))
    band = np.exp(-(((t - 0.25 - 0.03 * np.sin(9 * u) - 0.012 * rng.normal()) / 0.055) ** 2))
    band += 0.55 * np.exp(-(((t - 0.66 - 0.04 * np.sin(15 * u)) / 0.09) ** 2))
    lock = 0.82 + 0.28 * np.sin(31 * u + 2.2 * np.sin(6 * u) + 3 * t)
    tone = rng.uniform(0.65, 1.25)
    base = lerp(srgb("#3f2413"), srgb("#a3683a"), np.clip(0.15 + 0.65 * t + 0.2 * rng.normal(), 0, 1))
    colour = base * (diffuse * tone * lock * (0.30 + 0.9 * depth))[:, None]
    colour += srgb("#ffd9a8") * (band * 0.34 * tone * lock * depth * (0.5 + 0.5 * (u < 0.3)))[:, None]
    behind = np.clip(wild + smooth(0.72, 1.0, np.abs(u) + 0 * t), 0, 1)
    return colour + srgb("#ff9a4d") * (0.55 * behind * rng.uniform(0.3, 1.1))[:, None]


@cache
def subject():
    rng = np.random.default_rng(5)
    h, w = SIZE[0] * FACTOR, SIZE[1] * FACTOR
    colour, inside = jumper(h, w)
    canvas = np.dstack([colour * inside[..., None], inside]).astype(np.float32)
    count = 15000
    for i in range(count):
        depth = i / count
        wild = rng.uniform(0.2, 1.5) if rng.random() < 0.07 else 0.0
        u = float(rng.uniform(-1, 1))
        u = float(np.sign(u) * rng.uniform(0.55, 1)) if wild else u
        points, t = strand(rng, u, wild)
        tint = shine(rng, points, t, u, depth, wild)
        pixels = np.round(points * h + [w / 2, 0]).astype(int)
        thick = int(rng.integers(1, 3)) if wild else int(rng.integers(2, 5))
        last = len(t) - 2 if not wild else int(rng.integers(26, 43))
        for a, b, c in zip(pixels[:last], pixels[1:], tint, strict=False):
            cv2.line(canvas, a.tolist(), b.tolist(), (*c.tolist(), 1.0), thick)
    return resolve(canvas, FACTOR, blur=0.42)


def hair():
    return subject(), lights()


def greenscreen():
    h, w = SIZE
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j].astype(np.float32)
    uneven = 0.95 - 0.22 * ((x + 0.25) ** 2 + (y + 0.2) ** 2) / 2 + 0.03 * cloud(SIZE, 3, 8)
    return subject(), uneven[..., None] * srgb("#2fae4a")
