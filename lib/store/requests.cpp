#include "store/requests.hpp"

#include <fcntl.h>

#include <stdexcept>

#include "base/handle.hpp"
#include "store/file.hpp"
#include "store/statement.hpp"

namespace tocsin::store {

namespace {

constexpr std::string_view request_columns =
    "SELECT id, verb, arguments, asked_by, asked, state, coalesce(answer, '') FROM request ";

Request request_in(Statement& row) {
    Request request;
    request.id = row.next<RequestId>();
    request.verb = row.next<std::string>();
    request.arguments = row.next<std::string>();
    request.asked_by = row.next<std::string>();
    request.asked = row.next<Instant>();
    const auto state = row.next<std::string>();
    request.state = state == "asked"  ? RequestState::Asked
                    : state == "done" ? RequestState::Done
                                      : RequestState::Refused;
    request.answer = row.next<std::string>();
    return request;
}

}  // namespace

RequestId Requests::ask(std::string_view verb, std::string_view arguments, std::string_view asked_by, Instant now) {
    return database_
        .prepare(
            "INSERT INTO request (verb, arguments, asked_by, asked, state) VALUES (?, ?, ?, ?, 'asked') RETURNING id")
        .bind(verb, arguments, asked_by, now)
        .first<RequestId>()
        .value();
}

std::vector<Request> Requests::asked(std::size_t most) const {
    Statement rows =
        database_.prepare(std::string{request_columns}.append("WHERE state = 'asked' ORDER BY id LIMIT ?"));
    rows.bind(most);
    std::vector<Request> requests;
    while (rows.step()) requests.push_back(request_in(rows));
    return requests;
}

void Requests::answer(RequestId id, bool done, std::string_view answer, Instant now) {
    database_.prepare("UPDATE request SET state = ?, answer = ?, finished = ? WHERE id = ? AND state = 'asked'")
        .bind(std::string_view{done ? "done" : "refused"}, answer, now, id)
        .run();
    if (database_.changes() != 1) throw std::logic_error{"a request is answered once"};
}

std::optional<Request> Requests::find(RequestId id) const {
    Statement row = database_.prepare(std::string{request_columns}.append("WHERE id = ?"));
    if (!row.bind(id).step()) return std::nullopt;
    return request_in(row);
}

bool Requests::withdraw(RequestId id) {
    database_.prepare("DELETE FROM request WHERE id = ? AND state = 'asked'").bind(id).run();
    return database_.changes() == 1;
}

void Requests::forget_before(Instant at) {
    database_.prepare("DELETE FROM request WHERE state <> 'asked' AND finished < ?").bind(at).run();
}

void ring_daemon(const std::filesystem::path& database) noexcept {
    // Opened for writing and closed: IN_CLOSE_WRITE, without a byte written.
    Descriptor bell{::open(lock_name(database).c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
}

}  // namespace tocsin::store
