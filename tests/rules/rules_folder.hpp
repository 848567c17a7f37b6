// A folder of rules files that a test writes, and readings of mails that a test makes up.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cvd/cvss.hpp"
#include "mail/automatic/delivery_status.hpp"
#include "mail/automatic/signs.hpp"
#include "mail/reading.hpp"
#include "mail/structure/entity.hpp"
#include "rules/rule_set.hpp"
#include "rules/rule_test.hpp"

namespace tocsin::rules {

class RulesFolder {
public:
    RulesFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "tocsin-rules-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
        path_ = name;
    }
    RulesFolder(const RulesFolder&) = delete;
    RulesFolder& operator=(const RulesFolder&) = delete;
    ~RulesFolder() {
        std::error_code none;
        std::filesystem::remove_all(path_, none);
    }

    RulesFolder& write(const std::string& name, const std::string& text) {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream{path_ / name, std::ios::binary} << text;
        return *this;
    }

    const std::filesystem::path& path() const { return path_; }

    // Mistakes without the folder's own name in front.
    static std::vector<std::string> lines(const Mistakes& mistakes, const std::filesystem::path& path, bool warnings) {
        std::vector<std::string> found;
        for (const Mistake& mistake : mistakes.all()) {
            if (mistake.warning && !warnings) continue;
            std::string line = mistake.in_one_line();
            for (std::size_t at; (at = line.find(path.string() + "/")) != std::string::npos;)
                line.erase(at, path.string().size() + 1);
            found.push_back(line);
        }
        return found;
    }

    std::vector<std::string> mistakes(bool warnings = false, std::vector<std::string> languages = {"en"}) const {
        Mistakes told;
        const auto rules = RuleSet::load({{path_}, std::move(languages), false}, told);
        EXPECT_EQ(told.any_error(), !rules.has_value());
        return lines(told, path_, warnings);
    }

    // What is there is expected to be right.
    RuleSet load(std::vector<std::string> languages = {"en"}) const {
        Mistakes told;
        auto rules = RuleSet::load({{path_}, std::move(languages), false}, told);
        if (!rules) throw std::runtime_error{told.to_text()};
        return std::move(*rules);
    }

private:
    std::filesystem::path path_;
};

inline mail::Reading a_mail(std::string subject, std::string text) {
    mail::Reading reading;
    reading.from = {{"Rae", "rae@lab.test"}};
    reading.subject = std::move(subject);
    reading.text = std::move(text);
    return reading;
}

inline std::vector<std::string> ids(const Evaluation& evaluation) {
    std::vector<std::string> found;
    for (const Hit& hit : evaluation.hits) found.push_back(hit.rule);
    return found;
}

inline Evaluation evaluate(const RuleSet& rules, const MailFacts& facts, const ThreadFacts& thread = {},
                           const std::string& policy = "default") {
    return rules.evaluate(rules.examine(facts), thread, *rules.policy(policy));
}

// The facts that a condition can ask for and that stand in the text in a form of their own.
inline std::vector<std::string> links_in(const std::string& text) {
    std::vector<std::string> found;
    for (std::size_t at = text.find("http"); at != std::string::npos; at = text.find("http", at + 4)) {
        const std::string link = text.substr(at, text.find_first_of(" \n\t\"'<>)]", at) - at);
        if (link.starts_with("http://") || link.starts_with("https://")) found.push_back(link);
    }
    return found;
}

inline TestedMail read_plainly(const RuleSet& rules, const std::string& bytes, const Policy& policy) {
    const mail::Message message = mail::parse(bytes);
    const mail::Reading reading = mail::read(message);
    const auto urls = links_in(reading.text);
    MailFacts facts{reading};
    facts.urls = &urls;
    const auto signs = mail::read_signs(message, reading, mail::read_delivery_status(message, reading),
                                        {"security.ours.test", {"security@ours.test"}});
    facts.signs = &signs;
    std::vector<std::string> vectors;
    const auto cvss = cvd::find_cvss(reading.text);
    for (const cvd::FoundCvss& one : cvss)
        if (one.valid()) vectors.push_back(one.vector);
    facts.cvss_base = cvd::highest_base(cvss);
    facts.cvss_vectors = &vectors;
    facts.cvss_fits = std::ranges::all_of(cvss, &cvd::FoundCvss::claim_fits);
    return {{}, rules.evaluate(rules.examine(facts), {}, policy)};
}

}  // namespace tocsin::rules
