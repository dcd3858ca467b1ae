"""product: a hand-thrown mug on a studio sweep, glazed over bare clay, with its contact shadow."""

import numpy as np
from optics import Camera, ground, lattice_noise, lerp, photograph, resolve, smooth, srgb, union, vignette

HEIGHT, RADIUS, WALL, COFFEE = 0.92, 0.43, 0.042, 0.78


def mug(p):
    x, y, z = p[:, 0], p[:, 1], p[:, 2]
    belly = RADIUS * (0.93 + 0.10 * np.sin(np.clip(y / HEIGHT, 0, 1) * 2.5) - 0.05 * smooth(0.12, 0.0, y))
    r = np.hypot(x, z)
    wall_r = np.abs(r - (belly - WALL / 2)) - WALL / 2 + 0.018
    wall_y = np.abs(y - HEIGHT / 2) - HEIGHT / 2 + 0.018
    wall = (
        np.hypot(np.maximum(wall_r, 0), np.maximum(wall_y, 0))
        + np.minimum(np.maximum(wall_r, wall_y), 0)
        - 0.018
    )
    fill = np.maximum(r - belly + 0.02, np.maximum(y - COFFEE, 0.02 - y))
    ring = np.hypot((x - RADIUS * 0.98) * 0.98, (y - 0.5) * 0.86) - 0.245
    handle = np.hypot(ring * 1.05, z * 0.72) - 0.043
    handle = np.maximum(handle, belly - WALL - r)
    return union(np.minimum(wall, fill), handle, 0.05) * 0.9


def glaze(p):
    x, y, z = p[:, 0], p[:, 1], p[:, 2]
    r = np.hypot(x, z)
    drift = lattice_noise(p * 5, 3) - 0.5
    fine = lattice_noise(p * 55, 5)
    colour = lerp(srgb("#1f5a63"), srgb("#2f8088"), smooth(-0.3, 0.4, drift + 0.5 * (y - 0.5)))
    colour = lerp(
        colour, srgb("#d9cdb4"), 0.8 * smooth(0.80, 0.90, fine) * smooth(0.45, 0.6, lattice_noise(p * 20, 9))
    )
    rim = smooth(0.030, 0.0, HEIGHT - y) + 0.55 * smooth(0.04, 0.0, np.abs(y - 0.30 - 0.03 * drift))
    colour = lerp(colour, srgb("#7a4a25"), np.clip(rim, 0, 1) * 0.8)
    bare = smooth(0.292, 0.282, y - 0.03 * drift) * (r > 0.3)
    clay = srgb("#b98d68") * (0.82 + 0.3 * fine + 0.25 * drift)[:, None]
    clay *= (0.95 + 0.07 * np.sin(y * 160 + drift * 6))[:, None]
    colour = lerp(colour, clay, bare)
    coffee = (y > COFFEE - 0.02) & (y < COFFEE + 0.012) & (r < RADIUS - WALL * 1.02)
    colour[coffee] = srgb("#2a140a")
    gloss = np.where(coffee, 1.1, 1.0 - 0.85 * bare)
    return colour, gloss, 0.05 + 0.4 * bare


def product():
    camera = Camera(eye=(0.9, 2.35, 5.4), target=(0.12, 0.44, 0), field=1.75)
    subject = photograph(camera, mug, (0.1, 0.45, 0), 0.95, glaze)

    def paper(p):
        back = smooth(2.0, -5.0, p[:, 2])
        return lerp(srgb("#e9e3d8"), srgb("#c3bdb4"), back) * 0.95

    backdrop = vignette(ground(camera, mug, paper), 0.2)
    return resolve(subject, 2), resolve(backdrop, 2)
