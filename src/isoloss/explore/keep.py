"""The folder of a server: its token and port, so that an open page finds it again after a restart.

    DIR/server.json     token and port
    DIR/lock            held while a server runs
    DIR/tables/ID/      uploaded tables
    DIR/fits/ID/        fits: asked for, under way, finished

The folder is for its owner alone (mode 700).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

from isoloss import store
from isoloss.exceptions import DocumentError, InputError

KIND = "explore-server@1"
_OWN = {"server.json", "lock", "tables", "fits"}


class Keep:
    """The folder while a server runs; nobody else may use it meanwhile.

    Attributes:
        folder: where it is.
        token: what a page has to know; the same after a restart.
        port: the port of the last time, or 0.
    """

    def __init__(self, folder: Path) -> None:
        """Make or open the folder.

        Raises:
            InputError: it is in use, holds other things, or cannot be written.
        """
        self.folder = folder
        try:
            _make_private(folder)
            for name in ("tables", "fits"):
                (folder / name).mkdir(exist_ok=True)
            self._lock = _lock(folder)
        except OSError as error:
            raise InputError(
                f"cannot keep anything in {folder}: {error.strerror or error}; give another "
                "folder with --keep DIR"
            ) from None
        known = _read(folder / "server.json")
        self.token = str(known.get("token") or secrets.token_urlsafe(24))
        self.port = int(known.get("port") or 0)

    def remember(self, port: int) -> None:
        """Note the port for the next start."""
        self.port = port
        address = f"http://127.0.0.1:{port}/?token={self.token}"
        result = {"token": self.token, "port": port, "address": address}
        store.save(self.folder / "server.json", store.envelope(KIND, {}, result))

    def close(self) -> None:
        """Let others use the folder."""
        os.close(self._lock)


def usual_folder(arguments: tuple[str, ...]) -> Path:
    """`$XDG_STATE_HOME/isoloss/explore/...`: the same for the same command.

    Args:
        arguments: what the explorer was opened with; files count by where they are.
    """
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    named = [str(Path(text).resolve()) if Path(text).exists() else text for text in arguments]
    key = hashlib.sha256("\0".join(named).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return Path(state) / "isoloss" / "explore" / (key if arguments else "plain")


def _make_private(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = {path.name for path in folder.iterdir()}
    if found - _OWN and "server.json" not in found:
        raise InputError(
            f"{folder} holds other things than an explorer keeps; give an empty or new folder "
            "with --keep DIR"
        )
    folder.chmod(0o700)


def _lock(folder: Path) -> int:
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        import fcntl
    except ImportError:
        return handle
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        address = _read(folder / "server.json").get("address")
        where = f" at {address}" if address else ""
        raise InputError(
            f"this explorer is open already{where}; use that one, or give another folder with "
            "--keep DIR"
        ) from None
    return handle


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return dict(store.load(path, KIND)["result"])
    except (DocumentError, LookupError, TypeError, ValueError):
        # damaged: a new token is as good
        return {}
