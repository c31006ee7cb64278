"""Fits that a page asks for: in a queue, in processes of their own, kept over a restart.

What is asked for is written down before it is answered; only what a worker has finished counts as
finished. So after the server was killed, whatever was queued or under way is queued again.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from isoloss import store
from isoloss.exceptions import DocumentError, InputError
from isoloss.explore.process import Worker
from isoloss.explore.request import Request, read_request
from isoloss.explore.worker import DOCUMENT, FUNCTIONS, JOB, JOB_KIND, SHOWN, SHOWN_KIND, read_job

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
MOST = 200


class QueueFullError(Exception):
    """No more fits are taken for now."""


@dataclass
class Job:
    """One fit.

    Attributes:
        id: digest of what was asked for.
        request: what was asked for.
        order: when it was asked for.
        state: `queued`, `running`, `done`, `failed` or `cancelled`.
        message: why it failed, or what is being done.
        since: when it began to run, for the time that it took.
    """

    id: str
    request: Request
    order: int
    state: str = QUEUED
    message: str = ""
    since: float = 0.0
    worker: Worker | None = field(default=None, repr=False)


class Jobs:
    """The fits of a server.

    Args:
        keep: its folder.
        workers: how many fits run at a time.
        most: how many may wait.
    """

    def __init__(self, keep: Path, workers: int = 1, most: int = MOST) -> None:
        self.keep, self.folder, self.most = keep, keep / "fits", most
        self.change = threading.Condition()
        self.closed = False
        self.jobs = {job.id: job for job in self._read()}
        self.workers = [Worker(keep) for _ in range(workers)]
        self.threads = [threading.Thread(target=self._work, args=(w,)) for w in self.workers]

    def start(self) -> None:
        """Begin to work."""
        for thread in self.threads:
            thread.start()

    def submit(self, request: Request) -> Job:
        """Queue a fit; one that is there already, or on its way, is not made twice.

        Raises:
            QueueFullError: too many wait.
        """
        with self.change:
            job = self.jobs.get(request.id)
            if job is not None and job.state in (QUEUED, RUNNING, DONE):
                return job
            if sum(job.state == QUEUED for job in self.jobs.values()) >= self.most:
                raise QueueFullError(
                    f"{self.most} fits wait already; cancel some, or ask again later"
                )
            job = Job(request.id, request, time.time_ns())
            self._write(job)
            self.jobs[job.id] = job
            self.change.notify_all()
            return job

    def cancel(self, id_: str) -> Job:
        """End a fit at once; one that is finished stays as it is."""
        with self.change:
            job = self.get(id_)
            if job.state in (QUEUED, RUNNING):
                worker = job.worker
                job.state, job.message = CANCELLED, ""
                self._write(job)
                if worker is not None:
                    worker.stop()
            return job

    def get(self, id_: str) -> Job:
        """A fit by its id.

        Raises:
            KeyError: there is none.
        """
        return self.jobs[id_]

    def place(self, job: Job) -> int:
        """How many fits are made before this one."""
        with self.change:
            others = [j for j in self.jobs.values() if j is not job]
            return sum(
                j.state == RUNNING or (j.state == QUEUED and j.order < job.order) for j in others
            )

    def seconds(self, job: Job) -> float:
        """How long a fit has been under way."""
        return round(time.monotonic() - job.since, 1)

    def file(self, id_: str, name: str) -> Path:
        """A file of a finished fit.

        Raises:
            KeyError: there is no such fit, or it is not finished.
        """
        if self.get(id_).state != DONE:
            raise KeyError(id_)
        return self.folder / id_ / name

    def shown(self, id_: str) -> dict[str, Any]:
        """What a page shows of a finished fit."""
        return store.load(self.file(id_, SHOWN), SHOWN_KIND)["result"]

    def finished(self) -> list[Job]:
        """Every finished fit, the last one first."""
        with self.change:
            found = [job for job in self.jobs.values() if job.state == DONE]
        return sorted(found, key=lambda job: -job.order)

    def close(self) -> None:
        """End all workers; what they were doing is queued again by the next start."""
        with self.change:
            self.closed = True
            for worker in self.workers:
                worker.end()
            self.change.notify_all()
        for thread in self.threads:
            if thread.is_alive():
                thread.join(timeout=5)
        for worker in self.workers:
            worker.clear()

    def _work(self, worker: Worker) -> None:
        """The life of one worker's thread."""
        with contextlib.suppress(OSError):
            worker.begin()
        while True:
            with self.change:
                while not (job := self._next()) and not self.closed:
                    self.change.wait()
                if self.closed or job is None:
                    return
                job.state, job.message, job.since = RUNNING, "starting", time.monotonic()
                job.worker = worker
            failed = worker.run(job.id, partial(_wanted, job), partial(_say, job))
            with self.change:
                job.worker = None
                if self.closed:
                    return
                if job.state == RUNNING:
                    job.state, job.message = (FAILED, failed) if failed else (DONE, "")
                    self._write(job)

    def _next(self) -> Job | None:
        waiting = [job for job in self.jobs.values() if job.state == QUEUED]
        return min(waiting, key=lambda job: job.order, default=None)

    def _write(self, job: Job) -> None:
        place = self.folder / job.id
        place.mkdir(exist_ok=True)
        known = {
            "request": job.request.to_document(),
            "order": job.order,
            # under way is no state to wake up in
            "state": QUEUED if job.state == RUNNING else job.state,
            "message": job.message,
        }
        store.save(place / JOB, store.envelope(JOB_KIND, {}, known))

    def _read(self) -> list[Job]:
        """What was asked for before; damaged entries are passed over."""
        found = []
        for place in sorted(self.folder.iterdir()):
            if not re.fullmatch(r"[0-9a-f]{16}", place.name) or not (place / JOB).is_file():
                continue
            for left in place.glob(".*"):
                left.unlink(missing_ok=True)
            try:
                known = read_job(place)
                job = Job(place.name, read_request(known["request"]), int(known["order"]))
                job.state, job.message = str(known["state"]), str(known["message"])
            except (DocumentError, InputError, LookupError, TypeError, ValueError):
                continue
            whole = all((place / name).is_file() for name in (DOCUMENT, FUNCTIONS, SHOWN))
            if job.state == QUEUED and whole:
                job.state = DONE
            elif job.state == DONE and not whole:
                job.state = QUEUED
            found.append(job)
        return found


def _wanted(job: Job) -> bool:
    return job.state == RUNNING


def _say(job: Job, text: str) -> None:
    job.message = text
