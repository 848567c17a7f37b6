// How fast encrypted mail is opened by processes of its own, beside two GPGME threads that do the same in the same run,
// at the home that the keys were made in and, to compare, at the keyring that the processes read; and what a plain mail
// pays for a process. Fails below 90 % of the threads, or above 1 ms.
#include <gpgme.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "crypto/gpg.hpp"
#include "crypto/gpg_engine.hpp"
#include "crypto/keys.hpp"
#include "daemon/examiner.hpp"
#include "daemon/examiner_link.hpp"
#include "daemon/keys/keychain.hpp"
#include "intake/examine/examination_json.hpp"
#include "intake/examine/examine.hpp"

namespace {

namespace fs = std::filesystem;
namespace asio = boost::asio;
using namespace tocsin;

constexpr std::size_t encrypted_mails = 60;
constexpr std::size_t plain_mails = 600;
constexpr int rounds = 5;
constexpr double least_share = 0.9;
constexpr double most_ms = 1.0;
constexpr std::size_t lanes = 2;
constexpr std::chrono::seconds patience{30};

template <class T>
T required(Result<T> result) {
    if (!result) throw std::runtime_error{result.error().what};
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// A home under a short path, gone with the program.
class Home {
public:
    Home() {
        char name[] = "/tmp/tb-XXXXXX";
        if (::mkdtemp(name) == nullptr) throw std::runtime_error{"no folder can be made"};
        path_ = name;
    }
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;
    ~Home() {
        const std::string end = "gpgconf --homedir " + path_.string() + " --kill all";
        (void)!std::system(end.c_str());
        std::error_code error;
        fs::remove_all(path_, error);
    }
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

std::string report(std::size_t number) {
    std::string text = "Content-Type: text/plain; charset=utf-8\r\n\r\n";
    for (int line = 0; line < 40; ++line)
        text +=
            "Cross-site scripting in the search form, number " + std::to_string(number) + ": open /search?q=<svg>.\r\n";
    return text;
}

const std::string header =
    "From: Rae <rae@lab.test>\r\nTo: security@acme.test\r\nSubject: Report\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\n"
    "MIME-Version: 1.0\r\n";

std::string pgp_mime(const std::string& armor) {
    return header +
           "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"b\"\r\n\r\n"
           "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--b\r\n"
           "Content-Type: application/octet-stream\r\n\r\n" +
           armor + "\r\n--b--\r\n";
}

double since(std::chrono::steady_clock::time_point begun) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

double by_threads(const fs::path& home, const std::vector<std::string>& armors) {
    required(crypto::begin(home));
    std::vector<std::size_t> opened(lanes, 0);
    const auto begun = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (std::size_t lane = 0; lane < lanes; ++lane)
        threads.emplace_back([&, lane] {
            for (std::size_t at = lane; at < armors.size(); at += lanes) {
                const crypto::Context context = crypto::open_context(home);
                const crypto::Buffer cipher = crypto::reading_from(armors[at]);
                crypto::Sink plain{std::size_t{1} << 20};
                const auto error = gpgme_op_decrypt_verify(context.get(), cipher.get(), plain.handle());
                const auto* verified = gpgme_op_verify_result(context.get());
                if (!error && verified != nullptr && verified->signatures != nullptr) ++opened[lane];
            }
        });
    for (std::thread& thread : threads) thread.join();
    const double taken = since(begun);
    if (opened[0] + opened[1] != armors.size()) throw std::runtime_error{"the threads did not open every mail"};
    return taken;
}

struct Work {
    daemon::Examiner& examiner;
    const std::vector<std::string>& mails;
    bool encrypted;
    std::size_t next = 0;
    std::size_t done = 0;
    std::size_t good = 0;
};

asio::awaitable<void> examine_some(asio::io_context& io, Work& work) {
    intake::ExamineOptions options;
    options.recipient = "security@acme.test";
    while (work.next < work.mails.size()) {
        const intake::Frame request = intake::ask_to_examine(options, work.mails[work.next++]);
        const auto answer = co_await work.examiner.ask(request, patience);
        const auto examination =
            answer ? intake::examination_in(*answer) : Result<intake::Examination>{tl::unexpected{answer.error()}};
        if (examination && examination->crypto.decrypted == work.encrypted &&
            examination->crypto.signatures.size() == (work.encrypted ? 1u : 0u))
            ++work.good;
        if (++work.done == work.mails.size()) io.stop();
    }
}

double by_processes(asio::io_context& io, daemon::Examiner& examiner, const std::vector<std::string>& mails,
                    bool encrypted) {
    Work work{examiner, mails, encrypted};
    const auto begun = std::chrono::steady_clock::now();
    for (std::size_t lane = 0; lane < lanes; ++lane) asio::co_spawn(io, examine_some(io, work), asio::detached);
    io.restart();
    io.run();
    const double taken = since(begun);
    if (work.good != mails.size()) throw std::runtime_error{"the examiner did not open every mail"};
    return taken;
}

asio::awaitable<void> read_keys(asio::io_context& io, daemon::Keychain& keychain, daemon::Examiner& examiner,
                                Result<void>& read) {
    const std::vector<store::KnownKey> none;
    read = co_await keychain.renew(examiner, none);
    io.stop();
}

// CPU seconds of the children that a process has waited for (proc(5), fields 16 and 17).
double children_of(pid_t process) {
    std::ifstream file{"/proc/" + std::to_string(process) + "/stat"};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    std::istringstream rest{text.substr(text.rfind(')') + 2)};
    std::string word;
    for (int field = 3; field < 16; ++field) rest >> word;
    double user = 0;
    double system = 0;
    rest >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

fs::path only_folder_in(const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator{folder})
        if (entry.is_directory() && entry.path().filename() != daemon::offered_keys_folder) return entry.path();
    throw std::runtime_error{"there is no keyring"};
}

double own_cpu() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

int run() {
    const Home home;
    required(crypto::begin(home.path()));
    const std::string house = required(crypto::make_key(home.path(), {"ACME", "security@acme.test", "", {}}));
    const std::string rae = required(crypto::make_key(home.path(), {"Rae", "rae@lab.test", "", {}}));
    crypto::GpgEngine writer{home.path(), required(crypto::list_keys(home.path(), {})), rae};
    std::ofstream{home.path() / "gpg.conf"} << "default-key " << rae << "\ntrust-model always\n";
    std::vector<std::string> armors;
    std::vector<std::string> mails;
    for (std::size_t number = 0; number < encrypted_mails; ++number) {
        armors.push_back(required(writer.seal(report(number), {house})));
        mails.push_back(pgp_mime(armors.back()));
    }

    intake::ExaminerSetup setup;
    setup.rules_path = {std::string{TOCSIN_SOURCE_DIR} + "/rules"};
    setup.languages = {"en", "de"};
    setup.keys = (home.path() / "keyring").string();
    asio::io_context io{1};
    auto examiner = required(daemon::Examiner::start(io.get_executor(), daemon::examiner_program(), setup));
    daemon::OpenPgpConfiguration openpgp;
    openpgp.home = home.path();
    openpgp.key = house;
    daemon::Keychain keychain{openpgp};
    Result<void> read = permanent(Code::System, "the keys were not read");
    asio::co_spawn(io, read_keys(io, keychain, *examiner, read), asio::detached);
    io.run();
    required(std::move(read));

    const fs::path checked_keyring = only_folder_in(daemon::Keychain::folder_of(openpgp));
    std::vector<double> threads;
    std::vector<double> threads_at_checked;
    std::vector<double> processes;
    for (int round = 0; round < rounds; ++round) {
        threads.push_back(by_threads(home.path(), armors));
        processes.push_back(by_processes(io, *examiner, mails, true));
        threads_at_checked.push_back(by_threads(checked_keyring, armors));
    }
    const double share = median(threads) / median(processes);
    std::printf(
        "%zu encrypted and signed mails, a second: two GPGME threads %.1f, processes of their own %.1f: %.0f %%\n",
        encrypted_mails, encrypted_mails / median(threads), encrypted_mails / median(processes), 100 * share);
    std::printf("two GPGME threads over the keyring that the processes read: %.1f, of which they reach %.0f %%\n",
                encrypted_mails / median(threads_at_checked), 100 * median(threads_at_checked) / median(processes));

    rules::Mistakes mistakes;
    auto rule_set =
        rules::RuleSet::load({{std::filesystem::path{TOCSIN_SOURCE_DIR} / "rules"}, {"en", "de"}}, mistakes);
    if (!rule_set) throw std::runtime_error{mistakes.to_text()};
    intake::warm_up(*rule_set, {});
    std::vector<std::string> plain;
    for (std::size_t number = 0; number < plain_mails; ++number) plain.push_back(header + report(number));
    std::vector<double> own;
    for (int round = 0; round < 3; ++round) {
        const double before = children_of(examiner->process());
        by_processes(io, *examiner, plain, false);
        const double in_processes = children_of(examiner->process()) - before;
        intake::ExamineOptions options;
        options.recipient = "security@acme.test";
        const double begun = own_cpu();
        for (const std::string& mail : plain) (void)intake::to_json(intake::examine(mail, *rule_set, {}, options));
        const double in_one = own_cpu() - begun;
        own.push_back(1000 * (in_processes - in_one) / static_cast<double>(plain_mails));
        std::printf("a plain mail: %.2f ms CPU in a process of its own, %.2f ms without\n",
                    1000 * in_processes / plain_mails, 1000 * in_one / plain_mails);
    }
    const double price = std::ranges::min(own);
    std::printf("its own process costs a plain mail %.2f ms CPU\n", price);
    examiner->close();
    return share >= least_share && price <= most_ms ? 0 : 1;
}

}  // namespace

int main() {
    try {
        return run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "crypto_bench: %s\n", error.what());
        return 2;
    }
}
