"""Failure labels: why each wrong answer is wrong, by rules, by people, or by a judge model.

Rules need no model and no person, and look at answers alone. They cannot tell an error of
perception from one of reasoning, or from missing knowledge.
"""

from isoloss.errors.labels.agreement import LabelAgreement, ModeAgreement, label_agreement
from isoloss.errors.labels.groups import ConstantRun
from isoloss.errors.labels.human import (
    HumanLabel,
    LabelCount,
    add_human,
    label_counts,
    read_human,
)
from isoloss.errors.labels.judge import UNJUDGED, judge
from isoloss.errors.labels.label import (
    RuleCount,
    label,
    one_letter_runs,
    rank_distance,
    rule_counts,
    rules_table,
)
from isoloss.errors.labels.modes import CORRECT, FORMAT_MODES, MODES, Mode
from isoloss.errors.labels.own_rules import OwnRule, own_rule, read_rules
from isoloss.errors.labels.rescore import rescored
from isoloss.errors.labels.rules import RULES_VERSION
from isoloss.errors.labels.taxonomy import Taxonomy, read_taxonomy

__all__ = [
    "CORRECT",
    "FORMAT_MODES",
    "MODES",
    "RULES_VERSION",
    "UNJUDGED",
    "ConstantRun",
    "HumanLabel",
    "LabelAgreement",
    "LabelCount",
    "Mode",
    "ModeAgreement",
    "OwnRule",
    "RuleCount",
    "Taxonomy",
    "add_human",
    "judge",
    "label",
    "label_agreement",
    "label_counts",
    "one_letter_runs",
    "own_rule",
    "rank_distance",
    "read_human",
    "read_rules",
    "read_taxonomy",
    "rescored",
    "rule_counts",
    "rules_table",
]
