// The zygote's own memory: each fork copies the table of its pages, and a mail's process every page that it writes to.
#pragma once

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace tocsin::daemon {

// Made before anything large is allocated. glibc's allocator has one heap that grows upwards (brk(2)), as long as one
// thread runs and large blocks are told to lie there, too (daemon/examiner.cpp does).
class Heap {
public:
    // What is allocated from now on begins with a large page; the rest of the one before is never touched.
    Heap() : begin_{rounded_up(end_of(std::malloc(1)))} {
        const std::uintptr_t now = end_of(std::malloc(1));
        if (now < begin_) before_ = std::malloc(begin_ - now);
    }
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;

    // Gathered into large pages again, a heap of thirty megabytes is fifteen entries of the table in place of eight
    // thousand. A kernel that cannot do it (before 6.1) leaves all as it is.
    void gather() const {
        for (std::uintptr_t at = begin_; at + large_page <= end(); at += large_page)
            (void)::madvise(reinterpret_cast<void*>(at), large_page, collapse);
    }

    // Takes the gaps that loading has left, for ever: what a mail's process allocates lies side by side behind them,
    // and not each piece in a page of its own that has to be copied first.
    void close_gaps() const {
        std::size_t left = end() - begin_;  // there cannot be more
        for (std::size_t size = largest_gap; size > 0; size -= size > one_page ? one_page : smallest_gap) {
            const std::uintptr_t behind_all = end() - ::mallinfo2().keepcost;
            void* taken = std::malloc(size);
            for (; taken != nullptr && address_of(taken) < behind_all && left >= size; left -= size)
                taken = std::malloc(size);
            std::free(taken);
        }
    }

private:
    static constexpr std::size_t large_page = 2u << 20, one_page = 4096;
    static constexpr std::size_t largest_gap = 16 * one_page, smallest_gap = 16;
    static constexpr int collapse = 25;  // MADV_COLLAPSE, which the headers of this release do not name

    static std::uintptr_t address_of(const void* place) { return reinterpret_cast<std::uintptr_t>(place); }
    static std::uintptr_t rounded_up(std::uintptr_t address) { return (address + large_page - 1) & ~(large_page - 1); }
    static std::uintptr_t end() { return address_of(::sbrk(0)); }
    static std::uintptr_t end_of(void* place) { return address_of(place) + ::malloc_usable_size(place); }

    std::uintptr_t begin_;
    void* before_ = nullptr;
};

}  // namespace tocsin::daemon
