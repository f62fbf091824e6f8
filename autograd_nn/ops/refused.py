"""What cannot be differentiated and fits no subject: why, and what to write instead."""

import numpy as np

from autograd_nn.table import constant, refuse

constant(np.array2string, np.array_repr, np.array_str, np.isin)
constant(np.can_cast, np.common_type, np.min_scalar_type, np.packbits, np.unpackbits)
constant(*[getattr(np, old) for old in ("in1d",) if hasattr(np, old)])  # NumPy 2.0 to 2.3

for write in (np.save, np.savetxt, np.savez, np.savez_compressed):
    refuse(write, "a file holds values without their graph; pass t.detach()")
for ask in (np.busday_count, np.busday_offset, np.datetime_as_string, np.is_busday):
    refuse(ask, "it is about dates, which a tensor does not hold")
refuse(np.from_dlpack, "a tensor shares no buffer, for that has no graph; pass t.detach().data")
