"""Numbers of the faults a protocol can have; the code is ``PE1`` and two digits.

The first ones (1 to 9) are shared with ``registry.yaml``, where the code begins with ``PE2``.
"""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class Wrong(IntEnum):
    """What can be wrong with a protocol."""

    UNREADABLE = 1
    NOT_YAML = 2
    NOT_PLAIN = 3
    UNKNOWN_FIELD = 4
    FIELD_TWICE = 5
    MISSING = 6
    WRONG_TYPE = 7
    WRONG_VALUE = 8
    NOT_IN_THIS_VERSION = 9
    NO_SUCH_NAME = 10
    NAME_TWICE = 11
    NO_SUCH_VARIABLE = 12
    DATES_OUT_OF_ORDER = 13
    NAME_TAKEN = 14
    OUT_OF_PLACE = 15
    NOT_REQUIRED = 16
    COVARIATE_RULE = 17
    PROPENSITY_LIMIT = 18
    NOT_ONE_OF_TWO = 20
    GAP_DAYS_MISSING = 21
    OVERLAP_PARTS = 22
    WAITS_FOR_NOTHING = 23
    GAP_IMMORTAL = 24
    GAP_NOT_KEPT = 25
    GAP_REASON_MISSING = 26
    MISSING_STOP_DAYS = 27
    SUBSTANCE_FORM = 28
    SUBSTANCE_SHARED = 29
    NO_SUCH_FILE = 30
    NOT_A_CODE_LIST = 31
    CODE_NOT_KNOWN = 32
    CODE_FORM = 33
    CODE_TWICE = 34
    FILE_OUTSIDE = 35
    FILE_EMPTY = 36
    NOT_A_RATE_FILE = 37
    RATE_ROW = 38
    RATES_OVERLAP = 39
    REQUIRE_OR_EXCLUDE = 40
    CRITERION_INCOMPLETE = 41
    WINDOW_FORM = 42
    WINDOW_AFTER_DAY_0 = 43
    WINDOW_REVERSED = 44
    NOT_OBSERVED = 45
    NOT_OBSERVED_THROUGHOUT = 46
    WINDOW_BEFORE_BIRTH = 47
    FIRST_ERA_UNSEEN = 48
    STOP_MISSING = 50
    EXTENSION_MISSING = 51
    EXTENSION_OF_A_STATE = 52
    NEVER_AT_RISK = 53
    BEFORE_START = 54
    START_DATE_MISSING = 55
    DATE_OUTSIDE = 56
    SWITCH_TO_A_STATE = 57
    END_BEFORE_START = 58
    STILL_TREATED = 59
    DEATH_TWICE = 60
    CODES_MISSING = 61
    CLEAN_WINDOW_MISSING = 62
    LOOK_BACK_MISSING = 63
    COMPONENTS_MISSING = 64
    NOT_A_COMPONENT = 65
    NTH_RECURRENT = 66
    NOT_A_CAUSE = 67
    VISIT_RULE = 68
    FROM_ENTRY = 69
    NO_SUCH_PATH = 70
    NO_CHANGE = 71
    BAD_CHANGE = 72
    OTHER_ANALYSIS = 73
    BANDS_NOT_RISING = 80
    NOT_SHOWN = 83
    BAND_DIVIDED = 84
    REFERENCE_MISFIT = 85
    NO_RECURRENT_OUTCOME = 86
    SAME_ARM = 88
    NOT_THE_FIRST = 74
    ORIGIN_AGAIN = 75
    ENDS_ITSELF = 76
    CATEGORY_MISPLACED = 90
    NOT_TOLD_APART = 91
    ORDER_INCOMPLETE = 92
    PAST_WHILE_TREATED = 93
    GATE_LIMIT = 94
    GATE_DIRECTION = 95
    GATE_VARIABLE = 96
    GATE_ANALYSES = 97
    ATC_NOT_LISTED = 98
    CASE_BROKEN = 99


MEANINGS: dict[Wrong, str] = {
    Wrong.UNREADABLE: "the file or folder is missing, empty, or not UTF-8",
    Wrong.NOT_YAML: "the text is not YAML, or not one list of fields",
    Wrong.NOT_PLAIN: "a value that readers of YAML take for different things, an anchor, an alias or a tag",
    Wrong.UNKNOWN_FIELD: "a field that is not known at this place",
    Wrong.FIELD_TWICE: "a field that is written twice",
    Wrong.MISSING: "a required field or its value is missing",
    Wrong.WRONG_TYPE: "a value of the wrong type",
    Wrong.WRONG_VALUE: "a value that is not among those allowed",
    Wrong.NOT_IN_THIS_VERSION: "a part of the language that this version does not have",
    Wrong.NO_SUCH_NAME: "a name that stands nowhere else in the protocol",
    Wrong.NAME_TWICE: "something named twice where once is meant",
    Wrong.NO_SUCH_VARIABLE: "a variable that the core data model does not have",
    Wrong.DATES_OUT_OF_ORDER: "dates in the wrong order",
    Wrong.NAME_TAKEN: "a name that the engine keeps for itself",
    Wrong.OUT_OF_PLACE: "a field that has no effect beside the others",
    Wrong.NOT_REQUIRED: "a rule that needs a variable which data.require does not name",
    Wrong.COVARIATE_RULE: "a covariate without what it needs, or whose levels cannot be told apart",
    Wrong.PROPENSITY_LIMIT: "a limit of a propensity score or model below the smallest count that is shown",
    Wrong.NOT_ONE_OF_TWO: "an exposure that is made of several kinds of things, or of none",
    Wrong.GAP_DAYS_MISSING: "an exposure by substances without gap_days",
    Wrong.OVERLAP_PARTS: "overlap_of that does not name two exposures by substances",
    Wrong.WAITS_FOR_NOTHING: "not_yet or past that names no exposure by substances",
    Wrong.GAP_IMMORTAL: "gaps longer than the extension, with nothing said about their days (immortal time)",
    Wrong.GAP_NOT_KEPT: "gap_time that the time at risk cannot keep",
    Wrong.GAP_REASON_MISSING: "gap_time: at_risk without its reason",
    Wrong.MISSING_STOP_DAYS: "missing_stop: fixed_days without its days",
    Wrong.SUBSTANCE_FORM: "a substance that is not written in small letters",
    Wrong.SUBSTANCE_SHARED: "one substance in two exposures of one analysis",
    Wrong.NO_SUCH_FILE: "a prose file or code list that is not there",
    Wrong.NOT_A_CODE_LIST: "a file that is not a code list, or list of substances, in CSV",
    Wrong.CODE_NOT_KNOWN: "a row of a code list with an unknown system or match, or without a label",
    Wrong.CODE_FORM: "a code or range that is not one of its system",
    Wrong.CODE_TWICE: "a code that stands twice in its list",
    Wrong.FILE_OUTSIDE: "a file outside the protocol's folder",
    Wrong.FILE_EMPTY: "a prose file that is empty or not UTF-8",
    Wrong.NOT_A_RATE_FILE: "a file that is not weights or reference rates in CSV",
    Wrong.RATE_ROW: "a row of weights or reference rates with a value that cannot be used",
    Wrong.RATES_OVERLAP: "weights or reference rates that overlap, leave a gap, or lack a sex",
    Wrong.REQUIRE_OR_EXCLUDE: "a criterion with both require and exclude, or neither",
    Wrong.CRITERION_INCOMPLETE: "a criterion without a field it needs",
    Wrong.WINDOW_FORM: "a window that cannot be read",
    Wrong.WINDOW_AFTER_DAY_0: "a criterion that looks beyond day 0, or beyond the landmark (immortal time)",
    Wrong.WINDOW_REVERSED: "a window or range that ends before it begins",
    Wrong.NOT_OBSERVED: "a washout without a criterion that the person was observed",
    Wrong.NOT_OBSERVED_THROUGHOUT: "a washout longer than the observation required",
    Wrong.WINDOW_BEFORE_BIRTH: "a window that begins before anybody's birth",
    Wrong.FIRST_ERA_UNSEEN: "time from the first era ever, beside a washout of limited length",
    Wrong.STOP_MISSING: "stop_at without one of the stops that always hold",
    Wrong.EXTENSION_MISSING: "plus_days for each exposure, with a cohort left out",
    Wrong.EXTENSION_OF_A_STATE: "days after the end of a state, which ends when an exposure begins",
    Wrong.NEVER_AT_RISK: "a time at risk without a day: for everyone it begins after the data cut or after its own end",
    Wrong.BEFORE_START: "days at risk before the start (immortal time)",
    Wrong.START_DATE_MISSING: "a time at risk from a fixed date, without the date",
    Wrong.DATE_OUTSIDE: "a fixed date before the period of entry or after the data cut",
    Wrong.SWITCH_TO_A_STATE: "switch_to that names a state rather than a treatment",
    Wrong.END_BEFORE_START: "a time at risk from the end of an era that is to end there as well",
    Wrong.STILL_TREATED: "a time at risk after treatment that holds its last day",
    Wrong.DEATH_TWICE: "death counted as recurrent",
    Wrong.CODES_MISSING: "an outcome from adverse_event without a code list",
    Wrong.CLEAN_WINDOW_MISSING: "a recurrent outcome without clean_window_days",
    Wrong.LOOK_BACK_MISSING: "prior events that exclude a person, without look_back",
    Wrong.COMPONENTS_MISSING: "a composite outcome without two components",
    Wrong.NOT_A_COMPONENT: "a component that is itself a composite",
    Wrong.NTH_RECURRENT: "the n-th event of a person, counted as recurrent",
    Wrong.NOT_A_CAUSE: "a code list of causes of death with codes that are not ICD-10",
    Wrong.VISIT_RULE: "an outcome seen at visits without its rule, or with one that cannot be counted",
    Wrong.FROM_ENTRY: "a change from cohort entry where an outcome is needed that can be found without a cohort",
    Wrong.NO_SUCH_PATH: "a sensitivity analysis that changes what is not written",
    Wrong.NO_CHANGE: "a sensitivity analysis that changes nothing",
    Wrong.BAD_CHANGE: "a sensitivity analysis whose changed protocol is at fault",
    Wrong.OTHER_ANALYSIS: "a sensitivity analysis that changes another analysis",
    Wrong.BANDS_NOT_RISING: "bands of age or time that do not rise",
    Wrong.NOT_SHOWN: "study_population, or subgroups, over strata that no analysis shows",
    Wrong.BAND_DIVIDED: "an age band that divides a band of the standard, with no rule to share it",
    Wrong.REFERENCE_MISFIT: "reference rates that do not fit the cells of the study",
    Wrong.NO_RECURRENT_OUTCOME: "eaer where every outcome counts first events only",
    Wrong.SAME_ARM: "a comparison of an exposure with itself",
    Wrong.NOT_THE_FIRST: "a survival analysis of an outcome that is counted as recurrent",
    Wrong.ORIGIN_AGAIN: "a survival analysis from an origin that a person can have more than once",
    Wrong.ENDS_ITSELF: "an outcome that stops its own time at risk, or competes with itself",
    Wrong.CATEGORY_MISPLACED: "days under two exposures where an exposure is meant, or without overlap: own_category",
    Wrong.NOT_TOLD_APART: "a cohort whose days own_category does not tell apart",
    Wrong.ORDER_INCOMPLETE: "an order of exposures that begin on one day which cannot be used",
    Wrong.PAST_WHILE_TREATED: "a past state that begins while its exposure is still at risk",
    Wrong.GATE_LIMIT: "a quality gate without a limit, with two, or with one that no data can pass",
    Wrong.GATE_DIRECTION: "a quality gate that only good data would fail",
    Wrong.GATE_VARIABLE: "a quality gate on the completeness of a variable that it does not name",
    Wrong.GATE_ANALYSES: "a quality gate that excludes an analysis and does not say which",
    Wrong.ATC_NOT_LISTED: "an ATC code for which the study's list of substances has none",
    Wrong.CASE_BROKEN: "a worked case whose expectation the protocol does not meet",
}
"""What each number means, in one line; docs/errors.md is made from it."""
