"""Rules that a person writes in TOML.

    [[rule]]
    id = "unsure"
    mode = "abstains"
    confidence = 0.8
    before = "refusal"
    when = { raw = { matches = "not possible to (determine|tell)" }, task = "Jigsaw" }

`when` names what must hold, all of it: `prediction`, `raw`, `gold`, `question`, `task`,
`condition`, `model`, `finish`, each equal to a text (without regard to case and spaces at the
ends), to one of a list of texts, or `{ matches = "pattern" }` or `{ missing = true }`;
`correct = 1` makes it a rule on right answers, which are left alone otherwise. Without `before` a
rule stands before all built-in ones. Patterns look at the first and last 1,000 characters of a text
at most.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isoloss.errors.items import Coded, Items
from isoloss.errors.labels.answers import gathered
from isoloss.errors.labels.facts import Facts
from isoloss.errors.labels.modes import CORRECT
from isoloss.errors.labels.patterns import checked
from isoloss.errors.labels.rules.rule import Rule
from isoloss.errors.labels.text import bounded
from isoloss.exceptions import ItemsError

_COLUMNS = ("prediction", "raw", "gold", "question", "task", "condition", "model", "finish")
_KEYS = ("id", "mode", "confidence", "before", "when")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")

Test = Callable[[str | None], bool]


@dataclass(frozen=True)
class OwnRule:
    """A person's rule.

    Attributes:
        id, mode: its name, and the failure mode that it gives.
        when: what each named column must be.
        correct: 0 for a rule on wrong answers, 1 on right ones.
        before: id of the rule that it stands before; empty for all.
        confidence: between 0 and 1.
    """

    id: str
    mode: str
    when: Mapping[str, Any]
    correct: int = 0
    before: str = ""
    confidence: float = 1.0

    def find(self, facts: Facts) -> np.ndarray:
        """(n,) answers that it holds of, right or wrong."""
        found = facts.items.correct == self.correct
        for name, wanted in self.when.items():
            found &= _holds(facts.items, name, _test(wanted, f"rule '{self.id}', {name}"), found)
        return found

    def as_rule(self) -> Rule:
        """In the form of built-in rules."""
        finds = ", ".join(f"{name} {_said(wanted)}" for name, wanted in self.when.items())
        return Rule(self.id, self.mode, finds, "a person's rule", self.confidence, self.find)

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "id": self.id,
            "mode": self.mode,
            "when": {**self.when, "correct": self.correct},
            "before": self.before,
            "confidence": self.confidence,
        }


def read_rules(path: str | Path) -> tuple[OwnRule, ...]:
    """Read a person's rules from TOML.

    Raises:
        ItemsError: no such file, not TOML, or a table that cannot be used; the message names it.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ItemsError(f"cannot read {path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ItemsError(f"{path.name} is no TOML: {error}") from None
    tables = content.get("rule")
    if not isinstance(tables, list) or not tables or set(content) != {"rule"}:
        raise ItemsError(
            f"{path.name}: expected tables [[rule]] and nothing else; found "
            f"{', '.join(content) or 'nothing'}"
        )
    rules = tuple(own_rule(table, f"{path.name}: rule {i}") for i, table in enumerate(tables, 1))
    for i, rule in enumerate(rules):
        if rule.id in [other.id for other in rules[:i]]:
            raise ItemsError(f"{path.name}: rule {i + 1} has the id '{rule.id}' of an earlier one")
    return rules


def own_rule(table: Any, where: str = "rule") -> OwnRule:
    """A rule from plain data.

    Raises:
        ItemsError: what is wrong with it and where.
    """
    if not isinstance(table, Mapping):
        raise ItemsError(f"{where} should be a table with id, mode and when")
    strange = [key for key in table if key not in _KEYS]
    if strange:
        raise ItemsError(f"{where} has '{strange[0]}'; a rule has {', '.join(_KEYS)}")
    for key in ("id", "mode", "when"):
        if key not in table:
            raise ItemsError(f"{where} has no '{key}'")
    name, mode = _name(table["id"], f"{where}: id"), _name(table["mode"], f"{where}: mode")
    where = f"{where} ('{name}')"
    confidence = table.get("confidence", 1.0)
    if isinstance(confidence, bool) or not isinstance(confidence, int | float):
        raise ItemsError(f"{where}: confidence is {confidence!r}; expected a number from 0 to 1")
    if not 0 <= confidence <= 1:
        raise ItemsError(f"{where}: confidence is {confidence}; expected a number from 0 to 1")
    before = table.get("before", "")
    if not isinstance(before, str):
        raise ItemsError(f"{where}: before is {before!r}; expected the id of a rule")
    when, correct = _when(table["when"], where)
    if correct == 0 and mode == CORRECT:
        raise ItemsError(f"{where}: mode 'correct' is for right answers only")
    return OwnRule(name, mode, when, correct, before, float(confidence))


def _name(value: Any, where: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ItemsError(
            f"{where} is {value!r}; expected small letters, digits, - and _, at most 60"
        )
    return value


def _when(value: Any, where: str) -> tuple[dict[str, Any], int]:
    if not isinstance(value, Mapping) or not value:
        raise ItemsError(f'{where}: when is {value!r}; expected what must hold, such as raw = "x"')
    when = {key: wanted for key, wanted in value.items() if key != "correct"}
    for key, wanted in when.items():
        if key not in _COLUMNS:
            raise ItemsError(
                f"{where}: when names '{key}'; expected one of {', '.join(_COLUMNS)}, correct"
            )
        _test(wanted, f"{where}: when.{key}")
    correct = value.get("correct", 0)
    if correct not in (0, 1):
        raise ItemsError(f"{where}: when.correct is {correct!r}; expected 0 or 1")
    return when, int(correct)


def _test(wanted: Any, where: str) -> Test:
    """What decides whether a text is what was wanted."""
    if isinstance(wanted, Mapping):
        if set(wanted) == {"matches"} and isinstance(wanted["matches"], str):
            pattern = checked(wanted["matches"], where)
            return lambda text: text is not None and bool(pattern.search(bounded(text)))
        if set(wanted) == {"missing"} and isinstance(wanted["missing"], bool):
            return lambda text: (text is None or not text.strip()) == wanted["missing"]
    texts = wanted if isinstance(wanted, list) else [wanted]
    known = {text.strip().casefold() for text in texts if isinstance(text, str)}
    if texts and all(isinstance(text, str) for text in texts):
        return lambda text: text is not None and text.strip().casefold() in known
    raise ItemsError(
        f'{where} is {wanted!r}; expected a text, a list of texts, {{matches = "pattern"}} or '
        "{missing = true}"
    )


def _said(wanted: Any) -> str:
    if isinstance(wanted, Mapping):
        return f"matches {wanted['matches']!r}" if "matches" in wanted else "is missing"
    return f"is {wanted!r}"


def _holds(items: Items, name: str, test: Test, among: np.ndarray) -> np.ndarray:
    """(n,) rows whose column passes, of the rows that are still asked about."""
    if name == "model":
        return np.array([test(model.name) for model in items.models], dtype=bool)[items.model]
    column = getattr(items, name)
    if column is None:
        raise ItemsError(f"a rule asks for '{name}', which these answers do not have")
    if isinstance(column, Coded):
        return gathered(column, test, test(None), bool)
    found, rows = np.zeros(len(items), dtype=bool), np.flatnonzero(among)
    texts = Coded.of(None if text is None else str(text) for text in column[rows].tolist())
    found[rows] = gathered(texts, test, test(None), bool)
    return found
