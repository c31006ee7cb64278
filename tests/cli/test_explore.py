"""`isoloss explore`: one file, or a server's address; what its arguments are."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from isoloss.exceptions import InputError
from isoloss.explore.arguments import check_view, read_arguments
from isoloss.explore.keep import usual_folder


def test_one_file_holds_the_fit_and_names_where_it_is_from(isoloss, saved):
    result = isoloss("explore", saved, "--out", "page.html", "--no-plotly", "--json")
    assert result.code == 0, result.err
    assert json.loads(result.out) == {"file": "page.html"}
    assert Path("page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert Path("page.html").stat().st_size < 2_500_000
    bundle = read_arguments([saved]).bundle(None).document
    assert bundle["sources"] == {"fit": "fit.json"}
    assert bundle["first"] == "fit"
    assert not bundle["server"]
    assert bundle["view"] == "allocate"


def test_plotly_is_in_the_file_unless_it_is_left_out(isoloss):
    sizes = []
    for option in ("--plotly", "--no-plotly"):
        assert isoloss("explore", "kaplan2020_ND", "--out", "page.html", option).code == 0
        sizes.append(Path("page.html").stat().st_size)
    # packed it is smaller than its 4.5 MB
    assert sizes[0] - sizes[1] > 1_000_000
    assert read_arguments(["kaplan2020_ND"]).bundle(None).document["first"] == "kaplan2020_ND"


def test_several_fits_keep_their_names_apart(isoloss, saved):
    Path("other").mkdir()
    Path("other/fit.json").write_bytes(Path(saved).read_bytes())
    Path("hoffmann2022_a3.json").write_bytes(Path(saved).read_bytes())
    given = read_arguments([saved, "other/fit.json", "hoffmann2022_a3.json", "hoffmann2022_a3"])
    assert [key for key, *_ in given.fits] == ["fit", "fit_2", "file_hoffmann2022_a3"]
    document = given.bundle(None).document
    assert {e["key"]: e["file"] for e in document["laws"] if "file" in e} == document["sources"]
    assert document["sources"]["fit_2"] == "other/fit.json"
    names = {entry["key"]: entry["name"] for entry in document["laws"]}
    assert names["fit"] != names["fit_2"]
    assert "hoffmann2022_a3" in names


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nobody.json",), "nobody.json does not exist"),
        (("nobody2031",), "no such file"),
        (("hoffmann2022_a3:nothing",), "nothing"),
        (("--view", "sideways"), "there is no view 'sideways'"),
        (("runs.csv", "--out", "page.html"), "fit the runs first"),
        (("plan.json",), "isoloss/plan@1"),
        (("broken.json",), "broken"),
    ],
)
def test_what_cannot_be_shown_is_one_message(isoloss, runs, arguments, told):
    Path("plan.json").write_text('{"schema": "isoloss/plan@1"}')
    Path("broken.json").write_text('{"schema": "isoloss/fit@1"}')
    result = isoloss("explore", *arguments, "--no-open")
    assert result.code == 1
    assert told in result.err
    assert "Traceback" not in result.err
    assert not Path("page.html").exists()


def test_a_table_of_runs_and_a_table_of_answers_are_told_apart(isoloss, runs):
    from isoloss.errors import simulate, write_items

    write_items(simulate("capability", items=60, seed=0), "items.jsonl.gz")
    given = read_arguments([runs, "items.jsonl.gz"])
    assert given.tables == [runs]
    assert given.studies[0]["schema"].startswith("isoloss/explore-errors@")
    assert given.bundle(None).document["view"] == "data"
    assert read_arguments(["items.jsonl.gz"]).bundle(None).document["view"] == "errors"
    assert read_arguments(["items.jsonl.gz"]).bundle("allocate").document["view"] == "allocate"


def test_answers_without_their_models_say_what_is_missing(isoloss):
    Path("log.csv").write_text("model,item,correct\na,1,1\nb,1,0\n")
    with pytest.raises(InputError, match="--models"):
        read_arguments(["log.csv"])


def test_every_view_that_can_be_asked_for_is_in_the_page():
    from isoloss.explore.page import modules

    with pytest.raises(InputError) as error:
        check_view("sideways")
    names = str(error.value).rpartition("there are ")[2].split(", ")
    assert {"allocate", "data"} <= set(names)
    for name in names:
        check_view(name)
        assert f"views/{name}.js" in modules()


def test_the_folder_is_that_of_the_same_command(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    Path("fit.json").write_text("{}")
    first = usual_folder(("fit.json",))
    assert first == usual_folder((str(tmp_path / "fit.json"),))
    assert first.is_relative_to(tmp_path / "isoloss" / "explore")
    assert len({first, usual_folder(()), usual_folder(("hoffmann2022_a3",))}) == 3


def test_without_the_extra_the_message_says_how_to_get_it(isoloss, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    result = isoloss("explore", "--no-open", "--keep", "keep")
    assert result.code == 1
    assert "pip install 'isoloss[explore]'" in result.err


def test_a_port_in_use_is_one_message(isoloss):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = isoloss("explore", "--no-open", "--keep", "keep", "--port", port)
    assert result.code == 1
    assert f"port {port} is in use" in result.err


def test_a_server_opens_the_table_that_was_given_and_answers_here_alone(tmp_path, runs):
    import socket

    from tests.explore.served import Server

    server = Server(tmp_path / "keep", runs)
    try:
        assert server.base.startswith("http://127.0.0.1:")
        id_ = server.address.rpartition("#data?table=")[2]
        table = server.http.get(f"/tables/{id_}").json()
        assert table["name"] == runs
        assert table["guess"]["map"] == {"N": "params", "D": "tokens", "loss": "loss"}
        port = int(server.base.rpartition(":")[2])
        for other in socket.gethostbyname_ex(socket.gethostname())[2]:
            if not other.startswith("127."):
                with socket.socket() as sock:
                    sock.settimeout(2)
                    assert sock.connect_ex((other, port)) != 0
        again = Server.__new__(Server)
        again.folder, again.arguments = tmp_path / "keep", (runs,)
        with pytest.raises(AssertionError, match="open already at http"):
            again.start()
    finally:
        assert server.stop() == 0


def test_the_command_line_stays_light():
    import subprocess

    program = (
        "import sys, isoloss.cli.app; "
        "print([m for m in ('fastapi', 'uvicorn', 'plotly', 'sympy', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
