// SPDX-License-Identifier: MIT
//! Converts the stored data of a type that has changed to the new type
//! (docs/how-to/change-a-stored-type.md).
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include <crdt/codec/binary.hpp>
#include <crdt/gcounter.hpp>
#include <crdt/gset.hpp>
#include <crdt/lattice/composed.hpp>
#include <crdt/lattice/max.hpp>
#include <crdt/lattice/product.hpp>
#include <crdt/store/file.hpp>
#include <crdt/store/journal.hpp>

#include "support/folder.hpp"

namespace stored_type_tests {

namespace fs = std::filesystem;
using crdt::store::FileStore;
using crdt::store::Journal;

namespace {

/// The old type of the stored state: visitors, and articles by number.
namespace before {

class Shop
    : public crdt::Composed<Shop, crdt::Product<crdt::GCounter<>, crdt::GSet<std::uint32_t>>> {
  public:
    static constexpr std::string_view type_name = "shop";

    Shop visit(const std::string& id) {
        return mutate([&](auto& parts) {
            return parts.template apply<0>([&](auto& visitors) { return visitors.add(id, 1); });
        });
    }
    Shop offer(std::uint32_t article) {
        return mutate([&](auto& parts) {
            return parts.template apply<1>(
                [&](auto& articles) { return articles.insert(article); });
        });
    }
};

}  // namespace before

/// The new type: article numbers of 64 bits, and whether the shop is closed.
class Shop
    : public crdt::Composed<
          Shop, crdt::Product<crdt::GCounter<>, crdt::GSet<std::uint64_t>, crdt::Max<bool>>> {
  public:
    static constexpr std::string_view type_name = "shop";

    const crdt::GCounter<>& visitors() const { return lattice().get<0>(); }
    const crdt::GSet<std::uint64_t>& articles() const { return lattice().get<1>(); }
    bool is_closed() const { return lattice().get<2>().value(); }
};

/// The same shop in the new type. A new field begins at bottom.
Shop converted(const before::Shop& old) {
    crdt::GSet<std::uint64_t> articles;
    for (const std::uint32_t article : old.lattice().get<1>()) articles.insert(article);
    return Shop::from_lattice(
        Shop::lattice_type(old.lattice().get<0>(), std::move(articles), crdt::Max<bool>()));
}

/// A stored shop of either version of the program.
crdt::Expected<Shop> read_shop(std::string_view bytes) {
    auto shop = crdt::binary::try_decode<Shop>(bytes);
    if (shop) return shop;
    const auto old = crdt::binary::try_decode<before::Shop>(bytes);
    if (old) return converted(*old);
    return shop;  // neither: the reason why it is not what is written now
}

/// Converts the file of a node that does not run. The file is unchanged until the new one is
/// complete.
void convert(const fs::path& file, const std::string& identity, const std::string& next_identity) {
    const fs::path next = file.string() + ".next";
    fs::remove(next);
    {
        FileStore<before::Shop> old(file.string(), identity, 0);
        FileStore<Shop> store(next.string(), next_identity, old.incarnation());
        const Shop state = converted(old.release());
        store.note(state);
        store.commit(state);
    }
    fs::rename(next, file);
}

}  // namespace

TEST_CASE("stored type: documents of the old type are read, and written as the new one") {
    before::Shop here, there;
    here.visit("a");
    here.offer(7);
    there.visit("b");
    there.offer(4'000'000'000U);

    const auto shop = read_shop(crdt::binary::encode(here));
    REQUIRE(shop);
    CHECK(shop->visitors().value() == 1);
    CHECK(shop->articles().contains(7U));
    CHECK_FALSE(shop->is_closed());
    CHECK(*read_shop(crdt::binary::encode(*shop)) == *shop);
    CHECK(read_shop("nonsense").error().to_string() ==
          crdt::binary::try_decode<Shop>("nonsense").error().to_string());

    // All replicas convert in the same way, so converting commutes with joining.
    Shop joined = converted(here);
    joined.merge(converted(there));
    here.merge(there);
    CHECK(joined == converted(here));
}

TEST_CASE("stored type: the file of the old type is converted, and keeps its incarnation") {
    const support::TemporaryFolder folder;
    before::Shop state;
    {
        Journal<before::Shop> journal(folder.path(), "shops", "n1", 5);
        for (const std::uint32_t article : {7U, 8U}) journal.note(state.offer(article), {});
        journal.note(state.visit("n1.5"), {});
        journal.commit(state);
    }
    CHECK_THROWS_WITH_AS(
        Journal<Shop>(folder.path(), "shops", "n1", 6),
        doctest::Contains("belongs to shop(product<gcounter<text,u64>,gset<u32>>)"),
        crdt::store::FileError);
    convert(folder.path() / "n1.sqlite", "cluster shops, node n1", "cluster shops-2, node n1");
    Journal<Shop> journal(folder.path(), "shops-2", "n1", 6);
    CHECK(journal.incarnation() == 5);
    CHECK(journal.release() == converted(state));
}

}  // namespace stored_type_tests
