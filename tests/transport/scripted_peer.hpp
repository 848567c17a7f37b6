// A server that says what its script says, and nothing else: for what real servers will not do.
//
// It listens on a port of its own on loopback and serves one connection for each script, one after the other, in a
// thread. In what it says, "%" at the beginning of a line stands for the tag of the last command it heard.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "certificates.hpp"
#include "transport/endpoint.hpp"

namespace tocsin::transport::testing {

class Line;  // the peer's end of a connection

// One thing that the peer does. Throwing ends the connection.
using Step = std::function<void(Line&)>;
using Script = std::vector<Step>;

Step say(std::string text);       // lines end in CRLF, which is added where a text lacks it
Step say_raw(std::string bytes);  // as they are
Step drip(std::string bytes, std::chrono::milliseconds pause);  // a byte at a time
Step flood(std::string bytes);                                  // again and again, until the client is gone
Step expect(std::string prefix);                                // the next line, its tag left out where it has one
Step expect_body();                                             // lines up to and with the final dot
Step hear(std::size_t bytes);  // that many, whatever they are (the literal of an APPEND)
Step start_tls(Flaw flaw = Flaw::None, const char* priority = "NORMAL");
Step wait_for(std::chrono::milliseconds span);
Step stall();    // says nothing more; ends when the client is gone
Step cut();      // closes at once, without TLS's goodbye
Step goodbye();  // closes with it

std::string last_word_heard(Line& line);

Script operator+(Script a, const Script& b);

class ScriptedPeer {
public:
    explicit ScriptedPeer(std::vector<Script> connections);
    explicit ScriptedPeer(Script connection) : ScriptedPeer{std::vector<Script>{std::move(connection)}} {}
    ~ScriptedPeer();
    ScriptedPeer(const ScriptedPeer&) = delete;
    ScriptedPeer& operator=(const ScriptedPeer&) = delete;

    std::uint16_t port() const { return port_; }
    Endpoint imap(TlsStart tls = TlsStart::Implicit, const std::string& host = "localhost") const;
    Endpoint submission(TlsStart tls = TlsStart::Implicit, const std::string& host = "localhost") const;

    // After the client is gone: what it said, a line each, and where it left the script ("" when it followed it).
    const std::vector<std::string>& heard();
    std::string complaint();

private:
    void serve(const std::vector<Script>& connections);
    void finish();

    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> stop_ = false;     // break off whatever goes on
    std::atomic<bool> no_more_ = false;  // take no connection that is not there yet
    std::vector<std::string> heard_;
    std::string complaint_;
    std::thread thread_;
};

}  // namespace tocsin::transport::testing
