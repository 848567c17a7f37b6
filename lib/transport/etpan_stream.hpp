// Our wire as the stream that libetpan reads and writes.
#pragma once

#include <string_view>

#include "transport/imap_wire.hpp"

struct _mailstream;

namespace tocsin::transport {

// What the stream holds on to; it must outlive the stream.
struct WireEnd {
    ImapWire& wire;
    // libetpan reads a greeting before anything else. The server's was read long ago, under rules of our own, and so
    // was the login: this is what it hears instead.
    std::string_view unread_greeting = "* PREAUTH ready\r\n";
    bool severed = false;  // neither reads nor writes any more
};

// Nothing when there is no memory. libetpan's session frees it.
_mailstream* open_stream(WireEnd& end);

}  // namespace tocsin::transport
