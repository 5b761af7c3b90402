// Options of one console. Plain data with defaults.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "video/palette.hpp"

namespace nes {

/// Contents of RAM at power-on. Real chips differ; tests need a choice.
enum class RamFill : std::uint8_t {
    zero,
    ones,
    pattern,  // four bytes $00, four bytes $FF: common in Famicoms
    noise,    // from the seed
};

/// How the console is stepped. Both give the same bytes.
enum class Policy : std::uint8_t { fast, reference };

enum class RegionOption : std::uint8_t { from_header, ntsc, pal, dendy };

/// Which console it is. The front loader's reset line holds the PPU too: after power-on and reset it ignores writes to ppuctrl,
/// ppumask, ppuscroll and ppuaddr until the picture has begun once. A Famicom's PPU works at once, and its reset button
/// resets the CPU alone (NESdev "PPU power up state").
enum class ConsoleModel : std::uint8_t { famicom, nes };

/// Where a step of frames ends. It is not part of the hardware: the machine runs the same way.
enum class FrameBoundary : std::uint8_t {
    vblank,  // where vertical blank begins: the picture is whole
    nes_py,  // every 29,781 CPU cycles, where a step of nes-py 8 and 9 ends (NTSC consoles only)
};

/// The timing of the console. It affects what programs observe.
enum class Timing : std::uint8_t {
    hardware,
    nes_py,  // that of nes-py 8 and 9: nes_py_timing/; with FrameBoundary::nes_py, NTSC and joypads only
};

/// What is plugged into the controller ports, and the bytes that say what is done with it (Console::controller): a pad's is A, B,
/// Select, Start, Up, Down, Left, Right, A in bit 0.
enum class Device : std::uint8_t {
    joypads,     // a pad in each port
    four_score,  // four pads
    zapper,      // a pad; in port 2 a light gun: x, y (240 and more: away from the screen), trigger
    arkanoid,    // a pad; in port 2 a paddle: the knob's position, button
    vs_system,   // two pads, the DIP switches, and what is in the coin slots: see input/vs_system.hpp
};

/// An address of RAM or PRG-RAM that is written before each frame.
struct Freeze {
    std::uint16_t address;
    std::uint8_t value;
};

struct Options {
    Policy policy = Policy::fast;
    RamFill ram_fill = RamFill::zero;
    std::uint64_t seed = 0;
    RegionOption region = RegionOption::from_header;
    Device device = Device::joypads;
    FrameBoundary frame_boundary = FrameBoundary::vblank;  // from power-on; a state carries its own
    Timing timing = Timing::hardware;
    bool whole_pictures = false;  // the picture is the last whole frame, wherever a step ends
    std::vector<Freeze> freezes = {};
    ConsoleModel console = ConsoleModel::famicom;
    std::shared_ptr<const Palette> palette = nullptr;  // null: Palette::standard()
};

}  // namespace nes
