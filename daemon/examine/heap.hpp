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
    Heap() : begin_{rounded_up(end_of(std::malloc(1)), large_page)} {
        const std::uintptr_t now = end_of(std::malloc(1));
        if (now < begin_) before_ = std::malloc(begin_ - now);
    }
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;

    // After the last of what mails' processes share is loaded.
    void settle() {
        close_gaps();
        gather(begin_anew());
    }

private:
    static constexpr std::size_t large_page = 2u << 20, one_page = 4096;
    static constexpr std::size_t largest_gap = 16 * one_page, smallest_gap = 16;
    static constexpr std::size_t room = 48 * one_page;
    static constexpr int collapse = 25;  // MADV_COLLAPSE, which the headers of this release do not name

    // Takes the gaps that loading has left, for ever: what a mail's process allocates lies side by side behind them,
    // and not each piece in a page of its own that has to be copied first.
    static void close_gaps() {
        std::size_t left = end();  // there cannot be more
        for (std::size_t size = largest_gap; size > 0; size -= size > one_page ? one_page : smallest_gap) {
            const std::uintptr_t behind_all = top();
            void* taken = std::malloc(size);
            for (; taken != nullptr && address_of(taken) < behind_all && left >= size; left -= size)
                taken = std::malloc(size);
            std::free(taken);
        }
    }

    // What mails' processes allocate begins with a large page's place, in small pages that nobody has written to: they
    // need not be copied, nor a large one be taken apart. Returns where they begin, or the heap's end.
    std::uintptr_t begin_anew() {
        const std::size_t rest = rounded_up(top(), large_page) - top();
        std::free(std::malloc(rest + 2 * room));  // so that there is as much
        before_mails_ = std::malloc(rest);
        const std::uintptr_t fresh = rounded_up(top(), one_page);
        if (fresh + room > end()) return end();
        (void)::madvise(place_at(fresh), end() - fresh, MADV_NOHUGEPAGE);
        (void)::madvise(place_at(fresh), end() - fresh, MADV_DONTNEED);  // free, and nobody's
        return fresh;
    }

    // Gathered into large pages again, a heap of thirty megabytes is fifteen entries of the table in place of eight
    // thousand. A kernel that cannot do it (before 6.1) leaves all as it is.
    void gather(std::uintptr_t up_to) const {
        for (std::uintptr_t at = begin_; at + large_page <= up_to; at += large_page)
            (void)::madvise(place_at(at), large_page, collapse);
    }

    static std::uintptr_t address_of(const void* place) { return reinterpret_cast<std::uintptr_t>(place); }
    static std::uintptr_t rounded_up(std::uintptr_t address, std::size_t to) { return (address + to - 1) / to * to; }
    static void* place_at(std::uintptr_t address) { return reinterpret_cast<void*>(address); }
    static std::uintptr_t top() { return end() - ::mallinfo2().keepcost; }  // behind all that is allocated
    static std::uintptr_t end() { return address_of(::sbrk(0)); }
    static std::uintptr_t end_of(void* place) { return address_of(place) + ::malloc_usable_size(place); }

    std::uintptr_t begin_;
    void* before_ = nullptr;
    void* before_mails_ = nullptr;
};

}  // namespace tocsin::daemon
