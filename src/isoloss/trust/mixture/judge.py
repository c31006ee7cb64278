"""Whether a mixture may be believed where it was asked, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from isoloss.notices import Notice
from isoloss.trust.finding import Finding, by_weight
from isoloss.trust.mixture import interval
from isoloss.trust.mixture.blend import Blend
from isoloss.trust.mixture.regime import Regime, find_regime
from isoloss.trust.mixture.rows import Rows

if TYPE_CHECKING:
    from isoloss.trust.mixture.mixture import Backtest

# how far beyond the longest backtest a question may lie with nothing said, and with care
TESTED, TESTED_AT_ALL = 1.3, 3.0
# backtests that look at least this share of the distance, with so many runs in all, should hold
# this share of them: fewer than two thirds is not chance with a nominal 90 %
LIKE, FEWEST_ASKED, LEAST_HELD = 0.7, 6, 2.0 / 3.0
# off the line that all runs share, in natural logarithms: a tenth, and a factor of two
OFF_LINE, FAR_OFF_LINE = 0.1, float(np.log(2.0))


def findings_of(
    mixed: Blend, distance: np.ndarray, off: np.ndarray, backtests: Sequence[Backtest]
) -> tuple[Finding, ...]:
    """Everything that was found, the heaviest first."""
    far = float(distance.max())
    found = [
        *_regime(find_regime(mixed.rows), far),
        *_off_line(float(off.max())),
        *_tested(mixed, far),
        *_missed(backtests, far / np.log(10.0)),
        *_naive(backtests),
        *_few(mixed),
    ]
    return by_weight(found)


def notices_of(mixed: Blend, rows: Rows) -> tuple[Notice, ...]:
    """Decisions that a person should know of."""
    notices = [
        Notice(
            "mixture-inputs",
            f"inputs of the mixture: {', '.join(rows.names)}",
            "name others with inputs=... where this is not what drives the target",
        )
    ]
    failed = [
        member.id
        for member, usable in zip(mixed.members, mixed.forecast.usable, strict=True)
        if not usable
    ]
    if failed:
        notices.append(
            Notice(
                "member-failed",
                f"{len(failed)} of {len(mixed.members)} members gave no finite forecast and count "
                f"for nothing: {', '.join(failed)}",
            )
        )
    return tuple(notices)


def _regime(regime: Regime | None, far: float) -> list[Finding]:
    if regime is None or not regime.changed:
        return []
    at = np.exp(regime.at)
    stop = far > 0 and not regime.early
    return [
        Finding(
            "regime-change",
            "stop" if stop else "care",
            f"the trend kinks at a size of {at:.3g}: the slope turns from {regime.before:.3f} to "
            f"{regime.after:.3f}, and a kink there removes {100 * regime.removed:.0f} % of what "
            "smooth forms leave",
            f"beyond the runs only the {regime.behind} runs behind the kink count, and no form "
            "here has one",
            "ask about the larger runs alone (runs.where) once there are enough of them, train one "
            "more run beyond the kink, or fit a law with a break",
        )
    ]


def _off_line(off: float) -> list[Finding]:
    if off <= OFF_LINE:
        return []
    return [
        Finding(
            "one-line",
            "stop" if off > FAR_OFF_LINE else "care",
            f"in all runs the inputs move together; this point lies a factor {np.exp(off):.2g} off "
            "their line",
            "nothing was ever seen of what leaving that line does",
            "train runs at another ratio, such as other tokens per parameter",
        )
    ]


def _tested(mixed: Blend, far: float) -> list[Finding]:
    if far <= 0:
        return []
    if not mixed.tested:
        return [
            Finding(
                "no-backtest",
                "care",
                f"{len(mixed.rows)} runs leave no backtest, so all forms count the same",
                "no form has shown that it foretells anything here",
                "train runs at more sizes",
            )
        ]
    tested = max(float(t.fold.distance.max()) for t in mixed.tested)
    if far <= TESTED * tested:
        return []
    return [
        Finding(
            "beyond-backtests",
            "care" if far <= TESTED_AT_ALL * tested else "stop",
            f"the question lies {far / np.log(10):.2g} decades beyond the runs, the farthest "
            f"backtest looked {tested / np.log(10):.2g} decades ahead",
            "how fast errors grow with distance was not seen that far",
            "train a run nearer to the question, or smaller ones to backtest from",
        )
    ]


def _missed(backtests: Sequence[Backtest], far: float) -> list[Finding]:
    """Intervals that held far too few runs as far ahead as the question lies."""
    alike = [b for b in backtests if far > 0 and b.beyond >= LIKE * far]
    asked = sum(b.asked for b in alike)
    held = sum(b.asked * b.coverage for b in alike)
    if asked < FEWEST_ASKED or held >= LEAST_HELD * asked:
        return []
    return [
        Finding(
            "missed-in-backtests",
            "care",
            f"in backtests that looked as far ahead, {held:.0f} of {asked} runs lay inside their "
            "interval",
            "an interval that was too narrow there may be too narrow here",
            "read it as the least that is uncertain, or train a run nearer to the question",
        )
    ]


def _naive(backtests: Sequence[Backtest]) -> list[Finding]:
    if not backtests:
        return []
    ours = float(np.mean([np.log(b.error + 1e-9) for b in backtests]))
    better = [
        name
        for name in backtests[0].naive
        if float(np.mean([np.log(b.naive[name] + 1e-9) for b in backtests])) < ours
    ]
    if not better:
        return []
    return [
        Finding(
            "naive-wins",
            "care",
            f"in the backtests {' and '.join(better)} came nearer than the mixture",
            "a law that is beaten by no law has not found the trend",
            "look at the naive value beside the forecast; more or cleaner runs would tell",
        )
    ]


def _few(mixed: Blend) -> list[Finding]:
    if not mixed.small:
        return []
    return [
        Finding(
            "few-runs",
            "care",
            f"{len(mixed.rows)} runs, fewer than {interval.SMALL}",
            "the spread of forms and draws says little; the interval is that of the drift model",
            f"{interval.SMALL} runs or more let forms and parameters be told apart",
        )
    ]
