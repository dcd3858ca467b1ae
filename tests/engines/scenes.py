"""Scenes whose true alpha and colour are known, made of formulas."""

import cv2
import numpy as np


def disc(height=300, width=400, radius=90, colour=(180, 40, 30), noise=2.0):
    """A disc on a backdrop that gets darker downwards, and its true mask."""
    y, x = np.mgrid[:height, :width]
    inside = (x - width / 2) ** 2 + (y - height / 2) ** 2 < radius**2
    photo = np.repeat((210 - 40 * y / height)[..., None], 3, axis=2)
    photo[inside] = colour
    photo += np.random.default_rng(5).normal(0, noise, photo.shape)
    return photo.clip(0, 255).astype(np.uint8), inside


def hairy_ball(height=240, width=320):
    """A ball with strands finer than a pixel: alpha, rendered at four times the size."""
    rng = np.random.default_rng(3)
    large = np.zeros((height * 4, width * 4), np.uint8)
    centre, radius = (width * 2, height * 2), height * 5 // 4
    cv2.circle(large, centre, radius, 255, -1)
    for angle in rng.uniform(0, 2 * np.pi, 50):
        root = [c + radius * f(angle) for c, f in zip(centre, (np.cos, np.sin), strict=True)]
        tip = [c + 120 * f(angle + 0.4) for c, f in zip(root, (np.cos, np.sin), strict=True)]
        cv2.line(large, tuple(map(int, root)), tuple(map(int, tip)), 255, 3)
    return cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def before(alpha, foreground, backdrop, noise=0.0, gamma=2.2):
    """``alpha F + (1 - alpha) B`` in light of that gamma, as a uint8 photo; F and B are (3,) or (H, W, 3)."""
    light = [np.asarray(colour) ** gamma for colour in (foreground, backdrop)]
    mixed = alpha[..., None] * light[0] + (1 - alpha[..., None]) * light[1]
    mixed = mixed ** (1 / gamma) * 255 + np.random.default_rng(7).normal(0, noise, mixed.shape)
    return np.rint(mixed).clip(0, 255).astype(np.uint8)


def iou(alpha, truth):
    """Intersection over union of ``alpha >= 0.5`` and a bool mask."""
    kept = alpha >= 0.5
    return np.count_nonzero(kept & truth) / np.count_nonzero(kept | truth)
