// The type section (core specification, binary/types). Private to wasm/.

#ifndef WASMD_WASM_TYPE_SECTION_READER_H_
#define WASMD_WASM_TYPE_SECTION_READER_H_

#include <vector>

#include "wasm/binary_reader.h"
#include "wasm/features.h"
#include "wasm/types.h"

namespace wasmd {

// Appends the types of the section whose contents are next in `reader`. Sets
// everything but their canonical_index. Errors are the reader's.
bool ReadTypeSection(BinaryReader* reader, const FeatureSet& features,
                     std::vector<SubType>* types);

// binary-mut: 0x00 immutable, 0x01 mutable.
bool ReadMutability(BinaryReader* reader, bool* is_mutable);

}  // namespace wasmd

#endif  // WASMD_WASM_TYPE_SECTION_READER_H_
