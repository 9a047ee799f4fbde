// Method: the handler answers with a stream that the test writes to, over raw sockets; what arrives
// is compared byte by byte. Streams end by either side, by a limit, by time or by the server's
// stop.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "server/http/stream.h"
#include "server/http/test_server.h"

namespace conveyor::http {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";

/// Counts the calls of on_progress.
class Progress {
 public:
  void operator()() {
    const std::lock_guard lock(mutex_);
    ++calls_;
    changed_.notify_all();
  }
  /// Waits until what is asked for is true, asking again at each call.
  bool until(const std::function<bool()>& reached) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), reached);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int calls_ = 0;
};

/// A base, so that it is there for as long as the server's threads.
struct HasProgress {
  Progress progress;
};

class ServerStreamTest : protected HasProgress, public ServerTest {
 protected:
  /// A stream that is answered to the next request.
  std::shared_ptr<Stream> open(std::size_t max_pending = 1'000'000) {
    auto stream = std::make_shared<Stream>(max_pending, [this] { progress(); });
    auto [request, respond] = held.take();
    respond({.status = 200, .stream = Stream::body_of(stream)});
    return stream;
  }

  TestSocket connect_and_ask(std::string_view request = kGet) {
    TestSocket socket = connect();
    socket.send(request);
    return socket;
  }

  /// A client that takes nothing: what it has room for is small.
  TestSocket connect_lazily() {
    TestSocket socket = connect();
    const int bytes = 4'096;
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    socket.send(kGet);
    return socket;
  }

  bool ends(const std::shared_ptr<Stream>& stream) {
    return progress.until([&] { return stream->is_over(); });
  }
};

TEST_F(ServerStreamTest, SendsEachWriteAsAChunkAndAnEnd) {
  start_holding();
  TestSocket socket = connect_and_ask();
  const auto stream = open();
  EXPECT_EQ(socket.read_until("\r\n\r\n"), kHead);
  EXPECT_TRUE(stream->write("hello, world: 27 bytes long"));
  EXPECT_EQ(socket.read_until("long\r\n"), "1b\r\nhello, world: 27 bytes long\r\n");
  EXPECT_TRUE(stream->write("x"));
  EXPECT_EQ(socket.read_until("x\r\n"), "1\r\nx\r\n");
  stream->end();
  EXPECT_EQ(socket.read_to_end(), "0\r\n\r\n");
  EXPECT_FALSE(stream->write("late"));
}

TEST_F(ServerStreamTest, WhatIsWrittenBeforeTheAnswerIsGivenIsSent) {
  start_holding();
  TestSocket socket = connect_and_ask();
  auto stream = std::make_shared<Stream>(100);
  auto [request, respond] = held.take();
  EXPECT_TRUE(stream->write("ab"));
  EXPECT_TRUE(stream->write("cd"));
  stream->end();
  respond({.status = 200, .stream = Stream::body_of(stream)});
  EXPECT_EQ(socket.read_to_end(), std::string(kHead) + "4\r\nabcd\r\n0\r\n\r\n");
}

TEST_F(ServerStreamTest, AClientOfHttp10GetsTheBytesWithoutChunks) {
  start_holding();
  TestSocket socket = connect_and_ask("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
  const auto stream = open();
  stream->write("plain");
  stream->end();
  EXPECT_EQ(socket.read_to_end(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nplain");
}

TEST_F(ServerStreamTest, HeadHasTheHeadAloneAndKeepsTheConnection) {
  start_holding();
  TestSocket socket = connect_and_ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto stream = open();
  EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_TRUE(ends(stream));
  socket.send(kGet);
  auto [request, respond] = held.take();
  respond({.status = 200, .body = "next"});
  EXPECT_EQ(socket.read_answer()->body, "next");
}

TEST_F(ServerStreamTest, NoticesThatTheClientHasGone) {
  start_holding();
  for (const bool reset : {false, true}) {
    TestSocket socket = connect_and_ask();
    const auto stream = open();
    socket.read_until("\r\n\r\n");
    if (reset) {
      const linger at_once{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(socket.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    socket.close();
    EXPECT_TRUE(ends(stream)) << "reset: " << reset;
    EXPECT_FALSE(stream->write("nobody listens"));
    EXPECT_EQ(stream->pending(), 0U);
  }
}

TEST_F(ServerStreamTest, AClientThatGoesBeforeTheAnswerEndsTheStream) {
  start_holding();
  {
    TestSocket socket = connect_and_ask();
    auto [request, respond] = held.take();
    socket.close();
    auto stream = std::make_shared<Stream>(100, [this] { progress(); });
    respond({.status = 200, .stream = Stream::body_of(stream)});
    EXPECT_TRUE(ends(stream));
  }
  auto dropped = std::make_shared<Stream>(100, [this] { progress(); });
  {
    const Response response{.stream = Stream::body_of(dropped)};
  }
  EXPECT_TRUE(dropped->is_over());
}

TEST_F(ServerStreamTest, WhatTheClientSendsMeanwhileIsDroppedUpToALimit) {
  options.max_linger_bytes = 1'000;
  start_holding();
  TestSocket socket = connect_and_ask();
  const auto stream = open();
  socket.read_until("\r\n\r\n");
  socket.send(kGet);
  socket.send(std::string(1'000 - kGet.size(), 'x'));
  stream->write("here");
  EXPECT_EQ(socket.read_until("here\r\n"), "4\r\nhere\r\n");
  EXPECT_FALSE(stream->is_over());
  socket.send("y");
  EXPECT_TRUE(ends(stream));
}

TEST_F(ServerStreamTest, TakesAsMuchAsTheLimitAndCutsBeyond) {
  start_holding();
  TestSocket socket = connect_and_ask();
  auto stream = std::make_shared<Stream>(4, [this] { progress(); });
  auto [request, respond] = held.take();
  EXPECT_TRUE(stream->write("abcd"));
  EXPECT_EQ(stream->pending(), 4U);
  respond({.status = 200, .stream = Stream::body_of(stream)});
  EXPECT_EQ(socket.read_until("abcd\r\n"), std::string(kHead) + "4\r\nabcd\r\n");
  EXPECT_TRUE(progress.until([&] { return stream->pending() == 0; }));
  EXPECT_FALSE(stream->write("abcde")) << "one byte beyond";
  socket.allow_reset();
  EXPECT_EQ(socket.read_to_end(), "") << "cut, without an end";
  EXPECT_TRUE(stream->is_over());
}

TEST_F(ServerStreamTest, AReaderThatDoesNotReadIsCutAfterTheWriteTimeout) {
  options.write_timeout = milliseconds(100);
  start_holding();
  TestSocket lazy = connect_lazily();
  const auto slow = open(20'000'000);
  TestSocket good = connect_and_ask();
  const auto other = open();
  ASSERT_TRUE(slow->write(std::string(20'000'000, 'x'))) << "more than any socket's buffer";
  EXPECT_TRUE(ends(slow));
  EXPECT_EQ(slow->pending(), 0U);
  EXPECT_TRUE(other->write("good"));
  EXPECT_EQ(good.read_until("good\r\n"), std::string(kHead) + "4\r\ngood\r\n");
  lazy.allow_reset();
  EXPECT_LT(lazy.read_to_end().size(), 20'000'000U);
}

TEST_F(ServerStreamTest, NoTimeoutCutsAStreamThatIsJustQuiet) {
  options.idle_timeout = options.write_timeout = options.header_timeout = options.body_timeout =
      options.linger_timeout = milliseconds(20);
  start_holding();
  TestSocket socket = connect_and_ask();
  const auto stream = open();
  socket.read_until("\r\n\r\n");
  // An idle connection is closed by the same ticks, several time-outs later.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(connect().read_to_end(), "");
  EXPECT_TRUE(stream->write("still here"));
  EXPECT_EQ(socket.read_until("here\r\n"), "a\r\nstill here\r\n");
}

TEST_F(ServerStreamTest, OneStreamTooManyIsRefusedAndAPlaceIsFreedAtTheEnd) {
  options.max_streams = 2;
  start_holding();
  TestSocket first = connect_and_ask();
  const auto stream = open();
  first.read_until("\r\n\r\n");
  TestSocket second = connect_and_ask();
  const auto last = open();
  second.read_until("\r\n\r\n");
  TestSocket third = connect_and_ask();
  const auto refused = open();
  const auto answer = third.read_answer();
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "too_many_streams: the server has no room for another stream\n");
  EXPECT_TRUE(ends(refused));

  stream->end();
  EXPECT_EQ(first.read_to_end(), "0\r\n\r\n");
  third.send(kGet);
  const auto taken = open();
  EXPECT_EQ(third.read_until("\r\n\r\n"), kHead) << "on the same connection";
}

TEST_F(ServerStreamTest, TheServersStopEndsStreamsWithTheirLastChunk) {
  start_holding();
  TestSocket quiet = connect_and_ask();
  const auto stream = open();
  quiet.read_until("\r\n\r\n");
  const auto stopped = std::async(std::launch::async, [this] { server->stop(); });
  EXPECT_EQ(quiet.read_to_end(), "0\r\n\r\n");
  ASSERT_EQ(stopped.wait_for(std::chrono::seconds(20)), std::future_status::ready)
      << "although the client has not closed";
  EXPECT_TRUE(stream->is_over());
  EXPECT_FALSE(stream->write("late"));
}

TEST_F(ServerStreamTest, AReaderThatDoesNotReadDoesNotDelayTheStop) {
  options.write_timeout = options.drain_timeout = std::chrono::hours(1);
  start_holding();
  TestSocket lazy = connect_lazily();
  const auto stream = open(20'000'000);
  ASSERT_TRUE(stream->write(std::string(20'000'000, 'x')));
  const auto stopped = std::async(std::launch::async, [this] { server->stop(); });
  ASSERT_EQ(stopped.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_TRUE(stream->is_over());
}

TEST_F(ServerStreamTest, ManyWritersAndReadersLoseNothing) {
  constexpr int kStreams = 16;
  constexpr int kWrites = 2'000;
  options.io_threads = 2;
  start_holding();
  std::vector<TestSocket> sockets;
  std::vector<std::shared_ptr<Stream>> streams;
  for (int i = 0; i < kStreams; ++i) {
    sockets.push_back(connect_and_ask("GET / HTTP/1.0\r\nHost: a\r\n\r\n"));
    streams.push_back(open());
  }
  std::string expected = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
  for (int n = 0; n < kWrites; ++n) expected += std::to_string(n) + "\n";
  std::thread writer([&] {
    for (int n = 0; n < kWrites; ++n) {
      for (const auto& stream : streams) EXPECT_TRUE(stream->write(std::to_string(n) + "\n"));
    }
    for (const auto& stream : streams) stream->end();
  });
  for (auto& socket : sockets) EXPECT_EQ(socket.read_to_end(), expected);
  writer.join();
}

}  // namespace
}  // namespace conveyor::http
