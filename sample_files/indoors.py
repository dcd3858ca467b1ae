"""glass: a carafe of rose before three backdrops; figure: a jointed wooden figure on a cluttered desk."""

from functools import cache

import cv2
import numpy as np
from optics import (
    SIZE,
    Camera,
    ball,
    cloud,
    defocus,
    egg,
    ground,
    lattice_noise,
    lerp,
    limb,
    normalise,
    photograph,
    resolve,
    smooth,
    srgb,
    studio,
    union,
    vignette,
)

# ---- glass ------------------------------------------------------------------------------------------------

# heights and outer radii of the carafe, and how full it is
PROFILE = np.array(
    [(0, 0.40), (0.03, 0.435), (0.15, 0.475), (0.35, 0.49), (0.55, 0.455), (0.75, 0.36), (0.95, 0.235),
     (1.12, 0.165), (1.28, 0.145), (1.45, 0.155), (1.58, 0.195), (1.66, 0.245)], np.float32)  # fmt: skip
TOP, WALL, BASE, FULL = 1.66, 0.026, 0.075, 0.62


def outline(y):
    knots = np.linspace(0, TOP, 400)
    radii = cv2.GaussianBlur(np.interp(knots, *PROFILE.T).astype(np.float32)[None], (0, 0), 9)[0]
    return np.interp(y, knots, radii).astype(np.float32)


def inside_glass(p):
    """Per point: in the wall, in the wine."""
    r, y = np.hypot(p[:, 0], p[:, 2]), p[:, 1]
    radius = outline(y)
    body = (r < radius) & (y > 0) & (y < TOP)
    hollow = (r < radius - WALL) & (y > BASE)
    return body & ~hollow, hollow & (y < FULL)


def surface_normal(p, e=0.004):
    r, y = np.hypot(p[:, 0], p[:, 2]), p[:, 1]
    slope = (outline(y + e) - outline(y - e)) / (2 * e)
    level = (np.abs(y - FULL) < 0.02) & (r < outline(y) - WALL * 1.5)
    n = np.stack([p[:, 0] / np.maximum(r, 1e-6), -slope, p[:, 2] / np.maximum(r, 1e-6)], 1)
    n[level] = [0, 1, 0]
    return normalise(n)


@cache
def carafe(factor=2, steps=200):
    """March straight through: every surface mirrors by Fresnel, wall and wine absorb and tint (Beer)."""
    camera = Camera(eye=(0, 1.75, 7.0), target=(0, 0.82, 0), field=2.15, factor=factor)
    middle = camera.eye - camera.eye[2] / camera.rays[:, 2:] * camera.rays
    near = (np.abs(middle[:, 0]) < outline(middle[:, 1]) + 0.05) & (
        np.abs(middle[:, 1] - TOP / 2) < TOP / 2 + 0.2
    )
    rays = camera.rays[near]
    through, light = np.ones(len(rays), np.float32), np.zeros((len(rays), 3), np.float32)
    was = np.zeros(len(rays), np.int8)
    span = np.linspace(6.2, 8.3, steps, dtype=np.float32)
    ds = span[1] - span[0]
    wine, green = srgb("#c8274a"), srgb("#a8c9bd")
    for t in span:
        p = camera.eye + t * rays
        wall, rose = inside_glass(p)
        now = np.where(wall, 1, np.where(rose, 2, 0)).astype(np.int8)
        crossed = np.flatnonzero(now != was)
        if len(crossed):
            n = surface_normal(p[crossed])
            cosine = (rays[crossed] * n).sum(1)
            n *= -np.sign(cosine)[:, None]
            cosine = np.abs(cosine)
            bare = np.where((now[crossed] == 0) | (was[crossed] == 0), 0.05, 0.006)
            mirror = np.minimum(bare + (1 - bare) * (1 - cosine) ** 5 * 0.8, 0.85)
            seen = studio(rays[crossed] + 2 * cosine[:, None] * n, 0.04)
            light[crossed] += (through[crossed] * mirror)[:, None] * seen * 0.8
            through[crossed] *= 1 - mirror
        absorbed = through * (1 - np.exp(-ds * (1.15 * wall + 1.5 * rose)))
        light += absorbed[:, None] * np.where(rose[:, None], wine * 0.75, green * 0.42)
        through -= absorbed
        was = now
    picture = np.zeros((len(camera.rays), 4), np.float32)
    alpha = 1 - through
    picture[near] = np.column_stack([np.minimum(light, alpha[:, None]), alpha])
    return resolve(picture.reshape(*camera.shape, 4), factor)


def room(light, shelf):
    """A wall with soft light and a table, out of focus."""
    x = np.linspace(0, 1, SIZE[1], dtype=np.float32)[None] * np.ones((SIZE[0], 1), np.float32)
    y = np.linspace(0, 1, SIZE[0], dtype=np.float32)[:, None]
    wall = srgb(light) * (0.55 + 0.6 * np.exp(-((x - 0.3) ** 2 + (y - 0.25) ** 2) * 3))[..., None]
    table = srgb(shelf) * (0.6 + 0.6 * y + 0.12 * cloud(SIZE, 3, 6))[..., None]
    shade = 1 - 0.35 * smooth(0.30, 0.0, np.hypot((x - 0.53) * 1.0, (y - 0.915) * 3.2))
    return vignette(lerp(wall, table * shade[..., None], smooth(0.735, 0.765, y)), 0.3)


def window():
    light = room("#e2c9a3", "#7d5432")
    for i, x in enumerate((70, 235, 660, 825)):
        light[60:300, x : x + 135] = srgb("#fff1d2") * (1.0 + 0.25 * (i % 2))
    return np.minimum(defocus(light, 17), 1)


def glass():
    return carafe(), window()


def glass_green():
    return carafe(), room("#3fae5a", "#3a9450")


def glass_blue():
    return carafe(), room("#3d6fd0", "#345fb4")


# ---- figure -----------------------------------------------------------------------------------------------

JOINTS = {
    "neck": (0.02, 1.62, 0), "chest": (0.0, 1.36, 0), "waist": (0.015, 1.08, 0.02), "hip": (0.03, 0.93, 0),
    "l_arm": (-0.24, 1.46, 0.0), "l_elbow": (-0.52, 1.62, 0.10), "l_wrist": (-0.50, 1.96, 0.16),
    "r_arm": (0.24, 1.43, 0.0), "r_elbow": (0.43, 1.17, -0.05), "r_wrist": (0.27, 0.98, 0.17),
    "l_hip": (-0.09, 0.85, 0), "l_knee": (-0.17, 0.47, 0.10), "l_ankle": (-0.16, 0.09, -0.02),
    "r_hip": (0.14, 0.86, 0), "r_knee": (0.25, 0.48, 0.06), "r_ankle": (0.34, 0.09, 0.0),
}  # fmt: skip


def parts(p):
    """The figure's pieces: limbs of pale wood, and the darker balls of its joints."""
    j = {name: np.array(place, np.float32) for name, place in JOINTS.items()}
    wood = [
        egg(p, j["neck"] + np.array([0.01, 0.20, 0.01], np.float32), (0.125, 0.168, 0.14)),
        limb(
            p,
            j["neck"] + np.array([0, -0.07, 0], np.float32),
            j["neck"] + np.array([0, 0.05, 0], np.float32),
            0.052,
            0.045,
        ),
        union(
            egg(p, j["chest"], (0.215, 0.215, 0.135)),
            egg(p, j["chest"] + np.array([0, -0.12, 0], np.float32), (0.14, 0.14, 0.11)),
            0.08,
        ),
        egg(p, j["hip"], (0.165, 0.115, 0.118)),
    ]
    for side in "lr":
        arm, elbow, wrist = j[side + "_arm"], j[side + "_elbow"], j[side + "_wrist"]
        hip, knee, ankle = j[side + "_hip"], j[side + "_knee"], j[side + "_ankle"]
        wood += [limb(p, arm, elbow, 0.056, 0.044), limb(p, elbow, wrist, 0.047, 0.033)]
        wood += [
            limb(p, hip + np.array([0, -0.07, 0], np.float32), knee, 0.082, 0.056),
            limb(p, knee, ankle, 0.06, 0.038),
        ]
        reach = normalise(wrist - elbow)
        wood.append(egg(p, wrist + 0.085 * reach, (0.04, 0.075, 0.026)))
        wood.append(
            egg(
                p,
                ankle + np.array([0.02 if side == "r" else -0.02, -0.045, 0.07], np.float32),
                (0.055, 0.045, 0.125),
            )
        )
    balls = [ball(p, j["waist"], 0.095), ball(p, j["neck"] + np.array([0, 0.055, 0], np.float32), 0.052)]
    for name, radius in (
        ("arm", 0.066),
        ("elbow", 0.052),
        ("wrist", 0.038),
        ("knee", 0.064),
        ("ankle", 0.044),
    ):
        balls += [ball(p, j[f"{side}_{name}"], radius) for side in "lr"]
    return np.minimum.reduce(wood), np.minimum.reduce(balls)


def mannequin(p):
    return np.minimum(*parts(p))


def varnish(p):
    wood, balls = parts(p)
    q = p + 0.05 * np.column_stack([lattice_noise(p * 4, s) for s in (1, 2, 3)])
    rings = 0.5 + 0.5 * np.sin(
        70 * np.hypot(q[:, 0] * 0.9 + 0.31, q[:, 2] + 0.23) + 4 * lattice_noise(q * [6, 1.5, 6], 4)
    )
    fibre = lattice_noise(p * [170, 7, 170], 5)
    colour = lerp(srgb("#e3b883"), srgb("#c08a52"), 0.6 * rings**2 + 0.4 * fibre)
    dark = lerp(srgb("#b57f4a"), srgb("#93602f"), fibre)
    joint = (balls < wood + 0.001)[:, None]
    seam = smooth(0.0, 0.012, np.abs(balls - wood))
    return (
        np.where(joint, dark, colour) * (0.45 + 0.55 * seam)[:, None],
        np.full(len(p), 0.75),
        0.22 + 0 * fibre,
    )


def shelves():
    """Books, jars and frames on three boards, out of focus."""
    rng, (h, w) = np.random.default_rng(23), SIZE
    light = np.ones((h, w, 3), np.float32) * srgb("#3a3128")
    covers = [
        "#b8402f",
        "#e0a63a",
        "#2f6f8f",
        "#d9d2c0",
        "#3d7a57",
        "#7a3f6b",
        "#e07a5f",
        "#27364f",
        "#c9b38c",
        "#f2e3c6",
    ]
    for board in (200, 420, 640):
        x = -10
        while x < w:
            wide, tall = int(rng.integers(14, 46)), int(rng.integers(105, 180))
            if rng.random() < 0.12:
                x += int(rng.integers(20, 70))
                continue
            shade = 0.5 + 0.5 * np.sin(np.linspace(0.35, 2.6, wide))[None, : max(0, w - max(x, 0)), None]
            area = light[board - tall : board, max(x, 0) : x + wide]
            area[...] = (
                srgb(covers[rng.integers(len(covers))]) * shade[:, : area.shape[1]] * rng.uniform(0.6, 1.1)
            )
            band = int(rng.integers(10, tall - 30))
            area[band : band + 12] *= rng.uniform(0.4, 2.0)
            x += wide + 1
        light[board : board + 18] = (
            srgb("#9a6b3f") * np.linspace(1, 0.45, 18, dtype=np.float32)[:, None, None]
        )
        light[board + 18 : board + 50] *= np.linspace(0.35, 1, 32, dtype=np.float32)[:, None, None]
    lamps = np.zeros_like(light)
    for x in range(30, w, 74):
        lamps[int(60 + 26 * np.sin(x / 60)), x] = srgb("#ffcf87") * 210
    return vignette(defocus(light * 0.85, 6) + defocus(lamps, 9), 0.35)


def figure():
    camera = Camera(eye=(0.35, 1.75, 6.2), target=(0, 1.02, 0), field=2.55)
    subject = photograph(camera, mannequin, (0, 1.05, 0), 1.25, varnish)

    def desk(p):
        planks = p[:, 2:] * 3.2
        grain = lattice_noise(
            np.column_stack([p[:, 0] * 2.5, p[:, 2] * 60, 0 * p[:, 0]]).astype(np.float32), 6
        )
        wave = lattice_noise(
            np.column_stack([p[:, 0] * 0.9, p[:, 2] * 7, np.floor(planks[:, 0])]).astype(np.float32), 7
        )
        colour = lerp(srgb("#5a3a22"), srgb("#8f6238"), 0.5 * grain + 0.5 * wave)
        return colour * (0.55 + 0.45 * smooth(0.0, 0.03, np.abs((planks[:, 0] % 1) - 0.5)))[:, None]

    table = resolve(ground(camera, mannequin, desk), 2)
    edge = np.linspace(0, SIZE[0], SIZE[0], dtype=np.float32)[:, None] * np.ones((1, SIZE[1]), np.float32)
    far = lerp(defocus(table, 3), table, smooth(590, 640, edge))
    return resolve(subject, 2), lerp(shelves(), far, smooth(566, 573, edge))
