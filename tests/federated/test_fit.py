"""rho from runs: recovery, refusals, optional terms, DiLoCo's table, saving, planning."""

from __future__ import annotations

import json

import numpy as np
import pytest

from isoloss import find_law, read_runs
from isoloss.exceptions import DocumentError, InputError, PlanError, RunsError
from isoloss.federated import FederatedFit, fit_federated, plan_federated, read_federated_runs
from isoloss.federated.decentralised import diloco_recipe
from tests.federated.cases import CLIENTS, TRUTH, design, law, table

DILOCO = {
    "map": "N=params_nominal,loss=eval_loss",
    "where": ("algorithm == 'diloco'", "params_nominal < 3e9"),
}


@pytest.mark.parametrize("rho", [0.0, 0.25, 0.6, 1.0])
def test_rho_is_found(rho):
    made = fit_federated(table(rho, seed=3), draws=200)
    assert made.rho.value == pytest.approx(rho, abs=0.03)
    assert made.rho.low < rho < made.rho.high
    assert made.fit.certificate.certified
    gamma = rho * 0.28 / 0.62
    assert made.gamma.value == pytest.approx(gamma, abs=0.02)
    assert made.rms == pytest.approx(0.005, rel=0.25)
    assert made.belief.which == "either"


def test_what_parabolas_cost_is_taken_off_the_direct_slope():
    made = fit_federated(table(1.0, seed=3, seeds=5), draws=200)
    assert made.direct is not None
    assert made.direct.gamma is not None
    assert made.bias is not None
    # even five sizes about the lowest are too wide for a parabola, by a known amount
    assert 1e-4 < abs(made.bias) < 0.02
    assert made.direct.gamma.value - made.bias == pytest.approx(made.gamma.value, abs=0.01)
    assert made.belief.which == "either"


def test_a_law_that_is_wrong_is_not_believed():
    axes = np.meshgrid(np.geomspace(2e7, 4e11, 12), (1e19, 1e20, 1e21), (1, 2, 4, 8, 16))
    N, C, K = (axis.ravel() for axis in axes)
    D = C / (6 * N)
    # the effect of K grows with N, which no rho can say
    loss = 1.69 + 406.4 / N**0.34 * (1 + 0.15 * np.log(K)) + 3000 * np.log(K + 1) / D**0.4
    noise = np.exp(0.002 * np.random.default_rng(0).standard_normal(len(N)))
    columns = {"params": N, "tokens": D, "clients": K.astype(float), "loss": loss * noise}
    made = fit_federated(columns, draws=200)
    assert made.belief.which == "direct"
    assert "overlap" in made.belief.why or "leaves" in made.belief.why


@pytest.mark.parametrize(
    ("keep", "says"),
    [
        ("K == 4", "every run has K = 4"),
        ("N*D > 1e19 and N*D < 2e19", "one budget"),
        ("N < 2.1e7", "every run has N"),
    ],
)
def test_designs_that_cannot_tell_rho(keep, says):
    with pytest.raises(RunsError, match=says):
        fit_federated(table(0.5), where=keep)


def test_one_ratio_of_tokens_needs_a_shape():
    N, K = (v.ravel() for v in np.meshgrid(np.geomspace(1e7, 1e9, 7), CLIENTS))
    columns = {"params": N, "tokens": 20 * N, "clients": K, "loss": law(N, 20 * N, K, 0.4)}
    with pytest.raises(RunsError, match="D/N = 20"):
        fit_federated(columns)
    made = fit_federated(columns, shape="hoffmann2022_a3", draws=50)
    assert made.rho.value == pytest.approx(0.4, abs=1e-6)
    assert made.gamma.value == pytest.approx(0.4 * 0.28 / 0.62, abs=1e-6)
    with pytest.raises(InputError, match="cannot be held"):
        fit_federated(columns, shape="kaplan2020_ND")


def test_clients_tied_to_size_are_refused():
    N, D, _ = design(clients=(1,))
    K = np.round(np.log2(N) - 20)
    columns = {"params": 2.0 ** (K + 20), "tokens": D, "clients": K, "loss": law(N, D, K)}
    columns["params"] = K**2 * 1e6
    with pytest.raises(RunsError, match="function of N and D"):
        fit_federated(columns)


def test_the_table_of_diloco_gives_its_rho(shared):
    runs = shared / "data/diloco_eval_loss.csv"
    for shape in ("hoffmann2022_a3", "besiroglu2024"):
        made = fit_federated(runs, shape=shape, draws=400, **DILOCO)
        # research notes, section 2: 0.226 and 0.221, 95 % within 0.18 to 0.25
        assert made.rho.value == pytest.approx(0.22, abs=0.01)
        assert 0.17 < made.rho.low < made.rho.value < made.rho.high < 0.28
        assert 0.09 < made.gamma.value < 0.13
        assert 0.012 < made.rms < 0.02


def test_the_joint_law_of_diloco_and_its_miss(shared):
    runs = read_runs(
        shared / "data/diloco_eval_loss.csv",
        map="N=params_nominal,replicas=replicas,loss=eval_loss",
        where=DILOCO["where"],
    )
    fit = find_law("replicas").fit(runs, objective="ls-log", draws=0)
    assert fit.values["A"] == pytest.approx(19.25, abs=0.1)
    assert fit.values["alpha"] == pytest.approx(-0.0986, abs=5e-4)
    assert fit.values["beta"] == pytest.approx(0.0116, abs=2e-4)
    said = diloco_recipe(1e10, 2)
    assert said.joint["loss"] == pytest.approx(2.006, abs=1e-3)
    assert not said.inside
    assert any("3.5e+07 to 2.4e+09" in text for text in said.remarks)
    assert any("2.086" in text for text in said.remarks)


def test_data_parallel_rows_are_named(shared):
    with pytest.raises(RunsError, match=r"K is 0.*'K > 0'"):
        fit_federated(shared / "data/diloco_eval_loss.csv", map=DILOCO["map"])


# ---------------------------------------------------------------------------- terms


def varied(rng=7, **columns):
    """The design with other columns drawn at random for every run."""
    N, D, K = design()
    draw = np.random.default_rng(rng)
    chosen = {name: draw.choice(values, len(N)) for name, values in columns.items()}
    noise = np.exp(0.002 * draw.standard_normal(len(N)))
    base = {"params": N, "tokens": D, "clients": K.astype(float)}
    return base | chosen, noise


def test_local_steps_change_rho():
    columns, noise = varied(local_steps=[1.0, 4.0, 16.0, 64.0])
    N, D, K, H = columns.values()
    columns["loss"] = law(N, D, K, 0.2 + 0.1 * np.log(H)) * noise
    made = fit_federated(columns, terms=["local_steps"], draws=200)
    found = made.fit.parameters["rho_H"]
    assert found.value == pytest.approx(0.1, abs=0.01)
    assert found.low < 0.1 < found.high
    planned = plan_federated(made, flops=1e20, clients=8, local_steps=64)
    rho = made.rho.value + found.value * np.log(64)
    assert planned.compute_multiplier == pytest.approx(8**rho, rel=1e-9)
    assert "rho" not in planned.bands
    with pytest.raises(PlanError, match="needs them"):
        plan_federated(made, flops=1e20, clients=8)
    with pytest.raises(RunsError, match="cannot be told"):
        fit_federated(columns | {"local_steps": np.full(len(N), 8.0)}, terms=["local_steps"])


def test_participation_has_its_exponent():
    columns, noise = varied(participation=[0.125, 0.5, 1.0])
    N, D, K, p = columns.values()
    columns["loss"] = law(N, D * p**-0.3, K, 0.5) * noise
    made = fit_federated(columns, terms=["participation"], draws=0)
    assert made.fit.values["tau"] == pytest.approx(0.3, abs=0.02)


def test_unlike_data_lift_the_loss_and_blanks_are_alike():
    columns, noise = varied(dirichlet_alpha=[0.1, 1.0, np.inf])
    N, D, K, a = columns.values()
    columns["loss"] = (law(N, D, K, 0.5) + 0.2 * (1 - 1 / K) / (1 + a)) * noise
    made = fit_federated(columns, terms=["dirichlet_alpha"], draws=100)
    assert made.fit.values["G"] == pytest.approx(0.2, abs=0.01)
    rows = [
        {name: "" if value == np.inf else value for name, value in zip(columns, row, strict=True)}
        for row in zip(*columns.values(), strict=True)
    ]
    again = fit_federated(rows, terms=["dirichlet_alpha"], draws=0)
    assert again.fit.values["G"] == pytest.approx(made.fit.values["G"], rel=1e-9)
    assert "alike-where-blank" in {n.code for n in again.notices}
    lifted = plan_federated(made, flops=1e20, clients=8, dirichlet_alpha=0.1)
    alike = plan_federated(made, flops=1e20, clients=8)
    assert lifted.n_params == pytest.approx(alike.n_params, rel=1e-12)
    assert lifted.loss - alike.loss == pytest.approx(0.2 * 7 / 8 / 1.1, rel=0.06)


def test_a_complexity_exponent():
    N, D, K = design()
    t = TRUTH
    loss = t["E"] + t["A"] / N**0.34 + 0.02 * N**0.2 / (D / K**0.5) ** 0.28 * 100
    columns = {"params": N, "tokens": D, "clients": K.astype(float), "loss": loss}
    made = fit_federated(columns, terms=["nu"], draws=0)
    assert made.fit.values["nu"] == pytest.approx(0.2, abs=0.01)
    assert made.gamma.value == pytest.approx(0.5 * 0.28 / 0.82, abs=0.01)


def test_terms_that_do_not_exist():
    with pytest.raises(InputError, match="no term 'momentum'"):
        fit_federated(table(0.5), terms=["momentum"])
    with pytest.raises(InputError, match="no terms are fitted"):
        fit_federated(table(0.5), terms=["nu"], shape="hoffmann2022_a3")
    with pytest.raises(RunsError, match="needs a column"):
        fit_federated(table(0.5), terms=["local_steps"])


# ---------------------------------------------------------------------------- reading


def test_names_are_guessed_and_said():
    runs = read_federated_runs(table(0.5))
    assert set(runs.columns) == {"N", "D", "K", "loss"}
    assert {n.code for n in runs.notices} >= {"guessed-column"}
    with pytest.raises(RunsError, match="no column is known to be K"):
        read_federated_runs({"params": [1e8, 2e8], "tokens": [1e9, 2e9], "loss": [3.0, 2.9]})


@pytest.mark.parametrize("bad", [0.0, 2.5])
def test_clients_are_whole(bad):
    columns = table(0.5)
    columns["clients"] = columns["clients"].copy()
    columns["clients"][4] = bad
    with pytest.raises(RunsError, match=f"K is {bad:g}"):
        fit_federated(columns)


def test_diverged_runs_are_named_and_left_out(tmp_path):
    columns = table(0.5)
    columns["val_loss"] = columns["val_loss"].copy()
    columns["val_loss"][[3, 10]] = [np.nan, np.inf]
    path = tmp_path / "runs.csv"
    lines = [",".join(columns)]
    rows = zip(*columns.values(), strict=True)
    lines += [",".join(repr(float(value)) for value in row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = fit_federated(path, draws=0)
    notice = next(n for n in made.notices if n.code == "diverged-runs")
    # two lines after the header is the first run
    assert "lines 5, 12" in notice.message
    assert len(made.fit.runs) == 103


def test_the_best_rate_of_every_cell_is_fitted():
    columns = {name: np.tile(values, 3) for name, values in table(0.5, noise=0.0).items()}
    rates = np.repeat([0.1, 0.3, 1.0], 105)
    columns["lr"] = rates
    columns["val_loss"] = columns["val_loss"] * np.repeat([1.05, 1.0, 1.1], 105)
    made = fit_federated(columns, draws=0)
    assert made.rho.value == pytest.approx(0.5, abs=1e-4)
    assert len(made.fit.runs) == 105
    assert "rate-at-edge" not in {n.code for n in made.notices}


# ---------------------------------------------------------------------------- use


def test_a_saved_fit_plans_as_the_fit_does(tmp_path):
    made = fit_federated(table(0.6), draws=100)
    path = tmp_path / "fed.json"
    made.save(path)
    back = FederatedFit.load(path)
    assert back.to_document() == json.loads(json.dumps(made.to_document()))
    here = plan_federated(made, flops=1e20, clients=8)
    there = plan_federated(str(path), flops=1e20, clients=8)
    assert there.to_document() == here.to_document()
    assert here.rho.name == "fitted"
    assert here.provenance["loss"] == ("your runs",)
    low, high = here.bands["law"]["n_params"]
    assert low < here.n_params < high
    # the draws of rho are in the intervals of the law
    low, high = here.bands["law"]["compute_multiplier"]
    assert np.log(low) / np.log(8) == pytest.approx(made.rho.low, abs=1e-4)
    assert np.log(high) / np.log(8) == pytest.approx(made.rho.high, abs=1e-4)


def test_a_fit_plans_near_the_truth_and_warns_beyond_its_clients():
    made = fit_federated(table(0.6, noise=0.0), draws=0)
    from isoloss.federated import PowerLaw

    truth = PowerLaw(1.69, 406.4, 0.34, 410.7, 0.28).optimum(1e20, 8, 0.6)
    assert plan_federated(made, flops=1e20, clients=8).n_params == pytest.approx(
        truth.size, rel=1e-3
    )
    beyond = plan_federated(made, flops=1e20, clients=64)
    codes = {n.code for n in beyond.notices}
    assert {"clients-beyond-runs", "outside-runs"} <= codes
    # another rho in place of the fitted one
    assert plan_federated(made, flops=1e20, clients=8, rho=0).ratio_to_central == 1.0


def test_a_damaged_file(tmp_path):
    path = tmp_path / "fed.json"
    fit_federated(table(0.6), draws=0).save(path)
    document = json.loads(path.read_text(encoding="utf-8"))
    del document["result"]["terms"]
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DocumentError, match="damaged"):
        FederatedFit.load(path)


def test_what_is_printed():
    text = str(fit_federated(table(0.6), draws=50))
    for word in ("[your runs]", "gamma, from the law", "believe:", "residuals", "largest:"):
        assert word in text


def test_the_same_seed_gives_the_same_numbers():
    one, two = (fit_federated(table(0.6), draws=50, seed=4).to_document() for _ in range(2))
    assert one == two
    other = fit_federated(table(0.6), draws=50, seed=5)
    assert other.rho.low != one["rho"]["low"]
