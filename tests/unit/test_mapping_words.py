"""Does a draft know the names that exports have in several languages, and those of the CDISC standards?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from pass_engine.mapping import draft_mapping
from tests.e2e.small import make_network

if TYPE_CHECKING:
    from pathlib import Path

DAY, DOTS, SLASHES = "2016-02-23", "23.02.2016", "23/02/2016"
FILES = {
    "dm": ("person", {"USUBJID": ("person_id", "S-1"), "BRTHDTC": ("birth_date", DAY), "SEX": ("sex", "F"),
                      "COUNTRY": ("country", "DE"), "SITEID": ("centre_id", "C1"), "DTHDTC": ("death_date", DAY)}),
    "ae": ("adverse_event", {"USUBJID": ("person_id", "S-1"), "AETERM": ("verbatim", "x"), "AESER": ("serious", "Y"),
                             "AESTDTC": ("onset_date", DAY), "AEENDTC": ("end_date", DAY)}),
    "adverse": ("adverse_event", {"SUBJID": ("person_id", "1"), "AETERM": ("verbatim", "x"),
                                  "AEONSET": ("onset_date", DAY), "AESER": ("serious", "N")}),
    "subjects": ("person", {"SUBJID": ("person_id", "1"), "BDATE": ("birth_date", DAY), "GENDER": ("sex", "M")}),
    "Patienten": ("person", {"PATNR": ("person_id", "1"), "Geburtsdatum": ("birth_date", DOTS),
                             "Todesdatum": ("death_date", DOTS), "Letzter Besuch": ("last_contact_date", DOTS)}),
    "Nebenwirkungen": ("adverse_event", {"Patientennummer": ("person_id", "1"), "Bezeichnung": ("verbatim", "x"),
                                         "Beginn": ("onset_date", DOTS), "Schwerwiegend": ("serious", "ja")}),
    "bijwerkingen": ("adverse_event", {"Patientnummer": ("person_id", "1"), "Omschrijving": ("verbatim", "x"),
                                       "Startdatum": ("onset_date", DAY), "Ernstig": ("serious", "ja")}),
    "patienten": ("person", {"Geboortedatum": ("birth_date", DAY), "Geslacht": ("sex", "V"),
                             "Overlijdensdatum": ("death_date", DAY), "Patientnummer": ("person_id", "1")}),
    "pazienti": ("person", {"CODICE_PAZ": ("person_id", "1"), "DATANASC": ("birth_date", SLASHES),
                            "DATA_ULT_VISITA": ("last_contact_date", SLASHES)}),
    "patients": ("person", {"NUM_PATIENT": ("person_id", "1"), "DDN": ("birth_date", SLASHES),
                            "DATE_DC": ("death_date", SLASHES)}),
    "pacientes": ("person", {"NHC": ("person_id", "1"), "FECHA_NAC": ("birth_date", SLASHES),
                             "FECHA_EXITUS": ("death_date", SLASHES), "SEXO": ("sex", "H")}),
    "pacienti": ("person", {"ID_PAC": ("person_id", "1"), "DATNAR": ("birth_date", DOTS), "POHL": ("sex", "Z"),
                            "DATUM_UMRTI": ("death_date", DOTS)}),
    "personer": ("person", {"PNR": ("person_id", "1"), "FODT": ("birth_date", DAY), "DOED": ("death_date", DAY),
                            "SIDST_SET": ("last_contact_date", DAY)}),
    "individer": ("person", {"LOPNUMMER": ("person_id", "1"), "FODELSEAR": ("birth_date", "1980"), "KON": ("sex", "K"),
                             "DODDATUM": ("death_date", DAY)}),
}  # fmt: skip
SEXES = {"F": "female", "M": "male", "V": "female", "Z": "female", "H": "male", "K": "female"}


@pytest.mark.parametrize("name", FILES)
def test_columns_are_known_by_their_names(name: str, tmp_path: Path) -> None:
    table, columns = FILES[name]
    row = ";".join(value for _, value in columns.values())
    (tmp_path / f"{name}.csv").write_text("\n".join([";".join(columns), *[row] * 8, ""]), encoding="utf-8")
    text = draft_mapping([tmp_path / f"{name}.csv"], tmp_path)
    mapping = yaml.safe_load(text)["source"]["tables"][table]
    drafted = {core: m["from"] if isinstance(m, dict) else m for core, m in mapping["columns"].items()}
    assert drafted == {core: source for source, (core, _) in columns.items()}
    for source, (core, value) in columns.items():
        if core == "sex":
            assert mapping["columns"]["sex"] == {"from": source, "map": {value: SEXES[value]}}
    assert ("TO DO constants: {country: " in text) == (table == "person" and "COUNTRY" not in columns)


def test_a_draft_of_another_name_says_what_to_call_it(tmp_path: Path) -> None:
    network = make_network(tmp_path)
    told = network.command("registry", "init", "--from", "registries/aa/data", "--out", "draft.yaml")
    assert told.out == (
        "Written: draft.yaml. Finish its TO DO lines, name it registry.yaml, then: pass-engine registry check .\n"
    )
