"""Extrapolation over many inputs without a choice by hand."""

from isoloss.trust.auto.auto import extrapolate
from isoloss.trust.auto.extrapolated import Backtest, Extrapolated, Member
from isoloss.trust.auto.words import Compact

__all__ = ["Backtest", "Compact", "Extrapolated", "Member", "extrapolate"]
