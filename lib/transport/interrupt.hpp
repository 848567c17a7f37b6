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

private:
    Descriptor event_;
};

}  // namespace tocsin::transport
