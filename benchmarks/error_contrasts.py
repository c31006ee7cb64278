"""Contrasts and agreement on published answers, held against numbers computed independently.

`rows` gives what was got beside what was expected. The expected numbers were computed once from the
same tables by other code; points are held to .002 and ends of bootstrap intervals to .02, unless
the number was printed with fewer digits or is itself drawn at random.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from isoloss.errors.agreement import Agreement, agreement
from isoloss.errors.contrasts import Contrast, Estimate, contrast, letter_bias, signals
from isoloss.errors.items import Grid, Items, grid
from item_tables import SHARED, load

Row = tuple[str, str, float | str, float | str, float]
POINT, END = 0.002, 0.02
INTERN = {
    "4B": "InternVL2-4B",
    "8B": "InternVL2-8B",
    "26B": "InternVL2-26B",
    "76B": "InternVL2-Llama3-76B",
}
QWEN = {size: f"Qwen2-VL-{size}-Instruct" for size in ("2B", "7B", "72B")}


def rows(shared: Path = SHARED) -> list[Row]:
    """(reference, what, got, expected, tolerance) for every number; verdicts have tolerance 0."""
    return [row for part in PARTS for row in part(shared)]


def visonlyqa(shared: Path) -> Items:
    """Answers without a chain of thought."""
    return load("visonlyqa", shared).where(condition="no_reasoning")


def open_models(items: Items) -> Grid:
    """The 14 models of known size."""
    return grid(items.where(models=tuple(m.name for m in items.models if m.params == m.params)))


def ends(reference: str, what: str, found: Estimate, low: float, high: float) -> Iterator[Row]:
    """Both ends of an interval."""
    yield reference, f"{what}, low", found.low, low, END
    yield reference, f"{what}, high", found.high, high, END


def kappas(shared: Path) -> Iterator[Row]:
    """A3: error consistency and equal wrong answers."""
    found = agreement(open_models(visonlyqa(shared)))
    yield from _kappas(found)
    means = {one.measure: one for one in found.means}
    yield "A3", "kappa within family", means["kappa"].within.value, 0.364, POINT
    yield "A3", "kappa between families", means["kappa"].between.value, 0.253, POINT
    yield "A3", "same wrong within family", means["same_wrong"].within.value, 0.623, POINT
    yield "A3", "same wrong between families", means["same_wrong"].between.value, 0.526, POINT
    chance = float(np.mean([pair.chance for pair in found.pairs if pair.same_family]))
    yield "A3", "chance of the same wrong answer", chance, 0.26, 0.005
    yield from _against_accuracy(found, open_models(visonlyqa(shared)))


def _kappas(found: Agreement) -> Iterator[Row]:
    pairs = (
        ("InternVL2 4->8B", INTERN["4B"], INTERN["8B"], 0.128),
        ("InternVL2 4->76B", INTERN["4B"], INTERN["76B"], 0.207),
        ("InternVL2 26->76B", INTERN["26B"], INTERN["76B"], 0.561),
        ("Qwen2-VL 7->72B", QWEN["7B"], QWEN["72B"], 0.538),
        ("Qwen2-VL 2->72B", QWEN["2B"], QWEN["72B"], 0.426),
    )
    for what, small, large, value in pairs:
        yield "A3", f"kappa {what}", found.pair(small, large).kappa.value, value, POINT
    first = found.pair(INTERN["4B"], INTERN["8B"]).kappa
    yield from ends("A3", "kappa InternVL2 4->8B", first, 0.07, 0.19)
    third = found.pair(INTERN["26B"], INTERN["76B"]).kappa
    yield from ends("A3", "kappa InternVL2 26->76B", third, 0.515, 0.605)


def _against_accuracy(found: Agreement, answers: Grid) -> Iterator[Row]:
    from scipy.stats import spearmanr

    share = dict(zip(answers.names, answers.correct.mean(axis=1), strict=True))
    size = dict(zip(answers.names, answers.size, strict=True))
    middle = [(share[pair.small] + share[pair.large]) / 2 for pair in found.pairs]
    kappa = [pair.kappa.value for pair in found.pairs]
    wrong = [pair.same_wrong.value for pair in found.pairs]
    yield "A3", "kappa with mean accuracy, rho", spearmanr(kappa, middle).statistic, 0.40, 0.005
    yield "A3", "same wrong with accuracy, rho", spearmanr(wrong, middle).statistic, 0.45, 0.005
    related = [pair for pair in found.pairs if pair.same_family]
    ratio = [size[pair.large] - size[pair.small] for pair in related]
    rho = spearmanr([pair.kappa.value for pair in related], ratio).statistic
    yield "A3", "kappa with size ratio within family, rho", rho, -0.02, 0.005


def nesting(shared: Path) -> Iterator[Row]:
    """A4 and A17: flips, questions over size, and ability against size."""
    found = agreement(grid(visonlyqa(shared)))
    intern = found.pair(INTERN["4B"], INTERN["76B"])
    qwen = found.pair(QWEN["7B"], QWEN["72B"])
    yield "A4", "regression InternVL2 4->76B", intern.regression.value, 0.419, POINT
    yield "A4", "nesting InternVL2 4->76B", intern.nesting.value, 0.252, POINT
    yield "A4", "regression Qwen2-VL 7->72B", qwen.regression.value, 0.222, POINT
    yield "A4", "nesting Qwen2-VL 7->72B", qwen.nesting.value, 0.607, POINT
    yield "A4", "never solved by any of 19", len(found.extremes.never_items), 112, 0
    yield "A4", "always solved", len(found.extremes.always_items), 7, 0
    family = {one.family: one for one in found.trajectories}
    yield "A4", "lost with size, InternVL2", family["InternVL2"].lost.value, 0.128, POINT
    yield "A4", "its null", family["InternVL2"].lost_null, 0.129, POINT
    yield "A4", "gained with size, InternVL2", family["InternVL2"].gained.value, 0.203, POINT
    yield "A4", "lost with size, Qwen2-VL", family["Qwen2-VL"].lost.value, 0.087, POINT
    # expected from random orders of three sizes, got from all six
    yield "A4", "its null", family["Qwen2-VL"].lost_null, 0.135, 0.01
    slope = found.abilities.slope
    assert slope is not None
    yield "A17", "ability per decade, 14 of 19 models", slope.value, 0.303, POINT
    yield "A17", "its standard error", slope.se, 0.028, POINT


def yes_no(shared: Path) -> Iterator[Row]:
    """A5: saying true more often is not seeing better."""
    items = visonlyqa(shared)
    answers = grid(items.where(family="InternVL2"))
    expected = {
        "said": (0.80, 0.38, 0.66, 0.30, 0.59),
        "sensitivity": (0.01, 0.11, 0.10, 0.04, 0.14),
        "criterion": (-0.85, 0.31, -0.42, 0.52, -0.22),
    }
    found = signals(answers)["true/false"]
    for measure, values in expected.items():
        for signal, value in zip(found, values, strict=True):
            got = getattr(signal, measure).value
            # printed with two digits
            yield "A5", f"{measure} {signal.model}", got, value, 0.0055
    binary = answers.columns(np.isin(answers.gold.texts(), ("True", "False")))
    accuracy = (0.504, 0.520, 0.520, 0.504, 0.529)
    for name, got, value in zip(
        answers.names, binary.correct.mean(axis=1).tolist(), accuracy, strict=True
    ):
        yield "A5", f"accuracy {name}", got, value, POINT
    ends_of = contrast(answers, answers.names[0], answers.names[-1])
    flag = ends_of.bias[0].flag or "none"
    yield "A5", "flag 4->76B", flag, "bias shift without sensitivity change", 0


def letters(shared: Path) -> Iterator[Row]:
    """A6: letters answered against letters that are right."""
    expected = {
        "Qwen2-VL": (0.200, 0.025, 0.040),
        "InternVL2": (0.054, 0.111, 0.050, 0.015, 0.003),
    }
    for family, values in expected.items():
        found = letter_bias(grid(visonlyqa(shared).where(family=family)))
        for one, value in zip(found, values, strict=True):
            yield "A6", f"letter bias {one.model}, bits", one.distance.value, value, POINT


def both(answers: Grid) -> Contrast:
    """The smaller model of two against the larger one."""
    return contrast(answers, *answers.names)


def blink(shared: Path) -> Iterator[Row]:
    """A8: a gain that is one task, and a split."""
    items = load("blink_val", shared)
    llava = grid(items.where(family="LLaVA-1.5"))
    found = both(llava)
    yield "A8", "LLaVA-1.5 7B", found.accuracy.small, 0.3635, POINT
    yield "A8", "LLaVA-1.5 13B", found.accuracy.large, 0.4235, POINT
    for task in found.tasks:
        verdict = "better" if task.name == "Jigsaw" else "not significant"
        got = task.verdict if task.q < 0.05 else "not significant"
        yield "A8", f"LLaVA-1.5 {task.name}", got, verdict, 0
    jigsaw = next(task for task in found.tasks if task.name == "Jigsaw")
    yield "A8", "Jigsaw 7B", jigsaw.small, 0.113, POINT
    yield "A8", "Jigsaw 13B", jigsaw.large, 0.580, POINT
    yield "A8", "Jigsaw lost", jigsaw.lost, 3, 0
    yield "A8", "Jigsaw gained", jigsaw.gained, 73, 0
    yield from _parts("A8", "LLaVA-1.5", found, (0.0215, 0.016, 0.028), (0.0385, 0.017, 0.062))
    rest = both(llava.columns(llava.task.codes != llava.task.code("Jigsaw")))
    yield "A8", "LLaVA-1.5 without Jigsaw", rest.accuracy.change.value, 0.025, POINT
    assert found.modes is not None
    yield "A8", "Aitchison distance LLaVA-1.5", found.modes.aitchison.value, 2.31, 0.005
    for family in ("InstructBLIP", "Yi-VL"):
        other = both(grid(items.where(family=family)))
        count = sum(task.q < 0.05 for task in other.tasks)
        yield "A8", f"{family} tasks that differ", count, 0, 0
    yi = both(grid(items.where(family="Yi-VL"))).split
    yield "A8", "Yi-VL format", yi.format.value, -0.0008, POINT
    yield "A8", "Yi-VL format, verdict", yi.format_verdict, "same within margin", 0
    yield "A8", "Yi-VL capability", yi.capability.value, 0.030, POINT
    yield from ends("A8", "Yi-VL capability", yi.capability, 0.006, 0.057)


def _parts(
    reference: str,
    what: str,
    found: Contrast,
    form: tuple[float, float, float],
    capability: tuple[float, float, float],
) -> Iterator[Row]:
    for name, got, expected in (
        ("format", found.split.format, form),
        ("capability", found.split.capability, capability),
    ):
        yield reference, f"{what} {name}", got.value, expected[0], POINT
        yield from ends(reference, f"{what} {name}", got, expected[1], expected[2])


def mathvision(shared: Path) -> Iterator[Row]:
    """A9: splits, and a mix of failures that moves in one format only."""
    items = load("mathvision", shared)
    llava = both(grid(items.where(family="LLaVA-1.5"), condition="mc"))
    share = both(grid(items.where(family="ShareGPT4V"), condition="mc"))
    free = both(grid(items.where(family="LLaVA-1.5"), condition="free"))
    yield from _parts("A9", "LLaVA", llava, (0.0271, 0.022, 0.032), (0.0127, -0.008, 0.033))
    yield from _parts("A9", "ShareGPT4V", share, (0.0050, 0.001, 0.009), (0.0087, -0.013, 0.028))
    for what, one, value, high, verdict in (
        ("LLaVA mc", llava, 0.0187, 0.0006, "changed"),
        ("LLaVA free", free, 0.0007, 0.0012, "same within margin"),
    ):
        assert one.modes is not None
        distance = one.modes.jensen_shannon
        yield "A9", f"failure JSD {what}", distance.value, value, 0.0001
        yield "A9", f"its null, upper 5 %, {what}", distance.null_high, high, 0.0002
        yield "A9", f"mix {what}", one.modes.verdict, verdict, 0


def pope(shared: Path) -> Iterator[Row]:
    """A10: hallucination that does not move."""
    answers = grid(load("pope_llava15", shared))
    found = both(answers)
    small, large = found.bias[0].small, found.bias[0].large
    yield "A10", "POPE questions", found.n, 5712, 0
    for what, got, value in (
        ("accuracy 7B", found.accuracy.small, 0.8654),
        ("accuracy 13B", found.accuracy.large, 0.8659),
        ("FPR 7B", small.fpr.value, 0.0576),
        ("FPR 13B", large.fpr.value, 0.0519),
        ("FNR 7B", 1 - small.tpr.value, 0.2095),
        ("FNR 13B", 1 - large.tpr.value, 0.2139),
        ("c 7B", small.criterion.value, 0.384),
        ("c 13B", large.criterion.value, 0.417),
    ):
        yield "A10", f"POPE {what}", got, value, POINT
    yield "A10", "POPE d' 7B", small.sensitivity.value, 2.38, 0.0055
    yield "A10", "POPE d' 13B", large.sensitivity.value, 2.42, 0.0055
    pair = agreement(answers).pairs[0]
    yield "A10", "POPE kappa", pair.kappa.value, 0.796, POINT
    yield from ends("A10", "POPE kappa", pair.kappa, 0.771, 0.816)
    assert found.modes is not None
    yield "A10", "POPE share shift, p", found.modes.jensen_shannon.p, 0.064, END
    yield "A10", "POPE mix", found.modes.verdict, "cannot tell", 0
    mme = grid(load("mme_llava15", shared))
    other = both(mme)
    yield "A10", "MME questions", other.n, 2368, 0
    yield "A10", "MME 7B", other.accuracy.small, 0.7948, POINT
    yield "A10", "MME 13B", other.accuracy.large, 0.8104, POINT
    yield "A10", "MME kappa", agreement(mme).pairs[0].kappa.value, 0.548, POINT


PARTS: tuple[Callable[[Path], Iterator[Row]], ...] = (
    kappas,
    nesting,
    yes_no,
    letters,
    blink,
    mathvision,
    pope,
)


def held(row: Row) -> bool:
    """The number is within its tolerance of what was expected."""
    _, _, got, expected, tolerance = row
    if isinstance(got, str) or isinstance(expected, str):
        return got == expected
    return abs(got - expected) <= tolerance + 1e-12


def main() -> None:
    """Print every row."""
    found = rows(Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED)
    for row in found:
        reference, what, got, expected, tolerance = row
        shown = got if isinstance(got, str) else f"{got:.4f}"
        mark = "" if held(row) else "  <-- outside"
        print(f"{reference:4} {what:48} {shown:>12} {expected:>12} +-{tolerance}{mark}")
    print(f"{sum(map(held, found))} of {len(found)} within tolerance")


if __name__ == "__main__":
    main()
