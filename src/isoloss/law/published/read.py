"""Published laws from a TOML file: a family is a file, a law is a table in it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from isoloss.exceptions import InputError, LawError
from isoloss.law import tables
from isoloss.law.expression import parse
from isoloss.law.law import Law
from isoloss.law.published.entry import (
    Coefficients,
    Input,
    Misstatement,
    Published,
)
from isoloss.law.published.number import Number
from isoloss.law.published.parts import (
    check_unit,
    read_correlation,
    read_input,
    read_level,
    read_number,
)
from isoloss.law.read import read_sources
from isoloss.law.tree import item_name

FOLDER = Path(__file__).parent
SETUP = (
    *("data", "tokenizer", "architecture", "schedule", "optimiser", "batch", "context"),
    *("runs", "fit", "evaluation", "scope"),
)
_SET_KEYS = {
    *("numbers", "unseen", "variables", "target", "unit", "measured_in", "evidence", "where"),
    "correlation",
}
_KEYS = _SET_KEYS | {
    *("name", "form", "formula", "modality", "sources", "setup", "optimum", "pitfalls"),
    *("misstated", "sets", "default", "theory"),
}


@cache
def published_laws() -> Mapping[str, Published]:
    """Every published law that ships, by its id.

    Raises:
        LawError: a file is not as it has to be.
    """
    found: dict[str, Published] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for id_, entry in read_published(path).items():
            if id_ in found:
                raise LawError(
                    f"{path.name} [{id_}]: stands in {found[id_].family}.toml too; "
                    "rename one of the two or remove it"
                )
            found[id_] = entry
    return found


def read_published(path: Path) -> dict[str, Published]:
    """All published laws of a TOML file.

    Raises:
        LawError: naming file and key.
    """
    return {
        id_: read_entry(id_, entry, path.name, path.stem)
        for id_, entry in tables.load(path).items()
    }


def read_entry(id_: str, entry: Any, file: str, family: str) -> Published:
    """One published law from its table.

    Raises:
        LawError: naming file and key.
    """
    where = f"{file} [{id_}]"
    tables.only(entry, _KEYS, where)
    try:
        return _Reader(id_, entry, where).read(family)
    except InputError as error:
        message = str(error)
        raise LawError(message if message.startswith(file) else f"{where}: {message}") from None


class _Reader:
    def __init__(self, id_: str, entry: Mapping[str, Any], where: str) -> None:
        self.id, self.entry, self.where = id_, entry, where
        self.form = self.read_form()
        self.formula = tables.text(entry, "formula", where)
        if not self.formula and self.form is None:
            raise LawError(f"{where}: the key 'formula' is missing")
        indices = self.form.indices if self.form else ()
        self.expression = (
            parse(self.formula, labels={i.letter: i.labels for i in indices})
            if self.formula
            else self.form_law.expression
        )
        self.evidence = read_level(entry, "", where)
        self.place = tables.text(entry, "where", where)

    @property
    def form_law(self) -> Law:
        assert self.form is not None
        return self.form

    def read_form(self) -> Law | None:
        from isoloss.law.find import close_names, find_form, forms

        text = tables.text(self.entry, "form", self.where)
        theory = tables.boolean(self.entry, "theory", self.where, False)
        if bool(text) == theory:
            given = "both 'form' and theory = true are" if text else "neither 'form' nor theory is"
            raise LawError(
                f"{self.where}: {given} given; name the 'form' that a fit uses, or write "
                "theory = true for a statement that cannot be fitted"
            )
        if theory:
            return None
        found = find_form(text)
        if found is None:
            raise LawError(
                f"{self.where}: 'form' names {text!r}, which does not exist"
                f"{close_names(text, forms())}; `isoloss laws list` shows the forms, and a new "
                "one is added under law/forms"
            )
        return found

    def read(self, family: str) -> Published:
        sources = read_sources(self.entry, self.where)
        if not sources:
            raise LawError(
                f"{self.where}: 'sources' is missing; a published law says where it was read: "
                '[{ cite = "Authors YEAR, Title", where = "equation 2", url = "https://..." }]'
            )
        modality = tables.texts(self.entry, "modality", self.where)
        if not modality:
            raise LawError(f"{self.where}: 'modality' is missing, such as [\"language\"]")
        sets = self.read_sets()
        default = tables.text(self.entry, "default", self.where, next(iter(sets)))
        if default not in sets:
            raise LawError(
                f"{self.where}: 'default' names the set {default!r}; the sets are {', '.join(sets)}"
            )
        return Published(
            id=self.id,
            name=tables.text(self.entry, "name", self.where, self.id),
            family=family,
            modality=modality,
            form=self.form,
            formula=" ".join(self.formula.split()) or self.form_law.formula,
            evidence=self.evidence,
            sources=sources,
            setup=self.read_setup(),
            sets=sets,
            default=default,
            optimum=tables.text(self.entry, "optimum", self.where),
            pitfalls=tables.texts(self.entry, "pitfalls", self.where),
            misstated=self.read_misstated(),
        )

    def read_setup(self) -> dict[str, str]:
        setup = tables.table(self.entry, "setup", self.where)
        tables.only(setup, set(SETUP), f"{self.where} setup")
        return {
            key: tables.text(setup, key, f"{self.where} setup") for key in SETUP if key in setup
        }

    def read_misstated(self) -> tuple[Misstatement, ...]:
        found = []
        for part in tables.tables(self.entry, "misstated", self.where):
            where = f"{self.where} misstated"
            tables.only(part, {"stated", "where", "correct"}, where)
            found.append(
                Misstatement(
                    *(tables.text(part, key, where) for key in ("stated", "where", "correct"))
                )
            )
        return tuple(found)

    def read_sets(self) -> dict[str, Coefficients]:
        given = tables.table(self.entry, "sets", self.where)
        if not given:
            own = {k: v for k, v in self.entry.items() if k == "correlation"}
            return {"published": self.read_set("published", own, self.where)}
        if "correlation" in self.entry:
            raise LawError(f"{self.where}: 'correlation' stands within the set that it belongs to")
        found = {}
        for name, part in given.items():
            where = f"{self.where[:-1]}.sets.{name}]"
            tables.only(part, _SET_KEYS | {"name", "note"}, where)
            found[name] = self.read_set(name, part, where)
        return found

    def read_set(self, name: str, part: Mapping[str, Any], where: str) -> Coefficients:
        evidence = read_level(part, self.evidence, where)
        place = tables.text(part, "where", where, self.place)
        given = {
            **tables.table(self.entry, "numbers", self.where),
            **tables.table(part, "numbers", where),
        }
        numbers = {
            key: number
            for base, value in given.items()
            for key, number in self.read_numbers(base, value, evidence, place, f"{where} numbers")
        }
        inputs = self.read_inputs(part, where)
        unseen = tables.texts({**self.entry, **part}, "unseen", where)
        self.check_names(numbers, inputs, unseen, where)
        target, unit, measured_in = self.read_target(part, where)
        return Coefficients(
            name=name,
            title=tables.text(part, "name", where),
            numbers=numbers,
            unseen=unseen,
            inputs=inputs,
            target=target,
            unit=unit,
            measured_in=measured_in,
            note=tables.text(part, "note", where),
            correlation=read_correlation(part, numbers, where),
        )

    def check_names(
        self,
        numbers: Mapping[str, Number],
        inputs: Mapping[str, Input],
        unseen: tuple[str, ...],
        where: str,
    ) -> None:
        parameters = set(self.expression.names) - set(inputs)
        for name in [*numbers, *unseen]:
            self.check_name(name, where)
        both = sorted(set(numbers) & set(unseen))
        if both:
            raise LawError(f"{where}: '{both[0]}' has a number and stands in 'unseen' too")
        missing = sorted(parameters - set(numbers) - set(unseen))
        if missing:
            raise LawError(
                f"{where}: the formula uses {', '.join(missing)}; give it a number, name it in "
                "'unseen' when its value was not read, or give it a table under 'variables'"
            )
        if self.form is not None:
            wanted = set(self.form.variable_names)
            if set(inputs) != wanted:
                raise LawError(
                    f"{where}: the form '{self.form.id}' has the variables "
                    f"{', '.join(self.form.variable_names)}, the entry has "
                    f"{', '.join(inputs) or 'none'}; give each of them a table under 'variables'"
                )

    def check_name(self, name: str, where: str) -> None:
        from isoloss.law.find import close_names

        known = self.expression.names
        if name not in known:
            raise LawError(
                f"{where}: '{name}' does not occur in the formula "
                f"'{self.formula or self.form_law.formula}'{close_names(name, known)}; its names "
                f"are {', '.join(known)}"
            )

    def read_numbers(
        self, name: str, value: Any, evidence: str, place: str, where: str
    ) -> list[tuple[str, Number]]:
        """One number; for a list, one for every label of the form's index."""
        if not isinstance(value, list):
            return [(name, read_number(name, value, evidence, place, where))]
        labels = self.labels_of(name, len(value), where)
        return [
            (
                item_name(name, label),
                read_number(item_name(name, label), part, evidence, place, where),
            )
            for label, part in zip(labels, value, strict=True)
        ]

    def labels_of(self, name: str, count: int, where: str) -> tuple[str, ...]:
        for index in self.form.indices if self.form else ():
            if item_name(name, index.labels[0]) in self.expression.names:
                if len(index.labels) != count:
                    raise LawError(
                        f"{where}: '{name}' has {count} values for the {len(index.labels)} "
                        f"{index.name} {', '.join(index.labels)}; give one for each"
                    )
                return index.labels
        raise LawError(
            f"{where}: '{name}' is a list, and the form has no index for it; give one number"
        )

    def read_inputs(self, part: Mapping[str, Any], where: str) -> dict[str, Input]:
        common = tables.table(self.entry, "variables", self.where)
        own = tables.table(part, "variables", where)
        names = self.form.variable_names if self.form else tuple(common)
        entries: dict[str, Any] = {}
        places: dict[str, str] = {}
        for base in [*common, *(name for name in own if name not in common)]:
            merged = {
                **_dict(common.get(base, {}), self.where),
                **_dict(own.get(base, {}), where),
            }
            for name in self.spread(base, names):
                self.check_name(name, f"{where} variables")
                entries[name] = merged
                places[name] = (where if base in own else self.where)[:-1]
        return {
            name: read_input(name, entry, f"{places[name]}.variables.{name}]")
            for name, entry in entries.items()
        }

    def spread(self, base: str, names: tuple[str, ...]) -> list[str]:
        """A variable, or all entries of a vector variable."""
        if base in names or self.form is None:
            return [base]
        parts = [
            item_name(base, label)
            for index in self.form.indices
            for label in index.labels
            if item_name(base, label) in names
        ]
        return parts or [base]

    def read_target(self, part: Mapping[str, Any], where: str) -> tuple[str, str, str]:
        merged = {**self.entry, **part}
        target = tables.text(merged, "target", where, self.form.target if self.form else "loss")
        unit = tables.text(part if "measured_in" in part else merged, "unit", where)
        measured_in = tables.text(part if "unit" in part else merged, "measured_in", where)
        if unit and measured_in:
            raise LawError(f"{where}: give 'unit' or 'measured_in', not both")
        if unit:
            check_unit(unit, target, where)
        return target, unit, measured_in


def _dict(entry: Any, where: str) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise LawError(f"{where} variables: a table is expected, got {entry!r}")
    return entry
