#include "transport/etpan_session.hpp"

#include <fmt/format.h>
#include <libetpan/libetpan.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <new>

#include "base/text.hpp"
#include "transport/etpan_stream.hpp"
#include "transport/imap_dialogue.hpp"

namespace tocsin::transport {
namespace {

// RFC 2683 section 3.2.1.5 asks for commands of at most about 1000 bytes.
constexpr std::size_t most_set_bytes = 900;

template <class T>
T* made(T* handle) {
    if (!handle) throw std::bad_alloc{};
    return handle;
}

using SetHandle = std::unique_ptr<mailimap_set, Releaser<&mailimap_set_free>>;
using FetchTypeHandle = std::unique_ptr<mailimap_fetch_type, Releaser<&mailimap_fetch_type_free>>;
using FlagListHandle = std::unique_ptr<mailimap_flag_list, Releaser<&mailimap_flag_list_free>>;
using StoreHandle = std::unique_ptr<mailimap_store_att_flags, Releaser<&mailimap_store_att_flags_free>>;
using FetchListHandle = std::unique_ptr<clist, Releaser<&mailimap_fetch_list_free>>;

SetHandle to_set(const std::vector<UidRange>& ranges) {
    SetHandle set{made(mailimap_set_new_empty())};
    for (const auto& range : ranges)
        if (mailimap_set_add_interval(set.get(), range.first, range.last) != MAILIMAP_NO_ERROR) throw std::bad_alloc{};
    return set;
}

FetchTypeHandle fetch_items(bool listing, bool body) {
    FetchTypeHandle items{made(mailimap_fetch_type_new_fetch_att_list_empty())};
    const auto add = [&](mailimap_fetch_att* item) {
        if (mailimap_fetch_type_new_fetch_att_list_add(items.get(), made(item)) != MAILIMAP_NO_ERROR)
            throw std::bad_alloc{};
    };
    add(mailimap_fetch_att_new_uid());
    if (listing) {
        add(mailimap_fetch_att_new_flags());
        add(mailimap_fetch_att_new_internaldate());
        add(mailimap_fetch_att_new_rfc822_size());
    }
    // PEEK, since a plain BODY[] would set \Seen and hide the mail from the people who read along.
    if (body) add(mailimap_fetch_att_new_body_peek_section(made(mailimap_section_new(nullptr))));
    return items;
}

FlagListHandle single_flag(const std::string& flag) {
    FlagListHandle list{made(mailimap_flag_list_new_empty())};
    auto* made_flag = made(flag == "\\Seen" ? mailimap_flag_new_seen() : mailimap_flag_new_deleted());
    if (mailimap_flag_list_add(list.get(), made_flag) != MAILIMAP_NO_ERROR) throw std::bad_alloc{};
    return list;
}

// RFC 3501 section 9, date-time: the zone stands as hours and minutes in decimal, "-0330" as -330.
Instant to_instant(const mailimap_date_time& date) {
    using namespace std::chrono;
    const int zone = std::abs(date.dt_zone);
    const auto east = minutes{(zone / 100 * 60 + zone % 100) * (date.dt_zone < 0 ? -1 : 1)};
    const auto first = sys_days{year{date.dt_year} / month{static_cast<unsigned>(date.dt_month)} / 1};
    return first + days{date.dt_day - 1} + hours{date.dt_hour} + minutes{date.dt_min} + seconds{date.dt_sec} - east;
}

std::string flag_name(const mailimap_flag_fetch& fetched) {
    if (fetched.fl_type == MAILIMAP_FLAG_FETCH_RECENT) return "\\Recent";
    if (!fetched.fl_flag) return {};
    const auto& flag = *fetched.fl_flag;
    switch (flag.fl_type) {
        case MAILIMAP_FLAG_ANSWERED:
            return "\\Answered";
        case MAILIMAP_FLAG_FLAGGED:
            return "\\Flagged";
        case MAILIMAP_FLAG_DELETED:
            return "\\Deleted";
        case MAILIMAP_FLAG_SEEN:
            return "\\Seen";
        case MAILIMAP_FLAG_DRAFT:
            return "\\Draft";
        case MAILIMAP_FLAG_KEYWORD:
            return flag.fl_data.fl_keyword ? flag.fl_data.fl_keyword : "";
        case MAILIMAP_FLAG_EXTENSION:
            return flag.fl_data.fl_extension ? "\\" + std::string{flag.fl_data.fl_extension} : "";
        default:
            return {};
    }
}

void take_flags(const mailimap_msg_att_dynamic& item, FetchAnswer& answer) {
    auto& flags = answer.flags.emplace();
    if (!item.att_list) return;
    for (auto* at = clist_begin(item.att_list); at; at = clist_next(at))
        if (auto name = flag_name(*static_cast<mailimap_flag_fetch*>(clist_content(at))); !name.empty())
            flags.push_back(std::move(name));
}

void take_static(const mailimap_msg_att_static& item, FetchAnswer& answer) {
    switch (item.att_type) {
        case MAILIMAP_MSG_ATT_UID:
            answer.uid = item.att_data.att_uid;
            break;
        case MAILIMAP_MSG_ATT_RFC822_SIZE:
            answer.size = item.att_data.att_rfc822_size;
            break;
        case MAILIMAP_MSG_ATT_INTERNALDATE:
            if (item.att_data.att_internal_date) answer.internal_date = to_instant(*item.att_data.att_internal_date);
            break;
        case MAILIMAP_MSG_ATT_BODY_SECTION:
            answer.has_body = true;
            if (const auto* section = item.att_data.att_body_section; section && section->sec_body_part)
                answer.body.emplace(section->sec_body_part, section->sec_length);
            break;
        default:
            break;
    }
}

std::vector<FetchAnswer> to_answers(const clist* responses) {
    std::vector<FetchAnswer> answers;
    if (!responses) return answers;
    for (auto* at = clist_begin(responses); at; at = clist_next(at)) {
        const auto* attributes = static_cast<mailimap_msg_att*>(clist_content(at));
        auto& answer = answers.emplace_back();
        for (auto* i = clist_begin(attributes->att_list); i; i = clist_next(i)) {
            const auto* item = static_cast<mailimap_msg_att_item*>(clist_content(i));
            if (item->att_type == MAILIMAP_MSG_ATT_ITEM_DYNAMIC && item->att_data.att_dyn)
                take_flags(*item->att_data.att_dyn, answer);
            else if (item->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC && item->att_data.att_static)
                take_static(*item->att_data.att_static, answer);
        }
    }
    return answers;
}

// libetpan calls us from within C: what `take` throws waits here until those frames are gone.
struct BodySink {
    const std::function<bool(std::string_view)>& take;
    std::exception_ptr thrown;
    bool given_up = false;
};

bool take_body(int, mailimap_msg_att_body_section*, const char* bytes, size_t size, void* context) noexcept {
    auto& sink = *static_cast<BodySink*>(context);
    try {
        sink.given_up = sink.given_up || !sink.take({bytes, size});
    } catch (...) {
        sink.thrown = std::current_exception();
        sink.given_up = true;
    }
    return !sink.given_up;
}

}  // namespace

UidSet uid_set(const std::vector<std::uint32_t>& ascending) {
    UidSet set;
    std::size_t bytes = 0;
    for (const auto uid : ascending) {
        if (!set.ranges.empty() && set.ranges.back().last + 1 == uid) {
            set.ranges.back().last = uid;
        } else {
            constexpr std::size_t most_range_bytes = 22;  // two numbers of ten digits, a colon and a comma
            if ((bytes += most_range_bytes) > most_set_bytes) break;
            set.ranges.push_back({uid, uid});
        }
        ++set.count;
    }
    return set;
}

struct EtpanSession::State {
    explicit State(ImapWire& wire) : end{wire} {}
    ~State() {
        // mailimap_free says LOGOUT and waits for the answer, unless it can neither write nor read.
        end.severed = true;
        if (imap) mailimap_free(imap);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    WireEnd end;
    mailimap* imap = nullptr;
};

EtpanSession::EtpanSession(ImapWire& wire) : wire_{wire}, state_{std::make_unique<State>(wire)} {}
EtpanSession::~EtpanSession() = default;

Result<void> EtpanSession::check(int code, std::string_view doing) {
    auto& connection = wire_.connection();
    if (connection.dead()) return tl::unexpected<Error>{connection.error()};
    if (code == MAILIMAP_NO_ERROR) {
        // A line that libetpan holds back would answer the next command, whoever gives it.
        if (state_->imap->imap_stream->read_buffer_len == 0) return {};
        return connection.fail(Code::BadInput, Permanence::Temporary,
                               fmt::format("{}: the server says too much", doing));
    }
    const auto& status = wire_.last_status();
    const bool refused = starts_ignoring_case(status, "NO") || starts_ignoring_case(status, "BAD");
    switch (code) {
        case MAILIMAP_ERROR_BAD_STATE:
        case MAILIMAP_ERROR_STREAM:
        case MAILIMAP_ERROR_PARSE:
        case MAILIMAP_ERROR_MEMORY:
        case MAILIMAP_ERROR_FATAL:
            break;
        default:
            if (!refused) break;
            const auto refusal = imap_refusal(doing, status);
            return connection.fail(refusal.code, refusal.permanence, refusal.what);
    }
    return connection.fail(Code::BadInput, Permanence::Temporary,
                           fmt::format("{}: the server's answer cannot be read (libetpan {})", doing, code));
}

Result<void> EtpanSession::begin() {
    state_->imap = made(mailimap_new(0, nullptr));
    auto* stream = made(open_stream(state_->end));
    const int code = mailimap_connect(state_->imap, stream);
    return check(code == MAILIMAP_NO_ERROR_AUTHENTICATED ? MAILIMAP_NO_ERROR : MAILIMAP_ERROR_PROTOCOL, "greeting");
}

Result<SelectAnswer> EtpanSession::select(const std::string& mailbox) {
    if (auto done = check(mailimap_select(state_->imap, mailbox.c_str()), "SELECT"); !done)
        return tl::unexpected<Error>{std::move(done.error())};
    const auto* selection = state_->imap->imap_selection_info;
    if (!selection)
        return wire_.connection().fail(Code::BadInput, Permanence::Temporary, "SELECT: the server says nothing of it");
    return SelectAnswer{selection->sel_uidvalidity, selection->sel_uidnext, selection->sel_exists};
}

Result<std::vector<FetchAnswer>> EtpanSession::fetch_listing(const UidSet& uids) {
    const auto set = to_set(uids.ranges);
    const auto items = fetch_items(true, false);
    clist* responses = nullptr;
    const int code = mailimap_uid_fetch(state_->imap, set.get(), items.get(), &responses);
    const FetchListHandle owner{code == MAILIMAP_NO_ERROR ? responses : nullptr};
    if (auto done = check(code, "UID FETCH"); !done) return tl::unexpected<Error>{std::move(done.error())};
    return to_answers(responses);
}

Result<std::vector<FetchAnswer>> EtpanSession::fetch_bodies(const UidSet& uids) {
    const auto set = to_set(uids.ranges);
    const auto items = fetch_items(false, true);
    clist* responses = nullptr;
    const int code = mailimap_uid_fetch(state_->imap, set.get(), items.get(), &responses);
    const FetchListHandle owner{code == MAILIMAP_NO_ERROR ? responses : nullptr};
    if (auto done = check(code, "UID FETCH"); !done) return tl::unexpected<Error>{std::move(done.error())};
    return to_answers(responses);
}

Result<std::vector<FetchAnswer>> EtpanSession::stream_body(std::uint32_t uid,
                                                           const std::function<bool(std::string_view)>& take) {
    const auto set = to_set({{uid, uid}});
    const auto items = fetch_items(false, true);
    BodySink sink{take, nullptr};
    mailimap_set_msg_body_handler(state_->imap, take_body, &sink);
    clist* responses = nullptr;
    const int code = mailimap_uid_fetch(state_->imap, set.get(), items.get(), &responses);
    mailimap_set_msg_body_handler(state_->imap, nullptr, nullptr);
    const FetchListHandle owner{code == MAILIMAP_NO_ERROR ? responses : nullptr};
    if (sink.given_up) {
        auto dead = wire_.connection().fail(Code::Interrupted, Permanence::Temporary, "UID FETCH: given up half way");
        if (sink.thrown) std::rethrow_exception(sink.thrown);
        return dead;
    }
    if (auto done = check(code, "UID FETCH"); !done) return tl::unexpected<Error>{std::move(done.error())};
    return to_answers(responses);
}

Result<void> EtpanSession::add_flag(std::uint32_t uid, const std::string& flag) {
    const auto set = to_set({{uid, uid}});
    const StoreHandle store{made(mailimap_store_att_flags_new_add_flags_silent(single_flag(flag).release()))};
    return check(mailimap_uid_store(state_->imap, set.get(), store.get()), "UID STORE");
}

Result<void> EtpanSession::copy(std::uint32_t uid, const std::string& mailbox) {
    const auto set = to_set({{uid, uid}});
    return check(mailimap_uid_copy(state_->imap, set.get(), mailbox.c_str()), "UID COPY");
}

Result<void> EtpanSession::move(std::uint32_t uid, const std::string& mailbox) {
    const auto set = to_set({{uid, uid}});
    return check(mailimap_uid_move(state_->imap, set.get(), mailbox.c_str()), "UID MOVE");
}

Result<void> EtpanSession::expunge(std::uint32_t uid) {
    const auto set = to_set({{uid, uid}});
    return check(mailimap_uid_expunge(state_->imap, set.get()), "UID EXPUNGE");
}

}  // namespace tocsin::transport
