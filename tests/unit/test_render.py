"""LaTeX and JavaScript of a formula: the same value, the same reading."""

import json
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from isoloss.exceptions import LawError
from isoloss.law import Law, Parameter, Variable, find_law
from isoloss.law.expression import evaluate, parse
from isoloss.law.render import javascript, latex, latex_name
from isoloss.law.tree import FUNCTIONS

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
POINTS = [
    {"x": 0.7, "y": 1.9, "z": 0.05},
    {"x": 2.5, "y": 0.3, "z": 1.1},
    {"x": -1.3, "y": 4.0, "z": 0.6},
]


def run_node(cases: list[tuple[str, dict[str, float]]]) -> list[float]:
    """Values of JavaScript expressions at their variables, in one process."""
    program = """
        let text = "";
        process.stdin.on("data", part => text += part);
        process.stdin.on("end", () => {
          const values = JSON.parse(text).map(([code, at]) =>
            new Function(...Object.keys(at), "return " + code)(...Object.values(at)));
          console.log(JSON.stringify(values.map(String)));
        });
    """
    done = subprocess.run(
        ["node", "-e", program],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [float(v.replace("Infinity", "inf")) for v in json.loads(done.stdout)]


def agree(texts: list[str], points: list[dict[str, float]]) -> int:
    """Compare Node with NumPy; returns how many finite values were compared."""
    trees = [parse(text) for text in texts]
    cases = [(javascript(tree), at) for tree in trees for at in points]
    wanted = [float(evaluate(tree, at)) for tree in trees for at in points]
    compared = 0
    for (code, at), found, want in zip(cases, run_node(cases), wanted, strict=True):
        # beyond these sizes one rounding is magnified by what stands around it
        if np.isfinite(want) and abs(want) < 1e100:
            assert found == pytest.approx(want, rel=1e-12, abs=1e-12), (code, at)
            compared += 1
    return compared


@needs_node
def test_javascript_of_every_operator_and_function():
    texts = [
        "-x**2",
        "(-x)**2",
        "-(x + y)",
        "-(x*y)",
        "-x*y",
        "x*-y",
        "x - -y",
        "x - -3",
        "x--3",
        "x - (y - z)",
        "x - (y + z)",
        "x - y - z",
        "x/(y/z)",
        "x/y/z",
        "x/(y*z)",
        "x*(y/z)",
        "x*(y + z)",
        "-(-x)",
        "--x",
        "2**-x",
        "y**z**x",
        "(y**z)**x",
        "-y**-z",
        "(-2)**2 + -2**2",
        "1e22*x + 1e-9",
        "0.1 + 1e15 + x",
        "y^0.5",
        "min(x, y, z) + max(x, y, z)",
        *(f"{name}(y)" for name, (_, count) in FUNCTIONS.items() if count == 1),
    ]
    assert agree(texts, POINTS) > 2.9 * len(texts)


@needs_node
def test_javascript_of_every_built_in_law():
    from isoloss.law import forms

    rng = np.random.default_rng(0)
    cases, wanted = [], []
    for law in forms().values():
        for _ in range(20):
            at = {v.name: float(10 ** rng.uniform(6, 12)) for v in law.variables}
            at |= {p.name: float(rng.uniform(0.1, 1)) for p in law.parameters}
            cases.append((law.javascript, at))
            wanted.append(float(law(at)))
    np.testing.assert_allclose(run_node(cases), wanted, rtol=1e-12)


def trees() -> st.SearchStrategy[str]:
    numbers = st.sampled_from(["1", "2", "0.5", "3.25", "1e-3", "7"])
    leaves = st.sampled_from(["x", "y", "z"]) | numbers

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        operators = st.sampled_from(["+", "-", "*", "/", "**", "^"])
        one = st.sampled_from([name for name, (_, n) in FUNCTIONS.items() if n == 1])
        many = st.sampled_from(["min", "max"])
        return st.one_of(
            st.builds("({}){}({})".format, inner, operators, inner),
            st.builds("{}{}{}".format, inner, operators, inner),
            st.builds("-({})".format, inner),
            st.builds("-{}".format, inner),
            st.builds("{}({})".format, one, inner),
            st.builds("{}({}, {}, {})".format, many, inner, inner, inner),
        )

    return st.recursive(leaves, grow, max_leaves=8)


@needs_node
@settings(max_examples=8, phases=[Phase.generate])
@given(st.lists(trees(), min_size=80, max_size=120))
def test_javascript_equals_numpy_on_random_formulas(texts):
    # one process for many formulas; those that cancel to noise say nothing
    points = [{"x": 0.7, "y": 1.9, "z": 0.05}, {"x": 2.5, "y": 0.3, "z": 1.1}]
    stable = [text for text in texts if well_conditioned(text, points)]
    agree(stable, points)


def well_conditioned(text: str, points: list[dict[str, float]]) -> bool:
    """Whether a nudge of the inputs by a rounding error moves the value by not much more."""
    tree = parse(text)
    for at in points:
        nudged = [
            float(evaluate(tree, {k: v * (1 + s * 2e-15) for k, v in at.items()}))
            for s in (-1, 0, 1)
        ]
        with np.errstate(invalid="ignore"):
            spread = np.ptp(nudged)
        if not spread <= 1e-13 * max(1.0, abs(nudged[1])):
            return False
    return True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("E + A/N**alpha", r"E + \frac{A}{N^{\alpha}}"),
        ("x - (y - z)", r"x - \left(y - z\right)"),
        ("x - y - z", "x - y - z"),
        ("-x**2", "-x^{2}"),
        ("(-x)**2", r"\left(-x\right)^{2}"),
        ("-(x + y)", r"-\left(x + y\right)"),
        ("x*(y + z)", r"x \, \left(y + z\right)"),
        ("(x + y)**2", r"\left(x + y\right)^{2}"),
        ("(x**y)**z", r"\left(x^{y}\right)^{z}"),
        ("x**y**z", "x^{y^{z}}"),
        ("(x/y)**2", r"\left(\frac{x}{y}\right)^{2}"),
        ("sqrt(x + y)", r"\sqrt{x + y}"),
        ("abs(x)", r"\left|x\right|"),
        ("log(x) + log10(x)", r"\ln\left(x\right) + \log_{10}\left(x\right)"),
        ("log1p(x)", r"\ln\left(1 + x\right)"),
        ("expm1(x)", r"\left(e^{x} - 1\right)"),
        ("max(x, y)", r"\max\left(x, y\right)"),
        ("tanh(x)", r"\tanh\left(x\right)"),
        ("1e22*x", r"1 \cdot 10^{22} \, x"),
        ("1e-7*x", r"1 \cdot 10^{-7} \, x"),
        ("1e22**x", r"\left(1 \cdot 10^{22}\right)^{x}"),
        ("(-2)**x", r"\left(-2\right)^{x}"),
        ("2000000*x", r"2000000 \, x"),
    ],
)
def test_latex(text, expected):
    assert latex(parse(text)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("N", "N"),
        ("alpha", r"\alpha"),
        ("N_c", "N_{c}"),
        ("alpha_N", r"\alpha_{N}"),
        ("sigma_alpha", r"\sigma_{\alpha}"),
        ("loss", r"\mathrm{loss}"),
        ("D_eff_0", "D_{eff,0}"),
    ],
)
def test_latex_of_names(name, expected):
    assert latex_name(name) == expected


def test_a_whole_law_as_latex():
    law = find_law("chinchilla")
    assert law.latex == r"L = E + \frac{A}{N^{\alpha}} + \frac{B}{D^{\beta}}"
    assert law._repr_latex_() == f"${law.latex}$"


@pytest.mark.parametrize(
    "name",
    ["alert(1)", "a b", "</script>", "x;y", "1a", "Math", "this", "new", "exp", "constructor()"],
)
def test_no_name_of_a_law_can_become_code(name):
    """The JavaScript of a law stands in pages; a stranger may have written the law."""
    with pytest.raises(LawError, match="name"):
        Law(
            id="x",
            name="x",
            formula=f"E + `{name}`/N",
            target="loss",
            variables=(Variable("N"),),
            parameters=(Parameter("E", (0, 1)), Parameter(name, (0, 1))),
        )


def test_text_is_no_part_of_a_formula():
    with pytest.raises(TypeError, match="no text"):
        latex(parse("x == 'a'", conditions=True))
    with pytest.raises(TypeError, match="no text"):
        javascript(parse("'a'", conditions=True))
