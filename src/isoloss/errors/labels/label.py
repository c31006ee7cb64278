"""Failure modes from rules, without a judge model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from isoloss.errors.items import MISSING, Coded, Items, Labels
from isoloss.errors.labels.facts import Facts
from isoloss.errors.labels.findings import findings, without_findings
from isoloss.errors.labels.groups import ConstantRun
from isoloss.errors.labels.modes import CORRECT
from isoloss.errors.labels.own_rules import OwnRule, read_rules
from isoloss.errors.labels.rules import RULES, Rule
from isoloss.errors.labels.taxonomy import Taxonomy
from isoloss.exceptions import ItemsError

SOURCE = "rules"


@dataclass(frozen=True)
class RuleCount:
    """What a rule did.

    Attributes:
        id, mode: the rule.
        found: wrong answers that it finds when it is asked alone.
        decided: those that no rule before it had found.
        n: wrong answers.
        skipped: what it lacks; empty where it was tried.
    """

    id: str
    mode: str
    found: int
    decided: int
    n: int
    skipped: str = ""

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def label(
    items: Items,
    *,
    rules: Sequence[OwnRule] | str | Path | None = None,
    taxonomy: Taxonomy | Mapping[str, str] | None = None,
    text_only: str | None = None,
    ocr: Mapping[str, Sequence[str]] | None = None,
) -> Items:
    """Add the labels `rules`: a failure mode for every wrong answer.

    Rules are tried in order and the first that finds decides. They cannot tell an error of
    perception from one of reasoning.

    Args:
        items: answers; those not scored get no label, right ones get `correct`.
        rules: a person's own, or the path of their TOML file; each stands before the built-in rule
            that it names, or before all.
        taxonomy: class -> superclass, for `same_superclass` and `cross_superclass`.
        text_only: the condition in which the same questions were asked without their image.
        ocr: item's key -> texts that stand in its image.

    Returns:
        The same answers with `labels["rules"]` and notices on what was found and what not tried.

    Raises:
        ItemsError: own rules that cannot be used, or a condition that no answer has.
    """
    facts = _facts(items, taxonomy, text_only, ocr)
    ordered = _ordered(rules)
    decided = np.full(len(items), -1, dtype=np.int32)
    left = facts.wrong.copy()
    for place, rule in enumerate(ordered):
        if left.any() and rule.ready(facts):
            found = rule.find(facts) & left
            decided[found] = place
            left &= ~found
    right = _of_right(facts, rules)
    return _labelled(items, facts, ordered, decided, right)


def rule_counts(
    items: Items,
    *,
    rules: Sequence[OwnRule] | str | Path | None = None,
    taxonomy: Taxonomy | Mapping[str, str] | None = None,
    text_only: str | None = None,
    ocr: Mapping[str, Sequence[str]] | None = None,
) -> tuple[RuleCount, ...]:
    """What every rule finds alone, and what it decides behind those before it.

    Args: as those of `label`.
    """
    facts = _facts(items, taxonomy, text_only, ocr)
    left, n = facts.wrong.copy(), int(facts.wrong.sum())
    counts = []
    for rule in _ordered(rules):
        if not rule.ready(facts):
            counts.append(RuleCount(rule.id, rule.mode, 0, 0, n, rule.needs))
            continue
        found = rule.find(facts) & facts.wrong
        counts.append(RuleCount(rule.id, rule.mode, int(found.sum()), int((found & left).sum()), n))
        left &= ~found
    return tuple(counts)


def rules_table(
    rules: Sequence[OwnRule] | str | Path | None = None,
) -> tuple[dict[str, Any], ...]:
    """The rules in order: place, id, mode, what each finds and needs, and why.

    Args:
        rules: a person's own, shown where they stand among the built-in ones.
    """
    return tuple(
        {"order": place, **rule.to_document()} for place, rule in enumerate(_ordered(rules), 1)
    )


def one_letter_runs(items: Items) -> tuple[ConstantRun, ...]:
    """Models that give one letter to every question of a task whose right letters vary."""
    return Facts(items).constant[0]


def rank_distance(items: Items) -> np.ndarray:
    """How many ranks the chosen option is from the right one.

    Returns:
        (n,) 0 for right, 1 for adjacent, ...; NaN where options have no order, or no valid option
        was chosen.
    """
    gold, answer = Facts(items).rank
    return np.where((gold >= 0) & (answer >= 0), np.abs(gold - answer), np.nan)


def _facts(
    items: Items,
    taxonomy: Taxonomy | Mapping[str, str] | None,
    text_only: str | None,
    ocr: Mapping[str, Sequence[str]] | None,
) -> Facts:
    if text_only is not None and text_only not in items.conditions:
        raise ItemsError(
            f"text_only names the condition '{text_only}', which no answer has; there is "
            f"{', '.join(items.conditions[:20])}"
        )
    return Facts(items, Taxonomy.of(taxonomy), text_only, ocr)


def _own(rules: Sequence[OwnRule] | str | Path | None) -> tuple[OwnRule, ...]:
    return tuple(read_rules(rules) if isinstance(rules, str | Path) else rules or ())


def _ordered(rules: Sequence[OwnRule] | str | Path | None) -> tuple[Rule, ...]:
    """Built-in rules with a person's own between them."""
    ordered = list(RULES)
    first = 0
    for one in _own(rules):
        if one.correct == 1:
            continue
        places = [place for place, rule in enumerate(ordered) if rule.id == one.before]
        if one.before and not places:
            raise ItemsError(
                f"rule '{one.id}' stands before '{one.before}', which no rule is called; there is "
                f"{', '.join(rule.id for rule in ordered)}"
            )
        ordered.insert(places[0] if places else first, one.as_rule())
        first += 0 if one.before else 1
    return tuple(ordered)


def _of_right(
    facts: Facts, rules: Sequence[OwnRule] | str | Path | None
) -> list[tuple[OwnRule, np.ndarray]]:
    """A person's rules on right answers, and the rows that each finds."""
    right, found = facts.items.correct == 1, []
    for one in _own(rules):
        if one.correct == 1:
            rows = one.find(facts) & right
            right = right & ~rows
            found.append((one, rows))
    return found


def _labelled(
    items: Items,
    facts: Facts,
    rules: tuple[Rule, ...],
    decided: np.ndarray,
    right: list[tuple[OwnRule, np.ndarray]],
) -> Items:
    modes = tuple(dict.fromkeys([CORRECT, *(r.mode for r in rules), *(o.mode for o, _ in right)]))
    ids = tuple(dict.fromkeys([*(r.id for r in rules), *(o.id for o, _ in right)]))
    mode_of = np.array([*(modes.index(rule.mode) for rule in rules), MISSING], dtype=np.int32)
    sure = np.array([*(rule.confidence for rule in rules), np.nan])
    mode, rule, confidence = mode_of[decided], decided.copy(), sure[decided]
    mode[items.correct == 1], confidence[items.correct == 1] = 0, 1.0
    for one, rows in right:
        mode[rows], rule[rows] = modes.index(one.mode), ids.index(one.id)
        confidence[rows] = one.confidence
    labels = Labels(Coded(mode, modes).compact(), Coded(rule, ids).compact(), confidence)
    bare = without_findings(items)
    found = replace(bare, notices=(*bare.notices, *findings(facts, rules, decided)))
    return found.with_labels(SOURCE, labels)
