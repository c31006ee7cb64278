"""`isoloss laws show`: one law in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from isoloss.cli.laws.listing import badge
from isoloss.cli.options import Json
from isoloss.cli.output import print_block, print_json, print_line, print_table

if TYPE_CHECKING:
    from isoloss.law import Law
    from isoloss.law.published import Coefficients, Number, Published
    from isoloss.law.published.without import WithoutLaw


def show(
    law: Annotated[str, typer.Argument(help="A form, a published law, a TOML file, a formula.")],
    json: Json = False,
) -> None:
    """Show one law: formula, numbers with their evidence, source, domain, pitfalls."""
    from isoloss import store
    from isoloss.law import find_law, published_laws
    from isoloss.law.published.find import find_published
    from isoloss.law.published.without import without_law

    name = law.partition(" ")[0].partition(":")[0]
    if name in published_laws():
        entry = find_published(law)
        if json:
            print_json(store.envelope("law@1", {"law": law}, entry.to_document()))
        else:
            _show_published(entry)
        return
    if law in without_law():
        _show_without(without_law()[law], json)
        return
    found = find_law(law)
    if json:
        print_json(store.envelope("law@1", {"law": law}, found.to_document()))
        return
    _show_form(found)


def _show_without(paper: WithoutLaw, json: bool) -> None:
    from isoloss import store

    if json:
        print_json(store.envelope("law@1", {"law": paper.id}, vars(paper).copy()))
        return
    print_line("paper", f"{paper.cite} ({paper.id})")
    print_line("no law", paper.reason)
    print_line("read", f"{paper.read}. {paper.url}")


def _formula(law: Law) -> None:
    from isoloss.law.typeset import typeset

    print_block(typeset(law))


def _show_form(found: Law) -> None:
    from isoloss.law import published_laws

    print_line("form", f"{found.name} ({found.id})")
    _formula(found)
    print_line("formula", f"{found.target} = {found.formula}")
    print_line("LaTeX", found.latex)
    for label, text in (
        ("use", found.summary),
        ("optimum", found.optimum),
        ("careful", found.identifiability),
    ):
        if text:
            print_line(label, text)
    for index in found.indices:
        print_line(
            "index",
            f"{index.name}: {index.meaning}; here {', '.join(index.labels)}. Others: "
            f"{found.id.partition('(')[0]}({index.name}=a:b:c)",
        )
    print_table(
        "",
        ["name", "role", "bounds", "meaning"],
        [
            *((v.name, "input", "above 0" if v.log else "", v.meaning) for v in found.variables),
            *(
                (p.name, "parameter", f"{p.bounds[0]:g} to {p.bounds[1]:g}", p.meaning)
                for p in found.parameters
            ),
        ],
    )
    _sources(found)
    entries = published_laws().values() if found.family else ()
    used = [entry.id for entry in entries if entry.form and _same(entry.form, found)]
    if used:
        print_line("published", ", ".join(used))
    for guess in found.guesses:
        print_line("guess", guess)


def _same(one: Law, other: Law) -> bool:
    return one.id.partition("(")[0] == other.id.partition("(")[0]


def _sources(law: Law | Published) -> None:
    for source in law.sources:
        where = f", {source.where}" if source.where else ""
        print_line("source", f"{source.cite}{where}. {source.url}")


def _show_published(entry: Published) -> None:
    from isoloss.law.bibtex import bibtex

    chosen = entry.coefficients()
    print_line("law", f"{entry.name} ({entry.id})")
    print_line("evidence", badge(entry), "" if entry.usable else "bold red")
    _formula(entry.law)
    print_line("formula", f"{chosen.target} = {entry.formula}")
    print_line("form", f"{entry.form.id}, which fits under either name" if entry.form else "theory")
    print_line("gives", f"{chosen.target}, {chosen.measure or 'no unit stated'}")
    _numbers(entry)
    _inputs(chosen)
    for topic, text in entry.setup.items():
        print_line(topic, text)
    if entry.optimum:
        print_line("optimum", entry.optimum)
    for pitfall in entry.pitfalls:
        print_line("careful", pitfall)
    for wrong in entry.misstated:
        print_line("misstated", f"{wrong.stated} ({wrong.where}); right is {wrong.correct}")
    _sources(entry)
    text = bibtex(entry.sources[0])
    if text:
        print_block(text)


def _numbers(entry: Published) -> None:
    sets = list(entry.sets.values())
    if not any(chosen.numbers for chosen in sets):
        print_line("numbers", "none: its coefficients were not read in any source")
        return
    if len(sets) == 1:
        print_table(
            "",
            ["number", "as printed", "error", "evidence", "where"],
            [
                *(
                    (n.name, n.printed, error(n), n.evidence, n.where)
                    for n in sets[0].numbers.values()
                ),
                *((name, "not seen", "", "", "") for name in sets[0].unseen),
            ],
            right=(1,),
        )
        return
    names = entry.law.parameter_names
    print_table(
        "",
        ["set", *names, "evidence"],
        [
            (
                f"{chosen.name}{' *' if chosen.name == entry.default else ''}",
                *(_cell(chosen, name) for name in names),
                chosen.evidence,
            )
            for chosen in sets
        ],
        right=range(1, 1 + len(names)),
    )
    for chosen in sets:
        if chosen.title or chosen.note:
            print_line(chosen.name, ". ".join(filter(None, (chosen.title, chosen.note))))


def _cell(chosen: Coefficients, name: str) -> str:
    return chosen.numbers[name].printed if name in chosen.numbers else "not seen"


def error(number: Number) -> str:
    """The printed error of a number, in words."""
    parts = []
    if number.se is not None:
        parts.append(f"± {number.se:.3g}")
    if number.interval is not None:
        low, high = number.interval
        mark = ", excludes the value" if number.outside_own_interval else ""
        parts.append(f"{100 * number.level:g} %: {low:g} to {high:g}{mark}")
    if number.exact:
        parts.append("by definition")
    return "; ".join(parts) or number.note


def _inputs(chosen: Coefficients) -> None:
    print_table(
        "",
        ["input", "unit", "counts", "fitted range", "meaning"],
        [
            (
                known.name,
                known.measure or "a number",
                known.counts or "not stated",
                f"{known.range[0]:.4g} to {known.range[1]:.4g}" if known.range else "not stated",
                known.meaning,
            )
            for known in chosen.inputs.values()
        ],
    )
