// Runs the targets over the inputs in corpus/<target>, once each: what was found stays mended.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "targets.hpp"

namespace {

struct Target {
    const char* name;
    void (*run)(fuzz::Bytes);
};

constexpr Target kTargets[] = {{"rom", fuzz::rom}, {"snapshot", fuzz::snapshot}, {"machine", fuzz::machine}};

int replay(const Target& target, const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) {
        std::printf("cannot read %s\n", file.string().c_str());
        return 1;
    }
    std::printf("%s\n", file.string().c_str());
    std::fflush(stdout);
    target.run({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    return 0;
}

}  // namespace

int main(int count, char** words) {
    const std::filesystem::path corpus = count > 1 ? words[1] : "tests/fuzz/corpus";
    int bad = 0;
    for (const Target& target : kTargets) {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(corpus / target.name)) {
            files.push_back(entry.path());
        }
        std::sort(files.begin(), files.end());
        if (files.empty()) {
            std::printf("there is nothing in %s\n", (corpus / target.name).string().c_str());
            ++bad;
        }
        for (const std::filesystem::path& file : files) bad += replay(target, file);
        target.run({});
    }
    return bad == 0 ? 0 : 1;
}
