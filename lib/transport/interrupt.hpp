// The hand that another thread lays on a blocking call: every wait of a connection ends within moments.
#pragma once

#include "base/handle.hpp"

namespace tocsin::transport {

// Once raised it stays raised until it is cleared. Safe to raise from any thread; clear it while nothing waits.
class Interrupt {
public:
    Interrupt();
    void raise() noexcept;
    void clear() noexcept;
    bool raised() const noexcept;
    int descriptor() const noexcept { return event_.get(); }  // readable while raised

    // Gentler: ends a wait for news (ImapSource::wait) and kills nothing. It stays until it is taken back.
    void nudge() noexcept;
    void take_nudge_back() noexcept;
    bool nudged() const noexcept;
    int nudge_descriptor() const noexcept { return nudge_.get(); }

private:
    Descriptor event_;
    Descriptor nudge_;
};

}  // namespace tocsin::transport
