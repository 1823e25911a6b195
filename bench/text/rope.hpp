// SPDX-License-Identifier: MIT
//! Rope: a limit for local edits: a B-tree of short strings.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// A text of ASCII in a tree of two levels of nodes over leaves of up to 512 bytes, with a cursor
/// at the last leaf. It keeps no history and cannot be merged.
class Rope {
    static constexpr std::size_t capacity = 512, width = 64;

    struct Leaf {
        std::array<char, capacity> bytes;
        std::size_t size = 0;
    };
    struct Node {
        std::vector<std::unique_ptr<Leaf>> leaves{};
        std::size_t size = 0;
    };
    std::vector<std::unique_ptr<Node>> nodes_{};
    std::size_t size_ = 0;

    struct Place {
        std::size_t node, leaf, offset;
    };
    Place find(std::size_t index) const {
        std::size_t node = 0;
        while (node + 1 < nodes_.size() && index > nodes_[node]->size)
            index -= nodes_[node++]->size;
        std::size_t leaf = 0;
        const auto& leaves = nodes_[node]->leaves;
        while (leaf + 1 < leaves.size() && index > leaves[leaf]->size)
            index -= leaves[leaf++]->size;
        return {node, leaf, index};
    }
    void split_node(std::size_t at) {
        auto right = std::make_unique<Node>();
        Node& left = *nodes_[at];
        for (std::size_t i = width / 2; i < left.leaves.size(); ++i) {
            right->size += left.leaves[i]->size;
            right->leaves.push_back(std::move(left.leaves[i]));
        }
        left.leaves.resize(width / 2);
        left.size -= right->size;
        nodes_.insert(nodes_.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(right));
    }

  public:
    Rope() {
        nodes_.push_back(std::make_unique<Node>());
        nodes_[0]->leaves.push_back(std::make_unique<Leaf>());
    }
    void insert(std::size_t index, std::string_view text) {
        while (text.size() > capacity / 2) {
            insert(index, text.substr(0, capacity / 2));
            index += capacity / 2;
            text.remove_prefix(capacity / 2);
        }
        Place place = find(index);
        Leaf* leaf = nodes_[place.node]->leaves[place.leaf].get();
        if (leaf->size + text.size() > capacity) {
            auto right = std::make_unique<Leaf>();
            const std::size_t half = leaf->size / 2;
            right->size = leaf->size - half;
            std::memcpy(right->bytes.data(), leaf->bytes.data() + half, right->size);
            leaf->size = half;
            Node& node = *nodes_[place.node];
            node.leaves.insert(node.leaves.begin() + static_cast<std::ptrdiff_t>(place.leaf) + 1,
                               std::move(right));
            if (node.leaves.size() > width) split_node(place.node);
            place = find(index);
            leaf = nodes_[place.node]->leaves[place.leaf].get();
        }
        std::memmove(leaf->bytes.data() + place.offset + text.size(),
                     leaf->bytes.data() + place.offset, leaf->size - place.offset);
        std::memcpy(leaf->bytes.data() + place.offset, text.data(), text.size());
        leaf->size += text.size();
        nodes_[place.node]->size += text.size();
        size_ += text.size();
    }
    void erase(std::size_t index, std::size_t count) {
        while (count > 0) {
            Place place = find(index + 1);
            --place.offset;
            Leaf& leaf = *nodes_[place.node]->leaves[place.leaf];
            const std::size_t part = std::min(count, leaf.size - place.offset);
            std::memmove(leaf.bytes.data() + place.offset, leaf.bytes.data() + place.offset + part,
                         leaf.size - place.offset - part);
            leaf.size -= part;
            nodes_[place.node]->size -= part;
            size_ -= part;
            count -= part;
        }
    }
    std::size_t size() const { return size_; }
    std::string str() const {
        std::string text;
        for (const auto& node : nodes_)
            for (const auto& leaf : node->leaves) text.append(leaf->bytes.data(), leaf->size);
        return text;
    }
};

}  // namespace bench
