"""Generated code: values and derivatives against an independent calculation in 50 digits."""

import json
import subprocess
import sys

import mpmath
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.form_points import scattered

from isoloss.exceptions import FormulaError
from isoloss.law import Law, Parameter, Variable, forms, from_formula
from isoloss.law.calculus import (
    FORMS,
    Coordinates,
    compile_code,
    differentiate,
    from_json,
    key,
    to_json,
)
from isoloss.law.expression import evaluate, parse
from isoloss.law.functions import Functions
from isoloss.law.read import read_family
from isoloss.law.tree import Apply, Name, Number


def m4root(w, a):
    """z with z = w*(1 - z)**a, by bisection of a function that rises from 0 to 1."""
    low, high = mpmath.mpf(0), mpmath.mpf(1)
    for _ in range(180):
        middle = (low + high) / 2
        low, high = (middle, high) if middle < w * (1 - middle) ** a else (low, middle)
    return low


MP = {
    "m4root": m4root,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "neg": lambda a: -a,
    "exp": mpmath.exp,
    "log": mpmath.log,
    "log2": lambda a: mpmath.log(a, 2),
    "log10": mpmath.log10,
    "log1p": mpmath.log1p,
    "expm1": mpmath.expm1,
    "sqrt": mpmath.sqrt,
    "tanh": mpmath.tanh,
    "abs": abs,
    "min": min,
    "max": max,
}


def exact(law: Law, theta, inputs):
    """The law in 50 digits at internal coordinates, by walking the tree: no generated code."""
    at = {}
    for part, value in zip((*law.parameters, *law.variables), (*theta, *inputs), strict=True):
        at[part.name] = mpmath.exp(value) if part.log else mpmath.mpf(value)

    def walk(node):
        if isinstance(node, Number):
            return mpmath.mpf(node.value)
        if isinstance(node, Name):
            return at[node.id]
        assert isinstance(node, Apply)
        return MP[node.op](*map(walk, node.args))

    return walk(law.expression.root)


def slope(law: Law, theta, inputs, *which: int):
    """Derivative along one or two of the joined coordinates (parameters, then variables)."""
    joined = [mpmath.mpf(float(v)) for v in (*theta, *inputs)]
    split, h = len(theta), mpmath.mpf(10) ** -16

    def value(steps):
        moved = list(joined)
        for index, sign in zip(which, steps, strict=True):
            moved[index] += sign * h
        return exact(law, moved[:split], moved[split:])

    if len(which) == 1:
        return (value([1]) - value([-1])) / (2 * h)
    corners = value([1, 1]) - value([1, -1]) - value([-1, 1]) + value([-1, -1])
    return corners / (4 * h * h)


def close(found, wanted, size: float = 0.0) -> None:
    assert float(found) == pytest.approx(float(wanted), rel=2e-11, abs=1e-12 * max(size, 1e-300))


def check(law: Law, theta: np.ndarray, inputs: list[float]) -> None:
    """Every function of the code at one point."""
    rows = [np.array([x]) for x in inputs]
    batch = theta[None, :]
    functions = law.functions
    p = len(theta)
    with np.errstate(all="ignore"), mpmath.workdps(50):
        value = exact(law, theta, inputs)
        size = abs(float(value))
        close(functions.value(batch, rows)[0, 0], value)
        m, *first = functions.jacobian(batch, rows)
        close(np.squeeze(m), value)
        again, *entries = functions.hessian(batch, rows)
        close(np.squeeze(again), value)
        for i in range(p):
            wanted = slope(law, theta, inputs, i)
            close(np.squeeze(first[i]), wanted, size)
            close(np.squeeze(entries[i]), wanted, size)
        second = dict(zip(functions.pairs, entries[p:], strict=True))
        for i in range(p):
            for j in range(i, p):
                wanted = slope(law, theta, inputs, i, j)
                assert float(np.squeeze(second.get((i, j), 0.0))) == pytest.approx(
                    float(wanted), rel=1e-9, abs=1e-9 * size
                )
        m, *slopes = functions.slopes(batch, rows)
        close(np.squeeze(m), value)
        for k, found in enumerate(slopes):
            close(np.squeeze(found), slope(law, theta, inputs, p + k), size)
        check_basis(law, theta, rows, value)


def check_basis(law: Law, theta: np.ndarray, rows: list[np.ndarray], value) -> None:
    """The law is the rest plus each linear parameter, in natural units, times its basis."""
    natural = law.natural(theta)
    # the linear entries of theta must not matter
    other = theta.copy()
    other[list(law.functions.linear)] = 0.123
    rest, *columns = law.functions.basis(other[None, :], rows)
    terms = [natural[i] * np.squeeze(c) for i, c in zip(law.functions.linear, columns, strict=True)]
    total = np.squeeze(rest) + sum(terms)
    assert float(total) == pytest.approx(float(value), rel=1e-10)


@pytest.mark.parametrize("name", sorted(forms()))
def test_built_in_forms_at_random_points(name):
    law = forms()[name]
    # second derivatives at 50 digits take their time where there are many parameters
    count = 5 if len(law.parameters) <= 8 else 1
    at = scattered(law, count, seed=7)
    inputs = law.inputs(at)
    for i in range(count):
        theta = law.internal(np.array([at[p][i] for p in law.parameter_names]))
        check(law, theta, [float(x[i]) for x in inputs])


def test_the_chinchilla_law_by_hand():
    functions = forms()["chinchilla"].functions
    assert functions.linear == (0, 1, 3)
    theta = np.array([[1.5, np.log(400.0), 0.3, np.log(1000.0), 0.4]])
    x = [np.log(np.array([1e8, 1e9])), np.log(np.array([1e10, 2e10]))]
    size, data = 400 / np.array([1e8, 1e9]) ** 0.3, 1000 / np.array([1e10, 2e10]) ** 0.4
    np.testing.assert_allclose(functions.value(theta, x)[0], 1.5 + size + data, rtol=1e-13)
    _, e, a, alpha, b, beta = functions.jacobian(theta, x)
    assert e == 1
    np.testing.assert_allclose(a[0], size, rtol=1e-13)
    np.testing.assert_allclose(alpha[0], -size * x[0], rtol=1e-13)
    np.testing.assert_allclose(b[0], data, rtol=1e-13)
    np.testing.assert_allclose(beta[0], -data * x[1], rtol=1e-13)


EXTRA = [
    "E + A*N**-a",
    "E + A/(N + D)**a",
    "E + A*exp(-b*N**c)",
    "A*log(N)**2 + b*log10(D) + c*log2(N)",
    "E + (A/N**a)**c*(B/D**b)**(1 - c)",
    "sqrt(A + 1/N) + tanh(b*log(D)/20) - c",
    "E + A*log1p(b/N) + c*expm1(-d/D)",
    "E + max(A/N**a, B/D**b)",
    "min(E, A/N**a, B/D**b)",
    "E + abs(c - A/N**a)",
    "E + A/N**a*(1 - exp(-(D/N)**b))",
    "E + 0.1*A/N**(1/3) + 1e22/D**2",
    "(E + A/N**a)/(1 + b/D**0.5)",
    "N**a*E - D**b*A",
]


@pytest.mark.parametrize("text", EXTRA)
def test_new_formulas_at_random_points(text):
    law = from_formula(text)
    rng = np.random.default_rng(3)
    for _ in range(3):
        inputs = [float(rng.uniform(0.5, 4)) for _ in law.variables]
        check(law, np.array(rng.uniform(0.2, 1.4, len(law.parameters))), inputs)


def random_formulas() -> st.SearchStrategy[str]:
    """Formulas that stay positive and moderate, so that every point is a fair one."""
    leaves = st.sampled_from(["N", "D", "a", "b", "c", "0.5", "2", "1.25"])

    def grow(inner):
        return st.one_of(
            st.builds("({} + {})".format, inner, inner),
            st.builds("({} * {})".format, inner, inner),
            st.builds("({} / (1 + {}))".format, inner, inner),
            st.builds("({} ** -{})".format, inner, st.sampled_from(["a", "b", "0.5"])),
            st.builds("log1p({})".format, inner),
            st.builds("tanh({})".format, inner),
            st.builds("exp(-{})".format, inner),
        )

    return st.recursive(leaves, grow, max_leaves=6)


@settings(max_examples=25, phases=[Phase.generate])
@given(random_formulas(), st.integers(0, 10**6))
def test_random_formulas_at_random_points(text, seed):
    expression = parse(f"c + N + a*{text}")
    rng = np.random.default_rng(seed)
    law = Law(
        id="random",
        name="random",
        formula=expression.text,
        target="loss",
        variables=tuple(
            Variable(n, log=bool(rng.integers(2))) for n in "ND" if n in expression.names
        ),
        parameters=tuple(
            Parameter(n, (0.0, 9.0), "log" if rng.integers(2) else "identity")
            for n in "abc"
            if n in expression.names
        ),
    )
    inputs = [float(rng.uniform(0.3, 1.5)) for _ in law.variables]
    check(law, rng.uniform(0.2, 1.2, len(law.parameters)), inputs)


def test_a_batch_is_the_same_as_one_row_at_a_time():
    law = forms()["kaplan"]
    rng = np.random.default_rng(0)
    theta = np.column_stack([rng.uniform(20, 30, 5), rng.uniform(0.05, 0.2, 5)] * 2)
    rows = [np.log(rng.uniform(1e8, 1e10, 7)), np.log(rng.uniform(1e9, 1e11, 7))]
    together = law.functions.value(theta, rows)
    assert together.shape == (5, 7)
    for i in range(5):
        np.testing.assert_array_equal(together[i], law.functions.value(theta[i : i + 1], rows)[0])
    # rows may also have inputs of their own
    own = [np.tile(x, (5, 1)) for x in rows]
    np.testing.assert_array_equal(law.functions.value(theta, own), together)


def test_shipped_code_is_what_the_formulas_give_today():
    for path in sorted(FORMS.glob("*.toml")):
        shipped = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        laws = {key(law.expression, law.coordinates): law for law in read_family(path).values()}
        assert set(shipped) == set(laws), f"{path.name} changed: python -m isoloss.law.precompile"
        for wanted, law in laws.items():
            fresh = differentiate(law.expression, law.coordinates)
            # how SymPy orders terms is its own affair; what they are worth is not
            again = to_json(fresh)
            assert shipped[wanted]["pairs"] == again["pairs"]
            assert shipped[wanted]["linear"] == again["linear"]
            same_values(law, Functions(from_json(shipped[wanted])), Functions(fresh))


def same_values(law: Law, one: Functions, two: Functions) -> None:
    at = scattered(law, 6, seed=1)
    theta = law.internal(np.stack([at[p][:4] for p in law.parameter_names], axis=-1))
    rows = law.inputs(at)
    for name in ("value", "jacobian", "hessian", "slopes", "basis"):
        a, b = getattr(one, name)(theta, rows), getattr(two, name)(theta, rows)
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            size = max(np.max(np.abs(y)), 1e-300)
            np.testing.assert_allclose(x, y, rtol=1e-10, atol=1e-12 * size)


def test_every_shipped_json_belongs_to_a_toml():
    assert {p.stem for p in FORMS.glob("*.json")} == {p.stem for p in FORMS.glob("*.toml")}


def test_the_key_follows_the_formula_and_not_its_names():
    both = Coordinates(("N",), (True,), ("E", "A", "a"), (False, True, False))
    renamed = Coordinates(("C",), (True,), ("f", "k", "g"), (False, True, False))
    assert key(parse("E + A/N**a"), both) == key(parse("f+k/C**g"), renamed)
    others = [
        key(parse("E + A*N**a"), both),
        key(parse("A + E/N**a"), both),
        key(
            parse("E + A/N**a"),
            Coordinates(("N",), (False,), ("E", "A", "a"), (False, True, False)),
        ),
        key(
            parse("E + A/N**a"), Coordinates(("N",), (True,), ("E", "A", "a"), (True, True, False))
        ),
        key(
            parse("E + A/N**a"), Coordinates(("N",), (True,), ("a", "A", "E"), (False, True, False))
        ),
        key(parse("1 + E + A/N**a"), both),
        key(parse("2 + E + A/N**a"), both),
    ]
    assert len({key(parse("E + A/N**a"), both), *others}) == 8


def test_code_survives_json():
    law = from_formula("E + A/N**a")
    code = differentiate(law.expression, law.coordinates)
    assert from_json(json.loads(json.dumps(to_json(code)))) == code
    assert compile_code(law.expression, law.coordinates).linear == (0, 1)


@pytest.mark.parametrize("name", sorted(forms()))
def test_no_sympy_for_a_built_in_law(name):
    program = (
        "import sys, isoloss\n"
        f"law = isoloss.find_law({name!r})\n"
        "law.functions, law.latex, law.javascript\n"
        "print([m for m in ('sympy', 'scipy', 'plotly', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_sympy_is_used_for_a_new_formula():
    program = (
        "import sys\nfrom isoloss.law import from_formula\n"
        "from_formula('E + A/N**a*exp(-b*N)').functions\nprint('sympy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True"


@pytest.mark.parametrize(
    "text",
    ["E + A/N**alpha + 9**9**9", "E + A/N**10**400", "E + A/0/N", "A*N + sqrt(-1)", "E*N + log(0)"],
)
def test_a_formula_without_a_real_value_is_refused_at_once(text):
    program = (
        "from isoloss.law import from_formula\nfrom isoloss.exceptions import FormulaError\n"
        f"try:\n    from_formula({text!r}).functions\n"
        "except FormulaError as error:\n    print('refused:', error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=15
    )
    assert done.stdout.startswith("refused:"), done.stderr[-300:]


def test_constants_keep_all_their_digits():
    law = from_formula("E + 0.1*A/N**0.30000000000000004")
    at = {"E": 0.0, "A": 1.0, "N": 7.0}
    theta = law.internal(np.array([[0.0, 1.0]]))
    found = law.functions.value(theta, [np.log(np.array([7.0]))])[0, 0]
    assert found == pytest.approx(float(evaluate(law.expression, at)), rel=1e-15)


def test_text_is_refused():
    with pytest.raises((FormulaError, TypeError), match="text"):
        differentiate(parse("N == 'a'", conditions=True), Coordinates(("N",), (True,), (), ()))
