"""A run made again and held against itself."""

from pass_engine.verify.replay import Replayed, replay_run
from pass_engine.verify.second import Seconded, fault_of_second, second_run
from pass_engine.verify.show import in_words, replayed_in_words, seconded_in_words, write_record
from pass_engine.verify.verify import Step, Verified, fault_of, verify_run

__all__ = [
    "Replayed",
    "Seconded",
    "Step",
    "Verified",
    "fault_of",
    "fault_of_second",
    "in_words",
    "replay_run",
    "replayed_in_words",
    "second_run",
    "seconded_in_words",
    "verify_run",
    "write_record",
]
