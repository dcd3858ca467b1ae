"""motion: a tennis ball crossing a clay court; mesh: a chain-link fence before a park."""

import cv2
import numpy as np
from optics import KEY, SIZE, cloud, defocus, lerp, resolve, smooth, srgb, vignette


def pixels(factor):
    """Centres of the supersampled pixels, in final pixels."""
    h, w = SIZE
    y, x = np.mgrid[0 : h * factor, 0 : w * factor].astype(np.float32)
    return (x + 0.5) / factor, (y + 0.5) / factor


def tennis_ball(factor=2, centre=(545.0, 330.0), radius=138.0):
    """One sharp ball, premultiplied: felt with fuzz, the seam as a curve on the sphere."""
    x, y = pixels(factor)
    nx, ny = (x - centre[0]) / radius, -(y - centre[1]) / radius
    fuzz = cloud(x.shape, 90, 3, 3)
    inside = nx * nx + ny * ny < (1 + 0.012 * fuzz) ** 2
    nz = np.sqrt(np.maximum(0, 1 - nx * nx - ny * ny))
    n = np.dstack([nx, ny, nz])
    turn = cv2.Rodrigues(np.array([0.5, 0.75, 0.35]))[0].astype(np.float32)
    a, b, c = np.moveaxis(n @ turn.T, -1, 0)
    longitude, latitude = np.arctan2(b, a), np.arcsin(np.clip(c, -1, 1))
    seam = np.abs(latitude - 0.62 * np.sin(2 * longitude))
    felt = lerp(srgb("#c6d62b"), srgb("#a9bd1c"), smooth(-0.6, 0.6, fuzz))
    felt = felt * (1 + 0.16 * cloud(x.shape, 160, 6, 2) + 0.08 * cloud(x.shape, 12, 7))[..., None]
    colour = lerp(srgb("#f2efe0"), felt, smooth(0.045, 0.075, seam))
    colour = colour * (1 - 0.35 * np.exp(-(((seam - 0.085) / 0.03) ** 2)))[..., None]
    facing = smooth(-0.25, 1.0, n @ KEY)
    light = 1.25 * facing[..., None] * np.array([1.05, 1, 0.9], np.float32)
    light = light + (0.20 + 0.14 * ny)[..., None] * np.array([0.8, 0.95, 1.15], np.float32)
    light = light + (0.22 * np.clip(-ny, 0, 1))[..., None] * srgb("#d07a4a") * 2
    edge = (0.16 * (1 - nz) ** 3)[..., None]
    return np.dstack([(colour * light + edge) * inside[..., None], inside]).astype(np.float32)


def court():
    h, w = SIZE
    x, y = pixels(1)
    stands = lerp(srgb("#20402f"), srgb("#39624a"), smooth(-1, 1, cloud(SIZE, 7, 21)))
    crowd = np.zeros((h, w, 3), np.float32)
    rng = np.random.default_rng(4)
    for _ in range(420):
        place = int(rng.uniform(0, 225)), int(rng.uniform(0, w))
        crowd[place] = np.clip(rng.normal(0.4, 0.28) + rng.normal(0, 0.09, 3), 0, 1) * 170
    back = defocus(stands, 8) + defocus(crowd, 13) * 0.9
    banner = smooth(222, 226, y) * smooth(300, 296, y)
    back = lerp(back, srgb("#123a7c") * 1.1, banner)
    clay = lerp(srgb("#b5603a"), srgb("#cf7d52"), smooth(300, 720, y))
    clay = (
        clay
        * (1 + 0.07 * cloud(SIZE, 6, 31) + 0.05 * cloud(SIZE, 120, 32, 2) * smooth(380, 720, y))[..., None]
    )
    line = smooth(10, 7, np.abs(y - 520 - 0.06 * (x - 480)))
    clay = lerp(clay, srgb("#f4efe6"), 0.9 * line)
    shade = smooth(1.0, 0.2, np.hypot((x - 700) / 190, (y - 655) / 34))
    clay = clay * (1 - 0.5 * shade)[..., None]
    return vignette(defocus(lerp(back, clay, smooth(296, 302, y)), 4), 0.3)


def motion(steps=72):
    """The shutter: the mean of premultiplied balls along a short arc; streaks fade at both ends."""
    sharp, total = tennis_ball(), 0
    h, w = sharp.shape[:2]
    for t in (np.arange(steps) + 0.5) / steps - 0.5:
        move = np.float32([[1, 0, 190 * t], [0, 1, -70 * t + 60 * t * t]])
        total = total + cv2.warpAffine(sharp, move, (w, h), flags=cv2.INTER_LINEAR)
    return resolve(total / steps, 2), court()


# ---- the fence --------------------------------------------------------------------------------------------


def fence(factor=4):
    x, y = pixels(factor)
    bend = 3.0 * np.sin(y / 170) + 2.0 * np.sin(x / 210 + 1)
    pitch, radius = 92.0, 4.1
    picture = np.zeros((*x.shape, 4), np.float32)
    rust = cloud((SIZE[0], SIZE[1]), 26, 12)
    rust = cv2.resize(rust, x.shape[::-1])
    grain = cv2.resize(cloud(SIZE, 200, 13, 2), x.shape[::-1])
    u, v = (x + y + bend) / np.sqrt(2), (x - y - bend) / np.sqrt(2)
    over_first = (np.floor(u / pitch) + np.floor(v / pitch)) % 2 == 0
    for order in (0, 1):
        for family, (a, b) in enumerate(((u, v), (v, u))):
            offset = (a % pitch) - pitch / 2 + 1.6 * np.sin(2 * np.pi * b / pitch)
            near = offset / radius
            inside = np.abs(near) < 1
            if order:
                inside &= over_first == bool(family)
            nz = np.sqrt(np.maximum(0, 1 - near * near))
            side = near * (1 if family else -1)
            lit = (
                0.16
                + 0.55 * np.clip(0.55 * nz - 0.65 * near, 0, 1)
                + 0.9 * np.clip(0.5 * nz - 0.8 * near, 0, 1) ** 9
            )
            lit = lit + 0.10 * np.clip(side, 0, 1)
            steel = lerp(srgb("#9aa3a8"), srgb("#8a5a3a"), 0.75 * smooth(0.35, 0.9, rust + 0.3 * grain))
            steel = steel * (lit * (1 + 0.25 * grain))[..., None] * 1.25
            picture[inside] = np.dstack([steel, np.ones_like(lit)])[inside]
    post = (x - 842) / 21
    inside = np.abs(post) < 1
    nz = np.sqrt(np.maximum(0, 1 - post * post))
    lit = (
        0.10 + 0.5 * np.clip(0.6 * nz - 0.6 * post, 0, 1) + 0.55 * np.clip(0.55 * nz - 0.8 * post, 0, 1) ** 10
    )
    paint = (
        lerp(srgb("#3f6b58"), srgb("#7a4a30"), 0.8 * smooth(0.55, 0.95, rust))
        * (lit * (1 + 0.18 * grain))[..., None]
        * 1.5
    )
    picture[inside] = np.dstack([paint, np.ones_like(lit)])[inside]
    return resolve(picture, factor)


def park():
    x, y = pixels(1)
    sky = lerp(srgb("#7fb2e6"), srgb("#f3dfc0"), smooth(0, 420, y))
    trees = lerp(srgb("#1d3d18"), srgb("#7f9c35"), smooth(-0.8, 1.0, cloud(SIZE, 16, 42)))
    trees = lerp(trees, srgb("#c9892e"), smooth(0.2, 0.7, cloud(SIZE, 4, 43)) * 0.7)
    ridge = 230 + 120 * cloud(SIZE, 5, 41)[0][None]
    light = lerp(sky, trees, smooth(-6, 6, y - ridge))
    grass = lerp(srgb("#4f7a26"), srgb("#9dbb4a"), smooth(460, 720, y) + 0.25 * cloud(SIZE, 9, 44))
    path = smooth(70, 50, np.abs(x - 420 + 0.9 * (y - 720)) * 300 / np.maximum(y - 380, 40))
    light = lerp(light, lerp(grass, srgb("#d9c3a0"), path), smooth(445, 455, y))
    sparkle = np.zeros_like(light)
    rng = np.random.default_rng(17)
    for _ in range(70):
        sparkle[int(rng.uniform(260, 430)), int(rng.uniform(0, 960))] = srgb("#ffe9b0") * rng.uniform(40, 260)
    return vignette(defocus(light + sparkle, 15), 0.3)


def mesh():
    return fence(), park()
