#include "env/environment.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <utility>

#include "video/convert.hpp"

namespace nes::env {

Environment::Environment(const SharedConfig& config, std::shared_ptr<const Rom> rom, const Options& options,
                         std::uint8_t* memory)
    : config_(config),
      console_(std::move(rom), options, memory),
      slots_(config.rules.slots),
      infos_(config.rules.infos.size()),
      image_ring_(config.options.wants_image && !config.shows_picture() ? config.image.size() * config.options.stack
                                                                        : 0),
      index_ring_(config.options.wants_index ? config.index.size() * config.options.stack : 0),
      tiles_ring_(config.options.wants_tiles ? config.tiles.size() * config.options.stack : 0),
      objects_ring_(config.options.wants_objects ? config.objects.size() * config.options.stack : 0),
      semantic_ring_(config.options.wants_semantic ? config.semantic.size() * config.options.stack : 0) {}

// Steps of all environments of a batch end in the same place, wherever the state was made.
void Environment::load_console(const SavedState& state) noexcept {
    console_.load(state);
    console_.set_frame_boundary(console_.options().frame_boundary);
}

// --- episodes ---

void Environment::reset(std::uint32_t start, bool whole, const OutputRow& output, Scratch& scratch) noexcept {
    begin(start, whole, scratch);
    show(output, true);
}

void Environment::show(const OutputRow& output, bool began) const noexcept {
    *output.reward = 0.0;
    *output.terminated = *output.truncated = 0;
    if (output.life_lost) *output.life_lost = 0;
    *output.began = began;
    observe(output);
}

void Environment::begin(std::uint32_t start, bool whole, Scratch& scratch) noexcept {
    // The same rule for a reset that is asked for and for one by itself, which may have been made already.
    const bool life_lost = episode_.fresh_life || (episode_.over && !episode_.game_over);
    const bool goes_on = !whole && episode_.begun && life_lost;
    episode_.over = episode_.game_over = episode_.fresh_life = false;
    if (goes_on) {
        // The next life of the same game; the step without buttons is that of the usual Atari wrappers.
        const std::uint8_t none[Console::kPorts] = {};
        const Play played = play(none, scratch);
        if (!played.terminated && !played.truncated) {
            push_picture(true, played.pooled, scratch);
            count_lives();
            episode_.fresh_life = true;
            return;
        }
    }
    const std::uint32_t count = static_cast<std::uint32_t>(config_.starts.size());
    const std::uint32_t chosen = start == kAnyStart ? episode_.random.below(count) : start;
    begin_at(chosen, scratch);
    if (config_.options.noop_max && noops(scratch)) begin_at(chosen, scratch);
    console_.keep_audio(true);
    episode_.frames = episode_.steps = 0;
    episode_.has_last = false;
    std::fill(std::begin(episode_.last), std::end(episode_.last), std::uint8_t{0});
    episode_.begun = true;
    count_lives();
    push_picture(true, false, scratch);
}

void Environment::begin_at(std::uint32_t start, Scratch& scratch) noexcept {
    const Rules& rules = config_.rules;
    load_console(*config_.starts[start]);
    // What was heard fades in what was played already. The frames before an episode are not heard.
    console_.keep_audio(false);
    if (start < config_.start_slots.size()) {
        std::copy(config_.start_slots[start].begin(), config_.start_slots[start].end(),
                  slots_.begin() + rules.parameters);
    }
    if (rules.after_reset != kNoCode) run_program(rules.after_reset, true, true, scratch);
    begin_game();
}

void Environment::begin_game() noexcept {
    if (slots_.empty()) return;
    config_.rules.begin_episode(console_, slots_.data());
    note_infos();
}

void Environment::count_lives() noexcept {
    if (config_.rules.lives < 0) return;
    const double lives = slots_[static_cast<std::size_t>(config_.rules.lives)];
    episode_.lives = std::isfinite(lives) ? static_cast<std::int64_t>(std::clamp(lives, -1e15, 1e15)) : 0;
}

// Whether the game ended meanwhile.
bool Environment::noops(Scratch& scratch) noexcept {
    const std::uint8_t none[Console::kPorts] = {};
    const std::uint32_t count = 1 + episode_.random.below(config_.options.noop_max);
    for (std::uint32_t frame = 0; frame < count && !scratch.stopped(); ++frame) {
        const bool last = frame + 1 == count, next_is_drawn = frame + 2 >= count;
        run_frame(none, last, next_is_drawn, scratch);
        const FrameOutcome outcome = judge_frame(last, next_is_drawn, last, scratch);
        if (outcome.terminated || outcome.truncated) return true;
    }
    return false;
}

void Environment::adopt(const SavedState& state, Scratch& scratch) noexcept {
    load_console(state);
    // Whatever the episode before was: the same state begins the same game everywhere.
    if (!config_.start_slots.empty()) {
        std::copy(config_.start_slots[0].begin(), config_.start_slots[0].end(),
                  slots_.begin() + config_.rules.parameters);
    }
    begin_game();
    episode_.frames = episode_.steps = 0;
    episode_.has_last = false;
    std::fill(std::begin(episode_.last), std::end(episode_.last), std::uint8_t{0});
    episode_.begun = true;
    episode_.over = episode_.game_over = episode_.fresh_life = false;
    count_lives();
    push_picture(true, false, scratch);
}

// --- steps ---

Status Environment::step(const std::uint8_t* buttons, const OutputRow& output, Scratch& scratch) noexcept {
    const EnvironmentOptions& options = config_.options;
    if (!episode_.begun) return Status::not_begun;
    if (episode_.over) {
        // With same_step only where a state was loaded that another mode left.
        if (options.autoreset == Autoreset::disabled) return Status::episode_over;
        console_.drop_audio();
        reset(kAnyStart, false, output, scratch);
        return Status::ok;
    }
    console_.drop_audio();
    *output.began = 0;
    episode_.fresh_life = false;
    Play played = play(buttons, scratch);
    const bool game_over = played.terminated || played.truncated;
    bool life_lost = false;
    if (config_.rules.lives >= 0) {
        const std::int64_t before = episode_.lives;
        count_lives();
        life_lost = episode_.lives < before;
        if (options.episodic_life && life_lost) played.terminated = true;
    }
    if (options.clip_reward) played.reward = std::clamp(played.reward, options.reward_low, options.reward_high);
    *output.reward = played.reward;
    *output.terminated = played.terminated;
    *output.truncated = played.truncated;
    if (output.life_lost) *output.life_lost = life_lost;
    episode_.over = played.terminated || played.truncated;
    episode_.game_over = game_over;
    push_picture(false, played.pooled, scratch);
    if (episode_.over && options.autoreset == Autoreset::same_step) {
        write_observation({output.final_image, output.final_index, output.final_ram, output.final_tiles,
                           output.final_objects, output.final_semantic});
        write_values(output.final_values);
        begin(kAnyStart, false, scratch);
        *output.began = 1;
    }
    observe(output);
    if (heard()) console_.audio_size();  // makes the samples, in this thread
    return Status::ok;
}

Environment::Play Environment::play(const std::uint8_t* buttons, Scratch& scratch) noexcept {
    const EnvironmentOptions& options = config_.options;
    std::uint32_t length = options.frameskip;
    if (options.max_frames) {
        length = static_cast<std::uint32_t>(std::min<std::uint64_t>(length, options.max_frames - episode_.frames));
    }
    // Only the step's last frames are drawn. A game that ends before them is played again up to there; not while it is heard:
    // then all frames are drawn.
    const bool may_end_early = length > 1 && config_.rules.may_end() && !heard();
    const Episode begun = episode_;
    if (may_end_early) {
        console_.save_machine(scratch.machine.data());
        std::copy(slots_.begin(), slots_.end(), scratch.slots.begin());
    }
    Play played = play_frames(buttons, length, scratch);
    if (played.frames < length && heard()) {
        length = played.frames;
    } else if (played.frames < length && !scratch.was_stopped()) {
        console_.load_machine(scratch.machine.data());
        std::copy(scratch.slots.begin(), scratch.slots.end(), slots_.begin());
        episode_ = begun;
        length = played.frames;
        played = play_frames(buttons, length, scratch);
    }
    ++episode_.steps;
    if (options.max_steps && episode_.steps >= options.max_steps) played.truncated = true;
    played.pooled = options.maxpool && length > 1;
    return played;
}

Environment::Play Environment::play_frames(const std::uint8_t* buttons, std::uint32_t length,
                                           Scratch& scratch) noexcept {
    const EnvironmentOptions& options = config_.options;
    const std::uint32_t drawn = heard() ? length : options.maxpool ? 2 : 1;
    Play played;
    while (played.frames < length && !scratch.stopped()) {
        const std::uint32_t frame = played.frames++;
        const bool repeats = episode_.has_last && options.repeat_action_probability > 0.0 &&
                             episode_.random.uniform() < options.repeat_action_probability;
        if (!repeats) std::copy_n(buttons, options.ports, episode_.last);
        episode_.has_last = true;
        const bool draw = frame + drawn >= length, next_is_drawn = frame + 1 + drawn >= length;
        if (options.maxpool && frame > 0 && (frame + 1 == length || heard())) keep_picture(scratch);
        run_frame(episode_.last, draw, next_is_drawn, scratch);
        ++episode_.frames;
        const FrameOutcome outcome = judge_frame(draw, next_is_drawn, frame + 1 == length, scratch);
        played.reward += outcome.reward;
        played.terminated = outcome.terminated;
        played.truncated = outcome.truncated || (options.max_frames && episode_.frames >= options.max_frames);
        if (played.terminated || outcome.truncated) break;
    }
    return played;
}

void Environment::keep_picture(Scratch& scratch) noexcept {
    std::memcpy(scratch.before.data(), console_.index_buffer(), scratch.before.size());
    const LineEmphasis* emphasis = console_.emphasis();
    scratch.emphasised_before = emphasis != nullptr;
    if (emphasis) std::copy_n(emphasis, Console::kHeight, scratch.emphasis_before.begin());
}

void Environment::run_frame(const std::uint8_t* held, bool draw, bool next_is_drawn, Scratch& scratch) noexcept {
    console_.use_tile_cache(scratch.tiles);
    for (std::uint32_t port = 0; port < config_.options.ports; ++port) *console_.controller(port) = held[port];
    console_.step(1, draw && config_.draws(), next_is_drawn && config_.draws());
}

// What the frame means, and what the game does about it before the next one. `last`: nothing of the step follows.
FrameOutcome Environment::judge_frame(bool draw, bool next_is_drawn, bool last, Scratch& scratch) noexcept {
    const Rules& rules = config_.rules;
    if (slots_.empty()) return {};
    FrameOutcome outcome = rules.judge(console_, slots_.data());
    const bool over = outcome.terminated || outcome.truncated;
    // Programs change what infos are made of.
    if (last || over) note_infos();
    if (!over && rules.after_step != kNoCode && !run_program(rules.after_step, draw, next_is_drawn, scratch)) {
        outcome.truncated = true;
    }
    return outcome;
}

void Environment::note_infos() noexcept { config_.rules.write_infos(console_, slots_.data(), infos_.data()); }

// --- programs ---

// False: it did not end by itself.
bool Environment::run_program(std::uint32_t program, bool draw, bool next_is_drawn, Scratch& scratch) noexcept {
    Skip skip{*this, scratch, draw && config_.draws(), next_is_drawn};
    const ProgramResult result =
        run_code(config_.rules, program, console_, slots_.data(), &episode_.random, {Skip::run, &skip});
    if (skip.draw && skip.frames && !heard()) skip.show();
    return !result.failed;
}

void Environment::Skip::run(void* context, std::uint8_t buttons) noexcept {
    Skip& skip = *static_cast<Skip*>(context);
    if (skip.scratch.stopped()) return;
    Environment& environment = skip.environment;
    std::uint8_t held[Console::kPorts] = {};
    held[0] = buttons;
    const bool draws_all = skip.draw && environment.heard();
    if (skip.draw && !draws_all) {
        environment.console_.save_machine(skip.scratch.skipped[skip.frames % 2].data());
        skip.buttons[skip.frames % 2] = buttons;
    }
    ++skip.frames;
    environment.run_frame(held, draws_all, draws_all || (!skip.draw && skip.next_is_drawn), skip.scratch);
}

// Goes back and draws the last two: a picture may begin in the frame before the one that ends it.
void Environment::Skip::show() noexcept {
    Console& console = environment.console_;
    console.save_machine(scratch.skipped[2].data());
    for (std::uint32_t frame = frames - std::min(frames, 2u); frame < frames; ++frame) {
        std::uint8_t held[Console::kPorts] = {};
        held[0] = buttons[frame % 2];
        console.load_machine(scratch.skipped[frame % 2].data());
        environment.run_frame(held, true, true, scratch);
    }
    console.load_machine(scratch.skipped[2].data());
}

// --- observations ---

void Environment::push_picture(bool first, bool pooled, Scratch& scratch) noexcept {
    const EnvironmentOptions& options = config_.options;
    const SeenPicture picture = seen();
    if (!image_ring_.empty()) {
        SeenPicture before;
        if (pooled) {
            before = {scratch.before.data(), scratch.emphasised_before ? scratch.emphasis_before.data() : nullptr};
        }
        push(image_ring_, config_.image.size(), first,
             [&](std::uint8_t* out) { config_.image.write(picture, before, out, scratch.rows); });
    }
    if (options.wants_index) {
        push(index_ring_, config_.index.size(), first,
             [&](std::uint8_t* out) { config_.index.write(picture, {}, out, scratch.rows); });
    }
    if (options.wants_tiles) {
        push(tiles_ring_, config_.tiles.size(), first, [&](std::uint8_t* out) { console_.write_tiles(out); });
    }
    if (options.wants_objects) {
        push(objects_ring_, config_.objects.size(), first,
             [&](std::uint8_t* out) { console_.write_objects(out, options.objects); });
    }
    if (options.wants_semantic) {
        push(semantic_ring_, config_.semantic.size(), first,
             [&](std::uint8_t* out) { config_.semantics.write(console_, out); });
    }
    episode_.head = first ? 0 : (episode_.head + 1) % options.stack;
}

// The first of an episode goes to the end of the ring and the padding before it.
template <class Write>
void Environment::push(Ring& ring, std::size_t size, bool first, Write write) noexcept {
    const std::uint32_t stack = config_.options.stack;
    std::uint8_t* place = ring.data() + size * (first ? stack - 1 : episode_.head);
    write(place);
    if (!first) return;
    if (!config_.options.stack_repeats) {
        std::memset(ring.data(), 0, size * (stack - 1));
    } else {
        for (std::uint32_t i = 0; i + 1 < stack; ++i) std::memcpy(ring.data() + size * i, place, size);
    }
}

void Environment::write_stack(const Ring& ring, const Planes& each, std::uint8_t* out) const noexcept {
    const std::size_t size = each.size();
    const std::uint32_t stack = config_.options.stack;
    if (!config_.options.channels_last) {
        const std::size_t oldest = size * episode_.head;
        std::memcpy(out, ring.data() + oldest, ring.size() - oldest);
        std::memcpy(out + ring.size() - oldest, ring.data(), oldest);
        return;
    }
    const std::uint32_t planes = each.planes, channels = planes * stack;
    const auto plane_of = [&](std::uint32_t channel) {
        const std::uint32_t place = (episode_.head + channel / planes) % stack;
        return ring.data() + size * place + std::size_t{each.cells} * (channel % planes);
    };
    if (channels == 1) {
        std::memcpy(out, plane_of(0), each.cells);
    } else if (channels == 3) {
        const std::uint8_t* const three[3] = {plane_of(0), plane_of(1), plane_of(2)};
        planes_to_pixels(three, each.cells, out);
    } else {
        for (std::uint32_t channel = 0; channel < channels; ++channel) {
            const std::uint8_t* plane = plane_of(channel);
            for (std::size_t cell = 0; cell < each.cells; ++cell) out[cell * channels + channel] = plane[cell];
        }
    }
}

void Environment::write_observation(const Observation& out) const noexcept {
    const auto planes_of = [](const Preprocess& of) { return Planes{of.planes(), of.height() * of.width()}; };
    if (out.image && image_ring_.empty()) {
        config_.image.write_kept_size(seen(), config_.options.channels_last, out.image);
    } else if (out.image) {
        write_stack(image_ring_, planes_of(config_.image), out.image);
    }
    if (out.index) write_stack(index_ring_, planes_of(config_.index), out.index);
    if (out.ram) std::memcpy(out.ram, console_.ram(), Console::kRamSize);
    if (out.tiles) write_stack(tiles_ring_, config_.tiles, out.tiles);
    if (out.objects) write_stack(objects_ring_, config_.objects, out.objects);
    if (out.semantic) write_stack(semantic_ring_, config_.semantic, out.semantic);
}

void Environment::write_values(double* out) const noexcept {
    if (out) std::copy(infos_.begin(), infos_.end(), out);
}

void Environment::observe(const OutputRow& output) const noexcept {
    write_observation({output.image, output.index, output.ram, output.tiles, output.objects, output.semantic});
    write_values(output.values);
}

// --- states ---

std::size_t Environment::episode_size() const noexcept {
    return sizeof(Episode) + (slots_.size() + infos_.size()) * sizeof(double) + image_ring_.size() +
           index_ring_.size() + tiles_ring_.size() + objects_ring_.size() + semantic_ring_.size();
}

void Environment::save_episode(std::uint8_t* out) const noexcept {
    static_assert(std::is_trivially_copyable_v<Episode>);
    std::memcpy(out, &episode_, sizeof(Episode));
    out += sizeof(Episode);
    for (const std::vector<double>* each : {&slots_, &infos_}) {
        const std::size_t size = each->size() * sizeof(double);
        if (size) std::memcpy(out, each->data(), size);
        out += size;
    }
    for (const Ring* ring : {&image_ring_, &index_ring_, &tiles_ring_, &objects_ring_, &semantic_ring_}) {
        out = std::copy(ring->begin(), ring->end(), out);
    }
}

const char* Environment::impossible_value(const std::uint8_t* episode) const noexcept {
    const EnvironmentOptions& options = config_.options;
    Episode e;
    std::memcpy(&e, episode, sizeof(e));
    for (const std::uint8_t flag : {e.has_last, e.begun, e.over, e.game_over, e.fresh_life}) {
        if (flag > 1) return "a flag";
    }
    if (e.reserved[0] || e.reserved[1] || e.reserved[2]) return "reserved bytes";
    if (!(e.random.increment_low & 1) || e.random.has_spare > 1) return "the generator";
    if (e.head >= options.stack) return "the number of the oldest picture";
    if (e.game_over && !e.over) return "game_over";
    if (e.fresh_life && (e.over || !e.begun)) return "fresh_life";
    // An episode that may go on has not reached its limits.
    const bool goes_on = !e.over || !e.game_over;
    if (options.max_frames && (e.frames > options.max_frames || (goes_on && e.frames == options.max_frames))) {
        return "the number of frames";
    }
    if (options.max_steps && (e.steps > options.max_steps || (goes_on && e.steps == options.max_steps))) {
        return "the number of steps";
    }
    const std::uint8_t* const end =
        episode + episode_size() - semantic_ring_.size() - objects_ring_.size() - tiles_ring_.size();
    if (std::any_of(end - index_ring_.size(), end, [](std::uint8_t index) { return index > 63; })) {
        return "a palette index";
    }
    return nullptr;
}

bool Environment::has_start(const std::uint8_t* episode) const noexcept {
    const Rules& rules = config_.rules;
    if (rules.start_info < 0) return true;
    Episode e;
    std::memcpy(&e, episode, sizeof(e));
    const auto value = [&](std::size_t place) {
        double result;
        std::memcpy(&result, episode + sizeof(Episode) + place * sizeof(double), sizeof(double));
        return result;
    };
    const std::size_t count = rules.parameter_count() - 1;
    const double number = value(rules.parameters + count);
    if (value(slots_.size() + static_cast<std::size_t>(rules.start_info)) != number) return false;
    const std::vector<std::vector<double>>& starts = config_.start_slots;
    const auto has_number = [&](const std::vector<double>& start) { return start[count] == number; };
    if (std::any_of(starts.begin(), starts.end(), has_number)) return true;
    // A place, or the 0 of what has not begun.
    if (!(number >= 0.0 && number < static_cast<double>(starts.size())) || number != std::floor(number)) return false;
    const std::vector<double>& start = starts[static_cast<std::size_t>(number)];
    for (std::size_t i = 0; e.begun && i < count; ++i) {
        if (value(rules.parameters + i) != start[i]) return false;
    }
    return true;
}

void Environment::load_episode(const std::uint8_t* in, bool with_random) noexcept {
    const Pcg64 random = episode_.random;
    std::memcpy(&episode_, in, sizeof(Episode));
    if (!with_random) episode_.random = random;
    in += sizeof(Episode);
    // Bit by bit: a memory may have become infinite or no number, and what reads one copes with any.
    for (std::vector<double>* each : {&slots_, &infos_}) {
        const std::size_t size = each->size() * sizeof(double);
        if (size) std::memcpy(each->data(), in, size);
        in += size;
    }
    for (Ring* ring : {&image_ring_, &index_ring_, &tiles_ring_, &objects_ring_, &semantic_ring_}) {
        std::copy_n(in, ring->size(), ring->data());
        in += ring->size();
    }
}

}  // namespace nes::env
