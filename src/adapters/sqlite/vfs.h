// Two VFSs, each the system's but for one kind of file. Both exist for the disk's sake: what SQLite
// writes, and when it is durable, is the same.
//
// kWalVfs is that of the writing connection. SQLite writes the WAL page by page, two system calls
// for each (a frame's header, its page), and nobody may look at them before the commit has synced.
// Here what follows on itself is gathered and goes to the file in one piece: before a sync, a read,
// a cut or a look at the size, or before it becomes more than kMaxGatheredBytes. What comes when:
// https://www.sqlite.org/walformat.html, section 4.3.
//
// An error of the file appears where the piece is written, so a full disk may be found by the sync
// of the commit instead of a write before it; both make the commit fail, with the same code.
//
// The connection must commit with a sync (`PRAGMA synchronous = FULL`): without one, others would
// be told of frames that the file does not have yet.
//
// A piece that could not be written is forgotten, so after an error the transaction has to be
// rolled back, as the store does after every StoreError.
//
// kCheckpointVfs is that of a connection that copies the WAL into the data file. SQLite syncs that
// file once, after all of it is written, and a disk that has so much to do lets the commits beside
// it wait. Here it is synced each time kMaxUnsyncedBytes were written.
//
// Threads: any may open; a file belongs to one connection.
#pragma once

#include <cstddef>

namespace conveyor::sqlite {

/// What the VFS of Unix takes in one write; of more it would write a part (seekAndWriteFd in
/// SQLite's os_unix.c).
inline constexpr std::size_t kMaxGatheredBytes = 0x1ffff;
/// A commit waits for no more than a disk has to do for these.
inline constexpr std::size_t kMaxUnsyncedBytes = 256 * 1'024;

/// The names under which SQLite knows them; registered before the first connection is opened.
inline constexpr const char* kWalVfs = "conveyor-wal";
inline constexpr const char* kCheckpointVfs = "conveyor-checkpoint";

void register_vfs();

}  // namespace conveyor::sqlite
