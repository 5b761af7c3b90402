// Everything that changes while a console runs, in one struct without pointers. RAM on the cartridge and the picture follow
// it in the same block, so that a snapshot is one copy.
#pragma once

#include <cstdint>
#include <type_traits>

#include "apu/apu_state.hpp"
#include "cartridge/cartridge.hpp"
#include "cpu/cpu_state.hpp"
#include "cpu/dma.hpp"
#include "input/input_state.hpp"
#include "ppu/ppu_state.hpp"
#include "ppu/scroll_log.hpp"

namespace nes {

struct State {
    CpuState cpu;
    DmaState dma;
    ApuState apu;
    InputState input;
    PpuState ppu;
    CartridgeState cartridge;
    std::uint8_t ram[2048];
    std::uint8_t ciram[4096];
    ScrollLog scroll;
};

static_assert(std::is_trivially_copyable_v<State> && std::is_standard_layout_v<State>);
static_assert(std::has_unique_object_representations_v<State>, "padding would be saved");
static_assert(sizeof(State) % 8 == 0);

}  // namespace nes
