"""How a federated fit prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isoloss.federated.provenance import RUNS

if TYPE_CHECKING:
    from isoloss.federated.fit import FederatedFit
    from isoloss.fit import Estimate


def span(e: Estimate) -> str:
    """`0.225 (0.189 to 0.252)`."""
    return f"{e.value:.3f} ({e.low:.3f} to {e.high:.3f})"


def slope_rows(made: FederatedFit) -> list[tuple[str, str]]:
    """What was found about K: label and number."""
    rows = [("rho", span(made.rho)), ("gamma, from the law", span(made.gamma))]
    if made.direct is None:
        rows.append(("gamma, direct", f"none: {made.no_direct}"))
        return rows
    d = made.direct
    rows.append(("gamma, direct", span(d.gamma) if d.gamma else d.bound))
    if d.per_client is not None:
        rows.append(("slope at fixed C/K, direct", span(d.per_client)))
    if d.loss_ratio is not None:
        rows.append(("lowest loss, largest K over smallest", span(d.loss_ratio)))
    return rows


def residual_table(made: FederatedFit) -> list[tuple[str, ...]]:
    """K, runs, mean and root mean square of the residuals, in percent."""
    return [
        (f"{k:g}", str(n), f"{100 * mean:+.2f} %", f"{100 * rms:.2f} %")
        for k, n, mean, rms in made.residuals_by_clients()
    ]


def largest_line(made: FederatedFit, count: int = 3) -> str:
    """The runs that the law misses most."""
    word = made.fit.runs.word
    return "; ".join(
        f"{word} {row['row']:.0f} (N = {row['N']:.3g}, K = {row['K']:g}): "
        f"{100 * row['log_residual']:+.1f} %"
        for row in made.residual_rows()[:count]
    )


def text(made: FederatedFit) -> str:
    """The fit in a few lines."""
    lines = [f"federated law fitted to {len(made.fit.runs)} runs   [{RUNS}]", str(made.fit)]
    rows = slope_rows(made)
    width = max(len(label) for label, _ in rows)
    lines += [f"{label:<{width}}  {value}" for label, value in rows]
    lines.append(f"believe: {made.belief.which}; {made.belief.why}")
    lines.append(f"residuals, ln law - ln seen, root mean square {100 * made.rms:.2f} %")
    lines += [
        f"  K = {k:>4}  {n:>4} runs  mean {m:>8}  rms {r}" for k, n, m, r in residual_table(made)
    ]
    lines.append(f"  largest: {largest_line(made)}")
    lines += [f"note: {notice.message}" for notice in made.notices]
    return "\n".join(lines)
