"""From the way a person counts to the way a published law counts, or the reason why not."""

from __future__ import annotations

from collections.abc import Mapping

from isoloss.exceptions import ConventionError, LawError
from isoloss.law.published.entry import Coefficients, Published
from isoloss.quantities import Transformer, check_convention, convert_flops, quantity

_PER_TOKEN = ("tokens", "bytes", "characters")


def recount(
    entry: Published,
    chosen: Coefficients,
    at: Mapping[str, float],
    counted: Mapping[str, str],
    *,
    shape: Transformer | None = None,
    bytes_per_token: float | None = None,
    characters_per_token: float | None = None,
) -> dict[str, float]:
    """Inputs as the law counts them.

    Args:
        entry: a published law.
        chosen: the set of its numbers.
        at: inputs in base units.
        counted: how each of them is counted, where a person says so: `{"N": "non-embedding"}`.
        shape: of the model, which converts counts of parameters and FLOP.
        bytes_per_token: of the text, which converts bytes and tokens.
        characters_per_token: the same for characters.

    Raises:
        ConventionError: the counts differ and nothing was given that converts them, or the law does
            not say how it counts.
        LawError: no such input.
    """
    per_token = {"tokens": 1.0, "bytes": bytes_per_token, "characters": characters_per_token}
    found = dict(at)
    for name, given in counted.items():
        if name not in chosen.inputs or name not in at:
            raise LawError(f"'{entry.id}' was given no input '{name}' that could be counted")
        known = chosen.inputs[name]
        if not known.quantity or not quantity(known.quantity).conventions:
            raise ConventionError(f"{name} of '{entry.id}' is counted in one way only")
        check_convention(given, known.quantity)
        if given == known.counts:
            continue
        if not known.counts:
            raise ConventionError(
                f"'{entry.id}' does not say how it counts {name}, so {given} cannot be converted "
                "to it; leave the count out to use the number as it is"
            )
        words = f"'{entry.id}' counts {name} as {known.counts}, and {name} was given as {given}"
        if known.quantity == "D" and given in per_token and known.counts in per_token:
            mine, theirs = per_token[given], per_token[known.counts]
            if not mine or not theirs:
                missing = given if not mine else known.counts
                raise ConventionError(f"{words}; give the {missing} per token to convert")
            found[name] = at[name] / mine * theirs
        elif known.quantity == "N" and shape is not None:
            found[name] = at[name] * shape.parameters(known.counts) / shape.parameters(given)
        elif known.quantity == "C" and shape is not None:
            found[name] = float(convert_flops(at[name], shape, given, known.counts))
        elif known.quantity in ("N", "C"):
            raise ConventionError(f"{words}; give the shape of the model to convert")
        else:
            raise ConventionError(f"{words}; nothing converts the one to the other")
    return found
