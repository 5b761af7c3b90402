// The sound of Konami's VRC7: Yamaha's OPLL (YM2413) with other instruments, six channels and no rhythm. NESdev "VRC7 audio" has the
// registers and the instruments; what the chip does with them was measured on a YM2413 by W. Vermaelen (github.com/andete/ym2413,
// results) and is in Yamaha's application manual.
//
// A channel is two operators, each a sine in a table of logarithms, so that volumes add up. The modulator's output is added to the
// phase of the carrier. The chip has a clock of its own, of 3.58 MHz, and makes one sample in 72 cycles of it.
#include <algorithm>
#include <array>
#include <cstring>

#include "audio/expansion.hpp"
#include "audio/pulse.hpp"
#include "audio/tables.hpp"

namespace nes {

namespace {

constexpr unsigned kVrc7Channels = 6;
constexpr double kSampleHz = 39375000.0 / 11 / 72;

// The instruments, read from a picture of the chip; number 0 is in its registers $00-$07.
constexpr std::uint8_t kInstruments[15][8] = {
    {0x03, 0x21, 0x05, 0x06, 0xE8, 0x81, 0x42, 0x27}, {0x13, 0x41, 0x14, 0x0D, 0xD8, 0xF6, 0x23, 0x12},
    {0x11, 0x11, 0x08, 0x08, 0xFA, 0xB2, 0x20, 0x12}, {0x31, 0x61, 0x0C, 0x07, 0xA8, 0x64, 0x61, 0x27},
    {0x32, 0x21, 0x1E, 0x06, 0xE1, 0x76, 0x01, 0x28}, {0x02, 0x01, 0x06, 0x00, 0xA3, 0xE2, 0xF4, 0xF4},
    {0x21, 0x61, 0x1D, 0x07, 0x82, 0x81, 0x11, 0x07}, {0x23, 0x21, 0x22, 0x17, 0xA2, 0x72, 0x01, 0x17},
    {0x35, 0x11, 0x25, 0x00, 0x40, 0x73, 0x72, 0x01}, {0xB5, 0x01, 0x0F, 0x0F, 0xA8, 0xA5, 0x51, 0x02},
    {0x17, 0xC1, 0x24, 0x07, 0xF8, 0xF8, 0x22, 0x12}, {0x71, 0x23, 0x11, 0x06, 0x65, 0x74, 0x18, 0x16},
    {0x01, 0x02, 0xD3, 0x05, 0xC9, 0x95, 0x03, 0x02}, {0x61, 0x63, 0x0C, 0x00, 0x94, 0xC0, 0x33, 0xF6},
    {0x21, 0x72, 0x0D, 0x00, 0xC1, 0xD5, 0x56, 0x06},
};

// A channel goes from -256 to 255. At full volume, something like a square lies 11 dB above a pulse of the console (NESdev "NSFe",
// "mixe"). It is this, the custom instrument 22 21 20 07 F0 F0 0F 0F, whose root mean square is:
constexpr double kVrc7Decibels = 11;
constexpr float kMeasured = 233.0f;

// --- tables ---

struct Tables {
    std::array<std::uint16_t, 256> log_sine;  // of a quarter, as 256 times a power of 1/2
    std::array<std::uint16_t, 256> exponent;  // of 2, the fraction of 11 bits

    Tables() noexcept {
        for (unsigned i = 0; i < 256; ++i) {
            const double sine = tables::sine((i + 0.5) * tables::kPi / 512);
            log_sine[i] = static_cast<std::uint16_t>(-tables::log2(sine) * 256 + 0.5);
            const double power = tables::exponential(i / 256.0 * tables::kLn2);
            exponent[i] = static_cast<std::uint16_t>((power - 1) * 1024 + 0.5);
        }
    }
};

const Tables& table() noexcept {
    static const Tables tables;
    return tables;
}

// Twice the factors of the frequency.
constexpr std::uint8_t kMultiple[16] = {1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 20, 24, 24, 30, 30};
// Attenuation of the highest octave by the upper four bits of the F-number, in steps of the envelope, at 6 dB an octave.
constexpr std::uint8_t kKeyScale[16] = {0, 48, 64, 74, 80, 86, 90, 94, 96, 100, 102, 104, 106, 108, 110, 112};
// In which of eight turns an envelope moves: in 4, 5, 6 or 7.
constexpr std::uint8_t kTurns[4] = {0b10101010, 0b10111010, 0b11101110, 0b11111110};

constexpr unsigned kSilent = 124;    // envelopes from here on give nothing
constexpr unsigned kQuietest = 127;  // steps of 0.375 dB
constexpr unsigned kSine = 1024;     // a period
constexpr unsigned kPhaseBits = 19;  // 10 for the sine, 9 behind the point

bool turns(unsigned rate, unsigned column) noexcept { return (kTurns[rate & 3] >> (column & 7) & 1) != 0; }

// --- an operator ---

/// Half of an instrument, and what the registers of the channel make of it.
struct Settings {
    std::uint8_t flags;  // bit 7 tremolo, 6 vibrato, 5 sustained tone, 4 rates follow the key; 0-3 multiple
    std::uint8_t attack, decay, sustain_level, release;
    std::uint8_t key_scale;  // 0-3
    std::uint8_t key_rate;   // what the key adds to rates
    bool half_sine;

    bool tremolo() const noexcept { return (flags & 0x80) != 0; }
    bool vibrato() const noexcept { return (flags & 0x40) != 0; }
    bool sustained() const noexcept { return (flags & 0x20) != 0; }
    unsigned rate(unsigned setting) const noexcept {
        return setting == 0 ? 0 : std::min(63u, 4 * setting + unsigned{key_rate});
    }
};

enum class Stage : std::uint8_t { damp, attack, decay, sustain };

struct Operator {
    std::uint32_t phase = 0;
    std::uint8_t level = kQuietest;  // of the envelope
    Stage stage = Stage::sustain;
    Settings settings{};

    void fall(unsigned rate, std::uint32_t counter) noexcept {
        const unsigned group = rate / 4;
        unsigned steps = 0;
        if (group == 0) return;
        if (group < 13) {
            const unsigned shift = 13 - group;
            if ((counter & ((1u << shift) - 1)) == 0) steps = turns(rate, counter >> shift);
        } else if (group == 13) {
            steps = turns(rate, counter >> 1 & 6) ? 1 : counter & 1;
        } else {
            steps = group == 14 && !turns(rate, counter >> 1 & 6) ? 1 : 2;
        }
        level = static_cast<std::uint8_t>(std::min(level + steps, kQuietest));
    }

    void rise(unsigned rate, std::uint32_t counter) noexcept {
        const unsigned group = rate / 4;
        if (group == 0 || group == 15) return;
        unsigned part = 4;
        if (group < 12) {
            const unsigned shift = 13 - group;
            // The lowest two bits do not count: three quick steps, then a long one.
            if ((counter & ((1u << shift) - 1) & ~3u) != 0 || !turns(rate, counter >> shift)) return;
        } else {
            part = 16 - group - (turns(rate, counter >> 1 & 6) ? 1 : 0);
        }
        if (level != 0) level = static_cast<std::uint8_t>(level - (level >> part) - 1);
    }

    void begin() noexcept {
        phase = 0;
        stage = Stage::attack;
        if (settings.rate(settings.attack) >= 60) level = 0;
    }

    /// One step of the envelope; a modulator knows no release.
    void move_envelope(std::uint32_t counter, bool released, bool sustain_pedal) noexcept {
        const Settings& set = settings;
        if (released) {
            fall(set.rate(sustain_pedal ? 5 : set.sustained() ? set.release : 7), counter);
            return;
        }
        switch (stage) {
            case Stage::damp: fall(set.rate(12), counter); break;
            case Stage::attack:
                if (level != 0) rise(set.rate(set.attack), counter);
                if (level == 0) stage = Stage::decay;
                break;
            case Stage::decay:
                if (level / 8 == set.sustain_level) {
                    stage = Stage::sustain;
                } else {
                    fall(set.rate(set.decay), counter);
                }
                break;
            case Stage::sustain:
                if (!set.sustained()) fall(set.rate(set.release), counter);
                break;
        }
    }

    /// -4095 to 4095, at `offset` from its phase.
    int output(int offset, unsigned attenuation) const noexcept {
        if (level >= kSilent) return 0;
        const unsigned place = (phase >> (kPhaseBits - 10)) + static_cast<unsigned>(offset);
        const bool negative = (place & kSine / 2) != 0;
        if (negative && settings.half_sine) return 0;
        const unsigned quarter = (place & kSine / 4) != 0 ? ~place & 0xFF : place & 0xFF;
        const unsigned sum = table().log_sine[quarter] + 16 * std::min(attenuation + level, kQuietest);
        const int value = (table().exponent[~sum & 0xFF] << 1 | 0x800) >> (sum >> 8);
        return negative ? ~value : value;
    }
};

struct Channel {
    Operator modulator, carrier;
    int fed_back[2] = {};
    std::uint16_t f_number = 0;
    std::uint8_t block = 0;
    std::uint8_t volume = 0;  // 15 is the quietest
    std::uint8_t total_level = 0;
    std::uint8_t feedback = 0;
    bool key = false, sustain_pedal = false;
};

class Vrc7Sound final : public ExpansionSound {
  public:
    Vrc7Sound(const std::uint8_t* registers, const std::uint8_t* mode) noexcept
        : registers_(registers),
          mode_(*mode),
          unit_(kPulseLevel / 2 * tables::gain_of(kVrc7Decibels) / kMeasured) {
        table();
    }

    void set_cpu_clock(double hz) noexcept override {
        step_ = static_cast<std::uint64_t>(hz / kSampleHz * 4294967296.0 + 0.5);
    }

    void restart(std::uint64_t cycle) noexcept override {
        start_ = cycle;
        samples_ = 0;
        counter_ = 0;
        for (Channel& channel : channels_) channel = {};
        for (unsigned i = 0; i < kVrc7Channels; ++i) {
            Channel& channel = channels_[i];
            take(i);
            // A tone that fades while its key is held counts as over.
            if (channel.key && !channel.carrier.settings.sustained()) channel.carrier.stage = Stage::sustain;
        }
        sum_ = 0;
    }

    void follow_registers(std::uint64_t /*cycle*/) noexcept override {
        if ((mode_ & kReset) != 0) {
            for (Channel& channel : channels_) channel = {};
            counter_ = 0;
        }
        for (unsigned i = 0; i < kVrc7Channels; ++i) take(i);
    }

    std::uint64_t next() const noexcept override { return start_ + ((samples_ + 1) * step_ >> 32); }

    void tick() noexcept override {
        // So that the product stays in its range for ever.
        if (++samples_ == std::uint64_t{1} << 20) {
            start_ += samples_ * step_ >> 32;
            samples_ = 0;
        }
        if ((mode_ & kReset) != 0) {
            sum_ = 0;
            return;
        }
        ++counter_;
        const unsigned tremolo = tremolo_now();
        sum_ = 0;
        for (Channel& channel : channels_) sum_ += sample(channel, tremolo);
    }

    float level() const noexcept override { return unit_ * static_cast<float>(sum_); }

  private:
    static constexpr std::uint8_t kReset = 0x40;  // $E000: clears the registers as well

    const std::uint8_t* instrument(unsigned number) const noexcept {
        return number == 0 ? registers_ : kInstruments[number - 1];
    }

    /// What the registers say of a channel.
    void take(unsigned number) noexcept {
        Channel& c = channels_[number];
        const std::uint8_t high = registers_[0x20 + number];
        const std::uint8_t sound = registers_[0x30 + number];
        const std::uint8_t* const set = instrument(sound >> 4);
        c.f_number = static_cast<std::uint16_t>(registers_[0x10 + number] | (high & 1) << 8);
        c.block = high >> 1 & 7;
        c.volume = sound & 0x0F;
        c.total_level = set[2] & 0x3F;
        c.feedback = set[3] & 7;
        c.sustain_pedal = (high & 0x20) != 0;
        take(c.modulator.settings, set, 0, c);
        take(c.carrier.settings, set, 1, c);
        const bool key = (high & 0x10) != 0;
        if (key && !c.key) c.modulator.stage = c.carrier.stage = Stage::damp;
        c.key = key;
    }
    static void take(Settings& to, const std::uint8_t* set, unsigned half, const Channel& c) noexcept {
        to.flags = set[half];
        to.attack = set[4 + half] >> 4;
        to.decay = set[4 + half] & 0x0F;
        to.sustain_level = set[6 + half] >> 4;
        to.release = set[6 + half] & 0x0F;
        to.key_scale = set[2 + half] >> 6;
        to.half_sine = (set[3] >> (3 + half) & 1) != 0;
        const unsigned key = c.block * 2u + (c.f_number >> 8);
        to.key_rate = static_cast<std::uint8_t>((to.flags & 0x10) != 0 ? key : key >> 2);
    }

    /// 0 to 13: a triangle of 3.7 Hz.
    unsigned tremolo_now() const noexcept {
        const unsigned place = counter_ / 64 % 210;
        unsigned level = 26;
        if (place < 7) {
            level = 0;
        } else if (place < 107) {
            level = (place - 7) / 4 + 1;
        } else if (place >= 110) {
            level = 25 - (place - 110) / 4;
        }
        return level / 2;
    }

    void move_phase(Operator& op, const Channel& c) const noexcept {
        int number = 2 * c.f_number;
        if (op.settings.vibrato()) {
            // A triangle of 6.1 Hz, as deep as the upper three bits of the F-number.
            const int depth = c.f_number >> 6;
            const unsigned place = counter_ >> 10 & 7;
            const int size = place % 4 == 0 ? 0 : place % 4 == 2 ? depth : depth / 2;
            number += place < 4 ? size : -size;
        }
        const unsigned step = (static_cast<unsigned>(number) * kMultiple[op.settings.flags & 0x0F] << c.block) >> 2;
        op.phase = (op.phase + step) & ((1u << kPhaseBits) - 1);
    }

    static unsigned key_scale(const Operator& op, const Channel& c) noexcept {
        const int level = kKeyScale[c.f_number >> 5] - 16 * (7 - c.block);
        return op.settings.key_scale == 0 || level <= 0 ? 0u
                                                        : static_cast<unsigned>(level) >> (3 - op.settings.key_scale);
    }

    int sample(Channel& c, unsigned tremolo) noexcept {
        if (c.key && c.carrier.stage == Stage::damp && c.carrier.level >= kSilent) {
            c.modulator.begin();
            c.carrier.begin();
        }
        c.modulator.move_envelope(counter_, false, false);
        c.carrier.move_envelope(counter_, !c.key, c.sustain_pedal);

        // The modulator is a sample behind.
        const int back = c.feedback == 0 ? 0 : (c.fed_back[0] + c.fed_back[1]) >> (8 - c.feedback);
        const unsigned fade =
            2u * c.total_level + key_scale(c.modulator, c) + (c.modulator.settings.tremolo() ? tremolo : 0);
        const int modulation = c.modulator.output(back, fade) >> 1;
        c.fed_back[1] = c.fed_back[0];
        c.fed_back[0] = modulation;
        move_phase(c.modulator, c);
        move_phase(c.carrier, c);
        const unsigned quiet = 8u * c.volume + key_scale(c.carrier, c) + (c.carrier.settings.tremolo() ? tremolo : 0);
        return c.carrier.output(2 * modulation, quiet) >> 4;
    }

    const std::uint8_t* registers_;
    const std::uint8_t& mode_;
    float unit_;
    std::uint64_t step_ = std::uint64_t{36} << 32;  // CPU cycles of a sample, 32 binary places
    std::uint64_t start_ = 0, samples_ = 0;
    std::uint32_t counter_ = 0;  // of samples; what envelopes, tremolo and vibrato run by
    Channel channels_[kVrc7Channels];
    int sum_ = 0;
};

}  // namespace

std::unique_ptr<ExpansionSound> make_vrc7_sound(const std::uint8_t* registers, const std::uint8_t* mode) {
    return std::make_unique<Vrc7Sound>(registers, mode);
}

}  // namespace nes
