"""Real federated training: small models over a grid of clients and widths, and what it says.

    >>> from isoloss.federated.sweep import analyse, run_sweep
    >>> print(analyse(run_sweep("newcomer", record="sweep.jsonl")))  # doctest: +SKIP

`run_sweep` trains, with NumPy alone and all replicas of a width at once, or through Flower's
simulation (`engine="flower"`). `analyse` reads off the best size for every number of clients and
how fast it falls, or says why it cannot.
"""

from isoloss.federated.sweep.analyse import Analysis, Optimum, analyse
from isoloss.federated.sweep.record import Run, SweepRecord, read_record
from isoloss.federated.sweep.run import run_sweep
from isoloss.federated.sweep.settings import PRESETS, Settings

__all__ = [
    "PRESETS",
    "Analysis",
    "Optimum",
    "Run",
    "Settings",
    "SweepRecord",
    "analyse",
    "read_record",
    "run_sweep",
]
