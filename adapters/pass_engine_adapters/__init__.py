"""Adapters to engines that carry messages: each calls ``pass-engine site run`` through its command line and files."""
