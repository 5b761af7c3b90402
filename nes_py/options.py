"""The options of environments, declared once for the vector environments, the command line and the documentation."""

from __future__ import annotations

import dataclasses
import math
import operator
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._gymnasium import AutoresetMode
from ._openmp import WAIT_POLICIES, wait_policy_of
from ._palette import read_palette
from ._values import entries_of, is_flag, is_integer, is_number, plain_text
from .devices import DEVICES
from .emulator import NESEmulator
from .errors import shown
from .formats.cheats import Cheat, Freeze
from .formats.cheats import parse as parse_cheats
from .game import Game, buttons_to_byte, suggest
from .semantic import Semantics

OBSERVATIONS = ("image", "index", "ram", "tiles", "objects", "semantic")
LAYOUTS = ("chw", "hwc")
PADDINGS = ("zero", "reset")


def _option(default: Any, text: str) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True)
class EnvOptions:
    """Options of ``nes_py.NESVectorEnv``. They have the names of ALE's ``AtariVectorEnv`` if it has the option.

    ``EnvOptions.describe()`` lists them with their defaults. A value of the wrong type raises TypeError, a value out of
    range raises ValueError. Both messages say what was expected.
    """

    batch_size: int | None = _option(
        None, "environments that one recv() returns; None: all, and step() is used instead of send() and recv()"
    )
    num_threads: int | None = _option(
        None,
        "threads that step the environments; None: OMP_NUM_THREADS, else SLURM_CPUS_PER_TASK, else the CPUs available "
        "to this process",
    )
    autoreset_mode: AutoresetMode | str = _option(  # noqa: RUF009, the call makes a field
        AutoresetMode.NEXT_STEP, "gymnasium.vector.AutoresetMode, or its value: NextStep, SameStep, Disabled"
    )
    frameskip: int = _option(4, "frames for which each action is held; only the last ones are drawn")
    stack_num: int = _option(4, "pictures in an observation, the newest last")
    stack_padding: str = _option("zero", "padding before the first picture: zero, or reset: copies of it")
    img_height: int | None = _option(84, "height after resizing by area; None: height of the cropped picture")
    img_width: int | None = _option(84, "width after resizing by area; None: width of the cropped picture")
    grayscale: bool = _option(True, "grey, (77 r + 150 g + 29 b) >> 8, instead of red, green and blue")
    maxpool: bool = _option(False, "take the maximum of the step's last two frames for each pixel")
    noop_max: int = _option(0, "maximum number of frames without buttons after a reset, at least 1; the seed draws it")
    repeat_action_probability: float = _option(
        0.0, "probability, in each frame, that the buttons of the previous frame stay held"
    )
    reward_clipping: bool | tuple[float, float] = _option(False, "limits of a step's reward, a pair; True: (-1, 1)")
    episodic_life: bool = _option(
        False,
        "a lost life terminates the episode; the next one continues the same game after a step without buttons",
    )
    life_loss_info: bool = _option(False, "add life_lost to info: whether a life was lost in the step")
    max_num_frames_per_episode: int | None = _option(
        None, "frames after which an episode is truncated, not counting those of noop_max"
    )
    max_episode_steps: int | None = _option(None, "steps after which an episode is truncated")
    obs_type: str | tuple[str, ...] = _option(
        "image",
        "image, index (palette indices, never resized), ram, tiles (of the background), objects (sprites), semantic "
        "(classes of both), dict (image and ram), or a list of the first six for a dict",
    )
    objects: int | None = _option(
        None, "rows of objects, 1 to 64: groups of sprites that touch; None: the 64 sprites themselves"
    )
    semantic: Semantics | Mapping[str, Any] | str | os.PathLike[str] | None = _option(  # noqa: RUF009
        None,
        "the classes of tiles and objects, see nes_py.semantic: a mapping, or the path of a JSON file, whose entries "
        "replace those of the game; None: those of the game",
    )
    crop: tuple[int, int, int, int] = _option((0, 0, 0, 0), "pixels cut off: top, bottom, left, right")
    layout: str = _option(
        "chw", "axes of a picture: chw: channels (stacked pictures with their colours) first; hwc: channels last"
    )
    actions: Sequence[Sequence[str]] | str | None = _option(
        None,
        "lists of buttons, one for each action, as for JoypadSpace; multibinary: a bit for each button; None: the 256 "
        "combinations",
    )
    players: int = _option(1, "number of players, 1 or 2; up to 4 with the device four_score")
    device: str = _option(
        "joypads",
        "what is plugged in: joypads, four_score, zapper, arkanoid or vs_system, see nes_py.devices; the values of "
        "the last three follow the buttons in each action",
    )
    cheats: Sequence[str | Cheat | Freeze] = _option((), "Game Genie codes and frozen RAM, see nes_py.cheats")
    game: Game | Mapping[str, Any] | str | os.PathLike[str] | None = _option(  # noqa: RUF009, the call makes a field
        None,
        "the declared game, see nes_py.game: a mapping, the path of a JSON file, the name of a known game (see "
        "nes_py.games), or retro: and the name of an integration of stable-retro; None: zero reward, no end",
    )
    states: Any = _option(  # noqa: RUF009, the call makes a field
        None,
        "start states of episodes: a Snapshot or its bytes; a script [[buttons, frames], ...] from power-on; a list of "
        "snapshots or a mapping of names to any of these, from which the seed chooses; the name of a start of the "
        "game, or a list of them; None: the game's start, or power-on",
    )
    affinity: str | Sequence[int] | None = _option(
        None,
        "CPUs of the threads, Linux only: compact, spread, or one number per thread: an index into the CPUs "
        "available to this process",
    )
    wait_policy: str = _option(
        "auto",
        "between steps threads spin for about 50 microseconds and then sleep (auto), spin for up to 10 milliseconds "
        "(active), or sleep at once (passive)",
    )
    waiting: str | None = _option(None, "the old name of wait_policy: passive, or spin for active")
    copy: bool = _option(True, "later steps do not change an observation; False: each step overwrites it")
    timing: bool = _option(False, "measure what the threads do, see timings()")
    policy: str = _option("fast", "see NESEmulator")
    ram_fill: str = _option("zero", "see NESEmulator")
    ram_seed: int = _option(0, "the seed of NESEmulator, for ram_fill='noise'")
    region: str | None = _option(None, "see NESEmulator")
    console: str = _option("famicom", "see NESEmulator: famicom or nes")
    frame_boundary: str | None = _option(
        "vblank",
        "where a frame ends: vblank: where vertical blank begins; nes-py: where a step of NESEnv ends; None: nes-py on "
        "an NTSC console, else vblank",
    )
    audio: int | None = _option(
        None,
        "sound: samples per second, 8000 to 192000; the infos of a step have audio, float32 (rows, n), padded with "
        "zeros, and audio_length, the number of samples of each row; None: no sound",
    )
    palette: Any = _option(  # noqa: RUF009, the call makes a field
        None, "the colours of pictures: a .pal file (64 or 512 colours), its bytes or a uint8 array; see NESEmulator"
    )
    whole_pictures: bool = _option(
        False, "with the boundary nes-py: return the last whole picture, not one that is still being drawn"
    )

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of all options."""
        return tuple(each.name for each in dataclasses.fields(cls))

    @classmethod
    def describe(cls) -> str:
        """Return a table of the options in Markdown: name, default, meaning."""
        rows = ["| option | default | meaning |", "| --- | --- | --- |"]
        for each in dataclasses.fields(cls):
            default = each.default.value if isinstance(each.default, AutoresetMode) else each.default
            rows.append(f"| `{each.name}` | `{default!r}` | {each.metadata['help']} |")
        return "\n".join(rows)

    @classmethod
    def of(cls, options: Mapping[str, Any], beside: Sequence[str] = ()) -> EnvOptions:
        """Return the options with these names and values.

        Args:
            options (Mapping[str, Any]): their values by name.
            beside (Sequence[str]): other arguments of the caller, for the message about a name that is misspelled.

        Raises:
            TypeError: an option does not exist, or a value has the wrong type.
            ValueError: a value is out of range.
        """
        for name in options:
            if name not in cls.names():
                raise TypeError(
                    f"there is no option {shown(name)}{suggest(name, (*beside, *cls.names()))} "
                    f"(options: {', '.join(cls.names())})"
                )
        return cls(**options)

    def __post_init__(self) -> None:
        """Check everything that can be checked without the ROM, and normalize the values."""
        self._integer("batch_size", 1, optional=True)
        self._integer("num_threads", 1, optional=True)
        self._integer("frameskip", 1, 1_000_000)
        self._integer("stack_num", 1, 1_000)
        self._integer("noop_max", 0, 1_000_000)
        self._integer("max_num_frames_per_episode", 1, optional=True)
        self._integer("max_episode_steps", 1, optional=True)
        self._one_of("device", tuple(DEVICES))
        self._integer("players", 1, DEVICES[self.device].pads)
        codes, freezes = parse_cheats(self.cheats)
        self._set("cheats", (*codes, *freezes))
        self._integer("ram_seed", 0, 2**64 - 1)
        self._integer("audio", 8000, 192000, optional=True)
        for name in ("grayscale", "maxpool", "episodic_life", "life_loss_info", "copy", "timing", "whole_pictures"):
            if not is_flag(getattr(self, name)):
                elsewhere = "; the timing of the console is an option of NESEnv" if name == "timing" else ""
                raise TypeError(f"{name} must be True or False, not {shown(getattr(self, name))}{elsewhere}")
            self._set(name, bool(getattr(self, name)))
        self._one_of("stack_padding", PADDINGS)
        self._one_of("layout", LAYOUTS)
        self._one_of("wait_policy", WAIT_POLICIES)
        if self.waiting is not None:
            self._one_of("waiting", ("spin", *WAIT_POLICIES))
        self._set("wait_policy", wait_policy_of(self.wait_policy, self.waiting))
        self._one_of("policy", ("fast", "reference"))
        self._one_of("ram_fill", ("zero", "ones", "pattern", "noise"))
        if self.region is not None:
            self._one_of("region", ("ntsc", "pal", "dendy"))
        self._one_of("console", ("famicom", "nes"))
        self._set("palette", read_palette(self.palette))
        if self.frame_boundary is not None:
            self._one_of("frame_boundary", ("vblank", "nes-py"))
        self._autoreset_mode()
        self._probability()
        self._reward_clipping()
        self._obs_type()
        self._objects()
        self._picture()
        self._actions()
        self._game()
        self._semantic()
        self._affinity()

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _integer(self, name: str, low: int, high: int = 2**63 - 1, optional: bool = False) -> None:
        value = getattr(self, name)
        if value is None and optional:
            return
        if not is_integer(value):
            raise TypeError(f"{name} must be an integer{' or None' * optional}, not {shown(value)}")
        value = operator.index(value)
        if not low <= value <= high:
            limits = f"at least {low}" if high == 2**63 - 1 else f"in {low}..{high}"
            raise ValueError(f"{name} must be {limits}, not {shown(value)}")
        self._set(name, value)

    def _one_of(self, name: str, choices: Sequence[str]) -> None:
        value = getattr(self, name)
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a str, not {shown(value)}")
        if value not in choices:
            raise ValueError(
                f"{name} must be one of {', '.join(map(repr, choices))}, not {shown(value)}{suggest(value, choices)}"
            )
        self._set(name, plain_text(value))

    def _autoreset_mode(self) -> None:
        mode = self.autoreset_mode
        values = [each.value for each in AutoresetMode]
        if not isinstance(mode, AutoresetMode) and (not isinstance(mode, str) or mode not in values):
            raise ValueError(f"autoreset_mode must be one of {', '.join(map(repr, values))}, not {shown(mode)}")
        self._set("autoreset_mode", AutoresetMode(mode))

    def _probability(self) -> None:
        value = self.repeat_action_probability
        if not is_number(value):
            raise TypeError(f"repeat_action_probability must be a number, not {shown(value)}")
        if not 0 <= value < 1:
            raise ValueError(f"repeat_action_probability must be in [0, 1), not {shown(value)}")
        self._set("repeat_action_probability", float(value))

    def _reward_clipping(self) -> None:
        value: Any = self.reward_clipping
        if is_flag(value):
            self._set("reward_clipping", (-1.0, 1.0) if value else False)
            return
        pair = entries_of(value)
        if pair is None or len(pair) != 2 or not all(map(is_number, pair)):
            raise TypeError(f"reward_clipping must be True, False or a pair (low, high), not {shown(value)}")
        low, high = map(float, pair)
        if math.isnan(low) or math.isnan(high) or low > high:
            raise ValueError(f"reward_clipping: {low} is above {high}")
        self._set("reward_clipping", (low, high))

    def _obs_type(self) -> None:
        value = self.obs_type
        if isinstance(value, str):
            self._one_of("obs_type", (*OBSERVATIONS, "dict"))
            return
        names = entries_of(value)
        if not names:
            raise TypeError(f"obs_type must be a str or a list of {', '.join(OBSERVATIONS)}, not {shown(value)}")
        for one in names:
            if not isinstance(one, str) or one not in OBSERVATIONS:
                raise ValueError(f"obs_type must be made of {', '.join(OBSERVATIONS)}, not {shown(one)}")
        if len(set(names)) != len(names):
            raise ValueError(f"obs_type names something twice: {value!r}")
        self._set("obs_type", tuple(map(plain_text, names)))

    def _objects(self) -> None:
        self._integer("objects", 1, 64, optional=True)
        if self.objects is not None and "objects" not in self.observations:
            raise ValueError(f"objects={self.objects} needs objects in obs_type, which is {self.obs_type!r}")

    @property
    def observations(self) -> tuple[str, ...]:
        """The parts of an observation: a selection of ``OBSERVATIONS``."""
        if self.obs_type == "dict":
            return ("image", "ram")
        return (self.obs_type,) if isinstance(self.obs_type, str) else self.obs_type

    @property
    def needs_pictures(self) -> bool:
        """Whether frames are drawn even if nobody renders: tiles, objects and their classes need no picture."""
        parts = set(self.observations)
        return bool({"image", "index"} & parts) or not {"tiles", "objects", "semantic"} & parts

    @property
    def is_dict(self) -> bool:
        """Whether an observation is a dict."""
        return self.obs_type == "dict" or not isinstance(self.obs_type, str)

    def _picture(self) -> None:
        crop = entries_of(self.crop)
        if crop is None or len(crop) != 4 or not all(map(is_integer, crop)):
            raise TypeError(f"crop must be four integers (top, bottom, left, right), not {shown(self.crop)}")
        if any(value < 0 for value in crop):
            raise ValueError(f"crop must not be negative: {shown(self.crop)}")
        self._set("crop", tuple(map(operator.index, crop)))
        top, bottom, left, right = self.crop
        height, width = NESEmulator.height - top - bottom, NESEmulator.width - left - right
        if height < 1 or width < 1:
            raise ValueError(f"crop={self.crop} leaves nothing of {NESEmulator.height} x {NESEmulator.width} pixels")
        # Resizing by area only makes a picture smaller.
        self._integer("img_height", 1, height, optional=True)
        self._integer("img_width", 1, width, optional=True)
        if self.maxpool and "index" in self.observations:
            raise ValueError("maxpool needs colours: palette indices have no order (obs_type 'index')")

    @property
    def inputs(self) -> int:
        """Number of input bytes per environment and step: one per player; those of a device that has more than pads."""
        device = DEVICES[self.device]
        return device.inputs if device.values else self.players

    def _actions(self) -> None:
        value = self.actions
        if isinstance(value, str) and value == "multibinary" and DEVICES[self.device].values:
            raise ValueError(f"actions='multibinary' cannot express the values of device {self.device!r}")
        if value is None:
            return
        if isinstance(value, str) and value != "multibinary":
            raise ValueError(
                "actions must be 'multibinary' or a list of lists of buttons such as [[], ['right'], ['right', 'A']], "
                f"not {shown(value)}{suggest(value, ('multibinary',))}"
            )
        if isinstance(value, str):
            self._set("actions", plain_text(value))
            return
        if entries_of(value) is None:
            raise TypeError(f"actions must be a list of lists of buttons, 'multibinary' or None, not {shown(value)}")
        if len(value) == 0:
            raise ValueError("actions must contain at least one combination of buttons")
        for number, names in enumerate(value):
            buttons_to_byte(names, f"actions[{number}]")
        self._set("actions", tuple(tuple(names) for names in value))

    def _game(self) -> None:
        game = self.game
        if game is None:
            self._set("game", Game())
        elif isinstance(game, (str, os.PathLike)):
            self._set("game", Game.load(game))
        else:
            self._set("game", Game.parse(game))
        if (self.episodic_life or self.life_loss_info) and not self.declared_game.lives:
            name = "episodic_life" if self.episodic_life else "life_loss_info"
            raise ValueError(f"{name} needs a game that declares the variable with the number of lives (key 'lives')")

    @property
    def declared_game(self) -> Game:
        """The validated game."""
        assert isinstance(self.game, Game)
        return self.game

    def _semantic(self) -> None:
        given, declared = self.semantic, self.declared_game.semantic
        if "semantic" not in self.observations:
            if given is not None:
                raise ValueError(f"the option semantic needs semantic in obs_type, which is {self.obs_type!r}")
            return
        if given is None and declared is None:
            raise ValueError(
                "obs_type 'semantic' needs the classes of tiles and objects: a game that declares them (key "
                "'semantic'), or the option semantic"
            )
        if isinstance(given, (str, os.PathLike)):
            self._set("semantic", Semantics.load(given, declared))
        elif isinstance(given, Mapping):
            self._set("semantic", Semantics.parse({**(declared or {}), **given}))
        else:
            self._set("semantic", Semantics.parse(declared if given is None else given))

    @property
    def semantics(self) -> Semantics | None:
        """The validated classes of tiles and objects, None if they are not part of an observation."""
        assert self.semantic is None or isinstance(self.semantic, Semantics)
        return self.semantic

    def _affinity(self) -> None:
        value: Any = self.affinity
        if value is None:
            return
        if isinstance(value, str):
            self._one_of("affinity", ("compact", "spread"))
            return
        places = entries_of(value)
        if not places or not all(map(is_integer, places)):
            raise TypeError(f"affinity must be 'compact', 'spread', None or a list of integers, not {shown(value)}")
        if any(place < 0 for place in places):
            raise ValueError(f"affinity must not be negative: {value!r}")
        self._set("affinity", tuple(map(operator.index, places)))


__all__ = ["EnvOptions"]
