"""What the server gives, and what it refuses: foreign pages, wrong tokens, too much, nonsense."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re

import pytest

from isoloss.exceptions import InputError
from isoloss.explore import page
from isoloss.explore.bodies import plain_name
from isoloss.explore.keep import Keep
from isoloss.quantities import QUANTITIES, unit
from tests.explore.served import MAP, TOKEN, Local, runs_csv, upload

DATA = [
    ("GET", "/"),
    ("GET", "/laws.js"),
    ("GET", "/laws/besiroglu2024.json"),
    ("GET", "/laws/besiroglu2024.js"),
    ("GET", "/choices"),
    ("POST", "/laws"),
    ("POST", "/tables"),
    ("GET", "/tables/0123456789abcdef"),
    ("POST", "/tables/0123456789abcdef/check"),
    ("POST", "/fits"),
    ("GET", "/fits"),
    ("GET", "/fits/0123456789abcdef"),
    ("GET", "/fits/0123456789abcdef.js"),
    ("GET", "/fits/0123456789abcdef/document"),
    ("DELETE", "/fits/0123456789abcdef"),
]


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    server = Local(tmp_path_factory.mktemp("keep") / "keep")
    yield server
    server.close()


@pytest.fixture(scope="module")
def http(local):
    return local.http


@pytest.mark.parametrize(("method", "path"), DATA)
def test_nothing_is_given_without_the_token(http, method, path):
    for headers in ({"x-isoloss-token": ""}, {"x-isoloss-token": TOKEN[:-1]}):
        reply = http.request(method, path, headers=headers)
        assert reply.status_code == 403
        assert "token" in reply.json()["message"]
    bare = http.request(method, f"{path}?token=wrong", headers={"x-isoloss-token": "ü".encode()})
    assert bare.status_code == 403


def test_every_address_that_the_server_has_is_among_those_that_were_tried(local):
    from fastapi.routing import APIRoute

    app = local.app.app
    own = {(next(iter(r.methods)), r.path) for r in app.routes if isinstance(r, APIRoute)}
    public = {("GET", "/static/{name:path}"), ("GET", "/plotly.js"), ("GET", "/favicon.ico")}
    tried = {
        (method, re.sub(r"0123456789abcdef", "{id_}", path).replace("besiroglu2024", "{key}"))
        for method, path in DATA
    }
    assert own - public == tried


@pytest.mark.parametrize("path", ["/", "/static/main.js", "/plotly.js", "/fits"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1"])
def test_a_foreign_host_is_refused_even_with_the_token(local, http, host, path):
    reply = http.get(path, headers={"host": host.replace("PORT", str(local.port))})
    assert reply.status_code == 403
    assert "127.0.0.1" in reply.json()["message"]


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:PORT", "http://127.0.0.1"]
)
def test_another_page_is_refused_even_with_the_token(local, http, origin):
    origin = origin.replace("PORT", str(local.port))
    assert http.get("/fits", headers={"origin": origin}).status_code == 403
    assert (
        http.post("/tables", content=b"a,b\n1,2\n", headers={"origin": origin}).status_code == 403
    )


def test_its_own_page_may_ask_by_either_name(local, http):
    for host in (f"127.0.0.1:{local.port}", f"localhost:{local.port}"):
        headers = {"host": host, "origin": f"http://{host}"}
        assert http.get("/fits", headers=headers).status_code == 200


def test_every_answer_has_the_headers_that_keep_it_to_itself(http):
    for path, headers in (("/", {}), ("/fits", {}), ("/nothing", {}), ("/", {"host": "evil"})):
        reply = http.get(path, headers=headers)
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert reply.headers["cache-control"] == "no-store"
        policy = reply.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "access-control-allow-origin" not in reply.headers


def test_the_page_names_a_module_for_every_name_in_its_map(http):
    text = http.get(f"/?token={TOKEN}", headers={"x-isoloss-token": TOKEN}).text
    places = json.loads(re.search(r'<script type="importmap">(.*?)</script>', text).group(1))
    for place in places["imports"].values():
        reply = http.get(place)
        assert reply.status_code == 200, place
        assert reply.headers["content-type"].startswith("text/javascript")
    assert http.get("/plotly.js").content.startswith(b"/**")


def test_parts_of_the_page_are_kept_by_the_browser_under_the_name_of_their_content(http):
    text = http.get(f"/?token={TOKEN}", headers={"x-isoloss-token": TOKEN}).text
    found = set(re.findall(r'"(/(?:static/[^"?]+|plotly\.js)\?v=[0-9a-f]{12})"', text))
    assert {place.split("?")[0] for place in found} == {
        "/plotly.js",
        "/static/style.css",
        *(f"/static/{name}" for name in page.modules() if name != page.MADE),
    }
    for place in found:
        kept = "private, max-age=31536000, immutable"
        assert http.get(place).headers["cache-control"] == kept
        assert http.get(place[:-1] + "-").headers["cache-control"] == "no-store"
        assert http.get(place.split("?")[0]).headers["cache-control"] == "no-store"
    drawing = next(place for place in found if place.startswith("/plotly.js"))
    assert drawing.endswith(hashlib.sha256(http.get(drawing).content).hexdigest()[:12])


def test_another_version_of_a_part_has_another_address(monkeypatch):
    before = page.places()
    monkeypatch.setattr(page, "style", lambda: "body {}")
    after = page.places.__wrapped__()
    assert after["main.js"] != before["main.js"]
    assert after["plotly.js"] == before["plotly.js"]


@pytest.mark.parametrize(
    "name",
    ["../server.py", "..%2fserver.py", "%2e%2e/keep.py", "/etc/passwd", "views", "types.d.ts", ""],
)
def test_only_parts_of_the_page_are_static(http, name):
    assert "../server.py" not in page.modules()
    assert http.get(f"/static/{name}").status_code == 404


def test_a_law_comes_as_document_and_functions(http):
    document = http.get("/laws/henighan2020_C:image_32x32.json").json()
    assert document["key"] == "henighan2020_C:image_32x32"
    module = http.get("/laws/henighan2020_C:image_32x32.js").text
    assert module.startswith('export const functions = {\n"henighan2020_C:image_32x32"')
    for path in ("/laws/nobody2031.json", "/laws/nobody2031.js", "/laws/fit-0123456789abcdef.json"):
        reply = http.get(path)
        assert reply.status_code == 404
        assert set(reply.json()) == {"message"}
    assert "nobody2031" in http.get("/laws/nobody2031.json").json()["message"]


def test_units_that_can_be_chosen_are_units(http):
    choices = http.get("/choices").json()
    for one in choices["quantities"]:
        for text in one["units"]:
            assert unit(text).dimension in (QUANTITIES[one["name"]].dimension, "number")
        assert one["units"][0] == one["unit"]
    assert {"chinchilla", "hoffmann2022_a3"} <= {form["id"] for form in choices["forms"]}


def test_a_table_is_shown_with_what_its_names_give_away(http):
    table = upload(http)
    assert table["rows"] == 30
    assert table["guess"]["map"] == MAP
    assert table["preview"]["head"] == ["line", "params", "tokens", "loss"]
    assert table["preview"]["rows"][0][0] == "2"
    assert http.get(f"/tables/{table['id']}").json() == table


def test_a_pasted_table_is_called_as_a_file_of_it_would_be(http):
    assert upload(http, "params,tokens,loss\n1e8,2e9,3.4\n", "pasted")["name"] == "pasted.csv"
    assert upload(http, "params\ttokens\tloss\n1e8\t2e9\t3\n", "pasted")["name"] == "pasted.tsv"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("runs.tsv", "params\ttokens\tloss\n1e8\t2e9\t3.4\n2e8\t4e9\t3.1\n"),
        ("pasted", "params\ttokens\tloss\n1e8\t2e9\t3.4\n2e8\t4e9\t3.1\n"),
        ("runs.csv", "params;tokens;loss\n1e8;2e9;3.4\n2e8;4e9;3.1\n"),
        ("pasted", '[{"params": 1e8, "tokens": 2e9, "loss": 3.4}, {"params": 2e8}]'),
        ("pasted", '{"params": 1e8, "tokens": 2e9, "loss": 3.4}\n{"params": 2e8}\n'),
        ("runs.csv.gz", gzip.compress(b"params,tokens,loss\n1e8,2e9,3.4\n2e8,4e9,3.1\n")),
    ],
    # Named here: a gzip stream holds the time, and a name made of it differs between workers.
    ids=["tabs", "tabs pasted", "semicolons", "JSON", "JSON lines", "gzip"],
)
def test_tables_come_in_many_formats(http, name, text):
    table = upload(http, text, name)
    assert table["rows"] == 2
    assert table["guess"]["map"] == MAP


def test_problems_are_named_with_their_rows(http):
    text = runs_csv() + "5e7,1e9,50\n5e7,1e9,50\n"
    table = upload(http, text)
    found = http.post(f"/tables/{table['id']}/check", json={"map": MAP}).json()
    told = {notice["code"]: notice["message"] for notice in found["notices"]}
    assert "line 33" in told["duplicate-rows"]
    assert "lines 32, 33" in told["large-loss"]
    assert found["ranges"]["N"] == [5e7, 5e9]
    wrong = http.post(f"/tables/{table['id']}/check", json={"map": {**MAP, "D": "tokns"}})
    assert wrong.json()["message"].startswith("runs.csv: no column 'tokns'")
    assert "did you mean tokens" in wrong.json()["message"]


def test_columns_that_could_be_the_same_thing_are_told_and_one_is_taken(http):
    table = upload(http, "params,tokens,val_loss,train_loss\n1e8,2e9,3.1,3.2\n2e8,2e9,3.0,3.1\n")
    assert table["guess"]["map"]["loss"] == "val_loss"
    assert "could be loss" in table["guess"]["message"]


def test_names_from_a_file_are_text_in_json_and_do_not_end_an_element(http):
    evil = "<script>alert(1)</script>,\"=cmd|' /C calc'!A0\",loss\n1,2,3\n4,5,6\n"
    table = upload(http, evil, "<img src=x onerror=alert(1)>.csv")
    names = [column["name"] for column in table["columns"]]
    assert names == ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "loss"]
    reply = http.get(f"/tables/{table['id']}")
    assert reply.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\runs.csv", "runs.csv"),
        ("..", "table.csv"),
        ("", "table.csv"),
        ("a\x00b\u202e.csv", "ab.csv"),
        ("x" * 300 + ".parquet", "x" * 92 + ".parquet"),
    ],
)
def test_a_file_name_leads_nowhere(given, kept):
    assert plain_name(given) == kept


def test_a_large_upload_is_refused_before_it_is_read(local):
    # nothing of it is sent: the answer must not wait for it
    reply = local.raw(f"POST /tables?name=runs.csv HTTP/1.1\nContent-Length: {200 * 2**20}")
    assert reply.startswith(b"HTTP/1.1 413")
    assert b"isoloss fit" in reply


@pytest.mark.parametrize("length", ["-1", "1e3", "+5", "0x10"])
def test_a_length_that_is_no_number_is_refused(local, length):
    reply = local.raw(f"POST /tables HTTP/1.1\nContent-Length: {length}")
    assert reply.split()[1] in (b"400", b"413")


def test_an_upload_without_a_length_is_refused_where_it_grows_too_long(tmp_path):
    server = Local(tmp_path / "keep", limit=100_000)
    sent = []

    def blocks():
        for _ in range(100):
            sent.append(1)
            yield b"x" * 10_000

    try:
        reply = server.http.post("/tables", params={"name": "runs.csv"}, content=blocks())
        assert reply.status_code == 413
        assert not list(server.site.tables.folder.iterdir())
    finally:
        server.close()


def test_a_zip_bomb_is_stopped_while_it_unpacks(local, http, monkeypatch):
    tables = local.site.tables
    monkeypatch.setattr(tables, "limit", 2**20)
    packed = io.BytesIO()
    with gzip.open(packed, "wb") as file:
        for _ in range(50):
            file.write(bytes(2**20))
    assert len(packed.getvalue()) < 2**17
    before = set(tables.folder.iterdir())
    reply = http.post("/tables", params={"name": "runs.csv.gz"}, content=packed.getvalue())
    assert reply.status_code == 413
    assert "unpacked" in reply.json()["message"]
    assert set(tables.folder.iterdir()) == before
    coded = http.post("/tables", content=packed.getvalue(), headers={"content-encoding": "gzip"})
    assert coded.status_code == 415


def test_parquet_that_says_too_many_rows_is_refused_before_they_are_made(http, tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = tmp_path / "runs.parquet"
    pq.write_table(pa.table({"params": pa.array([1.0] * 2_100_000)}), path)
    assert path.stat().st_size < 2**17
    reply = http.post("/tables", params={"name": "runs.parquet"}, content=path.read_bytes())
    assert reply.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"table": NaN}',
        b'{"table": ' + b"9" * 5000 + b"}",
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"nobody": 1}',
        b'{"table": 7}',
        b'{"table": "../../../etc"}',
        b'{"table": "0123456789abcdef", "draws": -1}',
        b'{"table": "0123456789abcdef", "draws": true}',
        b'{"table": "0123456789abcdef", "map": "N=params"}',
        b'{"table": "0123456789abcdef", "law": "/etc/laws.toml"}',
        b'{"table": "0123456789abcdef", "law": ["chinchilla"]}',
    ],
)
@pytest.mark.parametrize("path", ["/fits", "/laws"])
def test_malformed_questions_get_one_message(http, path, body):
    reply = http.post(path, content=body)
    assert reply.status_code == 400
    assert set(reply.json()) == {"message"}
    assert "Traceback" not in reply.text


def test_deep_questions_are_not_read(http):
    for body in ('{"law":' + "[" * 30 + "]" * 30 + "}", '{"law": "' + '\\"' * 90_000):
        reply = http.post("/fits", content=body)
        assert reply.status_code == 400
        assert "no JSON that can be read" in reply.json()["message"]


def test_a_law_is_not_read_from_a_file_of_the_server(http, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("[own]\n")
    table = upload(http)
    for law in (str(path), f"{path}:own"):
        reply = http.post("/laws", json={"table": table["id"], "map": MAP, "law": law})
        assert reply.status_code == 400
        assert "not from a file" in reply.json()["message"]


def test_long_questions_are_not_read(http):
    reply = http.post("/fits", content=b'{"law": "' + b"x" * 300_000 + b'"}')
    assert reply.status_code == 413


@pytest.mark.parametrize("text", ["", "\x00\x01\x02", "1,2\n3,4\n", "a,b\n1\n", "a,a\n1,2\n"])
def test_files_that_are_no_tables_get_one_message_with_their_name(http, text):
    reply = http.post("/tables", params={"name": "odd.csv"}, content=text)
    assert reply.status_code == 400
    assert "odd.csv" in reply.json()["message"]
    assert "/keep/" not in reply.json()["message"]


@pytest.mark.parametrize(
    "law",
    [
        "__import__('os').system('true')",
        "N.__class__",
        "E + A/N**alpha; import os",
        "lambda: N",
        "open('/etc/passwd')",
        "[x for x in N]",
        "exec('1')*N",
        "(" * 3000 + "N",
    ],
)
def test_a_formula_is_never_a_program(http, law):
    table = upload(http)
    reply = http.post("/laws", json={"table": table["id"], "map": MAP, "law": law})
    assert set(reply.json()) == {"message"}


def test_a_formula_comes_back_as_it_was_understood(http):
    table = upload(http)
    law = {"table": table["id"], "map": MAP, "law": "E + A/N^alpha + c/D"}
    found = http.post("/laws", json=law).json()
    assert found["inputs"] == ["N", "D"]
    assert [p["name"] for p in found["parameters"]] == ["E", "A", "alpha", "c"]
    assert found["nodes"][0] == "span"


def test_a_folder_is_for_one_server_and_private(tmp_path):
    keep = Keep(tmp_path / "keep")
    keep.remember(4711)
    assert (tmp_path / "keep").stat().st_mode & 0o777 == 0o700
    with pytest.raises(InputError, match=r"open already at http://127\.0\.0\.1:4711/"):
        Keep(tmp_path / "keep")
    keep.close()
    again = Keep(tmp_path / "keep")
    assert (again.token, again.port) == (keep.token, 4711)
    assert len(again.token) >= 32
    again.close()


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    (tmp_path).chmod(0o755)
    with pytest.raises(InputError, match="holds other things"):
        Keep(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755
