"""Laws of the learning-rate schedule, on the released curves of 25M and 100M models."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from scipy.signal import lfilter

from isoloss import find_law, read_curves, read_runs
from isoloss.exceptions import LawError
from isoloss.law.published import published_laws

WARM_UP = 2160
PEAK = 3e-4
MOMENTUM = 0.99


def _curve(rows, size, schedule):
    """S_1, S_2 and loss at the logged steps of one run."""
    chosen = sorted(
        (int(r["step"]), float(r["lr"]), float(r["loss"]))
        for r in rows
        if r["model_params_m"] == size and r["schedule"] == schedule
    )
    steps, logged, loss = (np.array(column) for column in zip(*chosen, strict=True))
    every = np.arange(1, steps[-1] + 1)
    rate = np.interp(every, np.r_[WARM_UP, steps], np.r_[PEAK, logged])
    rate[:WARM_UP] = PEAK * every[:WARM_UP] / WARM_UP
    falls = np.r_[0.0, rate[:-1] - rate[1:]]
    falls[:WARM_UP] = 0.0
    momentum = lfilter([1.0], [1.0, -MOMENTUM], falls)
    return np.cumsum(rate)[steps - 1], np.cumsum(momentum)[steps - 1], loss


@pytest.fixture(scope="module")
def rows(shared):
    with (shared / "data/multipower_lr_curves.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("size", ["25", "100"])
def test_two_curves_foretell_other_schedules(rows, size):
    """Tissue et al. 2024 claim about 0.2 % on unseen schedules from one or two curves."""
    curves = [_curve(rows, size, name) for name in ("constant_24000", "cosine_24000")]
    s_1, s_2, loss = (np.concatenate(parts) for parts in zip(*curves, strict=True))
    runs = read_runs({"S_1": s_1, "S_2": s_2, "loss": loss}, map="S_1=S_1,S_2=S_2,loss=loss")
    law = find_law("annealing")
    fit = law.fit(runs, draws=0)
    assert fit.certificate.certified
    values = dict(fit.values)
    assert values["B"] > 0
    errors = {}
    for name in ("wsd_20000_24000", "wsdld_20000_24000", "wsdcon_9", "constant_72000"):
        s_1, s_2, loss = _curve(rows, size, name)
        errors[name] = np.mean(np.abs(law({"S_1": s_1, "S_2": s_2, **values}) / loss - 1))
    assert max(errors.values()) < 0.002, errors
    # without the annealing area the end of a schedule that falls is missed by much more
    s_1, s_2, loss = _curve(rows, size, "wsd_20000_24000")
    last = slice(-10, None)
    with_area = law({"S_1": s_1[last], "S_2": s_2[last], **values}) / loss[last] - 1
    without = law({"S_1": s_1[last], "S_2": 0 * s_2[last], **values}) / loss[last] - 1
    assert np.abs(with_area).mean() < 0.3 * np.abs(without).mean()


def test_the_annealing_law_has_no_constants_of_its_own():
    law = published_laws()["tissue2024_annealing"]
    assert set(law.coefficients().unseen) == {"L0", "A", "alpha", "C"}
    with pytest.raises(LawError, match="could not be read"):
        law.evaluate({"S_1": 1.0, "S_2": 0.01})


def test_multi_power_numbers_of_three_sizes():
    law = published_laws()["luo2025_mpl"]
    assert list(law.sets) == ["25M", "100M", "400M"]
    # src/config.py, in the order L0, A, alpha, B, C, beta, gamma
    printed = {
        "25M": [3.04045406, 0.52468604, 0.50786857, 363.78751622, 2.06560812, 0.58279013],
        "100M": [2.6514477, 0.60115152, 0.45295811, 437.9464276, 2.13245612, 0.59785199],
        "400M": [2.37474466, 0.65421216, 0.42878731, 523.42464371, 2.02462735, 0.59350493],
    }
    gamma = {"25M": 0.64142257, "100M": 0.65523644, "400M": 0.63472457}
    names = ["L0", "A", "alpha", "B", "C", "beta"]
    for size, wanted in printed.items():
        values = law.values(size)
        assert [values[name] for name in names] == wanted
        assert values["gamma"] == gamma[size]
    # larger models end lower
    floors = [law.values(size)["L0"] for size in law.sets]
    assert floors == sorted(floors, reverse=True)


FITTED = ("cosine_24000", "constant_24000", "wsdcon_9")
# mean absolute percentage error on each schedule that was not fitted: measured 0.04 to 0.05, 0.04,
# 0.07, 0.17 and 0.33 (25M and 100M), 0.11, 0.42 and 0.45
ERRORS = {
    "wsd_20000_24000": 0.07,
    "wsdld_20000_24000": 0.06,
    "wsdcon_18": 0.10,
    "wsdcon_3": 0.45,
    "constant_72000": 0.16,
    "cosine_72000": 0.60,
}


def _read(shared, size, *names, **options):
    either = " or ".join(f"schedule == '{name}'" for name in names)
    return read_curves(
        shared / "data/multipower_lr_curves.csv",
        curve="schedule",
        warmup=WARM_UP,
        where=(f"model_params_m == {size}", either),
        **options,
    )


@pytest.mark.parametrize(("size", "gap"), [(25, (0.105, 0.125)), (100, (0.12, 0.14))])
def test_three_curves_foretell_the_others_by_the_multi_power_law(shared, size, gap):
    """The split of Luo et al. 2025: cosine, constant and one two-stage curve are fitted."""
    fit = find_law("multi_power(drops=16)").fit(_read(shared, size, *FITTED), draws=0)
    assert fit.certificate.certified
    for name, most in ERRORS.items():
        runs = _read(shared, size, name)
        error = 100 * np.mean(np.abs(fit.predict(runs).value / runs.columns["loss"] - 1))
        assert error < most, (name, error)
    theirs = published_laws()["luo2025_mpl"].values(f"{size}M")
    assert fit.values["A"] == pytest.approx(theirs["A"], rel=0.03)
    assert fit.values["alpha"] == pytest.approx(theirs["alpha"], rel=0.02)
    # B, C, gamma and beta are tied, and the floor is another: see the pitfalls of the entry
    assert gap[0] < fit.values["E"] - theirs["L0"] < gap[1]


@pytest.mark.parametrize(("size", "middle"), [(25, 0.11), (100, 0.131)])
def test_the_released_curves_lie_above_the_published_constants_by_a_shift(shared, size, middle):
    theirs = published_laws()["luo2025_mpl"]
    # the form calls the floor E
    law, values = find_law("multi_power(drops=32)"), dict(theirs.values(f"{size}M"))
    values["E"] = values.pop("L0")
    for name in (*FITTED, *ERRORS):
        runs = _read(shared, size, name, drops=32)
        above = runs.columns["loss"] - law({**runs.columns, **values})
        assert above.mean() == pytest.approx(middle, abs=0.008), name
        assert above.std() < 0.012, name
    assert any("0.11 (25M) and 0.13 nats/token (100M)" in text for text in theirs.pitfalls)


@pytest.mark.parametrize("name", ["cosine_24000", "wsd_20000_24000", "wsdcon_9"])
def test_areas_of_the_released_curves_agree_with_a_sum_over_every_step(shared, rows, name):
    s_1, s_2, _ = _curve(rows, "25", name)
    runs = _read(shared, 25, name, momentum=MOMENTUM, drops=1)
    order = np.argsort(runs.columns["step"])
    assert runs.columns["S_1"][order] == pytest.approx(s_1, rel=0.003)
    # a jump is put in the middle between two rows here, and spread over them there
    most = 0.06 if name.startswith("wsdcon") else 0.003
    assert runs.columns["S_2"][order] == pytest.approx(s_2, abs=most * s_2.max())
