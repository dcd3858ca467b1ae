"""Sequences: an animation, a numbered folder or a video, cut out or composited frame by frame.

verb.py    the verb                          beside.py   masks and backdrops, a frame each
steady.py  masks that follow the motion from frame to frame
"""

from maskkit.sequences.verb import Written, frames

__all__ = ["Written", "frames"]
