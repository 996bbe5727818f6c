"""The ENCePP Checklist for Study Protocols, Revision 4 (EMA/540136/2009), answered from the protocol.

Questions are in our own words under the numbers of the checklist. Each is answered from named fields of the protocol:
Yes where one is filled, No where it is empty, N/A where the kind of study leaves nothing to answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pass_engine.documents.asked import NO_HYPOTHESIS, Asked, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from pass_engine.protocol import Protocol

REVISION: Final = "ENCePP Checklist for Study Protocols, Revision 4 (EMA/540136/2009)"
TITLES: Final = {
    1: "Milestones",
    2: "Research question",
    3: "Study design",
    4: "Source and study populations",
    5: "Exposure definition and measurement",
    6: "Outcome definition and measurement",
    7: "Bias",
    8: "Effect measure modification",
    9: "Data sources",
    10: "Analysis plan",
    11: "Data management and quality control",
    12: "Limitations",
    13: "Ethical/data protection issues",
    14: "Amendments and deviations",
    15: "Plans for communication of study results",
}


@dataclass(frozen=True)
class Question:
    """One question: its number, what it asks, the section of the protocol, the fields it is answered from, and how.

    ``holds`` gives None where the question does not apply.
    """

    number: str
    text: str
    section: str
    paths: str
    holds: Callable[[Asked], bool | None]


@dataclass(frozen=True)
class Answer:
    """One question answered."""

    question: Question
    verdict: Verdict

    @property
    def chapter(self) -> int:
        """Section of the checklist."""
        return int(self.question.number.partition(".")[0])

    @property
    def section(self) -> str:
        """Section of the protocol where the answer stands; none where there is nothing."""
        return self.question.section if self.verdict == "Yes" else "–"


def answer_checklist(protocol: Protocol) -> tuple[Answer, ...]:
    """Every question of the checklist in order, answered."""
    asked = Asked(protocol)
    return tuple(Answer(question, _verdict(question.holds(asked))) for question in QUESTIONS)


def _verdict(holds: bool | None) -> Verdict:  # noqa: FBT001  the answer is the argument
    return "N/A" if holds is None else "Yes" if holds else "No"


def _milestone(event: str) -> Callable[[Asked], bool | None]:
    return lambda asked: asked.planned(event)


def _text(key: str) -> Callable[[Asked], bool | None]:
    return lambda asked: asked.wrote(key)


def _tested(asked: Asked) -> bool | None:
    said = asked.hypotheses
    if said and all(words == NO_HYPOTHESIS for words in said):
        return None
    return bool(said)


def _none_tested(asked: Asked) -> bool | None:
    said = asked.hypotheses
    if said and NO_HYPOTHESIS not in said:
        return None
    return NO_HYPOTHESIS in said


def _hta(asked: Asked) -> bool | None:
    return asked.wrote("hta_outcomes") or (None if asked.study.study.type == "PASS" else False)


def _dose(asked: Asked) -> bool | None:
    return any(s in asked.covariates for s in ("cumulative_doses", "exposure_duration"))


def _covariates(asked: Asked) -> bool | None:
    return True if asked.covariates or asked.study.covariates else None


def _confounding(asked: Asked) -> bool | None:
    return asked.adjusts if asked.measures_association or asked.adjusts else None


def _coded(asked: Asked) -> bool | None:
    recorded = [o for o in asked.study.outcomes.values() if o.from_ == "adverse_event"]
    return all(o.codes for o in recorded) if recorded else None


def _substances(asked: Asked) -> bool | None:
    made = [e for e in asked.study.exposures.values() if e.substances or e.atc]
    return bool(made) and bool(asked.study.study.substances) and all(s.atc for s in asked.study.study.substances)


RECORDED: Final = "data.model, data.require"
QUESTIONS: Final = (
    Question("1.1.1", "Date of the start of data collection", "6", "study.milestones",
             _milestone("start_of_data_collection")),
    Question("1.1.2", "Date of the end of data collection", "6", "study.milestones",
             _milestone("end_of_data_collection")),
    Question("1.1.3", "Dates of progress reports", "6", "study.milestones", _milestone("progress_report")),
    Question("1.1.4", "Dates of interim reports", "6", "study.milestones", _milestone("interim_report")),
    Question("1.1.5", "Date of registration in the register of studies", "6", "study.milestones",
             _milestone("registration")),
    Question("1.1.6", "Date of the final report of study results", "6", "study.milestones",
             _milestone("final_report")),
    Question("2.1.1", "Why the study is done: the concern, hazard or measure behind it", "7", "study.text.rationale",
             _text("rationale")),
    Question("2.1.2", "Objectives", "8", "study.objectives", lambda a: bool(a.study.study.objectives)),
    Question("2.1.3", "Target population, to whom the results are meant to apply", "9.2",
             "population.criteria, study.countries",
             lambda a: bool(a.study.population.criteria and a.study.study.countries)),
    Question("2.1.4", "Hypotheses to be tested", "8", "study.objectives.hypothesis", _tested),
    Question("2.1.5", "That there is no a priori hypothesis, where that is so", "8", "study.objectives.hypothesis",
             _none_tested),
    Question("3.1", "Study design", "9.1", "exposures, times_at_risk, analyses", lambda _: True),
    Question("3.2", "Whether data are collected for the study, used secondarily, or both", "9.4", "data.registries",
             lambda a: bool(a.study.data.registries)),
    Question("3.3", "Measures of occurrence", "9.7", "analyses (incidence, survival)",
             lambda a: bool(a.incidences or a.survivals)),
    Question("3.4", "Measures of association", "9.7", "analyses (comparison), analyses.reference",
             lambda a: True if a.measures_association else None),
    Question("3.5", "How adverse events and reactions are collected and reported", "11", "fixed text on secondary use",
             lambda _: True),
    Question("4.1", "Source population", "9.2", "data.registries", lambda a: bool(a.study.data.registries)),
    Question("4.2.1", "Study population: time period", "9.2", "population.period", lambda _: True),
    Question("4.2.2", "Study population: age and sex", "9.2", "population.criteria (age), strata.age, strata.sex",
             lambda a: bool((a.criteria_on("age") or a.study.strata.age) and a.study.strata.sex)),
    Question("4.2.3", "Study population: countries of origin", "9.2", "study.countries",
             lambda a: bool(a.study.study.countries)),
    Question("4.2.4", "Study population: disease or indication", "9.2", "population.criteria (disease)",
             lambda a: a.criteria_on("disease.diagnosis_date", "disease.onset_date")),
    Question("4.2.5", "Study population: duration of follow-up", "9.3", "times_at_risk", lambda _: True),
    Question("4.3", "How the study population is taken from the source population", "9.2",
             "population.criteria, population.entries", lambda a: bool(a.study.population.criteria)),
    Question("5.1", "How exposure is defined and measured", "9.3", "exposures", lambda _: True),
    Question("5.2", "Validity of the measurement of exposure", "9.3", "study.text.exposure_validity",
             _text("exposure_validity")),
    Question("5.3", "Exposure by time windows", "9.3", "times_at_risk", lambda _: True),
    Question("5.4", "Intensity of exposure: dose, duration", "9.3", "strata.cumulative_doses, strata.exposure_duration",
             _dose),
    Question("5.5", "Exposure by biological mechanism, pharmacokinetics and pharmacodynamics", "9.3",
             "study.text.exposure_mechanism", _text("exposure_mechanism")),
    Question("5.6", "Comparators", "9.3", "analyses.of, analyses.cohorts",
             lambda a: True if a.has_comparator else None),
    Question("6.1", "Primary and secondary outcomes", "9.1", "analyses.role, analyses.outcomes",
             lambda a: any(x.role == "primary" for x in a.main_analyses)),
    Question("6.2", "How outcomes are defined and measured", "9.3", "outcomes", lambda _: True),
    Question("6.3", "Validity of the measurement of outcomes", "9.3", "study.text.outcome_validity",
             _text("outcome_validity")),
    Question("6.4", "Outcomes relevant for health technology assessment", "9.3", "study.text.hta_outcomes", _hta),
    Question("7.1", "Confounding, confounding by indication among it", "9.7", "study.text.bias", _text("bias")),
    Question("7.2", "Selection bias", "9.7", "study.text.bias", _text("bias")),
    Question("7.3", "Information bias, misclassification and time-related bias among it", "9.7", "study.text.bias",
             _text("bias")),
    Question("8.1", "Effect modifiers: subgroups and interactions", "9.7", "analyses.by", lambda a: bool(a.strata)),
    Question("9.1.1", "Sources: exposure", "9.4", RECORDED, lambda _: True),
    Question("9.1.2", "Sources: outcomes", "9.4", f"{RECORDED}, outcomes.from", lambda _: True),
    Question("9.1.3", "Sources: covariates", "9.4", f"{RECORDED}, strata", _covariates),
    Question("9.2.1", "Information available: exposure", "9.4", RECORDED, lambda _: True),
    Question("9.2.2", "Information available: outcomes", "9.4", RECORDED, lambda _: True),
    Question("9.2.3", "Information available: covariates", "9.4", f"{RECORDED}, strata", _covariates),
    Question("9.3.1", "Coding system: exposure", "9.3", "study.substances.atc, exposures", _substances),
    Question("9.3.2", "Coding system: outcomes", "A3.1", "outcomes.codes", _coded),
    Question("9.3.3", "Coding system: covariates", "9.3", "strata", _covariates),
    Question("9.4", "Method of linkage between sources", "9.4", "study.text.linkage", _text("linkage")),
    Question("10.1", "Statistical methods, and why they were chosen", "9.7", "analyses.measures, analyses.interval",
             lambda _: True),
    Question("10.2", "Study size or precision", "9.5", "study.text.study_size", _text("study_size")),
    Question("10.3", "Descriptive analyses", "9.7", "the table of characteristics at entry", lambda _: True),
    Question("10.4", "Stratified analyses", "9.7", "analyses.by", lambda a: bool(a.strata)),
    Question("10.5", "Control of confounding", "9.7", "analyses.adjust, analyses.standardise, analyses.reference",
             _confounding),
    Question("10.6", "Control of misclassification of outcomes", "9.7", "analyses.change (outcomes)",
             lambda a: a.changes("outcomes")),
    Question("10.7", "Missing data", "9.7", "data.partial_dates, exposures.missing_stop", lambda _: True),
    Question("10.8", "Sensitivity analyses", "9.7", "analyses (sensitivity)", lambda a: bool(a.sensitivities)),
    Question("11.1", "Data storage: software, security, archiving", "9.6", "study.text.data_management",
             _text("data_management")),
    Question("11.2", "Quality assurance", "9.8", "quality.gates, study.text.quality_control",
             lambda a: bool(a.study.quality.gates) or a.wrote("quality_control")),
    Question("11.3", "Independent review of study results", "9.8", "study.text.independent_review",
             _text("independent_review")),
    Question("12.1.1", "Impact of selection bias", "9.9", "study.text.limitations", _text("limitations")),
    Question("12.1.2", "Impact of information bias", "9.9", "study.text.limitations", _text("limitations")),
    Question("12.1.3", "Impact of residual or unmeasured confounding", "9.9", "study.text.limitations",
             _text("limitations")),
    Question("12.2", "Feasibility: size, uptake of the exposure, duration of follow-up, precision", "9.5",
             "study.text.feasibility", _text("feasibility")),
    Question("13.1", "Requirements of ethics committees or review boards", "10", "study.text.ethics", _text("ethics")),
    Question("13.2", "Outcome of an ethical review", "10", "study.text.ethics_outcome", _text("ethics_outcome")),
    Question("13.3", "Data protection requirements", "10", "study.text.data_protection", _text("data_protection")),
    Question("14.1", "A section for amendments and deviations", "5", "study.amendments", lambda _: True),
    Question("15.1", "Plans to communicate results to regulators", "12", "study.milestones (reports)",
             lambda a: a.planned("final_report")),
    Question("15.2", "Plans to communicate results externally, publication among it", "12", "study.text.dissemination",
             _text("dissemination")),
)  # fmt: skip
"""The questions in the order of the checklist."""
