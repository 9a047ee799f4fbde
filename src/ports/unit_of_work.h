// UnitOfWork: the core thread's transactions. Everything written between begin and commit is
// durable together or not at all; the feed row of the commit is written by commit itself.
//
// Nobody has to wait for the disk: while one transaction is made durable, the next may be written
// already. It sees the one before, and is lost with it.
//
// Threads: core thread only.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

namespace conveyor {

/// The store cannot be read or written.
class StoreError : public std::runtime_error {
 public:
  enum class Kind {
    unavailable,  ///< this transaction is lost; a later one may work
    full,         ///< no space left: nothing can be written until there is
    fatal,        ///< a failed fsync or a corrupt file: the process must stop and recover
    damaged,      ///< what was read makes no sense; the rest of the store can be used
  };
  StoreError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

/// What is stored cannot be right, whether the file or one row of it.
inline bool is_damage(const StoreError& error) {
  return error.kind() == StoreError::Kind::fatal || error.kind() == StoreError::Kind::damaged;
}

class UnitOfWork {
 public:
  virtual ~UnitOfWork() = default;
  /// One transaction at a time; the one before may still be on its way to the disk.
  virtual void begin() = 0;
  /// Ends the transaction and sends it on its way; `wait` says whether it has become durable. The
  /// one before has to be waited for. Throws StoreError if it is lost at once.
  virtual void hand_over() = 0;
  /// Returns once what was handed over is durable, with the time that took the store. Throws
  /// StoreError if it is lost, and with it what has been written since; again until `rollback`.
  virtual std::chrono::nanoseconds wait() = 0;
  /// Ends the transaction and returns once it is durable. Throws StoreError after rolling back.
  void commit() {
    try {
      hand_over();
      wait();
    } catch (const StoreError&) {
      rollback();
      throw;
    }
  }
  /// Takes back whatever is not durable.
  virtual void rollback() = 0;
  /// True if a probe write would succeed: after `full`, before intake opens again. With nothing on
  /// its way, like `scrub`.
  virtual bool probe() = 0;
  /// Outside a transaction: leaves nothing of what was erased in the store's files, its log
  /// included. False: not possible now, try again. Throws StoreError only if it is fatal.
  virtual bool scrub() = 0;
};

}  // namespace conveyor
