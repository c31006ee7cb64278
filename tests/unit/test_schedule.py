"""Areas of learning-rate schedules, against sums over every single step."""

from __future__ import annotations

import json

import numpy as np
import pytest

import isoloss
from isoloss.exceptions import RunsError
from isoloss.fit import Fit
from isoloss.runs import Runs, read_curves
from isoloss.runs.curves import schedule_options, with_drops
from isoloss.runs.schedule import areas

WARM_UP, PEAK, LAST = 2160, 3e-4, 24000
# the constants of the 25M model of Luo et al. 2025
B, C, BETA, GAMMA = 363.78751622, 2.06560812, 0.58279013, 0.64142257


def schedule(name: str) -> np.ndarray:
    """The rate at every step 1..LAST."""
    step = np.arange(1.0, LAST + 1)
    rate = np.full(LAST, PEAK)
    if name == "cosine":
        share = (step - WARM_UP) / (LAST - WARM_UP)
        rate = 3e-5 + (PEAK - 3e-5) * 0.5 * (1 + np.cos(np.pi * share))
    elif name == "wsd":
        rate = PEAK * 0.1 ** np.clip((step - 20000) / (LAST - 20000), 0, 1)
    elif name == "linear":
        rate = PEAK + (3e-5 - PEAK) * np.clip((step - 20000) / (LAST - 20000), 0, 1)
    elif name.startswith("jump"):
        rate[step > int(name[4:])] = 9e-5
    elif name == "stairs":
        for after, value in ((8000, 1.8e-4), (14080, 9e-5), (20032, 3e-5)):
            rate[step > after] = value
    rate[:WARM_UP] = PEAK * step[:WARM_UP] / WARM_UP
    return rate


def falls(rate: np.ndarray) -> np.ndarray:
    """The fall of the rate at every step, after the warm-up."""
    found = np.append(0.0, rate[:-1] - rate[1:])
    found[: WARM_UP + 1] = 0.0
    return found


def loss_drop(rate: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """B * sum_k (eta_{k-1} - eta_k) * (1 - (1 + C * eta_k**-gamma * S_k)**-beta), step by step."""
    area, fall = np.cumsum(rate), falls(rate)
    at = np.flatnonzero(fall > 0)
    found = []
    for step in rows:
        k = at[at < step]
        since = area[step - 1] - area[k - 1]
        found.append(np.sum(fall[k] * (1 - (1 + C * rate[k] ** -GAMMA * since) ** -BETA)))
    return B * np.array(found)


def loss_drop_of_parts(found, drops: int) -> np.ndarray:
    parts = range(1, drops + 1)
    return B * sum(
        found[f"drop_{k}"]
        * (1 - (1 + C * found[f"rate_{k}"] ** -GAMMA * found[f"since_{k}"]) ** -BETA)
        for k in parts
    )


def logged(name: str, every: int = 128) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The whole schedule, the logged steps and the rates there."""
    rate = schedule(name)
    rows = np.arange(2176, LAST, every)
    return rate, rows, rate[rows - 1]


NAMES = ["constant", "cosine", "wsd", "linear", "jump8000", "jump8030", "stairs"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("every", [16, 128])
def test_area_is_the_sum_over_every_step(name, every):
    rate, rows, at = logged(name, every)
    exact = np.cumsum(rate)[rows - 1]
    found = areas(rows, at, warmup=WARM_UP)
    # half a step at the start, and half an interval times the fall after a jump
    slack = 1.5 * PEAK / 2 + (every / 2 * 2.1e-4 if "jump" in name or name == "stairs" else 0)
    assert np.all(np.abs(found["S"] - exact) < slack + 2e-4 * exact)
    assert np.array_equal(found["S"], found["S_1"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("momentum", [0.99, 0.999])
def test_annealing_area_is_the_recursion(name, momentum):
    rate, rows, at = logged(name)
    m = total = 0.0
    exact = []
    for fall in falls(rate):
        m = momentum * m + fall
        total += m
        exact.append(total)
    wanted = np.array(exact)[rows - 1]
    found = areas(rows, at, warmup=WARM_UP, momentum=momentum)["S_2"]
    if name == "constant":
        assert not found.any()
        return
    # what is not logged is where in an interval a fall begins or a jump lies
    jump = 0.2 if momentum == 0.99 else 0.04
    unknown = {"cosine": 0.0001, "jump8000": 1e-9, "stairs": jump, "jump8030": jump}
    assert np.abs(found - wanted).max() < unknown.get(name, 0.005) * wanted.max()


@pytest.mark.parametrize("drops", [16, 32])
@pytest.mark.parametrize(
    ("name", "most"), [("constant", 0.0), ("cosine", 3e-4), ("wsd", 7e-4), ("linear", 5e-4)]
)
def test_parts_of_a_smooth_fall_give_the_sum_of_the_source(name, most, drops):
    """The whole effect is 0.09 nats/token."""
    rate, rows, at = logged(name)
    found = areas(rows, at, warmup=WARM_UP, drops=drops)
    error = np.abs(loss_drop_of_parts(found, drops) - loss_drop(rate, rows))
    assert error.max() <= most
    coarse = areas(rows, at, warmup=WARM_UP, drops=2)
    if most:
        assert np.abs(loss_drop_of_parts(coarse, 2) - loss_drop(rate, rows)).max() > 1.5 * most


def test_a_jump_in_the_middle_of_an_interval_is_exact():
    """The two-stage curves that were released jump at step 8000, between 7936 and 8064."""
    rate, rows, at = logged("jump8000")
    found = areas(rows, at, warmup=WARM_UP, drops=16)
    assert loss_drop_of_parts(found, 16) == pytest.approx(loss_drop(rate, rows), abs=1e-9)


@pytest.mark.parametrize(
    ("name", "rms", "most"), [("jump8030", 9e-4, 0.012), ("stairs", 4e-4, 4e-3)]
)
def test_elsewhere_only_the_first_rows_after_a_jump_are_off(name, rms, most):
    rate, rows, at = logged(name)
    found = areas(rows, at, warmup=WARM_UP, drops=16)
    error = np.abs(loss_drop_of_parts(found, 16) - loss_drop(rate, rows))
    assert error.max() < most
    assert np.sqrt(np.mean(error**2)) < rms
    jumps = [8000, 14080, 20032] if name == "stairs" else [8030]
    away = ~np.any([(rows > jump) & (rows < jump + 500) for jump in jumps], axis=0)
    assert error[away].max() < 0.001


def test_units_of_the_step_and_many_rows_are_no_matter():
    rate = schedule("cosine")[WARM_UP:]
    step = np.arange(WARM_UP + 1, LAST + 1)
    every = areas(step, rate, warmup=WARM_UP)
    thin = areas(step[::-40][::-1], rate[::-40][::-1], warmup=WARM_UP)
    for name, values in every.items():
        assert values.shape == step.shape
        assert np.isfinite(values).all()
        assert thin[name][-1] == pytest.approx(values[-1], rel=2e-3, abs=1e-12), name


def table(**changes) -> dict[str, list]:
    """Two curves, shuffled together, with a size and a seed."""
    rng = np.random.default_rng(0)
    rows = []
    for label in ("cosine", "constant", "jump8000"):
        rate, steps, at = logged(label)
        loss = 3 + 0.5 * np.cumsum(rate)[steps - 1] ** -0.5 - loss_drop(rate, steps)
        noise = 1e-3 * rng.standard_normal(len(steps))
        rows += list(zip(steps, at, loss + noise, [label] * len(steps), strict=True))
    rows = [rows[i] for i in rng.permutation(len(rows))]
    names = ("step", "lr", "loss", "curve")
    columns = {
        name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)
    }
    return columns | {"params": [25e6] * len(rows)} | changes


def test_curves_are_told_apart_and_keep_their_rows(tmp_path):
    columns = table()
    path = tmp_path / "curves.csv"
    lines = [",".join(columns)]
    lines += [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    runs = read_curves(str(path), curve="curve", warmup=WARM_UP, where="curve != 'constant'")
    assert runs.source == str(path)
    assert runs.word == "line"
    assert runs.records == len(columns["step"])
    assert runs.filters == ("curve != 'constant'",)
    kept = [i for i, label in enumerate(columns["curve"]) if label != "constant"]
    assert runs.rows.tolist() == [i + 2 for i in kept]
    assert runs.groups["run"].tolist() == [columns["curve"][i] for i in kept]
    assert runs.columns["loss"].tolist() == [columns["loss"][i] for i in kept]
    for label in ("cosine", "jump8000"):
        mine = runs.where(f"run == '{label}'")
        order = np.argsort(mine.columns["step"])
        _, steps, at = logged(label)
        for name, wanted in areas(steps, at, warmup=WARM_UP).items():
            assert np.array_equal(mine.columns[name][order], wanted), name
    again = Runs.from_document(json.loads(json.dumps(runs.to_document())))
    assert again.digest == runs.digest
    assert again.mapping == runs.mapping
    assert schedule_options(runs.mapping["schedule"]) == {
        "step": "step",
        "rate": "lr",
        "curve": "curve",
        "warmup": WARM_UP,
        "drops": 16,
        "momentum": 0.999,
    }


def test_other_quantities_ride_along():
    runs = read_curves(
        table(), curve="curve", warmup=WARM_UP, map="N=params", units="loss=bits/token", drops=2
    )
    plain = read_curves(table(), curve="curve", warmup=WARM_UP, drops=2)
    assert set(runs.columns["N"]) == {25e6}
    assert runs.columns["loss"] == pytest.approx(plain.columns["loss"] * np.log(2))
    assert np.array_equal(runs.columns["S"], plain.columns["S"])
    weighted = read_curves(
        table(), curve="curve", warmup=WARM_UP, drops=1, weights=np.arange(1.0, len(runs) + 1)
    )
    assert weighted.weights is not None
    assert weighted.weights.tolist() == list(range(1, len(runs) + 1))


def test_a_fit_is_saved_and_foretells_a_schedule_without_losses(tmp_path):
    runs = read_curves(table(), curve="curve", warmup=WARM_UP)
    law, drops = with_drops("multi_power")
    assert drops == 16
    fit = isoloss.find_law(law).fit(runs, draws=0)
    assert fit.certificate.certified
    fit.save(tmp_path / "fit.json")
    loaded = Fit.load(tmp_path / "fit.json")
    rate, steps, at = logged("wsd")
    truth = 3 + 0.5 * np.cumsum(rate)[steps - 1] ** -0.5 - loss_drop(rate, steps)
    said = loaded.predict(areas(steps, at, warmup=WARM_UP)).value
    assert np.abs(said - truth).max() < 0.005
    assert np.array_equal(said, fit.predict(areas(steps, at, warmup=WARM_UP)).value)
    assert np.array_equal(loaded.predict(loaded.runs).value, fit.predict(runs).value)


def test_rows_of_the_warm_up_are_left_out_and_said():
    rate = schedule("cosine")
    steps = np.arange(100, LAST, 100)
    columns = {"step": steps, "lr": rate[steps - 1], "loss": 3 + 1 / steps**0.3}
    runs = read_curves(columns, warmup=WARM_UP, drops=2)
    assert runs.columns["step"].min() == 2200
    assert runs.rows[0] == 22
    assert [n.code for n in runs.notices if n.code == "warm-up-rows"]
    assert runs.columns["S"] == pytest.approx(
        np.cumsum(rate)[runs.columns["step"].astype(int) - 1], rel=1e-3
    )
    # without the option the warm-up is a rate that rises
    with pytest.raises(RunsError, match=r"row 2: the learning rate rises .* warmup=STEPS"):
        read_curves(columns)


def test_a_start_long_after_the_warm_up_is_said():
    columns = table()
    late = read_curves(columns, curve="curve")
    assert "from step 2176" in next(
        n.message for n in late.notices if n.code == "schedule-starts-late"
    )
    cut = read_curves(columns, curve="curve", warmup=WARM_UP, where="step > 10000")
    assert "schedule-starts-late" in {n.code for n in cut.notices}
    whole = read_curves(columns, curve="curve", warmup=WARM_UP)
    assert "schedule-starts-late" not in {n.code for n in whole.notices}


def test_a_rate_that_never_falls_is_one_notice():
    runs = read_curves(table(), curve="curve", warmup=WARM_UP, where="curve == 'constant'")
    codes = [n.code for n in runs.notices]
    assert codes.count("constant-schedule") == 1
    assert "constant-input" not in codes
    with pytest.raises(isoloss.IsolossError, match="nothing can be learned"):
        isoloss.find_law("annealing").fit(runs, draws=0)


def changed(index: int, name: str, value) -> dict[str, list]:
    columns = {"step": [100, 200, 300], "lr": [3e-4, 2e-4, 1e-4], "loss": [4.0, 3.5, 3.2]}
    columns[name][index] = value
    return columns


@pytest.mark.parametrize(
    ("columns", "options", "needle"),
    [
        (
            changed(2, "lr", 4e-4),
            {},
            r"row 3: the learning rate rises from 0.0002 to 0.0004 at step 300",
        ),
        (changed(1, "lr", 0.0), {}, r"row 2: the learning rate is 0, and has to be above 0"),
        (changed(2, "step", 200), {}, r"row 3: a curve has one row a step.*curve=run_name"),
        (changed(0, "lr", 3e-4), {"momentum": 1.0}, "momentum lies between 0 and 1, got 1"),
        (changed(0, "lr", 3e-4), {"drops": 0}, "drops is a whole number from 1 to 60, got 0"),
        (changed(0, "lr", 3e-4), {"drops": 61}, "drops is a whole number from 1 to 60, got 61"),
        (changed(0, "lr", 3e-4), {"warmup": -1}, "warmup is a number of steps, at least 0, got -1"),
        (
            changed(0, "lr", 3e-4),
            {"warmup": 500},
            "the last step is 300.*500 steps; no row is left",
        ),
        (changed(0, "lr", 3e-4), {"rate": "rate"}, "no column 'rate'"),
        (changed(0, "lr", 3e-4), {"curve": "name"}, "no column 'name'"),
        (changed(0, "lr", 3e-4), {"keep": "last"}, "keep 'last' leaves one row a curve"),
        (changed(0, "lr", 3e-4), {"map": "step=lr"}, "map says step=lr and schedule step=step"),
        (changed(0, "lr", 3e-4), {"map": "S=lr"}, "'S' is made from the schedule"),
        (
            changed(0, "lr", 3e-4),
            {"curve": "lr", "groups": "run=loss"},
            "groups says run=loss and schedule curve=lr",
        ),
    ],
)
def test_bad_curves_say_what_is_wrong(columns, options, needle):
    with pytest.raises(RunsError, match=needle):
        read_curves(columns, **options)


def test_messages_name_curve_and_line(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text(
        "step,lr,loss,name\n1,2e-4,4,a\n1,2e-4,4,b\n2,1e-4,4,a\n2,3e-4,4,b\n", encoding="utf-8"
    )
    with pytest.raises(RunsError, match=r"c\.csv, line 5, curve b: the learning rate rises"):
        read_curves(path, curve="name")


@pytest.mark.parametrize(
    ("text", "needle"),
    [
        ("stp=step", "no option 'stp'.*did you mean step"),
        ("peak=3e-4", "no option 'peak'.*there are step, rate, curve"),
        ("warmup=2k", "warmup takes a number of steps.*got '2k'"),
        ("drops=1.5", "drops takes a whole number.*got '1.5'"),
        ("momentum=high", "momentum takes a number between 0 and 1.*got 'high'"),
        ("step", "'step' is no 'name=value' pair"),
        ("step=a,step=b", "keep one"),
    ],
)
def test_bad_schedule_texts(text, needle):
    with pytest.raises(RunsError, match=needle):
        schedule_options(text)


def test_a_column_with_a_comma_is_written_so_that_it_reads_back():
    columns = table()
    columns["rate, peak"] = columns.pop("lr")
    runs = read_curves(columns, rate="rate, peak", curve="curve", warmup=WARM_UP, drops=1)
    options = schedule_options(runs.mapping["schedule"])
    assert read_curves(columns, **options).digest == runs.digest


def test_how_many_drops_the_law_gets():
    assert with_drops("annealing") == ("annealing", 16)
    assert with_drops("E + A/N**alpha", 4) == ("E + A/N**alpha", 4)
    for law, drops, wanted in (
        ("multi_power", None, 16),
        ("multi_power", 5, 5),
        ("multi_power(drops=8)", None, 8),
        ("multi_power(drops=8)", 8, 8),
        ("luo2025_mpl", None, 16),
    ):
        found, count = with_drops(law, drops)
        assert count == wanted
        assert len(isoloss.find_law(found).variable_names) == 1 + 3 * wanted
    with pytest.raises(RunsError, match=r"drops=4 is given.*multi_power\(drops=8\) has 8 falls"):
        with_drops("multi_power(drops=8)", 4)
    with pytest.raises(RunsError, match="drops is a whole number from 1 to 60, got 0"):
        with_drops("multi_power", 0)
