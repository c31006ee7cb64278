"""Verbs that values speak, looked up where they live.

A fit is planned with by writing `fit.plan(...)`, but planning lives on a floor above fitting, and a
room imports only from floors below. So a value names its verb here, and the verb's room is imported
when the verb is first spoken. This table is the only place where a lower floor points upward.
"""

from importlib import import_module
from typing import Any

VERBS = {
    "fit": "isoloss.fit:fit",
    "trust": "isoloss.trust:trust",
    "plan": "isoloss.plan:plan",
    "report": "isoloss.report:report",
    "explore": "isoloss.explore.widget:explore",
}


def speak(verb: str, *args: Any, **options: Any) -> Any:
    """Call the function behind a verb."""
    module, name = VERBS[verb].split(":")
    return getattr(import_module(module), name)(*args, **options)
