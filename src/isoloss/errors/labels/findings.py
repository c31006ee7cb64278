"""What rules found and what they could not look at, said to the person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from isoloss.errors.items import MISSING, UNKNOWN, Coded, Items
from isoloss.errors.labels.facts import Facts
from isoloss.errors.labels.rules import RULES_VERSION, Rule
from isoloss.notices import Notice

CODES = frozenset(
    {
        "labelled-by-rules",
        "rules-not-tried",
        "refusals-behind-letters",
        "recoverable-answers",
        "score-conflict",
        "one-letter-runs",
    }
)


def without_findings(items: Items) -> Items:
    """The answers without what was said of them when they were labelled before."""
    kept = tuple(one for one in items.notices if one.code not in CODES)
    return replace(items, notices=kept)


def findings(facts: Facts, rules: tuple[Rule, ...], decided: np.ndarray) -> list[Notice]:
    """What a person should know of labels by rules.

    Args:
        facts: of the answers.
        rules: in their order.
        decided: (n,) the place of the rule that decided; -1 for none.
    """
    count = dict(zip(*np.unique(decided, return_counts=True), strict=True))
    by_id = {rule.id: int(count.get(place, 0)) for place, rule in enumerate(rules)}
    wrong, silent = int(facts.wrong.sum()), int((facts.items.correct == UNKNOWN).sum())
    found = [
        Notice(
            "labelled-by-rules",
            f"{wrong} wrong answers were labelled by rules, version {RULES_VERSION}; "
            + (f"{silent} answers without a score have no label; " if silent else "")
            + "rules cannot tell perception from reasoning",
            "label a sample by hand (add_human) and compare (label_agreement)",
        )
    ]
    skipped = [f"{rule.id} ({rule.needs})" for rule in rules if not rule.ready(facts)]
    if skipped:
        found.append(
            Notice("rules-not-tried", f"not tried, with what each needs: {'; '.join(skipped)}")
        )
    found.extend(_hidden_refusals(facts, rules, by_id))
    told = by_id.get("option-text", 0) + by_id.get("other-form", 0)
    if told:
        found.append(
            Notice(
                "recoverable-answers",
                f"{told} wrong answers are not in the form asked for but can be told",
                "score them with rescored(items), then label again",
            )
        )
    if by_id.get("score-conflict"):
        found.append(
            Notice(
                "score-conflict",
                f"{by_id['score-conflict']} answers are scored wrong and equal the gold",
                "see what the scorer asks for; nothing was changed",
            )
        )
    if by_id.get("constant-answer"):
        runs = facts.constant[0]
        shown = "; ".join(f"{r.model} on {r.task}: {r.letter} in {r.n}" for r in runs[:5])
        found.append(Notice("one-letter-runs", f"{len(runs)} runs give one letter ({shown})"))
    return found


def _hidden_refusals(facts: Facts, rules: tuple[Rule, ...], by_id: dict[str, int]) -> list[Notice]:
    """A grader's letter for "no option could be told" hides what the model said."""
    if not by_id.get("out-of-range") or facts.items.raw is None or not facts.beyond.any():
        return []
    rows = np.flatnonzero(facts.beyond & facts.wrong)
    bare = replace(
        facts.items.select(rows),
        prediction=Coded(np.full(len(rows), MISSING, np.int32), ()),
    )
    texts = Facts(bare)
    words = [rule for rule in rules if rule.id in ("missing-modality", "refusal")]
    hidden = int(np.logical_or.reduce([rule.find(texts) for rule in words]).sum())
    if not hidden:
        return []
    return [
        Notice(
            "refusals-behind-letters",
            f"{hidden} of {len(rows)} answers recorded as a letter beyond the options decline in "
            "their text; they are labelled out_of_range, as they were recorded",
            "where the letter is a grader's mark for 'no option could be told' (such as Z), import "
            "it as no answer to have them labelled refusal",
        )
    ]
