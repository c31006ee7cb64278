"""The record of a sweep: a JSON line a run, from which a killed sweep goes on.

As with the record of `isoloss.lab`, a line's key is a hash of what was asked for, a line counts
once its line break is on disk, and a torn last line is ignored and then cut off. Lines are added
for all runs of one width and number of clients at once, because those train together. One file may
hold several sweeps.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from isoloss.exceptions import DocumentError, InputError
from isoloss.federated.sweep.settings import SHARED

SCHEMA = "isoloss/federated-run@1"
ASKED = (*SHARED, "clients", "width", "seed", "rate")
FOUND = ("params", "samples", "flops_6nd", "steps", "rounds", "loss", "status")


@dataclass(frozen=True)
class Run:
    """One finished run.

    Attributes:
        task, compute, mode, dirichlet_alpha, local_steps, batch, engine: as in
            `isoloss.federated.sweep.settings.Settings`.
        clients: K.
        width: hidden units.
        seed: of weights, split and order of the data.
        rate: peak learning rate.
        params: N.
        samples: D, processed by all clients together.
        flops_6nd: 6 N D; differs from the compute asked for by the rounding to whole steps.
        steps: of one client.
        rounds: meetings with the server.
        loss: on held-out data at the end of the schedule; None where the run diverged.
        status: `ok`, or `diverged` where the loss is not finite.
    """

    task: str
    compute: float
    mode: str
    dirichlet_alpha: float | None
    local_steps: int
    batch: int
    engine: str
    clients: int
    width: int
    seed: int
    rate: float
    params: int
    samples: int
    flops_6nd: int
    steps: int
    rounds: int
    loss: float | None
    status: str

    def asked(self) -> dict[str, Any]:
        """What the run's key is made of."""
        return {name: getattr(self, name) for name in ASKED}

    @property
    def name(self) -> str:
        """Short name, for a person."""
        return f"K = {self.clients}, width {self.width}, rate {self.rate:g}, seed {self.seed}"


@dataclass(frozen=True)
class SweepRecord:
    """Finished runs.

    Attributes:
        runs: in the order of the record.
        source: the file, or `memory`.
    """

    runs: tuple[Run, ...]
    source: str = "memory"

    def __len__(self) -> int:
        return len(self.runs)

    def __str__(self) -> str:
        lost = sum(run.status != "ok" for run in self.runs)
        return f"{len(self)} federated runs from {self.source}, {lost} of them diverged"

    def where(self, **conditions: Any) -> SweepRecord:
        """The runs of which every named value is the given one, or among the given ones.

        Raises:
            InputError: a name that runs do not have.
        """
        known = set(Run.__dataclass_fields__)
        for name in conditions:
            if name not in known:
                raise InputError(f"runs have no '{name}'; they have {', '.join(sorted(known))}")

        def fits(run: Run) -> bool:
            return all(
                getattr(run, name) in (value if isinstance(value, list | tuple | set) else [value])
                for name, value in conditions.items()
            )

        return replace(self, runs=tuple(run for run in self.runs if fits(run)))

    def to_csv(self) -> str:
        """A table that `isoloss.federated.read_federated_runs` reads; `lr` is the peak rate.

        A loss is `nan` where the run diverged, and `dirichlet_alpha` is blank where data were
        drawn alike.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        names = [*ASKED, *FOUND]
        writer.writerow(["lr" if name == "rate" else name for name in names if name != "compute"])
        for run in self.runs:
            values = {**asdict(run), "loss": "nan" if run.loss is None else round(run.loss, 7)}
            writer.writerow(
                ["" if values[n] is None else values[n] for n in names if n != "compute"]
            )
        return text.getvalue()

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {"source": self.source, "runs": [asdict(run) for run in self.runs]}


def run_key(asked: Mapping[str, Any]) -> str:
    """Sixteen hexadecimal digits that depend on what was asked for alone."""
    text = json.dumps(dict(asked), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def read_record(path: str | os.PathLike[str]) -> SweepRecord:
    """The finished runs in a file; none where there is no file.

    Raises:
        DocumentError: a line other than a torn last one is no run of a sweep.
    """
    place = Path(path)
    try:
        content = place.read_bytes()
    except FileNotFoundError:
        return SweepRecord((), str(place))
    except OSError as error:
        raise DocumentError(f"cannot read {str(place)!r}: {error.strerror}") from None
    lines = content.split(b"\n")[:-1]
    return SweepRecord(
        tuple(_parse(place, line, number) for number, line in enumerate(lines, start=1)),
        str(place),
    )


def append(path: str | os.PathLike[str], runs: Iterable[Run]) -> None:
    """Add finished runs, flushed to disk in one write; a torn last line is cut off first.

    Raises:
        DocumentError: the file cannot be written.
    """
    place = Path(path)
    text = "".join(json.dumps(_entry(run), sort_keys=True, allow_nan=False) + "\n" for run in runs)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("ab") as file:
            whole = place.read_bytes().rfind(b"\n") + 1
            file.truncate(whole)
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise DocumentError(
            f"cannot write {str(place)!r}: {error.strerror}; choose another place for the record"
        ) from None


def _entry(run: Run) -> dict[str, Any]:
    asked = run.asked()
    found = {name: getattr(run, name) for name in FOUND}
    return {"schema": SCHEMA, "key": run_key(asked), "config": asked, "result": found}


def _parse(path: Path, line: bytes, number: int) -> Run:
    try:
        entry = json.loads(line)
        if entry["schema"] != SCHEMA:
            raise ValueError(f"schema {entry['schema']!r}")
        run = Run(
            **{name: entry["config"][name] for name in ASKED},
            **{name: entry["result"][name] for name in FOUND},
        )
        if run_key(run.asked()) != entry["key"]:
            raise ValueError("its key is not that of its config")
    except (ValueError, KeyError, TypeError) as error:
        raise DocumentError(
            f"{path}, line {number}: expected a JSON object of schema {SCHEMA}, and got "
            f"{line[:60]!r} ({error}); mend or delete that line"
        ) from None
    return run
