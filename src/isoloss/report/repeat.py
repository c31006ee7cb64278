"""How to make the same fit and report again: the command line, the Python, and what was used."""

from __future__ import annotations

import platform
import shlex
from typing import Any

import numpy as np

from isoloss.exceptions import IsolossError
from isoloss.fit import Fit
from isoloss.law import Law, find_law
from isoloss.report.model import Block, Code, Section, Table, Text
from isoloss.report.numbers import unit
from isoloss.report.study import Study
from isoloss.runs.curves import SCHEDULE, schedule_options
from isoloss.runs.names import GROUPS
from isoloss.store import version


def repeat_section(study: Study) -> Section:
    """Commands, code, digest and versions."""
    fit = study.fit
    rows = (
        ("data, SHA-256", fit.runs.digest),
        ("isoloss", version()),
        ("NumPy", np.__version__),
        ("Python", platform.python_version()),
    )
    blocks: list[Block] = [Code("sh", command_line(study)), Code("python", python(study))]
    blocks += [Text(text, "note") for text in _unknown(fit)]
    blocks.append(Table(("what", "which"), rows, (), "Data and versions"))
    return Section("repeat", "How to repeat it", tuple(blocks))


def command_line(study: Study) -> str:
    """The two commands that make the fit and this page."""
    fit = study.fit
    law, bounds = law_text(fit.law)
    parts: list[tuple[str, str]] = [("--law", law)]
    if bounds:
        listed = (f"{name}={low:g}:{high:g}" for name, (low, high) in bounds.items())
        parts.append(("--bounds", ",".join(listed)))
    for name, value in _reading(fit).items():
        for text in value if isinstance(value, list) else [value]:
            joined = (
                ",".join(f"{k}={v}" for k, v in text.items()) if isinstance(text, dict) else text
            )
            parts.append((f"--{name}", str(joined)))
    parts += [(f"--{name}", str(value)) for name, value in _options(fit).items()]
    parts.append(("--out", "fit.json"))
    lines = [f"isoloss fit {shlex.quote(fit.runs.source)}"]
    lines += [f"  {name} {shlex.quote(value)}" for name, value in parts]
    page = [
        "isoloss report fit.json",
        *(f"  --compute {e.budget:g}" for e in study.budgets if study.was_asked),
    ]
    if study.point is not None and study.point.place is not None:
        page.append("  --at " + ",".join(f"{k}={v!r}" for k, v in study.point.place.at.items()))
    page.append("  --out report.html")
    return " \\\n".join(lines) + "\n" + " \\\n".join(page)


def python(study: Study) -> str:
    """The same in Python; it stops where the data is another."""
    fit = study.fit
    law, bounds = law_text(fit.law)
    reading = _reading(fit)
    reading = schedule_options(reading.pop(SCHEDULE, "")) | reading
    given = [f"    {name}={value!r}," for name, value in reading.items()]
    named = f"isoloss.find_law({law!r}{_variables(fit.law, law)})"
    if bounds:
        named += f".with_bounds({bounds!r})"
    options = [f"    {name}={value!r}," for name, value in _options(fit).items()]
    reader = "read_curves" if SCHEDULE in fit.runs.mapping else "read_runs"
    lines = ["import isoloss", ""]
    lines += [f"runs = isoloss.{reader}(", f"    {fit.runs.source!r},", *given, ")"]
    lines += [f'assert runs.digest == "{fit.runs.digest}"']
    lines += [f"law = {named}", "fit = law.fit(", "    runs,", *options, ")"]
    asked = [repr(e.budget) for e in study.budgets] if study.was_asked else []
    question = [f"compute=[{', '.join(asked)}]"] if asked else []
    if study.point is not None and study.point.place is not None:
        question.append(f"at={dict(study.point.place.at)!r}")
    lines.append(f'fit.report({", ".join(question)}).save("report.html")')
    return "\n".join(lines).replace("inf)", 'float("inf"))')


def law_text(law: Law) -> tuple[str, dict[str, tuple[float, float]]]:
    """What `find_law` takes for a law, and the bounds that were changed."""
    try:
        found = find_law(law.id)
    except IsolossError:
        found = None
    if found is None or found.formula != law.formula or found.target != law.target:
        return f"{law.target} = {law.formula}", {}
    pairs = zip(law.parameters, found.parameters, strict=True)
    return law.id, {p.name: p.bounds for p, q in pairs if p.bounds != q.bounds}


def _variables(law: Law, text: str) -> str:
    return "" if text == law.id else f", variables={law.variable_names!r}"


def _reading(fit: Fit) -> dict[str, Any]:
    """Options of `read_runs`; with `schedule`, of `read_curves`."""
    runs = fit.runs
    schedule = runs.mapping.get(SCHEDULE)
    # what the schedule maps is not mapped once more
    own = ("step", "rate", "run") if schedule else ()
    mapped = {k: v for k, v in runs.mapping.items() if k not in own}
    columns = {k: v for k, v in mapped.items() if k in runs.columns}
    roles = {k: v for k, v in mapped.items() if k in GROUPS and k in runs.groups}
    units = {k: v for k, v in runs.units.items() if v and v != unit(k)}
    counted = {k: v for k, v in runs.conventions.items() if v != "unspecified"}
    found: dict[str, Any] = {SCHEDULE: schedule} if schedule else {}
    found["map"] = columns
    if runs.target not in ("loss",):
        found["target"] = runs.target
    for name, value in (("units", units), ("conventions", counted), ("groups", roles)):
        if value:
            found[name] = value
    if runs.filters:
        found["where"] = list(runs.filters)
    return found


def _options(fit: Fit) -> dict[str, Any]:
    """Options of `fit`, those of its objective only where it has them."""
    o = fit.objective
    found: dict[str, Any] = {"objective": o.name}
    if o.is_robust:
        found["delta"] = o.delta
    if o.name == "envelope":
        found["quantile"] = o.quantile
    found |= {"draws": len(fit.draws), "kind": fit.draws.kind}
    role = _cluster(fit)
    if role:
        found["cluster"] = role
    return found | {"level": fit.level, "seed": fit.draws.seed}


def _cluster(fit: Fit) -> str:
    """The group that was drawn as a whole: the one with as many values as there were clusters."""
    if fit.draws.clusters >= len(fit.runs):
        return ""
    named = [n.message for n in fit.notices if n.code == "clustered"]
    roles = [role for role in fit.runs.groups if any(f"'{role}'" in message for message in named)]
    return roles[0] if roles else ""


def _unknown(fit: Fit) -> list[str]:
    """What a fit does not remember and a person has to add."""
    runs, found = fit.runs, []
    if runs.source in ("mapping of arrays", "list of records") or "frame" in runs.source.lower():
        found.append(
            f"The runs came from memory ({runs.source}); give the same table in place of its name."
        )
    if runs.weights is not None:
        found.append("The runs were weighted; add the same weights to the reading.")
    if any("byte" in text or "character" in text for text in runs.units.values()):
        found.append(
            "The loss was read per byte or character; add the same bytes_per_token or "
            "characters_per_token."
        )
    if (
        runs.records > len(runs)
        and not runs.filters
        and not any(n.code == "blank-cells" for n in runs.notices)
    ):
        found.append(
            "Rows were chosen by other means than conditions; choose the same ones, or the digest "
            "differs."
        )
    if fit.law.id not in (law_text(fit.law)[0], "custom"):
        found.append(
            "The law came from a definition of its own; a formula alone may assume other bounds."
        )
    return found
