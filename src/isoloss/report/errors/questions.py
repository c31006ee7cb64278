"""Section: single questions to look at, with the answer of every model."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isoloss.errors.agreement.choices import option_counts
from isoloss.errors.items import MISSING
from isoloss.errors.study import ErrorStudy
from isoloss.report.errors.part import Part, part
from isoloss.report.errors.words import clipped, model_labels, named, percents
from isoloss.report.model import Question, QuestionList, Questions, Reply, Text

# a page stays light: so many answers of all models in a list
_ANSWERS, _LEAST, _MOST = 2000, 40, 200
_ASKED, _OPTIONS, _SAID, _WROTE = 400, 300, 120, 160
# models of which four in five must agree on a mistake; with fewer, all
_FIVE = 5


@dataclass(frozen=True, eq=False)
class Chosen:
    """A list before its questions are read.

    Attributes:
        title, says: as on the page.
        columns: (k,) places in the grid.
        telling: (k,) the greater, the earlier it stands.
    """

    title: str
    says: str
    columns: np.ndarray
    telling: np.ndarray

    def first(self, most: int) -> np.ndarray:
        """The most telling columns."""
        return self.columns[np.argsort(-self.telling, kind="stable")[:most]]


def questions_part(study: ErrorStudy) -> Part:
    """The lists."""
    return part(
        "questions",
        "Questions to look at",
        Text(_shares(study)),
        questions(study),
    )


def _shares(study: ErrorStudy) -> str:
    found = study.agreement.extremes
    return (
        f"No model solves {percents(found.never)} of the questions ({len(found.never_items):,}), "
        f"every model {percents(found.always)} ({len(found.always_items):,})."
    )


def questions(study: ErrorStudy) -> Questions:
    """The lists with their questions; each holds the most telling ones."""
    models = study.grid.shape[0]
    most = min(max(_ANSWERS // models, _LEAST), _MOST)
    lists = _lists(study)
    picked = [one.first(most) for one in lists]
    columns = np.unique(np.concatenate([*picked, np.zeros(0, int)])).astype(int)
    place = {column: i for i, column in enumerate(columns.tolist())}
    return Questions(
        model_labels(study.grid.models),
        tuple(
            QuestionList(
                one.title,
                one.says,
                len(one.columns),
                tuple(place[column] for column in some.tolist()),
            )
            for one, some in zip(lists, picked, strict=True)
        ),
        tuple(_Reader(study).read(column) for column in columns.tolist()),
    )


def _lists(study: ErrorStudy) -> list[Chosen]:
    right = study.grid.correct
    weight = study.grid.size - study.grid.size.mean()
    rise = weight @ right
    same = _same_wrong(study)
    never = np.flatnonzero(right.sum(axis=0) == 0)
    found = [*_moved(study, rise)]
    found.append(
        Chosen(
            "Never solved",
            "No model answers these right; first those where most models give the same wrong "
            "answer.",
            never,
            same[never].astype(float),
        )
    )
    alike = np.flatnonzero(_alike(study, same))
    found.append(
        Chosen(
            "Same wrong answer",
            (
                "At least four in five models give the same wrong answer"
                if right.shape[0] >= _FIVE
                else "Every model gives the same wrong answer"
            )
            + ", where there are more than two to give: the right answer itself may be wrong.",
            alike,
            same[alike].astype(float),
        )
    )
    return found


def _moved(study: ErrorStudy, rise: np.ndarray) -> list[Chosen]:
    """Lost and gained with size; with two sizes, by the larger."""
    followed = next(
        (one for one in study.agreement.trajectories if one.family == study.family), None
    )
    if followed is None:
        flips = study.contrast.flips
        pairs = (
            ("Lost", "The smaller model answers these right, the larger one wrong.", flips.lost),
            ("Gained", "The larger model answers these right, the smaller one wrong.",
             flips.gained),
        )  # fmt: skip
    else:
        pairs = (
            (
                "Lost with size",
                "Success falls with size: its rank correlation with size is −.5 or below.",
                followed.lost_items,
            ),
            (
                "Gained with size",
                "Success rises with size: its rank correlation with size is .5 or above.",
                followed.gained_items,
            ),
        )
    found = []
    for sign, (title, says, keys) in zip((-1.0, 1.0), pairs, strict=True):
        columns = _columns(study, keys)
        found.append(Chosen(title, says, columns, sign * rise[columns]))
    return found


def _columns(study: ErrorStudy, keys: Sequence[tuple[str, str]]) -> np.ndarray:
    """Places of questions in the grid by task and key."""
    if not keys:
        return np.zeros(0, int)
    wanted, grid = set(keys), study.grid
    pairs = zip(grid.task.texts(), grid.item.texts(), strict=True)
    kept = [i for i, (task, item) in enumerate(pairs) if (task or "", item or "") in wanted]
    return np.array(kept, dtype=int)


def _same_wrong(study: ErrorStudy) -> np.ndarray:
    """(I,) how many models give the most frequent wrong answer."""
    grid = study.grid
    wrong = (grid.correct == 0) & (grid.prediction != MISSING)
    found = np.zeros(grid.shape[1], dtype=int)
    for line in range(grid.shape[0]):
        equal = wrong & (grid.prediction == grid.prediction[line]) & wrong[line]
        np.maximum(found, equal.sum(axis=0), out=found)
    return found


def _alike(study: ErrorStudy, same: np.ndarray) -> np.ndarray:
    models = study.grid.shape[0]
    least = math.ceil(0.8 * models - 1e-9) if models >= _FIVE else models
    # of two options, two wrong answers are equal always
    return (same >= least) & (option_counts(study.grid) != 2)


class _Reader:
    """Reads what stands in the table behind the grid."""

    def __init__(self, study: ErrorStudy) -> None:
        items = study.items
        code = items.condition.code(study.condition)
        self.study, self.grid, self.items = study, study.grid, items
        # the grid counts rows of one condition
        self.rows = np.flatnonzero(items.condition.codes == code)

    def read(self, column: int) -> Question:
        """One question with every model's answer."""
        grid, items = self.grid, self.items
        rows = self.rows[grid.row[:, column]]
        first = int(rows[0])
        asked = items.question[first] if items.question is not None else ""
        options = items.options[first] if items.options is not None else ""
        return Question(
            named(grid.task[column] or ""),
            " ".join(clipped(grid.item[column], 80).split()),
            clipped(asked, _ASKED),
            clipped(_options(options), _OPTIONS),
            clipped(grid.gold[column], _SAID) or "not known",
            tuple(self._reply(line, column, int(row)) for line, row in enumerate(rows)),
        )

    def _reply(self, line: int, column: int, row: int) -> Reply:
        grid = self.grid
        code = int(grid.prediction[line, column])
        said = clipped(grid.predictions[code], _SAID) if code != MISSING else ""
        right = bool(grid.correct[line, column])
        mode = ""
        if grid.mode is not None and not right and grid.mode[line, column] != MISSING:
            mode = named(grid.modes[int(grid.mode[line, column])])
        raw = self.items.raw
        wrote = clipped(raw[row], _WROTE) if raw is not None and raw[row] is not None else ""
        plain = wrote.strip().strip("().").lower()
        return Reply(said, right, mode, "" if plain == said.strip("().").lower() else wrote)


def _options(text: str | None) -> str:
    """The options of a JSON list, with letters; other text as it stands."""
    if not text:
        return ""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(found, dict):
        return " · ".join(f"{key} {value}" for key, value in found.items())
    if not isinstance(found, list):
        return str(found)
    return " · ".join(f"{chr(65 + i)} {option}" for i, option in enumerate(found[:26]))
