"""Vector environments: many games stepped together."""

from .nes_vector_env import EnvState, NESVectorEnv

__all__ = ["EnvState", "NESVectorEnv"]
