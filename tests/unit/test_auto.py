"""The verb: from a table to forecasts, intervals, one law, flags, the same every time."""

import numpy as np
import pytest

from isoloss import InputError, store
from isoloss.trust.auto import extrapolate

from .auto_cases import grid, in_words

N, D = grid(np.geomspace(1e7, 1e9, 5), np.geomspace(1e9, 1e11, 5))
RNG = np.random.default_rng(11)
NOISE = 0.002 * RNG.standard_normal(25)
FAR = {"N": [5e9, 1e10], "D": [3e11, 1e12]}


def loss(n, d):
    return 1.8 + 480 / n**0.35 + 2000 / d**0.37


TRAIN = {"N": N, "D": D, "loss": loss(N, D) * np.exp(NOISE)}
TRUTH = loss(np.array(FAR["N"]), np.array(FAR["D"]))


@pytest.fixture(scope="module")
def found():
    return extrapolate(TRAIN, FAR, ["loss"])


def test_a_known_law_is_foretold_within_its_interval(found):
    assert found.predictions.shape == (2, 1)
    assert np.allclose(found.predictions[:, 0], TRUTH, rtol=0.01)
    assert np.all((found.lower[:, 0] < TRUTH) & (found.upper[:, 0] > TRUTH))
    assert np.all(found.upper - found.lower < 0.2 * np.ptp(TRAIN["loss"]))
    assert found.trusted
    assert found.nmse < 0.01
    naive = {name: np.abs(v[:, 0] - TRUTH).max() for name, v in found.naive.items()}
    assert set(naive) == {"group mean", "last 1", "last 3", "last 8", "nearest row"}
    assert np.abs(found.predictions[:, 0] - TRUTH).max() < 0.2 * min(naive.values())


def test_the_members_and_the_backtests_are_told(found):
    assert sum(member.share for member in found.members) == pytest.approx(1)
    shares = [member.share for member in found.members]
    assert shares == sorted(shares, reverse=True)
    assert len(found.backtests) >= 5
    assert found.roles == {"N": "scale, ln", "D": "scale, ln"}
    assert "members:" in str(found)


def test_the_one_law_says_in_words_what_it_foretells(found):
    said = in_words(found.law, "loss", {key: np.array(value) for key, value in FAR.items()})
    assert np.allclose(said, found.law.predictions[:, 0], rtol=1e-4)
    assert np.allclose(said, TRUTH, rtol=0.02)
    assert found.law.formulas["loss"] in str(found.law)


def test_the_same_seed_gives_the_same_bytes(found):
    again = extrapolate(TRAIN, FAR, ["loss"])
    assert store.dumps(again.to_document()) == store.dumps(found.to_document())
    other = extrapolate(TRAIN, FAR, ["loss"], seed=1)
    assert store.dumps(other.to_document()) != store.dumps(found.to_document())
    assert np.allclose(other.predictions, found.predictions, rtol=0.01)


def test_the_order_of_rows_changes_nothing(found):
    order = RNG.permutation(25)
    mixed = extrapolate({k: v[order] for k, v in TRAIN.items()}, FAR, ["loss"])
    assert np.array_equal(mixed.predictions, found.predictions)
    back = extrapolate(TRAIN, {k: v[::-1] for k, v in FAR.items()}, ["loss"])
    assert np.allclose(back.predictions[::-1], found.predictions, rtol=1e-12)


def test_the_unit_of_an_input_changes_nothing(found):
    train = TRAIN | {"N": N / 1e6, "D": D / 1e9}
    far = {"N": np.array(FAR["N"]) / 1e6, "D": np.array(FAR["D"]) / 1e9}
    assert np.allclose(extrapolate(train, far, ["loss"]).predictions, found.predictions, rtol=1e-9)


def test_a_score_that_rises_is_foretold_too():
    x = np.geomspace(1e6, 1e9, 15)
    far = np.array([4e9, 1e10])

    def score(x):
        return 0.9 / (1 + (x / 3e7) ** -0.8)

    y = score(x) + 0.002 * RNG.standard_normal(15)
    found = extrapolate({"N": x, "acc": y}, {"N": far}, ["acc"])
    assert np.allclose(found.predictions[:, 0], score(far), atol=0.02)
    assert np.all(found.naive["last 1"] < found.predictions)
    said = in_words(found.law, "acc", {"N": far})
    assert np.allclose(said, found.law.predictions[:, 0], rtol=1e-3)


def test_groups_have_laws_of_their_own():
    x, g = grid(np.geomspace(1e6, 1e9, 8), [0, 1])
    label = np.array(["a", "b"])[g.astype(int)]
    y = 1 + g + 30 * (1 + g) * x**-0.25
    far = {"x": [1e10, 1e10], "g": ["b", "a"]}
    found = extrapolate({"x": x, "g": label, "y": y}, far, ["y"], "g")
    assert np.allclose(
        found.predictions[:, 0], 1e10**-0.25 * np.array([60, 30]) + [2, 1], rtol=0.01
    )


def test_several_targets_are_foretold_together():
    train = TRAIN | {"twice": 2 * TRAIN["loss"] + 1}
    found = extrapolate(train, FAR, ["loss", "twice"])
    assert found.predictions.shape == (2, 2)
    assert np.allclose(found.predictions[:, 1], 2 * TRUTH + 1, rtol=0.01)
    assert set(found.law.formulas) == {"loss", "twice"}


def test_a_turning_curve_raises_the_flag_and_falls_back_to_the_mean():
    x = np.geomspace(1, 100, 30)
    y = (np.log(x) - 2) ** 2 + 0.05 * RNG.standard_normal(30)
    found = extrapolate({"x": x, "y": y}, {"x": [120.0, 1e4]}, ["y"])
    assert not found.trusted
    assert found.flags[0].code == "regime-change"
    assert found.predictions[0, 0] == pytest.approx(y.mean())
    assert found.law.name == "group mean"
    assert found.law.predictions[0, 0] == pytest.approx(y.mean())
    assert found.law.parameters == {"y": {"": {"c": pytest.approx(y.mean())}}}
    # nothing is known there, and the less the further: candidates part
    width = (found.upper - found.lower)[:, 0]
    assert width[0] > 0.5 * np.ptp(y)
    assert width[1] > 1.1 * width[0]
    near = extrapolate({"x": x, "y": y}, {"x": [50.0]}, ["y"])
    assert "regime-change" not in [flag.code for flag in near.flags]


def test_an_input_that_never_varied_is_told():
    far = FAR | {"batch": [8.0, 4.0]}
    found = extrapolate(TRAIN | {"batch": np.full(25, 4.0)}, far, ["loss"])
    flag = next(flag for flag in found.flags if flag.code == "fixed-input")
    assert "batch is 4 in every trained row, and another in 1 rows" in flag.seen
    assert not found.trusted
    assert np.allclose(found.predictions[:, 0], TRUTH, rtol=0.01)


def test_a_direction_that_no_backtest_reaches_is_told():
    n, p = grid(np.geomspace(1e7, 1e9, 8), [1.0, 2.0])
    train = {"N": n, "P": p, "loss": 1.5 + 40 * n**-0.3 * p**-0.1}
    found = extrapolate(train, {"N": [1e9], "P": [8.0]}, ["loss"])
    assert "untested-direction" in [flag.code for flag in found.flags]


def test_going_much_further_than_the_backtests_is_told():
    found = extrapolate(TRAIN, {"N": [1e14], "D": [1e11]}, ["loss"])
    flag = next(flag for flag in found.flags if flag.code == "beyond-backtests")
    assert "a factor of 1e+05 in N" in flag.seen


def test_noise_alone_is_best_foretold_without_a_law():
    y = 1 + 0.05 * np.random.default_rng(3).standard_normal(25)
    found = extrapolate({"N": N, "D": D, "loss": y}, FAR, ["loss"])
    codes = [flag.code for flag in found.flags]
    assert "weak-backtest" in codes
    assert np.allclose(found.predictions, 1, atol=0.1)


def test_intervals_widen_with_the_level_and_keep_their_rule(found):
    wide = extrapolate(TRAIN, FAR, ["loss"], level=0.99, interval="widest")
    assert np.all(wide.upper > found.upper)
    assert (wide.level, wide.interval) == (0.99, "widest")


@pytest.mark.parametrize(
    ("train", "query", "options", "message"),
    [
        (TRAIN, {"N": [0.0], "D": [1e12]}, {}, "row 1, column 'N': 0 where every trained row is"),
        (TRAIN, {"N": [1e10]}, {"inputs": ["N", "D"]}, "no column 'D'; there are N"),
        (TRAIN, FAR | {"lr": [1, 2]}, {}, "no column 'lr'; there are N, D, loss"),
        (TRAIN, FAR, {"level": 90}, "level is a share between 0 and 1"),
        (TRAIN, FAR, {"interval": "big"}, "interval 'big' is unknown"),
        ({k: v[:5] for k, v in TRAIN.items()}, FAR, {}, "5 rows to learn from; at least 8"),
        (TRAIN | {"N": np.ones(25), "D": np.ones(25)}, FAR, {}, "no input varies"),
    ],
)
def test_what_cannot_be_answered_is_refused(train, query, options, message):
    with pytest.raises(InputError, match=message):
        extrapolate(train, query, ["loss"], **options)


def test_proportions_must_add_up():
    r = np.random.default_rng(0).dirichlet(np.ones(2), 20)
    train = {"a": r[:, 0], "b": r[:, 1], "loss": 2 + r[:, 0] ** 2}
    with pytest.raises(InputError, match=r"row 1: the proportions a, b add up to 1\.2"):
        extrapolate(train, {"a": [0.6], "b": [0.6]}, ["loss"])


def test_no_targets_are_refused():
    with pytest.raises(InputError, match="no targets were named"):
        extrapolate(TRAIN, FAR, [])
