"""Which forms a name or a family stands for, given the runs."""

import numpy as np
import pytest

from isoloss import InputError, read_runs
from isoloss.law import forms
from isoloss.trust import choose


def table(noise: float = 0.002, seed: int = 0):
    """Runs of a law with an outer exponent, 7 sizes by 7 lengths."""
    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 3e9, 7), np.geomspace(1e9, 1e11, 7)))
    law = forms()["coupled"]
    at = {p.name: p.typical for p in law.parameters}
    loss = law({"N": n, "D": d, **at})
    loss = loss * np.exp(noise * np.random.default_rng(seed).standard_normal(n.size))
    return read_runs({"N": n, "D": d, "loss": loss}, map="N=N,D=D,loss=loss")


def test_choose_takes_families_names_and_formulas():
    runs = table()
    dense = {law.id for law in choose("dense", runs)}
    assert {"chinchilla", "coupled", "kaplan"} <= dense
    assert all(set(law.variable_names) <= {"N", "D"} for law in choose("all", runs))
    assert [law.id for law in choose("kaplan, power(D),bnsl(breaks=1)", runs)] == [
        "kaplan",
        "power(D)",
        "bnsl(breaks=1)",
    ]
    with pytest.raises(InputError, match="no law of 'moe' has the target loss"):
        choose("moe", runs)
    with pytest.raises(InputError, match="no law is called 'nonsense'"):
        choose("nonsense", runs)
