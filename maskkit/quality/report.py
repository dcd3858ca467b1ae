"""What an inspection finds, as frozen records."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from numbers import Real

from maskkit.errors import PixelError

__all__ = ["LIMITS", "WARNINGS", "Box", "Finding", "Inspection", "limits_with"]

Box = tuple[int, int, int, int]

# check -> the largest value that passes. Calibrated on rendered scenes with planted faults, see the tests.
LIMITS: Mapping[str, float] = {
    "empty": 0.0,  # 1 if nothing is kept
    "full": 0.0,  # 1 if nothing is removed
    "inverted": 0.75,  # share of the frame that is kept
    "frame": 0.005,  # the same: a subject cut off by the picture's border
    "islands": 0.0,  # parts far from the subject and small against it
    "pinholes": 0.0,  # small holes deep inside
    "hard": 0.8,  # share of the contour without a soft pixel: a staircase
    "banding": 0.75,  # share of the 32 steps of alpha that no soft pixel has
    "premultiplied": 0.0,  # 1 if the colour is multiplied by the alpha
    "fringe": 0.3,  # share of the old background in the edge's colour
    "hidden": 0.05,  # share of the area under alpha 0 that still holds a picture
}

# Often meant: a portrait leaves the frame, and Adobe's own cutouts keep the photo under alpha 0.
WARNINGS = frozenset({"frame", "hidden"})


@dataclass(frozen=True)
class Finding:
    """One measure: its value, the largest that passes, and where it is exceeded.

    ``spots`` are boxes (left, top, right, bottom), the worst first; ``value`` is None where it cannot be
    measured.
    """

    check: str
    value: float | None
    limit: float
    text: str
    spots: tuple[Box, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the value is within its limit, or could not be measured."""
        return self.value is None or self.value <= self.limit

    @property
    def verdict(self) -> str:
        """``"ok"``, ``"unknown"``, ``"warning"`` or ``"fault"``."""
        if self.value is None:
            return "unknown"
        return "ok" if self.ok else "warning" if self.check in WARNINGS else "fault"


@dataclass(frozen=True)
class Inspection:
    """All findings about a cutout."""

    size: tuple[int, int]
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is a fault; warnings pass."""
        return not self.faults

    @property
    def faults(self) -> tuple[str, ...]:
        """The checks that failed."""
        return tuple(finding.check for finding in self.findings if finding.verdict == "fault")

    @property
    def warnings(self) -> tuple[str, ...]:
        """The checks beyond their limits that are often meant."""
        return tuple(finding.check for finding in self.findings if finding.verdict == "warning")

    def __getitem__(self, check: str) -> Finding:
        """The finding of a check by its name."""
        return next(finding for finding in self.findings if finding.check == check)

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        rows = [{**asdict(finding), "verdict": finding.verdict} for finding in self.findings]
        return {"size": self.size, "passed": self.passed, "findings": rows}

    def _repr_html_(self) -> str:
        """The table of `str`, for Jupyter: what exceeds its limit stands out."""
        rows = "".join(_row(finding) for finding in self.findings)
        said = f"{self.size[0]} x {self.size[1]} pixels: {'passed' if self.passed else 'failed'}"
        heads = "".join(f'<th scope="col">{name}</th>' for name in ("", "check", "value", "limit", "meaning"))
        return f"<table><caption>{said}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"

    def __str__(self) -> str:
        """A table: verdict, check, value, limit, and what it means."""
        lines = [f"{self.size[0]}x{self.size[1]}: {'passed' if self.passed else 'failed'}"]
        for finding in self.findings:
            value = "-" if finding.value is None else f"{finding.value:.3g}"
            row = (
                f"{finding.verdict:8} {finding.check:9} {value:>7} (limit {finding.limit:g})  {finding.text}"
            )
            lines.append(row)
        return "\n".join(lines)


def _row(finding: Finding) -> str:
    value = "-" if finding.value is None else f"{finding.value:.3g}"
    cells = (finding.verdict, finding.check, value, f"{finding.limit:g}", finding.text)
    weight = ' style="font-weight:bold"' if finding.verdict in ("fault", "warning") else ""
    return f"<tr{weight}>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def limits_with(changes: Mapping[str, float] | None) -> dict[str, float]:
    """`LIMITS` with some of them changed.

    >>> limits_with({"islands": 2})["islands"]
    2
    """
    changes = {} if changes is None else changes
    if not isinstance(changes, Mapping):
        raise PixelError(f"limits: need a mapping of checks to numbers, got {type(changes).__name__}")
    unknown = set(changes) - set(LIMITS)
    if unknown:
        raise PixelError(f"limits: unknown check {sorted(unknown)[0]!r}; need one of {', '.join(LIMITS)}")
    for check, limit in changes.items():
        if not (isinstance(limit, Real) and not math.isnan(limit)):
            raise PixelError(f"limits: need a number for {check}, got {limit!r}")
    return {**LIMITS, **changes}
