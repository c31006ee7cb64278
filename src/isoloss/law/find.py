"""Finding a law: by name among the built-in forms, in a TOML file, or as a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from isoloss.exceptions import LawError
from isoloss.law.calculus import FORMS
from isoloss.law.expression import parse
from isoloss.law.guess import guess_parameters
from isoloss.law.law import Law, Variable
from isoloss.law.read import read_family

# names that are inputs, not coefficients, when a formula comes without a definition
COMMON_VARIABLES = ("N", "D", "C", "U")
# areas of a learning-rate schedule, which are 0 until its first fall
MAY_BE_ZERO = re.compile(r"S_2|(drop|since)_\d+")


def find_law(
    text: str | Path | Law,
    *,
    variables: Iterable[str] | None = None,
    target: str | None = None,
) -> Law:
    """The law of that name, of that TOML file, or of that formula.

    Args:
        text: `chinchilla`; `power_floor(C)`, a one-variable law over another variable;
            `additive_mixture(domains=web:books)` or `bnsl(breaks=2)`, a law with an index;
            `hoffmann2022_a3`, the form of a published law;
            `my_law.toml` or `my_law.toml:name`; `E + A/N**alpha`; `loss = E + A/N**alpha`.
        variables: which names of a formula are inputs; N, D, C and U when not given.
        target: what a formula gives; `loss` when not given.

    Raises:
        LawError, FormulaError: saying what is wrong and what exists.
    """
    if isinstance(text, Law):
        return text
    if not isinstance(text, str | Path):
        raise LawError(
            f"a law is named by text: a built-in name, a TOML file or a formula; got {text!r}"
        )
    text = str(text).strip()
    if re.search(r"\.toml(:\w+)?$", text):
        return _from_file(text)
    found = find_form(text)
    if found is not None:
        return found
    from isoloss.law.published import published_laws

    if text in published_laws():
        return _published_form(published_laws()[text])
    if re.fullmatch(r"[A-Za-z][\w-]{0,63}", text):
        raise LawError(
            f"no law is called '{text}'{close_names(text, [*forms(), *published_laws()])}. "
            "`isoloss laws list` shows them all; a TOML file or a formula such as "
            "'E + A/N**alpha' is taken too"
        )
    return from_formula(text, variables=variables, target=target)


def find_form(text: str) -> Law | None:
    """The built-in form of that name, over another variable or other labels, if there is one."""
    known = forms()
    if text in known:
        return known[text]
    called = re.fullmatch(r"(\w+)\(([\w=:, ]+)\)", text)
    if called and called.group(1) in known:
        return _called(known[called.group(1)], called.group(2))
    return None


@cache
def forms() -> Mapping[str, Law]:
    """Every built-in form, by its id.

    Raises:
        LawError: a file is not as it has to be.
    """
    found: dict[str, Law] = {}
    for path in sorted(FORMS.glob("*.toml")):
        for id_, law in read_family(path).items():
            if id_ in found:
                raise LawError(
                    f"{path.name} [{id_}]: stands in {found[id_].family}.toml too; "
                    "rename one of the two or remove it"
                )
            found[id_] = law
    return found


def from_formula(
    text: str, *, variables: Iterable[str] | None = None, target: str | None = None
) -> Law:
    """A law from a formula alone; what had to be assumed stands in `guesses`."""
    left = re.match(r"^\s*([A-Za-z_]\w*)\s*=(?!=)\s*(.*)$", text, re.DOTALL)
    stated = left.group(1) if left else None
    formula = left.group(2) if left else text
    expression = parse(formula)
    candidates = tuple(variables) if variables is not None else COMMON_VARIABLES
    inputs = tuple(name for name in expression.names if name in candidates)
    if not inputs:
        raise LawError(
            f"the formula '{formula}' uses none of the variables {', '.join(candidates)}; "
            "map a column to one of its names"
        )
    parameters, guesses = guess_parameters(expression, inputs)
    if variables is None:
        guesses = (f"{' and '.join(inputs)}: taken as input, by name", *guesses)
    if not parameters:
        raise LawError(f"the formula '{formula}' has no parameter to fit")
    return Law(
        id="custom",
        name="custom formula",
        formula=formula.strip().replace("^", "**"),
        target=target or stated or "loss",
        variables=tuple(Variable(n, log=not MAY_BE_ZERO.fullmatch(n)) for n in inputs),
        parameters=parameters,
        guesses=guesses,
    )


def _published_form(entry: Any) -> Law:
    if entry.form is None:
        raise LawError(
            f"'{entry.id}' is a statement of theory, {entry.formula}; there is nothing to fit in it"
        )
    # a form that serves several quantities, such as a power of compute, gives what the entry gives;
    # a column of runs is mapped to it, so it is one word
    target = re.sub(r"\W+", "_", entry.coefficients().target)
    return replace(entry.form, target=target)


def _called(law: Law, given: str) -> Law:
    """`power_floor(C)` and `bnsl(breaks=2)`."""
    if "=" not in given:
        return law.over(given.strip())
    labels = {}
    for part in given.split(","):
        name, _, value = (piece.strip() for piece in part.partition("="))
        labels[name] = int(value) if value.isdecimal() else tuple(value.split(":"))
    return law.resized(**labels)


def close_names(text: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` where something similar exists."""
    close = get_close_matches(text, known, n=4)
    return f"; did you mean {', '.join(close)}?" if close else ""


def _from_file(text: str) -> Law:
    name = None
    if not text.endswith(".toml"):
        text, name = text.rsplit(":", 1)
    path = Path(text)
    if not path.is_file():
        raise LawError(f"the law file '{path}' does not exist")
    laws = read_family(path)
    if name is None and len(laws) == 1:
        return next(iter(laws.values()))
    if name not in laws:
        raise LawError(f"{path} holds {', '.join(laws) or 'no law'}; say which one, as {path}:NAME")
    return laws[name]
