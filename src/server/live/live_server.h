// LiveServer: live updates over Socket.IO at /socket.io/, namespace "/".
//
//   subscribe    room, cursor?   ->  {status: "ok" | "resync_required" | "error", room, cursor, …}
//   unsubscribe  room            ->  {status: "ok", room}
//   batch              {room, cursor, server_time, items: [{event, data}]}
//   resync_required    {room, cursor, server_time}
//
// Each room is one listener of the publisher, whoever is in it. Every kBatchInterval what it was
// told becomes one batch, made and encoded once, for all clients that have taken the one before. A
// client that came with an older cursor, or did not take its batches in time, is behind: it is read
// what it missed through the reader pool, a bounded piece at a time, until it is where its room is.
// Nothing is queued for it meanwhile; when it has missed too much it is told to resync, and goes on
// from the cursor that comes with that. A room in which nobody takes anything rests until somebody
// does: it costs nothing.
//
// A cursor that comes with a batch, an answer or resync_required says: everything before it has
// been sent, or is to be read elsewhere. What follows may repeat some of what was sent.
//
// Threads: serve and the counts from any; the rest runs on a thread of its own. Lifetime: stop()
// before the HTTP server stops; the reader pool stops before this goes away.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/clock.h"
#include "runtime/reader_pool.h"
#include "server/feed/publisher.h"
#include "server/http/server.h"
#include "server/live/gate.h"
#include "server/live/limits.h"
#include "server/live/live_path.h"
#include "server/live/loop.h"
#include "server/live/room.h"
#include "server/live/room_feed.h"
#include "socketio/server.h"

namespace conveyor::live {

struct LiveParts {
  ReaderPool& readers;
  feed::Publisher& publisher;
  std::unique_ptr<Readers> own;  ///< for this thread alone
  Clock& clock;
  /// The data of `pipeline:metrics` as JSON; called on this thread.
  std::function<std::string()> pipeline;
  /// Told why something cannot be read at the moment. May be empty.
  std::function<void(std::string_view why)> on_failure{};
  std::size_t max_missed_events = kMaxMissedEvents;
};

class LiveServer {
 public:
  explicit LiveServer(LiveParts parts, const socketio::EngineLimits& limits = engine_limits());
  ~LiveServer();  ///< stop()
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  void start();
  /// Tells every client that it stops and closes its connection.
  void stop();

  /// A request for kPath. After stop() it is not answered by this.
  void serve(http::Request request, http::Respond respond);

  /// Clients that are connected.
  std::size_t clients() const { return clients_.load(); }
  /// Rooms that listen to the publisher.
  std::size_t rooms() const { return room_count_.load(); }

 private:
  struct Client;
  struct Member;
  struct Room;
  struct Opened;

  void connected(socketio::Socket& socket);
  void disconnected(const socketio::Socket& socket);
  void received(socketio::Socket& socket, socketio::Event event, socketio::Ack ack);
  void subscribe(Client& client, const std::string& name, const RoomName& room,
                 std::optional<feed::Cursor> from, socketio::Ack ack);
  void opened(const std::shared_ptr<Member>& member, const Opened& how, socketio::Ack ack);
  std::shared_ptr<Client> client_of(const socketio::Socket& socket) const;
  void enter_pipeline(const std::shared_ptr<Member>& member, socketio::Ack ack);
  void leave(Client& client, const std::string& name);
  Room& room_at(const std::string& name, const RoomName& room, const feed::Cursor& from);

  void tick();
  void flush(Room& room);
  static void pass_on(Room& room, const feed::Cursor& from);
  void send_batch(Room& room, const feed::Cursor& from, std::string_view items);
  void send_metrics(Room& room);
  void listen(Room& room, const feed::Cursor& from);
  void stop_listening(Room& room);
  bool rests(Room& room);
  static bool has_room(const Member& member);
  bool may_send(Member& member);
  void catch_up(Room& room, const std::shared_ptr<Member>& member);
  struct Caught;
  void caught_up(const std::shared_ptr<Member>& member, Caught caught);
  void failed(std::string_view why);
  bool read(ReaderPool::Work work);

  LiveParts parts_;
  Loop loop_;
  socketio::Server server_;
  socketio::Namespace& namespace_;
  Gate gate_;
  std::atomic<std::size_t> clients_{0};
  std::atomic<std::size_t> room_count_{0};

  // The loop's thread.
  std::map<const socketio::Socket*, std::shared_ptr<Client>> connected_;
  std::map<std::string, std::shared_ptr<Room>> rooms_;
  socketio::Timers::Id tick_ = 0;
  socketio::Time metrics_at_{};
};

}  // namespace conveyor::live
