"""Tables of federated runs that this project trained itself, shipped with the package.

Each table `NAME.csv` has a `NAME.md` beside it that says how it was made, what its columns mean
and what it must not be used for.

    >>> from isoloss.federated import ladders
    >>> "federated_digits" in ladders.names()
    True
    >>> from isoloss.federated import read_federated_runs
    >>> runs = read_federated_runs(ladders.path("federated_digits"))
"""

from pathlib import Path

from isoloss.exceptions import RunsError

_FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Names of the shipped tables, sorted."""
    return sorted(table.stem for table in _FOLDER.glob("*.csv"))


def path(name: str) -> Path:
    """Where the table of this name is.

    Raises:
        RunsError: there is no such table.
    """
    return _find(name, ".csv")


def provenance(name: str) -> Path:
    """Where the account of how the table was made is.

    Raises:
        RunsError: there is no such table.
    """
    return _find(name, ".md")


def _find(name: str, suffix: str) -> Path:
    if name not in names():
        raise RunsError(
            f"no shipped table '{name}'; expected one of: {', '.join(names())}. "
            "Give a path to read a file of your own"
        )
    return _FOLDER / f"{name}{suffix}"
