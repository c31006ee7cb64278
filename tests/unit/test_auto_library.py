"""Each family of laws recovers its own kind of law, and extrapolates it; its words say the same."""

import numpy as np
import pytest

from isoloss.trust.auto.fitting import fit_form
from isoloss.trust.auto.library.choose import candidates
from isoloss.trust.auto.library.naive import naive
from isoloss.trust.auto.library.one import curves, one_forms
from isoloss.trust.auto.library.polynomials import floor_exponentials, polynomial, pooled
from isoloss.trust.auto.library.repetition import repetition_forms
from isoloss.trust.auto.library.ridges import ridges
from isoloss.trust.auto.library.several import several_forms
from isoloss.trust.auto.library.shares import share_forms
from isoloss.trust.auto.library.tuning import tuning_forms
from isoloss.trust.auto.words import compact

from .auto_cases import grid, in_words, job_of, off

N, D = grid(np.geomspace(1e7, 1e9, 6), np.geomspace(1e9, 1e11, 6))
FAR = {"N": np.array([1e10, 1e10, 3e9]), "D": np.array([1e12, 1e11, 1e12])}
n, d = N / 1e8, D / 1e10
fn, fd = FAR["N"] / 1e8, FAR["D"] / 1e10

# name of the form -> its truth as a function of (N / 1e8, D / 1e10)
SEVERAL = {
    "ADD": lambda n, d: 1.7 + 0.4 * n**-0.35 + 0.5 * d**-0.3,
    "ADD+prod": lambda n, d: 1.7 + 0.4 * n**-0.35 + 0.5 * d**-0.3 + 0.6 * n**-0.5 * d**-0.1,
    "ADDlogx": lambda n, d: 1.7 + 0.4 * n**-0.35 + 0.5 * d**-0.3 + 0.02 * np.log(n) * np.log(d),
    "PROD": lambda n, d: 1.2 + 1.1 * n**-0.2 * d**-0.1,
    "SATPROD": lambda n, d: 1.2 + 1.1 * (n + 0.5) ** -0.3 * (d + 1.0) ** -0.4,
    "KAP": lambda n, d: 1.5 + 0.8 * (n**-0.6 + 0.7 * d**-0.4) ** 0.5,
    "ADDxmod": lambda n, d: 1.7 + 0.5 * n**-0.4 * d**0.05 + 0.4 * d**-0.3 * n**-0.1,
    "EFF N by D": lambda n, d: 1.3 + 0.9 * (n * (1 + 0.4 * np.log(d / 0.1))) ** -0.3,
}


@pytest.mark.parametrize("name", SEVERAL)
def test_laws_of_several_inputs_recover_themselves(name):
    truth = SEVERAL[name]
    job = job_of({"N": N, "D": D, "loss": truth(n, d)}, FAR)
    form = next(form for form in several_forms(job, job.scales) if form.name == name)
    found = next(fit_form(job, form, "one", (0.0,), starts=128))
    assert off(found, job, truth(fn, fd)) < 0.02
    if name not in ("ADD", "ADD+prod"):
        plain = next(fit_form(job, next(several_forms(job, job.scales)), "one", (0.0,)))
        assert off(plain, job, truth(fn, fd)) > 2 * off(found, job, truth(fn, fd))
    said = in_words(compact(job, found, 0.0), "loss", FAR)
    assert np.allclose(said, found.there[:, 0], rtol=1e-4)


def test_three_inputs_leave_one_out_and_pair_their_powers():
    x = np.exp(np.random.default_rng(0).uniform(-2, 2, (60, 3)))
    far = {"a": np.array([20.0]), "b": np.array([20.0]), "c": np.array([20.0])}
    columns = {"a": x[:, 0], "b": x[:, 1], "c": x[:, 2]}

    def truth(a, b, c):
        return 1 + a**-0.3 + 0.5 * b**-0.5 + 0.3 * a**-0.3 * b**-0.5 + 0 * c

    job = job_of(columns | {"loss": truth(*x.T)}, far)
    forms = {form.name: form for form in several_forms(job, job.scales)}
    assert {"ADD without a", "ADD without b", "ADD without c"} <= set(forms)
    found = next(fit_form(job, forms["ADD+prodpairs"], "one", (0.0,)))
    assert off(found, job, truth(*(far[k] for k in "abc"))) < 0.02
    assert np.allclose(
        in_words(compact(job, found, 0.0), "loss", far), found.there[:, 0], rtol=1e-4
    )


ONE = {
    "pow": lambda x: 1.5 + 2 * x**-0.4,
    "purepow": lambda x: 2 * x**-0.15,
    "shiftpow": lambda x: 1.5 + 2 * (x + 3) ** -0.7,
    "rectpow": lambda x: 1.5 + 2 / (x**0.8 + 5),
    "sigmoid": lambda x: 1.5 + 2 / (1 + (x / 4) ** 1.1),
    "bnsl": lambda x: 1 + 2 * x**-0.1 * (1 + (x / 2) ** 2.5) ** (-0.4 * 0.6),
}


@pytest.mark.parametrize("name", ONE)
def test_laws_of_one_input_recover_themselves(name):
    x, far = np.geomspace(0.1, 30, 16), {"x": np.array([100.0, 300.0])}
    job = job_of({"x": x, "loss": ONE[name](x)}, far)
    form = next(form for form in one_forms(job, 0) if form.name == name)
    found = next(fit_form(job, form, "one", (0.0,), starts=128))
    assert off(found, job, ONE[name](far["x"])) < 0.05
    said = in_words(compact(job, found, 0.0), "loss", far)
    assert np.allclose(said, found.there[:, 0], rtol=1e-4)


def test_an_axis_without_logarithm_has_its_law_too():
    z = np.linspace(-1, 2, 16)
    job = job_of({"z": z, "loss": 1.5 + np.exp(-0.9 * z)}, {"z": np.array([3.0, 4.0])})
    form = next(one_forms(job, 0))
    found = next(fit_form(job, form, "one", (0.0,)))
    assert off(found, job, 1.5 + np.exp(-0.9 * np.array([3.0, 4.0]))) < 0.01
    said = in_words(compact(job, found, 0.0), "loss", {"z": np.array([3.0, 4.0])})
    assert np.allclose(said, found.there[:, 0], rtol=1e-4)


def test_procedures_level_off():
    x = np.geomspace(0.1, 30, 16)
    job = job_of({"x": x, "loss": 3 - 0.2 * np.log(x)}, {"x": np.array([60.0, 1e9])})
    for found in curves(job, 0):
        near, far = found.there[:, 0]
        assert near < job.y.min() + 0.01
        # a line would have fallen by 3.4 more
        assert 0 <= near - far < 1.2


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("kind", ["linear", "bilin", "quad-noint", "quad"])
def test_polynomials_recover_themselves(kind, log):
    def truth(n, d):
        ln, ld = np.log(n), np.log(d)
        value = 1 - 0.05 * ln - 0.04 * ld
        value = value + (0.01 * ln * ld if kind in ("bilin", "quad") else 0)
        value = value + (0.006 * ln**2 if "quad" in kind else 0)
        return np.exp(value) if log else value

    job = job_of({"N": N, "D": D, "loss": truth(n, d)}, FAR)
    found = next(fit_form(job, polynomial(job, kind, [0, 1], log), "one", (0.0,)))
    assert off(found, job, truth(fn, fd)) < 1e-5
    said = in_words(compact(job, found, 0.0), "loss", FAR)
    assert np.allclose(said, found.there[:, 0], rtol=1e-4)


def test_a_pooled_line_has_one_slope_and_a_tilted_one_almost():
    x, g = grid(np.geomspace(1, 100, 8), [0, 1])
    slopes = np.array([-0.30, -0.34])[g.astype(int)]
    columns = {"x": x, "g": np.array(["a", "b"])[g.astype(int)], "loss": 5 + slopes * np.log(x)}
    query = {"x": np.array([1e3, 1e3]), "g": ["a", "b"]}
    job = job_of(columns, query, group="g")
    values = [
        next(fit_form(job, pooled(job, "linear", [0], False, shrink), "one", (0.0,))).there[:, 0]
        for shrink in (0.0, 0.03)
    ]
    plain, tilted = (float(np.ptp(value)) for value in values)
    assert plain == pytest.approx(0.04 * np.log(columns["x"]).mean(), rel=1e-6)
    assert 1.2 * plain < tilted < 0.04 * np.log(1e3)


@pytest.mark.parametrize("kind", ["linear", "bilin"])
def test_a_floor_under_an_exponential_recovers_itself(kind):
    def truth(n, d):
        cross = 0.01 * np.log(n) * np.log(d) if kind == "bilin" else 0
        return 1.4 + np.exp(-0.1 - 0.25 * np.log(n) - 0.1 * np.log(d) + cross)

    job = job_of({"N": N, "D": D, "loss": truth(n, d)}, FAR)
    by_name = {one.name: one for one in floor_exponentials(job, [0, 1], (0.0,))}
    found = by_name[f"floor+exp({kind})"]
    assert off(found, job, truth(fn, fd)) < 0.1
    said = in_words(compact(job, found, 0.0), "loss", FAR)
    assert np.allclose(said, found.there[:, 0], rtol=1e-4)


def repeated(kind, size, total, part):
    more = total / part - 1
    data = part * (1 + 12 * -np.expm1(-more / 12)) / 1e10
    value = 1.8 + 0.5 * (size / 1e8) ** -0.35 + 0.6 * data**-0.3
    if kind == "REP+pen N":
        value = value + 0.01 * more**0.8 * (size / part * 100) ** 0.4
    if kind == "REP+prod":
        value = value + 0.2 * (size / 1e8) ** -0.35 * data**-0.3
    return value


@pytest.mark.parametrize("kind", ["REP", "REP+prod", "REP+pen N"])
def test_repeated_data_recover_themselves(kind):
    size, part, times = grid(np.geomspace(1e7, 1e9, 5), np.geomspace(1e9, 1e11, 5), [1, 4, 16])
    far = {"N": np.array([3e9, 3e9]), "D": np.array([8e12, 4e11]), "U": np.array([4e11, 4e11])}
    truth = repeated(kind, far["N"], far["D"], far["U"])
    columns = {"N": size, "D": part * times, "U": part}
    job = job_of(columns | {"loss": repeated(kind, size, part * times, part)}, far)
    assert job.nested is not None
    form = next(form for form in repetition_forms(job) if form.name == kind)
    found = next(fit_form(job, form, "one", (0.0,), starts=128))
    assert off(found, job, truth) < 0.01
    said = in_words(compact(job, found, 0.0), "loss", far)
    assert np.allclose(said, found.there[:, 0], rtol=1e-4)


def test_a_model_too_large_for_its_data_counts_less():
    size, part, times = grid(np.geomspace(1e7, 3e9, 6), np.geomspace(1e9, 1e11, 5), [1, 4, 16])

    def truth(size, total, part):
        room = np.minimum(size, part / 50)
        grown = room * (1 + 5 * -np.expm1(-(size / room - 1) / 5))
        data = part * (1 + 12 * -np.expm1(-(total / part - 1) / 12)) / 1e10
        return 1.8 + 0.5 * (grown / 1e8) ** -0.35 + 0.6 * data**-0.3

    far = {"N": np.array([1e10]), "D": np.array([4e11]), "U": np.array([1e11])}
    columns = {"N": size, "D": part * times, "U": part}
    job = job_of(columns | {"loss": truth(size, part * times, part)}, far)
    forms = {form.name: form for form in repetition_forms(job)}
    found = next(fit_form(job, forms["REP-N"], "one", (0.0,), starts=128))
    plain = next(fit_form(job, forms["REP"], "one", (0.0,)))
    expected = truth(*(far[key] for key in ("N", "D", "U")))
    assert off(found, job, expected) < 0.02 < off(plain, job, expected)
    said = in_words(compact(job, found, 0.0), "loss", far)
    assert np.allclose(said, found.there[:, 0], rtol=1e-4)


def tuned(kind, lr, n):
    away = np.log(lr / 1e-3) + 0.3 * np.log(n)
    bowl = 0.05 * (np.exp(0.9 * away) - 0.9 * away - 1) if kind != "TUNE-add" else 0.05 * away**2
    gain = n**-0.2
    return 1.8 + 0.6 * gain * (1 + bowl) if kind == "TUNE-prod" else 1.8 + 0.6 * gain + bowl


@pytest.mark.parametrize(
    "kind", ["TUNE-add", "TUNE-asym", "TUNE-deep", "TUNE-prod", "ADD+quadtune"]
)
def test_an_optimum_that_drifts_is_recovered(kind):
    lr, size = grid(np.geomspace(1e-4, 1e-2, 9), np.geomspace(0.1, 10, 6))
    far = {"lr": np.array([2e-4, 1e-3, 3e-3]), "N": np.array([50.0, 50.0, 50.0])}
    made_by = "TUNE-add" if kind == "ADD+quadtune" else kind
    job = job_of({"lr": lr, "N": size, "loss": tuned(made_by, lr, size)}, far)
    assert job.tuning == [0]
    form = next(form for form in tuning_forms(job) if form.name == kind)
    found = next(fit_form(job, form, "one", (0.0,), starts=128))
    # a quadratic with a free cross term bends its optimum, but has no square of the scale
    limit = 0.5 if kind == "ADD+quadtune" else 0.03
    assert off(found, job, tuned(made_by, far["lr"], far["N"])) < limit
    said = in_words(compact(job, found, 0.0), "loss", far)
    assert np.allclose(said, found.there[:, 0], rtol=1e-4)


def recipes(rows, seed):
    return np.random.default_rng(seed).dirichlet(np.ones(3), rows)


def mixed(kind, own, other):
    return {
        "own": 1.5 + 0.4 * (own + 0.05) ** -0.3,
        "ownexp": 1.5 + 0.4 * (own + 0.05) ** -0.3 * np.exp(-0.8 * other),
        "kexp": 1.5 + 0.9 * np.exp(-1.5 * own - 0.5 * other),
        "sumpow": 1.5 + 0.4 * (own + 0.05) ** -0.3 + 0.1 * (other + 0.05) ** -0.3,
        "mixpow": 1.5 + 0.4 * (own + 0.3 * other + 0.05) ** -0.3,
    }[kind]


@pytest.mark.parametrize("kind", ["own", "ownexp", "kexp", "sumpow", "mixpow"])
def test_laws_of_proportions_recover_themselves(kind):
    r, asked = recipes(40, 0), recipes(12, 1)
    columns = {f"r_{k}": r[:, i] for i, k in enumerate("abc")}
    far = {f"r_{k}": asked[:, i] for i, k in enumerate("abc")}
    # each target has its own share, and leans on the next one
    pairs = {"loss_a": (0, 1), "loss_b": (1, 2), "loss_c": (2, 0)}
    targets = {name: mixed(kind, r[:, i], r[:, j]) for name, (i, j) in pairs.items()}
    truth = np.stack([mixed(kind, asked[:, i], asked[:, j]) for i, j in pairs.values()], axis=1)
    job = job_of(columns | targets, far, targets=list(targets))
    assert job.own == (0, 1, 2)
    form = next(form for form in share_forms(job) if form.name == kind)
    found = next(fit_form(job, form, "one", (0.0,), starts=128))
    assert off(found, job, truth) < 0.03
    law = compact(job, found, 0.0)
    for place, target in enumerate(targets):
        assert np.allclose(in_words(law, target, far), found.there[:, place], rtol=1e-4)


def test_ridges_follow_a_smooth_law_of_proportions_in_every_treatment_of_groups():
    r, asked = recipes(30, 2), recipes(10, 3)

    def truth(r, g):
        return 2 + g + (1 + g) * 0.3 * (r[:, 0] + 0.05) ** -0.3

    both = np.concatenate([r, r])
    columns = {f"r_{k}": both[:, i] for i, k in enumerate("abc")}
    columns |= {"g": ["x"] * 30 + ["y"] * 30}
    columns |= {"loss_a": np.concatenate([truth(r, 0), truth(r, 1)])}
    far = {f"r_{k}": np.tile(asked[:, i], 2) for i, k in enumerate("abc")}
    far |= {"g": ["x"] * 10 + ["y"] * 10}
    job = job_of(columns, far, targets=["loss_a"], group="g")
    expected = np.concatenate([truth(asked, 0), truth(asked, 1)])
    errors = {one.name: off(one, job, expected) for one in ridges(job)}
    for mode in ("sep", "scaled", "corrected"):
        assert min(error for name, error in errors.items() if f"|{mode}|" in name) < 0.05
    assert len(errors) == 7 * 2 * 2 * 3


def test_naive_forecasts_are_what_they_say():
    x, g = grid(np.geomspace(1, 100, 6), [0, 1])
    loss = np.arange(12.0)
    columns = {"x": x, "g": np.array(["a", "b"])[g.astype(int)], "loss": loss}
    job = job_of(columns, {"x": [300.0, 3.0], "g": ["a", "b"]}, group="g")
    said = {one.name: (one.there * job.sign)[:, 0].tolist() for one in naive(job)}
    assert said["group mean"] == [5.0, 6.0]
    assert said["last 1"] == [10.0, 11.0]
    assert said["last 3"] == [8.0, 9.0]
    # 3 is nearest to 10**0.4, the second level
    assert said["nearest row"] == [10.0, 3.0]


def test_candidates_depend_on_the_kind_of_table():
    plain = job_of({"N": N, "D": D, "loss": SEVERAL["ADD"](n, d)}, FAR)
    names = {one.name for one in candidates(plain)}
    assert {"ADD", "PROD", "KAP", "group mean", "nearest row", "floor+exp(quad)"} <= names
    assert any(name.startswith("ADD ~kr") for name in names)
    # a quadratic is tried where the query lies between the rows, or an input has an optimum
    assert not any(name.startswith("quad") for name in names)
    inside = job_of(
        {"N": N, "D": D, "loss": SEVERAL["ADD"](n, d)},
        {"N": np.array([2e8]), "D": np.array([2e10])},
    )
    assert any(one.name.startswith("quad") for one in candidates(inside))
