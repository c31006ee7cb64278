"""`isoloss laws eval`: the value of a published law at a point."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from isoloss.cli.laws.listing import badge
from isoloss.cli.options import NOT_TRUSTED, Json, Strict, read_amount, read_pairs
from isoloss.cli.output import print_json, print_line, print_notices
from isoloss.exceptions import InputError, QuantityError

if TYPE_CHECKING:
    from isoloss.law.published import Coefficients, Published
    from isoloss.quantities import Transformer


def evaluate(
    law: Annotated[str, typer.Argument(help="A published law, such as hoffmann2022_a3.")],
    at: Annotated[list[str], typer.Argument(metavar="N=70e9 D=1.4T", help="Its inputs.")],
    set_: Annotated[
        str | None, typer.Option("--set", help="Which set of numbers, where it has several.")
    ] = None,
    level: Annotated[float, typer.Option(help="Coverage of the interval.")] = 0.9,
    counts: Annotated[
        str | None, typer.Option(help="How you count: N=non-embedding,D=bytes.")
    ] = None,
    shape: Annotated[
        str | None,
        typer.Option(help="Model: layers=..,width=..,heads=..,vocabulary=..,context=.."),
    ] = None,
    unit: Annotated[str | None, typer.Option(help="Unit of the answer, such as bits/byte.")] = None,
    bytes_per_token: Annotated[float | None, typer.Option(help="Of the text, to convert.")] = None,
    characters_per_token: Annotated[
        float | None, typer.Option(help="Of the text, to convert.")
    ] = None,
    any_evidence: Annotated[
        bool, typer.Option("--any-evidence", help="Also numbers below secondary evidence.")
    ] = False,
    json: Json = False,
    strict: Strict = False,
) -> None:
    """Evaluate a published law, with the interval that its printed errors allow."""
    from isoloss import store
    from isoloss.law.published.convert import recount
    from isoloss.law.published.find import find_published

    if not 0 < level < 1:
        raise InputError(f"--level lies between 0 and 1, got {level:g}")
    entry = find_published(law)
    chosen = entry.coefficients(set_)
    ratios = {"bytes_per_token": bytes_per_token, "characters_per_token": characters_per_token}
    point, items = read_inputs(entry, chosen, at)
    given = recount(
        entry,
        chosen,
        point,
        {**items, **(read_pairs(counts, "--counts") if counts else {})},
        shape=read_shape(shape) if shape else None,
        **ratios,
    )
    found = entry.evaluate(given, set_, level=level, any_evidence=any_evidence)
    if unit:
        found = _in_unit(found, unit, chosen, ratios)
    if json:
        inputs = {"law": law, "at": given, "set": set_}
        print_json(store.envelope("law-value@1", inputs, found.to_document(), found.notices))
    else:
        print_line("law", f"{entry.name} ({entry.id}), {badge(entry)}")
        print_line("at", ", ".join(f"{name} = {value:.6g}" for name, value in given.items()))
        print_line(chosen.target, f"{found.value:.6g} {found.unit}")
        if found.basis != "none" and not math.isnan(found.low):
            print_line(
                f"{100 * found.level:g} %",
                f"{found.low:.6g} to {found.high:.6g}, from {found.basis}",
            )
        place = {True: "inside", False: "OUTSIDE", None: "unknown"}[found.inside]
        print_line(
            "range",
            f"{place} the fitted range" if found.inside is not None else "the source states none",
            "green" if found.inside else "bold red" if found.inside is False else "",
        )
        print_notices(found.notices)
    if strict and not found.inside:
        raise typer.Exit(NOT_TRUSTED)


def read_inputs(
    entry: Published, chosen: Coefficients, at: list[str]
) -> tuple[dict[str, float], dict[str, str]]:
    """`N=70e9 D=1.4T` in base units, and what data is counted in where that is said.

    An input with a unit of its own takes plain numbers.
    """
    found: dict[str, float] = {}
    items: dict[str, str] = {}
    for text in at:
        for name, value in read_pairs(text, "an input").items():
            known = chosen.inputs.get(name)
            if known is None:
                raise InputError(
                    f"'{entry.id}' has no input '{name}'; it takes {', '.join(chosen.inputs)}"
                )
            if name in found:
                raise InputError(f"{name} is given twice; leave one of them out")
            found[name] = read_amount(value, known.quantity or name, name)
            item = _item(value)
            # every way of counting tokens is measured in tokens
            if item and item not in (known.counts, _item(f"1 {known.unit}")):
                items[name] = item
    return found, items


def _item(text: str) -> str:
    """What an amount of data is counted in: `bytes` for `2e12 bytes`; empty where unsaid."""
    from isoloss.quantities import unit

    words = re.sub(r"^\s*[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?\s*", "", text).strip()
    try:
        return unit(words).counts or ""
    except QuantityError:
        return ""


def read_shape(text: str) -> Transformer:
    """`layers=32,width=4096,...` as a model."""
    from dataclasses import fields

    from isoloss.quantities import Transformer

    usual = {f.name: f.default for f in fields(Transformer)}
    found: dict[str, Any] = {}
    for name, value in read_pairs(text, "--shape").items():
        if name not in usual:
            raise InputError(f"--shape has no '{name}'; use {', '.join(usual)}")
        found[name] = _shape_value(name, value, usual[name])
    missing = [n for n in ("layers", "width", "heads", "vocabulary", "context") if n not in found]
    if missing:
        raise InputError(f"--shape needs {', '.join(missing)} too")
    return Transformer(**found)


def _shape_value(name: str, text: str, usual: Any) -> Any:
    """One entry of a shape, in the kind of its usual value."""
    if isinstance(usual, str):
        return text
    if isinstance(usual, bool):
        if text not in ("true", "false"):
            raise InputError(f"--shape {name} is true or false, got '{text}'")
        return text == "true"
    number = read_amount(text, name, f"--shape {name}")
    if isinstance(usual, float):
        return number
    if not number.is_integer():
        raise InputError(f"--shape {name} is a whole number, got '{text}'")
    return int(number)


def _in_unit(found: Any, unit: str, chosen: Coefficients, ratios: dict[str, Any]) -> Any:
    from dataclasses import replace

    from isoloss.quantities import QUANTITIES, from_base, to_base

    if not chosen.unit or chosen.target not in QUANTITIES:
        raise InputError(
            f"--unit {unit}: the law gives {chosen.target} in "
            f"{chosen.measure or 'no stated unit'}, which converts to nothing"
        )

    def convert(value: float) -> float:
        base = to_base(value, chosen.unit, chosen.target, **ratios)
        return float(from_base(base, unit, chosen.target, **ratios))

    changed = {key: convert(getattr(found, key)) for key in ("value", "low", "high")}
    return replace(found, **changed, unit=unit)
