"""The Spack package of nes-py."""

from spack.package import *
from spack_repo.builtin.build_systems.python import PythonPackage


class PyNesPy(PythonPackage):
    """An NES emulator for reinforcement learning, with vector environments stepped by OpenMP."""

    homepage = "https://pypi.org/project/nes-py/"
    pypi = "nes-py/nes_py-10.0.0.tar.gz"

    license("MIT")

    # The checksum is added when the release is published: spack checksum py-nes-py 10.0.0
    version("10.0.0")

    variant("openmp", default=True, description="Step batches with OpenMP")
    variant("native", default=False, description="Compile for the CPU of the node that builds (-march=native)")
    variant("pettingzoo", default=False, description="The duel for two agents as a PettingZoo environment")

    depends_on("cxx", type="build")
    depends_on("python@3.10:", type=("build", "link", "run"))
    depends_on("py-setuptools@77:", type="build")
    depends_on("py-cython@3.1:3", type="build")
    depends_on("py-gymnasium@1:", type=("build", "run"))
    depends_on("py-numpy@1.26:", type=("build", "run"))
    depends_on("py-pettingzoo@1.24:", when="+pettingzoo", type=("build", "run"))

    # C++20.
    conflicts("%gcc@:10")
    conflicts("%clang@:13")

    def setup_build_environment(self, env: EnvironmentModifications) -> None:
        """Set the switches of the build, see docs/contributing.md."""
        if self.spec.satisfies("~openmp"):
            env.set("NES_PY_NO_OPENMP", "1")
        if self.spec.satisfies("+native"):
            env.set("NES_PY_NATIVE", "1")

    @run_after("install")
    @on_package_attributes(run_tests=True)
    def check_steps(self) -> None:
        """Step a few environments."""
        program = (
            "import nes_py; from nes_py.envs.bricks import BricksVectorEnv; "
            f"assert nes_py.openmp_enabled is {self.spec.satisfies('+openmp')}; "
            "envs = BricksVectorEnv(4); envs.reset(seed=0); envs.step(envs.action_space.sample())"
        )
        python("-c", program)
