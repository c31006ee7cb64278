"""Laws: found by name, file or formula; wrong definitions named by file and key."""

import json
import math

import numpy as np
import pytest

from isoloss.exceptions import FormulaError, InputError, LawError
from isoloss.law import Law, Parameter, Source, Variable, find_law, forms, from_formula
from isoloss.store import dumps

TOML = """
[mine]
name = "My law"
formula = "E + A/N**alpha"
target = "loss"
summary = "One term."
sources = [{ cite = "Someone 2024", where = "equation 1", url = "https://example.org" }]
[mine.variables.N]
meaning = "parameters"
[mine.parameters.E]
bounds = [0.0, inf]
[mine.parameters.A]
bounds = [0.0, inf]
transform = "log"
unit_of = "N"
[mine.parameters.alpha]
bounds = [0.0, 5.0]
start = [0.02, 1.5]
meaning = "exponent"
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str | bytes) -> str:
        path = tmp_path / "my_law.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def test_a_law_from_a_file_has_every_part(write):
    law = find_law(write(TOML))
    assert law == Law(
        id="mine",
        name="My law",
        formula="E + A/N**alpha",
        target="loss",
        summary="One term.",
        variables=(Variable("N", "parameters"),),
        parameters=(
            Parameter("E", (0.0, math.inf)),
            Parameter("A", (0.0, math.inf), "log", unit_of="N"),
            Parameter("alpha", (0.0, 5.0), start=(0.02, 1.5), meaning="exponent"),
        ),
        sources=(Source("Someone 2024", "equation 1", "https://example.org"),),
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[mine]", "[mine", r"my_law\.toml: .*line 2.*correct the TOML"),
        (
            "bounds = [0.0, 5.0]\n",
            "",
            r"my_law\.toml \[mine\.parameters\.alpha\]: 'bounds' is missing",
        ),
        (
            "start =",
            "strat =",
            r"\[mine\.parameters\.alpha\]: unknown key 'strat'; the keys are bounds",
        ),
        ("summary =", "sumary =", r"my_law\.toml \[mine\]: unknown key 'sumary'"),
        ('meaning = "parameters"', "unit = 3", r"\[mine\.variables\.N\]: unknown key 'unit'"),
        (
            '"log"',
            '"ln"',
            r"my_law\.toml \[mine\].*'A': transform 'ln' is unknown; use one of identity",
        ),
        ("[0.0, 5.0]", "[5.0, 0.0]", r"my_law\.toml \[mine\].*'alpha': bounds \[5\.0, 0\.0\]"),
        ("[0.0, 5.0]", "[nan, 1.0]", "'alpha': bounds"),
        ("[0.0, 5.0]", "[1.0]", r"\[mine\.parameters\.alpha\] bounds: two numbers are expected"),
        ("[0.0, 5.0]", '["a", "b"]', "bounds: two numbers are expected"),
        ("[0.0, 5.0]", "[false, true]", "bounds: two numbers are expected"),
        ("[0.02, 1.5]", "[1.5, 0.02]", r"my_law\.toml.*'alpha'.*start"),
        ("[0.02, 1.5]", "[nan, 1.0]", r"my_law\.toml.*'alpha'.*start"),
        (
            'transform = "log"\n',
            'transform = "log"\nstart = [-1.0, 2.0]\n',
            r"my_law\.toml.*'A'.*start",
        ),
        ("[0.0, inf]\ntransform", "[-1.0, inf]\ntransform", "'A': a log transform needs bounds"),
        ('unit_of = "N"', 'unit_of = "Q"', r"my_law\.toml \[mine\].*'A'.*unit_of.*Q"),
        ("A/N**alpha", "A/D**alpha", r"my_law\.toml \[mine\].* uses D, which is neither"),
        (
            "E + A/N**alpha",
            "E + A/N",
            r"my_law\.toml \[mine\].*alpha is defined and does not occur",
        ),
        ("E + A/N**alpha", "E + A/N**alpha(", r"my_law\.toml \[mine\]: cannot read the formula"),
        ("E + A/N**alpha", "E + A/N.alpha", r"my_law\.toml \[mine\]: 'N\.alpha' is not allowed"),
        ("[mine.variables.N]", "[mine.variables.E]\n[mine.variables.N]", "'E' is defined twice"),
        (
            "[mine.parameters.E]",
            "[mine.parameters.E]\n[mine.parameters.E]",
            r"my_law\.toml:.*correct",
        ),
        (
            'formula = "E + A/N**alpha"\n',
            "",
            r"my_law\.toml \[mine\]: the key 'formula' is missing",
        ),
        ("{ cite =", "{ cit =", r"my_law\.toml \[mine\] sources.*unknown key 'cit'"),
        ('cite = "Someone 2024", ', "", r"my_law\.toml \[mine\] sources.*'cite' is missing"),
        ('meaning = "parameters"', 'log = "no"', r"my_law\.toml \[mine\.variables\.N\].*log.*'no'"),
        ('name = "My law"', "name = 3", r"my_law\.toml \[mine\].*name.*text.*3"),
        ('meaning = "exponent"', "meaning = 3", r"\[mine\.parameters\.alpha\].*meaning.*text.*3"),
    ],
)
def test_a_wrong_definition_names_file_and_key(write, old, new, message):
    assert TOML.count(old) >= 1
    with pytest.raises(InputError, match=message):
        find_law(write(TOML.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('formula = "E"', r"my_law\.toml \[formula\]: a law is a table, got 'E'"),
        (
            '[a]\nformula = "N"\nvariables = ["N"]\nparameters = {}',
            r"my_law\.toml \[a\.variables\]: a table",
        ),
        (
            '[a]\nformula = "N"\nvariables = {}\nparameters = 3',
            r"my_law\.toml \[a\.parameters\]: a table",
        ),
        (
            '[a]\nformula = "N"\nvariables = {N = 1}\nparameters = {}',
            r"my_law\.toml \[a\.variables\.N\]",
        ),
        (
            '[a]\nformula="N"\nvariables={}\nparameters={}\nsources="x"',
            r"my_law\.toml \[a\] sources",
        ),
        ("", "holds no law"),
        (b"# \xe9\n", r"my_law\.toml: .*utf-8"),
    ],
)
def test_a_wrong_file_is_named(write, text, message):
    with pytest.raises(LawError, match=message):
        find_law(write(text))


def test_which_law_of_a_file(write):
    path = write(TOML + TOML.replace("mine", "other"))
    assert find_law(f"{path}:other").id == "other"
    with pytest.raises(LawError, match="holds mine, other; say which one"):
        find_law(path)
    with pytest.raises(LawError, match="holds mine, other"):
        find_law(f"{path}:third")
    with pytest.raises(LawError, match=r"'nowhere\.toml' does not exist"):
        find_law("nowhere.toml")


def test_find_law_takes_a_law_a_name_and_another_variable():
    law = find_law("chinchilla")
    assert law is forms()["chinchilla"]
    assert find_law(law) is law
    assert find_law(" kaplan ").id == "kaplan"
    over = find_law("power_floor(C)")
    assert (over.id, over.formula, over.variable_names) == (
        "power_floor(C)",
        "E + A/C**alpha",
        ("C",),
    )
    assert find_law("power_floor(N)") is forms()["power_floor"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chinchila", "no law is called 'chinchila'; did you mean chinchilla.*laws list"),
        ("chinchilla(C)", "variables N, D; only a law of one variable"),
        ("power_floor(E)", "'E' is defined twice"),
        ("1 + 2", "uses none of the variables N, D, C, U"),
        ("N*D", "has no parameter to fit"),
    ],
)
def test_find_law_says_what_exists(text, message):
    with pytest.raises(LawError, match=message):
        find_law(text)


@pytest.mark.parametrize("given", [None, 5, 2.5])
def test_find_law_refuses_what_is_no_text(given):
    with pytest.raises(InputError, match="law"):
        find_law(given)


def test_find_law_takes_a_path(write):
    from pathlib import Path

    assert find_law(Path(write(TOML))).id == "mine"


def test_over_takes_units_along(write):
    assert find_law(write(TOML)).over("C").parameters[1].unit_of == "C"


def test_a_formula_with_its_guesses():
    law = from_formula("loss = E + A/N^alpha - b")
    assert law.formula == "E + A/N**alpha - b"
    assert (law.id, law.target, law.variable_names) == ("custom", "loss", ("N",))
    by_name = {p.name: p for p in law.parameters}
    assert by_name["alpha"] == Parameter("alpha", (-5.0, 5.0), "identity", (0.02, 1.5))
    assert by_name["A"].log
    assert by_name["A"].bounds == (0.0, math.inf)
    assert by_name["b"].bounds == (-math.inf, math.inf)
    assert len(law.guesses) == 5
    assert "N: taken as input, by name" in law.guesses
    assert any("alpha stands in an exponent" in g for g in law.guesses)


def test_what_a_formula_gives_and_reads_can_be_said():
    law = from_formula("acc = a + b*log(steps)", variables=["steps"])
    assert (law.target, law.variable_names, law.parameter_names) == ("acc", ("steps",), ("a", "b"))
    assert from_formula("a*N", target="error").target == "error"
    assert from_formula("acc = a*N", target="error").target == "error"


def test_calling_a_law_evaluates_it():
    law = find_law("chinchilla")
    at = {"E": 1.5, "A": 400, "alpha": 0.3, "B": 1000, "beta": 0.4, "N": 10**8, "D": 10**10}
    assert law(at) == pytest.approx(1.5 + 400 / 1e8**0.3 + 1000 / 1e10**0.4, rel=1e-14)
    assert law(at | {"N": [1e8, 1e9]}).shape == (2,)
    with pytest.raises(FormulaError, match="unknown name 'D'"):
        law({k: v for k, v in at.items() if k != "D"})
    big = from_formula("a*N*D")
    assert big({"a": 1, "N": 7_000_000_000, "D": 1_400_000_000_000}) == pytest.approx(9.8e21)


def test_internal_coordinates_are_logarithms_where_asked():
    law = find_law("chinchilla")
    natural = np.array([[1.5, 400.0, 0.3, 1000.0, 0.4], [0.0, 1e-300, 0.0, 1e300, 5.0]])
    internal = law.internal(natural)
    np.testing.assert_allclose(internal[0], [1.5, math.log(400), 0.3, math.log(1000), 0.4])
    np.testing.assert_allclose(law.natural(internal), natural, rtol=1e-12)
    assert law.internal(np.array([0.0, 0, 0, 0, 0]))[1] == -math.inf


def test_inputs_are_checked():
    law = find_law("chinchilla")
    np.testing.assert_allclose(law.inputs({"N": [math.e], "D": [1.0]}), [[1.0], [0.0]])
    with pytest.raises(LawError, match="needs N, D; D is missing among N"):
        law.inputs({"N": [1.0]})
    with pytest.raises(LawError, match="N must be positive, got -2"):
        law.inputs({"N": [1.0, -2.0], "D": [1.0]})
    with pytest.raises(LawError, match="D must be positive, got 0"):
        law.inputs({"N": [1.0], "D": [0.0]})
    with pytest.raises(LawError, match="N must be positive, got nan"):
        law.inputs({"N": [math.nan], "D": [1.0]})


def test_bounds_can_be_changed():
    law = find_law("power_floor").with_bounds({"alpha": (0.1, 0.4)})
    assert law.parameters[2].bounds == (0.1, 0.4)
    assert law.parameters[:2] == find_law("power_floor").parameters[:2]
    with pytest.raises(LawError, match=r"'gamma', which is no parameter.*E, A, alpha"):
        law.with_bounds({"gamma": (0, 1)})
    with pytest.raises(LawError, match=r"bounds \[2\.0, 1\.0\]"):
        law.with_bounds({"alpha": (2, 1)})


@pytest.mark.parametrize("name", sorted(forms()))
def test_documents_of_built_in_laws(name):
    law = forms()[name]
    assert Law.from_document(json.loads(dumps(law.to_document()))) == law


def test_documents_keep_infinite_bounds_and_guesses():
    law = from_formula("a*N + b/N**c").with_bounds({"a": (-math.inf, math.inf)})
    again = Law.from_document(json.loads(dumps(law.to_document())))
    assert again == law
    assert again.guesses == law.guesses
    assert again.parameters[0].bounds == (-math.inf, math.inf)
    assert "Infinity" not in dumps(law.to_document())


def test_a_document_is_a_copy():
    law = from_formula("a + b/N**c")
    document = law.to_document()
    document["variables"][0]["name"] = "D"
    document["parameters"][0]["name"] = "z"
    assert law.variable_names == ("N",)
    assert law.parameter_names == ("a", "b", "c")


def test_every_built_in_law_has_a_source_and_meanings():
    for law in forms().values():
        assert law.sources
        assert all(s.cite and s.where and s.url.startswith("https://") for s in law.sources)
        assert law.summary
        assert all(part.meaning for part in (*law.variables, *law.parameters)), law.id


def test_a_law_prints_as_its_formula():
    assert repr(find_law("power")) == "Law('power': loss = A/N**alpha)"
