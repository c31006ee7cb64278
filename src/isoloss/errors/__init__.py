"""Errors against scale: what a bigger model gets wrong, and how the mix of mistakes changes.

>>> from isoloss import errors
>>> items = errors.read_items("logs/", models="models.yaml")  # doctest: +SKIP
>>> print(errors.answer(errors.study(items, "InternVL2")))  # doctest: +SKIP
"""

from isoloss.errors.agreement import Agreement, agreement
from isoloss.errors.contrasts import Contrast, contrast
from isoloss.errors.items import (
    Grid,
    Items,
    Labels,
    Model,
    Models,
    Unpaired,
    grid,
    join,
    load_items,
    models_of,
    read_models,
    unpaired,
    write_items,
)
from isoloss.errors.labels import (
    add_human,
    judge,
    label,
    label_agreement,
    rescored,
    rules_table,
)
from isoloss.errors.power import Power, power
from isoloss.errors.readers import read_items
from isoloss.errors.simulate import simulate
from isoloss.errors.study import (
    ClaimVerdict,
    ErrorStudy,
    answer,
    check_claim,
    families_to_study,
    study,
)

__all__ = [
    "Agreement",
    "ClaimVerdict",
    "Contrast",
    "ErrorStudy",
    "Grid",
    "Items",
    "Labels",
    "Model",
    "Models",
    "Power",
    "Unpaired",
    "add_human",
    "agreement",
    "answer",
    "check_claim",
    "contrast",
    "families_to_study",
    "grid",
    "join",
    "judge",
    "label",
    "label_agreement",
    "load_items",
    "models_of",
    "power",
    "read_items",
    "read_models",
    "rescored",
    "rules_table",
    "simulate",
    "study",
    "unpaired",
    "write_items",
]
