"""A process that fits: `python -m isoloss.explore.worker DIR`, with a fit's id on every line.

It answers in lines of JSON, `{"say": ...}` while it works and then `{"done": true}` or
`{"failed": ...}`, and ends when its input does, in the middle of a fit if need be: no worker
outlives its server.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from isoloss import store
from isoloss.exceptions import IsolossError
from isoloss.explore.request import Request, command, fit, program, read_request
from isoloss.explore.tables import Tables

JOB, SHOWN, DOCUMENT, FUNCTIONS = "job.json", "shown.json", "fit.json", "law.js"
JOB_KIND, SHOWN_KIND = "explore-job@1", "explore-fit@1"


def key_of(id_: str) -> str:
    """The key of a fit in a page."""
    return f"fit-{id_}"


def read_job(folder: Path) -> dict[str, Any]:
    """A job as it was written down."""
    return store.load(folder / JOB, JOB_KIND)["result"]


def make(keep: Path, id_: str, say: Any) -> None:
    """Make one fit and write everything that a page asks of it.

    Raises:
        IsolossError: with the one message for its owner.
    """
    from isoloss.explore.javascript import laws_module
    from isoloss.explore.shown import shown_fit

    folder = keep / "fits" / id_
    asked: Request = read_request(read_job(folder)["request"])
    table = Tables(keep / "tables", 0).get(asked.table)
    say("reading the runs")
    runs = table.runs(asked)
    say(f"fitting {asked.law} to {len(runs):,} runs, {asked.draws:,} draws")
    made = fit(asked, runs)
    made.save(folder / DOCUMENT)
    say("looking for what speaks against it")
    shown, law = shown_fit(made, key_of(id_))
    columns = table.open().names
    # the command line takes what separates cells from the ending alone
    shown["command"] = "" if table.delimiter else command(asked, table.name, columns)
    shown["python"] = program(asked, table.name, table.delimiter)
    store.write_text(folder / FUNCTIONS, laws_module([(key_of(id_), law)]))
    store.save(folder / SHOWN, store.envelope(SHOWN_KIND, asked.to_document(), shown))


def main(folder: str) -> None:
    """Work until the input ends."""
    # what a library prints must not get between the answers
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(5)
    asked: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()

    def send(**answer: Any) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    import isoloss.explore.shown  # noqa: F401  (what takes long to load, before it is needed)

    while True:
        id_ = asked.get()
        try:
            make(Path(folder), id_, lambda text: send(say=text))
        except IsolossError as error:
            send(failed=str(error))
        except MemoryError:
            send(failed="there is not enough memory for this fit")
        except Exception as error:
            traceback.print_exc()
            send(failed=f"this is a fault of isoloss, not of your runs: {error!r:.300}")
        else:
            send(done=True)


def _listen(asked: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        asked.put(line.strip())
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
