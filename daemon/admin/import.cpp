// `tocsinctl import`: old mail is journaled, examined, decided and admitted as any other, but nobody is told.
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "daemon/admin/admin.hpp"
#include "daemon/admin/examiner.hpp"
#include "daemon/admin/old_mail.hpp"
#include "daemon/house.hpp"
#include "intake/admit/admit.hpp"
#include "intake/decide/decide.hpp"
#include "transport/imap_source.hpp"

namespace tocsin::daemon {

namespace {

constexpr std::size_t imported_together = 32;

struct ImportCounts {
    std::size_t found = 0, journaled = 0, opened = 0, threaded = 0, known = 0, unreadable = 0;
};

class ProgressBar {
public:
    explicit ProgressBar(std::size_t most) : most_{most}, shown_{::isatty(STDERR_FILENO) == 1} {}
    ~ProgressBar() {
        if (shown_ && begun_) std::fputc('\n', stderr);
    }
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    void show(std::size_t done) {
        if (!shown_ || most_ == 0) return;
        begun_ = true;
        constexpr std::size_t width = 40;
        const std::string filled(done * width / most_, '#');
        std::fprintf(stderr, "\r[%-40s] %zu of %zu mails", filled.c_str(), done, most_);
    }

private:
    std::size_t most_;
    bool shown_;
    bool begun_ = false;
};

struct ImportedMail {
    std::string bytes;
    Instant at;
};

// The content says where a mail lies, so that importing it again adds nothing.
store::MailPlace place_of(const std::string& source, std::string_view bytes) {
    const Digest digest = sha256(bytes);
    const auto word = [&](std::size_t at) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(digest[at + i]);
        return value;
    };
    return {"import", source, word(0), word(4)};
}

class Import {
public:
    Import(const Loaded& loaded, store::Store& store, intake::MessageIds ids, const MailboxConfiguration& mailbox,
           std::string source, Instant now)
        : loaded_{loaded},
          store_{store},
          ids_{std::move(ids)},
          mailbox_{mailbox},
          source_{std::move(source)},
          now_{now} {}

    // Oldest first.
    Result<void> take(const std::vector<ImportedMail>& mails) {
        std::vector<std::optional<Result<intake::Examination>>> examined(mails.size());
        const auto done = examine_many(
            loaded_, mails.size(), Process::OfItsOwn, [&](std::size_t at) { return mails[at].bytes; },
            [&](std::size_t at, Result<intake::Examination> one) { examined[at].emplace(std::move(one)); },
            store_.keys.all());
        if (!done) return done;
        store::Transaction transaction{store_.database};
        for (std::size_t at = 0; at < mails.size(); ++at)
            if (examined[at]) admit(mails[at], *examined[at]);
        transaction.commit();
        return {};
    }
    ImportCounts counts;

private:
    void admit(const ImportedMail& mail, const Result<intake::Examination>& examination) {
        const Instant at = std::min(mail.at, now_);
        const auto entry = store_.journal.append(
            {.place = place_of(source_, mail.bytes), .internal_date = at, .baseline = true, .acknowledge = false},
            mail.bytes, now_);
        auto journaled = entry ? store_.journal.find(*entry) : std::nullopt;
        // What the daemon found in the mailbox when it began is journaled without a ticket: now it gets one.
        if (journaled && journaled->same_as)
            if (const JournalId first = *journaled->same_as; store_.journal.take_up_baseline(first))
                journaled = store_.journal.find(first);
        if (!journaled || journaled->finished) {
            ++counts.known;
            return;
        }
        ++counts.journaled;
        if (!examination) {  // kept as it came; there is nothing to thread it by
            ++counts.unreadable;
            store_.journal.finish(journaled->id, store::EntryState::Baseline, std::nullopt, "report", now_);
            return;
        }
        const intake::Organisation& house = loaded_.configuration.organisation;
        const auto view = intake::look_up(store_, *examination, house, ids_, loaded_.rule_set, journaled->id);
        const intake::Arrival arrival{.journal = journaled->id,
                                      .received = at,
                                      .baseline = true,
                                      .imported = true,
                                      .acknowledge = false,
                                      .sent = journaled->sent};
        const auto decision = intake::decide(*examination, view, loaded_.rule_set, house, mailbox_.rules, arrival, at);
        intake::admit(store_, decision, journaled->id, store::EntryState::Baseline, house, ids_, at);
        if (decision.action == intake::Action::Open) ++counts.opened;
        if (decision.action == intake::Action::Append) ++counts.threaded;
    }

    const Loaded& loaded_;
    store::Store& store_;
    intake::MessageIds ids_;
    const MailboxConfiguration& mailbox_;
    std::string source_;
    Instant now_;
};

Result<void> import_files(Import& import, const std::filesystem::path& path, std::optional<Instant> since) {
    auto found = find_old_mail(path);
    if (!found) return tl::unexpected{found.error()};
    std::erase_if(*found, [&](const OldMail& mail) { return since && mail.at < *since; });
    import.counts.found = found->size();
    ProgressBar bar{found->size()};
    std::vector<ImportedMail> group;
    for (std::size_t at = 0; at < found->size(); ++at) {
        auto bytes = bytes_of((*found)[at]);
        if (bytes)
            group.push_back({std::move(*bytes), (*found)[at].at});
        else
            ++import.counts.unreadable;
        if (group.size() < imported_together && at + 1 < found->size()) continue;
        if (auto taken = import.take(group); !taken) return taken;
        group.clear();
        bar.show(at + 1);
    }
    return {};
}

Result<void> import_folder(Import& import, const Configuration& configuration, const MailboxConfiguration& mailbox,
                           const std::string& folder, std::optional<Instant> since) {
    auto password = read_password(mailbox.password);
    if (!password) return tl::unexpected{password.error()};
    auto trust = transport::Trust::load(mailbox.ca_file);
    if (!trust) return tl::unexpected{trust.error()};
    transport::Interrupt interrupt;
    transport::ImapLimits limits;
    limits.max_message_bytes = configuration.message_bytes;
    auto session = transport::ImapSource::connect(mailbox.server,
                                                  {mailbox.user, std::move(*password), login_method(mailbox.password)},
                                                  *trust, interrupt, limits);
    if (!session) return tl::unexpected{session.error()};
    if (const auto selected = session->select(folder); !selected) return tl::unexpected{selected.error()};
    auto listed = session->list_from(1);
    if (!listed) return tl::unexpected{listed.error()};
    std::erase_if(*listed, [&](const transport::Listing& one) { return since && one.internal_date < *since; });
    import.counts.found = listed->size();
    // Answers are met after what they answer. A folder that was copied mail by mail has UIDs in another order.
    ProgressBar bar{listed->size()};
    std::vector<ImportedMail> all;
    for (std::size_t at = 0; at < listed->size();) {
        const std::vector<transport::Listing> wanted{
            listed->begin() + static_cast<std::ptrdiff_t>(at),
            listed->begin() + static_cast<std::ptrdiff_t>(std::min(at + imported_together, listed->size()))};
        auto fetched = session->fetch(wanted);
        if (!fetched) return tl::unexpected{fetched.error()};
        if (fetched->empty()) {
            import.counts.unreadable += wanted.size();
            at += wanted.size();
            continue;
        }
        std::vector<ImportedMail> group;
        for (transport::FetchedMessage& message : *fetched)
            group.push_back({std::move(message.bytes), message.internal_date});
        std::ranges::stable_sort(group, {}, &ImportedMail::at);
        if (auto taken = import.take(group); !taken) return taken;
        while (at < listed->size() && (*listed)[at].uid <= fetched->back().uid) ++at;
        bar.show(at);
    }
    session->log_out();
    return {};
}

std::unique_ptr<store::Store> store_to_import_into(const Configuration& configuration, int& code) {
    // Alone where no daemon runs, and beside it where one does.
    auto opened = store::Database::open(configuration.store, store::Database::Use::Daemon);
    if (!opened && opened.error().code == Code::Unavailable) return open_store(configuration, code);
    if (opened) return std::make_unique<store::Store>(std::move(*opened));
    code = complain(opened.error().what, EX_IOERR);
    return nullptr;
}

}  // namespace

int import_mail(const AdminContext& context, const ImportOptions& options) {
    std::optional<Instant> since;
    if (!options.since.empty()) {
        since = from_rfc3339(options.since);
        if (!since) since = from_rfc3339(options.since + "T00:00:00Z");
        if (!since)
            return complain(
                "--since: '" + options.since + "' is no date; accepted is 2026-01-31 or 2026-01-31T09:00:00Z",
                EX_USAGE);
    }
    if (options.path.empty() == options.mailbox.empty())
        return complain("import wants either a path or --mailbox NAME", EX_USAGE);
    const auto loaded = load_or_complain(context);
    if (!loaded) return EX_CONFIG;
    const MailboxConfiguration* mailbox = options.mailbox.empty() ? &loaded->configuration.mailboxes.front()
                                                                  : loaded->configuration.mailbox(options.mailbox);
    if (mailbox == nullptr) return complain("no mailbox is called '" + options.mailbox + "'", EX_USAGE);
    int code = EX_OK;
    const auto store = store_to_import_into(loaded->configuration, code);
    if (!store) return code;
    auto ids = message_ids(loaded->configuration, context.clock.now());
    if (!ids) return complain(ids.error().what, EX_CONFIG);

    const std::string folder = options.folder.empty() ? mailbox->inbox : options.folder;
    const std::string source = options.path.empty() ? mailbox->rules.name + "/" + folder
                                                    : std::filesystem::path{options.path}.filename().string();
    Import import{*loaded, *store, std::move(*ids), *mailbox, source, context.clock.now()};
    const auto done = options.path.empty() ? import_folder(import, loaded->configuration, *mailbox, folder, since)
                                           : import_files(import, options.path, since);
    const ImportCounts& counts = import.counts;
    if (context.json) {
        const nlohmann::ordered_json json{{"found", counts.found},   {"journaled", counts.journaled},
                                          {"opened", counts.opened}, {"threaded", counts.threaded},
                                          {"known", counts.known},   {"unreadable", counts.unreadable}};
        std::printf("%s\n", json.dump(2).c_str());
    } else {
        std::printf(
            "%zu mails: %zu journaled (%zu opened a ticket, %zu joined one), %zu known already, %zu not readable.\n"
            "Nobody was answered; the tickets are closed.\n",
            counts.found, counts.journaled, counts.opened, counts.threaded, counts.known, counts.unreadable);
    }
    if (!done) return complain(done.error().what, done.error().code == Code::BadInput ? EX_DATAERR : EX_UNAVAILABLE);
    return EX_OK;
}

}  // namespace tocsin::daemon
