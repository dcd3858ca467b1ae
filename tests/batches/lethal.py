"""An engine of another package: where a photo says so it takes its process with it, or the photo grows."""

import os
import signal
from pathlib import Path

import numpy as np

from maskkit.engines import Estimate
from maskkit.engines.registry import EngineSpec

DEADLY, GROWING = 255, 254  # of the first pixel's red


def cut(photo):
    if photo[0, 0, 0] == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    if photo[0, 0, 0] == GROWING:  # its writer was not done
        with Path("photos/001.png").open("ab") as file:
            file.write(b"more")
    return Estimate(np.ones(photo.shape[:2], np.float32), 0.5, "lethal")


spec = EngineSpec("lethal", "lethal:cut", "for tests", finished=True)
