// A bar on standard error while something takes long; nothing where that is no terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace tocsin::daemon {

class Progress {
public:
    Progress(std::string what, std::size_t of);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();  // wipes the line
    void advance();

private:
    void draw();
    std::string what_;
    std::size_t of_;
    std::size_t done_ = 0;
    bool shown_;
    std::chrono::steady_clock::time_point began_;
    std::chrono::steady_clock::time_point drawn_{};
};

}  // namespace tocsin::daemon
