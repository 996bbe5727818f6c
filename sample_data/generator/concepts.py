"""Clinical concepts: made-up names, ICD-10 codes, local terms. Nothing here comes from MedDRA.

The names begin with "Made-up" and the eight-digit codes with 9, so that no one takes them for the licensed dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from generator.days import Array

GROUPS = ("infection", "malignancy", "skin_tumour", "other_event", "chronic")


@dataclass(frozen=True)
class Concept:
    """One concept: how often it is reported (by women, by men, when serious) and what it is called."""

    group: str
    name: str
    icd10: str
    local_fr: str
    local_en: str
    women: float
    men: float
    serious: float

    @property
    def title(self) -> str:
        """Name in the made-up dictionary."""
        return f"Made-up {self.name}"


def _rows(group: str, text: str) -> list[Concept]:
    rows = []
    for line in text.strip().splitlines():
        name, icd10, french, english, women, men, serious = (cell.strip() for cell in line.split("|"))
        rows.append(Concept(group, name, icd10, french, english, float(women), float(men), float(serious)))
    return rows


CONCEPTS: tuple[Concept, ...] = (
    *_rows(
        "infection",
        """
        lung infection | J18.9 | infection du poumon (fictif) | lung inf. | 6 | 8 | 22
        winter lung infection | J12.9 | infection virale du poumon (fictif) | lung inf. viral | 2 | 2 | 4
        bronchial infection | J20.9 | infection des bronches (fictif) | chest cold | 12 | 12 | 4
        nose and throat infection | J06.9 | rhume fictif | cold | 30 | 28 | 1
        sinus infection | J01.9 | infection des sinus (fictif) | sinus inf. | 8 | 6 | 1
        urinary infection | N39.0 | infection urinaire (fictif) | uti | 30 | 12 | 18
        kidney infection | N10 | infection du rein (fictif) | kidney inf. | 2 | 1 | 8
        bladder infection | N30.0 | infection de la vessie (fictif) | bladder inf. | 10 | 4 | 1
        skin infection | L03.1 | infection de la peau (fictif) | skin inf. | 4 | 5 | 7
        red skin infection | A46 | infection rouge de la peau (fictif) | red skin inf. | 1 | 1 | 3
        band rash infection | B02.9 | eruption en ceinture (fictif) | band rash | 4 | 4 | 3
        lip blister infection | B00.9 | bouton de levre (fictif) | lip blister | 5 | 4 | 1
        gut infection | A09.9 | infection du ventre (fictif) | gut inf. | 5 | 5 | 6
        blood infection | A41.9 | infection du sang (fictif) | blood inf. | 0.1 | 0.1 | 9
        seasonal fever infection | J11.1 | fievre de saison (fictif) | seasonal fever | 8 | 8 | 5
        crown virus infection | U07.1 | infection a virus couronne (fictif) | crown virus | 10 | 10 | 12
        yeast infection | B37.3 | infection a levures (fictif) | yeast | 6 | 0.5 | 0.5
        joint infection | M00.9 | infection d'une jointure (fictif) | joint inf. | 0.2 | 0.3 | 2
        brain lining infection | G03.9 | infection des enveloppes (fictif) | lining inf. | 0.1 | 0.1 | 1.5
    """,
    ),
    *_rows(
        "malignancy",
        """
        breast tumour | C50.9 | tumeur du sein (fictif) | breast ca | 40 | 0.4 | 1
        prostate tumour | C61 | tumeur de la prostate (fictif) | prostate ca | 0 | 28 | 1
        bowel tumour | C18.9 | tumeur de l'intestin (fictif) | bowel ca | 10 | 13 | 1
        lung tumour | C34.9 | tumeur du poumon (fictif) | lung ca | 9 | 13 | 1
        dark skin tumour | C43.9 | tumeur sombre de la peau (fictif) | dark mole ca | 8 | 8 | 1
        neck gland tumour | C73 | tumeur de la glande du cou (fictif) | neck gland ca | 6 | 2 | 1
        womb neck tumour | C53.9 | tumeur du col (fictif) | womb neck ca | 6 | 0 | 1
        ovary tumour | C56 | tumeur de l'ovaire (fictif) | ovary ca | 4 | 0 | 1
        lymph tumour | C85.9 | tumeur de la lymphe (fictif) | lymph ca | 4 | 6 | 1
        blood cell tumour | C95.9 | tumeur des cellules du sang (fictif) | blood ca | 3 | 4 | 1
        kidney tumour | C64 | tumeur du rein (fictif) | kidney ca | 2 | 5 | 1
        bladder tumour | C67.9 | tumeur de la vessie (fictif) | bladder ca | 2 | 7 | 1
        brain tumour | C71.9 | tumeur du cerveau (fictif) | brain ca | 2 | 3 | 1
    """,
    ),
    *_rows(
        "skin_tumour",
        """
        pale skin tumour | C44.9 | tumeur claire de la peau (fictif) | pale mole ca | 1 | 1 | 1
    """,
    ),
    *_rows(
        "other_event",
        """
        headache | R51 | mal de tete (fictif) | headache | 14 | 9 | 1
        infusion reaction | T80.8 | reaction a la perfusion (fictif) | drip reaction | 14 | 14 | 4
        injection spot reaction | T80.9 | reaction au point d'injection (fictif) | jab reaction | 14 | 12 | 0.5
        liver value rise | R74.0 | hausse des valeurs du foie (fictif) | liver up | 9 | 11 | 3
        white cell drop | D72.8 | baisse des globules blancs (fictif) | cells down | 9 | 8 | 2
        skin rash | R21 | plaques (fictif) | rash | 7 | 6 | 1
        shivers after injection | R68.8 | frissons (fictif) | shivers | 10 | 9 | 0.5
        nausea | R11 | envie de vomir (fictif) | nausea | 6 | 4 | 0.5
        low mood | F32.9 | humeur basse (fictif) | low mood | 8 | 6 | 3
        fall | W19 | chute (fictif) | fall | 5 | 5 | 4
        broken bone | S82.8 | os casse (fictif) | broken bone | 2 | 2 | 8
        leg vein clot | I80.2 | caillot de la jambe (fictif) | leg clot | 1 | 1 | 6
        tiredness | R53 | grande fatigue (fictif) | tired | 9 | 8 | 0.2
        hair thinning | L65.9 | cheveux fins (fictif) | hair | 5 | 1 | 0.1
        slow heart beat | R00.1 | coeur lent (fictif) | slow heart | 1 | 1.5 | 3
    """,
    ),
    *_rows(
        "chronic",
        """
        high blood pressure | I10 | tension haute (fictif) | high bp | 14 | 17 | 1
        sugar disease | E11.9 | maladie du sucre (fictif) | sugar | 5 | 7 | 1
        slow neck gland | E03.9 | glande du cou lente (fictif) | slow gland | 10 | 3 | 1
        one-sided headache | G43.9 | mal de tete d'un cote (fictif) | half headache | 12 | 5 | 1
        wheezing | J45.9 | sifflement (fictif) | wheeze | 6 | 5 | 1
        long low mood | F33.9 | humeur basse durable (fictif) | long low mood | 14 | 9 | 1
        fits | G40.9 | crises (fictif) | fits | 2 | 2 | 1
        thin bones | M81.9 | os fins (fictif) | thin bones | 5 | 1.5 | 1
        narrow heart vessels | I25.9 | vaisseaux du coeur etroits (fictif) | heart vessels | 1.5 | 4 | 1
        overweight | E66.9 | surpoids (fictif) | overweight | 7 | 6 | 1
        worry | F41.9 | inquietude (fictif) | worry | 10 | 6 | 1
    """,
    ),
)

GROUP_OF = np.array([GROUPS.index(c.group) for c in CONCEPTS])
"""Number of each concept's group."""


def weights(group: str, *, serious: bool) -> tuple[Array, Array]:
    """How often each concept is drawn in a group, for women and for men."""
    chosen = np.array([c.group == group for c in CONCEPTS])
    factor = np.array([c.serious if serious else 1.0 for c in CONCEPTS])
    women = np.array([c.women for c in CONCEPTS]) * factor * chosen
    men = np.array([c.men for c in CONCEPTS]) * factor * chosen
    return women, men


def pt_code(index: int) -> int:
    """Code of a concept as preferred term of the made-up dictionary."""
    group = int(GROUP_OF[index])
    return 90_000_000 + (group + 1) * 100_000 + (index + 1) * 10


VARIANTS = ("", ", worded otherwise", ", as told by the patient")
"""Lowest-level terms of a preferred term: itself, under the same code, and two more wordings."""


def llt_code(index: int, variant: int) -> int:
    """Code of a lowest-level term; variant 0 is the preferred term itself."""
    return pt_code(index) + variant


def code_tables() -> dict[str, Array]:
    """Codes of every concept by system: one column a variant (MedDRA LLT has three, others one)."""
    n = range(len(CONCEPTS))
    return {
        "ICD-10": np.array([[c.icd10] for c in CONCEPTS], dtype=object),
        "MedDRA PT": np.array([[str(pt_code(i))] for i in n], dtype=object),
        "MedDRA LLT": np.array([[str(llt_code(i, v)) for v in range(len(VARIANTS))] for i in n], dtype=object),
        "local fr": np.array([[c.local_fr] for c in CONCEPTS], dtype=object),
        "local en": np.array([[c.local_en] for c in CONCEPTS], dtype=object),
    }
