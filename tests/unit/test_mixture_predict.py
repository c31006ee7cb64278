"""The verb `predict_mixture`."""

import json

import numpy as np
import pytest

from isoloss import read_runs
from isoloss.exceptions import InputError
from isoloss.store import dumps
from isoloss.trust.mixture import predict_mixture

from .mixture_cases import chinchilla_like, one_input, table, truth

FAR = {"N": 2e10, "D": 4e11}


@pytest.fixture(scope="module")
def found():
    return predict_mixture(chinchilla_like(64), {"N": [1e8, 6e9, 2e10], "D": [4e9, 1.3e11, 4e11]})


def test_a_known_law_is_foretold_with_its_coverage():
    inside, error = [], []
    for seed in range(6):
        rng = np.random.default_rng([7, seed])
        one = predict_mixture(chinchilla_like(25, seed=seed), {"N": 6e9, "D": 1.3e11}, draws=40)
        came = truth(6e9, 1.3e11) + 0.005 * rng.standard_normal(20)
        inside.append(((np.log(one.low) <= came) & (came <= np.log(one.high))).mean())
        error.append(float(np.log(one.value[0]) - truth(6e9, 1.3e11)))
        assert np.log(one.high / one.low)[0] < 0.1
    assert np.mean(inside) > 0.8
    assert np.sqrt(np.mean(np.square(error))) < 0.01


def test_variances_add_up_and_grow_with_distance(found):
    parts = [found.variance[name] for name in ("form", "parameter", "residual", "drift")]
    assert sum(parts) == pytest.approx(found.variance["total"])
    assert all((part >= 0).all() for part in parts)
    assert (np.diff(found.variance["total"]) > 0).all()
    assert found.beyond == pytest.approx([0.0, np.log10(6e9 * 1.3e11 / 8e19), 2.0], abs=1e-6)
    half = 0.5 * np.log(found.high / found.low)
    assert half**2 / found.variance["total"] == pytest.approx(1.6706**2, rel=1e-3)
    assert np.sqrt(found.low * found.high) == pytest.approx(found.value)


def test_weights_sum_to_one_and_shares_make_the_centre(found):
    assert sum(found.weights.values()) == pytest.approx(1.0)
    assert sum(s.weight for s in found.shares) == pytest.approx(1.0)
    centre = sum(s.weight * np.log(s.value) for s in found.shares)
    assert np.exp(centre) == pytest.approx(found.value)
    assert [s.weight for s in found.shares] == sorted(
        (s.weight for s in found.shares), reverse=True
    )


def test_backtests_and_naive_values_stand_beside(found):
    assert len(found.backtests) == 4
    for b in found.backtests:
        assert b.error < b.naive["last value"]
        assert 0 <= b.coverage <= 1
    assert set(found.naive) == {"last value", "log-linear", "nearest run"}
    assert found.answer == "use it"
    assert found.trusted


def test_units_do_not_matter():
    runs = chinchilla_like(25)
    one = predict_mixture(runs, FAR, draws=20)
    n, d, loss = (runs.columns[k] for k in ("N", "D", "loss"))
    millions = read_runs(
        {"N": n / 1e6, "D": d / 1e9, "loss": loss},
        map="N=N,D=D,loss=loss", units="N=millions,D=B", groups={},
    )  # fmt: skip
    other = [
        (predict_mixture(millions, FAR, draws=20), 1.0),
        (predict_mixture(table(7 * n, 11 * d, 3 * loss), {"N": 14e10, "D": 44e11}, draws=20), 3.0),
    ]
    for two, scale in other:
        for name in ("value", "low", "high"):
            assert getattr(two, name) / scale == pytest.approx(getattr(one, name), rel=1e-8)


def test_the_order_of_rows_does_not_matter_and_seeds_do():
    runs = chinchilla_like(25)
    mixed = runs.select(np.random.default_rng(5).permutation(25))
    one, two = predict_mixture(runs, FAR, draws=20), predict_mixture(mixed, FAR, draws=20)
    assert dumps(one.to_document()) == dumps(two.to_document())
    three = predict_mixture(runs, FAR, draws=20, seed=1)
    assert three.value == pytest.approx(one.value, rel=1e-12)
    assert three.variance["parameter"][0] != one.variance["parameter"][0]


def test_the_document_is_plain(found):
    document = json.loads(dumps(found.to_document()))
    assert len(document["predictions"]) == 3
    assert document["predictions"][0]["variance"].keys() == {
        "form", "parameter", "residual", "drift", "total",
    }  # fmt: skip
    assert len(document["members"]) == len(found.shares)
    assert document["answer"] == "use it"
    text = str(found)
    for word in ("90 % intervals", "weights:", "without a law:", "backtests", "verdict: use it"):
        assert word in text


def test_a_small_ladder_uses_the_drift_model_and_says_so():
    found = predict_mixture(one_input("floor", runs=8), {"C": 1e22})
    assert found.method.startswith("drift model")
    assert "fewer than 12 runs" in found.method
    assert [f.code for f in found.findings] == ["few-runs"]
    assert found.answer == "use it with care"
    assert found.variance["form"] == pytest.approx([0.0])
    assert found.variance["drift"][0] > 0
    assert {s.memory for s in found.shares} == {None}
    expected = 1.8 + 1600 * 1e22**-0.165
    assert found.low[0] < expected < found.high[0]


def test_a_change_of_regime_stops_a_question_beyond_and_not_one_inside():
    runs = one_input("plateau", runs=40)
    beyond = predict_mixture(runs, {"C": 1e22}, draws=20)
    assert not beyond.trusted
    assert beyond.findings[0].code == "regime-change"
    assert beyond.findings[0].severity == "stop"
    assert "1.0" in beyond.findings[0].seen or "e+19" in beyond.findings[0].seen
    inside = predict_mixture(runs, {"C": 1e20}, draws=20)
    assert inside.trusted
    assert inside.findings[0].severity == "care"


def test_a_question_far_beyond_every_backtest_is_stopped():
    runs = chinchilla_like(36)
    codes = {
        f.code: f.severity for f in predict_mixture(runs, {"N": 1e16, "D": 1e17}, draws=20).findings
    }
    assert codes["beyond-backtests"] == "stop"


def test_a_ladder_on_one_line_says_nothing_off_it():
    n = np.geomspace(1e7, 1e10, 16)
    rng = np.random.default_rng(0)
    runs = table(n, 20 * n, np.exp(truth(n, 20 * n) + 0.003 * rng.normal(size=16)))
    on = predict_mixture(runs, {"N": 3e10, "D": 6e11}, draws=20)
    assert on.trusted
    assert "inputs of the mixture: N" in on.notices[0].message
    off = predict_mixture(runs, {"N": 3e10, "D": 6e12}, draws=20)
    assert off.findings[0].code == "one-line"
    assert off.findings[0].severity == "stop"
    assert predict_mixture(runs, {"N": 3e10}, draws=20).value == pytest.approx(on.value)


def test_where_repeating_the_last_value_does_better_it_is_said():
    rng = np.random.default_rng(2)
    c = np.geomspace(1e17, 1e21, 24)
    y = 1.0 - 0.1 * np.log(np.minimum(c, 1e19) / 1e17) + 0.001 * rng.normal(size=24)
    runs = read_runs({"C": c, "loss": np.exp(y)}, map="C=C,loss=loss", groups={})
    found = predict_mixture(runs, {"C": 1e23}, draws=20)
    naive = next(f for f in found.findings if f.code == "naive-wins")
    assert "last value" in naive.seen
    assert found.naive["last value"][0] == pytest.approx(np.exp(y[-1]), rel=0.01)


def test_named_laws_take_the_place_of_the_built_in_forms():
    found = predict_mixture(chinchilla_like(36), FAR, laws="chinchilla,gadre", draws=20)
    assert set(found.weights) == {"chinchilla", "gadre"}
    assert np.log(found.value[0]) == pytest.approx(truth(2e10, 4e11), abs=0.03)


def test_runs_of_one_cluster_are_drawn_together():
    runs = chinchilla_like(36)
    columns = {**runs.columns, "seed": np.repeat(np.arange(6), 6)}
    grouped = read_runs(columns, map="N=N,D=D,loss=loss", groups="cluster=seed")
    alone = predict_mixture(runs, FAR, draws=20)
    together = predict_mixture(grouped, FAR, draws=20)
    assert together.value == pytest.approx(alone.value, rel=1e-9)
    assert together.variance["parameter"][0] != pytest.approx(alone.variance["parameter"][0])


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ({"N": 1e9}, r"a point needs D, N; D is missing"),
        ({"N": 1e9, "D": 1e10, "depth": 4}, r"'depth' is no input of these runs"),
        ({"N": -1e9, "D": 1e10}, r"N must be a positive number, got -1e\+09"),
        ({"N": "big", "D": 1e10}, r"N must be a number or a list of them, got 'big'"),
        ({"N": [1e9, 2e9], "D": [1e10, 2e10, 3e10]}, r"N has length 2, D has length 3"),
    ],
)
def test_questions_that_cannot_be_answered(at, message):
    with pytest.raises(InputError, match=message):
        predict_mixture(chinchilla_like(16), at)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": 1.0}, r"level must lie between 0 and 1, got 1.0"),
        ({"draws": -1}, r"draws must be a whole number, at least 0, got -1"),
        ({"seed": 0.5}, r"seed must be a whole number, at least 0, got 0.5"),
        ({"rule": "depth"}, r"along C, time or an input of the runs"),
        ({"laws": []}, r"laws is an empty list"),
        ({"laws": "chinchila"}, r"no law is called 'chinchila'"),
        ({"inputs": ["N", "depth"]}, r"'depth' is not among the inputs"),
    ],
)
def test_options_that_cannot_be_meant(options, message):
    with pytest.raises(InputError, match=message):
        predict_mixture(chinchilla_like(16), FAR, **options)


def test_tables_that_cannot_be_foretold_from():
    n = np.geomspace(1e7, 1e9, 6)
    with pytest.raises(InputError, match="4 runs are too few"):
        predict_mixture(table(n[:4], n[:4], n[:4] ** -0.1), FAR)
    with pytest.raises(InputError, match=r"every input of .* is the same in all 6 runs"):
        predict_mixture(table(np.full(6, 1e8), np.full(6, 1e9), np.linspace(3, 2, 6)), FAR)
    with pytest.raises(InputError, match="give the error instead of the accuracy"):
        predict_mixture(
            read_runs({"N": n, "accuracy": np.linspace(0.2, 0.7, 6)}, map="N=N,accuracy=accuracy",
                      target="accuracy", groups={}),
            {"N": 1e10},
        )  # fmt: skip
    with pytest.raises(InputError, match="runs are needed, got dict"):
        predict_mixture({"N": n}, FAR)  # type: ignore[arg-type]
