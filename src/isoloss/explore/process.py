"""The process that a server fits in: begun when needed, ended at once, begun anew after that."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path


class Worker:
    """One process of `isoloss.explore.worker`.

    Args:
        keep: the folder of the server.
    """

    def __init__(self, keep: Path) -> None:
        self.keep = keep
        self.process: subprocess.Popen[str] | None = None
        self.lock = threading.Lock()
        self.ended = self.killed = False

    def begin(self) -> subprocess.Popen[str]:
        """The process, running.

        Raises:
            OSError: it was ended for good, or no process can be made.
        """
        with self.lock:
            if self.ended:
                raise OSError("the server ends")
            # a process that was just killed may still look alive
            if self.process is None or self.killed or self.process.poll() is not None:
                self._drop()
                # -P: a file in the present folder is never taken for a module; a session of its
                # own, so that an interrupt at the keyboard reaches the server alone
                self.process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "isoloss.explore.worker", str(self.keep)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    encoding="utf-8",
                    start_new_session=True,
                )
            return self.process

    def run(self, id_: str, wanted: Callable[[], bool], say: Callable[[str], None]) -> str:
        """Let it make a fit; why that failed, or nothing.

        Args:
            id_: of the fit.
            wanted: whether it is still asked for.
            say: takes what is being done.
        """
        try:
            process = self.begin()
            # cancelled before there was a process to end
            if not wanted():
                return ""
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{id_}\n")
            process.stdin.flush()
            for line in process.stdout:
                answer = json.loads(line)
                if "say" not in answer:
                    return str(answer.get("failed", ""))
                say(str(answer["say"]))
        except (OSError, ValueError) as error:
            self.stop()
            return f"the fit could not be made: {error}"
        self.stop()
        return "the process that made this fit ended without an answer; it may lack memory"

    def stop(self) -> None:
        """End the process at once; the next fit begins another."""
        with self.lock:
            if self.process is not None:
                self.process.kill()
                self.killed = True

    def end(self) -> None:
        """End it for good."""
        with self.lock:
            self.ended = True
            if self.process is not None:
                self.process.kill()

    def _drop(self) -> None:
        if self.process is None:
            return
        self.process.wait()
        self.killed = False
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self.process = None

    def clear(self) -> None:
        """Forget a process that was ended."""
        with self.lock:
            self._drop()
