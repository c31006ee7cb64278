"""Tables of answers are written and read back exactly, in every form."""

import json
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isoloss.errors.items import Coded, Items, Labels, Model
from isoloss.errors.items.store import load_items, write_items
from isoloss.exceptions import DocumentError, ItemsError, MissingExtraError
from isoloss.notices import Notice

ENDINGS = [".parquet", ".jsonl", ".jsonl.gz", ".csv"]
TEXTS = ("item", "task", "condition", "gold", "prediction")
OPTIONAL = ("question", "options", "cluster", "finish")


def full() -> Items:
    """Every column, with all that is awkward in it."""
    return Items(
        (
            Model("m1", "f", 1e9, 1e9, {"encoder": "ViT, large", "name": "x"}, ("m-one", "M:1")),
            Model("m2", "f", float("nan"), float("nan")),
        ),
        np.array([1, 0, 0, 1], np.int32),
        Coded.of(["q1", "q2", "00", " x "]),
        Coded.of(["t", "t", "u", "u"]),
        Coded.same("default", 4),
        Coded.of(["A", None, "", '""']),
        Coded.of([None, '"', 'a "b", c\r\nd', "ü漢😀"]),
        np.array([1, 0, -1, 1], np.int8),
        raw=np.array(["x\ny", None, "", "\t"], dtype=object),
        question=Coded.of(["What?", None, "What?", "1"]),
        options=Coded.of(['["a", "b"]', None, None, "[]"]),
        n_options=np.array([2, 0, 0, 4], np.int32),
        cluster=Coded.of([None, "i", "i", "j"]),
        loss=np.array([0.1, np.nan, np.inf, 1 / 3]),
        choices=np.array([[0.25, 0.75, np.nan], [np.nan] * 3, [0.1, np.nan, 0.9], [1, 0, 0]]),
        finish=Coded.of(["stop", None, "length", "stop"]),
        labels={
            "rules": Labels(
                Coded.of(["correct", "far", None, "correct"]),
                Coded.of(["r0", "r10", None, "r0"]),
                np.array([1.0, 0.5, np.nan, 1.0]),
            ),
            "human": Labels(
                Coded.of([None, "a.b", None, None]), Coded.of([None] * 4), np.full(4, np.nan)
            ),
        },
        notices=(Notice("x", 'said "y"\nz', "do"), Notice("w", "v")),
    )


def same(one: Items, other: Items) -> None:
    """Fail where two tables differ in anything that can be seen."""
    assert str(one.models) == str(other.models)  # NaN is not itself
    assert one.notices == other.notices
    assert one.model.tolist() == other.model.tolist()
    for name in (*TEXTS, *OPTIONAL):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert (mine is None) == (theirs is None), name
        if mine is not None:
            assert mine.texts() == theirs.texts(), name
    assert (one.raw is None) == (other.raw is None)
    assert one.raw is None or one.raw.tolist() == other.raw.tolist()
    for name in ("correct", "n_options", "loss", "choices"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert (mine is None) == (theirs is None), name
        if mine is not None:
            np.testing.assert_array_equal(mine, theirs)
            assert mine.dtype == theirs.dtype, name
    assert list(one.labels) == list(other.labels)
    for source, labels in one.labels.items():
        assert labels.mode.texts() == other.labels[source].mode.texts()
        assert labels.rule.texts() == other.labels[source].rule.texts()
        np.testing.assert_array_equal(labels.confidence, other.labels[source].confidence)


def small() -> Items:
    """What every table has, and nothing more."""
    kept = full()
    return Items(
        kept.models,
        kept.model,
        kept.item,
        kept.task,
        kept.condition,
        kept.gold,
        kept.prediction,
        kept.correct,
    )


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("make", [full, small, lambda: full().select(np.zeros(4, bool))])
def test_round_trip(tmp_path, ending, make):
    path = tmp_path / f"a{ending}"
    items = make()
    write_items(items, path)
    loaded = load_items(path)
    same(items, loaded)
    write_items(loaded, tmp_path / f"b{ending}")
    assert (tmp_path / f"b{ending}").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_part_of_a_table(tmp_path, ending):
    items = full().where(task="u")
    write_items(items, tmp_path / f"a{ending}")
    same(items, load_items(tmp_path / f"a{ending}"))


@settings(max_examples=40)
@given(
    st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=6), min_size=1, max_size=5)
)
def test_any_text_survives(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("store")
    count = len(texts)
    items = Items(
        (Model("m", "f", 1.0, 1.0),),
        np.zeros(count, np.int32),
        Coded.of(str(k) for k in range(count)),
        Coded.same("t", count),
        Coded.same("default", count),
        Coded.of(texts),
        Coded.of(texts[::-1]),
        np.ones(count, np.int8),
        raw=np.array([*texts, None], dtype=object)[:-1],
    )
    for ending in ENDINGS:
        write_items(items, folder / f"a{ending}")
        same(items, load_items(folder / f"a{ending}"))


def test_codes_go_through_as_they_are(tmp_path):
    items = full()
    write_items(items, tmp_path / "a.parquet")
    loaded = load_items(tmp_path / "a.parquet")
    for name in TEXTS:
        assert getattr(loaded, name).values == getattr(items, name).values
        assert getattr(loaded, name).codes.tolist() == getattr(items, name).codes.tolist()


def test_other_tools_can_read_it(tmp_path):
    write_items(full(), tmp_path / "a.parquet")
    frame = pd.read_parquet(tmp_path / "a.parquet")
    assert frame["model"].tolist() == ["m2", "m1", "m1", "m2"]
    assert frame["label.rules.mode"].tolist()[:2] == ["correct", "far"]
    metadata = json.loads(pq.read_schema(tmp_path / "a.parquet").metadata[b"isoloss"])
    assert metadata["schema"] == "isoloss/items@1"
    assert metadata["models"][0]["family"] == "f"
    write_items(full(), tmp_path / "a.csv")
    assert pd.read_csv(tmp_path / "a.csv")["model"].tolist() == ["m2", "m1", "m1", "m2"]
    write_items(full(), tmp_path / "a.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert rows[0]["schema"] == "isoloss/items@1"
    assert rows[1]["choices"] == [0.25, 0.75]
    assert "loss" not in rows[2]


def test_endings(tmp_path):
    for name in ("a.txt", "a", "a.json"):
        with pytest.raises(ItemsError, match=r"ends in .parquet, .jsonl, .jsonl.gz or .csv"):
            write_items(small(), tmp_path / name)
        with pytest.raises(ItemsError, match="ends in"):
            load_items(tmp_path / name)


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_not_there(tmp_path, ending):
    with pytest.raises(ItemsError, match="does not exist; read_items makes answers from logs"):
        load_items(tmp_path / f"a{ending}")
    with pytest.raises(DocumentError, match=r"cannot write .*nothing was changed"):
        write_items(small(), tmp_path / "none" / f"a{ending}")


def test_files_of_others(tmp_path):
    pd.DataFrame({"model": ["m"]}).to_parquet(tmp_path / "a.parquet")
    (tmp_path / "a.csv").write_text("model,item\nm,1\n")
    (tmp_path / "a.jsonl").write_text('{"model": "m"}\n')
    (tmp_path / "b.jsonl").write_text("no json\n")
    for name in ("a.parquet", "a.csv", "a.jsonl", "b.jsonl"):
        with pytest.raises(ItemsError, match="was not written by isoloss; read it with read_items"):
            load_items(tmp_path / name)
    (tmp_path / "b.parquet").write_bytes(b"PAR1nothing")
    with pytest.raises(ItemsError, match="is no Parquet file that can be read"):
        load_items(tmp_path / "b.parquet")


def test_a_newer_version(tmp_path):
    write_items(small(), tmp_path / "a.jsonl")
    text = (tmp_path / "a.jsonl").read_text().replace("isoloss/items@1", "isoloss/items@2")
    (tmp_path / "a.jsonl").write_text(text)
    with pytest.raises(DocumentError, match="written by a newer isoloss, upgrade to read it"):
        load_items(tmp_path / "a.jsonl")


@pytest.mark.parametrize(
    ("ending", "old", "new", "message"),
    [
        (".jsonl", '"correct": 0', '"correct": "x"', "is damaged"),
        (".jsonl", '"model": "m1"', '"model": "m9"', "is damaged: 'm9'"),
        (".jsonl", '{"model": "m1"', "{broken", "line 3 is damaged"),
        (".csv", "m1,q2,t", "m1,q2", "is damaged: row 3 has"),
        (".jsonl", '"params": 1000000000.0', '"parms": 1', "its models or notices"),
    ],
)
def test_damaged_files(tmp_path, ending, old, new, message):
    path = tmp_path / f"a{ending}"
    write_items(small(), path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ItemsError, match=message):
        load_items(path)


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.csv"
    write_items(small(), path)
    before = path.read_bytes()
    broken = replace(small(), gold=Coded.of(["\ud83d", "a", "a", "a"]))
    for ending in ENDINGS:
        target = path if ending == ".csv" else tmp_path / f"b{ending}"
        with pytest.raises(ItemsError, match="half of a character"):
            write_items(broken, target)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]


def test_links_and_rights(tmp_path):
    target = tmp_path / "real.parquet"
    link = tmp_path / "link.parquet"
    link.symlink_to(target)
    write_items(small(), link)
    assert link.is_symlink()
    same(small(), load_items(target))
    (tmp_path / "new").touch()
    assert target.stat().st_mode == (tmp_path / "new").stat().st_mode


def test_without_pyarrow(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"isoloss\[items\]"):
        write_items(small(), tmp_path / "a.parquet")
    (tmp_path / "b.parquet").touch()
    with pytest.raises(MissingExtraError, match=r"isoloss\[items\]"):
        load_items(tmp_path / "b.parquet")


@pytest.mark.slow
def test_a_million_rows(tmp_path):
    count, models = 1_000_000, 10
    rng = np.random.default_rng(0)
    items = Items(
        tuple(Model(f"m{k}", "f", 1e9, 1e9) for k in range(models)),
        np.repeat(np.arange(models, dtype=np.int32), count // models),
        Coded(
            np.tile(np.arange(count // models, dtype=np.int32), models),
            tuple(f"q{k}" for k in range(count // models)),
        ),
        Coded.same("t", count),
        Coded.same("default", count),
        Coded(rng.integers(0, 4, count).astype(np.int32), tuple("ABCD")),
        Coded(rng.integers(-1, 4, count).astype(np.int32), tuple("ABCD")),
        rng.integers(0, 2, count).astype(np.int8),
        loss=rng.random(count),
    )
    start = time.perf_counter()
    write_items(items, tmp_path / "a.parquet")
    loaded = load_items(tmp_path / "a.parquet")
    seconds = time.perf_counter() - start
    same(items, loaded)
    assert seconds < 10


def test_large_dictionaries_keep_their_codes(tmp_path):
    # a dictionary that is larger than a page, in another order than its values appear in
    count = 60_000
    column = Coded(
        np.arange(count, dtype=np.int32)[::-1].copy(),
        tuple(f"a question with a long text, number {k}" for k in range(count)),
    )
    items = Items(
        (Model("m", "f", 1.0, 1.0),),
        np.zeros(count, np.int32),
        column,
        *[Coded.same("t", count)] * 4,
        np.ones(count, np.int8),
    )
    write_items(items, tmp_path / "a.parquet")
    loaded = load_items(tmp_path / "a.parquet")
    assert loaded.item.codes.tolist() == column.codes.tolist()
    assert loaded.item.values == column.values


def test_a_table_that_another_tool_wrote_again(tmp_path):
    write_items(full(), tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet")
    at = table.column_names.index("model")
    plain = table.set_column(at, "model", table.column("model").cast("string"))
    pq.write_table(plain, tmp_path / "b.parquet")
    same(full(), load_items(tmp_path / "b.parquet"))


def test_packed_files_hold_no_time(tmp_path):
    write_items(small(), tmp_path / "a.jsonl.gz")
    assert (tmp_path / "a.jsonl.gz").read_bytes()[4:8] == b"\0\0\0\0"
