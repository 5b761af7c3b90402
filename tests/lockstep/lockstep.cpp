// Runs the fast and the reference policy side by side and reports the first difference.
//
// Usage: see kUsage, or run the program with --help. It exits with 0 when nothing differed, 1 when something did, and 2
// when it was called wrongly.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "program.hpp"
#include "session.hpp"

namespace {

constexpr const char* kUsage =
    "usage: lockstep [ROM or folder of ROMs ...] [options]\n"
    "  --programs N         run N random programs as well (default: 0)\n"
    "  --frames N           frames of each ROM (default: 300)\n"
    "  --program-frames N   frames of each random program (default: 90)\n"
    "  --seed N             of the first program and of the inputs (default: 1)\n"
    "  --total N            go round with other inputs and programs until N frames have been compared\n"
    "  --minutes N          the same, until N minutes have gone by\n"
    "  --region NAME        ntsc, pal or dendy for all (default: by the header, now and then another)\n"
    "  --jobs N             threads (default: one for each CPU)\n"
    "  --keep-going         report every difference, not the first only\n"
    "  --save FILE          write the image of the program --seed and stop\n";

class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct Arguments {
    std::vector<std::string> roms;
    std::uint64_t programs = 0;
    unsigned frames = 300;
    unsigned program_frames = 90;
    std::uint64_t seed = 1;
    std::uint64_t total = 0;
    double minutes = 0;
    unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
    bool keep_going = false;
    std::string save;
    std::optional<nes::RegionOption> region;
};

nes::RegionOption region_named(const std::string& name) {
    if (name == "ntsc") return nes::RegionOption::ntsc;
    if (name == "pal") return nes::RegionOption::pal;
    if (name == "dendy") return nes::RegionOption::dendy;
    throw UsageError("--region wants ntsc, pal or dendy, not '" + name + "'");
}

Arguments parse(const std::vector<std::string>& words) {
    Arguments arguments;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (!word.starts_with("--")) {
            arguments.roms.push_back(word);
            continue;
        }
        if (word == "--keep-going") {
            arguments.keep_going = true;
            continue;
        }
        if (i + 1 == words.size()) throw UsageError(word + " is unknown or wants a value");
        const std::string& text = words[++i];
        if (word == "--save") {
            arguments.save = text;
            continue;
        }
        if (word == "--region") {
            arguments.region = region_named(text);
            continue;
        }
        double value = -1;
        std::size_t used = 0;
        try {
            value = std::stod(text, &used);
        } catch (const std::exception&) {
            used = 0;
        }
        if (used != text.size() || value < 0) throw UsageError(word + " wants a number, not '" + text + "'");
        const auto number = static_cast<std::uint64_t>(value);
        if (word == "--programs")
            arguments.programs = number;
        else if (word == "--frames")
            arguments.frames = static_cast<unsigned>(number);
        else if (word == "--program-frames")
            arguments.program_frames = static_cast<unsigned>(number);
        else if (word == "--seed")
            arguments.seed = number;
        else if (word == "--total")
            arguments.total = number;
        else if (word == "--minutes")
            arguments.minutes = value;
        else if (word == "--jobs")
            arguments.jobs = std::max(1u, static_cast<unsigned>(number));
        else
            throw UsageError(word + " is unknown");
    }
    if (arguments.roms.empty() && arguments.programs == 0 && arguments.save.empty()) {
        throw UsageError("neither a ROM nor --programs was given");
    }
    return arguments;
}

lockstep::Subject load(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw UsageError("cannot read " + path.string());
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    try {
        return {path.filename().string(),
                nes::load_rom(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size())};
    } catch (const nes::RomError& error) {
        throw UsageError(path.string() + ": " + error.what());
    }
}

/// A file, or all .nes files in a folder and below, in the order of their names.
std::vector<lockstep::Subject> load_all(const std::vector<std::string>& places) {
    std::vector<std::filesystem::path> paths;
    for (const std::string& name : places) {
        const std::filesystem::path place(name);
        if (!std::filesystem::is_directory(place)) {
            paths.push_back(place);
            continue;
        }
        const auto first = static_cast<std::ptrdiff_t>(paths.size());
        for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
            if (entry.path().extension() == ".nes") paths.push_back(entry.path());
        }
        std::sort(paths.begin() + first, paths.end());
    }
    std::vector<lockstep::Subject> subjects;
    for (const std::filesystem::path& path : paths) subjects.push_back(load(path));
    return subjects;
}

// Deals out the work: round by round, in each all ROMs and then the programs.
class Work {
  public:
    Work(const Arguments& arguments, std::vector<lockstep::Subject> roms)
        : arguments_(arguments),
          roms_(std::move(roms)),
          start_(std::chrono::steady_clock::now()) {}

    void run() {
        for (;;) {
            const std::uint64_t item = next_++;
            const std::uint64_t per_round = roms_.size() + arguments_.programs;
            const std::uint64_t round = item / per_round;
            const std::uint64_t place = item % per_round;
            if (stop_ || (round > 0 && !another_round())) return;
            const bool is_rom = place < roms_.size();
            const std::uint64_t seed = is_rom ? arguments_.seed + round
                                              : arguments_.seed + round * arguments_.programs + (place - roms_.size());
            const unsigned frames = is_rom ? arguments_.frames : arguments_.program_frames;
            lockstep::Subject subject = is_rom ? roms_[place] : program(seed);
            subject.region = arguments_.region;
            if (const auto difference = lockstep::run_session(subject, seed, frames)) {
                const std::lock_guard lock(print_);
                if (stop_ && !arguments_.keep_going) return;
                std::printf("DIFFERENCE %s\n%s", difference->summary.c_str(), difference->details.c_str());
                std::fflush(stdout);
                ++differences_;
                stop_ = !arguments_.keep_going;
            } else {
                frames_ += frames;
            }
        }
    }

    std::uint64_t frames() const { return frames_; }
    std::uint64_t differences() const { return differences_; }
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

  private:
    bool another_round() const {
        return frames_ < arguments_.total || (arguments_.minutes > 0 && seconds() < 60 * arguments_.minutes);
    }

    static lockstep::Subject program(std::uint64_t seed) {
        const lockstep::Program program = lockstep::make_program(seed);
        return {program.name, nes::load_rom(program.image.data(), program.image.size())};
    }

    const Arguments& arguments_;
    std::vector<lockstep::Subject> roms_;
    std::chrono::steady_clock::time_point start_;
    std::atomic<std::uint64_t> next_ = 0;
    std::atomic<std::uint64_t> frames_ = 0;
    std::atomic<std::uint64_t> differences_ = 0;
    std::atomic<bool> stop_ = false;
    std::mutex print_;
};

int run(const Arguments& arguments) {
    if (!arguments.save.empty()) {
        const lockstep::Program program = lockstep::make_program(arguments.seed);
        std::ofstream file(arguments.save, std::ios::binary);
        file.write(reinterpret_cast<const char*>(program.image.data()),
                   static_cast<std::streamsize>(program.image.size()));
        if (!file) throw UsageError("cannot write " + arguments.save);
        std::printf("%s\n", program.name.c_str());
        return 0;
    }
    std::vector<lockstep::Subject> roms = load_all(arguments.roms);
    if (roms.empty() && arguments.programs == 0) throw UsageError("there is no ROM in these folders");
    Work work(arguments, std::move(roms));
    std::vector<std::thread> team;
    for (unsigned i = 1; i < arguments.jobs; ++i) team.emplace_back([&work] { work.run(); });
    work.run();
    for (std::thread& thread : team) thread.join();
    std::printf("lockstep: %llu frames the same, %llu differences, %.0f s\n",
                static_cast<unsigned long long>(work.frames()), static_cast<unsigned long long>(work.differences()),
                work.seconds());
    return work.differences() ? 1 : 0;
}

}  // namespace

int main(int count, char** words) {
    const std::vector<std::string> arguments(words + 1, words + count);
    if (std::find(arguments.begin(), arguments.end(), "--help") != arguments.end()) {
        std::fputs(kUsage, stdout);
        return 0;
    }
    try {
        return run(parse(arguments));
    } catch (const UsageError& error) {
        std::fprintf(stderr, "lockstep: %s\n%s", error.what(), kUsage);
        return 2;
    }
}
