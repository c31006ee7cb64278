"""The built-in rules in the order in which they are tried; the first that finds decides.

They look at answers alone. None of them can tell an error of perception from one of reasoning, or
from missing knowledge: that takes the reasoning's text and somebody who reads it (`add_human`,
`judge`), and a measure of agreement beside it (`label_agreement`).

The order follows from what is surest: first what is no answer at all, then what the question's own
form tells (yes or no, numbers, ordered options), then what other answers tell. `unparsed` stands
behind the rules that know what stands in place of an answer.
"""

from __future__ import annotations

from isoloss.errors.labels.rules import choice, classes, form, polar, quantity, silence
from isoloss.errors.labels.rules.rule import Rule

# Changes with any change to a rule's meaning or to the order
RULES_VERSION = "1"

RULES: tuple[Rule, ...] = (
    *silence.RULES,
    form.ECHO,
    *form.REST,
    *polar.RULES,
    choice.POSITION,
    *quantity.RULES,
    choice.ORDER,
    *classes.RULES,
    *choice.SOURCES,
    *choice.REST,
)

__all__ = ["RULES", "RULES_VERSION", "Rule"]
