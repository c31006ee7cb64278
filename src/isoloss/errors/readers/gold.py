"""Right answers from a file of their own, for logs that hold the models' answers alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from isoloss.errors.readers.columns import names_of, read_columns
from isoloss.errors.readers.log import Log, open_log
from isoloss.errors.readers.rows import cell
from isoloss.exceptions import ItemsError

_IDS = ("question_id", "item_id", "item", "id", "idx", "index", "qid", "sample_id", "doc_id", "no")
_GOLDS = (
    "gold",
    "gold_answer",
    "ground_truth",
    "gt",
    "gt_answer",
    "label",
    "answer",
    "target",
    "correct_answer",
    "y_true",
)
_TASKS = ("category", "task", "subject", "subtask")
_QUESTIONS = ("question", "text", "prompt", "query")
_IMAGES = ("image", "image_id", "image_path", "imagename")
_OPTIONS = ("options", "choices")


@dataclass(frozen=True)
class Entry:
    """One question of a gold file; what it does not have is None."""

    gold: str | None
    question: str | None = None
    options: str | None = None
    image: str | None = None
    task: str | None = None
    file: str | None = None


@dataclass(frozen=True)
class Gold:
    """Right answers by id.

    Attributes:
        entries: by id; several where files, or tasks in one file, number their questions alike.
        source: the files, for messages.
    """

    entries: Mapping[str, tuple[Entry, ...]]
    source: str

    def find(self, own: str, question: str | None = None) -> Entry | None:
        """The entry of a question; None where there is none, or where it cannot be told which.

        Args:
            own: the question's id in the log.
            question: its text in the log, which decides between questions of one id.
        """
        entries = self.entries.get(own, ())
        if len(entries) <= 1:
            return entries[0] if entries else None
        if question is not None:
            entries = tuple(
                entry for entry in entries if entry.question and plain(entry.question) in question
            )
        golds = {(entry.gold, entry.task, entry.image) for entry in entries}
        return entries[0] if len(golds) == 1 else None


def read_gold(given: Any) -> Gold | None:
    """A mapping of id to right answer, or files: JSON lines, JSON, CSV, TSV, Parquet, Excel.

    A file of questions without answers is joined to a file of answers without ids by image and
    question, as POPE has them.

    Raises:
        ItemsError: no such file, or no columns that look like ids and right answers.
    """
    if given is None:
        return None
    if isinstance(given, Mapping):
        listed = {str(key): (_entry_of(value),) for key, value in given.items()}
        return Gold(listed, "gold")
    files = [given] if isinstance(given, str | PathLike) else list(given)
    if not files:
        raise ItemsError("gold: an empty list of files")
    found: list[tuple[str | None, Entry]] = []
    for file in files:
        found += _read_file(Path(file))
    found = _joined(found)
    entries: dict[str, tuple[Entry, ...]] = {}
    for own, entry in found:
        if own is not None and entry.gold is not None:
            entries[own] = (*entries.get(own, ()), entry)
    if not entries:
        names = ", ".join(str(file) for file in files)
        raise ItemsError(f"gold: {names} hold no right answer with an id")
    return Gold(entries, ", ".join(str(file) for file in files))


def plain(question: str) -> str:
    """A question without what a prompt adds on further lines."""
    return question.strip().split("\n", 1)[0].strip()


def _read_file(path: Path) -> Iterator[tuple[str | None, Entry]]:
    if not path.exists():
        raise ItemsError(f"gold: {path} does not exist")
    log = open_log(path)
    if isinstance(log.document, dict) and _IDS[0] not in log.document:
        for key, value in log.document.items():
            yield str(key), replace(_entry_of(value), file=path.stem)
        return
    if isinstance(log.document, dict):
        # JSON lines of one line
        log.kind = "jsonl"
    names = names_of(log)
    by_role = {
        role: next((name for name in known if name in names), None)
        for role, known in (
            ("own", _IDS),
            ("gold", _GOLDS),
            ("task", _TASKS),
            ("question", _QUESTIONS),
            ("image", _IMAGES),
            ("options", _OPTIONS),
        )
    }
    if by_role["own"] is None and by_role["gold"] is None:
        raise ItemsError(
            f"gold: {path} has no column that looks like an id ({', '.join(_IDS[:5])}, ...) or a "
            f"right answer ({', '.join(_GOLDS[:5])}, ...); it has {', '.join(names[:20])}"
        )
    yield from _entries(log, by_role, path.stem)


def _entries(
    log: Log, by_role: Mapping[str, str | None], stem: str
) -> Iterator[tuple[str | None, Entry]]:
    wanted = sorted({name for name in by_role.values() if name})
    table = read_columns(log, wanted)
    texts = {name: table.coded[name].texts() for name in wanted}
    blank: Sequence[str | None] = [None] * len(table)

    def of(role: str) -> Sequence[str | None]:
        name = by_role[role]
        return texts[name] if name else blank

    for own, gold, question, options, image, task in zip(
        of("own"), of("gold"), of("question"), of("options"), of("image"), of("task"), strict=True
    ):
        yield own, Entry(gold, question, options, image, task, stem)


def _entry_of(value: Any) -> Entry:
    """A right answer, or an object that holds one, as MMMU's answer file has them."""
    if isinstance(value, Mapping):
        gold = next((value[name] for name in _GOLDS if name in value), None)
        return Entry(cell(gold))
    return Entry(cell(value))


def _joined(found: list[tuple[str | None, Entry]]) -> list[tuple[str | None, Entry]]:
    """Questions without a gold take the one of the same image and question."""
    if all(entry.gold is not None for _, entry in found):
        return found
    golds = {
        (entry.image, plain(entry.question)): entry.gold
        for _, entry in found
        if entry.gold is not None and entry.question
    }
    questions = []
    for own, entry in found:
        if entry.gold is None and entry.question:
            gold = golds.get((entry.image, plain(entry.question)))
            questions.append((own, replace(entry, gold=gold)))
    return questions or found
