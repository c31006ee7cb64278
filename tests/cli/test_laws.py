"""`isoloss laws`: list, show and compare; and a plan for a published law."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from isoloss.law import forms, published_laws
from isoloss.law.families import families
from isoloss.law.published import EVIDENCE
from isoloss.law.published.without import without_law
from tests.cli.test_bad_input import check_refused

A3 = "hoffmann2022_a3"


def document(result) -> dict[str, Any]:
    assert result.code == 0, result.err
    return json.loads(result.out)


def flat(text: str) -> str:
    """Printed words in one line, since a table wraps them."""
    return " ".join(text.split())


# list


def test_the_list_has_every_form_and_every_published_law(isoloss):
    result = document(isoloss("laws", "list", "--json"))
    assert result["schema"] == "isoloss/laws@1"
    found = result["result"]
    assert [law["id"] for law in found["forms"]] == list(forms())
    assert [law["id"] for law in found["published"]] == list(published_laws())
    assert [paper["id"] for paper in found["without_law"]] == list(without_law())
    form = next(law for law in found["forms"] if law["id"] == "chinchilla")
    assert form["family"] == "dense"
    assert "frac{A}{N^{\\alpha}}" in form["latex"]
    text = isoloss("laws", "list").out
    assert f"{len(forms())} forms and {len(published_laws())} published laws" in text
    words = set(text.split())
    assert set(forms()) <= words
    assert set(published_laws()) <= words


@pytest.mark.parametrize(
    ("option", "word", "form_has", "entry_has"),
    [
        ("--family", "moe", lambda f: f.family == "moe", lambda e: e.family == "moe"),
        (
            "--modality",
            "vision",
            lambda f: "vision" in f.modality,
            lambda e: "vision" in e.modality,
        ),
        (
            "--target",
            "N_opt",
            lambda f: f.target == "N_opt",
            lambda e: any(s.target == "N_opt" for s in e.sets.values()),
        ),
        ("--evidence", "refit", lambda _: False, lambda e: e.level == "refit"),
        ("--search", "Chinchilla", None, None),
    ],
)
def test_a_filter_keeps_what_fits(isoloss, option, word, form_has, entry_has):
    result = document(isoloss("laws", "list", option, word, "--json"))
    assert result["inputs"] == {option[2:]: word}
    found = result["result"]
    ids = [law["id"] for law in found["forms"]], [law["id"] for law in found["published"]]
    assert ids[1], "a filter that is tested keeps something"
    if form_has is None:
        assert "chinchilla" in ids[0]
        assert A3 in ids[1]
        assert "kaplan2020_ND" not in ids[1]
    else:
        assert ids[0] == [f.id for f in forms().values() if form_has(f)]
        assert ids[1] == [e.id for e in published_laws().values() if entry_has(e)]
    # papers without a law have nothing to be chosen by
    assert found["without_law"] == []
    text = isoloss("laws", "list", option, word).out
    numbers = re.search(r"(\d+) forms? and (\d+) published laws?", text)
    assert numbers is not None
    assert [int(found) for found in numbers.groups()] == [len(kept) for kept in ids]


def test_filters_go_together(isoloss):
    arguments = ("--family", "dense", "--evidence", "secondary", "--json")
    found = document(isoloss("laws", "list", *arguments))["result"]["published"]
    wanted = [
        e.id for e in published_laws().values() if e.family == "dense" and e.level == "secondary"
    ]
    assert [law["id"] for law in found] == wanted
    nothing = document(isoloss("laws", "list", "--search", "no such words", "--json"))
    assert nothing["result"]["forms"] == nothing["result"]["published"] == []
    assert "0 forms and 0 published laws" in isoloss("laws", "list", "--search", "zzzz").out


@pytest.mark.parametrize(
    ("option", "word", "needles"),
    [
        ("--family", "dens", ("did you mean dense", "allocation, audio")),
        ("--modality", "visual", ("language", "vision")),
        ("--target", "los", ("did you mean loss", "N_opt")),
        ("--evidence", "secundary", ("did you mean secondary", "primary", "contradicted")),
        ("--evidence", "Primary", ("did you mean primary",)),
    ],
)
def test_a_misspelt_filter_is_named(isoloss, option, word, needles):
    check_refused(
        isoloss("laws", "list", option, word), f"{option} '{word}' is not known", *needles
    )


def rows_of(text: str) -> list[list[str]]:
    return [re.split(r"\s{2,}", line.strip()) for line in text.splitlines() if line.strip()]


def test_the_counts_of_a_summary_add_up(isoloss):
    text = isoloss("laws", "list", "--summary").out
    rows = rows_of(text)
    levels = {row[0]: row for row in rows if row[0] in EVIDENCE}
    assert list(levels) == list(EVIDENCE)
    laws = published_laws()
    numbers = [n for e in laws.values() for s in e.sets.values() for n in s.numbers.values()]
    assert sum(int(row[1]) for row in levels.values()) == len(laws)
    assert sum(int(row[2]) for row in levels.values()) == sum(e.complete for e in laws.values())
    assert sum(int(row[3]) for row in levels.values()) == len(numbers)
    assert int(levels["primary"][3]) == sum(n.evidence == "primary" for n in numbers)
    assert [row[4] for row in levels.values()] == ["yes"] * 4 + ["only when asked for"] * 3
    counts = {row[0]: row[1:3] for row in rows if row[0] in families()}
    assert set(counts) == set(families())
    assert sum(int(count[0]) for count in counts.values()) == len(forms())
    assert sum(int(count[1]) for count in counts.values()) == len(laws)
    line = f"{len(forms())} forms and {len(laws)} published laws, {len(numbers)} numbers"
    assert line in text


def test_a_summary_of_a_part(isoloss):
    text = isoloss("laws", "list", "--summary", "--modality", "audio").out
    some = [e for e in published_laws().values() if "audio" in e.modality]
    levels = [row for row in rows_of(text) if row[0] in EVIDENCE]
    assert sum(int(row[1]) for row in levels) == len(some)


# show


def test_a_form_is_shown(isoloss):
    text = isoloss("laws", "show", "chinchilla").out
    for word in (
        *("E + A/N**alpha + B/D**beta", "frac{A}{N", "arxiv.org/abs/2203.15556", "0 to inf"),
        *("A      B", "loss = E + ──── + ────", A3),
    ):
        assert word in text
    found = document(isoloss("laws", "show", "chinchilla", "--json"))
    assert found["schema"] == "isoloss/law@1"
    assert found["result"]["formula"] == "E + A/N**alpha + B/D**beta"


def test_a_form_with_an_index_is_shown(isoloss):
    text = isoloss("laws", "show", "additive_mixture(domains=web:code)").out
    assert "Σᵢ Cᵢ·hᵢ" in text
    assert "here web, code" in flat(text)
    assert "additive_mixture(domains=a:b:c)" in flat(text)


def test_a_formula_and_its_guesses_are_shown(isoloss):
    assert "taken as positive" in isoloss("laws", "show", "E + A/N**alpha").out


def test_a_published_law_with_one_set_is_shown(isoloss):
    result = isoloss("laws", "show", A3)
    assert result.code == 0
    text = flat(result.out)
    for word in (
        *("Chinchilla, approach 3", "primary", "406.4", "0.34", "7e+07 to 1.6e+10", "total"),
        *("chinchilla, which fits under either name", "loss, nats/token", "careful"),
        *("@misc{hoffmann2022,", "archivePrefix = {arXiv}", "arxiv.org/abs/2203.15556"),
    ):
        assert word in text, word
    found = document(isoloss("laws", "show", A3, "--json"))["result"]
    assert found == json.loads(json.dumps(published_laws()[A3].to_document()))
    numbers = found["sets"][0]["numbers"]
    assert numbers["alpha"] == {
        **{"value": 0.34, "printed": "0.34", "evidence": "primary", "se": None},
        **{"interval": None, "level": None, "exact": False, "note": ""},
        "where": published_laws()[A3].coefficients().numbers["alpha"].where,
    }


def test_a_published_law_with_several_sets_is_shown(isoloss):
    entry = published_laws()["henighan2020_N"]
    text = isoloss("laws", "show", "henighan2020_N").out
    starts = [row[0] for row in rows_of(text)]
    for name, chosen in entry.sets.items():
        mark = " *" if name == entry.default else ""
        assert f"{name}{mark}" in starts
        row = next(row for row in rows_of(text) if row[0] == f"{name}{mark}")
        assert row[1:4] == [chosen.numbers[n].printed for n in entry.law.parameter_names]
    other = isoloss("laws", "show", "henighan2020_N:image_8x8").out
    assert "image_8x8 *" in other
    assert f"{entry.default} *" not in other


def test_numbers_that_nobody_saw_are_told(isoloss):
    text = flat(isoloss("laws", "show", "hoffmann2022_a2_N").out)
    assert "primary, no numbers" in text
    assert "k not seen" in text
    assert "0.49" in text
    assert "80 %: 0.462 to 0.534" in text


def test_a_value_outside_of_its_interval_is_told(isoloss):
    text = flat(isoloss("laws", "show", "hoffmann2022_a1_D").out)
    assert "0.501 to 0.512, excludes the value" in text
    (wrong,) = published_laws()["hoffmann2022_a1_D"].misstated
    assert f"misstated {wrong.stated} ({wrong.where}); right is {wrong.correct}" in text


def test_a_paper_without_a_law_says_why(isoloss):
    name, paper = next(iter(without_law().items()))
    text = flat(isoloss("laws", "show", name).out)
    assert flat(paper.reason) in text
    assert flat(paper.cite) in text
    found = document(isoloss("laws", "show", name, "--json"))["result"]
    assert found == {k: getattr(paper, k) for k in ("id", "cite", "url", "read", "reason")}
    check_refused(isoloss("laws", "eval", name, "N=1e9"), f"'{name}' has no law", paper.reason)


def test_every_published_law_can_be_shown(isoloss):
    for name, entry in list(published_laws().items())[::9]:
        result = isoloss("laws", "show", name)
        assert (result.code, result.err) == (0, ""), name
        assert flat(entry.sources[0].cite) in flat(result.out)


@pytest.mark.parametrize(
    ("name", "needles"),
    [
        ("chinchila", ("no law is called 'chinchila'", "did you mean chinchilla", "laws list")),
        ("hoffman2022_a3", ("did you mean", A3)),
        (f"{A3}:early", ("no set of numbers 'early'", "published")),
        (f"{A3} with gamma=3", ("no number 'gamma'", "E, A, alpha, B, beta")),
    ],
)
def test_a_law_that_is_not_there(isoloss, name, needles):
    check_refused(isoloss("laws", "show", name), *needles)


# compare

PAIR = (A3, "besiroglu2024")


def test_a_comparison_in_words(isoloss):
    text = flat(isoloss("laws", "compare", *PAIR).out)
    for word in (
        *(f"{A3} | besiroglu2024", "told apart", "406.4", "482.00572"),
        *("arxiv.org/abs/2404.10102", "stopped early"),
    ):
        assert word in text, word
    assert "At 1e+21 FLOP" not in text
    asked = flat(isoloss("laws", "compare", *PAIR, "--compute", "1e21").out)
    for word in ("At 1e+21 FLOP", "best N", "E", "A, alpha", "best N times"):
        assert word in asked, word


def test_a_comparison_as_a_document(isoloss):
    found = document(isoloss("laws", "compare", *PAIR, "--compute", "1e21", "--json"))
    assert found["schema"] == "isoloss/law-comparison@1"
    assert found["inputs"] == {"laws": list(PAIR), "compute": 1e21, "at": None}
    result = found["result"]
    one, other = (answer["plan"]["optimum"] for answer in result["answers"])
    (pair,) = result["pairs"]
    total = sum(share["loss"] for share in pair["shares"])
    assert total == pytest.approx(other["loss"]["value"] - one["loss"]["value"], abs=1e-12)
    assert pair["reasons"]
    units = document(isoloss("laws", "compare", *PAIR, "--compute", "1 ZFLOP", "--json"))
    assert units["result"] == result
    assert document(isoloss("laws", "compare", *PAIR, "--json"))["result"]["answers"] == []


def test_a_misprint_is_held_against_the_source(isoloss):
    text = flat(isoloss("laws", "compare", "deepseek2024_lr", "deepseek2024_lr with k=0.3188").out)
    for word in ("told apart: their values differ by up to 2.2 %", "0.3118", "0.3188"):
        assert word in text, text
    same = isoloss("laws", "compare", A3, f"{A3} as E + B/D**beta + A/N**alpha")
    assert "the same value everywhere" in flat(same.out)


def test_laws_without_an_answer_say_why(isoloss):
    laws = (A3, "kaplan2020_N", "deepseek2024_lr")
    text = flat(isoloss("laws", "compare", *laws, "--compute", "1e21").out)
    assert "it is no law of compute; it takes N" in text
    assert f"{0.3118 * 1e21**-0.125:.4g}" in text


@pytest.mark.parametrize(
    ("arguments", "needles"),
    [
        ((A3,), ("name at least two laws",)),
        ((A3, "besiroglu"), ("no published law is called 'besiroglu'", "besiroglu2024")),
        ((*PAIR, "--compute", "lots"), ("--compute", "'lots'")),
        ((*PAIR, "--at", "experts=8"), ("no", "input 'experts'")),
        ((*PAIR, "--at", "experts"), ("--at takes NAME=VALUE",)),
        ((A3, f"{A3} with E=low"), ("'E' has the value 'low'",)),
    ],
)
def test_a_bad_comparison_is_one_message(isoloss, arguments, needles):
    check_refused(isoloss("laws", "compare", *arguments), *needles)


# plan


def test_a_plan_with_a_published_law(isoloss):
    found = document(isoloss("plan", A3, "--compute", "1e21", "--json"))
    a, b = 0.34, 0.28
    best = (a * 406.4 / (b * 410.7)) ** (1 / (a + b)) * (1e21 / 6) ** (b / (a + b))
    optimum = found["result"]["optimum"]
    assert optimum["N"]["value"] == pytest.approx(best, rel=1e-9)
    assert optimum["N"]["low"] < best < optimum["N"]["high"]
    assert [w["code"] for w in found["warnings"]] == ["rounding-only"]
    result = isoloss("plan", A3, "--compute", "1e21")
    assert result.code == 0
    assert "tokens per parameter" in result.out
    assert "rounding" in result.err


def test_a_plan_of_a_set_and_of_a_statement(isoloss):
    text = "besiroglu2024:optimum"
    named = document(isoloss("plan", text, "--compute", "1e21", "--json"))["result"]
    chosen = ("besiroglu2024", "--set", "optimum", "--compute", "1e21", "--json")
    assert document(isoloss("plan", *chosen))["result"] == named
    plain = document(isoloss("plan", "besiroglu2024", "--compute", "1e21", "--json"))["result"]
    assert plain["optimum"] != named["optimum"]
    stated = document(isoloss("plan", f"{A3} with E=2.69", "--compute", "1e21", "--json"))["result"]
    usual = document(isoloss("plan", A3, "--compute", "1e21", "--json"))["result"]
    gap = stated["optimum"]["loss"]["value"] - usual["optimum"]["loss"]["value"]
    assert gap == pytest.approx(1.0)


def test_a_plan_holds_other_inputs(isoloss):
    law = next(
        e.id
        for e in published_laws().values()
        if {"N", "D"} < set(e.coefficients().inputs) and e.complete and e.usable
    )
    others = [
        name for name in published_laws()[law].coefficients().inputs if name not in ("N", "D")
    ]
    refused = isoloss("plan", law, "--compute", "1e21")
    check_refused(refused, f"needs a value for {others[0]}", f"at {others[0]}=")
    check_refused(isoloss("plan", law, "--compute", "1e21", "--at", "zzz=1"), "no input 'zzz'")


def test_strict_plans(isoloss):
    assert isoloss("plan", A3, "--compute", "1e21", "--strict").code == 0
    assert isoloss("plan", A3, "--compute", "1e27", "--strict").code == 3


@pytest.mark.parametrize(
    ("arguments", "needles"),
    [
        (("kaplan2020_N", "--compute", "1e21"), ("law in N and D", "'kaplan2020_N' has N")),
        (("rosenfeld2020_joint", "--compute", "1e21"), ("'rosenfeld2020_joint'",)),
        ((A3, "--compute", "1e21", "--set", "early"), ("no set of numbers 'early'",)),
        ((A3, "--compute", "1e21", "--at", "N=1e9"), ("N of", "what is asked for")),
        ((A3, "--loss", "1.5"), ("never reached", "1.69")),
        ((A3,), ("compute",)),
    ],
)
def test_a_bad_plan_is_one_message(isoloss, arguments, needles):
    check_refused(isoloss("plan", *arguments), *needles)


def test_options_of_published_laws_are_not_for_a_fit(isoloss, saved):
    for option in (("--set", "x"), ("--at", "experts=8"), ("--any-evidence",)):
        check_refused(
            isoloss("plan", saved, "--compute", "1e21", *option), "published law", "saved fit"
        )


# the same question, the same bytes


@pytest.mark.parametrize(
    "arguments",
    [
        ("laws", "list", "--family", "dense"),
        ("laws", "show", "besiroglu2024"),
        ("laws", "eval", "besiroglu2024", "N=1B", "D=20B"),
        ("laws", "compare", *PAIR, "--compute", "1e21"),
        ("plan", "besiroglu2024", "--compute", "1e21"),
    ],
)
def test_the_same_question_gives_the_same_bytes(isoloss, arguments):
    first = isoloss(*arguments, "--json")
    assert first.code == 0
    assert len(first.out) > 200
    assert isoloss(*arguments, "--json").out == first.out
