"""Answers: one table, and the same questions to every model as a matrix."""

from isoloss.errors.items.coded import MISSING, Coded
from isoloss.errors.items.grid import Grid, grid
from isoloss.errors.items.items import UNKNOWN, Items, Labels
from isoloss.errors.items.joining import join
from isoloss.errors.items.models import Model, Models, models_of, read_models
from isoloss.errors.items.store import load_items, write_items
from isoloss.errors.items.unpaired import Unpaired, unpaired

__all__ = [
    "MISSING",
    "UNKNOWN",
    "Coded",
    "Grid",
    "Items",
    "Labels",
    "Model",
    "Models",
    "Unpaired",
    "grid",
    "join",
    "load_items",
    "models_of",
    "read_models",
    "unpaired",
    "write_items",
]
