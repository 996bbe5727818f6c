"""What sets the six registries apart, before form: size, years, countries, systems of codes."""

from __future__ import annotations

from dataclasses import dataclass

from generator.days import day


@dataclass(frozen=True)
class Profile:
    """One registry as the generator sees it; how its files look stands in its ``registry.yaml``."""

    id: str
    persons: int
    countries: dict[str, float]
    entry_from: str
    entry_to: str
    cut: str
    adverse_event_start: str
    deaths: str
    id_format: str
    systems: dict[str, float]
    periods: bool = False
    rituximab: float = 0.0
    dropout_per_year: float = 0.04

    @property
    def linked(self) -> bool:
        """Are deaths known independently of visits?"""
        return self.deaths == "linked"

    @property
    def cut_day(self) -> int:
        """Day number of the data cut."""
        return day(self.cut)


PROFILES: dict[str, Profile] = {
    p.id: p
    for p in (
        Profile(
            "cz",
            2400,
            {"CZ": 1.0},
            "2009-01-01",
            "2022-06-30",
            "2024-12-31",
            "2015-01-01",
            "visits",
            "CZ-{:06d}",
            {"MedDRA PT": 1.0},
            rituximab=0.1,
        ),
        Profile(
            "dk",
            1500,
            {"DK": 1.0},
            "2008-01-01",
            "2022-06-30",
            "2024-12-31",
            "2016-01-01",
            "linked",
            "{:07d}",
            {"ICD-10": 1.0},
            periods=True,
            rituximab=0.2,
            dropout_per_year=0.02,
        ),
        Profile(
            "fr",
            2600,
            {"FR": 1.0},
            "2008-06-01",
            "2022-12-31",
            "2024-12-31",
            "2015-07-01",
            "visits",
            "{:d}",
            {"local": 1.0},
            rituximab=0.15,
        ),
        Profile(
            "it",
            2200,
            {"IT": 1.0},
            "2009-01-01",
            "2021-12-31",
            "2024-06-30",
            "2016-07-01",
            "visits",
            "{:d}",
            {"MedDRA LLT": 1.0},
            dropout_per_year=0.05,
            rituximab=0.1,
        ),
        Profile(
            "se",
            1600,
            {"SE": 1.0},
            "2008-01-01",
            "2022-06-30",
            "2024-12-31",
            "2015-01-01",
            "linked",
            "S{:08x}",
            {"MedDRA LLT": 1.0},
            periods=True,
            rituximab=1.0,
            dropout_per_year=0.02,
        ),
        Profile(
            "msbase",
            1700,
            {
                "AU": 0.2,
                "CA": 0.12,
                "TR": 0.16,
                "ES": 0.14,
                "AR": 0.05,
                "NL": 0.05,
                "KW": 0.03,
                "CZ": 0.09,
                "DK": 0.03,
                "FR": 0.04,
                "IT": 0.07,
                "SE": 0.02,
            },
            "2009-01-01",
            "2022-06-30",
            "2024-12-31",
            "2017-01-01",
            "visits",
            "MSB-{:06d}",
            {"ICD-10": 0.6, "local": 0.4},
            dropout_per_year=0.06,
            rituximab=0.1,
        ),
    )
}
"""The registries by id. A new one here changes none of the others."""


def sizes(persons: int | None = None) -> dict[str, int]:
    """Persons of each registry, for a total over all six."""
    total = sum(p.persons for p in PROFILES.values())
    if persons is None:
        return {p.id: p.persons for p in PROFILES.values()}
    return {p.id: max(1, round(p.persons * persons / total)) for p in PROFILES.values()}
