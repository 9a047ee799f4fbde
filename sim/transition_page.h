// TransitionPage: docs/transitions.md as a list of lines to be met: one for each input and each
// situation of an order that the page names. A run shows that every legal one was taken by the
// running process, and every illegal one tried.
//
// Threads: loaded once before any history; read by all.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/decide.h"

namespace conveyor::sim {

class TransitionPage {
 public:
  /// Bits of `Line::situation`; an order has one of each group that its status has.
  using Situation = std::uint32_t;

  struct Line {
    std::string section;  ///< `Commands`
    std::string input;    ///< `hold`
    std::string order;    ///< `pending (no edit)`
    std::string result;   ///< the page's words for the events
    bool legal = false;   ///< something comes of it, or it is accepted
    Status status = Status::pending;
    Situation situation = 0;  ///< what the order must be
  };

  /// Reads the page; throws std::runtime_error with what does not fit. Before the first `get`.
  static void load(const std::string& path);
  static const TransitionPage& get();

  const std::vector<Line>& lines() const { return lines_; }

  /// Calls `met` for every line that this input to this order is an instance of.
  void met(const Order& order, const Input& given, const DecideContext& context,
           const std::function<void(std::size_t line)>& met) const;

 private:
  explicit TransitionPage(std::string_view text);
  void add_row(const std::string& section, const std::string& input, std::string_view row);
  void index_lines();

  std::vector<Line> lines_;
  /// By input of `names_of_inputs`, then status: indices into lines_.
  std::vector<std::vector<std::vector<std::size_t>>> by_input_;
};

/// Every kind of input that the page has, made for this order as it is; `each` gets it with the
/// context in which it is that kind.
void try_every_input(const Order& order, Timestamp now, const RetryPolicy& policy,
                     const std::function<void(const Input&, const DecideContext&)>& each);

}  // namespace conveyor::sim
