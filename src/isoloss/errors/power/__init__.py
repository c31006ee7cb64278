"""What data can show: least differences, trends and shifts that are found with a given chance."""

from isoloss.errors.power.paired import design_effect, paired_items, paired_mde
from isoloss.errors.power.power import Power, Reach, power
from isoloss.errors.power.shares import ShiftPower, share_power, share_power_formula
from isoloss.errors.power.slope import slope_mde, slope_se

__all__ = [
    "Power",
    "Reach",
    "ShiftPower",
    "design_effect",
    "paired_items",
    "paired_mde",
    "power",
    "share_power",
    "share_power_formula",
    "slope_mde",
    "slope_se",
]
