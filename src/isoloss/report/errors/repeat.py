"""Section: what is left out and why, and how to make the same page again."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Sequence

import numpy as np

from isoloss.errors.study import ErrorStudy
from isoloss.report.errors.part import Part, capped, part
from isoloss.report.errors.words import clipped, named
from isoloss.report.model import Block, Code, Table, Text
from isoloss.store import version

# what the sections that are left out say anyway
_PARTS = {
    "emergence": "accuracy beside loss",
    "loss_laws": "accuracy from loss",
    "calibration": "calibration",
    "modes": "failure modes",
    "hallucination": "questions with two answers",
    "shapes": "shapes of accuracy",
}


def repeat_part(study: ErrorStudy, left_out: Sequence[tuple[str, str]]) -> Part:
    """What is missing, then commands, code and versions.

    Args:
        study: the study.
        left_out: sections that are not there, with the reason.
    """
    return part(
        "repeat",
        "What is left out, and how to repeat it",
        *_unpaired(study),
        _missing(study, left_out),
        Code("sh", command_line(study)),
        Code("python", python(study)),
        Text(
            "Put the file of answers in place of its name. With the same file and seed every "
            "number is the same.",
            "note",
        ),
        _versions(study),
    )


def _unpaired(study: ErrorStudy) -> list[Block]:
    found = study.unpaired
    lines = [
        line
        for line in found.lines
        if line.condition == study.condition and (line.left_out or line.unscored)
    ]
    answered = study.grid.shape[1]
    if not lines:
        return [
            Text(f"Nothing had to be left out: every model answered all {answered:,} questions.")
        ]
    rows = tuple(
        (
            clipped(line.model, 60),
            named(line.task),
            f"{line.answered:,}",
            f"{line.common:,}",
            f"{line.left_out:,}",
            f"{line.unscored:,}",
            clipped(", ".join(line.examples), 80),
        )
        for line in sorted(lines, key=lambda one: -(one.left_out + one.unscored))
    )
    return [
        Text(
            f"Models are compared on the {answered:,} questions that all of them answered; what "
            "some model did not answer, or what was not scored, is left out."
        ),
        capped(
            Table(
                ("model", "task", "answered", "paired", "left out", "not scored", "such as"),
                rows,
                (2, 3, 4, 5),
                "Answers that cannot be paired.",
            ),
            60,
        ),
    ]


def _missing(study: ErrorStudy, left_out: Sequence[tuple[str, str]]) -> Table | None:
    rows = [(title, clipped(why, 400)) for title, why in left_out]
    told = {why for _, why in left_out}
    rows += [
        (_PARTS.get(name, named(name)), clipped(why, 400))
        for name, why in study.missing.items()
        if why not in told
    ]
    if not rows:
        return None
    return Table(("not on this page", "because"), tuple(rows), (), "What is not here, and why.")


def command_line(study: ErrorStudy) -> str:
    """The command that makes this page."""
    options = [
        ("--family", study.family),
        ("--condition", study.condition),
        *([("--by", "none")] if not study.accuracy.tasks else []),
        ("--level", f"{study.level:g}"),
        ("--replicates", f"{study.replicates}"),
        ("--seed", f"{study.seed}"),
        ("--out", "errors-report"),
    ]
    lines = [f"isoloss errors report {shlex.quote(_file(study))}"]
    lines += [f"  {name} {shlex.quote(value)}" for name, value in options]
    return " \\\n".join(lines)


def python(study: ErrorStudy) -> str:
    """The same in Python."""
    by = [] if study.accuracy.tasks else ['    by="none",']
    return "\n".join(
        [
            "from isoloss.errors.items.store import load_items",
            "from isoloss.errors.study import study",
            "from isoloss.report.errors import errors_report",
            "",
            f"items = load_items({_file(study)!r})",
            "found = study(",
            "    items,",
            f"    {study.family!r},",
            f"    condition={study.condition!r},",
            f"    name={study.name!r},",
            *by,
            f"    level={study.level!r},",
            f"    margin={study.contrast.margin!r},",
            f"    replicates={study.replicates!r},",
            f"    seed={study.seed!r},",
            ")",
            'errors_report([found]).save("errors-report")',
        ]
    )


def _file(study: ErrorStudy) -> str:
    return f"{study.name}.parquet"


def _versions(study: ErrorStudy) -> Table:
    models = ", ".join(model.name for model in study.grid.models)
    rows = (
        ("models", clipped(models, 600)),
        ("answers", f"{study.grid.correct.size:,} ({study.grid.shape[1]:,} questions)"),
        ("intervals", f"{100 * study.level:g} %, {study.replicates:,} draws of questions, seed "
         f"{study.seed}"),
        ("isoloss", version()),
        ("NumPy", np.__version__),
        ("Python", platform.python_version()),
    )  # fmt: skip
    return Table(("what", "which"), rows, (), "Data and versions")
