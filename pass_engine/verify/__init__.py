"""A run made again and held against itself."""

from pass_engine.verify.show import in_words, write_record
from pass_engine.verify.verify import Step, Verified, fault_of, verify_run

__all__ = ["Step", "Verified", "fault_of", "in_words", "verify_run", "write_record"]
