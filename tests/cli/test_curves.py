"""Learning curves from the command line: the schedule is an option of `fit`."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

from isoloss.fit import Fit
from isoloss.runs.schedule import areas
from tests.cli.test_bad_input import check_refused

WARM_UP, LAST = 400, 8000
SCHEDULE = f"step=step,rate=lr,curve=name,warmup={WARM_UP}"


def rates(name: str, steps: np.ndarray) -> np.ndarray:
    share = (steps - WARM_UP) / (LAST - WARM_UP)
    return {
        "constant": np.full(len(steps), 1e-3),
        "cosine": 1e-3 * (0.55 + 0.45 * np.cos(np.pi * share)),
        "jump": np.where(steps > 4000, 3e-4, 1e-3),
        "linear": 1e-3 * (1 - 0.9 * np.clip(share * 4 - 3, 0, 1)),
    }[name]


def loss(steps: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """The annealing law, whose truth is known."""
    found = areas(steps, rate, warmup=WARM_UP)
    return 2.5 + 0.6 / found["S_1"] ** 0.4 - 0.5 * found["S_2"]


@pytest.fixture
def curves(tmp_path: Path) -> str:
    rng = np.random.default_rng(0)
    lines = ["step,lr,final_loss,name,size"]
    for name in ("constant", "cosine", "jump"):
        steps = np.arange(440.0, LAST + 1, 80)
        rate = rates(name, steps)
        values = loss(steps, rate) * np.exp(5e-4 * rng.standard_normal(len(steps)))
        columns = (steps.tolist(), rate.tolist(), values.tolist())
        lines += [f"{s:g},{r!r},{v!r},{name},25" for s, r, v in zip(*columns, strict=True)]
    path = tmp_path / "curves.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_multi_power_needs_no_other_step(isoloss, curves):
    arguments = ("--law", "multi_power", "--schedule", SCHEDULE, "--draws", "0")
    result = isoloss("fit", curves, *arguments, "--out", "fit.json")
    assert result.code == 0, result.err
    assert "certified optimum" in result.out
    document = json.loads(Path("fit.json").read_text(encoding="utf-8"))
    variables = {entry["name"] for entry in document["result"]["law"]["variables"]}
    parts = {f"{v}_{k}" for v in ("drop", "rate", "since") for k in range(1, 17)}
    assert variables == {"S"} | parts
    assert document["inputs"]["runs"]["source"] == curves
    assert document["inputs"]["runs"]["rows"][0] == 2
    fit = Fit.load("fit.json")
    steps = np.arange(440.0, LAST + 1, 80)
    rate = rates("linear", steps)
    predicted = fit.predict(areas(steps, rate, warmup=WARM_UP)).value
    assert np.abs(predicted / loss(steps, rate) - 1).mean() < 0.02
    row = {name: float(fit.runs.columns[name][150]) for name in fit.law.variable_names}
    at = ",".join(f"{name}={value!r}" for name, value in row.items())
    answer = json.loads(isoloss("predict", "fit.json", "--at", at, "--json").out)
    assert answer["result"]["predictions"][0]["value"] == pytest.approx(
        float(fit.predict(row).value[0]), rel=1e-12
    )


def test_drops_and_momentum_are_options(isoloss, curves):
    def fitted(law: str, schedule: str) -> Fit:
        arguments = ("--law", law, "--schedule", schedule, "--draws", "0", "--out", "fit.json")
        assert isoloss("fit", curves, *arguments).code == 0
        return Fit.load("fit.json")

    assert len(fitted("multi_power", f"{SCHEDULE},drops=3").law.variable_names) == 10
    assert len(fitted("multi_power(drops=2)", SCHEDULE).law.variable_names) == 7
    slow, quick = (fitted("annealing", f"{SCHEDULE},momentum={m}") for m in (0.999, 0.9))
    assert slow.values["E"] == pytest.approx(2.5, abs=0.02)
    assert slow.values["alpha"] == pytest.approx(0.4, abs=0.02)
    assert slow.values["B"] == pytest.approx(0.5, rel=0.05)
    assert slow.objective_value < 0.5 * quick.objective_value
    same = fitted("E + A/S**alpha - B*S_2", SCHEDULE)
    assert same.law.variable_names == ("S", "S_2")
    assert same.values["B"] == pytest.approx(slow.values["B"], rel=1e-6)
    own = fitted("E + A/S**alpha - B*(drop_1 + drop_2)", f"{SCHEDULE},drops=2")
    assert own.law.variable_names == ("S", "drop_1", "drop_2")


def test_a_report_says_how_to_repeat_it(isoloss, curves):
    where = "size > 20"
    arguments = ("--law", "annealing", "--schedule", SCHEDULE, "--where", where, "--draws", "60")
    assert isoloss("fit", curves, *arguments, "--out", "one.json").code == 0
    assert isoloss("report", "one.json", "--out", "page.md").code == 0
    page = Path("page.md").read_text(encoding="utf-8")
    command = page.partition("```sh\n")[2].partition("isoloss report")[0].replace("\\\n", " ")
    words = shlex.split(command)
    assert words[:2] == ["isoloss", "fit"]
    assert isoloss(*words[1:]).code == 0
    first, again = Fit.load("one.json"), Fit.load("fit.json")
    assert again.runs.digest == first.runs.digest
    assert again.values == first.values
    scope: dict = {}
    code = page.partition("```python\n")[2].partition("```")[0]
    exec(code, scope)
    assert scope["fit"].values == first.values


@pytest.mark.parametrize(
    ("law", "schedule", "needles"),
    [
        ("multi_power", "stp=step", ["no option 'stp'", "did you mean step"]),
        ("multi_power", f"{SCHEDULE},drops=many", ["drops", "whole number", "many"]),
        ("multi_power", f"{SCHEDULE},drops=0", ["1 to 60", "got 0"]),
        ("multi_power(drops=8)", f"{SCHEDULE},drops=4", ["drops=4", "8 falls"]),
        ("annealing", f"{SCHEDULE},momentum=2", ["between 0 and 1", "got 2"]),
        ("annealing", "step=step,rate=rate", ["no column 'rate'", "rate=rate"]),
        ("annealing", "step=step,rate=lr", ["line 97", "step 440", "curve="]),
        ("annealing", "step=step,rate=1/lr,curve=name", ["line 98", "cosine", "rises", "warmup"]),
        ("chinchilla", SCHEDULE, ["chinchilla takes N and D", "annealing or multi_power"]),
        ("anealing", SCHEDULE, ["anealing", "did you mean annealing"]),
    ],
)
def test_bad_schedules_are_refused(isoloss, curves, law, schedule, needles):
    arguments = ("--law", law, "--schedule", schedule, "--draws", "0")
    check_refused(isoloss("fit", curves, *arguments), *needles)


def test_keep_last_is_refused_with_a_schedule(isoloss, curves):
    arguments = ("--law", "annealing", "--schedule", SCHEDULE, "--keep", "last")
    check_refused(isoloss("fit", curves, *arguments), "keep 'last'", "leave keep out")
