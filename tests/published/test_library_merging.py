"""The law of model merging: its form, since no constant was read."""

from __future__ import annotations

import pytest

from isoloss.exceptions import LawError
from isoloss.law import published_laws


def test_the_merging_law_has_no_numbers_and_says_how_to_get_some():
    entry = published_laws()["merging2025"]
    with pytest.raises(LawError, match="fit it to runs of your own"):
        entry.evaluate({"N": 7e9, "models": 4})


def test_the_merging_tail_falls_as_one_over_models_plus_b():
    law = published_laws()["merging2025"].law
    numbers = {"E": 1.0, "B": 30.0, "beta": 0.2, "A": 2.0, "gamma": 0.1, "b": 0.5}
    n = 7e9
    # updates.yaml: L* + B N^-beta + A_0 N^-gamma/(k + b)
    floor = 1.0 + 30.0 * n**-0.2
    tails = [float(law({"N": n, "models": k} | numbers)) - floor for k in (1.0, 4.0)]
    assert tails[0] / tails[1] == pytest.approx(4.5 / 1.5, rel=1e-9)
    assert tails[0] == pytest.approx(2.0 * n**-0.1 / 1.5, rel=1e-9)
