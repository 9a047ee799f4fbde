// UnitOfWork: the core thread's transaction. Everything written between begin and commit is durable
// together or not at all; the feed row of the commit is written by commit itself.
//
// Threads: core thread only.
#pragma once

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
  virtual void begin() = 0;
  /// Returns once everything is durable. Throws StoreError; the transaction is then rolled back.
  virtual void commit() = 0;
  virtual void rollback() = 0;
  /// True if a probe write would succeed: after `full`, before intake opens again.
  virtual bool probe() = 0;
  /// Outside a transaction: leaves nothing of what was erased in the store's files, its log
  /// included. False: not possible now, try again. Throws StoreError only if it is fatal.
  virtual bool scrub() = 0;
};

}  // namespace conveyor
