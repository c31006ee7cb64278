"""A law with an index over other labels: more domains, or two breaks instead of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from isoloss.exceptions import LawError
from isoloss.law.tree import item_name

if TYPE_CHECKING:
    from isoloss.law.law import Index, Law, Parameter, Variable

MAX_ENTRIES = 60
_Part = TypeVar("_Part", "Variable", "Parameter")


def resized(law: Law, labels: Mapping[str, Any]) -> Law:
    """See `Law.resized`."""
    known = {index.name: index for index in law.indices}
    for name in labels:
        if name not in known:
            have = f"its indices are {', '.join(known)}" if known else "it has no index"
            raise LawError(f"law '{law.id}' has no index '{name}'; {have}")
    chosen = {name: entries(given, f"{law.id}({name}=...)") for name, given in labels.items()}
    indices = tuple(replace(i, labels=chosen.get(i.name, i.labels)) for i in law.indices)
    old = {index.name: index.labels for index in law.indices}
    new = {index.name: index.labels for index in indices}
    return replace(
        law,
        id=law.id.partition("(")[0] + written(indices),
        indices=indices,
        variables=_spread(law.variables, old, new),
        parameters=_spread(law.parameters, old, new),
    )


def written(indices: Sequence[Index]) -> str:
    """`(domains=web:books)`, as `find_law` reads it back."""
    return "(" + ",".join(f"{i.name}={':'.join(i.labels)}" for i in indices) + ")"


def entries(given: Any, where: str) -> tuple[str, ...]:
    """Labels from a number of entries, or from names.

    Raises:
        LawError: with `where` in front.
    """
    if isinstance(given, int) and not isinstance(given, bool):
        if not 1 <= given <= MAX_ENTRIES:
            raise LawError(f"{where}: between 1 and {MAX_ENTRIES} entries, got {given}")
        return tuple(str(k) for k in range(1, given + 1))
    if not isinstance(given, str | list | tuple):
        raise LawError(f"{where}: a number of entries or a list of labels, got {given!r}")
    labels = (given,) if isinstance(given, str) else tuple(given)
    for label in labels:
        # an index is written behind the name, C_web, so a label may begin with a digit
        if not isinstance(label, str) or not label or not f"_{label}".isidentifier():
            raise LawError(f"{where}: a label has letters, digits and _ alone, got {label!r}")
    if not labels or len(labels) > MAX_ENTRIES or len(set(labels)) < len(labels):
        raise LawError(
            f"{where}: between 1 and {MAX_ENTRIES} different labels are expected, got "
            f"{', '.join(labels) or 'none'}"
        )
    return labels


def _spread(
    parts: Sequence[_Part], old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]]
) -> tuple[_Part, ...]:
    """Entries for the new labels, each like the old one of the same place (in turn)."""
    found: list[_Part] = []
    at = 0
    while at < len(parts):
        part = parts[at]
        if part.over is None:
            found.append(part)
            at += 1
            continue
        before = old[part.over]
        group = parts[at : at + len(before)]
        base = part.name.removesuffix(f"_{before[0]}")
        for k, label in enumerate(new[part.over]):
            like = group[k % len(group)]
            meaning = like.meaning.removesuffix(f" ({before[k % len(group)]})")
            found.append(replace(like, name=item_name(base, label), meaning=f"{meaning} ({label})"))
        at += len(before)
    return tuple(found)
