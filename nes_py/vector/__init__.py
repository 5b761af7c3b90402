"""Vector environments: many games stepped together."""

from .nes_vector_env import EnvState, NESVectorEnv
from .vectorize import VectorizedNESEnv, vectorize

__all__ = ["EnvState", "NESVectorEnv", "VectorizedNESEnv", "vectorize"]
