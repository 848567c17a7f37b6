#include "scripted_peer.hpp"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>

#include "base/handle.hpp"

namespace tocsin::transport::testing {
namespace {

using Session = std::unique_ptr<gnutls_session_int, Releaser<&gnutls_deinit>>;
using Credentials = std::unique_ptr<gnutls_certificate_credentials_st, Releaser<&gnutls_certificate_free_credentials>>;

// No script waits longer for its client than this: a test that hangs says so instead.
constexpr auto patience_ms = 20'000;

struct ClientGone : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace

class Line {
public:
    Line(int socket, const std::atomic<bool>& stop, std::vector<std::string>& heard)
        : socket_{socket}, stop_{stop}, heard_{heard} {}

    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            wait(POLLOUT);
            const auto count = session_
                                   ? gnutls_record_send(session_.get(), bytes.data(), bytes.size())
                                   : ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (again(count)) continue;
            if (count <= 0) throw ClientGone{"the client went away while it was spoken to"};
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    std::string read_line() {
        for (;;) {
            if (const auto end = held_.find('\n'); end != std::string::npos) {
                auto line = held_.substr(0, end);
                held_.erase(0, end + 1);
                if (line.ends_with('\r')) line.pop_back();
                heard_.push_back(line);
                return line;
            }
            fill();
        }
    }
    void read_bytes(std::size_t count) {
        while (held_.size() < count) fill();
        held_.erase(0, count);
    }
    void start_tls(Flaw flaw, const char* priority) {
        gnutls_certificate_credentials_t credentials = nullptr;
        gnutls_certificate_allocate_credentials(&credentials);
        credentials_.reset(credentials);
        const auto& id = identity(flaw);
        const auto datum = [](const std::string& s) {
            return gnutls_datum_t{reinterpret_cast<unsigned char*>(const_cast<char*>(s.data())),
                                  static_cast<unsigned>(s.size())};
        };
        const auto certificate = datum(id.certificate);
        const auto key = datum(id.key);
        if (gnutls_certificate_set_x509_key_mem(credentials, &certificate, &key, GNUTLS_X509_FMT_PEM) < 0)
            throw std::runtime_error{"the peer's certificate"};
        gnutls_session_t session = nullptr;
        gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
        session_.reset(session);
        gnutls_priority_set_direct(session, priority, nullptr);
        gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
        gnutls_transport_set_int(session, socket_.get());
        for (;;) {
            wait(gnutls_record_get_direction(session) ? POLLOUT : POLLIN);
            const int code = gnutls_handshake(session);
            if (code == GNUTLS_E_SUCCESS) return;
            if (gnutls_error_is_fatal(code)) throw ClientGone{std::string{"handshake: "} + gnutls_strerror(code)};
        }
    }
    void until_gone() {
        for (;;) fill();
    }
    void close(bool politely) {
        if (politely && session_) gnutls_bye(session_.get(), GNUTLS_SHUT_WR);
        ::shutdown(socket_.get(), SHUT_RDWR);
        throw ClientGone{""};
    }
    void pause(std::chrono::milliseconds span) {
        for (const auto end = std::chrono::steady_clock::now() + span; std::chrono::steady_clock::now() < end;) {
            if (stop_) throw ClientGone{""};
            std::this_thread::sleep_for(std::min(span, std::chrono::milliseconds{5}));
        }
    }

    const std::string& last_heard() const { return heard_.back(); }

    std::string tag;

private:
    bool again(ssize_t count) const {
        if (session_) return count == GNUTLS_E_AGAIN || count == GNUTLS_E_INTERRUPTED;
        return count < 0 && (errno == EAGAIN || errno == EINTR);
    }
    void fill() {
        char buffer[16384];
        for (;;) {
            const auto count = session_ ? gnutls_record_recv(session_.get(), buffer, sizeof buffer)
                                        : ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
            if (count > 0) {
                held_.append(buffer, static_cast<std::size_t>(count));
                return;
            }
            if (!again(count)) throw ClientGone{"the client went away"};
            wait(POLLIN);
        }
    }
    void wait(int events) {
        for (int waited = 0; waited < patience_ms; waited += 20) {
            pollfd at{socket_.get(), static_cast<short>(events), 0};
            if (::poll(&at, 1, 20) > 0) return;
            if (stop_) throw ClientGone{""};
        }
        throw std::runtime_error{"the client neither said anything nor went away"};
    }

    Descriptor socket_;
    const std::atomic<bool>& stop_;
    std::vector<std::string>& heard_;
    std::string held_;
    Credentials credentials_;
    Session session_;
};

namespace {

std::string with_tag(const std::string& text, const std::string& tag) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool begins = at == 0 || text[at - 1] == '\n';
        if (begins && text[at] == '%')
            out += tag;
        else
            out += text[at];
    }
    return out;
}

}  // namespace

Step say(std::string text) {
    return [text = std::move(text)](Line& line) {
        auto out = with_tag(text, line.tag);
        if (!out.ends_with("\r\n")) out += "\r\n";
        line.write(out);
    };
}

Step say_raw(std::string bytes) {
    return [bytes = std::move(bytes)](Line& line) { line.write(with_tag(bytes, line.tag)); };
}

Step drip(std::string bytes, std::chrono::milliseconds pause) {
    return [bytes = std::move(bytes), pause](Line& line) {
        for (const char c : with_tag(bytes, line.tag)) {
            line.write({&c, 1});
            line.pause(pause);
        }
    };
}

Step flood(std::string bytes) {
    std::string block;
    while (block.size() < 8192) block += bytes;
    return [block](Line& line) {
        for (;;) line.write(block);
    };
}

Step expect(std::string prefix) {
    return [prefix = std::move(prefix)](Line& line) {
        const auto heard = line.read_line();
        if (heard.starts_with(prefix)) return;
        const auto blank = heard.find(' ');
        if (blank != std::string::npos && heard.substr(blank + 1).starts_with(prefix)) {
            line.tag = heard.substr(0, blank);
            return;
        }
        throw std::runtime_error{"expected '" + prefix + "', heard '" + heard + "'"};
    };
}

Step expect_body() {
    return [](Line& line) {
        while (line.read_line() != ".") {
        }
    };
}

Step hear(std::size_t bytes) {
    return [bytes](Line& line) { line.read_bytes(bytes); };
}

Step start_tls(Flaw flaw, const char* priority) {
    return [flaw, priority](Line& line) { line.start_tls(flaw, priority); };
}

Step wait_for(std::chrono::milliseconds span) {
    return [span](Line& line) { line.pause(span); };
}

Step stall() {
    return [](Line& line) { line.until_gone(); };
}

Step cut() {
    return [](Line& line) { line.close(false); };
}

Step goodbye() {
    return [](Line& line) { line.close(true); };
}

std::string last_word_heard(Line& line) {
    const auto& heard = line.last_heard();
    return heard.substr(heard.rfind(' ') + 1);
}

Script operator+(Script a, const Script& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

ScriptedPeer::ScriptedPeer(std::vector<Script> connections) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error{"the peer cannot listen"};
    port_ = ntohs(address.sin_port);
    for (const auto flaw : {Flaw::None, Flaw::UnknownAuthority}) identity(flaw);  // made before there are two threads
    thread_ = std::thread{[this, connections = std::move(connections)] { serve(connections); }};
}

ScriptedPeer::~ScriptedPeer() {
    stop_ = true;
    finish();
    ::close(listener_);
}

void ScriptedPeer::finish() {
    no_more_ = true;
    if (thread_.joinable()) thread_.join();
}

void ScriptedPeer::serve(const std::vector<Script>& connections) {
    for (const auto& script : connections) {
        int socket = -1;
        while (socket < 0) {
            const bool last_look = no_more_;
            pollfd at{listener_, POLLIN, 0};
            if (::poll(&at, 1, 20) > 0) socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (stop_ || (last_look && socket < 0)) return;
        }
        Line line{socket, stop_, heard_};
        try {
            for (const auto& step : script) step(line);
        } catch (const ClientGone&) {
        } catch (const std::exception& error) {
            complaint_ = error.what();
        }
    }
}

Endpoint ScriptedPeer::imap(TlsStart tls, const std::string& host) const { return {Protocol::Imap, tls, host, port_}; }
Endpoint ScriptedPeer::submission(TlsStart tls, const std::string& host) const {
    return {Protocol::Submission, tls, host, port_};
}

const std::vector<std::string>& ScriptedPeer::heard() {
    finish();
    return heard_;
}

std::string ScriptedPeer::complaint() {
    finish();
    return complaint_;
}

}  // namespace tocsin::transport::testing
