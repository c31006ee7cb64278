"""Replies of a judge, each written to a file before it is used."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from types import TracebackType
from typing import IO

from isoloss.exceptions import ItemsError


def key_of(model: str, messages: list[dict[str, str]]) -> str:
    """What a request is known by: equal for equal requests."""
    text = json.dumps([model, messages], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class Replies:
    """A file of JSON lines with `key`, `model` and `reply`; a line cut off at the end is ignored.

    Use as a context: the file is open for as long.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, str] = {}
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Replies:
        try:
            ends = self._read() if self.path.exists() else True
            self._file = self.path.open("ab")
        except OSError as error:
            raise ItemsError(f"cannot use the cache {self.path}: {error}") from None
        if not ends:
            self._file.write(b"\n")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def get(self, key: str) -> str | None:
        """The reply to a request, if there was one."""
        return self._known.get(key)

    def add(self, key: str, model: str, reply: str) -> None:
        """Write a reply to the disk, then know it."""
        if self._file is None:
            raise ItemsError(f"the cache {self.path} is not open")
        line = json.dumps({"key": key, "model": model, "reply": reply}, ensure_ascii=True)
        self._file.write(line.encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._known[key] = reply

    def _read(self) -> bool:
        """Read what is there; whether the last line is whole."""
        content = self.path.read_bytes()
        lines = content.split(b"\n")
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                one = json.loads(line)
                key, reply = one["key"], one["reply"]
                if not isinstance(key, str) or not isinstance(reply, str):
                    raise TypeError
            except (ValueError, KeyError, TypeError):
                if number == len(lines):  # the run was stopped while it wrote
                    continue
                if number < len(lines) and self._cut(line):
                    continue
                raise ItemsError(
                    f"{self.path}: line {number} is no reply of a judge; give cache= a file of its "
                    "own"
                ) from None
            self._known[key] = reply
        return content.endswith(b"\n") or not content

    @staticmethod
    def _cut(line: bytes) -> bool:
        """Whether it is the beginning of a reply whose run was stopped, and another went on."""
        return line.startswith(b'{"key": "') and not line.rstrip().endswith(b"}")
