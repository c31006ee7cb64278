"""Ladders of published studies: runs from one study at many scales, for `mixtures.py`.

The tables are other people's and stand in `../shared/data` (MANIFEST.csv there names repository,
commit, licence and paper of each); a ladder whose file is absent is left out. Three kinds:

| kind | what | served for |
|---|---|---|
| `main` | 12 studies, 14 to 245 runs | choosing memories, weights and drift, and scoring |
| `more` | two studies with settings that nobody would train with | the same |
| `tiny` | 7 or 13 runs of three studies | choosing the constants of small ladders, and scoring |

What was left out, and why: OpenCLIP models on 80 million pairs, repeated many times (they leave the
trend of compute), and those of OpenAI on data of their own; `kyotakano_llm.csv`, which is
Chinchilla's figure digitised once more.
"""

from __future__ import annotations

import csv
import gzip
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isoloss import Runs, read_runs
from isoloss.trust.candidates import scale_of
from isoloss.trust.mixture.score import DECADE, FIFTH, hide

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
# a curve is thinned to so many checkpoints, evenly spread in their logarithm
CHECKPOINTS = 40
# parameters of the OLMo ladder's sizes, which the table only names: MODEL_PARAMS of its code
# (allenai/OLMo-ladder, src/scaling/utils.py), embeddings not counted
OLMO = {"190M": 190_354_176, "370M": 371_262_464, "760M": 758_220_288, "1B": 1_279_395_840}
OPENCLIP_TASKS = ("imagenet1k", "objectnet", "sun397", "vtab/cifar100", "imagenet_sketch")
FEWEST, FEWEST_TINY = 9, 5


@dataclass(frozen=True)
class Ladder:
    """Runs of one study.

    Attributes:
        name: which.
        family: the study; ladders of one family share models, data or code.
        runs: the table.
        kind: `main`, `more` or `tiny`.
    """

    name: str
    family: str
    runs: Runs
    kind: str = "main"


@dataclass(frozen=True)
class Case:
    """A ladder with its largest runs hidden.

    Attributes:
        ladder: which.
        target: `T20` for the largest fifth by compute, `TDEC` for the largest decade.
        hidden: (n,) mask.
    """

    ladder: Ladder
    target: str
    hidden: np.ndarray


def ladders(folder: Path = DATA) -> list[Ladder]:
    """Every ladder whose file stands in the folder."""
    makers: list[Callable[[Path], Iterable[Ladder]]] = [
        _chinchilla, _gadre, _porian, _isoflops, _gemstones, _misfitting, _xlstm, _olmo,
        _multipower, _openclip, _routed, _steplaw, _diloco, _nano, _sft, _kaplan,
    ]  # fmt: skip
    found = []
    for make in makers:
        try:
            found += list(make(folder))
        except FileNotFoundError:
            continue
    return found


def cases(found: Iterable[Ladder]) -> list[Case]:
    """Both targets of every ladder that has enough runs, over a factor of three, left."""
    made = []
    for ladder in found:
        size = scale_of(ladder.runs)
        for target, which in (("T20", FIFTH), ("TDEC", DECADE)):
            hidden = hide(ladder.runs, which)
            least = FEWEST_TINY if ladder.kind == "tiny" else FEWEST
            if (~hidden).sum() < least or np.ptp(np.log(size[~hidden])) < math.log(3):
                continue
            made.append(Case(ladder, target, hidden))
    return made


def _made(columns: dict[str, Any], target: str = "loss") -> Runs:
    """Runs from arrays, by their names."""
    table = {key: np.asarray(values, dtype=float) for key, values in columns.items()}
    mapping = ",".join(f"{key}={key}" for key in table)
    return read_runs(table, map=mapping, target=target, groups={})


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    path = folder / name
    if name.endswith(".gz"):
        with gzip.open(path, "rt", newline="") as file:
            return list(csv.DictReader(file))
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _take(rows: list[dict[str, str]], **names: str) -> dict[str, np.ndarray]:
    """Columns as floats (tokens times parameters overflow integers), rows without a value out."""
    table = {k: np.array([float(r[c] or "nan") for r in rows]) for k, c in names.items()}
    whole = np.all([np.isfinite(v) & (v > 0) for v in table.values()], axis=0)
    return {k: v[whole] for k, v in table.items()}


def _with_compute(table: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {**table, "C": 6.0 * table["N"] * table["D"]}


def _chinchilla(folder: Path) -> Iterable[Ladder]:
    rows = _rows(folder, "chinchilla_epoch.csv")
    table = _take(rows, N="params", D="tokens", C="flops", loss="loss")
    yield Ladder("chinchilla", "chinchilla", _made(table))


def _gadre(folder: Path) -> Iterable[Ladder]:
    rows = _rows(folder, "gadre_models.csv")
    for name in sorted({r["dataset"] for r in rows}):
        some = [r for r in rows if r["dataset"] == name]
        table = _take(some, N="params", D="tokens", loss="loss_c4_val")
        yield Ladder(f"gadre {name}", "gadre", _made(_with_compute(table)))


def _porian(folder: Path) -> Iterable[Ladder]:
    rows = _rows(folder, "porian_isoflop.csv.gz")
    rows = [r for r in rows if r["summary"] in ("owt2", "refinedweb") and r["exp"] != "0"]
    for key in sorted({(r["summary"], r["exp"]) for r in rows}):
        some = [r for r in rows if (r["summary"], r["exp"]) == key]
        table = _take(some, N="params", D="tokens", C="flops", loss="loss")
        tuned = some[0]["hparams"] == "tuned"
        name = f"porian {key[0]} {'tuned' if tuned else key[1]}"
        yield Ladder(name, "porian", _made(table), "main" if tuned else "more")


def _isoflops(folder: Path) -> Iterable[Ladder]:
    rows = _rows(folder, "isoflops_multi.csv")
    rows = [r for r in rows if "duplicate" not in r["reason"] and r["condition"] != "exp_loss"]
    # the others of this table are Chinchilla again, or `misfitting`, which has a table of its own
    rows = [r for r in rows if r["source"] == "llama_3" or r["source"].startswith("marin")]
    for key in sorted({r["experiment"] for r in rows}):
        some = [r for r in rows if r["experiment"] == key]
        table = _take(some, N="params", D="tokens", C="budget", loss="loss")
        name = f"isoflop {key.split('__')[0]} {some[0]['dataset']}"
        yield Ladder(name, "isoflop", _made(table))


def _gemstones(folder: Path) -> Iterable[Ladder]:
    rows = [r for r in _rows(folder, "gemstones.csv.gz") if r["subset"] == "hot_477"]
    kept = []
    for run in sorted({r["run_name"] for r in rows}):
        some = sorted((r for r in rows if r["run_name"] == run), key=lambda r: float(r["tokens"]))
        kept += [some[i] for i in _spread(len(some), 6)]
    table = _take(kept, N="params_active_precise", D="tokens", loss="final_loss")
    yield Ladder("gemstones", "gemstones", _made(_with_compute(table)))


def _misfitting(folder: Path) -> Iterable[Ladder]:
    rows = _rows(folder, "misfitting_final.csv")
    table = _best(_take(rows, N="N", D="D", loss="loss"))
    yield Ladder("misfitting", "misfitting", _made(_with_compute(table)))


def _xlstm(folder: Path) -> Iterable[Ladder]:
    rows = _rows(folder, "xlstm_isoflop.csv")
    for key in sorted({(r["arch"], r["ctx"]) for r in rows}):
        some = [r for r in rows if (r["arch"], r["ctx"]) == key]
        table = _take(some, N="params", D="tokens", loss="val_loss")
        name = f"xlstm {key[0]} {key[1]}"
        yield Ladder(name, "xlstm", _made(_with_compute(table)))


def _olmo(folder: Path) -> Iterable[Ladder]:
    from pyarrow import parquet

    loss, tokens = "eval/c4_en-validation/CrossEntropyLoss", "throughput/total_tokens"
    path = folder / "olmo_ladder.parquet"
    if not path.is_file():
        raise FileNotFoundError(path)
    rows = parquet.read_table(path, columns=["run", "step", tokens, loss]).to_pylist()
    last: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row[loss] is not None and row["step"] >= last.get(row["run"], row)["step"]:
            last[row["run"]] = row
    table = {
        "N": [OLMO[name.split("-")[0]] for name in last],
        "D": [row[tokens] for row in last.values()],
        "loss": [row[loss] for row in last.values()],
    }
    arrays = {k: np.asarray(v, dtype=float) for k, v in table.items()}
    yield Ladder("olmo c4", "olmo", _made(_with_compute(arrays)))


def _multipower(folder: Path) -> Iterable[Ladder]:
    rows = [
        r for r in _rows(folder, "multipower_lr_curves.csv") if r["schedule"].endswith("_72000")
    ]
    rows = [r for r in rows if r["schedule"].startswith("constant")]
    for size in sorted({r["model_params_m"] for r in rows}, key=float):
        some = sorted(
            (r for r in rows if r["model_params_m"] == size), key=lambda r: int(r["step"])
        )
        steps = np.array([float(r["step"]) for r in some])
        table = _take([some[i] for i in _spread_log(steps)], S="step", loss="loss")
        yield Ladder(f"multipower {size}M", "multipower", _made(table))


def _openclip(folder: Path) -> Iterable[Ladder]:
    rows = _rows(folder, "openclip_zeroshot.csv")
    # the 80 million pairs are repeated many times, and leave the trend
    rows = [r for r in rows if r["upstream_dataset"] in ("LAION-400M", "LAION-2B")]
    for task in OPENCLIP_TASKS:
        some = [r for r in rows if r["downstream_dataset"] == task]
        # ViT-B/32 and B/16 have the same size, so the work for a sample stands for the model
        table = _take(some, gmacs="gmacs", D="samples_seen", C="gmacs_total", accuracy="acc1")
        table["error"] = 1.0 - table.pop("accuracy")
        table["C"] = 2e9 * table["C"]
        yield Ladder(f"openclip {task}", "openclip", _made(table, "error"))


def _routed(folder: Path) -> Iterable[Ladder]:
    rows = _rows(folder, "routed_lm_curves.csv.gz")
    rows = [r for r in rows if r["k"] == "1" and float(r["routing_frequency"]) == 0.5]
    last: dict[str, dict[str, str]] = {}
    for row in rows:
        if float(row["step"]) >= float(last.get(row["hyper_id"], row)["step"]):
            last[row["hyper_id"]] = row
    for router in ("Hash", "RL-R", "S-Base"):
        some = [r for r in last.values() if r["router_type"] == router]
        table = _take(
            some,
            N="dense_parameter_count",
            experts="num_experts",
            C="flops_per_step",
            loss="loss_validation",
        )
        yield Ladder(f"routed {router}", "routed", _made(table))


def _steplaw(folder: Path) -> Iterable[Ladder]:
    rows = _rows(folder, "steplaw_dense.csv")
    table = _best(_take(rows, N="N", D="D", loss="smooth_loss"))
    yield Ladder("steplaw", "steplaw", _made(_with_compute(table)))


def _diloco(folder: Path) -> Iterable[Ladder]:
    rows = _rows(folder, "diloco_eval_loss.csv")
    for replicas in sorted({r["replicas"] for r in rows}, key=int):
        some = [r for r in rows if r["replicas"] == replicas]
        table = _take(some, N="params_nominal", loss="eval_loss")
        yield Ladder(f"diloco M={replicas}", "diloco", _made(table), "tiny")


def _nano(folder: Path) -> Iterable[Ladder]:
    rows = _rows(folder, "nano_width.csv")
    for config in sorted({r["config"] for r in rows}, key=int):
        some = [r for r in rows if r["config"] == config]
        table = _take(some, width="n_embd", loss="final_val_loss")
        yield Ladder(f"nano {config}", "nano", _made(table), "tiny")


def _sft(folder: Path) -> Iterable[Ladder]:
    rows = _rows(folder, "sld_sft.csv")
    for group in sorted({r["group"] for r in rows}):
        some = [r for r in rows if r["group"] == group]
        table = _take(some, D="sft_data_size", loss="sft_loss")
        yield Ladder(f"sft {group}", "sft", _made(table), "tiny")


def _kaplan(folder: Path) -> Iterable[Ladder]:
    rows = _rows(folder, "kaplan_fig_lnd.csv")
    units = {"K": 1e3, "M": 1e6, "B": 1e9}
    table = {
        "N": np.array([float(r["model_params"][:-1]) * units[r["model_params"][-1]] for r in rows]),
        "D": 10.0 ** np.array([float(r["log10_dataset_tokens"]) for r in rows]),
        "loss": np.array([float(r["loss"]) for r in rows]),
    }
    yield Ladder("kaplan figure", "kaplan", _made(_with_compute(table)), "more")


def _best(table: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The lowest loss at every pair of N and D: the best hyper-parameters that were tried."""
    order = np.argsort(table["loss"], kind="stable")
    pairs = np.stack([table["N"][order], table["D"][order]])
    _, first = np.unique(pairs, axis=1, return_index=True)
    return {k: v[order][first] for k, v in table.items()}


def _spread(n: int, count: int) -> list[int]:
    """Indices evenly spread in the logarithm of the position."""
    return sorted({round(i) - 1 for i in np.geomspace(1, n, count)})


def _spread_log(x: np.ndarray) -> list[int]:
    """Indices of checkpoints evenly spread in the logarithm of the step."""
    goal = np.geomspace(x[0], x[-1], CHECKPOINTS)
    return sorted({int(np.argmin(np.abs(x - g))) for g in goal})
