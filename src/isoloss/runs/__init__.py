"""What was trained: tables of runs in, checked columns with conventions and provenance out."""

from isoloss.runs.curves import read_curves
from isoloss.runs.read import read_runs
from isoloss.runs.runs import Runs

__all__ = ["Runs", "read_curves", "read_runs"]
