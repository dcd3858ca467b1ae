"""An order that is paid for, kept in a file until its picture is safe: nothing is paid twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from maskkit.adobe.waiting import Manner, Tell, silent
from maskkit.clients import talks
from maskkit.clients.sync import MaskClient
from maskkit.errors import CodecError, ContractError, MaskkitError
from maskkit.hearing import warn
from maskkit.pixels import Array
from maskkit.wire import Format

if TYPE_CHECKING:
    from maskkit.adobe import Job

__all__ = ["KeptOrder"]


class KeptOrder:
    """An order of a mask whose job stands in a file from the moment it is paid until the ``with`` ends well.

    What ends the block by an error leaves the file, and with ``resume`` a later one goes on with the same job
    instead of paying another. A job that has failed at the service is over: its file goes.

    Parameters
    ----------
    file : path
        Where the job is kept; readable by its owner alone, since it holds signed URLs.
    resume : bool
        Go on with the job in the file. Without it, a file that is there is refused: its job would be lost.
    how : str
        How to go on, for the note on an error; by default what to write in Python.

    Examples
    --------
    >>> from maskkit.testing import FakeTime, ScriptedServer
    >>> import maskkit, tempfile
    >>> place = tempfile.TemporaryDirectory()
    >>> with ScriptedServer() as server, place, KeptOrder(f"{place.name}/a.job.json") as order:
    ...     options = {**server.options(), "pace": FakeTime().pace()}
    ...     maskkit.cutout(server.photo, source="adobe", order=order, cache=False, **options).source
    'adobe v1'
    """

    def __init__(self, file: str | os.PathLike[str], *, resume: bool = False, how: str | None = None) -> None:
        self.file = Path(file)
        self.resume = resume
        self._how = how or f"  KeptOrder({str(self.file)!r}, resume=True)"
        self.api = ""
        self._ordered = self._answered = False
        self._ended: tuple[MaskClient, Job] | None = None

    def mask(self, client: MaskClient, photo: Any, mask_type: Format, tell: Tell = silent) -> Array:
        """The mask of the photo: of the job in the file, or of one that is ordered now and kept there."""
        if not self.resume:
            self._check_free()
        job = self._kept() if self.resume else None
        service = client.service
        manner: Manner = {"deadline": service.ends(), "tell": tell}
        prepared = photo
        try:
            self._ordered = True
            if job is None:
                job, prepared = client.run(talks.start(service, photo, format=mask_type, **manner))
                self._keep(job)
            mask = client.run(talks.finish(service, job, prepared, **(manner | {"keep": True})))
        except BaseException as error:
            if getattr(error, "job", None) is None and job is not None:
                self._over(client, job)
            raise
        self._ended, self.api = (client, job), job.api
        return mask

    def answer(self, pay: Callable[[], bytes]) -> bytes:
        """The answer in the file; without ``resume`` what ``pay`` gets now, which is then kept there."""
        if not self.resume:
            self._check_free()
            self._ordered = True
            self._write(content := pay())
        else:
            content = self._read()
        self._answered = True
        return content

    def holds(self, client: MaskClient) -> bool:
        """The client is needed until the block ends, to remove what was staged."""
        return self._ended is not None and self._ended[0] is client

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        try:
            if error is None and self._ended is not None:
                self._over(*self._ended)
            elif error is None and self._answered:
                self.file.unlink(missing_ok=True)
            elif error is not None and self._ordered and self.file.exists():
                error.add_note(f"The job is kept in {self.file}. To go on with it:\n{self._how}")
        finally:
            if self._ended is not None:
                self._ended[0].close()

    def _check_free(self) -> None:
        """Raises MaskkitError if a job could not be kept there, or another one already is."""
        folder = self.file.parent
        if not folder.is_dir():
            raise CodecError(f"job: {self.file}: cannot be written: there is no such folder")
        if not os.access(folder, os.W_OK):
            raise CodecError(
                f"job: {self.file}: cannot be written: the folder is read-only; name another file"
            )
        if self.file.exists():
            raise MaskkitError(
                f"{self.file} keeps an earlier order, which is paid for: resume=True goes on with it; "
                "delete the file to order anew"
            )

    def _keep(self, job: Job) -> None:
        self._write(f"{job.to_json()}\n".encode())

    def _write(self, content: bytes) -> None:
        from maskkit.codec import atomic

        try:
            with atomic(self.file) as temporary:
                temporary.touch(0o600, exist_ok=False)
                temporary.write_bytes(content)
        except CodecError as error:  # it is paid for already: the picture may yet find a place
            warn(str(error), stacklevel=2)

    def _kept(self) -> Job:
        from maskkit.adobe import Job

        try:
            return Job.from_json(self._read().decode("utf-8", "replace"))
        except ContractError as error:
            raise ContractError(f"resume: {self.file}: {error}") from None

    def _read(self) -> bytes:
        try:
            return self.file.read_bytes()
        except OSError as error:
            reason = (error.strerror or "cannot be read").lower()
            raise CodecError(f"resume: {self.file}: {reason}") from None

    def _over(self, client: MaskClient, job: Job) -> None:
        from maskkit.adobe.flow import clear

        client.run(clear(client.service, job))
        self.file.unlink(missing_ok=True)
