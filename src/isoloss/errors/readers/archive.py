"""Archives from strangers: sizes are checked before and while they are unpacked, in memory only.

No member is ever written to a disk, so a name such as `../../x` in an archive has no meaning here.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from isoloss.exceptions import ItemsError, MissingExtraError

# the most that one member, and all members together, may unpack to
MEMBER = 1 << 30
TOTAL = 8 << 30
# the most that a member may grow, once it is larger than SMALL; text rarely shrinks by more than 50
RATIO = 200
SMALL = 1 << 22
ZSTANDARD = 93
_HEADER = 30


@contextmanager
def open_archive(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    """A zip archive whose directory promises no more than the limits.

    Raises:
        ItemsError: no zip archive, or one that unpacks to more than the limits.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive, name)
            yield archive
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error) as error:
        raise ItemsError(f"{name} is no zip archive that can be read: {error}") from None


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    """The content of one member, never more than its directory entry promised.

    Raises:
        ItemsError: the member is damaged, encrypted, or not as large as it says.
        MissingExtraError: it is packed with Zstandard and pyarrow is not installed.
    """
    where = f"{name}, member {member.filename!r}"
    if member.flag_bits & 1:
        raise ItemsError(f"{where} is encrypted; unpack and pack the archive again without")
    try:
        if member.compress_type == ZSTANDARD:
            return _zstandard(archive, member, name)
        with archive.open(member) as file:
            return file.read(member.file_size)
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error, NotImplementedError) as error:
        raise ItemsError(f"{where} cannot be unpacked: {error}") from None


def guarded_lines(file: BinaryIO, name: str, packed: int | None) -> Iterator[bytes]:
    """Lines of a file; of a gzipped one only as long as it stays within the limits.

    Args:
        file: opened for reading bytes.
        name: for messages.
        packed: bytes of the packed file; None where it is not packed.
    """
    size = 0
    while line := file.readline(MEMBER):
        size += len(line)
        if len(line) == MEMBER:
            raise ItemsError(f"{name}: a line of more than {MEMBER >> 20} MiB; this is no log")
        if packed is not None and (size > TOTAL or (size > SMALL and size > RATIO * packed)):
            raise _bomb(name, size, packed)
        yield line


def _check(archive: zipfile.ZipFile, name: str) -> None:
    total = 0
    for member in archive.infolist():
        total += member.file_size
        if member.file_size > MEMBER:
            raise ItemsError(
                f"{name}: member {member.filename!r} unpacks to {member.file_size >> 20} MiB, the "
                f"limit is {MEMBER >> 20} MiB; it was not opened"
            )
        if member.file_size > SMALL and member.file_size > RATIO * max(member.compress_size, 1):
            raise _bomb(
                f"{name}, member {member.filename!r}", member.file_size, member.compress_size
            )
        if total > TOTAL:
            raise ItemsError(
                f"{name} unpacks to more than {TOTAL >> 30} GiB; it was not opened, split the log"
            )


def _bomb(name: str, size: int, packed: int) -> ItemsError:
    return ItemsError(
        f"{name} unpacks from {packed} bytes to {size} or more, over {RATIO} times its size, as no "
        "log does; it was not read, unpack it yourself if you trust it"
    )


def _zstandard(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    """Zstandard members, which the standard library unpacks from Python 3.14 only."""
    try:
        import pyarrow as pa
    except ImportError:
        raise MissingExtraError("pyarrow", "items", f"reading {name}") from None
    file = archive.fp
    assert file is not None
    file.seek(member.header_offset)
    header = file.read(_HEADER)
    if len(header) < _HEADER or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("no local header where the directory says")
    skip = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    file.seek(member.header_offset + _HEADER + skip)
    packed = file.read(member.compress_size)
    if not member.file_size:
        return b""
    with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream:
        content = stream.read(member.file_size + 1)
    if len(content) > member.file_size:
        raise zipfile.BadZipFile("it unpacks to more than it says")
    if zlib.crc32(content) != member.CRC:
        raise zipfile.BadZipFile("its checksum is wrong")
    return content
