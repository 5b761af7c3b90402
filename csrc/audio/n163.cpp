// The sound of Namco's 163. NESdev "Namco 163 audio".
#include "audio/n163.hpp"

#include <algorithm>
#include <cstring>

#include "audio/expansion.hpp"
#include "audio/pulse.hpp"
#include "audio/tables.hpp"

namespace nes {

namespace n163 {

namespace {

std::uint32_t phase_of(const std::uint8_t* r) noexcept {
    return r[1] | std::uint32_t{r[3]} << 8 | std::uint32_t{r[5]} << 16;
}

/// `count` steps of one channel.
void move_on(std::uint8_t* r, std::uint64_t count) noexcept {
    const std::uint64_t step = r[0] | std::uint32_t{r[2]} << 8 | std::uint32_t{r[4] & 3u} << 16;
    const std::uint64_t length = std::uint64_t{256u - (r[4] & 0xFCu)} << 16;  // both with 16 binary places
    const std::uint64_t phase = (phase_of(r) + step % length * (count % length)) % length;
    r[1] = static_cast<std::uint8_t>(phase);
    r[3] = static_cast<std::uint8_t>(phase >> 8);
    r[5] = static_cast<std::uint8_t>(phase >> 16);
}

/// What a channel puts out, -120 to 105.
int output(const std::uint8_t* ram, unsigned channel) noexcept {
    const std::uint8_t* const r = ram + base_of(channel);
    const unsigned place = ((phase_of(r) >> 16) + r[6]) & 0xFF;
    const unsigned sample = ram[place / 2] >> (place % 2 * 4) & 0x0Fu;
    return (static_cast<int>(sample) - 8) * (r[7] & 0x0F);
}

}  // namespace

void advance(std::uint8_t* ram, std::uint8_t& channel, std::uint8_t& passed, std::uint64_t cycles) noexcept {
    const std::uint64_t all = passed + cycles;
    const std::uint64_t turns = all / kCyclesPerChannel;
    passed = static_cast<std::uint8_t>(all % kCyclesPerChannel);
    if (turns == 0) return;
    const unsigned count = channel_count(ram);
    const unsigned first = channel % count;
    for (unsigned turn = 0; turn < count && turn < turns; ++turn) {
        move_on(ram + base_of((first + turn) % count), (turns - 1 - turn) / count + 1);
    }
    channel = static_cast<std::uint8_t>((first + turns) % count);
}

}  // namespace n163

namespace {

class N163Sound final : public ExpansionSound {
  public:
    N163Sound(const N163Registers& registers, double decibels) noexcept
        : board_(registers),
          // A square from 0 to 15 at volume 15 has a height of 15 * 15.
          unit_(kPulseLevel * tables::gain_of(decibels) / 225.0f) {}

    void restart(std::uint64_t cycle) noexcept override {
        output_ = 0;
        next_ = kNever;
        follow_registers(cycle);
        // In the middle of its waves, where what it puts out is the level that sound begins from.
        if (next_ != kNever) output_ = last_output();
    }

    void follow_registers(std::uint64_t cycle) noexcept override {
        std::memcpy(ram_, board_.ram, sizeof(ram_));
        channel_ = *board_.channel;
        std::uint8_t passed = *board_.cycles;
        const std::uint64_t expected = next_;
        next_ = kNever;
        if ((*board_.prg_select & 0x40) != 0) {
            output_ = 0;
            return;
        }
        std::uint64_t now = std::min(*board_.now, cycle);  // a hostile state may be ahead
        if (now + 1 < cycle) {
            n163::advance(ram_, channel_, passed, cycle - 1 - now);
            now = cycle - 1;
        }
        next_ = now + 1 + n163::kCyclesPerChannel - std::min<unsigned>(passed, n163::kCyclesPerChannel - 1);
        // The board has finished a channel in this very cycle, or in the one before.
        if (expected < next_) output_ = last_output();
    }

    std::uint64_t next() const noexcept override { return next_; }

    void tick() noexcept override {
        const unsigned channel = channel_ % n163::channel_count(ram_);
        std::uint8_t passed = 0;
        n163::advance(ram_, channel_, passed, n163::kCyclesPerChannel);
        output_ = n163::output(ram_, channel);
        next_ += n163::kCyclesPerChannel;
    }

    float level() const noexcept override { return unit_ * static_cast<float>(output_); }

  private:
    int last_output() const noexcept {
        const unsigned count = n163::channel_count(ram_);
        return n163::output(ram_, (channel_ + count - 1) % count);
    }

    N163Registers board_;
    float unit_;
    std::uint8_t ram_[n163::kRamSize] = {};  // as the board has it where the sound is
    std::uint8_t channel_ = 0;
    std::uint64_t next_ = kNever;
    int output_ = 0;  // of the channel that was worked on last
};

}  // namespace

std::unique_ptr<ExpansionSound> make_n163_sound(const N163Registers& registers, double decibels) {
    return std::make_unique<N163Sound>(registers, decibels);
}

}  // namespace nes
