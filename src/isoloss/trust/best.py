"""`fit_best`: the form is chosen by backtests inside the runs, then fitted and certified."""

from __future__ import annotations

from typing import Any

from isoloss.exceptions import FitError, InputError
from isoloss.fit import Fit
from isoloss.law import Law
from isoloss.notices import Notice
from isoloss.runs import Runs
from isoloss.trust.candidates import choose
from isoloss.trust.mixture import Comparison, compare_forms

# what `auto` chooses among: forms of size, data and compute, and forms of one input
FAMILIES = ("dense", "curves")


def fit_best(runs: Runs, laws: str = "auto", **options: Any) -> tuple[Fit, Comparison]:
    """Fit the form that foretold the larger runs best from the smaller.

    Of the forms that the backtests do not show to be worse than the best, the first whose fit is
    certified is taken; where none is, the best, and its certificate says why not.

    Args:
        runs: what was trained.
        laws: `auto` for the dense and one-input forms that these runs have inputs for, a family,
            `all`, or names with commas between.
        **options: of `Law.fit`, such as `draws`, `objective` and `seed`.

    Raises:
        InputError: too few runs for a backtest, or no form for these inputs.
        FitError: none of the forms could be fitted.
    """
    candidates = candidate_laws(runs, laws)
    seed = int(options.get("seed", 0))
    compared = compare_forms(runs, candidates, draws=0, seed=seed)
    by_name = {law.id: law for law in candidates}
    order = [row.name for row in compared.forms if row.name in compared.ties]
    first: Fit | None = None
    for name in order:
        try:
            found = by_name[name].fit(runs, **options)
        except FitError:
            continue
        if found.certificate.certified:
            return found, compared
        first = first or found
    if first is None:
        raise FitError(f"none of {', '.join(order)} could be fitted to these {len(runs)} runs")
    return first, compared


def candidate_laws(runs: Runs, laws: str = "auto") -> list[Law]:
    """The forms that `fit_best` compares."""
    if laws != "auto":
        return choose(laws, runs)
    found: dict[str, Law] = {}
    for family in FAMILIES:
        try:
            found |= {law.id: law for law in choose(family, runs)}
        except InputError:
            continue
    if not found:
        raise InputError(
            f"no form of {' or '.join(FAMILIES)} has inputs among {', '.join(runs.inputs)}; "
            "name forms with laws="
        )
    return list(found.values())


def chosen_notice(fit: Fit, compared: Comparison) -> Notice:
    """How the form was chosen, in a sentence."""
    row = next(row for row in compared.forms if row.name == fit.law.id)
    others = [name for name in compared.ties if name != fit.law.id]
    rest = f"; not shown to be worse or better: {', '.join(others)}" if others else ""
    return Notice(
        "form-chosen",
        f"'{fit.law.id}' was chosen among {len(compared.forms)} forms by {len(compared.folds)} "
        f"backtests inside the runs, off by {100 * row.error:.2g} %{rest}",
        "see all of them with `isoloss compare`",
    )
