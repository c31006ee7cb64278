"""Which federated runs can tell a federated law apart from others, and which cannot."""

from __future__ import annotations

import numpy as np

from isoloss.exceptions import RunsError
from isoloss.federated.cells import compute_of, grouped
from isoloss.federated.terms import COLUMNS
from isoloss.runs import Runs

# D / N that differ by less than this in log10 are one ratio; published tables round their tokens
_SAME_RATIO = 0.02
# of ln K, what a line in ln N and ln D may leave unexplained before K counts as varied
_LEAST_LEFT = 1e-3


def check_design(runs: Runs, terms: tuple[str, ...], *, shaped: bool) -> None:
    """Refuse runs from which rho cannot be told.

    Args:
        runs: with N, D, K.
        terms: optional terms that are to be fitted.
        shaped: whether the shape of a central law is held, which one ratio D / N then suffices for.

    Raises:
        RunsError: what is missing, and which runs would settle it.
    """
    n, d, k = (runs.columns[name] for name in ("N", "D", "K"))
    where = runs.source
    if len(np.unique(k)) < 2:
        raise RunsError(
            f"{where}: every run has K = {k[0]:g}, so nothing says how the loss depends on the "
            "number of clients; add runs with at least one other K at the same sizes"
        )
    _check_tied(runs)
    if len(np.unique(n)) < 2:
        raise RunsError(
            f"{where}: every run has N = {n[0]:.4g}; vary the size, three sizes or more a budget"
        )
    ratio = np.log10(d / n)
    if not shaped and np.ptp(ratio) <= _SAME_RATIO:
        raise RunsError(
            f"{where}: every run has D/N = {np.median(d / n):.3g}, so what size does cannot be "
            "told from what data do; vary D at fixed N, or hold the shape of a central law: "
            "shape='hoffmann2022_a3' (--shape)"
        )
    budgets = grouped(compute_of(runs)).max() + 1
    if not shaped and budgets < 2:
        raise RunsError(
            f"{where}: every run has C = {np.median(compute_of(runs)):.3g}, one budget, so D = "
            "C/6N is no variable of its own; add runs at another budget. The slope of the best "
            "size in K needs one budget only: isoloss federated slope, or direct_slope(runs)"
        )
    for term in terms:
        column = COLUMNS.get(term)
        if column is None:
            continue
        if column not in runs.columns:
            raise RunsError(
                f"{where}: the term {term} needs a column of that name; it has "
                f"{', '.join(runs.columns)}. Map it, as in '{term}=COLUMN', or leave the term out"
            )
        many = k > 1
        if len(np.unique(runs.columns[column][many])) < 2:
            value = runs.columns[column][0]
            raise RunsError(
                f"{where}: {column} is {value:g} in every run with K > 1, so the term {term} "
                f"cannot be told; vary it, or leave the term out"
            )


def _check_tied(runs: Runs) -> None:
    """K must vary on its own, not only together with N and D."""
    logs = np.log(np.stack([runs.columns[name] for name in ("N", "D", "K")], axis=1))
    table = np.column_stack([np.ones(len(logs)), logs[:, :2]])
    fitted = table @ np.linalg.lstsq(table, logs[:, 2], rcond=None)[0]
    left = np.var(logs[:, 2] - fitted) / np.var(logs[:, 2])
    if left < _LEAST_LEFT:
        raise RunsError(
            f"{runs.source}: K is a function of N and D in these runs, so its effect cannot be "
            "told from theirs; train other K at the same N and D"
        )
