// Tables with an id over several files: a later one replaces an earlier one only when it says so.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/loading/toml_file.hpp"

namespace tocsin::rules {

template <class T>
struct Layer {
    std::string id;
    std::string policy;     // the one in whose file it stands; empty outside of policies
    bool replaces = false;  // override = true
    TomlTable table;
    T what;
};

template <class T>
class Layered {
public:
    using Entries = std::vector<Layer<T>>;

    Layer<T>* find(std::string_view id, std::string_view policy) {
        const auto found = std::ranges::find_if(
            entries_, [&](const Layer<T>& entry) { return entry.id == id && entry.policy == policy; });
        return found == entries_.end() ? nullptr : &*found;
    }

    // `key` is where the id stands in the table, and `noun` what it names.
    void add(Layer<T> entry, const char* noun, const char* key) {
        Layer<T>* known = find(entry.id, entry.policy);
        if (known == nullptr) {
            // In a policy, what it replaces may stand outside of it and is looked for when all is read.
            if (entry.replaces && entry.policy.empty()) entry.table.warn_at(key, none_to_override(entry.id, noun));
            entries_.push_back(std::move(entry));
        } else if (entry.replaces) {
            *known = std::move(entry);
        } else {
            entry.table.mistake_at(key, already(*known, noun, key));
        }
    }

    // An override of some keys alone, of which there is none of that id.
    void miss(std::string_view id, const TomlTable& table, const char* noun, const char* key) const {
        table.mistake_at(key, none_to_override(id, noun));
    }

    // What belongs to `policy`: what stands outside of policies and what its own files add or replace.
    std::vector<const Layer<T>*> of(std::string_view policy, const char* noun, const char* key) const {
        std::vector<const Layer<T>*> mine;
        for (const Layer<T>& entry : entries_)
            if (entry.policy.empty()) mine.push_back(&entry);
        for (const Layer<T>& entry : entries_) {
            if (policy.empty() || entry.policy != policy) continue;
            const auto outside = std::ranges::find_if(
                mine, [&](const Layer<T>* other) { return other->policy.empty() && other->id == entry.id; });
            if (outside == mine.end()) {
                mine.push_back(&entry);
                continue;
            }
            // Told at what was read later: shipped files are not edited. What belongs to every policy is told once.
            if (!entry.replaces && &entry > *outside)
                entry.table.mistake_at(key, already(**outside, noun, key));
            else if (!entry.replaces && told_.insert(entry.id).second) {
                const Place place = entry.table.place_of(key);
                (*outside)->table.mistake_at(
                    key, std::string{noun} + " '" + entry.id + "' belongs to every policy, and '" + entry.policy +
                             "' has one of that id at " + place.file + ":" + std::to_string(place.line) +
                             "; choose another id, or put it into policies/" + entry.policy +
                             ".toml with override = true");
            }
            *outside = &entry;
        }
        return mine;
    }

    Entries& all() noexcept { return entries_; }
    const Entries& all() const noexcept { return entries_; }

private:
    std::string none_to_override(std::string_view id, const char* noun) const {
        std::vector<std::string_view> known;
        for (const Layer<T>& entry : entries_) known.push_back(entry.id);
        const std::string_view near = nearest(id, known);
        return std::string{"there is no "} + noun + " '" + for_one_line(id, 60) + "' to override" +
               (near.empty() ? "" : "; did you mean '" + std::string{near} + "'?");
    }

    static std::string already(const Layer<T>& known, const char* noun, const char* key) {
        const Place place = known.table.place_of(key);
        return std::string{noun} + " '" + known.id + "' is already at " + place.file + ":" +
               std::to_string(place.line) + "; override = true replaces it";
    }

    Entries entries_;
    mutable std::set<std::string> told_;
};

}  // namespace tocsin::rules
