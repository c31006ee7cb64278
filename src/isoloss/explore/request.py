"""A fit that a page asks for: checked, named by its content, made as `isoloss fit` makes it."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isoloss.exceptions import InputError, IsolossError

if TYPE_CHECKING:
    from isoloss.fit import Fit
    from isoloss.law import Law
    from isoloss.runs import Runs

_LONGEST, _MOST, _MOST_DRAWS = 4000, 40, 10_000


@dataclass(frozen=True)
class Request:
    """What to fit to what.

    Attributes:
        table: id of the table.
        law: a name or a formula; never a file.
        map, units, conventions, groups: as in `read_runs`; None for what names give away.
        target: canonical name or column of what the law predicts.
        where: conditions.
        bytes_per_token: for a loss per byte.
        draws, seed, level: of the intervals.
    """

    table: str
    law: str = "chinchilla"
    map: dict[str, str] | None = None
    target: str | None = None
    units: dict[str, str] | None = None
    conventions: dict[str, str] | None = None
    where: tuple[str, ...] = ()
    groups: dict[str, str] | None = None
    bytes_per_token: str | None = None
    draws: int = 1000
    seed: int = 0
    level: float = 0.9

    @property
    def id(self) -> str:
        """The same for the same question, so that nothing is computed twice."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self) | {"where": list(self.where)}


def read_request(given: Mapping[str, Any]) -> Request:
    """A request from plain data.

    Raises:
        InputError: naming the entry that is not as it has to be.
    """
    known = set(Request.__dataclass_fields__)
    extra = sorted(set(given) - known)
    if extra:
        raise InputError(f"'{extra[0]}' is unknown here; known are {', '.join(sorted(known))}")
    found: dict[str, Any] = {}
    for name, value in given.items():
        if value is None or value == "":
            continue
        found[name] = _READERS[name](value, name)
    if not re.fullmatch(r"[0-9a-f]{16}", found.get("table", "")):
        raise InputError("'table' is needed: the id of a table that was loaded before")
    return Request(**found)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise InputError(f"'{name}' must be a text of at most {_LONGEST} characters")
    return value.strip()


def _law(value: Any, name: str) -> str:
    text = _text(value, name)
    if re.search(r"\.toml\b", text):
        raise InputError("a page takes a law by name or as a formula, not from a file")
    return text


def _pairs(value: Any, name: str) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > _MOST:
        raise InputError(f'\'{name}\' must name at most {_MOST} things, as in {{"N": "params"}}')
    return {_text(key, name): _text(text, name) for key, text in value.items() if text}


def _texts(value: Any, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MOST:
        raise InputError(f"'{name}' must be a list of at most {_MOST} texts")
    return tuple(_text(text, name) for text in value if text)


def _whole(value: Any, name: str) -> int:
    most = _MOST_DRAWS if name == "draws" else 2**32 - 1
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise InputError(f"'{name}' must be a whole number from 0 to {most:,}, got {value!r:.40}")
    return value


def _share(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise InputError(f"'{name}' must lie between 0 and 1, got {value!r:.40}")
    return float(value)


_READERS: dict[str, Any] = {
    "table": _text,
    "law": _law,
    "map": _pairs,
    "target": _text,
    "units": _pairs,
    "conventions": _pairs,
    "where": _texts,
    "groups": _pairs,
    "bytes_per_token": _text,
    "draws": _whole,
    "seed": _whole,
    "level": _share,
}


def read(request: Request, path: Path, name: str, delimiter: str | None) -> Runs:
    """The runs of a request.

    Args:
        request: how to read them.
        path: where the table lies.
        name: what it is called, in the result and in every message.
        delimiter: where the ending does not say it.
    """
    from isoloss.runs import read_runs

    try:
        runs = read_runs(
            str(path),
            map=request.map,
            target=request.target,
            units=request.units,
            conventions=request.conventions,
            where=request.where,
            groups=request.groups,
            bytes_per_token=request.bytes_per_token,
            delimiter=delimiter,
        )
    except IsolossError as error:
        # MissingExtraError has arguments of its own
        kind = type(error) if isinstance(error, InputError) else InputError
        raise kind(str(error).replace(str(path), name)) from None
    notices = tuple(
        replace(one, message=one.message.replace(str(path), name)) for one in runs.notices
    )
    return replace(runs, source=name, notices=notices)


def law_of(text: str, runs: Runs) -> Law:
    """The law of a request, as the command line finds it."""
    from isoloss.law import find_law

    return find_law(text, variables=runs.inputs, target=runs.target)


def fit(request: Request, runs: Runs) -> Fit:
    """The fit of a request, as `isoloss fit` makes it."""
    law = law_of(request.law, runs)
    return law.fit(runs, draws=request.draws, seed=request.seed, level=request.level)


def command(request: Request, name: str, columns: Iterable[str], out: str = "fit.json") -> str:
    """The command that makes the same document.

    Args:
        request: the fit.
        name: the file of the runs.
        columns: names in the table, which an option has to keep whole.
        out: where the fit is saved.
    """
    names = set(columns)
    words = ["isoloss", "fit", name, "--law", request.law]
    for option, pairs in (
        ("--map", request.map),
        ("--units", request.units),
        ("--conventions", request.conventions),
        ("--groups", request.groups),
    ):
        if pairs:
            words += [
                option,
                ",".join(f"{key}={_quoted(text, names)}" for key, text in pairs.items()),
            ]
    for option, text in (
        ("--target", request.target),
        ("--bytes-per-token", request.bytes_per_token),
    ):
        words += [option, text] if text else []
    for condition in request.where:
        words += ["--where", condition]
    for option, value, usual in (
        ("--draws", request.draws, 1000),
        ("--seed", request.seed, 0),
        ("--level", request.level, 0.9),
    ):
        words += [option, str(value)] if value != usual else []
    return shlex.join([*words, "--out", out])


def _quoted(text: str, names: set[str]) -> str:
    """A column's name that stays whole between commas; expressions stay as they are."""
    return f"`{text}`" if text in names and not text.isidentifier() and "`" not in text else text


def program(request: Request, name: str, delimiter: str | None, out: str = "fit.json") -> str:
    """The Python program that makes the same fit."""
    options = {
        "map": request.map,
        "target": request.target,
        "units": request.units,
        "conventions": request.conventions,
        "where": list(request.where),
        "groups": request.groups,
        "bytes_per_token": request.bytes_per_token,
        "delimiter": delimiter,
    }
    lines = "".join(f"    {key}={value!r},\n" for key, value in options.items() if value)
    given = f"\n    {name!r},\n{lines}" if lines else repr(name)
    level = f", level={request.level}" if request.level != 0.9 else ""
    return (
        f"import isoloss\n\nruns = isoloss.read_runs({given})\n"
        f"law = isoloss.find_law({request.law!r}, variables=runs.inputs, target=runs.target)\n"
        f"fit = law.fit(runs, draws={request.draws}, seed={request.seed}{level})\n"
        f"print(fit)\nprint(fit.trust())\nfit.save({out!r})\n"
    )
