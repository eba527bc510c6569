// The newer of Rust's two manglings ("v0", RFC 2603): "_R" and a path.

#ifndef WASMD_RUNTIME_SYMBOLS_RUST_H_
#define WASMD_RUNTIME_SYMBOLS_RUST_H_

#include <optional>
#include <string>
#include <string_view>

namespace wasmd {

// "shapes::ratio::<u8>" for "_RINvCs15kBYyAo9fc_6shapes5ratiohE". Without the
// hashes of crates, as people write it. nullopt for what is no such name, is
// damaged or gets very long. Takes bounded time and stack.
std::optional<std::string> RustDemangled(std::string_view name);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_SYMBOLS_RUST_H_
