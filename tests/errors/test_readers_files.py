"""Folders, patterns, broken lines, line ends, packed files and archives that are hostile."""

import gzip
import json
import struct
import zipfile
import zlib

import numpy as np
import pyarrow as pa
import pytest

from isoloss.errors.items.store import write_items
from isoloss.errors.readers import FORMATS, archive, read_items
from isoloss.exceptions import ItemsError, MissingExtraError
from tests.errors.reader_cases import MODELS, choice_sample, codes, document, lines, text, told
from tests.errors.test_readers_harness import inspect_log, sample_of_inspect

CSV = "model,item,correct\ntiny-1b,1,1\ntiny-1b,2,0\n"


def samples(count=3):
    return [choice_sample(k, [-1.0, -2.0], k % 2) for k in range(count)]


def test_broken_lines_are_named(tmp_path):
    good = samples()
    path = lines(
        tmp_path / "tiny-1b" / "samples_t.jsonl", [good[0], "{broken", good[1], "[1]", "", good[2]]
    )
    items = read_items(path, models=MODELS)
    assert items.correct.tolist() == [1, 0, 1]
    message = told(items, "broken-lines")
    assert "lines 2, 4 left out" in message
    assert "line 2: character 2" in message


def test_all_lines_broken(tmp_path):
    path = lines(tmp_path / "tiny-1b.jsonl", ["{broken", "{again"])
    with pytest.raises(
        ItemsError, match=r"none of its lines is a JSON object; line 1: character 2"
    ):
        read_items(path, models=MODELS)
    with pytest.raises(ItemsError, match="none of its lines"):
        read_items(path, models=MODELS, format="table")


def test_many_broken_lines_are_counted(tmp_path):
    path = lines(tmp_path / "tiny-1b" / "samples_t.jsonl", [samples()[0], *["{"] * 13])
    assert "2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more" in told(
        read_items(path, models=MODELS), "broken-lines"
    )


def test_a_line_that_is_another_record(tmp_path):
    path = lines(tmp_path / "tiny-1b" / "samples_t.jsonl", [samples()[0], {"summary": 1}])
    items = read_items(path, models=MODELS)
    assert "line 2 left out" in told(items, "broken-lines")


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks(tmp_path, ends, mark):
    body = ends.join(json.dumps(one) for one in samples()) + ends
    path = text(tmp_path / "tiny-1b" / "samples_t.jsonl", mark + body)
    items = read_items(path, models=MODELS)
    assert len(items) == 3
    assert not items.notices
    path = text(tmp_path / "a.csv", mark + CSV.replace("\n", ends))
    assert read_items(path, models=MODELS).correct.tolist() == [1, 0]


def test_gzip(tmp_path):
    path = tmp_path / "tiny-1b" / "samples_t.jsonl.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, samples())).encode()))
    assert len(read_items(path, models=MODELS)) == 3
    assert read_items(path.parent, models=MODELS).tasks == ("t",)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ItemsError, match="the gzip stream is damaged"):
        read_items(path, models=MODELS)


def test_a_gzip_bomb_is_refused(tmp_path):
    line = json.dumps(samples()[0] | {"pad": " " * 1_000_000}).encode() + b"\n"
    path = tmp_path / "tiny-1b.jsonl.gz"
    path.write_bytes(gzip.compress(line * 20))
    assert path.stat().st_size * archive.RATIO < 20_000_000
    with pytest.raises(ItemsError, match=r"over 200 times its size, as no log does"):
        read_items(path, models=MODELS, model="tiny-1b")


def eval_log(path, members, packing=zipfile.ZIP_DEFLATED):
    header = {k: v for k, v in inspect_log([]).items() if k != "samples"}
    with zipfile.ZipFile(path, "w", packing) as packed:
        packed.writestr("header.json", json.dumps(header))
        for name, content in members.items():
            packed.writestr(name, content)
    return path


def test_an_archive_bomb_is_refused_before_it_is_opened(tmp_path):
    path = eval_log(tmp_path / "a.eval", {"samples/q_epoch_1.json": b" " * 20_000_000})
    with pytest.raises(ItemsError, match=r"member 'samples/q_epoch_1.json' unpacks from \d+ bytes"):
        read_items(path, models=MODELS)


def test_large_members_are_refused(tmp_path, monkeypatch):
    sample = json.dumps(sample_of_inspect(0, "A", "A", "C"))
    path = eval_log(tmp_path / "a.eval", {"samples/q_epoch_1.json": sample})
    monkeypatch.setattr(archive, "MEMBER", 100)
    with pytest.raises(ItemsError, match="the limit is 0 MiB; it was not opened"):
        read_items(path, models=MODELS)
    monkeypatch.setattr(archive, "MEMBER", 1 << 30)
    monkeypatch.setattr(archive, "TOTAL", 200)
    with pytest.raises(ItemsError, match=r"unpacks to more than 0 GiB"):
        read_items(path, models=MODELS)


def test_a_member_that_lies_about_its_size(tmp_path):
    sample = json.dumps(sample_of_inspect(0, "A", "A", "C")).encode()
    path = eval_log(tmp_path / "a.eval", {"samples/q_epoch_1.json": sample})
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 50)
    path.write_bytes(content)
    with pytest.raises(
        ItemsError, match=r"unpacks to more than it says|cannot be unpacked|no JSON"
    ):
        read_items(path, models=MODELS)


def test_names_in_archives_lead_nowhere(tmp_path):
    sample = json.dumps(sample_of_inspect(0, "A", "A", "C"))
    members = {"samples/../../../evil.json": sample, "/etc/evil": "x"}
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    path = eval_log(folder / "a.eval", members)
    before = sorted(tmp_path.rglob("*"))
    assert read_items(path, models=MODELS).correct.tolist() == [1]
    assert sorted(tmp_path.rglob("*")) == before


def zstandard_archive(path, members, frames=1, size=0, check=0):
    """An archive as Inspect writes them: method 93, which `zipfile` can list and not pack."""
    body, directory = b"", b""
    for name, content in members.items():
        step = -(-len(content) // frames)
        pieces = [content[i : i + step] for i in range(0, len(content), step)]
        packed = b"".join(pa.Codec("zstd").compress(piece, asbytes=True) for piece in pieces)
        crc, raw = zlib.crc32(content) ^ check, name.encode()
        fields = (0, 93, 0, 0, crc, len(packed), size or len(content), len(raw), 0)
        directory += (
            struct.pack(
                "<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, *fields, 0, 0, 0, 0, len(body)
            )
            + raw
        )
        body += struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, *fields) + raw + packed
    end = struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(members), len(members), len(directory), len(body), 0
    )
    path.write_bytes(body + directory + end)
    return path


@pytest.mark.parametrize("frames", [1, 3])
def test_zstandard_members(tmp_path, frames):
    header = json.dumps({k: v for k, v in inspect_log([]).items() if k != "samples"}).encode()
    sample = json.dumps(sample_of_inspect(0, "A", "A", "C")).encode()
    members = {"header.json": header, "samples/q0_epoch_1.json": sample}
    path = zstandard_archive(tmp_path / "a.eval", members, frames)
    assert read_items(path, models=MODELS).prediction.texts() == ["A"]
    content = bytearray(path.read_bytes())
    content[content.index(b"samples/q0") + 40] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ItemsError, match="cannot be unpacked"):
        read_items(path, models=MODELS)


def test_zstandard_members_that_lie(tmp_path):
    members = {"header.json": b"{}" + b" " * 100}
    with pytest.raises(ItemsError, match="unpacks to more than it says"):
        read_items(zstandard_archive(tmp_path / "a.eval", members, size=20, check=0), models=MODELS)
    with pytest.raises(ItemsError, match="its checksum is wrong"):
        read_items(zstandard_archive(tmp_path / "a.eval", members, check=1), models=MODELS)


def test_zstandard_without_pyarrow(tmp_path, monkeypatch):
    path = zstandard_archive(tmp_path / "a.eval", {"header.json": b"{}"})
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'isoloss\[items\]'"):
        read_items(path, models=MODELS)


def test_excel_that_is_hostile(tmp_path, monkeypatch):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["model", "item", "correct"])
    book.active.append(["tiny-1b", 1, 1])
    path = tmp_path / "a.xlsx"
    book.save(path)
    assert read_items(path, models=MODELS).correct.tolist() == [1]
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet9.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")
    with pytest.raises(ItemsError, match="declares XML entities"):
        read_items(path, models=MODELS)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/image.bin", b"\0" * 20_000_000)
    with pytest.raises(ItemsError, match="over 200 times its size"):
        read_items(path, models=MODELS)
    book.save(path)
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match="openpyxl"):
        read_items(path, models=MODELS)


def test_folders_and_patterns(tmp_path):
    for name in ("tiny-1b", "tiny-7b"):
        lines(tmp_path / "out" / name / "samples_t_2026-01-01T00-00-00.0.jsonl", samples())
    document(tmp_path / "out" / "tiny-1b" / "results_x.json", {"results": {}})
    text(tmp_path / "out" / ".hidden.jsonl", "{")
    lines(tmp_path / "out" / ".cache" / "tiny-1b" / "samples_u.jsonl", samples())
    text(tmp_path / "out" / "notes.txt", "no log")
    whole = read_items(tmp_path / "out", models=MODELS)
    assert len(whole) == 6
    assert "1 files in the folders are no logs" in told(whole, "skipped-files")
    assert len(read_items(str(tmp_path / "out" / "*" / "*.jsonl"), models=MODELS)) == 6
    assert len(read_items([tmp_path / "out" / "tiny-1b"], models=MODELS)) == 3


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.jsonl", "", "is empty; expected a log of answers"),
        (
            "x.json",
            '{"a": {"b": 1}}',
            r"is no log that can be read; it is an object with the keys a",
        ),
        ("x.json", "[1, 2]", "is no log that can be read; it is a JSON list"),
        ("x.json", '{"a": [1,', r"x.json is no JSON that can be read: .*it may have been cut off"),
        ("x.bin", "abc\0def", "is a file of kind unknown"),
        ("x.jsonl", '{"a": 1}\n', "no column says which question a row answers"),
        ("x.csv", "a,b\n1,2\n", r"no column says which question .* it has the columns a, b"),
    ],
)
def test_files_that_are_no_logs(tmp_path, name, content, message):
    with pytest.raises(ItemsError, match=message):
        read_items(text(tmp_path / name, content), models=MODELS)


def test_what_is_not_there(tmp_path):
    text(tmp_path / "answers.csv", CSV)
    with pytest.raises(
        ItemsError, match=r"answer.csv does not exist; in the same folder: answers.csv"
    ):
        read_items(tmp_path / "answer.csv", models=MODELS)
    with pytest.raises(ItemsError, match="no file matches"):
        read_items(f"{tmp_path}/*.jsonl", models=MODELS)
    with pytest.raises(ItemsError, match="no logs were given"):
        read_items([], models=MODELS)
    (tmp_path / "void").mkdir()
    with pytest.raises(ItemsError, match=r"holds no log; searched for \.jsonl"):
        read_items(tmp_path / "void", models=MODELS)
    with pytest.raises(ItemsError, match="logs are named by path, got int"):
        read_items([3], models=MODELS)
    document(tmp_path / "void" / "config.json", {"x": {"y": 1}})
    with pytest.raises(ItemsError, match=r"none of 1 files is a log that can be read"):
        read_items(tmp_path / "void", models=MODELS)


def test_formats_can_be_forced(tmp_path):
    path = lines(tmp_path / "tiny-1b" / "samples_t.jsonl", samples())
    assert len(read_items(path, models=MODELS, format="lm-eval")) == 3
    with pytest.raises(ItemsError, match="does not look like llava; it looks like lm-eval"):
        read_items(path, models=MODELS, format="llava")
    with pytest.raises(ItemsError, match="cannot be inspect, which comes as zip, json"):
        read_items(path, models=MODELS, format="inspect")
    with pytest.raises(ItemsError, match=rf"no format 'x'; there are auto, {next(iter(FORMATS))}"):
        read_items(path, models=MODELS, format="x")


def test_forced_formats_choose_in_folders(tmp_path):
    lines(tmp_path / "tiny-1b" / "samples_t.jsonl", samples())
    text(tmp_path / "a.csv", CSV)
    assert len(read_items(tmp_path, models=MODELS, format="table")) == 2
    assert len(read_items(tmp_path, models=MODELS, format="lm-eval")) == 3


def test_detection_looks_at_the_content(tmp_path):
    # a table of another ending, JSON lines named .json, and a log named by nobody
    path = text(tmp_path / "answers.log", CSV)
    assert len(read_items(path, models=MODELS)) == 2
    path = lines(tmp_path / "tiny-1b" / "whatever.json", samples())
    assert codes(read_items(path, models=MODELS)) == set()
    path = lines(tmp_path / "tiny-1b" / "other.json", ["{broken", *samples()])
    assert len(read_items(path, models=MODELS)) == 3


def test_deep_json_is_a_broken_line(tmp_path):
    path = lines(tmp_path / "tiny-1b" / "samples_t.jsonl", [*samples(), "[" * 100_000])
    assert "line 4 left out" in told(read_items(path, models=MODELS), "broken-lines")


def test_nothing_in_a_log_is_run(tmp_path):
    target = tmp_path / "touched"
    evil = f"__import__('pathlib').Path({str(target)!r}).touch()"
    record = {"model": "tiny-1b", "id": evil, "gold": evil, "options": evil, "response": evil}
    items = read_items(lines(tmp_path / "a.jsonl", [record]), models=MODELS)
    assert items.correct.tolist() == [1]
    assert not target.exists()


def test_collection_of_garbage_goes_on(tmp_path):
    import gc

    path = text(tmp_path / "a.csv", CSV)
    assert gc.isenabled()
    read_items(path, models=MODELS)
    assert gc.isenabled()
    with pytest.raises(ItemsError):
        read_items(tmp_path / "x", models=MODELS)
    assert gc.isenabled()


def test_choices_of_several_widths(tmp_path):
    lines(tmp_path / "tiny-1b" / "samples_a.jsonl", [choice_sample(0, [-1.0, -2.0], 0)])
    lines(tmp_path / "tiny-1b" / "samples_b.jsonl", [choice_sample(0, [-1.0, -2.0, -3.0], 0)])
    items = read_items(tmp_path, models=MODELS)
    assert items.choices.shape == (2, 3)
    assert np.isnan(items.choices).sum() == 1


@pytest.mark.parametrize("ending", [".parquet", ".jsonl", ".csv", ".jsonl.gz"])
def test_what_was_imported_before_is_no_log(tmp_path, ending):
    items = read_items(text(tmp_path / "a.csv", CSV), models=MODELS)
    write_items(items, tmp_path / f"b{ending}")
    with pytest.raises(ItemsError, match="imported before; load_items reads it"):
        read_items(tmp_path / f"b{ending}", models=MODELS)
