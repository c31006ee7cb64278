"""DiLoCo: its tables of losses refitted, and how its laws miss at 10B."""

from __future__ import annotations

import numpy as np
import pytest

from isoloss import find_law, read_runs
from isoloss.exceptions import LawError
from isoloss.law import published_laws

SETS = {"data_parallel": 0, "M1": 1, "M2": 2, "M4": 4, "M8": 8}


def runs(shared, replicas):
    """The runs of one number of replicas; 0 is data parallel, as in the file."""
    return read_runs(
        shared / "data/diloco_eval_loss.csv",
        map="N=params_nominal,loss=eval_loss",
        where=f"replicas == {replicas}",
    )


def joint(shared, below=1e10):
    return read_runs(
        shared / "data/diloco_eval_loss.csv",
        map="N=params_nominal,replicas=replicas,loss=eval_loss",
        where=("algorithm == 'diloco'", f"params_nominal < {below}"),
    )


def check_printed(fit, printed, close):
    for name, value in printed.items():
        found = fit.parameters[name]
        assert found.low < value < found.high, name
        assert found.value == pytest.approx(value, rel=close), name


# data.md, section 2: an independent refit on the nominal sizes
REFIT = {
    "data_parallel": (18.170, 0.0954),
    "M1": (18.384, 0.0961),
    "M2": (18.799, 0.0970),
    "M4": (19.786, 0.0992),
    "M8": (21.084, 0.1019),
}


@pytest.mark.parametrize("name", SETS)
def test_diloco_refit_of_each_number_of_replicas(shared, name):
    table = runs(shared, SETS[name])
    assert len(table) == 7
    fit = find_law("power").fit(table, objective="ls-log", draws=300)
    scale, exponent = REFIT[name]
    assert fit.values["A"] == pytest.approx(scale, abs=6e-4)
    assert fit.values["alpha"] == pytest.approx(exponent, abs=6e-5)
    printed = published_laws()["diloco2025_dp"].values(name)
    # Table 7 was made with exact sizes, these are nominal ones
    check_printed(fit, {"A": printed["A"], "alpha": -printed["alpha"]}, close=2.5e-3)


def test_diloco_joint_refit(shared):
    table = joint(shared)
    assert len(table) == 28
    fit = find_law("replicas").fit(table, objective="ls-log", draws=300)
    assert fit.certificate.certified
    # data.md: 19.25, -0.0986, 0.0116; Table 10: 19.226, -0.0985, 0.0116
    assert fit.values["A"] == pytest.approx(19.25, abs=6e-3)
    assert fit.values["beta"] == pytest.approx(0.0116, abs=6e-5)
    check_printed(fit, published_laws()["diloco2025_joint_loss"].values(), close=2.5e-3)


@pytest.mark.parametrize(
    ("law", "at", "said", "seen"),
    [
        # laws_language.yaml, checks of diloco2025_dp and diloco2025_joint_loss at 4B
        ("diloco2025_dp", {"N": 4e9}, 2.2044361880467838, 2.224),
        ("diloco2025_joint_loss", {"N": 4e9, "replicas": 2}, 2.1957251521849352, 2.220),
    ],
)
def test_diloco_at_4b(law, at, said, seen):
    found = published_laws()[law].evaluate(at)
    assert found.value == pytest.approx(said, rel=1e-12)
    assert found.value == pytest.approx(seen, rel=0.02)
    assert found.inside is False


def test_misfit_6_diloco_data_parallel_is_three_percent_low_at_10b():
    # laws_language.md, section 3, miss 6: no floor
    found = published_laws()["diloco2025_dp"].evaluate({"N": 1e10})
    assert found.value == pytest.approx(2.0201045599484475, rel=1e-12)
    assert found.value / 2.090 - 1 == pytest.approx(-0.0334, abs=5e-4)
    assert found.high < 2.05


def test_misfit_7_diloco_joint_is_four_percent_low_at_10b():
    # laws_language.md, section 3, miss 7: no floor
    found = published_laws()["diloco2025_joint_loss"].evaluate({"N": 1e10, "replicas": 2})
    assert found.value == pytest.approx(2.0062307650555673, rel=1e-12)
    assert found.value / 2.086 - 1 == pytest.approx(-0.0382, abs=5e-4)
    assert found.high < 2.05


def test_a_floor_foretells_10b_from_runs_to_1_3b(shared):
    small = joint(shared, below=2e9)
    largest = {}
    for name in ("replicas", "replicas_floor"):
        fit = find_law(name).fit(small, objective="ls-log", draws=0)
        largest[name] = fit.at(N=1e10, replicas=2.0)[0, 0] / 2.086 - 1
    # Table 13 of the source: the form with a floor foretells held-out sizes better
    assert abs(largest["replicas_floor"]) < 0.005
    assert largest["replicas"] < -0.04


def test_diloco_joint_rules_of_learning_rate_and_batch():
    lr = published_laws()["diloco2025_joint_lr"]
    batch = published_laws()["diloco2025_joint_bs"]
    at = {"N": 1e9, "replicas": 4.0}
    # Table 10, the printed formula by hand
    assert lr.evaluate(at).value == pytest.approx(22256 * 1e9**-0.8827 * 4**0.2929, rel=1e-12)
    assert batch.evaluate(at).value == pytest.approx(0.00709 * 1e9**0.4695 * 4**0.3399, rel=1e-12)
    assert "not stated" in batch.evaluate(at).unit


@pytest.mark.parametrize("m", [1, 2, 4, 8])
@pytest.mark.parametrize(
    ("rule", "single"),
    [("diloco2025_joint_lr", "diloco2025_lr"), ("diloco2025_joint_bs", "diloco2025_bs")],
)
def test_diloco_joint_rules_against_those_of_one_number_of_replicas(rule, single, m):
    n = 3.35e8
    together = published_laws()[rule].evaluate({"N": n, "replicas": m}).value
    entry = published_laws()[single]
    if (single, m) == ("diloco2025_lr", 8):
        # Tables 8 and 10 contradict each other here, so the numbers are used only when asked for
        with pytest.raises(LawError, match="contradicted"):
            entry.evaluate({"N": n}, "M8")
        found = entry.evaluate({"N": n}, "M8", any_evidence=True).value
        assert together / found == pytest.approx(4.9, abs=0.05)
        # the same digits in another order agree
        assert 618986 * n**-1.021 == pytest.approx(together, rel=0.02)
    else:
        assert entry.evaluate({"N": n}, f"M{m}").value == pytest.approx(together, rel=0.35)


def test_diloco_nominal_tokens_are_twenty_a_parameter(shared):
    table = np.genfromtxt(
        shared / "data/diloco_eval_loss.csv", delimiter=",", skip_header=1, usecols=(1, 2)
    )
    # the paper's table of budgets prints 70M tokens for 35M; the file holds 20 N throughout
    np.testing.assert_allclose(table[:, 1], 20 * table[:, 0])
