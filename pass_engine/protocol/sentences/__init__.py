"""A study in plain sentences: what ``pass-engine explain`` prints, and the report's sections on methods."""

from pass_engine.protocol.sentences.explain import TOPICS, explain_study, say
from pass_engine.protocol.sentences.strata import stratum_in_words

__all__ = ["TOPICS", "explain_study", "say", "stratum_in_words"]
