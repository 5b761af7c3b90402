// The DMA unit: sprite (OAM) DMA and the DMC's sample fetches. NESdev "DMA"; AccuracyCoin "DMC DMA + OAM DMA",
// "Explicit DMA Abort", "DMC DMA Bus Conflicts".
//
// Both stop the CPU by RDY, which works in read cycles only, and on PAL only where an opcode is fetched; while it is stopped the CPU
// repeats its read. Reads of the DMA unit take place in get cycles, writes in put cycles.
#pragma once

#include <array>
#include <cstdint>

#include "base/fields.hpp"

namespace nes {

struct DmaState {
    std::uint16_t oam_index;  // bytes written so far
    std::uint8_t oam_page;
    std::uint8_t oam_active;  // from the $4014 write to the last byte
    std::uint8_t oam_halted;  // the CPU has stopped for it
    std::uint8_t oam_latch;
    std::uint8_t oam_latch_full;
    std::uint8_t dmc_stage;  // 0: halt next, 1: dummy next, 2: ready to read
};

inline constexpr std::array kDmaFields{
    NES_FIELD(DmaState, oam_index),  NES_FIELD(DmaState, oam_page),  NES_FIELD(DmaState, oam_active),
    NES_FIELD(DmaState, oam_halted), NES_FIELD(DmaState, oam_latch), NES_FIELD(DmaState, oam_latch_full),
    NES_FIELD(DmaState, dmc_stage),
};
static_assert(covers(kDmaFields, sizeof(DmaState)));

}  // namespace nes
