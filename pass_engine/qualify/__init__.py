"""Qualification of the installation: what is installed, and whether it does what it must, on this very machine."""
