"""Subjects before a plain backdrop that a coarse mask loses: ropes, spokes, combs, rings, highlights."""

import cv2
import numpy as np

_FINE = 4  # drawn this many times larger, then averaged


def _photo(truth, colour, backdrop=(232, 232, 230), noise=1.5, seed=0):
    """The photo (H, W, 3) uint8 of a coverage (H, W) 0-1 in a colour, and the bool mask of the coverage."""
    height, width = truth.shape
    y, x = np.mgrid[-0.5 : 0.5 : height * 1j, -0.5 : 0.5 : width * 1j].astype(np.float32)
    light = (1 + 0.06 * x - 0.08 * y)[..., None]
    behind = np.float32(backdrop) * light
    mixed = behind + truth[..., None] * (np.float32(colour) - behind)
    mixed += np.random.default_rng(seed).normal(0, noise, mixed.shape).astype(np.float32)
    return np.clip(mixed, 0, 255).astype(np.uint8), truth >= 0.5


def _drawn(height, width, draw, fine=_FINE):
    canvas = np.zeros((height * fine, width * fine), np.uint8)
    draw(canvas, fine)
    return cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def rope(height, width, thick, colour=(150, 90, 40), fine=_FINE):
    """A hanging rope, ``thick`` pixels wide, from side to side of the picture's middle."""

    def draw(canvas, fine):
        x = np.linspace(0.12, 0.88, 400)
        y = 0.45 + 0.2 * np.sin(5 * x) + 0.08 * np.sin(17 * x)
        points = np.stack([x * canvas.shape[1], y * canvas.shape[0]], 1)
        cv2.polylines(canvas, [np.rint(points).astype(np.int32)], False, 255, round(thick * fine))

    return _photo(_drawn(height, width, draw, fine), colour)


def wheel(height=480, width=640, spoke=2.0):
    """A bicycle wheel: a tyre, a hub, 24 spokes."""

    def draw(canvas, fine):
        middle = np.array([canvas.shape[1] / 2, canvas.shape[0] / 2])
        radius = 0.4 * canvas.shape[0]
        centre = tuple(np.rint(middle).astype(int))
        cv2.circle(canvas, centre, round(radius), 255, 12 * fine)
        cv2.circle(canvas, centre, 12 * fine, 255, -1)
        for turn in np.linspace(0, 2 * np.pi, 24, endpoint=False):
            end = middle + radius * np.array([np.cos(turn), np.sin(turn)])
            cv2.line(canvas, centre, tuple(np.rint(end).astype(int)), 255, round(spoke * fine))

    return _photo(_drawn(height, width, draw), (40, 42, 48))


def comb(height=480, width=640, bars=8, gap=5):
    """A comb: a back and ``bars`` bars, gaps of ``gap`` pixels."""

    def draw(canvas, fine):
        wide = 24
        left, top = width / 2 - bars * (wide + gap) / 2, 0.25 * height
        right = left + bars * (wide + gap) - gap
        cv2.rectangle(canvas, (int(left * fine), int(top * fine)),
                      (int(right * fine), int((top + 40) * fine)), 255, -1)  # fmt: skip
        for k in range(bars):
            x = left + k * (wide + gap)
            cv2.rectangle(canvas, (int(x * fine), int(top * fine)),
                          (int((x + wide) * fine), int((top + 220) * fine)), 255, -1)  # fmt: skip

    return _photo(_drawn(height, width, draw), (60, 80, 150))


def ring(height=480, width=640):
    """A ring, thick as a finger of it."""

    def draw(canvas, fine):
        centre = canvas.shape[1] // 2, canvas.shape[0] // 2
        cv2.ellipse(canvas, centre, (150 * fine, 120 * fine), 20, 0, 360, 255, 30 * fine)

    return _photo(_drawn(height, width, draw), (200, 160, 60))


def highlight(height=480, width=640, radius=28, soft=2.5, white=255):
    """A coloured ball on white with a white highlight in it, which belongs to it."""
    truth = _drawn(
        height, width, lambda c, f: cv2.circle(c, (width * f // 2, height * f // 2), 150 * f, 255, -1)
    )
    photo, mask = _photo(truth, (190, 40, 50), backdrop=(250, 250, 250), noise=1.0)
    place = int(width * 0.45), int(height * 0.42)

    def draw(canvas, fine):
        cv2.circle(canvas, (place[0] * fine, place[1] * fine), radius * fine, 255, -1)

    shine = _drawn(height, width, draw)
    shine = cv2.GaussianBlur(shine, (0, 0), soft)[..., None] if soft else shine[..., None]
    return np.clip(photo + shine * (white - photo.astype(np.float32)), 0, 255).astype(np.uint8), mask


SCENES = {
    "rope of 2 px at 640": lambda: rope(480, 640, 2),
    "rope of 3 px at 640": lambda: rope(480, 640, 3),
    "wheel": wheel,
    "comb": comb,
    "comb, narrow gaps": lambda: comb(gap=3),
    "ring": ring,
    "highlight": highlight,
    "highlight, sharp": lambda: highlight(soft=0),
    "highlight, large": lambda: highlight(radius=45),
    "rope of 8 px at 12 MP": lambda: rope(3000, 4000, 8, fine=1),
}
