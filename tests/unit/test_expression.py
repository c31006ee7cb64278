"""The formula language: what is read, what it is worth, and what is refused."""

import contextlib
import time
import warnings

import numpy as np
import pytest

from isoloss.exceptions import FormulaError
from isoloss.law.expression import (
    MAX_DEPTH,
    MAX_LENGTH,
    Apply,
    Name,
    Number,
    evaluate,
    parse,
    rename,
)


def value(text: str, conditions: bool = False, **values):
    return evaluate(parse(text, conditions=conditions), values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2+3*4", 14),
        ("(2+3)*4", 20),
        ("2-3-4", -5),
        ("24/4/2", 3),
        ("2**3**2", 512),
        ("2^3^2", 512),
        ("-2**2", -4),
        ("(-2)**2", 4),
        ("2**-1", 0.5),
        ("2^-1", 0.5),
        ("--3", 3),
        ("+3", 3),
        ("2*-3", -6),
        ("1e3 + 1_000", 2000),
        ("exp(0) + log(1) + log2(8) + log10(1000)", 7),
        ("sqrt(9) + abs(-2) + tanh(0) + log1p(0) + expm1(0)", 5),
        ("min(3, 1, 2) + 10*max(3, 1, 4)", 41),
    ],
)
def test_arithmetic_follows_the_usual_precedence(text, expected):
    assert value(text) == pytest.approx(expected, abs=1e-15)


def test_integers_given_from_outside_are_numbers_and_do_not_wrap_around():
    assert value("N*D", N=7_000_000_000, D=1_400_000_000_000) == pytest.approx(9.8e21, rel=1e-12)
    assert value("N**k", N=np.array([10]), k=-1) == pytest.approx(0.1)


@pytest.mark.parametrize("name", ["E", "I", "N", "S", "O", "Q", "C", "beta", "gamma", "zeta", "pi"])
def test_a_name_is_only_a_name(name):
    tree = parse(f"2*{name}")
    assert tree.names == (name,)
    assert tree.root == Apply("*", (Number(2.0), Name(name)))
    assert evaluate(tree, {name: 21.0}) == 42.0


def test_backticks_quote_any_column_name():
    tree = parse("`params (M)` * 1e6 + `lambda` + `a^b`")
    assert tree.names == ("params (M)", "lambda", "a^b")
    assert evaluate(tree, {"params (M)": 2.0, "lambda": 1.0, "a^b": 3.0}) == 2e6 + 4
    assert parse("`N` + N").names == ("N",)


@pytest.mark.parametrize("text", ["`a", "a`", "``", "`a` + `b"])
def test_a_backtick_left_open_is_named(text):
    with pytest.raises(FormulaError, match="backtick is left open"):
        parse(text)


@pytest.mark.parametrize("text", ["`a``b`", "`a`b", "a`b`"])
def test_quoted_names_do_not_grow_together(text):
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert "_quoted_" not in str(caught.value)


def test_names_come_in_order_of_first_appearance():
    assert parse("E + A/N**alpha + B/D**beta + A").names == (
        *("E", "A", "N", "alpha", "B", "D", "beta"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("N > 2", [False, False, True]),
        ("1 < N < 3", [False, True, False]),
        ("1 <= N != 2", [True, False, True]),
        ("not N > 2", [True, True, False]),
        ("N == 1 or N == 3", [True, False, True]),
        ("N > 1 and N < 3 and s == 'b'", [False, True, False]),
        ("s in ('a', 'c')", [True, False, True]),
        ("s not in ['a', 'c']", [False, True, False]),
        ("N in {1, 3}", [True, False, True]),
        ("s != 'b'", [True, False, True]),
        ("D/N > 1", [True, False, False]),
        ("s == 'a^b'", [False, False, False]),
    ],
)
def test_conditions(text, expected):
    found = value(
        text,
        True,
        N=np.array([1.0, 2.0, 3.0]),
        D=np.array([2.0, 2, 2]),
        s=np.array(["a", "b", "c"]),
    )
    assert found.tolist() == expected


def test_quoted_text_is_kept_to_the_letter():
    labels = np.array(["a^b", "a**b", "x`y`z", r"C:\data"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert value("s == 'a^b'", True, s=labels).tolist() == [True, False, False, False]
        assert value("s == 'x`y`z'", True, s=labels).tolist() == [False, False, True, False]


@pytest.mark.parametrize("text", [r"s == 'C:\data'", "1and N", "0x1for N"])
def test_reading_never_warns(text):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with contextlib.suppress(FormulaError):
            parse(text, conditions=True)
    assert not caught


@pytest.mark.parametrize("text", ["N > 2", "N > 2 and N < 3", "not N", "'a'", "N in (1, 2)"])
def test_a_formula_holds_no_condition(text):
    with pytest.raises(FormulaError, match="is not allowed in"):
        parse(text)


def test_text_beside_numbers_is_an_error_that_says_so():
    with pytest.raises(FormulaError, match="'==' does not work on numbers and text"):
        value("N == 'a'", True, N=np.array([1.0]))
    with pytest.raises(FormulaError, match="takes a list such as"):
        parse("s in t", conditions=True)


def test_an_unknown_name_comes_with_the_closest_known_ones():
    with pytest.raises(FormulaError, match=r"unknown name 'alfa'.*did you mean alpha"):
        value("alfa*N", alpha=1.0, N=1.0)


def test_arrays_broadcast():
    assert value("a*N", a=np.ones((3, 1)), N=np.arange(4.0)).shape == (3, 4)


def test_rename_replaces_whole_names_only():
    assert rename("N + N_c + aN + exp(N)", {"N": "C"}) == "C + N_c + aN + exp(C)"
    # the power of ten of a number is no name
    assert rename("1e-05*e + 2.5e3*x1e5", {"e": "f", "e3": "g"}) == "1e-05*f + 2.5e3*x1e5"


LABELS = {"i": ("web", "code"), "j": ("1",)}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("sum(C[i]*h[i])", "C_web*h_web + C_code*h_code"),
        ("prod(1 + C[i]/N)", "(1 + C_web/N)*(1 + C_code/N)"),
        ("E + 2*sum(C[i])**a", "E + 2*(C_web + C_code)**a"),
        ("sum(C[j])", "C_1"),
        ("sum(sum(C[i]*d[j]))", None),
    ],
)
def test_a_sum_over_an_index_is_written_out(text, written):
    if written is None:
        with pytest.raises(FormulaError, match="one term with one index"):
            parse(text, labels=LABELS)
    else:
        assert parse(text, labels=LABELS).root == parse(written).root


def test_a_letter_without_labels_keeps_its_sum():
    kept = parse("E + sum(C[i]*h[i])", labels={"i": ()})
    assert kept.names == ("E", "C[i]", "h[i]", "i")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("C[i]", r"'C\[i\]' in 'C\[i\]' stands outside of sum.*its indices: i, j"),
        ("sum(C[k])", "takes one term with one index.*indices of this law: i, j"),
        ("sum(N)", "takes one term with one index"),
        ("sum(C[i], h[i])", "takes one term with one index"),
        ("sum(C[i]) + h[i]", r"'h\[i\]'.*stands outside of sum"),
        ("sum(C[0])", "takes one term with one index"),
        ("sum(C[i+1]*h[i])", "is not allowed in"),
    ],
)
def test_an_index_that_means_nothing_is_refused(text, message):
    with pytest.raises(FormulaError, match=message):
        parse(text, labels=LABELS)


@pytest.mark.parametrize("text", ["", "   ", None, 5, b"N", ["N"]])
def test_a_formula_has_to_be_text(text):
    with pytest.raises(FormulaError, match="a formula is needed"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exp(N, N)", "takes 1 argument, got 2"),
        ("exp()", "takes 1 argument, got 0"),
        ("min(N)", "takes two or more arguments, got 1"),
        ("print(N)", r"'print\(...\)'.*no known function; allowed: .*sqrt"),
        ("N +", "cannot read the formula 'N \\+'"),
        ("N = 3", "at character 3"),
    ],
)
def test_messages_name_the_place(text, message):
    with pytest.raises(FormulaError, match=message):
        parse(text)


HOSTILE = {
    "import": "__import__('os').system('echo')",
    "import call": "__import__('os')",
    "dunder": "N.__class__.__mro__",
    "attribute": "N.x",
    "attribute of a call": "exp(N).real",
    "subscript": "N[0]",
    "slice": "N[1:2]",
    "lambda": "lambda: 1",
    "lambda called": "(lambda x: x)(1)",
    "list comprehension": "[x for x in N]",
    "generator": "max(x for x in N)",
    "dict": "{N: 1}",
    "set": "{N}",
    "tuple": "(N, N)",
    "f-string": "f'{N}'",
    "nested f-string": "f'{__import__(\"os\")}'",
    "bytes": "b'a'",
    "walrus": "(N := 1)",
    "star": "min(*N, N)",
    "keyword": "exp(x=N)",
    "one keyword more": "exp(N, x=1)",
    "conditional": "N if N else N",
    "await": "await N",
    "yield": "(yield N)",
    "statement": "import os",
    "two statements": "N; N",
    "assignment": "N = 1",
    "matrix product": "N @ N",
    "floor": "N // 2",
    "modulo": "N % 2",
    "bits": "N & 1",
    "inversion": "~N",
    "shift": "1 << 99999999",
    "is": "N is N",
    "complex": "1j*N",
    "true": "True",
    "none": "None",
    "ellipsis": "...",
    "called twice": "exp(N)(N)",
    "parentheses": "(" * 10_000 + "N" + ")" * 10_000,
    "parentheses that fit": "(" * 1_900 + "N" + ")" * 1_900,
    "unary chain": "-" * 10_000 + "N",
    "unary chain that fits": "-" * 3_900 + "N",
    "sum chain": "+".join(["N"] * 10_000),
    "sum chain that fits": "+".join(["N"] * 1_900),
    "power chain": "**".join(["N"] * 1_300),
    "call chain": "exp(" * 700 + "N" + ")" * 700,
    "not chain": "not " * 990 + "N",
    "comparison tower": "N<(" * 17 + "N" + ")<N" * 17,
    "comparison tower in sums": "N<(1+(" * 17 + "N" + "))<N" * 17,
    "five megabytes": "N" * 5_000_000,
    "five megabytes of sums": "N+" * 2_500_000 + "N",
    "null byte": "N\0+1",
    "only a null byte": "\0",
    "surrogate": "N + \ud800",
    "huge integer": "9" * 3_900,
    "huge integer, longer": "9" * 100_000,
    "huge float": "N*1e999",
    "byte order mark": "\ufeffN",
    "right-to-left mark": "N\u202e+1",
    "zero-width space": "N\u200b+1",
    "minus look-alike": "N \u2212 1",
    "times look-alike": "N \u00d7 2",
    "newline": "N\n+1",
    "backticks": "`" * 3_999,
}


@pytest.mark.parametrize("conditions", [False, True])
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_is_refused_clearly_and_at_once(case, conditions):
    started = time.perf_counter()
    with pytest.raises(FormulaError) as caught:
        parse(HOSTILE[case], conditions=conditions)
    assert time.perf_counter() - started < 1.0
    message = str(caught.value)
    assert 20 < len(message) < 500
    assert "Error" not in message


def test_a_surrogate_is_not_called_deep():
    with pytest.raises(FormulaError) as caught:
        parse("\ud800")
    assert "deep" not in str(caught.value)


def test_letters_that_python_reads_as_one_are_one_name():
    # Python's own parser normalises identifiers (NFKC), so a look-alike is no second name
    assert parse("Ｎ + 𝐍 + N").names == ("N",)


def test_the_limits_themselves_are_allowed():
    assert parse("N" + "+N" * (MAX_DEPTH - 1)).names == ("N",)
    assert parse("N" + " " * (MAX_LENGTH - 3) + "+1").names == ("N",)
    with pytest.raises(FormulaError, match="too deeply"):
        parse("N" + "+N" * (MAX_DEPTH + 1))
    with pytest.raises(FormulaError, match="at most 4,000"):
        parse("N" + "+1" * 2_000)


def test_division_by_zero_is_a_value_not_a_warning():
    assert np.isinf(value("1/N", N=np.array([0.0]))[0])
