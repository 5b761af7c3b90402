// One environment: a console, an episode of a game on it, and the agent's observations.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "base/export.hpp"
#include "env/parallel_loop.hpp"
#include "env/preprocess.hpp"
#include "env/random.hpp"
#include "env/rules.hpp"
#include "env/semantic.hpp"
#include "machine/console.hpp"
#include "ppu/fast/tile_cache.hpp"

namespace nes::env {

/// What happens when an episode is over; gymnasium.vector.AutoresetMode.
enum class Autoreset : std::uint8_t { next_step, same_step, disabled };

enum class Status : std::uint8_t {
    ok,
    not_begun,     // stepped before the first reset
    episode_over,  // stepped after the end, without autoreset
    not_run,       // the step was stopped before
};

struct EnvironmentOptions {
    std::uint32_t frameskip = 4;
    bool maxpool = false;                    // the picture is the larger of the step's last two frames, pixel by pixel
    std::uint32_t noop_max = 0;              // frames without buttons after a reset: 1 to noop_max
    double repeat_action_probability = 0.0;  // in each frame, of what was held in the frame before
    bool clip_reward = false;                // of a step
    double reward_low = 0.0, reward_high = 0.0;
    bool episodic_life = false;
    std::uint64_t max_frames = 0;  // 0: no limit; frames without buttons after a reset do not count
    std::uint64_t max_steps = 0;
    std::uint32_t ports = 1;
    std::uint32_t stack = 4;
    bool stack_repeats = false;  // a stack begins with copies of the first picture, not with zeros
    bool channels_last = false;
    Autoreset autoreset = Autoreset::next_step;
    bool wants_image = true, wants_index = false, wants_ram = false, wants_tiles = false, wants_objects = false,
         wants_semantic = false;
    std::uint32_t objects = 0;  // groups of sprites; 0: the sprites themselves
};

/// What is stacked: `planes` arrays of `cells` bytes.
struct Planes {
    std::uint32_t planes;
    std::uint32_t cells;

    std::size_t size() const noexcept { return std::size_t{planes} * cells; }
};

/// All that the environments of a batch share. Immutable once they run, but for draw().
struct SharedConfig {
    explicit SharedConfig(const EnvironmentOptions& options_, const PictureOptions& image_,
                          const PictureOptions& index_, Rules rules_, Semantics semantics_ = {})
        : options(options_),
          image(image_),
          index(index_),
          objects{1, static_cast<std::uint32_t>((options_.objects ? options_.objects : Console::kObjects) *
                                                Console::kObjectBytes)},
          semantics(std::move(semantics_)),
          rules(std::move(rules_)) {}

    EnvironmentOptions options;
    Preprocess image;
    Preprocess index;
    Planes tiles{2, Console::kTileBytes / 2};
    Planes objects;
    Semantics semantics;
    Planes semantic{1, semantics.size()};
    Rules rules;
    std::vector<std::shared_ptr<const SavedState>> starts;  // one at least
    /// For each start what the rules' parameters and memories are there; the last parameter is the start's number.
    /// Where somebody needs it, it is negative and means the same in all batches of the game. In states of version 10.0
    /// it is the place in the `starts` of their batch.
    std::vector<std::vector<double>> start_slots;

    /// Whether an observation is the console's picture, pixel by pixel: then no copy of it is kept.
    bool shows_picture() const noexcept {
        return options.wants_image && options.stack == 1 && image.keeps_size() &&
               !(options.maxpool && options.frameskip > 1);
    }

    /// Whether the last frame of a step is drawn: at any time, because nothing but pictures depends on it.
    void draw(bool on) noexcept { draws_.store(on, std::memory_order_relaxed); }
    bool draws() const noexcept { return draws_.load(std::memory_order_relaxed); }

  private:
    std::atomic<bool> draws_{true};
};

// What a step writes for each environment: type, name, elements of a row. `config` is the SharedConfig.
#define NES_ENV_OUTPUTS(OUTPUT)                                                         \
    OUTPUT(std::uint8_t, image, config.image.size() * config.options.stack)             \
    OUTPUT(std::uint8_t, index, config.index.size() * config.options.stack)             \
    OUTPUT(std::uint8_t, ram, Console::kRamSize)                                        \
    OUTPUT(std::uint8_t, tiles, config.tiles.size() * config.options.stack)             \
    OUTPUT(std::uint8_t, objects, config.objects.size() * config.options.stack)         \
    OUTPUT(std::uint8_t, semantic, config.semantic.size() * config.options.stack)       \
    /* Of the episode that ended, in the mode same_step. */                             \
    OUTPUT(std::uint8_t, final_image, config.image.size() * config.options.stack)       \
    OUTPUT(std::uint8_t, final_index, config.index.size() * config.options.stack)       \
    OUTPUT(std::uint8_t, final_ram, Console::kRamSize)                                  \
    OUTPUT(std::uint8_t, final_tiles, config.tiles.size() * config.options.stack)       \
    OUTPUT(std::uint8_t, final_objects, config.objects.size() * config.options.stack)   \
    OUTPUT(std::uint8_t, final_semantic, config.semantic.size() * config.options.stack) \
    OUTPUT(double, reward, 1)                                                           \
    OUTPUT(std::uint8_t, terminated, 1)                                                 \
    OUTPUT(std::uint8_t, truncated, 1)                                                  \
    OUTPUT(std::uint8_t, life_lost, 1)                                                  \
    /* The rules' infos. */                                                             \
    OUTPUT(double, values, config.rules.infos.size())                                   \
    OUTPUT(double, final_values, config.rules.infos.size())                             \
    /* An episode began in this step. */                                                \
    OUTPUT(std::uint8_t, began, 1)

#define NES_ENV_POINTER(type, name, size) type* name = nullptr;

/// Where one environment writes; null where nobody wants it.
struct OutputRow {
    NES_ENV_OUTPUTS(NES_ENV_POINTER)
};

/// The batch's arrays, a row for each environment that takes part; null where nobody wants one.
struct Arrays {
    NES_ENV_OUTPUTS(NES_ENV_POINTER)

    OutputRow row(const SharedConfig& config, std::size_t number) const noexcept {
        const auto place = [number](auto* first, std::size_t size) { return first ? first + number * size : nullptr; };
        OutputRow output;
#define NES_ENV_PLACE(type, name, size) output.name = place(name, size);
        NES_ENV_OUTPUTS(NES_ENV_PLACE)
#undef NES_ENV_PLACE
        return output;
    }
};

#undef NES_ENV_POINTER

/// Stops a step that takes long, for instance for Ctrl-C.
struct Interruption {
    /// Whether to stop. The first worker asks now and then, in the thread of the caller.
    bool (*asked)(void* context) = nullptr;
    void* context = nullptr;
    std::atomic<bool> stopped{false};
};

/// Memory in work, one for each thread.
class Scratch {
  public:
    /// Whether the step is stopped.
    bool stopped() noexcept {
        if (!interruption) return false;
        if (asks) {
            const std::uint64_t now = ParallelLoop::now();
            if (now >= next) {
                next = now + kNanosecondsBetweenQuestions;
                if (interruption->asked(interruption->context)) interruption->stopped = true;
            }
        }
        return was_stopped();
    }
    bool was_stopped() const noexcept { return interruption && interruption->stopped.load(std::memory_order_relaxed); }

    static constexpr std::uint64_t kNanosecondsBetweenQuestions = 50'000'000;
    Interruption* interruption = nullptr;  // of a step that may be stopped
    bool asks = false;                     // the first worker
    std::uint64_t next = 0;                // when it asks again

    Scratch(const SharedConfig& config, std::size_t machine_size)
        : machine(machine_size),
          before(config.options.maxpool ? Console::kWidth * Console::kHeight : 0),
          emphasis_before(config.options.maxpool ? Console::kHeight : 0),
          slots(config.rules.slots) {
        if (config.rules.after_step == kNoCode && config.rules.after_reset == kNoCode) return;
        for (std::vector<std::uint8_t>& each : skipped) each.resize(machine_size);
    }

    TileCache tiles{4};
    ResizeScratch rows;
    std::vector<std::uint8_t> machine;  // as it was when the step began
    std::vector<std::uint8_t> before;   // the picture before the last
    std::vector<LineEmphasis> emphasis_before;
    bool emphasised_before = false;
    std::vector<double> slots;                         // as they were when the step began
    std::array<std::vector<std::uint8_t>, 3> skipped;  // before the last two frames of a program, and at its end
};

class Environment {
  public:
    static constexpr std::uint32_t kAnyStart = ~std::uint32_t{0};

    /// Throws what the constructor of Console throws.
    Environment(const SharedConfig& config, std::shared_ptr<const Rom> rom, const Options& options,
                std::uint8_t* memory);

    Console& console() noexcept { return console_; }
    Pcg64& random() noexcept { return episode_.random; }
    bool begun() const noexcept { return episode_.begun; }
    bool over() const noexcept { return episode_.over; }

    /// Begins an episode. `whole`: from a start even if only a life was lost.
    void reset(std::uint32_t start, bool whole, const OutputRow& output, Scratch& scratch) noexcept;
    /// Holds `buttons`, one byte for each port, for a step.
    Status step(const std::uint8_t* buttons, const OutputRow& output, Scratch& scratch) noexcept;
    /// What `step` would do to an environment whose episode is over, for ends that were decided outside.
    void end_episode() noexcept {
        episode_.over = episode_.game_over = true;
        episode_.fresh_life = false;
    }

    // Everything beside the console that an environment remembers; good for any environment of the same config.
    NES_PY_API std::size_t episode_size() const noexcept;
    NES_PY_API void save_episode(std::uint8_t* out) const noexcept;
    /// The first field of the result of save_episode() with a value that it cannot have here; null if there is none.
    NES_PY_API const char* impossible_value(const std::uint8_t* episode) const noexcept;
    /// Whether the episode began at one of the starts here, or nobody needs to know where.
    NES_PY_API bool has_start(const std::uint8_t* episode) const noexcept;
    /// Keeps its own generator unless `with_random`.
    NES_PY_API void load_episode(const std::uint8_t* in, bool with_random) noexcept;
    /// Loads a state of the console and begins an episode there, with the parameters and memories of the first start.
    NES_PY_API void adopt(const SavedState& state, Scratch& scratch) noexcept;

    // All of it, the console too: to go back to where a step began.
    NES_PY_API std::size_t whole_size() const noexcept { return console_.state_size() + episode_size(); }
    void save_whole(std::uint8_t* out) const noexcept {
        console_.save(out);
        save_episode(out + console_.state_size());
    }
    void load_whole(const std::uint8_t* in) noexcept {
        console_.load(in);
        load_episode(in + console_.state_size(), true);
    }
    /// Writes what `reset` would have written, without doing anything. `began`: whether an episode has just begun.
    void show(const OutputRow& output, bool began) const noexcept;

  private:
    struct Episode {
        Pcg64 random;
        std::uint64_t frames = 0;
        std::uint64_t steps = 0;
        std::int64_t lives = 0;
        std::uint32_t head = 0;  // where the next picture goes: the oldest of the stack
        std::uint8_t last[Console::kPorts] = {};
        // Truth values, but not bool: they are saved.
        std::uint8_t has_last = 0;
        std::uint8_t begun = 0;
        std::uint8_t over = 0;
        std::uint8_t game_over = 0;   // over for good, not by a lost life
        std::uint8_t fresh_life = 0;  // goes on with the game of the episode before, and no step of it has been taken
        std::uint8_t reserved[3] = {};
    };
    static_assert(std::has_unique_object_representations_v<Episode>, "padding would be saved");

    struct Play {
        double reward = 0.0;
        bool terminated = false;
        bool truncated = false;
        bool pooled = false;  // scratch.before holds the picture before the last
        std::uint32_t frames = 0;
    };

    /// A program that runs frames on its own: of those that are drawn only the last two are, because nobody sees the others.
    struct Skip {
        Environment& environment;
        Scratch& scratch;
        bool draw, next_is_drawn;
        std::uint32_t frames = 0;
        std::uint8_t buttons[2] = {};

        static void run(void* context, std::uint8_t buttons) noexcept;
        void show() noexcept;
    };

    /// Whether its sound is on: then it never goes back to run frames again.
    bool heard() const noexcept { return console_.keeps_audio(); }
    void load_console(const SavedState& state) noexcept;
    void begin(std::uint32_t start, bool whole, Scratch& scratch) noexcept;
    void begin_at(std::uint32_t start, Scratch& scratch) noexcept;
    void begin_game() noexcept;
    void count_lives() noexcept;
    bool noops(Scratch& scratch) noexcept;
    Play play(const std::uint8_t* buttons, Scratch& scratch) noexcept;
    Play play_frames(const std::uint8_t* buttons, std::uint32_t length, Scratch& scratch) noexcept;
    void keep_picture(Scratch& scratch) noexcept;
    void run_frame(const std::uint8_t* held, bool draw, bool next_is_drawn, Scratch& scratch) noexcept;
    FrameOutcome judge_frame(bool draw, bool next_is_drawn, bool last, Scratch& scratch) noexcept;
    bool run_program(std::uint32_t program, bool draw, bool next_is_drawn, Scratch& scratch) noexcept;
    void note_infos() noexcept;
    using Ring = std::vector<std::uint8_t>;  // what is stacked, the newest before `head`

    SeenPicture seen() const noexcept { return {console_.index_buffer(), console_.emphasis()}; }
    void push_picture(bool first, bool pooled, Scratch& scratch) noexcept;
    template <class Write>
    void push(Ring& ring, std::size_t size, bool first, Write write) noexcept;
    void write_stack(const Ring& ring, const Planes& each, std::uint8_t* out) const noexcept;
    struct Observation {
        std::uint8_t *image, *index, *ram, *tiles, *objects, *semantic;
    };
    void write_observation(const Observation& out) const noexcept;
    void write_values(double* out) const noexcept;
    void observe(const OutputRow& output) const noexcept;

    const SharedConfig& config_;
    Console console_;
    Episode episode_;
    std::vector<double> slots_;  // see Rules
    std::vector<double> infos_;  // after the last frame of the step
    Ring image_ring_, index_ring_, tiles_ring_, objects_ring_, semantic_ring_;
};

}  // namespace nes::env
