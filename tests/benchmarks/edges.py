"""What refining and decontaminating reach: tables on photos with a known alpha, time and memory.

    MASKKIT_SHARED=... python -m tests.benchmarks.edges [inputs photos network perturbed colour speed]

``photos`` needs data/eval/alphamatting of the shared folder (13 photos of the alphamatting.com training set,
Rhemann et al. 2009). Two hard masks are made of each alpha: "exact", alpha >= 0.5, and "smooth", the same
after a Gaussian of 1% of the long side, which has lost the hair, as masks of segmentation networks have.
``inputs`` shows how far the error before any refining depends on how the hard mask is made; ``perturbed``
asks whether the gain holds on masks and photos that no constant of the matting was chosen on.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np

import maskkit as mk
from tests.benchmarks import rhemann

ROOT = Path(__file__).parents[2]
PHOTOS = Path(os.environ.get("MASKKIT_SHARED", ROOT.parent / "shared")) / "data/eval/alphamatting"
SCENES = ("figure", "hair", "mesh", "motion", "product", "glass")
SIZED = """
import sys, time, resource, cv2, numpy as np, maskkit as mk
mk.set_threads(1); cv2.setNumThreads(1)
mode, megapixels = sys.argv[1], float(sys.argv[2])
photo, alpha = mk.read(sys.argv[3]).pixels[..., :3], mk.read_mask(sys.argv[4])
scale = (megapixels * 1e6 / alpha.size) ** 0.5
photo = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
mask = cv2.resize(alpha, photo.shape[1::-1]) > 127
before = time.process_time(), time.perf_counter()
matte = mk.refine(photo, mask, mode)
middle = time.process_time()
mk.decontaminate(photo, matte)
end = time.process_time(), time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
print(f"{middle - before[0]:6.2f} s refine, {end[0] - middle:6.2f} s decontaminate (CPU); "
      f"{end[1] - before[1]:6.2f} s wall; peak {peak:.0f} MB of the process")
"""


def exact(alpha):
    return alpha >= 0.5


def smooth(alpha, share=0.01):
    return cv2.GaussianBlur(exact(alpha).astype(np.float32), (0, 0), share * max(alpha.shape)) >= 0.5


def known():
    for path in sorted(PHOTOS.glob("GT[0-9][0-9].png")):
        alpha = cv2.imread(str(path.with_suffix(".alpha.png")), cv2.IMREAD_GRAYSCALE) / np.float32(255)
        trimap = cv2.imread(str(path.with_suffix(".trimap.png")), cv2.IMREAD_GRAYSCALE)
        yield cv2.imread(str(path))[..., ::-1].copy(), alpha, trimap


def inputs():
    """The errors of hard masks made in other ways, and what a plain guided filter makes of them."""
    ways = {
        "alpha >= 0.5": exact,
        "alpha > 0": lambda alpha: alpha > 0,
        "alpha > 0.12": lambda alpha: alpha > 0.12,
        "alpha > 0.88": lambda alpha: alpha > 0.88,
        "opened by 3 px": lambda alpha: opened(exact(alpha), 3),
        "opened by 7 px": lambda alpha: opened(exact(alpha), 7),
        "eroded by 1 px": lambda alpha: cv2.erode(exact(alpha).astype(np.uint8), disc(1)) > 0,
        "dilated by 1 px": lambda alpha: cv2.dilate(exact(alpha).astype(np.uint8), disc(1)) > 0,
        "smoothed by 0.6%": lambda alpha: smooth(alpha, 0.006),
        "smoothed by 1%": smooth,
        "smoothed by 1.25%": lambda alpha: smooth(alpha, 0.0125),
        "> 0.9, opened 3, closed 5, dilated 1": lambda alpha: (
            cv2.dilate(closed(opened(alpha >= 0.9, 3), 5).astype(np.uint8), disc(1)) > 0
        ),
    }
    print("\nthe mask itself, and after the guided filter of 1%: median of 13 (mean), SAD, MSE, Grad, Conn")
    for name, make in ways.items():
        pairs = [(photo, make(alpha), alpha) for photo, alpha, _ in known()]
        report(name, [list(rhemann.errors(m.astype(np.float32), a).values()) for _, m, a in pairs], "")
        report("", [list(rhemann.errors(guided(p, m), a).values()) for p, m, a in pairs], "guided")


def opened(mask, radius):
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, disc(radius)) > 0


def closed(mask, radius):
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, disc(radius)) > 0


def disc(radius):
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def guided(photo, mask):
    return np.clip(mk.guided_filter(photo, mask, round(0.01 * max(mask.shape)), 1e-5), 0, 1)


def photos():
    if not PHOTOS.is_dir():
        print(f"no photos at {PHOTOS}")
        return
    methods = {
        "the mask itself": lambda photo, mask: mask.astype(np.float32),
        "guided filter, 1%": guided,
        'mode="edge"': lambda photo, mask: mk.refine(photo, mask) / np.float32(255),
        'mode="hair"': lambda photo, mask: mk.refine(photo, mask, "hair") / np.float32(255),
    }
    for make in (exact, smooth):
        print(
            f"\n{make.__name__} mask: median of 13 (mean), SAD, MSE, Grad, Conn; worst SAD against the mask's"
        )
        for name, method in methods.items():
            rows, ratios, seconds = [], [], 0.0
            for photo, alpha, _ in known():
                mask = make(alpha)
                start = time.perf_counter()
                matte = method(photo, mask)
                seconds += time.perf_counter() - start
                rows.append(list(rhemann.errors(matte, alpha).values()))
                ratios.append(rows[-1][0] / rhemann.sad(mask, alpha))
            report(name, rows, f"worst {max(ratios):.2f}  {seconds:.1f} s")
    rows = []
    for photo, alpha, trimap in known():
        kind = np.where(trimap < 5, 0, np.where(trimap > 250, 255, 128)).astype(np.uint8)
        rows.append(list(rhemann.errors(mk.refine(photo, kind, "trimap") / np.float32(255), alpha).values()))
    print("\nthe set's own trimaps")
    report('mode="trimap"', rows, "")


def network():
    """From the default network's mask to a matte; paired with the mask refined as it is, soft as it came."""
    rows = {}
    for photo, alpha, _ in known():
        found = mk.estimate(photo)
        cut = found.alpha > 0.5
        if not found.coarse or (cut & exact(alpha)).sum() <= 0.7 * (cut | exact(alpha)).sum():
            continue
        mattes = {"the map": found.alpha, "the map, edge": mk.refine(photo, found.alpha) / np.float32(255)}
        for mode in ("edge", "hair"):
            mattes[f"cut, {mode}"] = mk.refine(photo, cut, mode) / np.float32(255)
        mattes["the map, soft"] = mk.refine(photo, found.alpha, "soft") / np.float32(255)
        for name, matte in mattes.items():
            rows.setdefault(name, []).append(list(rhemann.errors(matte, alpha).values()))
    print("\nthe default network's mask where its IoU is above .7: median (mean), SAD, MSE, Grad, Conn")
    for name, errors in rows.items():
        report(name, errors, f"{len(errors)} photos")


def perturbed():
    """A guard against overfit: other blurs of the mask, mirrored, turned and half-size photos.

    SAD against the mask's own, so that sizes compare; the worst of the 13 must stay below 1.
    """
    if not PHOTOS.is_dir():
        print(f"no photos at {PHOTOS}")
        return
    whole = [(photo, alpha) for photo, alpha, _ in known()]
    half = [
        tuple(cv2.resize(a, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for a in p) for p in whole
    ]
    cases = {
        "smoothed by 0.7%": (whole, lambda alpha: smooth(alpha, 0.007)),
        "smoothed by 1% (as above)": (whole, smooth),
        "smoothed by 1.5%": (whole, lambda alpha: smooth(alpha, 0.015)),
        "mirrored": ([tuple(np.ascontiguousarray(a[:, ::-1]) for a in pair) for pair in whole], smooth),
        "turned by 90 degrees": ([tuple(np.rot90(a).copy() for a in p) for p in whole], smooth),
        "half size": (half, smooth),
        "half size, exact": (half, exact),
    }
    print("\nSAD, the refined matte's over the mask's: median (worst) of 13, edge; hair")
    for name, (pairs, make) in cases.items():
        print(f"{name:26s} " + "   ".join(gain(pairs, make, mode) for mode in ("edge", "hair")))


def gain(pairs, make, mode):
    ratios = [
        rhemann.sad(mk.refine(photo, make(alpha), mode) / np.float32(255), alpha)
        / rhemann.sad(make(alpha).astype(np.float32), alpha)
        for photo, alpha in pairs
    ]
    return f"{np.median(ratios):.2f} ({max(ratios):.2f})"


def report(name, rows, rest):
    cells = [f"{m:5.2f} ({a:5.2f})" for m, a in zip(np.median(rows, 0), np.mean(rows, 0), strict=True)]
    print(f"{name:18s} {'  '.join(cells)}  {rest}")


def colour():
    """Alpha-weighted colour error in the soft band, known foregrounds; 100% is the photo's own colour."""
    print("\ncolour error removed: rendered scenes (light mixes), then the same mixed as sRGB values")
    print("          " + 2 * "   plain  linear  pymatting ml")
    table = []
    for name in SCENES:
        paths = [
            ROOT / f"sample_files/{name}{part}.png" for part in ("", ".foreground", ".backdrop", ".alpha")
        ]
        photo, subject, behind = (mk.read(path).pixels[..., :3] for path in paths[:3])
        alpha = mk.read_mask(paths[3])
        weight = (alpha / np.float32(255))[..., None]
        plain = np.rint(weight * subject + (1 - weight) * behind).astype(np.uint8)
        row = [share for picture in (photo, plain) for share in removed(picture, subject, alpha)]
        table.append(row)
        print(f"{name:10s} " + " ".join(f"{share:8.0%}" for share in row))
    print(f"{'median':10s} " + " ".join(f"{share:8.0%}" for share in np.median(table, 0)))


def removed(picture, subject, alpha):
    """The share of the error that each estimate takes away; NaN for pymatting where it is not installed."""
    weight = alpha / 255
    estimates = [mk.decontaminate(picture, alpha, linear=linear) for linear in (False, True)]
    try:
        from pymatting import estimate_foreground_ml
    except ImportError:
        estimates.append(np.full(picture.shape, np.nan))
    else:
        estimates.append(estimate_foreground_ml(picture / 255, weight) * 255)
    naive = error(picture, subject, weight)
    return [1 - error(estimate, subject, weight) / naive for estimate in estimates]


def error(colour_, truth, alpha):
    soft = (alpha > 0.01) & (alpha < 0.99)
    gap = np.abs(colour_.astype(np.float32) - truth).mean(2)
    return (gap * alpha)[soft].sum() / alpha[soft].sum()


def speed():
    print("\none thread, a fresh process each")
    for megapixels in (12, 24):
        for mode in ("edge", "hair"):
            for scene in ("product", "hair"):
                files = [str(ROOT / f"sample_files/{scene}{part}.png") for part in ("", ".alpha")]
                command = [sys.executable, "-c", SIZED, mode, str(megapixels), *files]
                answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
                print(f"{megapixels} MP {mode:5s} {scene:8s} {answer.stdout.strip()}")


if __name__ == "__main__":
    for part in sys.argv[1:] or ("inputs", "photos", "network", "perturbed", "colour", "speed"):
        globals()[part]()
