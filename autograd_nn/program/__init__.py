"""Programs: a function recorded once, forward, backward and update, and run as flat NumPy."""

from autograd_nn.program.compiled import Compiled, compile  # noqa: A004 (what users call it)
from autograd_nn.program.ir import Instruction, Program, Value

__all__ = ["Compiled", "Instruction", "Program", "Value", "compile"]
