// Whether two consoles have played the same.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "machine/console.hpp"

namespace lockstep {

/// Reads what both have played since the last time; the first difference, empty if there is none.
inline std::string sound_difference(nes::Console& fast, nes::Console& reference) {
    std::vector<float> samples[2];
    nes::Console* const consoles[2] = {&fast, &reference};
    for (unsigned i = 0; i < 2; ++i) {
        samples[i].resize(consoles[i]->audio_size());
        consoles[i]->read_audio(samples[i].data(), samples[i].size());
    }
    if (samples[0].size() != samples[1].size()) {
        return "sound: " + std::to_string(samples[0].size()) + " samples != " + std::to_string(samples[1].size());
    }
    for (std::size_t at = 0; at < samples[0].size(); ++at) {
        const float a = samples[0][at], b = samples[1][at];
        if (!(a > -100 && a < 100)) return "sound: sample " + std::to_string(at) + " is " + std::to_string(a);
        if (std::memcmp(&a, &b, sizeof(a)) == 0) continue;
        return "sound: sample " + std::to_string(at) + ": " + std::to_string(a) + " != " + std::to_string(b);
    }
    return {};
}

}  // namespace lockstep
