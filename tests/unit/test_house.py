"""House rules: floors, sizes, docstrings, a light import, and the public names."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import isoloss
from isoloss import verbs

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "isoloss"
FILES = sorted(SOURCE.rglob("*.py"))

# a room imports only from rooms on floors before its own; those on one floor not from each other
FLOORS = [
    ["exceptions"],
    ["notices"],
    ["store"],
    ["verbs"],
    ["quantities"],
    ["law"],
    ["runs"],
    ["fit"],
    ["trust"],
    ["plan"],
    ["multimodal", "federated", "errors"],
    ["ladders"],
    ["lab", "evidence"],
    ["report"],
    ["explore"],
    ["cli"],
]
FLOOR_OF = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
MOST_LINES = 450
HEAVY = (
    "numpy",
    "scipy",
    "sympy",
    "plotly",
    "torch",
    "pandas",
    "pyarrow",
    "narwhals",
    "typer",
    "rich",
)


def room_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return parts[0]


def imports_of(path: Path) -> list[tuple[int, str]]:
    """Every isoloss module that a file imports, wherever the import stands."""
    found = []
    package = ["isoloss", *path.relative_to(SOURCE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            found.append((node.lineno, module))
            if module == "isoloss":
                found[-1:] = [(node.lineno, f"isoloss.{alias.name}") for alias in node.names]
        elif (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", ""))
            in ("import_module", "__import__")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            found.append((node.lineno, str(node.args[0].value)))
    return [(line, module) for line, module in found if module.split(".")[0] == "isoloss"]


def target_room(module: str) -> str:
    parts = module.split(".")
    if len(parts) == 1:
        return ""
    # a public name of the package stands for the room that it comes from
    home = isoloss._HOMES.get(parts[1])
    return home.split(".")[1] if home else parts[1]


def test_every_room_has_a_floor():
    rooms = {room_of(path) for path in FILES} - {"__init__", "__main__"}
    assert rooms <= set(FLOOR_OF)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_point_down(path):
    room = room_of(path)
    if room in ("__init__", "__main__"):
        return
    wrong = []
    for line, module in imports_of(path):
        other = target_room(module)
        if other == "__version__" or other == room:
            continue
        if other == "":
            wrong.append(f"line {line}: the package itself")
        elif FLOOR_OF[other] >= FLOOR_OF[room]:
            wrong.append(f"line {line}: {module}")
    assert not wrong, f"{room} may not import from its own floor or above: {wrong}"


def test_the_reader_of_imports_sees_every_kind(tmp_path, monkeypatch):
    folder = tmp_path / "fit"
    folder.mkdir()
    path = folder / "x.py"
    path.write_text(
        "import isoloss.law\n"
        "from isoloss import store, plan\n"
        "from isoloss.trust.check import x\n"
        "from .other import y\n"
        "from ..runs import z\n"
        "def f():\n"
        "    from isoloss.cli import main\n"
        "    import_module('isoloss.report')\n"
        "import numpy\n"
    )
    monkeypatch.setattr(f"{__name__}.SOURCE", tmp_path)
    assert sorted({target_room(module) for _, module in imports_of(path)}) == sorted(
        ["law", "store", "plan", "trust", "fit", "runs", "cli", "report"]
    )


def test_only_the_table_of_verbs_points_up():
    # strings such as "isoloss.plan:plan" are how the table points; no other low room holds one
    for path in FILES:
        room = room_of(path)
        if room in ("__init__", "__main__", "verbs"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                match = re.fullmatch(r"isoloss\.(\w+)(\.\w+)*(:\w+)?", node.value)
                if match and match.group(1) in FLOOR_OF:
                    assert FLOOR_OF[match.group(1)] <= FLOOR_OF[room], f"{path}: {node.value}"


@pytest.mark.parametrize("verb", sorted(verbs.VERBS))
def test_every_verb_is_spoken_by_a_function(verb):
    from importlib import import_module

    module, name = verbs.VERBS[verb].split(":")
    assert callable(getattr(import_module(module), name))


def test_speak_passes_everything_on(monkeypatch):
    monkeypatch.setitem(verbs.VERBS, "test", "isoloss.store:envelope")
    assert verbs.speak("test", "x@1", {"a": 1}, result={})["inputs"] == {"a": 1}
    with pytest.raises(KeyError):
        verbs.speak("sing")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_files_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_what_is_public_is_documented(path):
    text = path.read_text(encoding="utf-8")
    if not text.strip():
        return
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "the module has no docstring"
    missing = []

    def visit(node: ast.AST, inside: str) -> None:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if child.name.startswith("_") or overloaded(child):
                continue
            if not ast.get_docstring(child):
                missing.append(f"{inside}{child.name}")
            if isinstance(child, ast.ClassDef):
                visit(child, f"{child.name}.")

    visit(tree, "")
    assert not missing


def overloaded(node: ast.AST) -> bool:
    names = [getattr(d, "id", getattr(d, "attr", "")) for d in getattr(node, "decorator_list", [])]
    return "overload" in names


def run(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return done.stdout.strip()


def test_importing_the_package_loads_nothing_heavy():
    program = f"import sys, isoloss\nprint([m for m in {HEAVY} if m in sys.modules])"
    assert run(program) == "[]"


def test_importing_the_package_costs_next_to_nothing():
    program = "import time\nt = time.process_time()\nimport isoloss\nprint(time.process_time() - t)"
    assert min(float(run(program)) for _ in range(3)) < 0.1


@pytest.mark.parametrize(
    "module",
    [
        "isoloss.law",
        "isoloss.runs",
        "isoloss.fit",
        "isoloss.trust",
        "isoloss.plan",
        "isoloss.quantities",
    ],
)
def test_rooms_import_heavy_packages_only_when_used(module):
    # NumPy is what arrays are made of; the rest waits until it is needed
    heavy = tuple(m for m in HEAVY if m != "numpy")
    assert run(f"import sys, {module}\nprint([m for m in {heavy} if m in sys.modules])") == "[]"


def test_the_exported_names():
    assert sorted(isoloss.__all__) == [
        "Fit",
        "InputError",
        "IsolossError",
        "Law",
        "Plan",
        "Runs",
        "Verdict",
        "find_law",
        "read_curves",
        "read_runs",
    ]
    for name in isoloss.__all__:
        assert getattr(isoloss, name).__name__ == name
        assert name in dir(isoloss)
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", isoloss.__version__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = isoloss.nothing


def test_errors_stand_in_one_tree():
    from isoloss import exceptions

    kinds = [
        e
        for e in vars(exceptions).values()
        if isinstance(e, type) and e.__module__ == exceptions.__name__
    ]
    assert len(kinds) >= 10
    for kind in kinds:
        assert issubclass(kind, exceptions.IsolossError)
        assert kind.__name__ in (exceptions.__doc__ or "") or kind is exceptions.IsolossError
        assert kind.__doc__
    message = str(exceptions.MissingExtraError("torch", "lab", "training"))
    assert message.startswith("training needs the package 'torch', which is not installed")
    assert message.endswith("pip install 'isoloss[lab]'")


def written_files() -> list[Path]:
    kinds = {
        ".py",
        ".md",
        ".toml",
        ".json",
        ".csv",
        ".txt",
        ".js",
        ".css",
        ".html",
        ".yml",
        ".yaml",
    }
    folders = [ROOT / name for name in ("src", "tests", "docs", "benchmarks")]
    found = [p for folder in folders if folder.is_dir() for p in folder.rglob("*")]
    found += [p for p in ROOT.iterdir() if p.suffix in kinds or p.name == "Makefile"]
    return [
        p
        for p in found
        if p.is_file()
        and (p.suffix in kinds or p.name == "Makefile")
        and "__pycache__" not in p.parts
    ]


def test_no_text_names_private_places():
    # written in parts, so that this file does not name them either
    private = [
        "/" + "work/",
        "/" + "tmp/",
        "/" + "opt/iso",
        "/" + "root/",
        "/." + "library",
        "contracts" + ".md",
        "DESIGN" + ".md",
        "STYLE" + ".md",
    ]
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in written_files()
        for word in private
        if word in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert len(written_files()) > 50
    assert not found
