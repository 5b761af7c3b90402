"""Vector environments: many games stepped together."""

from .checker import check_vector_env
from .nes_vector_env import EnvState, NESVectorEnv
from .vectorize import VectorizedNESEnv, vectorize

__all__ = ["EnvState", "NESVectorEnv", "VectorizedNESEnv", "check_vector_env", "vectorize"]
