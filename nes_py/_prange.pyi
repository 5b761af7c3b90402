"""The OpenMP loop that steps a batch, and which library of OpenMP runs it."""

openmp_enabled: bool
library: str
is_llvm: bool
