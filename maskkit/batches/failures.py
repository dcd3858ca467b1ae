"""The file of what failed: one JSON object a line, written as it happens."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from maskkit.errors import CodecError

__all__ = ["Failures"]


class Failures:
    """Writes ``failures.jsonl`` anew; where nothing fails there is none."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.count = 0
        self._open: IO[str] | None = None
        with suppress(OSError):
            file.unlink(missing_ok=True)

    def add(self, photo: str, reason: str, output: str = "", attempts: int = 1) -> None:
        """One line. Raises CodecError where it cannot be written."""
        line = json.dumps({"photo": photo, "output": output, "reason": reason, "attempts": attempts})
        try:
            if self._open is None:
                self._open = self.file.open("w", encoding="utf-8", buffering=1)
            self._open.write(line + "\n")
        except OSError as error:
            raise self._refusal(error) from None
        self.count += 1

    def _refusal(self, error: OSError) -> CodecError:
        return CodecError(f"{self.file}: cannot be written: {error.strerror}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._open is None:
            return
        try:
            self._open.close()  # writes what a full disk has not taken yet
        except OSError as failed:
            if error is None:
                raise self._refusal(failed) from None
