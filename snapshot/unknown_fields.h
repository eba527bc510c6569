// Fields of a state record that this version of the format does not have: to
// overlook one would be to lose state.

#ifndef WASMD_SNAPSHOT_UNKNOWN_FIELDS_H_
#define WASMD_SNAPSHOT_UNKNOWN_FIELDS_H_

#include "snapshot/snapshot.pb.h"

namespace wasmd {

// Whether `state`, or a message inside it at any depth, has one.
bool HasUnknownFields(const snapshot::State& state);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_UNKNOWN_FIELDS_H_
