"""The shipped tables of federated runs: complete, explained, and read like anybody's."""

import numpy as np
import pytest

from isoloss.exceptions import RunsError
from isoloss.federated import direct_slope, ladders, read_federated_runs
from isoloss.federated.ladders.digits import SPLITS, WIDTHS, account, table
from isoloss.federated.sweep import SweepRecord, run_sweep
from isoloss.federated.sweep.settings import PRESETS


@pytest.mark.parametrize("name", ladders.names())
def test_every_table_has_its_account(name):
    text = ladders.provenance(name).read_text()
    assert text.startswith(f"# {name}:")
    assert "not edited by hand" in text
    assert "Unfinished" not in text
    header = ladders.path(name).read_text().splitlines()[0].split(",")
    for column in header:
        assert f"| `{column}` |" in text


def test_a_table_that_is_not_there():
    with pytest.raises(RunsError, match="no shipped table 'mnist'; expected one of: federated_"):
        ladders.path("mnist")


def test_the_digits_ladder_is_complete():
    runs = read_federated_runs(str(ladders.path("federated_digits")))
    full = PRESETS["full"]
    grid = len(full["clients"]) * len(WIDTHS) * len(full["rates"]) * full["seeds"] * len(SPLITS)
    assert len(runs) == grid == 2800
    assert np.unique(runs.columns["K"]).tolist() == list(full["clients"])
    compute = 6 * runs.columns["N"] * runs.columns["D"]
    assert compute == pytest.approx(np.full(grid, full["compute"]), rel=0.2)


def test_the_best_size_falls_faster_with_unlike_data():
    runs = read_federated_runs(str(ladders.path("federated_digits")))
    found = {}
    for skewed in (False, True):
        part = runs.select(np.flatnonzero((runs.columns["skew"] > 0) == skewed))
        found[skewed] = direct_slope(part, draws=100).gamma
    assert found[False].low > 0
    assert found[True].value > found[False].value


def test_the_account_says_what_the_table_holds():
    parts = [
        run_sweep(
            "full",
            clients=[1, 4],
            widths=[4, 8, 16],
            compute=2e6,
            seeds=3,
            dirichlet_alpha=alpha,
        )
        for alpha in SPLITS
    ]
    record = SweepRecord(tuple(run for part in parts for run in part.runs))
    text = account(record)
    assert "144 training runs" in text
    assert "## Split by Dirichlet(0.3)" in text
    assert "gamma is not quoted" in text
    assert "[your runs]" not in text
    assert len(table(record).splitlines()) == 145
