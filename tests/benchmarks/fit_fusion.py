"""What a learned fusion of a network's looks would add to the default mask, in cross-validation.

    python tests/benchmarks/fit_fusion.py FOLDER [--cache maps.pkl] [--limit 40]

FOLDER holds ``name.jpg`` with ``name.mask.png``. All is compared at 160 x 160 pixels: the looks, the rule
in use, what a choice by the truth would reach, and fusions that are fitted to four fifths of the photos. They
see every pixel's log odds in the seven outputs of three looks (mirrored, straight, the subject's crop), in
the rule in use, around it, in its superpixel and among those of like colour; its colour's odds, the
weight-free saliency, its place, and how far the looks of its photo agree. Needs pysodmetrics, scikit-learn.
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from segmentation import overlap, photos, summary
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from maskkit.engines.colour_odds import colour_cells, colour_odds
from maskkit.engines.fusion import fused
from maskkit.engines.inference import find_network, soft_maps
from maskkit.engines.min_cut import logit
from maskkit.engines.network_mask import _DECIDED, _SIDE, _decided, _together
from maskkit.engines.reduced import lab, reduced
from maskkit.engines.region_cues import among_like, region_cues, subject_chance
from maskkit.engines.slic import superpixels
from maskkit.engines.windows import over, whole

_GRID, _OUTPUTS, _FOLDS, _PIXELS = 160, 7, 5, 800
_MARGIN = 0.3  # surroundings of the subject in the third look, a side
_LEVELS = (0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
Plane = np.ndarray


class Case(NamedTuple):
    """A photo on the grid: its planes (h, w, n), the rule in use, single looks (3, h, w), outputs, truth."""

    planes: Plane
    rule: Plane
    looks: Plane
    outputs: Plane
    truth: Plane


def outputs(photo: np.ndarray, after: int) -> np.ndarray:
    """The seven outputs of one look, (7, h, w)."""
    name, path, network = find_network("u2netp")
    raw = [replace(network, output=number, activation="none") for number in range(_OUTPUTS)]
    return np.array([soft_maps(photo, (name, path, each), after=after)[0][0] for each in raw])


def three_looks(photo: np.ndarray) -> np.ndarray:
    """(3, 7, 160, 160) float16: mirrored, as it is, mirrored about the subject of the first."""
    first, second = outputs(photo, 0), outputs(photo, 1)
    window = subject_window(stretched(first[0]) > 0.5, photo.shape)
    crop = outputs(np.ascontiguousarray(photo[window]), 0)
    size = first.shape[1:]
    third = [over(plane, window, whole(photo.shape), (size[0], size[1])) for plane in crop]
    return np.array([[on_grid(plane) for plane in look] for look in (first, second, third)], np.float16)


def subject_window(mask: np.ndarray, shape: tuple[int, ...]) -> tuple[slice, slice]:
    parts = []
    for line, length in zip((mask.any(axis=1), mask.any(axis=0)), shape, strict=False):
        places = np.flatnonzero(line) if line.any() else np.arange(len(line))
        first, last = places[0] * length / len(line), (places[-1] + 1) * length / len(line)
        more = _MARGIN * (last - first) + 4
        parts.append(slice(max(0, int(first - more)), min(length, int(last + more))))
    return parts[0], parts[1]


def stretched(plane: np.ndarray) -> np.ndarray:
    plane = plane.astype(np.float32)
    return (plane - plane.min()) / max(float(np.ptp(plane)), 0.1)


def on_grid(plane: np.ndarray) -> np.ndarray:
    return cv2.resize(plane.astype(np.float32), (_GRID, _GRID), interpolation=cv2.INTER_AREA)


def case(photo: np.ndarray, truth: np.ndarray, maps: np.ndarray) -> Case:
    looks = np.array([stretched(look[0]) for look in maps])
    used = looks[:1] if _decided(looks[0]) >= _DECIDED else looks[:2]
    soft = _together(list(used))
    colours = reduced(photo, _SIDE)
    both, agreement = fused(colours, cv2.resize(soft, colours.shape[1::-1]))
    rule = on_grid(both)
    marks = np.array([agreement, _decided(soft), soft.mean(), maps[0, 0].max(), maps[0, -1].max(),
                      *(overlap(looks[0] > 0.5, look > 0.5) for look in looks[1:])])  # fmt: skip
    own = [*looks, *maps.astype(np.float32).reshape(-1, _GRID, _GRID), soft, rule, looks.mean(axis=0)]
    own += [looks.max(axis=0), looks.min(axis=0), *(cv2.GaussianBlur(soft, (0, 0), s) for s in (4, 12, 30))]
    planes = [*map(logit, own), *surroundings(on_grid_colours(colours), soft, looks.mean(axis=0)), *place()]
    planes += [np.full((_GRID, _GRID), mark) for mark in marks]
    flat = np.stack(planes, axis=-1).astype(np.float16)
    return Case(flat, rule, looks, maps.astype(np.float32), on_grid(truth) >= 0.5)


def on_grid_colours(rgb: np.ndarray) -> np.ndarray:
    return cv2.resize(rgb, (_GRID, _GRID), interpolation=cv2.INTER_AREA)


def surroundings(rgb: np.ndarray, soft: np.ndarray, mean: np.ndarray) -> list[np.ndarray]:
    """What superpixels, colours and the weight-free saliency say."""
    regions, cells = superpixels(lab(rgb), 400), colour_cells(lab(rgb))
    cues = region_cues(rgb, regions)
    told = [regions.mean(soft), regions.mean(mean), *among_like(regions, regions.mean(mean)).T[1:]]
    told += [subject_chance(regions, cues), *cues[:, (2, 4, 12)].T]
    odds = [colour_odds(cells, each, 1 - each) for each in (soft, mean)]
    return [*map(regions.spread, told), *odds]


def place() -> list[np.ndarray]:
    y, x = np.mgrid[:_GRID, :_GRID] / _GRID
    return [np.abs(x - 0.5), y, np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))]


def sampled(each: Case, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Pixels, more of those in doubt, whether they are subject, and what an error at each costs of IoU."""
    share = 0.15 + ((each.looks.max(axis=0) > 0.05) & (each.looks.min(axis=0) < 0.95))
    share = share.ravel() / share.sum()
    at = rng.choice(share.size, _PIXELS, p=share)
    cost = 1 / (share[at] * _PIXELS * max(600, np.count_nonzero(each.truth)))
    return each.planes.reshape(share.size, -1)[at].astype(np.float32), each.truth.ravel()[at], cost


def held_out(cases: list[Case], make: Callable[[], object], weight: str) -> list[np.ndarray]:
    """The chance of every pixel, from a fit to the photos of the other folds."""
    rng = np.random.default_rng(0)
    samples = [sampled(each, rng) for each in cases]
    chances: list[np.ndarray] = [np.empty(0)] * len(cases)
    for fold in range(_FOLDS):
        others = [sample for k, sample in enumerate(samples) if k % _FOLDS != fold]
        x, y, cost = (np.concatenate(column) for column in zip(*others, strict=True))
        model = make().fit(x, y, **{weight: cost / cost.mean()})
        for k in range(fold, len(cases), _FOLDS):
            planes = cases[k].planes.reshape(_GRID * _GRID, -1).astype(np.float32)
            chances[k] = model.predict_proba(planes)[:, 1].reshape(_GRID, _GRID)
    return chances


def tell(name: str, cases: list[Case], maps: Callable[[Case], list[np.ndarray]]) -> None:
    """The IoU of the map cut at one half; of several, of the one that the truth would choose."""
    summary(name, np.array([max(overlap(m > 0.5, each.truth) for m in maps(each)) for each in cases]))


def loaded(folder: Path, cache: Path | None, limit: int | None) -> list[Case]:
    kept = pickle.loads(cache.read_bytes()) if cache and cache.exists() else {}
    cases = []
    for name, photo, truth in photos(folder, limit):
        kept[name] = kept[name] if name in kept else three_looks(photo)
        cases.append(case(photo, truth, kept[name]))
    if cache:
        cache.write_bytes(pickle.dumps(kept))
    return cases


def tell_maps(cases: list[Case]) -> None:
    for number, name in enumerate(("mirrored", "straight", "crop")):
        tell(name, cases, lambda each, number=number: [each.looks[number]])
    tell("the rule in use", cases, lambda each: [each.rule])
    tell("best of two looks", cases, lambda each: [*each.looks[:2]])
    tell("best of three looks", cases, lambda each: [*each.looks])
    tell("best of 21 outputs", cases, lambda each: [*each.outputs.reshape(-1, _GRID, _GRID)])
    tell("best level of the rule", cases, lambda each: [each.rule + 0.5 - level for level in _LEVELS])


def tell_fit(name: str, cases: list[Case], make: Callable[[], object], weight: str) -> None:
    chances = held_out(cases, make, weight)
    alone = [overlap(c > 0.5, each.truth) for c, each in zip(chances, cases, strict=True)]
    mixed = [overlap(c + each.rule > 1, each.truth) for c, each in zip(chances, cases, strict=True)]
    summary(name, np.array(alone))
    summary("  its mean with the rule", np.array(mixed))


def logistic() -> object:
    return make_pipeline(StandardScaler(), LogisticRegression(C=1e-2, max_iter=200))


def trees() -> object:
    return HistGradientBoostingClassifier(
        learning_rate=0.06, max_depth=4, max_iter=80, min_samples_leaf=600, l2_regularization=20,
        early_stopping=False, random_state=0,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, help="where the network's maps are kept from run to run")
    parser.add_argument("--limit", type=int)
    asked = parser.parse_args()
    cases = loaded(asked.folder, asked.cache, asked.limit)
    tell_maps(cases)
    tell_fit("logistic", cases, logistic, "logisticregression__sample_weight")
    tell_fit("boosted trees", cases, trees, "sample_weight")


if __name__ == "__main__":
    main()
