#include "rules/conditions/condition.hpp"

#include <algorithm>

namespace tocsin::rules {

namespace {

Answer both(Answer a, Answer b) {
    if (a == Answer::No || b == Answer::No) return Answer::No;
    return a == Answer::Yes && b == Answer::Yes ? Answer::Yes : Answer::CouldNotTell;
}

Answer opposite(Answer a) {
    if (a == Answer::No) return Answer::Yes;
    return a == Answer::Yes ? Answer::No : Answer::CouldNotTell;
}

Answer either(Answer a, Answer b) {
    if (a == Answer::Yes || b == Answer::Yes) return Answer::Yes;
    return a == Answer::No && b == Answer::No ? Answer::No : Answer::CouldNotTell;
}

}  // namespace

Answer run(const Program& program, const std::vector<Answer>& answers, std::vector<Answer>& stack) {
    stack.clear();
    const auto pop = [&stack] {
        const Answer top = stack.back();
        stack.pop_back();
        return top;
    };
    for (const Program::Op& op : program.ops) {
        switch (op.step) {
            case Program::Step::Test: {
                const Answer answer = answers.at(op.test);
                stack.push_back(answer == Answer::NotAsked ? Answer::CouldNotTell : answer);
                break;
            }
            case Program::Step::Not:
                stack.back() = opposite(stack.back());
                break;
            case Program::Step::And: {
                const Answer right = pop();
                stack.back() = both(stack.back(), right);
                break;
            }
            case Program::Step::Or: {
                const Answer right = pop();
                stack.back() = either(stack.back(), right);
                break;
            }
        }
    }
    return stack.empty() ? Answer::No : stack.back();
}

std::string Test::field_name() const {
    if (field == Field::Header) return "header." + name;
    if (field == Field::CvssMetric) return "cvss." + name;
    return std::string{kind_of(field).name};
}

std::string Test::key() const {
    std::string key =
        field_name() + '\0' + std::to_string(static_cast<int>(op)) + '\0' + text + '\0' + std::to_string(number);
    for (const std::string& word : words) key += '\1' + word;
    for (const Program::Op& step : inner.ops)
        key += '\2' + std::to_string(static_cast<int>(step.step)) +
               (step.step == Program::Step::Test ? asked.at(step.test).key() : "");
    return key;
}

std::uint32_t Tests::add(Test test) {
    const auto [entry, is_new] = places_.emplace(test.key(), static_cast<std::uint32_t>(all_.size()));
    if (is_new) all_.push_back(std::move(test));
    return entry->second;
}

}  // namespace tocsin::rules
