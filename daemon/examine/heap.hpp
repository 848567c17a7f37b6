// The zygote's own memory, which each fork copies the table of.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace tocsin::daemon {

// A fork copies the table of pages, and what was written beside a living child lies in small ones: gathered into
// large pages again, a heap of forty megabytes is twenty entries of it in place of ten thousand. A kernel that cannot
// do it (before 6.1) leaves all as it is.
class Heap {
public:
    Heap() : begin_{(reinterpret_cast<std::uintptr_t>(::sbrk(0)) + large_page - 1) & ~(large_page - 1)} {}
    void gather() const {
        const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0)) & ~(large_page - 1);
        if (begin_ < end) (void)::madvise(reinterpret_cast<void*>(begin_), end - begin_, collapse);
    }

private:
    static constexpr std::uintptr_t large_page = 2u << 20;
    static constexpr int collapse = 25;  // MADV_COLLAPSE, which the headers of this release do not name
    std::uintptr_t begin_;
};

}  // namespace tocsin::daemon
