"""Make the synthetic registries: ``python sample_data/generate.py --out sample_data``.

All of it is made up. Synthetic data. Not evidence about any medicine.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from generator.benchmark import write_core_parquet
from generator.dictionary import term_map, write_code_lists, write_dictionary
from generator.faults import Faulty, add_faults
from generator.forms import read_registry, shape_tables
from generator.profiles import PROFILES, sizes
from generator.simulate import simulate_core
from generator.streams import SEED
from generator.truth import describe_registry, write_truth
from generator.writers import write_tables

HERE = Path(__file__).resolve().parent
VERIFICATION = "verification.csv"


def write_registry(registry_id: str, persons: int, seed: int, folder: Path, *, clean: bool) -> dict[str, Any]:
    """Write one registry's folder; returns its part of the truth."""
    _copy_form(HERE / registry_id, folder)
    core = simulate_core(registry_id, persons, seed)
    made = Faulty(core, []) if clean else add_faults(registry_id, core, seed)
    source = read_registry(folder)["source"]
    if "meddra" in source.get("dictionaries", {}):
        write_dictionary(folder / source["dictionaries"]["meddra"])
    if "adverse_event" in source.get("terms", {}):
        language = "fr" if registry_id == "fr" else "en"
        (folder / source["terms"]["adverse_event"]).write_text(term_map(language), encoding="utf-8", newline="\n")
    write_tables(registry_id, source, shape_tables(folder, registry_id, made.tables, seed), folder)
    return describe_registry(registry_id, core, made.counts)


def _copy_form(origin: Path, folder: Path) -> None:
    """Take the hand-written parts (registry.yaml, maps, verification) along to another place."""
    if origin == folder.resolve():
        return
    (folder / "maps").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(origin / "registry.yaml", folder / "registry.yaml")
    for path in sorted((origin / "maps").glob("*.csv")):
        shutil.copyfile(path, folder / "maps" / path.name)
    if (origin / VERIFICATION).is_file():
        shutil.copyfile(origin / VERIFICATION, folder / VERIFICATION)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Make the synthetic registries. Not evidence about any medicine.")
    parser.add_argument("--out", type=Path, help="write the registries in their own forms here")
    parser.add_argument("--persons", type=int, help="persons in all, instead of about 12,000")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed makes other data")
    parser.add_argument("--registries", nargs="+", choices=sorted(PROFILES), default=list(PROFILES), help="only some")
    parser.add_argument("--clean", action="store_true", help="no faults")
    parser.add_argument("--codelists", type=Path, help="write the example protocol's code lists here")
    parser.add_argument("--core-parquet", type=Path, help="write core tables as Parquet here, for benchmarks, clean")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Make what the command line asks for."""
    options = parse_arguments(arguments)
    persons = {name: count for name, count in sizes(options.persons).items() if name in options.registries}
    if options.codelists:
        write_code_lists(options.codelists)
    if options.core_parquet:
        for name, count in persons.items():
            write_core_parquet(name, count, options.seed, options.core_parquet / name)
    if options.out:
        truth = {
            name: write_registry(name, count, options.seed, options.out / name, clean=options.clean)
            for name, count in persons.items()
        }
        (options.out / "truth.json").write_text(write_truth(options.seed, truth), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
