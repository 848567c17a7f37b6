#include "daemon/admin/old_mail.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>

#include "base/file.hpp"
#include "base/text.hpp"
#include "mail/header/date_time.hpp"

namespace tocsin::daemon {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t head_bytes = 64u << 10;
constexpr std::uint64_t largest_mail = std::uint64_t{64} << 20;

// The value of the first field of that name in a header, unfolded.
std::string first_field(std::string_view head, std::string_view name) {
    std::string value;
    bool inside = false;
    for (std::size_t at = 0; at < head.size();) {
        const std::size_t end = std::min(head.find('\n', at), head.size());
        const std::string_view line = head.substr(at, end - at);
        at = end + 1;
        if (trim(line).empty()) break;
        if (inside && is_blank(line.front())) {
            value += ' ';
            value += trim(line);
            continue;
        }
        if (inside) break;
        if (line.size() > name.size() && line[name.size()] == ':' && starts_ignoring_case(line, name)) {
            inside = true;
            value = trim(line.substr(name.size() + 1));
        }
    }
    return value;
}

std::string read_head(const fs::path& file, std::uint64_t offset, std::uint64_t size) {
    std::ifstream in{file, std::ios::binary};
    in.seekg(static_cast<std::streamoff>(offset));
    std::string head(static_cast<std::size_t>(std::min<std::uint64_t>(size, head_bytes)), '\0');
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, in.gcount())));
    return head;
}

Instant written_at(const fs::path& file) {
    std::error_code none;
    const auto time = fs::last_write_time(file, none);
    if (none) return Instant{};
    return std::chrono::time_point_cast<Micros>(std::chrono::file_clock::to_sys(time));
}

// Maildir names begin with the second of delivery: "1700000000.M1P2.host:2,S".
std::optional<Instant> noted_in_name(const fs::path& file) {
    const std::string name = file.filename().string();
    const auto seconds = to_whole_number(std::string_view{name}.substr(0, name.find('.')));
    constexpr std::int64_t year_1990 = 631'152'000, year_2100 = 4'102'444'800;
    if (!seconds || *seconds < year_1990 || *seconds > year_2100) return std::nullopt;
    return Instant{std::chrono::seconds{*seconds}};
}

bool looks_like_a_header(std::string_view head) {
    return !first_field(head, "From").empty() || !first_field(head, "Received").empty() ||
           !first_field(head, "Return-Path").empty() || !first_field(head, "Message-ID").empty();
}

void add_file(const fs::path& file, bool of_a_maildir, std::vector<OldMail>& found) {
    std::error_code none;
    const std::uint64_t size = fs::file_size(file, none);
    if (none || size == 0) return;
    const std::string head = read_head(file, 0, size);
    if (!looks_like_a_header(head)) return;
    found.push_back(
        {file, 0, size, false, received_at(head, of_a_maildir ? noted_in_name(file) : std::nullopt, written_at(file))});
}

// RFC 4155: each mail begins with a line "From " after an empty line.
Result<void> add_mbox(const fs::path& file, std::vector<OldMail>& found) {
    std::ifstream in{file, std::ios::binary};
    if (!in) return permanent(Code::BadInput, file.string() + ": cannot be read");
    const Instant last = written_at(file);
    std::string line;
    std::uint64_t at = 0;
    bool after_empty = true;
    std::optional<OldMail> open;
    std::optional<Instant> noted;
    const auto close = [&](std::uint64_t end) {
        if (!open) return;
        open->size = end - open->offset;
        if (open->size > 0) {
            open->at = received_at(read_head(file, open->offset, open->size), noted, last);
            found.push_back(*open);
        }
        open.reset();
    };
    while (std::getline(in, line)) {
        const std::uint64_t begin = at;
        at += line.size() + (in.eof() ? 0 : 1);
        if (after_empty && line.starts_with("From ")) {
            close(begin);
            open = OldMail{file, at, 0, true, {}};
            // "From rae@lab.test Fri Mar  6 14:30:00 2026"
            const std::size_t date = line.find(' ', 5);
            noted =
                date == std::string::npos ? std::nullopt : mail::read_date_time(std::string_view{line}.substr(date));
        }
        after_empty = trim(line).empty();
    }
    close(at);
    return {};
}

bool is_a_maildir(const fs::path& path) { return fs::is_directory(path / "cur") || fs::is_directory(path / "new"); }

void add_folder(const fs::path& folder, std::vector<OldMail>& found) {
    for (const auto& entry : fs::recursive_directory_iterator{folder, fs::directory_options::skip_permission_denied}) {
        if (!entry.is_regular_file() || entry.is_symlink()) continue;
        const std::string parent = entry.path().parent_path().filename().string();
        const bool of_a_maildir = parent == "cur" || parent == "new";
        // What lies in tmp is not delivered, and dovecot keeps notes of its own beside the mail.
        if (parent == "tmp" || entry.path().filename().string().starts_with("dovecot")) continue;
        add_file(entry.path(), of_a_maildir, found);
    }
}

}  // namespace

Instant received_at(std::string_view head, std::optional<Instant> noted, Instant last) {
    const std::string received = first_field(head, "Received");
    if (const std::size_t date = received.rfind(';'); date != std::string::npos)
        if (const auto at = mail::read_date_time(std::string_view{received}.substr(date + 1))) return *at;
    if (noted) return *noted;
    if (const std::string date = first_field(head, "Date"); !date.empty())
        if (const auto at = mail::read_date_time(date)) return *at;
    return last;
}

Result<std::vector<OldMail>> find_old_mail(const fs::path& path) {
    std::vector<OldMail> found;
    std::error_code none;
    if (fs::is_directory(path, none)) {
        if (is_a_maildir(path)) {
            for (const char* part : {"cur", "new"})
                if (fs::is_directory(path / part)) add_folder(path / part, found);
        } else {
            add_folder(path, found);
        }
    } else if (fs::is_regular_file(path, none)) {
        if (read_head(path, 0, 5) == "From ") {
            const auto read = add_mbox(path, found);
            if (!read) return tl::unexpected{read.error()};
        } else {
            add_file(path, false, found);
        }
    } else {
        return permanent(Code::BadInput, path.string() + ": neither a file nor a folder");
    }
    if (found.empty())
        return permanent(Code::BadInput,
                         path.string() + ": no mail; accepted are a Maildir, an mbox, a mail and a folder of mails");
    std::ranges::stable_sort(found, {}, &OldMail::at);
    return found;
}

namespace {

// Files of mail end their lines as their host does, and IMAP in CRLF (RFC 9051 section 4.3.1): one mail is one mail,
// whichever way it came.
std::string as_imap_has_it(std::string bytes) {
    if (bytes.find("\r\n") != std::string::npos || bytes.find('\n') == std::string::npos) return bytes;
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 32);
    for (const char c : bytes) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

}  // namespace

Result<std::string> bytes_of(const OldMail& mail) {
    if (mail.size > largest_mail) return permanent(Code::BadInput, mail.file.string() + ": larger than 64 MiB");
    std::ifstream in{mail.file, std::ios::binary};
    in.seekg(static_cast<std::streamoff>(mail.offset));
    std::string bytes(static_cast<std::size_t>(mail.size), '\0');
    if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
        return permanent(Code::BadInput, mail.file.string() + ": cannot be read");
    if (!mail.in_mbox) return as_imap_has_it(std::move(bytes));
    std::string whole;
    whole.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t end = std::min(bytes.find('\n', at), bytes.size() - 1) + 1;
        std::string_view line = std::string_view{bytes}.substr(at, end - at);
        const std::size_t quotes = line.find_first_not_of('>');
        if (quotes != std::string_view::npos && quotes > 0 && line.substr(quotes).starts_with("From "))
            line.remove_prefix(1);
        whole += line;
        at = end;
    }
    // The empty line before the next mail belongs to the mbox.
    if (whole.ends_with("\r\n\r\n"))
        whole.resize(whole.size() - 2);
    else if (whole.ends_with("\n\n"))
        whole.pop_back();
    return as_imap_has_it(std::move(whole));
}

}  // namespace tocsin::daemon
