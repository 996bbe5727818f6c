"""A study in plain sentences: what ``pass-engine explain`` prints, and the report's sections on methods."""

from pass_engine.protocol.sentences.explain import TOPICS, explain_study, say

__all__ = ["TOPICS", "explain_study", "say"]
