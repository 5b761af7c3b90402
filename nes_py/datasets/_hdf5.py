"""Writes HDF5 files that may be larger than the memory, to disks that may be full."""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

from nes_py._files import Replacement
from nes_py.vector.rollout import import_h5py

_BINARY = getattr(os, "O_BINARY", 0)


class _Disk:
    """A file of h5py's whose calls never fail.

    libhdf5 cannot close a file that it cannot write: what stays open ends the process later. So after an error all that
    it writes is kept in memory, and the error is told to those who ask for it.

    Args:
        name (str): the file, which exists.

    Attributes:
        error: the first error; None: there was none.
    """

    def __init__(self, name: str) -> None:
        self.error: BaseException | None = None
        self._file = os.open(name, os.O_RDWR | _BINARY)
        self._place = self._size = 0
        # Where each part belongs that the disk has not taken, in the order of time.
        self._kept: list[tuple[int, bytes]] = []

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._place = offset + (self._size if whence == os.SEEK_END else 0)
        return self._place

    def tell(self) -> int:
        return self._place

    def write(self, data: Any) -> int:
        place, count = self._place, len(data)
        self._place += count
        self._size = max(self._size, self._place)
        try:
            if self.error is None:
                self._write(place, memoryview(data))
        except BaseException as error:
            self.error = error
        try:
            if self.error is not None:
                self._kept.append((place, bytes(memoryview(data))))
        except BaseException as error:  # no memory is left for what nobody will read
            self.error = error
        return count

    def _write(self, place: int, data: memoryview) -> None:
        os.lseek(self._file, place, os.SEEK_SET)
        while data:
            data = data[os.write(self._file, data) :]

    def readinto(self, data: Any) -> int:
        place, count = self._place, len(data)
        self._place += count
        try:
            self._read(place, memoryview(data))
        except BaseException as error:
            self.error = self.error or error
        return count

    def _read(self, place: int, data: memoryview) -> None:
        # Zeros behind the end.
        data[:] = bytes(len(data))
        os.lseek(self._file, place, os.SEEK_SET)
        done = 0
        while done < len(data) and (part := os.read(self._file, len(data) - done)):
            data[done : done + len(part)] = part
            done += len(part)
        for start, content in self._kept:
            low, high = max(start, place), min(start + len(content), place + len(data))
            if low < high:
                data[low - place : high - place] = content[low - start : high - start]

    def read(self, size: int) -> bytes:
        data = bytearray(size)
        self.readinto(data)
        return bytes(data)

    def truncate(self, size: int) -> int:
        self._size = size
        try:
            if self.error is None:
                os.ftruncate(self._file, size)
        except BaseException as error:
            self.error = error
        return size

    def flush(self) -> None:
        pass  # ``Replacement`` does

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class Column:
    """An array of a file, whose rows can be set."""

    def __init__(self, file: Hdf5File, dataset: Any) -> None:
        self._file, self._dataset = file, dataset

    def __setitem__(self, rows: Any, values: Any) -> None:
        self._file.call(self._dataset.__setitem__, rows, values)


class Hdf5File:
    """A new file of HDF5, within a ``with``.

    All of h5py runs in a thread of its own, where no handler of a signal runs: an exception that comes up in a call of
    ``_Disk`` would be an error of the file.

    Args:
        target (Replacement): the file to be written.

    Raises:
        ImportError: h5py is missing.
        OSError: from ``create``, ``Column`` and at the end: it cannot be written.
    """

    def __init__(self, target: Replacement) -> None:
        self._h5py = import_h5py()
        self._target = target
        self._disk: Any = None
        self._root: Any = None
        # All arrays are kept until the file is closed: deleting one writes it, in the thread that deletes it.
        self._arrays: list[Any] = []
        self._thread = ThreadPoolExecutor(1, "nes_py HDF5")

    def __enter__(self) -> Hdf5File:
        try:
            self.call(self._open)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._end()
        except Exception:
            self._check()
            raise
        if kind is None:
            self._check()
            if isinstance(self._disk, io.BytesIO):
                self._target.write(self._disk.getbuffer())

    def create(self, name: str, shape: tuple[int, ...], dtype: Any, **options: Any) -> Column:
        """Return a new array; ``options``: of h5py's ``create_dataset``."""
        return Column(self, self.call(self._create, name, shape, dtype, options))

    def call(self, function: Any, *arguments: Any) -> Any:
        """Call a function of h5py, and raise the error of the disk if there was one.

        Raises:
            OSError: the file cannot be written.
        """
        result = self._thread.submit(function, *arguments).result()
        self._check()
        return result

    def _check(self) -> None:
        error = getattr(self._disk, "error", None)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, self._target.path)
        if error is not None:
            raise error

    def _open(self) -> None:
        # What is no file, such as a device, cannot be read again: it is written at once.
        self._disk = io.BytesIO() if self._target.is_direct else _Disk(self._target.name)
        self._root = self._h5py.File(self._disk, "w")

    def _create(self, name: str, shape: tuple[int, ...], dtype: Any, options: dict[str, Any]) -> Any:
        self._arrays.append(self._root.create_dataset(name, shape, dtype, track_times=False, **options))
        return self._arrays[-1]

    def _close(self) -> None:
        try:
            if self._root is not None:
                self._root.close()
        finally:
            if isinstance(self._disk, _Disk):
                self._disk.close()

    def _end(self) -> None:
        """Close the file; if an exception of a signal handler ends the wait for it, the thread goes on."""
        closed = self._thread.submit(self._close)
        self._thread.shutdown(wait=False)
        closed.result()


__all__ = ["Column", "Hdf5File"]
