// `tocsinctl list --automatic`: the mails that were taken for automatic and have no ticket.
#include <fmt/core.h>
#include <sysexits.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/utf8.hpp"
#include "daemon/admin/admin.hpp"
#include "daemon/admin/examiner.hpp"

namespace tocsin::daemon {

namespace {

struct ShownMail {
    std::string from;
    std::string subject;
};

// Who wrote it and about what: read where mail is read, behind the examiner's walls.
Result<std::vector<ShownMail>> read_mails(const Loaded& loaded, const store::Store& store,
                                          const std::vector<store::UnfiledMail>& mails) {
    std::vector<ShownMail> shown(mails.size());
    const auto done = examine_many(
        loaded, mails.size(), Process::Shared, [&](std::size_t at) { return store.journal.bytes(mails[at].entry.id); },
        [&](std::size_t at, const Result<intake::Examination>& one) {
            if (!one) return;
            if (!one->outer.from.empty()) shown[at].from = one->outer.from.front().address;
            shown[at].subject = one->outer.subject;
        });
    if (!done) return tl::unexpected{done.error()};
    return shown;
}

}  // namespace

int list_automatic(const AdminContext& context, const ListOptions& options) {
    const auto loaded = load_or_complain(context);
    if (!loaded) return EX_CONFIG;
    int code = EX_OK;
    const auto store = open_store(loaded->configuration, code);
    if (!store) return code;
    const Instant now = context.clock.now();
    const auto mails = store->journal.unfiled(options.limit);
    const auto shown = read_mails(*loaded, *store, mails);
    if (!shown) return complain(shown.error().what, EX_UNAVAILABLE);
    if (context.json) {
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        for (std::size_t at = 0; at < mails.size(); ++at)
            list.push_back({{"id", mails[at].entry.id.value()},
                            {"kind", mails[at].kind},
                            {"received", to_rfc3339(mails[at].entry.internal_date)},
                            {"mailbox", mails[at].entry.place.mailbox},
                            {"folder", mails[at].entry.place.folder},
                            {"uid", mails[at].entry.place.uid},
                            {"from", (*shown)[at].from},
                            {"subject", (*shown)[at].subject}});
        std::puts(nlohmann::ordered_json{{"automatic", std::move(list)}}.dump(2).c_str());
        return EX_OK;
    }
    if (mails.empty()) {
        std::puts("No mail was taken for automatic and left without a ticket.");
        return EX_OK;
    }
    std::vector<std::vector<Cell>> rows;
    for (std::size_t at = 0; at < mails.size(); ++at)
        rows.push_back({{std::to_string(mails[at].entry.id.value()), Colour::Bold, true},
                        {mails[at].kind},
                        {distance_in_words((mails[at].entry.internal_date - now).count())},
                        {mails[at].entry.place.mailbox + "/" + mails[at].entry.place.folder},
                        {for_one_line((*shown)[at].from, 40)},
                        {for_one_line((*shown)[at].subject, 100)}});
    std::fputs(table({"ID", "KIND", "RECEIVED", "FOLDER", "FROM", "SUBJECT"}, rows, context.palette).c_str(), stdout);
    return EX_OK;
}

}  // namespace tocsin::daemon
