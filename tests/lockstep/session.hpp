// The fast and the reference console side by side.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cartridge/rom.hpp"
#include "machine/options.hpp"

namespace lockstep {

/// What is run: a ROM and the name it is reported by. Without `region` that follows from the seed, too; mostly it is the
/// header's.
struct Subject {
    std::string name;
    std::shared_ptr<const nes::Rom> rom;
    std::optional<nes::RegionOption> region = std::nullopt;
};

/// The first difference, for people: a first line, and what was found out about it.
struct Difference {
    std::string summary;  // name, seed, frame, cycle, scanline, dot, field
    std::string details;  // the instructions around it
};

/// Runs `frames` frames with the buttons, stops, restores and resets that follow from `seed`, and compares everything
/// after each frame and at the stops.
std::optional<Difference> run_session(const Subject& subject, std::uint64_t seed, unsigned frames);

}  // namespace lockstep
