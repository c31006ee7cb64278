"""The law beside the mixture at a point, and the form that backtests choose."""

import numpy as np
import pytest

from isoloss import find_law, ladders, read_runs
from isoloss.exceptions import InputError
from isoloss.trust.best import candidate_laws, chosen_notice, fit_best
from isoloss.trust.expectation import expect

from .mixture_cases import chinchilla_like

TARGET = {"N": 1016928, "D": 3930930}
MEASURED = 1.135


@pytest.fixture(scope="module")
def smaller():
    runs = read_runs(
        ladders.path("char_lm"), map="N=params,D=tokens,loss=loss", conventions="N=total", groups={}
    )
    return runs.select(6 * runs.columns["N"] * runs.columns["D"] < 1e12)


def test_a_law_that_is_wrong_far_out_is_told_by_the_mixture(smaller):
    verdict = find_law("chinchilla").fit(smaller, draws=100).trust(at=TARGET)
    found = verdict.expectation
    assert found.law_low > MEASURED
    assert found.low < MEASURED < found.high
    assert abs(found.value / MEASURED - 1) < 0.03
    assert "form-disagrees" in {finding.code for finding in verdict.findings}
    assert sum(found.shares.values()) == pytest.approx(1.0)
    assert found.errors["mixture"] < found.errors["log-linear"]
    text = str(verdict)
    assert "this law" in text
    assert "all forms" in text


def test_a_law_that_holds_agrees_with_the_mixture():
    runs = chinchilla_like(64, noise=0.002)
    far = {name: 2 * float(runs.columns[name].max()) for name in ("N", "D")}
    verdict = find_law("chinchilla").fit(runs, draws=50).trust(at=far)
    found = verdict.expectation
    assert found.low < found.law < found.high
    assert not {"form-disagrees", "missed-in-backtests", "naive-wins"} & {
        finding.code for finding in verdict.findings
    }
    assert abs(found.value / found.law - 1) < 0.01


def test_a_regime_change_stops_whatever_the_law_says():
    """A kink inside the runs, and a question beyond them: the certificate does not save it."""
    rng = np.random.default_rng(2)
    c = np.geomspace(1e15, 1e21, 48)
    loss = np.where(c < 1e19, 60 * c**-0.07, 60 * 1e19 ** (0.05) * c ** (-0.07 - 0.05))
    runs = read_runs({"C": c, "loss": loss * np.exp(0.002 * rng.standard_normal(48))})
    verdict = find_law("power_floor").over("C").fit(runs, draws=50).trust(at={"C": 1e22})
    codes = {finding.code: finding.severity for finding in verdict.findings}
    assert codes["regime-change"] == "stop"
    assert not verdict.trusted


def test_no_mixture_where_the_runs_allow_none(smaller):
    few = smaller.select(np.arange(8) * 6)
    fit = find_law("power(D)").fit(few, draws=20)
    assert expect(fit, {"D": 1e7}) is not None
    fewest = smaller.select(np.arange(4) * 9)
    assert expect(find_law("power(D)").fit(fewest, draws=0), {"D": 1e7}) is None


def test_backtests_choose_a_form_that_is_certified(smaller):
    fit, compared = fit_best(smaller, "chinchilla,kaplan,power", draws=20)
    assert fit.law.id in compared.ties
    assert fit.law.id != "power"
    assert fit.certificate.certified
    assert f"'{fit.law.id}' was chosen among 3 forms" in chosen_notice(fit, compared).message


def test_auto_asks_for_forms_of_the_inputs_at_hand(smaller):
    both = {law.id for law in candidate_laws(smaller)}
    assert {"chinchilla", "coupled", "farseer"} <= both
    c = np.geomspace(1e15, 1e20, 20)
    alone = {law.id for law in candidate_laws(read_runs({"C": c, "loss": 60 * c**-0.07}))}
    assert any(name.startswith("power_floor") for name in alone)
    assert "chinchilla" not in alone
    rate = read_runs({"rate": c, "loss": 60 * c**-0.07}, map="rate=rate,loss=loss")
    with pytest.raises(InputError, match="no form of dense or curves has inputs among rate"):
        candidate_laws(rate)
