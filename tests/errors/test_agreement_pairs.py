"""Error consistency, equal wrong answers, CAPA, nesting."""

import json

import numpy as np
import pytest

from isoloss.errors.agreement import agreement
from isoloss.errors.agreement.choices import gold_places, option_counts
from isoloss.errors.agreement.columns import Columns
from isoloss.errors.agreement.pairs import measures
from isoloss.errors.contrasts.sweep import sums, sweep
from isoloss.errors.statistics import weights
from isoloss.exceptions import ItemsError
from tests.errors.contrasts_cases import LETTERS, make, rasch_answers


def test_kappa_by_hand():
    # 40 both right, 10 and 20 one right, 30 both wrong
    correct = [[1] * 50 + [0] * 50, [1] * 40 + [0] * 10 + [1] * 20 + [0] * 30]
    found = agreement(make(correct)).pairs[0]
    expected = 0.5 * 0.6 + 0.5 * 0.4
    assert found.kappa.value == pytest.approx((0.7 - expected) / (1 - expected))
    assert found.kappa_max == pytest.approx((0.9 - expected) / (1 - expected))
    assert found.kappa_of_max.value == pytest.approx(0.2 / 0.4)
    assert found.regression.value == pytest.approx(0.2)
    assert found.fix.value == pytest.approx(0.4)
    assert found.nesting.value == pytest.approx(1 - 0.1 / (0.5 * 0.4))
    assert found.nesting_back.value == pytest.approx(1 - 0.2 / (0.6 * 0.5))
    assert found.kappa.low < found.kappa.value < found.kappa.high


def test_kappa_reaches_its_maximum_where_errors_are_nested():
    items = np.arange(1000)
    found = agreement(make([items < 300, items < 600])).pairs[0]
    assert found.kappa_of_max.value == pytest.approx(1.0)
    assert found.nesting.value == 1.0


def test_equal_wrong_answers():
    answers = [[*"bbbbcca", None], [*"bbccbca", None]]
    correct = [[0] * 6 + [1, 0], [0] * 6 + [1, 0]]
    found = agreement(make(correct, answers=answers, options=[2, 5, 5, 3, 3, 3, 5, 5])).pairs[0]
    # of six questions that both read and missed, three have the same answer
    assert found.same_wrong.value == pytest.approx(0.5)
    assert found.same_wrong.n == 6
    assert found.same_wrong_open.value == pytest.approx(2 / 5)
    assert found.same_wrong_open.n == 5
    assert found.chance == pytest.approx((2 * 0.25 + 3 * 0.5) / 5)


def brute_capa(shares, gold, counts):
    """Sums over questions one by one."""
    first, second = shares
    n = len(gold)
    observed = sum(float(a @ b) for a, b in zip(first, second, strict=True)) / n
    p = [sum(line[i][gold[i]] for i in range(n)) / n for line in shares]
    chance = sum(1 / (k - 1) for k in counts) / n
    expected = p[0] * p[1] + chance * (1 - p[0]) * (1 - p[1])
    return (observed - expected) / (1 - expected)


def with_choices(seed, items=200, models=2):
    rng = np.random.default_rng(seed)
    counts = rng.integers(2, 6, items)
    gold = rng.integers(0, counts)
    held = np.arange(5) < counts[:, None]
    raw = np.where(held, np.exp(rng.normal(size=(models, items, 5))), 0.0)
    raw[:, np.arange(items), gold] *= 3
    shares = raw / raw.sum(axis=-1, keepdims=True)
    best = shares.argmax(axis=-1)
    letters = [[LETTERS[k] for k in line] for line in best]
    return shares, gold, counts, held, best == gold, letters


def test_capa_of_probabilities():
    shares, gold, counts, held, correct, answers = with_choices(0)
    grid = make(
        correct,
        answers=answers,
        gold=[LETTERS[k] for k in gold],
        options=counts,
        choices=np.where(held, shares, np.nan),
    )
    found = agreement(grid)
    assert found.capa_source == "probabilities"
    assert found.pairs[0].capa.value == pytest.approx(brute_capa(shares, gold, counts), abs=1e-6)
    # answers alone give another number
    plain = agreement(
        make(correct, answers=answers, gold=[LETTERS[k] for k in gold], options=counts)
    )
    one_hot = np.eye(5)[shares.argmax(axis=-1)]
    assert plain.capa_source == "answers"
    assert plain.pairs[0].capa.value == pytest.approx(brute_capa(one_hot, gold, counts), abs=1e-6)
    assert abs(plain.pairs[0].capa.value - found.pairs[0].capa.value) > 0.01


FIRST = (
    (0.7, 0.3),
    (0.2, 0.5, 0.3),
    (0.1, 0.2, 0.3, 0.4),
    (0.6, 0.1, 0.1, 0.2),
    (0.25, 0.75),
    (0.5, 0.3, 0.2),
    (0.1, 0.6, 0.2, 0.1),
    (0.3, 0.3, 0.4),
)
SECOND = (
    (0.6, 0.4),
    (0.5, 0.3, 0.2),
    (0.1, 0.1, 0.2, 0.6),
    (0.2, 0.4, 0.3, 0.1),
    (0.45, 0.55),
    (0.2, 0.7, 0.1),
    (0.1, 0.7, 0.1, 0.1),
    (0.2, 0.1, 0.7),
)
RIGHT = (0, 1, 3, 0, 0, 1, 2, 2)


def test_capa_as_lm_sim_computes_it():
    """Numbers that lm-sim 0.1.1 printed for these lists (its CAPA and EC classes)."""
    shares = np.array([[(*q, 0, 0, 0)[:4] for q in line] for line in (FIRST, SECOND)])
    counts = [len(q) for q in FIRST]
    held = np.arange(4) < np.array(counts)[:, None]
    best = shares.argmax(axis=-1)
    cells = {
        "correct": best == RIGHT,
        "answers": [[LETTERS[k] for k in line] for line in best],
        "gold": [LETTERS[k] for k in RIGHT],
        "options": counts,
    }
    given = agreement(make(**cells, choices=np.where(held, shares, np.nan)), replicates=20)
    plain = agreement(make(**cells), replicates=20)
    assert given.pairs[0].capa.value == pytest.approx(0.024620443, abs=1e-6)
    assert plain.pairs[0].capa.value == pytest.approx(0.355704698, abs=1e-6)
    assert plain.pairs[0].kappa.value == pytest.approx(0.25, abs=1e-6)


def test_probabilities_that_contradict_the_answers_are_not_used():
    shares, gold, counts, held, correct, answers = with_choices(1)
    grid = make(
        correct,
        answers=answers,
        gold=[LETTERS[(k + 1) % 2] for k in gold],
        options=counts,
        choices=np.where(held, shares, np.nan),
    )
    found = agreement(grid)
    assert found.capa_source == "answers"
    assert any("could not be matched" in note for note in found.notes)


def test_right_options_by_letter_and_number():
    assert gold_places(make([[1, 1, 1]], gold=["a", "D", None])).tolist() == [0, 3, -1]
    assert gold_places(make([[1, 1, 1]], gold=["0", "2", "x y"])).tolist() == [0, 2, -1]
    assert gold_places(make([[1, 1]], gold=["1", "4"])).tolist() == [0, 3]


def test_questions_with_yes_and_no_have_two_options():
    grid = make([[1, 1, 1, 1]], gold=["Yes", "a", "12", "False"], options=[0, 4, 1, 0])
    assert option_counts(grid).tolist() == [2, 4, 0, 2]
    found = agreement(make([[1, 0], [0, 1]], gold=["12", "a"], options=[0, 4]))
    assert any(note.startswith("1 of 2 questions have no known number") for note in found.notes)
    assert found.pairs[0].capa.n == 1


def point(grid):
    """Every measure of a grid's pairs, without replicates."""
    columns, ones = Columns.of(grid), np.ones((1, grid.shape[1]), np.float32)
    return measures(columns, ones @ columns.of_models(), columns.pair_reader()(ones))


@pytest.mark.parametrize("options", [4, [2, 3, 4, 5] * 75, [0, 4, 4] * 100])
def test_replicates_are_lists_of_questions(options):
    """All pairs and replicates at once, against one list of drawn questions after the other."""
    correct = rasch_answers(4, 300, 0)
    rng = np.random.default_rng(1)
    answers = [["a" if c else "bcd"[rng.integers(3)] for c in line] for line in correct]
    grid = make(correct, answers=answers, options=options, cluster=np.arange(300) // 2)
    columns = Columns.of(grid)
    of_models, of_pairs = sums(columns.of_models()), columns.pair_reader()
    found = measures(columns, *sweep(grid.cluster, 40, 5, of_models, of_pairs))
    (counts,) = weights(grid.cluster, 40, 5)
    singles = [point(grid.columns(np.repeat(np.arange(300), row.astype(int)))) for row in counts]
    for key, value in found.items():
        assert value == pytest.approx(np.concatenate([one[key] for one in singles]), abs=1e-6)
    low, high = np.percentile(found["kappa"], [2.5, 97.5], axis=0)
    pair = agreement(grid, replicates=40, seed=5).pairs[3]
    assert (pair.kappa.low, pair.kappa.high) == pytest.approx((low[3], high[3]))


def test_many_pairs_in_blocks(monkeypatch):
    columns = __import__("isoloss.errors.agreement.columns", fromlist=["x"])
    grid = make(rasch_answers(6, 120, 3))
    whole = agreement(grid, replicates=40).to_document()
    monkeypatch.setattr(columns, "BLOCK", 4)
    monkeypatch.setattr(columns, "KEEP", 0)
    assert repr(agreement(grid, replicates=40).to_document()) == repr(whole)


def test_family_means():
    correct = rasch_answers(4, 400, 5)
    correct[1] = correct[0]
    found = agreement(make(correct, families=["A", "A", "B", "B"]))
    kappa = found.means[0]
    assert (kappa.measure, kappa.pairs_within, kappa.pairs_between) == ("kappa", 2, 4)
    within = [pair.kappa.value for pair in found.pairs if pair.same_family]
    assert kappa.within.value == pytest.approx(np.mean(within))
    assert kappa.difference.low > 0
    lonely = agreement(make(correct, families=list("ABCD"))).means[0]
    assert np.isnan(lonely.within.value)
    assert not np.isnan(lonely.between.value)


def test_matrices():
    found = agreement(make(rasch_answers(3, 200, 0)), replicates=20)
    kappa, nesting = found.matrix("kappa"), found.matrix("nesting")
    assert (kappa[0, 2], kappa[2, 0]) == (found.pair("m0", "m2").kappa.value,) * 2
    assert nesting[0, 2] == found.pair("m2", "m0").nesting.value
    assert nesting[2, 0] == found.pair("m0", "m2").nesting_back.value
    assert np.isnan(np.diag(kappa)).all()
    assert np.isnan(found.matrix("regression")[2, 0])


def test_clusters_widen_intervals():
    correct = np.repeat(rasch_answers(2, 60, 1), 6, axis=1)
    alone = agreement(make(correct)).pairs[0].kappa
    shared = agreement(make(correct, cluster=np.arange(360) // 6)).pairs[0].kappa
    ratio = (shared.high - shared.low) / (alone.high - alone.low)
    assert ratio == pytest.approx(np.sqrt(6), rel=0.25)


def test_document_is_json_and_deterministic():
    grid = make(rasch_answers(4, 90, 2), families=list("AABB"))
    one, two = (agreement(grid, replicates=30, seed=1, discrimination=True) for _ in range(2))
    assert json.dumps(one.to_document()) == json.dumps(two.to_document())


def test_bad_input():
    with pytest.raises(ItemsError, match="1 model in these answers"):
        agreement(make([[1, 0]]))
    with pytest.raises(ItemsError, match="replicates=0"):
        agreement(make([[1, 0], [1, 1]]), replicates=0)
    with pytest.raises(ItemsError, match="no pair 'm0' and 'x'"):
        agreement(make([[1, 0], [1, 1]]), replicates=20).pair("m0", "x")


def coverage(runs, items, replicates):
    """Share of intervals that hold the kappa of two models of one ability scale."""
    big = rasch_answers(2, 400_000, 99)
    p, both = big.mean(axis=1), (big[0] == big[1]).mean()
    expected = p[0] * p[1] + (1 - p[0]) * (1 - p[1])
    truth, hits = (both - expected) / (1 - expected), 0
    for seed in range(runs):
        found = agreement(make(rasch_answers(2, items, seed)), replicates=replicates, seed=seed)
        hits += found.pairs[0].kappa.low <= truth <= found.pairs[0].kappa.high
    return hits / runs


def test_coverage_of_kappa():
    assert 0.88 <= coverage(60, 300, 100) <= 1.0


@pytest.mark.slow
def test_coverage_of_kappa_in_many_runs():
    assert 0.93 <= coverage(1500, 400, 500) <= 0.97
