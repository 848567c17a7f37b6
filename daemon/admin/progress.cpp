#include "daemon/admin/progress.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

namespace tocsin::daemon {

namespace {

constexpr std::size_t bar_columns = 30;
constexpr std::chrono::milliseconds between_drawings{100};

}  // namespace

Progress::Progress(std::string what, std::size_t of)
    : what_{std::move(what)},
      of_{of},
      shown_{of > 0 && ::isatty(STDERR_FILENO) != 0},
      began_{std::chrono::steady_clock::now()} {}

Progress::~Progress() {
    if (shown_) std::fputs("\r\x1b[K", stderr);
}

void Progress::advance() {
    ++done_;
    if (!shown_) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - drawn_ < between_drawings && done_ < of_) return;
    drawn_ = now;
    draw();
}

void Progress::draw() {
    const std::size_t filled = bar_columns * std::min(done_, of_) / of_;
    const auto passed = std::chrono::duration<double>(drawn_ - began_).count();
    const double left = passed / static_cast<double>(done_) * static_cast<double>(of_ - std::min(done_, of_));
    const std::string line = fmt::format("\r{} [{}{}] {} of {}, {:.0f} s left\x1b[K", what_, std::string(filled, '#'),
                                         std::string(bar_columns - filled, ' '), done_, of_, left);
    std::fputs(line.c_str(), stderr);
}

}  // namespace tocsin::daemon
