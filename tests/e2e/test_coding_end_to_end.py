"""Do ATC codes, groups and queries of a dictionary, and local terms, find in a whole run what they stand for?"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from pass_engine.protocol import load_protocol
from pass_engine.registry import load_registry
from pass_engine.site import run_site
from tests.e2e.demo import REGISTRIES
from tests.e2e.small import MARK, make_network, words_of_report, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.small import Network

HEAD = "system,code,label,match\n"
TERMS = (
    "90100090", "90100092", "90100013", "90100010", "90400340", "90200200", "90300330", "90400340",
    "90400350", "90400350", "90400350", "90400350",
)  # fmt: skip
"""One report a person: skin infection twice (once in other words), lung infection twice (once by a term that is no
longer current), a headache, a growth, a pale skin growth, a headache, four infusion reactions."""
RULE_OF_NOT_CURRENT = ("event_term_not_current", "12", "1")


@pytest.fixture
def network(tmp_path: Path) -> Network:
    made = make_network(tmp_path)
    made.edit("study/protocol.yaml", ("min_cell: 2", "min_cell: 1"))
    for name in ("aa", "bb"):
        made.edit(f"registries/{name}/registry.yaml", ("min_cell: 2", "min_cell: 1"))
    return made


def code_with_dictionary(network: Network) -> None:
    """Registry aa codes with lowest level terms of the made-up dictionary."""
    home = network / "registries/aa"
    shutil.copytree(REGISTRIES / "se/dictionaries", home / "dictionaries")
    network.edit(
        "registries/aa/registry.yaml",
        ("{code_system: ICD-10}", "{code_system: MedDRA LLT}\n  dictionaries: {meddra: dictionaries/made-up/}"),
    )
    lines = (home / "data/events.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in lines[1:]]
    coded = [f"{person},{term},{onset}" for (person, _, onset), term in zip(rows, TERMS, strict=True)]
    write(home / "data/events.csv", "\n".join([lines[0], *coded]) + "\n")


def events(network: Network, registry: str = "aa") -> int:
    """Events of all persons of a registry, before anything is held back."""
    loaded = load_registry(network / f"registries/{registry}")
    counts = run_site(loaded, load_protocol(network / "study")).tables["counts"]
    return int(counts[(counts["analysis"] == "rates") & (counts["stratum"] == "overall")]["events"].sum())


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("MedDRA SOC,93000001,Infections,any", 4),
        ("MedDRA SOC,93000004,Other complaints,any", 2 + 2 + 4),
        ("MedDRA SOC,93000004,Other complaints,primary", 2 + 4),
        ("MedDRA HLT,91000004,Other complaints,any", 2 + 2 + 4),
        ("MedDRA PT,90100010,Lung infection,exact", 2),
        ("MedDRA LLT,90100013,Lung infection in old words,exact", 1),
        ("MedDRA SMQ,94000001,Infections,narrow", 4),
        ("MedDRA SMQ,94000006,Infections and growths,narrow", 4 + 1),
        ("MedDRA SMQ,94000006,Infections and growths,broad", 4 + 1 + 1),
    ],
)
def test_groups_and_queries_of_the_made_up_dictionary(network, row, expected) -> None:
    code_with_dictionary(network)
    write(network / "study/codelists/infection.csv", f"{HEAD}{row}\n")
    assert events(network) == expected


def test_a_run_records_the_dictionary_and_prints_the_groups(network) -> None:
    code_with_dictionary(network)
    rows = "MedDRA SOC,93000004,Other,primary\nMedDRA SMQ,94000006,Both,broad\nMedDRA LLT,90100013,Old,exact\n"
    write(network / "study/codelists/infection.csv", HEAD + rows)
    assert network.run().code == 0
    manifest = json.loads((network / "run/manifest.json").read_text("utf-8"))
    told = manifest["dictionaries"]
    assert len(told["aa"]["meddra"].pop("digest")) == 64
    assert told == {"aa": {"meddra": {"version": "0.2", "language": "English"}}, "bb": {}}
    counted = {(r["rule_id"], r["tested"], r["failed"]) for r in network.rows("quality.csv") if r["registry"] == "aa"}
    assert {RULE_OF_NOT_CURRENT, ("list_term_not_current", "3", "1"), ("list_term_not_known", "3", "0")} <= counted
    text = words_of_report(network / "run")
    assert "terms on the primary path" in text
    assert "both scopes" in text


def test_a_local_term_is_found_by_its_own_words(network) -> None:
    """Nine of a dozen reports of bb say A49.9, here a local term; the registry gives I10 a code, which goes first."""
    network.edit(
        "registries/bb/registry.yaml",
        ("{code_system: ICD-10}", "{code_system: local}\n  terms: {adverse_event: maps/terms.csv}"),
    )
    write(network / "registries/bb/maps/terms.csv", "term,system,code,status\nI10,ICD-10,I10,mapped\n")
    for row, expected in (("local,A49.9,Own", 9), ("local,a49.9,Own", 0), ("local,I10,Own", 0), ("ICD-10,I10,Its", 3)):
        write(network / "study/codelists/infection.csv", f"{HEAD}{row},exact\n")
        assert events(network, "bb") == expected


def test_exposures_by_atc_are_those_of_the_substances_listed(network) -> None:
    assert network.run().code == 0
    by_name = network.rows("incidence.csv")
    network.edit(
        "study/protocol.yaml",
        ("require: [person.birth_date]", "require: [person.birth_date]\n  substance_list: codelists/substances.csv"),
        ("substances: [alfa], gap_days", "atc: [L99A], gap_days"),
        ("substances: [beta], gap_days", "atc: [L99BB02], gap_days"),
    )
    listed = "system,code,substance\nATC,L99AA01,alfa\nATC,L99AA09,alfa\nATC,L99BB02,beta\n"
    write(network / "study/codelists/substances.csv", listed)
    plain = load_protocol(network / "study").digest
    assert network.run().code == 0
    assert network.rows("incidence.csv") == by_name
    assert (network / "run/protocol/codelists/substances.csv").read_text(encoding="utf-8") == listed
    told = network.command("explain", "study")
    assert "Treatment with alfa, the study's list of substances for ATC L99A." in " ".join(told.out.split())
    write(network / "study/codelists/substances.csv", listed + "ATC,L99AC01,gamma\n")
    assert load_protocol(network / "study").digest != plain


def test_a_substance_that_nobody_has_is_told(network) -> None:
    network.edit("study/protocol.yaml", ("substances: [beta]", "substances: [betta, beta]"))
    told = network.run()
    assert told.code == 0
    wanted = "No registry that took part has a treatment or dose of betta: is it written as they write it?\n"
    assert wanted in told.out
    assert told.out.count("No registry that took part") == 1
    drugs = network / "registries/bb/data/drugs.csv"
    text = drugs.read_text(encoding="utf-8").replace(f"{MARK}001,beta,", f"{MARK}001,Betta,")
    write(drugs, text)
    assert "No registry that took part" not in network.run().out
