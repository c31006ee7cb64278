"""What a scaling study says about itself and what it leaves out.

The items follow the four groups of the checklist of (Mis)Fitting (Li, Kudugunta and Zettlemoyer
2025, arXiv:2502.18969): form, training, data collection, fitting. Of the 51 papers that its authors
read, 23 do not name the optimiser and 15 do not say how FLOP or parameters are counted. What a
table of runs and a fit already say is filled in from them; the rest is for the study to state, in
`Facts.stated` by the item's key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from isoloss.fit import Fit
from isoloss.runs import Runs
from isoloss.runs.conventions import UNSPECIFIED
from isoloss.trust.checks.case import Facts
from isoloss.trust.checks.words import count, joined

STATED, OMITTED, NOT_APPLICABLE = "stated", "omitted", "not applicable"
FORM, TRAINING, DATA, FITTING = "form", "training", "data collection", "fitting"
# what an answer begins with when the item does not apply
_NONE = "-"


@dataclass(frozen=True)
class Item:
    """One line of the checklist.

    Attributes:
        key: stable identifier, as in `Facts.stated`.
        group: `form`, `training`, `data collection` or `fitting`.
        item: what a reader needs to know.
        status: `stated`, `omitted` or `not applicable`.
        where: what was stated and where, or why it does not apply; empty where it is omitted.
    """

    key: str
    group: str
    item: str
    status: str
    where: str = ""


@dataclass(frozen=True)
class _Known:
    """What there is to read answers from."""

    runs: Runs
    fit: Fit | None
    facts: Facts


def checklist(runs: Runs, fit: Fit | None = None, facts: Facts | None = None) -> tuple[Item, ...]:
    """Go through the checklist.

    Args:
        runs: every run at hand.
        fit: the law fitted to them, if there is one.
        facts: what else is known; `facts.stated` maps the key of an item to where it is stated.

    Returns:
        All items, in the order of the four groups.
    """
    known = _Known(runs, fit, facts or Facts())
    items = []
    for key, group, text, answer in _ITEMS:
        told = known.facts.stated.get(key) or answer(known)
        status = STATED if told else OMITTED
        if told.startswith(_NONE):
            status, told = NOT_APPLICABLE, told.removeprefix(_NONE).strip()
        items.append(Item(key, group, text, status, told))
    return tuple(items)


def _nothing(_: _Known) -> str:
    return ""


def _form(known: _Known) -> str:
    return f"{known.fit.law.target} = {known.fit.law.formula}" if known.fit else ""


def _variables(known: _Known) -> str:
    units = [f"{name} in {unit}" for name, unit in known.runs.units.items() if unit]
    return joined(units)


def _number(known: _Known) -> str:
    return f"{len(known.runs)} of {known.runs.records} rows of {known.runs.source}"


def _range(name: str) -> Callable[[_Known], str]:
    def answer(known: _Known) -> str:
        values = known.runs.columns.get(name)
        if values is None:
            return f"{_NONE} the runs have no {name}"
        different = len(np.unique(values))
        return f"{count(values.min())} to {count(values.max())}, {different} values"

    return answer


def _counted(name: str) -> Callable[[_Known], str]:
    def answer(known: _Known) -> str:
        if name not in known.runs.columns:
            rule = "; plans take 6ND" if name == "C" else ""
            return f"{_NONE} the runs have no {name}{rule}"
        said = known.runs.conventions.get(name, UNSPECIFIED)
        return "" if said == UNSPECIFIED else f"{name} counted as {said}"

    return answer


def _dataset(known: _Known) -> str:
    return _group(known, "dataset")


def _group(known: _Known, role: str) -> str:
    if role not in known.runs.groups:
        return ""
    names = sorted(set(known.runs.groups[role].tolist()))
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"column '{known.runs.mapping.get(role, role)}': {shown}"


def _repetition(known: _Known) -> str:
    unique = known.facts.unique_tokens
    if unique is None:
        unique = known.runs.columns.get("U")
    if "D" not in known.runs.columns:
        return f"{_NONE} the runs have no D"
    if unique is None:
        return ""
    epochs = known.runs.columns["D"] / np.asarray(unique, dtype=float)
    return f"at most {float(np.max(epochs)):.2g} epochs"


def _schedule(known: _Known) -> str:
    facts = known.facts
    if {"rate", "step"} <= set(known.runs.columns):
        return "columns 'rate' and 'step'"
    length = "" if facts.schedule_tokens is None else "length given for the runs"
    return joined(part for part in (facts.schedule or "", length) if part)


def _tuned(known: _Known) -> str:
    sizes = known.facts.tuned_sizes
    return f"tuned at {joined(count(s) for s in sizes)} parameters" if sizes else ""


def _seeds(known: _Known) -> str:
    if known.facts.seeds:
        return f"{known.facts.seeds} a setting"
    return _group(known, "seed")


def _shape(known: _Known) -> str:
    return "shape of every run" if known.facts.shapes else ""


def _checkpoints(known: _Known) -> str:
    codes = {notice.code for notice in known.runs.notices}
    if "checkpoints-of-one-run" in codes:
        return "several checkpoints a run, all of them used"
    return "one row a run, by name" if "run" in known.runs.groups else ""


def _metric(known: _Known) -> str:
    unit = known.runs.units.get(known.runs.target, "")
    return f"{known.runs.target} in {unit}" if unit else ""


def _left_out(known: _Known) -> str:
    runs = known.runs
    if runs.filters:
        return f"kept where {' and '.join(runs.filters)}"
    if len(runs) < runs.records:
        return f"{runs.records - len(runs)} rows left out: see the notices of the runs"
    return "none left out"


def _objective(known: _Known) -> str:
    if not known.fit:
        return ""
    objective = known.fit.objective
    return f"{objective.name}" + (f", delta {objective.delta:g}" if objective.is_robust else "")


def _algorithm(known: _Known) -> str:
    return "damped Newton with exact derivatives, all starts in one batch" if known.fit else ""


def _starts(known: _Known) -> str:
    if not known.fit:
        return ""
    found = known.fit.certificate
    return f"{found.starts} starts over the shape parameters, {found.reached} reached the optimum"


def _bounds(known: _Known) -> str:
    if not known.fit:
        return ""
    return "; ".join(
        f"{p.name} in [{p.bounds[0]:g}, {p.bounds[1]:g}]" for p in known.fit.law.parameters
    )


def _weights(known: _Known) -> str:
    return "every run counts the same" if known.runs.weights is None else "weights of the table"


def _uncertainty(known: _Known) -> str:
    if not known.fit or not len(known.fit.draws):
        return ""
    draws = known.fit.draws
    of = "runs" if draws.clusters >= len(known.fit.runs) else f"{draws.clusters} groups"
    return f"{len(draws)} draws ({draws.kind}) of {of}, {known.fit.level:.0%} intervals"


def _validation(known: _Known) -> str:
    held = known.facts.held_out
    return f"{len(held)} held-out runs of {held.source}" if held is not None else ""


_ITEMS: tuple[tuple[str, str, str, Callable[[_Known], str]], ...] = (
    ("form", FORM, "the formula that is fitted", _form),
    ("purpose", FORM, "what it is for: foretelling a result, or splitting a budget", _nothing),
    ("variables", FORM, "every variable with its unit", _variables),
    ("alternatives", FORM, "other forms that were tried", _nothing),
    ("runs", TRAINING, "how many runs", _number),
    ("sizes", TRAINING, "the range of model sizes", _range("N")),
    ("tokens", TRAINING, "the range of training data", _range("D")),
    ("dataset", TRAINING, "the training data", _dataset),
    ("tokenizer", TRAINING, "the tokenizer and the size of its vocabulary", _nothing),
    ("repetition", TRAINING, "whether data was repeated", _repetition),
    ("architecture", TRAINING, "the architecture and how its shape grows", _shape),
    ("parameter-count", TRAINING, "how parameters are counted", _counted("N")),
    ("flop-count", TRAINING, "how FLOP are counted", _counted("C")),
    ("optimizer", TRAINING, "the optimiser", _nothing),
    ("schedule", TRAINING, "the learning-rate schedule and its length", _schedule),
    ("tuning", TRAINING, "how learning rate, batch and the like were chosen", _tuned),
    ("seeds", TRAINING, "how many seeds a setting", _seeds),
    ("checkpoints", DATA, "which checkpoints are used", _checkpoints),
    ("evaluation-set", DATA, "what the result is measured on", _nothing),
    ("metric", DATA, "the measure and its unit", _metric),
    ("left-out", DATA, "which runs were left out, and why", _left_out),
    ("results", DATA, "where the table of runs can be had", _nothing),
    ("objective", FITTING, "what is minimised", _objective),
    ("algorithm", FITTING, "by which algorithm", _algorithm),
    ("starts", FITTING, "from which starting points", _starts),
    ("bounds", FITTING, "within which bounds", _bounds),
    ("weights", FITTING, "how runs are weighed", _weights),
    ("uncertainty", FITTING, "intervals, and how they were made", _uncertainty),
    ("validation", FITTING, "how the law was tested on runs that it had not seen", _validation),
    ("code", FITTING, "where the code of the analysis can be had", _nothing),
)
