#include "daemon/hangups.hpp"

namespace tocsin::daemon {

bool Hangups::take() {
    bool any = false;
    for (bool one = true; one;) {
        one = false;
        set_.async_wait([&one](boost::system::error_code error, int) { one = !error; });
        look();
        if (!one) set_.cancel();
        look();
        any = any || one;
    }
    return any;
}

void Hangups::look() {
    io_.restart();
    io_.poll();
}

}  // namespace tocsin::daemon
