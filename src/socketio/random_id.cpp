#include "socketio/random_id.h"

#include <openssl/rand.h>

#include <array>

#include "base/assert.h"
#include "base/base64url.h"

namespace conveyor::socketio {

std::string random_id() {
  std::array<unsigned char, 16> bytes;
  CONVEYOR_ASSERT(RAND_bytes(bytes.data(), bytes.size()) == 1, "the system gives random bytes");
  return base64url_encode(std::string{bytes.begin(), bytes.end()});
}

}  // namespace conveyor::socketio
