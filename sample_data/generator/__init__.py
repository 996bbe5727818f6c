"""Seeded generator of the six synthetic registries. All of it is made up: not evidence about any medicine.

Not part of the installed package. Tests put ``sample_data/`` on ``sys.path`` and import from here.
"""

from generator.profiles import PROFILES, Profile, sizes
from generator.rates import true_rate, true_rates
from generator.simulate import expected_events, simulate_core

__all__ = ["PROFILES", "Profile", "expected_events", "simulate_core", "sizes", "true_rate", "true_rates"]
