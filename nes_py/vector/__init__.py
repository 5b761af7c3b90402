"""Vector environments: many games stepped together."""

from nes_py._gymnasium import AutoresetMode

from .binding import Binding
from .checker import check_vector_env
from .nes_vector_env import EnvState, NESVectorEnv
from .vectorize import StepMode, VectorizedNESEnv, vectorize

__all__ = [
    "AutoresetMode",
    "Binding",
    "EnvState",
    "NESVectorEnv",
    "StepMode",
    "VectorizedNESEnv",
    "check_vector_env",
    "vectorize",
]
