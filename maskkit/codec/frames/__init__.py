"""Sequences of pictures: animations, numbered folders and video, a frame at a time.

verbs.py    read_frames and write_frames             frame.py     Frame and Frames
finding.py  what a path or bytes hold
canvas.py   what the parts of an animation show      clock.py     seconds to whole ticks
apng.py gif.py webp.py folder.py                     one format each, read and written
stills.py   AVIF sequences, pages, one still         video.py, video_writing.py   by PyAV
"""

from maskkit.codec.frames.finding import frames_of, is_path, sequence_in
from maskkit.codec.frames.frame import Frame, Frames
from maskkit.codec.frames.verbs import check_output, read_frames, write_frames

__all__ = [
    "Frame",
    "Frames",
    "check_output",
    "frames_of",
    "is_path",
    "read_frames",
    "sequence_in",
    "write_frames",
]
