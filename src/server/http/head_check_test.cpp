// Method: whole heads, each with one thing wrong, and the accepted form beside it; the scanner is
// fed every split of its input.
#include "server/http/head_check.h"

#include <gtest/gtest.h>

#include <string>

namespace conveyor::http {
namespace {

using std::string;

constexpr std::size_t kMaxHeaders = 5;

string head(const string& fields) {
  return "GET / HTTP/1.1\r\n" + fields + "\r\n";
}
string request(const string& line) {
  return line + "\r\nHost: a\r\n\r\n";
}

string code_of(const string& text) {
  const auto facts = check_head(text, kMaxHeaders);
  if (facts) return "ok";
  return std::to_string(facts.error().status) + " " + string(facts.error().code);
}

TEST(CheckHead, RequestLines) {
  for (const char* line : {"GET / HTTP/1.1", "GET / HTTP/1.0", "M-SEARCH /a%20b?c=%C3%A9 HTTP/1.1",
                           "GET /?a?b/c HTTP/1.1", "GET /~a:b@c HTTP/1.1"}) {
    EXPECT_EQ(code_of(request(line)), "ok") << line;
  }
  for (const char* line : {"GET", "GET /", "GET / ", "/ HTTP/1.1", " GET / HTTP/1.1",
                           "GET / HTTP/1.1 ", "GET\t/ HTTP/1.1", "G(T / HTTP/1.1", "GET / http/1.1",
                           "GET / HTTP/11", "GET / HTTP/1.1x", "GET / HTTP/1.\r"}) {
    EXPECT_EQ(code_of(request(line)), "400 bad_request_line") << line;
  }
  for (const char* line :
       {"GET / HTTP/1.2", "GET / HTTP/2.0", "GET / HTTP/0.9", "PRI * HTTP/2.0"}) {
    EXPECT_EQ(code_of(request(line)), "505 version_not_supported") << line;
  }
}

TEST(CheckHead, Targets) {
  for (const char* target :
       {"http://a/", "a:80", "*", "a", " /", "/ ", "/a b", "/a#b", "/\x01", "/\x7f", "/\xc3\xa9",
        "/%", "/%zz", "/%00", "/%ff", "/?a=%", "/?a=%0a", "/a\r"}) {
    EXPECT_EQ(code_of(request("GET " + string(target) + " HTTP/1.1")), "400 bad_target") << target;
  }
}

TEST(CheckHead, HeaderLines) {
  for (const char* field :
       {"X: y", "X:y", "X:", "X: \t y \t ", "x!#$%&'*+-.^_`|~1: a", "X: \xc3\xa9", "X: a\tb"}) {
    EXPECT_EQ(code_of(head("Host: a\r\n" + string(field) + "\r\n")), "ok") << field;
  }
  for (const char* field : {"X : y", "X\t: y", " folded", "\tfolded", "X", ": y", "X(: y",
                            "\xc3\xa9: y", "X: a\rb", "X: a\x01", "X: \x7f", "X: a\r"}) {
    EXPECT_EQ(code_of(head("Host: a\r\n" + string(field) + "\r\n")), "400 bad_header") << field;
  }
  EXPECT_EQ(code_of(head(string("Host: a\r\nX: a\0b\r\n", 17))), "400 bad_header");
  EXPECT_EQ(code_of(head(" X: y\r\nHost: a\r\n")), "400 bad_header");
}

TEST(CheckHead, HostOnceWhereRequired) {
  EXPECT_EQ(code_of(head("")), "400 bad_host");
  EXPECT_EQ(code_of("GET / HTTP/1.0\r\n\r\n"), "ok");
  EXPECT_EQ(code_of(head("Host: a\r\nhost: a\r\n")), "400 bad_host");
  EXPECT_EQ(code_of("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), "400 bad_host");
  for (const char* value : {"", "a b", "a/b", "a,b\x80", "a@b", "\"a\""}) {
    EXPECT_EQ(code_of(head("Host: " + string(value) + "\r\n")), "400 bad_host") << value;
  }
  EXPECT_EQ(code_of(head("Host: [::1]:80\r\n")), "ok");
}

TEST(CheckHead, Framing) {
  const auto framed = [](const string& fields) { return code_of(head("Host: a\r\n" + fields)); };
  EXPECT_EQ(framed("Content-Length: 0\r\n"), "ok");
  EXPECT_EQ(framed("content-length: 007\r\n"), "ok");
  EXPECT_EQ(framed("Transfer-Encoding: chunked\r\n"), "ok");
  EXPECT_EQ(framed("transfer-encoding: Chunked\r\n"), "ok");
  for (const char* value : {"", "+1", "-1", "1,1", "1 1", "0x1", "1.0", "a"}) {
    EXPECT_EQ(framed("Content-Length: " + string(value) + "\r\n"), "400 bad_framing") << value;
  }
  for (const char* value : {"", "gzip", "gzip, chunked", "chunked, chunked", "chunked;a=b",
                            "identity", "xchunked", "\"chunked\""}) {
    EXPECT_EQ(framed("Transfer-Encoding: " + string(value) + "\r\n"), "400 bad_framing") << value;
  }
  EXPECT_EQ(framed("Content-Length: 1\r\nContent-Length: 1\r\n"), "400 bad_framing");
  EXPECT_EQ(framed("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
            "400 bad_framing");
  EXPECT_EQ(framed("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), "400 bad_framing");
  EXPECT_EQ(framed("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"), "400 bad_framing");
  EXPECT_EQ(code_of("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), "400 bad_framing");
}

TEST(CheckHead, ReadsTheDeclaredLength) {
  const auto length = [](const string& digits) {
    return check_head(head("Host: a\r\nContent-Length: " + digits + "\r\n"), kMaxHeaders)
        ->content_length;
  };
  EXPECT_EQ(length("42"), 42U);
  EXPECT_EQ(length("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(length("18446744073709551616"), UINT64_MAX);
  EXPECT_EQ(length(string(200, '9')), UINT64_MAX);
  EXPECT_EQ(check_head(head("Host: a\r\n"), kMaxHeaders)->content_length, std::nullopt);
}

TEST(CheckHead, Expect) {
  EXPECT_TRUE(check_head(head("Host: a\r\nExpect: 100-Continue\r\n"), 5)->expects_continue);
  EXPECT_EQ(code_of(head("Host: a\r\nExpect: tea\r\n")), "417 expectation_failed");
  const auto old = check_head("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", 5);
  EXPECT_FALSE(old->expects_continue);
}

TEST(CheckHead, CountsHeaders) {
  string fields = "Host: a\r\n";
  for (std::size_t i = 1; i < kMaxHeaders; ++i) fields += "X: y\r\n";
  EXPECT_EQ(code_of(head(fields)), "ok");
  EXPECT_EQ(code_of(head(fields + "X: y\r\n")), "431 header_too_large");
}

TEST(HeadScanner, FindsTheEndHoweverItIsSplit) {
  const string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\nrest\n";
  const std::size_t size = text.find("rest");
  for (std::size_t split = 0; split <= text.size(); ++split) {
    HeadScanner scanner;
    const auto first = scanner.scan(std::string_view(text).substr(0, split));
    ASSERT_TRUE(first) << split;
    if (split < size) {
      ASSERT_EQ(*first, std::nullopt) << split;
      EXPECT_EQ(scanner.scan(text).value(), size) << split;
    } else {
      EXPECT_EQ(*first, size) << split;
    }
  }
}

TEST(HeadScanner, RefusesBareLineFeeds) {
  for (const char* text : {"\n", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nHost: a\n",
                           "GET / HTTP/1.1\r\n\n", "a\r\nb\n\r\n"}) {
    const auto scanned = HeadScanner().scan(text);
    ASSERT_FALSE(scanned) << text;
    EXPECT_EQ(scanned.error().code, "bad_line_ending");
    EXPECT_EQ(scanned.error().status, 400);
  }
}

}  // namespace
}  // namespace conveyor::http
