"""The sections that are text and tables: law, runs, certificate, plan, held-out runs."""

from __future__ import annotations

from isoloss.plan.show import LABELS
from isoloss.report.formula import name_text
from isoloss.report.held_figure import MOST, held_summary, held_table
from isoloss.report.model import Block, Formula, Section, Table, Text
from isoloss.report.numbers import plain, scientific, shown, spans, unit
from isoloss.report.study import Asked, Study

# what the law's assumptions, the certificate and the verdict say anyway
_ELSEWHERE = ("guessed-parameter", "not-certified", "at-bounds")


def law_section(study: Study) -> Section:
    """Formula, parameters, where it comes from."""
    fit = study.fit
    rows = []
    for parameter in fit.law.parameters:
        e = fit.parameters[parameter.name]
        value, span = spans("", e)
        se = plain(e.se, 2) if study.has_draws else "no draws"
        rows.append((name_text(parameter.name), value, span, se, parameter.meaning))
    table = Table(
        ("parameter", "value", f"{study.level} interval", "standard error", "meaning"),
        tuple(rows),
        (1, 2, 3),
        "Parameters",
    )
    blocks: list[Block] = [Formula(fit.law), table]
    if fit.law.summary:
        blocks.insert(0, Text(fit.law.summary))
    blocks += [Text(f"Assumed: {guess}", "note") for guess in fit.law.guesses]
    for source in fit.law.sources:
        where = f", {source.where}" if source.where else ""
        blocks.append(Text(f"{source.cite}{where}. {source.url}".strip(), "note"))
    return Section("law", "The law", tuple(blocks))


def runs_section(study: Study) -> Section:
    """What it was fitted to."""
    runs = study.fit.runs
    rows: list[tuple[str, ...]] = []
    for name, values in runs.columns.items():
        span = f"{shown(name, float(values.min()))} to {shown(name, float(values.max()))}"
        read = runs.units.get(name, "")
        base = unit(name)
        how = base if read in ("", base) else f"{base}, read in {read}"
        counted = runs.conventions.get(name, "")
        rows.append((name, span, how, counted, runs.mapping.get(name, "")))
    for role, labels in runs.groups.items():
        count = len(set(labels.tolist()))
        rows.append(
            (
                role,
                f"{count:,} value{'s' if count != 1 else ''}",
                "",
                "group",
                runs.mapping.get(role, ""),
            )
        )
    of = f" of {runs.records:,}" if runs.records != len(runs) else ""
    blocks: list[Block] = [
        Text(f"{len(runs):,}{of} rows of {runs.source}."),
        Table(("name", "range", "unit", "counted as", "read from"), tuple(rows), (), "Columns"),
    ]
    if runs.filters:
        blocks.append(Text("Kept where " + " and ".join(runs.filters) + "."))
    unspecified = [name for name, how in runs.conventions.items() if how == "unspecified"]
    if unspecified:
        blocks.append(
            Text(
                f"It is not on record how {' and '.join(unspecified)} was counted (parameters with "
                "or without embeddings, compute by 6ND or exactly). Numbers from here and from "
                "elsewhere can only be compared when that is known.",
                "note",
            )
        )
    blocks += [
        Text(f"{n.message}{f' ({n.remedy})' if n.remedy else ''}.", "note") for n in runs.notices
    ]
    return Section("runs", "The runs", tuple(blocks))


def certificate_section(study: Study) -> Section:
    """How it is known that this is the optimum."""
    fit = study.fit
    c, o = fit.certificate, fit.objective
    words = (
        "The solution is the optimum of its objective, as far as can be shown: the gradient is at "
        "zero, the curvature is positive in every direction, and starts from elsewhere found "
        "nothing better. That says nothing about whether the law is the right one."
        if c.certified
        else "This is not known to be the optimum: " + "; ".join(c.reasons) + "."
    )
    good, total = int(fit.draws.usable.sum()), len(fit.draws)
    drawn = f"{good:,} of {total:,} by {fit.draws.kind}, seed {fit.draws.seed}" if total else "none"
    detail = f", delta {o.delta:g}" if o.is_robust else ""
    rows = (
        ("objective", f"{o.name}{detail}", "what was minimised, summed over runs"),
        ("minimum", f"{fit.objective_value:.10g}", "its value"),
        (
            "gradient",
            f"{c.gradient_norm:.1e}".replace("-", "\u2212"),
            "relative distance to the optimum; zero is below 10⁻⁹",
        ),
        (
            "smallest curvature",
            plain(c.smallest_curvature, 2),
            "of the scaled Hessian; must be positive",
        ),
        ("condition number", plain(c.condition_number, 2), "largest over smallest curvature"),
        ("starts", f"{c.reached} of {c.starts}", "starts that ended here, within 10⁻⁹"),
        ("bounds touched", ", ".join(c.bounds_touched) or "none", "parameters that a bound holds"),
        ("draws", drawn, "replicates that intervals are read from"),
    )
    table = Table(("measure", "value", "meaning"), rows, (), "Certificate")
    title = "Certificate" if c.certified else "Certificate: not given"
    notes = tuple(
        Text(f"{n.message}{f' ({n.remedy})' if n.remedy else ''}.", "note")
        for n in fit.notices
        if n.code not in _ELSEWHERE
    )
    return Section("certificate", title, (Text(words), table, *notes))


def plan_section(study: Study) -> Section:
    """What to train, budget by budget."""
    if not study.plannable:
        text = (
            f"This law is in {', '.join(study.fit.law.variable_names)}. A plan, the figure of loss "
            "at fixed compute and the path of the optimum need a law in N and D, so they are left "
            "out."
        )
        return Section("plan", "Plan", (Text(text),))
    blocks: list[Block] = []
    if not study.was_asked:
        blocks.append(
            Text(
                "No budget was asked for; this one is a round number just inside the runs.", "note"
            )
        )
    for entry in study.budgets:
        blocks += _plan(study, entry)
    return Section("plan", "Plan", tuple(blocks))


def _plan(study: Study, entry: Asked) -> list[Block]:
    if entry.plan is None:
        return [Text(f"{scientific(entry.budget)} FLOP: {entry.problem}.")]
    plan = entry.plan
    rows = [
        (LABELS.get(n, n), *spans("" if n == "tokens_per_parameter" else n, e))
        for n, e in plan.optimum.items()
        if n != "C"
    ]
    rows += [(f"exponent of {n} in compute", *spans("", e)) for n, e in plan.exponents.items()]
    low, high = plan.flat
    rows.append(
        (
            "flat region of N",
            f"{shown('N', low)} to {shown('N', high)}",
            "at most 10 % more compute",
        )
    )
    counted = f"counted as {plan.question['flop']:g} N D"
    head = f"{scientific(entry.budget)} FLOP, {counted}: {entry.verdict.answer}."
    if not entry.verdict.trusted:
        head += " For the record, not for use:"
    blocks: list[Block] = [
        Text(head),
        Table(
            ("at the optimum", "value", f"{study.level} interval"),
            tuple(rows),
            (1, 2),
            f"Plan for {scientific(entry.budget)} FLOP",
        ),
        Text(f"Why: {plan.reason}. Place: {plan.place.describe()}.", "note"),
    ]
    return blocks + [Text(f"{n.message} ({n.remedy}).", "note") for n in plan.notices]


def held_section(study: Study, drawn: Block) -> Section:
    """What the fit foretold of runs that it did not see."""
    held = study.held
    assert held is not None
    blocks: list[Block] = [
        Text(f"{len(held.runs):,} runs of {held.runs.source}. {held_summary(study)}")
    ]
    again = int(held.repeated.sum())
    if again:
        blocks.append(
            Text(
                f"{again} of these {len(held.runs)} runs are among those that were fitted, so this "
                "is no test of the fit for them; fit without them and compare again."
            )
        )
    blocks += [Text(f"{text}: the comparison is not like with like.") for text in held.mixed]
    blocks += [drawn, held_table(study)]
    if len(held.runs) > MOST:
        blocks.append(
            Text(f"The {MOST} runs with the largest errors of {len(held.runs):,}.", "note")
        )
    return Section("held-out", "Held-out runs", tuple(blocks))
