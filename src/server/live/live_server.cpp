#include "server/live/live_server.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/time.h"
#include "server/live/catch_up.h"

namespace conveyor::live {
namespace json = boost::json;

/// One connection with its subscriptions.
struct LiveServer::Client {
  std::shared_ptr<socketio::Socket> socket;
  socketio::TokenBucket batches;
  std::map<std::string, std::shared_ptr<Member>> members{};  // by room
  std::size_t opening = 0;                                   // lookups under way
};

/// One subscription. Absent from its client: unsubscribed, whatever is on its way for it.
struct LiveServer::Member {
  Client* client = nullptr;  // null once it is over
  std::string room_name{};
  RoomName room{};
  bool is_open = false;  // in its room
  bool reads = false;    // a turn of the reader pool is under way
  bool owes_metrics = false;
  feed::Cursor cursor{};  // all before it has been sent
};

struct LiveServer::Room {
  std::string name;
  RoomName room;
  std::shared_ptr<RoomFeed> listener{};  // none of the pipeline, and while it rests
  feed::Cursor cursor{};                 // all before it has been in a batch
  std::vector<std::shared_ptr<Member>> members{};
};

/// What was found out about a subscription on a reader's thread.
struct LiveServer::Opened {
  std::string_view error{};  // empty: none
  feed::Cursor from{};
  bool resync = false;
};

/// What a turn of the reader pool brought.
struct LiveServer::Caught {
  bool failed = false;
  bool missed_too_much = false;
  std::string items{};
  feed::Cursor cursor{};
};

namespace {

constexpr socketio::Rate kBatches{.per_second = 10, .burst = 10};

void answer(socketio::Ack& ack, json::object reply) {
  if (ack) ack({.args = {std::move(reply)}});
}

void refuse(socketio::Ack& ack, std::string_view code, std::string_view message) {
  answer(ack, {{"status", "error"}, {"code", code}, {"message", message}});
}

/// The room and cursor of `subscribe(room, cursor?)` or `subscribe({room, cursor?})`.
struct Wish {
  std::string room;
  std::optional<std::string> cursor;
};
std::optional<Wish> wish_of(const json::array& args) {
  const json::value* room = args.empty() ? nullptr : &args[0];
  const json::value* cursor = args.size() > 1 ? &args[1] : nullptr;
  if (room != nullptr && room->is_object()) {
    const auto& object = room->get_object();
    cursor = object.if_contains("cursor");
    room = object.if_contains("room");
  }
  if (room == nullptr || !room->is_string()) return std::nullopt;
  Wish wish{.room = std::string{room->get_string()}, .cursor = {}};
  if (cursor == nullptr || cursor->is_null()) return wish;
  if (!cursor->is_string()) return std::nullopt;
  wish.cursor = std::string{cursor->get_string()};
  return wish;
}

}  // namespace

LiveServer::LiveServer(LiveParts parts, const socketio::EngineLimits& limits)
    : parts_(std::move(parts)),
      server_(loop_.timers(), limits, socket_limits()),
      namespace_(server_.of("/")),
      gate_(loop_, {.handle =
                        [this](auto request, auto exchange) {
                          server_.engine().handle(std::move(request), std::move(exchange));
                        },
                    .gone = [this](const auto* exchange) { server_.engine().gone(exchange); }}) {
  namespace_.on_connect = [this](socketio::Socket& socket) { connected(socket); };
  namespace_.on_disconnect = [this](socketio::Socket& socket, std::string_view) {
    disconnected(socket);
  };
  namespace_.on_event = [this](socketio::Socket& socket, socketio::Event event, socketio::Ack ack) {
    received(socket, std::move(event), std::move(ack));
  };
}

LiveServer::~LiveServer() {
  stop();
}

void LiveServer::start() {
  loop_.start([this] { server_.flush(); });
  loop_.post([this] { tick(); });
}

void LiveServer::stop() {
  loop_.stop([this] {
    loop_.timers().cancel(tick_);
    server_.stop();
    gate_.close();
  });
}

void LiveServer::serve(http::Request request, http::Respond respond) {
  respond.set_route(std::string{kPath});
  gate_.serve(std::move(request), std::move(respond));
}

// --- clients

void LiveServer::connected(socketio::Socket& socket) {
  connected_.emplace(
      &socket, std::make_shared<Client>(socket.shared_from_this(),
                                        socketio::TokenBucket(kBatches, loop_.timers().now())));
  clients_ = connected_.size();
}

void LiveServer::disconnected(const socketio::Socket& socket) {
  const auto found = connected_.find(&socket);
  if (found == connected_.end()) return;
  const auto client = found->second;
  while (!client->members.empty()) leave(*client, std::string{client->members.begin()->first});
  connected_.erase(found);
  clients_ = connected_.size();
}

void LiveServer::received(socketio::Socket& socket, socketio::Event event, socketio::Ack ack) {
  const auto found = connected_.find(&socket);
  if (found == connected_.end()) return;
  Client& client = *found->second;
  const bool subscribes = event.name == "subscribe";
  if (!subscribes && event.name != "unsubscribe") {
    return refuse(ack, "unknown_event", "there is subscribe and unsubscribe");
  }
  const auto wish = wish_of(event.message.args);
  const auto room = wish ? parse_room(wish->room) : std::nullopt;
  if (!room) {
    return refuse(ack, "unknown_room",
                  "rooms are pipeline, orders, order:ID, events and dead_letters");
  }
  if (!subscribes) {
    leave(client, wish->room);
    return answer(ack, {{"status", "ok"}, {"room", wish->room}});
  }
  std::optional<feed::Cursor> from;
  if (wish->cursor) {
    from = feed::decode_cursor(*wish->cursor);
    if (!from) {
      return refuse(ack, "invalid_cursor",
                    "use the cursor of a batch or Conveyor-Cursor of a read");
    }
  }
  subscribe(client, wish->room, *room, from, std::move(ack));
}

void LiveServer::subscribe(Client& client, const std::string& name, const RoomName& room,
                           std::optional<feed::Cursor> from, socketio::Ack ack) {
  if (client.opening == kMaxOpeningPerClient) {
    return refuse(ack, "unavailable", "so many subscriptions at once are not looked up: try again");
  }
  leave(client, name);
  if (client.members.size() >= kMaxRoomsPerClient) {
    return refuse(ack, "too_many_rooms", "a client is in so many rooms at most");
  }
  const auto member = std::make_shared<Member>(&client, name, room);
  if (room.kind == RoomKind::pipeline) {
    client.members.emplace(name, member);
    return enter_pipeline(member, std::move(ack));
  }
  auto shared_ack = std::make_shared<socketio::Ack>(std::move(ack));
  const std::weak_ptr<Client> asks = client_of(*client.socket);
  const bool taken = read([this, asks, member, room, from, shared_ack](Readers& readers) {
    Opened how;
    try {
      auto& reader = readers.orders();
      const feed::Cursor head{reader.feed_position(), 0};
      how.from = from.value_or(head);
      if (from && feed::is_ahead(*from, head.position)) {
        how.error = "cursor_ahead";
      } else if (room.order_id && !reader.order_row(*room.order_id)) {
        how.error = "order_not_found";
      } else if (has_missed_more(reader, filter_of(room), how.from, head,
                                 parts_.max_missed_events)) {
        how.resync = true;
        how.from = head;
      }
    } catch (const std::exception&) {
      how.error = "unavailable";
    }
    loop_.post([this, asks, member, how, shared_ack] {
      if (const auto held = asks.lock()) --held->opening;
      opened(member, how, std::move(*shared_ack));
    });
  });
  if (!taken) return refuse(*shared_ack, "unavailable", "too many reads wait: try again");
  ++client.opening;
  client.members.emplace(name, member);
}

std::shared_ptr<LiveServer::Client> LiveServer::client_of(const socketio::Socket& socket) const {
  const auto found = connected_.find(&socket);
  return found == connected_.end() ? nullptr : found->second;
}

void LiveServer::opened(const std::shared_ptr<Member>& member, const Opened& how,
                        socketio::Ack ack) {
  if (member->client == nullptr) return refuse(ack, "unsubscribed", "it was given up meanwhile");
  Client& client = *member->client;
  if (!how.error.empty()) {
    client.members.erase(member->room_name);
    member->client = nullptr;
    return refuse(ack, how.error, "see the documentation of live updates");
  }
  Room& room = room_at(member->room_name, member->room, how.from);
  // A room that is not as far yet begins with some that the client may have; one that rests goes on
  // from the head.
  const bool is_not_as_far = room.listener && is_before(room.cursor, how.from);
  member->cursor = is_not_as_far ? room.cursor : how.from;
  member->is_open = true;
  room.members.push_back(member);
  answer(ack, {{"status", how.resync ? "resync_required" : "ok"},
               {"room", room.name},
               {"cursor", feed::encode_cursor(how.from)}});
}

void LiveServer::enter_pipeline(const std::shared_ptr<Member>& member, socketio::Ack ack) {
  Room& room = room_at(member->room_name, member->room, {});
  member->is_open = true;
  member->owes_metrics = true;
  room.members.push_back(member);
  answer(ack,
         {{"status", "ok"}, {"room", room.name}, {"cursor", feed::encode_cursor(room.cursor)}});
}

void LiveServer::leave(Client& client, const std::string& name) {
  const auto found = client.members.find(name);
  if (found == client.members.end()) return;
  const auto member = found->second;
  client.members.erase(found);
  member->client = nullptr;
  if (!member->is_open) return;
  const auto at = rooms_.find(name);
  const auto held = at->second;
  Room& room = *held;
  std::erase(room.members, member);
  if (!room.members.empty()) return;
  stop_listening(room);
  rooms_.erase(at);
  room_count_ = rooms_.size();
}

LiveServer::Room& LiveServer::room_at(const std::string& name, const RoomName& room,
                                      const feed::Cursor& from) {
  auto& slot = rooms_[name];
  if (slot) return *slot;
  slot = std::make_shared<Room>(name, room);
  if (room.kind == RoomKind::pipeline) {
    slot->cursor = from;
  } else {
    listen(*slot, from);
  }
  room_count_ = rooms_.size();
  return *slot;
}

void LiveServer::listen(Room& room, const feed::Cursor& from) {
  room.cursor = from;
  room.listener = std::make_shared<RoomFeed>();
  parts_.publisher.subscribe(room.listener, filter_of(room.room), from);
}

void LiveServer::stop_listening(Room& room) {
  if (!room.listener) return;
  room.listener->close();
  parts_.publisher.progress(room.listener.get());
  room.listener.reset();
}

/// A room in which nobody takes what it is sent rests: nothing is read or made for it. It goes on
/// from the head once somebody has room; all in it are behind then.
bool LiveServer::rests(Room& room) {
  const auto can_take = [](const auto& member) { return has_room(*member); };
  const auto is_behind = [&room](const auto& member) {
    return is_before(member->cursor, room.cursor);
  };
  if (room.listener) {
    if (!std::ranges::all_of(room.members, is_behind)) return false;
    if (std::ranges::any_of(room.members, can_take)) return false;
    stop_listening(room);
    return true;
  }
  if (std::ranges::none_of(room.members, can_take)) return true;
  try {
    listen(room, {parts_.own->orders().feed_position(), 0});
  } catch (const std::exception& error) {
    failed(error.what());  // tried again with the next tick
    return true;
  }
  return false;
}

// --- batches

void LiveServer::tick() {
  tick_ = loop_.timers().after(kBatchInterval, [this] { tick(); });
  const bool is_metrics_time = loop_.timers().now() >= metrics_at_;
  if (is_metrics_time) metrics_at_ = loop_.timers().now() + kMetricsInterval;
  // A client that is dropped for what it is sent may take its room along.
  std::vector<std::string> names;
  for (const auto& [name, room] : rooms_) names.push_back(name);
  for (const auto& name : names) {
    const auto found = rooms_.find(name);
    if (found == rooms_.end()) continue;
    const auto held = found->second;
    Room& room = *held;
    if (room.room.kind == RoomKind::pipeline) {
      if (is_metrics_time) {
        for (const auto& member : room.members) member->owes_metrics = true;
      }
      send_metrics(room);
    } else {
      flush(room);
    }
  }
}

/// What the publisher told since the last one goes to all who are where the room is.
void LiveServer::flush(Room& room) {
  if (rests(room)) return;
  const auto members = room.members;
  auto taken = room.listener->take_all();
  if (taken.was_full) parts_.publisher.progress(room.listener.get());
  if (taken.at && is_before(room.cursor, *taken.at)) {
    const auto from = std::exchange(room.cursor, *taken.at);
    try {
      const auto items = items_json(room.room, taken.events, parts_.own->orders());
      if (items.empty() && !taken.events.empty()) {
        pass_on(room, from);
      } else {
        send_batch(room, from, items);
      }
    } catch (const std::exception& error) {
      failed(error.what());  // everybody is behind now, and reads it again
    }
  }
  for (const auto& member : members) {
    if (member->client != nullptr && is_before(member->cursor, room.cursor)) {
      catch_up(room, member);
    }
  }
}

/// Nobody is told of what comes to nothing.
void LiveServer::pass_on(Room& room, const feed::Cursor& from) {
  for (const auto& member : room.members) {
    if (member->cursor == from && !member->reads) member->cursor = room.cursor;
  }
}

void LiveServer::send_batch(Room& room, const feed::Cursor& from, std::string_view items) {
  const auto cursor = room.cursor;
  const auto batch =
      namespace_.encode_json("batch", batch_json(room.name, cursor, parts_.clock.now(), items));
  for (const auto& member : std::vector(room.members)) {
    if (member->cursor != from || member->reads || !may_send(*member)) continue;
    member->cursor = cursor;
    member->client->socket->emit(batch);
  }
}

void LiveServer::send_metrics(Room& room) {
  std::optional<socketio::EncodedEvent> batch;
  for (const auto& member : std::vector(room.members)) {
    if (!member->owes_metrics || !may_send(*member)) continue;
    if (!batch) {
      room.cursor = {parts_.own->orders().feed_position(), 0};
      const auto items =
          std::string{R"({"event":"pipeline:metrics","data":)"}.append(parts_.pipeline()) + "}";
      batch = namespace_.encode_json("batch",
                                     batch_json(room.name, room.cursor, parts_.clock.now(), items));
    }
    member->owes_metrics = false;
    member->client->socket->emit(*batch);
  }
}

bool LiveServer::has_room(const Member& member) {
  return member.client != nullptr && member.client->socket->pending() <= kMaxPendingBytes;
}

/// Takes one of the batches that the client may have now.
bool LiveServer::may_send(Member& member) {
  return has_room(member) && member.client->batches.take(1, loop_.timers().now());
}

// --- behind

void LiveServer::catch_up(Room& room, const std::shared_ptr<Member>& member) {
  if (member->reads || !may_send(*member)) return;
  member->reads = read([this, member, name = member->room, from = member->cursor,
                        until = room.cursor](Readers& readers) {
    Caught caught;
    try {
      auto& reader = readers.orders();
      const auto filter = filter_of(name);
      caught.missed_too_much =
          has_missed_more(reader, filter, from, until, parts_.max_missed_events);
      if (!caught.missed_too_much) {
        const auto piece = read_piece(reader, filter, from, until);
        caught.items = items_json(name, piece.events, reader);
        caught.cursor = piece.cursor;
      }
    } catch (const std::exception&) {
      caught.failed = true;
    }
    loop_.post([this, member, caught = std::move(caught)]() mutable {
      caught_up(member, std::move(caught));
    });
  });
}

void LiveServer::caught_up(const std::shared_ptr<Member>& member, Caught caught) {
  member->reads = false;
  if (member->client == nullptr) return;
  if (caught.failed) return failed("a client that is behind could not be read for");
  const auto held = rooms_.find(member->room_name)->second;
  Room& room = *held;
  const auto now = parts_.clock.now();
  if (caught.missed_too_much) {
    member->cursor = room.cursor;
    member->client->socket->emit(
        "resync_required", {.args = {json::object{{"room", room.name},
                                                  {"cursor", feed::encode_cursor(room.cursor)},
                                                  {"server_time", format_rfc3339(now)}}}});
    return;
  }
  member->cursor = caught.cursor;
  if (caught.items.empty()) return;
  member->client->socket->emit(
      namespace_.encode_json("batch", batch_json(room.name, member->cursor, now, caught.items)));
}

void LiveServer::failed(std::string_view why) {
  if (parts_.on_failure) parts_.on_failure(why);
}

bool LiveServer::read(ReaderPool::Work work) {
  return parts_.readers.submit(std::move(work));
}

}  // namespace conveyor::live
