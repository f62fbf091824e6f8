"""The table of samples: a call or several of every function in the table of derivatives."""

from importlib import import_module
from pathlib import Path

from samples import Sample

SAMPLES: list[Sample] = [
    sample
    for file in sorted(Path(__file__).parent.glob("samples_*.py"))
    for sample in import_module(file.stem).SAMPLES
]
