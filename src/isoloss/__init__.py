"""A workbench for scaling laws: certified fits, verdicts on trust, plans with intervals.

>>> import isoloss
>>> runs = isoloss.read_runs("runs.csv", map="N=params,D=tokens,loss=loss")  # doctest: +SKIP
>>> fit = isoloss.find_law("chinchilla").fit(runs)  # doctest: +SKIP
>>> fit.plan(compute=1e21)  # doctest: +SKIP

Verbs are methods of values: `law.fit`, `fit.trust`, `fit.plan`, `fit.report`; the rooms that hold
them have the same names (`isoloss.fit`, `isoloss.trust`, ...). The names below are imported when
they are first used, so that `import isoloss` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isoloss.exceptions import InputError, IsolossError
    from isoloss.fit import Fit
    from isoloss.law import Law, find_law
    from isoloss.plan import Plan
    from isoloss.runs import Runs, read_curves, read_runs
    from isoloss.trust import Verdict

_HOMES = {
    "Fit": "isoloss.fit",
    "InputError": "isoloss.exceptions",
    "IsolossError": "isoloss.exceptions",
    "Law": "isoloss.law",
    "Plan": "isoloss.plan",
    "Runs": "isoloss.runs",
    "Verdict": "isoloss.trust",
    "find_law": "isoloss.law",
    "read_curves": "isoloss.runs",
    "read_runs": "isoloss.runs",
}

__all__ = [
    "Fit",
    "InputError",
    "IsolossError",
    "Law",
    "Plan",
    "Runs",
    "Verdict",
    "find_law",
    "read_curves",
    "read_runs",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from isoloss.store import version

        return version()
    if name not in _HOMES:
        raise AttributeError(f"module 'isoloss' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
