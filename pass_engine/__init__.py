"""pass_engine: post-authorisation safety and effectiveness studies over independent registries."""

__version__ = "0.1.0"
