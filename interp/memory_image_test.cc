#include "interp/memory_image.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace wasmd {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes Copy(const MemoryImage& image, uint64_t offset, size_t size) {
  Bytes bytes(size);
  image.CopyTo(offset, bytes);
  return bytes;
}

TEST(MemoryImageTest, IsZeroWithoutPieces) {
  MemoryImage image;
  image.Add({{5, {}}});
  EXPECT_EQ(Copy(image, 0, 10), Bytes(10));
  EXPECT_TRUE(image.Equals(0, Bytes(10000)));
  EXPECT_FALSE(image.Equals(0, Bytes{0, 0, 1}));
}

TEST(MemoryImageTest, TheLaterPieceIsOnTop) {
  const Bytes ones(10, 1);
  const Bytes twos(4, 2);
  MemoryImage image;
  image.Add({{10, ones}});
  image.Add({{13, twos}});  // splits it
  EXPECT_EQ(Copy(image, 9, 12), (Bytes{0, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 0}));
  image.Add({{10, ones}});  // covers all
  EXPECT_EQ(Copy(image, 9, 12), (Bytes{0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0}));
  EXPECT_TRUE(image.Equals(10, ones));
  EXPECT_FALSE(image.Equals(9, ones));
}

TEST(MemoryImageTest, ManyInAnyOrder) {
  const Bytes ones(4, 1);
  for (const int64_t step : {8, -8}) {
    std::vector<ImagePiece> pieces;
    for (int64_t i = 0; i < 100'000; ++i) {
      pieces.push_back({static_cast<uint64_t>(1'000'000 + step * i), ones});
    }
    MemoryImage image;
    image.Add(pieces);
    const uint64_t last = pieces.back().offset;
    EXPECT_TRUE(image.Equals(last, ones));
    EXPECT_EQ(Copy(image, last - 2, 8), (Bytes{0, 0, 1, 1, 1, 1, 0, 0}));
  }
}

TEST(MemoryImageTest, IsWhatCopyingInOrderGives) {
  std::minstd_rand random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<Bytes> segments(random() % 30);
    Bytes model(20'000);
    MemoryImage image;
    std::vector<ImagePiece> pieces;
    for (Bytes& segment : segments) {
      segment.resize(random() % 3000);
      std::generate(segment.begin(), segment.end(),
                    [&] { return static_cast<uint8_t>(random()); });
      const uint64_t offset = random() % (model.size() - segment.size());
      std::copy(segment.begin(), segment.end(),
                model.begin() + static_cast<ptrdiff_t>(offset));
      pieces.push_back({offset, segment});
      if (random() % 4 != 0) continue;
      image.Add(pieces);
      pieces.clear();
    }
    image.Add(pieces);
    ASSERT_EQ(Copy(image, 0, model.size()), model);
    for (int i = 0; i < 20; ++i) {
      const uint64_t offset = random() % model.size();
      const size_t size = random() % (model.size() - offset);
      Bytes part(model.begin() + static_cast<ptrdiff_t>(offset),
                 model.begin() + static_cast<ptrdiff_t>(offset + size));
      ASSERT_EQ(Copy(image, offset, size), part);
      ASSERT_TRUE(image.Equals(offset, part));
      if (part.empty()) continue;
      part[random() % part.size()] ^= 1;
      ASSERT_FALSE(image.Equals(offset, part));
    }
  }
}

}  // namespace
}  // namespace wasmd
