"""The library as a whole: how much it holds, and that no number stands there without evidence."""

import re
from collections import Counter
from pathlib import Path

import pytest

from isoloss import quantities
from isoloss.law import forms, published_laws
from isoloss.law.bibtex import bibtex
from isoloss.law.families import families
from isoloss.law.published import EVIDENCE, USED
from isoloss.law.published.reasons import all_reasons
from isoloss.law.published.without import without_law
from isoloss.law.typeset import typeset

ENTRIES = published_laws()
# a web page, and a paper whose year and title were not read
WITHOUT_YEAR = ("seed002_data", "seed002_model", "seed002_compute", "moma_mot_efficiency")


def test_the_library_is_as_large_as_it_says():
    assert len(forms()) >= 50
    assert len(ENTRIES) >= 160
    levels = Counter(entry.level for entry in ENTRIES.values() if entry.complete)
    assert levels["primary"] + levels["author-code"] + levels["refit"] >= 60


@pytest.mark.parametrize("page", ["README.md", "docs/library.md", "CHANGELOG.md"])
def test_pages_count_right(page):
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    said = re.search(r"(\d+)\s+forms.{0,400}?over\s+(\d+)\s+published", text, re.S)
    assert said
    assert int(said.group(1)) == len(forms())
    assert int(said.group(2)) <= len(ENTRIES)


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_an_entry_says_where_it_was_read(name):
    entry = ENTRIES[name]
    assert entry.sources
    # the paper has an address; a note that quotes it may have none that lasts
    assert entry.sources[0].url.startswith("https://")
    assert all(source.cite for source in entry.sources)
    assert bibtex(entry.sources[0]).startswith("@misc{") or name in WITHOUT_YEAR
    assert entry.evidence in EVIDENCE
    for chosen in entry.sets.values():
        for number in chosen.numbers.values():
            assert number.evidence in EVIDENCE
            # nothing is filled in from memory
            assert number.evidence != "memory", f"{name}: {number.name}"
        assert chosen.numbers or chosen.unseen or entry.form is None, name
        for known in chosen.inputs.values():
            assert known.measure or known.quantity or known.meaning, f"{name}: {known.name}"
    assert entry.modality
    assert entry.family in families()


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_an_entry_can_be_written_and_evaluated(name):
    entry = ENTRIES[name]
    assert typeset(entry.law)
    assert entry.law.latex
    assert entry.to_document()["id"] == name
    for chosen in entry.sets.values():
        if not (chosen.complete and chosen.evidence in USED):
            continue
        usual = {v.name: v.range for v in (entry.form.variables if entry.form else ())}
        at = {}
        for key, known in chosen.inputs.items():
            low, high = known.range or usual.get(key) or (1.0, 100.0)
            middle = (low * high) ** 0.5 if low > 0 else (low + high) / 2
            at[key] = middle * known.factor
        value = entry.evaluate(at, chosen.name)
        assert value.low <= value.value <= value.high or value.basis == "none" or _lopsided(value)
        assert value.unit == chosen.measure


def _lopsided(value) -> bool:
    """A value may stand a little outside of the middle nine tenths of lopsided draws."""
    width = value.high - value.low
    return value.low - width < value.value < value.high + width


def test_units_are_known_or_said_in_words():
    for entry in ENTRIES.values():
        for chosen in entry.sets.values():
            if chosen.complete:
                assert chosen.measure, f"{entry.id}: what unit has {chosen.target}?"
            for known in chosen.inputs.values():
                if known.unit:
                    assert quantities.unit(known.unit).factor > 0


# the papers related to the founding one, and what stands for each of them
RELATED = {
    "Compute-Optimal Scaling for Value-Based Deep RL": "fu2025_value_rl",
    "Small-to-Large Generalization": "small_to_large2025",
    "Echo Chamber": "echo_chamber2025",
    "Communication-Efficient Language Model Training": "diloco2025_dp",
    "Feasible Learning": "feasible_learning2025",
    "The interplay between domain specialization and model size": "domain_specialization2025",
    "Transferable Post-training via Inverse Value Learning": "inverse_value2024",
    "More Compute Is What You Need": "guo2024_bpc",
    "A Dynamical Model of Neural Scaling Laws": "bordelon2024",
    "Navigating Scaling Laws": "anagnostidis2023",
    "Dataless Knowledge Fusion": "regmean2022",
    "Scaling Laws for Neural Language Models": "kaplan2020_N",
}


def test_each_related_paper_has_an_entry_or_a_reason():
    for title, id_ in RELATED.items():
        if id_ in ENTRIES:
            assert any(title in source.cite for source in ENTRIES[id_].sources), title
        else:
            assert title in without_law()[id_].cite
            assert len(without_law()[id_].reason) > 40


def test_the_list_of_related_papers_is_complete(shared):
    page = next((shared / "seeds").glob("001_*")).read_text(encoding="utf-8")
    listed = re.findall(r"(?:^- |\) - )([A-Z][^\[\n]+?) \[\d", page, re.M)
    assert len(listed) == len(RELATED) == 12
    for title in listed:
        assert any(title.startswith(known) for known in RELATED), title


@pytest.mark.parametrize(
    "family",
    ["sparsity", "moe", "retrieval", "multimodal", "vision", "rl", "transfer", "test_time"],
)
def test_each_family_of_models_has_at_least_two_laws(family):
    assert sum(entry.family == family for entry in ENTRIES.values()) >= 2


def test_explanations_are_about_laws_that_exist():
    for reason in all_reasons():
        for start in (*reason.laws, *reason.against):
            assert any(id_.startswith(start) for id_ in ENTRIES), start
        assert reason.about
        assert reason.sources


def test_papers_without_a_law_have_no_entry():
    assert not set(without_law()) & set(ENTRIES)
