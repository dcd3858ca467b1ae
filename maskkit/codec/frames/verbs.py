"""The verbs: a sequence read from whatever holds one, and written to whatever its target's name says."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Literal, get_args

from maskkit.checks import check_choice, check_whole
from maskkit.codec.deflate import Compression
from maskkit.codec.formats import Format, format_to_write
from maskkit.codec.frames.finding import frames_of, is_path
from maskkit.codec.frames.folder import write_folder
from maskkit.codec.frames.frame import Frame, Frames
from maskkit.codec.options import Options
from maskkit.codec.picture import Picture
from maskkit.codec.replacing import atomic, atomic_folder
from maskkit.codec.sources import MAX_PIXELS, FileInput, shown
from maskkit.codec.writing import writing
from maskkit.errors import CodecError
from maskkit.keywords import keywords

__all__ = ["VideoCodec", "check_output", "read_frames", "write_frames"]

VideoCodec = Literal["prores", "vp9", "ffv1", "h264"]
_ANIMATIONS = {".png": "apng", ".apng": "apng", ".webp": "webp", ".gif": "gif", ".avif": "avif"}
_VIDEOS = (".mov", ".webm", ".mkv", ".mp4")


@keywords()
def read_frames(
    source: FileInput, *, fps: float | Fraction | None = None, max_pixels: int = MAX_PIXELS
) -> Frames:
    """The frames of an animation, a numbered folder or a video, one at a time.

    GIF, APNG, WebP and AVIF sequences are read, pages of TIFF, a still as one frame, and with the extra
    ``video`` what FFmpeg reads. Each frame is the whole picture as it is seen, whatever part of it the file
    stores; memory is that of a few frames, however many there are.

    Parameters
    ----------
    source : path, bytes, or binary file object
        A file, a folder, or a pattern of files: ``"shot/frame_*.png"``. Files are ordered by their numbers.
        A video is read from its path alone.
    fps : float, optional
        Frames a second of a folder, or of pages, which have no times; 25 unless it is said.
    max_pixels : int
        Refuse larger frames before decoding them.

    Returns
    -------
    Frames
        What is known of the whole; a loop over it gives `Frame` after `Frame`.

    Raises
    ------
    CodecError
        There is nothing to read, it is damaged, frames differ in size, or a number is missing. What is found
        only on the way is raised there.
    MissingExtraError
        A video, without the extra ``video``.

    Examples
    --------
    >>> import io, tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     red, blue = (Image.new("RGB", (4, 3), colour) for colour in ("red", "blue"))
    ...     red.save(f"{folder}/a.gif", save_all=True, append_images=[blue], duration=[200, 300], loop=0)
    ...     frames = read_frames(f"{folder}/a.gif")
    ...     times = [float(one.seconds) for one in frames]
    >>> frames.size, frames.count, frames.plays, times
    ((4, 3), 2, 0, [0.2, 0.3])
    """
    return frames_of(source, fps, max_pixels)


@keywords()
def write_frames(
    target: str | os.PathLike[str] | BinaryIO,
    frames: Iterable[Frame],
    *,
    plays: int | None = None,
    codec: VideoCodec | None = None,
    tick: Fraction | None = None,
    format: Format | Literal["gif"] | None = None,
    quality: int | None = None,
    lossless: bool | None = None,
    compression: Compression = "fast",
    bits: Literal[8, 16] | None = None,
    associated: bool = False,
) -> None:
    """Write frames to an animation, a numbered folder or a video, one at a time, whole or not at all.

    Parameters
    ----------
    target : path, or binary file object
        ``.png`` or ``.apng``, ``.webp``, ``.gif``, ``.avif``; ``.mov``, ``.webm``, ``.mkv`` or ``.mp4`` with
        the extra ``video``; a name without suffix is a folder, which must not hold anything. A file object
        takes an animation, once all of it is made.
    frames : Frames, or any iterable of Frame
    plays : int, optional
        How often an animation is shown, 0 without end; else what the frames say.
    codec : "prores", "vp9", "ffv1" or "h264"
        Of a video; else ProRes 4444 in ``.mov``, VP9 in ``.webm``, FFV1 in ``.mkv``, H.264 in ``.mp4``. All
        but H.264 hold alpha.
    tick : Fraction, optional
        Seconds of which a video's times are multiples; else what the frames say, or 1/1000.
    format : str
        Of a folder's files; PNG unless it is said. Of a file object's animation: "png" (which is APNG),
        "webp", "gif" or "avif".
    quality, lossless, compression, bits, associated :
        As in `maskkit.write`. APNG and folders keep 16 bits, ProRes 10, FFV1 16.

    Raises
    ------
    CodecError
        The name says no format, it cannot hold the frames, they differ in size, there are none, or
        something else than a frame is among them.
    MissingExtraError
        A video, without the extra ``video``.

    Warns
    -----
    MaskkitWarning
        GIF, for soft alpha, which it cuts at one half, and for more than 50 frames a second. AVIF, for
        ``plays`` other than 0, which it does not hold.

    Examples
    --------
    >>> import numpy as np, tempfile
    >>> from maskkit.codec import Picture
    >>> shades = [np.full((2, 3, 4), shade, np.uint8) for shade in (90, 200)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_frames(f"{folder}/a.png", (Frame(Picture(one), Fraction(1, 3)) for one in shades), plays=2)
    ...     again = read_frames(f"{folder}/a.png")
    ...     shown = [one.picture.pixels[0, 0].tolist() for one in again]
    >>> shown, again.plays
    ([[90, 90, 90, 90], [200, 200, 200, 200]], 2)
    """
    kind = check_output(target, codec, format)
    options = Options(quality, lossless, None, None, compression, bits, associated)
    if associated and kind != "folder":
        raise CodecError(f"associated: {kind} holds straight alpha; use a folder of tiff")
    plays = check_whole(getattr(frames, "plays", 0) if plays is None else plays, "plays", least=0)
    if not isinstance(target, (str, os.PathLike)):
        made = io.BytesIO()
        _write_animation(made, kind, frames, plays, options)
        with writing("the file object"):
            target.write(made.getvalue())
        return
    if kind == "folder":
        with atomic_folder(target) as folder:
            write_folder(folder, _alike(frames), format_to_write(format or "png"), options)
        return
    if kind == "video":
        from maskkit.codec.frames.video_writing import film_of, write_video

        beat = tick or getattr(frames, "tick", None) or Fraction(1, 1000)
        film = film_of(_suffix(target), codec, beat, options)
        with atomic(target) as temporary:
            write_video(temporary, _alike(frames), film)
        return
    with atomic(target) as temporary, temporary.open("wb") as file:
        _write_animation(file, kind, frames, plays, options)


def check_output(target: object, codec: str | None = None, format: str | None = None) -> str:
    """What the target's name says, an animation's kind, "video" or "folder". CodecError for any other."""
    if codec is not None:
        check_choice(codec, "codec", get_args(VideoCodec))
    if not is_path(target):
        return _animation_of(format)
    name, suffix = os.fsdecode(target), _suffix(target)
    if not suffix or name.endswith(("/", os.sep)) or Path(name).is_dir():
        format_to_write(format or "png")
        return "folder"
    if suffix in _VIDEOS:
        from maskkit.codec.frames.video import av_library
        from maskkit.codec.frames.video_writing import film_of

        av_library()
        film_of(suffix, codec, Fraction(1), Options())
        return "video"
    if suffix not in _ANIMATIONS:
        need = ", ".join((*_ANIMATIONS, *_VIDEOS))
        raise CodecError(f"{shown(target)}: unknown container {suffix!r}; need one of {need}, or a folder")
    return _ANIMATIONS[suffix]


def _suffix(target: str | os.PathLike[str]) -> str:
    return Path(os.fsdecode(target)).suffix.lower()


def _animation_of(format: str | None) -> str:
    known = {suffix.removeprefix("."): kind for suffix, kind in _ANIMATIONS.items()}
    if format is None:
        raise CodecError("format: a file object has no extension; say which format")
    check_choice(format, "format", tuple(known))
    return known[format]


def _write_animation(
    file: BinaryIO, kind: str, frames: Iterable[Frame], plays: int, options: Options
) -> None:
    if kind == "apng":
        from maskkit.codec.frames.apng import write_apng

        write_apng(file, _alike(frames), plays, options)
    elif kind == "webp":
        from maskkit.codec.frames.webp import write_webp

        write_webp(file, _alike(frames), plays, options)
    elif kind == "avif":
        from maskkit.codec.frames.avif import write_avif

        write_avif(file, _alike(frames), plays, options)
    else:
        from maskkit.codec.frames.gif import write_gif

        write_gif(file, _alike(frames), plays)


def _alike(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The frames, which are of one size. CodecError where there is none, or something else among them."""
    if not isinstance(frames, Iterable):
        raise CodecError(f"frames: need Frames, or an iterable of Frame, got {type(frames).__name__}")
    size: tuple[int, int] | None = None
    for number, frame in enumerate(frames, 1):
        if not isinstance(frame, Frame):
            raise CodecError(f"frame {number}: need a Frame, got {type(frame).__name__}")
        if not isinstance(frame.picture, Picture):
            raise CodecError(f"frame {number}: need a Picture in it, got {type(frame.picture).__name__}")
        size = size or frame.picture.size
        if frame.picture.size != size:
            told = "{}x{} where the first has {}x{}".format(*frame.picture.size, *size)
            raise CodecError(f"frame {number}: frames of different sizes: {told}")
        yield frame
    if size is None:
        raise CodecError("frames: need at least one, got none")
