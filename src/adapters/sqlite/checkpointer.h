// Checkpointer: copies the WAL into the file on a thread and over a connection of its own, while
// the store goes on committing. What is committed meanwhile is left for the next pass, so only a
// checkpoint that the store makes itself lets the WAL start over; after a few passes that one is
// short.
//
// Threads: one calls, besides its own. Errors: StoreError, of kind fatal, out of the call after a
// pass that could not fsync; whatever else goes wrong only means that the WAL stays longer.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

namespace conveyor::sqlite {

class Checkpointer {
 public:
  explicit Checkpointer(std::string path) : path_(std::move(path)) {}
  /// Ends the pass under way.
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// Begins a pass; none may be under way.
  void start();
  bool is_idle();
  void wait_idle();
  /// Pages of the WAL that are in the file since the last pass. While idle.
  int copied();

 private:
  void loop();
  int pass() const;
  void rethrow() const;

  const std::string path_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool working_ = false;  ///< guarded by mutex_, as all below
  bool stopping_ = false;
  int copied_ = 0;
  std::exception_ptr error_;
  std::thread thread_;  ///< from the first pass on
};

}  // namespace conveyor::sqlite
