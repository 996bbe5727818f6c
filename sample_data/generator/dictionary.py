"""A made-up dictionary in the distribution layout of MedDRA ($ separated), code lists, and maps of local terms."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from generator.concepts import CONCEPTS, GROUP_OF, GROUPS, VARIANTS, llt_code, pt_code

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "0.2"
TITLES = ("infections", "growths", "pale skin growths", "other complaints", "long-term diseases")

SECOND_PATHS = {"skin infection": 4}
"""Concepts that lie under the class of another group as well, not on their primary path."""
NOT_CURRENT = ("lung infection", ", in words no longer used")
"""A preferred term that has one more lowest-level term, which is no longer current and in no data."""
WHOLE_QUERY = 94_000_006
"""A query above those on infections and growths; in its broad scope the pale skin growths too."""
PARTS_OF_QUERY, WIDER_GROUP = (1, 2), 3

README = """MADE UP. This is not MedDRA and holds nothing from it.

Every term is invented (names begin with "Made-up"), every code begins with 9. Only the layout of the files is that of
the MedDRA distribution format, so that a reader for the licensed dictionary can be tried without a licence.
"""


def dictionary_files() -> dict[str, str]:
    """Name and text of every file of the dictionary."""
    rows = {
        "llt.asc": [*(_llt(i, v) for i in range(len(CONCEPTS)) for v in range(len(VARIANTS))), _not_current()],
        "pt.asc": [[pt_code(i), c.title, "", _soc(i), *[""] * 7] for i, c in enumerate(CONCEPTS)],
        "hlt.asc": [[91_000_000 + g, f"Made-up {t}, narrow group", *[""] * 7] for g, t in _numbered()],
        "hlt_pt.asc": [[91_000_000 + g, pt_code(i)] for i, g in _paths()],
        "hlgt.asc": [[92_000_000 + g, f"Made-up {t}, wide group", *[""] * 7] for g, t in _numbered()],
        "hlgt_hlt.asc": [[92_000_000 + g, 91_000_000 + g] for g, _ in _numbered()],
        "soc.asc": [[93_000_000 + g, f"Made-up class of {t}", f"Made{g}", *[""] * 7] for g, t in _numbered()],
        "soc_hlgt.asc": [[93_000_000 + g, 92_000_000 + g] for g, _ in _numbered()],
        "mdhier.asc": [_hierarchy(i, g) for i, g in _paths()],
        "smq_list.asc": [*(_query(g, t) for g, t in _numbered()), _whole_query()],
        "smq_content.asc": [*(_content(i) for i in range(len(CONCEPTS))), *_whole_content()],
        "meddra_release.asc": [[VERSION, "English", "Made-up dictionary", "", ""]],
    }
    files = {name: "".join("$".join(str(c) for c in row) + "$\n" for row in table) for name, table in rows.items()}
    return {**files, "README.txt": README}


def _numbered() -> list[tuple[int, str]]:
    return list(enumerate(TITLES, start=1))


def _index(name: str) -> int:
    return next(i for i, c in enumerate(CONCEPTS) if c.name == name)


def _paths() -> list[tuple[int, int]]:
    """Concept and number of the group it lies under: the primary paths, then the others."""
    return [
        *((i, int(GROUP_OF[i]) + 1) for i in range(len(CONCEPTS))),
        *((_index(name), group) for name, group in SECOND_PATHS.items()),
    ]


def _soc(index: int) -> int:
    return 93_000_000 + int(GROUP_OF[index]) + 1


def _llt(index: int, variant: int) -> list[object]:
    name = CONCEPTS[index].title + VARIANTS[variant]
    return [llt_code(index, variant), name, pt_code(index), *[""] * 6, "Y", ""]


def _not_current() -> list[object]:
    name, words = NOT_CURRENT
    index = _index(name)
    return [llt_code(index, len(VARIANTS)), CONCEPTS[index].title + words, pt_code(index), *[""] * 6, "N", ""]


def _hierarchy(index: int, g: int) -> list[object]:
    title = TITLES[g - 1]
    return [
        pt_code(index),
        91_000_000 + g,
        92_000_000 + g,
        93_000_000 + g,
        CONCEPTS[index].title,
        f"Made-up {title}, narrow group",
        f"Made-up {title}, wide group",
        f"Made-up class of {title}",
        f"Made{g}",
        "",
        _soc(index),
        "Y" if _soc(index) == 93_000_000 + g else "N",
    ]


def _query(group: int, title: str) -> list[object]:
    code, name = 94_000_000 + group, f"Made-up query on {title}"
    level = 2 if group in PARTS_OF_QUERY else 1
    return [code, name, level, f"Invented query on {title}", "none", "", VERSION, "A", "N"]


def _content(index: int) -> list[object]:
    return [94_000_000 + int(GROUP_OF[index]) + 1, pt_code(index), 4, 2, "A", 0, "A", VERSION, VERSION]


def _whole_query() -> list[object]:
    title = " and ".join(TITLES[g - 1] for g in PARTS_OF_QUERY)
    return [WHOLE_QUERY, f"Made-up query on {title}", 1, f"Invented query on {title}", "none", "", VERSION, "A", "N"]


def _whole_content() -> list[list[object]]:
    """The queries below, then terms of the broad scope."""
    wider = [i for i in range(len(CONCEPTS)) if int(GROUP_OF[i]) + 1 == WIDER_GROUP]
    return [
        *([WHOLE_QUERY, 94_000_000 + g, 0, 0, "S", 0, "A", VERSION, VERSION] for g in PARTS_OF_QUERY),
        *([WHOLE_QUERY, pt_code(i), 4, 1, "A", 0, "A", VERSION, VERSION] for i in wider),
    ]


INFECTION_ICD = (
    ("A00-B99", "Certain infectious and parasitic diseases", "range"),
    ("G00", "Bacterial meningitis", "descendants"),
    ("G03", "Meningitis due to other and unspecified causes", "descendants"),
    ("G04", "Encephalitis, myelitis and encephalomyelitis", "descendants"),
    ("J00-J06", "Acute upper respiratory infections", "range"),
    ("J09-J11", "Influenza", "range"),
    ("J12", "Viral pneumonia", "descendants"),
    ("J13-J18", "Other pneumonia", "range"),
    ("J20-J22", "Other acute lower respiratory infections", "range"),
    ("L00-L08", "Infections of the skin and subcutaneous tissue", "range"),
    ("M00", "Pyogenic arthritis", "descendants"),
    ("N10", "Acute tubulo-interstitial nephritis", "exact"),
    ("N30.0", "Acute cystitis", "exact"),
    ("N39.0", "Urinary tract infection, site not specified", "exact"),
    ("U07.1", "COVID-19, virus identified", "exact"),
)
MALIGNANCY_ICD = (
    ("C00-C43", "Malignant neoplasms, up to melanoma of skin", "range"),
    ("C45-C97", "Malignant neoplasms, without other malignant neoplasms of skin (C44)", "range"),
)


def code_list(group: str) -> str:
    """A protocol's code list as CSV: ICD-10, then the made-up dictionary's terms of this group."""
    public = INFECTION_ICD if group == "infection" else MALIGNANCY_ICD
    rows = [["ICD-10", code, label, match] for code, label, match in public]
    mine = [i for i, c in enumerate(CONCEPTS) if c.group == group]
    rows += [["MedDRA PT", str(pt_code(i)), CONCEPTS[i].title, "exact"] for i in mine]
    rows += [
        ["MedDRA LLT", str(llt_code(i, v)), CONCEPTS[i].title + VARIANTS[v], "exact"]
        for i in mine
        for v in range(len(VARIANTS))
    ]
    return _csv([["system", "code", "label", "match"], *rows])


def term_map(language: str) -> str:
    """A registry's map of local terms: two thirds looked up automatically, the rest by hand, over three systems."""
    rows = []
    for i, concept in enumerate(CONCEPTS):
        term = concept.local_fr if language == "fr" else concept.local_en
        system, code = ("ICD-10", concept.icd10)
        if language == "fr" and i % 3:
            system, code = ("MedDRA PT", str(pt_code(i))) if i % 3 == 1 else ("MedDRA LLT", str(llt_code(i, 1)))
        rows.append([term, system, code, "manual" if i % 3 == 2 else "mapped"])
    return _csv([["term", "system", "code", "status"], *rows])


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def write_dictionary(folder: Path) -> None:
    """Write the dictionary into a registry's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in dictionary_files().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def write_code_lists(folder: Path) -> None:
    """Write the example protocol's code lists."""
    folder.mkdir(parents=True, exist_ok=True)
    for group in ("infection", "malignancy"):
        (folder / f"{group}.csv").write_text(code_list(group), encoding="utf-8", newline="\n")


__all__ = ["GROUPS", "code_list", "dictionary_files", "term_map", "write_code_lists", "write_dictionary"]
