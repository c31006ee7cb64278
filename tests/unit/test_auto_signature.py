"""The kind of a table, read from its rows."""

import numpy as np
import pytest

from isoloss import InputError
from isoloss.trust.auto.own import own_shares
from isoloss.trust.auto.rules import interpolates, make_rules, sides
from isoloss.trust.auto.signature import coordinates, read_signature
from isoloss.trust.auto.table import check_pair, join_repeats, read_table

from .auto_cases import grid, table_of

RNG = np.random.default_rng(4)


def kind(columns, targets=("loss",), group=None):
    return read_signature(table_of(columns, targets, group))


def test_positive_columns_are_logged_and_others_stand_as_they_are():
    n = RNG.uniform(1, 2, 20)
    found = kind({"N": n, "log_flops": n - 1.5, "b": np.ones(20), "loss": n})
    assert (found.logged, found.plain, found.fixed) == ((0,), (1,), (2,))
    assert found.axes == found.scales == (0, 1)
    assert found.shares == found.tuning == ()
    assert found.nested is None


def test_coordinates_follow_the_axes():
    columns = {"N": [1.0, np.e] * 5, "z": [-1.0, 2.0] * 5, "loss": [1.0, 2.0] * 5}
    z = coordinates(table_of(columns, ["loss"]).x[:2], kind(columns))
    assert np.allclose(z, [[0, -1], [1, 2]])


def test_columns_that_add_up_to_one_are_proportions():
    r = RNG.dirichlet(np.ones(3), 30)
    columns = {"N": RNG.uniform(1e6, 1e8, 30), "a": r[:, 0], "b": r[:, 1], "c": r[:, 2]}
    found = kind(columns | {"loss": r[:, 0]})
    assert found.shares == (1, 2, 3)
    assert found.logged == (0,)
    spoilt = columns | {"c": r[:, 2] * 1.1, "loss": r[:, 0]}
    assert kind(spoilt).shares == ()


def test_a_total_and_its_distinct_part_are_a_nested_pair():
    total = np.geomspace(1e9, 1e11, 24)
    part = np.where(np.arange(24) % 3 == 0, total, total / 4)
    columns = {"N": RNG.uniform(1e6, 1e8, 24), "D": total, "U": part, "loss": 1 / total}
    assert kind(columns).nested == (1, 2)
    # never equal: two unrelated inputs, one of which happens to be smaller
    assert kind(columns | {"U": part * 0.99}).nested is None


def bowl_table(noise=0.0):
    lr, n = grid(np.geomspace(1e-4, 1e-2, 9), np.geomspace(1e7, 1e9, 6))
    loss = 2 + 100 * n**-0.2 + 0.1 * np.log(lr / 1e-3) ** 2
    return {"lr": lr, "N": n, "loss": loss + noise * RNG.standard_normal(len(n))}


def test_an_optimum_inside_the_range_makes_a_tuning_input():
    found = kind(bowl_table(0.005))
    assert found.tuning == (0,)
    assert found.scales == (1,)


def test_no_optimum_where_the_target_falls_throughout():
    table = bowl_table()
    table["loss"] = 2 + 100 * table["N"] ** -0.2 + 1e-3 / table["lr"] ** 0.5
    assert kind(table).tuning == ()


def test_an_optimum_at_the_end_of_a_trend_is_no_tuning():
    """Falling over most of the range and rising at its end: a scale, not something to tune."""
    table = bowl_table()
    middle, late = (0.02 * np.log(table["lr"] / best) ** 2 for best in (1.3e-3, 2.6e-3))
    table["loss"] = 2 + middle + 1 / table["N"] ** 0.1
    assert kind(table).tuning == (0,)
    table["loss"] = 2 + late + 1 / table["N"] ** 0.1
    assert kind(table).tuning == ()


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (("loss_web", "loss_code"), (1, 0)),
        (("first", "second"), (0, 1)),
        (("loss",), (0,)),
    ],
)
def test_own_shares_by_name_by_order_and_by_effect(targets, expected):
    shares = RNG.dirichlet(np.ones(2), 20)
    y = np.tile(shares[:, :1] ** 2, (1, len(targets)))
    assert own_shares(["r_code", "r_web"], targets, shares, y) == expected


def test_repeats_are_joined_and_their_noise_is_known():
    n = np.repeat(np.geomspace(1e6, 1e9, 40), 5)
    loss = 1 + n**-0.1 + 0.03 * RNG.standard_normal(200)
    cells = join_repeats(table_of({"N": n, "loss": loss}, ["loss"]))
    assert len(cells.table) == 40
    assert np.all(cells.count == 5)
    assert np.sqrt(cells.noise[0]) == pytest.approx(0.03, rel=0.15)
    assert np.allclose(cells.table.y[cells.row_cell[7], 0], loss[5:10].mean())
    alone = join_repeats(table_of({"N": n[::5], "loss": loss[::5]}, ["loss"]))
    assert np.isnan(alone.noise[0])


def test_rows_of_other_groups_are_no_repeats():
    columns = {"N": [1.0, 1, 2, 2] * 3, "g": ["a", "b"] * 6, "loss": np.arange(12.0)}
    assert len(join_repeats(table_of(columns, ["loss"], "g")).table) == 4


def test_rules_hide_the_largest_rows_and_leave_enough():
    n, d = grid(np.geomspace(1e7, 1e9, 5), np.geomspace(1e9, 1e11, 6))
    table = table_of({"N": n, "D": d, "loss": 1 / n + 1 / d}, ["loss"])
    query = table_of({"N": [1e10], "D": [1e12]}, [])
    rules = {rule.name: rule.hidden for rule in make_rules(table, query, read_signature(table))}
    top = rules["largest N, 8% of the rows"]
    assert np.array_equal(top, n == n.max())
    corner = rules["largest N with largest D"]
    assert corner.any()
    assert n[corner].min() > np.median(n)
    assert d[corner].min() > np.median(d)
    assert all(2 <= hidden.sum() <= 0.67 * len(n) for hidden in rules.values())
    assert len({hidden.tobytes() for hidden in rules.values()}) == len(rules)


def test_rules_look_to_the_side_of_the_query():
    n, d = grid(np.geomspace(1e7, 1e9, 5), np.geomspace(1e9, 1e11, 6))
    table = table_of({"N": n, "D": d, "loss": 1 / n + 1 / d}, ["loss"])
    query = table_of({"N": [1e6], "D": [1e12]}, [])
    signature = read_signature(table)
    assert sides(table, query, signature).tolist() == [-1, 1]
    rules = {rule.name: rule.hidden for rule in make_rules(table, query, signature)}
    assert np.array_equal(rules["smallest N, 8% of the rows"], n == n.min())


def test_a_query_between_the_rows_adds_random_folds():
    n, d = grid(np.geomspace(1e7, 1e9, 5), np.geomspace(1e9, 1e11, 6))
    table = table_of({"N": n, "D": d, "loss": 1 / n + 1 / d}, ["loss"])
    signature = read_signature(table)
    inside, outside = ({"N": [2e8], "D": [x]} for x in (1e10, 1e12))
    assert interpolates(table, table_of(inside, []), signature)
    assert not interpolates(table, table_of(outside, []), signature)
    names = [r.name for r in make_rules(table, table_of(inside, []), signature)]
    assert sum("random" in name for name in names) == 3
    names = [r.name for r in make_rules(table, table_of(outside, []), signature)]
    assert not any("random" in name for name in names)


def test_a_recipe_is_hidden_in_all_groups_at_once():
    r = np.repeat(RNG.dirichlet(np.ones(3), 15), 2, axis=0)
    columns = {"a": r[:, 0], "b": r[:, 1], "c": r[:, 2], "g": ["x", "y"] * 15, "loss": r[:, 0]}
    table = table_of(columns, ["loss"], "g")
    query = table_of({k: v[:2] for k, v in columns.items() if k != "loss"}, [], "g")
    rules = make_rules(table, query, read_signature(table))
    assert len(rules) >= 8
    for rule in rules:
        assert np.array_equal(rule.hidden[::2], rule.hidden[1::2])


@pytest.mark.parametrize(
    ("columns", "inputs", "targets", "message"),
    [
        ({"N": [1, 2], "loss": [1, 2]}, ["D"], ["loss"], "no column 'D'; there are N, loss"),
        ({"N": [1, "x"], "loss": [1, 2]}, ["N"], ["loss"], r"row 2, column 'N': 'x' is not a num"),
        ({"N": [1, 2], "loss": [1, None]}, ["N"], ["loss"], "column 'loss': blank where a finite"),
        ({"N": [1, np.inf], "loss": [1, 2]}, ["N"], ["loss"], "column 'N': inf where a finite"),
        ({"N": [1, 2], "loss": [1, 2]}, ["N", "N"], ["loss"], "'N' was named twice"),
        ({"N": [1, 2], "loss": [1, 2]}, [], ["loss"], "no inputs were named"),
        ({"N": [1, 2], "loss": [1, 2]}, "N", ["loss"], "lists of column names"),
    ],
)
def test_a_bad_table_is_refused_with_its_place(columns, inputs, targets, message):
    with pytest.raises(InputError, match=message):
        read_table(columns, inputs, targets, None)


def test_a_bad_pair_is_refused():
    few = table_of({"N": [1.0, 2.0], "loss": [1.0, 2.0]}, ["loss"])
    with pytest.raises(InputError, match="2 rows to learn from; at least 8"):
        check_pair(few, table_of({"N": [3.0]}, []))
    flat = table_of({"N": np.arange(1.0, 10), "loss": np.ones(9)}, ["loss"])
    with pytest.raises(InputError, match="every row has the value 1"):
        check_pair(flat, table_of({"N": [3.0]}, []))
    rows = {"N": np.arange(1.0, 10), "g": ["a"] * 9, "loss": np.arange(9.0)}
    with pytest.raises(InputError, match="group 'b' has no row to learn from"):
        check_pair(table_of(rows, ["loss"], "g"), table_of({"N": [3.0], "g": ["b"]}, [], "g"))
