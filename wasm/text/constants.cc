#include "wasm/text/constants.h"

#include "base/str_cat.h"
#include "wasm/text/numbers.h"

namespace wasmd::text {
namespace {

constexpr std::array<VectorShape, 6> kShapes = {{
    {"i8x16", 8, 16, false},
    {"i16x8", 16, 8, false},
    {"i32x4", 32, 4, false},
    {"i64x2", 64, 2, false},
    {"f32x4", 32, 4, true},
    {"f64x2", 64, 2, true},
}};

uint64_t CheckNumber(TokenCursor& cursor, const Token& token,
                     const NumberResult& number, char kind, unsigned width) {
  if (number.error == NumberError::kSyntax) {
    cursor.FailAt(token, StrCat("unknown operator ", cursor.TextOf(token)));
  } else if (number.error == NumberError::kOutOfRange) {
    cursor.FailAt(token, StrCat(std::string_view(&kind, 1), width,
                                " constant out of range"));
  }
  return number.bits;
}

}  // namespace

uint64_t ParseIntegerLiteral(TokenCursor& cursor, unsigned width) {
  if (cursor.PeekKind() != TokenKind::kNumber) {
    cursor.FailUnexpected();
    return 0;
  }
  const Token token = cursor.Next();
  return CheckNumber(cursor, token, ParseInteger(cursor.TextOf(token), width),
                     'i', width);
}

uint64_t ParseFloatLiteral(TokenCursor& cursor, unsigned width) {
  // inf and nan are keywords to the lexer.
  if (cursor.PeekKind() != TokenKind::kNumber &&
      cursor.PeekKind() != TokenKind::kKeyword) {
    cursor.FailUnexpected();
    return 0;
  }
  const Token token = cursor.Next();
  const std::string_view text = cursor.TextOf(token);
  return CheckNumber(cursor, token,
                     width == 32 ? ParseF32(text) : ParseF64(text), 'f', width);
}

const VectorShape* ParseVectorShape(TokenCursor& cursor) {
  for (const VectorShape& shape : kShapes) {
    if (cursor.TakeKeyword(shape.name)) return &shape;
  }
  cursor.FailUnexpected();
  return nullptr;
}

void SetLane(const VectorShape& shape, unsigned lane, uint64_t bits,
             std::array<uint8_t, 16>* bytes) {
  const unsigned size = shape.lane_bits / 8;
  for (unsigned i = 0; i < size; ++i) {
    (*bytes)[lane * size + i] = static_cast<uint8_t>(bits >> (8 * i));
  }
}

std::array<uint8_t, 16> ParseVectorLiteral(TokenCursor& cursor) {
  std::array<uint8_t, 16> bytes{};
  const VectorShape* shape = ParseVectorShape(cursor);
  if (shape == nullptr) return bytes;
  for (unsigned lane = 0; lane < shape->lane_count; ++lane) {
    const uint64_t bits = shape->is_float
                              ? ParseFloatLiteral(cursor, shape->lane_bits)
                              : ParseIntegerLiteral(cursor, shape->lane_bits);
    SetLane(*shape, lane, bits, &bytes);
  }
  return bytes;
}

}  // namespace wasmd::text
