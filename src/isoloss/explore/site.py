"""What a server gives: the page, laws by key, forms to fit, tables and fits."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from isoloss.exceptions import IsolossError
from isoloss.explore.bundle import Bundle, find
from isoloss.explore.entry import published_entry
from isoloss.explore.formula import formula_nodes
from isoloss.explore.javascript import laws_module
from isoloss.explore.jobs import DONE, FAILED, QUEUED, RUNNING, Job, Jobs
from isoloss.explore.page import served_page
from isoloss.explore.security import UPLOAD_LIMIT
from isoloss.explore.tables import Tables
from isoloss.explore.worker import DOCUMENT, FUNCTIONS, key_of
from isoloss.law import Law, forms, published_laws
from isoloss.law.families import families
from isoloss.quantities import QUANTITIES

# units that tables are usually in; any other can be typed into the command
UNITS = {
    "parameters": ("parameters", "thousands", "millions", "billions"),
    "data": ("tokens", "millions", "billions", "trillions"),
    "compute": ("FLOP", "PFLOP", "EFLOP", "ZFLOP", "PF-days"),
    "entropy": ("nats/token", "bits/token", "nats/byte", "bits/byte"),
    "fraction": ("fraction", "percent"),
}
FAMILY = "your-fits"


class Site:
    """The content of a server.

    Args:
        bundle: what its page starts from.
        keep: the folder of its tables and fits.
        token: what a page must know.
        workers: how many fits run at a time.
        limit: bytes of an upload.
    """

    def __init__(
        self,
        bundle: Bundle,
        keep: Path,
        token: str,
        *,
        workers: int = 1,
        limit: int = UPLOAD_LIMIT,
    ) -> None:
        self.bundle, self.token, self.limit = bundle, token, limit
        self.tables = Tables(keep / "tables", limit)
        self.jobs = Jobs(keep, workers)
        self.own = {entry["key"]: entry for entry in bundle.document["laws"]}
        self.functions = dict(bundle.laws)

    def page(self) -> tuple[str, str]:
        """The page and its policy; fits that are finished by now are listed in it."""
        document = self.bundle.document
        rows = [self._row(job) for job in self.jobs.finished()]
        document = document | {
            "catalogue": rows + document["catalogue"],
            "families": {FAMILY: "Fits of your runs"} | document["families"],
        }
        return served_page(replace(self.bundle, document=document), self.token)

    def module(self) -> str:
        """The functions of the laws that the page starts with."""
        return laws_module(self.bundle.laws)

    def law(self, key: str) -> dict[str, Any]:
        """A law's document.

        Raises:
            KeyError: there is none; the message says why.
        """
        job = self._job(key)
        if job is not None:
            return self.jobs.shown(job.id)["entry"]
        # under the name that was asked for, which may name the usual set
        return self.own[key] if key in self.own else _published(key)[0] | {"key": key}

    def law_module(self, key: str) -> str:
        """A law as functions; raises like `law`."""
        job = self._job(key)
        if job is not None:
            return self.jobs.file(job.id, FUNCTIONS).read_text(encoding="utf-8")
        law = self.functions[key] if key in self.functions else _published(key)[1]
        return laws_module([(key, law)])

    def fit(self, job: Job) -> dict[str, Any]:
        """A fit as far as it is; whole where it is finished."""
        table = self.table_name(job)
        found: dict[str, Any] = {
            "id": job.id,
            "key": key_of(job.id),
            "state": job.state,
            "message": job.message,
            "table": table,
            "request": job.request.to_document(),
        }
        if job.state == QUEUED:
            found["place"] = self.jobs.place(job)
        if job.state == RUNNING:
            found["seconds"] = self.jobs.seconds(job)
        if job.state == DONE:
            found |= self.jobs.shown(job.id)
        return found

    def document(self, id_: str) -> bytes:
        """The saved document of a fit."""
        return self.jobs.file(id_, DOCUMENT).read_bytes()

    def table_name(self, job: Job) -> str:
        """What the table of a fit is called."""
        try:
            return self.tables.get(job.request.table).name
        except IsolossError:
            return ""

    def listed(self) -> list[dict[str, Any]]:
        """Every fit in a line, the last one first."""
        with self.jobs.change:
            jobs = sorted(self.jobs.jobs.values(), key=lambda job: -job.order)
        return [
            {
                "id": job.id,
                "state": job.state,
                "law": job.request.law,
                "table": self.table_name(job),
                "seed": job.request.seed,
            }
            for job in jobs
        ]

    def _job(self, key: str) -> Job | None:
        if not key.startswith("fit-") or key in self.own:
            return None
        job = self.jobs.get(key.removeprefix("fit-"))
        if job.state != DONE:
            why = f": {job.message}" if job.state == FAILED else ""
            raise KeyError(f"this fit is {job.state}{why}")
        return job

    def _row(self, job: Job) -> dict[str, Any]:
        return _fit_row(self.jobs.file(job.id, "shown.json"), key_of(job.id))


@lru_cache(maxsize=500)
def _fit_row(path: Path, key: str) -> dict[str, Any]:
    """A fit as a line of the catalogue; what is finished does not change."""
    entry = json.loads(path.read_text(encoding="utf-8"))["result"]["entry"]
    return {
        "key": key,
        "name": entry["name"],
        "family": FAMILY,
        "formula": entry["formula"],
        "evidence": entry["evidence"],
        "usable": True,
        "target": entry["target"],
        "unit": entry["unit"],
        "inputs": [v["name"] for v in entry["variables"]],
        "modality": [],
        "cite": entry["cite"],
        "url": "",
        "pitfalls": 0,
    }


@lru_cache(maxsize=64)
def _published(key: str) -> tuple[dict[str, Any], Law]:
    try:
        return published_entry(*find(key))
    except IsolossError as error:
        raise KeyError(str(error)) from None


@cache
def choices() -> dict[str, Any]:
    """What can be chosen for a fit: forms, and how the quantities are counted."""
    titles = {name: one.title for name, one in families().items()}
    found = [_form(law.id, law, titles.get(law.family, law.family)) for law in forms().values()]
    for entry in published_laws().values():
        if entry.form is not None:
            found.append(_form(entry.id, entry.form, "As published", entry.name))
    quantities = [
        {
            "name": one.name,
            "meaning": one.meaning,
            "unit": one.unit,
            "units": list(UNITS[one.dimension]),
            "conventions": list(one.conventions),
        }
        for one in QUANTITIES.values()
    ]
    return {"forms": found, "quantities": quantities}


def _form(id_: str, law: Law, group: str, name: str = "") -> dict[str, Any]:
    return {
        "id": id_,
        "name": name or law.name,
        "group": group,
        "formula": f"{law.target} = {law.formula}",
        "inputs": list(law.variable_names),
        "parameters": len(law.parameters),
        "target": law.target,
    }


def look_at(law: Law) -> dict[str, Any]:
    """A law that was typed, as it was understood."""
    return {
        "name": law.name,
        "formula": f"{law.target} = {law.formula}",
        "nodes": formula_nodes(law),
        "inputs": list(law.variable_names),
        "parameters": [
            {"name": p.name, "low": _end(p.bounds[0]), "high": _end(p.bounds[1])}
            for p in law.parameters
        ],
        "guesses": list(law.guesses),
    }


def _end(value: float) -> str:
    return f"{value:g}"
