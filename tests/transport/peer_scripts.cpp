#include "peer_scripts.hpp"

#include <algorithm>
#include <future>
#include <stdexcept>

namespace tocsin::transport::testing {

Script imap_login(const std::string& capabilities) {
    return {
        start_tls(),
        say("* OK ready"),
        expect("CAPABILITY"),
        say("* CAPABILITY " + capabilities + "\r\n% OK done"),
        expect("AUTHENTICATE PLAIN"),
        say("% OK [CAPABILITY " + capabilities + "] welcome"),
    };
}

Script imap_selected(std::uint32_t count, const std::string& capabilities) {
    const auto exists = std::to_string(count);
    return imap_login(capabilities) + Script{
                                          expect("SELECT INBOX"),
                                          say("* " + exists + " EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT " +
                                              std::to_string(count + 1) + "] x\r\n% OK [READ-WRITE] done"),
                                      };
}

Script smtp_login(const std::string& extensions) {
    return {
        start_tls(),          say("220 ready"),   expect("EHLO tocsin.test"), say("250-mail.test\r\n" + extensions),
        expect("AUTH PLAIN"), say("235 welcome"),
    };
}

const Trust& test_trust() {
    static const Trust trust = Trust::load(authority_file()).value();
    return trust;
}

Client::Client(std::chrono::seconds patience) {
    const auto p = patience;
    limits.deadlines = {p, p, p, p, p, p, p, p};
    deadlines = {p, p, p, p, p, p, p};
}

Result<ImapSource> Client::connect(const Endpoint& endpoint, const Login& login) {
    return ImapSource::connect(endpoint, login, test_trust(), interrupt, limits);
}

ImapSource Client::selected(const Endpoint& endpoint) {
    auto source = connect(endpoint);
    if (!source) throw std::runtime_error{source.error().what};
    if (auto done = source->select("INBOX"); !done) throw std::runtime_error{done.error().what};
    return std::move(*source);
}

Result<SmtpSink> Client::submit_to(const Endpoint& endpoint, const Login& login) {
    return SmtpSink::connect(endpoint, login, test_trust(), interrupt, "tocsin.test", deadlines);
}

SmtpSink Client::sink(const Endpoint& endpoint) {
    auto sink = submit_to(endpoint);
    if (!sink) throw std::runtime_error{sink.error().what};
    return std::move(*sink);
}

void all_at_once(const std::vector<std::function<void()>>& cases) {
    constexpr std::size_t together = 24;
    for (std::size_t at = 0; at < cases.size(); at += together) {
        std::vector<std::future<void>> running;
        for (std::size_t i = at; i < std::min(cases.size(), at + together); ++i)
            running.push_back(std::async(std::launch::async, cases[i]));
        for (auto& each : running) each.get();
    }
}

Listing listing_of(std::uint32_t uid, std::uint64_t size) { return {uid, Instant{}, size, {}}; }

}  // namespace tocsin::transport::testing
