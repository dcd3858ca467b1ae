"""What the scenes are lit and photographed with: signed distances, sphere tracing, a studio, a lens.

Colours are linear light. Points and directions are (n, 3) float32; x right, y up, z towards the camera.
"""

import cv2
import numpy as np

SIZE = (720, 960)
RNG_SEED = 20


def normalise(v):
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


def smooth(low, high, x):
    """0 below `low`, 1 above `high`, an S between (low may exceed high)."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def lerp(a, b, t):
    return a + (b - a) * t[..., None]


def srgb(text):
    """'#rrggbb' as linear light."""
    return decode(np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255)


def decode(x):
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4).astype(np.float32)


def encode(x):
    x = np.clip(x, 0, 1)
    return np.where(x <= 0.0031308, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055).astype(np.float32)


def film(light, exposure=1.0):
    """A shoulder instead of a clip: 1 - exp(-light)."""
    return 1 - np.exp(-np.maximum(light, 0) * exposure)


# ---- noise ------------------------------------------------------------------------------------------------


def lattice_noise(p, seed=0):
    """Value noise, 0-1, at points (n, 3): hashed lattice values, smoothly interpolated."""
    cell = np.floor(p).astype(np.int64)
    f = (p - cell).astype(np.float32)
    f = f * f * (3 - 2 * f)
    total = np.zeros(len(p), np.float32)
    for corner in np.ndindex(2, 2, 2):
        i = cell + corner
        h = (i[:, 0] * 73856093) ^ (i[:, 1] * 19349663) ^ (i[:, 2] * 83492791) ^ (seed * 2654435761)
        h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
        weight = np.prod(np.where(corner, f, 1 - f), axis=1)
        total += weight * (((h ^ (h >> 16)) & 0xFFFF) / 65535).astype(np.float32)
    return total


def cloud(shape, cells, seed, octaves=4):
    """Fractal noise, about -1 to 1, as a picture; `cells` sets the coarsest size."""
    rng, total = np.random.default_rng(seed), np.zeros(shape, np.float32)
    for octave in range(octaves):
        n = cells * 2**octave
        grid = rng.uniform(-1, 1, (n * shape[0] // shape[1] + 2, n + 2)).astype(np.float32)
        total += cv2.resize(grid, shape[::-1], interpolation=cv2.INTER_CUBIC) * 0.55**octave
    return total


# ---- lens -------------------------------------------------------------------------------------------------


def defocus(light, radius):
    """Out of focus: the mean over a disc, in linear light, so that highlights become discs."""
    n = int(np.ceil(radius))
    y, x = np.mgrid[-n : n + 1, -n : n + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return cv2.filter2D(light, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT)


def vignette(light, strength=0.25):
    h, w = light.shape[:2]
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j].astype(np.float32)
    return light * (1 - strength * (x * x + y * y) / 2)[..., None]


def resolve(pre, factor, blur=0.45):
    """Supersampled premultiplied (H, W, 4) -> the sensor's pixels; `blur` is the lens' sigma in them."""
    pre = cv2.GaussianBlur(pre, (0, 0), blur * factor)
    size = (pre.shape[1] // factor, pre.shape[0] // factor)
    return cv2.resize(pre, size, interpolation=cv2.INTER_AREA)


# ---- sphere tracing ---------------------------------------------------------------------------------------


class Camera:
    """A pinhole at `eye` looking at `target`; `field` is the picture's height at the target's distance."""

    def __init__(self, eye, target, field, factor=2):
        eye, target = np.asarray(eye, np.float32), np.asarray(target, np.float32)
        self.given = eye, target, field
        ahead = normalise(target - eye)
        right = normalise(np.cross(ahead, [0, 1, 0]))
        up = np.cross(right, ahead)
        self.eye, self.shape = eye, (round(SIZE[0] * factor), round(SIZE[1] * factor))
        h, w = self.shape
        scale = field / np.linalg.norm(target - eye) / h
        y, x = np.mgrid[0:h, 0:w]
        x, y = (x + 0.5 - w / 2) * scale, (h / 2 - y - 0.5) * scale
        rays = ahead + x[..., None] * right + y[..., None] * up
        self.rays = normalise(rays).astype(np.float32).reshape(-1, 3)


def trace(sdf, eye, rays, near, far, steps=110):
    """Distances along the rays to the surface, and which rays meet it."""
    t = np.full(len(rays), near, np.float32)
    alive = np.arange(len(rays))
    hit = np.zeros(len(rays), bool)
    for _ in range(steps):
        d = sdf(eye + t[alive, None] * rays[alive]) * 0.9
        t[alive] += d
        close = np.abs(d) < 4e-4 * t[alive]
        hit[alive[close]] = True
        alive = alive[~close & (t[alive] < far)]
        if not len(alive):
            break
    return t, hit


def normals(sdf, p, e=1.5e-3):
    """Gradient of the distance, by four taps on a tetrahedron."""
    taps = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], np.float32)
    return normalise(sum(tap * sdf(p + e * tap)[:, None] for tap in taps))


def occlusion(sdf, p, n, reach=0.25):
    """1 in the open, towards 0 in corners: how much nearer the surface is than it should be."""
    total = sum((h - sdf(p + n * h)) / 2**i for i, h in enumerate(np.linspace(0.03, 1, 5) * reach))
    return np.clip(1 - 1.6 / reach * total * 0.5, 0.05, 1)


def shadow(sdf, p, towards, sharpness=7.0, reach=3.0):
    """Soft shadow of a lamp: the narrowest clearance on the way to it."""
    t, light = np.full(len(p), 0.03, np.float32), np.ones(len(p), np.float32)
    for _ in range(40):
        d = sdf(p + t[:, None] * towards)
        light = np.minimum(light, np.clip(sharpness * d / t, -1, 1))
        t += np.clip(d, 0.015, 0.2)
        if t.min() > reach:
            break
    light = np.maximum(light, -1)
    return 0.25 * (1 + light) ** 2 * (2 - light)


KEY = normalise(np.array([-0.55, 0.75, 0.6], np.float32))


def studio(direction, blur=0.05):
    """Light from a direction: a grey room, a big softbox left, a strip right, a dim panel above."""
    x, y, z = direction[:, 0], direction[:, 1], direction[:, 2]
    room = 0.10 + 0.28 * smooth(-0.6, 1.0, y)
    key = smooth(0.34 + blur, 0.34 - blur, np.abs(x + 0.62)) * smooth(
        0.42 + blur, 0.42 - blur, np.abs(y - 0.42)
    )
    strip = smooth(0.1 + blur, 0.1 - blur, np.abs(x - 0.80)) * smooth(
        0.6 + blur, 0.6 - blur, np.abs(y - 0.25)
    )
    front = smooth(-0.25, 0.1, z)
    softness = 0.12 / (0.12 + blur)
    light = room[:, None] * np.array([0.92, 0.97, 1.05], np.float32)
    light = light + (5.5 * softness * key * front)[:, None] * np.array([1.06, 1.0, 0.93], np.float32)
    return light + (2.6 * softness * strip * front)[:, None] * np.array([0.93, 1.0, 1.1], np.float32)


def light_up(sdf, p, n, ray, albedo, gloss, roughness, key=2.1):
    """Diffuse lamp and room, and the studio's reflection by Schlick's Fresnel."""
    facing = np.clip(n @ KEY, 0, 1) * shadow(sdf, p + n * 0.01, KEY)
    ao = occlusion(sdf, p, n)
    room = ao * (0.42 + 0.3 * n[:, 1])
    bounce = 0.13 * ao * np.clip(-n[:, 1], 0, 1)
    light = albedo * ((key * facing)[:, None] * np.array([1.05, 1, 0.94]) + (room + bounce)[:, None])
    away = np.clip(-(ray * n).sum(1), 0, 1)
    fresnel = gloss * (0.04 + 0.96 * (1 - away) ** 5 * (1 - roughness))
    mirror = ray + 2 * away[:, None] * n
    return light + (fresnel * (0.3 + 0.7 * ao))[:, None] * studio(mirror, roughness)


def photograph(camera, sdf, centre, radius, material):
    """The subject as supersampled premultiplied linear RGBA; `material(p)` -> albedo, gloss, roughness."""

    def near_sphere(rays):
        to_centre = np.asarray(centre, np.float32) - camera.eye
        apart = np.linalg.norm(to_centre - (rays @ to_centre)[:, None] * rays, axis=1)
        return np.flatnonzero(apart < radius), np.linalg.norm(to_centre)

    scout = Camera(*camera.given, factor=0.25)  # a small picture first: only rays near its hits are followed
    some, distance = near_sphere(scout.rays)
    found = np.zeros(len(scout.rays), np.uint8)
    _, hit = trace(lambda p: sdf(p) - 0.02, scout.eye, scout.rays[some], distance - radius, distance + radius)
    found[some[hit]] = 1
    found = cv2.dilate(found.reshape(scout.shape), np.ones((3, 3), np.uint8))
    inside = np.flatnonzero(cv2.resize(found, camera.shape[::-1], interpolation=cv2.INTER_NEAREST))
    rays = camera.rays[inside]
    t, hit = trace(sdf, camera.eye, rays, distance - radius, distance + radius)
    inside, rays, p = inside[hit], rays[hit], camera.eye + t[hit, None] * rays[hit]
    n = normals(sdf, p)
    picture = np.zeros((len(camera.rays), 4), np.float32)
    picture[inside, :3] = light_up(sdf, p, n, rays, *material(p))
    picture[inside, 3] = 1
    return picture.reshape(*camera.shape, 4)


def ground(camera, sdf, colour, reach=2.5):
    """The plane y = 0 under the subject, with its contact shadow; `colour(p)` is the surface's albedo."""

    def meet(eye, rays):
        return (eye - eye[1] / np.minimum(rays[:, 1:2], -1e-3) * rays).astype(np.float32)

    coarse = Camera(*camera.given, factor=0.5)  # soft shadows need no more
    p = meet(coarse.eye, coarse.rays)
    n = np.broadcast_to(np.array([0, 1, 0], np.float32), p.shape)
    shade = np.ones(len(p), np.float32)
    near = np.flatnonzero(np.hypot(p[:, 0] - 0.2, p[:, 2]) < reach)
    open_sky = occlusion(sdf, p[near], n[near], 0.45) * occlusion(sdf, p[near], n[near], 0.12)
    lamp = shadow(sdf, p[near] + 0.01, KEY, sharpness=3.0)
    shade[near] = (0.62 * lamp + 0.38) * (0.35 + 0.65 * open_sky)
    shade = cv2.resize(shade.reshape(coarse.shape), camera.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return colour(meet(camera.eye, camera.rays)).reshape(*camera.shape, 3) * shade[..., None]


# ---- signed distances -------------------------------------------------------------------------------------


def union(a, b, k=0.02):
    """Smooth minimum with blend width k."""
    h = np.clip(0.5 + 0.5 * (b - a) / k, 0, 1)
    return b + (a - b) * h - k * h * (1 - h)


def ball(p, centre, radius):
    return np.linalg.norm(p - np.asarray(centre, np.float32), axis=1) - radius


def egg(p, centre, radii):
    """Ellipsoid, by the first-order bound."""
    q = (p - np.asarray(centre, np.float32)) / np.asarray(radii, np.float32)
    a = np.linalg.norm(q, axis=1)
    b = np.linalg.norm(q / np.asarray(radii, np.float32), axis=1)
    return a * (a - 1) / np.maximum(b, 1e-6)


def limb(p, start, end, r0, r1):
    """A tapered capsule from `start` to `end`."""
    start, end = np.asarray(start, np.float32), np.asarray(end, np.float32)
    axis = end - start
    h = np.clip((p - start) @ axis / (axis @ axis), 0, 1)
    belly = 1 + 0.12 * np.sin(np.pi * h)
    return np.linalg.norm(p - start - h[:, None] * axis, axis=1) - (r0 + (r1 - r0) * h) * belly
