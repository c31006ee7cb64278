"""Published laws and forms from TOML: what is wrong is named once, by file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from isoloss.exceptions import LawError
from isoloss.law import forms, published_laws
from isoloss.law.published import read as reading
from isoloss.law.published.read import read_published
from isoloss.law.read import read_family
from tests.unit.published_cases import MINE, MIXTURE, SETS, power, read


def refusal(text: str, *changes: tuple[str, str]) -> str:
    """The one message for a text with words replaced."""
    with pytest.raises(LawError) as caught:
        read(text, *changes)
    message = str(caught.value)
    assert "\n" not in message
    # the file is named once, in front
    assert message.startswith("mine.toml [mine")
    assert message.count("mine.toml") == 1, message
    return message


def check(message: str, *needles: str) -> None:
    for needle in needles:
        assert needle in message, message


def test_an_entry_has_every_part():
    entry = read(MINE)
    assert (entry.id, entry.name, entry.family) == ("mine", "My law", "mine")
    assert entry.modality == ("language",)
    assert entry.form is forms()["chinchilla"]
    assert entry.formula == forms()["chinchilla"].formula
    assert entry.sources[0].where == "equation 10"
    assert entry.setup == {"data": "made up"}
    assert entry.optimum == "N grows as C**0.45"
    assert entry.pitfalls == ("It holds in a test.",)
    assert entry.misstated[0].correct == "E = 1.69"
    (chosen,) = entry.sets.values()
    assert chosen.values == {"E": 1.69, "A": 406.4, "alpha": 0.34, "B": 410.7, "beta": 0.28}
    assert (chosen.target, chosen.unit, chosen.measured_in) == ("loss", "nats/token", "")
    plain, full = chosen.numbers["E"], chosen.numbers["A"]
    # what a number does not say, the entry says for it
    assert (plain.evidence, plain.where, plain.se) == ("primary", "equation 10", None)
    assert (full.evidence, full.where, full.note) == ("author-code", "table 3", "rounded")
    assert (full.se, full.exact) == (12.0, False)
    exponent = chosen.numbers["alpha"]
    assert (exponent.interval, exponent.level) == ((0.32, 0.36), 0.9)
    size, data = chosen.inputs["N"], chosen.inputs["D"]
    assert (size.unit, size.counts, size.range) == ("parameters", "total", (1e8, 1e10))
    assert (data.quantity, data.unit, data.range) == ("D", "tokens", (1e9, 1e12))


def test_the_weakest_number_is_the_level_of_a_set():
    assert read(MINE).level == "author-code"
    assert read(MINE, ('"author-code"', '"abstract"')).level == "abstract"
    assert not read(MINE, ('"author-code"', '"abstract"')).usable


def test_sets_share_what_the_entry_says_and_override_it():
    entry = read(SETS)
    small, large = entry.sets["small"], entry.sets["large"]
    assert entry.default == "large"
    assert small.values == {"alpha": 0.05}
    assert small.unseen == ("C_c",)
    assert (small.complete, large.complete) == (False, True)
    assert large.values == {"alpha": 0.05, "C_c": 3.1e8}
    assert (small.title, large.note) == ("8 x 8", "from a figure")
    assert (small.measure, large.measure) == ("nats/token", "nats/image")
    # the level of a set is that of all its numbers
    assert {n.evidence for n in large.numbers.values()} == {"secondary"}
    assert small.numbers["alpha"].evidence == "primary"
    # what the set says of an input stands beside what the entry says
    assert (large.inputs["C"].unit, large.inputs["C"].range) == ("PF-days", (1e-5, 1.0))
    assert small.inputs["C"].range is None
    assert large.inputs["C"].meaning == "training"


def test_lists_become_one_number_for_each_label():
    entry = read(MIXTURE)
    numbers = entry.coefficients().numbers
    assert entry.values()["C_web"] == 1.0
    assert entry.values()["C_code"] == 2.0
    assert (numbers["g_web"].se, numbers["g_code"].printed) == (0.1, "0.25")
    assert [n for n in entry.coefficients().inputs if n.startswith("h_")] == ["h_web", "h_code"]
    assert entry.coefficients().inputs["h_code"].range == (0.1, 0.9)


def test_data_is_measured_in_what_it_counts():
    # a law of samples that says no more is not a law of tokens
    assert read(MINE, ('counts = "tokens"', 'counts = "samples"')).law.id == "mine"
    data = read(MINE, ('counts = "tokens"', 'counts = "samples"')).coefficients().inputs["D"]
    assert (data.unit, data.factor) == ("samples", 1.0)
    data = read(MINE, ('counts = "tokens"', 'counts = "unique-tokens"')).coefficients().inputs["D"]
    assert data.unit == "tokens"


@pytest.mark.parametrize(
    ("text", "needles"),
    [
        (b"[mine", ("mine.toml:", "Expected ']'", "correct the TOML")),
        (b'[mine]\nname = "a"\nname = "b"\n', ("mine.toml:", "line 3", "correct the TOML")),
        (b"[mine]\nname = \xe9\n", ("mine.toml:", "utf-8", "correct the TOML")),
        (b"mine = 3\n", ("mine.toml [mine]", "a table is expected, got 3")),
    ],
)
@pytest.mark.parametrize("reader", [read_published, read_family])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, text, needles, reader):
    path = tmp_path / "mine.toml"
    path.write_bytes(text)
    with pytest.raises(LawError) as caught:
        reader(path)
    message = str(caught.value).replace("a law is a table, got 3", "a table is expected, got 3")
    check(message, *needles)
    assert message.count("mine.toml") == 1


# text, what is replaced in it, what the message has to say
SPOILT = [
    # keys and words
    (MINE, (("optimum =", "optimun ="),), ("[mine]", "unknown key 'optimun'", "optimum")),
    (MINE, (("data =", "dataset ="),), ("[mine] setup", "unknown key 'dataset'", "tokenizer")),
    (
        MINE,
        (('meaning = "parameters"', 'units = "B"'),),
        ("[mine.variables.N]", "unknown key 'units'", "measured_in"),
    ),
    (MINE, (("se =", "sd ="),), ("[mine] numbers A", "unknown key 'sd'", "interval")),
    (MINE, (("{ stated =", "{ claim ="),), ("[mine] misstated", "unknown key 'claim'")),
    (SETS, (("note =", "remark ="),), ("[mine.sets.large]", "unknown key 'remark'")),
    (MINE, (('name = "My law"', "name = 3"),), ("[mine]", "'name' has to be text, got 3")),
    (
        MINE,
        (('["It holds in a test."]', '"It holds in a test."'),),
        ("[mine]", "'pitfalls' has to be a list of texts"),
    ),
    # what a published law has to have
    (
        MINE,
        (('sources = [{ cite = "Nobody 2024, A Law", where = "equation 10", ', "#"),),
        ("[mine]", "'sources' is missing", "cite"),
    ),
    (MINE, (("cite =", "where2 ="),), ("[mine] sources", "unknown key 'where2'", "cite")),
    (MINE, (('cite = "Nobody 2024, A Law", ', ""),), ("[mine] sources", "'cite' is missing")),
    (MINE, (('modality = ["language"]\n', ""),), ("[mine]", "'modality' is missing")),
    (
        MINE,
        (('evidence = "primary"\n', ""),),
        ("[mine]", "'evidence' is missing", "primary, author-code"),
    ),
    (
        MINE,
        (('evidence = "primary"', 'evidence = "sure"'),),
        ("[mine]", "'evidence' is 'sure'", "primary, author-code, refit"),
    ),
    (
        MINE,
        (('"author-code"', '"code"'),),
        ("[mine] numbers A", "evidence 'code'", "author-code"),
    ),
    (
        SETS,
        (('evidence = "secondary"', 'evidence = "second"'),),
        ("[mine.sets.large]", "'evidence' is 'second'"),
    ),
    # the form
    (
        MINE,
        (('form = "chinchilla"', 'form = "chinchila"'),),
        ("[mine]", "'form' names 'chinchila'", "did you mean chinchilla", "laws list"),
    ),
    # with a formula of its own too: the name is not passed over
    (
        SETS,
        (('form = "power(C)"', 'form = "powr(C)"'),),
        ("[mine]", "'form' names 'powr(C)'", "does not exist"),
    ),
    (
        MIXTURE,
        (("domains=web:code", "sources=web:code"),),
        ("[mine]", "has no index 'sources'", "domains"),
    ),
    (MINE, (('form = "chinchilla"\n', ""),), ("[mine]", "neither 'form' nor theory")),
    (
        MINE,
        (('form = "chinchilla"', 'form = "chinchilla"\ntheory = true'),),
        ("[mine]", "both 'form' and theory = true"),
    ),
    (
        MINE,
        (('form = "chinchilla"', "theory = true"),),
        ("[mine]", "the key 'formula' is missing"),
    ),
    # formula against variables and numbers
    (
        MINE,
        (('form = "chinchilla"', 'form = "chinchilla"\nformula = "E + A/N**"'),),
        ("[mine]", "cannot read the formula"),
    ),
    (MINE, (('E = "1.69"\n', ""),), ("[mine]", "the formula uses E", "'unseen'")),
    (
        MINE,
        (('beta = "0.28"', 'betta = "0.28"'),),
        ("[mine]", "'betta' does not occur", "did you mean beta", "E, A, N, alpha, B, D, beta"),
    ),
    (MINE, (("[mine.numbers]", '[mine.numbers]\nF = "1"'),), ("[mine]", "'F' does not occur")),
    (
        MINE,
        (("[mine.variables.D]", "[mine.variables.d]"),),
        ("[mine] variables", "'d' does not occur", "E, A, N"),
    ),
    (
        MINE,
        (
            ("[mine.variables.D]", "[mine.variables.N2]"),
            ('form = "chinchilla"', 'form = "chinchilla"\nformula = "E+A/N**alpha+B/N2**beta"'),
            ('counts = "tokens"\n', ""),
        ),
        ("[mine]", "the form 'chinchilla' has the variables N, D", "the entry has N, N2"),
    ),
    (
        MINE,
        (('form = "chinchilla"', 'form = "chinchilla"\nunseen = ["E"]'),),
        ("[mine]", "'E' has a number and stands in 'unseen' too"),
    ),
    (
        SETS,
        (('unseen = ["C_c"]', 'unseen = ["alpha", "C_c"]'),),
        ("[mine.sets.small]", "'alpha' has a number and stands in 'unseen' too"),
    ),
    (
        SETS,
        (('unseen = ["C_c"]', 'unseen = "C_c"'),),
        ("[mine.sets.small]", "'unseen' has to be a list of texts"),
    ),
    # numbers
    (MINE, (('"1.69"', "1.69"),), ("[mine] numbers", "'E' is 1.69", "between quotes")),
    (MINE, (('"406.4"', "406.4"),), ("numbers A", "'value' has to be text, got 406.4")),
    (MINE, (('"1.69"', '"1,69"'),), ("numbers E", "the value '1,69'", "as printed")),
    (MINE, (('"1.69"', '"inf"'),), ("numbers E", "the value 'inf'")),
    (MINE, (('value = "406.4", ', ""),), ("numbers A", "'value' is missing")),
    (MINE, (('se = "12"', 'se = "-12"'),), ("numbers A", "standard error is not negative")),
    (MINE, (('se = "12"', 'se = "wide"'),), ("numbers A se", "finite number", "'wide'")),
    (MINE, (('se = "12"', "se = true"),), ("numbers A se", "finite number", "True")),
    (MINE, (('["0.32", "0.36"]', '["0.32"]'),), ("numbers alpha", "'interval' has two ends")),
    (
        MINE,
        (('["0.32", "0.36"]', '["0.36", "0.32"]'),),
        ("numbers alpha", "[0.36, 0.32] is turned round"),
    ),
    (
        MINE,
        (('["0.32", "0.36"]', '["0.32", "inf"]'),),
        ("numbers alpha interval", "finite number", "'inf'"),
    ),
    (MINE, (("level = 0.9", "level = 90"),), ("numbers alpha", "'level' lies between", "90")),
    (
        MIXTURE,
        (('C = ["1.0", "2.0"]', 'C = ["1.0", "2.0", "3.0"]'),),
        ("[mine] numbers", "'C' has 3 values for the 2 domains web, code"),
    ),
    (
        MIXTURE,
        (('E = "1.5"', 'E = ["1.5", "1.6"]'),),
        ("[mine] numbers", "'E' is a list", "no index"),
    ),
    # units and conventions
    (
        MINE,
        (('unit = "nats/token"', 'unit = "furlongs"'),),
        ("[mine]", "'unit'", "unknown unit 'furlongs'", "'measured_in'"),
    ),
    (
        MINE,
        (('unit = "nats/token"', 'unit = "PF-days"'),),
        ("[mine]", "'unit' is 'PF-days', which measures compute", "loss is entropy"),
    ),
    (
        MINE,
        (("[mine.variables.D]", '[mine.variables.D]\nunit = "furlongs"'),),
        ("[mine.variables.D]", "unknown unit 'furlongs'", "measured_in"),
    ),
    (
        MINE,
        (("[mine.variables.D]", '[mine.variables.D]\nunit = "parameters"'),),
        ("[mine.variables.D]", "measures parameters", "D is data, in tokens"),
    ),
    (
        SETS,
        (('unit = "PF-days"', 'unit = "PF-day"\nquantity = "compute"'),),
        ("[mine.variables.C]", "'quantity' is 'compute'", "N, D, U, C"),
    ),
    (
        MINE,
        (('counts = "total"', 'counts = "all"'),),
        ("[mine.variables.N]", "no counting convention 'all'", "non-embedding"),
    ),
    (
        MIXTURE,
        (('unit = "fraction"', 'counts = "total"'),),
        ("[mine.variables.h_web]", "'counts' is for model size, data and compute"),
    ),
    (
        MINE,
        (('unit = "nats/token"', 'unit = "nats/token"\nmeasured_in = "nats"'),),
        ("[mine]", "'unit' or 'measured_in', not both"),
    ),
    (
        SETS,
        (('unit = "PF-days"', 'unit = "PF-days"\nmeasured_in = "days"'),),
        ("[mine.variables.C]", "'unit' or 'measured_in', not both"),
    ),
    (
        MINE,
        (("range = [1e8, 1e10]", "range = [1e10, 1e8]"),),
        ("[mine.variables.N]", "'range'", "[10000000000.0, 100000000.0]"),
    ),
    (
        MINE,
        (("range = [1e8, 1e10]", "range = [1e8, inf]"),),
        ("[mine.variables.N]", "'range'", "inf"),
    ),
    (
        MINE,
        (("range = [1e8, 1e10]", 'range = ["1e8", "1e10"]'),),
        ("[mine.variables.N] range", "two numbers"),
    ),
    (
        SETS,
        (("range = [1e-5, 1.0]", "range = [1.0]"),),
        ("[mine.sets.large.variables.C] range", "two numbers"),
    ),
    # sets
    (
        SETS,
        (('default = "large"', 'default = "huge"'),),
        ("[mine]", "'default' names the set 'huge'", "small, large"),
    ),
    (
        MINE,
        (('name = "My law"', 'default = "huge"'),),
        ("[mine]", "'default' names the set 'huge'", "published"),
    ),
]


@pytest.mark.parametrize(("text", "changes", "needles"), SPOILT)
def test_a_spoilt_entry_is_named_by_file_and_key(text, changes, needles):
    check(refusal(text, *changes), *needles)


def test_a_set_that_is_no_table():
    text = SETS.replace('default = "large"\n', "") + "\n[mine.sets.third]\nnumbers = 3\n"
    check(refusal(text), "[mine.sets.third].numbers", "a table is expected, got 3")


CORRELATED = MINE.replace('alpha = { value = "0.34"', 'alpha = { value = "0.34", se = "0.01"')


def correlated(names: str, matrix: str, more: str = "") -> str:
    """`MINE` with a correlation."""
    return f"{CORRELATED}\n[mine.correlation]\nnames = {names}\nmatrix = {matrix}\n{more}"


def test_a_correlation_is_read():
    found = read(correlated('["A", "alpha"]', "[[1, 0.9], [0.9, 1]]", 'where = "a refit"'))
    correlation = found.coefficients().correlation
    assert correlation is not None
    assert (correlation.names, correlation.where) == (("A", "alpha"), "a refit")
    assert correlation.matrix == ((1.0, 0.9), (0.9, 1.0))


@pytest.mark.parametrize(
    ("names", "matrix", "needles"),
    [
        ('["A", "gamma"]', "[[1, 0], [0, 1]]", ("'names'", "A, gamma", "E, A, alpha, B, beta")),
        ('["A", "A"]', "[[1, 0], [0, 1]]", ("'names'", "different numbers")),
        ("[]", "[]", ("'names'", "got none")),
        ('["A", "alpha"]', "[[1, 0, 0], [0, 1, 0]]", ("'matrix' has 2 rows of 2 numbers",)),
        ('["A", "alpha"]', "[1, 0]", ("'matrix' has 2 rows of 2 numbers",)),
        ('["A", "alpha"]', '[["1", "0"], ["0", "1"]]', ("matrix", "a number is expected, got '1'")),
        ('["A", "alpha"]', "[[1, nan], [nan, 1]]", ("matrix", "a number is expected, got nan")),
        ('["A", "alpha"]', "[[1, 1.2], [1.2, 1]]", ("no entry beyond -1 and 1",)),
        ('["A", "alpha"]', "[[0.9, 0.2], [0.2, 1]]", ("ones on its diagonal",)),
        ('["A", "alpha"]', "[[1, 0.2], [0.3, 1]]", ("below and above its diagonal",)),
        (
            '["A", "alpha", "E"]',
            "[[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]",
            ("eigenvalue", "-0.8"),
        ),
    ],
)
def test_a_malformed_correlation_is_named(names, matrix, needles):
    check(refusal(correlated(names, matrix)), "[mine.correlation]", *needles)


def test_a_correlation_belongs_to_a_set_where_there_are_several():
    text = SETS + "\n[mine.correlation]\nnames = []\nmatrix = []\n"
    check(refusal(text), "'correlation' stands within the set")


def test_a_statement_of_theory_needs_no_form():
    text = power('A = "1"\nalpha = "0.3"').replace('form = "power"', "theory = true")
    entry = read(text)
    assert entry.form is None
    assert entry.law.variable_names == ("N",)
    assert entry.law.parameter_names == ("A", "alpha")


def test_one_id_in_two_published_files(tmp_path: Path, monkeypatch):
    (tmp_path / "first.toml").write_text(MINE, encoding="utf-8")
    (tmp_path / "second.toml").write_text(MINE, encoding="utf-8")
    monkeypatch.setattr(reading, "FOLDER", tmp_path)
    with pytest.raises(LawError, match=r"second\.toml \[mine\]: stands in first\.toml too; rename"):
        reading.published_laws.__wrapped__()


def test_no_published_law_hides_behind_a_form_of_its_name():
    # `find_law` looks among the forms first
    assert not set(forms()) & set(published_laws())
