"""An engine of another package, which takes its process with it where a photo says so."""

import os
import signal

import numpy as np

from maskkit.engines import Estimate
from maskkit.engines.registry import EngineSpec

DEADLY = 255  # of the first pixel's red


def cut(photo):
    if photo[0, 0, 0] == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    return Estimate(np.ones(photo.shape[:2], np.float32), 0.5, "lethal")


spec = EngineSpec("lethal", "lethal:cut", "for tests", finished=True)
