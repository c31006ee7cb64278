"""Whether a fit may be believed, where, and why."""

from isoloss.trust.curves import Forecast, forecast
from isoloss.trust.domain import Direction, Place, locate, locate_published
from isoloss.trust.finding import Finding
from isoloss.trust.identifiability import Identifiability, Tie, identifiability
from isoloss.trust.ranking import Ranked, Ranking, choose, rank
from isoloss.trust.verdict import Verdict, trust

__all__ = [
    "Direction",
    "Finding",
    "Forecast",
    "Identifiability",
    "Place",
    "Ranked",
    "Ranking",
    "Tie",
    "Verdict",
    "choose",
    "forecast",
    "identifiability",
    "locate",
    "locate_published",
    "rank",
    "trust",
]
