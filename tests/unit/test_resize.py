"""Laws with an index: other labels, other numbers of entries."""

from __future__ import annotations

import json

import numpy as np
import pytest

from isoloss.exceptions import LawError
from isoloss.law import Law, find_law, forms
from isoloss.law.read import read_family
from isoloss.law.resize import MAX_ENTRIES
from isoloss.store import dumps
from tests.unit.test_form_read import FORM

INDEXED = sorted(name for name, law in forms().items() if law.indices)


def test_labels_are_put_in_everywhere():
    law = find_law("additive_mixture(domains=web:books:code:math)")
    assert law.id == "additive_mixture(domains=web:books:code:math)"
    assert law.indices[0].labels == ("web", "books", "code", "math")
    assert [v.name for v in law.variables if v.over] == ["h_web", "h_books", "h_code", "h_math"]
    assert [n for n in law.parameter_names if n.startswith("g_")] == [
        *("g_web", "g_books", "g_code", "g_math")
    ]
    plain = find_law("additive_mixture")
    assert law.formula == plain.formula
    assert [p.name for p in law.parameters if not p.over] == [
        p.name for p in plain.parameters if not p.over
    ]


def test_what_is_known_of_an_entry_goes_along():
    plain = find_law("additive_mixture")
    law = plain.resized(domains=5)
    before = {p.name: p for p in plain.parameters}
    known = [p for p in law.parameters if p.name.startswith("C_")]
    assert [p.name for p in known] == ["C_1", "C_2", "C_3", "C_4", "C_5"]
    for k, p in enumerate(known):
        # beyond the entries that there were, they come round again
        like = before[f"C_{k % 3 + 1}"]
        assert (p.bounds, p.transform, p.start, p.typical, p.over) == (
            *(like.bounds, like.transform, like.start, like.typical, "domains"),
        )
    assert [p.meaning.rsplit(" ", 1)[1] for p in known] == ["(1)", "(2)", "(3)", "(4)", "(5)"]
    assert len({p.meaning.rsplit(" ", 1)[0] for p in known}) == 1


def test_the_value_is_the_sum_over_the_labels():
    law = find_law("additive_mixture(domains=web:code)")
    values = {"E": 1.5, "A": 400.0, "alpha": 0.3, "B": 1000.0, "beta": 0.4, "N": 1e9, "D": 1e10}
    values |= {"C_web": 1.0, "C_code": 2.0, "g_web": 0.5, "g_code": 0.25}
    values |= {"h_web": 0.75, "h_code": 0.25}
    mixed = 1 / (0.75**0.5 + 2 * 0.25**0.25)
    wanted = 1.5 + mixed + 400 / 1e9**0.3 + 1000 / 1e10**0.4
    assert float(law(values)) == pytest.approx(wanted, rel=1e-14)
    theta = law.internal(np.array([[values[name] for name in law.parameter_names]]))
    inputs = law.inputs({v.name: [values[v.name]] for v in law.variables})
    assert float(law.functions.value(theta, inputs)[0, 0]) == pytest.approx(wanted, rel=1e-12)


def test_one_break_more_and_none_too_many():
    one, two = find_law("bnsl(breaks=1)"), find_law("bnsl(breaks=2)")
    assert len(two.parameters) - len(one.parameters) == 3
    assert two.variable_names == one.variable_names == ("N",)
    # a product of one factor is that factor, and a break of no size leaves the law as it was
    values = {p.name: 0.7 for p in two.parameters} | {"N": np.geomspace(1, 1e6, 7)}
    without = [p.name for p in two.parameters if p.name not in one.parameter_names]
    slope = next(name for name in without if name.startswith("c_"))
    np.testing.assert_allclose(two(values | {slope: 0.0}), one(values), rtol=1e-12)
    assert not np.allclose(two(values), one(values))


@pytest.mark.parametrize("name", INDEXED)
def test_resizing_there_and_back_is_the_same_law(name):
    law = forms()[name]
    own = {index.name: index.labels for index in law.indices}
    other = law.resized(**dict.fromkeys(own, ("p", "q", "r", "s", "t")))
    assert other != law
    back = other.resized(**own)
    assert back.variables == law.variables
    names = [p.name for p in law.parameters]
    assert [p.name for p in back.parameters] == names
    assert back.expression == law.expression


@pytest.mark.parametrize("name", INDEXED)
def test_an_id_leads_back_to_the_law(name):
    law = forms()[name].resized(
        **{index.name: ("a", "b1", "_c") for index in forms()[name].indices}
    )
    assert find_law(law.id) == law
    assert Law.from_document(json.loads(dumps(law.to_document()))) == law


def test_the_law_itself_is_left_as_it_was():
    before = forms()["additive_mixture"]
    labels = before.indices[0].labels
    before.resized(domains=2)
    assert forms()["additive_mixture"].indices[0].labels == labels


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("additive_mixture(sources=2)", "no index 'sources'; its indices are domains"),
        ("chinchilla(domains=2)", "'chinchilla' has no index 'domains'; it has no index"),
        ("additive_mixture(domains=0)", "between 1 and 60 entries, got 0"),
        ("additive_mixture(domains=61)", "between 1 and 60 entries, got 61"),
        ("additive_mixture(domains=a:a)", "between 1 and 60 different labels .* a, a"),
        ("additive_mixture(domains=a::b)", "a label has letters, digits and _ alone, got ''"),
        ("additive_mixture(domains=)", "a label has letters, digits and _ alone, got ''"),
        ("additive_mixture(domains=a,b)", "has no index 'b'"),
        # a digit that is no number
        ("additive_mixture(domains=²)", r"additive_mixture\(domains=\.\.\.\)"),
    ],
)
def test_labels_that_cannot_be_are_refused(text, message):
    with pytest.raises(LawError, match=message):
        find_law(text)


@pytest.mark.parametrize("given", [True, 2.5, None, {"a": 1}])
def test_labels_are_a_number_or_a_list(given):
    with pytest.raises(LawError, match=r"domains=\.\.\.\): a number of entries or a list"):
        forms()["additive_mixture"].resized(domains=given)


def test_as_many_entries_as_are_allowed():
    law = forms()["additive_mixture"].resized(domains=MAX_ENTRIES)
    assert len(law.indices[0].labels) == MAX_ENTRIES
    with pytest.raises(LawError, match="different labels"):
        forms()["additive_mixture"].resized(domains=[f"d{k}" for k in range(MAX_ENTRIES + 1)])


def test_two_names_that_become_one_are_refused(tmp_path):
    # C over the first label, and a number C_1 of its own
    path = tmp_path / "mine.toml"
    path.write_text(FORM.replace("E + sum", "C_1 + sum").replace("parameters.E", "parameters.C_1"))
    with pytest.raises(LawError, match="'C_1' is defined twice"):
        read_family(path)
    path.write_text(FORM.replace("E + sum", "C_b + sum").replace("parameters.E", "parameters.C_b"))
    law = read_family(path)["mine"]
    assert law.resized(domains=("a", "c")).parameter_names[0] == "C_b"
    with pytest.raises(LawError, match="'C_b' is defined twice"):
        law.resized(domains=("a", "b"))
