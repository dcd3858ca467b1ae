"""The sample scenes as ground truth: `for scene in SCENES: scene.photo, scene.alpha, scene.foreground`."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).resolve().parents[1] / "sample_files"


@dataclass(frozen=True)
class Scene:
    """One photo with its true alpha; `subject` names the scene whose alpha and foreground it has."""

    name: str
    subject: str

    def _read(self, file: str) -> np.ndarray:
        with Image.open(FOLDER / file) as picture:
            return np.asarray(picture)

    @property
    def path(self) -> Path:
        """The photo's file."""
        return FOLDER / f"{self.name}.png"

    @cached_property
    def photo(self) -> np.ndarray:
        """(H, W, 3) uint8."""
        return self._read(f"{self.name}.png")

    @cached_property
    def alpha(self) -> np.ndarray:
        """(H, W) uint8, exact."""
        return self._read(f"{self.subject}.alpha.png")

    @cached_property
    def foreground(self) -> np.ndarray:
        """(H, W, 3) uint8, straight colour, also under alpha 0."""
        return self._read(f"{self.subject}.foreground.png")

    @cached_property
    def backdrop(self) -> np.ndarray:
        """(H, W, 3) uint8, what is behind the subject."""
        return self._read(f"{self.name}.backdrop.png")


SCENES = [Scene(name, name) for name in ("hair", "motion", "glass", "mesh", "product", "figure")]
PLATES = [Scene("glass_green", "glass"), Scene("glass_blue", "glass"), Scene("greenscreen", "hair")]
