"""The commands of ``autograd-nn``, a module each: `add_arguments` and `run`.

This imports none of them, so that a command starts without waiting for what it does not need.
"""
