"""Theory and progress in the library: what can be evaluated, and what must not be."""

from __future__ import annotations

import numpy as np
import pytest

from isoloss.exceptions import LawError
from isoloss.law.published import published_laws


def test_an_exponent_from_the_dimension_of_the_data():
    law = published_laws()["sharma2020"]
    # N**(-4/d): in four dimensions ten times the parameters divide the loss by ten
    assert law.evaluate({"N": 10.0, "d": 4.0}).value == pytest.approx(0.1)
    assert law.evaluate({"N": 1e6, "d": 8.0}).value == pytest.approx(1e-3)
    assert law.form is None


@pytest.mark.parametrize("id_", ["bahri2021", "michaud2023", "maloney2022", "paquette2024"])
def test_theory_without_numbers_is_refused_and_says_what_to_do(id_):
    law = published_laws()[id_]
    at = dict.fromkeys(law.coefficients().inputs, 1000000000.0)
    with pytest.raises(LawError, match=f"'{id_}' cannot be evaluated.*--law {id_}"):
        law.evaluate(at)
    assert law.form is not None


def test_what_theory_fixes():
    assert published_laws()["bahri2021"].values("variance_limited") == {"alpha": 1.0}
    assert published_laws()["paquette2024"].values() == {"a": 0.5}


@pytest.mark.parametrize("id_", ["bordelon2024", "anagnostidis2023"])
def test_a_remembered_form_is_not_used_unasked(id_):
    law = published_laws()[id_]
    assert law.level == "memory"
    assert not law.usable
    assert not law.complete
    assert any("not read" in pitfall for pitfall in law.pitfalls)


def test_densing_doubles_every_hundred_days():
    law = published_laws()["xiao2024_densing"]
    growth = law.values()["A"]
    # laws_language.yaml: log(2)/0.007 = 99 days, about 3.3 months
    assert np.log(2) / growth == pytest.approx(99, abs=0.1)
    at = {"A": growth, "B": -1.0}
    later, now = (float(law.law({"t": t, **at})) for t in (99.02, 0.0))
    assert later / now == pytest.approx(2.0, rel=1e-3)


def test_progress_is_the_same_as_more_parameters_and_tokens():
    law = published_laws()["ho2024_progress"]
    numbers = {"E": 0.0, "A": 6.0, "a_p": 0.1, "a_y": 0.02, "B": 30.0, "b_d": 0.04, "b_y": 0.01}
    at = {"Y_0": 2012.0, **numbers}
    then = float(law.law({"N": 1e9, "D": 1e10, "Y": 2012.0, **at}))
    # ten years multiply effective parameters by exp(10*a_y/a_p), tokens by exp(10*b_y/b_d)
    fewer = {"N": 1e9 / np.exp(10 * 0.02 / 0.1), "D": 1e10 / np.exp(10 * 0.01 / 0.04)}
    assert float(law.law({**fewer, "Y": 2022.0, **at})) == pytest.approx(then, rel=1e-12)
    # the built-in form counts years from the reference year
    same = {"E": 0.0, "A": 6.0, "alpha": 0.1, "alpha_Y": 0.02, "B": 30.0}
    same |= {"beta": 0.04, "beta_Y": 0.01}
    assert law.form is not None
    built_in = float(law.form({**fewer, "Y": 10.0, **same}))
    assert built_in == pytest.approx(then, rel=1e-12)
